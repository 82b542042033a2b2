//! Documents, packed for results and excerpts.

use std::io::Write;

use backfile_core::format::documents::{self, StoredDocument};
use backfile_core::record::Record;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use rayon::prelude::*;

use crate::document::Document;

/// The compressed payloads of all blocks of documents.
pub(super) fn pack(all: Vec<Document>, per_block: usize) -> Vec<Vec<u8>> {
    let stored: Vec<StoredDocument> = all.into_iter().map(store).collect();
    let blocks = stored.par_chunks(per_block);
    blocks
        .map(|block| deflate(&documents::write(block)))
        .collect()
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

fn deflate(payload: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(7));
    encoder
        .write_all(payload)
        .and_then(|()| encoder.finish())
        .expect("writing to memory does not fail")
}
