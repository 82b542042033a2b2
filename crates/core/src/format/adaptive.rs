//! Adaptive bits: what was seen more often in its place takes less.
//!
//! Each place where a bit can stand has a *chance*, and each bit moves the chance of its place. The
//! coder narrows a range by the chances, as in arithmetic coding (G. N. N. Martin, 1979), and hands
//! out bytes when both ends of the range agree on them. It is for tables without a plain rule, where
//! no parameter fits: it costs a multiplication for each bit, and nothing can be passed over.

use crate::Error;

/// How probable a one is, of 4096.
pub type Chance = u16;
/// Nothing is known yet.
pub const EVEN: Chance = 1 << 11;
const CHANCE_BITS: u32 = 12;
/// A bit moves its chance by this part of what is left: 1/16.
const RATE: u32 = 4;
/// Bits of a number behind its first one.
const MOST_BITS: usize = 31;

/// The chances of one kind of numbers.
#[derive(Clone, Debug)]
pub struct Model {
    /// Of the ones and the zero that say how many bits there are.
    more: [Chance; MOST_BITS],
    /// Of the first bit behind them, for each number of bits.
    first: [Chance; MOST_BITS],
}

impl Default for Model {
    fn default() -> Self {
        Self {
            more: [EVEN; MOST_BITS],
            first: [EVEN; MOST_BITS],
        }
    }
}

impl Model {
    /// The chance of the bit that has so many bits behind it, among `more`. Only the first is worth
    /// one: with one for the second as well the directory of zh-cctv would take 0.4 % less.
    fn behind<'c>(&'c mut self, place: usize, more: usize, even: &'c mut Chance) -> &'c mut Chance {
        *even = EVEN;
        match self.first.get_mut(place) {
            Some(chance) if place + 1 == more => chance,
            _ => even,
        }
    }
}

/// What is still possible: all numbers from `low` to `high` that begin with the bytes so far.
#[derive(Clone, Debug)]
struct Span {
    low: u32,
    high: u32,
}

impl Span {
    const WHOLE: Self = Self {
        low: 0,
        high: u32::MAX,
    };

    /// The last number that stands for a one.
    fn split(&self, chance: Chance) -> u32 {
        self.low + ((self.high - self.low) >> CHANCE_BITS) * u32::from(chance)
    }

    fn narrow(&mut self, split: u32, bit: bool, chance: &mut Chance) {
        if bit {
            self.high = split;
            *chance += ((1 << CHANCE_BITS) - *chance) >> RATE;
        } else {
            self.low = split + 1;
            *chance -= *chance >> RATE;
        }
    }

    /// True after passing a first byte on which both ends agree.
    fn shift(&mut self) -> bool {
        let agree = (self.low ^ self.high) >> 24 == 0;
        if agree {
            self.low <<= 8;
            self.high = self.high << 8 | 0xFF;
        }
        agree
    }
}

/// Writes numbers.
#[derive(Clone, Debug)]
pub struct AdaptiveWriter {
    span: Span,
    bytes: Vec<u8>,
}

impl Default for AdaptiveWriter {
    fn default() -> Self {
        Self {
            span: Span::WHOLE,
            bytes: Vec::new(),
        }
    }
}

impl AdaptiveWriter {
    /// Appends a bit.
    pub fn bit(&mut self, bit: bool, chance: &mut Chance) {
        self.span.narrow(self.span.split(*chance), bit, chance);
        let mut first = self.span.low.to_be_bytes()[0];
        while self.span.shift() {
            self.bytes.push(first);
            first = self.span.low.to_be_bytes()[0];
        }
    }

    /// Appends a number below 2^32 − 1.
    pub fn number(&mut self, value: u32, model: &mut Model) {
        let value = value + 1;
        let more = value.ilog2();
        for (chance, place) in model.more.iter_mut().zip(0..=more) {
            self.bit(place < more, chance);
        }
        let mut even = EVEN;
        for place in (0..more as usize).rev() {
            let chance = model.behind(place, more as usize, &mut even);
            self.bit(value >> place & 1 == 1, chance);
        }
    }

    /// Hands out all bytes. The ends of the range differ in their first byte, so the one above that
    /// of the low end lies between them, with [`ZEROS`] zeros behind it.
    pub fn finish(mut self) -> Vec<u8> {
        let [first, ..] = self.span.low.to_be_bytes();
        self.bytes.push(first + 1);
        self.bytes.extend([0; ZEROS]);
        self.bytes
    }
}

/// Zeros at the end of what is written. Who does not ask a reader to [`AdaptiveReader::finish`] may
/// leave them out.
pub const ZEROS: usize = 3;

/// Reads numbers. Past the end come zeros, and [`AdaptiveReader::finish`] says so.
#[derive(Clone, Debug)]
pub struct AdaptiveReader<'b> {
    span: Span,
    /// As many bytes as the ends of the range have.
    code: u32,
    bytes: &'b [u8],
    at: usize,
}

impl<'b> AdaptiveReader<'b> {
    /// Starts at the first number.
    pub fn new(bytes: &'b [u8]) -> Self {
        let mut reader = Self {
            span: Span::WHOLE,
            code: 0,
            bytes,
            at: 0,
        };
        (0..4).for_each(|_| reader.take());
        reader
    }

    fn take(&mut self) {
        let byte = self.bytes.get(self.at).copied().unwrap_or_default();
        self.code = self.code << 8 | u32::from(byte);
        self.at += 1;
    }

    /// The next bit.
    pub fn bit(&mut self, chance: &mut Chance) -> bool {
        let split = self.span.split(*chance);
        let bit = self.code <= split;
        self.span.narrow(split, bit, chance);
        while self.span.shift() {
            self.take();
        }
        bit
    }

    /// The next number.
    pub fn number(&mut self, model: &mut Model) -> u32 {
        let more = model.more.iter_mut().position(|chance| !self.bit(chance));
        let more = more.unwrap_or(MOST_BITS);
        let mut even = EVEN;
        let value = (0..more).rev().fold(1, |value, place| {
            value << 1 | u32::from(self.bit(model.behind(place, more, &mut even)))
        });
        value - 1
    }

    /// Nothing may follow.
    ///
    /// # Errors
    /// If the bytes ended early, or did not end here.
    pub fn finish(self) -> Result<(), Error> {
        if self.at == self.bytes.len() {
            Ok(())
        } else {
            Err(Error::damaged("adaptive bits end in the wrong place"))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(numbers: &[u32]) -> Vec<u8> {
        let (mut writer, mut model) = (AdaptiveWriter::default(), Model::default());
        for &number in numbers {
            writer.number(number, &mut model);
        }
        writer.finish()
    }

    fn read(bytes: &[u8], count: usize) -> Result<Vec<u32>, Error> {
        let (mut reader, mut model) = (AdaptiveReader::new(bytes), Model::default());
        let numbers = (0..count).map(|_| reader.number(&mut model)).collect();
        reader.finish()?;
        Ok(numbers)
    }

    proptest! {
        #[test]
        fn reads_what_was_written(
            numbers in prop::collection::vec((0_u32..32).prop_flat_map(|bits| 0..=u32::MAX >> bits), 0..200),
        ) {
            let numbers: Vec<u32> = numbers.into_iter().map(|n| n.min(u32::MAX - 1)).collect();
            let bytes = written(&numbers);
            prop_assert_eq!(read(&bytes, numbers.len()).unwrap(), numbers);
        }

        #[test]
        fn any_bytes_end(bytes in prop::collection::vec(any::<u8>(), 0..50)) {
            let _ = read(&bytes, 100);
        }
    }

    #[test]
    fn every_truncation_and_every_byte_more_is_an_error() {
        let numbers: Vec<u32> = (0..100).map(|n| n * n % 37).collect();
        let mut bytes = written(&numbers);
        for end in 0..bytes.len() {
            assert!(read(&bytes[..end], numbers.len()).is_err(), "{end}");
        }
        bytes.push(0);
        assert!(read(&bytes, numbers.len()).is_err());
    }

    #[test]
    fn what_repeats_takes_less_than_a_bit() {
        assert!(written(&[3; 1000]).len() < 1000 * 3 / 8);
        assert!(written(&[0; 1000]).len() < 30);
    }
}
