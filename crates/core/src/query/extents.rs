//! The extents that have arrived, and a note of those that were asked for in vain.

use std::cell::{Cell, RefCell};

use crate::Error;
use crate::format::postings::Extent;
use crate::format::stream::StreamKind;

/// Why a step cannot go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Extents are missing; [`Extents::take_wanted`] has them.
    Missing,
    /// An extent is damaged.
    Error(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// All results, or the first failure: but only when each has had a chance to ask for what it
/// lacks. (A loop, because collecting results twice is a kilobyte of the engine wherever it is
/// done.)
pub(super) fn every<T>(results: impl Iterator<Item = Result<T, Stop>>) -> Result<Vec<T>, Stop> {
    let (mut all, mut stop) = (Vec::new(), Ok(()));
    for result in results {
        match result {
            Ok(result) => all.push(result),
            Err(other) if stop.is_ok() => stop = Err(other),
            Err(_) => {}
        }
    }
    stop.map(|()| all)
}

/// Which extent of the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExtentId {
    /// The segment, by its place in the manifest.
    pub segment: u32,
    /// The stream.
    pub kind: StreamKind,
    /// Where it begins in the stream.
    pub address: u64,
}

/// Payloads of extents, kept up to a limit.
#[derive(Debug)]
pub struct Extents {
    /// In the order of the identifiers.
    kept: Vec<Kept>,
    bytes: usize,
    limit: usize,
    wanted: RefCell<Vec<(ExtentId, u32)>>,
    /// Counts searches, to tell which extent was used last.
    clock: u64,
}

#[derive(Debug)]
struct Kept {
    id: ExtentId,
    payload: Vec<u8>,
    used: Cell<u64>,
}

impl Kept {
    /// The memory that it takes.
    fn cost(&self) -> usize {
        self.payload.len() + size_of::<Self>()
    }
}

impl Extents {
    /// Nothing yet; at most about `limit` bytes are kept between two searches.
    pub fn new(limit: usize) -> Self {
        Self {
            kept: Vec::new(),
            bytes: 0,
            limit,
            wanted: RefCell::default(),
            clock: 0,
        }
    }

    fn find(&self, id: ExtentId) -> Result<usize, usize> {
        self.kept.binary_search_by(|kept| kept.id.cmp(&id))
    }

    /// True if an extent is here.
    pub fn has(&self, segment: u32, kind: StreamKind, address: u64) -> bool {
        let id = ExtentId {
            segment,
            kind,
            address,
        };
        self.find(id).is_ok()
    }

    /// Keeps a payload that has been checked.
    pub fn insert(&mut self, id: ExtentId, payload: Vec<u8>) {
        let used = Cell::new(self.clock);
        let kept = Kept { id, payload, used };
        self.bytes += kept.cost();
        match self.find(id) {
            Ok(at) => {
                let before = std::mem::replace(&mut self.kept[at], kept);
                self.bytes -= before.cost();
            }
            Err(at) => self.kept.insert(at, kept),
        }
    }

    /// An extent's payload; if it is not here, notes that it is wanted.
    ///
    /// # Errors
    /// [`Stop::Missing`].
    pub fn get(&self, segment: u32, kind: StreamKind, extent: Extent) -> Result<&[u8], Stop> {
        let address = extent.address;
        let id = ExtentId {
            segment,
            kind,
            address,
        };
        let Ok(at) = self.find(id) else {
            let mut wanted = self.wanted.borrow_mut();
            if !wanted.iter().any(|(other, _)| *other == id) {
                wanted.push((id, extent.bytes));
            }
            return Err(Stop::Missing);
        };
        self.kept[at].used.set(self.clock);
        Ok(&self.kept[at].payload)
    }

    /// The extents that were asked for and are not here, with their sizes; forgets them.
    pub fn take_wanted(&self) -> Vec<(ExtentId, u32)> {
        std::mem::take(&mut *self.wanted.borrow_mut())
    }

    /// Begins a search: what it uses counts as used later than all before.
    pub fn begin(&mut self) {
        self.clock += 1;
        self.wanted.borrow_mut().clear();
    }

    /// Ends a search: drops the extents that were used longest ago until the limit holds. Never
    /// within a search, which would ask for them again.
    pub fn shrink(&mut self) {
        while self.bytes > self.limit {
            let Some(oldest) = self.kept.iter().map(|kept| kept.used.get()).min() else {
                return;
            };
            self.kept.retain(|kept| kept.used.get() != oldest);
            self.bytes = self.kept.iter().map(Kept::cost).sum();
        }
    }

    /// Bytes of memory that all of them take.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: StreamKind = StreamKind::Terms;

    fn at(address: u64) -> Extent {
        Extent { address, bytes: 14 }
    }

    fn id(address: u64) -> ExtentId {
        ExtentId {
            segment: 0,
            kind: KIND,
            address,
        }
    }

    #[test]
    fn the_extent_used_longest_ago_goes_first() {
        let cost = 10 + size_of::<Kept>();
        let mut extents = Extents::new(2 * cost);
        for address in [30, 20] {
            extents.begin();
            extents.insert(id(address), vec![0; 10]);
        }
        extents.begin();
        assert!(extents.get(0, KIND, at(30)).is_ok());
        extents.insert(id(10), vec![0; 10]);
        extents.shrink();
        assert_eq!(extents.get(0, KIND, at(20)), Err(Stop::Missing));
        assert!(extents.get(0, KIND, at(30)).is_ok() && extents.get(0, KIND, at(10)).is_ok());
        assert_eq!(extents.bytes(), 2 * cost);
        assert_eq!(extents.take_wanted(), [(id(20), 14)]);
    }

    #[test]
    fn an_extent_that_comes_twice_counts_once() {
        let mut extents = Extents::new(1000);
        extents.insert(id(1), vec![0; 10]);
        extents.insert(id(1), vec![1; 20]);
        assert_eq!(extents.bytes(), 20 + size_of::<Kept>());
    }
}
