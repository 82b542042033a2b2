//! Finds the inputs, has them read, and puts the documents in order.
//!
//! Documents do not stay in memory: they go into a spool as they are parsed, and [`Documents`] reads them back.
//! Kinds of files are told apart by extension, and by their first bytes where these say something else; each may be
//! gzipped:
//!
//! | kind | module | what it gives |
//! |---|---|---|
//! | `.txt` | `text` | a page |
//! | `.pdf` | `pdf` | a page for each of its pages |
//! | `.html`, `.htm` | `html` | a document |
//! | `.md`, `.markdown` | `markdown` | a document |
//! | `.json` | `json` | documents, all read at once |
//! | `.jsonl`, `.ndjson` | `jsonl` | documents, one a line |
//! | `.csv`, `.tsv` | `table` | documents, one a row |
//!
//! A page is cut into articles by [`crate::press`], and each article is a document (`article`), unless
//! [`ReadSettings::whole_pages`] says that the page is one. What a page's name says about it is read by `names`, the
//! bytes are made text by `encoding`.
//!
//! Files are taken in the order of their names and documents come out in the order of [`Document::order`], so neither
//! the order of the arguments nor the number of threads can be seen in an archive. Everything that is not read is in the
//! report: a page that cannot be read is left out with the reason and the rest is built. A list of documents in which a
//! line cannot be understood is an error, because a program made it and will have made the same mistake elsewhere.

mod article;
pub mod date;
mod documents;
mod encoding;
mod html;
mod input;
mod json;
mod jsonl;
mod markdown;
mod names;
mod page;
mod pdf;
mod record;
mod table;
mod text;

use std::path::{Path, PathBuf};

use backfile_core::record::Value;
use encoding_rs::Encoding;

use crate::document::Document;
use crate::error::{Error, Place};
use crate::press::overrides::Overrides;
use crate::press::{CutPage, Style};
use crate::progress::{Progress, Stage};
use crate::report::ReadReport;
use crate::workspace::Workspace;

pub use article::paragraphs;
pub use documents::Documents;
pub(crate) use documents::{content_hash, dates, key_parts, put_key};
pub use names::Pattern;

use documents::Intake;
use input::{InputFile, Kind};

/// How inputs are read, and who is told of what.
#[derive(Clone, Default)]
pub struct ReadSettings<'a> {
    /// A page stays one document and is not cut into articles.
    pub whole_pages: bool,
    /// What text is in that is not UTF-8 and has no byte order mark; if it is not said, it is guessed.
    pub encoding: Option<&'static Encoding>,
    /// How files are named, where the usual ways do not say enough.
    pub pattern: Option<Pattern>,
    /// Files and folders below an input that are not read, as in a `.gitignore`.
    pub exclude: Vec<String>,
    /// The newspaper of pages that do not say.
    pub publication: Option<String>,
    /// What an archivist says about single pages.
    pub overrides: Option<&'a Overrides>,
    /// Gets every page that was cut.
    pub pages: Option<&'a dyn PageSink>,
    /// Gets every document before it is put aside.
    pub finish: Option<&'a dyn Finish>,
}

/// Takes the pages of newspapers, with what they were cut into: for the ledger, and for whoever shows the page.
pub trait PageSink: Sync {
    /// Takes a page. They come one after the other, in the order of their files.
    ///
    /// # Errors
    /// If it cannot be kept; that ends the build.
    fn page(&self, page: RawPage) -> Result<(), Error>;
}

/// Adds to documents what no file says.
pub trait Finish: Sync {
    /// Changes a document. They come from all threads and in no order, so nothing may depend on the one before. Its id
    /// and its date have to stay.
    fn finish(&self, document: &mut Document);
}

/// A page of a newspaper, as it was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawPage {
    /// The path below the input folder without extension, `2024-01-12/03`; with the number of the page behind it, if a
    /// PDF has several.
    pub id: String,
    /// The file.
    pub path: PathBuf,
    /// Of the issue.
    pub date: Option<String>,
    /// The printed page: a whole number, or text.
    pub number: Option<Value>,
    /// The newspaper.
    pub publication: Option<String>,
    /// The edition.
    pub edition: Option<String>,
    /// The text that was cut: that of the file, with radicals and fake bold repaired; of a PDF in the order of reading.
    pub text: String,
    /// How parts of it were set; of PDFs only.
    pub styles: Vec<Style>,
    /// What it was cut into.
    pub cut: CutPage,
    /// The ids of the documents that its articles became.
    pub documents: Vec<String>,
}

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
/// If an input is missing, a list of documents cannot be understood, two documents have one id, or there is no document.
pub fn read(
    inputs: &[PathBuf],
    settings: &ReadSettings<'_>,
    workspace: &Workspace,
    progress: &dyn Progress,
    report: &mut ReadReport,
) -> Result<Documents, Error> {
    let files = input::find(inputs, &settings.exclude, report)?;
    progress.begin(Stage::Read, files.iter().map(|file| file.bytes).sum());
    let intake = Intake::new(workspace, settings.finish);
    let done = read_files(&files, settings, &intake, progress, report);
    report.sort();
    done?;
    let documents = intake.finish(&files)?;
    if documents.is_empty() {
        return Err(Error::NoDocuments {
            inputs: inputs.to_vec(),
            skipped: report.skipped.clone(),
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
    let intake = Intake::new(workspace, None);
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
    settings: &ReadSettings<'_>,
    intake: &Intake<'_>,
    progress: &dyn Progress,
    report: &mut ReadReport,
) -> Result<(), Error> {
    let is_list = |file: &&InputFile| matches!(file.kind, Kind::Jsonl | Kind::Table);
    let (lists, pages): (Vec<_>, Vec<_>) = files.iter().partition(is_list);
    page::read_all(&pages, settings, intake, progress, report)?;
    let mut lists = lists.into_iter();
    lists.try_for_each(|list| match list.kind {
        Kind::Table => table::read(list, settings, intake, progress, report),
        _ => jsonl::read(list, intake, progress, report),
    })
}
