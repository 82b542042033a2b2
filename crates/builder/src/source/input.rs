//! Which files there are to read, and how their bytes are got at.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use ignore::overrides::{Override, OverrideBuilder};
use ignore::{DirEntry, WalkBuilder};

use crate::config;
use crate::error::{Error, Place};
use crate::progress::Progress;
use crate::publish;
use crate::report::{Note, ReadReport};

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A page.
    Text,
    /// Pages.
    Pdf,
    /// A document.
    Html,
    /// A document.
    Markdown,
    /// Documents, all read at once.
    Json,
    /// Documents as JSON, one a line.
    Jsonl,
    /// Documents, one a row.
    Table,
}

/// How much larger text is than when it is gzipped, at most but for odd files.
const PACKED: u64 = 8;
/// How every gzipped file begins.
const GZIP: [u8; 2] = [0x1F, 0x8B];

/// Every extension that is known.
const EXTENSIONS: [(&str, Kind); 11] = [
    (".txt", Kind::Text),
    (".pdf", Kind::Pdf),
    (".html", Kind::Html),
    (".htm", Kind::Html),
    (".md", Kind::Markdown),
    (".markdown", Kind::Markdown),
    (".json", Kind::Json),
    (".jsonl", Kind::Jsonl),
    (".ndjson", Kind::Jsonl),
    (".csv", Kind::Table),
    (".tsv", Kind::Table),
];

/// A file to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct InputFile {
    /// Its place among all files.
    pub number: u32,
    pub path: PathBuf,
    pub kind: Kind,
    pub gzipped: bool,
    /// Its size on disk.
    pub bytes: u64,
    /// The path below the input folder with `/` between the parts, or the name of a file that was given by itself,
    /// without the extension: the id of a page.
    pub stem: String,
    /// What its documents are called after: the stem, unless that is taken.
    pub id: String,
    /// The input as it was given, which may say a date that the path below it does not.
    pub given: PathBuf,
}

/// Every file of every input that has a known extension, in the order of the paths.
///
/// # Errors
/// If an input is not there, or is a file of a kind that nobody reads. What is wrong with a file in a folder is a note
/// in the report.
pub(super) fn find(
    inputs: &[PathBuf],
    exclude: &[String],
    report: &mut ReadReport,
) -> Result<Vec<InputFile>, Error> {
    let mut files = Vec::new();
    for input in inputs {
        let metadata =
            fs::metadata(input).map_err(|source| missing_or_unreadable(input, source))?;
        if metadata.is_dir() {
            walk(input, exclude, &mut files, report)?;
        } else {
            files.push(given_file(input, metadata.len())?);
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    // A file that is in two of the inputs, once by itself and once in its folder, is still one page.
    files.dedup_by(|a, b| a.path == b.path && a.stem == b.stem);
    tell_apart(&mut files, report);
    for (number, file) in (0..).zip(&mut files) {
        file.number = number;
    }
    Ok(files)
}

/// Of files that differ in nothing but their kind, `03.txt` beside `03.pdf`, the first kind has the name for its id, and
/// the others keep their extension in it.
fn tell_apart(files: &mut [InputFile], report: &mut ReadReport) {
    let mut names: BTreeMap<(PathBuf, String), Vec<usize>> = BTreeMap::new();
    for (at, file) in files.iter().enumerate() {
        let folder = file.path.parent().unwrap_or(Path::new("")).to_owned();
        let same = names.entry((folder, file.stem.clone())).or_default();
        same.push(at);
    }
    for mut same in names.into_values().filter(|same| same.len() > 1) {
        same.sort_by_key(|&at| files[at].kind);
        for (&before, &at) in same.iter().zip(&same[1..]) {
            if files[before].kind == files[at].kind {
                continue;
            }
            let file = &mut files[at];
            file.id.push_str(&extension(&file.path));
            let reason = format!(
                "there is a file of another kind with its name, so its documents are called {}",
                file.id
            );
            report.warnings.push(file.note(reason));
        }
    }
}

fn missing_or_unreadable(path: &Path, source: io::Error) -> Error {
    let path = path.to_owned();
    if source.kind() == io::ErrorKind::NotFound {
        return Error::InputMissing { path };
    }
    Error::Read { path, source }
}

fn given_file(path: &Path, bytes: u64) -> Result<InputFile, Error> {
    let name = Path::new(path.file_name().unwrap_or(path.as_os_str()));
    file(path, name, path, bytes)?.ok_or_else(|| Error::InputUnknown {
        path: path.to_owned(),
    })
}

fn walk(
    input: &Path,
    exclude: &[String],
    files: &mut Vec<InputFile>,
    report: &mut ReadReport,
) -> Result<(), Error> {
    // A list of pages is not a source tree: what a .gitignore says is no reason to leave out a page.
    let entries = WalkBuilder::new(input)
        .standard_filters(false)
        .hidden(true)
        .follow_links(true)
        .overrides(excluded(input, exclude)?)
        .filter_entry(|entry| !publish::is_archive(entry.path()))
        .build();
    for entry in entries {
        match entry {
            Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_dir()) => {}
            Ok(entry) => take(&entry, input, files, report),
            Err(error) => report.skipped.push(unwalkable(input, &error)),
        }
    }
    Ok(())
}

/// The globs of `exclude`, of which each takes something away.
fn excluded(input: &Path, globs: &[String]) -> Result<Override, Error> {
    let mut builder = OverrideBuilder::new(input);
    let wrong = |glob: &str, source: ignore::Error| Error::Glob {
        glob: glob.to_owned(),
        source,
    };
    for glob in globs {
        builder
            .add(&format!("!{glob}"))
            .map_err(|source| wrong(glob, source))?;
    }
    builder
        .build()
        .map_err(|source| wrong(&globs.join(" "), source))
}

/// What is wrong with something in a folder, and which.
fn unwalkable(input: &Path, error: &ignore::Error) -> Note {
    let reason = match error.io_error() {
        _ if is_loop(error) => {
            "the link leads back to a folder that it lies in; it was not followed".into()
        }
        Some(error) if error.kind() == io::ErrorKind::NotFound => "the link leads nowhere".into(),
        Some(error) => format!("cannot be read: {}; check who may read it", cause(error)),
        None => format!("cannot be read: {error}"),
    };
    let path = path_of(error).unwrap_or(input);
    Note {
        place: Place::file(path),
        reason,
    }
}

/// What the system said, without what was wrapped around it: the path is in the note.
fn cause(error: &io::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

fn is_loop(error: &ignore::Error) -> bool {
    use ignore::Error::*;
    match error {
        Loop { .. } => true,
        WithPath { err, .. } | WithDepth { err, .. } | WithLineNumber { err, .. } => is_loop(err),
        _ => false,
    }
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    use ignore::Error::*;
    match error {
        Loop { child, .. } => Some(child),
        WithPath { path, .. } => Some(path),
        WithDepth { err, .. } | WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}

fn take(entry: &DirEntry, input: &Path, files: &mut Vec<InputFile>, report: &mut ReadReport) {
    let path = entry.path();
    let below = path.strip_prefix(input).unwrap_or(path);
    let bytes = entry.metadata().map_or(0, |metadata| metadata.len());
    let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
    match file(path, below, input, bytes) {
        _ if below == Path::new(config::FILE_NAME) => {}
        Ok(Some(file)) if is_file => files.push(file),
        Ok(Some(_)) => report.skipped.push(Note {
            place: Place::file(path),
            reason: "is neither a file nor a folder".into(),
        }),
        Ok(None) => *report.ignored.entry(extension(path)).or_default() += 1,
        Err(_) => report.skipped.push(Note {
            place: Place::file(path),
            reason: NAMELESS.into(),
        }),
    }
}

const NAMELESS: &str = "the name is not UTF-8, so no id can be made from it; rename the file: convmv repairs the names of a whole folder";

fn extension(path: &Path) -> String {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    if extension.is_empty() {
        return "(none)".into();
    }
    format!(".{}", extension.to_ascii_lowercase())
}

/// The file, if its extension is known.
fn file(path: &Path, below: &Path, given: &Path, bytes: u64) -> Result<Option<InputFile>, Error> {
    let Some((kind, gzipped, length)) = recognise(&below.to_string_lossy()) else {
        return Ok(None);
    };
    let mut stem = with_slashes(below).ok_or_else(|| Error::NameNotUtf8 {
        path: path.to_owned(),
    })?;
    stem.truncate(stem.len() - length);
    Ok(Some(InputFile {
        number: 0,
        path: path.to_owned(),
        kind,
        gzipped,
        bytes,
        id: stem.clone(),
        stem,
        given: given.to_owned(),
    }))
}

/// Kind, whether gzipped, and the length of the extension. `.TXT` is common on disks that came from Windows.
fn recognise(name: &str) -> Option<(Kind, bool, usize)> {
    let name = name.to_ascii_lowercase();
    let (plain, gzipped) = match name.strip_suffix(".gz") {
        Some(plain) => (plain, true),
        None => (name.as_str(), false),
    };
    EXTENSIONS
        .into_iter()
        .find(|(extension, _)| plain.ends_with(extension))
        .map(|(extension, kind)| (kind, gzipped, name.len() - plain.len() + extension.len()))
}

fn with_slashes(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.iter().map(|part| part.to_str()).collect();
    parts.map(|parts| parts.join("/"))
}

impl InputFile {
    /// The text's bytes, unpacked where they are packed; what is read from the disk counts as progress.
    pub(super) fn open<'a>(
        &self,
        progress: &'a dyn Progress,
    ) -> Result<Box<dyn BufRead + Send + 'a>, Error> {
        let file = File::open(&self.path).map_err(|source| self.unreadable(source))?;
        let mut disk = BufReader::with_capacity(1 << 18, Counted { file, progress });
        let start = disk.fill_buf().map_err(|source| self.unreadable(source))?;
        if self.gzipped || start.starts_with(&GZIP) {
            return Ok(Box::new(BufReader::with_capacity(
                1 << 16,
                MultiGzDecoder::new(disk),
            )));
        }
        Ok(Box::new(disk))
    }

    /// The same; a file that cannot be opened is left out with a note.
    pub(super) fn open_or_note<'a>(
        &self,
        progress: &'a dyn Progress,
        report: &mut ReadReport,
    ) -> Option<Box<dyn BufRead + Send + 'a>> {
        match self.open(progress) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                report.files += 1;
                report.skipped.push(self.note(cannot_read(&error)));
                None
            }
        }
    }

    /// About how large it is unpacked, which a gzipped file does not say before it has been.
    pub(super) fn unpacked_bytes(&self) -> u64 {
        self.bytes * if self.gzipped { PACKED } else { 1 }
    }

    /// All bytes of a file of which at most so many may be read.
    ///
    /// # Errors
    /// Why there are none, for people.
    pub(super) fn bytes(&self, most: u64, progress: &dyn Progress) -> Result<Vec<u8>, String> {
        if self.bytes > most && !self.gzipped {
            return Err(too_large(most));
        }
        let mut bytes = Vec::with_capacity(self.bytes as usize);
        let file = self.open(progress).map_err(|error| cannot_read(&error))?;
        let read = file.take(most + 1).read_to_end(&mut bytes);
        read.map_err(|source| cannot_read(&self.unreadable(source)))?;
        if bytes.len() as u64 > most {
            return Err(too_large(most));
        }
        Ok(bytes)
    }

    pub(super) fn note(&self, reason: String) -> Note {
        Note {
            place: Place::file(&self.path),
            reason,
        }
    }

    pub(super) fn is_tabbed(&self) -> bool {
        let name = self.path.to_string_lossy().to_ascii_lowercase();
        name.trim_end_matches(".gz").ends_with(".tsv")
    }

    pub(super) fn unreadable(&self, source: io::Error) -> Error {
        Error::Read {
            path: self.path.clone(),
            source,
        }
    }
}

/// The error, its cause and the way out in one line.
fn cannot_read(error: &Error) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    let parts = [cause, error.hint()];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    format!("cannot be read: {}", parts.join("; "))
}

fn too_large(most: u64) -> String {
    let most = most >> 20;
    format!(
        "is larger than {most} MiB, which no page is; cut it into pages, or make it a .jsonl file, which may have any size"
    )
}

/// Reports what goes through it.
struct Counted<'a> {
    file: File,
    progress: &'a dyn Progress,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.progress.advance(count as u64);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_are_recognised_in_either_case() {
        assert_eq!(recognise("a/03.txt"), Some((Kind::Text, false, 4)));
        assert_eq!(recognise("03.TXT.gz"), Some((Kind::Text, true, 7)));
        assert_eq!(recognise("all.jsonl.GZ"), Some((Kind::Jsonl, true, 9)));
        assert_eq!(recognise("03.PDF"), Some((Kind::Pdf, false, 4)));
        assert_eq!(recognise("a.tar.gz"), None);
        assert_eq!(recognise("03.docx"), None);
        assert_eq!(recognise("txt"), None);
    }
}
