//! Which files there are to read, and how their bytes are got at.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use ignore::{DirEntry, WalkBuilder};

use crate::error::Error;
use crate::progress::Progress;
use crate::publish;
use crate::report::ReadReport;

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A page.
    Text,
    /// Documents as JSON, one a line.
    Jsonl,
}

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
    /// The input as it was given, which may say a date that the path below it does not.
    pub given: PathBuf,
}

/// Every file of every input that has a known extension, in the order of the paths.
pub(super) fn find(inputs: &[PathBuf], report: &mut ReadReport) -> Result<Vec<InputFile>, Error> {
    let mut files = Vec::new();
    for input in inputs {
        let metadata =
            fs::metadata(input).map_err(|source| missing_or_unreadable(input, source))?;
        if metadata.is_dir() {
            walk(input, &mut files, report)?;
        } else {
            files.push(given_file(input, metadata.len())?);
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    for (number, file) in (0..).zip(&mut files) {
        file.number = number;
    }
    Ok(files)
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

fn walk(input: &Path, files: &mut Vec<InputFile>, report: &mut ReadReport) -> Result<(), Error> {
    // A list of pages is not a source tree: what a .gitignore says is no reason to leave out a page.
    let entries = WalkBuilder::new(input)
        .standard_filters(false)
        .hidden(true)
        .follow_links(true)
        .filter_entry(|entry| !publish::is_archive(entry.path()))
        .build();
    for entry in entries {
        let entry = entry.map_err(|source| Error::Walk {
            path: input.to_owned(),
            source,
        })?;
        if entry.file_type().is_some_and(|kind| kind.is_file()) {
            take(&entry, input, files, report)?;
        }
    }
    Ok(())
}

fn take(
    entry: &DirEntry,
    input: &Path,
    files: &mut Vec<InputFile>,
    report: &mut ReadReport,
) -> Result<(), Error> {
    let path = entry.path();
    let below = path.strip_prefix(input).unwrap_or(path);
    let bytes = entry.metadata().map_or(0, |metadata| metadata.len());
    match file(path, below, input, bytes)? {
        Some(file) => files.push(file),
        None => *report.ignored.entry(extension(path)).or_default() += 1,
    }
    Ok(())
}

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
    [(".txt", Kind::Text), (".jsonl", Kind::Jsonl)]
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
        let disk = BufReader::with_capacity(1 << 18, Counted { file, progress });
        if self.gzipped {
            return Ok(Box::new(BufReader::with_capacity(
                1 << 16,
                MultiGzDecoder::new(disk),
            )));
        }
        Ok(Box::new(disk))
    }

    pub(super) fn unreadable(&self, source: io::Error) -> Error {
        Error::Read {
            path: self.path.clone(),
            source,
        }
    }
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
        assert_eq!(recognise("03.pdf"), None);
        assert_eq!(recognise("txt"), None);
    }
}
