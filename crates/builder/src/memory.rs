//! How much memory a build may take, and who gets how much of it.
//!
//! The shares are fixed, so that a build behaves alike from run to run. What they add up to is
//! about three quarters: the rest is the program itself and what an allocator keeps. What grows with
//! the number of documents, some hundred bytes each, is taken off before documents are indexed. So a
//! gibibyte is enough for about eight million documents. Nothing in an archive depends on any of this.

/// A memory budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    bytes: u64,
}

/// Bytes that folding and indexing takes for each byte of a document; measured on Chinese news,
/// where nearly every character begins a key.
const INDEXING_FACTOR: u64 = 14;
/// One document takes [`INDEXING_FACTOR`] times its text, with nobody else beside it, and two thirds more
/// that the others have.
pub(crate) const DOCUMENT_SHARE: u64 = 24;
/// What is known of a document, besides its text, when all are there: its key, its place and its hash, and what the index
/// has of it. By calculation, with keys of 25 bytes; with that, four and eight million kept to a gibibyte.
const DOCUMENT_BYTES: u64 = 110;
/// Less text than this in a run costs more in merging than it saves.
const SMALLEST_RUN: u64 = 64 << 10;
/// More text than this in a run leaves threads without work at the end of a stage.
const LARGEST_RUN: u64 = 2 << 20;

impl Memory {
    /// Below this, the program itself is what takes the memory.
    pub const MINIMUM: Memory = Memory { bytes: 64 << 20 };

    /// A budget of so many bytes. A smaller one than [`Memory::MINIMUM`] is kept to as far as it
    /// can be.
    pub fn new(bytes: u64) -> Self {
        Self { bytes }
    }

    /// What is left beside so many documents that are known.
    pub(crate) fn beside(self, documents: usize) -> Self {
        let list = (documents as u64).saturating_mul(DOCUMENT_BYTES);
        let least = self.bytes.min(Self::MINIMUM.bytes);
        Self::new(self.bytes.saturating_sub(list).max(least))
    }

    /// The budget in bytes.
    pub fn bytes(self) -> u64 {
        self.bytes
    }

    /// Documents that wait to be indexed.
    pub(crate) fn documents(self) -> u64 {
        self.bytes / 8
    }

    /// Text of one document: it is indexed as a whole.
    pub(crate) fn document(self) -> u64 {
        self.bytes.max(Self::MINIMUM.bytes) / DOCUMENT_SHARE
    }

    /// A line that has a document, in which a character may take twice as many bytes as in its text.
    pub(crate) fn line(self) -> u64 {
        2 * self.document()
    }

    /// Bytes of inputs that are worked on at the same time. A file that is read as a whole takes two and a half times
    /// as much.
    pub(crate) fn inputs(self) -> u64 {
        self.bytes / 8
    }

    /// Text of documents that are read back, and become pages, at the same time.
    pub(crate) fn articles(self) -> u64 {
        self.bytes / 16
    }

    /// Printed pages that wait for the site.
    pub(crate) fn pages(self) -> u64 {
        self.bytes / 16
    }

    /// Runs that wait to be merged.
    pub(crate) fn runs(self) -> u64 {
        self.bytes / 8
    }

    /// Bytes of documents, of so many in all, that become one run, when so many threads make runs.
    pub(crate) fn run_text(self, all: u64, threads: usize) -> u64 {
        let share = self.bytes / 4 / threads.max(1) as u64;
        even(all, share / INDEXING_FACTOR, threads)
    }

    /// Runs that are joined, or lists that are encoded, at the same time.
    pub(crate) fn merging(self) -> u64 {
        self.bytes / 4
    }

    /// Windows of so many bytes that one thread has at once, each for a run.
    pub(crate) fn windows(self, bytes: usize) -> usize {
        ((self.bytes / 256) as usize / bytes).max(2)
    }

    /// Bytes of runs, of so many in all, that are joined so that no more than `most` are left, about.
    pub(crate) fn joined_run(self, all: u64, most: usize) -> u64 {
        (self.bytes / 64).max(all.div_ceil(most as u64))
    }

    /// Positions of a list that one thread has in memory.
    pub(crate) fn positions(self) -> usize {
        (self.bytes / 4096) as usize
    }

    /// Bytes of runs, of so many in all, that one thread merges at a time, when so many do.
    pub(crate) fn merge_range(self, all: u64, threads: usize) -> u64 {
        let share = self.bytes / 16 / threads.max(1) as u64;
        even(all, share, threads)
    }
}

/// The size of parts of no more than a share, as many for each thread: so they end together.
fn even(all: u64, share: u64, threads: usize) -> u64 {
    let most = share.clamp(SMALLEST_RUN, LARGEST_RUN);
    let parts = all.div_ceil(most).next_multiple_of(threads.max(1) as u64);
    all.div_ceil(parts.max(1)).max(SMALLEST_RUN)
}

impl Default for Memory {
    /// One gibibyte.
    fn default() -> Self {
        Self { bytes: 1 << 30 }
    }
}
