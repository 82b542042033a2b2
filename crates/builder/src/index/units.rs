//! Numbers for what keys are put together from, so that a key is two numbers.

use rustc_hash::FxHashMap;

use super::run::prefix;

/// Numbers for units, markers and facet keys, in the order in which they come.
pub(super) struct Units {
    /// By character; [`Units::NOTHING`] for those that did not come. Pages that no character of the
    /// text lies in are never touched.
    characters: Vec<u32>,
    others: FxHashMap<Box<str>, u32>,
    /// By number.
    texts: Vec<Box<str>>,
}

impl Units {
    /// The number of the empty text.
    pub(super) const NOTHING: u32 = 0;

    pub(super) fn new() -> Self {
        Self {
            characters: vec![Self::NOTHING; char::MAX as usize + 1],
            others: FxHashMap::default(),
            texts: vec!["".into()],
        }
    }

    pub(super) fn number(&mut self, text: &str) -> u32 {
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(only), None) => self.character(only),
            _ => self.longer(text),
        }
    }

    pub(super) fn character(&mut self, c: char) -> u32 {
        let number = &mut self.characters[c as usize];
        if *number == Self::NOTHING {
            *number = self.texts.len() as u32;
            self.texts.push(c.to_string().into());
        }
        *number
    }

    /// The number of a text that is not one character.
    pub(super) fn longer(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.others.get(text) {
            return number;
        }
        let number = self.texts.len() as u32;
        self.texts.push(text.into());
        self.others.insert(text.into(), number);
        number
    }

    /// What has this number.
    pub(super) fn text(&self, number: u32) -> &str {
        &self.texts[number as usize]
    }

    /// For each number its place in the order of the texts, and the texts in order.
    pub(super) fn ranks(&self) -> (Vec<u32>, Vec<&str>) {
        let all = (0..).zip(&self.texts);
        let mut order: Vec<(u64, u32, &str)> = all
            .map(|(number, text)| (prefix(text.as_bytes()), number, &**text))
            .collect();
        order.sort_unstable_by_key(|&(prefix, _, text)| (prefix, text));
        let mut ranks = vec![0; order.len()];
        for (rank, (_, number, _)) in (0..).zip(&order) {
            ranks[*number as usize] = rank;
        }
        (ranks, order.into_iter().map(|(_, _, text)| text).collect())
    }
}
