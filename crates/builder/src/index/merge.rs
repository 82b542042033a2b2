//! Runs to postings and dictionary.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use backfile_core::format::dictionary::DictionaryWriter;
use backfile_core::format::postings::{List, LongStreams, PostingsWriter, Tuning};
use backfile_core::format::terms::TermsWriter;

use super::layout::Layout;
use super::run::{Occurrence, Run};

/// The term dictionary and its postings, in blocks.
pub(super) struct Terms {
    pub(super) blocks: Vec<Vec<u8>>,
    pub(super) dictionary: Vec<u8>,
    pub(super) streams: LongStreams,
    pub(super) grams: u64,
    pub(super) postings: u64,
    pub(super) positions: u64,
}

/// Walks through the keys of all runs in order. Runs follow one another in documents, so the
/// list of a key is that of the first run that has it, then that of the next.
pub(super) fn merge(runs: &[Run], tuning: Tuning, layout: &Layout) -> Terms {
    let mut writer = Writer::new(tuning, layout);
    let mut heads: BinaryHeap<Reverse<(&str, usize, usize)>> = BinaryHeap::new();
    let head = |run: usize, at: usize| {
        let key = runs[run].keys.get(at)?;
        Some(Reverse((&**key, run, at)))
    };
    heads.extend((0..runs.len()).filter_map(|run| head(run, 0)));
    while let Some(Reverse((key, run, at))) = heads.pop() {
        writer.begin(key);
        writer.add(runs[run].occurrences(at));
        heads.extend(head(run, at + 1));
        if heads.peek().is_none_or(|Reverse((next, ..))| *next != key) {
            writer.finish_term(key);
        }
    }
    writer.finish()
}

struct Writer {
    layout: Layout,
    postings: PostingsWriter,
    terms: TermsWriter,
    dictionary: DictionaryWriter,
    blocks: Vec<Vec<u8>>,
    /// The last key of the leaf that was closed, until the next one has a first key.
    closed_with: Option<Vec<u8>>,
    list: OwnedList,
    record: Vec<u8>,
    counts: [u64; 3],
}

/// The list of the current term.
#[derive(Default)]
struct OwnedList {
    documents: Vec<u32>,
    frequencies: Vec<u32>,
    positions: Vec<u32>,
}

impl Writer {
    fn new(tuning: Tuning, layout: &Layout) -> Self {
        Self {
            layout: *layout,
            postings: PostingsWriter::new(tuning, layout.long_list_bytes),
            terms: TermsWriter::default(),
            dictionary: DictionaryWriter::default(),
            blocks: Vec::new(),
            closed_with: None,
            list: OwnedList::default(),
            record: Vec::new(),
            counts: [0; 3],
        }
    }

    fn begin(&mut self, key: &str) {
        if let Some(last) = self.closed_with.take() {
            self.dictionary.bound(&last, key.as_bytes());
        }
    }

    fn add(&mut self, occurrences: &[Occurrence]) {
        let list = &mut self.list;
        for occurrence in occurrences {
            match list.frequencies.last_mut() {
                Some(frequency) if list.documents.last() == Some(&occurrence.document) => {
                    *frequency += 1;
                }
                _ => {
                    list.documents.push(occurrence.document);
                    list.frequencies.push(1);
                }
            }
            list.positions.push(occurrence.position);
        }
    }

    fn finish_term(&mut self, key: &str) {
        let list = &mut self.list;
        self.record.clear();
        let whole = List {
            documents: &list.documents,
            frequencies: &list.frequencies,
            positions: &list.positions,
        };
        self.postings.write(whole, &mut self.record);
        self.terms.push(key.as_bytes(), &self.record);
        let [grams, postings, positions] = &mut self.counts;
        *grams += 1;
        *postings += list.documents.len() as u64;
        *positions += list.positions.len() as u64;
        list.documents.clear();
        list.frequencies.clear();
        list.positions.clear();
        if self.terms.len() >= self.layout.terms_block_bytes {
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
        let [grams, postings, positions] = self.counts;
        Terms {
            blocks: self.blocks,
            dictionary: self.dictionary.finish(),
            streams: self.postings.streams,
            grams,
            postings,
            positions,
        }
    }
}
