//! The documents of an archive, in its order.

use std::fs::File;
use std::io::{self, Read as _, Seek, SeekFrom};
use std::path::Path;

use backfile_core::format::MANIFEST_NAME;
use backfile_core::format::directory::{PER_PIECE, piece_of, read_piece};
use backfile_core::format::documents::{StoredDocument, unpad};
use backfile_core::format::manifest::Start;
use backfile_core::format::postings::Extent;
use backfile_core::format::stream::{StreamKind, unseal};
use backfile_core::query::Read;

use super::{Archive, INFLATED, inflate};
use crate::document::Document;
use crate::error::Error;
use crate::rows::{Row, rows};
use crate::source::content_hash;

/// Documents with more text than this are as good as one large one: more together is not quicker.
const TOGETHER: u64 = 1 << 20;

/// Where a document lies: a segment, and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub(crate) segment: u32,
    pub(crate) number: u32,
}

/// A piece of a segment's directory that was read last: neighbours lie in the same one.
struct LastPiece {
    segment: u32,
    piece: u32,
    extents: Vec<Extent>,
}

/// What was read last: neighbours lie in the same file.
#[derive(Default)]
struct Last {
    piece: Option<LastPiece>,
    file: LastFile,
}

#[derive(Default)]
struct LastFile(Option<(String, File)>);

/// A document as it is stored, inflated, with every character in UTF-8.
pub(crate) struct Stored<'r> {
    reader: &'r Reader<'r>,
    file: String,
    bytes: Vec<u8>,
}

/// The files of an open archive. Several threads can read them at once.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) start: &'a Start,
}

impl Archive {
    /// What reads its documents.
    pub fn reader(&self) -> Reader<'_> {
        Reader {
            folder: &self.folder,
            start: self.start(),
        }
    }
}

impl Reader<'_> {
    /// Where each document of the archive lies, in its order: 8 bytes a document.
    ///
    /// # Errors
    /// If the manifest does not say which are deleted.
    pub fn places(&self) -> Result<Vec<Place>, Error> {
        let manifest = &self.start.manifest;
        let mut next = vec![0; manifest.segments.len()];
        let mut places = Vec::new();
        for stretch in &manifest.order {
            let segment = stretch.segment;
            let start: u32 = next[segment as usize];
            let end = start + stretch.documents;
            let deleted = self.start.deleted(segment as usize);
            let deleted = deleted.map_err(|source| self.error(source))?;
            let is_live = |number: &u32| deleted.binary_search(number).is_err();
            let live = (start..end).filter(is_live);
            places.extend(live.map(|number| Place { segment, number }));
            next[segment as usize] = end;
        }
        Ok(places)
    }

    /// Cuts what has places into rows for [`Reader::visit`], of so many documents at most, with about how many bytes
    /// of text each has.
    pub(crate) fn rows<'i, T>(
        self,
        items: &'i [T],
        most: usize,
        place: impl Fn(&T) -> Place,
    ) -> impl Iterator<Item = Result<Row<'i, T>, Error>> {
        let mut last = None;
        rows(items, most, TOGETHER, move |item| {
            // It does not say how long its text is before it is inflated.
            let stored = self.extent(place(item), &mut last)?.bytes;
            Ok(INFLATED as u64 * u64::from(stored))
        })
    }

    /// Hands the documents at these places to `visit`, one after the other, as far as they take no more than `expected`
    /// bytes together, or no more than twice what a row has in any case. Says how many that were: text that packs very
    /// well takes far more than [`Reader::rows`] expects, and belongs to somebody who has one such document at a time.
    ///
    /// # Errors
    /// If one cannot be read or is damaged, or `visit` fails.
    pub(crate) fn visit(
        self,
        places: impl IntoIterator<Item = Place>,
        expected: u64,
        mut visit: impl FnMut(Stored<'_>) -> Result<(), Error>,
    ) -> Result<usize, Error> {
        let (mut last, mut count) = (Last::default(), 0);
        let mut left = expected.max(2 * TOGETHER);
        for place in places {
            let Some(stored) = self.stored(place, left, &mut last)? else {
                break;
            };
            left = left.saturating_sub(stored.bytes.len() as u64);
            visit(stored)?;
            count += 1;
        }
        Ok(count)
    }

    /// `None` if it takes more than `most` bytes, about.
    fn stored<'l>(
        &'l self,
        place: Place,
        most: u64,
        last: &'l mut Last,
    ) -> Result<Option<Stored<'l>>, Error> {
        let (segment, kind) = (place.segment as usize, StreamKind::Documents);
        let extent = self.extent(place, &mut last.piece)?;
        let read = self.place(segment, kind, extent);
        let payload = self.checked(segment, kind, extent, &read, &mut last.file)?;
        let file = read.file;
        let damaged = |source: backfile_core::Error| self.error(source.in_file(&file));
        let deflated = unpad(&payload).map_err(damaged)?;
        let inflated = inflate(deflated, most).map_err(|source| Error::Read {
            path: self.folder.join(&file),
            source,
        })?;
        let Some(inflated) = inflated else {
            return Ok(None);
        };
        let document = self.start.expand(&inflated).map_err(damaged)?;
        Ok(Some(Stored {
            reader: self,
            file,
            bytes: document.into_owned(),
        }))
    }

    fn extent(&self, place: Place, last: &mut Option<LastPiece>) -> Result<Extent, Error> {
        let piece = place.number / PER_PIECE;
        let is_it = |last: &LastPiece| (last.segment, last.piece) == (place.segment, piece);
        if !last.as_ref().is_some_and(is_it) {
            *last = Some(LastPiece {
                segment: place.segment,
                piece,
                extents: self.extents(place.segment as usize, piece)?,
            });
        }
        let extents = last.iter().flat_map(|last| &last.extents);
        let mut own = extents.skip((place.number % PER_PIECE) as usize);
        let missing = || backfile_core::Error::damaged("the directory lacks a document");
        own.next().copied().ok_or_else(|| self.error(missing()))
    }

    fn extents(&self, segment: usize, piece: u32) -> Result<Vec<Extent>, Error> {
        let own = &self.start.manifest.segments[segment];
        let size = |kind| own.stream(kind).file_bytes;
        let first = piece * PER_PIECE;
        let place = piece_of(first, own.piece_bytes, size(StreamKind::Directory));
        let payload = self.payload(segment, StreamKind::Directory, place)?;
        let count = own.documents.saturating_sub(first).min(PER_PIECE);
        let extents = read_piece(&payload, count, size(StreamKind::Documents));
        extents.map_err(|source| self.error(source))
    }

    /// The bytes of an extent; fewer if the file is too short, which its checksum will tell.
    pub(super) fn bytes(&self, read: &Read) -> Result<Vec<u8>, Error> {
        LastFile::default().read(self.folder, read)
    }

    /// Where an extent of a segment lies in the archive's files.
    pub(super) fn place(&self, segment: usize, kind: StreamKind, extent: Extent) -> Read {
        let own = &self.start.manifest.segments[segment];
        let bytes = extent.bytes;
        if let Some((start, _)) = self.start.resident(segment, kind, extent) {
            return Read {
                file: MANIFEST_NAME.into(),
                start: start as u64,
                bytes,
                pack: None,
            };
        }
        let (file, start) = own.place(kind, extent.address);
        Read {
            file,
            start,
            bytes,
            pack: None,
        }
    }

    /// Reads an extent and checks it.
    pub(super) fn payload(
        &self,
        segment: usize,
        kind: StreamKind,
        extent: Extent,
    ) -> Result<Vec<u8>, Error> {
        let read = self.place(segment, kind, extent);
        self.checked(segment, kind, extent, &read, &mut LastFile::default())
    }

    /// The payload of an extent, which lies there.
    fn checked(
        &self,
        segment: usize,
        kind: StreamKind,
        extent: Extent,
        read: &Read,
        last: &mut LastFile,
    ) -> Result<Vec<u8>, Error> {
        let bytes = last.read(self.folder, read)?;
        let seed = self.start.manifest.segments[segment].seed;
        let payload = unseal(seed, kind, extent.address, &bytes);
        let payload = payload.map_err(|error| self.error(error.in_file(&read.file)))?;
        Ok(payload.to_vec())
    }

    pub(crate) fn error(&self, source: backfile_core::Error) -> Error {
        Error::Archive {
            folder: self.folder.to_owned(),
            source,
        }
    }
}

impl LastFile {
    fn read(&mut self, folder: &Path, read: &Read) -> Result<Vec<u8>, Error> {
        self.part(folder, read).map_err(|source| Error::Read {
            path: folder.join(&read.file),
            source,
        })
    }

    fn part(&mut self, folder: &Path, read: &Read) -> io::Result<Vec<u8>> {
        let file = match self.0.take() {
            Some((name, file)) if name == read.file => file,
            _ => File::open(folder.join(&read.file))?,
        };
        let (_, file) = self.0.insert((read.file.clone(), file));
        file.seek(SeekFrom::Start(read.start))?;
        let mut bytes = Vec::with_capacity(read.bytes as usize);
        file.take(u64::from(read.bytes)).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Stored<'_> {
    /// Of everything in it.
    pub(crate) fn hash(&self) -> u64 {
        content_hash(&self.bytes)
    }

    /// # Errors
    /// If it is damaged.
    pub(crate) fn document(&self) -> Result<Document, Error> {
        let stored = StoredDocument::read(&self.bytes);
        let stored = stored.map_err(|source| self.reader.error(source.in_file(&self.file)))?;
        Ok(stored.into())
    }
}
