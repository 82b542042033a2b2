//! The inverted index of some documents in a row, as bytes that can be set aside.
//!
//! A run has its terms in the order of their keys: the length of the key, the key, the length of
//! the list, the list. Lists are rows of small numbers, documents counted from the run's first, so
//! a run takes about a third of what its occurrences take as pairs of numbers. Every
//! [`MARK_BYTES`] there is a mark, so that a reader can begin near any key.

use std::ops::Range;

use backfile_core::format::cursor::put_varint;
use backfile_core::gram::{Side, UnitKind, mixed_start, sides};
use backfile_core::text::{Alphabet, FoldTable, Folded, fold};

use super::facets::FacetKeys;
use super::units::Units;
use crate::document::Document;

/// Bytes between two marks.
const MARK_BYTES: usize = 16 << 10;

/// Terms in the order of their keys, each with where it stands.
#[derive(Debug)]
pub(super) struct Run {
    /// The number of the first document.
    pub(super) first: u32,
    pub(super) lists: SortedLists,
    /// The occurrences of all keys.
    pub(super) occurrences: u64,
    /// Units in each document.
    pub(super) lengths: Vec<u32>,
    /// All folded characters.
    pub(super) alphabet: Alphabet,
    /// All characters before folding.
    pub(super) originals: Alphabet,
    /// Values of metadata that are too long for a key.
    pub(super) long_values: u64,
}

/// The bytes of a run.
#[derive(Debug, Default)]
pub(super) struct SortedLists {
    pub(super) bytes: Vec<u8>,
    /// Keys and where they begin, the first one's among them.
    pub(super) marks: Vec<(Box<[u8]>, u64)>,
}

/// A key, and one place where it stands. What its two numbers are changes as occurrences are sorted
/// ([`sort`]), so that all of it happens in two rows of them.
#[derive(Clone, Copy, Default)]
struct Occurrence {
    /// The left side of the key: its number, then its rank. In the end the rank of the right side.
    side: u32,
    /// The number of the right side, or [`Units::NOTHING`] if the key is one unit. Once the right
    /// sides are in order: the document, counted from the run's first.
    other: u32,
    place: Place,
}

/// A position, and whether a symbol stands before it, in its lowest bit. (A text has fewer than 2^31
/// units.)
#[derive(Clone, Copy, Default)]
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

/// Makes runs, one after the other, in the same memory. The system hands out fresh memory page by
/// page and empty: for tens of megabytes a run that was 2 % of a build's time.
#[derive(Default)]
pub(super) struct RunMaker {
    /// Room to sort in.
    rows: [Vec<Occurrence>; 2],
}

/// Which keys there are besides words, symbols, and pairs.
pub(super) struct KeyKinds {
    pub(super) mixed_pairs: bool,
    /// The words that take the part of symbols in those.
    pub(super) common_words: Vec<String>,
    /// Values of these fields.
    pub(super) facets: Vec<String>,
}

impl RunMaker {
    /// Indexes documents, which are numbered from `first` on.
    pub(super) fn run(
        &mut self,
        table: &FoldTable,
        first: u32,
        documents: &[Document],
        keys: &KeyKinds,
    ) -> Run {
        let bytes: u64 = documents.iter().map(Document::text_bytes).sum();
        let [seen, room] = &mut self.rows;
        seen.clear();
        // Most characters of scripts without spaces take three bytes and begin one key.
        seen.reserve(bytes as usize / 3);
        let mut collector = Collector::new(seen, keys);
        for document in documents {
            collector.add_facets(document, &keys.facets);
            collector.add(table, document);
        }
        collector.finish(first, room)
    }
}

/// Appends a list. A document is its distance from the one before, doubled, with one added if the
/// term stands there more than once; then their number; then distances between positions, doubled,
/// with one added if a symbol stands before.
fn write_list(occurrences: &[Occurrence], out: &mut Vec<u8>) {
    let mut expected = 0;
    for here in occurrences.chunk_by(|a, b| a.other == b.other) {
        let document = here[0].other;
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

/// A list that is put together from those of runs that follow one another.
#[derive(Debug, Default)]
pub(super) struct JoinedList {
    pub(super) bytes: Vec<u8>,
    /// The document behind its last.
    expected: u32,
}

impl JoinedList {
    /// Appends the list of a run, which counts documents from this one on.
    pub(super) fn append(&mut self, first: u32, list: &[u8]) {
        let mut rest = list;
        let head = varint(&mut rest);
        let distance = u64::from(first) + (head >> 1) - u64::from(self.expected);
        put(&mut self.bytes, distance << 1 | head & 1);
        self.bytes.extend_from_slice(rest);
        self.expected = first + documents_of(list);
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.expected = 0;
    }
}

/// The number behind the list's last document.
fn documents_of(mut list: &[u8]) -> u32 {
    let mut expected = 0;
    while !list.is_empty() {
        let head = varint(&mut list);
        expected += (head >> 1) as u32 + 1;
        let several = head & 1 == 1;
        let frequency = if several { varint(&mut list) } else { 1 };
        for _ in 0..frequency {
            varint(&mut list);
        }
    }
    expected
}

/// [`put_varint`], quick where the number takes a byte or two, as most do. Which of the two comes is
/// a toss, so both bytes are written and the second may go again: that is quicker than a branch.
pub(super) fn put(out: &mut Vec<u8>, value: u64) {
    if value >= 0x4000 {
        return put_varint(out, value);
    }
    let has_second = value >= 0x80;
    let first = value as u8 & 0x7F | u8::from(has_second) << 7;
    out.extend_from_slice(&[first, (value >> 7) as u8]);
    out.truncate(out.len() - usize::from(!has_second));
}

/// Notes where each key stands.
///
/// Tens of millions of keys go through here, so none is looked up: a key is noted as the numbers of
/// what it is put together from, and when all are there they are sorted, by counting, first by the
/// right side and then by the left. That keeps the order of the text within a key.
struct Collector<'r> {
    units: Units,
    /// How many words are common: they have the first numbers.
    common_words: usize,
    /// What [`Side`] puts in the place of a unit.
    any_word: u32,
    no_pair: u32,
    /// What mixed pairs begin with, if there are any.
    mixed: Option<MixedStarts>,
    /// In the order of the text.
    seen: &'r mut Vec<Occurrence>,
    /// For each document, where what was seen in it ends.
    ends: Vec<usize>,
    lengths: Vec<u32>,
    originals: Alphabet,
    long_values: u64,
}

/// A unit that was just met.
#[derive(Clone, Copy)]
struct Met {
    kind: UnitKind,
    number: u32,
    place: Place,
}

impl<'r> Collector<'r> {
    fn new(seen: &'r mut Vec<Occurrence>, keys: &KeyKinds) -> Self {
        let mut units = Units::new();
        for word in &keys.common_words {
            units.number(word);
        }
        Self {
            common_words: keys.common_words.len(),
            any_word: units.number(Side::AnyWord.text("")),
            no_pair: units.number(Side::NoPair.text("")),
            units,
            mixed: keys.mixed_pairs.then(MixedStarts::default),
            seen,
            ends: Vec::new(),
            lengths: Vec::new(),
            originals: Alphabet::default(),
            long_values: 0,
        }
    }

    fn add(&mut self, table: &FoldTable, document: &Document) {
        self.originals.add(&document.title);
        self.originals.add(&document.body);
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
            let number = self.units.number(&key);
            self.note(number, Units::NOTHING, Place::default());
        }
    }

    fn add_text(&mut self, folded: &Folded, first: u32) {
        let mut before: Option<Met> = None;
        for (position, unit) in (first..).zip(folded.units()) {
            let number = match unit.character() {
                Some(c) => self.units.character(c),
                None => self.units.longer(folded.text(unit)),
            };
            let met = Met {
                kind: match UnitKind::of(unit) {
                    UnitKind::Word if self.is_common(number) => UnitKind::CommonWord,
                    kind => kind,
                },
                number,
                place: Place::new(
                    position,
                    before.is_some_and(|before| before.kind == UnitKind::Symbol),
                ),
            };
            if let Some(before) = before {
                self.add_pair(before, Some(met));
                self.add_mixed_pair(before, met);
            }
            if met.kind.stands_alone() {
                self.note(met.number, Units::NOTHING, met.place);
            }
            before = Some(met);
        }
        if let Some(last) = before {
            self.add_pair(last, None);
        }
    }

    /// The first number is that of no unit.
    fn is_common(&self, number: u32) -> bool {
        number as usize <= self.common_words
    }

    fn add_pair(&mut self, first: Met, second: Option<Met>) {
        let Some((left, right)) = sides(first.kind, second.map(|second| second.kind)) else {
            return;
        };
        let number = |side, unit: Option<Met>| match side {
            Side::Unit => unit.map_or(Units::NOTHING, |unit| unit.number),
            Side::AnyWord => self.any_word,
            Side::NoPair => self.no_pair,
        };
        let (left, right) = (number(left, Some(first)), number(right, second));
        self.note(left, right, first.place);
    }

    fn add_mixed_pair(&mut self, first: Met, second: Met) {
        let Some(mixed) = &mut self.mixed else {
            return;
        };
        let Some(is_word_behind) = first.kind.is_word_behind(second.kind) else {
            return;
        };
        let (unit, word) = if is_word_behind {
            (first, second)
        } else {
            (second, first)
        };
        let start = mixed.number(unit.number, is_word_behind, &mut self.units);
        self.note(start, word.number, first.place);
    }

    fn note(&mut self, left: u32, right: u32, place: Place) {
        self.seen.push(Occurrence {
            side: left,
            other: right,
            place,
        });
    }

    fn finish(self, first: u32, room: &mut Vec<Occurrence>) -> Run {
        let (ranks, texts) = self.units.ranks();
        let ends = sort(self.seen, room, &self.ends, &ranks);
        let occurrences = self.seen;
        let keys = SortedKeys::new(&texts, occurrences, &ends);
        let mut run = Run {
            first,
            lists: SortedLists::with_capacity(occurrences.len() * 4 + keys.text.len()),
            occurrences: occurrences.len() as u64,
            lengths: self.lengths,
            alphabet: alphabet(&texts),
            originals: self.originals,
            long_values: self.long_values,
        };
        for entry in &keys.entries {
            let list = &occurrences[entry.occurrences()];
            let write = |bytes: &mut Vec<u8>| write_list(list, bytes);
            run.lists.push(keys.key(entry), write);
        }
        run
    }
}

/// What the keys of mixed pairs begin with: for the number of each unit that is no word, or a common one, the numbers of
/// what it gives behind a word and before one.
#[derive(Default)]
struct MixedStarts([Vec<u32>; 2]);

impl MixedStarts {
    fn number(&mut self, unit: u32, is_first: bool, units: &mut Units) -> u32 {
        let numbers = &mut self.0[usize::from(is_first)];
        let at = unit as usize;
        if numbers.len() <= at {
            numbers.resize(at + 1, Units::NOTHING);
        }
        if numbers[at] == Units::NOTHING {
            numbers[at] = units.longer(&mixed_start(units.text(unit), is_first));
        }
        numbers[at]
    }
}

/// The characters of units. What begins with a control character is a marker, or a facet's key:
/// folded text has none.
fn alphabet(texts: &[&str]) -> Alphabet {
    let mut alphabet = Alphabet::default();
    let of_text = texts
        .iter()
        .filter(|text| !text.starts_with(char::is_control));
    of_text.for_each(|text| alphabet.add(text));
    alphabet
}

/// Brings what was seen into the order of the left sides' ranks, then of the right sides', then of
/// the text; says where each left side ends. `documents` says where each document does before.
fn sort(
    seen: &mut Vec<Occurrence>,
    room: &mut Vec<Occurrence>,
    documents: &[usize],
    ranks: &[u32],
) -> Vec<u32> {
    let rank = |number: u32| ranks[number as usize];
    let rights = seen.iter().map(|seen| rank(seen.other));
    let mut by_right = Buckets::new(room, ranks.len(), rights);
    let mut start = 0;
    for (document, &end) in (0..).zip(documents) {
        for seen in &seen[start..end] {
            let occurrence = Occurrence {
                side: rank(seen.side),
                other: document,
                place: seen.place,
            };
            by_right.put(rank(seen.other), occurrence);
        }
        start = end;
    }
    let Buckets { all, next } = by_right;
    let mut by_left = Buckets::new(seen, ranks.len(), all.iter().map(|seen| seen.side));
    let mut start = 0;
    for (side, &end) in (0..).zip(&next) {
        for &occurrence in &all[start as usize..end as usize] {
            by_left.put(occurrence.side, Occurrence { side, ..occurrence });
        }
        start = end;
    }
    by_left.next
}

/// Occurrences on their way into as many buckets as there are ranks.
struct Buckets<'r> {
    /// Of all buckets, one behind the other.
    all: &'r mut [Occurrence],
    /// Where the next of each bucket goes; when all are there, where it ends.
    next: Vec<u32>,
}

impl<'r> Buckets<'r> {
    /// In this room, for occurrences that have these ranks. What was in the room is overwritten.
    fn new(
        room: &'r mut Vec<Occurrence>,
        buckets: usize,
        ranks: impl Iterator<Item = u32>,
    ) -> Self {
        let mut next = vec![0; buckets];
        let mut all = 0;
        for rank in ranks {
            next[rank as usize] += 1;
        }
        for count in &mut next {
            all += std::mem::replace(count, all);
        }
        room.resize(all as usize, Occurrence::default());
        Self { all: room, next }
    }

    fn put(&mut self, rank: u32, occurrence: Occurrence) {
        let at = &mut self.next[rank as usize];
        self.all[*at as usize] = occurrence;
        *at += 1;
    }
}

impl SortedLists {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
            marks: Vec::new(),
        }
    }

    /// Appends a key that comes behind all others, and its list.
    pub(super) fn push(&mut self, key: &[u8], write: impl FnOnce(&mut Vec<u8>)) {
        let at = self.bytes.len();
        let marked = self.marks.last().map_or(0, |(_, at)| *at as usize);
        if self.marks.is_empty() || at - marked >= MARK_BYTES {
            self.marks.push((key.into(), at as u64));
        }
        put(&mut self.bytes, key.len() as u64);
        self.bytes.extend_from_slice(key);
        put_counted(&mut self.bytes, write);
    }
}

/// The number at the start of `bytes`, which then begin behind it. Past the end there are zeros.
#[inline]
pub(super) fn varint(bytes: &mut &[u8]) -> u64 {
    match **bytes {
        // Nearly all have a byte or two, and which of them is a toss: so there is no branch for it.
        [first, second, ..] if first & second < 0x80 => {
            let has_second = first >= 0x80;
            let high = if has_second { second } else { 0 };
            *bytes = &bytes[1 + usize::from(has_second)..];
            u64::from(first & 0x7F) | u64::from(high) << 7
        }
        _ => long_varint(bytes),
    }
}

fn long_varint(bytes: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0);
    while let Some((&byte, rest)) = bytes.split_first() {
        *bytes = rest;
        value |= u64::from(byte & 0x7F) << shift;
        shift += 7;
        if byte < 0x80 || shift > 63 {
            break;
        }
    }
    value
}

/// Appends what is written, with the number of its bytes before it.
fn put_counted(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let at = out.len();
    // Nearly all are short, and their number has one byte.
    out.push(0);
    write(out);
    match out.len() - at - 1 {
        short @ 0..0x80 => out[at] = short as u8,
        long => {
            let mut count = Vec::new();
            put_varint(&mut count, long as u64);
            out.splice(at..=at, count);
        }
    }
}

/// The first eight bytes of a key as a number, with zeros behind a shorter one: tells nearly all keys apart at once.
pub(super) fn prefix(key: &[u8]) -> u64 {
    match key.first_chunk() {
        Some(&eight) => u64::from_be_bytes(eight),
        // Two Chinese characters are six bytes: too few for a call that copies them.
        None => key
            .iter()
            .zip((0..8).rev())
            .fold(0, |prefix, (&byte, place)| {
                prefix | u64::from(byte) << (8 * place)
            }),
    }
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
    /// The key's first occurrence, and how many there are.
    first: u32,
    count: u32,
}

impl KeyEntry {
    fn occurrences(&self) -> Range<usize> {
        self.first as usize..(self.first + self.count) as usize
    }
}

impl SortedKeys {
    /// The keys of sorted occurrences; `ends` says where those of each left side end, and `texts`
    /// has both sides by their ranks.
    fn new(texts: &[&str], occurrences: &[Occurrence], ends: &[u32]) -> Self {
        let mut keys = Self {
            text: String::new(),
            entries: Vec::new(),
        };
        let mut first = 0;
        for (left, &end) in texts.iter().zip(ends) {
            let own = &occurrences[first as usize..end as usize];
            for of_key in own.chunk_by(|a, b| a.side == b.side) {
                let count = of_key.len() as u32;
                keys.push(left, texts[of_key[0].side as usize], (first, count));
                first += count;
            }
        }
        keys.sort();
        keys
    }

    fn push(&mut self, left: &str, right: &str, (first, count): (u32, u32)) {
        let start = self.text.len();
        self.text.push_str(left);
        self.text.push_str(right);
        self.entries.push(KeyEntry {
            prefix: prefix(&self.text.as_bytes()[start..]),
            start: start as u32,
            len: (self.text.len() - start) as u32,
            first,
            count,
        });
    }

    /// The order of left sides is nearly that of keys: not quite, where one begins another. So this
    /// is a sort that is quick where there is little to do.
    fn sort(&mut self) {
        let text = self.text.as_bytes();
        let key = |entry: &KeyEntry| &text[entry.start as usize..][..entry.len as usize];
        self.entries.sort_by(|a, b| {
            let by_prefix = a.prefix.cmp(&b.prefix);
            by_prefix.then_with(|| key(a).cmp(key(b)))
        });
    }

    fn key(&self, entry: &KeyEntry) -> &[u8] {
        &self.text.as_bytes()[entry.start as usize..][..entry.len as usize]
    }
}
