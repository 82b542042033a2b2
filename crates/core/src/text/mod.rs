//! From text to units, with the way back.
//!
//! A reader types what she saw in print; the archive holds what a PDF gave up. Both go through
//! [`fold()`], and what comes out are **units**: one character of a script that is written without
//! spaces (Han, kana, hangul, Thai …), one run of letters and digits, or one punctuation mark or
//! symbol. A query matches where its units stand in a row.
//!
//! # How folding works
//!
//! 1. Every character is mapped on its own, by the [`FoldTable`]: compatibility forms (full
//!    width, ligatures, circled digits), case, traditional to simplified and variant characters,
//!    CJK radicals to the characters that they stand for. Accented letters come out as a letter
//!    and its marks.
//! 2. Marks are put into canonical order and hangul jamo are composed into syllables.
//! 3. White space and *soft* punctuation (quotation marks, title marks, middle dots) end a word
//!    and are gone; invisible characters are gone without ending a word. So spaces and line
//!    breaks inside Chinese text leave no trace, and neither do quotation marks.
//!
//! # Why decomposed
//!
//! The contract says NFKC. Two texts have the same NFKC exactly when they have the same NFKD
//! (Unicode Standard Annex 15, section 1.2), and NFKD needs nothing but a mapping for each
//! character and the order of marks: no composition tables, no exclusions, no look-ahead. A unit
//! keeps its marks with it, so no match begins or ends between a letter and its accent.
//!
//! # Why the table comes with the archive
//!
//! All of Unicode's mappings are 50 KB and more, and a browser has its own idea of the Unicode
//! version. But a character that no document contains cannot match, so an archive carries the
//! mappings that lead to *its* characters ([`FoldTable::restricted_to`]) and nothing else.

mod class;
mod fold;
mod table;

pub use class::Class;
pub use fold::{Folded, Folding, MAX_UNIT_CHARS, Unit, fold, slice};
pub use table::{Alphabet, FoldTable, FoldTableBuilder};
