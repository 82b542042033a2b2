//! All lists of an archive, in memory.

use std::ops::Range;
use std::path::Path;

use backfile_core::format::lengths;
use backfile_core::format::manifest::{Segment, Start};
use backfile_core::format::postings::{CHUNK, List, ListReader, Place, Tuning};
use backfile_core::format::terms::TermsBlock;
use backfile_core::format::{BlockId, BlockKind, MANIFEST_NAME};
use backfile_core::query::Engine;

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

/// A key and where its list lies in the index's rows.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    /// The leaf of the dictionary.
    pub(crate) leaf: u32,
    pub(crate) documents: Range<usize>,
    pub(crate) positions: Range<usize>,
}

/// An archive's dictionary and postings, decoded.
#[derive(Debug)]
pub(crate) struct Index {
    pub(crate) start: Start,
    pub(crate) tuning: Tuning,
    pub(crate) entries: Vec<Entry>,
    documents: Vec<u32>,
    frequencies: Vec<u32>,
    positions: Vec<u32>,
    /// For each document, one more than its last position.
    pub(crate) ends: Vec<u32>,
    /// For each document, what is known of its end from a code of half a byte.
    pub(crate) rounded_ends: Vec<u32>,
    /// Where each document begins if all are put behind one another.
    pub(crate) starts: Vec<u64>,
}

impl Index {
    /// Reads all lists of the archive in `folder`.
    pub(crate) fn read(folder: &Path) -> Self {
        let manifest = std::fs::read(folder.join(MANIFEST_NAME)).expect("a manifest");
        let start = Engine::open(&manifest).expect("an archive").start().clone();
        let mut index = Self::empty(start);
        let segment = index.segment().clone();
        let streams = Streams {
            documents: stream(folder, &segment, BlockKind::LongDocuments),
            positions: stream(folder, &segment, BlockKind::LongPositions),
        };
        for number in 0..segment.terms_blocks {
            let kind = BlockKind::Terms;
            let leaf = payload(folder, &segment, BlockId { kind, number });
            index.read_leaf(&leaf, number, &streams);
        }
        index.measure_documents();
        index
    }

    /// An index without entries, of the same archive.
    pub(crate) fn empty(start: Start) -> Self {
        Self {
            tuning: start.manifest.segment.tuning(),
            start,
            entries: Vec::new(),
            documents: Vec::new(),
            frequencies: Vec::new(),
            positions: Vec::new(),
            ends: Vec::new(),
            rounded_ends: Vec::new(),
            starts: Vec::new(),
        }
    }

    pub(crate) fn segment(&self) -> &Segment {
        &self.start.manifest.segment
    }

    fn read_leaf(&mut self, leaf: &[u8], number: u32, streams: &Streams) {
        let mut terms = TermsBlock::new(leaf, self.tuning);
        while let Some(list) = terms.next_term().expect("a whole leaf") {
            let (documents, positions) = (self.documents.len(), self.positions.len());
            self.read_list(&list, streams);
            self.entries.push(Entry {
                key: String::from_utf8_lossy(terms.key()).into_owned(),
                leaf: number,
                documents: documents..self.documents.len(),
                positions: positions..self.positions.len(),
            });
        }
    }

    fn read_list(&mut self, list: &ListReader<'_>, streams: &Streams) {
        let Some(skips) = list.skips() else {
            let (chunk, positions) = list.decode_short().expect("a whole list");
            self.documents.extend(chunk.documents);
            self.frequencies.extend(chunk.frequencies);
            self.positions.extend(positions);
            return;
        };
        for skip in skips {
            let bytes = part(
                list.documents_place(skip),
                &streams.documents,
                &skip.documents,
            );
            let chunk = list.decode_documents(skip, bytes).expect("a whole chunk");
            let bytes = part(
                list.positions_place(skip),
                &streams.positions,
                &skip.positions,
            );
            let positions = list.decode_positions(&chunk.frequencies, bytes);
            self.positions.extend(positions.expect("a whole chunk"));
            self.documents.extend(chunk.documents);
            self.frequencies.extend(chunk.frequencies);
        }
    }

    /// Appends a list.
    pub(crate) fn push(&mut self, key: String, leaf: u32, postings: &[(u32, Vec<u32>)]) {
        let (documents, positions) = (self.documents.len(), self.positions.len());
        for (document, own) in postings {
            self.documents.push(*document);
            self.frequencies.push(own.len() as u32);
            self.positions.extend(own);
        }
        self.entries.push(Entry {
            key,
            leaf,
            documents: documents..self.documents.len(),
            positions: positions..self.positions.len(),
        });
    }

    /// Every unit of a document is at a position of some key, so the last position of all is the
    /// document's last unit.
    pub(crate) fn measure_documents(&mut self) {
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

    pub(crate) fn list(&self, entry: &Entry) -> List<'_> {
        List {
            documents: &self.documents[entry.documents.clone()],
            frequencies: &self.frequencies[entry.documents.clone()],
            positions: &self.positions[entry.positions.clone()],
        }
    }

    /// Every fourth leaf as plain numbers, for `super::speed`.
    pub(crate) fn dump(&self) -> Vec<u8> {
        let mut words = vec![self.tuning.documents];
        for entry in self.entries.iter().filter(|entry| entry.leaf % 4 == 0) {
            self.parts(entry)
                .for_each(|part| self.dump_part(&part, &mut words));
        }
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    fn dump_part(&self, part: &Part<'_>, words: &mut Vec<u32>) {
        let last = part.documents.last().filter(|_| part.has_skips());
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

    /// The chunks of a list.
    pub(crate) fn parts<'i>(&'i self, entry: &Entry) -> impl Iterator<Item = Part<'i>> {
        let list = self.list(entry);
        let (mut before, mut positions) = (None, list.positions);
        let all = (list.documents.len(), list.positions.len());
        let chunks = list.documents.chunks(CHUNK);
        chunks
            .zip(list.frequencies.chunks(CHUNK))
            .map(move |(documents, frequencies)| {
                let count: u32 = frequencies.iter().sum();
                let (own, rest) = positions.split_at(count as usize);
                let part = Part {
                    documents,
                    frequencies,
                    positions: own,
                    before,
                    all,
                };
                (before, positions) = (documents.last().copied(), rest);
                part
            })
    }
}

/// The highest end of the documents that share a code of half a byte with this one.
fn rounded_up(end: u32, longest: u32) -> u32 {
    match lengths::code(end) {
        15 => longest,
        code => lengths::STEPS[usize::from(code)] * 11 / 9,
    }
}

/// A chunk of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'i> {
    pub(crate) documents: &'i [u32],
    pub(crate) frequencies: &'i [u32],
    pub(crate) positions: &'i [u32],
    /// The document before, in the chunk before.
    pub(crate) before: Option<u32>,
    /// Documents and occurrences of the whole list.
    pub(crate) all: (usize, usize),
}

impl<'i> Part<'i> {
    /// True if the list has a skip table, which gives the last document of each chunk.
    pub(crate) fn has_skips(&self) -> bool {
        self.all.0 > CHUNK
    }

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

struct Streams {
    documents: Vec<u8>,
    positions: Vec<u8>,
}

fn part<'b>(place: Place<'b>, stream: &'b [u8], range: &Range<u64>) -> &'b [u8] {
    match place {
        Place::Here(bytes) => bytes,
        Place::Stream => &stream[range.start as usize..range.end as usize],
    }
}

fn stream(folder: &Path, segment: &Segment, kind: BlockKind) -> Vec<u8> {
    let blocks = 0..segment.block_count(kind);
    blocks
        .flat_map(|number| payload(folder, segment, BlockId { kind, number }))
        .collect()
}

fn payload(folder: &Path, segment: &Segment, id: BlockId) -> Vec<u8> {
    let name = id.file_name(segment.tag);
    let bytes = std::fs::read(folder.join(&name)).expect("a block");
    id.open(segment.tag, &bytes)
        .expect("a whole block")
        .payload
        .to_vec()
}
