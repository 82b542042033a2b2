//! The stored documents of a segment, read back in a row.

use std::path::Path;

use backfile_core::format::directory::PER_PIECE;
use backfile_core::format::manifest::{Segment, Start};

use crate::archive::{Place, Reader, Stored};
use crate::error::Error;
use crate::rows::Row;

/// A segment's documents. They are read in rows, each on any thread.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shelf<'a> {
    pub(super) folder: &'a Path,
    pub(super) start: &'a Start,
    pub(super) number: usize,
}

impl<'a> Shelf<'a> {
    pub(super) fn segment(&self) -> &'a Segment {
        &self.start.manifest.segments[self.number]
    }

    /// The numbers of those that the archive has no longer.
    ///
    /// # Errors
    /// If the manifest does not say it.
    pub(super) fn deleted(&self) -> Result<&'a [u32], Error> {
        let deleted = self.start.deleted(self.number);
        deleted.map_err(|source| self.reader().error(source))
    }

    /// The numbers of all documents.
    pub(super) fn numbers(&self) -> Vec<u32> {
        (0..self.segment().documents).collect()
    }

    /// Cuts numbers of documents into rows, with about how many bytes of text each has.
    pub(super) fn rows<'i>(
        &self,
        numbers: &'i [u32],
    ) -> impl Iterator<Item = Result<Row<'i, u32>, Error>> {
        let place = self.place();
        let most = PER_PIECE as usize;
        self.reader()
            .rows(numbers, most, move |number| place(*number))
    }

    /// [`Reader::visit`], by numbers, which rise.
    pub(super) fn visit(
        &self,
        numbers: &[u32],
        expected: u64,
        visit: impl FnMut(Stored<'_>) -> Result<(), Error>,
    ) -> Result<usize, Error> {
        let places = numbers.iter().copied().map(self.place());
        self.reader().visit(places, expected, visit)
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
}
