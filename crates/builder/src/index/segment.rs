//! Writes the files of a segment as their content comes along.
//!
//! Documents, lengths and terms come in order; whatever fills a block goes out at once, so the
//! writer holds no more than one block of each kind. In this format every block carries the
//! segment's tag, which is known when everything has been hashed. So blocks wait in a spool and
//! become files at the end, on all threads.

use std::fs;
use std::path::{Path, PathBuf};

use backfile_core::format::cursor::{Cursor, put_varint};
use backfile_core::format::dictionary::DictionaryWriter;
use backfile_core::format::manifest::Segment;
use backfile_core::format::postings::{EncodedList, LongStreams};
use backfile_core::format::section::{HEADER_BYTES, Section};
use backfile_core::format::terms::TermsWriter;
use backfile_core::format::{BlockId, BlockKind, lengths};
use rayon::prelude::*;
use xxhash_rust::xxh64::Xxh64;

use super::Part;
use super::layout::Layout;
use crate::error::Error;
use crate::progress::{Progress, Stage};
use crate::spool::Spool;
use crate::workspace::Workspace;

/// See the module's description.
pub(super) struct SegmentWriter {
    /// The files are made below this.
    folder: PathBuf,
    blocks: Blocks,
    leaf_bytes: usize,
    terms: TermsWriter,
    dictionary: DictionaryWriter,
    /// The last key of the leaf that was closed, until the next one has a first key.
    closed_with: Option<Vec<u8>>,
    documents: Stream,
    positions: Stream,
}

/// A segment whose files are there.
pub(super) struct Written {
    /// With its tag, which is also the name of the folder.
    pub(super) segment: Segment,
    /// The root's payload.
    pub(super) dictionary: Vec<u8>,
    /// Where the files are.
    pub(super) folder: PathBuf,
    /// What they are.
    pub(super) parts: Vec<Part>,
}

impl SegmentWriter {
    /// A writer whose files will lie in a folder below the workspace's.
    pub(super) fn create(workspace: &Workspace) -> Self {
        let waiting = workspace.memory.blocks();
        Self {
            folder: workspace.folder.join("segment"),
            blocks: Blocks {
                waiting: workspace.spool("blocks", waiting),
                placed: Vec::new(),
                counts: Default::default(),
            },
            leaf_bytes: 0,
            terms: TermsWriter::default(),
            dictionary: DictionaryWriter::default(),
            closed_with: None,
            documents: Stream::new(BlockKind::LongDocuments),
            positions: Stream::new(BlockKind::LongPositions),
        }
    }

    /// Takes the next block of documents, compressed.
    pub(super) fn documents(&mut self, payload: Vec<u8>) -> Result<(), Error> {
        self.blocks.add(BlockKind::Documents, payload)
    }

    /// Takes the lengths of all documents.
    pub(super) fn lengths(&mut self, all: &[u32]) -> Result<(), Error> {
        let mut blocks = all.chunks(lengths::PER_BLOCK as usize).map(lengths::write);
        blocks.try_for_each(|payload| self.blocks.add(BlockKind::Lengths, payload))
    }

    /// Says how large blocks are; before the first term.
    pub(super) fn lay_out(&mut self, layout: &Layout) {
        self.leaf_bytes = layout.terms_block_bytes;
        self.documents.block_bytes = layout.stream_block_bytes as usize;
        self.positions.block_bytes = layout.stream_block_bytes as usize;
    }

    /// Takes the next term. Keys rise.
    pub(super) fn term(&mut self, key: &[u8], list: EncodedList) -> Result<(), Error> {
        if let Some(last) = self.closed_with.take() {
            self.dictionary.bound(&last, key);
        }
        let record = self.place(list)?;
        self.terms.push(key, &record);
        if self.terms.len() >= self.leaf_bytes {
            self.close_leaf()?;
        }
        Ok(())
    }

    /// The list's record; a long list goes to the end of the streams.
    fn place(&mut self, list: EncodedList) -> Result<Vec<u8>, Error> {
        let long = match list {
            EncodedList::Record(record) => return Ok(record),
            long @ EncodedList::Long(_) => long,
        };
        let mut own = LongStreams::default();
        let record = own.place(long);
        let record = moved(&record, self.documents.len, self.positions.len);
        self.documents.push(&own.documents, &mut self.blocks)?;
        self.positions.push(&own.positions, &mut self.blocks)?;
        Ok(record)
    }

    fn close_leaf(&mut self) -> Result<(), Error> {
        self.closed_with = Some(self.terms.last_key().to_vec());
        self.blocks.add(BlockKind::Terms, self.terms.finish())
    }

    /// Completes the segment, of which everything that is not about blocks is known, and makes its
    /// files.
    pub(super) fn finish(
        mut self,
        mut segment: Segment,
        fold_table: &[u8],
        progress: &dyn Progress,
    ) -> Result<Written, Error> {
        if !self.terms.is_empty() || self.blocks.count(BlockKind::Terms) == 0 {
            self.close_leaf()?;
        }
        self.documents.finish(&mut self.blocks)?;
        self.positions.finish(&mut self.blocks)?;
        segment.terms_blocks = self.blocks.count(BlockKind::Terms);
        segment.long_documents_bytes = self.documents.len;
        segment.long_positions_bytes = self.positions.len;
        let dictionary = self.dictionary.finish();
        self.blocks.placed.sort_unstable_by_key(|block| block.id);
        segment.tag = self.blocks.tag(&segment, fold_table, &dictionary)?;
        self.blocks.write(&self.folder, segment.tag, progress)?;
        Ok(Written {
            segment,
            dictionary,
            folder: self.folder,
            parts: self.blocks.parts(),
        })
    }
}

/// The record of a long list that was placed at the beginning of streams, as it is at other
/// places.
fn moved(record: &[u8], documents: u64, positions: u64) -> Vec<u8> {
    const AT_THE_BEGINNING: usize = 2;
    let mut cursor = Cursor::new(record, "the record of a long list");
    let mut number = || cursor.varint().unwrap_or_default();
    let (head, more, _length) = (number(), number(), number());
    let skips = &cursor.rest()[AT_THE_BEGINNING..];
    let (mut body, mut out) = (Vec::with_capacity(skips.len() + 10), Vec::new());
    put_varint(&mut body, documents);
    put_varint(&mut body, positions);
    body.extend_from_slice(skips);
    put_varint(&mut out, head);
    put_varint(&mut out, more);
    put_varint(&mut out, body.len() as u64);
    out.extend_from_slice(&body);
    out
}

/// A stream of long lists on its way into blocks.
struct Stream {
    kind: BlockKind,
    block_bytes: usize,
    /// What does not fill a block yet.
    rest: Vec<u8>,
    /// Bytes in all.
    len: u64,
}

impl Stream {
    fn new(kind: BlockKind) -> Self {
        Self {
            kind,
            block_bytes: 0,
            rest: Vec::new(),
            len: 0,
        }
    }

    fn push(&mut self, bytes: &[u8], blocks: &mut Blocks) -> Result<(), Error> {
        self.len += bytes.len() as u64;
        self.rest.extend_from_slice(bytes);
        let full = self.rest.len() - self.rest.len() % self.block_bytes;
        let mut payloads = self.rest[..full].chunks(self.block_bytes);
        payloads.try_for_each(|payload| blocks.add(self.kind, payload.to_vec()))?;
        self.rest.drain(..full);
        Ok(())
    }

    fn finish(&mut self, blocks: &mut Blocks) -> Result<(), Error> {
        match std::mem::take(&mut self.rest) {
            rest if rest.is_empty() => Ok(()),
            rest => blocks.add(self.kind, rest),
        }
    }
}

/// Blocks that wait for the segment's tag.
struct Blocks {
    waiting: Spool,
    placed: Vec<Placed>,
    /// How many there are of each kind, by its code.
    counts: [u32; BlockKind::ALL.len() + 1],
}

/// A block and where it waits.
#[derive(Clone, Copy)]
struct Placed {
    id: BlockId,
    at: u64,
    len: u32,
}

impl Blocks {
    /// Takes the next block of a kind.
    fn add(&mut self, kind: BlockKind, payload: Vec<u8>) -> Result<(), Error> {
        let number = self.count(kind);
        let len = u32::try_from(payload.len()).expect("blocks are far below 4 GiB");
        let at = self.waiting.append(payload)?;
        let id = BlockId { kind, number };
        self.counts[usize::from(kind.code())] += 1;
        self.placed.push(Placed { id, at, len });
        Ok(())
    }

    fn count(&self, kind: BlockKind) -> u32 {
        self.counts[usize::from(kind.code())]
    }

    fn payload(&self, block: &Placed) -> Result<Vec<u8>, Error> {
        let mut payload = Vec::new();
        self.waiting
            .read(block.at, block.len as usize, &mut payload)?;
        Ok(payload)
    }

    /// The segment's name: the hash of everything in it and of what its blocks are read with.
    fn tag(&self, segment: &Segment, fold_table: &[u8], dictionary: &[u8]) -> Result<u64, Error> {
        let mut hasher = Xxh64::new(0);
        let mut add = |bytes: &[u8]| {
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        };
        add(&segment.documents.to_le_bytes());
        add(&segment.units.to_le_bytes());
        add(&segment.documents_per_block.to_le_bytes());
        add(&segment.stream_block_bytes.to_le_bytes());
        add(fold_table);
        add(dictionary);
        for block in &self.placed {
            add(&self.payload(block)?);
        }
        Ok(hasher.digest())
    }

    /// Makes the files.
    fn write(&self, folder: &Path, tag: u64, progress: &dyn Progress) -> Result<(), Error> {
        let all = self.placed.iter().map(|block| u64::from(block.len)).sum();
        progress.begin(Stage::Write, all);
        fs::create_dir_all(folder).map_err(|source| write_error(folder, source))?;
        self.placed.par_iter().try_for_each(|block| {
            self.write_block(block, folder, tag)?;
            progress.advance(u64::from(block.len));
            Ok(())
        })
    }

    fn write_block(&self, block: &Placed, folder: &Path, tag: u64) -> Result<(), Error> {
        let section = Section {
            kind: block.id.kind,
            segment_tag: tag,
            number: block.id.number,
            deflated: block.id.kind == BlockKind::Documents,
            payload: &self.payload(block)?,
        };
        let mut bytes = Vec::with_capacity(HEADER_BYTES + section.payload.len());
        section.write(&mut bytes);
        let name = block.id.file_name(tag);
        let path = folder.join(name.rsplit('/').next().unwrap_or(&name));
        fs::write(&path, bytes).map_err(|source| write_error(&path, source))
    }

    fn parts(&self) -> Vec<Part> {
        let part = |blocks: &[Placed]| Part {
            name: blocks[0].id.kind.name(),
            files: blocks.len() as u64,
            bytes: blocks
                .iter()
                .map(|block| u64::from(block.len) + HEADER_BYTES as u64)
                .sum(),
        };
        let by_kind = self.placed.chunk_by(|a, b| a.id.kind == b.id.kind);
        by_kind.map(part).collect()
    }
}

fn write_error(path: &Path, source: std::io::Error) -> Error {
    Error::Write {
        path: path.to_owned(),
        source,
    }
}
