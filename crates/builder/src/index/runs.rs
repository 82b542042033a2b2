//! All runs of a build, in memory or on disk, and how they are read back.

use backfile_core::format::postings::BehindSymbols;
use backfile_core::text::{Alphabet, Class, FoldTable};

use super::run::Run;
use crate::error::Error;
use crate::spool::Spool;

/// Bytes that are fetched at a time from one run.
const WINDOW: usize = 16 << 10;

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

/// From one key to another, the second not included; `None` is before the first and behind the
/// last.
pub(super) type KeyRange = (Option<Box<[u8]>>, Option<Box<[u8]>>);

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
        let len = run.bytes.len() as u64;
        let start = self.spool.append(run.bytes)?;
        self.runs.push(Placed {
            first: run.first,
            start,
            end: start + len,
            marks: run.marks,
        });
        Ok(())
    }

    /// Bytes of all runs.
    pub(super) fn bytes(&self) -> u64 {
        self.runs.last().map_or(0, |run| run.end)
    }

    /// Cuts the keys into ranges of about so many bytes in all runs together. The keys that begin
    /// with one character stay together, if it is one that gets a list of its own.
    pub(super) fn ranges(&self, bytes: u64, table: &FoldTable) -> Vec<KeyRange> {
        let marks = self.runs.iter().flat_map(|run| &run.marks);
        let mut keys: Vec<&[u8]> = marks.map(|(key, _)| &**key).collect();
        keys.sort_unstable();
        let count = self.bytes().div_ceil(bytes.max(1)).max(1) as usize;
        let mut bounds: Vec<&[u8]> = (1..count)
            .filter_map(|part| keys.get(keys.len() * part / count).copied())
            .map(|key| solo(key, table).map_or(key, |c| &key[..c.len_utf8()]))
            .collect();
        bounds.dedup();
        let bounds = bounds.into_iter().map(|key| Some(key.into()));
        let mut before: Option<Box<[u8]>> = None;
        let ranges = bounds.chain([None]).map(|bound: Option<Box<[u8]>>| {
            let range = (before.take(), bound.clone());
            before = bound;
            range
        });
        ranges.collect()
    }

    /// A reader for each run, before the first key of a range.
    pub(super) fn readers(&self, range: &KeyRange) -> Vec<RunReader<'_>> {
        let reader = |run: &Placed| {
            let from = range.0.as_deref().map_or(0, |from| {
                let behind = run.marks.partition_point(|(key, _)| **key <= *from);
                run.marks[..behind].last().map_or(0, |(_, at)| *at)
            });
            RunReader {
                spool: &self.spool,
                first: run.first,
                next: run.start + from,
                end: run.end,
                window: Vec::new(),
                at: 0,
            }
        };
        self.runs.iter().map(reader).collect()
    }
}

/// Walks through the terms of a run.
#[derive(Debug)]
pub(super) struct RunReader<'r> {
    spool: &'r Spool,
    first: u32,
    /// What comes behind the window.
    next: u64,
    end: u64,
    window: Vec<u8>,
    at: usize,
}

/// Documents, how often, and where: the list of a term, decoded.
#[derive(Debug, Default)]
pub(super) struct Occurrences {
    pub(super) documents: Vec<u32>,
    pub(super) frequencies: Vec<u32>,
    pub(super) positions: Vec<u32>,
    /// Those that a symbol stands before.
    pub(super) behind_symbols: BehindSymbols,
}

impl Occurrences {
    pub(super) fn clear(&mut self) {
        self.documents.clear();
        self.frequencies.clear();
        self.positions.clear();
        self.behind_symbols.numbers.clear();
        self.behind_symbols.positions.clear();
    }
}

impl RunReader<'_> {
    /// Puts the next key in the place of `key`; false behind the last.
    pub(super) fn key(&mut self, key: &mut Vec<u8>) -> Result<bool, Error> {
        if self.at == self.window.len() && self.next == self.end {
            return Ok(false);
        }
        let bytes = self.counted()?;
        key.clear();
        key.extend_from_slice(bytes);
        Ok(true)
    }

    /// Appends the list of the key that was read last.
    pub(super) fn list(&mut self, out: &mut Occurrences) -> Result<(), Error> {
        let first = self.first;
        let mut bytes = self.counted()?;
        let mut expected = first;
        while !bytes.is_empty() {
            let head = varint(&mut bytes);
            let document = expected + (head >> 1) as u32;
            expected = document + 1;
            let several = head & 1 == 1;
            let frequency = if several { varint(&mut bytes) } else { 1 };
            out.documents.push(document);
            out.frequencies.push(frequency as u32);
            let mut position = 0;
            for _ in 0..frequency {
                let place = varint(&mut bytes);
                position += (place >> 1) as u32;
                if place & 1 == 1 {
                    out.behind_symbols.numbers.push(out.positions.len() as u32);
                    out.behind_symbols.positions.push(position);
                }
                out.positions.push(position);
            }
        }
        Ok(())
    }

    /// Passes over the list of the key that was read last.
    pub(super) fn skip_list(&mut self) -> Result<(), Error> {
        self.counted().map(drop)
    }

    /// Bytes with their number before them.
    fn counted(&mut self) -> Result<&[u8], Error> {
        const LONGEST_VARINT: usize = 10;
        self.fill(LONGEST_VARINT)?;
        let mut rest = &self.window[self.at..];
        let len = varint(&mut rest) as usize;
        self.at = self.window.len() - rest.len();
        self.fill(len)?;
        let bytes = self.window.get(self.at..self.at + len);
        self.at += len;
        bytes.ok_or_else(|| self.spool.damaged("a run ends too early"))
    }

    /// Sees to it that so many bytes are in the window, if there are so many.
    fn fill(&mut self, bytes: usize) -> Result<(), Error> {
        let lacks = bytes.saturating_sub(self.window.len() - self.at);
        let left = self.end - self.next;
        if lacks == 0 || left == 0 {
            return Ok(());
        }
        self.window.drain(..self.at);
        self.at = 0;
        let len = (lacks.max(WINDOW) as u64).min(left) as usize;
        self.spool.read(self.next, len, &mut self.window)?;
        self.next += len as u64;
        Ok(())
    }
}

/// The character that a key begins with, if it is one of a script without spaces.
pub(super) fn solo(key: &[u8], table: &FoldTable) -> Option<char> {
    let first = key.utf8_chunks().next()?.valid().chars().next()?;
    (table.class(first) == Class::Solo).then_some(first)
}

/// The number at the start of `bytes`, which then begin behind it. Past the end there are zeros.
#[inline]
fn varint(bytes: &mut &[u8]) -> u64 {
    match **bytes {
        // Nearly all have a byte or two, and which of them is a toss: so there is no branch for it.
        [first, second, ..] if first & second < 0x80 => {
            let has_second = first >= 0x80;
            let high = if has_second { second } else { 0 };
            *bytes = &bytes[1 + usize::from(has_second)..];
            u64::from(first & 0x7F) | u64::from(high) << 7
        }
        _ => long_varint(bytes),
    }
}

fn long_varint(bytes: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0);
    while let Some((&byte, rest)) = bytes.split_first() {
        *bytes = rest;
        value |= u64::from(byte & 0x7F) << shift;
        shift += 7;
        if byte < 0x80 || shift > 63 {
            break;
        }
    }
    value
}
