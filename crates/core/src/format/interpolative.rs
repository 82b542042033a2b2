//! Binary interpolative coding: rising numbers in a known range (A. Moffat and L. Stuiver,
//! Information Retrieval 3, 2000).
//!
//! The number in the middle is written first, in just the bits that its range needs: it is at
//! least as many above the lower end as there are numbers before it, and as many below the upper
//! end as there are behind. Then both halves follow in their narrower ranges. Where numbers come
//! in bunches, as documents about an event do, ranges narrow quickly, and where all are taken
//! nothing is written at all. Of the codes that were compared (`tests/bench/results`, codecs) none
//! took fewer bytes for documents and frequencies.

use std::hint::select_unpredictable;

use super::bits::{BitReader, BitWriter};
use crate::Error;

/// Appends `values`, which rise and lie in `low..=high`.
pub fn write(bits: &mut BitWriter, mut values: &[u32], mut low: u32, high: u32) {
    while let Some(range) = Middle::of(values.len(), low, high) {
        let (before, rest) = values.split_at(range.at);
        let Some((&value, behind)) = rest.split_first() else {
            return;
        };
        range.write(bits, value);
        match *before {
            // Without numbers on a side its range does not matter, and may not exist.
            [] => {}
            // A call takes longer than writing one number.
            [only] => {
                if let Some(range) = Middle::of(1, low, value.saturating_sub(1)) {
                    range.write(bits, only);
                }
            }
            _ => write(bits, before, low, value.saturating_sub(1)),
        }
        (values, low) = (behind, value.saturating_add(1));
    }
}

/// Reads so many numbers as `values` has room for.
///
/// # Errors
/// If the bits end, or the range has no room for as many.
pub fn read(
    bits: &mut BitReader<'_>,
    values: &mut [u32],
    low: u32,
    high: u32,
) -> Result<(), Error> {
    let room = (u64::from(high) + 1).saturating_sub(u64::from(low));
    if values.len() as u64 > room {
        return Err(Error::damaged("a postings list has more numbers than room"));
    }
    read_within(bits, values, low, high);
    bits.check()
}

/// Whether the bits were enough is for the caller to ask.
fn read_within(bits: &mut BitReader<'_>, mut values: &mut [u32], mut low: u32, high: u32) {
    while let Some(range) = Middle::of(values.len(), low, high) {
        let value = range.read(bits);
        let (before, rest) = values.split_at_mut(range.at);
        let Some((place, behind)) = rest.split_first_mut() else {
            return;
        };
        *place = value;
        match before {
            [] => {}
            [only] => *only = read_one(bits, low, value.saturating_sub(1)),
            _ => read_within(bits, before, low, value.saturating_sub(1)),
        }
        (values, low) = (behind, value.saturating_add(1));
    }
    let numbers = values.iter_mut().zip(low..);
    numbers.for_each(|(value, number)| *value = number);
}

/// The only number in a range.
fn read_one(bits: &mut BitReader<'_>, low: u32, high: u32) -> u32 {
    Middle::of(1, low, high).map_or(low, |range| range.read(bits))
}

/// The number in the middle, and the range that it must lie in.
struct Middle {
    at: usize,
    low: u32,
    /// How many values are possible, less 1; at least 1.
    more: u32,
}

impl Middle {
    /// `None` if nothing has to be written: there are no numbers, or as many as there is room.
    fn of(count: usize, low: u32, high: u32) -> Option<Self> {
        let count = u32::try_from(count).ok()?;
        let more = high.checked_sub(low)?.checked_sub(count.checked_sub(1)?)?;
        let at = count / 2;
        (more > 0).then_some(Self {
            at: at as usize,
            low: low + at,
            more,
        })
    }

    /// Bits of the longer codewords, and how many values have one that is a bit shorter. Those
    /// are in the middle of the range, where a middle number mostly is.
    fn widths(&self) -> (u32, u32, u32) {
        let width = self.more.ilog2() + 1;
        let short = ((1_u64 << width) - u64::from(self.more) - 1) as u32;
        let shift = (self.more - short) / 2 + u32::from(short <= self.more);
        (width, short, shift.min(self.more))
    }

    fn write(&self, bits: &mut BitWriter, value: u32) {
        let (width, short, shift) = self.widths();
        let offset = value - self.low;
        // Modulo `more + 1`, which may be one more than fits.
        let (turned, is_below) = offset.overflowing_sub(shift);
        let turned = turned.wrapping_add(if is_below {
            self.more.wrapping_add(1)
        } else {
            0
        });
        // Which of the two comes is a toss: so both are made, and one is taken without a branch.
        let long = u64::from(turned) + u64::from(short);
        let long = (long >> 1) as u32 | ((long & 1) as u32) << (width - 1);
        let is_short = turned < short;
        let code = select_unpredictable(is_short, turned, long);
        let width = width - u32::from(is_short);
        bits.bits(code, width);
    }

    fn read(&self, bits: &mut BitReader<'_>) -> u32 {
        let (width, short, shift) = self.widths();
        let (code, last) = bits.bits_and_next(width - 1);
        let long = u64::from(code) << 1 | u64::from(last);
        let is_short = code < short;
        let turned =
            select_unpredictable(is_short, code, long.wrapping_sub(u64::from(short)) as u32);
        bits.advance(width - u32::from(is_short));
        // Modulo `more + 1`, which may be one more than fits.
        let until_turn = self.more - shift;
        let ahead = turned.wrapping_add(shift);
        let back = turned.wrapping_sub(until_turn).wrapping_sub(1);
        self.low + select_unpredictable(turned <= until_turn, ahead, back)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn round_trip(values: &[u32], low: u32, high: u32) -> (Vec<u32>, usize) {
        let mut writer = BitWriter::default();
        write(&mut writer, values, low, high);
        let length = writer.len();
        let bytes = writer.finish();
        let mut read_back = vec![0; values.len()];
        read(&mut BitReader::new(&bytes), &mut read_back, low, high).unwrap();
        (read_back, length)
    }

    proptest! {
        #[test]
        fn rising_numbers_round_trip(values: BTreeSet<u32>, small in prop::collection::btree_set(5_u32..300, 0..200)) {
            for (values, low, high) in [(values, 0, u32::MAX), (small, 5, 299)] {
                let values: Vec<u32> = values.into_iter().collect();
                prop_assert_eq!(round_trip(&values, low, high).0, values);
            }
        }

        #[test]
        fn arbitrary_bits_rise_within_the_range(bytes: Vec<u8>, count in 0_usize..50, low in 0_u32..100, room in 0_u32..500) {
            let mut values = vec![0; count];
            let high = low + room;
            if read(&mut BitReader::new(&bytes), &mut values, low, high).is_ok() {
                prop_assert!(values.is_sorted_by(|a, b| a < b));
                prop_assert!(values.iter().all(|value| (low..=high).contains(value)));
            }
        }
    }

    #[test]
    fn a_full_range_takes_no_bits() {
        assert_eq!(round_trip(&[3, 4, 5, 6], 3, 6), (vec![3, 4, 5, 6], 0));
        assert_eq!(round_trip(&[0], 0, 1).1, 1);
    }
}
