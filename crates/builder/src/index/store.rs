//! Documents, packed for results and excerpts.

use backfile_core::format::documents::StoredDocument;
use backfile_core::record::Record;
use flate2::{Compress, Compression, FlushCompress};

use crate::document::Document;

/// Compresses documents one after the other. Its tables are larger than a document, so a thread
/// makes one for many documents.
pub(super) struct Packer {
    compress: Compress,
}

impl Packer {
    pub(super) fn new() -> Self {
        Self {
            compress: Compress::new(Compression::default(), false),
        }
    }

    /// The documents, each compressed alone.
    pub(super) fn pack(&mut self, documents: Vec<Document>) -> Vec<Vec<u8>> {
        let documents = documents
            .into_iter()
            .map(|document| store(document).write());
        documents
            .map(|document| deflate(&mut self.compress, &document))
            .collect()
    }
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
