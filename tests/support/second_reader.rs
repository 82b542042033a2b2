//! A second reader of the index format, written from `crates/core/FORMAT.md` and nothing else.
//!
//! It shares no code with `backfile_core::format`, reads one bit at a time, keeps no promise of
//! speed and panics at whatever it does not expect. It is there to show that the specification is
//! enough to read an archive, and on its way it notes what each byte means: those notes are the
//! annotated dump in the specification.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;

use xxhash_rust::xxh64::xxh64;

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

/// A file, or the inflated payload of one, with the meaning of all its bytes.
#[derive(Clone, Debug)]
pub struct Page {
    /// The file's name below the archive's folder.
    pub name: String,
    /// All its bytes, in order.
    pub rows: Vec<Row>,
}

/// Where a key stands: documents, and positions in each.
pub type Lists = BTreeMap<String, Vec<(u32, Vec<u32>)>>;

/// Everything that an archive says.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// The manifest's own fields.
    pub manifest: Manifest,
    /// What characters fold to.
    pub mappings: BTreeMap<char, String>,
    /// First character and class of each run.
    pub classes: Vec<(u32, u64)>,
    /// The bounds between leaves.
    pub bounds: Vec<(Vec<u8>, u64)>,
    /// The keys of each leaf, in order.
    pub leaves: Vec<Vec<String>>,
    /// All postings.
    pub lists: Lists,
    /// How many lists are stored in each form, by its number.
    pub forms: [usize; 4],
    /// Rounded lengths.
    pub lengths: Vec<u32>,
    /// Id, title and body of each document.
    pub documents: Vec<(String, String, String)>,
    /// All bytes, explained.
    pub pages: Vec<Page>,
}

/// The fields of the manifest.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "FORMAT.md says what they are")]
pub struct Manifest {
    pub title: String,
    pub language: String,
    pub first_date: Option<String>,
    pub last_date: Option<String>,
    pub tag: u64,
    pub documents: u64,
    pub units: u64,
    pub terms_blocks: u64,
    pub documents_per_block: u64,
    pub stream_block_bytes: u64,
    pub long_documents_bytes: u64,
    pub long_positions_bytes: u64,
}

/// Reads an archive: `file` gives the bytes of a file below its folder.
pub fn read(file: impl Fn(&str) -> Vec<u8>) -> Contents {
    let mut contents = Contents::default();
    contents.read_manifest(&file("manifest.bf"));
    let documents = contents.read_stream(&file, 'd', contents.manifest.long_documents_bytes);
    let positions = contents.read_stream(&file, 'p', contents.manifest.long_positions_bytes);
    for number in 0..contents.manifest.terms_blocks {
        contents.read_terms(&file, number, &documents, &positions);
    }
    for number in 0..contents.manifest.documents.div_ceil(8192) {
        contents.read_lengths(&file, number);
    }
    let per_block = contents.manifest.documents_per_block;
    for number in 0..contents.manifest.documents.div_ceil(per_block) {
        contents.read_documents(&file, number);
    }
    contents.pages.sort_by_key(|page| order(&page.name));
    contents
}

/// Manifest, terms, streams, lengths, documents.
fn order(name: &str) -> (Option<usize>, String) {
    let letter = name.split_once('/').map(|(_, file)| &file[..1]);
    let place = letter.and_then(|letter| "tdpls".find(letter));
    (place, name.to_owned())
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

    fn is_empty(&self) -> bool {
        self.at == self.bytes.len()
    }

    fn finish(self, name: &str) -> Page {
        assert_eq!((self.at, self.from), (self.bytes.len(), self.at), "{name}");
        Page {
            name: name.to_owned(),
            rows: self.rows,
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

    /// A section's header; returns flags, payload length, number and tag.
    fn header(&mut self, kind: u8) -> (u8, usize, u64, u64) {
        let start = self.at;
        assert_eq!(self.take(4), b"BkFl");
        self.note("magic");
        assert_eq!(self.take(1), [1]);
        self.note("version");
        assert_eq!(self.take(1), [kind]);
        self.note(format!("kind: {}", KINDS[usize::from(kind)]));
        let flags = self.take(1)[0];
        self.note(if flags == 1 {
            "flags: payload is deflated"
        } else {
            "flags"
        });
        assert_eq!(self.take(1), [0]);
        self.note("not used");
        let len = self.little_endian(4) as usize;
        self.note(format!("payload: {len} bytes"));
        let number = self.little_endian(4);
        self.note(format!("number: {number}"));
        let tag = self.little_endian(8);
        self.note(if kind == 1 {
            "segment tag: none".to_owned()
        } else {
            format!("segment tag: {tag:016x}")
        });
        let sum = self.little_endian(8);
        let payload = &self.bytes[start + 32..start + 32 + len];
        let covered = [&self.bytes[start..start + 24], payload].concat();
        assert_eq!(xxh64(&covered, 0), sum, "checksum");
        self.note("checksum");
        (flags, len, number, tag)
    }
}

const KINDS: [&str; 9] = [
    "",
    "manifest",
    "fold table",
    "dictionary",
    "terms",
    "long lists, documents",
    "long lists, positions",
    "lengths",
    "documents",
];

impl Contents {
    fn block_name(&self, letter: char, number: u64) -> String {
        format!("{:016x}/{letter}{number:04}.bf", self.manifest.tag)
    }

    /// Checks a block's header and leaves the walk at its payload.
    fn open<'b>(&self, bytes: &'b [u8], kind: u8, number: u64) -> (Walk<'b>, u8) {
        let mut walk = Walk::new(bytes);
        let (flags, len, its_number, tag) = walk.header(kind);
        assert_eq!((its_number, tag), (number, self.manifest.tag));
        assert_eq!(bytes.len(), 32 + len);
        (walk, flags)
    }

    fn read_manifest(&mut self, bytes: &[u8]) {
        let mut walk = Walk::new(bytes);
        walk.header(1);
        self.manifest = Manifest {
            title: walk.text_field("title"),
            language: walk.text_field("language"),
            first_date: walk.option_field("first date"),
            last_date: walk.option_field("last date"),
            tag: {
                let tag = walk.varint();
                walk.note(format!("segment tag: {tag:016x}"));
                tag
            },
            documents: walk.field("documents"),
            units: walk.field("units"),
            terms_blocks: walk.field("terms blocks"),
            documents_per_block: walk.field("documents in a block"),
            stream_block_bytes: walk.field("bytes in a block of a stream"),
            long_documents_bytes: walk.field("bytes of long lists' documents"),
            long_positions_bytes: walk.field("bytes of long lists' positions"),
        };
        walk.header(2);
        self.read_classes(&mut walk);
        self.read_mappings(&mut walk);
        let (_, len, ..) = walk.header(3);
        let fst = &bytes[walk.at..walk.at + len];
        self.bounds = fst_entries(fst);
        note_fst(&mut walk, len, &self.bounds);
        self.pages.push(walk.finish("manifest.bf"));
    }

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

    fn read_mappings(&mut self, walk: &mut Walk<'_>) {
        let count = walk.field("characters that fold to one other");
        let (mut from, mut shift) = (0, 0);
        let mut notes = Vec::new();
        for at in 0..count {
            from += walk.varint();
            shift += walk.zigzag();
            let to = character((from as i64 + shift) as u32);
            let from = character(from as u32);
            self.mappings.insert(from, to.to_string());
            notes.push(format!("{} → {}", visible(from), visible(to)));
            if walk.at - walk.from > 11 || at + 1 == count {
                walk.note(std::mem::take(&mut notes).join(", "));
            }
        }
        let count = walk.field("characters that fold to several or none");
        let mut from = 0;
        for _ in 0..count {
            from += walk.varint();
            let from = character(from as u32);
            let to = (0..walk.varint()).map(|_| character(walk.varint() as u32));
            let to: String = to.collect();
            walk.note(format!("{from} → {to}"));
            self.mappings.insert(from, to);
        }
    }

    fn read_stream(&mut self, file: impl Fn(&str) -> Vec<u8>, letter: char, len: u64) -> Vec<u8> {
        let mut stream = Vec::new();
        for number in 0..len.div_ceil(self.manifest.stream_block_bytes.max(1)) {
            let name = self.block_name(letter, number);
            let bytes = file(&name);
            let kind = if letter == 'd' { 5 } else { 6 };
            let (mut walk, flags) = self.open(&bytes, kind, number);
            assert_eq!(flags, 0);
            let payload = walk.take(bytes.len() - 32);
            assert!(payload.len() as u64 <= self.manifest.stream_block_bytes);
            stream.extend_from_slice(payload);
            walk.note("a piece of the stream");
            self.pages.push(walk.finish(&name));
        }
        assert_eq!(stream.len() as u64, len);
        stream
    }

    fn read_terms(
        &mut self,
        file: impl Fn(&str) -> Vec<u8>,
        number: u64,
        documents: &[u8],
        positions: &[u8],
    ) {
        let name = self.block_name('t', number);
        let bytes = file(&name);
        let (mut walk, flags) = self.open(&bytes, 4, number);
        assert_eq!(flags, 0);
        let (mut key, mut keys) = (Vec::new(), Vec::new());
        while !walk.is_empty() {
            let shared = walk.varint() as usize;
            let more = walk.varint() as usize;
            key.truncate(shared);
            key.extend_from_slice(walk.take(more));
            let text = String::from_utf8(key.clone()).expect("keys are UTF-8");
            let shown = text.replace('\u{1}', "·").replace('\u{2}', "$");
            walk.note(format!("{shown}: {shared} bytes shared, {more} more"));
            let (form, list) = self.read_list(&mut walk, documents, positions);
            self.forms[form] += 1;
            self.lists.insert(text.clone(), list);
            keys.push(text);
        }
        self.leaves.push(keys);
        self.pages.push(walk.finish(&name));
    }

    /// The postings of a term, and the number of their form.
    fn read_list(
        &self,
        walk: &mut Walk<'_>,
        long_documents: &[u8],
        long_positions: &[u8],
    ) -> (usize, Vec<(u32, Vec<u32>)>) {
        let head = walk.varint();
        let (documents, form) = (head >> 2, head as usize & 3);
        if form == 3 {
            let (document, position) = (walk.varint() as u32, walk.varint() as u32);
            walk.note(format!("single: document {document} at {position}"));
            return (form, vec![(document, vec![position])]);
        }
        let more = walk.varint();
        let len = walk.varint() as usize;
        let name = ["short", "chunked", "long"][form];
        walk.note(format!(
            "{name}: {documents} documents, {} occurrences, {len} bytes",
            documents + more
        ));
        let codes = Codes::of(&self.manifest, documents, documents + more);
        let end = walk.at + len;
        if form == 0 {
            let mut bits = Bits::new(walk.take(len));
            let list = read_chunk_documents(&mut bits, documents, 0, codes);
            let list = read_chunk_positions(&mut bits, &list, codes);
            walk.note(show_list(&list));
            return (form, list);
        }
        let (mut documents_at, mut positions_at) = (0, 0);
        if form == 2 {
            documents_at = walk.field("begins in the documents stream at") as usize;
            positions_at = walk.field("begins in the positions stream at") as usize;
        }
        let skips = read_skips(walk, documents);
        let (in_documents, in_positions) = if form == 1 {
            let documents_len: usize = skips.iter().map(|skip| skip.2).sum();
            let documents = walk.take(documents_len);
            walk.note("documents of the chunks");
            let positions = walk.take(end - walk.at);
            walk.note("positions of the chunks");
            (documents, positions)
        } else {
            (long_documents, long_positions)
        };
        let (mut list, mut expected) = (Vec::new(), 0);
        for (last, count, documents_len, positions_len) in skips {
            let mut bits = Bits::new(&in_documents[documents_at..documents_at + documents_len]);
            let chunk = read_chunk_documents(&mut bits, count, expected, codes);
            let mut bits = Bits::new(&in_positions[positions_at..positions_at + positions_len]);
            list.extend(read_chunk_positions(&mut bits, &chunk, codes));
            assert_eq!(list.last().map(|(document, _)| *document), Some(last));
            expected = last + 1;
            documents_at += documents_len;
            positions_at += positions_len;
        }
        assert_eq!(walk.at, end);
        (form, list)
    }

    fn read_lengths(&mut self, file: impl Fn(&str) -> Vec<u8>, number: u64) {
        const STEPS: [u32; 16] = [
            16, 24, 36, 54, 81, 122, 182, 273, 410, 615, 923, 1384, 2076, 3114, 4671, 7006,
        ];
        let name = self.block_name('l', number);
        let bytes = file(&name);
        let (mut walk, flags) = self.open(&bytes, 7, number);
        assert_eq!(flags, 0);
        let count = (self.manifest.documents - number * 8192).min(8192) as usize;
        let payload = walk.take(count.div_ceil(2));
        let codes = payload.iter().flat_map(|byte| [byte & 15, byte >> 4]);
        let lengths: Vec<u32> = codes
            .take(count)
            .map(|code| STEPS[usize::from(code)])
            .collect();
        let shown: Vec<_> = lengths.iter().map(u32::to_string).collect();
        walk.note(format!("about {} units", shown.join(", ")));
        self.lengths.extend(lengths);
        self.pages.push(walk.finish(&name));
    }

    fn read_documents(&mut self, file: impl Fn(&str) -> Vec<u8>, number: u64) {
        let name = self.block_name('s', number);
        let bytes = file(&name);
        let (mut walk, flags) = self.open(&bytes, 8, number);
        assert_eq!(flags, 1);
        let deflated = walk.take(bytes.len() - 32);
        walk.note("the payload, deflated; inflated below");
        self.pages.push(walk.finish(&name));

        let mut payload = Vec::new();
        let mut decoder = flate2::read::DeflateDecoder::new(deflated);
        decoder.read_to_end(&mut payload).expect("raw DEFLATE");
        let mut walk = Walk::new(&payload);
        let count = walk.field("documents");
        for _ in 0..count {
            walk.field("bytes of a document");
        }
        for _ in 0..count {
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
            self.documents.push((id, title, body));
        }
        self.pages.push(walk.finish(&format!("{name}, inflated")));
    }
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

/// Last document, number of documents, bytes of documents, bytes of positions of each chunk.
fn read_skips(walk: &mut Walk<'_>, documents: u64) -> Vec<(u32, u64, usize, usize)> {
    let (mut skips, mut last, mut left) = (Vec::new(), 0, documents);
    while left > 0 {
        last += walk.varint() as u32;
        let (documents_len, positions_len) = (walk.varint() as usize, walk.varint() as usize);
        walk.note(format!(
            "chunk to document {last}: {documents_len} and {positions_len} bytes"
        ));
        let count = left.min(128);
        skips.push((last, count, documents_len, positions_len));
        left -= count;
    }
    skips
}

/// The parameters that follow from a list's counts.
#[derive(Clone, Copy)]
struct Codes {
    gap: u32,
    frequency: u32,
    position: u32,
}

impl Codes {
    fn of(manifest: &Manifest, documents: u64, occurrences: u64) -> Self {
        let average = manifest.units / manifest.documents;
        Self {
            gap: parameter(manifest.documents, documents),
            frequency: parameter(occurrences - documents, documents),
            position: parameter(average * documents, occurrences),
        }
    }
}

fn parameter(sum: u64, count: u64) -> u32 {
    (sum * 69 / (count * 100)).max(1).ilog2().min(30)
}

fn read_chunk_documents(
    bits: &mut Bits<'_>,
    count: u64,
    mut expected: u32,
    codes: Codes,
) -> Vec<(u32, u32)> {
    let gap = bits.parameter(count, codes.gap);
    let mut chunk = Vec::new();
    for _ in 0..count {
        let document = expected + bits.rice(gap);
        chunk.push((document, bits.rice(codes.frequency) + 1));
        expected = document + 1;
    }
    chunk
}

fn read_chunk_positions(
    bits: &mut Bits<'_>,
    chunk: &[(u32, u32)],
    codes: Codes,
) -> Vec<(u32, Vec<u32>)> {
    let count = chunk.iter().map(|&(_, frequency)| u64::from(frequency));
    let parameter = bits.parameter(count.sum(), codes.position);
    let mut list = Vec::new();
    for &(document, frequency) in chunk {
        let (mut positions, mut expected) = (Vec::new(), 0);
        for _ in 0..frequency {
            let position = expected + bits.rice(parameter);
            positions.push(position);
            expected = position + 1;
        }
        list.push((document, positions));
    }
    bits.finish();
    list
}

fn show_list(list: &[(u32, Vec<u32>)]) -> String {
    let mut text = String::new();
    for (document, positions) in list {
        let _ = write!(text, "; document {document} at {positions:?}");
    }
    text[2..].replace(['[', ']'], "")
}

/// Bits from the low end of each byte.
struct Bits<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Bits<'b> {
    fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn bit(&mut self) -> u32 {
        let bit = self.bytes[self.at / 8] >> (self.at % 8) & 1;
        self.at += 1;
        u32::from(bit)
    }

    fn bits(&mut self, count: u32) -> u32 {
        (0..count).map(|place| self.bit() << place).sum()
    }

    fn rice(&mut self, k: u32) -> u32 {
        let mut quotient = 0;
        while quotient < 24 && self.bit() == 1 {
            quotient += 1;
        }
        if quotient == 24 {
            return self.bits(32);
        }
        (quotient << k) + self.bits(k)
    }

    fn parameter(&mut self, count: u64, derived: u32) -> u32 {
        if count < 16 { derived } else { self.bits(5) }
    }

    /// What is left of the last byte is zero.
    fn finish(&mut self) {
        while self.at < self.bytes.len() * 8 {
            assert_eq!(self.bit(), 0);
            assert!(self.at > (self.bytes.len() - 1) * 8, "whole bytes left");
        }
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

fn note_fst(walk: &mut Walk<'_>, len: usize, entries: &[(Vec<u8>, u64)]) {
    walk.take(8);
    walk.note("FST version");
    walk.take(8);
    walk.note("FST type");
    let nodes = len - 36;
    walk.take(nodes);
    if entries.is_empty() {
        walk.note("nodes: one, with nothing behind it");
    } else {
        let shown = entries.iter().map(|(bound, leaf)| {
            let bound = String::from_utf8_lossy(bound);
            format!("below {bound}: leaf {leaf}")
        });
        walk.note(shown.collect::<Vec<_>>().join(", "));
    }
    walk.take(8);
    walk.note(format!("number of bounds: {}", entries.len()));
    walk.take(8);
    walk.note("address of the root node");
    walk.take(4);
    walk.note("FST's own checksum");
}
