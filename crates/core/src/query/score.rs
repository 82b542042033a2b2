//! Ranking: BM25 (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009), with the
//! variant of the inverse document frequency that is never negative.
//!
//! The browser and the native engine must agree to the last bit, so everything here is IEEE
//! addition, multiplication and division in a fixed order, and the logarithm is `libm`'s
//! portable one: a platform's own differs in the last place (7.7 % of values, measured).

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
pub fn page(mut scored: Vec<Scored>, offset: usize, limit: usize) -> Vec<Scored> {
    let order = |a: &Scored, b: &Scored| {
        b.score
            .total_cmp(&a.score)
            .then(a.document.cmp(&b.document))
    };
    let end = offset.saturating_add(limit).min(scored.len());
    if end < scored.len() && end > 0 {
        scored.select_nth_unstable_by(end - 1, order);
    }
    scored.truncate(end);
    scored.sort_unstable_by(order);
    scored.split_off(offset.min(end))
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
            let whole = page(scored.clone(), 0, usize::MAX);
            let expected: Vec<_> = whole.into_iter().skip(offset).take(limit).collect();
            prop_assert_eq!(page(scored, offset, limit), expected);
        }
    }
}
