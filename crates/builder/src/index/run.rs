//! The inverted index of some documents in a row, in memory.

use backfile_core::gram::{KeyUnit, pair_sides};
use backfile_core::text::{Alphabet, FoldTable, Folded, fold};
use rustc_hash::FxHashMap;

use crate::document::Document;

/// Terms in the order of their keys, each with where it stands.
#[derive(Debug)]
pub(super) struct Run {
    /// Rising.
    pub(super) keys: Vec<Box<str>>,
    /// For each key, where its occurrences end; they begin where those of the key before end.
    ends: Vec<usize>,
    /// By key, then by document, then by position.
    occurrences: Vec<Occurrence>,
    /// Units in each document.
    pub(super) lengths: Vec<u32>,
    /// All folded characters.
    pub(super) alphabet: Alphabet,
}

/// One place where a term stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Occurrence {
    pub(super) document: u32,
    pub(super) position: u32,
}

impl Run {
    /// Indexes documents, which are numbered from `first` on.
    pub(super) fn new(table: &FoldTable, first: u32, documents: &[Document]) -> Self {
        let mut collector = Collector::default();
        for (number, document) in (first..).zip(documents) {
            collector.add(table, number, document);
        }
        collector.finish()
    }

    /// The occurrences of the key at this place.
    pub(super) fn occurrences(&self, key: usize) -> &[Occurrence] {
        let start = key.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.occurrences[start..self.ends[key]]
    }

    /// The occurrences of all keys.
    pub(super) fn occurrence_count(&self) -> usize {
        self.occurrences.len()
    }
}

/// Numbers terms as they come, and notes where.
///
/// Tens of millions of keys go through here, nearly all of them pairs of single characters, so a
/// key is a number: two [`Codes`], or a word's code behind [`WORD`].
#[derive(Default)]
struct Collector {
    codes: Codes,
    terms: FxHashMap<u64, u32>,
    /// In the order of the text.
    seen: Vec<(u32, Occurrence)>,
    lengths: Vec<u32>,
    alphabet: Alphabet,
}

/// Stands where a pair has its first code: the key is a word. No code is that high.
const WORD: u32 = u32::MAX;

impl Collector {
    fn add(&mut self, table: &FoldTable, number: u32, document: &Document) {
        let title = fold(table, &document.title);
        let body = fold(table, &document.body);
        self.add_text(&title, number, 0);
        // One position stays empty, so that nothing stands in a row across the two.
        self.add_text(&body, number, title.units().len() as u32 + 1);
        self.lengths
            .push((title.units().len() + body.units().len()) as u32);
    }

    fn add_text(&mut self, folded: &Folded, document: u32, first: u32) {
        self.alphabet.add(folded.all_text());
        let units = folded.units().iter().map(|unit| KeyUnit::of(folded, unit));
        let mut units = units.peekable();
        let mut position = first;
        while let Some(unit) = units.next() {
            let occurrence = Occurrence { document, position };
            if unit.is_word {
                let code = self.codes.of(unit.text);
                self.note(WORD, code, occurrence);
            }
            if let Some((left, right)) = pair_sides(&unit, units.peek()) {
                let (left, right) = (self.codes.of(left), self.codes.of(right));
                self.note(left, right, occurrence);
            }
            position += 1;
        }
    }

    fn note(&mut self, left: u32, right: u32, occurrence: Occurrence) {
        let next = self.terms.len() as u32;
        let key = u64::from(left) << 32 | u64::from(right);
        let term = *self.terms.entry(key).or_insert(next);
        self.seen.push((term, occurrence));
    }

    fn key(&self, key: u64) -> Box<str> {
        let (left, right) = ((key >> 32) as u32, key as u32);
        let mut text = String::new();
        if left != WORD {
            self.codes.push(left, &mut text);
        }
        self.codes.push(right, &mut text);
        text.into()
    }

    /// Brings the occurrences into the order of the keys: a counting sort, which keeps the order
    /// of the text within a key.
    fn finish(self) -> Run {
        let numbered = self.terms.iter().map(|(&key, &term)| (self.key(key), term));
        let mut terms: Vec<(Box<str>, u32)> = numbered.collect();
        terms.sort_unstable();
        let mut rank = vec![0; terms.len()];
        for (place, (_, term)) in terms.iter().enumerate() {
            rank[*term as usize] = place;
        }
        let mut next = vec![0; terms.len() + 1];
        for (term, _) in &self.seen {
            next[rank[*term as usize] + 1] += 1;
        }
        for place in 1..next.len() {
            next[place] += next[place - 1];
        }
        let ends = next[1..].to_vec();
        let mut occurrences = vec![Occurrence::default(); self.seen.len()];
        for (term, occurrence) in self.seen {
            let at = &mut next[rank[term as usize]];
            occurrences[*at] = occurrence;
            *at += 1;
        }
        Run {
            keys: terms.into_iter().map(|(key, _)| key).collect(),
            ends,
            occurrences,
            lengths: self.lengths,
            alphabet: self.alphabet,
        }
    }
}

/// Numbers for strings: a single character is its own number, others are counted from behind
/// the last character on.
#[derive(Default)]
struct Codes {
    numbers: FxHashMap<Box<str>, u32>,
    strings: Vec<Box<str>>,
}

impl Codes {
    const FIRST: u32 = char::MAX as u32 + 1;

    fn of(&mut self, text: &str) -> u32 {
        let mut chars = text.chars();
        if let (Some(only), None) = (chars.next(), chars.next()) {
            return only as u32;
        }
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let number = Self::FIRST + self.strings.len() as u32;
        self.strings.push(text.into());
        self.numbers.insert(text.into(), number);
        number
    }

    fn push(&self, code: u32, out: &mut String) {
        match char::from_u32(code) {
            Some(c) => out.push(c),
            None => out.push_str(&self.strings[(code - Self::FIRST) as usize]),
        }
    }
}
