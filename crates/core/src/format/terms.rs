//! A leaf of the term dictionary, with the postings of its terms beside them: one fetch answers
//! both whether a term exists and where it stands.
//!
//! A leaf is one row of bits: parameters for its keys ([`super::keys`]), and then key and list in
//! turn. It is read from its start, and to pass over a list is to decode it; so leaves are small.

use super::bits::{BitReader, BitWriter, Bits};
use super::keys::KeyParameters;
use super::postings::{ListKind, PostingsList, Tuning};
use crate::Error;
use crate::text::slice;

/// Bits that a key takes, about.
const KEY_BITS: usize = 14;

/// Fills leaves. Keys and lists wait in one piece of memory each: there are a hundred in a leaf.
#[derive(Clone, Debug, Default)]
pub struct TermsWriter {
    keys: String,
    lists: Vec<u8>,
    ends: Vec<TermEnd>,
    bits: usize,
}

/// Where a term ends.
#[derive(Clone, Copy, Debug)]
struct TermEnd {
    key: usize,
    list: usize,
    list_bits: usize,
}

impl TermsWriter {
    /// Appends a term; `list` is what [`super::postings::EncodedList::place`] made of it.
    pub fn push(&mut self, key: &str, list: Bits<'_>) {
        debug_assert!(self.is_empty() || self.last_key() < key);
        self.bits += KEY_BITS + list.len();
        self.keys.push_str(key);
        self.lists.extend_from_slice(list.bytes());
        self.ends.push(TermEnd {
            key: self.keys.len(),
            list: self.lists.len(),
            list_bits: list.len(),
        });
    }

    /// Bytes in the leaf so far, about.
    pub fn len(&self) -> usize {
        self.bits.div_ceil(8)
    }

    /// How many terms there are.
    pub fn count(&self) -> usize {
        self.ends.len()
    }

    /// True before the first term.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// A key by its place.
    ///
    /// # Panics
    /// If there are not so many.
    pub fn key(&self, at: usize) -> &str {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before].key);
        slice(&self.keys, start..self.ends[at].key)
    }

    /// The last key that was pushed.
    pub fn last_key(&self) -> &str {
        self.count().checked_sub(1).map_or("", |at| self.key(at))
    }

    /// Keys and lists in order.
    fn terms(&self) -> impl Iterator<Item = (&str, Bits<'_>)> {
        (0..self.count()).map(|at| {
            let start = at.checked_sub(1).map_or(0, |before| self.ends[before].list);
            let end = self.ends[at];
            let list = Bits::new(&self.lists[start..end.list], end.list_bits);
            (self.key(at), list)
        })
    }

    /// Hands out the payload of a leaf with the first `count` terms; those behind it begin the next.
    ///
    /// # Panics
    /// If it has 2^32 terms.
    pub fn finish(&mut self, count: usize) -> Vec<u8> {
        let terms = || self.terms().take(count);
        let parameters = KeyParameters::choose(terms().map(|(key, _)| key));
        let mut bits = BitWriter::with_capacity(2 * self.len());
        bits.gamma(u32::try_from(count).expect("a leaf is small"));
        parameters.write(&mut bits);
        let mut before = "";
        for (key, list) in terms() {
            parameters.write_key(&mut bits, before, key);
            bits.append_bits(list);
            before = key;
        }
        let mut rest = Self::default();
        for (key, list) in self.terms().skip(count) {
            rest.push(key, list);
        }
        *self = rest;
        bits.finish()
    }
}

/// Reads a leaf.
#[derive(Clone, Debug)]
pub struct TermsReader<'b> {
    bits: BitReader<'b>,
    left: u32,
    parameters: KeyParameters,
    key: String,
    tuning: Tuning,
}

impl<'b> TermsReader<'b> {
    /// Starts before the first term.
    ///
    /// # Errors
    /// If the payload is too short.
    pub fn new(payload: &'b [u8], tuning: Tuning) -> Result<Self, Error> {
        let mut bits = BitReader::new(payload);
        Ok(Self {
            left: bits.gamma()?,
            parameters: KeyParameters::read(&mut bits)?,
            bits,
            key: String::new(),
            tuning,
        })
    }

    /// The next term: its list. [`TermsReader::key`] then has its key.
    ///
    /// # Errors
    /// If the leaf is damaged.
    pub fn next_term(&mut self) -> Result<Option<PostingsList>, Error> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(None);
        };
        self.left = left;
        self.parameters.read_key(&mut self.bits, &mut self.key)?;
        let kind = ListKind::of(&self.key);
        PostingsList::read(&mut self.bits, self.tuning, kind).map(Some)
    }

    /// The first term whose key is not below `key`, if there is one: its list.
    ///
    /// # Errors
    /// If the leaf is damaged.
    pub fn seek(&mut self, key: &str) -> Result<Option<PostingsList>, Error> {
        while let Some(list) = self.next_term()? {
            if self.key.as_str() >= key {
                return Ok(Some(list));
            }
        }
        Ok(None)
    }

    /// The key of the last term that was read.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The list of `key`, if the leaf has it.
    ///
    /// # Errors
    /// If the leaf is damaged.
    pub fn find(mut self, key: &str) -> Result<Option<PostingsList>, Error> {
        let found = self.seek(key)?;
        Ok(found.filter(|_| self.key == key))
    }
}

#[cfg(test)]
mod tests {
    use super::super::postings::{ExtentSink, List, Part, Positions, PostingsEncoder};
    use super::super::stream::StreamKind;
    use super::*;
    use std::convert::Infallible;

    const TUNING: Tuning = Tuning {
        documents: 10,
        average_units: 10,
        documents_file_bytes: 100,
        positions_file_bytes: 100,
    };

    struct Nothing;

    impl ExtentSink for Nothing {
        type Error = Infallible;

        fn append(&mut self, _: StreamKind, _: &[u8]) -> Result<u64, Infallible> {
            unreachable!("no list is long")
        }
    }

    fn leaf(keys: &[&str]) -> Vec<u8> {
        let mut terms = writer(keys);
        terms.finish(terms.count())
    }

    fn writer(keys: &[&str]) -> TermsWriter {
        let encoder = PostingsEncoder {
            tuning: TUNING,
            list_bytes: 1000,
            documents_bytes: 1000,
        };
        let mut terms = TermsWriter::default();
        for (key, document) in keys.iter().zip(0..) {
            let list = List {
                documents: &[document],
                frequencies: &[2],
                positions: Positions::All(&[3, 1]),
            };
            let Ok(bits) = encoder.encode(list).place(&mut Nothing);
            let len = bits.len();
            terms.push(key, Bits::new(&bits.finish(), len));
        }
        terms
    }

    #[test]
    fn what_a_leaf_leaves_over_begins_the_next() {
        let mut terms = writer(&["一个", "一人", "中国", "中文"]);
        let mut found = Vec::new();
        for count in [3, 1] {
            let bytes = terms.finish(count);
            let mut leaf = TermsReader::new(&bytes, TUNING).unwrap();
            while let Some(list) = leaf.next_term().unwrap() {
                found.push((leaf.key().to_owned(), list.chunks[0].last_document));
            }
        }
        assert!(terms.is_empty());
        let keys = ["一个", "一人", "中国", "中文"].map(str::to_owned);
        assert_eq!(found, keys.into_iter().zip(0..).collect::<Vec<_>>());
    }

    #[test]
    fn finds_each_key_and_no_other() {
        let bytes = leaf(&["一个", "一人", "中国", "中文"]);
        for (key, document) in ["一个", "一人", "中国", "中文"].iter().zip(0..) {
            let leaf = TermsReader::new(&bytes, TUNING).unwrap();
            let list = leaf.find(key).unwrap().unwrap();
            let [chunk] = &list.chunks[..] else {
                panic!("one chunk")
            };
            assert_eq!(chunk.last_document, document);
            assert_eq!(chunk.positions, Part::Here(vec![3, 5]));
        }
        for key in ["", "一", "中", "中国人", "龙"] {
            let leaf = TermsReader::new(&bytes, TUNING).unwrap();
            assert!(leaf.find(key).unwrap().is_none(), "{key}");
        }
    }

    #[test]
    fn every_truncation_is_an_error() {
        let bytes = leaf(&["一个", "一人"]);
        for end in 0..bytes.len() {
            let leaf = TermsReader::new(&bytes[..end], TUNING);
            let read = leaf.and_then(|mut leaf| {
                while leaf.next_term()?.is_some() {}
                Ok(())
            });
            assert!(read.is_err(), "cut at {end}");
        }
    }
}
