//! Everything that can stop a build, and what to do about it.
//!
//! A message says what happened and to which file; [`Error::hint`] says what to do next. The two are apart because a
//! hint is for the person at the terminal and the message is for whoever gets the log.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};
use thiserror::Error;

use crate::memory::DOCUMENT_SHARE;
use crate::report::Note;

/// A file, and a line of it where a line is known; shown as editors write it, `file:line`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The file.
    #[serde(serialize_with = "shown")]
    pub file: PathBuf,
    /// Its line, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
}

/// A name that is not UTF-8 as it can be shown.
fn shown<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

impl Place {
    /// A whole file.
    pub fn file(path: &Path) -> Place {
        Place {
            file: path.to_owned(),
            line: None,
        }
    }

    /// A line of a file, counted from 1.
    pub fn line(path: &Path, line: u64) -> Place {
        Place {
            file: path.to_owned(),
            line: Some(line),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        self.line.map_or(Ok(()), |line| write!(f, ":{line}"))
    }
}

/// Why a build or a look into an archive stopped.
#[derive(Debug, Error)]
#[non_exhaustive]
#[allow(
    missing_docs,
    reason = "the messages below say what the fields are better than a second sentence would"
)]
pub enum Error {
    #[error("{}: there is no such file or folder", path.display())]
    InputMissing { path: PathBuf },

    #[error("{}: a kind of file that Backfile does not read", path.display())]
    InputUnknown { path: PathBuf },

    #[error("{}: the name is not UTF-8, so no id can be made from it", path.display())]
    NameNotUtf8 { path: PathBuf },

    #[error("{}: cannot read", path.display())]
    Read { path: PathBuf, source: io::Error },

    #[error("`{glob}` is no pattern for files to leave out")]
    Glob { glob: String, source: ignore::Error },

    #[error("{place}: not UTF-8: byte 0x{byte:02X} at offset {offset} of the {whole}")]
    NotUtf8 {
        place: Place,
        byte: u8,
        offset: u64,
        whole: &'static str,
        encoding: &'static str,
    },

    #[error("{place}:{column}: broken JSON: {what}")]
    Json {
        place: Place,
        column: u64,
        what: String,
    },

    #[error("{place}: {what}")]
    Table { place: Place, what: String },

    #[error("{place}: the document has no `{field}`")]
    FieldMissing { place: Place, field: &'static str },

    #[error("{place}: `{field}` is {found}, but has to be {expected}")]
    FieldType {
        place: Place,
        field: &'static str,
        expected: &'static str,
        found: &'static str,
    },

    #[error("{place}: {what}")]
    Rules {
        place: Place,
        what: String,
        hint: String,
    },

    #[error("{place}: `{line}`: {what}")]
    Config {
        place: Place,
        line: String,
        what: String,
    },

    #[error("{}: is there already", path.display())]
    ConfigExists { path: PathBuf },

    #[error("two documents have the id `{id}`: {first} and {second}")]
    DuplicateId {
        id: String,
        first: Place,
        second: Place,
    },

    #[error("no document was found in {}", list(inputs))]
    NoDocuments {
        inputs: Vec<PathBuf>,
        skipped: Vec<Note>,
    },

    #[error("{}: is a file, and the archive needs a folder", path.display())]
    OutputIsFile { path: PathBuf },

    #[error("{}: holds something that is not an archive: {}", path.display(), names.join(", "))]
    OutputOccupied { path: PathBuf, names: Vec<String> },

    #[error("{}: another build is writing there at this moment", path.display())]
    OutputBusy { path: PathBuf },

    #[error("{}: {}", path.display(), write_failure(source))]
    Write { path: PathBuf, source: io::Error },

    #[error("{place}: the document `{id}` has {} MiB of text, and this --memory has room for {} MiB in one", bytes.div_ceil(1 << 20), most >> 20)]
    DocumentNeedsMemory {
        place: Place,
        id: String,
        bytes: u64,
        most: u64,
    },

    #[error("the document `{id}` has {bytes} bytes, and one document can have at most 1 GiB")]
    DocumentTooLarge { id: String, bytes: u64 },

    #[error(
        "`{key}` stands in the text {count} times, and an index can count at most {}",
        u32::MAX
    )]
    ListTooLong { key: String, count: u64 },

    #[error("{address}: cannot listen")]
    Listen {
        address: std::net::SocketAddr,
        source: io::Error,
    },

    #[error("{}:{}: the template does not work: {what}", path.display(), line.map_or_else(|| "?".to_owned(), |line| line.to_string()))]
    Template {
        path: PathBuf,
        line: Option<usize>,
        what: String,
    },

    #[error("`{url}` cannot be the address of a site")]
    BaseUrl { url: String },

    #[error("{}: there is no archive here", path.display())]
    NotAnArchive { path: PathBuf },

    #[error("{}", folder.display())]
    Archive {
        folder: PathBuf,
        source: backfile_core::Error,
    },
}

impl Error {
    /// What to do about it, where something can be done.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Error::InputUnknown { .. } => {
                "Backfile reads .txt, .pdf, .html, .md, .json, .jsonl, .csv and .tsv, each also gzipped (.gz)"
                    .into()
            }
            Error::NameNotUtf8 { .. } => {
                "rename the file; convmv repairs the names of a whole folder".into()
            }
            Error::Read { path, source } => return read_hint(path, source.kind()),
            Error::NotUtf8 {
                place, encoding, ..
            } => convert(&place.file, encoding),
            Error::Json { .. } => "a .jsonl file holds one whole JSON object on each line".into(),
            Error::Table { .. } => {
                "a table has the names of the fields in its first row and as many cells in each other one".into()
            }
            Error::FieldMissing { field: "id", .. } => {
                "give every document an `id` of its own, a string or a number".into()
            }
            Error::FieldMissing { .. } => {
                "put the text of the document into `body`, \"\" if there is none".into()
            }
            Error::Rules { hint, .. } => hint.clone(),
            Error::Config { .. } => {
                "`backfile init NEWFOLDER` writes a file in which every setting is explained".into()
            }
            Error::ConfigExists { .. } => {
                "nothing was changed; give another folder, or remove the file".into()
            }
            Error::DuplicateId { first, second, .. } => tell_apart(first, second),
            Error::NoDocuments { skipped, .. } => nothing_found(skipped),
            Error::OutputIsFile { .. } => "give --out a folder".into(),
            Error::OutputOccupied { .. } => {
                "give --out a new or empty folder, or one that Backfile made; nothing was changed"
                    .into()
            }
            Error::OutputBusy { .. } => {
                "wait until it is done, or give --out another folder".into()
            }
            Error::Write { source, .. } => return write_hint(source.kind()),
            Error::DocumentNeedsMemory { bytes, .. } => format!(
                "cut it into several documents, by chapter or by page, or say --memory {}M",
                (bytes * DOCUMENT_SHARE).div_ceil(1 << 20)
            ),
            Error::DocumentTooLarge { .. } => {
                "cut it into several documents, by chapter or by page".into()
            }
            Error::ListTooLong { .. } => {
                "make several archives of it, by years for instance; nothing was changed".into()
            }
            Error::Listen { source, .. } => return listen_hint(source.kind()),
            Error::Template { .. } => {
                "crates/builder/templates/README.md says what each template is given".into()
            }
            Error::BaseUrl { .. } => {
                "write it as https://example.org/archive/, without a query".into()
            }
            Error::NotAnArchive { .. } => {
                "give the folder that `backfile build` was told with --out".into()
            }
            _ => return None,
        };
        Some(hint)
    }
}

fn read_hint(path: &Path, kind: io::ErrorKind) -> Option<String> {
    use io::ErrorKind::*;
    let is_packed = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
    match kind {
        PermissionDenied => Some("check who may read it".into()),
        InvalidData | InvalidInput | UnexpectedEof if is_packed => {
            Some("the file is damaged or not gzipped; `gunzip --test` says more".into())
        }
        _ => None,
    }
}

/// The command that makes a file readable.
fn convert(path: &Path, encoding: &str) -> String {
    let path = path.display();
    if path.to_string().ends_with(".gz") {
        return format!("convert it: gunzip -c '{path}' | iconv -f {encoding} -t UTF-8");
    }
    format!("convert it: iconv -f {encoding} -t UTF-8 '{path}' > converted.txt")
}

/// Two pages in one input folder cannot have one id; two input folders with equal names below them can.
fn tell_apart(first: &Place, second: &Place) -> String {
    if first.line.is_none() && second.line.is_none() {
        return "the id of a page is its path below the input folder: \
                rename one file, or give the folder that holds both"
            .into();
    }
    "ids have to be different in the whole archive: change or remove one of the two".into()
}

fn nothing_found(skipped: &[Note]) -> String {
    const SHOWN: usize = 3;
    if skipped.is_empty() {
        return "give folders of pages (.txt, .pdf, .html, .md), or lists of documents (.jsonl, .json, .csv)".into();
    }
    let shown = skipped
        .iter()
        .take(SHOWN)
        .map(|note| format!("{}: {}", note.place, note.reason));
    let mut lines: Vec<String> = shown.collect();
    if let Some(more) = skipped.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        lines.push(format!("and {more} more"));
    }
    format!("everything was left out:\n  {}", lines.join("\n  "))
}

fn write_failure(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "no space left",
        io::ErrorKind::PermissionDenied => "no permission to write",
        _ => "cannot write",
    }
}

fn write_hint(kind: io::ErrorKind) -> Option<String> {
    use io::ErrorKind::*;
    let what = match kind {
        StorageFull | QuotaExceeded => "free some space or give --out another disk",
        PermissionDenied => "check who may write there, or give --out another folder",
        ReadOnlyFilesystem => "give --out a folder on a disk that can be written",
        _ => return None,
    };
    Some(format!("{what}; the archive that was there is unchanged"))
}

fn listen_hint(kind: io::ErrorKind) -> Option<String> {
    use io::ErrorKind::*;
    let what = match kind {
        AddrInUse => "another program uses this port: give --port another number, or leave it out",
        PermissionDenied => "ports below 1024 are the system's: give --port a higher number",
        AddrNotAvailable => "give --host an address of this machine",
        _ => return None,
    };
    Some(what.into())
}

fn list(paths: &[PathBuf]) -> String {
    let names: Vec<_> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    names.join(", ")
}
