use std::path::Path;

use super::*;

fn enricher() -> Enricher {
    let taxonomy = "[[class]]\nname = \"农业\"\nkeywords = [\"晚稻\", \"早稻\"]\n[[class]]\nname = \"桥\"\nkeywords = [\"大桥\"]\n";
    let gazetteer = "place = [{ name = \"甲镇\", place = [\"丙村\"] }, { name = \"乙镇\", place = [\"丙村\"] }]";
    Enricher {
        taxonomy: Some(Taxonomy::parse(taxonomy, Path::new("t.toml")).unwrap()),
        gazetteer: Some(Gazetteer::parse(gazetteer, Path::new("g.toml")).unwrap()),
    }
}

fn document(id: &str, title: &str, body: &str) -> Document {
    Document {
        id: id.into(),
        title: title.into(),
        body: body.into(),
        ..Document::default()
    }
}

fn list(texts: &[&str]) -> Value {
    Value::List(
        texts
            .iter()
            .map(|text| Value::Text((*text).into()))
            .collect(),
    )
}

#[test]
fn findings_become_metadata_once_and_behind_what_is_there() {
    let enricher = enricher();
    let mut found = document("1", "晚稻", "晚稻在甲镇丙村。");
    found.set_field(field::SUBJECT, Value::Text("旧类".into()));
    found.set_field(field::PLACE, Value::Null);
    found.set_field("author", Value::Text("甲乙、丙丁".into()));
    enricher.enrich(&mut found);
    let once = found.clone();
    enricher.enrich(&mut found);
    assert_eq!(found, once);
    let expected = [
        ("author", list(&["甲乙", "丙丁"])),
        ("byline", Value::Text("甲乙、丙丁".into())),
        ("place", list(&["甲镇 ▸ 丙村"])),
        ("subject", list(&["旧类", "农业"])),
        ("subject_evidence", list(&["农业: 晚稻×2"])),
    ];
    assert_eq!(
        found.metadata,
        expected.map(|(name, value)| (name.to_owned(), value))
    );
}

#[test]
fn a_document_in_which_nothing_is_found_stays_as_it_is() {
    let mut found = document("1", "无", "无");
    let before = found.clone();
    let evidence = enricher().enrich(&mut found);
    assert_eq!(found, before);
    assert_eq!((evidence.subjects.len(), evidence.places.len()), (0, 0));
}

#[test]
fn reports_of_parts_make_the_report_of_the_whole() {
    let enricher = enricher();
    let texts = ["晚稻晚稻晚稻", "无", "丙村", "大桥", "甲镇"];
    let evidence: Vec<Evidence> = (0..5)
        .map(|n| enricher.enrich(&mut document(&n.to_string(), "", texts[n])))
        .collect();
    let mut whole = enricher.report();
    evidence.iter().for_each(|one| whole.add(&enricher, one));
    let mut parts = EnrichReport::default();
    for one in evidence.iter().rev() {
        let mut part = enricher.report();
        part.add(&enricher, one);
        parts.absorb(part);
    }
    assert_eq!(parts, whole);
    assert_eq!(whole.documents, 5);
    assert_eq!(whole.unclassified, 4);
    assert_eq!(whole.never_matched(), [("农业", "早稻")]);
    assert_eq!(whole.places["甲镇"], 1);
    assert_eq!(whole.ambiguous_places["甲镇 ▸ 丙村 / 乙镇 ▸ 丙村"], 1);
    let json = serde_json::to_value(&whole).unwrap();
    assert_eq!(json["never_matched"]["农业"][0], "早稻");
    assert_eq!(json["subjects"]["桥"], 0);
}

#[test]
fn without_lists_only_people_are_looked_for() {
    let mut found = document("1", "晚稻", "甲镇");
    found.set_field("author", Value::Text("甲乙".into()));
    Enricher::default().enrich(&mut found);
    assert_eq!(found.metadata, [("author".to_owned(), list(&["甲乙"]))]);
}
