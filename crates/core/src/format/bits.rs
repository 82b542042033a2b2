//! Bit streams and the Rice code.
//!
//! A Rice code with parameter *k* writes a number as its quotient by 2^k in unary (that many
//! ones, then a zero) and its remainder in *k* bits (R. F. Rice, JPL Publication 79-22, 1979).
//! For gaps that fall off geometrically, as those of postings roughly do, it stays within a few
//! percent of the entropy, and it needs no header for a list: *k* follows from the mean.
//! Bits are filled from the low end of each byte.

use crate::Error;

/// Quotients from this on are written as this many ones and then the number itself in 32 bits,
/// so that no outlier costs more than 56 bits.
const ESCAPE: u32 = 24;

/// Bits that [`BitReader::window`] has at least.
const WINDOW_BITS: u32 = 57;
/// With a parameter up to this, what is not escaped fits into 32 bits.
const LARGEST_SAFE: u32 = 27;

/// The parameter for numbers whose mean is `sum / count`: the power of two next below 0.69 times
/// the mean (Gallager and Van Voorhis, 1975: ln 2 times the mean).
pub fn rice_parameter(sum: u64, count: u64) -> u32 {
    let scaled = sum.saturating_mul(69) / count.max(1).saturating_mul(100);
    scaled.checked_ilog2().unwrap_or(0).min(30)
}

/// Writes bits.
///
/// What is pending is stored with every call, whole bytes or not, and the next call begins in the
/// byte that is not full. So no branch depends on the numbers, only on whether there is room.
#[derive(Clone, Debug, Default)]
pub struct BitWriter {
    /// Bytes, of which those from `at` on are room.
    room: Vec<u8>,
    /// Whole bytes.
    at: usize,
    /// Bits behind them, less than a byte.
    pending: u64,
    pending_bits: u32,
}

/// Bytes that each call stores.
const WORD: usize = size_of::<u64>();

impl BitWriter {
    /// A writer with room for about so many bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        Self {
            room: vec![0; bytes + WORD],
            ..Self::default()
        }
    }

    /// Appends the low `count` bits of `value`, at most 32; the others are zero.
    #[inline]
    pub fn bits(&mut self, value: u32, count: u32) {
        self.long_bits(u64::from(value), count);
    }

    /// The same with at most 56 bits.
    #[inline]
    fn long_bits(&mut self, value: u64, count: u32) {
        debug_assert!(count <= 56 && value >> count == 0);
        if self.room.len() < self.at + WORD {
            self.grow();
        }
        self.pending |= value << self.pending_bits;
        self.pending_bits += count;
        if let Some(room) = self.room[self.at..].first_chunk_mut() {
            *room = self.pending.to_le_bytes();
        }
        self.at += (self.pending_bits / 8) as usize;
        self.pending >>= self.pending_bits & !7;
        self.pending_bits &= 7;
    }

    #[cold]
    fn grow(&mut self) {
        let bytes = self.room.len() * 2;
        self.room.resize(bytes.max(4 * WORD), 0);
    }

    /// Appends a number in the Rice code with parameter `k`.
    #[inline]
    pub fn rice(&mut self, value: u32, k: u32) {
        let (value, quotient) = (u64::from(value), value >> k);
        if quotient >= ESCAPE {
            return self.long_bits(value << ESCAPE | ((1 << ESCAPE) - 1), ESCAPE + 32);
        }
        let (unary, remainder) = ((1 << quotient) - 1, value & ((1 << k) - 1));
        self.long_bits(unary | remainder << (quotient + 1), quotient + 1 + k);
    }

    /// Appends a number in Elias' gamma code, for numbers that are mostly tiny and have no known
    /// mean (P. Elias, 1975): `value + 1` has *b* bits behind its leading one; *b* ones, a zero, and
    /// those bits. 0 takes one bit.
    pub fn gamma(&mut self, value: u32) {
        let value = u64::from(value) + 1;
        let more = value.ilog2();
        self.long_bits((1 << more) - 1, more + 1);
        self.long_bits(value - (1 << more), more);
    }

    /// Appends all bits of another writer.
    pub fn append(&mut self, other: &Self) {
        self.append_bytes(&other.room[..other.at]);
        self.long_bits(other.pending, other.pending_bits);
    }

    /// Appends bits that were written elsewhere.
    pub fn append_bits(&mut self, other: Bits<'_>) {
        let (whole, rest) = other.bytes.split_at(other.len / 8);
        self.append_bytes(whole);
        if let [last] = rest {
            self.bits(u32::from(*last), (other.len % 8) as u32);
        }
    }

    fn append_bytes(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks();
        let words = words.iter().map(|word| u32::from_le_bytes(*word));
        words.for_each(|word| self.bits(word, 32));
        rest.iter().for_each(|&byte| self.bits(u32::from(byte), 8));
    }

    /// Bits written so far.
    pub fn len(&self) -> usize {
        self.at * 8 + self.pending_bits as usize
    }

    /// True before the first bit.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All bits, and zeros up to a whole byte.
    pub fn as_bytes(&self) -> &[u8] {
        // Pending bits are in the room already, with zeros behind them.
        &self.room[..self.len().div_ceil(8)]
    }

    /// Hands out [`BitWriter::as_bytes`].
    pub fn finish(mut self) -> Vec<u8> {
        self.room.truncate(self.len().div_ceil(8));
        self.room
    }

    /// Forgets all bits, and keeps the memory for others.
    pub fn clear(&mut self) {
        (self.at, self.pending, self.pending_bits) = (0, 0, 0);
    }
}

/// Bits from the start of bytes on, with less than a byte of zeros behind them.
#[derive(Clone, Copy, Debug)]
pub struct Bits<'b> {
    bytes: &'b [u8],
    len: usize,
}

impl<'b> Bits<'b> {
    /// The first `len` bits of what [`BitWriter::finish`] gave.
    pub fn new(bytes: &'b [u8], len: usize) -> Self {
        let bytes = &bytes[..len.div_ceil(8)];
        Self { bytes, len }
    }

    /// The bytes.
    pub fn bytes(self) -> &'b [u8] {
        self.bytes
    }

    /// How many bits there are.
    pub fn len(self) -> usize {
        self.len
    }

    /// True if there are none.
    pub fn is_empty(self) -> bool {
        self.len == 0
    }
}

/// The number of bits that [`BitWriter::rice`] takes for a number.
pub fn rice_bits(value: u32, k: u32) -> u32 {
    let quotient = value >> k;
    if quotient >= ESCAPE {
        ESCAPE + 32
    } else {
        quotient + 1 + k
    }
}

/// The number of bits that [`BitWriter::gamma`] takes for a number.
pub fn gamma_bits(value: u32) -> u32 {
    2 * (u64::from(value) + 1).ilog2() + 1
}

/// The parameter that codes `values` shortest, or nearly so: the best of those around their mean.
pub fn best_parameter(values: impl Iterator<Item = u32> + Clone) -> u32 {
    let add = |(sum, count), value| (sum + u64::from(value), count + 1);
    let (sum, count) = values.clone().fold((0, 0), add);
    let guess = rice_parameter(sum, count);
    let cost = |k: u32| -> u64 { values.clone().map(|v| u64::from(rice_bits(v, k))).sum() };
    let around = guess.saturating_sub(2)..=(guess + 1).min(30);
    around.min_by_key(|&k| cost(k)).unwrap_or(guess)
}

/// Reads bits; past the end it is an error.
#[derive(Clone, Debug)]
pub struct BitReader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> BitReader<'b> {
    /// Starts at the first bit.
    pub fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// At least the next 56 bits in the low end; zeros past the end.
    fn window(&self) -> u64 {
        let from = self.at / 8;
        let word = match self.bytes.get(from..from + 8) {
            Some(eight) => u64::from_le_bytes(eight.try_into().unwrap_or([0; 8])),
            None => self.last_window(from),
        };
        word >> (self.at % 8)
    }

    #[cold]
    fn last_window(&self, from: usize) -> u64 {
        let mut eight = [0; 8];
        let rest = self.bytes.get(from..).unwrap_or(&[]);
        eight[..rest.len()].copy_from_slice(rest);
        u64::from_le_bytes(eight)
    }

    /// Goes on behind so many bits.
    #[inline]
    pub(super) fn advance(&mut self, count: u32) {
        self.at = self.at.saturating_add(count as usize);
    }

    /// Says whether there were as many bits as have been read.
    ///
    /// # Errors
    /// If there were fewer.
    pub fn check(&self) -> Result<(), Error> {
        if self.at <= self.bytes.len() * 8 {
            Ok(())
        } else {
            Err(Error::damaged("a postings list ends early"))
        }
    }

    /// The next `count` bits, at most 32.
    ///
    /// # Errors
    /// If there are fewer.
    pub fn bits(&mut self, count: u32) -> Result<u32, Error> {
        let value = self.bits_or_zeros(count);
        self.check()?;
        Ok(value)
    }

    /// The next `count` bits, at most 32, with zeros for those past the end. Whoever reads many
    /// numbers checks once, behind the last ([`BitReader::check`]).
    #[inline]
    pub fn bits_or_zeros(&mut self, count: u32) -> u32 {
        let value = self.window() & ((1 << count) - 1);
        self.advance(count);
        value as u32
    }

    /// The next `count` bits, at most 32, and the one behind them, and stays where it is.
    #[inline]
    pub(super) fn bits_and_next(&self, count: u32) -> (u32, bool) {
        let window = self.window();
        let value = window & ((1 << count) - 1);
        (value as u32, window >> count & 1 == 1)
    }

    /// The next number in Elias' gamma code.
    ///
    /// # Errors
    /// If the bits end within it, or it does not fit into 32 bits.
    #[inline]
    pub fn gamma(&mut self) -> Result<u32, Error> {
        let more = self.window().trailing_ones();
        if more > 32 {
            return Err(Error::damaged("a number is too large"));
        }
        self.advance(more + 1);
        let value = (1_u64 << more) + u64::from(self.bits(more)?) - 1;
        u32::try_from(value).map_err(|_| Error::damaged("a number is too large"))
    }

    /// How many bits are left.
    pub fn left(&self) -> usize {
        (self.bytes.len() * 8).saturating_sub(self.at)
    }

    /// The next number in the Rice code with parameter `k` (at most 30).
    ///
    /// # Errors
    /// If the bits end within it, or it does not fit into 32 bits.
    pub fn rice(&mut self, k: u32) -> Result<u32, Error> {
        let value = self.rice_or_zeros(k);
        self.check()?;
        Ok(value)
    }

    /// The same, but zeros are read past the end ([`BitReader::check`]). A number that does not fit
    /// into 32 bits counts as past the end.
    #[inline]
    pub fn rice_or_zeros(&mut self, k: u32) -> u32 {
        let window = self.window();
        let quotient = window.trailing_ones();
        if quotient >= ESCAPE {
            self.advance(ESCAPE);
            return self.bits_or_zeros(32);
        }
        // At most 23 + 1 + 30 bits, and a window has 57 or more.
        let remainder = (window >> (quotient + 1)) & ((1 << k) - 1);
        self.advance(quotient + 1 + k);
        let value = (u64::from(quotient) << k) | remainder;
        u32::try_from(value).unwrap_or_else(|_| {
            self.at = usize::MAX;
            0
        })
    }

    /// The next numbers in the Rice code with parameter `k`, as [`BitReader::rice_or_zeros`] reads
    /// them one by one. Here one window serves as many of them as it holds, so that none waits for
    /// memory before it knows where it begins.
    pub fn fill_with_rice_or_zeros(&mut self, numbers: &mut [u32], k: u32) {
        let (mut window, mut used) = (self.window(), 0);
        for number in numbers {
            let mut quotient = window.trailing_ones();
            if used + quotient + 1 + k > WINDOW_BITS {
                self.advance(used);
                (window, used) = (self.window(), 0);
                quotient = window.trailing_ones();
            }
            if quotient >= ESCAPE || k > LARGEST_SAFE {
                self.advance(used);
                *number = self.rice_or_zeros(k);
                (window, used) = (self.window(), 0);
                continue;
            }
            window >>= quotient + 1;
            *number = quotient << k | (window & ((1 << k) - 1)) as u32;
            window >>= k;
            used += quotient + 1 + k;
        }
        self.advance(used);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rice_codes_round_trip(values: Vec<u32>, k in 0_u32..=30) {
            let mut writer = BitWriter::default();
            let mut bits = 0;
            for &value in &values {
                writer.rice(value, k);
                bits += rice_bits(value, k) as usize;
            }
            let bytes = writer.finish();
            prop_assert_eq!(bytes.len(), bits.div_ceil(8));
            let mut reader = BitReader::new(&bytes);
            for value in values {
                prop_assert_eq!(reader.rice(k).unwrap(), value);
            }
        }

        #[test]
        fn many_numbers_are_read_as_one_by_one_are(
            bytes: Vec<u8>,
            ones in 0_usize..9,
            values in prop::collection::vec(prop_oneof![0_u32..100, any::<u32>()], 0..40),
            k in 0_u32..=30,
            start in 0_u32..9,
            count in 0_usize..80,
        ) {
            let mut writer = BitWriter::default();
            values.iter().for_each(|&value| writer.rice(value, k));
            let bytes = [writer.finish(), vec![0xFF; ones], bytes].concat();
            let mut one_by_one = BitReader::new(&bytes);
            one_by_one.advance(start);
            let mut at_once = one_by_one.clone();
            let expected: Vec<u32> = (0..count).map(|_| one_by_one.rice_or_zeros(k)).collect();
            let mut numbers = vec![0; count];
            at_once.fill_with_rice_or_zeros(&mut numbers, k);
            prop_assert_eq!(numbers, expected);
            prop_assert_eq!(at_once.at, one_by_one.at);
        }

        #[test]
        fn bits_can_be_appended_from_bytes(first in prop::collection::vec(0..2_u32, 0..100), second in prop::collection::vec(0..2_u32, 0..200)) {
            let write = |bits: &[u32]| {
                let mut writer = BitWriter::default();
                bits.iter().for_each(|&bit| writer.bits(bit, 1));
                writer
            };
            let mut writer = write(&first);
            writer.append_bits(Bits::new(&write(&second).finish(), second.len()));
            prop_assert_eq!(writer.len(), first.len() + second.len());
            prop_assert_eq!(writer.finish(), write(&[first, second].concat()).finish());
        }

        #[test]
        fn arbitrary_bits_never_panic(bytes: Vec<u8>, k in 0_u32..=30) {
            let mut reader = BitReader::new(&bytes);
            while reader.rice(k).is_ok() {}
        }
    }

    proptest! {
        #[test]
        fn gamma_codes_round_trip_across_writers(first: Vec<u32>, second: Vec<u32>) {
            let write = |values: &[u32]| {
                let mut writer = BitWriter::default();
                values.iter().for_each(|&value| writer.gamma(value));
                writer
            };
            let mut writer = write(&first);
            writer.append(&write(&second));
            let all = || first.iter().chain(&second);
            prop_assert_eq!(writer.len(), all().map(|&value| gamma_bits(value) as usize).sum::<usize>());
            let bytes = writer.finish();
            let mut reader = BitReader::new(&bytes);
            for &value in all() {
                prop_assert_eq!(reader.gamma().unwrap(), value);
            }
        }
    }

    #[test]
    fn the_parameter_follows_the_mean() {
        assert_eq!(rice_parameter(0, 0), 0);
        assert_eq!(rice_parameter(10, 10), 0);
        assert_eq!(rice_parameter(30, 10), 1);
        assert_eq!(rice_parameter(1000, 1), 9);
        assert_eq!(rice_parameter(u64::MAX, 1), 30);
    }
}
