//! How large the pieces of a segment are.
//!
//! Readers on hosts with ranges fetch extents; on others they fetch files. So extents are small,
//! and files as small as the number of files allows, within 8 to 64 KiB: hosts limit how many
//! there are, and each has its price. Only where even files of 64 KiB would be too many are they larger.
//! What is going to be one file with all streams behind one another has nothing to gain by small
//! shares: wherever one ends, there are zeros.

use std::ops::RangeInclusive;

/// Bytes that an occurrence takes in the index, and in its leaves alone, about; measured on Chinese
/// news.
const BYTES_PER_OCCURRENCE: f64 = 1.9;
const LEAF_BYTES_PER_OCCURRENCE: f64 = 1.3;
/// What is left of text when it is compressed document by document, about.
const COMPRESSED: f64 = 0.7;
/// What a small segment takes, for each byte of its text, about.
const PUBLISHED: f64 = 1.25;
/// Files of terms and lists to aim at.
const TERM_FILES: u64 = 1000;
/// Files of documents to aim at.
const DOCUMENT_FILES: u64 = 1720;
/// Leaves to aim at.
const LEAVES: u64 = 3700;
/// The least and the most bytes of a leaf while there are so many.
const LEAF_BYTES: (u64, u64) = (2 << 10, 6 << 10);
/// Bytes of a leaf where there are more.
const BESIDE_FETCHED_BRANCHES: u64 = 3 << 10;
/// Bytes that a leaf takes in its branch, about; 2.3 in Chinese news, whose bounds are round.
const BYTES_PER_LEAF: u64 = 3;
/// Branches to aim at.
const BRANCHES: u64 = 64;
/// Files are not larger than this, unless there would be too many.
const FILE_BYTES: (u64, u64) = (8 << 10, 64 << 10);
/// Files of either kind at most. Hosts take 20,000 in all (Cloudflare Pages).
const MOST_FILES: u64 = 7000;

/// The sizes of a segment's pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// A leaf has about this many bytes.
    pub(super) leaf_bytes: usize,
    /// A branch is closed when it would have about this many.
    pub(super) leaves_per_branch: usize,
    /// A list's positions lie apart if the list takes more bytes than this.
    pub(super) list_bytes: usize,
    /// Its documents do if they alone take more than this.
    pub(super) documents_bytes: usize,
    /// A character, or a beginning of words, whose keys take more bytes than this together gets a list of its own.
    pub(super) range_bytes: usize,
    /// Bytes in a file of each stream but that of stored documents.
    pub(super) file_bytes: u32,
}

/// True if a segment with so much text is going to take no more bytes than `most`, about. It is a
/// guess: how much it takes shows when all of it is there, and its addresses are needed before.
pub(super) fn is_small(text_bytes: u64, most: u64) -> bool {
    text_bytes as f64 * PUBLISHED <= most as f64
}

/// Bytes in a file of stored documents, for so many bytes of text.
pub(super) fn document_file_bytes(text_bytes: u64, is_small: bool) -> u32 {
    if is_small {
        return FILE_BYTES.1 as u32;
    }
    file_bytes((text_bytes as f64 * COMPRESSED) as u64, DOCUMENT_FILES)
}

impl Layout {
    /// Of how many bytes a leaf may be, about: it ends where the bound behind it takes few bits.
    pub(super) fn leaf_window(&self) -> RangeInclusive<usize> {
        let bytes = self.leaf_bytes;
        bytes - bytes / 12..=bytes + bytes / 3
    }

    /// The sizes for so many occurrences of keys.
    pub(super) fn choose(occurrences: u64, is_small: bool) -> Self {
        let index = (occurrences as f64 * BYTES_PER_OCCURRENCE) as u64;
        let leaves = (occurrences as f64 * LEAF_BYTES_PER_OCCURRENCE) as u64;
        let leaf = leaf_bytes(leaves);
        let branches = leaves / leaf * BYTES_PER_LEAF;
        Self {
            leaf_bytes: leaf as usize,
            leaves_per_branch: (within((512, 1024), branches / BRANCHES) / BYTES_PER_LEAF) as usize,
            list_bytes: leaf as usize * 3 / 10,
            documents_bytes: leaf as usize * 3 / 5,
            range_bytes: leaf as usize * 14,
            file_bytes: if is_small {
                FILE_BYTES.1 as u32
            } else {
                file_bytes(index, TERM_FILES)
            },
        }
    }
}

/// Bytes in a leaf. Up to [`LEAVES`] of them, their branches come with the manifest, and leaves
/// grow so that there are no more. Beyond that branches are fetched, so there can be many leaves,
/// and small ones are best.
fn leaf_bytes(all: u64) -> u64 {
    let (least, most) = LEAF_BYTES;
    match all / LEAVES {
        leaf if leaf <= most => leaf.max(least),
        _ => BESIDE_FETCHED_BRANCHES,
    }
}

/// Bytes in a file if so many are to be in about so many files.
fn file_bytes(all: u64, files: u64) -> u32 {
    let bytes = within(FILE_BYTES, all / files).max(all / MOST_FILES);
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

fn within((least, most): (u64, u64), size: u64) -> u64 {
    size.clamp(least, most)
}
