//! Runs to postings and dictionary.
//!
//! Two steps. The keys are cut into ranges, and for each range a thread walks through all runs in
//! the order of the keys and encodes the lists. Then the lists are put into leaves and streams,
//! one after the other, which is little more than copying. Where the ranges are cut leaves no
//! trace in the result.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

use backfile_core::format::dictionary::DictionaryWriter;
use backfile_core::format::postings::{EncodedList, List, LongStreams, PostingsEncoder, Tuning};
use backfile_core::format::terms::TermsWriter;
use rayon::prelude::*;

use super::layout::Layout;
use super::run::{Occurrence, Run};
use crate::progress::{Progress, Stage};

/// Ranges of keys: several for each thread, because they differ in work.
const RANGES: usize = 32;

/// The term dictionary and its postings, in blocks.
pub(super) struct Terms {
    pub(super) blocks: Vec<Vec<u8>>,
    pub(super) dictionary: Vec<u8>,
    pub(super) streams: LongStreams,
    pub(super) grams: u64,
    pub(super) postings: u64,
    pub(super) positions: u64,
}

/// A key with its list.
struct Term<'r> {
    key: &'r str,
    documents: u64,
    occurrences: u64,
    list: EncodedList,
}

/// Merges all runs.
pub(super) fn merge(
    runs: &[Run],
    tuning: Tuning,
    layout: &Layout,
    progress: &dyn Progress,
) -> Terms {
    progress.begin(Stage::Merge, RANGES as u64);
    let encoder = PostingsEncoder {
        tuning,
        long_bytes: layout.long_list_bytes,
    };
    let ranges = key_ranges(runs).into_par_iter();
    let encode = |range: Vec<Range<usize>>| {
        let terms = encode_range(runs, &range, &encoder);
        progress.advance(1);
        terms
    };
    let encoded: Vec<Vec<Term<'_>>> = ranges.map(encode).collect();
    let mut writer = Writer::new(layout);
    encoded
        .into_iter()
        .flatten()
        .for_each(|term| writer.push(term));
    writer.finish()
}

/// For each range of keys, its part of each run. The largest run says where to cut.
fn key_ranges(runs: &[Run]) -> Vec<Vec<Range<usize>>> {
    let largest = runs
        .iter()
        .map(|run| &run.keys)
        .max_by_key(|keys| keys.len());
    let keys = largest.map_or(&[][..], |keys| keys);
    let mut starts = vec![0; runs.len()];
    let mut ranges = Vec::new();
    for part in 1..=RANGES {
        let bound = keys.get(keys.len() * part / RANGES);
        let end = |run: &Run| match bound {
            Some(bound) => run.keys.partition_point(|key| key < bound),
            None => run.keys.len(),
        };
        let ends: Vec<usize> = runs.iter().map(end).collect();
        ranges.push(
            starts
                .iter()
                .zip(&ends)
                .map(|(&start, &end)| start..end)
                .collect(),
        );
        starts = ends;
    }
    ranges
}

/// Walks through the keys of a range in all runs. Runs follow one another in documents, so the
/// list of a key is that of the first run that has it, then that of the next.
fn encode_range<'r>(
    runs: &'r [Run],
    range: &[Range<usize>],
    encoder: &PostingsEncoder,
) -> Vec<Term<'r>> {
    let mut heads: BinaryHeap<Reverse<(&str, usize, usize)>> = BinaryHeap::new();
    let head = |run: usize, at: usize| {
        let key = runs[run].keys[..range[run].end].get(at)?;
        Some(Reverse((&**key, run, at)))
    };
    heads.extend((0..runs.len()).filter_map(|run| head(run, range[run].start)));
    let (mut terms, mut list) = (Vec::new(), OwnedList::default());
    while let Some(Reverse((key, run, at))) = heads.pop() {
        list.add(runs[run].occurrences(at));
        heads.extend(head(run, at + 1));
        if heads.peek().is_none_or(|Reverse((next, ..))| *next != key) {
            terms.push(list.encode(key, encoder));
            list.clear();
        }
    }
    terms
}

/// The list of the current term.
#[derive(Default)]
struct OwnedList {
    documents: Vec<u32>,
    frequencies: Vec<u32>,
    positions: Vec<u32>,
}

impl OwnedList {
    fn add(&mut self, occurrences: &[Occurrence]) {
        for occurrence in occurrences {
            match self.frequencies.last_mut() {
                Some(frequency) if self.documents.last() == Some(&occurrence.document) => {
                    *frequency += 1;
                }
                _ => {
                    self.documents.push(occurrence.document);
                    self.frequencies.push(1);
                }
            }
            self.positions.push(occurrence.position);
        }
    }

    fn encode<'r>(&self, key: &'r str, encoder: &PostingsEncoder) -> Term<'r> {
        Term {
            key,
            documents: self.documents.len() as u64,
            occurrences: self.positions.len() as u64,
            list: encoder.encode(List {
                documents: &self.documents,
                frequencies: &self.frequencies,
                positions: &self.positions,
            }),
        }
    }

    fn clear(&mut self) {
        self.documents.clear();
        self.frequencies.clear();
        self.positions.clear();
    }
}

/// Puts lists into leaves and streams.
struct Writer {
    block_bytes: usize,
    streams: LongStreams,
    terms: TermsWriter,
    dictionary: DictionaryWriter,
    blocks: Vec<Vec<u8>>,
    /// The last key of the leaf that was closed, until the next one has a first key.
    closed_with: Option<Vec<u8>>,
    grams: u64,
    postings: u64,
    positions: u64,
}

impl Writer {
    fn new(layout: &Layout) -> Self {
        Self {
            block_bytes: layout.terms_block_bytes,
            streams: LongStreams::default(),
            terms: TermsWriter::default(),
            dictionary: DictionaryWriter::default(),
            blocks: Vec::new(),
            closed_with: None,
            grams: 0,
            postings: 0,
            positions: 0,
        }
    }

    fn push(&mut self, term: Term<'_>) {
        let key = term.key.as_bytes();
        if let Some(last) = self.closed_with.take() {
            self.dictionary.bound(&last, key);
        }
        self.terms.push(key, &self.streams.place(term.list));
        self.grams += 1;
        self.postings += term.documents;
        self.positions += term.occurrences;
        if self.terms.len() >= self.block_bytes {
            self.close_leaf();
        }
    }

    fn close_leaf(&mut self) {
        self.closed_with = Some(self.terms.last_key().to_vec());
        self.blocks.push(self.terms.finish());
    }

    fn finish(mut self) -> Terms {
        if !self.terms.is_empty() || self.blocks.is_empty() {
            self.close_leaf();
        }
        Terms {
            blocks: self.blocks,
            dictionary: self.dictionary.finish(),
            streams: self.streams,
            grams: self.grams,
            postings: self.postings,
            positions: self.positions,
        }
    }
}
