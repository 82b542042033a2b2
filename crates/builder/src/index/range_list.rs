//! One list for all pairs that a character begins: its documents, and how often it stands in each.
//!
//! A query of one character is a range of keys. For the most common characters that would be
//! hundreds of kilobytes, and nobody asks where in a document they stand.

use super::runs::{Occurrences, solo};
use crate::unicode::fold_table;

/// Adds up the lists of a character's pairs as they come by.
pub(super) struct RangeList {
    /// The character; empty between ranges, and for keys that begin with none.
    key: String,
    /// Where its first pair is among the terms.
    at: usize,
    /// Bytes of its pairs.
    bytes: usize,
    /// For each document of the segment, how often; 0 but for those in `touched`.
    sums: Vec<u32>,
    touched: Vec<u32>,
}

/// Where a list belongs, its key, its documents and their frequencies.
pub(super) type FinishedList = (usize, Box<str>, Vec<u32>, Vec<u32>);

impl RangeList {
    pub(super) fn new(documents: u32) -> Self {
        Self {
            key: String::new(),
            at: 0,
            bytes: 0,
            sums: vec![0; documents as usize],
            touched: Vec::new(),
        }
    }

    /// True if a key begins with the same character as the one before.
    pub(super) fn goes_on(&self, key: &[u8]) -> bool {
        !self.key.is_empty() && key.starts_with(self.key.as_bytes())
    }

    /// A new character begins, or a key that no character begins.
    pub(super) fn begin(&mut self, key: &[u8], at: usize) {
        self.key = solo(key, fold_table()).map_or_else(String::new, String::from);
        self.at = at;
    }

    /// Adds the list of a key that takes so many bytes. With a mark behind it, the character is
    /// another unit.
    pub(super) fn add(&mut self, key: &[u8], list: &Occurrences, bytes: usize) {
        let rest = key.get(self.key.len()..).unwrap_or_default();
        let next = rest
            .utf8_chunks()
            .next()
            .and_then(|chunk| chunk.valid().chars().next());
        if self.key.is_empty() || next.is_some_and(|c| fold_table().is_mark(c)) {
            return;
        }
        self.bytes += bytes;
        for (&document, &frequency) in list.documents.iter().zip(&list.frequencies) {
            let sum = &mut self.sums[document as usize];
            if *sum == 0 {
                self.touched.push(document);
            }
            *sum += frequency;
        }
    }

    /// The list, if the pairs took more than so many bytes. Then nothing is left of it.
    pub(super) fn finish(&mut self, heavy_bytes: usize) -> Option<FinishedList> {
        let is_heavy = self.bytes > heavy_bytes;
        let mut documents = std::mem::take(&mut self.touched);
        if is_heavy {
            documents.sort_unstable();
        }
        let take = |&document: &u32| std::mem::take(&mut self.sums[document as usize]);
        let frequencies: Vec<u32> = documents.iter().map(take).collect();
        let key = std::mem::take(&mut self.key);
        self.bytes = 0;
        is_heavy.then(|| (self.at, key.into(), documents, frequencies))
    }
}
