//! Ranking: BM25 (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009), with the
//! variant of the inverse document frequency that is never negative.
//!
//! The browser and the native engine must agree to the last bit, so everything here is IEEE
//! addition, multiplication and division in a fixed order, and the logarithm is `libm`'s
//! portable one: a platform's own differs in the last place (7.7 % of values, measured).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::evaluate::Matches;

const K1: f64 = 1.2;
const B: f64 = 0.75;
/// An archive with more documents ranks as if all were of one length: to know the lengths of
/// thousands of matches, a reader would have to fetch most of the directory.
const WITH_LENGTHS: u64 = 1 << 16;

/// What is known of the whole archive.
#[derive(Clone, Copy, Debug)]
pub struct Collection {
    /// Documents in the archive.
    pub documents: u64,
    /// The lengths of all of them, added up.
    pub length: u64,
}

impl Collection {
    /// True if scores depend on lengths.
    pub fn ranks_by_length(&self) -> bool {
        self.documents <= WITH_LENGTHS
    }
}

/// A document and its score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scored {
    /// The segment, by its place in the manifest.
    pub segment: usize,
    /// The document's number in it.
    pub document: u32,
    /// Its place in the order of the archive.
    pub place: u64,
    /// Higher is better: the bits of a score, which is positive, or a date as a number.
    pub rank: u64,
}

/// The weight of each term: that of the rarest of its planned legs, which costs no look-up more than
/// finding the documents did. `frequencies` are, for each term and each of its legs, the documents of the archive
/// that have it.
pub fn weights(frequencies: &[Vec<u64>], collection: Collection) -> Vec<f64> {
    let weight = |legs: &Vec<u64>| {
        let rarest = legs.iter().min();
        inverse_document_frequency(rarest.copied().unwrap_or(0), collection.documents)
    };
    frequencies.iter().map(weight).collect()
}

/// The scores of a segment's matches; `lengths` are those of the documents, or none if they do
/// not count.
pub fn scores(
    matches: &Matches,
    weights: &[f64],
    lengths: &[u32],
    collection: Collection,
) -> Vec<f64> {
    let average = collection.length.max(1) as f64 / collection.documents.max(1) as f64;
    let score = |at: usize| {
        let length = lengths.get(at).map_or(average, |&length| f64::from(length));
        let norm = K1 * (1.0 - B + B * length / average);
        let mut score = 0.0;
        for (frequencies, weight) in matches.frequencies.iter().zip(weights) {
            let frequency = f64::from(frequencies[at]);
            score += weight * frequency * (K1 + 1.0) / (frequency + norm);
        }
        score
    };
    (0..matches.documents.len()).map(score).collect()
}

fn inverse_document_frequency(document_frequency: u64, documents: u64) -> f64 {
    let documents = documents as f64;
    let with = (document_frequency as f64).min(documents);
    libm::log(1.0 + (documents - with + 0.5) / (with + 0.5))
}

/// The results from `offset` on, at most `limit`: best first, ties in the order of the
/// archive.
pub fn page(scored: &[Scored], offset: usize, limit: usize) -> Vec<Scored> {
    let rank = |(at, hit): (usize, &Scored)| (Reverse(hit.rank), hit.place, at);
    let ranks = scored.iter().enumerate().map(rank).collect();
    let best = best_places(ranks, offset.saturating_add(limit));
    best.into_iter().skip(offset).map(|at| scored[at]).collect()
}

/// What sorts better results first, and at the end where they are.
pub type Rank = (Reverse<u64>, u64, usize);

/// Where the first of these are, at most so many of them, in order.
pub fn best_places(ranks: Vec<Rank>, limit: usize) -> Vec<usize> {
    let wanted = limit.min(ranks.len());
    // The worst of the best so far is on top.
    let mut best = BinaryHeap::with_capacity(wanted + 1);
    for rank in ranks {
        if best.len() < wanted {
            best.push(rank);
        } else if best.peek().is_some_and(|worst| rank < *worst) {
            best.pop();
            best.push(rank);
        }
    }
    best.into_sorted_vec()
        .into_iter()
        .map(|(.., at)| at)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_formula_by_hand() {
        // One document has the term, whose rarer leg one has and the other two.
        let matches = Matches {
            documents: vec![0],
            frequencies: vec![vec![2]],
        };
        let collection = Collection {
            documents: 3,
            length: 300,
        };
        let weights = weights(&[vec![1, 2]], collection);
        let score = scores(&matches, &weights, &[100], collection)[0];
        let expected = (1.0_f64 + 2.5 / 1.5).ln() * 2.0 * 2.2 / (2.0 + 1.2);
        assert!((score - expected).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn a_page_is_a_slice_of_the_sorted_whole(
            scores in prop::collection::vec(0_u8..5, 0..50),
            offset in 0_usize..60,
            limit in 0_usize..20,
        ) {
            let scored: Vec<Scored> = (0..).zip(&scores)
                .map(|(document, &score)| Scored { segment: 0, document, place: document.into(), rank: f64::from(score).to_bits() })
                .collect();
            let whole = page(&scored, 0, usize::MAX);
            let expected: Vec<_> = whole.into_iter().skip(offset).take(limit).collect();
            prop_assert_eq!(page(&scored, offset, limit), expected);
        }
    }
}
