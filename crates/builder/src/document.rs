//! What every kind of input becomes.

use backfile_core::format::documents::StoredDocument;
use backfile_core::record::Value;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

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
    #[serde(deserialize_with = "long_text")]
    pub body: String,
}

/// Reads a text as bytes and checks it many at a time. It is the same for postcard, which is all that
/// documents wait in.
fn long_text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let bytes = <&[u8]>::deserialize(from)?;
    let text = simdutf8::basic::from_utf8(bytes).map_err(D::Error::custom)?;
    Ok(text.to_owned())
}

fn letters(text: &str) -> u64 {
    const FIRST_BYTES: std::ops::RangeInclusive<u8> = 0xC3..=0xDF;
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || FIRST_BYTES.contains(byte);
    // As many bytes as fit in a number of one byte, so that many are counted at a time.
    let count = |some: &[u8]| {
        some.iter()
            .map(|byte| u8::from(is_letter(byte)))
            .sum::<u8>()
    };
    let parts = text.as_bytes().chunks(usize::from(u8::MAX));
    parts.map(|part| u64::from(count(part))).sum()
}

impl Document {
    /// Bytes of title and body.
    pub fn text_bytes(&self) -> u64 {
        (self.title.len() + self.body.len()) as u64
    }

    /// How many letters and digits of scripts with words title and body have, about: those of ASCII, and all
    /// characters of two bytes from U+00C0 on. What else such scripts have does not change the order of
    /// magnitude, and no character has to be decoded.
    pub fn letters(&self) -> u64 {
        letters(&self.title) + letters(&self.body)
    }

    /// A metadata field.
    pub fn field(&self, name: &str) -> Option<&Value> {
        let at = self
            .metadata
            .binary_search_by(|(its, _)| its.as_str().cmp(name));
        at.ok().map(|at| &self.metadata[at].1)
    }

    /// Sets a metadata field, at its place in the order of the names.
    pub fn set_field(&mut self, name: &str, value: Value) {
        let at = self
            .metadata
            .binary_search_by(|(its, _)| its.as_str().cmp(name));
        match at {
            Ok(at) => self.metadata[at].1 = value,
            Err(at) => self.metadata.insert(at, (name.to_owned(), value)),
        }
    }

    /// What documents are sorted by: the undated first, then by date, within a date by id.
    ///
    /// Ids are unique, so the order does not depend on the order of the inputs.
    pub fn order(&self) -> (Option<&str>, &str) {
        (self.date.as_deref(), &self.id)
    }
}

/// A document as it came back from an archive.
impl From<StoredDocument> for Document {
    fn from(StoredDocument { record, body }: StoredDocument) -> Self {
        Self {
            id: record.id,
            url: record.url,
            title: record.title,
            date: record.date,
            metadata: record.metadata,
            body,
        }
    }
}

/// Names of metadata fields that the builder makes or understands. Values are text or lists of text unless it says
/// otherwise. A value of a hierarchy has its levels in one text, from the top, separated by [`field::LEVEL`].
pub mod field {
    /// Separates levels: `鹭陵区 ▸ 苇渡镇 ▸ 芦湾村`.
    pub const LEVEL: &str = " ▸ ";
    /// The newspaper.
    pub const PUBLICATION: &str = "publication";
    /// The edition of it.
    pub const EDITION: &str = "edition";
    /// The printed page: a whole number, or text (`A03`).
    pub const PAGE: &str = "page";
    /// The place on the page, a whole number from 1.
    pub const PLACE_ON_PAGE: &str = "order";
    /// The column or section.
    pub const COLUMN: &str = "section";
    /// What kind of article: see `press::ArticleKind`.
    pub const KIND: &str = "kind";
    /// The line above the headline.
    pub const SHOULDER: &str = "shoulder";
    /// The lines below it.
    pub const SUB: &str = "sub";
    /// The byline as printed.
    pub const BYLINE: &str = "byline";
    /// Names, by role.
    pub const REPORTER: &str = "reporter";
    /// Names, by role.
    pub const CORRESPONDENT: &str = "correspondent";
    /// Names, by role.
    pub const PHOTOGRAPHER: &str = "photographer";
    /// Names, by role.
    pub const AUTHOR: &str = "author";
    /// Texts of pictures. They are part of the body too, behind the text.
    pub const CAPTIONS: &str = "captions";
    /// Places, as hierarchies.
    pub const PLACE: &str = "place";
    /// Subjects, as hierarchies.
    pub const SUBJECT: &str = "subject";
    /// What gave the subjects, for people: `水稻: 晚稻×3, 早稻`. In the order of the subjects.
    pub const SUBJECT_EVIDENCE: &str = "subject_evidence";
    /// The id of the earlier document that this one repeats.
    pub const REPRINT_OF: &str = "reprint_of";
    /// Where it was taken from, if it has a page of its own here.
    pub const SOURCE: &str = "source";
}
