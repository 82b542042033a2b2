//! Bytes that are set aside and fetched again: in memory while they are few, in a file when they
//! are many.
//!
//! Documents wait here until all have been read, runs until all have been made, blocks until the
//! segment has a name. A spool that outgrows its share of the memory moves into its file as a
//! whole and stays there. The file goes away with the spool; what a killed build leaves is swept
//! away by the next one ([`crate::publish`]).

use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// See the module's description.
#[derive(Debug)]
pub(crate) struct Spool {
    path: PathBuf,
    /// Bytes that may stay in memory.
    limit: u64,
    /// Where each piece begins, and its bytes; empty once there is a file.
    pieces: Vec<(u64, Vec<u8>)>,
    file: Option<File>,
    /// Bytes in all.
    len: u64,
}

impl Spool {
    /// An empty one, which may keep `limit` bytes in memory; `path` is where its file would be.
    pub(crate) fn new(path: PathBuf, limit: u64) -> Self {
        Self {
            path,
            limit,
            pieces: Vec::new(),
            file: None,
            len: 0,
        }
    }

    /// An empty one whose file is beside this one's, and which keeps nothing in memory.
    pub(crate) fn beside(&self, name: &str) -> Self {
        Self::new(self.path.with_file_name(name), 0)
    }

    /// Takes bytes and returns their place.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(crate) fn append(&mut self, bytes: Vec<u8>) -> Result<u64, Error> {
        let at = self.len;
        self.len += bytes.len() as u64;
        if self.file.is_none() && self.len > self.limit {
            self.move_to_file()?;
        }
        match &self.file {
            Some(file) => write_at(file, &bytes, at).map_err(|source| self.unwritable(source))?,
            None => self.keep(at, bytes),
        }
        Ok(at)
    }

    fn keep(&mut self, at: u64, mut bytes: Vec<u8>) {
        // Up to half of it may be room to grow.
        bytes.shrink_to_fit();
        self.pieces.push((at, bytes));
    }

    /// Bytes that it has in memory.
    pub(crate) fn memory(&self) -> u64 {
        if self.file.is_some() { 0 } else { self.len }
    }

    /// Puts `len` bytes from a place into `buffer`, behind what it holds. They may go across
    /// several that were appended one after the other.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(crate) fn read(&self, at: u64, len: usize, buffer: &mut Vec<u8>) -> Result<(), Error> {
        let Some(file) = &self.file else {
            self.read_pieces(at, len, buffer);
            return Ok(());
        };
        let start = buffer.len();
        buffer.resize(start + len, 0);
        read_at(file, &mut buffer[start..], at).map_err(|source| Error::Read {
            path: self.path.clone(),
            source,
        })
    }

    /// What is there is not what was written.
    pub(crate) fn damaged(&self, what: &str) -> Error {
        Error::Read {
            path: self.path.clone(),
            source: io::Error::new(io::ErrorKind::InvalidData, what),
        }
    }

    fn read_pieces(&self, mut at: u64, len: usize, buffer: &mut Vec<u8>) {
        let end = at + len as u64;
        let first = self.pieces.partition_point(|(start, _)| *start <= at);
        for (start, bytes) in &self.pieces[first.saturating_sub(1)..] {
            if at >= end {
                return;
            }
            let piece = &bytes[(at - start) as usize..];
            let piece = &piece[..piece.len().min((end - at) as usize)];
            buffer.extend_from_slice(piece);
            at += piece.len() as u64;
        }
    }

    fn move_to_file(&mut self) -> Result<(), Error> {
        let file = create(&self.path).map_err(|source| self.unwritable(source))?;
        for (at, bytes) in std::mem::take(&mut self.pieces) {
            write_at(&file, &bytes, at).map_err(|source| self.unwritable(source))?;
        }
        self.file = Some(file);
        Ok(())
    }

    fn unwritable(&self, source: io::Error) -> Error {
        Error::Write {
            path: self.path.clone(),
            source,
        }
    }
}

/// Reads a part of a spool from its start to its end.
#[derive(Debug)]
pub(crate) struct SpoolReader<'s> {
    spool: &'s Spool,
    /// What comes behind the window.
    next: u64,
    end: u64,
    /// Bytes that are fetched at a time, or more where more are asked for.
    step: usize,
    window: Vec<u8>,
    at: usize,
}

impl<'s> SpoolReader<'s> {
    pub(crate) fn new(spool: &'s Spool, part: Range<u64>, step: usize) -> Self {
        Self {
            spool,
            next: part.start,
            end: part.end,
            step,
            window: Vec::new(),
            at: 0,
        }
    }

    /// True behind the last byte.
    pub(crate) fn is_at_end(&self) -> bool {
        self.at == self.window.len() && self.next == self.end
    }

    /// The bytes that come next: so many or more, if there are so many.
    pub(crate) fn peek(&mut self, bytes: usize) -> Result<&[u8], Error> {
        self.fill(bytes)?;
        Ok(&self.window[self.at..])
    }

    /// Passes over bytes.
    pub(crate) fn advance(&mut self, bytes: usize) {
        let here = bytes.min(self.window.len() - self.at);
        self.at += here;
        self.next = self.end.min(self.next + (bytes - here) as u64);
    }

    /// The next so many bytes, behind which it goes on.
    pub(crate) fn take(&mut self, bytes: usize) -> Result<&[u8], Error> {
        self.fill(bytes)?;
        let start = self.at;
        self.at = self.window.len().min(start + bytes);
        match &self.window[start..self.at] {
            taken if taken.len() == bytes => Ok(taken),
            _ => Err(self.spool.damaged("it ends too early")),
        }
    }

    fn fill(&mut self, bytes: usize) -> Result<(), Error> {
        let here = self.window.len() - self.at;
        let lacks = bytes.saturating_sub(here);
        let left = self.end - self.next;
        if lacks == 0 || left == 0 {
            return Ok(());
        }
        self.window.drain(..self.at);
        self.at = 0;
        let len = (lacks.max(self.step) as u64).min(left) as usize;
        if self.window.capacity() > 4 * (here + len) {
            // There was something long. Readers are many, and each may have met one.
            self.window.shrink_to(here + len);
        }
        self.spool.read(self.next, len, &mut self.window)?;
        self.next += len as u64;
        Ok(())
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            // If it stays, the working folder around it goes, now or with the next build.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(true);
    options.open(path)
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, at)
}

#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

#[cfg(windows)]
fn read_at(file: &File, mut buffer: &mut [u8], mut at: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        let count = std::os::windows::fs::FileExt::seek_read(file, buffer, at)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        buffer = &mut buffer[count..];
        at += count as u64;
    }
    Ok(())
}

#[cfg(windows)]
fn write_at(file: &File, mut bytes: &[u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let count = std::os::windows::fs::FileExt::seek_write(file, bytes, at)?;
        bytes = &bytes[count..];
        at += count as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(path: &Path, limit: u64) -> Spool {
        let mut spool = Spool::new(path.to_owned(), limit);
        for (at, piece) in [(0, "spring"), (6, ""), (6, "summer"), (12, "autumn")] {
            assert_eq!(spool.append(piece.as_bytes().to_vec()).unwrap(), at);
        }
        spool
    }

    #[test]
    fn what_comes_back_does_not_depend_on_where_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spool");
        for limit in [0, 7, 100] {
            let spool = filled(&path, limit);
            assert_eq!(path.exists(), limit < 18, "limit {limit}");
            for (at, expected) in [(0, "spring"), (4, "ngsu"), (5, "gsummera"), (18, "")] {
                let mut buffer = b">".to_vec();
                spool.read(at, expected.len(), &mut buffer).unwrap();
                assert_eq!(buffer, format!(">{expected}").as_bytes(), "limit {limit}");
            }
            drop(spool);
            assert!(!path.exists());
        }
    }

    #[test]
    fn a_reader_passes_over_a_part_in_any_steps() {
        let folder = tempfile::tempdir().unwrap();
        for limit in [0, 100] {
            let spool = filled(&folder.path().join("spool"), limit);
            for step in [1, 4, 100] {
                let mut reader = SpoolReader::new(&spool, 3..17, step);
                assert_eq!(reader.take(4).unwrap(), b"ings");
                assert!(reader.peek(2).unwrap().starts_with(b"um"));
                reader.advance(6);
                assert_eq!(reader.take(1).unwrap(), b"u");
                assert!(!reader.is_at_end());
                assert_eq!(reader.peek(9).unwrap(), b"tum");
                assert!(reader.take(4).is_err());
                assert!(reader.is_at_end());
            }
        }
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(folder.path().join("missing/spool"), 0);
        let error = spool.append(vec![1]).unwrap_err().to_string();
        assert!(error.contains("missing/spool: cannot write"), "{error}");
    }
}
