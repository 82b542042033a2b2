//! Positions that are encoded before all of their list is there.
//!
//! A comma stands in a large archive hundreds of millions of times, and one character may be all
//! that a huge document has. Documents and frequencies of such a list are in memory as a whole:
//! there are no more of them than documents. Its positions are encoded chunk by chunk as they
//! come, and what waits until a chunk is full takes about a byte each.

use backfile_core::format::cursor::put_varint;
use backfile_core::format::postings::{CHUNK, PostingsEncoder};

use super::run::varint;
use crate::error::Error;
use crate::spool::Spool;

/// See the module's description.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    /// Where the first chunk went.
    start: u64,
    /// Bytes of each chunk that has been encoded.
    chunks: Vec<u32>,
    /// Gaps of the chunk that is not full, as numbers of one or more bytes.
    waiting: Vec<u8>,
    /// How many they are.
    waiting_count: usize,
}

/// From how many positions on they are encoded ahead: `many`, or so many that their list is
/// certainly not bare, and has positions apart. A position takes a bit or more.
pub(super) fn threshold(many: usize, encoder: &PostingsEncoder, bare_units: u64) -> usize {
    let most_here = encoder.list_bytes.saturating_mul(8) + 1;
    let most_bare = usize::try_from(bare_units).unwrap_or(usize::MAX);
    many.max(most_here).max(most_bare)
}

impl Ahead {
    /// Where its payloads begin, if there are any.
    pub(super) fn start(&self) -> Option<u64> {
        (!self.chunks.is_empty()).then_some(self.start)
    }

    /// Bytes of each chunk, in order.
    pub(super) fn chunks(&self) -> &[u32] {
        &self.chunks
    }

    /// True if nothing went ahead.
    pub(super) fn is_empty(&self) -> bool {
        self.chunks.is_empty() && self.waiting_count == 0
    }

    /// Takes all gaps. `frequencies` are those of all documents of the list so far.
    pub(super) fn add(
        &mut self,
        frequencies: &[u32],
        gaps: &mut Vec<u32>,
        encoder: &PostingsEncoder,
        out: &mut Spool,
    ) -> Result<(), Error> {
        let encoded = self.chunks.len() * CHUNK;
        let mut rest = &gaps[..];
        for full in frequencies[encoded..].chunks_exact(CHUNK) {
            let count: usize = full.iter().map(|&frequency| frequency as usize).sum();
            let (own, behind) = rest.split_at(count - self.waiting_count);
            // A full chunk need not know how long its list is.
            self.close(own, (0, 0), encoder, out)?;
            rest = behind;
        }
        for &gap in rest {
            put_varint(&mut self.waiting, u64::from(gap));
        }
        self.waiting_count += rest.len();
        gaps.clear();
        Ok(())
    }

    /// Encodes what waits, which is all there is: the list has so many documents and occurrences.
    pub(super) fn finish(
        &mut self,
        size: (u32, u64),
        encoder: &PostingsEncoder,
        out: &mut Spool,
    ) -> Result<(), Error> {
        match self.waiting_count {
            0 => Ok(()),
            _ => self.close(&[], size, encoder, out),
        }
    }

    fn close(
        &mut self,
        gaps: &[u32],
        size: (u32, u64),
        encoder: &PostingsEncoder,
        out: &mut Spool,
    ) -> Result<(), Error> {
        let waiting = std::mem::take(&mut self.waiting);
        self.waiting_count = 0;
        let all = Numbers(&waiting).chain(gaps.iter().copied());
        let payload = encoder.positions_ahead(all, size);
        let bytes = payload.len() as u32;
        let at = out.append(payload)?;
        if self.chunks.is_empty() {
            self.start = at;
        }
        self.chunks.push(bytes);
        Ok(())
    }
}

/// The numbers that [`put_varint`] wrote.
#[derive(Clone)]
struct Numbers<'n>(&'n [u8]);

impl Iterator for Numbers<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        (!self.0.is_empty()).then(|| varint(&mut self.0) as u32)
    }
}
