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

/// What is known of the whole archive.
#[derive(Clone, Copy, Debug)]
pub struct Collection {
    /// Documents in the archive.
    pub documents: u32,
    /// Units of all documents.
    pub units: u64,
}

/// A document and its score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    /// The document's number.
    pub document: u32,
    /// Higher is better; always positive.
    pub score: f64,
}

/// Scores all matches; `lengths` are those of the matching documents, in units.
pub fn score(matches: &Matches, lengths: &[u32], collection: Collection) -> Vec<Scored> {
    let average = collection.units.max(1) as f64 / f64::from(collection.documents.max(1));
    let weights: Vec<f64> = matches
        .terms
        .iter()
        .map(|term| inverse_document_frequency(term.document_frequency, collection.documents))
        .collect();
    let of = |(place, (&document, &length)): (usize, (&u32, &u32))| {
        let norm = K1 * (1.0 - B + B * f64::from(length) / average);
        let mut score = 0.0;
        for (term, weight) in matches.terms.iter().zip(&weights) {
            let frequency = f64::from(term.frequencies[place]);
            score += weight * frequency * (K1 + 1.0) / (frequency + norm);
        }
        Scored { document, score }
    };
    matches
        .documents
        .iter()
        .zip(lengths)
        .enumerate()
        .map(of)
        .collect()
}

fn inverse_document_frequency(document_frequency: u64, documents: u32) -> f64 {
    let documents = f64::from(documents);
    let with = (document_frequency as f64).min(documents);
    libm::log(1.0 + (documents - with + 0.5) / (with + 0.5))
}

/// The results from `offset` on, at most `limit`: best first, ties by document number.
pub fn page(scored: &[Scored], offset: usize, limit: usize) -> Vec<Scored> {
    let wanted = offset.saturating_add(limit).min(scored.len());
    // The worst of the best so far is on top.
    let mut best = BinaryHeap::with_capacity(wanted + 1);
    for (at, hit) in scored.iter().enumerate() {
        let rank = rank(hit, at);
        if best.len() < wanted {
            best.push(rank);
        } else if best.peek().is_some_and(|worst| rank < *worst) {
            best.pop();
            best.push(rank);
        }
    }
    let best = best.into_sorted_vec().into_iter().skip(offset);
    best.map(|(_, at)| scored[at]).collect()
}

/// What sorts better results first: `scored` is in the order of the documents. The bits of a
/// positive float sort as the float does.
fn rank(hit: &Scored, at: usize) -> (Reverse<u64>, usize) {
    (Reverse(hit.score.to_bits()), at)
}

#[cfg(test)]
mod tests {
    use super::super::evaluate::TermMatches;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_formula_by_hand() {
        let term = TermMatches {
            document_frequency: 1,
            frequencies: vec![2],
        };
        let matches = Matches {
            documents: vec![0],
            terms: vec![term],
        };
        let collection = Collection {
            documents: 3,
            units: 300,
        };
        let score = score(&matches, &[100], collection)[0].score;
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
                .map(|(document, &score)| Scored { document, score: f64::from(score) })
                .collect();
            let whole = page(&scored, 0, usize::MAX);
            let expected: Vec<_> = whole.into_iter().skip(offset).take(limit).collect();
            prop_assert_eq!(page(&scored, offset, limit), expected);
        }
    }
}
