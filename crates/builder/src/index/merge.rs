//! Runs to lists, in the order of the keys.
//!
//! The keys are cut into ranges, and for each range a thread walks through all runs and encodes
//! the lists. Then the terms go to the segment's writer, one after the other, which is little more
//! than copying. A thread holds a window of each run and the lists of one range; where the ranges
//! are cut leaves no trace in the result.

use std::ops::Range;

use backfile_core::facet;
use backfile_core::format::bits::{BitWriter, Bits};
use backfile_core::format::postings::{EncodedList, List, Positions, PostingsEncoder};
use backfile_core::gram::{display_key, is_pair};

use super::ahead;
use super::range_list::{Count, Finished, RangeLists, SumList};
use super::runs::{KeyRange, Occurrences, Runs, WINDOW};
use super::segment::SegmentWriter;
use super::walk::walk;
use crate::error::Error;
use crate::ordered::in_order;
use crate::progress::{Progress, Stage};
use crate::room::{Room, Taken};
use crate::spool::{Spool, SpoolReader};
use crate::unicode::fold_table;
use crate::workspace::Workspace;

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

/// What decides how keys are treated. Sizes are in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Thresholds {
    /// About so much of the runs is merged at a time.
    pub(super) range_bytes: u64,
    /// A character, or a beginning of words, whose keys take more than this gets a list of its own.
    pub(super) heavy_bytes: usize,
    /// So many positions of a list may be in memory.
    pub(super) positions: usize,
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
    workspace: &Workspace,
    writer: &mut SegmentWriter,
    progress: &dyn Progress,
) -> Result<Counts, Error> {
    let ranges = runs.ranges(thresholds.range_bytes, fold_table());
    progress.begin(Stage::Merge, ranges.len() as u64);
    // Ranges are cut between characters, so one may be far larger than a thread's share.
    let room = Room::new(workspace.memory.merging());
    let shares = (0..).zip(ranges).map(|(number, range)| Share {
        number,
        room: room.take(memory_of(runs, &range)),
        range,
    });
    let encode = |share| -> Result<_, Error> {
        let Share {
            number,
            range,
            mut room,
        } = share;
        let spool = workspace.spool(&format!("terms-{number}"), 2 * thresholds.range_bytes);
        let (terms, counts) = encode_range(runs, &range, encoder, thresholds, spool)?;
        room.keep(terms.memory());
        Ok((terms, counts, room))
    };
    let mut counts = Counts::default();
    in_order(shares, encode, |encoded| {
        let (terms, own, _room) = encoded?;
        counts.add(own);
        terms.put_into(writer)?;
        progress.advance(1);
        Ok(())
    })?;
    Ok(counts)
}

/// Keys that are encoded together.
struct Share<'r> {
    /// Counted from 0.
    number: u32,
    range: KeyRange,
    room: Taken<'r>,
}

/// Bytes that encoding a range takes: a window of each run, numbers for each document
/// ([`RangeLists`]), and at most one list in memory. By calculation, that is six times as long as its
/// bytes in the runs, but of each document there are not more than 28 bytes: its positions go ahead.
fn memory_of(runs: &Runs, range: &KeyRange) -> u64 {
    let (documents, bytes) = (runs.lengths.len() as u64, runs.range_bytes(range));
    let windows = (runs.len() * WINDOW) as u64;
    let sums = RangeLists::memory(documents, range.may_have_words());
    windows + sums + (6 * bytes).min(28 * documents + 2 * bytes)
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
struct Terms {
    keys: String,
    bytes: Vec<u8>,
    rows: Vec<Term>,
    /// Of lists that have parts that need a place.
    payloads: Spool,
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
    /// It has parts that need a place; where their payloads begin.
    Long(Box<EncodedList>, u64),
}

impl Terms {
    fn new(payloads: Spool) -> Self {
        Self {
            keys: String::new(),
            bytes: Vec::new(),
            rows: Vec::new(),
            payloads,
            spare: BitWriter::default(),
        }
    }

    fn len(&self) -> usize {
        self.rows.len()
    }

    /// Bytes that they take while they wait.
    fn memory(&self) -> u64 {
        let rows = self.rows.capacity() * size_of::<Term>();
        (rows + self.keys.capacity() + self.bytes.capacity()) as u64 + self.payloads.memory()
    }

    /// Puts a term before others. Its first payloads may be there already, from a place on.
    fn insert(
        &mut self,
        at: usize,
        key: &str,
        mut list: EncodedList,
        ahead: Option<u64>,
    ) -> Result<(), Error> {
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
            let start = self.payloads.append(list.take_payloads())?;
            TermList::Long(Box::new(list), ahead.unwrap_or(start))
        };
        self.rows.insert(at, Term { key, list });
        Ok(())
    }

    fn put_into(self, writer: &mut SegmentWriter) -> Result<(), Error> {
        for Term { key, list } in self.rows {
            let key = &self.keys[key];
            match list {
                TermList::Here(start, bits) => {
                    writer.term(key, Bits::new(&self.bytes[start..], bits))?;
                }
                TermList::Long(list, start) => {
                    let part = start..start + list.apart_bytes() as u64;
                    let mut payloads = SpoolReader::new(&self.payloads, part, WINDOW);
                    writer.long_term(key, *list, &mut payloads)?;
                }
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
    /// Of the character or the beginnings whose keys are being read.
    range_lists: RangeLists,
    thresholds: Thresholds,
    /// From how many positions on those of a list are encoded ahead.
    ahead: usize,
    counts: Counts,
}

impl<'e> EncodedRange<'e> {
    fn new(
        runs: &'e Runs,
        encoder: &'e PostingsEncoder,
        thresholds: Thresholds,
        payloads: Spool,
    ) -> Self {
        Self {
            encoder,
            lengths: &runs.lengths,
            terms: Terms::new(payloads),
            range_lists: RangeLists::new(encoder.tuning.documents),
            thresholds,
            ahead: ahead::threshold(thresholds.positions, encoder, thresholds.bare_units),
            counts: Counts::default(),
        }
    }

    /// Makes room in a list that is going to be longer, if it has many positions.
    fn send_ahead(&mut self, list: &mut Occurrences) -> Result<(), Error> {
        if list.gaps.len() < self.ahead {
            return Ok(());
        }
        list.forget_symbols();
        let (frequencies, gaps) = (&list.frequencies, &mut list.gaps);
        (list.ahead).add(frequencies, gaps, self.encoder, &mut self.terms.payloads)
    }

    /// A new key comes. What belongs before it is written now: its own positions may go ahead, and
    /// all that a list has in the spool lies in a row.
    fn begin_term(&mut self, key: &[u8]) -> Result<(), Error> {
        while let Some(finished) = self.range_lists.leave(key, self.thresholds.heavy_bytes) {
            self.put_sums(finished)?;
        }
        let key = String::from_utf8_lossy(key);
        self.range_lists.begin(&key, self.terms.len());
        Ok(())
    }

    fn finish_term(&mut self, key: &[u8], list: &mut Occurrences) -> Result<(), Error> {
        if !list.documents.is_empty() {
            self.push(key, list)?;
            list.clear();
        }
        Ok(())
    }

    fn push(&mut self, key: &[u8], list: &mut Occurrences) -> Result<(), Error> {
        let text = String::from_utf8_lossy(key);
        if facet::is_key(&text) {
            let encoded = self.encoder.encode_facet(&list.documents);
            self.counts.facet_values += 1;
            return self.terms.insert(self.terms.len(), &text, encoded, None);
        }
        check_count(&text, list.count)?;
        let positions = if !list.ahead.is_empty() {
            self.finish_ahead(list)?;
            Positions::Ahead(list.ahead.chunks())
        } else if self.is_bare(&text, list) {
            Positions::Bare(&list.behind_symbols)
        } else {
            Positions::All(&list.gaps)
        };
        let spare = std::mem::take(&mut self.terms.spare);
        let list_of_text = List {
            documents: &list.documents,
            frequencies: &list.frequencies,
            positions,
        };
        let encoded = self.encoder.encode_in(spare, list_of_text);
        let bytes = (encoded.bytes(), encoded.apart_bytes());
        self.range_lists.add(&text, list, bytes.0, bytes.1);
        self.counts.add(Counts {
            grams: 1,
            facet_values: 0,
            postings: list.documents.len() as u64,
            positions: list.count,
        });
        let ahead = list.ahead.start();
        self.terms.insert(self.terms.len(), &text, encoded, ahead)
    }

    /// Sends the rest after what went ahead.
    fn finish_ahead(&mut self, list: &mut Occurrences) -> Result<(), Error> {
        let payloads = &mut self.terms.payloads;
        let (frequencies, gaps) = (&list.frequencies, &mut list.gaps);
        list.ahead.add(frequencies, gaps, self.encoder, payloads)?;
        let size = (list.documents.len() as u32, list.count);
        list.ahead.finish(size, self.encoder, payloads)
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

    /// Puts the list of a character or a beginning before those of its keys, if it is worth it, and its count.
    fn put_sums(&mut self, Finished { at, count, list }: Finished) -> Result<(), Error> {
        if let Some(SumList {
            key,
            documents,
            frequencies,
        }) = list
        {
            check_count(&key, frequencies.iter().map(|&f| u64::from(f)).sum())?;
            let encoded = self.encoder.encode(List {
                documents: &documents,
                frequencies: &frequencies,
                positions: Positions::None,
            });
            self.terms.insert(at, &key, encoded, None)?;
        }
        let Some(Count { key, documents }) = count else {
            return Ok(());
        };
        let documents = u32::try_from(documents).unwrap_or(u32::MAX);
        let encoded = self.encoder.encode_count(documents);
        self.terms.insert(at, &key, encoded, None)
    }

    fn finish(mut self) -> Result<(Terms, Counts), Error> {
        while let Some(finished) = self.range_lists.close(self.thresholds.heavy_bytes) {
            self.put_sums(finished)?;
        }
        Ok((self.terms, self.counts))
    }
}

/// A list notes in 32 bits how often its key stands in the text.
fn check_count(key: &str, count: u64) -> Result<(), Error> {
    if count <= u64::from(u32::MAX) {
        return Ok(());
    }
    let key = display_key(key);
    Err(Error::ListTooLong { key, count })
}

fn encode_range(
    runs: &Runs,
    range: &KeyRange,
    encoder: &PostingsEncoder,
    thresholds: Thresholds,
    payloads: Spool,
) -> Result<(Terms, Counts), Error> {
    let mut encoded = EncodedRange::new(runs, encoder, thresholds, payloads);
    let (mut key, mut list) = (Vec::new(), Occurrences::default());
    walk(runs.readers(0..runs.len(), range), range, |next, reader| {
        if next != key {
            encoded.finish_term(&key, &mut list)?;
            encoded.begin_term(next)?;
            key.clear();
            key.extend_from_slice(next);
        }
        reader.list(&mut list)?;
        encoded.send_ahead(&mut list)
    })?;
    encoded.finish_term(&key, &mut list)?;
    encoded.finish()
}
