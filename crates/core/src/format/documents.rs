//! Stored documents: what a result shows, and the text that its excerpt is cut from.
//!
//! Neighbours in number (and so in date) share a block, so a block is compressed as a whole; the
//! table of lengths at its start lets a reader decode only the document it wants.

use serde::{Deserialize, Serialize};

use super::cursor::{Cursor, put_varint};
use crate::Error;
use crate::record::Record;

/// A document as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StoredDocument {
    /// What a result shows.
    pub record: Record,
    /// The original text.
    pub body: String,
}

/// A block's payload before compression.
///
/// # Panics
/// Never: postcard does not fail on these types when it writes to memory.
pub fn write<'d>(documents: impl IntoIterator<Item = &'d StoredDocument>) -> Vec<u8> {
    let (mut lengths, mut bytes) = (Vec::new(), Vec::new());
    let mut count = 0;
    for document in documents {
        let stored = postcard::to_allocvec(document).expect("postcard writes to memory");
        put_varint(&mut lengths, stored.len() as u64);
        bytes.extend_from_slice(&stored);
        count += 1;
    }
    let mut out = Vec::new();
    put_varint(&mut out, count);
    out.extend_from_slice(&lengths);
    out.extend_from_slice(&bytes);
    out
}

/// Reads single documents from an inflated block.
#[derive(Clone, Debug)]
pub struct DocumentsBlock<'b> {
    lengths: Vec<usize>,
    documents: Cursor<'b>,
}

impl<'b> DocumentsBlock<'b> {
    /// Reads the table of lengths.
    ///
    /// # Errors
    /// If the payload ends early.
    pub fn read(payload: &'b [u8]) -> Result<Self, Error> {
        let mut cursor = Cursor::new(payload, "documents block");
        let mut lengths = Vec::new();
        for _ in 0..cursor.varint()? {
            lengths.push(cursor.varint_usize()?);
        }
        Ok(Self {
            lengths,
            documents: cursor,
        })
    }

    /// How many documents the block holds.
    pub fn len(&self) -> usize {
        self.lengths.len()
    }

    /// True if it holds none.
    pub fn is_empty(&self) -> bool {
        self.lengths.is_empty()
    }

    /// The document at this place in the block.
    ///
    /// # Errors
    /// If there is none, or its bytes are damaged.
    pub fn document(&self, place: usize) -> Result<StoredDocument, Error> {
        let mut cursor = self.documents.clone();
        let Some((&own, before)) = self.lengths.get(..=place).and_then(<[usize]>::split_last)
        else {
            return Err(cursor.wrong("fewer documents than it should"));
        };
        cursor.bytes(before.iter().fold(0, |sum, &len| sum.saturating_add(len)))?;
        let bytes = cursor.bytes(own)?;
        postcard::from_bytes(bytes).map_err(|_| cursor.wrong("a document that cannot be read"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Value;

    fn documents() -> Vec<StoredDocument> {
        let record = |id: &str| Record {
            id: id.into(),
            title: "题".into(),
            date: Some("2024-01-12".into()),
            metadata: vec![("page".into(), Value::Integer(3))],
            ..Record::default()
        };
        let document = |id: &str, body: &str| StoredDocument {
            record: record(id),
            body: body.into(),
        };
        vec![document("a", "正文"), document("b", ""), document("c", "x")]
    }

    #[test]
    fn reads_each_document_that_was_written() {
        let payload = write(&documents());
        let block = DocumentsBlock::read(&payload).unwrap();
        assert_eq!(block.len(), 3);
        for (place, document) in documents().into_iter().enumerate() {
            assert_eq!(block.document(place).unwrap(), document);
        }
        assert!(block.document(3).is_err());
    }

    #[test]
    fn truncations_never_panic() {
        let payload = write(&documents());
        for end in 0..payload.len() {
            if let Ok(block) = DocumentsBlock::read(&payload[..end]) {
                assert!((0..3).any(|place| block.document(place).is_err()), "{end}");
            }
        }
    }
}
