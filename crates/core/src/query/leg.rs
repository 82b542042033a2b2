//! One leg of a term's cover: the list of a key, or of all keys with a prefix.

use super::blocks::{Blocks, Stop};
use crate::format::BlockKind;
use crate::format::dictionary::Dictionary;
use crate::format::postings::{DocumentsChunk, ListReader, Place, Skip};
use crate::format::terms::TermsBlock;
use crate::gram::Leg;
use crate::text::FoldTable;

/// A document, by its place among the candidates, and a position in it, as one number that
/// sorts by both.
pub(super) fn spot(candidate: usize, position: u32) -> u64 {
    (candidate as u64) << 32 | u64::from(position)
}

/// The lists of a leg, with what has been decoded of them.
#[derive(Debug)]
pub(super) struct LegReader<'b> {
    offset: u32,
    lists: Vec<OneList<'b>>,
}

#[derive(Debug)]
struct OneList<'b> {
    reader: ListReader<'b>,
    /// The chunks, as far as they have been decoded; a list without skips is one.
    chunks: Vec<Option<DocumentsChunk>>,
    /// A list without skips is decoded whole.
    positions: Vec<u32>,
}

/// Finds the lists of a leg.
///
/// # Errors
/// If a terms block is missing or damaged.
pub(super) fn find<'b>(
    leg: &Leg,
    blocks: &'b Blocks,
    dictionary: &Dictionary,
    table: &FoldTable,
) -> Result<LegReader<'b>, Stop> {
    let key = leg.key.as_bytes();
    let mut lists = Vec::new();
    if leg.is_prefix {
        // Asks for all of the blocks before it gives up on the first.
        let numbers = dictionary.leaves(key);
        let leaves: Vec<_> = numbers
            .map(|number| blocks.require(BlockKind::Terms, number))
            .collect();
        for leaf in leaves {
            collect_prefix(
                &leg.key,
                TermsBlock::new(leaf?, blocks.segment.tuning()),
                table,
                &mut lists,
            )?;
        }
    } else {
        let leaf = blocks.require(BlockKind::Terms, dictionary.leaf(key))?;
        lists.extend(TermsBlock::new(leaf, blocks.segment.tuning()).find(key)?);
    }
    let lists = lists.into_iter().map(OneList::new).collect();
    Ok(LegReader {
        offset: leg.offset,
        lists,
    })
}

fn collect_prefix<'b>(
    prefix: &str,
    mut block: TermsBlock<'b>,
    table: &FoldTable,
    lists: &mut Vec<ListReader<'b>>,
) -> Result<(), Stop> {
    let mut next = block.seek(prefix.as_bytes())?;
    while let Some(list) = next {
        let Some(rest) = block.key().strip_prefix(prefix.as_bytes()) else {
            break;
        };
        let after = std::str::from_utf8(rest)
            .ok()
            .and_then(|rest| rest.chars().next());
        if !after.is_some_and(|c| table.is_mark(c)) {
            lists.push(list);
        }
        next = block.next_term()?;
    }
    Ok(())
}

impl<'b> LegReader<'b> {
    /// Documents in the lists; of several lists, those in two count twice.
    pub(super) fn document_frequency(&self) -> u64 {
        self.lists
            .iter()
            .map(|list| u64::from(list.reader.document_frequency()))
            .sum()
    }

    /// True if no document has it.
    pub(super) fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }

    /// The documents with their frequencies; of chunks that hold no candidate, some or none.
    ///
    /// # Errors
    /// If blocks are missing (all that are needed have been asked for) or damaged.
    pub(super) fn documents(
        &mut self,
        candidates: Option<&[u32]>,
        blocks: &Blocks,
    ) -> Result<DocumentsChunk, Stop> {
        let mut stop = Ok(());
        let mut all = Vec::new();
        for list in &mut self.lists {
            match list.decode_documents(candidates, blocks) {
                Ok(()) => all.push(list.decoded()),
                Err(other) => stop = Err(other),
            }
        }
        stop?;
        Ok(match all.len() {
            1 => all.swap_remove(0),
            _ => merge(all),
        })
    }

    /// Asks for the blocks that [`LegReader::spots`] will need.
    ///
    /// # Errors
    /// If blocks are missing.
    pub(super) fn want_positions(&self, candidates: &[u32], blocks: &Blocks) -> Result<(), Stop> {
        let mut stop = Ok(());
        for list in &self.lists {
            for skip in list.skips_with(candidates) {
                if let Place::Stream = list.reader.positions_place(skip) {
                    let kind = BlockKind::LongPositions;
                    let wanted = blocks.with_stream(kind, &skip.positions, |_| Ok(()));
                    stop = stop.and(wanted);
                }
            }
        }
        stop
    }

    /// Where a term would have to start in each of `candidates` for this leg to be in its place:
    /// [`spot`]s, sorted. [`LegReader::documents`] has been called for them.
    ///
    /// # Errors
    /// If blocks are missing or damaged.
    pub(super) fn spots(&self, candidates: &[u32], blocks: &Blocks) -> Result<Vec<u64>, Stop> {
        let mut spots = Vec::new();
        for list in &self.lists {
            list.spots(candidates, self.offset, blocks, &mut spots)?;
        }
        if self.lists.len() > 1 {
            spots.sort_unstable();
        }
        Ok(spots)
    }
}

impl<'b> OneList<'b> {
    fn new(reader: ListReader<'b>) -> Self {
        Self {
            chunks: vec![None; reader.chunk_count()],
            reader,
            positions: Vec::new(),
        }
    }

    fn skips_with<'s>(&'s self, candidates: &'s [u32]) -> impl Iterator<Item = &'s Skip> {
        let skips = self.reader.skips().unwrap_or(&[]);
        skips.iter().filter(|skip| may_hold(skip, candidates))
    }

    fn decode_documents(
        &mut self,
        candidates: Option<&[u32]>,
        blocks: &Blocks,
    ) -> Result<(), Stop> {
        let Some(skips) = self.reader.skips() else {
            if self.chunks[0].is_none() {
                let (chunk, positions) = self.reader.decode_short()?;
                (self.chunks[0], self.positions) = (Some(chunk), positions);
            }
            return Ok(());
        };
        let mut stop = Ok(());
        for (skip, chunk) in skips.iter().zip(&mut self.chunks) {
            if chunk.is_some() || candidates.is_some_and(|own| !may_hold(skip, own)) {
                continue;
            }
            match decode_chunk(&self.reader, skip, blocks) {
                Ok(decoded) => *chunk = Some(decoded),
                Err(other) => stop = Err(other),
            }
        }
        stop
    }

    fn decoded(&self) -> DocumentsChunk {
        let mut all = DocumentsChunk::default();
        for chunk in self.chunks.iter().flatten() {
            all.documents.extend_from_slice(&chunk.documents);
            all.frequencies.extend_from_slice(&chunk.frequencies);
        }
        all
    }

    fn spots(
        &self,
        candidates: &[u32],
        offset: u32,
        blocks: &Blocks,
        spots: &mut Vec<u64>,
    ) -> Result<(), Stop> {
        let Some(skips) = self.reader.skips() else {
            if let Some(chunk) = &self.chunks[0] {
                pick(chunk, &self.positions, candidates, offset, spots);
            }
            return Ok(());
        };
        for (skip, chunk) in skips.iter().zip(&self.chunks) {
            let Some(chunk) = chunk.as_ref().filter(|_| may_hold(skip, candidates)) else {
                continue;
            };
            let read = |bytes: &[u8]| self.reader.decode_positions(&chunk.frequencies, bytes);
            let positions = match self.reader.positions_place(skip) {
                Place::Here(bytes) => read(bytes)?,
                Place::Stream => {
                    blocks.with_stream(BlockKind::LongPositions, &skip.positions, read)?
                }
            };
            pick(chunk, &positions, candidates, offset, spots);
        }
        Ok(())
    }
}

fn decode_chunk(
    reader: &ListReader<'_>,
    skip: &Skip,
    blocks: &Blocks,
) -> Result<DocumentsChunk, Stop> {
    match reader.documents_place(skip) {
        Place::Here(bytes) => Ok(reader.decode_documents(skip, bytes)?),
        Place::Stream => blocks.with_stream(BlockKind::LongDocuments, &skip.documents, |bytes| {
            reader.decode_documents(skip, bytes)
        }),
    }
}

fn may_hold(skip: &Skip, candidates: &[u32]) -> bool {
    let from = skip.first_possible();
    let at = candidates.partition_point(|&candidate| candidate < from);
    candidates
        .get(at)
        .is_some_and(|&candidate| candidate <= skip.last_document)
}

/// Adds the positions of those documents of a chunk that are candidates.
fn pick(
    chunk: &DocumentsChunk,
    positions: &[u32],
    candidates: &[u32],
    offset: u32,
    spots: &mut Vec<u64>,
) {
    let first = chunk.documents.first().copied().unwrap_or(0);
    let mut at = candidates.partition_point(|&candidate| candidate < first);
    let mut positions = positions.iter();
    for (&document, &frequency) in chunk.documents.iter().zip(&chunk.frequencies) {
        let own = positions
            .as_slice()
            .get(..frequency as usize)
            .unwrap_or(&[]);
        positions = positions.as_slice().get(own.len()..).unwrap_or(&[]).iter();
        while candidates
            .get(at)
            .is_some_and(|&candidate| candidate < document)
        {
            at += 1;
        }
        if candidates.get(at) == Some(&document) {
            let starts = own
                .iter()
                .filter_map(|position| position.checked_sub(offset));
            spots.extend(starts.map(|start| spot(at, start)));
        }
    }
}

/// Adds up lists: each document once, with the sum of its frequencies.
fn merge(lists: Vec<DocumentsChunk>) -> DocumentsChunk {
    // One number each, so that the engine carries one sort, that of the spots.
    let pair = |(document, frequency): (&u32, &u32)| spot(*document as usize, *frequency);
    let pairs = |list: &DocumentsChunk| -> Vec<u64> {
        list.documents
            .iter()
            .zip(&list.frequencies)
            .map(pair)
            .collect()
    };
    let mut all: Vec<u64> = lists.iter().flat_map(pairs).collect();
    all.sort_unstable();
    let mut merged = DocumentsChunk::default();
    for pair in all {
        let (document, frequency) = ((pair >> 32) as u32, pair as u32);
        match merged.frequencies.last_mut() {
            Some(sum) if merged.documents.last() == Some(&document) => {
                *sum = sum.saturating_add(frequency);
            }
            _ => {
                merged.documents.push(document);
                merged.frequencies.push(frequency);
            }
        }
    }
    merged
}
