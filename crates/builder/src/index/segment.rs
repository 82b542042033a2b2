//! Writes the files of a segment as their content comes along.
//!
//! Documents come in order, and then terms do. Each extent gets its checksum and its address and
//! goes to its stream ([`Streams`]); what fills a file goes out at once. So the writer holds no
//! more than one file of each kind.

use std::path::PathBuf;

use backfile_core::format::bits::Bits;
use backfile_core::format::branch::{BranchWriter, LEAF_UNIT};
use backfile_core::format::codebook::PLAIN;
use backfile_core::format::dictionary::DictionaryWriter;
use backfile_core::format::directory::{DirectoryWriter, UNIT};
use backfile_core::format::keys;
use backfile_core::format::manifest::{Segment, SegmentStart};
use backfile_core::format::postings::{EncodedList, Extent, ExtentSink};
use backfile_core::format::stream::{SEAL_BYTES, StreamKind};
use backfile_core::format::terms::TermsWriter;

use super::layout::Layout;
use super::streams::Streams;
use super::{Part, Residency};
use crate::error::Error;
use crate::spool::SpoolReader;
use crate::workspace::Workspace;

/// A bound need not be rounder than this, in zero bits: a leaf ends at the first place that is. With
/// eight, the branches of zh-cctv are 2 % longer.
const ROUND_ENOUGH: u32 = 9;

/// See the module's description.
pub(super) struct SegmentWriter {
    streams: Streams,
    directory: DirectoryWriter,
    /// Lengths of all documents, as ranking counts them.
    length: u64,
    /// A bit for each that its documents are written with.
    codebooks: u32,
    layout: Option<Layout>,
    /// The terms of the leaf that is being filled, and those behind it.
    terms: TermsWriter,
    /// The best place for its end so far: how many terms lie before it, and how round the bound
    /// there is.
    end: Option<(usize, u32)>,
    /// The last key of the leaf before.
    closed_with: String,
    branch: BranchWriter,
    dictionary: DictionaryWriter,
}

/// A segment whose files are there.
pub(super) struct Written {
    /// With its tag, which is also the name of the folder.
    pub(super) segment: Segment,
    /// What the manifest file has of it.
    pub(super) start: SegmentStart,
    /// Where the files are.
    pub(super) folder: PathBuf,
    /// What they are.
    pub(super) parts: Vec<Part>,
}

impl SegmentWriter {
    /// A writer whose files will lie in this folder below the workspace's. `seed` is what the
    /// checksums depend on, `file_bytes` the size of files of stored documents.
    pub(super) fn create(
        workspace: &Workspace,
        folder: &str,
        (seed, file_bytes): (u64, u32),
        residency: Residency,
    ) -> Self {
        let mut streams = Streams::new(workspace.folder.join(folder), seed, residency);
        streams.set_file_bytes(StreamKind::Documents, file_bytes);
        Self {
            streams,
            directory: DirectoryWriter::default(),
            length: 0,
            codebooks: 0,
            layout: None,
            terms: TermsWriter::default(),
            end: None,
            closed_with: String::new(),
            branch: BranchWriter::default(),
            dictionary: DictionaryWriter::default(),
        }
    }

    /// Takes the next stored document: the codebook that it is written with, and its extent's payload.
    pub(super) fn document(&mut self, codebook: u8, payload: &[u8]) -> Result<(), Error> {
        if codebook != PLAIN {
            self.codebooks |= 1 << codebook;
        }
        let units = (payload.len() + SEAL_BYTES) as u32 / UNIT;
        let address = self.streams.append(StreamKind::Documents, payload)?;
        self.directory.push(address, units);
        self.length += u64::from(units);
        Ok(())
    }

    /// Says how large pieces are; before the first term.
    pub(super) fn lay_out(&mut self, layout: Layout) {
        let others = StreamKind::ALL
            .into_iter()
            .filter(|kind| *kind != StreamKind::Documents);
        others.for_each(|kind| self.streams.set_file_bytes(kind, layout.file_bytes));
        self.layout = Some(layout);
    }

    /// Takes the next term, whose list has parts that need a place, and their payloads. Keys rise.
    pub(super) fn long_term(
        &mut self,
        key: &str,
        list: EncodedList,
        payloads: &mut SpoolReader<'_>,
    ) -> Result<(), Error> {
        let next = |bytes, payload: &mut Vec<u8>| {
            payload.extend_from_slice(payloads.take(bytes)?);
            Ok(())
        };
        let list = list.place_from(next, &mut self.streams)?;
        let len = list.len();
        self.term(key, Bits::new(&list.finish(), len))
    }

    /// Takes the next term. Keys rise.
    pub(super) fn term(&mut self, key: &str, list: Bits<'_>) -> Result<(), Error> {
        while let Some(count) = self.leaf_before(key) {
            self.close_leaf(count)?;
        }
        self.terms.push(key, list);
        Ok(())
    }

    /// How many of the terms that wait make a leaf, if it can be told: `next` is the key behind them.
    fn leaf_before(&mut self, next: &str) -> Option<usize> {
        let window = self.layout?.leaf_window();
        let bytes = self.terms.len();
        if bytes < *window.start() || self.terms.is_empty() {
            return None;
        }
        let (_, round) = keys::bound(self.terms.last_key(), next);
        let best = self.end.filter(|&(_, best)| best >= round);
        let (count, round) = best.unwrap_or((self.terms.count(), round));
        self.end = Some((count, round));
        (round >= ROUND_ENOUGH || bytes >= *window.end()).then_some(count)
    }

    /// Takes what only queries need of the fold table; no bytes are no extent.
    pub(super) fn variants(&mut self, payload: &[u8]) -> Result<(), Error> {
        if !payload.is_empty() {
            self.append(StreamKind::Variants, payload)?;
        }
        Ok(())
    }

    /// Closes a leaf with so many of the terms that wait.
    fn close_leaf(&mut self, count: usize) -> Result<(), Error> {
        self.end = None;
        let first = self.terms.key(0).to_owned();
        let last = self.terms.key(count - 1).to_owned();
        let mut payload = self.terms.finish(count);
        let whole = (payload.len() + SEAL_BYTES).next_multiple_of(LEAF_UNIT as usize);
        payload.resize(whole - SEAL_BYTES, 0);
        let extent = self.append(StreamKind::Terms, &payload)?;
        self.branch.push(&self.closed_with, &first, extent);
        self.closed_with = last;
        let most = self.layout.map_or(1, |layout| layout.leaves_per_branch);
        if self.branch.len() >= most {
            self.close_branch()
        } else {
            Ok(())
        }
    }

    fn close_branch(&mut self) -> Result<(), Error> {
        let bound = self.branch.lower_bound().to_owned();
        let payload = self.branch.finish();
        let extent = self.append(StreamKind::Branches, &payload)?;
        self.dictionary.push(&bound, extent);
        Ok(())
    }

    fn append(&mut self, kind: StreamKind, payload: &[u8]) -> Result<Extent, Error> {
        let address = self.streams.append(kind, payload)?;
        let bytes = (payload.len() + SEAL_BYTES) as u32;
        Ok(Extent { address, bytes })
    }

    /// Completes the segment, of which everything that is not about streams is known.
    pub(super) fn finish(mut self, mut segment: Segment, packs: bool) -> Result<Written, Error> {
        if !self.terms.is_empty() {
            self.close_leaf(self.terms.count())?;
        }
        if !self.branch.is_empty() {
            self.close_branch()?;
        }
        let pieces = std::mem::take(&mut self.directory).finish();
        for piece in &pieces {
            self.streams.append(StreamKind::Directory, piece)?;
        }
        segment.length = self.length;
        segment.codebooks = self.codebooks;
        segment.piece_bytes = pieces
            .first()
            .map_or(0, |piece| (piece.len() + SEAL_BYTES) as u32);
        let finished = self.streams.finish(packs)?;
        segment.streams = finished.streams;
        segment.one_file = finished.one_file;
        let start = SegmentStart {
            dictionary: self.dictionary.finish(),
            resident: finished.resident,
        };
        segment.tag = tag(&segment, &start, finished.hash);
        Ok(Written {
            segment,
            start,
            folder: finished.folder,
            parts: finished.parts,
        })
    }
}

/// The segment's name: the hash of everything in it and of what it is read with.
fn tag(segment: &Segment, start: &SegmentStart, files: u64) -> u64 {
    let described = postcard::to_allocvec(segment).expect("postcard writes to memory");
    let mut hasher = xxhash_rust::xxh64::Xxh64::new(files);
    hasher.update(&described);
    hasher.update(&start.dictionary);
    start
        .resident
        .iter()
        .for_each(|(_, bytes)| hasher.update(bytes));
    hasher.digest()
}
