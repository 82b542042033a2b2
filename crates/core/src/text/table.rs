//! The mapping of characters, whole or cut down to what one archive needs.

use std::sync::atomic::{AtomicU32, Ordering};

use super::class::Class;
use crate::Error;
use crate::format::adaptive::{AdaptiveReader, AdaptiveWriter, Chance, EVEN, Model};
use crate::format::cursor::{Cursor, put_varint};

/// Set in an entry that maps to one character; the rest of the bits are that character.
const SINGLE: u32 = 1 << 31;
/// Set in an entry that maps to several characters; the rest is an index into `sequences`.
const SEQUENCE: u32 = 1 << 30;
const VALUE: u32 = SEQUENCE - 1;
/// Characters that share one page of the lookup.
const PAGE: usize = 256;
/// Pages that cover all of Unicode.
const PAGES: usize = 0x11_0000 / PAGE;

/// What some characters fold to and the class of that: as [`KNOWN`], the class's code above
/// [`CODE_BITS`], and the folded character.
///
/// Threads that share a table write the same into the same place, so it does not matter who comes
/// first, and nothing has to be ordered.
#[derive(Debug)]
struct Memory(Vec<AtomicU32>);

/// Set in what is known.
const KNOWN: u32 = 1 << 31;
/// Bits of a character.
const CODE_BITS: u32 = 21;
/// Characters that are remembered: those of the first plane, beyond which there are few.
const REMEMBERED: usize = 0x1_0000;

impl Memory {
    fn new() -> Self {
        Self(
            std::iter::repeat_with(AtomicU32::default)
                .take(REMEMBERED)
                .collect(),
        )
    }

    fn recall(&self, c: char) -> Option<(char, Class)> {
        let entry = self.0.get(c as usize)?.load(Ordering::Relaxed);
        if entry & KNOWN == 0 {
            return None;
        }
        let folded = char::from_u32(entry & ((1 << CODE_BITS) - 1))?;
        Some((
            folded,
            Class::from_code(((entry & !KNOWN) >> CODE_BITS) as u16)?,
        ))
    }

    fn keep(&self, c: char, folded: char, class: Class) {
        if let Some(entry) = self.0.get(c as usize) {
            let known = KNOWN | u32::from(class.code()) << CODE_BITS | folded as u32;
            entry.store(known, Ordering::Relaxed);
        }
    }
}

impl Clone for Memory {
    /// A copy remembers nothing.
    fn clone(&self) -> Self {
        Self::new()
    }
}

/// A half-open run of characters of one class: `start`, and the class from there on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ClassRun {
    start: u32,
    class: Class,
}

/// What every character folds to, and the class of every folded character.
///
/// A character without an entry folds to itself. The table is closed: what it maps to maps to
/// itself.
#[derive(Clone, Debug)]
pub struct FoldTable {
    /// For each page of characters, where its entries start in `entries`; page 0 is all zero.
    pages: Vec<u16>,
    entries: Vec<u32>,
    sequences: Vec<Vec<char>>,
    /// In the order of their starts; the first starts at 0.
    classes: Vec<ClassRun>,
    memory: Memory,
}

impl FoldTable {
    /// What a character folds to and the class of that, if it is one character.
    ///
    /// Each character is looked up once and remembered: a text has its characters again and again,
    /// and to find a class takes a search.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(super) fn map_one(&self, c: char) -> Option<(char, Class)> {
        self.memory.recall(c).or_else(|| self.look_up(c))
    }

    fn look_up(&self, c: char) -> Option<(char, Class)> {
        let folded = match self.map(c) {
            Mapped::Same => c,
            Mapped::One(folded) => folded,
            Mapped::Many(_) => return None,
        };
        let class = self.class(folded);
        self.memory.keep(c, folded, class);
        Some((folded, class))
    }

    /// The folded form of one character: empty, itself, or what it maps to.
    pub(super) fn map(&self, c: char) -> Mapped<'_> {
        let code = c as u32 as usize;
        let entry = self.entries[usize::from(self.pages[code / PAGE]) * PAGE + code % PAGE];
        if entry == 0 {
            Mapped::Same
        } else if entry & SINGLE != 0 {
            char::from_u32(entry & VALUE).map_or(Mapped::Same, Mapped::One)
        } else {
            Mapped::Many(&self.sequences[(entry & VALUE) as usize])
        }
    }

    /// The class of a *folded* character.
    pub fn class(&self, c: char) -> Class {
        match self.memory.recall(c) {
            Some((folded, class)) if folded == c => class,
            _ => Class::fixed(c).unwrap_or_else(|| self.stored_class(c)),
        }
    }

    fn stored_class(&self, c: char) -> Class {
        let after = self.classes.partition_point(|run| run.start <= c as u32);
        self.classes[after.saturating_sub(1)].class
    }

    /// True for a combining mark, which never starts a unit of its own after another character.
    pub fn is_mark(&self, c: char) -> bool {
        matches!(self.class(c), Class::Mark(_))
    }

    /// The part of the table that an archive with this alphabet of folded characters needs:
    /// the mappings whose every character is in it.
    ///
    /// A character that the smaller table does not map, though the whole one does, folds to
    /// itself here; that is a character which the archive does not have, so it matches nothing,
    /// as it must. Classes are only kept for the alphabet: the runs in between are widened.
    #[must_use]
    pub fn restricted_to(&self, alphabet: &Alphabet) -> Self {
        let mut smaller = FoldTableBuilder::default();
        for c in alphabet.chars() {
            smaller.class(c, self.class(c));
        }
        for (c, folded) in self.mappings() {
            if folded
                .iter()
                .all(|&c| alphabet.contains(c) || Class::fixed(c).is_some())
            {
                smaller.map(c, &folded);
            }
        }
        smaller.build()
    }

    /// The same without the mappings that no text with these characters needs, so that a reader can
    /// do without them until somebody writes a query in another script.
    ///
    /// A **variant** is a character that folds to one character that stands alone, as Chinese ones
    /// do, and that stands in no document. If a query has one and the table does not map it, it is
    /// looked for as it is, and nothing is found, as long as the table takes it for a character that
    /// stands alone, too. So whoever finds nothing adds the variants and looks once more.
    #[must_use]
    pub fn without_variants(&self, originals: &Alphabet) -> Self {
        let mut smaller = FoldTableBuilder {
            runs: self.classes.clone(),
            ..FoldTableBuilder::default()
        };
        let is_here = |c: char| originals.contains(c) || self.class(c) != Class::Solo;
        for (c, folded) in self.mappings() {
            if is_here(c) || !self.is_variant(&folded) {
                smaller.map(c, &folded);
            }
        }
        smaller.build()
    }

    /// The variants of characters of this alphabet, as FORMAT.md describes them; no bytes if there
    /// are none. [`FoldTable::add_variants`] reads them.
    pub fn variants(&self, alphabet: &Alphabet, originals: &Alphabet) -> Vec<u8> {
        let mut variants = FoldTableBuilder::default();
        for (c, folded) in self.mappings() {
            let is_known = folded.iter().all(|&c| alphabet.contains(c));
            if is_known && self.is_variant(&folded) && !originals.contains(c) {
                variants.map(c, &folded);
            }
        }
        let mut bytes = Vec::new();
        if !variants.mappings.is_empty() {
            variants.build().write_mappings(&mut bytes);
        }
        bytes
    }

    fn is_variant(&self, folded: &[char]) -> bool {
        matches!(folded, [one] if self.class(*one) == Class::Solo)
    }

    /// Adds what [`FoldTable::variants`] gave.
    ///
    /// # Errors
    /// If the bytes end early or hold what is not a character.
    pub fn add_variants(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let mut variants = FoldTableBuilder::default();
        read_mappings(Cursor::new(bytes, "variants"), &mut variants)?;
        for (c, folded) in variants.mappings {
            let entry = self.entry_for(folded);
            self.set(c, entry);
        }
        self.memory = Memory::new();
        Ok(())
    }

    /// All characters that do not fold to themselves, in order, with what they fold to.
    pub fn mappings(&self) -> impl Iterator<Item = (char, Vec<char>)> + '_ {
        let used = (0..PAGES).filter(|&page| self.pages[page] != 0);
        used.flat_map(|page| page * PAGE..(page + 1) * PAGE)
            .filter_map(|code| char::from_u32(u32::try_from(code).ok()?))
            .filter_map(|c| match self.map(c) {
                Mapped::Same => None,
                Mapped::One(folded) => Some((c, vec![folded])),
                Mapped::Many(folded) => Some((c, folded.to_vec())),
            })
    }

    /// Appends the table as FORMAT.md describes it under "Fold table".
    pub fn write(&self, out: &mut Vec<u8>) {
        put_varint(out, self.classes.len() as u64);
        let mut previous = 0;
        for run in &self.classes {
            put_varint(out, u64::from(run.start - previous));
            put_varint(out, u64::from(run.class.code()));
            previous = run.start;
        }
        self.write_mappings(out);
    }

    fn write_mappings(&self, out: &mut Vec<u8>) {
        put_varint(out, self.mappings().count() as u64);
        let mut writer = AdaptiveWriter::default();
        let mut state = Coding::default();
        for (c, folded) in self.mappings() {
            let models = &mut state.models;
            writer.number(c as u32 - state.c - 1, &mut models.gap);
            state.c = c as u32;
            let shift = (folded[0] as u32).wrapping_sub(c as u32);
            let same_shift = folded.len() == 1 && shift == state.shift;
            writer.bit(same_shift, &mut models.same_shift);
            if !same_shift {
                writer.number(folded.len() as u32 - 1, &mut models.length);
                for (place, &c) in folded.iter().enumerate() {
                    let expected = state.expected(place, &folded[..place]);
                    let distance = zigzag(c as i32 - expected as i32);
                    writer.number(distance, &mut state.models.character);
                }
            }
            state.folded_to(folded);
        }
        out.extend(writer.finish());
    }

    /// Reads what [`FoldTable::write`] wrote.
    ///
    /// # Errors
    /// If the bytes end early or hold what is not a character.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        let mut cursor = Cursor::new(bytes, "fold table");
        let mut table = FoldTableBuilder::default();
        let mut at = 0;
        for _ in 0..cursor.varint()? {
            at = advance(&mut cursor, at)?;
            let code = u16::try_from(cursor.varint()?).ok();
            let class = code.and_then(Class::from_code);
            table.runs.push(ClassRun {
                start: at,
                class: class.ok_or_else(|| cursor.wrong("an unknown class"))?,
            });
        }
        read_mappings(cursor, &mut table)?;
        Ok(table.build())
    }
}

/// No character folds to so many; in Unicode 17 the most are 18.
const MOST_FOLDED: usize = 64;

/// What the numbers of a mapping are coded with.
struct Models {
    gap: Model,
    same_shift: Chance,
    length: Model,
    character: Model,
}

impl Default for Models {
    fn default() -> Self {
        Self {
            gap: Model::default(),
            same_shift: EVEN,
            length: Model::default(),
            character: Model::default(),
        }
    }
}

/// Where writer and reader are in the row of mappings. Targets follow one another as the
/// characters do, more or less: both are ordered by radicals and strokes.
#[derive(Default)]
struct Coding {
    models: Models,
    /// The last character.
    c: u32,
    /// What it folds to.
    folded: Vec<char>,
    /// How far the last one that folds to one other is from it.
    shift: u32,
}

impl Coding {
    /// What the character at a place of a mapping is expected to be near: that at the same place
    /// of the mapping before, if there is one, else the one before it.
    fn expected(&self, place: usize, begun: &[char]) -> u32 {
        let expected = self.folded.get(place).or(begun.last());
        expected.map_or(0, |&c| c as u32)
    }

    fn folded_to(&mut self, folded: Vec<char>) {
        if let [one] = folded[..] {
            self.shift = (one as u32).wrapping_sub(self.c);
        }
        self.folded = folded;
    }

    fn read_folded(&mut self, reader: &mut AdaptiveReader<'_>) -> Result<Vec<char>, Error> {
        if reader.bit(&mut self.models.same_shift) {
            return Ok(vec![character(self.c.wrapping_add(self.shift))?]);
        }
        let more = reader.number(&mut self.models.length) as usize;
        if more >= MOST_FOLDED {
            return Err(Error::damaged("a character folds to too many"));
        }
        let mut folded = Vec::new();
        for place in 0..=more {
            let distance = unzigzag(reader.number(&mut self.models.character));
            let code = self.expected(place, &folded).wrapping_add_signed(distance);
            folded.push(character(code)?);
        }
        Ok(folded)
    }
}

fn zigzag(n: i32) -> u32 {
    (n << 1 ^ n >> 31) as u32
}

fn unzigzag(n: u32) -> i32 {
    (n >> 1) as i32 ^ -((n & 1) as i32)
}

fn read_mappings(mut cursor: Cursor<'_>, table: &mut FoldTableBuilder) -> Result<(), Error> {
    let count = cursor.varint()?;
    let mut reader = AdaptiveReader::new(cursor.rest());
    let mut state = Coding::default();
    for _ in 0..count {
        let gap = reader.number(&mut state.models.gap);
        state.c = state.c.saturating_add(gap).saturating_add(1);
        let folded = state.read_folded(&mut reader)?;
        table.map(character(state.c)?, &folded);
        state.folded_to(folded);
    }
    reader.finish()
}

fn no_character() -> Error {
    Error::damaged("the fold table holds what is not a character")
}

fn character(code: u32) -> Result<char, Error> {
    char::from_u32(code).ok_or_else(no_character)
}

fn advance(cursor: &mut Cursor<'_>, at: u32) -> Result<u32, Error> {
    let step = cursor.varint_u32()?;
    at.checked_add(step)
        .ok_or_else(|| cursor.wrong("a character beyond Unicode"))
}

/// What one character folds to.
pub(super) enum Mapped<'t> {
    /// Itself.
    Same,
    /// One other character.
    One(char),
    /// None, or several.
    Many(&'t [char]),
}

/// Collects mappings and classes into a [`FoldTable`].
#[derive(Clone, Debug, Default)]
pub struct FoldTableBuilder {
    runs: Vec<ClassRun>,
    mappings: Vec<(char, Vec<char>)>,
}

impl FoldTableBuilder {
    /// `c` folds to `folded`, at least one character; ignored if that is `c` itself. What it folds
    /// to must fold to itself. What leaves no trace has the class [`Class::Ignored`] instead.
    pub fn map(&mut self, c: char, folded: &[char]) {
        if folded != [c] && !folded.is_empty() {
            self.mappings.push((c, folded.to_vec()));
        }
    }

    /// The folded character `c` has this class. Characters must come in rising order; those in
    /// between take the class of the one before.
    pub fn class(&mut self, c: char, class: Class) {
        if Class::fixed(c).is_some() || self.runs.last().is_some_and(|run| run.class == class) {
            return;
        }
        self.runs.push(ClassRun {
            start: c as u32,
            class,
        });
    }

    /// The finished table.
    pub fn build(mut self) -> FoldTable {
        if self.runs.first().is_none_or(|run| run.start != 0) {
            let class = Class::Symbol;
            self.runs.insert(0, ClassRun { start: 0, class });
        }
        let mut table = FoldTable {
            pages: vec![0; PAGES],
            entries: vec![0; PAGE],
            sequences: Vec::new(),
            classes: self.runs,
            memory: Memory::new(),
        };
        for (c, folded) in self.mappings {
            let entry = table.entry_for(folded);
            table.set(c, entry);
        }
        table
    }
}

impl FoldTable {
    fn entry_for(&mut self, folded: Vec<char>) -> u32 {
        if let [one] = folded[..] {
            return SINGLE | one as u32;
        }
        let known = self.sequences.iter().rposition(|s| *s == folded);
        let index = known.unwrap_or_else(|| {
            self.sequences.push(folded);
            self.sequences.len() - 1
        });
        SEQUENCE | u32::try_from(index).unwrap_or(0)
    }

    fn set(&mut self, c: char, entry: u32) {
        let code = c as u32 as usize;
        if self.pages[code / PAGE] == 0 {
            // At most 0x1100 pages, so the number fits.
            self.pages[code / PAGE] = u16::try_from(self.entries.len() / PAGE).unwrap_or(0);
            self.entries.resize(self.entries.len() + PAGE, 0);
        }
        self.entries[usize::from(self.pages[code / PAGE]) * PAGE + code % PAGE] = entry;
    }
}

/// The set of folded characters that an archive contains.
#[derive(Clone, Debug)]
pub struct Alphabet {
    bits: Vec<u64>,
}

impl Default for Alphabet {
    fn default() -> Self {
        Self {
            bits: vec![0; 0x11_0000 / 64],
        }
    }
}

/// Conjoining jamo that syllables are composed of: leading, vowel and trailing.
const JAMO: [std::ops::RangeInclusive<char>; 3] = [
    '\u{1100}'..='\u{1112}',
    '\u{1161}'..='\u{1175}',
    '\u{11A8}'..='\u{11C2}',
];

impl Alphabet {
    /// Adds every character of folded text.
    pub fn add(&mut self, folded: &str) {
        folded.chars().for_each(|c| self.insert(c));
    }

    fn insert(&mut self, c: char) {
        self.bits[c as usize / 64] |= 1 << (c as usize % 64);
    }

    /// Adds every character of another alphabet.
    pub fn merge(&mut self, other: &Self) {
        self.bits
            .iter_mut()
            .zip(&other.bits)
            .for_each(|(a, b)| *a |= b);
    }

    /// True if the archive contains this folded character.
    pub fn contains(&self, c: char) -> bool {
        self.bits[c as usize / 64] >> (c as usize % 64) & 1 == 1
    }

    /// All characters, in order.
    pub fn chars(&self) -> impl Iterator<Item = char> + '_ {
        ('\0'..=char::MAX).filter(|&c| self.contains(c))
    }

    /// Where there are syllables, a query may come as jamo; their mappings must be kept.
    pub fn add_jamo_of_syllables(&mut self) {
        if ('가'..='힣').any(|c| self.contains(c)) {
            JAMO.into_iter().flatten().for_each(|c| self.insert(c));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> FoldTable {
        let mut table = FoldTableBuilder::default();
        table.class('!', Class::Symbol);
        table.class('a', Class::Word);
        table.class('\u{301}', Class::Mark(230));
        table.class('一', Class::Solo);
        table.map('A', &['a']);
        table.map('Ａ', &['a']);
        table.map('é', &['e', '\u{301}']);
        table.map('國', &['国']);
        table.build()
    }

    #[test]
    fn writes_and_reads_the_same() {
        let mut bytes = Vec::new();
        small().write(&mut bytes);
        let read = FoldTable::read(&bytes).unwrap();
        assert!(read.mappings().eq(small().mappings()));
        assert_eq!(read.classes, small().classes);
    }

    #[test]
    fn every_truncation_is_an_error() {
        let mut bytes = Vec::new();
        small().write(&mut bytes);
        for end in 0..bytes.len() {
            assert!(FoldTable::read(&bytes[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn what_has_no_variants_knows_them_when_they_are_added() {
        let mut alphabet = Alphabet::default();
        alphabet.add("a国");
        let table = small().restricted_to(&alphabet);
        let mut without = table.without_variants(&alphabet);
        let kept: String = without.mappings().map(|(c, _)| c).collect();
        assert_eq!(kept, "AＡ");
        without
            .add_variants(&small().variants(&alphabet, &alphabet))
            .unwrap();
        assert!(without.mappings().eq(table.mappings()));
        let mut originals = alphabet.clone();
        originals.add("國");
        assert!(table.variants(&alphabet, &originals).is_empty());
        let kept = table.without_variants(&originals);
        assert!(kept.mappings().eq(table.mappings()));
    }

    #[test]
    fn restriction_keeps_what_leads_into_the_alphabet() {
        let mut alphabet = Alphabet::default();
        alphabet.add("a国");
        let table = small().restricted_to(&alphabet);
        let kept: String = table.mappings().map(|(c, _)| c).collect();
        assert_eq!(kept, "A國Ａ");
        assert_eq!(table.class('国'), Class::Solo);
        assert_eq!(table.class('a'), Class::Word);
    }
}
