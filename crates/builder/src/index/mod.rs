//! From documents to the files of an archive.
//!
//! Documents are numbered in the order they come in, which is that of their dates. Contiguous
//! parts of them become [`run::Run`]s, each on a thread of its own; [`merge`] walks through the
//! terms of all runs in order and writes postings and dictionary; [`store`] packs the documents
//! themselves. Nothing depends on the number of threads: runs are cut by size, and their postings
//! follow one another.

mod layout;
mod merge;
mod run;
mod store;

use backfile_core::format::manifest::{Manifest, Segment, Start};
use backfile_core::format::section::Section;
use backfile_core::format::{BlockId, BlockKind, MANIFEST_NAME, lengths};
use backfile_core::text::Alphabet;
use rayon::prelude::*;
use serde::Serialize;
use xxhash_rust::xxh64::Xxh64;

use crate::document::Document;
use crate::error::Error;
use crate::progress::{Progress, Stage};
use crate::unicode::fold_table;
use layout::Layout;
use merge::Terms;
use run::Run;

/// Bytes of text in one run. Small enough for all threads to have work, large enough for terms
/// to come together.
const RUN_BYTES: usize = 4 << 20;

/// What the archive says about itself.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Shown above the search box.
    pub title: String,
    /// As in HTML.
    pub language: String,
}

/// The files of an archive.
#[derive(Clone, Debug)]
pub struct BuiltIndex {
    /// Path below `backfile/`, and bytes.
    pub files: Vec<(String, Vec<u8>)>,
    /// The file that names the others; to be written last.
    pub manifest: Vec<u8>,
    /// What came of it.
    pub summary: IndexSummary,
}

/// How large the index is.
#[derive(Clone, Debug, Default, Serialize)]
pub struct IndexSummary {
    /// Documents.
    pub documents: u64,
    /// Units of folded text.
    pub units: u64,
    /// Different keys in the dictionary: words, and pairs of neighbours.
    pub grams: u64,
    /// Pairs of a key and a document.
    pub postings: u64,
    /// Places where a key stands.
    pub positions: u64,
    /// Bytes of all titles and bodies.
    pub text_bytes: u64,
    /// Bytes of each part of the index, headers included.
    pub parts: Vec<Part>,
}

/// A part of the index.
#[derive(Clone, Debug, Serialize)]
pub struct Part {
    /// Its name.
    pub name: &'static str,
    /// Its files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Makes the files of an archive. Documents must be in order ([`Document::order`]).
///
/// # Errors
/// If a document is too large to be addressed (4 GiB).
pub fn build(
    documents: Vec<Document>,
    settings: &Settings,
    progress: &dyn Progress,
) -> Result<BuiltIndex, Error> {
    progress.begin(Stage::Index, documents.len() as u64);
    check_sizes(&documents)?;
    let text_bytes = documents.iter().map(Document::text_bytes).sum();
    let runs = make_runs(&documents, progress);
    let layout = Layout::choose(documents.len(), text_bytes, &runs);
    let lengths: Vec<u32> = runs
        .iter()
        .flat_map(|run| run.lengths.iter().copied())
        .collect();
    let fold_table = fold_table_for(&runs);
    let mut manifest = describe(&documents, settings, &lengths, &layout);
    let mut terms = merge::merge(&runs, manifest.segment.tuning(), &layout, progress);
    drop(runs);

    let segment = &mut manifest.segment;
    segment.terms_blocks = terms.blocks.len() as u32;
    segment.long_documents_bytes = terms.streams.documents.len() as u64;
    segment.long_positions_bytes = terms.streams.positions.len() as u64;
    let dictionary = std::mem::take(&mut terms.dictionary);
    let mut summary = IndexSummary {
        documents: u64::from(segment.documents),
        units: segment.units,
        grams: terms.grams,
        postings: terms.postings,
        positions: terms.positions,
        text_bytes,
        parts: Vec::new(),
    };
    let blocks = blocks(terms, &lengths, documents, &layout, progress);
    manifest.segment.tag = tag(&manifest.segment, &fold_table, &dictionary, &blocks);
    let files = write_blocks(blocks, manifest.segment.tag);
    let start = Start::write(&manifest, &fold_table, &dictionary);
    summary.parts = parts(&files, &manifest.segment, &start);
    Ok(BuiltIndex {
        files,
        manifest: start,
        summary,
    })
}

/// The manifest as far as it is known before the lists are merged.
fn describe(
    documents: &[Document],
    settings: &Settings,
    lengths: &[u32],
    layout: &Layout,
) -> Manifest {
    // Documents are in the order of their dates, those without one first.
    let mut dates = documents
        .iter()
        .filter_map(|document| document.date.clone());
    let first_date = dates.next();
    Manifest {
        title: settings.title.clone(),
        language: settings.language.clone(),
        last_date: dates.next_back().or_else(|| first_date.clone()),
        first_date,
        segment: Segment {
            documents: lengths.len() as u32,
            units: lengths.iter().map(|&units| u64::from(units)).sum(),
            documents_per_block: layout.documents_per_block,
            stream_block_bytes: layout.stream_block_bytes,
            ..Segment::default()
        },
    }
}

/// The part of the fold table that the text, and a query that can match it, needs.
fn fold_table_for(runs: &[Run]) -> Vec<u8> {
    let mut alphabet = Alphabet::default();
    runs.iter().for_each(|run| alphabet.merge(&run.alphabet));
    alphabet.add_jamo_of_syllables();
    let mut bytes = Vec::new();
    fold_table().restricted_to(&alphabet).write(&mut bytes);
    bytes
}

/// Offsets into a document are 32 bits wide.
fn check_sizes(documents: &[Document]) -> Result<(), Error> {
    let too_large = documents
        .iter()
        .find(|document| document.text_bytes() > u64::from(u32::MAX) / 4);
    match too_large {
        None => Ok(()),
        Some(document) => Err(Error::DocumentTooLarge {
            id: document.id.clone(),
            bytes: document.text_bytes(),
        }),
    }
}

fn make_runs(documents: &[Document], progress: &dyn Progress) -> Vec<Run> {
    let mut parts = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (at, document) in documents.iter().enumerate() {
        bytes += document.body.len();
        if bytes >= RUN_BYTES || at + 1 == documents.len() {
            parts.push(start..at + 1);
            (start, bytes) = (at + 1, 0);
        }
    }
    let make = |part: std::ops::Range<usize>| {
        let run = Run::new(fold_table(), part.start as u32, &documents[part.clone()]);
        progress.advance(part.len() as u64);
        run
    };
    parts.into_par_iter().map(make).collect()
}

/// A block before its segment has a name.
struct Block {
    id: BlockId,
    payload: Vec<u8>,
    deflated: bool,
}

impl Block {
    fn plain(kind: BlockKind, number: u32, payload: Vec<u8>) -> Self {
        let id = BlockId { kind, number };
        Self {
            id,
            payload,
            deflated: false,
        }
    }
}

/// All blocks, in the order of their ids.
fn blocks(
    terms: Terms,
    all_lengths: &[u32],
    documents: Vec<Document>,
    layout: &Layout,
    progress: &dyn Progress,
) -> Vec<Block> {
    let numbered = |kind, payloads: Vec<Vec<u8>>| {
        (0..)
            .zip(payloads)
            .map(move |(number, payload)| Block::plain(kind, number, payload))
    };
    let cut = |stream: Vec<u8>| -> Vec<Vec<u8>> {
        let pieces = stream.chunks(layout.stream_block_bytes as usize);
        pieces.map(<[u8]>::to_vec).collect()
    };
    let length_blocks = all_lengths
        .chunks(lengths::PER_BLOCK as usize)
        .map(lengths::write);
    let mut blocks: Vec<Block> = numbered(BlockKind::Terms, terms.blocks).collect();
    blocks.extend(numbered(
        BlockKind::LongDocuments,
        cut(terms.streams.documents),
    ));
    blocks.extend(numbered(
        BlockKind::LongPositions,
        cut(terms.streams.positions),
    ));
    blocks.extend(numbered(BlockKind::Lengths, length_blocks.collect()));
    let stored = store::pack(documents, layout.documents_per_block as usize, progress);
    blocks.extend(numbered(BlockKind::Documents, stored).map(|block| Block {
        deflated: true,
        ..block
    }));
    blocks
}

/// The segment's name: the hash of everything in it and of what its blocks are read with.
fn tag(segment: &Segment, fold_table: &[u8], dictionary: &[u8], blocks: &[Block]) -> u64 {
    let mut hasher = Xxh64::new(0);
    let mut add = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    let Segment {
        documents,
        units,
        documents_per_block,
        stream_block_bytes,
        ..
    } = segment;
    add(&documents.to_le_bytes());
    add(&units.to_le_bytes());
    add(&documents_per_block.to_le_bytes());
    add(&stream_block_bytes.to_le_bytes());
    add(fold_table);
    add(dictionary);
    blocks.iter().for_each(|block| add(&block.payload));
    hasher.digest()
}

fn write_blocks(blocks: Vec<Block>, segment_tag: u64) -> Vec<(String, Vec<u8>)> {
    let write = |block: Block| {
        let mut bytes = Vec::new();
        let section = Section {
            kind: block.id.kind,
            segment_tag,
            number: block.id.number,
            deflated: block.deflated,
            payload: &block.payload,
        };
        section.write(&mut bytes);
        (block.id.file_name(segment_tag), bytes)
    };
    blocks.into_iter().map(write).collect()
}

fn parts(files: &[(String, Vec<u8>)], segment: &Segment, start: &[u8]) -> Vec<Part> {
    let mut parts = vec![Part {
        name: MANIFEST_NAME,
        files: 1,
        bytes: start.len() as u64,
    }];
    for kind in BlockKind::ALL {
        let own = files
            .iter()
            .filter(|(name, _)| segment.block_named(name).is_some_and(|id| id.kind == kind));
        let (files, bytes) = own.fold((0, 0), |(files, sum), (_, bytes)| {
            (files + 1, sum + bytes.len() as u64)
        });
        if files > 0 {
            parts.push(Part {
                name: kind.name(),
                files,
                bytes,
            });
        }
    }
    parts
}
