//! Postings: in which documents a term stands, how often, and where.
//!
//! A list is a row of bits behind its key, in the leaf ([`super::terms`]). Most lists are tiny
//! and end there. Of a longer one the positions, and of a very long one the documents as well,
//! lie **apart**, in streams of their own and in **chunks** of [`CHUNK`] documents, so that
//! neither the neighbours in the leaf pay for it nor a query that needs few of its chunks. A
//! **bare** list has hardly any positions ([`BehindSymbols`]): the texts of its documents have them.
//! Documents and frequencies are in the interpolative code ([`super::interpolative`]), gaps
//! between positions in the Rice code ([`super::bits`]).

use std::ops::Range;

use super::bits::{BitReader, BitWriter, best_parameter, rice_bits, rice_parameter};
use super::interpolative;
use super::stream::{Addresses, SEAL_BYTES, StreamKind};
use crate::{Error, facet, gram};

/// Documents in a full chunk.
pub const CHUNK: usize = 512;
/// That many numbers store their own Rice parameter in 5 bits; fewer take what the list's mean
/// suggests.
const OWN_PARAMETER: usize = 16;
const PARAMETER_BITS: u32 = 5;
/// A list with fewer occurrences than this never has parts that lie apart.
const SHORT: u64 = 64;
/// Bytes that most short lists take no more than.
const SHORT_BYTES: usize = 32;

/// What the codes of a whole segment are tuned with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tuning {
    /// Documents in the segment.
    pub documents: u32,
    /// Units in an average document.
    pub average_units: u32,
    /// Bytes in a file of the stream of long lists' documents.
    pub documents_file_bytes: u32,
    /// Bytes in a file of the stream of long lists' positions.
    pub positions_file_bytes: u32,
}

/// A list in memory: parallel documents and frequencies, and the gaps between all positions behind one another.
#[derive(Clone, Copy, Debug)]
pub struct List<'l> {
    /// Document numbers, rising.
    pub documents: &'l [u32],
    /// How often the term stands in each; at least 1.
    pub frequencies: &'l [u32],
    /// Where in each document.
    pub positions: Positions<'l>,
}

/// The positions of a list that is to be written.
#[derive(Clone, Copy, Debug)]
pub enum Positions<'l> {
    /// For each document its positions as gaps: the first from the document's start, each other one from what is behind
    /// the one before ([`add_up`]).
    All(&'l [u32]),
    /// The same, but those of all chunks have been encoded ahead of the list ([`PostingsEncoder::positions_ahead`]): so many
    /// bytes each.
    Ahead(&'l [u32]),
    /// None: nobody will ask for them.
    None,
    /// The list is bare: the texts of its documents will be asked. It has those positions that are
    /// behind a symbol.
    Bare(&'l BehindSymbols),
}

/// The occurrences of a pair that a symbol stands before.
///
/// A character behind a symbol that ends a query is found as all pairs that it begins. One bare
/// list has few documents, but all of those together may have very many, so they cannot be left to
/// texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BehindSymbols {
    /// Which they are of all occurrences in the list, from 0, rising.
    pub numbers: Vec<u32>,
    /// The position of each in its document.
    pub positions: Vec<u32>,
}

/// The documents of a chunk and how often the term stands in each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentsChunk {
    /// Document numbers, rising.
    pub documents: Vec<u32>,
    /// As many frequencies.
    pub frequencies: Vec<u32>,
}

/// Where positions are; with the lowest bit of a list's form, where its documents are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PositionsForm {
    Here = 0,
    Apart = 1,
    Nowhere = 2,
    Bare = 3,
}

/// The Rice parameter of positions that are too few for one of their own.
fn position_parameter(tuning: Tuning, documents: u32, occurrences: u64) -> u32 {
    let units = u64::from(tuning.average_units).saturating_mul(u64::from(documents));
    rice_parameter(units, occurrences)
}

// --- writing --------------------------------------------------------------------------------

/// Encodes lists, each on its own: any number of threads may share it.
#[derive(Clone, Copy, Debug)]
pub struct PostingsEncoder {
    /// What the codes are tuned with.
    pub tuning: Tuning,
    /// A list's positions lie apart if it takes more bytes than this.
    pub list_bytes: usize,
    /// Its documents do if they alone take more than this.
    pub documents_bytes: usize,
}

/// A list that has been encoded and may have chunks that need a place.
#[derive(Clone, Debug, Default)]
pub struct EncodedList {
    head: BitWriter,
    /// The last document of each chunk, if documents lie apart.
    last_documents: Vec<u32>,
    /// Bytes of each chunk's positions and of its documents, if they lie apart.
    positions: Vec<u32>,
    documents: Vec<u32>,
    /// Positions of all chunks and then documents of all chunks, without positions that were encoded ahead.
    payloads: Vec<u8>,
}

/// Where chunks that lie apart go: appends an extent's payload to a stream and says its address.
pub trait ExtentSink {
    /// What can go wrong.
    type Error;

    /// Appends.
    ///
    /// # Errors
    /// If the bytes cannot be written.
    fn append(&mut self, kind: StreamKind, payload: &[u8]) -> Result<u64, Self::Error>;
}

impl PostingsEncoder {
    /// Encodes the documents that have a facet value; at least one.
    pub fn encode_facet(&self, documents: &[u32]) -> EncodedList {
        let count = documents.len() as u32;
        let (first, last) = (documents[0], documents[documents.len() - 1]);
        let is_row = last - first + 1 == count;
        let mut head = BitWriter::default();
        head.gamma(count - 1);
        head.bits(u32::from(is_row), 1);
        if is_row {
            interpolative::write(&mut head, &[first], 0, self.tuning.documents - count);
            return EncodedList::here(head);
        }
        let list = List {
            documents,
            frequencies: &vec![1; documents.len()],
            positions: Positions::None,
        };
        self.encode_behind(head, list, ListKind::Facet)
    }

    /// Encodes a character's count: so many documents, at least one.
    pub fn encode_count(&self, documents: u32) -> EncodedList {
        let mut head = BitWriter::default();
        head.gamma(documents - 1);
        EncodedList::here(head)
    }

    /// Encodes a list.
    pub fn encode(&self, list: List<'_>) -> EncodedList {
        self.encode_in(BitWriter::with_capacity(SHORT_BYTES), list)
    }

    /// The same in the memory of a list that is no longer needed: there are millions of short ones.
    pub fn encode_in(&self, mut head: BitWriter, list: List<'_>) -> EncodedList {
        head.clear();
        head.gamma(list.documents.len() as u32 - 1);
        self.encode_behind(head, list, ListKind::Text)
    }

    /// Everything behind the number of documents, and behind what is only of facets.
    fn encode_behind(&self, mut head: BitWriter, list: List<'_>, kind: ListKind) -> EncodedList {
        let count = list.documents.len() as u64;
        let occurrences: u64 = list.frequencies.iter().map(|&f| u64::from(f)).sum();
        let parameter = position_parameter(self.tuning, list.documents.len() as u32, occurrences);
        head.gamma((occurrences - count) as u32);
        let is_bare = matches!(list.positions, Positions::Bare(_));
        match (occurrences < SHORT, kind) {
            (true, ListKind::Text) => head.bits(u32::from(is_bare), 1),
            (true, ListKind::Facet | ListKind::Count | ListKind::Sum) => {}
            (false, _) if is_bare => head.bits((PositionsForm::Bare as u32) << 1, 3),
            (false, _) => return self.encode_long(head, list, occurrences, parameter),
        }
        // Most lists are such, so they are written where they stay.
        self.write_documents(&mut head, list, occurrences);
        match list.positions {
            Positions::All(all) => {
                write_gaps(&mut head, all.iter().copied(), all.len(), parameter);
            }
            Positions::Bare(behind) => behind.write(&mut head, occurrences, parameter),
            Positions::None | Positions::Ahead(_) => {}
        }
        EncodedList::here(head)
    }

    fn encode_long(
        &self,
        mut head: BitWriter,
        list: List<'_>,
        occurrences: u64,
        parameter: u32,
    ) -> EncodedList {
        let mut documents = BitWriter::with_capacity(list.documents.len());
        self.write_documents(&mut documents, list, occurrences);
        let bytes = |bits: usize| bits.div_ceil(8);
        let documents_apart = bytes(documents.len()) > self.documents_bytes;
        let is_long = |gaps| bytes(documents.len() + bits_with_parameter(gaps)) > self.list_bytes;
        let form = match list.positions {
            Positions::All(gaps) if !documents_apart && !is_long(gaps) => PositionsForm::Here,
            Positions::All(_) | Positions::Ahead(_) => PositionsForm::Apart,
            Positions::None | Positions::Bare(_) => PositionsForm::Nowhere,
        };
        head.bits(u32::from(documents_apart), 1);
        head.bits(form as u32, 2);
        if !documents_apart {
            head.append(&documents);
        }
        let mut encoded = EncodedList::here(head);
        match list.positions {
            Positions::All(gaps) if form == PositionsForm::Here => {
                write_gaps(
                    &mut encoded.head,
                    gaps.iter().copied(),
                    gaps.len(),
                    parameter,
                );
            }
            Positions::All(gaps) => encoded.put_positions(list.frequencies, gaps, parameter),
            Positions::Ahead(bytes) => encoded.positions = bytes.to_vec(),
            Positions::None | Positions::Bare(_) => {}
        }
        if documents_apart {
            encoded.put_documents(list);
        }
        encoded
    }

    /// Encodes the positions of a chunk ahead of its list, of which there are too many to be in memory all at once. The
    /// list has so many documents and occurrences; a full chunk need not know.
    ///
    /// The list must be one that is not bare and whose positions lie apart, as those of every list with that many do.
    pub fn positions_ahead(
        &self,
        gaps: impl Iterator<Item = u32> + Clone,
        (documents, occurrences): (u32, u64),
    ) -> Vec<u8> {
        let parameter = position_parameter(self.tuning, documents, occurrences);
        let count = gaps.clone().count();
        let mut bits = BitWriter::with_capacity(count / 2);
        write_gaps(&mut bits, gaps, count, parameter);
        bits.finish()
    }

    fn write_documents(&self, bits: &mut BitWriter, list: List<'_>, occurrences: u64) {
        interpolative::write(bits, list.documents, 0, self.tuning.documents - 1);
        write_frequencies(bits, list.frequencies, occurrences as u32);
    }
}

/// A chunk's documents but for the last, which its list has, and its frequencies.
fn write_chunk(bits: &mut BitWriter, documents: &[u32], frequencies: &[u32], first: u32) {
    let occurrences: u32 = frequencies.iter().sum();
    bits.gamma(occurrences - frequencies.len() as u32);
    if let Some((&last, before)) = documents.split_last() {
        interpolative::write(bits, before, first, last.saturating_sub(1));
    }
    write_frequencies(bits, frequencies, occurrences);
}

/// Frequencies as their sums so far, which rise and end in a number that is known.
fn write_frequencies(bits: &mut BitWriter, frequencies: &[u32], occurrences: u32) {
    if occurrences as usize == frequencies.len() {
        // Once in each document: all sums that there can be, which take no bits.
        return;
    }
    let Some((_, before)) = frequencies.split_last() else {
        return;
    };
    let (mut room, mut more) = ([0; SHORT as usize], Vec::new());
    let sums = match room.get_mut(..before.len()) {
        Some(sums) => sums,
        None => {
            more.resize(before.len(), 0);
            &mut more[..]
        }
    };
    let mut sum = 0;
    for (so_far, &frequency) in sums.iter_mut().zip(before) {
        sum += frequency;
        *so_far = sum;
    }
    interpolative::write(bits, sums, 1, occurrences.saturating_sub(1));
}

fn write_gaps(
    bits: &mut BitWriter,
    gaps: impl Iterator<Item = u32> + Clone,
    count: usize,
    derived: u32,
) {
    if count >= OWN_PARAMETER {
        return write_with_parameter(bits, gaps);
    }
    gaps.for_each(|gap| bits.rice(gap, derived));
}

impl EncodedList {
    fn here(head: BitWriter) -> Self {
        Self {
            head,
            ..Self::default()
        }
    }

    fn put_positions(&mut self, frequencies: &[u32], mut gaps: &[u32], parameter: u32) {
        for frequencies in frequencies.chunks(CHUNK) {
            let count = frequencies.iter().map(|&f| f as usize).sum();
            let (own, rest) = gaps.split_at(count);
            let mut bits = BitWriter::with_capacity(count * 2);
            write_gaps(&mut bits, own.iter().copied(), count, parameter);
            self.positions.push(put_payload(&mut self.payloads, &bits));
            gaps = rest;
        }
    }

    fn put_documents(&mut self, list: List<'_>) {
        let mut first = 0;
        for (documents, frequencies) in
            std::iter::zip(list.documents.chunks(CHUNK), list.frequencies.chunks(CHUNK))
        {
            let mut bits = BitWriter::with_capacity(documents.len());
            write_chunk(&mut bits, documents, frequencies, first);
            self.documents.push(put_payload(&mut self.payloads, &bits));
            let last = documents.last().copied().unwrap_or(0);
            self.last_documents.push(last);
            first = last + 1;
        }
    }

    /// True if no part of it needs a place.
    pub fn is_here(&self) -> bool {
        self.positions.is_empty() && self.documents.is_empty()
    }

    /// Bytes that the list takes, in the leaf and apart.
    pub fn bytes(&self) -> usize {
        self.head.len().div_ceil(8) + self.apart_bytes()
    }

    /// Bytes of it that lie apart.
    pub fn apart_bytes(&self) -> usize {
        let apart = self.positions.iter().chain(&self.documents);
        apart.map(|&bytes| bytes as usize).sum()
    }

    /// The list's bits in the leaf, if all of it is there.
    pub fn into_bits(self) -> BitWriter {
        self.head
    }

    /// Takes its payloads away, to be handed to [`EncodedList::place_from`] behind those that were encoded ahead.
    pub fn take_payloads(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.payloads)
    }

    /// The list's bits in the leaf; chunks that lie apart go to the sink first.
    ///
    /// # Errors
    /// If the sink fails.
    pub fn place<S: ExtentSink>(mut self, sink: &mut S) -> Result<BitWriter, S::Error> {
        let payloads = self.take_payloads();
        let mut rest = &payloads[..];
        let next = |bytes, payload: &mut Vec<u8>| {
            let (own, behind) = rest.split_at(bytes);
            payload.extend_from_slice(own);
            rest = behind;
            Ok(())
        };
        self.place_from(next, sink)
    }

    /// The same with payloads that are somewhere else: `next` appends the next so many bytes of them.
    ///
    /// # Errors
    /// If the sink fails, or `next` does.
    pub fn place_from<S: ExtentSink>(
        mut self,
        mut next: impl FnMut(usize, &mut Vec<u8>) -> Result<(), S::Error>,
        sink: &mut S,
    ) -> Result<BitWriter, S::Error> {
        let mut place = |kind, sizes: &[u32]| {
            let (mut first, mut payload) = (None, Vec::new());
            for &bytes in sizes {
                payload.clear();
                next(bytes as usize, &mut payload)?;
                let address = sink.append(kind, &payload)?;
                first.get_or_insert(address);
            }
            Ok(first.unwrap_or(0))
        };
        let positions = place(StreamKind::LongPositions, &self.positions)?;
        let documents = place(StreamKind::LongDocuments, &self.documents)?;
        if !self.documents.is_empty() {
            let starts = std::iter::once(&0).chain(&self.last_documents);
            let spans = self.last_documents.iter().zip(starts);
            let spans = spans.map(|(last, start)| last - start);
            write_with_parameter(&mut self.head, spans);
            write_extents(&mut self.head, documents, &self.documents);
        }
        if !self.positions.is_empty() {
            write_extents(&mut self.head, positions, &self.positions);
        }
        Ok(self.head)
    }
}

/// Appends a payload and says how long it is.
fn put_payload(payloads: &mut Vec<u8>, payload: &BitWriter) -> u32 {
    payloads.extend_from_slice(payload.as_bytes());
    payload.as_bytes().len() as u32
}

/// Notes the address of the first extent and the sizes of all. Nothing comes between them, so the other addresses follow
/// from the rule of the stream.
fn write_extents(bits: &mut BitWriter, first: u64, sizes: &[u32]) {
    bits.gamma((first >> 32) as u32);
    bits.bits(first as u32, 32);
    write_with_parameter(bits, sizes.iter().copied());
}

/// The bits that [`write_with_parameter`] takes.
fn bits_with_parameter(values: &[u32]) -> usize {
    let k = best_parameter(values.iter().copied());
    let bits = values.iter().map(|&value| rice_bits(value, k) as usize);
    PARAMETER_BITS as usize + bits.sum::<usize>()
}

fn write_with_parameter(bits: &mut BitWriter, values: impl Iterator<Item = u32> + Clone) {
    let k = best_parameter(values.clone());
    bits.bits(k, PARAMETER_BITS);
    values.for_each(|value| bits.rice(value, k));
}

// --- reading --------------------------------------------------------------------------------

/// Where an extent lies in its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Where it begins.
    pub address: u64,
    /// How long it is, checksum included.
    pub bytes: u32,
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part<T> {
    /// It was in the leaf.
    Here(T),
    /// It is to be fetched.
    Apart(Extent),
    /// The list has none.
    Nowhere,
}

impl<T> Part<T> {
    /// Bytes that are to be fetched.
    pub fn far_bytes(&self) -> u32 {
        match self {
            Self::Apart(extent) => extent.bytes,
            Self::Here(_) | Self::Nowhere => 0,
        }
    }
}

/// Up to [`CHUNK`] documents of a list (all of them, if its positions are in the leaf).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// The document before the chunk's first, if any.
    before: Option<u32>,
    /// The chunk's last document.
    pub last_document: u32,
    count: u32,
    /// Documents and frequencies; in [`StreamKind::LongDocuments`] if apart.
    pub documents: Part<DocumentsChunk>,
    /// Positions; in [`StreamKind::LongPositions`] if apart.
    pub positions: Part<Vec<u32>>,
}

impl Chunk {
    /// The lowest document that the chunk can hold.
    pub fn first_possible(&self) -> u32 {
        self.before.map_or(0, |last| last.saturating_add(1))
    }

    /// How many of its documents are among these, if they are spread evenly.
    pub fn documents_within(&self, documents: &Range<u32>) -> u64 {
        let (first, behind) = (self.first_possible(), self.last_document.saturating_add(1));
        let common = behind
            .min(documents.end)
            .saturating_sub(first.max(documents.start));
        let all = behind.saturating_sub(first).max(1);
        (u64::from(self.count) * u64::from(common)).div_ceil(all.into())
    }
}

/// A list as it stands in its leaf.
#[derive(Clone, Debug)]
pub struct PostingsList {
    documents: u32,
    occurrences: u64,
    position_parameter: u32,
    /// If the list is bare.
    behind_symbols: Option<BehindSymbols>,
    /// In the order of the documents.
    pub chunks: Vec<Chunk>,
}

/// What a list is about; its key says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// Text: documents, frequencies, positions.
    Text,
    /// A value of a facet: documents.
    Facet,
    /// A character's count: the number of documents and nothing more.
    Count,
    /// The sum of a beginning of words: the same, but a document counts once for each of its words.
    Sum,
}

impl ListKind {
    /// That of a key's list.
    pub fn of(key: &str) -> Self {
        if facet::is_key(key) {
            Self::Facet
        } else if key.ends_with(gram::BEGINNING_SUM) {
            Self::Sum
        } else if key.ends_with(gram::COUNT) {
            Self::Count
        } else {
            Self::Text
        }
    }
}

impl PostingsList {
    /// The list of documents in a row, each of which has its key once and no positions. There is
    /// at least one.
    pub fn row(documents: Range<u32>) -> Self {
        let mut list = Self::count(documents.end - documents.start);
        let documents = DocumentsChunk {
            frequencies: vec![1; documents.len()],
            documents: documents.collect(),
        };
        list.push_whole(documents, Part::Nowhere);
        list
    }

    /// A number of documents and none of them.
    fn count(documents: u32) -> Self {
        Self {
            documents,
            occurrences: documents.into(),
            position_parameter: 0,
            behind_symbols: None,
            chunks: Vec::new(),
        }
    }

    /// Reads a list.
    ///
    /// # Errors
    /// If the bits end early, or the list contradicts itself.
    pub fn read(bits: &mut BitReader<'_>, tuning: Tuning, kind: ListKind) -> Result<Self, Error> {
        let documents = bits.gamma()?.saturating_add(1);
        if kind == ListKind::Sum {
            return Ok(Self::count(documents));
        }
        let Some(room) = tuning.documents.checked_sub(documents) else {
            return Err(Error::damaged("a postings list is longer than the archive"));
        };
        if kind == ListKind::Count {
            return Ok(Self::count(documents));
        }
        let is_facet = kind == ListKind::Facet;
        if is_facet && bits.bits(1)? == 1 {
            let mut first = [0];
            interpolative::read(bits, &mut first, 0, room)?;
            return Ok(Self::row(first[0]..first[0] + documents));
        }
        let occurrences = u64::from(documents) + u64::from(bits.gamma()?);
        let mut list = Self {
            documents,
            occurrences,
            position_parameter: position_parameter(tuning, documents, occurrences),
            behind_symbols: None,
            chunks: Vec::new(),
        };
        let (documents_apart, form) = if occurrences < SHORT {
            let form = match is_facet {
                true => PositionsForm::Nowhere,
                false if bits.bits(1)? == 1 => PositionsForm::Bare,
                false => PositionsForm::Here,
            };
            (false, form)
        } else {
            (bits.bits(1)? == 1, read_positions_form(bits)?)
        };
        if documents_apart {
            list.read_chunks(bits, form, tuning)?;
        } else {
            list.read_here(bits, form, tuning)?;
        }
        Ok(list)
    }

    fn read_here(
        &mut self,
        bits: &mut BitReader<'_>,
        form: PositionsForm,
        tuning: Tuning,
    ) -> Result<(), Error> {
        let last = tuning.documents.saturating_sub(1);
        let mut documents = vec![0; self.documents as usize];
        interpolative::read(bits, &mut documents, 0, last)?;
        let occurrences = u32::try_from(self.occurrences).map_err(|_| too_large())?;
        let frequencies = read_frequencies(bits, documents.len(), occurrences)?;
        let documents = DocumentsChunk {
            documents,
            frequencies,
        };
        match form {
            PositionsForm::Apart => self.split(bits, &documents, tuning),
            PositionsForm::Nowhere => {
                self.push_whole(documents, Part::Nowhere);
                Ok(())
            }
            PositionsForm::Bare => {
                self.push_whole(documents, Part::Nowhere);
                let behind = BehindSymbols::read(bits, occurrences, self.position_parameter)?;
                self.behind_symbols = Some(behind);
                Ok(())
            }
            PositionsForm::Here => {
                let positions = self.read_positions(bits, &documents.frequencies)?;
                self.push_whole(documents, Part::Here(positions));
                Ok(())
            }
        }
    }

    fn push_whole(&mut self, documents: DocumentsChunk, positions: Part<Vec<u32>>) {
        self.chunks.push(Chunk {
            before: None,
            last_document: documents.documents.last().copied().unwrap_or(0),
            count: self.documents,
            documents: Part::Here(documents),
            positions,
        });
    }

    /// Documents that are here, with positions that are not.
    fn split(
        &mut self,
        bits: &mut BitReader<'_>,
        all: &DocumentsChunk,
        tuning: Tuning,
    ) -> Result<(), Error> {
        let parts = std::iter::zip(all.documents.chunks(CHUNK), all.frequencies.chunks(CHUNK));
        let extents = read_extents(bits, parts.len(), tuning.positions_file_bytes)?;
        let mut before = None;
        for ((documents, frequencies), positions) in parts.zip(extents) {
            let last = documents.last().copied();
            self.chunks.push(Chunk {
                before,
                last_document: last.unwrap_or(0),
                count: documents.len() as u32,
                documents: Part::Here(DocumentsChunk {
                    documents: documents.to_vec(),
                    frequencies: frequencies.to_vec(),
                }),
                positions: Part::Apart(positions),
            });
            before = last;
        }
        Ok(())
    }

    fn read_chunks(
        &mut self,
        bits: &mut BitReader<'_>,
        form: PositionsForm,
        tuning: Tuning,
    ) -> Result<(), Error> {
        let count = (self.documents as usize).div_ceil(CHUNK);
        let spans = read_with_parameter(bits, count)?;
        let documents = read_extents(bits, count, tuning.documents_file_bytes)?;
        let positions: Vec<Part<Vec<u32>>> = match form {
            PositionsForm::Apart => {
                let extents = read_extents(bits, count, tuning.positions_file_bytes)?;
                extents.into_iter().map(Part::Apart).collect()
            }
            PositionsForm::Nowhere => vec![Part::Nowhere; count],
            PositionsForm::Here | PositionsForm::Bare => {
                return Err(Error::damaged(
                    "a postings list has a form that nobody writes",
                ));
            }
        };
        let (mut before, mut left): (Option<u32>, u32) = (None, self.documents);
        for ((span, documents), positions) in spans.into_iter().zip(documents).zip(positions) {
            let last = before
                .unwrap_or(0)
                .checked_add(span)
                .ok_or_else(too_large)?;
            let count = left.min(CHUNK as u32);
            self.chunks.push(Chunk {
                before,
                last_document: last,
                count,
                documents: Part::Apart(documents),
                positions,
            });
            (before, left) = (Some(last), left - count);
        }
        Ok(())
    }

    /// The number of documents in the list.
    pub fn document_frequency(&self) -> u32 {
        self.documents
    }

    /// True if the texts of its documents have to be asked where its key stands.
    pub fn is_bare(&self) -> bool {
        self.bare().is_some()
    }

    /// The positions of a bare list.
    pub fn bare(&self) -> Option<&BehindSymbols> {
        self.behind_symbols.as_ref()
    }

    /// The list as somebody needs it who looks behind symbols only: with all positions that matter.
    /// The numbers of documents and occurrences stay those of the whole list.
    #[must_use]
    pub fn behind_symbols(mut self) -> Self {
        if let Some(behind) = self.behind_symbols.take()
            && let Some(Chunk {
                documents: Part::Here(all),
                ..
            }) = self.chunks.pop()
        {
            let documents = behind.documents(&all);
            self.push_whole(documents, Part::Here(behind.positions));
        }
        self
    }

    /// The number of times that the term stands in them.
    pub fn occurrences(&self) -> u64 {
        self.occurrences
    }

    /// Decodes a chunk's documents that lay apart.
    ///
    /// # Errors
    /// If they are damaged.
    pub fn decode_documents(&self, chunk: &Chunk, payload: &[u8]) -> Result<DocumentsChunk, Error> {
        let mut bits = BitReader::new(payload);
        let occurrences = chunk
            .count
            .checked_add(bits.gamma()?)
            .ok_or_else(too_large)?;
        if u64::from(occurrences) > self.occurrences {
            return Err(too_large());
        }
        let mut documents = vec![0; chunk.count as usize];
        if let Some((last, before)) = documents.split_last_mut() {
            *last = chunk.last_document;
            let high = chunk.last_document.saturating_sub(1);
            interpolative::read(&mut bits, before, chunk.first_possible(), high)?;
        }
        let frequencies = read_frequencies(&mut bits, documents.len(), occurrences)?;
        Ok(DocumentsChunk {
            documents,
            frequencies,
        })
    }

    /// Decodes a chunk's positions that lay apart: those of all its documents in a row.
    ///
    /// # Errors
    /// If they are damaged.
    pub fn decode_positions(&self, frequencies: &[u32], payload: &[u8]) -> Result<Vec<u32>, Error> {
        self.read_positions(&mut BitReader::new(payload), frequencies)
    }

    /// The same as gaps, for whoever needs the positions of few documents ([`add_up`]).
    ///
    /// # Errors
    /// If the bytes end early.
    pub fn decode_gaps(&self, frequencies: &[u32], payload: &[u8]) -> Result<Vec<u32>, Error> {
        self.read_gaps(&mut BitReader::new(payload), frequencies)
    }

    fn read_positions(
        &self,
        bits: &mut BitReader<'_>,
        frequencies: &[u32],
    ) -> Result<Vec<u32>, Error> {
        let mut positions = self.read_gaps(bits, frequencies)?;
        let mut rest = &mut positions[..];
        for &frequency in frequencies {
            let (own, others) = rest.split_at_mut(frequency as usize);
            add_up(own)?;
            rest = others;
        }
        Ok(positions)
    }

    fn read_gaps(&self, bits: &mut BitReader<'_>, frequencies: &[u32]) -> Result<Vec<u32>, Error> {
        // A chunk has no more positions than its list; so a damaged frequency cannot ask for more
        // memory than the bits can fill.
        let count = frequencies.iter().fold(0_u64, |sum, &f| sum + u64::from(f));
        if count > self.occurrences || count > bits.left() as u64 {
            return Err(Error::damaged("a postings list has too few positions"));
        }
        if (count as usize) < OWN_PARAMETER {
            read_rice(bits, count as usize, self.position_parameter)
        } else {
            read_with_parameter(bits, count as usize)
        }
    }
}

impl BehindSymbols {
    fn write(&self, bits: &mut BitWriter, occurrences: u64, parameter: u32) {
        bits.gamma(self.numbers.len() as u32);
        interpolative::write(bits, &self.numbers, 0, (occurrences - 1) as u32);
        for &position in &self.positions {
            bits.rice(position, parameter);
        }
    }

    fn read(bits: &mut BitReader<'_>, occurrences: u32, parameter: u32) -> Result<Self, Error> {
        let count = bits.gamma()?;
        // Each has a bit or more: what is damaged cannot ask for more memory than it fills.
        if count > occurrences || count as usize > bits.left() {
            return Err(too_large());
        }
        let mut numbers = vec![0; count as usize];
        interpolative::read(bits, &mut numbers, 0, occurrences.saturating_sub(1))?;
        let positions = read_rice(bits, numbers.len(), parameter)?;
        Ok(Self { numbers, positions })
    }

    /// The documents that they are in, out of all.
    fn documents(&self, all: &DocumentsChunk) -> DocumentsChunk {
        let mut own = DocumentsChunk::default();
        let (mut numbers, mut end) = (self.numbers.iter().peekable(), 0);
        for (&document, &frequency) in all.documents.iter().zip(&all.frequencies) {
            end += frequency;
            let mut count = 0;
            while numbers.next_if(|number| **number < end).is_some() {
                count += 1;
            }
            if count > 0 {
                own.documents.push(document);
                own.frequencies.push(count);
            }
        }
        own
    }
}

fn too_large() -> Error {
    Error::damaged("a postings list holds too large a number")
}

fn read_positions_form(bits: &mut BitReader<'_>) -> Result<PositionsForm, Error> {
    match bits.bits(2)? {
        0 => Ok(PositionsForm::Here),
        1 => Ok(PositionsForm::Apart),
        2 => Ok(PositionsForm::Nowhere),
        _ => Ok(PositionsForm::Bare),
    }
}

fn read_frequencies(
    bits: &mut BitReader<'_>,
    count: usize,
    occurrences: u32,
) -> Result<Vec<u32>, Error> {
    if occurrences as usize == count {
        // Once in each document: nothing was written.
        return Ok(vec![1; count]);
    }
    let mut sums = vec![0; count];
    if let Some((last, before)) = sums.split_last_mut() {
        *last = occurrences;
        interpolative::read(bits, before, 1, occurrences.saturating_sub(1))?;
    }
    let mut before = 0;
    for sum in &mut sums {
        (*sum, before) = (*sum - before, *sum);
    }
    Ok(sums)
}

/// Makes positions of a document's gaps: each is the one before, plus 1, plus its gap.
///
/// # Errors
/// If one does not fit into 32 bits.
pub fn add_up(gaps: &mut [u32]) -> Result<(), Error> {
    let mut expected = 0;
    for gap in gaps {
        let number = expected + u64::from(*gap);
        *gap = number as u32;
        expected = number + 1;
    }
    // They rise, so all fit if the last does.
    if expected > 1 << 32 {
        return Err(too_large());
    }
    Ok(())
}

fn read_with_parameter(bits: &mut BitReader<'_>, count: usize) -> Result<Vec<u32>, Error> {
    let k = bits.bits(5)?.min(30);
    read_rice(bits, count, k)
}

fn read_rice(bits: &mut BitReader<'_>, count: usize, k: u32) -> Result<Vec<u32>, Error> {
    // Each number has a bit or more: what is damaged cannot ask for more memory than it fills.
    if count > bits.left() {
        return Err(Error::damaged("a postings list ends early"));
    }
    let mut values = vec![0; count];
    bits.fill_with_rice_or_zeros(&mut values, k);
    bits.check()?;
    Ok(values)
}

fn read_extents(
    bits: &mut BitReader<'_>,
    count: usize,
    file_bytes: u32,
) -> Result<Vec<Extent>, Error> {
    let high = u64::from(bits.gamma()?) << 32;
    let first = high | u64::from(bits.bits(32)?);
    let mut addresses = Addresses::from(first, file_bytes);
    let place = |payload: u32| {
        let bytes = payload.saturating_add(SEAL_BYTES as u32);
        Extent {
            address: addresses.place(bytes),
            bytes,
        }
    };
    Ok(read_with_parameter(bits, count)?
        .into_iter()
        .map(place)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::convert::Infallible;

    /// Two streams in memory, without checksums.
    struct Streams([(Vec<u8>, Addresses); 2]);

    impl Default for Streams {
        fn default() -> Self {
            Self([(); 2].map(|()| (Vec::new(), Addresses::from(0, 1000))))
        }
    }

    impl Streams {
        fn stream(&mut self, kind: StreamKind) -> &mut (Vec<u8>, Addresses) {
            &mut self.0[usize::from(kind == StreamKind::LongPositions)]
        }

        fn payload(&mut self, kind: StreamKind, extent: Extent) -> Vec<u8> {
            let start = extent.address as usize;
            let end = start + extent.bytes as usize - SEAL_BYTES;
            self.stream(kind).0[start..end].to_vec()
        }
    }

    impl ExtentSink for Streams {
        type Error = Infallible;

        fn append(&mut self, kind: StreamKind, payload: &[u8]) -> Result<u64, Infallible> {
            let (stream, addresses) = self.stream(kind);
            let address = addresses.place((payload.len() + SEAL_BYTES) as u32);
            stream.resize(address as usize, 0);
            stream.extend_from_slice(payload);
            stream.extend_from_slice(&[0; SEAL_BYTES]);
            Ok(address)
        }
    }

    fn encoder(documents: u32, list_bytes: usize, documents_bytes: usize) -> PostingsEncoder {
        let tuning = Tuning {
            documents,
            average_units: 300,
            documents_file_bytes: 1000,
            positions_file_bytes: 1000,
        };
        PostingsEncoder {
            tuning,
            list_bytes,
            documents_bytes,
        }
    }

    /// Documents, frequencies and positions of `postings`: gaps and rows of gaps.
    fn list_of(postings: &[(u8, Vec<u16>)]) -> (DocumentsChunk, Vec<u32>) {
        let (mut chunk, mut positions, mut next) = (DocumentsChunk::default(), Vec::new(), 0);
        for (gap, own) in postings {
            chunk.documents.push(next + u32::from(*gap));
            chunk.frequencies.push(own.len() as u32);
            next += u32::from(*gap) + 1;
            let mut expected = 0;
            for &gap in own {
                positions.push(expected + u32::from(gap));
                expected += u32::from(gap) + 1;
            }
        }
        (chunk, positions)
    }

    fn gaps_of(postings: &[(u8, Vec<u16>)]) -> Vec<u32> {
        let gaps = postings.iter().flat_map(|(_, gaps)| gaps);
        gaps.map(|&gap| u32::from(gap)).collect()
    }

    fn read_back(
        encoded: EncodedList,
        kind: ListKind,
        tuning: Tuning,
    ) -> (DocumentsChunk, Option<Vec<u32>>) {
        let mut streams = Streams::default();
        let Ok(bits) = encoded.place(&mut streams);
        let bytes = bits.finish();
        let read = PostingsList::read(&mut BitReader::new(&bytes), tuning, kind).unwrap();
        let (mut all, mut positions) = (DocumentsChunk::default(), Some(Vec::new()));
        for chunk in &read.chunks {
            let documents = match &chunk.documents {
                Part::Here(documents) => documents.clone(),
                Part::Apart(extent) => {
                    let payload = streams.payload(StreamKind::LongDocuments, *extent);
                    read.decode_documents(chunk, &payload).unwrap()
                }
                Part::Nowhere => unreachable!(),
            };
            let own = match &chunk.positions {
                Part::Here(positions) => Some(positions.clone()),
                Part::Apart(extent) => {
                    let payload = streams.payload(StreamKind::LongPositions, *extent);
                    Some(
                        read.decode_positions(&documents.frequencies, &payload)
                            .unwrap(),
                    )
                }
                Part::Nowhere => None,
            };
            positions = positions.zip(own).map(|(all, own)| [all, own].concat());
            all.documents.extend(documents.documents);
            all.frequencies.extend(documents.frequencies);
        }
        assert_eq!(read.document_frequency() as usize, all.documents.len());
        (all, positions)
    }

    proptest! {
        #[test]
        fn lists_round_trip_wherever_their_parts_lie(
            postings in prop::collection::vec((any::<u8>(), prop::collection::vec(any::<u16>(), 1..4)), 1..1400),
            list_bytes in prop::sample::select(vec![0, 100, 100_000]),
            documents_bytes in prop::sample::select(vec![0, 100_000]),
            with_positions: bool,
        ) {
            let ((chunk, positions), gaps) = (list_of(&postings), gaps_of(&postings));
            let encoder = encoder(chunk.documents.last().unwrap() + 1, list_bytes, documents_bytes);
            let list = List {
                documents: &chunk.documents,
                frequencies: &chunk.frequencies,
                positions: if with_positions { Positions::All(&gaps) } else { Positions::None },
            };
            prop_assume!(with_positions || positions.len() >= SHORT as usize);
            let (documents, read) = read_back(encoder.encode(list), ListKind::Text, encoder.tuning);
            prop_assert_eq!(documents, chunk);
            prop_assert_eq!(read, with_positions.then_some(positions));
        }

        #[test]
        fn positions_may_be_encoded_ahead(
            postings in prop::collection::vec((any::<u8>(), prop::collection::vec(any::<u16>(), 1..4)), SHORT as usize..1400),
            documents_bytes in prop::sample::select(vec![0, 100_000]),
        ) {
            let ((chunk, _), gaps) = (list_of(&postings), gaps_of(&postings));
            let encoder = encoder(chunk.documents.last().unwrap() + 1, 0, documents_bytes);
            let whole = List {
                documents: &chunk.documents,
                frequencies: &chunk.frequencies,
                positions: Positions::All(&gaps),
            };
            let size = (chunk.documents.len() as u32, gaps.len() as u64);
            let payloads: Vec<Vec<u8>> = postings
                .chunks(CHUNK)
                .map(|own| encoder.positions_ahead(gaps_of(own).into_iter(), size))
                .collect();
            let bytes: Vec<u32> = payloads.iter().map(|payload| payload.len() as u32).collect();
            let mut ahead = encoder.encode(List { positions: Positions::Ahead(&bytes), ..whole });
            let mut all = [payloads.concat(), ahead.take_payloads()].concat().into_iter();

            let (mut of_whole, mut of_ahead) = (Streams::default(), Streams::default());
            let Ok(expected) = encoder.encode(whole).place(&mut of_whole);
            let next = |bytes, payload: &mut Vec<u8>| {
                payload.extend(all.by_ref().take(bytes));
                Ok(())
            };
            let Ok(head) = ahead.place_from(next, &mut of_ahead);
            prop_assert_eq!(head.finish(), expected.finish());
            for (own, expected) in std::iter::zip(of_ahead.0, of_whole.0) {
                prop_assert_eq!(own.0, expected.0);
            }
        }

        #[test]
        fn bare_lists_have_the_positions_behind_symbols(
            postings in prop::collection::vec((any::<u8>(), prop::collection::vec(any::<u16>(), 1..4)), 1..100),
            is_behind in prop::collection::vec(any::<bool>(), 300),
        ) {
            let (chunk, positions) = list_of(&postings);
            let numbers = (0..).zip(&is_behind).take(positions.len());
            let numbers: Vec<u32> = numbers.filter_map(|(number, is_behind)| is_behind.then_some(number)).collect();
            let own = numbers.iter().map(|&number| positions[number as usize]).collect();
            let behind = BehindSymbols { numbers, positions: own };
            let encoder = encoder(chunk.documents.last().unwrap() + 1, 10, 10);
            let list = List {
                documents: &chunk.documents,
                frequencies: &chunk.frequencies,
                positions: Positions::Bare(&behind),
            };
            let Ok(bits) = encoder.encode(list).place(&mut Streams::default());
            let bytes = bits.finish();
            let read = PostingsList::read(&mut BitReader::new(&bytes), encoder.tuning, ListKind::Text).unwrap();
            prop_assert!(read.is_bare());
            prop_assert_eq!(&read.chunks[0].documents, &Part::Here(chunk.clone()));

            let read = read.behind_symbols();
            prop_assert!(!read.is_bare());
            prop_assert_eq!(read.document_frequency() as usize, chunk.documents.len());
            let Part::Here(documents) = &read.chunks[0].documents else { panic!("apart") };
            let of = |documents: &DocumentsChunk| -> Vec<u32> {
                let repeated = documents.documents.iter().zip(&documents.frequencies);
                repeated.flat_map(|(&document, &count)| vec![document; count as usize]).collect()
            };
            let all = of(&chunk);
            let expected: Vec<u32> = behind.numbers.iter().map(|&number| all[number as usize]).collect();
            prop_assert_eq!(of(documents), expected);
            prop_assert_eq!(&read.chunks[0].positions, &Part::Here(behind.positions));
        }

        #[test]
        fn facets_round_trip_wherever_their_parts_lie(
            gaps in prop::collection::vec(prop::sample::select(vec![0_u32, 0, 0, 1, 300]), 1..1400),
            in_a_row: bool,
            behind in 0_u32..3,
            documents_bytes in prop::sample::select(vec![0, 100_000]),
        ) {
            let mut next = 0;
            let place = |(at, gap): (usize, &u32)| {
                let own = next + if in_a_row && at > 0 { 0 } else { *gap };
                next = own + 1;
                own
            };
            let documents: Vec<u32> = gaps.iter().enumerate().map(place).collect();
            let encoder = encoder(next + behind, 0, documents_bytes);
            let (read, positions) = read_back(encoder.encode_facet(&documents), ListKind::Facet, encoder.tuning);
            prop_assert!(read.frequencies.iter().all(|&frequency| frequency == 1));
            prop_assert_eq!(read.documents, documents);
            prop_assert_eq!(positions, None);
        }

        #[test]
        fn arbitrary_bits_never_panic(
            bytes: Vec<u8>,
            documents in 1_u32..100_000,
            kind in prop::sample::select(vec![ListKind::Text, ListKind::Facet]),
        ) {
            let tuning = encoder(documents, 0, 0).tuning;
            let mut bits = BitReader::new(&bytes);
            while PostingsList::read(&mut bits, tuning, kind).is_ok() {}
        }
    }

    #[test]
    fn a_single_occurrence_takes_a_few_bytes() {
        let list = List {
            documents: &[23_000],
            frequencies: &[1],
            positions: Positions::All(&[400]),
        };
        let encoded = encoder(23_712, 1000, 1000).encode(list);
        assert_eq!(encoded.bytes(), 4);
        let behind = BehindSymbols::default();
        let bare = List {
            positions: Positions::Bare(&behind),
            ..list
        };
        assert_eq!(encoder(23_712, 1000, 1000).encode(bare).bytes(), 3);
    }
}
