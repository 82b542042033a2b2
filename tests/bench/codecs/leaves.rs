//! Leaves and some of their keys, to time how a key is found. One source for the native program
//! and for wasm.

use backfile_core::format::postings::Tuning;
use backfile_core::format::terms::TermsReader;

/// From `codecs ARCHIVE --leaves FILE`.
pub(crate) struct Leaves {
    tuning: Tuning,
    leaves: Vec<Vec<u8>>,
    /// Keys, each with the number of its leaf.
    keys: Vec<(usize, String)>,
}

impl Leaves {
    /// Reads a dump.
    pub(crate) fn read(mut bytes: &[u8]) -> Self {
        let number = |bytes: &mut &[u8]| {
            let (four, rest) = bytes.split_first_chunk()?;
            *bytes = rest;
            Some(u32::from_le_bytes(*four))
        };
        let mut next = || number(&mut bytes).expect("a number");
        let mut all = Self {
            tuning: Tuning {
                documents: next(),
                average_units: next(),
                documents_file_bytes: next(),
                positions_file_bytes: next(),
            },
            leaves: Vec::new(),
            keys: Vec::new(),
        };
        let mut is_leaf = true;
        while let Some(length) = number(&mut bytes) {
            let (own, rest) = bytes.split_at(length as usize);
            bytes = rest;
            if is_leaf {
                all.leaves.push(own.to_vec());
            } else if length > 0 {
                let key = String::from_utf8_lossy(own).into_owned();
                all.keys.push((all.leaves.len() - 1, key));
            }
            is_leaf = !is_leaf && length == 0;
        }
        all
    }

    /// The number of keys.
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Reads a key's leaf up to the key and its list: true if it is there.
    pub(crate) fn find(&self, number: usize) -> bool {
        let (leaf, key) = &self.keys[number];
        let leaf = TermsReader::new(&self.leaves[*leaf], self.tuning);
        let found = leaf.and_then(|leaf| leaf.find(key));
        std::hint::black_box(found).is_ok_and(|list| list.is_some())
    }
}
