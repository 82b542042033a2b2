//! Finds the inputs, has them read, and puts the documents in order.
//!
//! Two kinds are known, told apart by extension, each also gzipped: `.txt`, one page and one document a file
//! ([`text`]), and `.jsonl`, one document a line ([`jsonl`]). Files are taken in the order of their names and documents
//! come out in the order of [`Document::order`], so neither the order of the arguments nor the number of threads can be
//! seen in an archive. Everything that is not read is counted in the report.

pub mod date;
mod input;
mod jsonl;
mod text;

use std::collections::HashMap;
use std::path::PathBuf;

use crate::document::Document;
use crate::error::{Error, Place};
use crate::progress::{Progress, Stage};
use crate::report::ReadReport;

use input::{InputFile, Kind};

/// A document and where it came from.
#[derive(Debug)]
struct Found {
    document: Document,
    place: Place,
}

/// Reads every input and returns the documents, undated ones first, then by date, within a date by id.
///
/// An input is a file or a folder. The report is filled even when something is wrong, as far as reading came.
pub fn read_documents(
    inputs: &[PathBuf],
    progress: &dyn Progress,
    report: &mut ReadReport,
) -> Result<Vec<Document>, Error> {
    let files = input::find(inputs, report)?;
    progress.begin(Stage::Read, files.iter().map(|file| file.bytes).sum());
    let found = read_files(&files, progress, report);
    report.sort();
    let mut found = found?;
    check_ids(&found)?;
    if found.is_empty() {
        return Err(Error::NoDocuments {
            inputs: inputs.to_vec(),
            skipped: report.skipped.len(),
        });
    }
    found.sort_unstable_by(|a, b| a.document.order().cmp(&b.document.order()));
    report.documents = found.len() as u64;
    Ok(found.into_iter().map(|found| found.document).collect())
}

/// Pages are small and many, so they are shared out as wholes; a `.jsonl` file is large and shared out within.
fn read_files(
    files: &[InputFile],
    progress: &dyn Progress,
    report: &mut ReadReport,
) -> Result<Vec<Found>, Error> {
    let (pages, lists): (Vec<_>, Vec<_>) = files.iter().partition(|file| file.kind == Kind::Text);
    let mut found = text::read_pages(&pages, progress, report)?;
    for list in lists {
        found.extend(jsonl::read(list, progress, report)?);
    }
    Ok(found)
}

/// No two documents may have one id. Of several such pairs the one that comes first in the inputs is named.
fn check_ids(found: &[Found]) -> Result<(), Error> {
    let mut places: HashMap<&str, &Place> = HashMap::with_capacity(found.len());
    let mut twice: Option<(&Place, &Place, &str)> = None;
    for Found { document, place } in found {
        let Some(other) = places.insert(&document.id, place) else {
            continue;
        };
        let pair = (other.min(place), other.max(place), document.id.as_str());
        twice = Some(twice.map_or(pair, |known| known.min(pair)));
    }
    twice.map_or(Ok(()), |(first, second, id)| {
        Err(Error::DuplicateId {
            id: id.to_owned(),
            first: first.clone(),
            second: second.clone(),
        })
    })
}
