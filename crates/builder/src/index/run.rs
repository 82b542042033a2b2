//! The inverted index of some documents in a row, as bytes that can be set aside.
//!
//! A run has its terms in the order of their keys: the length of the key, the key, the length of
//! the list, the list. Lists are rows of small numbers, documents counted from the run's first, so
//! a run takes about a third of what its occurrences take as pairs of numbers. Every
//! [`MARK_BYTES`] there is a mark, so that a reader can begin near any key.

use backfile_core::format::cursor::put_varint;
use backfile_core::gram::{KeyUnit, UnitKind, pair_sides, stands_alone};
use backfile_core::text::{Alphabet, FoldTable, Folded, fold};
use rustc_hash::FxHashMap;

use super::facets::FacetKeys;
use crate::document::Document;

/// Bytes between two marks.
const MARK_BYTES: usize = 16 << 10;

/// Terms in the order of their keys, each with where it stands.
#[derive(Debug)]
pub(super) struct Run {
    /// The number of the first document.
    pub(super) first: u32,
    pub(super) bytes: Vec<u8>,
    /// Keys and where they begin, the first one's among them.
    pub(super) marks: Vec<(Box<[u8]>, u64)>,
    /// The occurrences of all keys.
    pub(super) occurrences: u64,
    /// Units in each document.
    pub(super) lengths: Vec<u32>,
    /// All folded characters.
    pub(super) alphabet: Alphabet,
    /// Values of metadata that are too long for a key.
    pub(super) long_values: u64,
}

/// One place where a term stands; the document is counted from the run's first.
#[derive(Clone, Copy, Debug, Default)]
struct Occurrence {
    document: u32,
    place: Place,
}

/// A position, and whether a symbol stands before it, in its lowest bit. (A text has fewer than 2^31
/// units.)
#[derive(Clone, Copy, Debug, Default)]
struct Place(u32);

impl Place {
    fn new(position: u32, is_behind_symbol: bool) -> Self {
        Self(position << 1 | u32::from(is_behind_symbol))
    }

    fn position(self) -> u32 {
        self.0 >> 1
    }

    fn is_behind_symbol(self) -> bool {
        self.0 & 1 == 1
    }
}

impl Run {
    /// Indexes documents, which are numbered from `first` on; these fields of theirs are facets.
    pub(super) fn new(
        table: &FoldTable,
        first: u32,
        documents: &[Document],
        facets: &[String],
    ) -> Self {
        let mut collector = Collector::default();
        for document in documents {
            collector.add_facets(document, facets);
            collector.add(table, document);
        }
        collector.finish(first)
    }
}

/// Appends a list. A document is its distance from the one before, doubled, with one added if the
/// term stands there more than once; then their number; then distances between positions, doubled,
/// with one added if a symbol stands before.
fn write_list(occurrences: &[Occurrence], out: &mut Vec<u8>) {
    let mut expected = 0;
    for here in occurrences.chunk_by(|a, b| a.document == b.document) {
        let document = here[0].document;
        let several = here.len() > 1;
        put(
            out,
            u64::from(document - expected) << 1 | u64::from(several),
        );
        expected = document + 1;
        if several {
            put(out, here.len() as u64);
        }
        let mut before = 0;
        for occurrence in here {
            let distance = u64::from(occurrence.place.position() - before);
            put(
                out,
                distance << 1 | u64::from(occurrence.place.is_behind_symbol()),
            );
            before = occurrence.place.position();
        }
    }
}

/// [`put_varint`], quick where the number is small, as most are.
fn put(out: &mut Vec<u8>, value: u64) {
    match u8::try_from(value) {
        Ok(small @ 0..0x80) => out.push(small),
        _ => put_varint(out, value),
    }
}

/// Numbers terms as they come, and notes where.
///
/// Tens of millions of keys go through here, nearly all of them pairs of single characters, so a
/// key is a number: two [`Codes`], or a word's code behind [`WORD`].
#[derive(Default)]
struct Collector {
    codes: Codes,
    terms: FxHashMap<u64, u32>,
    /// How often each term was seen.
    counts: Vec<u32>,
    /// Term and place, in the order of the text.
    seen: Vec<(u32, Place)>,
    /// For each document, where what was seen in it ends.
    ends: Vec<usize>,
    lengths: Vec<u32>,
    alphabet: Alphabet,
    long_values: u64,
}

/// Stands where a pair has its first code: the key is a word. No code is that high.
const WORD: u32 = u32::MAX;

impl Collector {
    fn add(&mut self, table: &FoldTable, document: &Document) {
        let title = fold(table, &document.title);
        let body = fold(table, &document.body);
        self.add_text(&title, 0);
        // One position stays empty, so that nothing stands in a row across the two.
        self.add_text(&body, title.units().len() as u32 + 1);
        self.lengths
            .push((title.units().len() + body.units().len()) as u32);
        self.ends.push(self.seen.len());
    }

    /// Facet keys have a list as words have, with a position that nobody writes.
    fn add_facets(&mut self, document: &Document, facets: &[String]) {
        let FacetKeys { keys, too_long } = FacetKeys::of(document, facets);
        self.long_values += too_long;
        for key in keys {
            let code = self.codes.of(&key);
            self.note(WORD, code, Place::default());
        }
    }

    fn add_text(&mut self, folded: &Folded, first: u32) {
        self.alphabet.add(folded.all_text());
        let units = folded.units().iter().map(|unit| KeyUnit::of(folded, unit));
        let mut units = units.peekable();
        let (mut position, mut is_behind_symbol) = (first, false);
        while let Some(unit) = units.next() {
            let place = Place::new(position, is_behind_symbol);
            if stands_alone(&unit) {
                let code = self.codes.of(unit.text);
                self.note(WORD, code, place);
            }
            if let Some((left, right)) = pair_sides(&unit, units.peek()) {
                let (left, right) = (self.codes.of(left), self.codes.of(right));
                self.note(left, right, place);
            }
            position += 1;
            is_behind_symbol = unit.kind == UnitKind::Symbol;
        }
    }

    fn note(&mut self, left: u32, right: u32, place: Place) {
        let next = self.terms.len() as u32;
        let key = u64::from(left) << 32 | u64::from(right);
        let term = *self.terms.entry(key).or_insert(next);
        if term == next {
            self.counts.push(0);
        }
        self.counts[term as usize] += 1;
        self.seen.push((term, place));
    }

    fn finish(mut self, first: u32) -> Run {
        let keys = SortedKeys::new(&self.codes, std::mem::take(&mut self.terms));
        let occurrences = self.by_key(&keys);
        let mut run = Run {
            first,
            bytes: Vec::with_capacity(occurrences.len() * 4 + keys.text.len()),
            marks: Vec::new(),
            occurrences: occurrences.len() as u64,
            lengths: self.lengths,
            alphabet: self.alphabet,
            long_values: self.long_values,
        };
        let (mut rest, mut list) = (occurrences.as_slice(), Vec::new());
        for entry in &keys.entries {
            let (own, others) = rest.split_at(self.counts[entry.term as usize] as usize);
            write_list(own, &mut list);
            run.push(keys.key(entry), &list);
            list.clear();
            rest = others;
        }
        run
    }

    /// Brings the occurrences into the order of the keys, by counting, which keeps the order of
    /// the text within a key.
    fn by_key(&mut self, keys: &SortedKeys) -> Vec<Occurrence> {
        let mut next = vec![0; self.counts.len()];
        let mut sum = 0;
        for entry in &keys.entries {
            next[entry.term as usize] = sum;
            sum += self.counts[entry.term as usize];
        }
        let mut occurrences = vec![Occurrence::default(); self.seen.len()];
        let mut start = 0;
        for (document, &end) in (0..).zip(&self.ends) {
            for &(term, place) in &self.seen[start..end] {
                let at = &mut next[term as usize];
                occurrences[*at as usize] = Occurrence { document, place };
                *at += 1;
            }
            start = end;
        }
        self.seen = Vec::new();
        occurrences
    }
}

impl Run {
    fn push(&mut self, key: &[u8], list: &[u8]) {
        let at = self.bytes.len();
        let marked = self.marks.last().map_or(0, |(_, at)| *at as usize);
        if self.marks.is_empty() || at - marked >= MARK_BYTES {
            self.marks.push((key.into(), at as u64));
        }
        put(&mut self.bytes, key.len() as u64);
        self.bytes.extend_from_slice(key);
        put(&mut self.bytes, list.len() as u64);
        self.bytes.extend_from_slice(list);
    }
}

/// The first eight bytes of a key as a number: tells nearly all keys apart at once.
pub(super) fn prefix(key: &[u8]) -> u64 {
    let mut eight = [0; 8];
    let len = key.len().min(8);
    eight[..len].copy_from_slice(&key[..len]);
    u64::from_be_bytes(eight)
}

/// The keys of a run as text, in order.
struct SortedKeys {
    text: String,
    entries: Vec<KeyEntry>,
}

struct KeyEntry {
    prefix: u64,
    start: u32,
    len: u32,
    term: u32,
}

impl SortedKeys {
    fn new(codes: &Codes, terms: FxHashMap<u64, u32>) -> Self {
        let mut text = String::with_capacity(terms.len() * 8);
        let mut entries = Vec::with_capacity(terms.len());
        for (key, term) in terms {
            let start = text.len();
            codes.push_key(key, &mut text);
            entries.push(KeyEntry {
                prefix: prefix(&text.as_bytes()[start..]),
                start: start as u32,
                len: (text.len() - start) as u32,
                term,
            });
        }
        let key = |entry: &KeyEntry| &text.as_bytes()[entry.start as usize..][..entry.len as usize];
        entries.sort_unstable_by(|a, b| {
            let by_prefix = a.prefix.cmp(&b.prefix);
            by_prefix.then_with(|| key(a).cmp(key(b)))
        });
        Self { text, entries }
    }

    fn key(&self, entry: &KeyEntry) -> &[u8] {
        &self.text.as_bytes()[entry.start as usize..][..entry.len as usize]
    }
}

/// Numbers for strings: a single character is its own number, others are counted from behind
/// the last character on.
#[derive(Default)]
struct Codes {
    numbers: FxHashMap<Box<str>, u32>,
    strings: Vec<Box<str>>,
}

impl Codes {
    const FIRST: u32 = char::MAX as u32 + 1;

    fn of(&mut self, text: &str) -> u32 {
        let mut chars = text.chars();
        if let (Some(only), None) = (chars.next(), chars.next()) {
            return only as u32;
        }
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let number = Self::FIRST + self.strings.len() as u32;
        self.strings.push(text.into());
        self.numbers.insert(text.into(), number);
        number
    }

    fn push_key(&self, key: u64, out: &mut String) {
        let (left, right) = ((key >> 32) as u32, key as u32);
        if left != WORD {
            self.push(left, out);
        }
        self.push(right, out);
    }

    fn push(&self, code: u32, out: &mut String) {
        match char::from_u32(code) {
            Some(c) => out.push(c),
            None => out.push_str(&self.strings[(code - Self::FIRST) as usize]),
        }
    }
}
