//! Postings: in which documents a term stands, how often, and where.
//!
//! A list is cut into **chunks** of 128 documents. A chunk's documents and frequencies are one
//! bit stream, its positions another, both in Rice codes ([`super::bits`]), so that a query reads
//! positions only of chunks that hold candidates. A short list is one chunk with both streams
//! behind one another; a longer one starts with a skip table. Where a list lies depends on its
//! size ([`Form`]); most lists are tiny, and a few are huge.

use std::ops::Range;

use super::bits::{BitReader, BitWriter, rice_bits, rice_parameter};
use super::cursor::{Cursor, put_varint};
use crate::Error;

/// Documents in a full chunk.
pub const CHUNK: usize = 128;
/// A chunk with at least this many numbers stores its own Rice parameter in 5 bits; a smaller
/// one takes what the list's mean suggests.
const OWN_PARAMETER: usize = 16;

/// What the codes of a whole segment are tuned with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tuning {
    /// Documents in the segment.
    pub documents: u32,
    /// Units in an average document.
    pub average_units: u32,
}

/// A list in memory: parallel documents and frequencies, and all positions behind one another.
#[derive(Clone, Copy, Debug)]
pub struct List<'l> {
    /// Document numbers, rising.
    pub documents: &'l [u32],
    /// How often the term stands in each; at least 1.
    pub frequencies: &'l [u32],
    /// For each document, its positions, rising.
    pub positions: &'l [u32],
}

/// How a list is stored; the low two bits of its head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// One chunk in the terms block.
    Short = 0,
    /// A skip table and chunks in the terms block.
    Chunked = 1,
    /// A skip table in the terms block, chunks in the two streams of long lists.
    Long = 2,
    /// One document, one position: two varints.
    Single = 3,
}

/// The streams that long lists go to.
#[derive(Clone, Debug, Default)]
pub struct LongStreams {
    /// Documents and frequencies.
    pub documents: Vec<u8>,
    /// Positions.
    pub positions: Vec<u8>,
}

/// Encodes lists, each on its own: any number of threads may share it.
#[derive(Clone, Copy, Debug)]
pub struct PostingsEncoder {
    /// What the codes are tuned with.
    pub tuning: Tuning,
    /// Lists whose chunks take more bytes than this go to the streams.
    pub long_bytes: usize,
}

/// A list that has been encoded.
#[derive(Clone, Debug)]
pub enum EncodedList {
    /// Its record.
    Record(Vec<u8>),
    /// A long list, which has its record when it has its place ([`LongStreams::place`]).
    Long(LongList),
}

/// The chunks of a long list.
#[derive(Clone, Debug)]
pub struct LongList {
    documents: u64,
    occurrences: u64,
    chunks: Vec<Chunk>,
}

/// The parameters that a list's short chunks are coded with; derived from its counts.
#[derive(Clone, Copy, Debug)]
struct Parameters {
    gap: u32,
    frequency: u32,
    position: u32,
}

impl Parameters {
    fn of(tuning: Tuning, documents: u64, occurrences: u64) -> Self {
        let more = occurrences.saturating_sub(documents);
        let units = u64::from(tuning.average_units).saturating_mul(documents);
        Self {
            gap: rice_parameter(u64::from(tuning.documents), documents),
            frequency: rice_parameter(more, documents),
            position: rice_parameter(units, occurrences),
        }
    }
}

impl PostingsEncoder {
    /// Encodes a list.
    pub fn encode(&self, list: List<'_>) -> EncodedList {
        let documents = list.documents.len() as u64;
        let occurrences = list.positions.len() as u64;
        if let ([document], [position]) = (list.documents, list.positions) {
            return EncodedList::Record(single_record(*document, *position));
        }
        let parameters = Parameters::of(self.tuning, documents, occurrences);
        if let Some(body) = self.short_body(list, parameters) {
            return EncodedList::Record(record(Form::Short, documents, occurrences, &body));
        }
        let chunks = encode_chunks(list, parameters);
        let bytes: usize = chunks.iter().map(Chunk::bytes).sum();
        if bytes <= self.long_bytes {
            let body = chunked_body(&chunks);
            return EncodedList::Record(record(Form::Chunked, documents, occurrences, &body));
        }
        EncodedList::Long(LongList {
            documents,
            occurrences,
            chunks,
        })
    }

    fn short_body(&self, list: List<'_>, parameters: Parameters) -> Option<Vec<u8>> {
        if list.documents.len() > CHUNK {
            return None;
        }
        let mut bits = BitWriter::default();
        write_documents(&mut bits, list, None, parameters);
        write_positions(&mut bits, list, parameters);
        Some(bits.finish()).filter(|body| body.len() <= self.long_bytes)
    }
}

fn single_record(document: u32, position: u32) -> Vec<u8> {
    let mut out = Vec::new();
    put_varint(&mut out, (1 << 2) | Form::Single as u64);
    put_varint(&mut out, u64::from(document));
    put_varint(&mut out, u64::from(position));
    out
}

fn record(form: Form, documents: u64, occurrences: u64, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 6);
    put_varint(&mut out, (documents << 2) | form as u64);
    put_varint(&mut out, occurrences - documents);
    put_varint(&mut out, body.len() as u64);
    out.extend_from_slice(body);
    out
}

impl LongStreams {
    /// The list's record; a long list goes to the end of the streams.
    pub fn place(&mut self, list: EncodedList) -> Vec<u8> {
        let long = match list {
            EncodedList::Record(record) => return record,
            EncodedList::Long(long) => long,
        };
        let mut body = Vec::new();
        put_varint(&mut body, self.documents.len() as u64);
        put_varint(&mut body, self.positions.len() as u64);
        write_skips(&long.chunks, &mut body);
        for chunk in &long.chunks {
            self.documents.extend_from_slice(&chunk.documents);
            self.positions.extend_from_slice(&chunk.positions);
        }
        record(Form::Long, long.documents, long.occurrences, &body)
    }
}

#[derive(Clone, Debug)]
struct Chunk {
    last_document: u32,
    documents: Vec<u8>,
    positions: Vec<u8>,
}

impl Chunk {
    fn bytes(&self) -> usize {
        self.documents.len() + self.positions.len()
    }
}

fn encode_chunks(list: List<'_>, parameters: Parameters) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    let (mut before, mut positions) = (None, list.positions);
    for (documents, frequencies) in
        std::iter::zip(list.documents.chunks(CHUNK), list.frequencies.chunks(CHUNK))
    {
        let count: u32 = frequencies.iter().sum();
        let (own, rest) = positions.split_at(count as usize);
        let part = List {
            documents,
            frequencies,
            positions: own,
        };
        chunks.push(encode_chunk(part, before, parameters));
        (before, positions) = (documents.last().copied(), rest);
    }
    chunks
}

fn encode_chunk(part: List<'_>, before: Option<u32>, parameters: Parameters) -> Chunk {
    let (mut documents, mut positions) = (BitWriter::default(), BitWriter::default());
    write_documents(&mut documents, part, before, parameters);
    write_positions(&mut positions, part, parameters);
    Chunk {
        last_document: part.documents.last().copied().unwrap_or(0),
        documents: documents.finish(),
        positions: positions.finish(),
    }
}

fn chunked_body(chunks: &[Chunk]) -> Vec<u8> {
    let mut body = Vec::new();
    write_skips(chunks, &mut body);
    chunks
        .iter()
        .for_each(|chunk| body.extend_from_slice(&chunk.documents));
    chunks
        .iter()
        .for_each(|chunk| body.extend_from_slice(&chunk.positions));
    body
}

fn write_skips(chunks: &[Chunk], out: &mut Vec<u8>) {
    let mut before = 0;
    for chunk in chunks {
        put_varint(out, u64::from(chunk.last_document - before));
        put_varint(out, chunk.documents.len() as u64);
        put_varint(out, chunk.positions.len() as u64);
        before = chunk.last_document;
    }
}

fn write_documents(
    bits: &mut BitWriter,
    part: List<'_>,
    before: Option<u32>,
    parameters: Parameters,
) {
    let mut expected = before.map_or(0, |last| last + 1);
    let gaps: Vec<u32> = part
        .documents
        .iter()
        .map(|&document| {
            let gap = document - expected;
            expected = document + 1;
            gap
        })
        .collect();
    let gap = choose_parameter(bits, &gaps, parameters.gap);
    for (&value, &frequency) in gaps.iter().zip(part.frequencies) {
        bits.rice(value, gap);
        bits.rice(frequency - 1, parameters.frequency);
    }
}

fn write_positions(bits: &mut BitWriter, part: List<'_>, parameters: Parameters) {
    let mut gaps = Vec::with_capacity(part.positions.len());
    let mut positions = part.positions.iter();
    for &frequency in part.frequencies {
        let mut expected = 0;
        for &position in positions.by_ref().take(frequency as usize) {
            gaps.push(position - expected);
            expected = position + 1;
        }
    }
    let k = choose_parameter(bits, &gaps, parameters.position);
    gaps.iter().for_each(|&gap| bits.rice(gap, k));
}

/// Enough numbers are worth a parameter of their own: the best of those around their mean.
fn choose_parameter(bits: &mut BitWriter, values: &[u32], derived: u32) -> u32 {
    if values.len() < OWN_PARAMETER {
        return derived;
    }
    let sum = values.iter().map(|&value| u64::from(value)).sum();
    let guess = rice_parameter(sum, values.len() as u64);
    let cost = |k: u32| -> u64 { values.iter().map(|&v| u64::from(rice_bits(v, k))).sum() };
    let around = guess.saturating_sub(2)..=(guess + 1).min(30);
    let best = around.min_by_key(|&k| cost(k)).unwrap_or(guess);
    bits.bits(best, 5);
    best
}

/// A list as its record describes it; nothing decoded yet.
#[derive(Clone, Debug)]
pub struct ListReader<'b> {
    documents: u32,
    occurrences: u64,
    parameters: Parameters,
    body: Body<'b>,
}

#[derive(Clone, Debug)]
enum Body<'b> {
    Single {
        document: u32,
        position: u32,
    },
    Short(&'b [u8]),
    Chunked {
        skips: Vec<Skip>,
        documents: &'b [u8],
        positions: &'b [u8],
    },
    Long {
        skips: Vec<Skip>,
    },
}

/// Where a chunk lies: in the list's own bytes or in the streams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    /// The document before the chunk's first, if any.
    before: Option<u32>,
    /// The chunk's last document.
    pub last_document: u32,
    /// Documents in the chunk.
    count: u32,
    /// Bytes of its documents and frequencies.
    pub documents: Range<u64>,
    /// Bytes of its positions.
    pub positions: Range<u64>,
}

impl Skip {
    /// The lowest document that the chunk can hold.
    pub fn first_possible(&self) -> u32 {
        self.before.map_or(0, |last| last.saturating_add(1))
    }
}

/// Where the bytes of a chunk are to be found.
#[derive(Clone, Copy, Debug)]
pub enum Place<'b> {
    /// Here.
    Here(&'b [u8]),
    /// In one of the streams of long lists.
    Stream,
}

impl<'b> ListReader<'b> {
    /// Reads a list's record and leaves the cursor behind it.
    ///
    /// # Errors
    /// If the record contradicts itself.
    pub fn read(cursor: &mut Cursor<'b>, tuning: Tuning) -> Result<Self, Error> {
        let head = cursor.varint()?;
        let documents = u32::try_from(head >> 2).unwrap_or(u32::MAX);
        if documents == 0 || documents > tuning.documents {
            return Err(cursor.wrong("a list of an impossible length"));
        }
        if head & 3 == Form::Single as u64 {
            return Self::read_single(cursor, tuning);
        }
        let occurrences = cursor.varint()?.saturating_add(u64::from(documents));
        let length = cursor.varint_usize()?;
        let body = cursor.bytes(length)?;
        Ok(Self {
            documents,
            occurrences,
            parameters: Parameters::of(tuning, u64::from(documents), occurrences),
            body: Body::read(head & 3, documents, body)?,
        })
    }

    /// Moves the cursor behind a list's record without reading it.
    ///
    /// # Errors
    /// If the record ends early.
    pub fn pass(cursor: &mut Cursor<'_>) -> Result<(), Error> {
        let single = cursor.varint()? & 3 == Form::Single as u64;
        cursor.varint()?;
        if single {
            cursor.varint()?;
            return Ok(());
        }
        let length = cursor.varint_usize()?;
        cursor.bytes(length).map(drop)
    }

    fn read_single(cursor: &mut Cursor<'b>, tuning: Tuning) -> Result<Self, Error> {
        Ok(Self {
            documents: 1,
            occurrences: 1,
            parameters: Parameters::of(tuning, 1, 1),
            body: Body::Single {
                document: cursor.varint_u32()?,
                position: cursor.varint_u32()?,
            },
        })
    }

    /// The number of documents in the list.
    pub fn document_frequency(&self) -> u32 {
        self.documents
    }

    /// The number of positions in the list.
    pub fn occurrences(&self) -> u64 {
        self.occurrences
    }

    /// How the list is stored, for people.
    pub fn form(&self) -> &'static str {
        match self.body {
            Body::Single { .. } => "single",
            Body::Short(_) => "short",
            Body::Chunked { .. } => "chunked",
            Body::Long { .. } => "long",
        }
    }

    /// The number of chunks.
    pub fn chunk_count(&self) -> usize {
        self.skips().map_or(1, <[Skip]>::len)
    }

    /// The skip table, if the list has one.
    pub fn skips(&self) -> Option<&[Skip]> {
        match &self.body {
            Body::Single { .. } | Body::Short(_) => None,
            Body::Chunked { skips, .. } | Body::Long { skips } => Some(skips),
        }
    }

    /// Where the bytes of a chunk's documents are, if it has bytes of its own.
    pub fn documents_place(&self, skip: &Skip) -> Place<'b> {
        match &self.body {
            Body::Chunked { documents, .. } => Place::Here(slice(documents, &skip.documents)),
            _ => Place::Stream,
        }
    }

    /// Where the bytes of a chunk's positions are, if it has bytes of its own.
    pub fn positions_place(&self, skip: &Skip) -> Place<'b> {
        match &self.body {
            Body::Chunked { positions, .. } => Place::Here(slice(positions, &skip.positions)),
            _ => Place::Stream,
        }
    }

    /// Decodes a list without a skip table.
    ///
    /// # Errors
    /// If its bytes are damaged.
    pub fn decode_short(&self) -> Result<(DocumentsChunk, Vec<u32>), Error> {
        match &self.body {
            Body::Single { document, position } => {
                let (documents, frequencies) = (vec![*document], vec![1]);
                Ok((
                    DocumentsChunk {
                        documents,
                        frequencies,
                    },
                    vec![*position],
                ))
            }
            Body::Short(bytes) => {
                let mut bits = BitReader::new(bytes);
                let chunk = read_documents(&mut bits, self.documents, None, self.parameters)?;
                let positions = read_positions(&mut bits, &chunk.frequencies, self.parameters)?;
                Ok((chunk, positions))
            }
            _ => Err(Error::damaged(
                "a postings list has a skip table where it should not",
            )),
        }
    }

    /// Decodes the documents of a chunk from its bytes.
    ///
    /// # Errors
    /// If they are damaged.
    pub fn decode_documents(&self, skip: &Skip, bytes: &[u8]) -> Result<DocumentsChunk, Error> {
        let mut bits = BitReader::new(bytes);
        let chunk = read_documents(&mut bits, skip.count, skip.before, self.parameters)?;
        if chunk.documents.last() == Some(&skip.last_document) {
            Ok(chunk)
        } else {
            Err(Error::damaged(
                "a postings chunk does not end where its skip entry says",
            ))
        }
    }

    /// Decodes the positions of a chunk from its bytes: those of all its documents in a row.
    ///
    /// # Errors
    /// If they are damaged.
    pub fn decode_positions(&self, frequencies: &[u32], bytes: &[u8]) -> Result<Vec<u32>, Error> {
        read_positions(&mut BitReader::new(bytes), frequencies, self.parameters)
    }
}

/// [`Body::read`] has checked that the skip table stays within the bytes.
fn slice<'b>(bytes: &'b [u8], range: &Range<u64>) -> &'b [u8] {
    let range = usize::try_from(range.start)
        .ok()
        .zip(usize::try_from(range.end).ok());
    range
        .and_then(|(start, end)| bytes.get(start..end))
        .unwrap_or(&[])
}

impl<'b> Body<'b> {
    fn read(form: u64, documents: u32, body: &'b [u8]) -> Result<Self, Error> {
        if form == Form::Short as u64 {
            return Ok(Self::Short(body));
        }
        let mut cursor = Cursor::new(body, "skip table");
        let long = form == Form::Long as u64;
        let starts = if long {
            (cursor.varint()?, cursor.varint()?)
        } else {
            (0, 0)
        };
        let skips = read_skips(&mut cursor, documents, starts)?;
        if long {
            cursor.finish()?;
            return Ok(Self::Long { skips });
        }
        let split = skips.last().map_or(0, |skip| skip.documents.end);
        let split = usize::try_from(split).unwrap_or(usize::MAX);
        let parts = cursor.rest().split_at_checked(split);
        let (documents, positions) = parts.ok_or_else(|| cursor.wrong("too large chunks"))?;
        Ok(Self::Chunked {
            skips,
            documents,
            positions,
        })
    }
}

fn read_skips(
    cursor: &mut Cursor<'_>,
    documents: u32,
    (mut documents_at, mut positions_at): (u64, u64),
) -> Result<Vec<Skip>, Error> {
    let mut skips = Vec::new();
    let (mut before, mut left) = (None, documents);
    while left > 0 {
        let last = before.unwrap_or(0_u32).checked_add(cursor.varint_u32()?);
        let last = last.ok_or_else(|| cursor.wrong("too large a document number"))?;
        let count = left.min(CHUNK as u32);
        let ends = (
            documents_at.checked_add(cursor.varint()?),
            positions_at.checked_add(cursor.varint()?),
        );
        let (Some(documents_end), Some(positions_end)) = ends else {
            return Err(cursor.wrong("too large chunks"));
        };
        skips.push(Skip {
            before,
            last_document: last,
            count,
            documents: documents_at..documents_end,
            positions: positions_at..positions_end,
        });
        (documents_at, positions_at) = (documents_end, positions_end);
        (before, left) = (Some(last), left - count);
    }
    Ok(skips)
}

/// The documents of a chunk and how often the term stands in each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentsChunk {
    /// Document numbers, rising.
    pub documents: Vec<u32>,
    /// As many frequencies.
    pub frequencies: Vec<u32>,
}

fn read_documents(
    bits: &mut BitReader<'_>,
    count: u32,
    before: Option<u32>,
    parameters: Parameters,
) -> Result<DocumentsChunk, Error> {
    let too_large = || Error::damaged("a postings list holds too large a document number");
    let gap = read_parameter(bits, count as usize, parameters.gap)?;
    let mut chunk = DocumentsChunk::default();
    let mut expected = before.map_or(Some(0), |last| last.checked_add(1));
    for _ in 0..count {
        let start = expected.ok_or_else(too_large)?;
        let document = start.checked_add(bits.rice(gap)?).ok_or_else(too_large)?;
        chunk.documents.push(document);
        chunk
            .frequencies
            .push(bits.rice(parameters.frequency)?.saturating_add(1));
        expected = document.checked_add(1);
    }
    Ok(chunk)
}

fn read_positions(
    bits: &mut BitReader<'_>,
    frequencies: &[u32],
    parameters: Parameters,
) -> Result<Vec<u32>, Error> {
    let count = frequencies.iter().fold(0_u64, |sum, &f| sum + u64::from(f));
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let k = read_parameter(bits, count, parameters.position)?;
    let mut positions = Vec::new();
    for &frequency in frequencies {
        let mut expected = 0_u32;
        for _ in 0..frequency {
            let position = expected.checked_add(bits.rice(k)?);
            let position = position.filter(|&p| p < u32::MAX);
            let position = position.ok_or_else(|| Error::damaged("a position is too large"))?;
            positions.push(position);
            expected = position + 1;
        }
    }
    Ok(positions)
}

fn read_parameter(bits: &mut BitReader<'_>, count: usize, derived: u32) -> Result<u32, Error> {
    if count < OWN_PARAMETER {
        Ok(derived)
    } else {
        Ok(bits.bits(5)?.min(30))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    const TUNING: Tuning = Tuning {
        documents: 1_000_000,
        average_units: 500,
    };

    type Model = BTreeMap<u32, BTreeSet<u32>>;

    fn write(model: &Model, long_bytes: usize) -> (Vec<u8>, LongStreams) {
        let documents: Vec<u32> = model.keys().copied().collect();
        let frequencies: Vec<u32> = model.values().map(|p| p.len() as u32).collect();
        let positions: Vec<u32> = model.values().flatten().copied().collect();
        let list = List {
            documents: &documents,
            frequencies: &frequencies,
            positions: &positions,
        };
        let encoder = PostingsEncoder {
            tuning: TUNING,
            long_bytes,
        };
        let mut streams = LongStreams::default();
        (streams.place(encoder.encode(list)), streams)
    }

    fn read(bytes: &[u8], streams: &LongStreams) -> Result<Model, Error> {
        let mut cursor = Cursor::new(bytes, "test");
        let list = ListReader::read(&mut cursor, TUNING)?;
        cursor.finish()?;
        let mut model = Model::new();
        let mut take = |chunk: &DocumentsChunk, positions: &[u32]| {
            let mut positions = positions.iter().copied();
            for (&document, &frequency) in chunk.documents.iter().zip(&chunk.frequencies) {
                let own = positions.by_ref().take(frequency as usize).collect();
                model.insert(document, own);
            }
        };
        let Some(skips) = list.skips() else {
            let (chunk, positions) = list.decode_short()?;
            take(&chunk, &positions);
            return Ok(model);
        };
        for skip in skips {
            let bytes = match list.documents_place(skip) {
                Place::Here(bytes) => bytes,
                Place::Stream => slice(&streams.documents, &skip.documents),
            };
            let chunk = list.decode_documents(skip, bytes)?;
            let bytes = match list.positions_place(skip) {
                Place::Here(bytes) => bytes,
                Place::Stream => slice(&streams.positions, &skip.positions),
            };
            take(&chunk, &list.decode_positions(&chunk.frequencies, bytes)?);
        }
        Ok(model)
    }

    fn models() -> impl Strategy<Value = Model> {
        let positions = prop::collection::btree_set(0_u32..3000, 1..6);
        prop::collection::btree_map(0_u32..TUNING.documents, positions, 1..400)
    }

    proptest! {
        #[test]
        fn lists_round_trip_in_every_form(model in models(), long_bytes in 0_usize..2000) {
            let (bytes, streams) = write(&model, long_bytes);
            prop_assert_eq!(read(&bytes, &streams).unwrap(), model);
        }

        #[test]
        fn arbitrary_records_never_panic(bytes: Vec<u8>) {
            let _ = read(&bytes, &LongStreams::default());
        }
    }

    #[test]
    fn a_truncated_record_is_an_error() {
        let model: Model = (0..300).map(|d| (d * 7, BTreeSet::from([d]))).collect();
        let (bytes, _) = write(&model, 10_000);
        for end in 0..bytes.len() {
            assert!(
                read(&bytes[..end], &LongStreams::default()).is_err(),
                "{end}"
            );
        }
    }

    #[test]
    fn a_lonely_posting_takes_few_bytes() {
        let model = Model::from([(20_000, BTreeSet::from([400]))]);
        let (bytes, _) = write(&model, 0);
        assert_eq!(bytes.len(), 6);
    }
}
