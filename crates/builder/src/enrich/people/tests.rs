use super::*;

use Role::{Author as A, Correspondent as C, Photographer as P, Reporter as R};

#[test]
fn bylines() {
    let cases: &[(&str, &[(Role, &str)])] = &[
        ("", &[]),
        ("穆青禾", &[(A, "穆青禾")]),
        (
            "穆青禾、司南，林溪",
            &[(A, "穆青禾"), (A, "司南"), (A, "林溪")],
        ),
        ("穆青禾 司南", &[(A, "穆青禾"), (A, "司南")]),
        ("司 南 林 溪", &[(A, "司南"), (A, "林溪")]),
        ("□记者 穆青禾 司南", &[(R, "穆青禾"), (R, "司南")]),
        (
            "记者穆青禾 通讯员司南、林溪",
            &[(R, "穆青禾"), (C, "司南"), (C, "林溪")],
        ),
        (
            "本报讯（本报记者 穆青禾 特约通讯员 司南）",
            &[(R, "穆青禾"), (C, "司南")],
        ),
        ("穆青禾/文 司南/图", &[(A, "穆青禾"), (P, "司南")]),
        ("文/穆青禾 图/司南", &[(A, "穆青禾"), (P, "司南")]),
        ("穆青禾 文/图", &[(A, "穆青禾")]),
        ("（司南 摄）", &[(P, "司南")]),
        ("司南摄", &[(P, "司南")]),
        ("摄影：司南", &[(P, "司南")]),
        (
            "记者 穆青禾 司南 摄",
            &[(R, "穆青禾"), (R, "司南"), (P, "司南")],
        ),
        ("约翰·史密斯", &[(A, "约翰·史密斯")]),
        ("Ann Lee", &[(A, "Ann Lee")]),
        ("Ann Lee and Bo Ek", &[(A, "Ann Lee"), (A, "Bo Ek")]),
        (
            "By Ann Lee, Bo Ek & Cy Orr",
            &[(A, "Ann Lee"), (A, "Bo Ek"), (A, "Cy Orr")],
        ),
        ("Lee, Ann; Ek, Bo", &[(A, "Lee, Ann"), (A, "Ek, Bo")]),
        ("Photo by Cy Orr", &[(P, "Cy Orr")]),
        ("司南 Ann Lee", &[(A, "司南"), (A, "Ann Lee")]),
        ("司南、司南", &[(A, "司南")]),
        ("记者", &[]),
        ("、、/（", &[]),
    ];
    for (text, expected) in cases {
        let people = parse(text);
        let found: Vec<(Role, &str)> = people
            .iter()
            .map(|one| (one.role, one.name.as_str()))
            .collect();
        assert_eq!(found, *expected, "{text}");
    }
}

fn document(fields: &[(&str, Value)]) -> Document {
    let mut document = Document::default();
    for (name, value) in fields {
        document.set_field(name, value.clone());
    }
    document
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn list(texts: &[&str]) -> Value {
    Value::List(texts.iter().map(|one| text(one)).collect())
}

#[track_caller]
fn becomes(before: &[(&str, Value)], after: &[(&str, Value)]) {
    let mut found = document(before);
    normalise(&mut found);
    assert_eq!(found, document(after));
    normalise(&mut found);
    assert_eq!(found, document(after), "the second time");
}

#[test]
fn an_author_becomes_lists_by_role() {
    becomes(
        &[("author", text("穆青禾"))],
        &[("author", list(&["穆青禾"]))],
    );
    becomes(
        &[("author", text("记者 穆青禾 通讯员 司南"))],
        &[
            ("reporter", list(&["穆青禾"])),
            ("correspondent", list(&["司南"])),
            ("byline", text("记者 穆青禾 通讯员 司南")),
        ],
    );
    becomes(
        &[("byline", text("□记者 穆青禾"))],
        &[
            ("byline", text("□记者 穆青禾")),
            ("reporter", list(&["穆青禾"])),
        ],
    );
    becomes(
        &[("reporter", text("穆青禾、司南"))],
        &[("reporter", list(&["穆青禾", "司南"]))],
    );
}

#[test]
fn what_is_done_or_not_understood_stays() {
    let done = [("byline", text("记者 甲乙")), ("reporter", list(&["甲乙"]))];
    becomes(&done, &done);
    let list = [
        ("author", list(&["记者 甲乙", "丙摄"])),
        ("byline", text("丁")),
    ];
    becomes(&list, &list);
    let odd = [("author", Value::Integer(3)), ("byline", Value::Null)];
    becomes(&odd, &odd);
}

proptest::proptest! {
    #[test]
    fn any_text_can_be_parsed(text in "[记者通讯员摄文图/、 甲乙丙A-c（）;,&\n]{0,40}") {
        for person in parse(&text) {
            proptest::prop_assert!(!person.name.trim().is_empty());
        }
        let mut once = document(&[("author", Value::Text(text))]);
        normalise(&mut once);
        let mut twice = once.clone();
        normalise(&mut twice);
        proptest::prop_assert_eq!(once, twice);
    }
}
