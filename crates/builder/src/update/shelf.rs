//! The stored documents of a segment, read back in a row.

use std::fs;
use std::path::Path;

use backfile_core::format::directory::PER_PIECE;
use backfile_core::format::documents::unpad;
use backfile_core::format::manifest::{Segment, Start};
use backfile_core::format::postings::Extent;
use backfile_core::format::stream::{StreamKind, unseal};

use crate::archive::{Place, Reader, inflate};
use crate::error::Error;
use crate::rows::Row;

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
        let place = self.place();
        let most = PER_PIECE as usize;
        self.reader()
            .rows(numbers, most, move |number| place(*number))
    }

    /// Documents, which rise, one after the other: inflated, with every character in UTF-8.
    ///
    /// # Errors
    /// If one cannot be read or is damaged.
    pub(super) fn documents(
        &self,
        numbers: &[u32],
    ) -> impl Iterator<Item = Result<Vec<u8>, Error>> {
        let places = numbers.iter().copied().map(self.place());
        let mut file = LastFile::default();
        let extents = self.reader().extents_at(places);
        extents.map(move |extent| self.document(extent?, &mut file))
    }

    fn place(&self) -> impl Fn(u32) -> Place + use<> {
        let segment = self.number as u32;
        move |number| Place { segment, number }
    }

    fn reader(&self) -> Reader<'a> {
        Reader {
            folder: self.folder,
            start: self.start,
        }
    }

    fn document(&self, extent: Extent, file: &mut LastFile) -> Result<Vec<u8>, Error> {
        let payload = self.payload(extent, file)?;
        let deflated = unpad(&payload).map_err(|error| self.error(error))?;
        let inflated = inflate(deflated).map_err(|source| Error::Read {
            path: self.folder.join(&file.name),
            source,
        })?;
        let document = self.start.expand(&inflated);
        let document = document.map_err(|error| self.error(error.in_file(&file.name)))?;
        Ok(document.into_owned())
    }

    fn payload(&self, extent: Extent, file: &mut LastFile) -> Result<Vec<u8>, Error> {
        let bytes = self.bytes(extent, file)?;
        let seed = self.segment().seed;
        let payload = unseal(seed, StreamKind::Documents, extent.address, bytes);
        let payload = payload.map(<[u8]>::to_vec);
        payload.map_err(|error| self.error(error.in_file(&file.name)))
    }

    /// The bytes of an extent; fewer if the file is too short, which its checksum will tell.
    fn bytes<'f>(&'f self, extent: Extent, file: &'f mut LastFile) -> Result<&'f [u8], Error> {
        let kind = StreamKind::Documents;
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
