//! A stand-in for the reader of the stand-in index.

use std::fmt;
use std::path::Path;

use serde::Serialize;

use crate::error::Error;

type Fields = (String, String, Option<String>, String, String);

/// An archive on disk.
#[derive(Debug)]
pub struct Archive {
    documents: Vec<Fields>,
}

/// How to search.
#[derive(Clone, Copy, Debug)]
pub struct SearchOptions {
    /// At most so many.
    pub limit: usize,
    /// Without so many at the beginning.
    pub offset: usize,
    /// Whether the last word is the beginning of one.
    pub prefix: bool,
}

/// An answer.
#[derive(Clone, Debug, Serialize)]
pub struct Response {
    /// What was asked.
    pub query: String,
    /// All results there are.
    pub total: u32,
    /// Some of them.
    pub results: Vec<SearchResult>,
}

/// One result.
#[derive(Clone, Debug, Serialize)]
pub struct SearchResult {
    /// Its id.
    pub id: String,
    /// Its address.
    pub url: String,
    /// Its title.
    pub title: String,
    /// Its date.
    pub date: Option<String>,
    /// How good it is.
    pub score: f32,
    /// Pieces of its text.
    pub excerpt: Vec<Piece>,
}

/// A piece of text.
#[derive(Clone, Debug, Serialize)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// Whether it was looked for.
    pub hit: bool,
}

/// Something wrong.
#[derive(Clone, Debug, Serialize)]
pub struct Problem(String);

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Archive {
    /// Opens it.
    pub fn open(folder: &Path) -> Result<Archive, Error> {
        let read = |path: &Path| std::fs::read_to_string(path);
        let name = read(&folder.join("manifest.bf")).unwrap_or_default();
        let text = read(&folder.join(name));
        let text = text.map_err(|source| Error::Read {
            path: folder.to_owned(),
            source,
        })?;
        let documents = text
            .lines()
            .skip(1)
            .filter_map(|line| serde_json::from_str(line).ok());
        Ok(Archive {
            documents: documents.collect(),
        })
    }

    /// Searches it.
    pub fn search(&self, query: &str, options: SearchOptions) -> Result<Response, Error> {
        let found: Vec<_> = self
            .documents
            .iter()
            .filter(|d| d.3.contains(query))
            .collect();
        let shown = found.iter().skip(options.offset).take(options.limit);
        let results = shown.map(|(id, title, date, body, url)| {
            let (before, after) = body.split_once(query).unwrap_or((body, ""));
            let piece = |text: &str, hit| Piece {
                text: text.into(),
                hit,
            };
            let excerpt = vec![
                piece(before, false),
                piece(query, true),
                piece(after, false),
            ];
            SearchResult {
                id: id.clone(),
                url: url.clone(),
                title: title.clone(),
                date: date.clone(),
                score: 1.0,
                excerpt,
            }
        });
        Ok(Response {
            query: query.into(),
            total: found.len() as u32,
            results: results.collect(),
        })
    }

    /// Looks into it.
    pub fn inspect(&self, _gram: Option<&str>) -> Result<String, Error> {
        Ok(format!("{} documents\n", self.documents.len()))
    }

    /// Checks it.
    pub fn verify(&self) -> Vec<Problem> {
        Vec::new()
    }
}
