//! The middle level of the dictionary: which leaf a key is in, and where that leaf lies.
//!
//! ```text
//! root (FST, in the manifest)  ──▶  branch: bounds and sizes of some leaves  ──▶  leaf
//! ```
//!
//! The root names one of a few branches, a branch one of some hundred leaves. Small archives
//! have their branches in the manifest; in large ones a branch is an extent of its own, so the
//! start does not grow with the archive.

use super::bits::{BitReader, BitWriter, best_parameter};
use super::cursor::{Cursor, put_varint};
use super::keys::{self, KeyParameters};
use super::postings::Extent;
use super::stream::Addresses;
use crate::Error;

/// Extents of leaves are padded to a multiple of so many bytes, and sizes counted in it.
pub const LEAF_UNIT: u32 = 128;

/// Collects leaves for a branch.
#[derive(Clone, Debug, Default)]
pub struct BranchWriter {
    first_address: u64,
    bounds: Vec<String>,
    /// In [`LEAF_UNIT`]s.
    sizes: Vec<u32>,
}

impl BranchWriter {
    /// Adds the leaf that lies in `extent`. `before` is the last key of the leaf before in the
    /// whole dictionary, `first` its own first key. Its size is a multiple of [`LEAF_UNIT`].
    pub fn push(&mut self, before: &str, first: &str, extent: Extent) {
        if self.sizes.is_empty() {
            self.first_address = extent.address;
        }
        self.bounds.push(keys::bound(before, first).0);
        self.sizes.push(extent.bytes / LEAF_UNIT);
    }

    /// Leaves so far.
    pub fn len(&self) -> usize {
        self.sizes.len()
    }

    /// True before the first leaf.
    pub fn is_empty(&self) -> bool {
        self.sizes.is_empty()
    }

    /// The bound below the first leaf: nothing in earlier branches is above it.
    pub fn lower_bound(&self) -> &str {
        self.bounds.first().map_or("", String::as_str)
    }

    /// Hands out the branch's payload and starts the next.
    pub fn finish(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        put_varint(&mut out, self.sizes.len() as u64);
        put_varint(&mut out, self.first_address);
        let bounds = self.bounds.get(1..).unwrap_or(&[]);
        let parameters = KeyParameters::choose_for_bounds(bounds);
        let least = self.sizes.iter().copied().min().unwrap_or(0);
        put_varint(&mut out, u64::from(least));
        let more: Vec<u32> = self.sizes.iter().map(|size| size - least).collect();
        let size = best_parameter(more.iter().copied());
        let mut bits = BitWriter::default();
        parameters.write_for_bounds(&mut bits);
        bits.bits(size, 5);
        let mut before = "";
        for (at, &more) in more.iter().enumerate() {
            if let Some(bound) = self.bounds.get(at).filter(|_| at > 0) {
                parameters.write_key(&mut bits, before, bound);
                before = bound;
            }
            bits.rice(more, size);
        }
        out.extend(bits.finish());
        *self = Self::default();
        out
    }
}

/// Leaves that may hold `key`, or with `prefix` all that begin with it: at least one, in order.
/// `file_bytes` is that of the stream of leaves.
///
/// # Errors
/// If the branch is damaged.
pub fn leaves(
    payload: &[u8],
    key: &str,
    prefix: bool,
    file_bytes: u32,
) -> Result<Vec<Extent>, Error> {
    let mut found = Vec::new();
    walk(payload, file_bytes, |bound, extent| {
        if bound <= key {
            found.clear();
        } else if !(prefix && bound.starts_with(key)) {
            return false;
        }
        found.push(extent);
        true
    })?;
    Ok(found)
}

/// Calls `visit` with each leaf's lower bound (of the first: none) and extent, until it says
/// false.
///
/// # Errors
/// If the branch is damaged.
pub fn walk(
    payload: &[u8],
    file_bytes: u32,
    mut visit: impl FnMut(&str, Extent) -> bool,
) -> Result<(), Error> {
    let mut cursor = Cursor::new(payload, "dictionary branch");
    let count = cursor.varint()?;
    let mut addresses = Addresses::from(cursor.varint()?, file_bytes);
    let least = cursor.varint_u32()?;
    let mut bits = BitReader::new(cursor.rest());
    let parameters = KeyParameters::read_for_bounds(&mut bits)?;
    let size = bits.bits(5)?.min(30);
    let mut bound = String::new();
    for at in 0..count {
        if at > 0 {
            parameters.read_key(&mut bits, &mut bound)?;
        }
        let units = bits.rice(size)?.saturating_add(least);
        let bytes = units.saturating_mul(LEAF_UNIT);
        let address = addresses.place(bytes);
        if !visit(&bound, Extent { address, bytes }) {
            return Ok(());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_key_is_in_the_leaf_that_is_named(
            keys in prop::collection::btree_set("[a-c]{1,4}|[一-三]{1,2}", 1..60),
            size in 1_usize..9,
            prefix in "[a-c一-三]{1,2}",
        ) {
            let keys: Vec<String> = keys.into_iter().collect();
            let leaves: Vec<&[String]> = keys.chunks(size).collect();
            let (mut writer, mut addresses, mut before) = (BranchWriter::default(), Addresses::from(7, 150), "");
            let mut extents = Vec::new();
            for (leaf, units) in leaves.iter().zip(1_u32..) {
                let bytes = units * LEAF_UNIT;
                let extent = Extent { address: addresses.place(bytes), bytes };
                writer.push(before, &leaf[0], extent);
                extents.push(extent);
                before = &leaf[leaf.len() - 1];
            }
            let payload = writer.finish();
            for (leaf, &extent) in leaves.iter().zip(&extents) {
                for key in *leaf {
                    prop_assert_eq!(super::leaves(&payload, key, false, 150).unwrap(), vec![extent]);
                }
            }
            let named = super::leaves(&payload, &prefix, true, 150).unwrap();
            for (leaf, extent) in leaves.iter().zip(&extents) {
                let has = leaf.iter().any(|key| key.starts_with(&prefix));
                prop_assert!(!has || named.contains(extent));
            }
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
            drop(walk(&bytes, 100, |_, _| true));
        }
    }
}
