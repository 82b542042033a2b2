//! What a document says of itself besides its text, ready to be shown.

use backfile_core::record::Value;

use crate::document::Document;

/// Text as a page can have it: XML knows no control characters, and HTML does not show them.
pub(super) fn clean(text: &str) -> String {
    let is_shown = |c: &char| {
        let is_control = c.is_control() && !matches!(c, '\n' | '\t');
        !is_control && !matches!(c, '\u{FFFE}' | '\u{FFFF}')
    };
    text.chars().filter(is_shown).collect()
}

/// A field in one line; `None` if there is none or nothing in it.
pub(super) fn text(document: &Document, name: &str) -> Option<String> {
    let value = value(document, name)?;
    let text = match value {
        Value::List(values) => values
            .iter()
            .filter_map(plain)
            .collect::<Vec<_>>()
            .join(" "),
        value => plain(value)?,
    };
    Some(text).filter(|text| !text.is_empty())
}

/// All texts of a field.
pub(super) fn texts(document: &Document, name: &str) -> Vec<String> {
    let values = match value(document, name) {
        None => &[],
        Some(Value::List(values)) => values.as_slice(),
        Some(value) => std::slice::from_ref(value),
    };
    let texts = values.iter().filter_map(plain);
    texts.filter(|text| !text.is_empty()).collect()
}

fn value<'d>(document: &'d Document, name: &str) -> Option<&'d Value> {
    let mut fields = document.metadata.iter();
    fields.find(|(own, _)| own == name).map(|(_, value)| value)
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(clean(text).trim().to_owned()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

/// An address, if a reader may be sent there: http, https, or one of this site.
pub(super) fn safe_address(address: &str) -> Option<&str> {
    let address = address.trim();
    let scheme = address.split(['/', '?', '#']).next().unwrap_or_default();
    let scheme = scheme.split_once(':').map(|(scheme, _)| scheme);
    let is_known = scheme.is_none_or(|scheme| {
        scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
    });
    let is_text = !address.is_empty() && !address.chars().any(char::is_control);
    (is_known && is_text).then_some(address)
}

/// Moves the address that a document has elsewhere into its metadata, so that it gets a page of its own here. For
/// whoever makes documents; a document without an address stays as it is.
pub fn adopt(document: &mut Document) {
    let url = std::mem::take(&mut document.url);
    if url.trim().is_empty() {
        return;
    }
    let name = crate::document::field::SOURCE;
    let place = document
        .metadata
        .partition_point(|(own, _)| own.as_str() < name);
    if document
        .metadata
        .get(place)
        .is_none_or(|(own, _)| own != name)
    {
        let value = Value::Text(url);
        document.metadata.insert(place, (name.to_owned(), value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_run_something_are_none() {
        for address in [
            "javascript:alert(1)",
            "data:text/html,x",
            " JAVASCRIPT:x",
            "",
            "vbscript:x",
            "java\nscript:x",
        ] {
            assert_eq!(safe_address(address), None, "{address}");
        }
        for address in [
            "https://example.org/a:b",
            "HTTP://x",
            "/a",
            "a/b.html?x=a:b",
            "#a:b",
            "//example.org/x",
        ] {
            assert_eq!(safe_address(address), Some(address), "{address}");
        }
    }

    #[test]
    fn a_document_is_adopted_once() {
        let mut document = Document {
            url: "https://example.org/a".into(),
            metadata: vec![
                ("page".into(), Value::Integer(1)),
                ("z".into(), Value::Null),
            ],
            ..Document::default()
        };
        adopt(&mut document);
        assert_eq!(document.url, "");
        assert_eq!(
            text(&document, "source").as_deref(),
            Some("https://example.org/a")
        );
        assert!(document.metadata.is_sorted_by(|a, b| a.0 < b.0));
        let adopted = document.clone();
        adopt(&mut document);
        assert_eq!(document, adopted);
    }

    #[test]
    fn fields_are_text() {
        let list = Value::List(vec![
            Value::Text(" a\u{0} ".into()),
            Value::Integer(2),
            Value::Null,
        ]);
        let document = Document {
            metadata: vec![("l".into(), list), ("n".into(), Value::Null)],
            ..Document::default()
        };
        assert_eq!(texts(&document, "l"), ["a", "2"]);
        assert_eq!(text(&document, "l").as_deref(), Some("a 2"));
        assert_eq!(
            (text(&document, "n"), texts(&document, "x")),
            (None, Vec::new())
        );
    }
}
