//! One leg of a term's cover in one segment: the list of a key, or of all keys with a prefix.

use std::hint::select_unpredictable;
use std::ops::Range;

use super::extents::{Stop, every};
use super::segment::{ChunkPositions, PrefixLists, SegmentReader, Wanted};
use crate::format::postings::{Chunk, DocumentsChunk, PostingsList, add_up};
use crate::gram::Leg;

/// A document, by its place among the candidates, and a position in it, as one number that
/// sorts by both.
pub(super) fn spot(candidate: usize, position: u32) -> u64 {
    (candidate as u64) << 32 | u64::from(position)
}

/// The lists of a leg, with what has been decoded of them.
#[derive(Debug)]
pub(super) struct LegReader {
    offset: u32,
    /// Documents that have it: of a key as its list says, of a character as the dictionary says
    /// ([`super::segment::PrefixLists`]), of an unfinished word those of all its keys added up, which says as
    /// much without reading them. So it is the same however documents are shared out to segments.
    pub(super) document_frequency: u64,
    /// How many documents have it, if that is certain.
    known_count: Option<u64>,
    /// It has been asked which of the candidates have it.
    pub(super) is_read: bool,
    lists: Vec<OneList>,
    /// Of which keys its one list is the sum, if it has no positions for that.
    summary_of: Option<Summarised>,
}

/// The keys that a list stands for.
#[derive(Debug)]
struct Summarised {
    prefix: String,
    /// What it takes to read all of them.
    leaf_bytes: u64,
}

#[derive(Debug)]
struct OneList {
    list: PostingsList,
    /// Documents of the chunks, as far as they have been decoded.
    decoded: Vec<Option<DocumentsChunk>>,
}

impl LegReader {
    /// Finds the lists of a leg. `alone` if the term has no other leg, so that nobody will ask
    /// for positions.
    ///
    /// # Errors
    /// If something is missing or damaged.
    pub(super) fn find(leg: &Leg, alone: bool, segment: &SegmentReader<'_>) -> Result<Self, Stop> {
        let mut found = if leg.is_prefix {
            let keys = segment.lists(&leg.key, Wanted::of_leg(alone))?;
            Self::of_prefix(&leg.key, keys, alone)
        } else {
            Self::of(segment.list(&leg.key)?.into_iter().collect())
        };
        found.offset = leg.offset;
        Ok(found)
    }

    /// True if its one list stands for many keys that have not been read.
    pub(super) fn is_summary(&self) -> bool {
        self.summary_of.is_some()
    }

    /// Reads those keys, which say where they stand, in place of the list: of these documents, which all
    /// have one of them.
    ///
    /// # Errors
    /// If something is missing or damaged.
    pub(super) fn open(
        &mut self,
        candidates: &[u32],
        segment: &SegmentReader<'_>,
    ) -> Result<(), Stop> {
        let Some(Summarised { prefix, .. }) = self.summary_of.take() else {
            return Ok(());
        };
        self.lists = Self::of(segment.lists(&prefix, Wanted::Positions)?.lists).lists;
        let lists = self.lists.iter_mut();
        every(lists.map(|list| list.decode(Some(candidates), segment))).map(drop)
    }

    fn of_prefix(prefix: &str, keys: PrefixLists, alone: bool) -> Self {
        let mut found = Self::of(keys.lists);
        found.summary_of = (keys.is_one && !alone).then(|| Summarised {
            prefix: prefix.to_owned(),
            leaf_bytes: keys.leaf_bytes,
        });
        if let Some(documents) = keys.documents {
            found.document_frequency = documents.into();
        }
        if keys.is_counted {
            found.known_count = Some(found.document_frequency);
        }
        found
    }

    /// A leg of these lists, at the start of its term.
    pub(super) fn of(lists: Vec<PostingsList>) -> Self {
        let frequencies = lists
            .iter()
            .map(|list| u64::from(list.document_frequency()));
        let sum = frequencies.sum();
        Self {
            offset: 0,
            document_frequency: sum,
            known_count: (lists.len() <= 1).then_some(sum),
            is_read: false,
            lists: lists.into_iter().map(OneList::new).collect(),
            summary_of: None,
        }
    }

    /// True if chunks would have to be fetched to know which of the candidates have it; `None` are all
    /// documents.
    pub(super) fn lacks_documents(
        &self,
        candidates: Option<&[u32]>,
        segment: &SegmentReader<'_>,
    ) -> bool {
        self.lists.iter().any(|list| {
            let mut chunks = list.list.chunks.iter().enumerate();
            chunks.any(|(at, chunk)| list.is_open(at, candidates) && !segment.has_documents(chunk))
        })
    }

    /// The documents with their frequencies: those among the candidates, or all if these are `None`.
    ///
    /// # Errors
    /// If something is missing (all that is needed has been asked for) or damaged.
    pub(super) fn documents(
        &mut self,
        candidates: Option<&[u32]>,
        segment: &SegmentReader<'_>,
    ) -> Result<DocumentsChunk, Stop> {
        let mut stop = Ok(());
        let mut all = Vec::new();
        for list in &mut self.lists {
            match list.decode(candidates, segment) {
                Ok(()) => all.push(list.joined(candidates)),
                Err(other) => stop = Err(other),
            }
        }
        stop?;
        Ok(match all.len() {
            1 => all.swap_remove(0),
            _ => merge(all),
        })
    }

    /// How many documents have it, if that is certain.
    pub(super) fn known_count(&self) -> Option<u64> {
        self.known_count
    }

    /// Bytes of chunks that would have to be fetched to look at all of these documents.
    pub(super) fn far_bytes(&self, documents: &Range<u32>, with_positions: bool) -> u64 {
        let chunks = self.lists.iter().flat_map(|list| &list.list.chunks);
        let chunks = chunks.filter(|chunk| {
            chunk.last_document >= documents.start && chunk.first_possible() < documents.end
        });
        let far = |chunk: &Chunk| {
            let positions = if with_positions {
                chunk.positions.far_bytes()
            } else {
                0
            };
            u64::from(chunk.documents.far_bytes()) + u64::from(positions)
        };
        chunks.map(far).sum()
    }

    /// True if some of its documents would have to be fetched.
    pub(super) fn has_far_documents(&self) -> bool {
        let mut chunks = self.lists.iter().flat_map(|list| &list.list.chunks);
        chunks.any(|chunk| chunk.documents.far_bytes() > 0)
    }

    /// True if positions of these candidates would have to be fetched from a stream.
    pub(super) fn is_far(&self, candidates: &[u32]) -> bool {
        self.far_positions(candidates) > 0
    }

    /// True if it does not say where in a document its key stands.
    pub(super) fn is_bare(&self) -> bool {
        self.is_summary() || self.lists.iter().any(|list| list.list.is_bare())
    }

    /// How many of these documents have it, about: as if those of each chunk were spread evenly.
    pub(super) fn documents_within(&self, documents: &Range<u32>) -> u64 {
        let chunks = self.lists.iter().flat_map(|list| &list.list.chunks);
        chunks.map(|chunk| chunk.documents_within(documents)).sum()
    }

    /// Bytes of positions that would have to be fetched for these candidates; of a summary those of the
    /// leaves of its keys, without which nobody knows.
    pub(super) fn far_positions(&self, candidates: &[u32]) -> u64 {
        if let Some(keys) = &self.summary_of {
            return keys.leaf_bytes;
        }
        let chunks = self.lists.iter().flat_map(|list| &list.list.chunks);
        let chunks = chunks.filter(|chunk| may_hold(chunk, candidates));
        let bytes = chunks.map(|chunk| u64::from(chunk.positions.far_bytes()));
        bytes.sum()
    }

    /// Asks for the positions of these candidates. [`LegReader::documents`] has been called for them.
    ///
    /// # Errors
    /// If some are missing: all of them have been asked for.
    pub(super) fn want_positions(
        &self,
        candidates: &[u32],
        segment: &SegmentReader<'_>,
    ) -> Result<(), Stop> {
        let chunks = self.lists.iter().flat_map(OneList::decoded_chunks);
        let held = chunks.filter(|(chunk, _)| may_hold(chunk, candidates));
        every(held.map(|(chunk, _)| segment.want_positions(chunk))).map(drop)
    }

    /// Where a term would have to start in each of `candidates` for this leg to be in its place:
    /// [`spot`]s, sorted; of `within` those that are among these. Their positions are here.
    ///
    /// # Errors
    /// If something is damaged.
    pub(super) fn spots(
        &self,
        candidates: &[u32],
        within: Option<&[u64]>,
        segment: &SegmentReader<'_>,
    ) -> Result<Vec<u64>, Stop> {
        let spots = |list: &OneList| list.spots(candidates, within, self.offset, segment);
        Ok(merge_sorted(every(self.lists.iter().map(spots))?))
    }
}

impl OneList {
    fn new(list: PostingsList) -> Self {
        let decoded = vec![None; list.chunks.len()];
        Self { list, decoded }
    }

    fn decode(
        &mut self,
        candidates: Option<&[u32]>,
        segment: &SegmentReader<'_>,
    ) -> Result<(), Stop> {
        let mut stop = Ok(());
        for at in 0..self.decoded.len() {
            if !self.is_open(at, candidates) {
                continue;
            }
            match segment.documents(&self.list, &self.list.chunks[at]) {
                Ok(documents) => self.decoded[at] = Some(documents),
                Err(other) => stop = Err(other),
            }
        }
        stop
    }

    /// True if a chunk may hold a candidate and has not been decoded.
    fn is_open(&self, at: usize, candidates: Option<&[u32]>) -> bool {
        let may_hold = |own| may_hold(&self.list.chunks[at], own);
        self.decoded[at].is_none() && candidates.is_none_or(may_hold)
    }

    fn joined(&self, candidates: Option<&[u32]>) -> DocumentsChunk {
        let mut all = DocumentsChunk::default();
        let mut left = candidates;
        for chunk in self.decoded.iter().flatten() {
            let Some(candidates) = &mut left else {
                all.documents.extend_from_slice(&chunk.documents);
                all.frequencies.extend_from_slice(&chunk.frequencies);
                continue;
            };
            // Each is looked for among the others in turn: what neither has takes no time.
            let mut at = 0;
            while let (Some(document), Some(candidate)) =
                (chunk.documents.get(at), candidates.first())
            {
                if document < candidate {
                    at += below(&chunk.documents[at..], candidate);
                } else if candidate < document {
                    *candidates = &candidates[below(candidates, document)..];
                } else {
                    all.documents.push(*document);
                    all.frequencies.push(chunk.frequencies[at]);
                    at += 1;
                }
            }
        }
        all
    }

    /// The chunks whose documents have been decoded, with these.
    fn decoded_chunks(&self) -> impl Iterator<Item = (&Chunk, &DocumentsChunk)> {
        let chunks = self.list.chunks.iter().zip(&self.decoded);
        chunks.filter_map(|(chunk, decoded)| Some((chunk, decoded.as_ref()?)))
    }

    fn spots(
        &self,
        candidates: &[u32],
        within: Option<&[u64]>,
        offset: u32,
        segment: &SegmentReader<'_>,
    ) -> Result<Vec<u64>, Stop> {
        let mut spots = Vec::new();
        for (chunk, documents) in self.decoded_chunks() {
            let held = held(chunk, candidates);
            let range = spot(held.start, 0)..spot(held.end, 0);
            let within = within.map(|within| between(within, &range));
            if held.is_empty() || within.is_some_and(<[u64]>::is_empty) {
                continue;
            }
            let positions = segment.positions(&self.list, chunk, &documents.frequencies)?;
            pick(documents, positions, candidates, within, offset, &mut spots)?;
        }
        Ok(spots)
    }
}

fn may_hold(chunk: &Chunk, candidates: &[u32]) -> bool {
    !held(chunk, candidates).is_empty()
}

/// The places of the candidates that a chunk may hold.
fn held(chunk: &Chunk, candidates: &[u32]) -> Range<usize> {
    let start = below(candidates, &chunk.first_possible());
    let behind = chunk.last_document.saturating_add(1);
    start..start + below(&candidates[start..], &behind)
}

/// Those of rising numbers that lie in a range.
fn between<'n>(numbers: &'n [u64], range: &Range<u64>) -> &'n [u64] {
    let numbers = &numbers[below(numbers, &range.start)..];
    &numbers[..below(numbers, &range.end)]
}

/// Adds the positions of those documents of a chunk that are candidates, or of `within` those that are
/// among these.
fn pick(
    chunk: &DocumentsChunk,
    ChunkPositions {
        mut numbers,
        are_gaps,
    }: ChunkPositions,
    candidates: &[u32],
    mut within: Option<&[u64]>,
    offset: u32,
    spots: &mut Vec<u64>,
) -> Result<(), Stop> {
    let (mut at, mut rest) = (0, &mut numbers[..]);
    for (&document, &frequency) in chunk.documents.iter().zip(&chunk.frequencies) {
        let (own, others) = rest
            .split_at_mut_checked(frequency as usize)
            .unwrap_or_default();
        rest = others;
        at += below(&candidates[at..], &document);
        if candidates.get(at) != Some(&document) {
            continue;
        }
        let here = within.as_mut().map(|all| {
            *all = &all[below(all, &spot(at, 0))..];
            &all[..below(all, &spot(at + 1, 0))]
        });
        if here.is_some_and(<[u64]>::is_empty) {
            continue;
        }
        if are_gaps {
            add_up(own)?;
        }
        let Some(here) = here else {
            let starts = own.iter().filter_map(|place| place.checked_sub(offset));
            spots.extend(starts.map(|start| spot(at, start)));
            continue;
        };
        let agrees = |spot: &&u64| {
            own.binary_search(&(**spot as u32).saturating_add(offset))
                .is_ok()
        };
        spots.extend(here.iter().filter(agrees));
    }
    Ok(())
}

/// How many of these rising numbers are below another. Steps double: as a rule it is one of the first
/// that is not, but of a short list and many candidates it may be one of thousands.
fn below<T: PartialOrd>(rising: &[T], least: &T) -> usize {
    let is_below = |number: &T| number < least;
    if !rising.first().is_some_and(is_below) {
        return 0;
    }
    let mut step = 1;
    while rising.get(step).is_some_and(is_below) {
        step *= 2;
    }
    let (start, end) = (step / 2 + 1, rising.len().min(step));
    let between = rising.get(start..end).unwrap_or(&[]);
    start + between.partition_point(is_below)
}

/// Adds up lists: each document once, with the sum of its frequencies.
fn merge(lists: Vec<DocumentsChunk>) -> DocumentsChunk {
    // One number each, so that lists of documents and of spots are merged by the same code.
    let pair = |(document, frequency): (&u32, &u32)| spot(*document as usize, *frequency);
    let pairs = |list: DocumentsChunk| {
        list.documents
            .iter()
            .zip(&list.frequencies)
            .map(pair)
            .collect()
    };
    let mut merged = DocumentsChunk::default();
    for pair in merge_sorted(lists.into_iter().map(pairs).collect()) {
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

/// One sorted row of several: two by two, so that each number is moved a few times only. The
/// library's sort would be as quick, and three kilobytes of the engine.
fn merge_sorted(mut rows: Vec<Vec<u64>>) -> Vec<u64> {
    while rows.len() > 1 {
        let mut merged = Vec::with_capacity(rows.len().div_ceil(2));
        while let Some(last) = rows.pop() {
            merged.push(match rows.pop() {
                Some(other) => merge_two(&last, &other),
                None => last,
            });
        }
        rows = merged;
    }
    rows.pop().unwrap_or_default()
}

fn merge_two(one: &[u64], other: &[u64]) -> Vec<u64> {
    let mut merged = Vec::with_capacity(one.len() + other.len());
    let (mut at, mut beside) = (0, 0);
    // Which of the two is next is a toss, so there is no branch for it.
    while let (Some(&here), Some(&there)) = (one.get(at), other.get(beside)) {
        let is_here = here <= there;
        merged.push(select_unpredictable(is_here, here, there));
        at += usize::from(is_here);
        beside += usize::from(!is_here);
    }
    merged.extend_from_slice(&one[at..]);
    merged.extend_from_slice(&other[beside..]);
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_below_are_counted(mut numbers: Vec<u8>, least: u8) {
            numbers.sort_unstable();
            let expected = numbers.iter().filter(|number| **number < least).count();
            prop_assert_eq!(below(&numbers, &least), expected);
        }

        #[test]
        fn sorted_rows_make_one(mut rows: Vec<Vec<u64>>) {
            rows.iter_mut().for_each(|row| row.sort_unstable());
            let mut all = rows.concat();
            all.sort_unstable();
            prop_assert_eq!(merge_sorted(rows), all);
        }
    }
}
