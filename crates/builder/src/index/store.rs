//! Documents, packed for results and excerpts.

use backfile_core::format::documents::{self, StoredDocument};
use backfile_core::record::Record;
use flate2::{Compress, Compression, FlushCompress};
use rayon::prelude::*;

use crate::document::Document;
use crate::progress::{Progress, Stage};

/// The compressed payloads of all blocks of documents.
pub(super) fn pack(all: Vec<Document>, per_block: usize, progress: &dyn Progress) -> Vec<Vec<u8>> {
    progress.begin(Stage::Pack, all.len() as u64);
    let stored: Vec<StoredDocument> = all.into_iter().map(store).collect();
    let blocks = stored.par_chunks(per_block);
    // A compressor's tables are larger than a block: one for each thread, not for each block.
    let deflated = blocks.map_init(
        || Compress::new(Compression::default(), false),
        |compress, block| {
            let packed = deflate(compress, &documents::write(block));
            progress.advance(block.len() as u64);
            packed
        },
    );
    deflated.collect()
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

fn deflate(compress: &mut Compress, payload: &[u8]) -> Vec<u8> {
    compress.reset();
    // Incompressible data grows by five bytes in each 16 KiB, and the end takes a few more.
    let mut out = Vec::with_capacity(payload.len() + payload.len() / 1024 + 64);
    let status = compress.compress_vec(payload, &mut out, FlushCompress::Finish);
    assert!(
        matches!(status, Ok(flate2::Status::StreamEnd)),
        "the output has room for all"
    );
    out
}
