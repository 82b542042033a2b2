//! Keys in rising order as bits: what a key shares with the one before, and by how much it
//! differs.
//!
//! Most keys are pairs of characters, and in a leaf hundreds of them begin with the same one. Then
//! a key costs a bit for what is shared, the distance from the second character before to this
//! one, and a bit for the end: about ten bits instead of five bytes. Distances are in Rice codes
//! with two parameters, one for first characters and one for all others.

use super::bits::{BitReader, BitWriter, best_parameter};
use crate::Error;
use crate::text::slice;

/// Characters beyond ASCII are written with this parameter where no distance can be: about 17
/// bits for the Chinese ones.
const RAW_PARAMETER: u32 = 13;

/// The two parameters of a row of keys, for distances of first characters and of later ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyParameters([u32; 2]);

impl KeyParameters {
    /// Those that suit these keys, which rise.
    pub fn choose<'k>(keys: impl Iterator<Item = &'k str>) -> Self {
        let mut distances = [Vec::new(), Vec::new()];
        let mut before = "";
        for key in keys {
            if let Step {
                shared,
                distance: Some(distance),
                ..
            } = Step::between(before, key)
            {
                distances[usize::from(shared > 0)].push(distance);
            }
            before = key;
        }
        Self(distances.map(|distances| best_parameter(&distances)))
    }

    /// Appends them.
    pub fn write(self, bits: &mut BitWriter) {
        self.0.iter().for_each(|&k| bits.bits(k, 5));
    }

    /// Reads them.
    ///
    /// # Errors
    /// If the bits end.
    pub fn read(bits: &mut BitReader<'_>) -> Result<Self, Error> {
        Ok(Self([bits.bits(5)?.min(30), bits.bits(5)?.min(30)]))
    }

    /// Appends `key`, which is above `before`.
    pub fn write_key(self, bits: &mut BitWriter, before: &str, key: &str) {
        let Step {
            shared,
            distance,
            rest,
        } = Step::between(before, key);
        for _ in 0..shared {
            bits.bits(1, 1);
        }
        bits.bits(0, 1);
        let mut rest = rest.chars();
        if let Some(distance) = distance {
            bits.rice(distance, self.0[usize::from(shared > 0)]);
            rest.next();
        } else if let Some(c) = rest.next() {
            write_raw(bits, c);
        }
        for c in rest {
            bits.bits(1, 1);
            write_raw(bits, c);
        }
        bits.bits(0, 1);
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
            Some((end, before)) => {
                let distance = bits.rice_or_zeros(self.0[usize::from(shared > 0)]);
                key.truncate(end);
                key.push(behind(before, distance)?);
            }
            None => key.push(read_raw(bits)?),
        }
        while bits.bits_or_zeros(1) == 1 {
            key.push(read_raw(bits)?);
        }
        bits.check()
    }
}

/// How a key follows from the one before.
struct Step<'k> {
    /// Characters that both begin with.
    shared: usize,
    /// From the character there before to this one, less 1; `None` if the key before ends there.
    distance: Option<u32>,
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
                (Some(a), Some(b)) => {
                    let distance = (b as u32).saturating_sub(a as u32 + 1);
                    return Self {
                        shared,
                        distance: Some(distance),
                        rest: left,
                    };
                }
                _ => {
                    return Self {
                        shared,
                        distance: None,
                        rest: left,
                    };
                }
            }
        }
    }
}

fn behind(before: char, distance: u32) -> Result<char, Error> {
    let code = (before as u32)
        .checked_add(1)
        .and_then(|next| next.checked_add(distance));
    let c = code.and_then(char::from_u32);
    c.ok_or_else(|| Error::damaged("a key holds what is no character"))
}

fn write_raw(bits: &mut BitWriter, c: char) {
    if c.is_ascii() {
        bits.bits(0, 1);
        bits.bits(c as u32, 7);
    } else {
        bits.bits(1, 1);
        bits.rice(c as u32, RAW_PARAMETER);
    }
}

fn read_raw(bits: &mut BitReader<'_>) -> Result<char, Error> {
    let code = match bits.bits_or_zeros(1) {
        0 => bits.bits_or_zeros(7),
        _ => bits.rice_or_zeros(RAW_PARAMETER),
    };
    char::from_u32(code).ok_or_else(|| Error::damaged("a key holds what is no character"))
}

/// The shortest beginning of `key` that is above `before`.
pub fn bound<'k>(before: &str, key: &'k str) -> &'k str {
    let rest = Step::between(before, key).rest;
    let more = rest.chars().next().map_or(0, char::len_utf8);
    slice(key, 0..key.len() - rest.len() + more)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn keys_round_trip(keys in prop::collection::btree_set("[\u{1}\u{2}0a一-三乡🀄]{1,4}|\\PC{1,6}", 1..60)) {
            let keys: Vec<String> = keys.into_iter().collect();
            let parameters = KeyParameters::choose(keys.iter().map(String::as_str));
            let (mut bits, mut before) = (BitWriter::default(), "");
            parameters.write(&mut bits);
            for key in &keys {
                parameters.write_key(&mut bits, before, key);
                before = key;
            }
            let bytes = bits.finish();
            let mut bits = BitReader::new(&bytes);
            prop_assert_eq!(KeyParameters::read(&mut bits).unwrap(), parameters);
            let mut key = String::new();
            for expected in &keys {
                parameters.read_key(&mut bits, &mut key).unwrap();
                prop_assert_eq!(&key, expected);
            }
        }

        #[test]
        fn a_bound_is_between(a in "[a-c一-三]{0,4}", b in "[a-c一-三]{1,4}") {
            prop_assume!(a < b);
            let bound = bound(&a, &b);
            prop_assert!(a.as_str() < bound && bound <= b.as_str());
        }

        #[test]
        fn arbitrary_bits_never_panic(bytes: Vec<u8>) {
            let mut bits = BitReader::new(&bytes);
            let (parameters, mut key) = (KeyParameters([3, 9]), String::new());
            while parameters.read_key(&mut bits, &mut key).is_ok() {}
        }
    }

    #[test]
    fn a_pair_costs_its_second_character() {
        let mut bits = BitWriter::default();
        KeyParameters([5, 7]).write_key(&mut bits, "大伙", "大会");
        assert!(bits.len() < 16, "{} bits", bits.len());
    }
}
