//! Keys in rising order as bits: what a key shares with the one before, and by how much it
//! differs.
//!
//! Most keys are pairs of characters, and in a leaf hundreds of them begin with the same one. Then
//! a key costs a bit for what is shared, the distance from the second character before to this
//! one, and a bit for the end: about ten bits instead of five bytes. Distances are in Rice codes
//! with two parameters, one for first characters and one for all others.
//!
//! Between the last key of a leaf and the first of the next there is a gap, and whatever lies in it
//! tells the two apart. So bounds are *round* where they can be: their last character ends in zero
//! bits. In a branch, later characters come in two pieces, of which the second, some bits at the end,
//! is mostly zero and then takes one bit.

use super::bits::{BitReader, BitWriter, best_parameter};
use crate::Error;
use crate::text::slice;

/// Characters beyond ASCII are written with this parameter where no distance can be: about 17
/// bits for the Chinese ones.
const RAW_PARAMETER: u32 = 13;

/// From here on there are scripts of many characters: radicals, kana, Han, hangul.
const FIRST_BEYOND_ALPHABETS: char = '\u{2e80}';

/// The second piece of a character has not more bits than this.
const MOST_FINE_BITS: u32 = 12;

/// What a row of keys is written with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyParameters {
    /// Those of distances, of first characters and of later ones.
    distances: [u32; 2],
    /// Bits of the second piece of later characters; 0 in leaves.
    fine: u32,
}

impl KeyParameters {
    /// Those that suit these keys, which rise.
    pub fn choose<'k>(keys: impl Iterator<Item = &'k str>) -> Self {
        Self::with_fine(0, keys)
    }

    /// Those that suit these bounds, which rise.
    pub fn choose_for_bounds(bounds: &[String]) -> Self {
        let bounds = || bounds.iter().map(String::as_str);
        let all = (0..=MOST_FINE_BITS).map(|fine| Self::with_fine(fine, bounds()));
        let best = all.min_by_key(|parameters| parameters.bits_of(bounds()));
        best.unwrap_or_default()
    }

    fn with_fine<'k>(fine: u32, keys: impl Iterator<Item = &'k str>) -> Self {
        let mut distances = [Vec::new(), Vec::new()];
        let parameters = Self {
            distances: [0; 2],
            fine,
        };
        let mut before = "";
        for key in keys {
            let step = Step::between(before, key);
            if let (Some(a), Some(b)) = (step.old, step.rest.chars().next()) {
                let distance = parameters.distance(a, b, step.shared);
                distances[usize::from(step.shared > 0)].push(distance);
            }
            before = key;
        }
        Self {
            distances: distances.map(|distances| best_parameter(distances.into_iter())),
            fine,
        }
    }

    /// How many bits keys take with them.
    fn bits_of<'k>(self, keys: impl Iterator<Item = &'k str>) -> usize {
        let mut bits = BitWriter::default();
        self.write_keys(&mut bits, keys);
        bits.len()
    }

    fn write_keys<'k>(self, bits: &mut BitWriter, keys: impl Iterator<Item = &'k str>) {
        let mut before = "";
        for key in keys {
            self.write_key(bits, before, key);
            before = key;
        }
    }

    /// Appends those of keys.
    pub fn write(self, bits: &mut BitWriter) {
        self.distances.iter().for_each(|&k| bits.bits(k, 5));
    }

    /// Reads those of keys.
    ///
    /// # Errors
    /// If the bits end.
    pub fn read(bits: &mut BitReader<'_>) -> Result<Self, Error> {
        let distances = [bits.bits(5)?.min(30), bits.bits(5)?.min(30)];
        Ok(Self { distances, fine: 0 })
    }

    /// Appends those of bounds.
    pub fn write_for_bounds(self, bits: &mut BitWriter) {
        self.write(bits);
        bits.bits(self.fine, 4);
    }

    /// Reads those of bounds.
    ///
    /// # Errors
    /// If the bits end.
    pub fn read_for_bounds(bits: &mut BitReader<'_>) -> Result<Self, Error> {
        let mut read = Self::read(bits)?;
        read.fine = bits.bits(4)?.min(MOST_FINE_BITS);
        Ok(read)
    }

    /// Appends `key`, which is above `before`.
    pub fn write_key(self, bits: &mut BitWriter, before: &str, key: &str) {
        let Step { shared, old, rest } = Step::between(before, key);
        for _ in 0..shared {
            bits.bits(1, 1);
        }
        bits.bits(0, 1);
        let mut rest = rest.chars();
        match (old, rest.next()) {
            (Some(old), Some(c)) => {
                let parameter = self.distances[usize::from(shared > 0)];
                bits.rice(self.distance(old, c, shared), parameter);
                self.write_fine(bits, c, shared);
            }
            (None, Some(c)) => self.write_raw(bits, c, shared),
            (_, None) => {}
        }
        for c in rest {
            bits.bits(1, 1);
            self.write_raw(bits, c, 1);
        }
        bits.bits(0, 1);
    }

    /// Bits of the second piece of a character behind so many.
    fn fine_at(self, place: usize) -> u32 {
        if place > 0 { self.fine } else { 0 }
    }

    /// From the first piece of a character to that of one above it. Where there are no second pieces
    /// it cannot be 0, so 0 stands for 1.
    fn distance(self, from: char, to: char, place: usize) -> u32 {
        match self.fine_at(place) {
            0 => (to as u32).saturating_sub(from as u32 + 1),
            fine => (to as u32 >> fine) - (from as u32 >> fine),
        }
    }

    fn write_fine(self, bits: &mut BitWriter, c: char, place: usize) {
        let fine = self.fine_at(place);
        let piece = c as u32 & ((1 << fine) - 1);
        if fine > 0 {
            bits.bits(u32::from(piece > 0), 1);
        }
        if piece > 0 {
            bits.bits(piece, fine);
        }
    }

    fn write_raw(self, bits: &mut BitWriter, c: char, place: usize) {
        if c.is_ascii() {
            bits.bits(0, 1);
            bits.bits(c as u32, 7);
        } else {
            let fine = self.fine_at(place);
            bits.bits(1, 1);
            bits.rice(c as u32 >> fine, RAW_PARAMETER - fine);
            self.write_fine(bits, c, place);
        }
    }

    /// Replaces `key` by the one behind it.
    ///
    /// # Errors
    /// If the bits end or cannot be a key.
    pub fn read_key(self, bits: &mut BitReader<'_>, key: &mut String) -> Result<(), Error> {
        let mut shared = 0;
        while bits.bits_or_zeros(1) == 1 {
            shared += 1;
        }
        let mut at = key.char_indices().skip(shared);
        let end = at.next();
        if end.is_none() && key.chars().count() < shared {
            return Err(Error::damaged("a key continues none"));
        }
        match end {
            Some((end, old)) => {
                let distance = bits.rice_or_zeros(self.distances[usize::from(shared > 0)]);
                let fine = self.fine_at(shared);
                let least = (old as u32 >> fine) + u32::from(fine == 0);
                key.truncate(end);
                key.push(read_fine(bits, least.saturating_add(distance), fine)?);
            }
            None => key.push(self.read_raw(bits, shared)?),
        }
        while bits.bits_or_zeros(1) == 1 {
            key.push(self.read_raw(bits, 1)?);
        }
        bits.check()
    }

    fn read_raw(self, bits: &mut BitReader<'_>, place: usize) -> Result<char, Error> {
        if bits.bits_or_zeros(1) == 0 {
            let code = bits.bits_or_zeros(7);
            return character(code);
        }
        let fine = self.fine_at(place);
        let first = bits.rice_or_zeros(RAW_PARAMETER - fine);
        read_fine(bits, first, fine)
    }
}

/// The character with this first piece.
fn read_fine(bits: &mut BitReader<'_>, first: u32, fine: u32) -> Result<char, Error> {
    let has_second = fine > 0 && bits.bits_or_zeros(1) == 1;
    let second = if has_second {
        bits.bits_or_zeros(fine)
    } else {
        0
    };
    let code = u64::from(first) << fine | u64::from(second);
    character(u32::try_from(code).unwrap_or(u32::MAX))
}

fn character(code: u32) -> Result<char, Error> {
    char::from_u32(code).ok_or_else(|| Error::damaged("a key holds what is no character"))
}

/// How a key follows from the one before.
struct Step<'k> {
    /// Characters that both begin with.
    shared: usize,
    /// The character there of the key before, if it does not end there.
    old: Option<char>,
    /// What is not shared.
    rest: &'k str,
}

impl<'k> Step<'k> {
    fn between(before: &str, key: &'k str) -> Self {
        let (mut shared, mut rest, mut old) = (0, key.chars(), before.chars());
        loop {
            let (left, was) = (rest.as_str(), old.next());
            match (was, rest.next()) {
                (Some(a), Some(b)) if a == b => shared += 1,
                _ => {
                    return Self {
                        shared,
                        old: was,
                        rest: left,
                    };
                }
            }
        }
    }
}

/// A short text above `before` and not above `key`, and how round it is: how many zero bits its last
/// character ends in. Of the texts of the same length, it is the roundest. Where more zeros gain
/// nothing, at a first character, or cannot be hoped for, among letters of an alphabet, which lie close
/// together, any text is as round as can be.
pub fn bound(before: &str, key: &str) -> (String, u32) {
    let Step { shared, old, rest } = Step::between(before, key);
    let mut bound = slice(key, 0..key.len() - rest.len()).to_owned();
    let Some(most) = rest.chars().next() else {
        return (bound, u32::MAX);
    };
    if shared == 0 {
        bound.push(most);
        return (bound, u32::MAX);
    }
    let last = roundest(old, most);
    bound.push(last);
    let is_letter = most < FIRST_BEYOND_ALPHABETS;
    let zeros = (last as u32).trailing_zeros();
    (bound, if is_letter { u32::MAX } else { zeros })
}

/// Of the characters above `above` and not above `most`, the one that ends in the most zero bits.
fn roundest(above: Option<char>, most: char) -> char {
    let round = |zeros: u32| char::from_u32(most as u32 >> zeros << zeros);
    let mut round = (0..=MOST_FINE_BITS).rev().filter_map(round);
    round.find(|&c| Some(c) > above).unwrap_or(most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(parameters: KeyParameters, mut bits: BitWriter, keys: &[String]) -> Vec<u8> {
        parameters.write_keys(&mut bits, keys.iter().map(String::as_str));
        bits.finish()
    }

    fn read(parameters: KeyParameters, mut bits: BitReader<'_>, count: usize) -> Vec<String> {
        let mut key = String::new();
        let mut next = || {
            parameters.read_key(&mut bits, &mut key).unwrap();
            key.clone()
        };
        (0..count).map(|_| next()).collect()
    }

    proptest! {
        #[test]
        fn keys_round_trip(keys in prop::collection::btree_set("[\u{1}\u{2}0a一-三乡🀄]{1,4}|\\PC{1,6}", 1..60)) {
            let keys: Vec<String> = keys.into_iter().collect();
            let parameters = KeyParameters::choose(keys.iter().map(String::as_str));
            let mut bits = BitWriter::default();
            parameters.write(&mut bits);
            let bytes = written(parameters, bits, &keys);
            let mut bits = BitReader::new(&bytes);
            prop_assert_eq!(KeyParameters::read(&mut bits).unwrap(), parameters);
            prop_assert_eq!(read(parameters, bits, keys.len()), keys);
        }

        #[test]
        fn a_bound_is_between(pair in prop::collection::btree_set("[a-c一-三]{0,4}", 2)) {
            let [a, b] = [pair.first().unwrap(), pair.last().unwrap()];
            let (bound, _) = bound(a, b);
            prop_assert!(*a < bound && bound <= *b);
        }

        #[test]
        fn bounds_round_trip(keys in prop::collection::btree_set("[\u{1}0a一-三乡🀄]{1,4}|[一-龟가-힣]{1,2}|\\PC{1,6}", 2..60)) {
            let keys: Vec<String> = keys.into_iter().collect();
            let bounds = keys.windows(2).map(|pair| bound(&pair[0], &pair[1]).0);
            let bounds: Vec<String> = bounds.collect();
            let parameters = KeyParameters::choose_for_bounds(&bounds);
            let mut bits = BitWriter::default();
            parameters.write_for_bounds(&mut bits);
            let bytes = written(parameters, bits, &bounds);
            let mut bits = BitReader::new(&bytes);
            prop_assert_eq!(KeyParameters::read_for_bounds(&mut bits).unwrap(), parameters);
            prop_assert_eq!(read(parameters, bits, bounds.len()), bounds);
        }

        #[test]
        fn arbitrary_bits_never_panic(bytes: Vec<u8>, fine in 0..=MOST_FINE_BITS) {
            let mut bits = BitReader::new(&bytes);
            let (parameters, mut key) = (KeyParameters { distances: [3, 9], fine }, String::new());
            while parameters.read_key(&mut bits, &mut key).is_ok() {}
        }
    }

    #[test]
    fn a_pair_costs_its_second_character() {
        let mut bits = BitWriter::default();
        let parameters = KeyParameters {
            distances: [5, 7],
            fine: 0,
        };
        parameters.write_key(&mut bits, "大伙", "大会");
        assert!(bits.len() < 16, "{} bits", bits.len());
    }

    #[test]
    fn a_bound_is_as_round_as_the_gap_lets_it_be() {
        // U+5927 U+4F1A, U+5927 U+5730: between them lies U+5000.
        assert_eq!(bound("大会", "大地").0, "大\u{5000}");
        assert_eq!(bound("大地", "大地区").0, "大地\u{5000}");
        assert_eq!(bound("大地", "天安").0, "天");
        // Between U+D7A3 and U+F900 there are numbers that are no characters.
        assert_eq!(bound("大\u{d7a3}", "大\u{f900}").0, "大\u{f000}");
    }
}
