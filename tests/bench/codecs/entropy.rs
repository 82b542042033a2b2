//! What would be left after ideal arithmetic coding with static tables.
//!
//! A number is split into a symbol, which stands for half an octave of values, and the bits
//! below, which are taken as they are. Symbols cost the entropy of their context's distribution
//! (C. Shannon, 1948), counted in the same data; the tables are counted apart.

use std::collections::BTreeMap;

use super::heads::Bits;
use super::index::{CLASSES, Index, Part, class};

const SYMBOLS: usize = 66;

/// Half an octave of values, and how many bits tell them apart.
fn symbol(value: u64) -> (usize, u64) {
    let octave = (value + 1).ilog2();
    if octave == 0 {
        return (0, 0);
    }
    let upper = ((value + 1) >> (octave - 1)) & 1;
    (
        (2 * u64::from(octave) + upper) as usize - 1,
        u64::from(octave) - 1,
    )
}

/// A step for each factor of 1.4 or so.
fn scale(ratio: f64) -> u32 {
    (ratio.max(1.0).log2() * 2.0).round() as u32
}

type Counts = [[u64; SYMBOLS]; CLASSES.len()];

/// Counts symbols by context.
#[derive(Default)]
pub(crate) struct Model {
    contexts: BTreeMap<[u32; 3], Box<Counts>>,
    below: Bits,
}

impl Model {
    /// Adds a number and says which symbol it has.
    fn add(&mut self, context: [u32; 3], class: usize, value: u64) -> u32 {
        let (symbol, below) = symbol(value);
        let counts = self.contexts.entry(context);
        let counts = counts.or_insert_with(|| Box::new([[0; SYMBOLS]; CLASSES.len()]));
        counts[class][symbol] += 1;
        self.below[class] += below;
        symbol as u32
    }

    /// Bits by class, and how many cells the tables have.
    pub(crate) fn bits(&self) -> (Bits, u64) {
        let mut bits = self.below.map(|bits| bits as f64);
        let mut cells = 0;
        for counts in self.contexts.values() {
            let sums: [u64; SYMBOLS] =
                std::array::from_fn(|symbol| counts.iter().map(|own| own[symbol]).sum());
            let all = sums.iter().sum::<u64>() as f64;
            for (symbol, &sum) in sums.iter().enumerate().filter(|(_, sum)| **sum > 0) {
                cells += 1;
                let cost = (all / sum as f64).log2();
                for (class, bits) in bits.iter_mut().enumerate() {
                    *bits += counts[class][symbol] as f64 * cost;
                }
            }
        }
        (bits.map(|bits| bits as u64), cells)
    }
}

/// The models of all streams, with their names.
pub(crate) struct Models {
    pub(crate) documents: Vec<(&'static str, Model)>,
    pub(crate) frequencies: Vec<(&'static str, Model)>,
    pub(crate) positions: Vec<(&'static str, Model)>,
    pub(crate) heads: Model,
}

impl Models {
    /// Counts everything.
    pub(crate) fn of(index: &Index) -> Self {
        let two = |first, second| vec![(first, Model::default()), (second, Model::default())];
        let mut models = Self {
            documents: two("entropy: by mean", "entropy: by mean and gap before"),
            frequencies: two("entropy: by mean", "entropy: by mean and rounded length"),
            positions: two(
                "entropy: by what is left (rounded)",
                "entropy: the same and gap before",
            ),
            heads: Model::default(),
        };
        for entry in &index.entries {
            let (documents, occurrences) = (entry.documents.len(), entry.positions.len());
            let class = class(documents);
            models.heads.add([0; 3], class, documents as u64 - 1);
            let size = [1, scale(documents as f64), 0];
            models
                .heads
                .add(size, class, (occurrences - documents) as u64);
            for part in index.document_parts(entry) {
                models.add_documents(index, &part, class);
                models.add_frequencies(index, &part, class);
            }
            for part in index.position_parts(entry) {
                models.add_positions(index, &part, class);
            }
        }
        models
    }

    fn add_documents(&mut self, index: &Index, part: &Part<'_>, class: usize) {
        let mean = scale(f64::from(index.tuning.documents) / part.all.0 as f64);
        let mut before = 99;
        for gap in part.document_gaps() {
            self.documents[0].1.add([mean, 0, 0], class, u64::from(gap));
            before = self.documents[1]
                .1
                .add([mean, before, 0], class, u64::from(gap));
        }
    }

    fn add_frequencies(&mut self, index: &Index, part: &Part<'_>, class: usize) {
        let (documents, occurrences) = part.all;
        if documents == 1 || documents == occurrences {
            return;
        }
        let mean = scale(16.0 * (occurrences - documents) as f64 / documents as f64);
        for (&document, &frequency) in part.documents.iter().zip(part.frequencies) {
            let more = u64::from(frequency - 1);
            let length = index.rounded_ends[document as usize];
            self.frequencies[0].1.add([mean, 0, 0], class, more);
            self.frequencies[1].1.add([mean, length, 0], class, more);
        }
    }

    fn add_positions(&mut self, index: &Index, part: &Part<'_>, class: usize) {
        for (document, positions) in part.by_document() {
            let end = index.rounded_ends[document as usize];
            let (mut expected, mut before) = (0, 99);
            for (at, &position) in positions.iter().enumerate() {
                let left = f64::from(end.saturating_sub(expected));
                let mean = scale(left / (positions.len() - at) as f64);
                let many = (positions.len() - at).min(3) as u32;
                let gap = u64::from(position - expected);
                self.positions[0].1.add([mean, many, 0], class, gap);
                before = self.positions[1].1.add([mean, many, before], class, gap);
                expected = position + 1;
            }
        }
    }
}
