//! The query language: terms, spaces, quotation marks.
//!
//! A space separates terms. Between quotation marks it does not: a pair of double quotation
//! marks of any kind, or of corner brackets, keeps what is between them together. Marks without
//! a partner do nothing. Every string is a query; one without units finds nothing.

use std::ops::Range;

use crate::gram::KeyUnit;
use crate::text::{FoldTable, Folded, fold, slice};

/// A parsed query: documents must contain all of its terms.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// In the order of the query, each one once.
    pub terms: Vec<Term>,
}

/// Units that must stand in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    folded: Folded,
    /// True if the last unit, a word, is still being typed and may go on.
    pub open_end: bool,
}

impl Term {
    /// The units, at least one.
    pub fn units(&self) -> Vec<KeyUnit<'_>> {
        let units = self.folded.units().iter();
        units.map(|unit| KeyUnit::of(&self.folded, unit)).collect()
    }

    /// What a match begins with, if it is one character.
    pub fn first_character(&self) -> Option<char> {
        let units = self.folded.units();
        let may_go_on = self.open_end && units.len() == 1;
        units.first()?.character().filter(|_| !may_go_on)
    }
}

/// Parses `query`. With `prefix`, a word that the query ends in may go on.
pub fn parse(table: &FoldTable, query: &str, prefix: bool) -> Query {
    let mut terms: Vec<Term> = Vec::new();
    for piece in split(query) {
        let text = slice(query, piece.clone());
        let folded = fold(table, text);
        let Some(last) = folded.units().last() else {
            continue;
        };
        let at_end = piece.end == query.len();
        let open_end = prefix && at_end && last.is_word() && last.source().end == text.len();
        let same =
            |term: &Term| term.open_end == open_end && term.folded.texts().eq(folded.texts());
        if !terms.iter().any(same) {
            terms.push(Term { folded, open_end });
        }
    }
    Query { terms }
}

/// Cuts at white space that is not between quotation marks.
fn split(query: &str) -> Vec<Range<usize>> {
    let quoted = quoted_ranges(query);
    let (mut pieces, mut start) = (Vec::new(), 0);
    for (at, c) in query.char_indices() {
        if c.is_whitespace() && !quoted.iter().any(|range| range.contains(&at)) {
            pieces.push(start..at);
            start = at + c.len_utf8();
        }
    }
    pieces.push(start..query.len());
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

fn quoted_ranges(query: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut from = 0;
    while let Some((open, c)) = find(query, from, opens) {
        match find(query, open + c.len_utf8(), |other| closes(c, other)) {
            Some((close, _)) => {
                ranges.push(open..close);
                from = close
                    + slice(query, close..query.len())
                        .chars()
                        .next()
                        .map_or(1, char::len_utf8);
            }
            None => from = open + c.len_utf8(),
        }
    }
    ranges
}

fn find(query: &str, from: usize, is: impl Fn(char) -> bool) -> Option<(usize, char)> {
    let (at, c) = slice(query, from..query.len())
        .char_indices()
        .find(|&(_, c)| is(c))?;
    Some((from + at, c))
}

fn is_double_quote(c: char) -> bool {
    matches!(c, '"' | '＂' | '“' | '”' | '„' | '‟' | '〝' | '〞' | '〟')
}

fn opens(c: char) -> bool {
    is_double_quote(c) || matches!(c, '「' | '『' | '«' | '｢')
}

/// Keyboards and input methods mix the double quotation marks, so any of them closes any other.
fn closes(open: char, c: char) -> bool {
    match open {
        '「' => c == '」',
        '『' => c == '』',
        '«' => c == '»',
        '｢' => c == '｣',
        _ => is_double_quote(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Class, FoldTableBuilder};

    fn terms(query: &str, prefix: bool) -> Vec<String> {
        let mut table = FoldTableBuilder::default();
        table.class('0', Class::Word);
        table.class(':', Class::Symbol);
        table.class('a', Class::Word);
        table.class('{', Class::Symbol);
        table.class('一', Class::Solo);
        table.map('＂', &['"']);
        let query = parse(&table.build(), query, prefix);
        let show = |term: &Term| {
            let units: Vec<_> = term
                .units()
                .iter()
                .map(|unit| unit.text.to_owned())
                .collect();
            units.join("|") + if term.open_end { "*" } else { "" }
        };
        query.terms.iter().map(show).collect()
    }

    #[test]
    fn spaces_separate_terms() {
        assert_eq!(
            terms(" 数字\u{3000}乡村 wifi ", false),
            ["数|字", "乡|村", "wifi"]
        );
        assert_eq!(terms("", false), [""; 0]);
        assert_eq!(terms("  “” ·", false), [""; 0]);
    }

    #[test]
    fn quotation_marks_keep_a_term_together() {
        for query in ["\"数字 a b\"", "“数字 a b”", "「数字 a b」", "＂数字 a b”"]
        {
            assert_eq!(terms(query, true), ["数|字|a|b"], "{query}");
        }
        assert_eq!(
            terms("建设“数字 乡村”平台", false),
            ["建|设|数|字|乡|村|平|台"]
        );
    }

    #[test]
    fn a_mark_without_a_partner_does_nothing() {
        assert_eq!(terms("“一核 多元", false), ["一|核", "多|元"]);
        assert_eq!(terms("don't stop", false), ["don|t", "stop"]);
    }

    #[test]
    fn only_a_word_at_the_very_end_may_go_on() {
        assert_eq!(terms("wi fi", true), ["wi", "fi*"]);
        assert_eq!(terms("wi fi ", true), ["wi", "fi"]);
        assert_eq!(terms("fi\"", true), ["fi"]);
        assert_eq!(terms("5月", true), ["5|月"]);
        assert_eq!(terms("月5", true), ["月|5*"]);
    }

    #[test]
    fn a_repeated_term_counts_once() {
        assert_eq!(terms("a b a", false), ["a", "b"]);
    }
}
