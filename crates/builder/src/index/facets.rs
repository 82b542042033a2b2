//! Which facet keys a document gives.
//!
//! A hierarchy gives a key for each of its levels, so that whoever asks for a district finds what
//! happened in its villages, and nothing has to be known about levels when it is searched.

use std::collections::BTreeSet;

use backfile_core::facet::{self, DATE, LONGEST};
use backfile_core::record::Value;

use crate::document::{Document, field};

/// The fields that are facets unless somebody says otherwise, in the order in which pages show
/// them.
pub const FACETS: [&str; 11] = [
    field::PUBLICATION,
    field::EDITION,
    field::PAGE,
    field::COLUMN,
    field::KIND,
    field::REPORTER,
    field::CORRESPONDENT,
    field::PHOTOGRAPHER,
    field::AUTHOR,
    field::PLACE,
    field::SUBJECT,
];

/// The names that can be facets, each once, in the order that was asked for. The date is one in any
/// case, and so it is not among them.
pub(crate) fn fields(wanted: &[String]) -> Vec<String> {
    let mut fields: Vec<String> = Vec::new();
    for name in wanted {
        let possible = !name.is_empty() && name != DATE && !name.contains(char::is_control);
        if possible && !fields.contains(name) {
            fields.push(name.clone());
        }
    }
    fields
}

/// The keys of one document.
#[derive(Debug, Default)]
pub(super) struct FacetKeys {
    /// Each once, rising.
    pub(super) keys: BTreeSet<String>,
    /// Values that are too long for one.
    pub(super) too_long: u64,
}

impl FacetKeys {
    /// Those of a document, where these fields are facets.
    pub(super) fn of(document: &Document, fields: &[String]) -> Self {
        let mut keys = Self::default();
        if let Some(date) = document.date.as_deref().filter(|date| !date.is_empty()) {
            keys.keys.insert(facet::date_key(date));
            let own = facet::date_values(date).map(|value| facet::key(DATE, value));
            keys.keys.extend(own);
        }
        let is_facet = |(name, _): &&(String, Value)| fields.contains(name);
        for (name, value) in document.metadata.iter().filter(is_facet) {
            keys.add(name, value);
        }
        keys
    }

    fn add(&mut self, name: &str, value: &Value) {
        match value {
            Value::Text(text) => self.add_levels(name, text),
            Value::Integer(number) => self.add_text(name, &number.to_string()),
            Value::Bool(value) => self.add_text(name, &value.to_string()),
            Value::List(values) => values.iter().for_each(|value| self.add(name, value)),
            Value::Null | Value::Number(_) | Value::Map(_) => {}
        }
    }

    fn add_levels(&mut self, name: &str, text: &str) {
        for (end, _) in text.match_indices(field::LEVEL) {
            self.add_text(name, &text[..end]);
        }
        self.add_text(name, text);
    }

    fn add_text(&mut self, name: &str, value: &str) {
        let key = facet::key(name, value);
        match facet::parts(&key) {
            Some((_, value)) if value.len() > LONGEST => self.too_long += 1,
            Some((_, "")) | None => {}
            Some(_) => drop(self.keys.insert(key)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(metadata: &[(&str, Value)], date: Option<&str>) -> (Vec<String>, u64) {
        let fields = ["place", "page", "front"].map(String::from);
        let own = metadata
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        let document = Document {
            date: date.map(String::from),
            metadata: own.collect(),
            ..Document::default()
        };
        let FacetKeys { keys, too_long } = FacetKeys::of(&document, &fields);
        let shown = keys.iter().map(|key| backfile_core::gram::display_key(key));
        (shown.collect(), too_long)
    }

    #[test]
    fn a_date_gives_itself_its_month_and_its_year() {
        let expected = ["=2024-01-12", "date=2024", "date=2024-01"];
        assert_eq!(keys(&[], Some("2024-01-12")).0, expected);
        assert_eq!(
            keys(&[], Some("2024-01")).0,
            ["=2024-01", "date=2024", "date=2024-01"]
        );
        assert_eq!(keys(&[], Some("2024")).0, ["=2024", "date=2024"]);
        assert_eq!(keys(&[], None).0, [""; 0]);
    }

    #[test]
    fn a_hierarchy_gives_all_its_levels_and_a_list_all_its_values() {
        let text = |text: &str| Value::Text(text.into());
        let places = Value::List(vec![text("区 ▸ 镇 ▸ 村"), text("区 ▸ 乡"), text(" 区 ")]);
        let metadata = [
            ("front", Value::Bool(true)),
            ("other", text("no facet")),
            ("page", Value::Integer(3)),
            ("place", places),
        ];
        let expected = [
            "front=true",
            "page=3",
            "place=区",
            "place=区 ▸ 乡",
            "place=区 ▸ 镇",
            "place=区 ▸ 镇 ▸ 村",
        ];
        assert_eq!(
            keys(&metadata, None),
            (expected.map(String::from).to_vec(), 0)
        );
    }

    #[test]
    fn what_is_too_long_is_counted_and_what_is_empty_is_nothing() {
        let long = Value::Text("长".repeat(41));
        let values = Value::List(vec![long, Value::Text(" \u{3}\n".into()), Value::Null]);
        assert_eq!(keys(&[("place", values)], None), (vec![], 1));
        let fits = Value::Text("长".repeat(40));
        assert_eq!(keys(&[("place", fits)], None).1, 0);
    }

    #[test]
    fn fields_are_named_once_and_the_date_never() {
        let wanted = ["b", "a", "", "date", "b", "c\u{3}"].map(String::from);
        assert_eq!(fields(&wanted), ["b", "a"]);
    }
}
