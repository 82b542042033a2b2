//! What is stored about a document besides its text.

use serde::{Deserialize, Serialize};

/// The stored fields of one document; the text itself lies beside it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Unique in the archive; chosen by whoever made the document.
    pub id: String,
    /// Where the document can be read, relative to the site or absolute; empty if nowhere.
    pub url: String,
    /// The headline; empty if the document has none.
    pub title: String,
    /// `YYYY-MM-DD`, or a shorter `YYYY-MM` or `YYYY`.
    pub date: Option<String>,
    /// Every other field, in the order of the names.
    pub metadata: Vec<(String, Value)>,
}

/// A metadata value: JSON's types, in a shape that postcard can read back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Number(f64),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Value>),
    /// An object, its fields in the order of their names.
    Map(Vec<(String, Value)>),
}
