//! What every kind of input becomes.

use backfile_core::record::Value;
use serde::{Deserialize, Serialize};

/// One document, as it was published: nothing is folded, shortened or marked up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Unique in the archive.
    pub id: String,
    /// Where the document can be read, relative to the site or absolute; empty if nowhere.
    pub url: String,
    /// The headline; empty if there is none.
    pub title: String,
    /// `YYYY-MM-DD`, or a shorter `YYYY-MM` or `YYYY`.
    pub date: Option<String>,
    /// Every other field, in the order of the names.
    pub metadata: Vec<(String, Value)>,
    /// The text.
    pub body: String,
}

impl Document {
    /// Bytes of title and body.
    pub fn text_bytes(&self) -> u64 {
        (self.title.len() + self.body.len()) as u64
    }

    /// What documents are sorted by: the undated first, then by date, within a date by id.
    ///
    /// Ids are unique, so the order does not depend on the order of the inputs.
    pub fn order(&self) -> (Option<&str>, &str) {
        (self.date.as_deref(), &self.id)
    }
}
