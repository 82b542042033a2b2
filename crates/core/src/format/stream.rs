//! Streams: a segment's bytes, each kind in a row, cut into files; and extents, the pieces of
//! them that are read at once.
//!
//! An **extent** is what one wish of the engine fetches: a leaf of the dictionary, a chunk of a
//! long list, a document. It ends in a checksum of its own, so that a range of a file can be
//! trusted without the rest of it. Its place in the stream is its **address**. A file holds the
//! extents whose addresses lie within its share of the stream, so an address alone says which
//! file to ask for; no extent lies across two files.

use xxhash_rust::xxh64::xxh64;

use crate::Error;
use crate::digits::decimal;

/// Bytes of the checksum at the end of each extent.
pub const SEAL_BYTES: usize = 4;

/// What a stream holds. The letter begins its files' names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StreamKind {
    /// The middle level of the dictionary: [`super::branch`].
    Branches,
    /// Leaves of the dictionary with their postings: [`super::terms`].
    Terms,
    /// Documents of long lists: [`super::postings`].
    LongDocuments,
    /// Positions of long lists: [`super::postings`].
    LongPositions,
    /// Where the stored documents lie, and how large they are: [`super::directory`].
    Directory,
    /// Stored documents: [`super::documents`].
    Documents,
    /// What only queries need of the fold table: [`FoldTable::variants`](crate::text::FoldTable).
    Variants,
}

impl StreamKind {
    /// All kinds, in the order of their codes, which start at 0.
    pub const ALL: [Self; 7] = [
        Self::Branches,
        Self::Terms,
        Self::LongDocuments,
        Self::LongPositions,
        Self::Directory,
        Self::Documents,
        Self::Variants,
    ];

    /// What people call it, in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Branches => "dictionary branches",
            Self::Terms => "terms and postings",
            Self::LongDocuments => "long lists, documents",
            Self::LongPositions => "long lists, positions",
            Self::Directory => "document directory",
            Self::Documents => "stored documents",
            Self::Variants => "character variants",
        }
    }

    /// The first letter of its files' names.
    pub fn letter(self) -> char {
        match self {
            Self::Branches => 'b',
            Self::Terms => 't',
            Self::LongDocuments => 'd',
            Self::LongPositions => 'p',
            Self::Directory => 'n',
            Self::Documents => 's',
            Self::Variants => 'v',
        }
    }
}

/// Hands out addresses, one extent behind the other.
#[derive(Clone, Copy, Debug)]
pub struct Addresses {
    file_bytes: u64,
    next: u64,
    end: u64,
}

impl Addresses {
    /// Goes on from `next` in a stream whose files have `file_bytes` bytes.
    pub fn from(next: u64, file_bytes: u32) -> Self {
        Self {
            file_bytes: u64::from(file_bytes.max(1)),
            next,
            end: next,
        }
    }

    /// The address of an extent of so many bytes: where the one before ends, or the beginning of
    /// the next file if it would lie across two. An extent larger than a file has one for itself,
    /// which is as long as it has to be.
    pub fn place(&mut self, bytes: u32) -> u64 {
        let (size, bytes) = (self.file_bytes, u64::from(bytes));
        if self.next % size + bytes > size {
            self.next = self.next_file(self.next);
        }
        let address = self.next;
        self.end = address.saturating_add(bytes);
        self.next = if bytes > size {
            self.next_file(self.end)
        } else {
            self.end
        };
        address
    }

    /// The first address of a file, from `address` on.
    fn next_file(&self, address: u64) -> u64 {
        address
            .checked_next_multiple_of(self.file_bytes)
            .unwrap_or(u64::MAX)
    }

    /// Where the last extent ended.
    pub fn end(&self) -> u64 {
        self.end
    }
}

/// The checksum of an extent: also of what it is and where, so that no extent passes for another.
pub fn seal(seed: u64, kind: StreamKind, address: u64, payload: &[u8]) -> [u8; SEAL_BYTES] {
    let place = address.wrapping_mul(8).wrapping_add(kind as u64);
    let sum = xxh64(payload, seed.wrapping_add(place));
    (sum as u32).to_le_bytes()
}

/// The payload of an extent whose checksum is right.
///
/// # Errors
/// If it is not.
pub fn unseal(seed: u64, kind: StreamKind, address: u64, bytes: &[u8]) -> Result<&[u8], Error> {
    let split = bytes.len().checked_sub(SEAL_BYTES);
    let parts = split.and_then(|split| bytes.split_at_checked(split));
    match parts {
        Some((payload, sum)) if sum == seal(seed, kind, address, payload) => Ok(payload),
        _ => {
            let (length, address) = (decimal(bytes.len() as u64, 1), decimal(address, 1));
            let place = [&length, " bytes at ", &address].concat();
            let what = ["the checksum of its ", &place, " does not match"];
            Err(Error::damaged(what.concat()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_extent_lies_across_two_files(sizes in prop::collection::vec(0_u32..300, 0..50)) {
            let mut addresses = Addresses::from(0, 100);
            let (mut end, mut files) = (0, std::collections::BTreeSet::new());
            for size in sizes {
                let address = addresses.place(size);
                prop_assert!(address >= end, "overlaps the one before");
                end = address + u64::from(size);
                prop_assert!(address.is_multiple_of(100) || address / 100 == (end - 1).max(address) / 100);
                files.insert(address / 100);
                prop_assert!(size <= 100 || !files.contains(&((end - 1) / 100)), "no file there");
                prop_assert_eq!(addresses.end(), end);
            }
        }
    }

    #[test]
    fn an_extent_is_whole_or_refused() {
        let mut bytes = b"payload".to_vec();
        bytes.extend(seal(7, StreamKind::Terms, 40, b"payload"));
        let open = |seed, kind, address, bytes: &[u8]| unseal(seed, kind, address, bytes).is_ok();
        assert!(open(7, StreamKind::Terms, 40, &bytes));
        assert!(!open(8, StreamKind::Terms, 40, &bytes));
        assert!(!open(7, StreamKind::Documents, 40, &bytes));
        assert!(!open(7, StreamKind::Terms, 41, &bytes));
        for at in 0..bytes.len() {
            assert!(!open(7, StreamKind::Terms, 40, &bytes[..at]), "cut at {at}");
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            assert!(!open(7, StreamKind::Terms, 40, &flipped), "flipped {at}");
        }
    }
}
