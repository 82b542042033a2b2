//! The blocks that have arrived, and a note of those that were asked for in vain.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use crate::Error;
use crate::format::manifest::Segment;
use crate::format::{BlockId, BlockKind, stream};

/// Why a step cannot go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Blocks are missing; [`Blocks::take_wanted`] has their names.
    Missing,
    /// A block is damaged.
    Error(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// Payloads of blocks, kept up to a limit.
#[derive(Debug)]
pub struct Blocks {
    /// How the segment is laid out.
    pub segment: Segment,
    kept: HashMap<BlockId, Block>,
    bytes: usize,
    limit: usize,
    wanted: RefCell<BTreeSet<BlockId>>,
    /// Counts searches, to tell which block was used last.
    clock: u64,
}

#[derive(Debug)]
struct Block {
    payload: Vec<u8>,
    used: Cell<u64>,
}

impl Blocks {
    /// No blocks of `segment` yet; at most about `limit` bytes are kept between two searches.
    pub fn new(segment: Segment, limit: usize) -> Self {
        Self {
            segment,
            kept: HashMap::new(),
            bytes: 0,
            limit,
            wanted: RefCell::default(),
            clock: 0,
        }
    }

    /// Keeps a payload that has been checked.
    pub fn insert(&mut self, id: BlockId, payload: Vec<u8>) {
        self.bytes += payload.len();
        let used = Cell::new(self.clock);
        if let Some(before) = self.kept.insert(id, Block { payload, used }) {
            self.bytes -= before.payload.len();
        }
    }

    /// A block's payload; if it is not here, notes that it is wanted.
    pub fn get(&self, id: BlockId) -> Option<&[u8]> {
        let Some(block) = self.kept.get(&id) else {
            self.wanted.borrow_mut().insert(id);
            return None;
        };
        block.used.set(self.clock);
        Some(&block.payload)
    }

    /// As [`Blocks::get`], for a step that cannot go on without it.
    ///
    /// # Errors
    /// [`Stop::Missing`].
    pub fn require(&self, kind: BlockKind, number: u32) -> Result<&[u8], Stop> {
        self.get(BlockId { kind, number }).ok_or(Stop::Missing)
    }

    /// Calls `read` with these bytes of one of the two streams.
    ///
    /// # Errors
    /// [`Stop::Missing`] if a block of them is; otherwise what `read` says.
    pub fn with_stream<T>(
        &self,
        kind: BlockKind,
        bytes: &Range<u64>,
        read: impl FnOnce(&[u8]) -> Result<T, Error>,
    ) -> Result<T, Stop> {
        let size = self.segment.stream_block_bytes;
        let numbers = stream::blocks(bytes, size).into_iter().flatten();
        // Asks for all of them before it gives up on the first.
        let blocks: Vec<_> = numbers
            .filter(|&number| number < self.segment.block_count(kind))
            .map(|number| (number, self.get(BlockId { kind, number })))
            .collect();
        let part = |number, block: &'_ [u8]| -> Range<usize> {
            let part = stream::part(bytes, size, number);
            part.start.min(block.len())..part.end.min(block.len())
        };
        if let [(number, Some(block))] = blocks[..] {
            return Ok(read(&block[part(number, block)])?);
        }
        let mut whole = Vec::new();
        for (number, block) in blocks {
            let block = block.ok_or(Stop::Missing)?;
            whole.extend_from_slice(&block[part(number, block)]);
        }
        Ok(read(&whole)?)
    }

    /// The blocks that were asked for and are not here; forgets them.
    pub fn take_wanted(&self) -> Vec<BlockId> {
        std::mem::take(&mut *self.wanted.borrow_mut())
            .into_iter()
            .collect()
    }

    /// Begins a search: what it uses counts as used later than all before.
    pub fn begin(&mut self) {
        self.clock += 1;
        self.wanted.borrow_mut().clear();
    }

    /// Ends a search: drops the blocks that were used longest ago until the limit holds. Never
    /// within a search, which would ask for them again.
    pub fn shrink(&mut self) {
        if self.bytes <= self.limit {
            return;
        }
        let mut by_use: Vec<_> = self
            .kept
            .iter()
            .map(|(id, b)| (b.used.get(), *id))
            .collect();
        by_use.sort_unstable();
        for (_, id) in by_use {
            if self.bytes <= self.limit {
                break;
            }
            if let Some(block) = self.kept.remove(&id) {
                self.bytes -= block.payload.len();
            }
        }
    }

    /// Bytes of all payloads that are kept.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u32) -> BlockId {
        BlockId {
            kind: BlockKind::Terms,
            number,
        }
    }

    #[test]
    fn the_block_used_longest_ago_goes_first() {
        let mut blocks = Blocks::new(Segment::default(), 20);
        for number in 0..2 {
            blocks.begin();
            blocks.insert(id(number), vec![0; 10]);
        }
        blocks.begin();
        assert!(blocks.get(id(0)).is_some());
        blocks.insert(id(2), vec![0; 10]);
        blocks.shrink();
        assert!(blocks.get(id(1)).is_none());
        assert!(blocks.get(id(0)).is_some() && blocks.get(id(2)).is_some());
        assert_eq!((blocks.bytes(), blocks.take_wanted()), (20, vec![id(1)]));
    }

    #[test]
    fn stream_bytes_are_put_together_from_blocks() {
        let segment = Segment {
            stream_block_bytes: 4,
            long_documents_bytes: 10,
            ..Segment::default()
        };
        let mut blocks = Blocks::new(segment, usize::MAX);
        let kind = BlockKind::LongDocuments;
        let read = |blocks: &Blocks| blocks.with_stream(kind, &(3..9), |b| Ok(b.to_vec()));
        assert_eq!(read(&blocks), Err(Stop::Missing));
        let wanted = blocks.take_wanted();
        assert_eq!(wanted.len(), 3);
        for (wanted, payload) in wanted.into_iter().zip(["abcd", "efgh", "ij"]) {
            blocks.insert(wanted, payload.into());
        }
        assert_eq!(read(&blocks).unwrap(), b"defghi");
    }
}
