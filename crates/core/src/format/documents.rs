//! Stored documents: what a result shows, and the text that its excerpt is cut from.
//!
//! Each document is an extent of its own and compressed alone: ten results cost ten small
//! fetches, wherever in the archive they come from.

use serde::{Deserialize, Serialize};

use super::directory::{UNIT, units};
use super::stream::SEAL_BYTES;
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

impl StoredDocument {
    /// The bytes to compress, once they are written with a codebook ([`super::codebook`]).
    ///
    /// # Panics
    /// Never: postcard does not fail on these types when it writes to memory.
    pub fn write(&self) -> Vec<u8> {
        self.write_behind(Vec::new())
    }

    /// The same, behind what is there.
    ///
    /// # Panics
    /// Never, as before.
    pub fn write_behind(&self, bytes: Vec<u8>) -> Vec<u8> {
        postcard::to_extend(self, bytes).expect("postcard writes to memory")
    }

    /// Reads what [`StoredDocument::write`] wrote.
    ///
    /// # Errors
    /// If the bytes cannot be a document.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        postcard::from_bytes(bytes).map_err(|_| Error::damaged("a document cannot be read"))
    }
}

/// Makes the payload of a document's extent of the compressed bytes that are there from `start` on:
/// puts zeros behind them up to a multiple of [`UNIT`] with the checksum, and how many.
pub fn pad(bytes: &mut Vec<u8>, start: usize) {
    let compressed = bytes.len() - start;
    let payload = units(compressed) * UNIT as usize - SEAL_BYTES;
    bytes.resize(start + payload - 1, 0);
    bytes.push((payload - compressed - 1) as u8);
}

/// The inverse of [`pad`].
///
/// # Errors
/// If the payload says more than it holds.
pub fn unpad(payload: &[u8]) -> Result<&[u8], Error> {
    let padded = payload.split_last().and_then(|(&zeros, rest)| {
        let end = rest.len().checked_sub(usize::from(zeros))?;
        rest.get(..end)
    });
    padded.ok_or_else(|| Error::damaged("a document ends early"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Value;

    fn document() -> StoredDocument {
        StoredDocument {
            record: Record {
                id: "a".into(),
                title: "题".into(),
                date: Some("2024-01-12".into()),
                metadata: vec![("page".into(), Value::Integer(3))],
                ..Record::default()
            },
            body: "正文".into(),
        }
    }

    #[test]
    fn reads_what_was_written() {
        let bytes = document().write();
        assert_eq!(StoredDocument::read(&bytes).unwrap(), document());
        for end in 0..bytes.len() {
            assert!(StoredDocument::read(&bytes[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn padding_comes_off_again() {
        for length in 0..300 {
            let mut padded = vec![7; 3 + length];
            pad(&mut padded, 3);
            let padded = padded.split_off(3);
            assert_eq!((padded.len() + SEAL_BYTES) % UNIT as usize, 0);
            assert_eq!(unpad(&padded).unwrap(), vec![7; length]);
        }
        assert!(unpad(&[]).is_err());
        assert!(unpad(&[0, 5]).is_err());
    }
}
