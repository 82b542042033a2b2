//! What has to be done to make an archive that is there what the inputs say.
//!
//! There is no file that remembers the last build: the archive itself is read back. A [`Catalog`]
//! has the key and the hash of each of its documents, and a [`Plan`] holds them against the inputs.
//!
//! Segments never change. A document that has changed or gone stays in a large one and is **deleted** there:
//! the manifest says so, and all deleted documents make a small segment of their own once more, from which a search
//! knows how many there are of what (`Gone` in the core's `query/find.rs`). A small segment, or one that has lost
//! many documents, is dissolved: what is left of it is indexed again. That, everything that is new and what
//! documents have changed to make one new segment. So a change costs what has changed. So that the number of
//! segments stays small, there are tiers of sizes, each [`Options::merge_factor`] times the one before, and when a
//! tier is full its segments are dissolved too.
//!
//! The order of all documents, their numbers and lengths are the same however they are shared out,
//! so an archive answers as if it had been built at once.

mod catalog;
mod plan;
mod shelf;

use std::path::Path;

use serde::Serialize;

use crate::archive::chain;
use crate::error::Error;
use crate::index::Settings;
use crate::memory::Memory;
use crate::progress::Progress;
use crate::source::Documents;

pub(crate) use catalog::Listed;

use catalog::Catalog;
use plan::Planner;

/// How to go about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Documents that the archive has and the inputs have not are kept.
    pub add: bool,
    /// So many segments of about the same size become one; 0 if none ever do.
    pub merge_factor: u32,
    /// How much memory there is.
    pub memory: Memory,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            add: false,
            merge_factor: 8,
            memory: Memory::default(),
        }
    }
}

/// What is to be indexed, and what stays as it is.
#[derive(Debug)]
pub struct Plan {
    /// What becomes a new segment.
    pub(crate) documents: Documents,
    /// Segments that stay.
    pub(crate) kept: Vec<Listed>,
    /// What these have and the archive has no longer.
    pub(crate) deletions: Deletions,
    /// What has changed.
    pub changes: Changes,
}

/// Documents that segments have and the archive has no longer.
#[derive(Debug)]
pub(crate) enum Deletions {
    /// The same as before: their segment, if there are any.
    AsTheyWere(Option<Box<Listed>>),
    /// These, of which a segment is to be made if there are any.
    Others(Documents),
}

/// The inputs against the archive that was there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// Documents that the archive did not have.
    pub new: u64,
    /// Documents that it had in another form.
    pub changed: u64,
    /// Documents that it has no longer.
    pub removed: u64,
    /// Documents of the inputs that it had as they are. So count those that were read back to be compared for reprints.
    pub unchanged: u64,
    /// Documents that it had, are not in the inputs, and were kept because that was asked for.
    pub kept: u64,
    /// Documents that are indexed: the new and the changed ones, and those of segments that are
    /// made anew.
    pub indexed: u64,
    /// Why everything is indexed again, if there is an archive and that is so.
    pub everything_because: Option<String>,
}

impl Plan {
    /// A plan to index everything.
    pub fn fresh(documents: Documents) -> Self {
        let all = documents.len() as u64;
        Self {
            documents,
            kept: Vec::new(),
            deletions: Deletions::AsTheyWere(None),
            changes: Changes {
                new: all,
                indexed: all,
                ..Changes::default()
            },
        }
    }

    /// A plan to make the archive in `folder`, the one with `manifest.bf`, what the inputs say.
    ///
    /// # Errors
    /// If documents cannot be read or set aside. An archive that cannot be read is an error only if
    /// documents are to be kept that are nowhere else; otherwise everything is indexed.
    pub fn update(
        documents: Documents,
        folder: &Path,
        settings: &Settings,
        options: Options,
        progress: &dyn Progress,
    ) -> Result<Self, Error> {
        match Catalog::read(folder, options.memory, progress) {
            Ok(catalog) => Planner::new(documents, catalog, options).plan(settings),
            Err(error) if options.add => Err(error),
            Err(error) => {
                let mut plan = Self::fresh(documents);
                plan.changes.everything_because = Some(chain(&error));
                Ok(plan)
            }
        }
    }
}
