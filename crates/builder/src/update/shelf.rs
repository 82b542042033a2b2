//! The stored documents of a segment, read back in a row.

use std::fs;
use std::path::Path;

use backfile_core::format::directory::{PER_PIECE, piece_of, read_piece};
use backfile_core::format::documents::unpad;
use backfile_core::format::manifest::{Segment, Start};
use backfile_core::format::postings::Extent;
use backfile_core::format::stream::{StreamKind, unseal};

use crate::archive::{TOGETHER, inflate, inflated_bytes};
use crate::error::Error;
use crate::rows::{Row, rows};

/// A segment's documents. They are read in rows, each on any thread.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shelf<'a> {
    pub(super) folder: &'a Path,
    pub(super) start: &'a Start,
    pub(super) number: usize,
}

/// The file that was read last: neighbours lie in the same one.
#[derive(Default)]
struct LastFile {
    name: String,
    bytes: Vec<u8>,
}

/// The piece of the directory that was read last.
#[derive(Default)]
struct LastPiece {
    piece: Option<u32>,
    extents: Vec<Extent>,
}

impl<'a> Shelf<'a> {
    fn segment(&self) -> &'a Segment {
        &self.start.manifest.segments[self.number]
    }

    /// The numbers of all documents.
    pub(super) fn numbers(&self) -> Vec<u32> {
        (0..self.segment().documents).collect()
    }

    /// Cuts numbers of documents into rows for [`Shelf::documents`], with about how many bytes of text each has.
    pub(super) fn rows<'i>(
        &self,
        numbers: &'i [u32],
    ) -> impl Iterator<Item = Result<Row<'i, u32>, Error>> {
        let mut directory = LastPiece::default();
        rows(numbers, PER_PIECE as usize, TOGETHER, move |number| {
            Ok(inflated_bytes(self.extent(*number, &mut directory)?))
        })
    }

    /// Documents, which rise, one after the other: inflated, with every character in UTF-8.
    ///
    /// # Errors
    /// If one cannot be read or is damaged.
    pub(super) fn documents(
        &self,
        numbers: &[u32],
    ) -> impl Iterator<Item = Result<Vec<u8>, Error>> {
        let (mut file, mut directory) = (LastFile::default(), LastPiece::default());
        numbers.iter().map(move |number| {
            let extent = self.extent(*number, &mut directory)?;
            self.document(extent, &mut file)
        })
    }

    fn extent(&self, number: u32, last: &mut LastPiece) -> Result<Extent, Error> {
        let piece = number / PER_PIECE;
        if last.piece != Some(piece) {
            *last = LastPiece {
                piece: Some(piece),
                extents: self.extents(piece, &mut LastFile::default())?,
            };
        }
        let own = last.extents.get((number % PER_PIECE) as usize);
        let missing = || backfile_core::Error::damaged("the directory lacks a document");
        own.copied().ok_or_else(|| self.error(missing()))
    }

    fn extents(&self, piece: u32, file: &mut LastFile) -> Result<Vec<Extent>, Error> {
        let segment = self.segment();
        let size = |kind| segment.stream(kind).file_bytes;
        let first = piece * PER_PIECE;
        let place = piece_of(first, segment.piece_bytes, size(StreamKind::Directory));
        let payload = self.payload(StreamKind::Directory, place, file)?;
        let count = (segment.documents - first).min(PER_PIECE);
        read_piece(&payload, count, size(StreamKind::Documents)).map_err(|error| self.error(error))
    }

    fn document(&self, extent: Extent, file: &mut LastFile) -> Result<Vec<u8>, Error> {
        let payload = self.payload(StreamKind::Documents, extent, file)?;
        let deflated = unpad(&payload).map_err(|error| self.error(error))?;
        let inflated = inflate(deflated).map_err(|source| Error::Read {
            path: self.folder.join(&file.name),
            source,
        })?;
        let document = self.start.expand(&inflated);
        let document = document.map_err(|error| self.error(error.in_file(&file.name)))?;
        Ok(document.into_owned())
    }

    fn payload(
        &self,
        kind: StreamKind,
        extent: Extent,
        file: &mut LastFile,
    ) -> Result<Vec<u8>, Error> {
        let bytes = self.bytes(kind, extent, file)?;
        let payload = unseal(self.segment().seed, kind, extent.address, bytes);
        let payload = payload.map(<[u8]>::to_vec);
        payload.map_err(|error| self.error(error.in_file(&file.name)))
    }

    /// The bytes of an extent; fewer if the file is too short, which its checksum will tell.
    fn bytes<'f>(
        &'f self,
        kind: StreamKind,
        extent: Extent,
        file: &'f mut LastFile,
    ) -> Result<&'f [u8], Error> {
        if let Some((_, bytes)) = self.start.resident(self.number, kind, extent) {
            return Ok(bytes);
        }
        let (name, start) = self.segment().place(kind, extent.address);
        if file.name != name {
            let path = self.folder.join(&name);
            let bytes = fs::read(&path).map_err(|source| Error::Read { path, source })?;
            *file = LastFile { name, bytes };
        }
        let rest = file.bytes.get(start as usize..).unwrap_or(&[]);
        Ok(&rest[..rest.len().min(extent.bytes as usize)])
    }

    /// What is wrong with the archive.
    pub(super) fn error(&self, source: backfile_core::Error) -> Error {
        Error::Archive {
            folder: self.folder.to_owned(),
            source,
        }
    }
}
