//! One list for all keys that begin alike: its documents, and how often any of them stands in each.
//!
//! A query of one character is a range of keys, and so is a word that is being typed. For the most common
//! characters and beginnings that would be hundreds of kilobytes, and nobody asks where in a document they
//! stand. Of all other characters only the number of documents is kept, which scores need, unless adding up
//! those of the pairs gives the same; of a beginning with a list, the sum, because that is what scores take
//! where there is none.

use backfile_core::gram::{beginning_key, beginning_sum_key, count_key};
use backfile_core::text::Class;

use super::runs::Occurrences;
use crate::unicode::fold_table;

/// Longer beginnings of words have no list: what has so many letters in common is few words.
const LONGEST_BEGINNING: usize = 6;

/// The ranges that the key of the moment is in: that of its character, or those of its word's beginnings,
/// each of which is within the one before it.
pub(super) struct RangeLists {
    open: Vec<RangeList>,
    /// Closed ones, for their memory.
    spare: Vec<RangeList>,
    documents: u32,
}

/// Adds up the lists of keys as they come by.
struct RangeList {
    /// What they begin with.
    beginning: String,
    is_character: bool,
    /// Where a list of all of them belongs among the terms.
    at: usize,
    /// Bytes of their lists.
    bytes: usize,
    /// Documents of their lists, added up.
    postings: usize,
    /// For each document of the segment, how often; 0 but for those in `touched`.
    sums: Vec<u32>,
    touched: Vec<u32>,
}

/// What there is to say of a range.
pub(super) struct Finished {
    /// Where it belongs among the terms.
    pub(super) at: usize,
    pub(super) count: Option<Count>,
    pub(super) list: Option<SumList>,
}

/// Comes before the list, if there are both.
pub(super) struct Count {
    pub(super) key: String,
    pub(super) documents: usize,
}

pub(super) struct SumList {
    pub(super) key: String,
    /// Rising.
    pub(super) documents: Vec<u32>,
    /// How often it stands in each of them.
    pub(super) frequencies: Vec<u32>,
}

impl RangeLists {
    /// For a segment of so many documents.
    pub(super) fn new(documents: u32) -> Self {
        Self {
            open: Vec::new(),
            spare: Vec::new(),
            documents,
        }
    }

    /// Bytes of memory for a segment of so many documents, at most.
    pub(super) fn memory(documents: u64, has_words: bool) -> u64 {
        let ranges = if has_words { LONGEST_BEGINNING } else { 1 };
        documents * (ranges * size_of::<u32>()) as u64
    }

    /// The innermost range that this key is not in, if there is one; it is closed. Lists of keys make it
    /// heavy that take more than so many bytes.
    pub(super) fn leave(&mut self, key: &[u8], heavy_bytes: usize) -> Option<Finished> {
        let innermost = self.open.last()?;
        if key.starts_with(innermost.beginning.as_bytes()) {
            return None;
        }
        self.close(heavy_bytes)
    }

    /// Closes the innermost range.
    pub(super) fn close(&mut self, heavy_bytes: usize) -> Option<Finished> {
        let mut closed = self.open.pop()?;
        let finished = closed.finish(heavy_bytes);
        self.spare.push(closed);
        Some(finished)
    }

    /// Begins the ranges of a key that is going to be at this place among the terms. All that it is not in have been left.
    pub(super) fn begin(&mut self, key: &str, at: usize) {
        let first = key.chars().next();
        let (is_character, longest) = match first.map(|c| fold_table().class(c)) {
            Some(Class::Solo) => (true, 1),
            Some(Class::Word) => (false, LONGEST_BEGINNING),
            _ => return,
        };
        let innermost = self.open.last();
        let from = innermost.map_or(0, |range| range.beginning.len());
        let ends = key[from..]
            .char_indices()
            .map(|(at, c)| from + at + c.len_utf8());
        for end in ends.take(longest - self.open.len()) {
            let mut range = self
                .spare
                .pop()
                .unwrap_or_else(|| RangeList::new(self.documents));
            range.beginning.push_str(&key[..end]);
            range.is_character = is_character;
            // The word itself comes before all that is said of its beginning.
            range.at = at + usize::from(!is_character && end == key.len());
            self.open.push(range);
        }
    }

    /// Adds the list of a key, which takes so many bytes, so many of them apart.
    pub(super) fn add(&mut self, key: &str, list: &Occurrences, bytes: usize, apart: usize) {
        for range in &mut self.open {
            // Of words, what is apart is not read for a page of results.
            let bytes = if range.is_character {
                bytes
            } else {
                bytes - apart
            };
            range.add(key, list, bytes);
        }
    }
}

impl RangeList {
    fn new(documents: u32) -> Self {
        Self {
            beginning: String::new(),
            is_character: false,
            at: 0,
            bytes: 0,
            postings: 0,
            sums: vec![0; documents as usize],
            touched: Vec::new(),
        }
    }

    /// With a mark behind it, the last character of the beginning is another one.
    fn add(&mut self, key: &str, list: &Occurrences, bytes: usize) {
        let next = key[self.beginning.len()..].chars().next();
        if next.is_some_and(|c| fold_table().is_mark(c)) {
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

    /// The list, if the keys took more than so many bytes, and the count. Then nothing is left of it.
    fn finish(&mut self, heavy_bytes: usize) -> Finished {
        let beginning = std::mem::take(&mut self.beginning);
        let (at, is_heavy) = (self.at, self.bytes > heavy_bytes);
        let (documents, postings) = (self.touched.len(), self.postings);
        let count = if self.is_character {
            let count = (!is_heavy && documents < postings).then_some(documents);
            count.map(|documents| (count_key(&beginning), documents))
        } else {
            is_heavy.then(|| (beginning_sum_key(&beginning), postings))
        };
        let count = count.map(|(key, documents)| Count { key, documents });
        (self.bytes, self.postings) = (0, 0);
        if !is_heavy {
            self.touched
                .drain(..)
                .for_each(|document| self.sums[document as usize] = 0);
            let list = None;
            return Finished { at, count, list };
        }
        let mut documents = std::mem::take(&mut self.touched);
        documents.sort_unstable();
        let take = |&document: &u32| std::mem::take(&mut self.sums[document as usize]);
        let list = Some(SumList {
            key: if self.is_character {
                beginning
            } else {
                beginning_key(&beginning)
            },
            frequencies: documents.iter().map(take).collect(),
            documents,
        });
        Finished { at, count, list }
    }
}
