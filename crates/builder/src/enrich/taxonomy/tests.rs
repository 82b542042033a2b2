use super::*;
use crate::document::Document;

fn taxonomy(text: &str) -> Taxonomy {
    Taxonomy::parse(text, Path::new("t.toml")).unwrap()
}

fn error(text: &str) -> String {
    let error = Taxonomy::parse(text, Path::new("t.toml")).unwrap_err();
    assert!(error.hint().is_some_and(|hint| hint.contains("[[class]]")));
    error.to_string()
}

fn warnings(text: &str) -> Vec<String> {
    let taxonomy = taxonomy(text);
    let line = |note: &Note| format!("{}: {}", note.place, note.reason);
    taxonomy.warnings().iter().map(line).collect()
}

const FARMS: &str = r#"
[[class]]
name = "农业"
[[class.subclass]]
name = "水稻"
keywords = ["晚稻", "早稻", "稻"]
not = ["稻草人书店"]
[[class.subclass]]
name = "水库"
keywords = ["水库", "晚稻水库"]
strong = ["除险加固"]
"#;

fn subjects(title: &str, body: &str) -> Vec<String> {
    let document = Document {
        title: title.into(),
        body: body.into(),
        ..Document::default()
    };
    let (found, _) = taxonomy(FARMS).subjects(&ArticleText::of(&document));
    found
        .iter()
        .map(|found| format!("{} {found}", found.points))
        .collect()
}

#[test]
fn what_is_enough() {
    let none: [&str; 0] = [];
    assert_eq!(subjects("晚稻丰收", ""), ["3 水稻: 晚稻"]);
    assert_eq!(subjects("", "晚稻"), none);
    assert_eq!(subjects("", "晚稻，晚稻"), none);
    assert_eq!(subjects("", "晚稻，晚稻，晚稻"), ["3 水稻: 晚稻×3"]);
    assert_eq!(subjects("", "晚稻，早稻"), ["3 水稻: 晚稻, 早稻"]);
    assert_eq!(subjects("", "除险加固"), ["3 水库: 除险加固"]);
    assert_eq!(subjects("早稻", "晚稻，晚稻"), ["6 水稻: 早稻, 晚稻×2"]);
}

#[test]
fn the_longest_keyword_counts_and_contexts_do_not() {
    assert_eq!(subjects("晚稻水库", ""), ["3 水库: 晚稻水库"]);
    assert_eq!(subjects("稻草人书店", "稻草人书店里").len(), 0);
}

#[test]
fn script_and_width_do_not_matter() {
    assert_eq!(subjects("雙鯉水\u{3000}庫", ""), ["3 水库: 水库"]);
}

#[test]
fn lines_around_the_headline_count_as_it() {
    use crate::document::field;
    use backfile_core::record::Value;
    let mut document = Document::default();
    document.set_field(field::SHOULDER, Value::Text("晚稻进仓".into()));
    let (found, _) = taxonomy(FARMS).subjects(&ArticleText::of(&document));
    assert_eq!(found.len(), 1);
}

#[test]
fn only_so_many_and_none_that_is_far_behind() {
    let mut text = String::from("[settings]\nmost = 2\n");
    for class in ["甲", "乙", "丙"] {
        text += &format!(
            "[[class]]\nname = \"{class}\"\nkeywords = [\"{class}一\", \"{class}二\", \"{class}三\", \"{class}四\"]\n"
        );
    }
    let taxonomy = taxonomy(&text);
    let names = |title: &str, body: &str| {
        let document = Document {
            title: title.into(),
            body: body.into(),
            ..Document::default()
        };
        let (found, _) = taxonomy.subjects(&ArticleText::of(&document));
        found
            .into_iter()
            .map(|found| found.subject)
            .collect::<Vec<_>>()
    };
    assert_eq!(names("乙一，丙一", "甲一甲二甲三"), ["甲", "乙"]);
    let long = "乙一乙二乙三乙四".repeat(3);
    assert_eq!(names("", &format!("{long}甲一甲二")), ["乙"]);
}

#[test]
fn the_starter_is_sound() {
    let taxonomy = taxonomy(Taxonomy::starter());
    assert_eq!(taxonomy.warnings(), []);
    let classes: std::collections::BTreeSet<&str> = taxonomy
        .subject_names()
        .filter_map(|name| name.split(LEVEL).next())
        .collect();
    assert!(classes.len() >= 20, "{}", classes.len());
    assert!(taxonomy.subject_names().count() >= 100);
    assert!(taxonomy.keywords().count() >= 350);
}

#[test]
fn errors_name_file_line_and_key() {
    let cases = [
        ("", "t.toml:1: there is no [[class]] in the file"),
        ("[[class]]\nname = \"\"", "t.toml:2: `name` is empty"),
        ("[[class]]\n", "t.toml:1: missing field `name`"),
        (
            "[[class]]\nname = \"a\"\nkeyword = []",
            "t.toml:3: unknown field `keyword`, expected one of `name`, `keywords`, `strong`, `not`, `subclass`",
        ),
        (
            "[[class]]\nname = \"a\"\nkeywords = [\n\"x\",\n\"《》\"]",
            "t.toml:5: `keywords`: `《》` is empty",
        ),
        (
            "[[class]]\nname = \"a\"\n[[class]]\nname = \"a\"",
            "t.toml:4: `name`: `a` is there twice; put both under one name",
        ),
        (
            "[[class]]\nname = \"a ▸ b\"",
            "t.toml:2: `name`: `a ▸ b` may have no ▸ and no line break",
        ),
        (
            "[[class]]\nname = 3",
            "t.toml:2: invalid type: integer `3`, expected a string",
        ),
        (
            "\u{FEFF}[[class]]\nname = 3",
            "t.toml:2: invalid type: integer `3`, expected a string",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(error(text), expected, "{text}");
    }
    assert!(error("[[class]]\nname = \"a\nb\"").starts_with("t.toml:"));
}

#[test]
fn what_is_odd_is_said() {
    let text = "[[class]]\nname = \"a\"\nkeywords = [\"水库\"]\n[[class]]\nname = \"b\"\nkeywords = [\"《水庫》\", \"雨\"]\nnot = [\"风\"]\n[[class]]\nname = \"c\"\n";
    assert_eq!(
        warnings(text),
        [
            "t.toml:6: `keywords` of `b`: `《水庫》` is already a keyword of `a`, and counts only there",
            "t.toml:7: `not`: `风` has no keyword of its list in it",
            "t.toml:8: `c` has no keywords, so no article gets it",
        ]
        .map(|line| line.replace(":8:", ":9:"))
    );
}
