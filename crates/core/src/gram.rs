//! Which keys a row of units gives, so that every way of asking for it can be answered.
//!
//! Units are of three kinds ([`UnitKind`]), and these keys are in the dictionary:
//!
//! * every **word** (run of letters and digits) and every **symbol**, at its position;
//! * every **pair** of neighbours that are characters of a script without spaces, or such a
//!   character and a word, at the position of the first. A word in a pair is written as a
//!   marker, for its identity is in the word's own postings;
//! * a character that no pair begins with, because a symbol or the end of the text follows, with
//!   a marker for that;
//! * in larger segments, every **mixed pair**: a word and its neighbour on either side that is none
//!   or is a **common word** of the segment, at the position of the first, both written out;
//! * a character of which there are very many pairs, by itself, without positions: the builder
//!   adds it so that a query of this character alone does not have to read them all;
//! * the **beginning** of very many words, for a word that is being typed: all documents that have
//!   any of them, without positions, and the **sum** that those of each word come to when added up;
//! * the **count** of any other character: how many documents have it, where adding up those of its
//!   pairs would say more. So its weight in scores is the same however the archive is cut into segments.
//!
//! `第9届大会。` gives the word `9` at 1, the symbol `。` at 5, and `第·`, `·届`, `届大`, `大会`, `会$`
//! at 0, 1, 2, 3, 4 (`·` any word, `$` nothing that a pair could be made with).
//!
//! So each character begins exactly one key that goes on: a query of one character is a range of
//! keys. In a longer query each character is in a pair with a neighbour wherever it has one, and
//! [`cover`] picks keys that pin down every unit: where their positions agree, the units stand in
//! a row, and nothing else has to be checked.
//!
//! Without mixed pairs that takes the positions of full stops, hyphens and single digits, of which a
//! large archive has megabytes: `array.prototype`, `5.6%`, `2024年1月`. With them it is `array.` and
//! `.prototype`. And a word that is being typed, `array.pro`, is a range of the few keys that begin
//! with `.pro`, not of all words with `pro`.
//!
//! Common words are the few that stand in every text, again and again: their lists with positions are
//! the longest there are, and `"the declaration of"` would read two of them. So they take the part that
//! symbols have in mixed pairs, and it is `the›declaration` and `declaration‹of`. Which words they are is
//! up to the builder, for each segment.

use crate::facet;
use crate::text::{Class, FoldTable, Folded, Unit};

/// Stands for any word in a pair. Folded text has no control characters.
const ANY_WORD: &str = "\u{1}";
/// Stands behind a character that no pair begins with.
const NO_PAIR: &str = "\u{2}";

/// Begins the key of a mixed pair whose second unit is the word, and stands between the two.
const WORD_BEHIND: &str = "\u{6}";
/// Begins the key of a mixed pair whose first unit is the word. The other one is written first all the
/// same, so that all words that follow or precede the same unit are neighbours in the dictionary.
const WORD_BEFORE: &str = "\u{7}";

/// How people see the two kinds of mixed pairs. Both marks are soft punctuation, which no key of a text has.
const TO_WORD_BEHIND: &str = "›";
const TO_WORD_BEFORE: &str = "‹";

/// Stands behind a character in the key of its count.
pub const COUNT: &str = "\0";
/// Stands behind a beginning, in the key of its sum.
pub const BEGINNING_SUM: &str = "\u{4}";
/// Stands behind a beginning, in the key of the list of all words that have it: behind that of the sum, so
/// whoever has come to the list has seen both.
pub const BEGINNING: &str = "\u{5}";

/// What part a unit plays in keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnitKind {
    /// A character of a script that is written without spaces.
    Solo,
    /// A run of letters and digits.
    Word,
    /// A word that is one of the common ones of its segment.
    CommonWord,
    /// Anything else: punctuation, signs.
    Symbol,
}

/// A unit as keys see it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyUnit<'t> {
    /// The folded characters.
    pub text: &'t str,
    /// Its part.
    pub kind: UnitKind,
}

impl UnitKind {
    /// The part of a unit.
    #[inline]
    pub fn of(unit: &Unit) -> Self {
        match unit.class {
            Class::Word => Self::Word,
            Class::Solo => Self::Solo,
            _ => Self::Symbol,
        }
    }

    /// True if units of this kind are keys by themselves, with positions.
    pub fn stands_alone(self) -> bool {
        self != Self::Solo
    }

    fn is_word(self) -> bool {
        matches!(self, Self::Word | Self::CommonWord)
    }

    /// Whether the word of a mixed pair is the second unit, where the first is of this kind and the second of that; it
    /// is of two common words. `None` if they are no mixed pair.
    #[inline]
    pub fn is_word_behind(self, second: Self) -> Option<bool> {
        match (self, second) {
            (Self::Word, Self::Word) => None,
            (Self::Word, _) => Some(false),
            (_, Self::Word | Self::CommonWord) => Some(true),
            (Self::CommonWord, _) => Some(false),
            _ => None,
        }
    }
}

impl<'t> KeyUnit<'t> {
    /// The unit of a folded text.
    pub fn of(folded: &'t Folded, unit: &Unit) -> Self {
        Self {
            text: folded.text(unit),
            kind: UnitKind::of(unit),
        }
    }

    fn is_solo(&self) -> bool {
        self.kind == UnitKind::Solo
    }
}

/// One side of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The unit itself.
    Unit,
    /// The marker for a word.
    AnyWord,
    /// The marker for what no pair could be made with.
    NoPair,
}

impl Side {
    /// What stands in the key, where the unit itself is `unit`.
    pub fn text(self, unit: &str) -> &str {
        match self {
            Self::Unit => unit,
            Self::AnyWord => ANY_WORD,
            Self::NoPair => NO_PAIR,
        }
    }
}

/// What the key that begins with a unit of the first kind and goes on with one of the second
/// (`None`: the end of the text) is put together from. `None` if there is no such key.
#[inline]
pub fn sides(first: UnitKind, second: Option<UnitKind>) -> Option<(Side, Side)> {
    match (first, second) {
        (UnitKind::Solo, Some(UnitKind::Solo)) => Some((Side::Unit, Side::Unit)),
        (UnitKind::Solo, Some(next)) if next.is_word() => Some((Side::Unit, Side::AnyWord)),
        (UnitKind::Solo, _) => Some((Side::Unit, Side::NoPair)),
        (first, Some(UnitKind::Solo)) if first.is_word() => Some((Side::AnyWord, Side::Unit)),
        _ => None,
    }
}

/// [`sides`] of two units, as text.
fn pair_sides<'t>(first: &KeyUnit<'t>, second: Option<&KeyUnit<'t>>) -> Option<(&'t str, &'t str)> {
    let (left, right) = sides(first.kind, second.map(|second| second.kind))?;
    let text_of_second = second.map_or("", |second| second.text);
    Some((left.text(first.text), right.text(text_of_second)))
}

/// What the key of a mixed pair begins with, up to the word: `unit` is the other one, and `is_first` if that
/// stands before the word.
pub fn mixed_start(unit: &str, is_first: bool) -> String {
    mixed_key(unit, "", is_first)
}

fn mixed_key(unit: &str, word: &str, is_first: bool) -> String {
    let mark = if is_first { WORD_BEHIND } else { WORD_BEFORE };
    [mark, unit, mark, word].concat()
}

/// True if this is the key of a mixed pair, or the beginning of one.
pub fn is_mixed_pair(key: &str) -> bool {
    key.starts_with(WORD_BEHIND) || key.starts_with(WORD_BEFORE)
}

/// True if a key of text may be bare: it is a pair, but no mixed one.
pub fn is_pair(key: &str, table: &FoldTable) -> bool {
    let is_solo = |c| table.class(c) == Class::Solo;
    key.starts_with(ANY_WORD) || key.chars().next().is_some_and(is_solo)
}

/// The key of a character's count.
pub fn count_key(solo: &str) -> String {
    [solo, COUNT].concat()
}

/// The key of the sum of all words that begin so.
pub fn beginning_sum_key(of: &str) -> String {
    [of, BEGINNING_SUM].concat()
}

/// The key of the list of all words that begin so.
pub fn beginning_key(of: &str) -> String {
    [of, BEGINNING].concat()
}

/// True if this is no key of a text, but says something of many others that begin like it.
pub fn is_of_others(key: &str) -> bool {
    is_number(key) || key.ends_with(BEGINNING)
}

/// True if this is the key of a count or a sum, which has no list.
pub fn is_number(key: &str) -> bool {
    key.ends_with(COUNT) || key.ends_with(BEGINNING_SUM)
}

/// A key for people: markers as `·`, `$`, `#`, `+` and `*`, a mixed pair as `年›10` or `10‹年`, where the mark
/// points to the word, and a facet's as `field=value`.
pub fn display_key(key: &str) -> String {
    if let Some((field, value)) = facet::parts(key) {
        return [field, "=", value].concat();
    }
    if let Some((unit, word)) = mixed_parts(key, WORD_BEHIND) {
        return [unit, TO_WORD_BEHIND, word].concat();
    }
    if let Some((unit, word)) = mixed_parts(key, WORD_BEFORE) {
        return [word, TO_WORD_BEFORE, unit].concat();
    }
    let key = key.replace(ANY_WORD, "·").replace(NO_PAIR, "$");
    let key = key.replace(COUNT, "#").replace(BEGINNING_SUM, "+");
    key.replace(BEGINNING, "*")
}

/// The units of a mixed pair whose key begins with this mark: the word comes last.
fn mixed_parts<'k>(key: &'k str, mark: &str) -> Option<(&'k str, &'k str)> {
    key.strip_prefix(mark)?.split_once(mark)
}

/// The inverse of [`display_key`], for those who type a key.
pub fn key_from_display(text: &str) -> String {
    if let Some((unit, word)) = text.split_once(TO_WORD_BEHIND) {
        return [&mixed_start(unit, true), word].concat();
    }
    if let Some((word, unit)) = text.split_once(TO_WORD_BEFORE) {
        return [&mixed_start(unit, false), word].concat();
    }
    let key = text.replace('·', ANY_WORD).replace('$', NO_PAIR);
    match key.strip_suffix('*') {
        Some(words) if !words.is_empty() => beginning_key(words),
        _ => key,
    }
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
/// Pairs follow one another without overlap where they can; so the choice is the same on every
/// machine and in every state of the cache. With `open_end` the last unit, a word, may go on; with `mixed`
/// there are mixed pairs in the dictionary.
pub fn cover(units: &[KeyUnit<'_>], open_end: bool, mixed: bool) -> Vec<Leg> {
    let mut legs = Vec::new();
    let mut covered = 0;
    for (at, unit) in units.iter().enumerate() {
        if at < covered {
            continue;
        }
        let may_go_on = |at: usize| open_end && at + 1 == units.len();
        if let Some(first) = mixed.then(|| mixed_pair_with(units, at)).flatten() {
            legs.push(mixed_leg(units, first, may_go_on(first + 1)));
            covered = first + 2;
        } else if !unit.is_solo() {
            legs.push(leg(at, unit.text.to_owned(), may_go_on(at)));
        } else {
            legs.push(solo_leg(units, at));
            covered = at + 1 + usize::from(units.get(at + 1).is_some_and(KeyUnit::is_solo));
        }
    }
    legs
}

/// True if a mixed pair begins at `at`.
fn begins_mixed_pair(units: &[KeyUnit<'_>], at: usize) -> bool {
    let pair = units.get(at).zip(units.get(at + 1));
    pair.is_some_and(|(first, second)| first.kind.is_word_behind(second.kind).is_some())
}

/// True if two of these units that are side by side are a mixed pair.
pub fn has_mixed_pairs(units: &[KeyUnit<'_>]) -> bool {
    (0..units.len()).any(|at| begins_mixed_pair(units, at))
}

/// Where the mixed pair begins that pins down the unit at `at`: if possible together with the next one. Two
/// solos are a pair of their own.
fn mixed_pair_with(units: &[KeyUnit<'_>], at: usize) -> Option<usize> {
    if begins_mixed_pair(units, at) {
        return Some(at);
    }
    let before = at.checked_sub(1)?;
    let is_pair = units[at].is_solo() && units.get(at + 1).is_some_and(KeyUnit::is_solo);
    (!is_pair && begins_mixed_pair(units, before)).then_some(before)
}

fn mixed_leg(units: &[KeyUnit<'_>], first: usize, may_go_on: bool) -> Leg {
    let (one, other) = (&units[first], &units[first + 1]);
    let is_word_behind = one.kind.is_word_behind(other.kind) == Some(true);
    let (unit, word) = if is_word_behind {
        (one, other)
    } else {
        (other, one)
    };
    leg(
        first,
        mixed_key(unit.text, word.text, is_word_behind),
        may_go_on,
    )
}

/// Makes [common words](UnitKind::CommonWord) of those units that are among those of a segment. The last one is none
/// while it is being typed (`open_end`): it may become another word.
pub fn mark_common_words(units: &mut [KeyUnit<'_>], open_end: bool, common: &[String]) {
    let whole = units.len().saturating_sub(usize::from(open_end));
    for unit in units.iter_mut().take(whole) {
        if unit.kind == UnitKind::Word && common.iter().any(|word| word == unit.text) {
            unit.kind = UnitKind::CommonWord;
        }
    }
}

/// The pairs of neighbours within `units` that [`cover`] left out. They say nothing new about
/// where the term stands, but there may be rare ones among them.
pub fn bridges(units: &[KeyUnit<'_>]) -> Vec<Leg> {
    let cover = cover(units, false, false);
    let pairs = (1..units.len()).filter(|&at| units[at - 1].is_solo() && units[at].is_solo());
    let pairs = pairs.filter_map(|at| {
        let (left, right) = pair_sides(&units[at - 1], units.get(at))?;
        Some(leg(at - 1, [left, right].concat(), false))
    });
    pairs.filter(|pair| !cover.contains(pair)).collect()
}

fn leg(offset: usize, key: String, is_prefix: bool) -> Leg {
    Leg {
        offset: offset as u32,
        key,
        is_prefix,
    }
}

/// The leg that pins down the character at `at`, if possible together with a neighbour.
fn solo_leg(units: &[KeyUnit<'_>], at: usize) -> Leg {
    let next = units.get(at + 1);
    let before = at
        .checked_sub(1)
        .filter(|&before| units[before].kind != UnitKind::Symbol);
    let first = match (before, next) {
        (_, Some(next)) if next.is_solo() => at,
        (Some(before), _) => before,
        (None, Some(_)) => at,
        (None, None) => return leg(at, units[at].text.to_owned(), true),
    };
    // Both are solos, or one is and the other a word, or a symbol follows.
    let sides = pair_sides(&units[first], units.get(first + 1));
    let (left, right) = sides.unwrap_or_default();
    leg(first, [left, right].concat(), false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(row: &[&'static str]) -> Vec<KeyUnit<'static>> {
        let unit = |text: &&'static str| KeyUnit {
            text,
            kind: match text.chars().next() {
                Some(c) if c.is_ascii_alphanumeric() => UnitKind::Word,
                Some(c) if c.is_alphabetic() => UnitKind::Solo,
                _ => UnitKind::Symbol,
            },
        };
        row.iter().map(unit).collect()
    }

    fn expect(row: &[&'static str], expected: &[(u32, &str)]) {
        expect_with(false, row, expected);
    }

    fn expect_with(mixed: bool, row: &[&'static str], expected: &[(u32, &str)]) {
        let legs = cover(&units(row), false, mixed);
        let legs: Vec<_> = legs
            .iter()
            .map(|leg| (leg.offset, display_key(&leg.key)))
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|&(at, key)| (at, key.to_owned()))
            .collect();
        assert_eq!(legs, expected);
    }

    #[test]
    fn pairs_follow_one_another() {
        expect(&["中", "国"], &[(0, "中国")]);
        expect(&["中", "国", "人"], &[(0, "中国"), (1, "国人")]);
        expect(&["中", "国", "人", "民"], &[(0, "中国"), (2, "人民")]);
    }

    #[test]
    fn bridges_are_the_other_pairs() {
        let keys = |row: &[&'static str]| -> Vec<String> {
            bridges(&units(row))
                .into_iter()
                .map(|leg| leg.key)
                .collect()
        };
        assert_eq!(keys(&["中", "国", "人", "民"]), ["国人"]);
        assert_eq!(keys(&["中", "国", "9", "人"]), [""; 0]);
    }

    #[test]
    fn words_and_symbols_stand_for_themselves() {
        expect(&["2024", "年"], &[(0, "2024"), (0, "·年")]);
        expect(&["第", "9", "届"], &[(0, "第·"), (1, "9"), (1, "·届")]);
        expect(&["1", "+", "n"], &[(0, "1"), (1, "+"), (2, "n")]);
        expect(
            &["中", "国", "，", "人"],
            &[(0, "中国"), (2, "，"), (3, "人")],
        );
        expect(
            &["国", "，", "人", "，", "9"],
            &[(0, "国$"), (1, "，"), (2, "人$"), (3, "，"), (4, "9")],
        );
        expect(
            &["中", "国", "人", "，"],
            &[(0, "中国"), (1, "国人"), (3, "，")],
        );
        expect(&["9", "国", "，"], &[(0, "9"), (0, "·国"), (2, "，")]);
    }

    #[test]
    fn a_character_without_a_neighbour_is_a_range() {
        assert!(cover(&units(&["中"]), false, false)[0].is_prefix);
        assert!(cover(&units(&["，", "中"]), false, false)[1].is_prefix);
        assert!(!cover(&units(&["，"]), false, false)[0].is_prefix);
        assert!(!cover(&units(&["wi"]), false, false)[0].is_prefix);
        assert!(cover(&units(&["wi"]), true, false)[0].is_prefix);
    }

    #[test]
    fn mixed_pairs_are_taken_where_a_word_meets_something_else() {
        expect_with(true, &["array"], &[(0, "array")]);
        expect_with(true, &["don", "t"], &[(0, "don"), (1, "t")]);
        expect_with(true, &["css", "-"], &[(0, "css‹-")]);
        expect_with(
            true,
            &["array", ".", "prototype"],
            &[(0, "array‹."), (1, ".›prototype")],
        );
        expect_with(
            true,
            &["(", "array", ")"],
            &[(0, "(›array"), (1, "array‹)")],
        );
        expect_with(
            true,
            &["2024", "年", "1", "月"],
            &[(0, "2024‹年"), (2, "1‹月")],
        );
        expect_with(
            true,
            &["中", "国", "第", "9", "届", "大", "会"],
            &[(0, "中国"), (2, "第›9"), (4, "届大"), (5, "大会")],
        );
        expect_with(
            true,
            &["9", "国", "，", "人"],
            &[(0, "9‹国"), (2, "，"), (3, "人")],
        );
        let typed = &cover(&units(&["css", "-", "l"]), true, true)[1];
        assert_eq!((&*display_key(&typed.key), typed.is_prefix), ("-›l", true));
        let typed = &cover(&units(&["年", "1"]), true, true)[..];
        assert!(matches!(typed, [leg] if leg.is_prefix && leg.offset == 0));
    }

    #[test]
    fn common_words_make_pairs_with_the_words_beside_them() {
        let common = ["is", "of", "the"].map(String::from);
        let expect = |row: &[&'static str], open_end: bool, expected: &[(u32, &str)]| {
            let mut units = units(row);
            mark_common_words(&mut units, open_end, &common);
            let legs = cover(&units, open_end, true);
            let star = |leg: &Leg| if leg.is_prefix { "…" } else { "" };
            let legs: Vec<_> = legs
                .iter()
                .map(|leg| (leg.offset, display_key(&leg.key) + star(leg)))
                .collect();
            let expected = expected.iter().map(|&(at, key)| (at, key.to_owned()));
            assert_eq!(legs, expected.collect::<Vec<_>>());
        };
        expect(&["the"], false, &[(0, "the")]);
        expect(&["the", "bank"], false, &[(0, "the›bank")]);
        expect(
            &["bank", "of", "england"],
            false,
            &[(0, "bank‹of"), (1, "of›england")],
        );
        expect(
            &["is", "the", "bank"],
            false,
            &[(0, "is›the"), (1, "the›bank")],
        );
        expect(&["of", "."], false, &[(0, "of‹.")]);
        expect(&["中", "of", "国"], false, &[(0, "中›of"), (1, "of‹国")]);
        expect(&["the", "b"], true, &[(0, "the›b…")]);
        expect(&["bank", "of"], true, &[(0, "bank"), (1, "of…")]);
        expect(&["is", "the"], true, &[(0, "is›the…")]);
    }

    #[test]
    fn what_people_type_is_the_key_that_they_see() {
        for key in ["array‹.", "年›10", "·年", "arr*"] {
            assert_eq!(display_key(&key_from_display(key)), key);
        }
    }

    #[test]
    fn every_character_begins_one_key_that_goes_on() {
        let [zhong, nine, dot] = &units(&["中", "9", "。"])[..] else {
            unreachable!()
        };
        assert_eq!(pair_sides(zhong, None), Some(("中", NO_PAIR)));
        assert_eq!(pair_sides(zhong, Some(dot)), Some(("中", NO_PAIR)));
        assert_eq!(pair_sides(zhong, Some(zhong)), Some(("中", "中")));
        assert_eq!(pair_sides(zhong, Some(nine)), Some(("中", ANY_WORD)));
        assert_eq!(pair_sides(nine, Some(zhong)), Some((ANY_WORD, "中")));
        for (first, second) in [
            (nine, Some(nine)),
            (nine, None),
            (dot, Some(zhong)),
            (dot, None),
        ] {
            assert_eq!(pair_sides(first, second), None);
        }
    }
}
