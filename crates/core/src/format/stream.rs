//! A byte stream cut into blocks of one size, so that an offset alone says which block to fetch.
//!
//! Long lists lie in two such streams. A chunk may straddle two blocks; whoever reads it puts
//! the parts together.

use std::ops::{Range, RangeInclusive};

/// The numbers of the blocks that hold these bytes of the stream; `None` for no bytes.
pub fn blocks(bytes: &Range<u64>, block_bytes: u32) -> Option<RangeInclusive<u32>> {
    let size = u64::from(block_bytes.max(1));
    let last = bytes
        .end
        .checked_sub(1)
        .filter(|last| *last >= bytes.start)?;
    let first = u32::try_from(bytes.start / size).ok()?;
    Some(first..=u32::try_from(last / size).ok()?)
}

/// The part of block `number` that belongs to these bytes of the stream.
pub fn part(bytes: &Range<u64>, block_bytes: u32, number: u32) -> Range<usize> {
    let start = u64::from(number) * u64::from(block_bytes);
    let within = |offset: u64| {
        let offset = offset.saturating_sub(start).min(u64::from(block_bytes));
        usize::try_from(offset).unwrap_or(usize::MAX)
    };
    within(bytes.start)..within(bytes.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_put_together_are_the_bytes() {
        let stream: Vec<u8> = (0..=255).collect();
        for (start, end) in [(0, 1), (9, 10), (9, 11), (0, 256), (30, 30), (15, 77)] {
            let range = start as u64..end as u64;
            let mut whole = Vec::new();
            for number in blocks(&range, 10).into_iter().flatten() {
                let block = stream.chunks(10).nth(number as usize).unwrap();
                whole.extend_from_slice(&block[part(&range, 10, number)]);
            }
            assert_eq!(whole, stream[start..end]);
        }
    }
}
