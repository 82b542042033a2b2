//! A stand-in for the index, so that the command line can be tried before the index is there: it keeps the documents
//! as they are.

use serde::Serialize;

use crate::document::Document;
use crate::error::Error;
use crate::progress::{Progress, Stage};

/// What the archive says about itself.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Shown above the search box.
    pub title: String,
    /// As in HTML.
    pub language: String,
}

/// The files of an archive.
#[derive(Clone, Debug)]
pub struct BuiltIndex {
    /// Path below `backfile/`, and bytes.
    pub files: Vec<(String, Vec<u8>)>,
    /// The file that names the others.
    pub manifest: Vec<u8>,
    /// What it took.
    pub summary: IndexSummary,
}

/// How large the index is.
#[derive(Clone, Debug, Default, Serialize)]
pub struct IndexSummary {
    /// Documents.
    pub documents: u64,
    /// Units of folded text.
    pub units: u64,
    /// Different grams.
    pub grams: u64,
    /// Pairs of a gram and a document.
    pub postings: u64,
    /// Places where a gram stands.
    pub positions: u64,
    /// Bytes of all titles and bodies.
    pub text_bytes: u64,
    /// Bytes of each part of the index.
    pub parts: Vec<Part>,
}

/// A part of the index.
#[derive(Clone, Debug, Serialize)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
}

/// Makes the files of an archive.
pub fn build(
    documents: Vec<Document>,
    settings: &Settings,
    progress: &dyn Progress,
) -> Result<BuiltIndex, Error> {
    progress.begin(Stage::Index, documents.len() as u64);
    let mut text = format!("{}\t{}\n", settings.title, settings.language);
    for document in &documents {
        let Document {
            id,
            title,
            date,
            body,
            ..
        } = document;
        let fields = (id, title, date, body, document.url.as_str());
        text.push_str(&serde_json::to_string(&fields).unwrap_or_default());
        text.push('\n');
    }
    let mut crc = flate2::Crc::new();
    crc.update(text.as_bytes());
    let name = format!("{:08x}/documents.bf", crc.sum());
    let text_bytes = documents
        .iter()
        .map(|d| (d.title.len() + d.body.len()) as u64)
        .sum();
    Ok(BuiltIndex {
        manifest: name.clone().into_bytes(),
        summary: IndexSummary {
            documents: documents.len() as u64,
            text_bytes,
            parts: vec![Part {
                name: "documents".into(),
                bytes: text.len() as u64,
            }],
            ..IndexSummary::default()
        },
        files: vec![(name, text.into_bytes())],
    })
}
