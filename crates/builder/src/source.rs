//! Finds the inputs, has them read, and puts the documents in order.
//!
//! Documents do not stay in memory: they go into a spool as they are parsed, and [`Documents`] reads them back.
//! Two kinds are known, told apart by extension, each also gzipped: `.txt`, one page and one document a file
//! (`text`), and `.jsonl`, one document a line (`jsonl`). Files are taken in the order of their names and documents
//! come out in the order of [`Document::order`], so neither the order of the arguments nor the number of threads can be
//! seen in an archive. Everything that is not read is counted in the report.

pub mod date;
mod documents;
mod input;
mod jsonl;
mod text;

use std::path::{Path, PathBuf};

use crate::document::Document;
use crate::error::{Error, Place};
use crate::progress::{Progress, Stage};
use crate::report::ReadReport;
use crate::workspace::Workspace;

pub use documents::Documents;
pub(crate) use documents::{content_hash, dates, key_parts, put_key};

use documents::Intake;
use input::{InputFile, Kind};

/// A document and where it came from.
#[derive(Debug)]
struct Found<'a> {
    document: Document,
    origin: Origin<'a>,
}

/// A [`Place`] that costs nothing: there is one for each of a million documents, and hardly one is ever shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Origin<'a> {
    path: &'a Path,
    line: Option<u64>,
}

impl Origin<'_> {
    fn place(self) -> Place {
        Place {
            file: self.path.to_owned(),
            line: self.line,
        }
    }
}

/// Reads every input. The documents come undated ones first, then by date, within a date by id.
///
/// An input is a file or a folder. The report is filled even when something is wrong, as far as reading came.
///
/// # Errors
/// If an input cannot be read or understood, two documents have one id, or there is no document.
pub fn read(
    inputs: &[PathBuf],
    workspace: &Workspace,
    progress: &dyn Progress,
    report: &mut ReadReport,
) -> Result<Documents, Error> {
    let files = input::find(inputs, report)?;
    progress.begin(Stage::Read, files.iter().map(|file| file.bytes).sum());
    let intake = Intake::new(workspace.spool("documents", workspace.memory.documents()));
    let done = read_files(&files, &intake, progress, report);
    report.sort();
    done?;
    let documents = intake.finish(&files)?;
    if documents.is_empty() {
        return Err(Error::NoDocuments {
            inputs: inputs.to_vec(),
            skipped: report.skipped.len(),
        });
    }
    report.documents = documents.len() as u64;
    Ok(documents)
}

/// Puts documents that are in memory already into order.
///
/// # Errors
/// If two documents have one id; then they have no places.
pub fn from_memory(documents: Vec<Document>, workspace: &Workspace) -> Result<Documents, Error> {
    let intake = Intake::new(workspace.spool("documents", workspace.memory.documents()));
    let (path, line) = (Path::new(""), None);
    let found = documents.into_iter().map(|document| Found {
        document,
        origin: Origin { path, line },
    });
    intake.take(0, found.collect())?;
    intake.finish(&[])
}

/// Pages are small and many, so they are shared out as wholes; a `.jsonl` file is large and shared out within.
fn read_files(
    files: &[InputFile],
    intake: &Intake,
    progress: &dyn Progress,
    report: &mut ReadReport,
) -> Result<(), Error> {
    let (pages, lists): (Vec<_>, Vec<_>) = files.iter().partition(|file| file.kind == Kind::Text);
    text::read_pages(&pages, intake, progress, report)?;
    let mut lists = lists.into_iter();
    lists.try_for_each(|list| jsonl::read(list, intake, progress, report))
}
