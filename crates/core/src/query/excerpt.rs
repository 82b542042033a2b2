//! The piece of a document's original text that shows what was found.
//!
//! The text is folded again, and the units of the terms are looked for in it: nothing has to be
//! stored for it, and what is marked is what matched. An excerpt needs no more of the text than up
//! to where one shows all terms, so it is folded in steps.

use std::ops::Range;

use serde::Serialize;

use super::parse::Query;
use crate::gram::KeyUnit;
use crate::text::{FoldTable, Folded, Folding, slice};

/// How wide an excerpt is, in columns: a character of a wide script takes two.
const COLUMNS: usize = 200;
/// How much of it stands before the first hit, at most.
const LEAD_COLUMNS: usize = 50;

/// A piece of the original text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Piece {
    /// The text, to the character as it stands in the document.
    pub text: String,
    /// True if it is what a term of the query matched.
    pub hit: bool,
}

/// An excerpt of `body`, or of `title` if only that has hits.
pub fn excerpt(table: &FoldTable, query: &Query, title: &str, body: &str) -> Vec<Piece> {
    let (start, hits) = best_window(table, query, body);
    if hits.is_empty() {
        let (start, hits) = best_window(table, query, title);
        if !hits.is_empty() {
            return cut(title, start, &hits);
        }
    }
    cut(body, start, &hits)
}

/// How often each term of the query stands in a document.
pub fn count_hits(table: &FoldTable, query: &Query, title: &str, body: &str) -> Vec<u32> {
    let mut counts = vec![0; query.terms.len()];
    for hit in [title, body]
        .iter()
        .flat_map(|text| hits(table, query, text))
    {
        counts[hit.term] += 1;
    }
    counts
}

/// Where the terms of the query stand in a text: bytes of it, rising. Places that overlap are one,
/// so that each can be marked; places that only touch are two, so that each can be gone to.
pub fn places(table: &FoldTable, query: &Query, text: &str) -> Vec<Range<usize>> {
    let mut places: Vec<Range<usize>> = Vec::new();
    for Hit { source, .. } in hits(table, query, text) {
        match places.last_mut() {
            Some(last) if source.start < last.end => last.end = last.end.max(source.end),
            _ => places.push(source),
        }
    }
    places
}

/// Places in UTF-16 code units, as JavaScript counts: start and end of each in turn. The places
/// rise, so one walk through the text is enough.
pub fn in_utf16(text: &str, places: &[Range<usize>]) -> Vec<u32> {
    let (mut bytes, mut units, mut ends) = (0, 0, Vec::new());
    for place in places {
        for end in [place.start, place.end] {
            for c in slice(text, bytes..end).chars() {
                units += c.len_utf16() as u32;
            }
            bytes = end;
            ends.push(units);
        }
    }
    ends
}

/// A match of one term: bytes of the original text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Hit {
    term: usize,
    source: Range<usize>,
}

/// All of them, in the order of the text.
fn hits(table: &FoldTable, query: &Query, text: &str) -> Vec<Hit> {
    let mut scan = Scan::new(table, query, text);
    scan.go_on(text.len());
    scan.hits
}

/// What is looked for: the units of a term.
struct Sought<'q> {
    /// What a match begins with, if it is known. Which nearly always says that nothing begins here.
    first: Option<char>,
    units: Vec<KeyUnit<'q>>,
    open_end: bool,
}

/// Looks for the terms of a query in a text, as far as somebody wants to know.
struct Scan<'q> {
    table: &'q FoldTable,
    terms: Vec<Sought<'q>>,
    folding: Folding<'q>,
    /// The unit to go on with.
    next: usize,
    /// In the order of the text.
    hits: Vec<Hit>,
}

impl<'q> Scan<'q> {
    fn new(table: &'q FoldTable, query: &'q Query, text: &'q str) -> Self {
        let terms = query.terms.iter().map(|term| Sought {
            first: term.first_character(),
            units: term.units(),
            open_end: term.open_end,
        });
        Self {
            table,
            terms: terms.collect(),
            folding: Folding::new(table, text),
            next: 0,
            hits: Vec::new(),
        }
    }

    /// Goes on as far as so many bytes of the text say.
    fn go_on(&mut self, bytes: usize) {
        self.folding.go_on(bytes);
        let end = self.end();
        let folded = self.folding.folded();
        let new = folded.units().get(self.next..end).unwrap_or_default();
        for (start, unit) in (self.next..).zip(new) {
            for (term, sought) in self.terms.iter().enumerate() {
                if sought.first.is_some() && unit.character() != sought.first {
                    continue;
                }
                if let Some(end) = match_end(self.table, folded, start, sought) {
                    let source = unit.source().start..end;
                    self.hits.push(Hit { term, source });
                }
            }
        }
        self.next = end;
    }

    /// The first unit of which it is not known yet whether a term begins there: a term has to end
    /// before the last unit, which may grow.
    fn end(&self) -> usize {
        let units = self.folding.folded().units().len();
        if self.folding.is_whole() {
            return units;
        }
        let longest = self.terms.iter().map(|sought| sought.units.len()).max();
        units.saturating_sub(longest.unwrap_or(0))
    }

    /// Up to this byte, all hits are known that begin before it.
    fn known(&self) -> usize {
        if self.folding.is_whole() {
            return usize::MAX;
        }
        let next = self.folding.folded().units().get(self.next);
        next.map_or(0, |unit| unit.source().start)
    }
}

/// Where what is looked for ends in the text, if it stands at this unit.
fn match_end(table: &FoldTable, folded: &Folded, at: usize, sought: &Sought<'_>) -> Option<usize> {
    let units = &sought.units;
    let row = folded.units().get(at..at + units.len())?;
    let same = |(place, (unit, wanted)): (usize, (&_, &KeyUnit<'_>))| {
        let text = folded.text(unit);
        if sought.open_end && place + 1 == units.len() {
            goes_on(table, text, wanted.text)
        } else {
            text == wanted.text
        }
    };
    let last = row.last()?;
    let stands = row.iter().zip(units).enumerate().all(same);
    stands.then(|| last.source().end)
}

/// True if `word` begins with `prefix`, and not in the midst of a letter and its marks.
fn goes_on(table: &FoldTable, word: &str, prefix: &str) -> bool {
    let rest = word.strip_prefix(prefix).map(|rest| rest.chars().next());
    rest.is_some_and(|next| !next.is_some_and(|c| table.is_mark(c)))
}

fn cut(text: &str, start: usize, hits: &[Hit]) -> Vec<Piece> {
    let window = window(text, start);
    let mut pieces = Vec::new();
    let mut at = window.start;
    for hit in hits {
        let start = hit.source.start.clamp(at, window.end);
        let end = hit.source.end.clamp(at, window.end);
        push(&mut pieces, slice(text, at..start), false);
        push(&mut pieces, slice(text, start..end), true);
        at = end;
    }
    push(&mut pieces, slice(text, at..window.end), false);
    pieces
}

fn push(pieces: &mut Vec<Piece>, text: &str, hit: bool) {
    if text.is_empty() {
        return;
    }
    match pieces.last_mut() {
        Some(last) if last.hit == hit => last.text.push_str(text),
        _ => pieces.push(Piece {
            text: text.to_owned(),
            hit,
        }),
    }
}

/// Hits that are tried as the first of an excerpt: a book may have a hundred thousand.
const WINDOWS: usize = 1000;
/// Bytes of a text that are looked at for a window with all terms, before twice as many are.
const FIRST_LOOK: usize = 512;

/// Where the window with the most different terms begins, the first such, and the hits up to its end, or
/// more.
fn best_window(table: &FoldTable, query: &Query, text: &str) -> (usize, Vec<Hit>) {
    let mut scan = Scan::new(table, query, text);
    let mut bytes = FIRST_LOOK;
    loop {
        scan.go_on(bytes);
        if let Some(start) = best_start(text, &scan) {
            return (start, scan.hits);
        }
        bytes = bytes.saturating_mul(2);
    }
}

/// `None` if it is not certain as long as there is more to be known.
fn best_start(text: &str, scan: &Scan<'_>) -> Option<usize> {
    let (hits, known, all) = (&scan.hits, scan.known(), scan.terms.len());
    let mut best = (0, 0);
    for (index, hit) in hits.iter().enumerate().take(WINDOWS) {
        if best.0 == all {
            break;
        }
        let start = lead(text, hit.source.start);
        let end = window(text, start).end;
        if end > known {
            return None;
        }
        let within = hits[index..]
            .iter()
            .take_while(|other| other.source.end <= end);
        let is_within = |term: &usize| within.clone().any(|other| other.term == *term);
        let terms = (0..all).filter(is_within).count();
        if terms > best.0 {
            best = (terms, start);
        }
    }
    let is_certain = best.0 == all || known == usize::MAX || hits.len() >= WINDOWS;
    is_certain.then_some(best.1)
}

/// Steps back from a hit: to the end of the sentence before if it is near, else as far as the
/// lead goes, and not into the midst of a word.
fn lead(text: &str, hit: usize) -> usize {
    let start = sentence_start(text, hit);
    // What is left of the sentence before, a comma or a closing mark, is no way to begin.
    let left_over = |c: char| !c.is_alphanumeric() && !opens(c);
    let rest = slice(text, start..hit).trim_start_matches(left_over);
    hit - rest.len()
}

fn sentence_start(text: &str, hit: usize) -> usize {
    let (mut columns, mut start) = (0, hit);
    for (at, c) in slice(text, 0..hit).char_indices().rev() {
        columns += width(c);
        if columns > LEAD_COLUMNS {
            return next_break(text, start, hit);
        }
        if ends_sentence(c) {
            break;
        }
        start = at;
    }
    start
}

/// The next place from `start` on, at most `hit`, that does not cut a run of narrow letters.
fn next_break(text: &str, start: usize, hit: usize) -> usize {
    let mut before = slice(text, 0..start).chars().next_back();
    for (at, c) in slice(text, start..hit).char_indices() {
        if !(before.is_some_and(is_narrow_letter) && is_narrow_letter(c)) {
            return start + at;
        }
        before = Some(c);
    }
    hit
}

fn window(text: &str, start: usize) -> Range<usize> {
    let mut columns = 0;
    for (at, c) in slice(text, start..text.len()).char_indices() {
        columns += width(c);
        if columns > COLUMNS {
            return start..start + at;
        }
    }
    start..text.len()
}

fn is_narrow_letter(c: char) -> bool {
    width(c) == 1 && c.is_alphanumeric()
}

fn opens(c: char) -> bool {
    matches!(
        c,
        '“' | '‘' | '「' | '『' | '《' | '〈' | '（' | '(' | '[' | '【' | '〔' | '□'
    )
}

fn ends_sentence(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '!' | '?' | '；')
}

/// Columns that a character takes: two from the CJK radicals on, near enough for a width.
fn width(c: char) -> usize {
    if c >= '\u{1100}' { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use crate::text::{Class, FoldTableBuilder};
    use proptest::prelude::*;

    fn table() -> FoldTable {
        let mut table = FoldTableBuilder::default();
        table.class('0', Class::Word);
        table.class(':', Class::Symbol);
        table.class('a', Class::Word);
        table.class('{', Class::Symbol);
        table.class('、', Class::Symbol);
        table.class('一', Class::Solo);
        table.build()
    }

    fn shown(query: &str, title: &str, body: &str) -> String {
        let query = parse(&table(), query, true);
        let pieces = excerpt(&table(), &query, title, body);
        let mark = |piece: &Piece| {
            let text = &piece.text;
            if piece.hit {
                format!("[{text}]")
            } else {
                text.clone()
            }
        };
        pieces.iter().map(mark).collect()
    }

    #[test]
    fn hits_are_marked_as_they_stand_in_the_text() {
        assert_eq!(
            shown("数字乡村", "", "建设“数字\n乡 村”平台"),
            "建设“[数字\n乡 村]”平台"
        );
        assert_eq!(shown("乡村 村平", "", "乡村平台"), "[乡村平]台");
        assert_eq!(shown("wi", "", "the wifi"), "the [wifi]");
        assert_eq!(shown("w", "", "the wifi"), "the [wifi]");
        assert_eq!(shown("a w", "", "a wifi"), "[a] [wifi]");
        assert_eq!(shown("桥w", "", "w桥wifi"), "w[桥wifi]");
        let behind_nothing = " ".repeat(2 * FIRST_LOOK) + "桥";
        assert_eq!(shown("桥", "", &behind_nothing), "[桥]");
    }

    #[test]
    fn the_title_is_shown_if_only_it_has_hits() {
        assert_eq!(shown("新桥", "新桥通车", "今天上午"), "[新桥]通车");
        assert_eq!(shown("没有", "新桥通车", "今天上午"), "今天上午");
    }

    #[test]
    fn places_that_overlap_are_one_and_those_that_touch_are_two() {
        let places = |query: &str, text: &str| {
            let places = super::places(&table(), &parse(&table(), query, false), text);
            let shown: Vec<_> = places
                .iter()
                .map(|place| text[place.clone()].to_owned())
                .collect();
            (shown, in_utf16(text, &places))
        };
        let own = |shown: &[&str]| -> Vec<String> { shown.iter().map(|&s| s.into()).collect() };
        assert_eq!(
            places("一一", "一一一，一一"),
            (own(&["一一一", "一一"]), vec![0, 3, 4, 6])
        );
        assert_eq!(places("一", "一一"), (own(&["一", "一"]), vec![0, 1, 1, 2]));
        assert_eq!(places("乡村", "𠀀乡\n村"), (own(&["乡\n村"]), vec![2, 5]));
        assert_eq!(places("没有", "乡村"), (own(&[]), vec![]));
    }

    #[test]
    fn the_window_with_most_terms_wins() {
        let far = "无".repeat(300);
        let body = format!("桥{far}。桥在村");
        assert_eq!(shown("桥 村", "", &body), "[桥]在[村]");
    }

    #[test]
    fn an_excerpt_of_a_book_needs_little_of_it() {
        let book = "村在桥边，".repeat(10_000);
        for (query, bytes) in [
            ("", 512),
            ("桥", 2048),
            ("村 桥", 2048),
            ("桥 没", book.len()),
        ] {
            let (table, query) = (table(), parse(&table(), query, false));
            let mut scan = Scan::new(&table, &query, &book);
            let mut looked = FIRST_LOOK;
            scan.go_on(looked);
            while best_start(&book, &scan).is_none() {
                looked = (2 * looked).min(book.len());
                scan.go_on(looked);
            }
            assert!(looked <= bytes, "{looked}");
            assert_eq!(scan.folding.is_whole(), looked == book.len());
        }
    }

    /// Rows that are cut anywhere by the steps: words, marks that join what is before them, jamo that
    /// become one, and long stretches of nothing.
    fn long_text() -> impl Strategy<Value = String> {
        const PIECES: [&str; 11] = [
            "桥", "在", "村", "ab", "é", "\u{301}", "\u{1112}", "\u{1161}", "\u{11AB}", "。", " ",
        ];
        let piece = proptest::sample::select(&PIECES[..]).prop_map(str::to_owned);
        let rare = (
            proptest::sample::select(&["桥", "無", " "][..]),
            1..300_usize,
        );
        let row = rare.prop_map(|(piece, times)| piece.repeat(times));
        let pieces = proptest::collection::vec(prop_oneof![4 => piece, 1 => row], 0..400);
        pieces.prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn steps_leave_no_trace(body in long_text(), query in "[桥在村]{1,3}( [a桥村é]{1,2})?") {
            for prefix in [false, true] {
                let (table, query) = (table(), parse(&table(), &query, prefix));
                let mut all = Scan::new(&table, &query, &body);
                all.go_on(body.len());
                let start = best_start(&body, &all).unwrap();
                let expected = cut(&body, start, &all.hits);
                prop_assert_eq!(excerpt(&table, &query, "", &body), expected);
            }
        }

        #[test]
        fn pieces_in_a_row_stand_in_the_document(body in "[一二三 a。\n]{0,400}", query in "[一二a]{1,2}") {
            let query = parse(&table(), &query, false);
            let pieces = excerpt(&table(), &query, "", &body);
            let row: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
            prop_assert!(body.contains(&row));
            let places = super::places(&table(), &query, &body);
            prop_assert!(places.is_sorted_by(|a, b| a.end <= b.start));
            let units: Vec<u16> = body.encode_utf16().collect();
            for (place, own) in places.iter().zip(in_utf16(&body, &places).chunks(2)) {
                let text = String::from_utf16(&units[own[0] as usize..own[1] as usize]).unwrap();
                prop_assert_eq!(&text, &body[place.clone()]);
            }
            let expected = !places.is_empty();
            prop_assert_eq!(pieces.iter().any(|piece| piece.hit), expected);
        }
    }
}
