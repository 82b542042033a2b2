//! What a search answers: the same shape from the command line and in the browser.

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::Order;
use super::excerpt::Piece;
use crate::record::Value;

/// Bytes that a search needs: an extent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The file, below the archive's folder.
    pub file: String,
    /// Where in it they begin.
    pub start: u64,
    /// How many.
    pub bytes: u32,
    /// Where they lie as well, if the archive was published with large files.
    pub pack: Option<Pack>,
}

/// The same bytes in a large file that holds a whole stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pack {
    /// The file, below the archive's folder.
    pub file: String,
    /// Where in it they begin.
    pub start: u64,
    /// How large the file is.
    pub total: u64,
}

/// The answer to a query.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Response {
    /// The query as it was asked.
    pub query: String,
    /// The number of documents that contain every term and pass every filter.
    pub total: u64,
    /// False if there may be more: only the page was asked for, and it was certain before all
    /// matches were known.
    pub exact: bool,
    /// The order of the results: the one that was asked for, or the newest first where there is no
    /// relevance or it would cost too much.
    pub order: Order,
    /// The fields that were to be counted, in the order in which they were asked for.
    pub facets: Vec<FacetCount>,
    /// The page that was asked for.
    pub results: Vec<SearchResult>,
}

/// The values of a field, counted among all documents that match the query and all filters but
/// those of this field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FacetCount {
    /// The field.
    pub field: String,
    /// The most frequent values, the most frequent first, then in the order of the values. Of a
    /// hierarchy all levels; of `date` years and months.
    pub values: Vec<ValueCount>,
}

/// A value and how many documents have it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ValueCount {
    /// The value.
    pub value: String,
    /// Documents that have it, or one below it.
    pub count: u64,
}

/// A document that was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SearchResult {
    /// The document's identifier.
    pub id: String,
    /// Where it can be read, relative to the site or absolute; empty if nowhere. A document
    /// without an address of its own has the one that the archive's site gives it.
    pub url: String,
    /// Its headline; may be empty.
    pub title: String,
    /// Its date, if it has one.
    pub date: Option<String>,
    /// BM25; comparable within one archive. 0 if the results are not in the order of relevance.
    pub score: f64,
    /// Pieces of the original text, in order; those that match are marked.
    pub excerpt: Vec<Piece>,
    /// Every other field.
    pub meta: Metadata,
}

/// Metadata, as an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Metadata(pub Vec<(String, Value)>);

impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_map(&self.0, serializer)
    }
}

/// A metadata value as JSON has it; [`Value`] itself serialises for postcard.
struct Plain<'v>(&'v Value);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Integer(value) => serializer.serialize_i64(*value),
            Value::Number(value) => serializer.serialize_f64(*value),
            Value::Text(value) => serializer.serialize_str(value),
            Value::List(values) => serializer.collect_seq(values.iter().map(Plain)),
            Value::Map(fields) => serialize_map(fields, serializer),
        }
    }
}

fn serialize_map<S: Serializer>(
    fields: &[(String, Value)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(fields.len()))?;
    for (name, value) in fields {
        map.serialize_entry(name, &Plain(value))?;
    }
    map.end()
}

/// What an archive says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveInfo {
    /// The archive's name; may be empty.
    pub title: String,
    /// Its language as a BCP 47 tag; may be empty.
    pub language: String,
    /// How many documents it has.
    pub documents: u64,
    /// The earliest date of a document.
    pub first_date: Option<String>,
    /// The latest date of a document.
    pub last_date: Option<String>,
    /// The metadata fields that searches can choose and count values of, in the order in which
    /// pages show them; `date` is one in any case and not among them.
    pub facets: Vec<String>,
    /// True if all of it but the documents came with the manifest: then counting costs nothing.
    pub resident: bool,
    /// The version of the index format.
    pub format: u8,
}
