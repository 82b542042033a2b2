//! Holds the inputs against what an archive has, and decides which segments stay.

use rustc_hash::FxHashSet;

use super::catalog::Catalog;
use super::{Changes, Deletions, Options, Plan};
use crate::error::Error;
use crate::index::{Settings, analysis, facet_fields};
use crate::source::{Documents, key_parts};

/// Segments of less text than this times the merge factor are of the lowest tier.
const SMALLEST_TIER: u64 = 64 << 10;
/// A segment is made anew when more than one of so many of its documents is deleted.
const SHARE_OF_DELETED: usize = 8;
/// So many may be deleted in all segments: their numbers are in the manifest, 2 bytes each.
const MOST_DELETED: usize = 2048;

/// See the module's description.
pub(super) struct Planner {
    documents: Documents,
    catalog: Catalog,
    options: Options,
    /// For each document of the inputs, the segment that has it as it is.
    owners: Vec<Option<u32>>,
    /// For each segment, its documents that are not in the inputs and stay nevertheless.
    absent: Vec<Vec<u32>>,
    /// For each segment, its documents that the archive is to have no longer, rising.
    deleted: Vec<Vec<u32>>,
    /// For each segment, whether it has to go.
    dissolved: Vec<bool>,
    changes: Changes,
}

impl Planner {
    pub(super) fn new(documents: Documents, catalog: Catalog, options: Options) -> Self {
        let segments = catalog.segments.len();
        let mut planner = Self {
            owners: vec![None; documents.len()],
            absent: vec![Vec::new(); segments],
            deleted: vec![Vec::new(); segments],
            dissolved: vec![false; segments],
            changes: Changes::default(),
            documents,
            catalog,
            options,
        };
        planner.compare();
        planner
    }

    fn compare(&mut self) {
        let missed: Vec<Vec<u32>> = (0..self.dissolved.len())
            .map(|segment| self.own(segment))
            .collect();
        let unowned = |number: &usize| self.owners[*number].is_none();
        let ids = (0..self.owners.len()).filter(unowned);
        let ids: FxHashSet<&[u8]> = ids
            .map(|number| key_parts(self.documents.key(number)).1)
            .collect();
        let mut losses = Vec::new();
        for (segment, missed) in missed.into_iter().enumerate() {
            let listed = &self.catalog.segments[segment];
            let has_changed =
                |number: &u32| ids.contains(key_parts(listed.key(*number as usize)).1);
            let stays = |number: &u32| self.options.add && !has_changed(number);
            let changed = missed.iter().filter(|number| has_changed(number)).count();
            let gone = missed.len() - changed;
            let (absent, deleted) = missed.into_iter().partition(stays);
            self.changes.changed += changed as u64;
            if self.options.add {
                self.changes.kept += gone as u64;
            } else {
                self.changes.removed += gone as u64;
            }
            self.absent[segment] = absent;
            losses.push(deleted);
        }
        self.changes.new = ids.len() as u64 - self.changes.changed;
        self.changes.unchanged = (self.owners.len() - ids.len()) as u64;
        for (segment, lost) in losses.into_iter().enumerate() {
            self.delete(segment, lost);
        }
        self.limit_deleted();
    }

    /// Notes that a segment loses these documents, besides those that it has lost before.
    fn delete(&mut self, segment: usize, lost: Vec<u32>) {
        let listed = &self.catalog.segments[segment];
        let mut deleted = [listed.deleted.clone(), lost].concat();
        deleted.sort_unstable();
        let is_small = listed.is_resident() || listed.segment.one_file;
        let is_too_much = |count: usize| is_small || count * SHARE_OF_DELETED > listed.len();
        self.dissolved[segment] = !deleted.is_empty() && is_too_much(deleted.len());
        self.deleted[segment] = deleted;
    }

    /// Dissolves the segments that have lost most, until the others have not lost too many.
    fn limit_deleted(&mut self) {
        let segments = 0..self.dissolved.len();
        let lost = |planner: &Self, segment: usize| planner.deleted_in(segment).len();
        loop {
            let all: usize = segments.clone().map(|own| lost(self, own)).sum();
            let most = segments.clone().max_by_key(|own| lost(self, *own));
            let Some(most) = most.filter(|_| all > MOST_DELETED) else {
                return;
            };
            self.dissolved[most] = true;
        }
    }

    /// What a segment keeps and the archive does not: nothing if it is dissolved.
    fn deleted_in(&self, segment: usize) -> &[u32] {
        if self.dissolved[segment] {
            &[]
        } else {
            &self.deleted[segment]
        }
    }

    /// Notes which documents of the inputs a segment has as they are, and returns its others.
    fn own(&mut self, segment: usize) -> Vec<u32> {
        let listed = &self.catalog.segments[segment];
        let mut others = Vec::new();
        for number in listed.live() {
            let found = self.documents.find(listed.key(number));
            match found.filter(|found| self.documents.content(*found) == listed.content(number)) {
                Some(found) => self.owners[found] = Some(segment as u32),
                None => others.push(number as u32),
            }
        }
        others
    }

    /// Decides, and brings together what is to be indexed.
    ///
    /// # Errors
    /// If documents of dissolved segments cannot be read back or set aside.
    pub(super) fn plan(mut self, settings: &Settings) -> Result<Plan, Error> {
        let unfit = self.unfit(settings);
        if unfit.is_some() {
            self.dissolved.fill(true);
        } else if self.has_work() {
            self.dissolve_resident();
            self.merge_tiers();
        }
        self.changes.everything_because = unfit.map(str::to_owned);
        self.gather()?;
        self.changes.indexed = self.documents.len() as u64;
        let deletions = self.deletions()?;
        let decided = self.dissolved.into_iter().zip(self.deleted);
        let kept = self.catalog.segments.into_iter().zip(decided);
        let kept = kept.filter_map(|(mut listed, (is_dissolved, deleted))| {
            listed.deleted = deleted;
            (!is_dissolved).then_some(listed)
        });
        Ok(Plan {
            documents: self.documents,
            kept: kept.collect(),
            deletions,
            changes: self.changes,
        })
    }

    /// The documents that segments keep and the archive does not.
    ///
    /// # Errors
    /// If they cannot be read back or set aside.
    fn deletions(&mut self) -> Result<Deletions, Error> {
        let mut segments = self.catalog.segments.iter().enumerate();
        if segments.all(|(segment, listed)| listed.deleted == self.deleted_in(segment)) {
            let same = self.catalog.deleted.take();
            return Ok(Deletions::AsTheyWere(same.map(Box::new)));
        }
        let mut documents = self.documents.beside("deleted-documents");
        for segment in 0..self.dissolved.len() {
            let wanted = self.deleted_in(segment);
            self.catalog.copy(segment, wanted, &mut documents)?;
        }
        documents.sort();
        Ok(Deletions::Others(documents))
    }

    /// Why no segment can be kept, if that is so.
    fn unfit(&self, settings: &Settings) -> Option<&'static str> {
        let manifest = self.catalog.manifest();
        if manifest.analysis != analysis() {
            Some("the archive was built with other tables of characters")
        } else if manifest.packs != settings.packs {
            Some("the archive has another layout")
        } else if sorted(&manifest.facets) != sorted(&facet_fields(&settings.facets)) {
            Some("the archive was built with other facets")
        } else {
            None
        }
    }

    fn has_work(&self) -> bool {
        self.changes.new > 0 || self.changes.changed > 0 || self.dissolved.contains(&true)
    }

    /// A segment that lies in the manifest is small, and what everybody loads must not grow with
    /// every addition.
    fn dissolve_resident(&mut self) {
        for (dissolved, listed) in self.dissolved.iter_mut().zip(&self.catalog.segments) {
            *dissolved |= listed.is_resident();
        }
    }

    /// Dissolves the segments of full tiers, until none is full.
    fn merge_tiers(&mut self) {
        let factor = u64::from(self.options.merge_factor);
        while factor > 0
            && let Some(full) = self.full_tier(factor)
        {
            for (dissolved, listed) in self.dissolved.iter_mut().zip(&self.catalog.segments) {
                *dissolved |= tier(listed.text_bytes, factor) == full;
            }
        }
    }

    /// A tier with so many segments, the new one among them, of which one can be dissolved.
    fn full_tier(&self, factor: u64) -> Option<u32> {
        let kept = self.catalog.segments.iter().zip(&self.dissolved);
        let kept = kept.filter(|(_, dissolved)| !**dissolved);
        let tiers: Vec<u32> = kept
            .map(|(listed, _)| tier(listed.text_bytes, factor))
            .collect();
        let new = Some(self.new_bytes()).filter(|bytes| *bytes > 0);
        let new = new.map(|bytes| tier(bytes, factor));
        let count = |full: u32| {
            let all = tiers.iter().copied().chain(new);
            all.filter(|tier| *tier == full).count() as u64
        };
        tiers
            .iter()
            .copied()
            .filter(|tier| count(*tier) >= factor)
            .min()
    }

    /// Bytes of text in the new segment, about: of dissolved segments all counts.
    fn new_bytes(&self) -> u64 {
        let owners = self.owners.iter().enumerate();
        let new = owners.filter(|(_, owner)| owner.is_none());
        let new: u64 = new
            .map(|(number, _)| self.documents.text_bytes_of(number))
            .sum();
        let segments = self.catalog.segments.iter().zip(&self.dissolved);
        let dissolved = segments.filter(|(_, dissolved)| **dissolved);
        new + dissolved.map(|(listed, _)| listed.text_bytes).sum::<u64>()
    }

    /// Takes what is kept out of the documents, and adds what only the archive has.
    fn gather(&mut self) -> Result<(), Error> {
        let (owners, dissolved) = (&self.owners, &self.dissolved);
        let stays = |segment: u32| !dissolved[segment as usize];
        self.documents
            .retain(|number| !owners[number].is_some_and(stays));
        for (segment, wanted) in self.absent.iter().enumerate() {
            if self.dissolved[segment] {
                self.catalog.copy(segment, wanted, &mut self.documents)?;
            }
        }
        self.documents.sort();
        Ok(())
    }
}

/// The order of facets says only how pages show them.
fn sorted(fields: &[String]) -> Vec<&String> {
    let mut fields: Vec<&String> = fields.iter().collect();
    fields.sort();
    fields
}

/// How often a size can be divided by the factor.
fn tier(bytes: u64, factor: u64) -> u32 {
    let mut tier = 0;
    let mut most = SMALLEST_TIER.saturating_mul(factor.max(2));
    while bytes >= most && most < u64::MAX {
        most = most.saturating_mul(factor.max(2));
        tier += 1;
    }
    tier
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_grow_by_the_factor() {
        let kibibytes = [0, 64, 511, 512, 4095, 4096];
        let tiers = kibibytes.map(|size| tier(size << 10, 8));
        assert_eq!(tiers, [0, 0, 0, 1, 1, 2]);
        assert!(tier(u64::MAX, 2) < 64);
    }
}
