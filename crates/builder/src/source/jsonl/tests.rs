//! Lines that are read, and lines that are not.

use backfile_core::record::Value;

use super::*;
use crate::document::Document;

fn parse_text(text: &[u8]) -> Result<Parsed<'static>, Error> {
    let batch = Batch {
        first_line: 1,
        bytes: text.to_vec(),
    };
    parse(&batch, Path::new("all.jsonl"))
}

fn document(line: &str) -> Document {
    let mut parsed = parse_text(line.as_bytes()).unwrap();
    parsed.found.pop().unwrap().document
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

#[test]
fn a_document_with_everything() {
    let line = r#"{"url":"/1.html","z":null,"id":"1","title":"开锣","date":"2024-01-12","section":"文化","h":[[0,2]],"flag":true,"more":{"b":1.5,"a":-3},"body":"一\n二"}"#;
    let expected = Document {
        id: "1".into(),
        url: "/1.html".into(),
        title: "开锣".into(),
        date: Some("2024-01-12".into()),
        metadata: vec![
            ("flag".into(), Value::Bool(true)),
            (
                "h".into(),
                Value::List(vec![Value::List(vec![
                    Value::Integer(0),
                    Value::Integer(2),
                ])]),
            ),
            (
                "more".into(),
                Value::Map(vec![
                    ("a".into(), Value::Integer(-3)),
                    ("b".into(), Value::Number(1.5)),
                ]),
            ),
            ("section".into(), text("文化")),
            ("z".into(), Value::Null),
        ],
        body: "一\n二".into(),
    };
    assert_eq!(document(line), expected);
}

#[test]
fn what_may_be_missing() {
    let bare = document(r#"{"id":7,"body":"文"}"#);
    assert_eq!(
        (bare.id.as_str(), bare.title.as_str(), bare.date),
        ("7", "", None)
    );
    let null = document(r#"{"id":7,"body":"文","title":null,"date":null,"url":null}"#);
    assert_eq!(
        (null.title.as_str(), null.date, null.metadata),
        ("", None, vec![])
    );
    assert_eq!(
        document(r#"{"id":7,"body":"","title":"只有标题"}"#).title,
        "只有标题"
    );
}

#[test]
fn numbers_that_are_names_come_out_as_they_went_in() {
    let cases = [
        ("9007199254740992", Value::Integer(9_007_199_254_740_992)),
        ("-9007199254740993", text("-9007199254740993")),
        ("12345678901234567890123", text("12345678901234567890123")),
        ("1e400", text("1e400")),
        ("0.25", Value::Number(0.25)),
        ("1e3", Value::Number(1000.0)),
    ];
    for (number, expected) in cases {
        let line = format!(r#"{{"id":12345678901234567890123,"body":"文","n":{number}}}"#);
        let document = document(&line);
        assert_eq!(document.metadata, [("n".to_owned(), expected)]);
        assert_eq!(document.id, "12345678901234567890123");
    }
}

#[test]
fn blank_lines_a_mark_and_windows_line_ends() {
    let lines = "\u{FEFF}{\"id\":1,\"body\":\"一\"}\r\n\r\n  \n{\"id\":2,\"body\":\"二\"}";
    let parsed = parse_text(lines.as_bytes()).unwrap();
    let found: Vec<_> = parsed
        .found
        .iter()
        .map(|f| (f.document.id.as_str(), f.origin.line))
        .collect();
    assert_eq!(found, [("1", Some(1)), ("2", Some(4))]);
}

#[test]
fn a_document_without_any_text_is_left_out_and_told() {
    let parsed = parse_text(br#"{"id":"x","title":" ","body":""}"#).unwrap();
    assert!(parsed.found.is_empty());
    assert_eq!(
        parsed.notes.skipped[0].reason,
        "`x` has neither a title nor a body"
    );
}

#[test]
fn a_date_that_is_not_understood_is_kept_and_told() {
    let parsed = parse_text(r#"{"id":"x","body":"文","date":"民国三十年"}"#.as_bytes()).unwrap();
    let document = &parsed.found[0].document;
    assert_eq!(document.date, None);
    assert_eq!(document.metadata, [("date".to_owned(), text("民国三十年"))]);
    assert_eq!(parsed.notes.warnings[0].place.to_string(), "all.jsonl:1");
}

#[test]
fn errors_name_the_line_and_the_column() {
    let deep = format!(
        "{{\"id\":1,\"body\":\"文\",\"deep\":{}{}}}",
        "[".repeat(99),
        "]".repeat(99)
    );
    let cases: &[(&[u8], &str)] = &[
        (
            "\n{\"id\":1,\"body\":\"文\"".as_bytes(),
            "all.jsonl:2:18: broken JSON: EOF while parsing an object",
        ),
        (
            "{\"id\":1,\"title\":\"题\" \"body\":\"文\"}".as_bytes(),
            "all.jsonl:1:21: broken JSON: expected `,` or `}`",
        ),
        (
            b"[1]",
            "all.jsonl:1:1: broken JSON: invalid type: sequence, expected an object, `{…}`",
        ),
        (
            br#"{"id":1,"body":"\ud800"}"#,
            "all.jsonl:1:23: broken JSON: unexpected end of hex escape",
        ),
        (
            br#"{"id":1,"id":2,"body":""}"#,
            "all.jsonl:1:14: broken JSON: the field `id` is there twice",
        ),
        (
            deep.as_bytes(),
            "all.jsonl:1:26: broken JSON: nested too deeply",
        ),
        (br#"{"body":"x"}"#, "all.jsonl:1: the document has no `id`"),
        (
            br#"{"id":"","body":"x"}"#,
            "all.jsonl:1: the document has no `id`",
        ),
        (br#"{"id":1}"#, "all.jsonl:1: the document has no `body`"),
        (
            br#"{"id":[1],"body":""}"#,
            "all.jsonl:1: `id` is an array, but has to be a string or a number",
        ),
        (
            br#"{"id":1,"body":2}"#,
            "all.jsonl:1: `body` is a number, but has to be a string",
        ),
        (
            b"{\"id\":1,\"body\":\"x\"}\n{\"id\":\"\xD6\"}",
            "all.jsonl:2: not UTF-8: byte 0xD6 at offset 7 of the line",
        ),
    ];
    for (lines, message) in cases {
        let error = parse_text(lines).err().unwrap();
        assert_eq!(error.to_string(), *message);
    }
}

#[test]
fn batches_are_whole_lines_in_order() {
    let line = format!("{{\"id\":1,\"body\":\"{}\"}}\n", "文".repeat(1000));
    let all = line.repeat(2000);
    let stop = AtomicBool::new(false);
    let batches: Vec<Batch> = Batches::new(all.as_bytes(), u64::MAX - 1, &stop)
        .map(|batch| batch.ok().unwrap())
        .collect();
    assert!(batches.len() > 3);
    let mut next = 1;
    for batch in &batches {
        let lines = batch.bytes.iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(batch.first_line, next);
        next += lines as u64;
    }
    assert_eq!(
        batches.iter().map(|batch| batch.bytes.len()).sum::<usize>(),
        all.len()
    );
}
