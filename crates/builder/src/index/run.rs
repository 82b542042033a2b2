//! The inverted index of some documents in a row, in memory.

use backfile_core::gram::{KeyUnit, pair_key};
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
#[derive(Default)]
struct Collector {
    terms: FxHashMap<Box<str>, u32>,
    /// In the order of the text.
    seen: Vec<(u32, Occurrence)>,
    lengths: Vec<u32>,
    alphabet: Alphabet,
    key: String,
}

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
        let mut units = folded
            .units()
            .iter()
            .map(|unit| KeyUnit::of(folded, unit))
            .peekable();
        let mut position = first;
        while let Some(unit) = units.next() {
            let occurrence = Occurrence { document, position };
            if unit.is_word {
                self.note(unit.text, occurrence);
            }
            let mut key = std::mem::take(&mut self.key);
            if pair_key(&unit, units.peek(), &mut key) {
                self.note(&key, occurrence);
            }
            self.key = key;
            position += 1;
        }
    }

    fn note(&mut self, key: &str, occurrence: Occurrence) {
        let term = match self.terms.get(key) {
            Some(&term) => term,
            None => {
                let term = self.terms.len() as u32;
                self.terms.insert(key.into(), term);
                term
            }
        };
        self.seen.push((term, occurrence));
    }

    /// Brings the occurrences into the order of the keys: a counting sort, which keeps the order
    /// of the text within a key.
    fn finish(self) -> Run {
        let mut terms: Vec<(Box<str>, u32)> = self.terms.into_iter().collect();
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
