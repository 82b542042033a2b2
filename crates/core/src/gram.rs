//! Which keys a row of units gives, so that every way of asking for it can be answered.
//!
//! Two kinds of terms are in the dictionary:
//!
//! * every **word** (run of letters and digits), at its position;
//! * every **pair** of neighbours of which at least one is not a word, at the position of the
//!   first. A word in a pair is written as a marker, for its identity is in the word's own
//!   postings; the end of a text is a marker as well.
//!
//! `第9届大会` gives the word `9` at 1 and the pairs `第·`, `·届`, `届大`, `大会`, `会$` at 0, 1, 2,
//! 3, 4 (`·` any word, `$` the end).
//!
//! So each unit that is not a word begins exactly one pair: a query of one character is a range
//! of keys. In a longer query each such unit is in a pair with a neighbour, and each word has its
//! own postings: [`cover`] picks terms that pin down every unit, and where their positions agree,
//! the units stand in a row. Nothing else has to be checked.

use crate::text::{Folded, Unit};

/// Stands for any word in a pair. Folded text has no control characters.
const ANY_WORD: &str = "\u{1}";
/// Stands for the end of a text in a pair.
const END: &str = "\u{2}";

/// A unit as keys see it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyUnit<'t> {
    /// The folded characters.
    pub text: &'t str,
    /// True for a run of letters and digits.
    pub is_word: bool,
}

impl<'t> KeyUnit<'t> {
    /// The unit of a folded text.
    pub fn of(folded: &'t Folded, unit: &Unit) -> Self {
        Self {
            text: folded.text(unit),
            is_word: unit.is_word(),
        }
    }
}

/// What the key of the pair of `first` and `second` (`None`: the end of the text) is put together
/// from: each side is a unit or a marker. `None` if both are words, or a word stands at the end.
pub fn pair_sides<'t>(
    first: &KeyUnit<'t>,
    second: Option<&KeyUnit<'t>>,
) -> Option<(&'t str, &'t str)> {
    if first.is_word && second.is_none_or(|second| second.is_word) {
        return None;
    }
    let side = |unit: &KeyUnit<'t>| if unit.is_word { ANY_WORD } else { unit.text };
    Some((side(first), second.map_or(END, side)))
}

/// A key for people: markers as `·` and `$`.
pub fn display_key(key: &str) -> String {
    key.replace(ANY_WORD, "·").replace(END, "$")
}

/// The inverse of [`display_key`], for those who type a key.
pub fn key_from_display(text: &str) -> String {
    text.replace('·', ANY_WORD).replace('$', END)
}

/// One part of a cover: which key or keys, and where its positions lie from the term's start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leg {
    /// Units from the start of the term.
    pub offset: u32,
    /// The whole key, or the beginning of all keys.
    pub key: String,
    /// True if every key that begins with `key` counts (and does not go on with a mark).
    pub is_prefix: bool,
}

/// The legs whose positions, where they agree, say that `units` stand in a row.
///
/// Pairs follow one another without overlap, but for the last; so the choice is the same on every
/// machine and in every state of the cache, and with it the score. With `open_end` the last unit,
/// a word, may go on.
pub fn cover(units: &[KeyUnit<'_>], open_end: bool) -> Vec<Leg> {
    if let [only] = units
        && !only.is_word
    {
        return vec![leg(0, only.text.to_owned(), true)];
    }
    let mut legs = Vec::new();
    let mut covered = 0;
    for (at, unit) in (0..).zip(units) {
        let is_last = at as usize + 1 == units.len();
        if unit.is_word {
            legs.push(leg(at, unit.text.to_owned(), open_end && is_last));
        } else if at >= covered {
            let first = if is_last { at - 1 } else { at };
            legs.push(pair_leg(units, first));
            covered = first + 2;
        }
    }
    legs
}

fn leg(offset: u32, key: String, is_prefix: bool) -> Leg {
    Leg {
        offset,
        key,
        is_prefix,
    }
}

fn pair_leg(units: &[KeyUnit<'_>], first: u32) -> Leg {
    let at = first as usize;
    // A cover has no pair of two words.
    let sides = pair_sides(&units[at], Some(&units[at + 1]));
    let (left, right) = sides.unwrap_or_default();
    leg(first, [left, right].concat(), false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(row: &[&'static str]) -> Vec<KeyUnit<'static>> {
        let unit = |text: &&'static str| KeyUnit {
            text,
            is_word: text.starts_with(|c: char| c.is_ascii_alphanumeric()),
        };
        row.iter().map(unit).collect()
    }

    fn covered(row: &[&'static str]) -> Vec<(u32, String)> {
        let legs = cover(&units(row), false);
        legs.into_iter()
            .map(|leg| (leg.offset, display_key(&leg.key)))
            .collect()
    }

    fn expect(row: &[&'static str], legs: &[(u32, &str)]) {
        let legs: Vec<_> = legs.iter().map(|&(at, key)| (at, key.to_owned())).collect();
        assert_eq!(covered(row), legs);
    }

    #[test]
    fn pairs_follow_one_another() {
        expect(&["中", "国"], &[(0, "中国")]);
        expect(&["中", "国", "人"], &[(0, "中国"), (1, "国人")]);
        expect(&["中", "国", "人", "民"], &[(0, "中国"), (2, "人民")]);
    }

    #[test]
    fn words_stand_for_themselves_and_lean_on_their_neighbours() {
        expect(&["2024", "年"], &[(0, "2024"), (0, "·年")]);
        expect(&["第", "9", "届"], &[(0, "第·"), (1, "9"), (1, "·届")]);
        expect(&["1", "+", "n"], &[(0, "1"), (1, "+·"), (2, "n")]);
        expect(&["wi", "fi"], &[(0, "wi"), (1, "fi")]);
    }

    #[test]
    fn a_single_unit_is_a_word_or_a_range() {
        assert!(cover(&units(&["中"]), false)[0].is_prefix);
        assert!(!cover(&units(&["wi"]), false)[0].is_prefix);
        assert!(cover(&units(&["wi"]), true)[0].is_prefix);
    }

    #[test]
    fn every_unit_that_is_not_a_word_begins_one_pair() {
        let [zhong, nine] = &units(&["中", "9"])[..] else {
            unreachable!()
        };
        assert_eq!(pair_sides(zhong, None), Some(("中", END)));
        assert_eq!(pair_sides(zhong, Some(nine)), Some(("中", ANY_WORD)));
        assert_eq!(pair_sides(nine, Some(zhong)), Some((ANY_WORD, "中")));
        assert_eq!(pair_sides(nine, Some(nine)), None);
        assert_eq!(pair_sides(nine, None), None);
    }
}
