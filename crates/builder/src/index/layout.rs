//! How large the pieces of a segment are.
//!
//! Readers on hosts with ranges fetch extents; on others they fetch files. So extents are small,
//! and files as small as the number of files allows, within 8 to 64 KiB: hosts limit how many
//! there are, and each has its price.

/// Bytes that an occurrence takes in the index, about; measured on Chinese news.
const BYTES_PER_OCCURRENCE: f64 = 2.0;
/// What is left of text when it is compressed document by document, about.
const COMPRESSED: f64 = 0.7;
/// Files of terms and lists to aim at.
const TERM_FILES: u64 = 1000;
/// Files of documents to aim at.
const DOCUMENT_FILES: u64 = 1780;
/// Leaves to aim at; a smaller segment has fewer and a larger one larger ones, within limits.
const LEAVES: u64 = 4096;
/// Bytes that a leaf takes in its branch, about.
const BYTES_PER_LEAF: u64 = 3;
/// Branches to aim at.
const BRANCHES: u64 = 64;
const FILE_BYTES: (u64, u64) = (8 << 10, 64 << 10);

/// The sizes of a segment's pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// A leaf is closed when it has about this many bytes.
    pub(super) leaf_bytes: usize,
    /// A branch is closed when it would have about this many.
    pub(super) leaves_per_branch: usize,
    /// A list's positions lie apart if the list takes more bytes than this.
    pub(super) list_bytes: usize,
    /// Its documents do if they alone take more than this.
    pub(super) documents_bytes: usize,
    /// A character whose keys take more bytes than this together gets a list of its own.
    pub(super) range_bytes: usize,
    /// Bytes in a file of each stream but that of stored documents.
    pub(super) file_bytes: u32,
}

/// Bytes in a file of stored documents, for so many bytes of text.
pub(super) fn document_file_bytes(text_bytes: u64) -> u32 {
    within(
        FILE_BYTES,
        (text_bytes as f64 * COMPRESSED) as u64 / DOCUMENT_FILES,
    ) as u32
}

impl Layout {
    /// The sizes for so many occurrences of keys.
    pub(super) fn choose(occurrences: u64) -> Self {
        let index = (occurrences as f64 * BYTES_PER_OCCURRENCE) as u64;
        let leaf = within((2 << 10, 8 << 10), index / LEAVES);
        let branches = index / leaf * BYTES_PER_LEAF;
        Self {
            leaf_bytes: leaf as usize,
            leaves_per_branch: (within((512, 4096), branches / BRANCHES) / BYTES_PER_LEAF) as usize,
            list_bytes: leaf as usize / 4,
            documents_bytes: leaf as usize / 2,
            range_bytes: leaf as usize * 12,
            file_bytes: within(FILE_BYTES, index / TERM_FILES) as u32,
        }
    }
}

fn within((least, most): (u64, u64), size: u64) -> u64 {
    size.clamp(least, most)
}
