//! Documents, packed for results and excerpts.

use backfile_core::format::documents::StoredDocument;
use backfile_core::record::Record;
use libdeflater::{CompressionLvl, Compressor};

use super::codebooks::Codebooks;
use crate::document::Document;

/// How hard libdeflate tries, from 1 to 12: the least at which no corpus that was measured takes
/// more bytes than with zlib's usual level.
const LEVEL: i32 = 5;

/// A document as it is stored.
pub(super) struct PackedDocument {
    /// The number of the codebook that it is written with.
    pub(super) codebook: u8,
    pub(super) compressed: Vec<u8>,
}

/// Compresses documents one after the other. Its tables are larger than a document, so a thread
/// makes one for many documents.
pub(super) struct Packer {
    compressor: Compressor,
    /// As long as the longest document can come out.
    room: Vec<u8>,
}

impl Packer {
    pub(super) fn new() -> Self {
        Self {
            compressor: Compressor::new(level()),
            room: Vec::new(),
        }
    }

    /// The documents, each compressed alone.
    pub(super) fn pack(&mut self, documents: Vec<Document>) -> Vec<PackedDocument> {
        let documents = documents.into_iter();
        documents.map(|document| self.document(document)).collect()
    }

    fn document(&mut self, document: Document) -> PackedDocument {
        let (short, codebook) = Codebooks::all().shorten(&store(document).write());
        PackedDocument {
            codebook,
            compressed: self.deflate(&short),
        }
    }

    fn deflate(&mut self, payload: &[u8]) -> Vec<u8> {
        let most = self.compressor.deflate_compress_bound(payload.len());
        if self.room.len() < most {
            self.room.resize(most, 0);
        }
        let written = self.compressor.deflate_compress(payload, &mut self.room);
        self.room[..written.expect("the output has room for all")].to_vec()
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
