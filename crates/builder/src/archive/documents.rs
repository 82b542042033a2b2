//! The documents of an archive, in its order.

use std::fs::File;
use std::io::{Read as _, Seek, SeekFrom};
use std::path::Path;

use backfile_core::format::MANIFEST_NAME;
use backfile_core::format::directory::{PER_PIECE, piece_of, read_piece};
use backfile_core::format::documents::{StoredDocument, unpad};
use backfile_core::format::manifest::Start;
use backfile_core::format::postings::Extent;
use backfile_core::format::stream::{StreamKind, unseal};
use backfile_core::query::Read;

use super::{Archive, inflate};
use crate::document::Document;
use crate::error::Error;
use crate::rows::{Row, rows};

/// How much more a document takes than the bytes that it is stored in, rather too much: text is 1.7 times as much in
/// zh-cctv, 2.9 times in documents of 3 MiB.
const INFLATED: u64 = 4;
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
    /// Where each document lies, in the order of the archive: 8 bytes a document.
    pub fn places(&self) -> Vec<Place> {
        let manifest = &self.start.manifest;
        let mut next = vec![0; manifest.segments.len()];
        let mut places = Vec::new();
        for stretch in &manifest.order {
            let segment = stretch.segment;
            let start: u32 = next[segment as usize];
            let end = start + stretch.documents;
            places.extend((start..end).map(|number| Place { segment, number }));
            next[segment as usize] = end;
        }
        places
    }

    /// Cuts what has places into rows for [`Reader::documents`], of so many documents at most, with about how many bytes
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
            Ok(INFLATED * u64::from(stored))
        })
    }

    /// Where the documents at these places are stored.
    pub(crate) fn extents_at(
        self,
        places: impl Iterator<Item = Place>,
    ) -> impl Iterator<Item = Result<Extent, Error>> {
        let mut last = None;
        places.map(move |place| self.extent(place, &mut last))
    }

    /// The documents at these places, in their order. What it holds in memory is what it returns.
    ///
    /// # Errors
    /// If they cannot be read or are damaged.
    pub fn documents(&self, places: &[Place]) -> Result<Vec<Document>, Error> {
        let mut last = None;
        let documents = places.iter().map(|&place| self.document(place, &mut last));
        documents.collect()
    }

    fn document(&self, place: Place, last: &mut Option<LastPiece>) -> Result<Document, Error> {
        let segment = place.segment as usize;
        let extent = self.extent(place, last)?;
        let payload = self.payload(segment, StreamKind::Documents, extent)?;
        let deflated = unpad(&payload).map_err(|source| self.error(source))?;
        let file = self.place(segment, StreamKind::Documents, extent).file;
        let inflated = inflate(deflated).map_err(|source| Error::Read {
            path: self.folder.join(&file),
            source,
        })?;
        let document = self.start.expand(&inflated);
        let stored = document.and_then(|document| StoredDocument::read(&document));
        let stored = stored.map_err(|source| self.error(source.in_file(&file)))?;
        Ok(stored.into())
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
        let path = self.folder.join(&read.file);
        let part = || {
            let mut file = File::open(&path)?;
            file.seek(SeekFrom::Start(read.start))?;
            let mut bytes = Vec::with_capacity(read.bytes as usize);
            file.take(u64::from(read.bytes)).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        part().map_err(|source| Error::Read {
            path: path.clone(),
            source,
        })
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
        let place = self.place(segment, kind, extent);
        let bytes = self.bytes(&place)?;
        let seed = self.start.manifest.segments[segment].seed;
        let payload = unseal(seed, kind, extent.address, &bytes);
        let payload = payload.map_err(|error| self.error(error.in_file(&place.file)))?;
        Ok(payload.to_vec())
    }

    fn error(&self, source: backfile_core::Error) -> Error {
        Error::Archive {
            folder: self.folder.to_owned(),
            source,
        }
    }
}
