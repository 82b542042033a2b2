//! The root of the term dictionary: which leaf a key would be in.
//!
//! An FST maps, for every leaf but the last, the shortest string that is above all its keys and
//! not above the first key of the next leaf. It is small enough to load at the start (a few
//! bytes for each leaf), and one look-up in it names the one block to fetch.

use fst::{IntoStreamer, Map, MapBuilder, Streamer};

use super::terms::shared_prefix;
use crate::Error;

/// Collects the bounds between leaves.
#[derive(Clone, Debug, Default)]
pub struct DictionaryWriter {
    bounds: Vec<Vec<u8>>,
}

impl DictionaryWriter {
    /// A leaf ends with `last`, and the next begins with `first`.
    pub fn bound(&mut self, last: &[u8], first: &[u8]) {
        let len = shared_prefix(last, first) + 1;
        self.bounds.push(first[..len.min(first.len())].to_vec());
    }

    /// The root's payload.
    ///
    /// # Panics
    /// If the bounds do not rise, which would be a bug of whoever called.
    pub fn finish(self) -> Vec<u8> {
        let mut map = MapBuilder::memory();
        for (bound, leaf) in self.bounds.iter().zip(0..) {
            map.insert(bound, leaf)
                .expect("leaves are written in the order of their keys");
        }
        map.into_inner().expect("writing to memory does not fail")
    }
}

/// Answers which leaves may hold a key.
#[derive(Clone, Debug)]
pub struct Dictionary {
    bounds: Map<Vec<u8>>,
    leaves: u32,
}

impl Dictionary {
    /// Opens a root for a segment of so many leaves. The section's checksum has been verified.
    ///
    /// # Errors
    /// If the payload is not an FST.
    pub fn read(payload: &[u8], leaves: u32) -> Result<Self, Error> {
        // The section's checksum has vouched for the bytes; FST's own would cost its tables, 16 KB
        // of the engine.
        let bounds = Map::new(payload.to_vec());
        let bounds = bounds.map_err(|_| Error::damaged("the dictionary root is not an FST"))?;
        if bounds.len() + 1 != leaves.max(1) as usize {
            return Err(Error::damaged(
                "the dictionary root is of another size than the segment",
            ));
        }
        Ok(Self { bounds, leaves })
    }

    /// The only leaf that may hold `key`.
    pub fn leaf(&self, key: &[u8]) -> u32 {
        let mut above = self.bounds.range().gt(key).into_stream();
        let leaf = above.next().and_then(|(_, leaf)| u32::try_from(leaf).ok());
        leaf.unwrap_or(self.leaves.saturating_sub(1))
    }

    /// The leaves that may hold keys with this prefix.
    pub fn leaves(&self, prefix: &[u8]) -> std::ops::RangeInclusive<u32> {
        // Keys are UTF-8, which has no byte 0xFF.
        let end = [prefix, &[0xFF]].concat();
        self.leaf(prefix)..=self.leaf(&end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn a_key_is_in_the_leaf_that_is_named(
            keys in prop::collection::btree_set("[a-c]{1,4}|[一-三]{1,2}", 1..60),
            size in 1_usize..9,
        ) {
            let keys: Vec<String> = keys.into_iter().collect();
            let leaves: Vec<&[String]> = keys.chunks(size).collect();
            let mut writer = DictionaryWriter::default();
            for pair in leaves.windows(2) {
                writer.bound(pair[0][pair[0].len() - 1].as_bytes(), pair[1][0].as_bytes());
            }
            let root = Dictionary::read(&writer.finish(), leaves.len() as u32).unwrap();
            for (leaf, own) in leaves.iter().enumerate() {
                for key in *own {
                    prop_assert_eq!(root.leaf(key.as_bytes()) as usize, leaf);
                }
            }
            for prefix in ["a", "b", "ca", "一", "二一"] {
                let with: BTreeSet<usize> = keys.iter().enumerate()
                    .filter(|(_, key)| key.starts_with(prefix))
                    .map(|(at, _)| at / size)
                    .collect();
                let named = root.leaves(prefix.as_bytes());
                prop_assert!(with.iter().all(|&leaf| named.contains(&(leaf as u32))));
            }
        }
    }

    #[test]
    fn damage_is_an_error() {
        let mut writer = DictionaryWriter::default();
        writer.bound(b"alpha", b"beta");
        let bytes = writer.finish();
        assert!(Dictionary::read(&bytes, 2).is_ok());
        assert!(Dictionary::read(&bytes, 3).is_err());
        assert!(Dictionary::read(&bytes[..20], 2).is_err());
        assert!(Dictionary::read(b"", 1).is_err());
    }
}
