//! The root of the term dictionary: which branch knows the leaf of a key.
//!
//! An FST maps, for every branch but the last, the lower bound of the branch behind it to where
//! the branch lies. It is a few hundred bytes and part of the manifest.

use fst::{IntoStreamer, Map, MapBuilder, Streamer};

use super::postings::Extent;
use crate::Error;

/// Bits of a root's value that hold a branch's bytes; those above hold its address.
const SIZE_BITS: u32 = 20;

fn value(extent: Extent) -> u64 {
    extent.address << SIZE_BITS | u64::from(extent.bytes)
}

fn extent(value: u64) -> Extent {
    Extent {
        address: value >> SIZE_BITS,
        bytes: (value & ((1 << SIZE_BITS) - 1)) as u32,
    }
}

/// Collects the branches.
#[derive(Clone, Debug, Default)]
pub struct DictionaryWriter {
    bounds: Vec<(String, Extent)>,
    last: Option<Extent>,
}

impl DictionaryWriter {
    /// Adds a branch. `lower_bound` separates it from the branch before.
    pub fn push(&mut self, lower_bound: &str, extent: Extent) {
        if let Some(before) = self.last.replace(extent) {
            self.bounds.push((lower_bound.to_owned(), before));
        }
    }

    /// The root's payload.
    ///
    /// # Panics
    /// If the bounds do not rise, which would be a bug of whoever called.
    pub fn finish(self) -> Vec<u8> {
        let mut map = MapBuilder::memory();
        for (bound, before) in &self.bounds {
            map.insert(bound, value(*before))
                .expect("branches are written in the order of their keys");
        }
        let mut out = value(self.last.unwrap_or(Extent {
            address: 0,
            bytes: 0,
        }))
        .to_le_bytes()
        .to_vec();
        out.extend(map.into_inner().expect("writing to memory does not fail"));
        out
    }
}

/// Answers which branches know the leaves of a key.
#[derive(Clone, Debug)]
pub struct Dictionary {
    bounds: Map<Vec<u8>>,
    last: Extent,
}

impl Dictionary {
    /// Opens a root. The section's checksum has been verified.
    ///
    /// # Errors
    /// If the payload is not an FST behind a number.
    pub fn read(payload: &[u8]) -> Result<Self, Error> {
        let damaged = || Error::damaged("the dictionary root is not an FST");
        let (last, fst) = payload.split_first_chunk().ok_or_else(damaged)?;
        // The section's checksum has vouched for the bytes; FST's own would cost its tables, 16 KB
        // of the engine.
        Ok(Self {
            bounds: Map::new(fst.to_vec()).map_err(|_| damaged())?,
            last: extent(u64::from_le_bytes(*last)),
        })
    }

    /// The branch that knows the leaf of `key`; with `prefix` all that know leaves of keys that
    /// begin with it, in order.
    pub fn branches(&self, key: &str, prefix: bool) -> Vec<Extent> {
        let mut above = self.bounds.range().gt(key).into_stream();
        let mut found = Vec::new();
        while let Some((bound, value)) = above.next() {
            found.push(extent(value));
            if !(prefix && bound.starts_with(key.as_bytes())) {
                return found;
            }
        }
        // A segment without keys has no branches, and nothing stands for the last.
        found.extend((self.last.bytes > 0).then_some(self.last));
        found
    }

    /// All branches, in order.
    pub fn all(&self) -> Vec<Extent> {
        self.branches("", true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: u64) -> Extent {
        Extent { address, bytes: 9 }
    }

    fn root(bounds: &[&str]) -> Vec<u8> {
        let mut writer = DictionaryWriter::default();
        for (bound, number) in bounds.iter().zip(0..) {
            writer.push(bound, at(number));
        }
        writer.finish()
    }

    #[test]
    fn names_the_branch_of_a_key_and_those_of_a_prefix() {
        let root = Dictionary::read(&root(&["", "ab", "ac", "b"])).unwrap();
        for (key, branch) in [
            ("a", 0),
            ("ab", 1),
            ("abz", 1),
            ("ac", 2),
            ("b", 3),
            ("c", 3),
        ] {
            assert_eq!(root.branches(key, false), [at(branch)], "{key}");
        }
        assert_eq!(root.branches("a", true), [at(0), at(1), at(2)]);
        assert_eq!(root.branches("ab", true), [at(1)]);
        assert_eq!(root.branches("b", true), [at(3)]);
        assert_eq!(root.all().len(), 4);
    }

    #[test]
    fn without_keys_there_are_no_branches() {
        let root = Dictionary::read(&root(&[])).unwrap();
        assert!(root.branches("a", false).is_empty() && root.all().is_empty());
    }

    #[test]
    fn damage_is_an_error() {
        let bytes = root(&["", "b"]);
        assert!(Dictionary::read(&bytes).is_ok());
        assert!(Dictionary::read(&bytes[..20]).is_err());
        assert!(Dictionary::read(b"").is_err());
    }
}
