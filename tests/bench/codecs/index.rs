//! All lists of an archive that have positions, in memory.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

use backfile_core::format::bits::{BitWriter, best_parameter, rice_bits};
use backfile_core::format::keys::KeyParameters;
use backfile_core::format::manifest::{Segment, Start};
use backfile_core::format::postings::{
    CHUNK, Chunk, DocumentsChunk, Extent, ExtentSink, List, Part as Place, Positions,
    PostingsEncoder, PostingsList, Tuning,
};
use backfile_core::format::stream::{SEAL_BYTES, StreamKind, unseal};
use backfile_core::format::terms::TermsReader;
use backfile_core::format::{MANIFEST_NAME, branch};

use super::codes::gamma;
use super::heads::Bits;

/// Lists are grouped by their number of documents: up to 1, 8, 128, 4096, and more.
pub(crate) const CLASSES: [&str; 5] = ["1", "2–8", "9–128", "129–4096", "more"];

/// Which of [`CLASSES`] a list belongs to.
pub(crate) fn class(documents: usize) -> usize {
    match documents {
        0..=1 => 0,
        2..=8 => 1,
        9..=128 => 2,
        129..=4096 => 3,
        _ => 4,
    }
}

/// Occurrences from which on a list says where its parts are.
const LONG: u64 = 64;
/// Documents in a row of a dump.
const ROW: usize = 128;

/// A key and where its list lies in the index's rows.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    /// The leaf of the dictionary.
    pub(crate) leaf: u32,
    /// What the archive writes for the key, in bits.
    pub(crate) key_bits: u64,
    /// Chunks of the documents and of the positions, if they lie apart.
    pub(crate) documents_apart: bool,
    pub(crate) positions_apart: bool,
    pub(crate) documents: Range<usize>,
    pub(crate) positions: Range<usize>,
}

/// An archive's dictionary and postings, decoded.
#[derive(Debug)]
pub(crate) struct Index {
    pub(crate) segment: Segment,
    pub(crate) tuning: Tuning,
    pub(crate) entries: Vec<Entry>,
    pub(crate) layout: Layout,
    documents: Vec<u32>,
    frequencies: Vec<u32>,
    positions: Vec<u32>,
    /// For each document, one more than its last position.
    pub(crate) ends: Vec<u32>,
    /// For each document, what would be known of its end from half a byte.
    pub(crate) rounded_ends: Vec<u32>,
    /// Where each document begins if all are put behind one another.
    pub(crate) starts: Vec<u64>,
}

/// What the archive has besides keys, heads and numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    pub(crate) leaves: u64,
    /// Bytes of leaves, of chunks of documents and of chunks of positions, checksums included.
    pub(crate) written: [u64; 3],
    /// Bits, by class of the list: where its parts are, and where and how long its chunks are.
    pub(crate) forms: Bits,
    pub(crate) tables: Bits,
    /// Bits of chunks that lie apart, checksums not included.
    pub(crate) chunk_bits: u64,
    pub(crate) seals: u64,
    /// Bits of leaves before their first key.
    pub(crate) leaf_heads: u64,
    /// Lists without positions or with few, and all bits of them.
    pub(crate) skip_lists: u64,
    pub(crate) skip_bits: u64,
}

impl Index {
    /// Reads all lists with positions of the archive in `folder`.
    ///
    /// # Panics
    /// If the archive is damaged or has more than one segment.
    pub(crate) fn read(folder: &Path) -> Self {
        let files = Files::open(folder);
        let segment = files.segment().clone();
        let mut index = Self {
            tuning: segment.tuning(),
            segment,
            entries: Vec::new(),
            layout: Layout::default(),
            documents: Vec::new(),
            frequencies: Vec::new(),
            positions: Vec::new(),
            ends: Vec::new(),
            rounded_ends: Vec::new(),
            starts: Vec::new(),
        };
        for (leaf, number) in files.leaves().iter().zip(0..) {
            index.layout.written[0] += (leaf.len() + SEAL_BYTES) as u64;
            index.layout.seals += 8 * SEAL_BYTES as u64;
            index.read_leaf(leaf, number, &files);
        }
        index.measure_documents();
        index
    }

    fn read_leaf(&mut self, leaf: &[u8], number: u32, files: &Files) {
        let all = lists(leaf, self.tuning);
        let parameters = KeyParameters::choose(all.iter().map(|(key, _)| key.as_str()));
        self.layout.leaves += 1;
        self.layout.leaf_heads += gamma(all.len() as u64) + 10;
        let mut before = "";
        for (key, list) in &all {
            let mut bits = BitWriter::default();
            parameters.write_key(&mut bits, before, key);
            before = key;
            let key_bits = bits.len() as u64;
            let without_positions = |chunk: &Chunk| chunk.positions == Place::Nowhere;
            if list.chunks.iter().any(without_positions) {
                self.read_skip_list(list, key_bits, files);
                continue;
            }
            let (documents, positions) = (self.documents.len(), self.positions.len());
            self.read_list(list, files);
            self.entries.push(Entry {
                key: key.clone(),
                leaf: number,
                key_bits,
                documents_apart: !extents(list, |chunk| apart(&chunk.documents)).is_empty(),
                positions_apart: !extents(list, |chunk| apart(&chunk.positions)).is_empty(),
                documents: documents..self.documents.len(),
                positions: positions..self.positions.len(),
            });
        }
    }

    fn read_list(&mut self, list: &PostingsList, files: &Files) {
        for chunk in &list.chunks {
            let own = self.read_documents(list, chunk, files);
            match &chunk.positions {
                Place::Here(positions) => self.positions.extend(positions),
                Place::Apart(extent) => {
                    let payload = self.read_apart(StreamKind::LongPositions, *extent, files);
                    let positions = list.decode_positions(&own.frequencies, &payload);
                    self.positions.extend(positions.expect("a whole chunk"));
                }
                Place::Nowhere => unreachable!("it has positions"),
            }
            self.documents.extend(own.documents);
            self.frequencies.extend(own.frequencies);
        }
        let class = class(list.document_frequency() as usize);
        if list.occurrences() >= LONG {
            self.layout.forms[class] += 3;
        }
        let documents = extents(list, |chunk| apart(&chunk.documents));
        if !documents.is_empty() {
            let lasts = list.chunks.iter().map(|chunk| chunk.last_document);
            let mut before = 0;
            let spans: Vec<u32> = lasts
                .map(|last| last - std::mem::replace(&mut before, last))
                .collect();
            self.layout.tables[class] += own_parameter(&spans) + table(&documents);
        }
        self.layout.tables[class] += table(&extents(list, |chunk| apart(&chunk.positions)));
    }

    fn read_documents(
        &mut self,
        list: &PostingsList,
        chunk: &Chunk,
        files: &Files,
    ) -> DocumentsChunk {
        match &chunk.documents {
            Place::Here(documents) => documents.clone(),
            Place::Apart(extent) => {
                let payload = self.read_apart(StreamKind::LongDocuments, *extent, files);
                let documents = list.decode_documents(chunk, &payload);
                documents.expect("a whole chunk")
            }
            Place::Nowhere => unreachable!("every list has documents"),
        }
    }

    fn read_apart(&mut self, kind: StreamKind, extent: Extent, files: &Files) -> Vec<u8> {
        let payload = files.payload(kind, extent);
        self.layout.written[1 + usize::from(kind == StreamKind::LongPositions)] +=
            u64::from(extent.bytes);
        self.layout.chunk_bits += 8 * payload.len() as u64;
        self.layout.seals += 8 * SEAL_BYTES as u64;
        payload
    }

    /// Adds up what a list takes that has no positions or is bare: it is written once more.
    fn read_skip_list(&mut self, list: &PostingsList, key_bits: u64, files: &Files) {
        let mut all = DocumentsChunk::default();
        let before = self.layout.chunk_bits;
        for chunk in &list.chunks {
            let own = self.read_documents(list, chunk, files);
            all.documents.extend(own.documents);
            all.frequencies.extend(own.frequencies);
        }
        let apart_bits = self.layout.chunk_bits - before;
        self.layout.chunk_bits = before;
        let encoder = PostingsEncoder {
            tuning: self.tuning,
            list_bytes: usize::MAX,
            documents_bytes: if apart_bits > 0 { 0 } else { usize::MAX },
        };
        let encoded = encoder.encode(List {
            documents: &all.documents,
            frequencies: &all.frequencies,
            positions: list.bare().map_or(Positions::None, Positions::Bare),
        });
        let Ok(bits) = encoded.place(&mut Nowhere);
        self.layout.skip_lists += 1;
        self.layout.skip_bits += key_bits + bits.len() as u64 + apart_bits;
    }

    /// Every unit of a document is at a position of some key, so the last position of all is the
    /// document's last unit.
    fn measure_documents(&mut self) {
        let mut ends = vec![1; self.tuning.documents as usize];
        let mut positions = self.positions.iter();
        for (&document, &frequency) in self.documents.iter().zip(&self.frequencies) {
            let last = positions.by_ref().nth(frequency as usize - 1);
            let end: &mut u32 = &mut ends[document as usize];
            *end = (*end).max(last.map_or(0, |&last| last + 1));
        }
        let longest = ends.iter().max().copied().unwrap_or(1);
        self.rounded_ends = ends.iter().map(|&end| rounded_up(end, longest)).collect();
        let mut at = 0;
        for &end in &ends {
            self.starts.push(at);
            at += u64::from(end);
        }
        self.ends = ends;
    }

    /// Positions of all documents together.
    pub(crate) fn all_ends(&self) -> u64 {
        self.ends.iter().map(|&end| u64::from(end)).sum()
    }

    /// Every fourth leaf as plain numbers, for `super::speed`: in rows of [`ROW`] documents, as
    /// frames need them.
    pub(crate) fn dump(&self) -> Vec<u8> {
        let mut words = vec![self.tuning.documents];
        for entry in self.entries.iter().filter(|entry| entry.leaf % 4 == 0) {
            let rows = Some(ROW).filter(|&row| entry.documents.len() > row);
            self.parts(entry, rows)
                .for_each(|part| self.dump_part(&part, &mut words));
        }
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    fn dump_part(&self, part: &Part<'_>, words: &mut Vec<u32>) {
        let last = part.documents.last().filter(|_| part.last_is_known);
        words.push(part.first_possible());
        words.extend(super::streams::parameters(self, part));
        words.push(last.map_or(0, |last| last + 1));
        words.extend([part.documents.len() as u32, part.positions.len() as u32]);
        words.extend(part.documents);
        words.extend(part.frequencies);
        words.extend(
            part.documents
                .iter()
                .map(|&document| self.rounded_ends[document as usize]),
        );
        words.extend(part.positions);
    }

    /// A list's documents as they are coded together: in chunks if they lie apart, else at once.
    pub(crate) fn document_parts<'i>(&'i self, entry: &Entry) -> impl Iterator<Item = Part<'i>> {
        self.parts(entry, entry.documents_apart.then_some(CHUNK))
    }

    /// The same for its positions.
    pub(crate) fn position_parts<'i>(&'i self, entry: &Entry) -> impl Iterator<Item = Part<'i>> {
        self.parts(entry, entry.positions_apart.then_some(CHUNK))
    }

    fn parts<'i>(
        &'i self,
        entry: &Entry,
        chunk: Option<usize>,
    ) -> impl Iterator<Item = Part<'i>> + use<'i> {
        let documents = &self.documents[entry.documents.clone()];
        let frequencies = &self.frequencies[entry.documents.clone()];
        let mut positions = &self.positions[entry.positions.clone()];
        let mut before = None;
        let all = (documents.len(), positions.len());
        let size = chunk.unwrap_or(documents.len());
        documents
            .chunks(size)
            .zip(frequencies.chunks(size))
            .map(move |(documents, frequencies)| {
                let count: u32 = frequencies.iter().sum();
                let (own, rest) = positions.split_at(count as usize);
                let part = Part {
                    documents,
                    frequencies,
                    positions: own,
                    before,
                    last_is_known: chunk.is_some(),
                    all,
                };
                (before, positions) = (documents.last().copied(), rest);
                part
            })
    }
}

/// The highest end of the documents that would share a code of half a byte with this one: fifteen
/// steps that grow by a half, from 19 units on. (The archive has no such lengths.)
fn rounded_up(end: u32, longest: u32) -> u32 {
    let steps = std::iter::successors(Some(19_u32), |step| Some(step * 3 / 2));
    steps.take(15).find(|&step| step >= end).unwrap_or(longest)
}

/// A chunk of a list, or all of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'i> {
    pub(crate) documents: &'i [u32],
    pub(crate) frequencies: &'i [u32],
    pub(crate) positions: &'i [u32],
    /// The document before, in the chunk before.
    pub(crate) before: Option<u32>,
    /// True if the leaf gives the last document, as it does for chunks that lie apart.
    pub(crate) last_is_known: bool,
    /// Documents and occurrences of the whole list.
    pub(crate) all: (usize, usize),
}

impl<'i> Part<'i> {
    /// The lowest document that is possible.
    pub(crate) fn first_possible(&self) -> u32 {
        self.before.map_or(0, |before| before + 1)
    }

    /// How many documents lie between each and the one before.
    pub(crate) fn document_gaps(&self) -> Vec<u32> {
        gaps(self.first_possible(), self.documents).collect()
    }

    /// The documents with their positions.
    pub(crate) fn by_document(&self) -> impl Iterator<Item = (u32, &'i [u32])> + use<'i> {
        let mut positions = self.positions;
        self.documents
            .iter()
            .zip(self.frequencies)
            .map(move |(&document, &frequency)| {
                let (own, rest) = positions.split_at(frequency as usize);
                positions = rest;
                (document, own)
            })
    }

    /// How many positions lie between each and the one before in the same document.
    pub(crate) fn position_gaps(&self) -> Vec<u32> {
        self.by_document()
            .flat_map(|(_, own)| gaps(0, own))
            .collect()
    }
}

/// Differences of rising numbers, less one; the first counts from `expected`.
pub(crate) fn gaps(mut expected: u32, rising: &[u32]) -> impl Iterator<Item = u32> {
    rising.iter().map(move |&value| {
        let gap = value - expected;
        expected = value + 1;
        gap
    })
}

/// The keys and lists of a leaf.
fn lists(leaf: &[u8], tuning: Tuning) -> Vec<(String, PostingsList)> {
    let mut terms = TermsReader::new(leaf, tuning).expect("a leaf");
    let mut all = Vec::new();
    while let Some(list) = terms.next_term().expect("a whole leaf") {
        // A character's count has no documents.
        if !list.chunks.is_empty() {
            all.push((terms.key().to_owned(), list));
        }
    }
    all
}

fn apart<T>(place: &Place<T>) -> Option<Extent> {
    match place {
        Place::Apart(extent) => Some(*extent),
        _ => None,
    }
}

fn extents(list: &PostingsList, part: impl Fn(&Chunk) -> Option<Extent>) -> Vec<Extent> {
    list.chunks.iter().filter_map(part).collect()
}

/// Bits of an address and of the sizes of chunks, if there are any.
fn table(extents: &[Extent]) -> u64 {
    let Some(first) = extents.first() else {
        return 0;
    };
    let size = |extent: &Extent| extent.bytes - SEAL_BYTES as u32;
    let sizes: Vec<u32> = extents.iter().map(size).collect();
    gamma(first.address >> 32) + 32 + own_parameter(&sizes)
}

/// The Rice code with its parameter before it.
fn own_parameter(values: &[u32]) -> u64 {
    let k = best_parameter(values.iter().copied());
    let bits = |&value: &u32| u64::from(rice_bits(value, k));
    5 + values.iter().map(bits).sum::<u64>()
}

/// Forgets chunks.
struct Nowhere;

impl ExtentSink for Nowhere {
    type Error = std::convert::Infallible;

    fn append(&mut self, _: StreamKind, _: &[u8]) -> Result<u64, Self::Error> {
        Ok(0)
    }
}

/// The files of an archive with one segment.
struct Files {
    folder: PathBuf,
    start: Start,
}

impl Files {
    fn open(folder: &Path) -> Self {
        let manifest = std::fs::read(folder.join(MANIFEST_NAME)).expect("a manifest");
        let start = Start::open(&manifest).expect("an archive");
        assert_eq!(start.manifest.segments.len(), 1, "segments");
        Self {
            folder: folder.to_owned(),
            start,
        }
    }

    fn segment(&self) -> &Segment {
        &self.start.manifest.segments[0]
    }

    fn payload(&self, kind: StreamKind, extent: Extent) -> Vec<u8> {
        let Extent { address, bytes } = extent;
        let segment = self.segment();
        let read = match self.start.resident(0, kind, extent) {
            Some((_, bytes)) => bytes.to_vec(),
            None => {
                let (name, start) = segment.place(kind, address);
                let mut file = File::open(self.folder.join(name)).expect("a file");
                let mut read = vec![0; bytes as usize];
                file.seek(SeekFrom::Start(start)).expect("a place");
                file.read_exact(&mut read).expect("a whole extent");
                read
            }
        };
        unseal(segment.seed, kind, address, &read)
            .expect("an extent")
            .to_vec()
    }

    fn leaves(&self) -> Vec<Vec<u8>> {
        let file_bytes = self.segment().stream(StreamKind::Terms).file_bytes;
        let mut extents = Vec::new();
        for extent in self.start.dictionaries[0].all() {
            let payload = self.payload(StreamKind::Branches, extent);
            let walked = branch::walk(&payload, file_bytes, |_, leaf| {
                extents.push(leaf);
                true
            });
            walked.expect("a branch");
        }
        let leaves = extents.into_iter();
        leaves
            .map(|leaf| self.payload(StreamKind::Terms, leaf))
            .collect()
    }
}

/// All leaves, each with every eighth of its keys, for `super::leaves`.
pub(crate) fn dump_leaves(folder: &Path) -> Vec<u8> {
    let files = Files::open(folder);
    let tuning = files.segment().tuning();
    let numbers = [
        tuning.documents,
        tuning.average_units,
        tuning.documents_file_bytes,
        tuning.positions_file_bytes,
    ];
    let mut out: Vec<u8> = numbers
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect();
    let mut put = |bytes: &[u8]| {
        out.extend((bytes.len() as u32).to_le_bytes());
        out.extend(bytes);
    };
    for leaf in files.leaves() {
        put(&leaf);
        for (key, _) in lists(&leaf, tuning).iter().skip(3).step_by(8) {
            put(key.as_bytes());
        }
        put(&[]);
    }
    out
}
