//! Undoes radicals that a PDF gave up for characters.
//!
//! Unicode has the radicals of dictionaries a second time, as signs of their own: U+2F08 ⼈ beside 人. In a typeface both
//! are one drawing, and a program that writes a PDF has to say which of the two a drawing is. Chromium takes the radical,
//! for 313 of the 20,976 characters from U+4E00 on that a page with Noto Serif CJK SC gave back when all were printed
//! (November 2026). A search folds both to the same, but readers see odd glyphs, and the rules of [`press`](crate::press)
//! know 11月10日 and not 11⽉10⽇.
//!
//! No newspaper means the radical, so it becomes the character in every page, whether it comes from a PDF or as text that
//! somebody took from one. Both take three bytes, so places in the text stay what they are. Nothing is simplified: ⿓ is
//! 龍. Radicals whose character takes four bytes stay: these are parts of characters, which no text has by themselves.

use std::borrow::Cow;
use std::collections::BTreeSet;

include!(concat!(env!("OUT_DIR"), "/radicals.rs"));

/// What was replaced in a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replaced {
    /// How many radicals.
    pub count: usize,
    /// Which, each once.
    pub radicals: BTreeSet<char>,
}

impl Replaced {
    /// The radicals, for people.
    pub fn list(&self) -> String {
        let radicals: Vec<String> = self.radicals.iter().map(char::to_string).collect();
        radicals.join(" ")
    }
}

/// The text with characters for radicals, and what was replaced.
pub fn repair(text: &str) -> (Cow<'_, str>, Replaced) {
    let mut replaced = Replaced::default();
    if !text.contains(|c| character(c).is_some()) {
        return (Cow::Borrowed(text), replaced);
    }
    let repaired = text.chars().map(|c| match character(c) {
        Some(character) => {
            replaced.count += 1;
            replaced.radicals.insert(c);
            character
        }
        None => c,
    });
    (Cow::Owned(repaired.collect()), replaced)
}

/// The character that a radical stands for.
fn character(c: char) -> Option<char> {
    if !('\u{2E80}'..='\u{2FDF}').contains(&c) {
        return None;
    }
    let found = CHARACTERS.binary_search_by_key(&c, |(radical, _)| *radical);
    found.ok().map(|place| CHARACTERS[place].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn radicals_become_characters_and_places_stay() {
        let text = "11⽉10⽇，⽤⼾⻅⿓";
        let (repaired, replaced) = repair(text);
        assert_eq!(repaired, "11月10日，用户见龍");
        assert_eq!(repaired.len(), text.len());
        assert_eq!(replaced.count, 6);
        assert_eq!(replaced.list(), "⻅ ⼾ ⽇ ⽉ ⽤ ⿓");
        assert!(matches!(repair("11月10日").0, Cow::Borrowed(_)));
    }

    #[test]
    fn the_table_is_in_order_and_keeps_lengths() {
        assert!(CHARACTERS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!(
            CHARACTERS
                .iter()
                .filter(|(radical, _)| *radical >= '\u{2F00}')
                .count(),
            214
        );
        for (radical, character) in CHARACTERS {
            assert_eq!(
                (radical.len_utf8(), character.len_utf8()),
                (3, 3),
                "{radical}"
            );
        }
    }
}
