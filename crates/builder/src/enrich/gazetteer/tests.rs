use super::*;
use crate::document::Document;

const PLACES: &str = r#"
[[place]]
name = "青石县"
[[place.place]]
name = "柳湾镇"
alias = ["柳湾"]
not = ["柳湾路"]
place = ["新河村", { name = "桃溪村", alias = ["桃溪"] }]
[[place.place]]
name = "白杨街道"
place = ["新河村", "站前社区"]
"#;

fn found(title: &str, body: &str) -> (Vec<String>, Vec<String>) {
    let gazetteer = Gazetteer::parse(PLACES, Path::new("g.toml")).unwrap();
    let document = Document {
        title: title.into(),
        body: body.into(),
        ..Document::default()
    };
    let (places, ambiguous) = gazetteer.places(&ArticleText::of(&document));
    let line = |found: PlaceEvidence| format!("{} {}", found.place, found.mentions);
    (places.into_iter().map(line).collect(), ambiguous)
}

fn places(title: &str, body: &str) -> Vec<String> {
    let (places, ambiguous) = found(title, body);
    assert_eq!(ambiguous, [] as [&str; 0], "{title} {body}");
    places
}

#[test]
fn the_innermost_places_are_given() {
    assert_eq!(
        places("桃溪唱戏", "青石县柳湾镇桃溪村；站前社区也来了。"),
        [
            "青石县 ▸ 柳湾镇 ▸ 桃溪村 2",
            "青石县 ▸ 白杨街道 ▸ 站前社区 1"
        ]
    );
    assert_eq!(places("", "青石县"), ["青石县 1"]);
    assert_eq!(places("", "别的地方"), [] as [&str; 0]);
}

#[test]
fn no_alias_is_made_up_and_contexts_do_not_count() {
    assert_eq!(places("", "站前，白杨，新河"), [] as [&str; 0]);
    assert_eq!(places("", "柳湾路"), [] as [&str; 0]);
    assert_eq!(places("", "柳湾"), ["青石县 ▸ 柳湾镇 1"]);
}

#[test]
fn a_name_of_two_places_is_decided_by_the_town() {
    assert_eq!(
        places("", "柳湾的人到了新河村"),
        ["青石县 ▸ 柳湾镇 ▸ 新河村 1"]
    );
    assert_eq!(
        places("白杨街道", "新河村"),
        ["青石县 ▸ 白杨街道 ▸ 新河村 1"]
    );
    assert_eq!(
        places("", "柳湾镇新河村和白杨街道新河村"),
        ["青石县 ▸ 柳湾镇 ▸ 新河村 1", "青石县 ▸ 白杨街道 ▸ 新河村 1"]
    );
}

#[test]
fn what_nothing_decides_counts_for_what_is_around_and_is_noted() {
    let open = "青石县 ▸ 柳湾镇 ▸ 新河村 / 青石县 ▸ 白杨街道 ▸ 新河村";
    assert_eq!(
        found("", "新河村"),
        (vec!["青石县 1".into()], vec![open.into()])
    );
    let (places, ambiguous) = found("", "柳湾镇、白杨街道、新河村");
    assert_eq!(places, ["青石县 ▸ 柳湾镇 1", "青石县 ▸ 白杨街道 1"]);
    assert_eq!(ambiguous, [open]);
}

#[test]
fn the_starter_is_sound() {
    let gazetteer = Gazetteer::parse(Gazetteer::starter(), Path::new("g.toml")).unwrap();
    assert_eq!(gazetteer.warnings(), []);
    assert_eq!(gazetteer.place_names().count(), 7);
}

#[test]
fn errors_name_file_line_and_key() {
    let cases = [
        ("", "g.toml:1: there is no [[place]] in the file"),
        ("place = [\"\"]", "g.toml:1: `name` is empty"),
        (
            "place = [\n\"a\",\n\"a\"]",
            "g.toml:3: `name`: `a` is there twice on one level",
        ),
        (
            "[[place]]\nname = \"a\"\naliases = []",
            "g.toml:3: unknown field `aliases`, expected one of `name`, `alias`, `not`, `place`",
        ),
        (
            "[[place]]\nname = \"a\"\nalias = [\n\"·\"]",
            "g.toml:4: `alias`: `·` is empty",
        ),
        (
            "place = [3]",
            "g.toml:1: invalid type: integer `3`, expected a name or a table with `name`",
        ),
    ];
    for (text, expected) in cases {
        let error = Gazetteer::parse(text, Path::new("g.toml")).unwrap_err();
        assert_eq!(error.to_string(), expected, "{text}");
        assert!(error.hint().is_some());
    }
}

#[test]
fn no_depth_is_too_deep_for_a_message() {
    for depth in [DEEPEST + 1, 60, 100, 20_000] {
        let text: String = format!(
            "place = {}\"a\"{}",
            "[{name=\"a\",place=".repeat(depth),
            "}]".repeat(depth)
        );
        assert!(
            Gazetteer::parse(&text, Path::new("g.toml")).is_err(),
            "{depth}"
        );
        let text = format!("[[{}]]\nname = \"a\"", vec!["place"; depth].join("."));
        assert!(
            Gazetteer::parse(&text, Path::new("g.toml")).is_err(),
            "{depth}"
        );
    }
}
