//! One segment as a search reads it: whatever is asked for is here, or noted as missing.

use std::borrow::Cow;

use super::extents::{Extents, Stop, every};
use crate::format::branch;
use crate::format::dictionary::Dictionary;
use crate::format::directory::{self, PER_PIECE, UNIT};
use crate::format::documents::StoredDocument;
use crate::format::manifest::{Segment, Start};
use crate::format::postings::{Chunk, DocumentsChunk, Extent, Part, PostingsList, Tuning};
use crate::format::stream::{SEAL_BYTES, StreamKind};
use crate::format::terms::TermsReader;
use crate::gram::{BEGINNING, BEGINNING_SUM, COUNT, is_mixed_pair, is_of_others};
use crate::text::{Class, FoldTable};
use crate::{Error, facet};

/// Leaves that the keys of a character are read from without looking first whether the builder has made
/// a list for all of them; and how many it may be in.
const LEAVES_OF_CHARACTER: (usize, usize) = (3, 1);
/// The same for words that begin alike. The word itself and the sum come before that list.
const LEAVES_OF_WORDS: (usize, usize) = (12, 2);

/// Reads a segment.
#[derive(Clone, Copy, Debug)]
pub struct SegmentReader<'e> {
    number: u32,
    /// What the manifest says about it.
    pub segment: &'e Segment,
    /// The archive's.
    pub table: &'e FoldTable,
    dictionary: &'e Dictionary,
    start: &'e Start,
    extents: &'e Extents,
}

/// Where a key stands in the documents of a chunk.
#[derive(Debug, Default)]
pub struct ChunkPositions {
    /// Of all documents, behind one another.
    pub numbers: Vec<u32>,
    /// Positions have yet to be made of them, in those documents where somebody asks.
    pub are_gaps: bool,
}

/// What somebody wants to know of keys that begin alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Which documents have any of them.
    Documents,
    /// That first, and perhaps where they stand.
    Summary,
    /// Where they stand.
    Positions,
}

impl Wanted {
    /// What a term wants of a leg: where it is alone, nobody asks for positions.
    pub(super) fn of_leg(alone: bool) -> Self {
        if alone {
            Self::Documents
        } else {
            Self::Summary
        }
    }
}

/// What a segment has for all keys that begin alike.
#[derive(Debug)]
pub struct PrefixLists {
    /// Their lists.
    pub lists: Vec<PostingsList>,
    /// What counts as the number of documents, unless it is those of all lists added up.
    pub documents: Option<u32>,
    /// No document counts more than once in that: it is a character, of which the dictionary says how many
    /// documents have it.
    pub is_counted: bool,
    /// It is one list that the builder has made of all of them, without positions.
    pub is_one: bool,
    /// What it takes to read all of them.
    pub leaf_bytes: u64,
}

impl<'e> SegmentReader<'e> {
    /// A reader for each segment whose documents are found.
    pub fn all(start: &'e Start, extents: &'e Extents) -> Vec<Self> {
        let live = 0..start.manifest.live_segments().len();
        let readers = live.filter_map(|number| Self::of(number, start, extents));
        readers.collect()
    }

    /// A reader for the segment of deleted documents, if there are any.
    pub fn of_deleted(start: &'e Start, extents: &'e Extents) -> Option<Self> {
        Self::of(start.manifest.live_segments().len(), start, extents)
    }

    fn of(number: usize, start: &'e Start, extents: &'e Extents) -> Option<Self> {
        Some(Self {
            number: number as u32,
            segment: start.manifest.segments.get(number)?,
            table: &start.fold_table,
            dictionary: start.dictionaries.get(number)?,
            start,
            extents,
        })
    }

    /// Drops documents that the archive has no longer.
    ///
    /// # Errors
    /// If it is damage that says so.
    pub(super) fn drop_deleted(&self, documents: &mut Vec<u32>) -> Result<(), Stop> {
        let deleted = self.start.deleted(self.number as usize)?;
        if !deleted.is_empty() {
            documents.retain(|document| deleted.binary_search(document).is_err());
        }
        Ok(())
    }

    fn get(&self, kind: StreamKind, extent: Extent) -> Result<&'e [u8], Stop> {
        // Stored documents have to be inflated, which is somebody else's part.
        if self.segment.stream(kind).resident && kind != StreamKind::Documents {
            let found = self.start.resident(self.number as usize, kind, extent);
            let (_, bytes) =
                found.ok_or_else(|| Error::damaged("the manifest has less than it says"))?;
            return Ok(&bytes[..bytes.len().saturating_sub(SEAL_BYTES)]);
        }
        self.extents.get(self.number, kind, extent)
    }

    /// What its postings are decoded with.
    pub fn tuning(&self) -> Tuning {
        self.segment.tuning()
    }

    /// True if no branch of the dictionary has to be fetched.
    pub(super) fn has_branches(&self) -> bool {
        self.segment.stream(StreamKind::Branches).resident
    }

    /// What it costs to fetch a document from somewhere: itself and its piece of the directory.
    pub(super) fn document_bytes(&self) -> u64 {
        let bytes = self.segment.stream(StreamKind::Documents).bytes;
        bytes / u64::from(self.segment.documents.max(1)) + u64::from(self.segment.piece_bytes)
    }

    /// The leaf that may hold `key`; with `prefix` all that may hold keys that begin with it.
    pub(super) fn leaves(&self, key: &str, prefix: bool) -> Result<Vec<Extent>, Stop> {
        let file_bytes = self.segment.stream(StreamKind::Terms).file_bytes;
        let branches = self.dictionary.branches(key, prefix);
        let branches = branches.into_iter();
        let mut leaves = Vec::new();
        for branch in every(branches.map(|branch| self.get(StreamKind::Branches, branch)))? {
            leaves.extend(branch::leaves(branch, key, prefix, file_bytes)?);
        }
        Ok(leaves)
    }

    /// Asks for the leaf of `key`, or for the branch that knows it if that is not here.
    pub(super) fn want(&self, key: &str) {
        if let Ok(leaves) = self.leaves(key, false)
            && let Some(&leaf) = leaves.first()
        {
            drop(self.get(StreamKind::Terms, leaf));
        }
    }

    fn terms(&self, leaf: Extent) -> Result<TermsReader<'e>, Stop> {
        let payload = self.get(StreamKind::Terms, leaf)?;
        Ok(TermsReader::new(payload, self.tuning())?)
    }

    /// The list of `key`, if any document has it.
    ///
    /// # Errors
    /// If something is missing or damaged.
    pub fn list(&self, key: &str) -> Result<Option<PostingsList>, Stop> {
        match self.leaves(key, false)?.first() {
            Some(&leaf) => Ok(self.terms(leaf)?.find(key)?),
            None => Ok(None),
        }
    }

    /// The lists of all keys that begin with `prefix` and do not go on with a mark; or only the list that
    /// the builder has made of them, if there is one and it says what is wanted.
    ///
    /// # Errors
    /// If something is missing or damaged.
    pub fn lists(&self, prefix: &str, wanted: Wanted) -> Result<PrefixLists, Stop> {
        let mut leaves = self.leaves(prefix, true)?;
        let (first, wanted) = self.first_leaves(prefix, wanted, leaves.len());
        let bytes = leaves.iter().map(|leaf| u64::from(leaf.bytes)).sum();
        let rest = leaves.split_off(first);
        let mut found = self.lists_in(&leaves, prefix, wanted)?;
        if !found.is_one && !rest.is_empty() {
            leaves.extend(rest);
            found = self.lists_in(&leaves, prefix, wanted)?;
        }
        found.leaf_bytes = bytes;
        Ok(found)
    }

    fn lists_in(
        &self,
        leaves: &[Extent],
        prefix: &str,
        wanted: Wanted,
    ) -> Result<PrefixLists, Stop> {
        let mut found = PrefixLists {
            lists: Vec::new(),
            documents: None,
            is_counted: self.is_solo(prefix),
            is_one: false,
            leaf_bytes: 0,
        };
        let (number, of_all) = if found.is_counted {
            (COUNT, "")
        } else {
            (BEGINNING_SUM, BEGINNING)
        };
        for terms in every(leaves.iter().map(|leaf| self.terms(*leaf)))? {
            collect(prefix, terms, &mut |rest, list| {
                let documents = list.document_frequency();
                if rest == number {
                    found.documents = Some(documents);
                } else if rest == of_all {
                    found.documents.get_or_insert(documents);
                    if wanted != Wanted::Positions {
                        found.is_one = true;
                        found.lists = vec![list];
                    }
                } else if !found.is_one
                    && !is_of_others(rest)
                    && !rest.chars().next().is_some_and(|c| self.table.is_mark(c))
                {
                    // Where more than documents matter, the prefix is behind a symbol.
                    found.lists.push(if wanted == Wanted::Documents {
                        list
                    } else {
                        list.behind_symbols()
                    });
                }
            })?;
        }
        Ok(found)
    }

    /// Asks for the leaves that [`SegmentReader::lists`] looks into first.
    pub(super) fn want_range(&self, prefix: &str, wanted: Wanted) {
        if let Ok(leaves) = self.leaves(prefix, true) {
            let (first, _) = self.first_leaves(prefix, wanted, leaves.len());
            for leaf in leaves.into_iter().take(first) {
                drop(self.get(StreamKind::Terms, leaf));
            }
        }
    }

    /// Of so many leaves with keys that begin alike, those that are read first, and for what: where the
    /// builder has most likely made one list for all of them, that is near the start.
    fn first_leaves(&self, prefix: &str, wanted: Wanted, all: usize) -> (usize, Wanted) {
        let (at_once, first) = if self.is_solo(prefix) {
            LEAVES_OF_CHARACTER
        } else if is_mixed_pair(prefix) {
            (all, all) // of those there is no such list
        } else {
            LEAVES_OF_WORDS
        };
        match wanted {
            Wanted::Documents | Wanted::Summary if all > at_once => (first, wanted),
            Wanted::Documents => (all, wanted),
            // They are few enough to be read at once, and say more than a list of all of them.
            Wanted::Summary | Wanted::Positions => (all, Wanted::Positions),
        }
    }

    fn is_solo(&self, text: &str) -> bool {
        let mut chars = text.chars();
        chars
            .next()
            .is_some_and(|c| self.table.class(c) == Class::Solo)
            && chars.next().is_none()
    }

    /// The values of a field, rising, and their lists.
    ///
    /// # Errors
    /// If something is missing (all of it has been asked for) or damaged.
    pub fn values(&self, field: &str) -> Result<Vec<(String, PostingsList)>, Stop> {
        let prefix = facet::prefix(field);
        let leaves = self.leaves(&prefix, true)?.into_iter();
        let mut values = Vec::new();
        for terms in every(leaves.map(|leaf| self.terms(leaf)))? {
            collect(&prefix, terms, &mut |value, list| {
                values.push((value.to_owned(), list));
            })?;
        }
        Ok(values)
    }

    /// The first document whose date is not below this one, as text; the number of all documents
    /// if there is none.
    ///
    /// Those of each date follow those of the date before, so it is the first of a list.
    ///
    /// # Errors
    /// If something is missing or damaged.
    pub fn first_dated(&self, date: &str) -> Result<u32, Stop> {
        let (all, key) = (facet::date_key(""), facet::date_key(date));
        let own = self.leaves(&key, false)?;
        let leaves = self.leaves(&all, true)?;
        // The date may be above all keys of its leaf: then it is in the next.
        let from = leaves.iter().position(|leaf| own.contains(leaf));
        for &leaf in leaves.iter().skip(from.unwrap_or(leaves.len())) {
            let mut terms = self.terms(leaf)?;
            let Some(list) = terms.seek(&key)? else {
                continue;
            };
            if terms.key().starts_with(&all) {
                return self.first_of(&list);
            }
            break;
        }
        Ok(self.segment.documents)
    }

    /// The dates of all dated documents: for each the first document that has it, and the date as a
    /// number that is larger for later ones. Both rise.
    ///
    /// # Errors
    /// If something is missing (all of it has been asked for) or damaged.
    pub fn dates(&self) -> Result<Vec<(u32, u64)>, Stop> {
        let values = self.values("")?.into_iter();
        every(values.map(|(date, list)| Ok((self.first_of(&list)?, date_number(&date)))))
    }

    fn first_of(&self, list: &PostingsList) -> Result<u32, Stop> {
        let first = list.chunks.first().map(|chunk| self.documents(list, chunk));
        let first = first.transpose()?.unwrap_or_default();
        Ok(first.documents.first().copied().unwrap_or(0))
    }

    /// True if the documents of a chunk can be read without a fetch.
    pub fn has_documents(&self, chunk: &Chunk) -> bool {
        match chunk.documents {
            Part::Apart(Extent { address, .. }) => {
                let kind = StreamKind::LongDocuments;
                self.segment.stream(kind).resident || self.extents.has(self.number, kind, address)
            }
            Part::Here(_) | Part::Nowhere => true,
        }
    }

    /// A chunk's documents.
    ///
    /// # Errors
    /// If they are missing or damaged.
    pub fn documents(&self, list: &PostingsList, chunk: &Chunk) -> Result<DocumentsChunk, Stop> {
        match &chunk.documents {
            Part::Here(documents) => Ok(documents.clone()),
            Part::Apart(extent) => {
                let payload = self.get(StreamKind::LongDocuments, *extent)?;
                Ok(list.decode_documents(chunk, payload)?)
            }
            Part::Nowhere => Ok(DocumentsChunk::default()),
        }
    }

    /// Asks for a chunk's positions.
    ///
    /// # Errors
    /// If they are missing.
    pub fn want_positions(&self, chunk: &Chunk) -> Result<(), Stop> {
        if let Part::Apart(extent) = chunk.positions {
            self.get(StreamKind::LongPositions, extent)?;
        }
        Ok(())
    }

    /// A chunk's positions, behind one another.
    ///
    /// # Errors
    /// If they are missing or damaged.
    pub fn positions(
        &self,
        list: &PostingsList,
        chunk: &Chunk,
        frequencies: &[u32],
    ) -> Result<ChunkPositions, Stop> {
        match &chunk.positions {
            Part::Here(positions) => Ok(ChunkPositions {
                numbers: positions.clone(),
                are_gaps: false,
            }),
            Part::Apart(extent) => {
                let payload = self.get(StreamKind::LongPositions, *extent)?;
                Ok(ChunkPositions {
                    numbers: list.decode_gaps(frequencies, payload)?,
                    are_gaps: true,
                })
            }
            Part::Nowhere => Ok(ChunkPositions::default()),
        }
    }

    /// Its variants of characters, as bytes; none if there are none.
    ///
    /// # Errors
    /// If they are missing.
    pub fn variants(&self) -> Result<&'e [u8], Stop> {
        let bytes = self.segment.stream(StreamKind::Variants).bytes;
        let extent = Extent {
            address: 0,
            bytes: u32::try_from(bytes).unwrap_or(u32::MAX),
        };
        if bytes == 0 {
            Ok(&[])
        } else {
            self.get(StreamKind::Variants, extent)
        }
    }

    /// Asks for the whole directory if it is small.
    pub fn want_directory(&self) {
        if self.has_small_directory() {
            for piece in 0..self.pieces() {
                // What is missing has been noted; whoever needs it will stop.
                drop(self.piece_payload(piece));
            }
        }
    }

    fn pieces(&self) -> u32 {
        self.segment.documents.div_ceil(PER_PIECE)
    }

    fn has_small_directory(&self) -> bool {
        u64::from(self.pieces()) * u64::from(self.segment.piece_bytes) <= directory::AT_ONCE
    }

    /// True if these documents take fewer bytes than that as they are stored. Those of a common term are
    /// longer than most, so they are looked up, unless that might take a fetch: then each counts as an
    /// average one.
    pub fn texts_take_less(&self, documents: &[u32], than: u64) -> bool {
        let count = documents.len() as u64;
        if count * u64::from(UNIT) >= than {
            return false;
        }
        let lengths = self.has_small_directory().then(|| self.lengths(documents));
        let bytes = match lengths {
            Some(Ok(lengths)) => lengths.into_iter().map(u64::from).sum::<u64>() * u64::from(UNIT),
            _ => count * self.document_bytes(),
        };
        bytes < than
    }

    fn piece_payload(&self, piece: u32) -> Result<&'e [u8], Stop> {
        let (segment, first) = (self.segment, piece.saturating_mul(PER_PIECE));
        let directory = segment.stream(StreamKind::Directory).file_bytes;
        let extent = directory::piece_of(first, segment.piece_bytes, directory);
        self.get(StreamKind::Directory, extent)
    }

    /// A piece of the directory, unpacked.
    fn piece(&self, piece: u32) -> Result<Cow<'e, [u8]>, Stop> {
        let payload = self.piece_payload(piece)?;
        // What was fetched was unpacked when it arrived.
        if !self.segment.stream(StreamKind::Directory).resident {
            return Ok(Cow::Borrowed(payload));
        }
        let (segment, first) = (self.segment, piece.saturating_mul(PER_PIECE));
        let file_bytes = segment.stream(StreamKind::Documents).file_bytes;
        let count = segment.documents.saturating_sub(first);
        Ok(Cow::Owned(directory::unpack(payload, count, file_bytes)?))
    }

    /// Where these documents are stored; they rise.
    ///
    /// # Errors
    /// If pieces of the directory are missing (all that are needed have been asked for) or
    /// damaged.
    pub fn places(&self, documents: &[u32]) -> Result<Vec<Extent>, Stop> {
        let (mut number, mut piece) = (None, Err(Stop::Missing));
        every(documents.iter().map(|&document| {
            let own = Some(document / PER_PIECE);
            if number != own {
                (number, piece) = (own, self.piece(document / PER_PIECE));
            }
            let piece = piece.as_ref().map_err(Stop::clone)?;
            Ok(directory::extent(piece, (document % PER_PIECE) as usize)?)
        }))
    }

    /// The lengths of these documents, as ranking counts them.
    ///
    /// # Errors
    /// As [`SegmentReader::places`].
    pub fn lengths(&self, documents: &[u32]) -> Result<Vec<u32>, Stop> {
        let places = self.places(documents)?;
        Ok(places
            .into_iter()
            .map(|extent| extent.bytes / UNIT)
            .collect())
    }

    /// These documents; they rise.
    ///
    /// # Errors
    /// If any is missing (all have been asked for) or damaged.
    pub fn stored(&self, documents: &[u32]) -> Result<Vec<StoredDocument>, Stop> {
        let places = self.places(documents)?.into_iter();
        let payloads = places.map(|place| self.get(StreamKind::Documents, place));
        let payloads = every(payloads)?.into_iter();
        every(payloads.map(|payload| Ok(StoredDocument::read(payload)?)))
    }
}

/// Year, month and day as one number; what is not known is 0.
fn date_number(date: &str) -> u64 {
    let digits = date.chars().filter_map(|c| c.to_digit(10));
    let number = digits.take(8).fold((0, 8), |(number, left), digit| {
        (number * 10 + u64::from(digit), left - 1)
    });
    number.0 * 10_u64.pow(number.1)
}

/// Calls `take` with what follows the prefix in each key that begins with it, and its list.
fn collect(
    prefix: &str,
    mut terms: TermsReader<'_>,
    take: &mut dyn FnMut(&str, PostingsList),
) -> Result<(), Stop> {
    let mut next = terms.seek(prefix)?;
    while let Some(list) = next {
        let Some(rest) = terms.key().strip_prefix(prefix) else {
            break;
        };
        take(rest, list);
        next = terms.next_term()?;
    }
    Ok(())
}
