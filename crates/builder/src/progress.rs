//! How long steps tell somebody how far they are.

/// The steps that can take long enough for a reader to wonder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Reading the inputs; counted in bytes on disk.
    Read,
    /// Reading the archive that is there back; counted in documents.
    Compare,
    /// Folding and packing documents and noting where each key stands; counted in documents.
    Index,
    /// Joining the lists of many runs into those of few; counted in runs.
    Join,
    /// Bringing the lists of each key together; counted in ranges of keys.
    Merge,
    /// Writing the files of the index; counted in bytes.
    Write,
    /// Making the pages of the site; counted in documents, each of them twice.
    Site,
}

/// Hears how far a step is. Called from several threads.
pub trait Progress: Sync {
    /// A step begins that has `total` to do.
    fn begin(&self, stage: Stage, total: u64);
    /// So much more of the current step is done.
    fn advance(&self, amount: u64);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _stage: Stage, _total: u64) {}
    fn advance(&self, _amount: u64) {}
}
