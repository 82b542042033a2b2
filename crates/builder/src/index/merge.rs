//! Runs to lists, in the order of the keys.
//!
//! The keys are cut into ranges, and for each range a thread walks through all runs and encodes
//! the lists. Then the terms go to the segment's writer, one after the other, which is little more
//! than copying. A thread holds a window of each run and the lists of one range; where the ranges
//! are cut leaves no trace in the result.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::ops::Range;

use backfile_core::facet;
use backfile_core::format::bits::{BitWriter, Bits};
use backfile_core::format::postings::{EncodedList, List, Positions, PostingsEncoder};
use backfile_core::gram::is_pair;

use super::range_list::RangeList;
use super::run::prefix;
use super::runs::{KeyRange, Occurrences, RunReader, Runs};
use super::segment::SegmentWriter;
use crate::error::Error;
use crate::ordered::in_order;
use crate::progress::{Progress, Stage};
use crate::unicode::fold_table;

/// A document counts as this many units where it has fewer: each is a request.
const LEAST_UNITS: u32 = 256;

/// What went through.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) grams: u64,
    pub(super) facet_values: u64,
    pub(super) postings: u64,
    pub(super) positions: u64,
}

/// What decides how keys are treated. Sizes in bytes but for the last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Thresholds {
    /// About so much of the runs is merged at a time.
    pub(super) range_bytes: u64,
    /// A character whose keys take more than this gets a list of its own.
    pub(super) heavy_bytes: usize,
    /// See [`super::Settings::bare_units`].
    pub(super) bare_units: u64,
}

/// Merges all runs into the writer.
///
/// # Errors
/// If a run cannot be read or a block cannot be written.
pub(super) fn merge(
    runs: &Runs,
    encoder: &PostingsEncoder,
    thresholds: Thresholds,
    writer: &mut SegmentWriter,
    progress: &dyn Progress,
) -> Result<Counts, Error> {
    let ranges = runs.ranges(thresholds.range_bytes, fold_table());
    progress.begin(Stage::Merge, ranges.len() as u64);
    let mut counts = Counts::default();
    let encode = |range: KeyRange| encode_range(runs, &range, encoder, thresholds);
    in_order(ranges.into_iter(), encode, |encoded| {
        let encoded = encoded?;
        counts.add(encoded.counts);
        encoded.terms.put_into(writer)?;
        progress.advance(1);
        Ok(())
    })?;
    Ok(counts)
}

impl Counts {
    fn add(&mut self, other: Counts) {
        self.grams += other.grams;
        self.facet_values += other.facet_values;
        self.postings += other.postings;
        self.positions += other.positions;
    }
}

/// Terms on their way to the writer, in the order of their keys.
///
/// Most lists are a few bytes. Where each was an allocation of its own, made here and freed on the
/// writer's thread, the threads waited for one another in the allocator.
#[derive(Default)]
struct Terms {
    keys: String,
    bytes: Vec<u8>,
    rows: Vec<Term>,
    /// What the last list was written with, for the next.
    spare: BitWriter,
}

struct Term {
    /// Its key's place.
    key: Range<usize>,
    list: TermList,
}

enum TermList {
    /// Where its bytes begin, and how many bits they are.
    Here(usize, usize),
    /// It has parts that need a place.
    Long(Box<EncodedList>),
}

impl Terms {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn push(&mut self, key: &str, list: EncodedList) {
        self.insert(self.len(), key, list);
    }

    /// Puts a term before others.
    fn insert(&mut self, at: usize, key: &str, list: EncodedList) {
        let start = self.keys.len();
        self.keys.push_str(key);
        let key = start..self.keys.len();
        let list = if list.is_here() {
            let bits = list.into_bits();
            let here = TermList::Here(self.bytes.len(), bits.len());
            self.bytes.extend_from_slice(bits.as_bytes());
            self.spare = bits;
            here
        } else {
            TermList::Long(Box::new(list))
        };
        self.rows.insert(at, Term { key, list });
    }

    fn put_into(self, writer: &mut SegmentWriter) -> Result<(), Error> {
        for Term { key, list } in self.rows {
            let key = &self.keys[key];
            match list {
                TermList::Here(start, bits) => {
                    writer.term(key, Bits::new(&self.bytes[start..], bits))?;
                }
                TermList::Long(list) => writer.long_term(key, *list)?,
            }
        }
        Ok(())
    }
}

/// The terms of a range.
struct EncodedRange<'e> {
    encoder: &'e PostingsEncoder,
    /// Units in each document.
    lengths: &'e [u32],
    terms: Terms,
    /// Of the character whose keys are being read.
    range_list: RangeList,
    thresholds: Thresholds,
    counts: Counts,
}

impl<'e> EncodedRange<'e> {
    fn new(runs: &'e Runs, encoder: &'e PostingsEncoder, thresholds: Thresholds) -> Self {
        Self {
            encoder,
            lengths: &runs.lengths,
            terms: Terms::default(),
            range_list: RangeList::new(encoder.tuning.documents),
            thresholds,
            counts: Counts::default(),
        }
    }

    fn push(&mut self, key: &[u8], list: &Occurrences) {
        let text = String::from_utf8_lossy(key);
        if facet::is_key(&text) {
            let encoded = self.encoder.encode_facet(&list.documents);
            self.terms.push(&text, encoded);
            self.counts.facet_values += 1;
            return;
        }
        let list_of_text = List {
            documents: &list.documents,
            frequencies: &list.frequencies,
            positions: if self.is_bare(&text, list) {
                Positions::Bare(&list.behind_symbols)
            } else {
                Positions::All(&list.positions)
            },
        };
        let spare = std::mem::take(&mut self.terms.spare);
        let encoded = self.encoder.encode_in(spare, list_of_text);
        if !self.range_list.goes_on(key) {
            self.close_range();
            self.range_list.begin(key, self.terms.len());
        }
        self.range_list.add(key, list, encoded.bytes());
        self.terms.push(&text, encoded);
        self.counts.add(Counts {
            grams: 1,
            facet_values: 0,
            postings: list.documents.len() as u64,
            positions: list.positions.len() as u64,
        });
    }

    /// True if the list is to be bare. Those of words and symbols never are: a word that is being
    /// typed is a range of keys, and its short lists may have many documents together.
    fn is_bare(&self, key: &str, list: &Occurrences) -> bool {
        let mut units = 0;
        let mut fits = |&document: &u32| {
            units += u64::from(self.lengths[document as usize].max(LEAST_UNITS));
            units < self.thresholds.bare_units
        };
        is_pair(key, fold_table()) && list.documents.iter().all(&mut fits)
    }

    /// Puts the list of a character before those of its pairs, if it is worth it.
    fn close_range(&mut self) {
        if let Some((at, key, documents, frequencies)) =
            self.range_list.finish(self.thresholds.heavy_bytes)
        {
            let encoded = self.encoder.encode(List {
                documents: &documents,
                frequencies: &frequencies,
                positions: Positions::None,
            });
            self.terms.insert(at, &key, encoded);
        }
    }
}

/// The next key of a run. Compared by key, then by run; the prefix is the key's.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Head {
    prefix: u64,
    key: Vec<u8>,
    run: usize,
}

/// Walks through the keys of a range in all runs. Runs follow one another in documents, so the
/// list of a key is that of the first run that has it, then that of the next.
fn encode_range<'e>(
    runs: &'e Runs,
    range: &KeyRange,
    encoder: &'e PostingsEncoder,
    thresholds: Thresholds,
) -> Result<EncodedRange<'e>, Error> {
    let mut readers = runs.readers(range);
    let mut heads = BinaryHeap::with_capacity(readers.len());
    for (run, reader) in readers.iter_mut().enumerate() {
        heads.extend(first_head(reader, run, range)?.map(Reverse));
    }
    let mut encoded = EncodedRange::new(runs, encoder, thresholds);
    let (mut key, mut list) = (Vec::new(), Occurrences::default());
    while let Some(mut head) = heads.peek_mut() {
        if head.0.key != key {
            finish_term(&mut encoded, &key, &mut list);
            key.clone_from(&head.0.key);
        }
        let reader = &mut readers[head.0.run];
        reader.list(&mut list)?;
        if !advance(&mut head.0, reader, range)? {
            PeekMut::pop(head);
        }
    }
    finish_term(&mut encoded, &key, &mut list);
    encoded.close_range();
    Ok(encoded)
}

fn finish_term(encoded: &mut EncodedRange<'_>, key: &[u8], list: &mut Occurrences) {
    if !list.documents.is_empty() {
        encoded.push(key, list);
        list.clear();
    }
}

/// A run's first key in the range, if it has one.
fn first_head(
    reader: &mut RunReader<'_>,
    run: usize,
    range: &KeyRange,
) -> Result<Option<Head>, Error> {
    let mut head = Head {
        prefix: 0,
        key: Vec::new(),
        run,
    };
    let from = range.0.as_deref().unwrap_or_default();
    while advance(&mut head, reader, range)? {
        if *head.key >= *from {
            return Ok(Some(head));
        }
        reader.skip_list()?;
    }
    Ok(None)
}

/// Goes on to the run's next key; false if the range has no more of them.
fn advance(head: &mut Head, reader: &mut RunReader<'_>, range: &KeyRange) -> Result<bool, Error> {
    let is_there = reader.key(&mut head.key)?;
    head.prefix = prefix(&head.key);
    let is_below = |bound: &[u8]| *head.key < *bound;
    Ok(is_there && range.1.as_deref().is_none_or(is_below))
}
