//! The words of which a segment has so many that they make mixed pairs with the words beside them
//! ([`backfile_core::gram`]).
//!
//! They are counted, not looked up in a list of some language's: what is common in one archive is not in
//! another, and languages are many.

use backfile_core::gram::UnitKind;
use backfile_core::text::fold;
use rustc_hash::FxHashMap;

use crate::error::Error;
use crate::source::Documents;
use crate::unicode::fold_table;

/// Bytes of text, about, in which words are counted: a word that is just common enough stands there a thousand
/// times and more.
const SAMPLE: u64 = 4_000_000;
/// A word is common if more than one of so many units is it. In English about twenty are, those that hold sentences
/// together, a sixth of all units; in Chinese news none is.
const ONE_OF: u64 = 256;

/// The common words of these documents, as some of them tell, in order.
///
/// # Errors
/// If the documents cannot be read back.
pub(super) fn common_words(documents: &Documents) -> Result<Vec<String>, Error> {
    let every = (documents.text_bytes() / SAMPLE).max(1) as usize;
    let mut words: FxHashMap<String, u64> = FxHashMap::default();
    let mut units = 0;
    for number in (0..documents.len()).step_by(every) {
        for document in documents.read(number..number + 1)? {
            let folded = fold(fold_table(), &document.body);
            units += folded.units().len() as u64;
            let own = folded.units().iter();
            for unit in own.filter(|unit| UnitKind::of(unit) == UnitKind::Word) {
                count(folded.text(unit), &mut words);
            }
        }
    }
    words.retain(|_, count| *count * ONE_OF > units);
    let mut common: Vec<String> = words.into_keys().collect();
    common.sort_unstable();
    Ok(common)
}

fn count(word: &str, words: &mut FxHashMap<String, u64>) {
    match words.get_mut(word) {
        Some(count) => *count += 1,
        None => drop(words.insert(word.to_owned(), 1)),
    }
}
