//! What happened while the inputs were read, for people and for machines.
//!
//! Reading never drops or changes anything in silence: a page that was left out, a line that was repaired and a date
//! that was not understood are all here, with their place.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::error::Place;

/// What reading the inputs did besides making documents.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ReadReport {
    /// Files that were read.
    pub files: u64,
    /// Their bytes on disk.
    pub input_bytes: u64,
    /// Documents that came out.
    pub documents: u64,
    /// Documents that were left out, and why.
    pub skipped: Vec<Note>,
    /// Documents that were taken with a reservation.
    pub warnings: Vec<Note>,
    /// Lines in which doubled text was repaired.
    pub repairs: Vec<Repair>,
    /// Pages on which radicals became characters; see [`crate::radicals`].
    pub radicals: Vec<Note>,
    /// Files in input folders that no reader knows, counted by extension.
    pub ignored: BTreeMap<String, u64>,
}

/// Something to know about one place in the inputs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Note {
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// What.
    pub reason: String,
}

/// One line that was changed when it was read; see [`crate::fake_bold`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Repair {
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// The line as it was in the file.
    pub before: String,
    /// The line as it is in the archive.
    pub after: String,
}

impl ReadReport {
    /// Takes up what another part of the reading had to say.
    pub(crate) fn absorb(&mut self, other: ReadReport) {
        self.files += other.files;
        self.input_bytes += other.input_bytes;
        self.documents += other.documents;
        self.skipped.extend(other.skipped);
        self.warnings.extend(other.warnings);
        self.repairs.extend(other.repairs);
        self.radicals.extend(other.radicals);
        for (extension, count) in other.ignored {
            *self.ignored.entry(extension).or_default() += count;
        }
    }

    /// Puts everything in the order of the places, whatever thread was first.
    pub(crate) fn sort(&mut self) {
        self.skipped.sort();
        self.warnings.sort();
        self.repairs.sort();
        self.radicals.sort();
    }
}
