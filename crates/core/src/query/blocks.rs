//! The blocks that have arrived, and a note of those that were asked for in vain.

use std::cell::{Cell, RefCell};
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
    /// For each kind, its blocks by number.
    kept: [Vec<Option<Block>>; BlockKind::ALL.len()],
    bytes: usize,
    limit: usize,
    wanted: RefCell<Vec<BlockId>>,
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
            kept: BlockKind::ALL.map(|kind| {
                let places = (0..segment.block_count(kind)).map(|_| None);
                places.collect()
            }),
            segment,
            bytes: 0,
            limit,
            wanted: RefCell::default(),
            clock: 0,
        }
    }

    /// Keeps a payload that has been checked; that of a block that the segment does not have is
    /// dropped.
    pub fn insert(&mut self, id: BlockId, payload: Vec<u8>) {
        let used = Cell::new(self.clock);
        let kept = &mut self.kept[id.kind as usize];
        if let Some(place) = kept.get_mut(id.number as usize) {
            self.bytes += payload.len();
            let before = place.replace(Block { payload, used });
            self.bytes -= before.map_or(0, |before| before.payload.len());
        }
    }

    /// A block's payload; if it is not here, notes that it is wanted.
    pub fn get(&self, id: BlockId) -> Option<&[u8]> {
        let place = self.kept[id.kind as usize].get(id.number as usize);
        let Some(block) = place.and_then(Option::as_ref) else {
            let mut wanted = self.wanted.borrow_mut();
            if !wanted.contains(&id) {
                wanted.push(id);
            }
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
        while self.bytes > self.limit {
            let blocks = self.kept.iter().flatten().flatten();
            let Some(oldest) = blocks.map(|block| block.used.get()).min() else {
                return;
            };
            for place in self.kept.iter_mut().flatten() {
                if let Some(block) = place.take_if(|block| block.used.get() == oldest) {
                    self.bytes -= block.payload.len();
                }
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
        let segment = Segment {
            terms_blocks: 3,
            ..Segment::default()
        };
        let mut blocks = Blocks::new(segment, 20);
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
