//! Text to units: the one analyzer that documents and queries both go through.

use std::ops::Range;

use super::class::Class;
use super::table::{FoldTable, Mapped};

/// A run of letters and digits longer than this is cut into units of this many characters, so
/// that a file of base64 does not become one dictionary key. Both sides cut alike.
pub const MAX_UNIT_CHARS: u32 = 64;

/// One unit of folded text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// [`Class::Word`], [`Class::Solo`] or [`Class::Symbol`].
    pub class: Class,
    character: Option<char>,
    text_start: u32,
    text_end: u32,
    source_start: u32,
    source_end: u32,
}

impl Unit {
    /// The bytes of the *original* text that the unit came from.
    pub fn source(&self) -> Range<usize> {
        self.source_start as usize..self.source_end as usize
    }

    /// What it is, if it is one folded character. Nearly all units of a script without spaces are.
    pub fn character(&self) -> Option<char> {
        self.character
    }

    /// True for a run of letters and digits.
    pub fn is_word(&self) -> bool {
        self.class == Class::Word
    }
}

/// Folded text: its units in a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    text: String,
    units: Vec<Unit>,
}

impl Folded {
    /// The units in order; a unit's place in this row is its position.
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// The folded characters of one unit.
    #[inline]
    pub fn text(&self, unit: &Unit) -> &str {
        slice(&self.text, unit.text_start as usize..unit.text_end as usize)
    }

    /// The folded characters of all units, without anything between them.
    pub fn all_text(&self) -> &str {
        &self.text
    }

    /// The folded texts of the units, in order.
    pub fn texts(&self) -> impl ExactSizeIterator<Item = &str> {
        self.units.iter().map(|unit| self.text(unit))
    }
}

/// A part of a text; nothing if the text has no such part. What cannot be would otherwise be a
/// panic, and its message four kilobytes of the engine.
#[inline]
pub fn slice(text: &str, range: Range<usize>) -> &str {
    text.get(range).unwrap_or_default()
}

/// Folds `source` into units.
///
/// Offsets are 32 bits wide: of a text beyond 4 GiB the rest is left out (the builder refuses
/// such a document before it comes here).
pub fn fold(table: &FoldTable, source: &str) -> Folded {
    let mut folding = Folding::new(table, source);
    folding.go_on(source.len());
    folding.folder.folded
}

/// Folds a text as far as somebody wants to know it: an excerpt of a book needs little of the book.
pub struct Folding<'t> {
    folder: Folder<'t>,
    source: &'t str,
    /// What has been folded: so many bytes of the text.
    end: usize,
}

impl<'t> Folding<'t> {
    /// Nothing of `source` is folded yet.
    pub fn new(table: &'t FoldTable, source: &'t str) -> Self {
        Self {
            folder: Folder::new(table),
            source,
            end: 0,
        }
    }

    /// Goes on with all characters that end before this byte, or at it.
    pub fn go_on(&mut self, end: usize) {
        let end = self.source.floor_char_boundary(end);
        let next = slice(self.source, self.end..end);
        self.folder.make_room(next.len());
        for (offset, c) in next.char_indices() {
            let start = self.end + offset;
            let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(start + c.len_utf8()))
            else {
                break;
            };
            match self.folder.table.map_one(c) {
                Some((folded, class)) => self.folder.push(folded, class, start, end),
                None => self.folder.push_many(c, start, end),
            }
        }
        self.end = end.max(self.end);
    }

    /// What has come of it. While there is [more](Folding::is_whole), the last unit may grow.
    pub fn folded(&self) -> &Folded {
        &self.folder.folded
    }

    /// True if all of the text is folded.
    pub fn is_whole(&self) -> bool {
        self.end == self.source.len()
    }
}

struct Folder<'t> {
    table: &'t FoldTable,
    folded: Folded,
    /// Whether the next mark or letter may join the last unit: nothing came between.
    open: bool,
    /// Characters in the last unit.
    chars: u32,
}

impl<'t> Folder<'t> {
    fn new(table: &'t FoldTable) -> Self {
        Self {
            table,
            folded: Folded::default(),
            open: false,
            chars: 0,
        }
    }

    /// For so many bytes of a text, if it is Chinese.
    fn make_room(&mut self, bytes: usize) {
        self.folded.text.reserve(bytes);
        self.folded.units.reserve(bytes / 3);
    }

    /// The characters that `c` folds to, each with the same source.
    #[cold]
    fn push_many(&mut self, c: char, start: u32, end: u32) {
        if let Mapped::Many(folded) = self.table.map(c) {
            for &c in folded {
                self.push(c, self.table.class(c), start, end);
            }
        }
    }

    // In one loop with what it calls and `map_one`, which takes 2 % off a build. Readers have a smaller
    // engine instead.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn push(&mut self, c: char, class: Class, start: u32, end: u32) {
        match class {
            Class::Ignored => {}
            Class::Space | Class::Soft => self.open = false,
            Class::Mark(combining_class) => self.push_mark(c, combining_class, start, end),
            Class::Word if self.in_word() => self.extend(c, end),
            Class::Solo if self.composes(c) => self.compose(c, end),
            class => self.begin(class, c, start, end),
        }
    }

    fn in_word(&self) -> bool {
        self.open
            && self.chars < MAX_UNIT_CHARS
            && self.folded.units.last().is_some_and(Unit::is_word)
    }

    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn begin(&mut self, class: Class, c: char, source_start: u32, source_end: u32) {
        let text_start = self.text_len();
        self.folded.text.push(c);
        self.folded.units.push(Unit {
            class,
            character: Some(c),
            text_start,
            text_end: self.text_len(),
            source_start,
            source_end,
        });
        self.open = true;
        self.chars = 1;
    }

    fn extend(&mut self, c: char, source_end: u32) {
        self.folded.text.push(c);
        self.chars += 1;
        self.close_last_at(None, source_end);
    }

    /// The last unit goes on as far as the text does; it may be one character still.
    fn close_last_at(&mut self, character: Option<char>, source_end: u32) {
        let text_end = self.text_len();
        if let Some(unit) = self.folded.units.last_mut() {
            unit.character = character;
            (unit.text_end, unit.source_end) = (text_end, source_end);
        }
    }

    /// Folding at most trebles a text's bytes, and documents are far below a gigabyte.
    fn text_len(&self) -> u32 {
        u32::try_from(self.folded.text.len()).unwrap_or(u32::MAX)
    }

    /// A mark joins the unit before it, behind the marks there that sort before it (the
    /// canonical order of Unicode, section 3.11). With nothing before it, it is a word.
    fn push_mark(&mut self, c: char, combining_class: u8, start: u32, end: u32) {
        if !self.open || self.chars >= MAX_UNIT_CHARS {
            return self.begin(Class::Word, c, start, end);
        }
        let at = self.mark_place(combining_class);
        self.folded.text.insert(at, c);
        self.chars += 1;
        self.close_last_at(None, end);
    }

    fn mark_place(&self, combining_class: u8) -> usize {
        let unit_start = self.folded.units.last().map_or(0, |unit| unit.text_start);
        let unit_start = unit_start as usize;
        let mut at = self.folded.text.len();
        if combining_class == 0 {
            return at;
        }
        for (offset, before) in slice(&self.folded.text, unit_start..self.folded.text.len())
            .char_indices()
            .rev()
        {
            match self.table.class(before) {
                Class::Mark(its) if its > combining_class => at = unit_start + offset,
                _ => break,
            }
        }
        at
    }

    /// True if `c` is a hangul vowel or trailing consonant that joins the character before it.
    fn composes(&self, c: char) -> bool {
        self.open && ('\u{1161}'..='\u{11C2}').contains(&c) && self.syllable_with(c).is_some()
    }

    fn compose(&mut self, c: char, source_end: u32) {
        if let Some(syllable) = self.syllable_with(c) {
            let is_all = self
                .folded
                .units
                .last()
                .is_some_and(|unit| unit.character.is_some());
            self.folded.text.pop();
            self.folded.text.push(syllable);
            self.close_last_at(is_all.then_some(syllable), source_end);
        }
    }

    fn syllable_with(&self, c: char) -> Option<char> {
        let before = self.folded.text.chars().next_back()?;
        compose_hangul(before, c)
    }
}

/// A vowel joins a leading consonant, a trailing consonant joins a syllable without one (Unicode,
/// section 3.12).
fn compose_hangul(before: char, c: char) -> Option<char> {
    const SYLLABLES: u32 = 0xAC00;
    const VOWELS: u32 = 21;
    const TRAILING: u32 = 28;
    let (before, c) = (before as u32, c as u32);
    let composed = match (before, c) {
        (0x1100..=0x1112, 0x1161..=0x1175) => {
            SYLLABLES + ((before - 0x1100) * VOWELS + (c - 0x1161)) * TRAILING
        }
        (SYLLABLES..=0xD7A3, 0x11A8..=0x11C2) if (before - SYLLABLES).is_multiple_of(TRAILING) => {
            before + (c - 0x11A7)
        }
        _ => return None,
    };
    char::from_u32(composed)
}

#[cfg(test)]
mod tests {
    use super::super::FoldTableBuilder;
    use super::*;

    /// Enough of Unicode for these tests; the builder's tests use all of it.
    fn table() -> FoldTable {
        let mut table = FoldTableBuilder::default();
        table.class('!', Class::Symbol);
        table.class('0', Class::Word);
        table.class(':', Class::Symbol);
        table.class('a', Class::Word);
        table.class('{', Class::Symbol);
        table.class('\u{301}', Class::Mark(230));
        table.class('\u{323}', Class::Mark(220));
        table.class('\u{1100}', Class::Solo);
        table.class('，', Class::Symbol);
        for c in 'A'..='Z' {
            table.map(c, &[c.to_ascii_lowercase()]);
        }
        table.map('，', &[',']);
        table.map('…', &['.', '.', '.']);
        table.map('\u{3000}', &[' ']);
        table.map('é', &['e', '\u{301}']);
        table.build()
    }

    fn units(source: &str) -> Vec<String> {
        fold(&table(), source).texts().map(str::to_owned).collect()
    }

    #[test]
    fn a_unit_of_one_character_knows_it() {
        for source in [
            "數 e\u{301} ab\u{1112}\u{1161}\u{11AB}か\u{301}，x\u{AD}",
            "\u{301}é…",
        ] {
            let folded = fold(&table(), source);
            for unit in folded.units() {
                let mut characters = folded.text(unit).chars();
                let only = characters.next().filter(|_| characters.next().is_none());
                assert_eq!(unit.character(), only, "{}", folded.text(unit));
            }
        }
    }

    #[test]
    fn steps_leave_no_trace() {
        let source = "數 e\u{301}\u{323} ab\u{1112}\u{1161}\u{11AB}か\u{301}，……x\u{AD}y";
        let table = table();
        for step in 1..source.len() {
            let mut folding = Folding::new(&table, source);
            for end in (0..source.len() + step).step_by(step) {
                assert!(!folding.is_whole());
                folding.go_on(end);
            }
            assert!(folding.is_whole());
            assert_eq!(folding.folded(), &fold(&table, source));
        }
    }

    #[test]
    fn spaces_and_soft_punctuation_leave_no_trace() {
        assert_eq!(units("“数字\n 乡　村”"), ["数", "字", "乡", "村"]);
        assert_eq!(units("don't"), ["don", "t"]);
    }

    #[test]
    fn words_are_runs_and_symbols_stand_alone() {
        assert_eq!(
            units("1+N，Wi-Fi 6"),
            ["1", "+", "n", ",", "wi", "-", "fi", "6"]
        );
        assert_eq!(units("KT88B型"), ["kt88b", "型"]);
        assert_eq!(units("…"), [".", ".", "."]);
    }

    #[test]
    fn invisible_characters_do_not_end_a_word() {
        assert_eq!(units("inter\u{AD}national\u{200B}ly"), ["internationally"]);
    }

    #[test]
    fn marks_stay_with_their_letter_in_canonical_order() {
        assert_eq!(units("é"), units("e\u{301}"));
        assert_eq!(units("e\u{323}\u{301}"), units("é\u{323}"));
        assert_eq!(units("か\u{301}き").len(), 2);
    }

    #[test]
    fn jamo_compose() {
        assert_eq!(
            units("\u{1112}\u{1161}\u{11AB}\u{1100}\u{1173}\u{11AF}"),
            ["한", "글"]
        );
        assert_eq!(units("\u{1112} \u{1161}").len(), 2);
    }

    #[test]
    fn source_ranges_cover_what_was_read() {
        let source = "‘Café’，年…";
        let folded = fold(&table(), source);
        let sources: Vec<_> = folded.units().iter().map(|u| &source[u.source()]).collect();
        assert_eq!(sources, ["Café", "，", "年", "…", "…", "…"]);
    }

    #[test]
    fn long_runs_are_cut() {
        let lengths: Vec<_> = units(&"a".repeat(150)).iter().map(String::len).collect();
        assert_eq!(lengths, [64, 64, 22]);
    }
}
