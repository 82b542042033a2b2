//! Pairs of neighbouring characters, weighed by how rare they are on the page.
//!
//! A headline shares words with its article. Which words those are nobody has to know: pairs of
//! characters that only one article has say it well enough.

use rustc_hash::{FxHashMap, FxHashSet};

/// Two characters; letters without their case.
type Gram = (char, char);

/// All pairs of a text. No pair goes over a mark; white space is none, because columns spread words.
pub(super) fn grams(text: &str) -> impl Iterator<Item = Gram> {
    let mut before = None;
    text.chars().filter_map(move |character| {
        if character.is_whitespace() {
            return None;
        }
        let current = character.is_alphanumeric().then(|| lower(character));
        let pair = before.zip(current);
        before = current;
        pair
    })
}

fn lower(character: char) -> char {
    character.to_lowercase().next().unwrap_or(character)
}

/// Which texts of the page have which pairs.
#[derive(Debug, Default)]
pub(super) struct Index {
    texts: usize,
    /// The texts that have a pair, in order.
    places: FxHashMap<Gram, Vec<u32>>,
}

/// A pair of more texts than this says nothing, and would make a page of ten thousand articles slow.
const MOST_PLACES: usize = 64;

impl Index {
    /// An index of these texts, by their places in the list.
    pub(super) fn new<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let mut index = Self::default();
        for (number, text) in texts.enumerate() {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            for gram in grams(text).collect::<FxHashSet<_>>() {
                let places = index.places.entry(gram).or_default();
                if places.len() <= MOST_PLACES {
                    places.push(number);
                }
            }
            index.texts += 1;
        }
        index
    }

    /// How much of a headline each text has, from 0 to 1; texts that have nothing of it are left out.
    pub(super) fn shares(&self, headline: &str) -> Vec<(usize, f64)> {
        let mut wanted: Vec<Gram> = grams(headline).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut shares: FxHashMap<usize, f64> = FxHashMap::default();
        let mut all = 0.0;
        for gram in wanted {
            let places = self.places.get(&gram).map_or(&[][..], Vec::as_slice);
            let weight = self.weight(places.len());
            all += weight;
            if places.len() <= MOST_PLACES {
                places
                    .iter()
                    .for_each(|place| *shares.entry(*place as usize).or_default() += weight);
            }
        }
        let mut shares: Vec<(usize, f64)> = shares
            .into_iter()
            .map(|(place, share)| (place, share / all))
            .collect();
        shares.sort_unstable_by_key(|(place, _)| *place);
        shares
    }

    /// Rare pairs say more. One that no text has is a word that only the headline uses; it says
    /// little about where the headline belongs.
    fn weight(&self, places: usize) -> f64 {
        let texts = self.texts as f64;
        match places {
            0 => 0.4 * (1.0 + texts).ln(),
            _ => (1.0 + texts / places as f64).ln(),
        }
    }
}
