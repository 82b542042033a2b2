//! What the two counts at the head of each list cost.

use std::collections::HashMap;

use backfile_core::format::bits::rice_bits;

use super::codes::gamma;
use super::index::{CLASSES, Index, class};

/// Bits, by class of the list's length.
pub(crate) type Bits = [u64; CLASSES.len()];

/// Both counts of each list in Elias's gamma code.
pub(crate) fn gamma_heads(index: &Index) -> Bits {
    let mut bits = Bits::default();
    for entry in &index.entries {
        let (documents, occurrences) = (entry.documents.len(), entry.positions.len());
        bits[class(documents)] +=
            gamma(documents as u64 - 1) + gamma((occurrences - documents) as u64);
    }
    bits
}

/// The number of documents in the gamma code; what the occurrences are more in the Rice code with
/// the parameter that suits lists of about so many documents (one for each power of two).
pub(crate) fn rice_heads(index: &Index) -> Bits {
    let mut more: HashMap<u32, Vec<u32>> = HashMap::new();
    let mut bits = Bits::default();
    for entry in &index.entries {
        let (documents, occurrences) = (entry.documents.len(), entry.positions.len());
        bits[class(documents)] += gamma(documents as u64 - 1);
        more.entry(documents.ilog2())
            .or_default()
            .push((occurrences - documents) as u32);
    }
    let mut best = HashMap::new();
    for (&size, values) in &more {
        let cost = |k: u32| {
            values
                .iter()
                .map(|&v| u64::from(rice_bits(v, k)))
                .sum::<u64>()
        };
        best.insert(size, (0..24).min_by_key(|&k| cost(k)).unwrap_or(0));
    }
    for entry in &index.entries {
        let (documents, occurrences) = (entry.documents.len(), entry.positions.len());
        let k = best[&documents.ilog2()];
        bits[class(documents)] += u64::from(rice_bits((occurrences - documents) as u32, k));
    }
    bits
}
