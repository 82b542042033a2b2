//! A second reader of the index format, written from `crates/core/FORMAT.md` and nothing else.
//!
//! It shares no code with `backfile_core::format`, reads one bit at a time, keeps no promise of
//! speed and panics at whatever it does not expect. It is there to show that the specification is
//! enough to read an archive, and on its way it notes what each byte means: those notes are the
//! annotated dump in the specification. A byte that nothing explains is a failure, too.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;

use xxhash_rust::xxh64::{Xxh64, xxh64};

/// Bytes that belong together, and what they mean.
#[derive(Clone, Debug)]
pub struct Row {
    /// Where they begin.
    pub at: usize,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What they mean.
    pub note: String,
}

/// A file, or an inflated document, with the meaning of all its bytes.
#[derive(Clone, Debug)]
pub struct Page {
    /// The file's name below the archive's folder.
    pub name: String,
    /// All its bytes, in order.
    pub rows: Vec<Row>,
}

/// Where a key stands: documents, and positions in each.
pub type Lists = BTreeMap<String, Vec<(u32, Vec<u32>)>>;
/// Bare lists: documents, and how often; documents and positions behind symbols.
pub type BareLists = BTreeMap<String, (Vec<(u32, u32)>, Vec<(u32, u32)>)>;
/// The same without positions: documents, and how often.
pub type Counts = BTreeMap<String, Vec<(u32, u32)>>;

/// Everything that an archive says.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// The manifest's own fields.
    pub manifest: Manifest,
    /// What characters fold to.
    pub mappings: BTreeMap<char, String>,
    /// First character and class of each run.
    pub classes: Vec<(u32, u64)>,
    /// What only queries need of that, of all segments.
    pub variants: BTreeMap<char, String>,
    /// What the segments hold.
    pub segments: Vec<SegmentContents>,
    /// All bytes, explained.
    pub pages: Vec<Page>,
}

/// Everything that a segment holds.
#[derive(Clone, Debug, Default)]
pub struct SegmentContents {
    /// Its leaves, in order.
    pub leaves: Vec<Leaf>,
    /// How many branches there are.
    pub branches: usize,
    /// All postings with positions.
    pub lists: Lists,
    /// Bare lists.
    pub bare: BareLists,
    /// The lists without positions.
    pub counts: Counts,
    /// The counts of characters and the sums of beginnings of words that have one.
    pub documents_of: BTreeMap<String, u32>,
    /// The documents of facet keys.
    pub facets: BTreeMap<String, Vec<u32>>,
    /// How many lists are stored in each form.
    pub forms: BTreeMap<&'static str, usize>,
    /// Extents of documents in units of 256 bytes.
    pub lengths: Vec<u64>,
    /// What only queries need of the fold table.
    pub variants: BTreeMap<char, String>,
    /// Id, title and body of each document.
    pub documents: Vec<(String, String, String)>,
    /// The name of its folder, computed from all that it covers.
    pub tag: u64,
}

/// A leaf of the dictionary.
#[derive(Clone, Debug, Default)]
pub struct Leaf {
    /// Its lower bound, as its branch says, and for the first of a branch the root.
    pub bound: String,
    /// Its keys, in order.
    pub keys: Vec<String>,
}

/// The fields of the manifest.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "FORMAT.md says what they are")]
pub struct Manifest {
    pub title: String,
    pub language: String,
    pub first_date: Option<String>,
    pub last_date: Option<String>,
    pub packs: bool,
    pub segments: Vec<Segment>,
    pub order: Vec<(u64, u64)>,
    pub articles: u64,
    pub facets: Vec<String>,
    pub codebooks: BTreeMap<u8, Vec<char>>,
    /// The numbers of deleted documents of each segment but the last; nothing if there are none.
    pub deleted: Vec<Vec<u64>>,
}

/// Where documents without an address of their own can be read.
const ARTICLES: [&str; 3] = [
    "nowhere",
    "in files of their own",
    "in files of their dates",
];

/// The fields of a segment.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "FORMAT.md says what they are")]
pub struct Segment {
    pub tag: u64,
    pub seed: u64,
    pub documents: u64,
    pub units: u64,
    pub length: u64,
    pub piece_bytes: u64,
    pub one_file: bool,
    pub mixed_pairs: bool,
    /// Words that take the part of symbols in those.
    pub common_words: Vec<String>,
    pub codebooks: u64,
    pub streams: Vec<Stream>,
    /// The record's bytes, with 0 for the tag.
    pub described: Vec<u8>,
}

/// The fields of a stream.
#[derive(Clone, Copy, Debug, Default)]
#[allow(missing_docs, reason = "FORMAT.md says what they are")]
pub struct Stream {
    pub bytes: u64,
    pub file_bytes: u64,
    pub resident: bool,
}

/// The note of zeros between extents.
pub const GAP: &str = "between extents";

/// Kinds of streams, by their numbers: letter and name.
const STREAMS: [(char, &str); 7] = [
    ('b', "branches"),
    ('t', "terms"),
    ('d', "long lists, documents"),
    ('p', "long lists, positions"),
    ('n', "directory"),
    ('s', "documents"),
    ('v', "variants"),
];
const BRANCHES: usize = 0;
const TERMS: usize = 1;
const LONG_DOCUMENTS: usize = 2;
const LONG_POSITIONS: usize = 3;
const DIRECTORY: usize = 4;
const DOCUMENTS: usize = 5;
const VARIANTS: usize = 6;

/// Reads an archive: `file` gives the bytes of a file below its folder.
pub fn read(file: impl Fn(&str) -> Vec<u8>) -> Contents {
    let mut notes = Notes::default();
    let mut contents = Contents::default();
    let bytes = file("manifest.bf");
    let starts = contents.read_manifest(&bytes, &mut notes);
    for (segment, start) in contents.manifest.segments.iter().zip(starts) {
        let reader = Reader::new((segment, &contents.manifest.codebooks), &file, start, notes);
        let (read, own) = reader.read();
        contents.variants.extend(read.variants.clone());
        contents.segments.push(read);
        notes = own;
    }
    if contents.manifest.packs {
        let segments = contents.manifest.segments.iter();
        let packed = segments.filter(|segment| !segment.one_file);
        packed.for_each(|segment| check_packs(segment, &file));
    }
    contents.check_deleted();
    contents.pages = notes.pages(&file);
    contents
}

/// A pack has the bytes of its stream's files, each at its address, and zeros between them.
fn check_packs(segment: &Segment, file: &impl Fn(&str) -> Vec<u8>) {
    for (stream, (letter, _)) in segment.streams.iter().zip(STREAMS) {
        if stream.resident {
            continue;
        }
        let mut expected = Vec::new();
        for number in 0..stream.bytes.div_ceil(stream.file_bytes) {
            let start = (number * stream.file_bytes) as usize;
            if expected.len() <= start {
                expected.resize(start, 0);
                expected.extend(file(&format!(
                    "{:016x}/{letter}{number:04}.bf",
                    segment.tag
                )));
            }
        }
        let pack = file(&format!("{:016x}/{letter}.pack", segment.tag));
        assert_eq!(pack.len() as u64, stream.bytes);
        assert!(pack == expected, "{letter}.pack");
    }
}

// --- what bytes mean ----------------------------------------------------------------------------

/// The rows of all pages, by name and place.
#[derive(Debug, Default)]
struct Notes {
    rows: BTreeMap<String, BTreeMap<usize, Row>>,
    inflated: Vec<Page>,
}

impl Notes {
    fn add(&mut self, name: &str, base: usize, rows: Vec<Row>) {
        let page = self.rows.entry(name.to_owned()).or_default();
        for mut row in rows {
            row.at += base;
            let before = page.insert(row.at, row);
            assert!(before.is_none(), "{name}: read twice");
        }
    }

    /// Every byte of every file that was read, once and in order.
    fn pages(self, file: &impl Fn(&str) -> Vec<u8>) -> Vec<Page> {
        let mut pages = Vec::new();
        for (name, rows) in self.rows {
            let bytes = file(&name);
            let mut page = Page {
                name,
                rows: Vec::new(),
            };
            let mut at = 0;
            for row in rows.into_values() {
                page.skip(&bytes, at, row.at);
                at = row.at + row.bytes.len();
                assert_eq!(row.bytes, &bytes[row.at..at]);
                page.rows.push(row);
            }
            assert_eq!(at, bytes.len(), "{}: bytes at the end", page.name);
            pages.push(page);
        }
        pages.sort_by_key(|page| page.name.contains('/'));
        pages.extend(self.inflated);
        pages
    }
}

impl Page {
    /// Only in a resident stream and in the one file of a segment may there be bytes between
    /// extents, where a file would end.
    fn skip(&mut self, bytes: &[u8], at: usize, end: usize) {
        assert!(at <= end, "{}: read twice", self.name);
        if at < end {
            let may_have = self.name == "manifest.bf" || self.name.ends_with("/a0000.bf");
            assert!(may_have, "{}: bytes that nobody reads at {at}", self.name);
            let skipped = bytes[at..end].to_vec();
            assert!(skipped.iter().all(|&byte| byte == 0));
            self.rows.push(Row {
                at,
                bytes: skipped,
                note: GAP.into(),
            });
        }
    }
}

/// Walks over bytes and notes what they mean.
struct Walk<'b> {
    bytes: &'b [u8],
    at: usize,
    /// Where the next row begins.
    from: usize,
    rows: Vec<Row>,
}

impl<'b> Walk<'b> {
    fn new(bytes: &'b [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            from: 0,
            rows: Vec::new(),
        }
    }

    fn take(&mut self, len: usize) -> &'b [u8] {
        self.at += len;
        &self.bytes[self.at - len..self.at]
    }

    /// What was taken since the last note.
    fn note(&mut self, note: impl Into<String>) {
        let bytes = self.bytes[self.from..self.at].to_vec();
        self.rows.push(Row {
            at: self.from,
            bytes,
            note: note.into(),
        });
        self.from = self.at;
    }

    /// All that was noted: every byte.
    fn finish(self) -> Vec<Row> {
        assert_eq!((self.at, self.from), (self.bytes.len(), self.at));
        self.rows
    }

    /// Notes the bytes that bits have filled up to `at`, if there are any.
    fn note_bits(&mut self, at: usize, note: &mut String) {
        self.at = at;
        if self.at > self.from {
            let note = std::mem::take(note);
            self.note(note.trim_start_matches("; "));
        }
    }

    fn little_endian(&mut self, len: usize) -> u64 {
        let bytes = self.take(len).iter().rev();
        bytes.fold(0, |value, &byte| value << 8 | u64::from(byte))
    }

    fn varint(&mut self) -> u64 {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = self.take(1)[0];
            value |= u64::from(byte & 0x7F) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                return value;
            }
        }
    }

    fn zigzag(&mut self) -> i64 {
        let value = self.varint();
        (value >> 1) as i64 ^ -((value & 1) as i64)
    }

    fn string(&mut self) -> String {
        let len = self.varint() as usize;
        String::from_utf8(self.take(len).to_vec()).expect("UTF-8")
    }

    fn field(&mut self, name: &str) -> u64 {
        let value = self.varint();
        self.note(format!("{name}: {value}"));
        value
    }

    fn text_field(&mut self, name: &str) -> String {
        let value = self.string();
        self.note(format!("{name}: {value:?}"));
        value
    }

    fn option_field(&mut self, name: &str) -> Option<String> {
        let value = (self.take(1)[0] == 1).then(|| self.string());
        self.note(match &value {
            None => format!("{name}: none"),
            Some(value) => format!("{name}: {value:?}"),
        });
        value
    }

    fn flag(&mut self, name: &str) -> bool {
        let value = self.take(1)[0];
        assert!(value < 2);
        self.note(format!("{name}: {}", if value == 1 { "yes" } else { "no" }));
        value == 1
    }

    /// A section's header, of this kind, number and seed; returns the length of its payload.
    fn header(&mut self, kind: usize, number: u64, seed: u64) -> usize {
        let start = self.at;
        assert_eq!(self.take(4), b"BkFl");
        self.note("magic");
        assert_eq!(self.take(1), [1]);
        self.note("version");
        assert_eq!(usize::from(self.take(1)[0]), kind);
        self.note(format!("kind: {}", kind_name(kind)));
        assert_eq!(self.take(2), [0, 0]);
        self.note("not used");
        let len = self.little_endian(4) as usize;
        self.note(format!("payload: {len} bytes"));
        assert_eq!(self.little_endian(4), number);
        self.note(format!("segment: {number}"));
        assert_eq!(self.little_endian(8), seed);
        self.note(format!("seed: {seed:016x}"));
        let sum = self.little_endian(8);
        let payload = &self.bytes[start + 32..start + 32 + len];
        let header = xxh64(&self.bytes[start..start + 24], 0);
        assert_eq!(xxh64(payload, header), sum, "checksum");
        self.note("checksum");
        len
    }
}

fn kind_name(kind: usize) -> String {
    match kind {
        1 => "manifest".into(),
        2 => "fold table".into(),
        3 => "dictionary root".into(),
        _ => format!("stream of {}", STREAMS[kind - 4].1),
    }
}

// --- manifest.bf --------------------------------------------------------------------------------

/// What `manifest.bf` has of a segment.
#[derive(Debug, Default)]
struct SegmentStart {
    /// The dictionary root's payload.
    root: Vec<u8>,
    /// Where each resident stream begins in the file, and its bytes.
    resident: BTreeMap<usize, (usize, Vec<u8>)>,
}

impl Contents {
    fn read_manifest(&mut self, bytes: &[u8], notes: &mut Notes) -> Vec<SegmentStart> {
        let mut walk = Walk::new(bytes);
        let number = u32::from_le_bytes(bytes[12..16].try_into().expect("four bytes"));
        let seed = u64::from_le_bytes(bytes[16..24].try_into().expect("eight bytes"));
        let len = walk.header(1, number.into(), seed);
        let end = walk.at + len;
        self.manifest = Manifest::read(&mut walk);
        assert_eq!(walk.at, end);
        assert_eq!((u64::from(number), seed), self.manifest.early_directory());
        let len = walk.header(2, 0, 0);
        let end = walk.at + len;
        self.read_classes(&mut walk);
        read_mappings(&mut walk, end, &mut self.mappings);
        assert_eq!(walk.at, end);
        let mut starts = Vec::new();
        for (number, segment) in (0..).zip(&self.manifest.segments) {
            starts.push(read_segment_start(&mut walk, number, segment));
        }
        assert_eq!(walk.at, bytes.len());
        // Resident streams are noted by those who read them.
        notes.add("manifest.bf", 0, walk.rows);
        starts
    }
}

fn read_segment_start(walk: &mut Walk<'_>, number: u64, segment: &Segment) -> SegmentStart {
    let mut start = SegmentStart::default();
    let len = walk.header(3, number, segment.seed);
    start.root = walk.bytes[walk.at..walk.at + len].to_vec();
    note_root(walk, len, &start.root);
    for (kind, stream) in segment.streams.iter().enumerate() {
        if stream.resident {
            let len = walk.header(4 + kind, number, segment.seed);
            assert_eq!(len as u64, stream.bytes);
            start
                .resident
                .insert(kind, (walk.at, walk.take(len).to_vec()));
            walk.from = walk.at;
        }
    }
    start
}

impl Contents {
    /// The last segment has the deleted documents and no others.
    fn check_deleted(&self) {
        let all = &self.manifest.deleted;
        let Some(last) = self.segments.last().filter(|_| !all.is_empty()) else {
            return;
        };
        let of = |(segment, numbers): (&SegmentContents, &Vec<u64>)| -> Vec<_> {
            let own = numbers.iter();
            let own = own.map(|number| segment.documents[*number as usize].clone());
            own.collect()
        };
        let mut deleted: Vec<_> = self.segments.iter().zip(all).flat_map(of).collect();
        let mut expected = last.documents.clone();
        deleted.sort();
        expected.sort();
        assert_eq!(deleted, expected);
    }
}

impl Manifest {
    /// What the header of the manifest says: bytes of a directory, and the tag of its segment.
    fn early_directory(&self) -> (u64, u64) {
        let mut largest = (0, 0);
        for segment in &self.segments {
            let stream = segment.streams[4];
            let fits = stream.bytes <= stream.file_bytes.min(24_576);
            if fits && !stream.resident && !segment.one_file && stream.bytes > largest.0 {
                largest = (stream.bytes, segment.tag);
            }
        }
        if self.packs { (0, 0) } else { largest }
    }

    fn read(walk: &mut Walk<'_>) -> Self {
        let mut manifest = Self {
            title: walk.text_field("title"),
            language: walk.text_field("language"),
            first_date: walk.option_field("first date"),
            last_date: walk.option_field("last date"),
            packs: walk.flag("packs"),
            ..Self::default()
        };
        for _ in 0..walk.field("segments") {
            manifest.segments.push(Segment::read(walk));
        }
        for _ in 0..walk.field("stretches of the order") {
            let stretch = (walk.varint(), walk.varint());
            walk.note(format!("{} documents of segment {}", stretch.1, stretch.0));
            manifest.order.push(stretch);
        }
        let analysis = walk.varint();
        walk.note(format!("analysis: {analysis:016x}"));
        manifest.articles = walk.varint();
        walk.note(format!(
            "articles: {}",
            ARTICLES[manifest.articles as usize]
        ));
        for _ in 0..walk.field("facets") {
            manifest.facets.push(walk.text_field("facet"));
        }
        manifest.read_codebooks(walk);
        manifest.read_deleted(walk);
        manifest.check_order();
        manifest
    }

    /// The numbers of deleted documents of each segment but the last.
    fn read_deleted(&mut self, walk: &mut Walk<'_>) {
        let end = walk.field("bytes about deleted documents") as usize + walk.at;
        while walk.at < end {
            let (count, mut next, mut numbers) = (walk.varint(), 0, Vec::new());
            for _ in 0..count {
                numbers.push(next + walk.varint());
                next = numbers[numbers.len() - 1] + 1;
            }
            walk.note(format!("{numbers:?}"));
            self.deleted.push(numbers);
        }
        assert_eq!(walk.at, end);
        assert!(self.deleted.is_empty() || self.deleted.len() + 1 == self.segments.len());
        assert!(self.deleted.is_empty() || !self.deleted.concat().is_empty());
    }

    /// Segments whose documents are found.
    fn live(&self) -> &[Segment] {
        let deleted = usize::from(!self.deleted.is_empty());
        &self.segments[..self.segments.len() - deleted]
    }

    fn read_codebooks(&mut self, walk: &mut Walk<'_>) {
        let end = walk.field("bytes of codebooks") as usize + walk.at;
        while walk.at < end {
            let number = walk.take(1)[0];
            walk.note(format!("codebook {number}"));
            let count = walk.field("characters");
            let (mut characters, mut last) = (Vec::new(), 0);
            for place in 0..count {
                if place == 0 || (place >= 60 && (place - 60) % 256 == 0) {
                    last = 0;
                }
                last += walk.varint();
                characters.push(character(last as u32));
            }
            let shown: String = characters.iter().take(4).copied().map(visible).collect();
            walk.note(format!("{shown}…"));
            self.codebooks.insert(number, characters);
        }
        assert_eq!(walk.at, end);
        let used = self.segments.iter().fold(0, |all, own| all | own.codebooks);
        let there = self.codebooks.keys().fold(0, |all, own| all | 1 << own);
        assert_eq!(used, there, "the codebooks are those that documents use");
    }

    /// The order has each document once.
    fn check_order(&self) {
        for (number, segment) in (0..).zip(self.live()) {
            let own = self.order.iter().filter(|(segment, _)| *segment == number);
            assert_eq!(own.map(|(_, count)| count).sum::<u64>(), segment.documents);
        }
        let known = self.live().len() as u64;
        assert!(self.order.iter().all(|(segment, _)| *segment < known));
    }
}

impl Segment {
    fn read(walk: &mut Walk<'_>) -> Self {
        let tag = walk.varint();
        walk.note(format!("tag: {tag:016x}"));
        let behind_tag = walk.at;
        let seed = walk.varint();
        walk.note(format!("seed: {seed:016x}"));
        let mut segment = Self {
            tag,
            seed,
            documents: walk.field("documents"),
            units: walk.field("units"),
            length: walk.field("length of all documents"),
            piece_bytes: walk.field("bytes of a piece of the directory"),
            one_file: walk.flag("one file"),
            mixed_pairs: walk.flag("mixed pairs"),
            ..Self::default()
        };
        for _ in 0..walk.field("common words") {
            segment.common_words.push(walk.text_field("common word"));
        }
        segment.codebooks = walk.field("codebooks, as bits");
        for (_, name) in STREAMS {
            let stream = Stream {
                bytes: walk.varint(),
                file_bytes: walk.varint(),
                resident: walk.take(1)[0] == 1,
            };
            let place = match (stream.resident, segment.one_file) {
                (true, _) => "here",
                (false, true) => "in the one file",
                (false, false) => "in files",
            };
            walk.note(format!(
                "{name}: {} bytes, {} in a file, {place}",
                stream.bytes, stream.file_bytes
            ));
            segment.streams.push(stream);
        }
        segment.described = [&[0], &walk.bytes[behind_tag..walk.at]].concat();
        segment
    }
}

impl Contents {
    fn read_classes(&mut self, walk: &mut Walk<'_>) {
        let count = walk.field("runs of classes");
        let mut start = 0;
        for _ in 0..count {
            start += walk.varint();
            let class = walk.varint();
            walk.note(format!(
                "from {}: {}",
                code_point(start as u32),
                class_name(class)
            ));
            self.classes.push((start as u32, class));
        }
    }
}

/// What characters fold to, up to the end of a section or an extent's payload.
fn read_mappings(walk: &mut Walk<'_>, end: usize, mappings: &mut BTreeMap<char, String>) {
    let count = walk.field("characters that fold to others");
    let bytes = walk.bytes;
    let mut bits = AdaptiveBits::new(&bytes[..end], walk.at);
    let [mut gaps, mut lengths, mut distances] = [Chances::new(); 3];
    let mut same_shift = 2048;
    let (mut from, mut shift, mut before) = (0, 0, Vec::new());
    let mut note = String::new();
    for _ in 0..count {
        from += bits.number(&mut gaps) + 1;
        let mut to = Vec::new();
        if bits.bit(&mut same_shift) == 1 {
            to.push(from + shift);
        } else {
            for place in 0..=bits.number(&mut lengths) as usize {
                let near = before.get(place).or(to.last()).copied().unwrap_or(0);
                let distance = bits.number(&mut distances);
                to.push(match distance % 2 {
                    0 => near + distance / 2,
                    _ => near - distance / 2 - 1,
                });
            }
        }
        if to.len() == 1 {
            shift = to[0] - from;
        }
        let from = character(from as u32);
        let folded: String = to.iter().map(|&code| character(code as u32)).collect();
        let shown: String = folded.chars().map(visible).collect();
        let _ = write!(note, "; {} → {shown}", visible(from));
        if bits.at - walk.from > 11 + 4 {
            walk.note_bits(bits.at - 4, &mut note);
        }
        mappings.insert(from, folded);
        before = to;
    }
    assert_eq!(bits.at, end);
    walk.note_bits(end, &mut note);
}

/// The chances of one kind of numbers in the adaptive code.
#[derive(Clone, Copy)]
struct Chances {
    more: [u64; 31],
    first: [u64; 31],
}

impl Chances {
    fn new() -> Self {
        Self {
            more: [2048; 31],
            first: [2048; 31],
        }
    }
}

/// Reads numbers in the adaptive code.
struct AdaptiveBits<'b> {
    bytes: &'b [u8],
    at: usize,
    low: u64,
    high: u64,
    code: u64,
}

impl<'b> AdaptiveBits<'b> {
    fn new(bytes: &'b [u8], at: usize) -> Self {
        let first = u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
        Self {
            bytes,
            at: at + 4,
            low: 0,
            high: 0xFFFF_FFFF,
            code: first.into(),
        }
    }

    fn bit(&mut self, chance: &mut u64) -> i64 {
        let split = self.low + (self.high - self.low) / 4096 * *chance;
        let bit = i64::from(self.code <= split);
        if bit == 1 {
            self.high = split;
            *chance += (4096 - *chance) / 16;
        } else {
            self.low = split + 1;
            *chance -= *chance / 16;
        }
        while self.low >> 24 == self.high >> 24 {
            self.low = self.low << 8 & 0xFFFF_FFFF;
            self.high = (self.high << 8 & 0xFFFF_FFFF) + 255;
            self.code = (self.code << 8 & 0xFFFF_FFFF) + u64::from(self.bytes[self.at]);
            self.at += 1;
        }
        bit
    }

    fn number(&mut self, chances: &mut Chances) -> i64 {
        let mut more = 0;
        while more < 31 && self.bit(&mut chances.more[more]) == 1 {
            more += 1;
        }
        if more == 0 {
            return 0;
        }
        let first = 2 + self.bit(&mut chances.first[more - 1]);
        let behind = (1..more).fold(first, |number, _| number * 2 + self.bit(&mut 2048));
        behind - 1
    }
}

// --- a segment ----------------------------------------------------------------------------------

/// Where an extent lies: address and bytes, checksum included.
type Extent = (u64, u64);

/// Reads a segment, extent by extent.
struct Reader<'a, F> {
    segment: &'a Segment,
    codebooks: &'a BTreeMap<u8, Vec<char>>,
    file: &'a F,
    start: SegmentStart,
    notes: Notes,
    /// The files that have been read.
    files: BTreeMap<String, Vec<u8>>,
    /// The checksum of each extent, by stream and address.
    seals: BTreeMap<(usize, u64), [u8; 4]>,
    /// The last key.
    last_key: String,
    contents: SegmentContents,
}

/// The rule of addresses: what a file has no room for begins the next.
struct Addresses {
    file_bytes: u64,
    next: u64,
}

impl Addresses {
    fn place(&mut self, bytes: u64) -> Extent {
        let size = self.file_bytes;
        if self.next % size + bytes > size {
            self.next = self.next.next_multiple_of(size);
        }
        let address = self.next;
        self.next += bytes;
        if bytes > size {
            self.next = self.next.next_multiple_of(size);
        }
        (address, bytes)
    }
}

impl<'a, F: Fn(&str) -> Vec<u8>> Reader<'a, F> {
    fn new(
        (segment, codebooks): (&'a Segment, &'a BTreeMap<u8, Vec<char>>),
        file: &'a F,
        start: SegmentStart,
        notes: Notes,
    ) -> Self {
        Self {
            segment,
            codebooks,
            file,
            start,
            notes,
            files: BTreeMap::new(),
            seals: BTreeMap::new(),
            last_key: String::new(),
            contents: SegmentContents::default(),
        }
    }

    fn read(mut self) -> (SegmentContents, Notes) {
        for (bound, branch) in root_entries(&self.start.root) {
            self.read_branch(&bound, branch);
        }
        self.read_directory();
        self.read_variants();
        self.contents.tag = self.tag();
        assert_eq!(
            self.contents.tag, self.segment.tag,
            "the name of the folder"
        );
        (self.contents, self.notes)
    }

    /// Bytes in a file of a stream.
    fn file_bytes(&self, kind: usize) -> u64 {
        self.segment.streams[kind].file_bytes
    }

    fn addresses(&self, kind: usize, next: u64) -> Addresses {
        Addresses {
            file_bytes: self.file_bytes(kind),
            next,
        }
    }

    /// The file that an extent lies in, and where.
    fn place(&self, kind: usize, address: u64) -> (String, usize) {
        if let Some((at, _)) = self.start.resident.get(&kind) {
            return ("manifest.bf".into(), at + address as usize);
        }
        if self.segment.one_file {
            let before = self.segment.streams[..kind].iter();
            let before = before.filter(|stream| !stream.resident);
            let start: u64 = before.map(|stream| stream.bytes).sum();
            let name = format!("{:016x}/a0000.bf", self.segment.tag);
            return (name, (start + address) as usize);
        }
        let (size, letter) = (self.file_bytes(kind), STREAMS[kind].0);
        let name = format!("{:016x}/{letter}{:04}.bf", self.segment.tag, address / size);
        (name, (address % size) as usize)
    }

    /// An extent's payload, once its checksum is right.
    fn payload(&mut self, kind: usize, (address, bytes): Extent) -> Vec<u8> {
        let (name, at) = self.place(kind, address);
        let end = at + bytes as usize;
        let whole = match self.start.resident.get(&kind) {
            Some((from, stream)) => stream[at - from..end - from].to_vec(),
            None => {
                let file = self.files.entry(name.clone());
                file.or_insert_with(|| (self.file)(&name))[at..end].to_vec()
            }
        };
        let (payload, seal) = whole.split_at(whole.len() - 4);
        let place = (8 * address).wrapping_add(kind as u64);
        let sum = xxh64(payload, self.segment.seed.wrapping_add(place));
        assert_eq!(seal, &sum.to_le_bytes()[..4], "{name} at {at}");
        let seal = seal.try_into().expect("four bytes");
        let before = self.seals.insert((kind, address), seal);
        assert!(before.is_none(), "{name} at {at} was read before");
        payload.to_vec()
    }

    /// Keeps the notes of an extent, and adds one for its checksum.
    fn note(&mut self, kind: usize, (address, bytes): Extent, rows: Vec<Row>) {
        let (name, at) = self.place(kind, address);
        self.notes.add(&name, at, rows);
        let seal = self.seals[&(kind, address)].to_vec();
        let row = Row {
            at: bytes as usize - 4,
            bytes: seal,
            note: "checksum".into(),
        };
        self.notes.add(&name, at, vec![row]);
    }

    /// The hash of the whole segment, as the section "Files" says.
    fn tag(&self) -> u64 {
        let mut files = Xxh64::new(self.segment.seed);
        for kind in 0..STREAMS.len() {
            let mut stream = Xxh64::new(kind as u64);
            let own = self.seals.range((kind, 0)..=(kind, u64::MAX));
            own.for_each(|(_, seal)| stream.update(seal));
            files.update(&stream.digest().to_le_bytes());
        }
        let mut hasher = Xxh64::new(files.digest());
        hasher.update(&self.segment.described);
        hasher.update(&self.start.root);
        for (_, stream) in self.start.resident.values() {
            hasher.update(stream);
        }
        hasher.digest()
    }

    fn read_branch(&mut self, lower_bound: &str, extent: Extent) {
        let payload = self.payload(BRANCHES, extent);
        let mut walk = Walk::new(&payload);
        let count = walk.field("leaves");
        let first = walk.field("address of the first");
        let least = walk.field("size of the smallest / 128");
        let mut addresses = self.addresses(TERMS, first);
        let mut bits = Bits::new(&payload, walk.at);
        let codes = KeyCodes::read_of_bounds(&mut bits);
        let size = bits.number(5).min(30);
        let mut note = format!("{}, sizes {size}", codes.show());
        let (mut bound, mut leaves) = (lower_bound.to_owned(), Vec::new());
        let mut key = String::new();
        for at in 0..count {
            if at > 0 {
                codes.read_key(&mut bits, &mut key);
                bound.clone_from(&key);
                let _ = write!(note, "; from {}", display(&bound));
            }
            let leaf = addresses.place(128 * (least + u64::from(bits.rice(size))));
            let _ = write!(note, "; {} bytes at {}", leaf.1, leaf.0);
            walk.note_bits(bits.at / 8, &mut note);
            leaves.push((bound.clone(), leaf));
        }
        walk.note_bits(bits.finish(), &mut note);
        self.note(BRANCHES, extent, walk.finish());
        self.contents.branches += 1;
        for (bound, leaf) in leaves {
            let keys = self.read_leaf(leaf);
            self.contents.leaves.push(Leaf { bound, keys });
        }
    }

    /// The keys of a leaf; their postings go to the contents.
    fn read_leaf(&mut self, extent: Extent) -> Vec<String> {
        let payload = self.payload(TERMS, extent);
        let (mut walk, mut bits) = (Walk::new(&payload), Bits::new(&payload, 0));
        let count = bits.gamma();
        let codes = KeyCodes::read(&mut bits);
        let mut note = format!("{count} keys, {}", codes.show());
        let (mut key, mut keys) = (String::new(), Vec::new());
        for _ in 0..count {
            let at = bits.at;
            codes.read_key(&mut bits, &mut key);
            assert!(key > self.last_key, "keys rise");
            self.last_key.clone_from(&key);
            let list = self.read_list(&mut bits, &key);
            let _ = write!(note, "; bit {at}: {} {}", display(&key), list.show());
            walk.note_bits(bits.at / 8, &mut note);
            self.keep(&key, list);
            keys.push(key.clone());
        }
        assert_eq!((payload.len() + 4) % 128, 0);
        let used = bits.at.div_ceil(8);
        walk.note_bits(used, &mut note);
        walk.note_bits(bits.finish_padded(), &mut "zeros".into());
        self.note(TERMS, extent, walk.finish());
        keys
    }

    fn keep(&mut self, key: &str, list: List) {
        if key.starts_with('\u{3}') {
            let documents = list.documents.iter().map(|&(document, _)| document);
            let facets = &mut self.contents.facets;
            facets.insert(key.to_owned(), documents.collect());
            return;
        }
        *self.contents.forms.entry(list.form).or_default() += 1;
        if let (Some(count), Some(counted)) = (list.count, key.strip_suffix(['\0', '\u{4}'])) {
            let counts = &mut self.contents.documents_of;
            counts.insert(counted.to_owned(), count);
            return;
        }
        if let Some(behind_symbols) = list.bare {
            let bare = (list.documents, behind_symbols);
            self.contents.bare.insert(key.to_owned(), bare);
            return;
        }
        match list.positions {
            Some(positions) => {
                let documents = list.documents.into_iter().zip(positions);
                let documents = documents.map(|((document, _), positions)| (document, positions));
                self.contents
                    .lists
                    .insert(key.to_owned(), documents.collect());
            }
            None => {
                self.contents.counts.insert(key.to_owned(), list.documents);
            }
        }
    }

    /// A facet's list has no positions; one bit says whether its documents are in a row.
    fn read_list(&mut self, bits: &mut Bits<'_>, key: &str) -> List {
        let (documents, is_facet) = (bits.gamma() + 1, key.starts_with('\u{3}'));
        if key.ends_with(['\0', '\u{4}']) {
            return List {
                form: "count",
                count: Some(documents),
                ..List::default()
            };
        }
        if !is_facet || bits.number(1) == 0 {
            return self.read_list_of(bits, documents, is_facet);
        }
        let all = self.segment.documents as u32;
        let first = interpolative(bits, 1, 0, all - documents)[0];
        let row = first..first + documents;
        List {
            form: "row",
            documents: row.map(|number| (number, 1)).collect(),
            ..List::default()
        }
    }

    fn read_list_of(&mut self, bits: &mut Bits<'_>, documents: u32, is_facet: bool) -> List {
        let occurrences = documents + bits.gamma();
        let average = self.segment.units / self.segment.documents;
        let derived = parameter(average * u64::from(documents), occurrences.into());
        let (mut apart, mut form) = (0, 0);
        if occurrences >= 64 {
            (apart, form) = (bits.number(1), bits.number(2));
        } else if is_facet {
            form = 2;
        } else if bits.number(1) == 1 {
            form = 3;
        }
        let name = match (apart, form) {
            (0, 0) if occurrences < 64 => "short",
            (0, 3) => "bare",
            (0, 0) => "here",
            (0, 1) => "positions apart",
            (0, 2) => "here, without positions",
            (1, 1) => "apart",
            (1, 2) => "apart, without positions",
            other => panic!("a list of the form {other:?}"),
        };
        let mut list = List {
            form: name,
            ..List::default()
        };
        if apart == 0 {
            let last = self.segment.documents as u32 - 1;
            let numbers = interpolative(bits, documents as usize, 0, last);
            list.documents = with_frequencies(bits, numbers, occurrences);
        } else {
            list.documents = self.read_chunks(bits, documents as usize);
        }
        let sum: u32 = list.documents.iter().map(|&(_, frequency)| frequency).sum();
        assert_eq!((list.documents.len() as u32, sum), (documents, occurrences));
        list.positions = match form {
            0 => Some(read_positions(bits, &list.documents, derived)),
            1 => Some(self.read_far_positions(bits, &list.documents, derived)),
            3 => {
                list.bare = Some(read_bare(bits, &list.documents, derived));
                None
            }
            _ => None,
        };
        list
    }

    /// The address of the first of a row of extents, and their sizes.
    fn read_extents(&self, bits: &mut Bits<'_>, kind: usize, count: usize) -> Vec<Extent> {
        let high = u64::from(bits.gamma()) << 32;
        let mut addresses = self.addresses(kind, high | u64::from(bits.number(32)));
        let sizes = with_parameter(bits, count);
        let sizes = sizes.into_iter().map(|payload| u64::from(payload) + 4);
        sizes.map(|bytes| addresses.place(bytes)).collect()
    }

    /// Documents and frequencies in a stream of their own.
    fn read_chunks(&mut self, bits: &mut Bits<'_>, count: usize) -> Vec<(u32, u32)> {
        let chunks = count.div_ceil(512);
        let spans = with_parameter(bits, chunks);
        let extents = self.read_extents(bits, LONG_DOCUMENTS, chunks);
        let (mut all, mut last, mut first) = (Vec::new(), 0, 0);
        for (span, extent) in spans.into_iter().zip(extents) {
            last += span;
            let own = (count - all.len()).min(512);
            let payload = self.payload(LONG_DOCUMENTS, extent);
            let mut bits = Bits::new(&payload, 0);
            let occurrences = own as u32 + bits.gamma();
            let mut numbers = interpolative(&mut bits, own - 1, first, last.saturating_sub(1));
            numbers.push(last);
            all.extend(with_frequencies(&mut bits, numbers, occurrences));
            self.note_chunk(LONG_DOCUMENTS, extent, bits, "a chunk's documents");
            first = last + 1;
        }
        all
    }

    fn read_far_positions(
        &mut self,
        bits: &mut Bits<'_>,
        documents: &[(u32, u32)],
        derived: u32,
    ) -> Vec<Vec<u32>> {
        let chunks = documents.chunks(512);
        let extents = self.read_extents(bits, LONG_POSITIONS, chunks.len());
        let mut all = Vec::new();
        for (documents, extent) in chunks.zip(extents) {
            let payload = self.payload(LONG_POSITIONS, extent);
            let mut bits = Bits::new(&payload, 0);
            all.extend(read_positions(&mut bits, documents, derived));
            self.note_chunk(LONG_POSITIONS, extent, bits, "a chunk's positions");
        }
        all
    }

    fn note_chunk(&mut self, kind: usize, extent: Extent, mut bits: Bits<'_>, what: &str) {
        let mut walk = Walk::new(bits.bytes);
        walk.note_bits(bits.finish(), &mut what.to_owned());
        self.note(kind, extent, walk.finish());
    }

    fn read_directory(&mut self) {
        let pieces = self.segment.documents.div_ceil(2048);
        let mut places = self.addresses(DIRECTORY, 0);
        let mut documents = self.addresses(DOCUMENTS, 0);
        for piece in 0..pieces {
            let extent = places.place(self.segment.piece_bytes);
            let payload = self.payload(DIRECTORY, extent);
            let mut walk = Walk::new(&payload);
            let first = walk.field("address of the first document");
            let with_zeros = [&payload[..], &[0; 3]].concat();
            let mut bits = AdaptiveBits::new(&with_zeros, walk.at);
            let (mut sizes, mut note) = (Chances::new(), "sizes".to_owned());
            let mut addresses = self.addresses(DOCUMENTS, first);
            for _ in 0..(self.segment.documents - piece * 2048).min(2048) {
                let length = bits.number(&mut sizes) as u64;
                let place = addresses.place(256 * length);
                assert_eq!(documents.place(256 * length), place);
                let _ = write!(note, "; {} bytes at {}", place.1, place.0);
                self.contents.lengths.push(length);
                self.read_document(place);
            }
            walk.note_bits(bits.at - 3, &mut note);
            walk.take(payload.len() - walk.at);
            if walk.at > walk.from {
                assert!(payload[walk.from..].iter().all(|&byte| byte == 0));
                walk.note("not used");
            }
            self.note(DIRECTORY, extent, walk.finish());
        }
        let length: u64 = self.contents.lengths.iter().sum();
        assert_eq!(length, self.segment.length);
    }

    fn read_variants(&mut self) {
        let bytes = self.segment.streams[VARIANTS].bytes;
        if bytes > 0 {
            let payload = self.payload(VARIANTS, (0, bytes));
            let mut walk = Walk::new(&payload);
            read_mappings(&mut walk, payload.len(), &mut self.contents.variants);
            self.note(VARIANTS, (0, bytes), walk.finish());
        }
    }

    fn read_document(&mut self, extent: Extent) {
        let payload = self.payload(DOCUMENTS, extent);
        let mut walk = Walk::new(&payload);
        let zeros = usize::from(payload[payload.len() - 1]);
        let deflated = walk.take(payload.len() - 1 - zeros);
        walk.note(format!(
            "document {}, deflated; inflated below",
            self.contents.documents.len()
        ));
        assert!(walk.take(zeros).iter().all(|&byte| byte == 0));
        if zeros > 0 {
            walk.note("not used");
        }
        walk.take(1);
        walk.note(format!("{zeros} bytes not used"));
        let mut inflated = Vec::new();
        let mut decoder = flate2::read::DeflateDecoder::new(deflated);
        decoder.read_to_end(&mut inflated).expect("raw DEFLATE");
        self.note(DOCUMENTS, extent, walk.finish());
        let name = format!("document {}", self.contents.documents.len());
        if inflated[0] == 0 {
            let rows = self.read_record(&inflated, 1);
            self.note_page(format!("{name}, inflated"), rows);
        } else {
            let mut walk = Walk::new(&inflated);
            walk.take(1);
            walk.note(format!("codebook {}", inflated[0]));
            walk.take(inflated.len() - 1);
            walk.note("written with it; written out below");
            self.note_page(format!("{name}, inflated"), walk.finish());
            let rows = self.read_record(&self.written_out(&inflated), 0);
            self.note_page(format!("{name}, written out"), rows);
        }
    }

    fn note_page(&mut self, name: String, rows: Vec<Row>) {
        self.notes.inflated.push(Page { name, rows });
    }

    /// Without a codebook.
    fn written_out(&self, inflated: &[u8]) -> Vec<u8> {
        let number = inflated[0];
        assert_eq!(self.segment.codebooks >> number & 1, 1);
        let codebook = &self.codebooks[&number];
        let (mut whole, mut rest) = (Vec::new(), inflated[1..].iter().copied());
        while let Some(byte) = rest.next() {
            let mut next = || rest.next().expect("nothing ends within a code");
            let code = match byte {
                0x80..=0xBB => usize::from(byte) - 0x80,
                0xBC..=0xC1 => 60 + 256 * (usize::from(byte) - 0xBC) + usize::from(next()),
                0xF5..=0xFE => 60 + 256 * (usize::from(byte) - 0xF5 + 6) + usize::from(next()),
                0xFF => {
                    whole.push(next());
                    continue;
                }
                _ => {
                    let more = [0xC2, 0xE0, 0xF0].iter().filter(|&&from| byte >= from);
                    whole.push(byte);
                    more.for_each(|_| whole.push(next()));
                    continue;
                }
            };
            whole.extend(codebook[code].to_string().bytes());
        }
        whole
    }

    /// What a document says from a place on.
    fn read_record(&mut self, bytes: &[u8], from: usize) -> Vec<Row> {
        let mut walk = Walk::new(bytes);
        if from > 0 {
            walk.take(from);
            walk.note("no codebook");
        }
        let id = walk.text_field("id");
        walk.text_field("url");
        let title = walk.text_field("title");
        walk.option_field("date");
        for _ in 0..walk.field("metadata fields") {
            let name = walk.string();
            let value = value(&mut walk);
            walk.note(format!("{name}: {value}"));
        }
        let body = walk.text_field("body");
        self.contents.documents.push((id, title, body));
        walk.finish()
    }
}

// --- bits ---------------------------------------------------------------------------------------

/// A postings list.
#[derive(Debug, Default)]
struct List {
    form: &'static str,
    /// Document and frequency.
    documents: Vec<(u32, u32)>,
    /// For each document; none if the list has none at all.
    positions: Option<Vec<Vec<u32>>>,
    /// Of a bare list, documents and the positions behind symbols.
    bare: Option<Vec<(u32, u32)>>,
    /// Of a count or a sum, which is all that it is.
    count: Option<u32>,
}

impl List {
    fn show(&self) -> String {
        if let Some(count) = self.count {
            return format!("{}: {count} documents", self.form);
        }
        if self.positions.is_none() {
            let numbers = self
                .documents
                .iter()
                .take(4)
                .map(|(number, _)| number.to_string());
            let mut shown = format!(
                "{}: documents {}",
                self.form,
                numbers.collect::<Vec<_>>().join(", ")
            );
            for (document, position) in self.bare.iter().flatten().take(4) {
                let _ = write!(shown, ", {document} at {position}");
            }
            return shown;
        }
        let positions = self.positions.iter().flatten();
        let mut places = Vec::new();
        for ((document, _), positions) in self.documents.iter().zip(positions).take(4) {
            places.push(format!("document {document} at {positions:?}").replace(['[', ']'], ""));
        }
        format!("{}: {}", self.form, places.join(", "))
    }
}

/// Documents with their frequencies, which are stored as their sums but for the last.
fn with_frequencies(bits: &mut Bits<'_>, numbers: Vec<u32>, sum: u32) -> Vec<(u32, u32)> {
    let mut sums = interpolative(bits, numbers.len() - 1, 1, sum.saturating_sub(1));
    sums.push(sum);
    let before = std::iter::once(0).chain(sums.clone());
    let frequencies = sums
        .into_iter()
        .zip(before)
        .map(|(sum, before)| sum - before);
    numbers.into_iter().zip(frequencies).collect()
}

fn read_positions(bits: &mut Bits<'_>, documents: &[(u32, u32)], derived: u32) -> Vec<Vec<u32>> {
    let count: u32 = documents.iter().map(|&(_, frequency)| frequency).sum();
    let k = if count < 16 {
        derived
    } else {
        bits.number(5).min(30)
    };
    let mut all = Vec::new();
    for &(_, frequency) in documents {
        let (mut positions, mut expected) = (Vec::new(), 0);
        for _ in 0..frequency {
            let position = expected + bits.rice(k);
            positions.push(position);
            expected = position + 1;
        }
        all.push(positions);
    }
    all
}

/// Documents and positions of the occurrences that a bare list knows.
fn read_bare(bits: &mut Bits<'_>, documents: &[(u32, u32)], derived: u32) -> Vec<(u32, u32)> {
    let all: Vec<u32> = documents
        .iter()
        .flat_map(|&(document, frequency)| vec![document; frequency as usize])
        .collect();
    let count = bits.gamma() as usize;
    let numbers = interpolative(bits, count, 0, all.len() as u32 - 1);
    let numbers = numbers.into_iter();
    numbers
        .map(|number| (all[number as usize], bits.rice(derived)))
        .collect()
}

/// Numbers behind a parameter of their own.
fn with_parameter(bits: &mut Bits<'_>, count: usize) -> Vec<u32> {
    let k = bits.number(5).min(30);
    (0..count).map(|_| bits.rice(k)).collect()
}

fn parameter(sum: u64, count: u64) -> u32 {
    (sum * 69 / (count * 100)).max(1).ilog2().min(30)
}

/// Rising numbers in `low..=high`: the one in the middle, those before it, those behind it.
fn interpolative(bits: &mut Bits<'_>, count: usize, low: u32, high: u32) -> Vec<u32> {
    if count == 0 {
        return Vec::new();
    }
    let more = u64::from(high - low) + 1 - count as u64;
    if more == 0 {
        return (low..=high).collect();
    }
    let middle = count / 2;
    let width = more.ilog2();
    let short = (2 << width) - more - 1;
    let mut code = u64::from(bits.number(width));
    if code >= short {
        code = 2 * code + u64::from(bits.number(1)) - short;
    }
    let offset = (code + (more - short) / 2 + 1) % (more + 1);
    let value = low + middle as u32 + offset as u32;
    let mut numbers = interpolative(bits, middle, low, value.saturating_sub(1));
    numbers.push(value);
    numbers.extend(interpolative(bits, count - middle - 1, value + 1, high));
    numbers
}

/// The parameters of a row of keys: for first characters, and for all others; and how many bits of the
/// others are written apart.
struct KeyCodes {
    parameters: [u32; 2],
    apart: u32,
}

impl KeyCodes {
    fn read(bits: &mut Bits<'_>) -> Self {
        Self {
            parameters: [bits.number(5).min(30), bits.number(5).min(30)],
            apart: 0,
        }
    }

    fn read_of_bounds(bits: &mut Bits<'_>) -> Self {
        let mut codes = Self::read(bits);
        codes.apart = bits.number(4).min(12);
        codes
    }

    fn show(&self) -> String {
        let apart = match self.apart {
            0 => String::new(),
            bits => format!(", {bits} bits apart"),
        };
        let [first, later] = self.parameters;
        format!("characters {first} and {later}{apart}")
    }

    /// Makes the next key of one.
    fn read_key(&self, bits: &mut Bits<'_>, key: &mut String) {
        let mut shared = 0;
        while bits.number(1) == 1 {
            shared += 1;
        }
        let before: Vec<char> = key.chars().collect();
        *key = before[..shared].iter().collect();
        match before.get(shared) {
            Some(&c) if shared == 0 || self.apart == 0 => {
                let distance = bits.rice(self.parameters[usize::from(shared > 0)]);
                key.push(character(c as u32 + 1 + distance));
            }
            Some(&c) => {
                let high = (c as u32 >> self.apart) + bits.rice(self.parameters[1]);
                key.push(character(high << self.apart | self.low(bits)));
            }
            None => key.push(self.raw(bits, shared > 0)),
        }
        while bits.number(1) == 1 {
            key.push(self.raw(bits, true));
        }
    }

    /// The bits that are written apart.
    fn low(&self, bits: &mut Bits<'_>) -> u32 {
        match bits.number(1) {
            0 => 0,
            _ => bits.number(self.apart),
        }
    }

    /// A character for itself.
    fn raw(&self, bits: &mut Bits<'_>, is_later: bool) -> char {
        character(match (bits.number(1), is_later && self.apart > 0) {
            (0, _) => bits.number(7),
            (_, false) => bits.rice(13),
            (_, true) => bits.rice(13 - self.apart) << self.apart | self.low(bits),
        })
    }
}

/// Markers as people see them.
fn display(key: &str) -> String {
    for (mark, shown, is_word_behind) in [('\u{6}', '›', true), ('\u{7}', '‹', false)] {
        let units = key
            .strip_prefix(mark)
            .and_then(|rest| rest.split_once(mark));
        if let Some((unit, word)) = units {
            let (first, second) = if is_word_behind {
                (unit, word)
            } else {
                (word, unit)
            };
            return format!("{first}{shown}{second}");
        }
    }
    match key
        .strip_prefix('\u{3}')
        .and_then(|facet| facet.split_once('\u{3}'))
    {
        Some((field, value)) => format!("{field}={value}"),
        None => key
            .replace('\u{1}', "·")
            .replace('\u{2}', "$")
            .replace('\0', "#")
            .replace('\u{4}', "+")
            .replace('\u{5}', "*"),
    }
}

/// Bits from the low end of each byte.
struct Bits<'b> {
    bytes: &'b [u8],
    /// How many have been read.
    at: usize,
}

impl<'b> Bits<'b> {
    fn new(bytes: &'b [u8], from: usize) -> Self {
        Self {
            bytes,
            at: from * 8,
        }
    }

    fn bit(&mut self) -> u32 {
        let bit = self.bytes[self.at / 8] >> (self.at % 8) & 1;
        self.at += 1;
        u32::from(bit)
    }

    fn number(&mut self, count: u32) -> u32 {
        (0..count).map(|place| self.bit() << place).sum()
    }

    fn gamma(&mut self) -> u32 {
        let mut more = 0;
        while self.bit() == 1 {
            more += 1;
        }
        ((1_u64 << more) + u64::from(self.number(more)) - 1) as u32
    }

    fn rice(&mut self, k: u32) -> u32 {
        let mut quotient = 0;
        while quotient < 24 && self.bit() == 1 {
            quotient += 1;
        }
        if quotient == 24 {
            return self.number(32);
        }
        (quotient << k) + self.number(k)
    }

    /// What is left is zero; returns the number of bytes.
    fn finish_padded(&mut self) -> usize {
        while self.at < self.bytes.len() * 8 {
            assert_eq!(self.bit(), 0);
        }
        self.bytes.len()
    }

    /// What is left of the last byte is zero; returns the number of bytes.
    fn finish(&mut self) -> usize {
        while self.at < self.bytes.len() * 8 {
            assert_eq!(self.bit(), 0);
            assert!(self.at > (self.bytes.len() - 1) * 8, "whole bytes left");
        }
        self.bytes.len()
    }
}

// --- the dictionary root ------------------------------------------------------------------------

/// Each branch with its lower bound.
fn root_entries(root: &[u8]) -> Vec<(String, Extent)> {
    let (last, fst) = root.split_at(8);
    let last = u64::from_le_bytes(last.try_into().expect("eight bytes"));
    let (mut bound, mut branches) = (String::new(), Vec::new());
    for (next, value) in fst_entries(fst) {
        let next = String::from_utf8(next).expect("bounds are text");
        branches.push((std::mem::replace(&mut bound, next), branch(value)));
    }
    if last > 0 {
        branches.push((bound, branch(last)));
    }
    branches
}

/// An address and a size in one number.
fn branch(value: u64) -> Extent {
    (value >> 20, value & 0xF_FFFF)
}

/// A metadata value as JSON.
fn value(walk: &mut Walk<'_>) -> serde_json::Value {
    use serde_json::Value;
    match walk.varint() {
        0 => Value::Null,
        1 => (walk.take(1)[0] == 1).into(),
        2 => walk.zigzag().into(),
        3 => f64::from_bits(walk.little_endian(8)).into(),
        4 => walk.string().into(),
        5 => (0..walk.varint()).map(|_| value(walk)).collect(),
        6 => {
            let fields = (0..walk.varint()).map(|_| (walk.string(), value(walk)));
            Value::Object(fields.collect())
        }
        other => panic!("a value of the kind {other}"),
    }
}

fn character(code: u32) -> char {
    char::from_u32(code).expect("a character")
}

fn code_point(code: u32) -> String {
    match char::from_u32(code).filter(|&c| c > ' ' && code < 0x300) {
        Some(c) => format!("U+{code:04X} {c}"),
        None => format!("U+{code:04X}"),
    }
}

/// A character, or its number if nothing could be seen.
fn visible(c: char) -> String {
    if c.is_whitespace() || c.is_control() || matches!(c, '\u{1160}' | '\u{3164}' | '\u{FFA0}') {
        code_point(c as u32)
    } else {
        c.to_string()
    }
}

fn class_name(class: u64) -> String {
    match class {
        3 => "symbol".into(),
        4 => "solo".into(),
        5 => "word".into(),
        16.. => format!("mark of combining class {}", class - 16),
        other => panic!("class {other} is fixed and never stored"),
    }
}

/// The bytes that a node's head may stand for, so that they need no byte of their own.
const COMMON: &[u8; 63] = b"te/oasripcnw.hlm-du012g=:bf3y5&_4v9678k%?xCDASFIBEjPTzRNM+LOqHG";

/// All entries of an FST, in the order of their keys.
fn fst_entries(fst: &[u8]) -> Vec<(Vec<u8>, u64)> {
    let number = |at: usize| u64::from_le_bytes(fst[at..at + 8].try_into().expect("eight bytes"));
    assert_eq!((number(0), number(8)), (3, 0), "version and type");
    let mut entries = Vec::new();
    let root = number(fst.len() - 12) as usize;
    let len = number(fst.len() - 20) as usize;
    fst_node(fst, root, &mut Vec::new(), 0, &mut entries);
    if len == 0 {
        // The empty map is the empty final node.
        entries.clear();
    }
    assert_eq!(entries.len(), len);
    entries
}

fn fst_node(fst: &[u8], at: usize, key: &mut Vec<u8>, sum: u64, entries: &mut Vec<(Vec<u8>, u64)>) {
    let node = FstNode::read(fst, at);
    if let Some(output) = node.final_output {
        entries.push((key.clone(), sum + output));
    }
    for (byte, output, to) in node.transitions {
        key.push(byte);
        fst_node(fst, to, key, sum + output, entries);
        key.pop();
    }
}

struct FstNode {
    final_output: Option<u64>,
    /// Byte, output, address of the next node.
    transitions: Vec<(u8, u64, usize)>,
}

impl FstNode {
    /// Reads the node whose last byte is at `at`, backwards.
    fn read(fst: &[u8], at: usize) -> Self {
        if at == 0 {
            return Self {
                final_output: Some(0),
                transitions: Vec::new(),
            };
        }
        let mut back = Backwards { fst, at: at + 1 };
        let head = back.byte();
        if head & 0x80 == 0 {
            return Self::read_many(&mut back, head);
        }
        let byte = match head & 63 {
            0 => back.byte(),
            common => COMMON[usize::from(common) - 1],
        };
        let (output, to) = if head & 0x40 != 0 {
            (0, back.at - 1)
        } else {
            let sizes = back.byte();
            let delta = back.number(sizes >> 4) as usize;
            let output = back.number(sizes & 15);
            (output, target(back.at, delta))
        };
        Self {
            final_output: None,
            transitions: vec![(byte, output, to)],
        }
    }

    fn read_many(back: &mut Backwards<'_>, head: u8) -> Self {
        let count = match head & 63 {
            // 256 does not fit into a byte, and one transition is never written so.
            0 => match back.byte() {
                1 => 256,
                count => usize::from(count),
            },
            count => usize::from(count),
        };
        let sizes = back.byte();
        if count > 32 {
            back.at -= 256;
        }
        let bytes: Vec<u8> = (0..count).map(|_| back.byte()).collect();
        let deltas: Vec<u64> = (0..count).map(|_| back.number(sizes >> 4)).collect();
        let outputs: Vec<u64> = (0..count).map(|_| back.number(sizes & 15)).collect();
        let is_final = head & 0x40 != 0;
        let final_output = is_final.then(|| back.number(sizes & 15));
        let to = |delta: u64| target(back.at, delta as usize);
        let transitions = std::iter::zip(bytes, outputs).zip(deltas);
        Self {
            final_output,
            transitions: transitions
                .map(|((byte, output), delta)| (byte, output, to(delta)))
                .collect(),
        }
    }
}

/// Deltas count back from where the node begins; 0 is the empty final node.
fn target(begin: usize, delta: usize) -> usize {
    if delta == 0 { 0 } else { begin - delta }
}

struct Backwards<'b> {
    fst: &'b [u8],
    /// Behind the next byte.
    at: usize,
}

impl Backwards<'_> {
    fn byte(&mut self) -> u8 {
        self.at -= 1;
        self.fst[self.at]
    }

    /// A little-endian number, which ends here.
    fn number(&mut self, len: u8) -> u64 {
        (0..len).fold(0, |value, _| value << 8 | u64::from(self.byte()))
    }
}

fn note_root(walk: &mut Walk<'_>, len: usize, root: &[u8]) {
    let branches = root_entries(root);
    let shown = |(bound, (address, bytes)): &(String, Extent)| match &bound[..] {
        "" => format!("{bytes} bytes at {address}"),
        bound => format!("from {}: {bytes} bytes at {address}", display(bound)),
    };
    let shown: Vec<_> = branches.iter().map(shown).collect();
    walk.take(8);
    walk.note(format!(
        "last branch: {}",
        shown.last().map_or("none", |last| last)
    ));
    walk.take(8);
    walk.note("FST version");
    walk.take(8);
    walk.note("FST type");
    walk.take(len - 44);
    match shown.split_last() {
        Some((_, others)) if !others.is_empty() => {
            walk.note(format!("nodes; the other branches: {}", others.join(", ")));
        }
        _ => walk.note("nodes: one, with nothing behind it"),
    }
    walk.take(8);
    walk.note(format!(
        "number of bounds: {}",
        branches.len().saturating_sub(1)
    ));
    walk.take(8);
    walk.note("address of the root node");
    walk.take(4);
    walk.note("FST's own checksum");
}
