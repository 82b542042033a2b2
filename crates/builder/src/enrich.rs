//! Adds to documents what a reader filters by: subjects, places, people, and which of them are reprints.
//!
//! Everything is read from the text with lists that an archivist can edit, and comes with its evidence. Nothing is
//! guessed by a model, so the same text has the same subjects tomorrow, and a wrong one can be traced to a word and
//! struck out.
//!
//! | what | module | from |
//! |---|---|---|
//! | subjects | [`taxonomy`] | `taxonomy.toml`, a library of keywords |
//! | places | [`gazetteer`] | `gazetteer.toml`, districts and what lies in them |
//! | people | [`people`] | authors and bylines that arrive as one text |
//! | reprints | [`reprints`] | the texts themselves, all against all |
//!
//! The first three look at one document at a time ([`Enricher::enrich`]); reprints need all of them, so they have a
//! step of their own ([`crate::source::Documents::mark_reprints`]).
//!
//! What a document says about itself stays: subjects and places that came with it are kept, in front.

pub mod gazetteer;
pub mod people;
mod phrases;
pub mod report;
pub mod reprints;
mod rules;
pub mod taxonomy;

use backfile_core::record::Value;
use serde::Serialize;

use crate::document::{Document, field};

pub use gazetteer::{Gazetteer, PlaceEvidence};
pub use report::EnrichReport;
pub use taxonomy::{SubjectEvidence, Taxonomy};

/// What documents are enriched with. Threads share it.
#[derive(Clone, Debug, Default)]
pub struct Enricher {
    /// Gives subjects.
    pub taxonomy: Option<Taxonomy>,
    /// Gives places.
    pub gazetteer: Option<Gazetteer>,
}

/// What was found in one document, and why.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Evidence {
    /// The document.
    pub id: String,
    /// Subjects that it got from the taxonomy, the most certain first.
    pub subjects: Vec<SubjectEvidence>,
    /// Places that it got from the gazetteer, those mentioned most first.
    pub places: Vec<PlaceEvidence>,
    /// Names that several places have and that nothing in the text decided.
    pub ambiguous: Vec<String>,
    /// Keywords that were seen, enough or not, by their numbers in the taxonomy.
    #[serde(skip)]
    keywords: Vec<u32>,
}

impl Enricher {
    /// Adds to a document's metadata what is found in its text.
    ///
    /// A second time adds nothing.
    pub fn enrich(&self, document: &mut Document) -> Evidence {
        let mut evidence = Evidence {
            id: document.id.clone(),
            ..Evidence::default()
        };
        people::normalise(document);
        if self.taxonomy.is_none() && self.gazetteer.is_none() {
            // To fold a text takes as long as to read it.
            return evidence;
        }
        let text = ArticleText::of(document);
        if let Some(taxonomy) = &self.taxonomy {
            (evidence.subjects, evidence.keywords) = taxonomy.subjects(&text);
        }
        if let Some(gazetteer) = &self.gazetteer {
            (evidence.places, evidence.ambiguous) = gazetteer.places(&text);
        }
        evidence.store(document);
        evidence
    }

    /// A report without documents, in which every subject and keyword has its line.
    pub fn report(&self) -> EnrichReport {
        EnrichReport::new(self)
    }
}

impl Evidence {
    fn store(&self, document: &mut Document) {
        let subjects = self.subjects.iter().map(|found| found.subject.as_str());
        add_to_list(document, field::SUBJECT, subjects);
        let reasons: Vec<String> = self.subjects.iter().map(ToString::to_string).collect();
        let reasons = reasons.iter().map(String::as_str);
        add_to_list(document, field::SUBJECT_EVIDENCE, reasons);
        let places = self.places.iter().map(|found| found.place.as_str());
        add_to_list(document, field::PLACE, places);
    }
}

/// What is searched in a document, folded.
struct ArticleText {
    /// The headline and the lines around it.
    headlines: Vec<String>,
    body: String,
}

impl ArticleText {
    fn of(document: &Document) -> Self {
        let lines = [field::SHOULDER, field::SUB].map(|name| text_field(document, name));
        let lines = lines.into_iter().flatten();
        let headlines = std::iter::once(document.title.as_str()).chain(lines);
        Self {
            headlines: headlines.map(phrases::folded).collect(),
            body: phrases::folded(&document.body),
        }
    }
}

fn text_field<'d>(document: &'d Document, name: &str) -> Option<&'d str> {
    match document.field(name) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

/// Adds texts to a field, which becomes a list if it is none, unless they are there.
fn add_to_list<'t>(document: &mut Document, name: &str, texts: impl Iterator<Item = &'t str>) {
    let mut texts = texts.peekable();
    if texts.peek().is_none() {
        return;
    }
    let mut list = match document.field(name) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::List(list)) => list.clone(),
        Some(value) => vec![value.clone()],
    };
    for text in texts {
        let value = Value::Text(text.to_owned());
        if !list.contains(&value) {
            list.push(value);
        }
    }
    document.set_field(name, Value::List(list));
}

#[cfg(test)]
mod tests;
