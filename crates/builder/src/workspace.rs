//! What a build has to work with.

use std::path::PathBuf;

use crate::memory::Memory;
use crate::spool::Spool;

/// A folder for what does not fit into memory, and how much memory there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// Exists, is nobody else's, and lies on a disk with room: about three times the text.
    pub folder: PathBuf,
    /// The budget.
    pub memory: Memory,
}

impl Workspace {
    /// The same with the memory that is left beside so many documents.
    pub(crate) fn beside(&self, documents: usize) -> Self {
        Self {
            folder: self.folder.clone(),
            memory: self.memory.beside(documents),
        }
    }

    /// A spool of this name, which may keep so many bytes in memory.
    pub(crate) fn spool(&self, name: &str, limit: u64) -> Spool {
        Spool::new(self.folder.join(name), limit)
    }
}
