//! Which documents repeat an earlier one: the same article in two editions, or a reprint.
//!
//! Two texts are the same article when they have most of their shingles in common, which are all rows of five units
//! (characters, and words of letters and digits) of the folded body, without punctuation. Of all shingles of the two,
//! the part that both have is their similarity ([`Fingerprint::similarity`]); from 0.8 on ([`Threshold::default`]) the
//! later one is a reprint. Headlines do not count: editions change them.
//!
//! Reports that follow a form, of a congress that opens every year, are as similar as that and not the same. They
//! differ in their figures. So the numbers of one text have to be among those of the other, in the same order, or the
//! two are not similar at all; a shortened reprint lacks numbers, but has none of its own. And since one word in a short
//! text can be all that is new, texts below 200 shingles have to be the more similar the shorter they are, up to 0.95.
//! A reprint in which a figure was corrected is therefore not found. That is the lesser evil: it is shown twice, while
//! an article that is taken for another's reprint is hidden.
//!
//! # How all are compared with all
//!
//! Of each document a [`Sketch`] of 64 bytes is kept: 30 numbers, each the shingle that is first in an order of its own
//! (MinHash). Two documents have the same number in about as many places as they are similar. The numbers are looked at
//! in 10 bands of three; who has a whole band in common is a candidate, if the sketches say that it could be similar
//! enough, and candidates are compared in full. A pair with a similarity of 0.8 is missed once in a thousand times, one
//! of 0.7 once in seventy; the method is not made for thresholds below that.
//!
//! # What is a reprint of what
//!
//! Documents are taken in their order. One that is similar enough to an earlier *original* is a reprint of it, of the
//! most similar; all others are originals. So each reprint is as similar to the document that it names as the threshold
//! says, and a table that changes a little every week does not become one long chain.
//!
//! # Memory
//!
//! A sketch and its number take 72 bytes for each document that is long enough, and twice that for a moment, when those
//! of all threads are put together. One band is sorted at a time, for 16 bytes a document, and candidates take 8 bytes
//! each, of which a document has few: at most 40, and as a rule none. By calculation a million documents take 144 MB at
//! most, and 90 MB afterwards.

use std::collections::BTreeMap;

use backfile_core::text::{Class, Folded, fold};
use rayon::prelude::*;
use xxhash_rust::xxh64::xxh64;

use crate::document::Document;
use crate::unicode::fold_table;

/// Units in a row that are one shingle.
const SHINGLE: usize = 5;
/// Texts with fewer shingles than these could be alike by chance, or because a form is filled in.
const FEWEST_SHINGLES: usize = 40 - SHINGLE + 1;
/// Texts with fewer shingles have to be more similar than the threshold says.
const LONG: u32 = 200;
/// As similar the shortest have to be.
const SHORTEST: f64 = 0.95;
/// Numbers in a sketch.
const NUMBERS: usize = 30;
/// Numbers in a band.
const ROWS: usize = 3;
/// Documents with one band in common with which one is compared: so many of the first, and as many of the last.
const COMPARED: usize = 128;
/// Candidates that a band gives one document.
const CANDIDATES: usize = 4;

/// How similar a reprint is, from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Threshold(f64);

impl Threshold {
    /// A similarity; what lies outside of 0.5 to 1 is moved there, because sketches say nothing about it.
    pub fn new(similarity: f64) -> Self {
        Self(similarity.clamp(0.5, 1.0))
    }

    /// The similarity.
    pub fn similarity(self) -> f64 {
        self.0
    }

    /// The similarity that is asked of texts with so many shingles.
    fn for_shingles(self, shingles: u32) -> f64 {
        let missing =
            f64::from(LONG.saturating_sub(shingles)) / f64::from(LONG - FEWEST_SHINGLES as u32);
        let more = (SHORTEST - self.0).max(0.0);
        self.0 + more * missing.min(1.0)
    }
}

impl Default for Threshold {
    fn default() -> Self {
        Self(0.8)
    }
}

/// What is kept of a text to find similar ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sketch {
    /// Different shingles.
    shingles: u32,
    numbers: [u16; NUMBERS],
}

impl Sketch {
    /// Nothing if the body has fewer than 40 units.
    pub fn of(document: &Document) -> Option<Self> {
        Self::of_shingles(&shingles(&fold(fold_table(), &document.body)))
    }

    fn of_shingles(shingles: &[u64]) -> Option<Self> {
        if shingles.len() < FEWEST_SHINGLES {
            return None;
        }
        let mut least = [u64::MAX; NUMBERS];
        for shingle in shingles {
            for (least, factor) in least.iter_mut().zip(FACTORS) {
                *least = (*least).min(shingle.wrapping_mul(factor));
            }
        }
        Some(Self {
            shingles: u32::try_from(shingles.len()).unwrap_or(u32::MAX),
            // The least of many is small, so its upper bits are mostly zeros until it is mixed.
            numbers: least.map(|least| (mix(least) >> 48) as u16),
        })
    }

    /// Places in which both have the same number.
    fn agreement(&self, other: &Self) -> usize {
        let pairs = self.numbers.iter().zip(&other.numbers);
        pairs.filter(|(a, b)| a == b).count()
    }

    /// Whether the two may be similar enough.
    fn may_reach(&self, other: &Self, threshold: Threshold) -> bool {
        let (a, b) = (f64::from(self.shingles), f64::from(other.shingles));
        let wanted = threshold.similarity();
        // Three standard deviations: one pair in some hundreds that is exactly at the threshold is lost.
        let spread = (wanted * (1.0 - wanted) / NUMBERS as f64).sqrt();
        let enough = (wanted - 3.0 * spread) * NUMBERS as f64;
        a.min(b) >= wanted * a.max(b) && self.agreement(other) as f64 >= enough
    }

    fn band(&self, band: usize) -> u64 {
        let numbers = &self.numbers[band * ROWS..][..ROWS];
        numbers
            .iter()
            .fold(0, |key, number| key << 16 | u64::from(*number))
    }
}

/// Multiplication by each puts shingles into another order. Odd, and without a pattern.
const FACTORS: [u64; NUMBERS] = factors();

const fn factors() -> [u64; NUMBERS] {
    let mut factors = [0; NUMBERS];
    let mut number = 0;
    while number < NUMBERS {
        factors[number] = mix(0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(number as u64 + 1)) | 1;
        number += 1;
    }
    factors
}

/// Makes every bit depend on every other (the finalizer of SplitMix64).
const fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

/// What two texts are compared by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fingerprint {
    /// Hashes of the different shingles, sorted.
    shingles: Vec<u64>,
    /// Hashes of the numbers, in the order of the text.
    numbers: Vec<u64>,
}

impl Fingerprint {
    /// Of the body, without the headline.
    pub fn of(document: &Document) -> Self {
        let folded = fold(fold_table(), &document.body);
        Self {
            shingles: shingles(&folded),
            numbers: numbers(&folded),
        }
    }

    /// The part of the shingles of two texts that both have, from 0 to 1; 0 if the numbers say that they tell of
    /// different things.
    pub fn similarity(&self, other: &Self) -> f64 {
        let (numbers, others) = (&self.numbers, &other.numbers);
        if !is_among(numbers, others) && !is_among(others, numbers) {
            return 0.0;
        }
        let both = common(&self.shingles, &other.shingles);
        let all = self.shingles.len() + other.shingles.len() - both;
        if all == 0 {
            return 0.0;
        }
        both as f64 / all as f64
    }
}

fn shingles(folded: &Folded) -> Vec<u64> {
    /// Between the units of a shingle, so that their order counts.
    const STEP: u64 = 0x2127_599B_F432_5C37;
    let units = folded.units().iter();
    let units = units.filter(|unit| unit.class != Class::Symbol);
    let units: Vec<u64> = units
        .map(|unit| xxh64(folded.text(unit).as_bytes(), 0))
        .collect();
    let row = |units: &[u64]| {
        let row = units.iter();
        mix(row.fold(0, |row: u64, unit| {
            row.wrapping_mul(STEP).wrapping_add(*unit)
        }))
    };
    distinct(units.windows(SHINGLE).map(row))
}

/// Runs of digits and of numerals. A number that a column broke in two is one run all the same.
fn numbers(folded: &Folded) -> Vec<u64> {
    const NUMERALS: &str = "〇零一二三四五六七八九十百千万亿两";
    let is_number = |text: &str| {
        text.chars()
            .any(|c| c.is_ascii_digit() || NUMERALS.contains(c))
    };
    let texts: Vec<&str> = folded.texts().collect();
    let runs = texts.chunk_by(|a, b| is_number(a) && is_number(b));
    let numbers = runs.filter(|run| run.iter().any(|text| is_number(text)));
    numbers
        .map(|run| xxh64(run.concat().as_bytes(), 0))
        .collect()
}

/// Whether a row is what is left of another when some are taken out.
fn is_among(row: &[u64], of: &[u64]) -> bool {
    let mut of = of.iter();
    row.iter().all(|number| of.any(|other| other == number))
}

fn distinct(hashes: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut hashes: Vec<u64> = hashes.collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

/// How many two sorted rows have in common.
fn common(a: &[u64], b: &[u64]) -> usize {
    let (mut i, mut j, mut both) = (0, 0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        both += usize::from(x == y);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    both
}

/// A reprint and the original that it repeats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reprint {
    /// The number of the reprint.
    pub later: usize,
    /// The number of the original, which is smaller.
    pub first: usize,
    /// How similar they are.
    pub similarity: f64,
}

/// Finds reprints. Sketches come with the numbers of their documents, in whatever order; a smaller number is an earlier
/// document. `verify` says how similar two documents are; the smaller number comes first.
///
/// The reprints come in the order of their numbers. The same sketches give the same, whatever their order.
///
/// # Errors
/// The first error of `verify`.
pub fn duplicates<E>(
    mut sketches: Vec<(usize, Sketch)>,
    threshold: Threshold,
    mut verify: impl FnMut(usize, usize) -> Result<f64, E>,
) -> Result<Vec<Reprint>, E> {
    sketches.par_sort_unstable_by_key(|(number, _)| *number);
    let candidates = candidates(&sketches, threshold);
    let shingles_of = |number: usize| {
        let at = sketches.binary_search_by_key(&number, |(number, _)| *number);
        at.map_or(0, |at| sketches[at].1.shingles)
    };
    let mut originals: BTreeMap<usize, usize> = BTreeMap::new();
    let mut reprints = Vec::new();
    for of_one in candidates.chunk_by(|a, b| a.0 == b.0) {
        let later = sketches[of_one[0].0 as usize].0;
        let mut earlier: Vec<usize> = of_one
            .iter()
            .map(|(_, earlier)| sketches[*earlier as usize].0)
            .map(|number| originals.get(&number).copied().unwrap_or(number))
            .collect();
        earlier.sort_unstable();
        earlier.dedup();
        let mut best: Option<Reprint> = None;
        for first in earlier {
            let similarity = verify(first, later)?;
            let shorter = shingles_of(first).min(shingles_of(later));
            if similarity >= threshold.for_shingles(shorter)
                && best.is_none_or(|best| similarity > best.similarity)
            {
                best = Some(Reprint {
                    later,
                    first,
                    similarity,
                });
            }
        }
        if let Some(reprint) = best {
            originals.insert(later, reprint.first);
            reprints.push(reprint);
        }
    }
    Ok(reprints)
}

/// Pairs of places in the row of sketches, the later first, that may be similar enough; sorted.
fn candidates(sketches: &[(usize, Sketch)], threshold: Threshold) -> Vec<(u32, u32)> {
    let mut pairs: Vec<(u32, u32)> = same_sketches(sketches);
    // Of documents with one sketch, only the first is compared with others.
    let repeated: Vec<bool> = {
        let mut repeated = vec![false; sketches.len()];
        pairs
            .iter()
            .for_each(|(later, _)| repeated[*later as usize] = true);
        repeated
    };
    for band in 0..NUMBERS / ROWS {
        let places = (0..sketches.len() as u32).filter(|place| !repeated[*place as usize]);
        let key = |place: u32| (sketches[place as usize].1.band(band), place);
        let mut keys: Vec<(u64, u32)> = places.map(key).collect();
        keys.par_sort_unstable();
        for bucket in keys
            .chunk_by(|a, b| a.0 == b.0)
            .filter(|bucket| bucket.len() > 1)
        {
            in_bucket(bucket, sketches, threshold, &mut pairs);
        }
        pairs.par_sort_unstable();
        pairs.dedup();
    }
    pairs
}

/// Pairs of a document and the first one with exactly its sketch.
fn same_sketches(sketches: &[(usize, Sketch)]) -> Vec<(u32, u32)> {
    let mut places: Vec<u32> = (0..sketches.len() as u32).collect();
    let sketch = |place: &u32| &sketches[*place as usize].1;
    places.par_sort_unstable_by(|a, b| sketch(a).cmp(sketch(b)).then(a.cmp(b)));
    let same = places.chunk_by(|a, b| sketch(a) == sketch(b));
    let pairs = same.flat_map(|same| same[1..].iter().map(|later| (*later, same[0])));
    pairs.collect()
}

/// Pairs each document with those before it that agree with it most.
fn in_bucket(
    bucket: &[(u64, u32)],
    sketches: &[(usize, Sketch)],
    threshold: Threshold,
    pairs: &mut Vec<(u32, u32)>,
) {
    let sketch = |place: u32| &sketches[place as usize].1;
    for (number, (_, later)) in bucket.iter().enumerate().skip(1) {
        let first = &bucket[..number.min(COMPARED)];
        let last = &bucket[number.saturating_sub(COMPARED).max(first.len())..number];
        let earlier = first.iter().chain(last).map(|(_, earlier)| *earlier);
        let similar =
            earlier.filter(|earlier| sketch(*earlier).may_reach(sketch(*later), threshold));
        let agreement = |earlier: u32| sketch(earlier).agreement(sketch(*later));
        let mut similar: Vec<(usize, u32)> = similar
            .map(|earlier| (NUMBERS - agreement(earlier), earlier))
            .collect();
        similar.sort_unstable();
        similar.truncate(CANDIDATES);
        pairs.extend(similar.into_iter().map(|(_, earlier)| (*later, earlier)));
    }
}

#[cfg(test)]
mod tests;
