//! Finds phrases in a text, whatever their script variant, width, case and spacing.
//!
//! Both sides are folded as the index folds them, so an archivist who writes 水库 finds 水庫 and a line break between
//! the two characters. Words of letters and digits are found as wholes: `AI` is not in `maintain`.

use aho_corasick::{AhoCorasick, MatchKind};
use backfile_core::text::fold;

use crate::unicode::fold_table;

/// Stands on both sides of a word. Folding leaves no control characters, so no text has it.
const EDGE: char = '\u{1F}';

/// A text in the form in which phrases are found: its units in a row.
pub(super) fn folded(text: &str) -> String {
    let folded = fold(fold_table(), text);
    let mut joined = String::with_capacity(folded.all_text().len());
    for unit in folded.units() {
        let edge = unit.is_word().then_some(EDGE);
        joined.extend(edge);
        joined.push_str(folded.text(unit));
        joined.extend(edge);
    }
    joined
}

/// Many phrases, which are looked for at once.
#[derive(Clone, Debug)]
pub(super) struct Phrases {
    automaton: AhoCorasick,
}

/// A phrase in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mention {
    /// The number of the phrase.
    pub(super) phrase: usize,
    /// Where it begins and ends in the folded text, in bytes.
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Phrases {
    /// Phrases as [`folded`] gives them; none may be empty. Their numbers are their places in the row.
    ///
    /// Nothing if there are more than an automaton can hold, which are some hundred millions of characters.
    pub(super) fn new(phrases: &[String]) -> Option<Self> {
        let mut builder = AhoCorasick::builder();
        let builder = builder.match_kind(MatchKind::LeftmostLongest);
        let automaton = builder.build(phrases).ok()?;
        Some(Self { automaton })
    }

    /// Mentions in a folded text, from its start and without overlap: the one that begins first, of those the
    /// longest.
    pub(super) fn mentions<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Mention> + 'a {
        self.automaton.find_iter(text).map(|found| Mention {
            phrase: found.pattern().as_usize(),
            start: found.start(),
            end: found.end(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(phrases: &[&str], text: &str) -> Vec<usize> {
        let phrases: Vec<String> = phrases.iter().map(|phrase| folded(phrase)).collect();
        let text = folded(text);
        let phrases = Phrases::new(&phrases).unwrap();
        phrases.mentions(&text).map(|found| found.phrase).collect()
    }

    #[test]
    fn variants_widths_and_line_breaks_do_not_matter() {
        let phrases = ["水库", "5G基站", "Half Marathon"];
        assert_eq!(found(&phrases, "雙鯉水\n庫的５ｇ基 站"), [0, 1]);
        assert_eq!(found(&phrases, "the HALF  marathon"), [2]);
    }

    #[test]
    fn words_are_found_as_wholes() {
        assert_eq!(found(&["AI", "5G"], "maintain 15G AI."), [0]);
        assert_eq!(found(&["AI"], "用AI写"), [0]);
    }

    #[test]
    fn punctuation_keeps_words_apart() {
        assert_eq!(found(&["水库"], "节水，库区"), [] as [usize; 0]);
    }

    #[test]
    fn the_longest_wins() {
        assert_eq!(
            found(&["稻", "晚稻", "晚稻秧苗"], "晚稻秧苗、晚稻、稻"),
            [2, 1, 0]
        );
    }
}
