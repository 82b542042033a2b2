//! How large the blocks are.
//!
//! A small block is quick to fetch, but hosts limit the number of files and each file has its
//! price. So the number of blocks is bounded and their size follows from the archive's, within
//! limits: about a thousand leaves and two thousand blocks of documents.

/// Bytes that an occurrence takes in the index, about; measured on Chinese news.
const BYTES_PER_OCCURRENCE: f64 = 1.7;
/// Leaves to aim at.
const LEAVES: usize = 1024;
/// Blocks of documents to aim at.
const DOCUMENT_BLOCKS: usize = 2048;
/// A block of documents should not be smaller than this before compression.
const SMALLEST_DOCUMENTS_BLOCK: u64 = 4096;

/// The sizes of the blocks that hold terms and lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// A leaf is closed when it has this many bytes.
    pub(super) terms_block_bytes: usize,
    /// Lists that take more bytes than this go to the streams of long lists.
    pub(super) long_list_bytes: usize,
    /// Bytes in a block of those streams.
    pub(super) stream_block_bytes: u32,
}

/// Documents in a block, which follows from how many there are and how large.
pub(super) fn documents_per_block(documents: usize, text_bytes: u64) -> u32 {
    let average = text_bytes / documents.max(1) as u64;
    let smallest = SMALLEST_DOCUMENTS_BLOCK.div_ceil(average.max(1)) as usize;
    let together = documents.div_ceil(DOCUMENT_BLOCKS).max(smallest);
    together.clamp(1, 4096) as u32
}

impl Layout {
    /// The sizes for so many occurrences of keys.
    pub(super) fn choose(occurrences: u64) -> Self {
        let index_bytes = occurrences as f64 * BYTES_PER_OCCURRENCE;
        let leaf = (index_bytes as usize / LEAVES).clamp(8 << 10, 64 << 10);
        Self {
            terms_block_bytes: leaf,
            long_list_bytes: leaf / 4,
            stream_block_bytes: leaf as u32,
        }
    }
}
