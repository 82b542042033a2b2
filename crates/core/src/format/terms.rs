//! A leaf of the term dictionary, with the postings of its terms beside them: one fetch answers
//! both whether a term exists and where it stands.
//!
//! Keys rise in the order of their bytes and share their beginnings with the key before, so a
//! bigram costs its second character and two small numbers. A leaf is read from its start; a
//! thousand records take some ten microseconds.

use super::cursor::{Cursor, put_varint};
use super::postings::{ListReader, Tuning};
use crate::Error;

/// Fills leaves up to a size.
#[derive(Clone, Debug, Default)]
pub struct TermsWriter {
    block: Vec<u8>,
    last_key: Vec<u8>,
}

impl TermsWriter {
    /// Appends a term; `record` is that of its list ([`super::postings::LongStreams::place`]).
    pub fn push(&mut self, key: &[u8], record: &[u8]) {
        debug_assert!(self.block.is_empty() || self.last_key.as_slice() < key);
        let shared = shared_prefix(&self.last_key, key);
        put_varint(&mut self.block, shared as u64);
        put_varint(&mut self.block, (key.len() - shared) as u64);
        self.block.extend_from_slice(&key[shared..]);
        self.block.extend_from_slice(record);
        self.last_key.clear();
        self.last_key.extend_from_slice(key);
    }

    /// Bytes in the leaf so far.
    pub fn len(&self) -> usize {
        self.block.len()
    }

    /// True before the first term.
    pub fn is_empty(&self) -> bool {
        self.block.is_empty()
    }

    /// The last key that was pushed.
    pub fn last_key(&self) -> &[u8] {
        &self.last_key
    }

    /// Hands out the leaf and starts the next.
    pub fn finish(&mut self) -> Vec<u8> {
        self.last_key.clear();
        std::mem::take(&mut self.block)
    }
}

/// How many bytes two keys begin alike.
pub fn shared_prefix(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

/// Reads a leaf.
#[derive(Clone, Debug)]
pub struct TermsBlock<'b> {
    cursor: Cursor<'b>,
    key: Vec<u8>,
    tuning: Tuning,
}

impl<'b> TermsBlock<'b> {
    /// Starts before the first term.
    pub fn new(bytes: &'b [u8], tuning: Tuning) -> Self {
        Self {
            cursor: Cursor::new(bytes, "terms block"),
            key: Vec::new(),
            tuning,
        }
    }

    /// The next term: its list. [`TermsBlock::key`] then has its key.
    ///
    /// # Errors
    /// If the block is damaged.
    pub fn next_term(&mut self) -> Result<Option<ListReader<'b>>, Error> {
        if !self.next_key()? {
            return Ok(None);
        }
        ListReader::read(&mut self.cursor, self.tuning).map(Some)
    }

    /// The first term whose key is not below `key`, if there is one: its list. Those before it
    /// are passed over unread.
    ///
    /// # Errors
    /// If the block is damaged.
    pub fn seek(&mut self, key: &[u8]) -> Result<Option<ListReader<'b>>, Error> {
        while self.next_key()? {
            if self.key.as_slice() >= key {
                return ListReader::read(&mut self.cursor, self.tuning).map(Some);
            }
            ListReader::pass(&mut self.cursor)?;
        }
        Ok(None)
    }

    /// Reads a key; its list comes next. False at the end.
    fn next_key(&mut self) -> Result<bool, Error> {
        if self.cursor.is_empty() {
            return Ok(false);
        }
        let shared = self.cursor.varint_usize()?;
        let more = self.cursor.varint_usize()?;
        if shared > self.key.len() {
            return Err(self.cursor.wrong("a key that continues none"));
        }
        self.key.truncate(shared);
        self.key.extend_from_slice(self.cursor.bytes(more)?);
        Ok(true)
    }

    /// The key of the last term that was read.
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    /// The list of `key`, if the leaf has it.
    ///
    /// # Errors
    /// If the block is damaged.
    pub fn find(mut self, key: &[u8]) -> Result<Option<ListReader<'b>>, Error> {
        let found = self.seek(key)?;
        Ok(found.filter(|_| self.key == key))
    }
}

#[cfg(test)]
mod tests {
    use super::super::postings::{List, LongStreams, PostingsEncoder};
    use super::*;

    const TUNING: Tuning = Tuning {
        documents: 10,
        average_units: 10,
    };

    fn leaf(keys: &[&str]) -> Vec<u8> {
        let encoder = PostingsEncoder {
            tuning: TUNING,
            long_bytes: 1000,
        };
        let mut terms = TermsWriter::default();
        for (key, document) in keys.iter().zip(0..) {
            let list = List {
                documents: &[document],
                frequencies: &[2],
                positions: &[3, 5],
            };
            let record = LongStreams::default().place(encoder.encode(list));
            terms.push(key.as_bytes(), &record);
        }
        terms.finish()
    }

    #[test]
    fn finds_each_key_and_no_other() {
        let bytes = leaf(&["一个", "一人", "中国", "中文"]);
        for (key, document) in ["一个", "一人", "中国", "中文"].iter().zip(0..) {
            let block = TermsBlock::new(&bytes, TUNING);
            let list = block.find(key.as_bytes()).unwrap().unwrap();
            let (chunk, positions) = list.decode_short().unwrap();
            assert_eq!((chunk.documents, positions), (vec![document], vec![3, 5]));
        }
        for key in ["", "一", "中", "中国人", "龙"] {
            let block = TermsBlock::new(&bytes, TUNING);
            assert!(block.find(key.as_bytes()).unwrap().is_none(), "{key}");
        }
    }

    #[test]
    fn every_truncation_is_an_error_or_a_shorter_leaf() {
        let bytes = leaf(&["一个", "一人"]);
        for end in 1..bytes.len() {
            let mut block = TermsBlock::new(&bytes[..end], TUNING);
            let mut terms = 0;
            while let Ok(Some(_)) = block.next_term() {
                terms += 1;
            }
            assert!(terms < 2);
        }
    }
}
