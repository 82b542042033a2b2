//! The directory of stored documents: where each lies in its stream, and how long it is.
//!
//! The sizes of [`PER_PIECE`] documents make a **piece**. Pieces have one size, so the number of a
//! document says where its piece lies. A document's extent is a multiple of [`UNIT`] bytes, and
//! that multiple is also the length that ranking uses: it is known without reading the document,
//! and text that takes more room is longer.
//!
//! Whoever searches a smaller archive fetches all pieces before the first result, so they are in the
//! adaptive code, which takes time to read. An engine unpacks a piece once, when it arrives
//! ([`unpack`]), and looks into what came of it.

use super::adaptive::{AdaptiveReader, AdaptiveWriter, Model, ZEROS};
use super::cursor::{Cursor, put_varint};
use super::postings::Extent;
use super::stream::{Addresses, SEAL_BYTES};
use crate::Error;

/// Documents in a piece; the last may have fewer.
pub const PER_PIECE: u32 = 2048;
/// Extents of documents are padded to a multiple of so many bytes.
pub const UNIT: u32 = 256;
/// A directory of so many bytes or fewer is fetched as a whole for the first query: every query needs
/// some of it, and so it does not cost a round trip of its own.
pub const AT_ONCE: u64 = 24 << 10;
/// Bytes that a document takes in an unpacked piece.
const ENTRY_BYTES: usize = 12;

/// Collects the extents of all documents.
#[derive(Clone, Debug, Default)]
pub struct DirectoryWriter {
    pieces: Vec<Vec<u8>>,
    first_address: u64,
    units: Vec<u32>,
}

impl DirectoryWriter {
    /// The next document lies at `address` and takes so many units of [`UNIT`] bytes.
    pub fn push(&mut self, address: u64, units: u32) {
        if self.units.is_empty() {
            self.first_address = address;
        }
        self.units.push(units);
        if self.units.len() == PER_PIECE as usize {
            self.close();
        }
    }

    fn close(&mut self) {
        let mut piece = Vec::new();
        put_varint(&mut piece, self.first_address);
        let (mut sizes, mut model) = (AdaptiveWriter::default(), Model::default());
        let units = self.units.drain(..);
        units.for_each(|units| sizes.number(units, &mut model));
        let sizes = sizes.finish();
        piece.extend(&sizes[..sizes.len() - ZEROS]);
        self.pieces.push(piece);
    }

    /// The payloads of all pieces, filled up with zeros to the size of the largest.
    pub fn finish(mut self) -> Vec<Vec<u8>> {
        if !self.units.is_empty() {
            self.close();
        }
        let largest = self.pieces.iter().map(Vec::len).max().unwrap_or(0);
        self.pieces
            .iter_mut()
            .for_each(|piece| piece.resize(largest, 0));
        self.pieces
    }
}

/// Where the piece lies that knows a document, in a directory whose pieces take `piece_bytes`
/// bytes each, checksum included.
pub fn piece_of(document: u32, piece_bytes: u32, file_bytes: u32) -> Extent {
    let piece = u64::from(document / PER_PIECE);
    let size = u64::from(piece_bytes.max(1));
    let file_size = u64::from(file_bytes.max(1));
    // What Addresses::place does with extents of one size.
    let per_file = (file_size / size).max(1);
    let file = (piece / per_file).saturating_mul(size.max(file_size).next_multiple_of(file_size));
    Extent {
        address: file.saturating_add(piece % per_file * size),
        bytes: piece_bytes,
    }
}

/// What a piece says in plain numbers, [`ENTRY_BYTES`] for each of `count` documents: its address and
/// its size ([`extent`]). If the piece has fewer, the others are any numbers.
///
/// # Errors
/// If the piece is damaged.
pub fn unpack(payload: &[u8], count: u32, file_bytes: u32) -> Result<Vec<u8>, Error> {
    let mut cursor = Cursor::new(payload, "document directory");
    let mut addresses = Addresses::from(cursor.varint()?, file_bytes);
    let (mut sizes, mut model) = (AdaptiveReader::new(cursor.rest()), Model::default());
    let mut unpacked = Vec::new();
    for _ in 0..count.min(PER_PIECE) {
        let bytes = sizes.number(&mut model).saturating_mul(UNIT);
        unpacked.extend(addresses.place(bytes).to_le_bytes());
        unpacked.extend(bytes.to_le_bytes());
    }
    Ok(unpacked)
}

/// Where a document lies, by its place in an unpacked piece.
///
/// # Errors
/// If the piece has not so many.
pub fn extent(unpacked: &[u8], at: usize) -> Result<Extent, Error> {
    let (entries, _) = unpacked.as_chunks::<ENTRY_BYTES>();
    let Some([a, b, c, d, e, f, g, h, bytes @ ..]) = entries.get(at) else {
        return Err(Error::damaged("a document is not in the directory"));
    };
    Ok(Extent {
        address: u64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, *h]),
        bytes: u32::from_le_bytes(*bytes),
    })
}

/// Where the stored documents of a piece lie: of all of them, in order.
///
/// # Errors
/// If the piece is damaged.
pub fn read_piece(payload: &[u8], count: u32, file_bytes: u32) -> Result<Vec<Extent>, Error> {
    let unpacked = unpack(payload, count, file_bytes)?;
    let count = unpacked.len() / ENTRY_BYTES;
    (0..count).map(|at| extent(&unpacked, at)).collect()
}

/// How many units an extent takes whose content has so many bytes: content, padding, its length,
/// and checksum.
pub fn units(content: usize) -> usize {
    (content + 1 + SEAL_BYTES).div_ceil(UNIT as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_document_is_where_it_was_put(
            sizes in prop::collection::vec(1_u32..40, 1..3000),
            file_bytes in prop::sample::select(vec![100_u32, 3000, 8192]),
        ) {
            let (mut writer, mut addresses) = (DirectoryWriter::default(), Addresses::from(0, file_bytes));
            let extents: Vec<Extent> = sizes.iter().map(|&units| {
                let extent = Extent { address: addresses.place(units * UNIT), bytes: units * UNIT };
                writer.push(extent.address, units);
                extent
            }).collect();
            let pieces = writer.finish();
            let piece_bytes = (pieces[0].len() + SEAL_BYTES) as u32;
            let mut places = Addresses::from(0, file_bytes);
            for (number, (piece, own)) in pieces.iter().zip(extents.chunks(PER_PIECE as usize)).enumerate() {
                prop_assert_eq!(read_piece(piece, own.len() as u32, file_bytes).unwrap(), own);
                // Who unpacks need not know how many there are.
                let unpacked = unpack(piece, PER_PIECE, file_bytes).unwrap();
                for (at, own) in own.iter().enumerate() {
                    prop_assert_eq!(&extent(&unpacked, at).unwrap(), own);
                }
                let place = piece_of(number as u32 * PER_PIECE + 7, piece_bytes, file_bytes);
                prop_assert_eq!(place.address, places.place(piece_bytes));
            }
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>, document: u32, piece: u32, file: u32) {
            drop(read_piece(&bytes, 100, file));
            piece_of(document, piece, file);
        }
    }
}
