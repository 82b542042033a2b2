//! Deleted documents: what segments have and the archive has no longer, as the manifest notes it.
//!
//! For each segment in turn how many there are, and their numbers as gaps. Where nothing is deleted there
//! are no bytes at all.

use super::cursor::{Cursor, put_varint};
use crate::Error;

/// For each segment the numbers of its deleted documents, rising.
#[derive(Clone, Debug, Default)]
pub struct Deleted(Vec<Vec<u32>>);

impl Deleted {
    /// Writes the numbers of each segment, which rise.
    pub fn write(segments: &[&[u32]]) -> Vec<u8> {
        let mut out = Vec::new();
        if segments.iter().all(|numbers| numbers.is_empty()) {
            return out;
        }
        for numbers in segments {
            put_varint(&mut out, numbers.len() as u64);
            let mut expected = 0;
            for &number in *numbers {
                put_varint(&mut out, u64::from(number - expected));
                expected = number + 1;
            }
        }
        out
    }

    /// The inverse of [`Deleted::write`], of segments with so many documents.
    ///
    /// # Errors
    /// If the bytes are of other segments.
    pub fn read(bytes: &[u8], segments: impl Iterator<Item = u32>) -> Result<Self, Error> {
        let mut cursor = Cursor::new(bytes, "list of deleted documents");
        let mut all = Vec::new();
        for documents in segments.take_while(|_| !bytes.is_empty()) {
            let (mut numbers, mut expected) = (Vec::new(), 0_u32);
            for _ in 0..cursor.varint_u32()? {
                let number = expected.checked_add(cursor.varint_u32()?);
                let number = number.filter(|&own| own < documents);
                let number = number.ok_or_else(|| cursor.wrong("a document that is not there"))?;
                numbers.push(number);
                expected = number + 1;
            }
            all.push(numbers);
        }
        cursor.finish()?;
        Ok(Self(all))
    }

    /// Those of a segment.
    pub fn of(&self, segment: usize) -> &[u32] {
        self.0.get(segment).map_or(&[], Vec::as_slice)
    }

    /// How many there are in all segments.
    pub fn len(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn reads_what_was_written(
            segments in vec(btree_set(0..u32::MAX, 0..12), 0..4),
        ) {
            let rising = |own: BTreeSet<u32>| own.into_iter().collect();
            let segments: Vec<Vec<u32>> = segments.into_iter().map(rising).collect();
            let slices: Vec<&[u32]> = segments.iter().map(Vec::as_slice).collect();
            let bytes = Deleted::write(&slices);
            let sizes = segments.iter().map(|own| own.last().map_or(0, |last| last + 1));
            let read = Deleted::read(&bytes, sizes.clone()).unwrap();
            for (at, numbers) in segments.iter().enumerate() {
                prop_assert_eq!(read.of(at), numbers.as_slice());
            }
            prop_assert_eq!(read.is_empty(), bytes.is_empty());
            // Nor from any part of it, nor of segments that are smaller.
            for end in 1..bytes.len() {
                prop_assert!(Deleted::read(&bytes[..end], sizes.clone()).is_err());
            }
            let smaller = Deleted::read(&bytes, sizes.map(|size| size.saturating_sub(1)));
            prop_assert!(bytes.is_empty() || smaller.is_err());
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>, sizes: Vec<u32>) {
            drop(Deleted::read(&bytes, sizes.into_iter()));
        }
    }
}
