//! Documents, packed for results and excerpts.

use backfile_core::format::documents::{StoredDocument, pad};
use backfile_core::record::Record;
use libdeflater::{CompressionLvl, Compressor};

use super::codebooks::Codebooks;
use crate::document::Document;

/// How hard libdeflate tries, from 1 to 12: the least at which no corpus that was measured takes
/// more bytes than with zlib's usual level.
const LEVEL: i32 = 5;

/// Bytes of memory that are kept from one run to the next: a document may take a hundred times as many.
const KEPT: usize = 1 << 20;

/// Documents in a row, as they are stored.
///
/// Their bytes lie behind one another: what one thread allocates and another frees, document by
/// document, is where threads wait for each other.
#[derive(Default)]
pub(super) struct PackedDocuments {
    bytes: Vec<u8>,
    /// The number of the codebook that each is written with, and where it ends.
    rows: Vec<(u8, usize)>,
}

impl PackedDocuments {
    /// The codebook of each, and the payload of its extent.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u8, &[u8])> {
        let mut start = 0;
        self.rows.iter().map(move |&(codebook, end)| {
            let payload = &self.bytes[start..end];
            start = end;
            (codebook, payload)
        })
    }
}

/// Compresses documents one after the other. Its tables are larger than a document, so a thread
/// makes one for many documents.
pub(super) struct Packer {
    compressor: Compressor,
    /// The last document, and what its codebook made of it: memory for the next.
    written: Vec<u8>,
    short: Vec<u8>,
}

impl Packer {
    pub(super) fn new() -> Self {
        Self {
            compressor: Compressor::new(level()),
            written: Vec::new(),
            short: Vec::new(),
        }
    }

    /// The documents, each compressed alone.
    pub(super) fn pack(&mut self, documents: Vec<Document>) -> PackedDocuments {
        let mut packed = PackedDocuments::default();
        for document in documents {
            let codebook = self.shorten(document);
            self.deflate(&mut packed.bytes);
            packed.rows.push((codebook, packed.bytes.len()));
        }
        for room in [&mut self.written, &mut self.short] {
            room.clear();
            room.shrink_to(KEPT);
        }
        packed
    }

    /// Leaves what is to be compressed in `short`, and gives the number of its codebook.
    fn shorten(&mut self, document: Document) -> u8 {
        let mut room = std::mem::take(&mut self.written);
        room.clear();
        self.short.clear();
        self.written = store(document).write_behind(room);
        Codebooks::all().shorten(&self.written, &mut self.short)
    }

    fn deflate(&mut self, out: &mut Vec<u8>) {
        let start = out.len();
        let most = self.compressor.deflate_compress_bound(self.short.len());
        out.resize(start + most, 0);
        let written = (self.compressor).deflate_compress(&self.short, &mut out[start..]);
        out.truncate(start + written.expect("the output has room for all"));
        pad(out, start);
    }
}

fn level() -> CompressionLvl {
    CompressionLvl::new(LEVEL).expect("it is between 1 and 12")
}

fn store(document: Document) -> StoredDocument {
    let Document {
        id,
        url,
        title,
        date,
        metadata,
        body,
    } = document;
    StoredDocument {
        record: Record {
            id,
            url,
            title,
            date,
            metadata,
        },
        body,
    }
}
