//! The oracle: what a reader with Ctrl-F and endless patience would find.
//!
//! It folds all text, as the builder does, and then looks through it from beginning to end for
//! each query. It shares folding with the engine, because folding defines what is the same; it
//! shares nothing else: no grams, no postings, no query parser.

use std::collections::HashMap;

use backfile::unicode::fold_table;
use backfile_core::text::fold;

/// Folded documents, their units as numbers.
#[derive(Debug, Default)]
pub struct Scanner {
    numbers: HashMap<String, u32>,
    /// Title and body of each document.
    documents: Vec<[Vec<u32>; 2]>,
}

impl Scanner {
    /// Adds a document; the first is number 0.
    pub fn add(&mut self, title: &str, body: &str) {
        let texts = [title, body].map(|text| {
            let folded = fold(fold_table(), text);
            let units = folded.texts().map(|unit| self.number(unit));
            units.collect::<Vec<u32>>()
        });
        self.documents.push(texts);
    }

    fn number(&mut self, unit: &str) -> u32 {
        let next = u32::try_from(self.numbers.len()).expect("fewer units than that");
        *self.numbers.entry(unit.to_owned()).or_insert(next)
    }

    /// The documents that contain every term, each as its units in a row, in title or body.
    /// Terms without units do not count; without any term, nothing is found.
    pub fn find(&self, terms: &[&str]) -> Vec<usize> {
        let terms: Vec<Vec<String>> = terms.iter().map(|term| units(term)).collect();
        let terms: Vec<_> = terms.into_iter().filter(|term| !term.is_empty()).collect();
        if terms.is_empty() {
            return Vec::new();
        }
        let numbered: Option<Vec<Vec<u32>>> = terms
            .iter()
            .map(|term| {
                term.iter()
                    .map(|unit| self.numbers.get(unit).copied())
                    .collect()
            })
            .collect();
        let Some(numbered) = numbered else {
            return Vec::new();
        };
        let has = |texts: &[Vec<u32>; 2], term: &[u32]| {
            texts
                .iter()
                .any(|text| text.windows(term.len()).any(|row| row == term))
        };
        let has_all = |texts: &[Vec<u32>; 2]| numbered.iter().all(|term| has(texts, term));
        (0..self.documents.len())
            .filter(|&at| has_all(&self.documents[at]))
            .collect()
    }

    /// As [`Scanner::find`] for one term whose last unit, a word, may go on.
    pub fn find_prefix(&self, term: &str) -> Vec<usize> {
        let mut wanted = units(term);
        let Some(prefix) = wanted.pop() else {
            return Vec::new();
        };
        let names: HashMap<u32, &str> = self
            .numbers
            .iter()
            .map(|(unit, number)| (*number, unit.as_str()))
            .collect();
        let row_matches = |row: &[u32]| {
            let (last, before) = row.split_last().expect("rows are as long as the term");
            let same = before
                .iter()
                .zip(&wanted)
                .all(|(unit, wanted)| names[unit] == wanted);
            same && goes_on(names[last], &prefix)
        };
        let has = |text: &Vec<u32>| text.windows(wanted.len() + 1).any(row_matches);
        (0..self.documents.len())
            .filter(|&at| self.documents[at].iter().any(has))
            .collect()
    }
}

/// The folded units of a text.
pub fn units(text: &str) -> Vec<String> {
    fold(fold_table(), text)
        .texts()
        .map(str::to_owned)
        .collect()
}

fn goes_on(word: &str, prefix: &str) -> bool {
    let rest = word.strip_prefix(prefix).map(|rest| rest.chars().next());
    rest.is_some_and(|next| !next.is_some_and(|c| fold_table().is_mark(c)))
}
