//! What a list costs besides its numbers: its record's head, skip entries, unused bits.

use std::collections::HashMap;

use backfile_core::format::bits::rice_bits;

use super::codes::{gamma, varbyte};
use super::index::{CLASSES, Entry, Index, class};
use super::streams::{DOCUMENTS, FREQUENCIES, POSITIONS};

/// Bits, by class of the list's length.
pub(crate) type Bits = [u64; CLASSES.len()];

/// What today's records have besides keys and numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heads {
    /// Counts, lengths and places in the streams.
    pub(crate) records: Bits,
    /// Skip tables.
    pub(crate) skips: Bits,
    /// What is left of last bytes.
    pub(crate) padding: Bits,
    /// The part of the padding that chunks of lists with a skip table have.
    pub(crate) chunk_padding: Bits,
    long_documents: u64,
    long_positions: u64,
}

impl Heads {
    /// Adds up those of all lists. Lists whose chunks have more bytes than `long` lie in the
    /// streams.
    pub(crate) fn of(index: &Index, long: u64) -> Self {
        let mut heads = Self::default();
        index
            .entries
            .iter()
            .for_each(|entry| heads.add(index, entry, long));
        heads
    }

    fn add(&mut self, index: &Index, entry: &Entry, long: u64) {
        let (documents, occurrences) = (entry.documents.len() as u64, entry.positions.len() as u64);
        let class = class(entry.documents.len());
        if (documents, occurrences) == (1, 1) {
            self.records[class] += 8;
            return;
        }
        let chunks: Vec<[u64; 2]> = index
            .parts(entry)
            .map(|part| {
                let documents = DOCUMENTS[0].1(index, &part) + FREQUENCIES[0].1(index, &part);
                [documents, POSITIONS[0].1(index, &part)]
            })
            .collect();
        let counts = varbyte(documents << 2) + varbyte(occurrences - documents);
        let body = chunks[0][0] + chunks[0][1];
        if chunks.len() == 1 && body.div_ceil(8) <= long {
            self.records[class] += counts + varbyte(body.div_ceil(8));
            self.padding[class] += body.next_multiple_of(8) - body;
            return;
        }
        let (mut skips, mut before) = (0, 0);
        let (mut all_documents, mut all_positions) = (0, 0);
        for (part, [documents, positions]) in index.parts(entry).zip(&chunks) {
            let last = part.documents.last().copied().unwrap_or(0);
            let lengths = [documents.div_ceil(8), positions.div_ceil(8)];
            skips += varbyte(u64::from(last - before)) + varbyte(lengths[0]) + varbyte(lengths[1]);
            before = last;
            let padding = 8 * (lengths[0] + lengths[1]) - documents - positions;
            self.padding[class] += padding;
            self.chunk_padding[class] += padding;
            all_documents += lengths[0];
            all_positions += lengths[1];
        }
        let mut body = skips / 8 + all_documents + all_positions;
        let mut places = 0;
        if all_documents + all_positions > long {
            places = varbyte(self.long_documents) + varbyte(self.long_positions);
            body = skips / 8 + places / 8;
            self.long_documents += all_documents;
            self.long_positions += all_positions;
        }
        self.skips[class] += skips;
        self.records[class] += counts + varbyte(body) + places;
    }
}

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
