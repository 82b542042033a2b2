//! One list for all pairs that a character begins: its documents, and how often it stands in each.
//!
//! A query of one character is a range of keys. For the most common characters that would be
//! hundreds of kilobytes, and nobody asks where in a document they stand. Of all others only the number of
//! documents is kept, which scores need, unless adding up those of the pairs gives the same.

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
    /// Documents of its pairs, added up.
    postings: usize,
    /// For each document of the segment, how often; 0 but for those in `touched`.
    sums: Vec<u32>,
    touched: Vec<u32>,
}

/// What there is to say of a character.
pub(super) struct Finished {
    /// Where it belongs among the terms.
    pub(super) at: usize,
    /// The character.
    pub(super) key: String,
    pub(super) what: What,
}

pub(super) enum What {
    /// Its documents, rising, and how often it stands in each.
    List(Vec<u32>, Vec<u32>),
    /// How many documents it has.
    Count(u32),
}

impl RangeList {
    pub(super) fn new(documents: u32) -> Self {
        Self {
            key: String::new(),
            at: 0,
            bytes: 0,
            postings: 0,
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
        self.postings += list.documents.len();
        for (&document, &frequency) in list.documents.iter().zip(&list.frequencies) {
            let sum = &mut self.sums[document as usize];
            if *sum == 0 {
                self.touched.push(document);
            }
            *sum += frequency;
        }
    }

    /// The list, if the pairs took more than so many bytes, or the count. Then nothing is left of it.
    pub(super) fn finish(&mut self, heavy_bytes: usize) -> Option<Finished> {
        let is_heavy = self.bytes > heavy_bytes;
        let is_counted = self.touched.len() < self.postings;
        let mut documents = std::mem::take(&mut self.touched);
        if is_heavy {
            documents.sort_unstable();
        }
        let take = |&document: &u32| std::mem::take(&mut self.sums[document as usize]);
        let frequencies: Vec<u32> = documents.iter().map(take).collect();
        let key = std::mem::take(&mut self.key);
        (self.bytes, self.postings) = (0, 0);
        let what = if is_heavy {
            What::List(documents, frequencies)
        } else {
            What::Count(documents.len() as u32)
        };
        let at = self.at;
        (is_heavy || is_counted).then_some(Finished { at, key, what })
    }
}
