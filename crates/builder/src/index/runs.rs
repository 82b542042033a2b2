//! All runs of a build, in memory or on disk, and how they are read back.

use std::ops::Range;

use backfile_core::format::postings::BehindSymbols;
use backfile_core::text::{Alphabet, Class, FoldTable};

use super::ahead::Ahead;
use super::run::{Run, SortedLists, varint};
use crate::error::Error;
use crate::spool::{Spool, SpoolReader};

/// Bytes that are fetched at a time from one run.
pub(super) const WINDOW: usize = 16 << 10;

/// Runs in the order of their documents.
#[derive(Debug)]
pub(super) struct Runs {
    spool: Spool,
    runs: Vec<Placed>,
    /// The occurrences of all keys.
    pub(super) occurrences: u64,
    /// Units in each document.
    pub(super) lengths: Vec<u32>,
    /// All folded characters.
    pub(super) alphabet: Alphabet,
    /// All characters before folding.
    pub(super) originals: Alphabet,
    /// Values of metadata that are too long for a key.
    pub(super) long_values: u64,
}

/// A run without its bytes.
#[derive(Debug)]
struct Placed {
    first: u32,
    start: u64,
    end: u64,
    marks: Vec<(Box<[u8]>, u64)>,
}

/// The keys from one to another, the second not included. The default is all of them.
#[derive(Debug, Default)]
pub(super) struct KeyRange {
    /// `None` is before the first key.
    pub(super) from: Option<Box<[u8]>>,
    /// `None` is behind the last key.
    pub(super) to: Option<Box<[u8]>>,
}

impl KeyRange {
    /// False if it begins behind all scripts with words, but for a few of the rarest.
    pub(super) fn may_have_words(&self) -> bool {
        const IDEOGRAPHS: &str = "\u{2E80}";
        let from = self.from.as_deref().unwrap_or_default();
        from < IDEOGRAPHS.as_bytes()
    }
}

impl Runs {
    pub(super) fn new(spool: Spool) -> Self {
        Self {
            spool,
            runs: Vec::new(),
            occurrences: 0,
            lengths: Vec::new(),
            alphabet: Alphabet::default(),
            originals: Alphabet::default(),
            long_values: 0,
        }
    }

    /// Takes the next run.
    pub(super) fn add(&mut self, run: Run) -> Result<(), Error> {
        self.occurrences += run.occurrences;
        self.lengths.extend_from_slice(&run.lengths);
        self.alphabet.merge(&run.alphabet);
        self.originals.merge(&run.originals);
        self.long_values += run.long_values;
        self.add_lists(run.first, run.lists)
    }

    pub(super) fn add_lists(&mut self, first: u32, lists: SortedLists) -> Result<(), Error> {
        let len = lists.bytes.len() as u64;
        let start = self.spool.append(lists.bytes)?;
        self.runs.push(Placed {
            first,
            start,
            end: start + len,
            marks: lists.marks,
        });
        Ok(())
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.runs.len()
    }

    /// Those that follow one another and have about so many bytes together, or one that has more.
    pub(super) fn neighbours(&self, bytes: u64) -> Vec<Range<usize>> {
        let mut groups: Vec<Range<usize>> = Vec::new();
        let mut start = 0;
        for (at, run) in self.runs.iter().enumerate() {
            match groups.last_mut() {
                Some(group) if run.end - start <= bytes => group.end = at + 1,
                _ => {
                    groups.push(at..at + 1);
                    start = run.start;
                }
            }
        }
        groups
    }

    /// The number of the first document in a run.
    pub(super) fn first_document(&self, run: usize) -> u32 {
        self.runs[run].first
    }

    /// Bytes of some runs.
    pub(super) fn bytes_of(&self, runs: &Range<usize>) -> u64 {
        self.runs[runs.clone()]
            .iter()
            .map(|run| run.end - run.start)
            .sum()
    }

    /// Puts the same lists in fewer runs in the place of those that are there.
    pub(super) fn replace(&mut self, by: Self) {
        (self.spool, self.runs) = (by.spool, by.runs);
    }

    /// Bytes of all runs.
    pub(super) fn bytes(&self) -> u64 {
        self.runs.last().map_or(0, |run| run.end)
    }

    /// Cuts the keys into ranges of about so many bytes in all runs together. Keys that begin with
    /// the same character stay together, if there may be a list for all of them ([`super::range_list`]).
    pub(super) fn ranges(&self, bytes: u64, table: &FoldTable) -> Vec<KeyRange> {
        let marks = self.runs.iter().flat_map(|run| &run.marks);
        let mut keys: Vec<&[u8]> = marks.map(|(key, _)| &**key).collect();
        keys.sort_unstable();
        let count = self.bytes().div_ceil(bytes.max(1)).max(1) as usize;
        let mut bounds: Vec<&[u8]> = (1..count)
            .filter_map(|part| keys.get(keys.len() * part / count).copied())
            .map(|key| first_character(key, table).map_or(key, |c| &key[..c.len_utf8()]))
            .collect();
        bounds.dedup();
        let bounds = bounds.into_iter().map(|key| Some(key.into()));
        let mut before: Option<Box<[u8]>> = None;
        let ranges = bounds.chain([None]).map(|bound: Option<Box<[u8]>>| {
            let from = before.take();
            before.clone_from(&bound);
            KeyRange { from, to: bound }
        });
        ranges.collect()
    }

    /// Bytes of a range in all runs together, about.
    pub(super) fn range_bytes(&self, range: &KeyRange) -> u64 {
        let of_run = |run: &Placed| {
            let is_below = |key: &[u8]| range.to.as_deref().is_some_and(|to| key < to);
            let behind = run.marks.partition_point(|(key, _)| is_below(key));
            let end = match run.marks.get(behind) {
                Some((_, at)) if range.to.is_some() => *at,
                _ => run.end - run.start,
            };
            end.saturating_sub(run.mark_before(range))
        };
        self.runs.iter().map(of_run).sum()
    }

    /// A reader for each of some runs, before the first key of a range.
    pub(super) fn readers(&self, runs: Range<usize>, range: &KeyRange) -> Vec<RunReader<'_>> {
        let reader = |run: &Placed| {
            let part = run.start + run.mark_before(range)..run.end;
            RunReader {
                first: run.first,
                bytes: SpoolReader::new(&self.spool, part, WINDOW),
            }
        };
        self.runs[runs].iter().map(reader).collect()
    }
}

impl Placed {
    /// Where to begin to read for a range, counted from the run's start.
    fn mark_before(&self, range: &KeyRange) -> u64 {
        let Some(from) = range.from.as_deref() else {
            return 0;
        };
        let behind = self.marks.partition_point(|(key, _)| **key <= *from);
        self.marks[..behind].last().map_or(0, |(_, at)| *at)
    }
}

/// Walks through the terms of a run.
#[derive(Debug)]
pub(super) struct RunReader<'r> {
    /// The document that its lists count from.
    pub(super) first: u32,
    bytes: SpoolReader<'r>,
}

/// Documents, how often, and where: the list of a term, decoded.
#[derive(Debug, Default)]
pub(super) struct Occurrences {
    pub(super) documents: Vec<u32>,
    pub(super) frequencies: Vec<u32>,
    /// The sum of all frequencies.
    pub(super) count: u64,
    /// Positions as gaps, but for those that went ahead.
    pub(super) gaps: Vec<u32>,
    pub(super) ahead: Ahead,
    /// Those that a symbol stands before; of no use where some went ahead.
    pub(super) behind_symbols: BehindSymbols,
}

impl Occurrences {
    pub(super) fn clear(&mut self) {
        self.documents.clear();
        self.frequencies.clear();
        self.count = 0;
        self.gaps.clear();
        self.ahead = Ahead::default();
        self.forget_symbols();
    }

    pub(super) fn forget_symbols(&mut self) {
        self.behind_symbols.numbers.clear();
        self.behind_symbols.positions.clear();
    }
}

impl RunReader<'_> {
    /// Puts the next key in the place of `key`; false behind the last.
    pub(super) fn key(&mut self, key: &mut Vec<u8>) -> Result<bool, Error> {
        if self.bytes.is_at_end() {
            return Ok(false);
        }
        let bytes = self.list_bytes()?;
        key.clear();
        key.extend_from_slice(bytes);
        Ok(true)
    }

    /// Appends the list of the key that was read last.
    pub(super) fn list(&mut self, out: &mut Occurrences) -> Result<(), Error> {
        let mut expected = self.first;
        let mut bytes = self.list_bytes()?;
        while !bytes.is_empty() {
            let head = varint(&mut bytes);
            let document = expected + (head >> 1) as u32;
            expected = document + 1;
            let several = head & 1 == 1;
            let frequency = if several { varint(&mut bytes) } else { 1 };
            out.documents.push(document);
            out.frequencies.push(frequency as u32);
            out.count += frequency;
            let (mut position, mut free) = (0, 0);
            for _ in 0..frequency {
                let place = varint(&mut bytes);
                position += (place >> 1) as u32;
                if place & 1 == 1 {
                    out.behind_symbols.numbers.push(out.gaps.len() as u32);
                    out.behind_symbols.positions.push(position);
                }
                out.gaps.push(position - free);
                free = position + 1;
            }
        }
        Ok(())
    }

    /// Passes over the list of the key that was read last.
    pub(super) fn skip_list(&mut self) -> Result<(), Error> {
        let len = self.len()?;
        self.bytes.advance(len);
        Ok(())
    }

    /// The list of the key that was read last, as it lies there.
    pub(super) fn list_bytes(&mut self) -> Result<&[u8], Error> {
        let len = self.len()?;
        self.bytes.take(len)
    }

    fn len(&mut self) -> Result<usize, Error> {
        const LONGEST_VARINT: usize = 10;
        let all = self.bytes.peek(LONGEST_VARINT)?;
        let mut rest = all;
        let len = varint(&mut rest) as usize;
        let own = all.len() - rest.len();
        self.bytes.advance(own);
        Ok(len)
    }
}

/// The character that a key of text begins with, unless that is a symbol.
fn first_character(key: &[u8], table: &FoldTable) -> Option<char> {
    let first = key.utf8_chunks().next()?.valid().chars().next()?;
    matches!(table.class(first), Class::Solo | Class::Word).then_some(first)
}
