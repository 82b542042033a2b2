//! The codes that are near the best in size, written out and read back, for the clock.
//!
//! One source for the native program and for wasm. All codes share one reader of bits, the same
//! as the format's but for the check at the end of each number: the end is checked once for each
//! list, as a decoder of whole lists can.

use backfile_core::format::bits::{BitWriter, rice_bits, rice_parameter};

use super::frames;

/// Chunks of lists, from `codecs ARCHIVE --dump FILE`.
pub(crate) struct Workload {
    chunks: Vec<Chunk>,
    all_documents: u32,
}

/// A chunk of a list with all that a decoder knows before it starts.
struct Chunk {
    /// From the list's counts: the Rice parameters of gaps, frequencies, positions.
    parameters: [u32; 3],
    first_possible: u32,
    /// The last document, if the leaf has it.
    last: Option<u32>,
    documents: Vec<u32>,
    frequencies: Vec<u32>,
    positions: Vec<u32>,
    /// For each document, what is known of its end.
    ends: Vec<u32>,
}

/// A code and a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    DocumentsRice,
    DocumentsInterpolative,
    DocumentsFrames,
    FrequenciesRice,
    FrequenciesInterpolative,
    PositionsRice,
    PositionsRiceByLength,
    PositionsInterpolative,
}

/// All of them, with names.
pub(crate) const CODES: [(Code, &str); 8] = [
    (Code::DocumentsRice, "documents, Rice"),
    (
        Code::DocumentsInterpolative,
        "documents, interpolative (today)",
    ),
    (Code::DocumentsFrames, "documents, frames of 128"),
    (Code::FrequenciesRice, "frequencies, Rice"),
    (
        Code::FrequenciesInterpolative,
        "frequencies, interpolative sums (today)",
    ),
    (Code::PositionsRice, "positions, Rice (today)"),
    (
        Code::PositionsRiceByLength,
        "positions, Rice by rounded length",
    ),
    (
        Code::PositionsInterpolative,
        "positions, interpolative by rounded length",
    ),
];

impl Workload {
    /// Reads a dump. With `full`, only rows of 128 documents; otherwise only shorter ones.
    pub(crate) fn read(bytes: &[u8], full: bool) -> Self {
        let mut words = bytes
            .as_chunks::<4>()
            .0
            .iter()
            .map(|&word| u32::from_le_bytes(word));
        let all_documents = words.next().unwrap_or(0);
        let mut chunks = Vec::new();
        while let Some(first_possible) = words.next() {
            let mut next = || words.next().unwrap_or(0);
            let parameters = [next(), next(), next()];
            let last = next().checked_sub(1);
            let (documents, positions) = (next() as usize, next() as usize);
            let mut take = |count| words.by_ref().take(count).collect::<Vec<u32>>();
            let chunk = Chunk {
                parameters,
                first_possible,
                last,
                documents: take(documents),
                frequencies: take(documents),
                ends: take(documents),
                positions: take(positions),
            };
            if (documents == 128) == full {
                chunks.push(chunk);
            }
        }
        Self {
            chunks,
            all_documents,
        }
    }

    /// How many numbers the code's stream has.
    pub(crate) fn numbers(&self, code: Code) -> usize {
        let count = |chunk: &Chunk| stream(chunk, code).len();
        self.chunks.iter().map(count).sum()
    }

    /// All chunks in one row of bits (frames: of bytes).
    pub(crate) fn encode(&self, code: Code) -> Vec<u8> {
        if code == Code::DocumentsFrames {
            let mut out = Vec::new();
            let gaps = |chunk: &Chunk| gaps(chunk.first_possible, &chunk.documents);
            self.chunks
                .iter()
                .for_each(|chunk| frames::write(&gaps(chunk), &mut out));
            out.extend([0; 16]);
            return out;
        }
        let mut bits = BitWriter::default();
        self.chunks
            .iter()
            .for_each(|chunk| self.write(chunk, code, &mut bits));
        // A reader looks at eight bytes at once.
        (0..4).for_each(|_| bits.bits(0, 32));
        bits.finish()
    }

    fn write(&self, chunk: &Chunk, code: Code, bits: &mut BitWriter) {
        let [gap, frequency, position] = chunk.parameters;
        match code {
            Code::DocumentsRice => {
                write_rice(bits, &gaps(chunk.first_possible, &chunk.documents), gap);
            }
            Code::DocumentsInterpolative => {
                let (values, high) = self.bounded(chunk);
                write_interpolative(bits, values, chunk.first_possible, high);
            }
            Code::FrequenciesRice => {
                chunk
                    .frequencies
                    .iter()
                    .for_each(|&value| bits.rice(value - 1, frequency));
            }
            Code::FrequenciesInterpolative => {
                let (all, sums) = sums(&chunk.frequencies);
                write_interpolative(bits, &sums, 1, all.saturating_sub(1));
            }
            Code::PositionsRice => write_rice(bits, &position_gaps(chunk), position),
            Code::PositionsRiceByLength => {
                for (end, own) in by_document(chunk) {
                    let k = rice_parameter(u64::from(end), own.len() as u64 + 1);
                    gaps(0, own).into_iter().for_each(|gap| bits.rice(gap, k));
                }
            }
            Code::PositionsInterpolative => {
                by_document(chunk)
                    .for_each(|(end, own)| write_interpolative(bits, own, 0, end - 1));
            }
            Code::DocumentsFrames => {}
        }
    }

    /// The documents that have to be coded, and the highest that is possible.
    fn bounded<'c>(&self, chunk: &'c Chunk) -> (&'c [u32], u32) {
        match (chunk.last, chunk.documents.split_last()) {
            (Some(last), Some((_, before))) => (before, last.saturating_sub(1)),
            _ => (&chunk.documents, self.all_documents - 1),
        }
    }

    /// Decodes everything into one buffer, chunk after chunk, and adds it up. `check` holds the
    /// numbers against what they were.
    pub(crate) fn decode(
        &self,
        code: Code,
        bytes: &[u8],
        buffer: &mut Vec<u32>,
        check: bool,
    ) -> u32 {
        let mut reader = Reader { bytes, at: 0 };
        let (mut sum, mut frame_at) = (0_u32, 0);
        for chunk in &self.chunks {
            let count = stream(chunk, code).len();
            if buffer.len() < count {
                buffer.resize(count, 0);
            }
            let out = &mut buffer[..count];
            if code == Code::DocumentsFrames {
                let frame = out.first_chunk_mut::<128>().expect("a full chunk");
                frame_at += frames::read(&bytes[frame_at..], chunk.first_possible, frame);
            } else {
                self.read_chunk(chunk, code, &mut reader, out);
            }
            sum = sum.wrapping_add(out.last().copied().unwrap_or(0));
            assert!(
                !check || out == stream(chunk, code),
                "{code:?} does not round-trip"
            );
        }
        sum
    }

    fn read_chunk(&self, chunk: &Chunk, code: Code, reader: &mut Reader<'_>, out: &mut [u32]) {
        let [gap, frequency, position] = chunk.parameters;
        match code {
            Code::DocumentsRice => reader.rising(chunk.first_possible, gap, out),
            Code::DocumentsInterpolative => match (chunk.last, out.split_last_mut()) {
                (Some(known), Some((last, before))) => {
                    *last = known;
                    reader.interpolative(before, chunk.first_possible, known.saturating_sub(1));
                }
                _ => reader.interpolative(out, chunk.first_possible, self.all_documents - 1),
            },
            Code::FrequenciesRice => out
                .iter_mut()
                .for_each(|out| *out = reader.rice(frequency) + 1),
            Code::FrequenciesInterpolative => {
                reader.frequencies(chunk.positions.len() as u32, out);
            }
            Code::PositionsRice => reader.positions(&chunk.frequencies, position, out),
            Code::PositionsRiceByLength => reader.positions_by_length(chunk, out),
            Code::PositionsInterpolative => {
                let mut out = out;
                for (&frequency, &end) in chunk.frequencies.iter().zip(&chunk.ends) {
                    let (own, rest) = out.split_at_mut(frequency as usize);
                    reader.interpolative(own, 0, end - 1);
                    out = rest;
                }
            }
            Code::DocumentsFrames => {}
        }
    }
}

fn stream(chunk: &Chunk, code: Code) -> &[u32] {
    match code {
        Code::DocumentsRice | Code::DocumentsInterpolative | Code::DocumentsFrames => {
            &chunk.documents
        }
        Code::FrequenciesRice | Code::FrequenciesInterpolative => &chunk.frequencies,
        _ => &chunk.positions,
    }
}

fn gaps(mut expected: u32, rising: &[u32]) -> Vec<u32> {
    let gap = |&value: &u32| {
        let gap = value - expected;
        expected = value + 1;
        gap
    };
    rising.iter().map(gap).collect()
}

fn by_document(chunk: &Chunk) -> impl Iterator<Item = (u32, &[u32])> {
    let mut positions = chunk.positions.as_slice();
    chunk
        .ends
        .iter()
        .zip(&chunk.frequencies)
        .map(move |(&end, &frequency)| {
            let (own, rest) = positions.split_at(frequency as usize);
            positions = rest;
            (end, own)
        })
}

fn position_gaps(chunk: &Chunk) -> Vec<u32> {
    by_document(chunk)
        .flat_map(|(_, own)| gaps(0, own))
        .collect()
}

/// All together, and the sums up to each but the last.
fn sums(frequencies: &[u32]) -> (u32, Vec<u32>) {
    let mut all = 0;
    let sum = |&frequency: &u32| {
        all += frequency;
        all
    };
    let mut sums: Vec<u32> = frequencies.iter().map(sum).collect();
    sums.pop();
    (all, sums)
}

/// With a parameter of their own for 16 numbers or more.
fn write_rice(bits: &mut BitWriter, values: &[u32], derived: u32) {
    let cost = |k: u32| {
        values
            .iter()
            .map(|&v| u64::from(rice_bits(v, k)))
            .sum::<u64>()
    };
    let mut k = derived;
    if values.len() >= 16 {
        k = (0..=30).min_by_key(|&k| cost(k)).unwrap_or(0);
        bits.bits(k, 5);
    }
    values.iter().for_each(|&value| bits.rice(value, k));
}

fn write_interpolative(bits: &mut BitWriter, rising: &[u32], low: u32, high: u32) {
    if rising.is_empty() || (high - low) as usize + 1 == rising.len() {
        return;
    }
    let middle = rising.len() / 2;
    let (left, right) = (middle as u32, (rising.len() - middle - 1) as u32);
    let value = rising[middle];
    write_centred(bits, value - low - left, high - low - left - right);
    if left > 0 {
        write_interpolative(bits, &rising[..middle], low, value - 1);
    }
    if right > 0 {
        write_interpolative(bits, &rising[middle + 1..], value + 1, high);
    }
}

/// The number of bits of the longer words for the numbers to `highest`, how many words are
/// shorter by one, and the first number that has a short one.
#[inline]
fn centre(highest: u32) -> (u32, u32, u32) {
    let bits = 32 - highest.leading_zeros();
    // 2^bits less the number of values, which may be 2^32.
    let short = ((1_u64 << bits) - 1 - u64::from(highest)) as u32;
    let first = ((u64::from(highest) + 1 - u64::from(short)) / 2) as u32;
    (bits, short, first)
}

fn write_centred(bits: &mut BitWriter, value: u32, highest: u32) {
    if highest == 0 {
        return;
    }
    let (length, short, first) = centre(highest);
    let turned = if value >= first {
        value - first
    } else {
        value + (highest - first) + 1
    };
    if turned < short {
        bits.bits(turned, length - 1);
    } else {
        let long = u64::from(turned) + u64::from(short);
        bits.bits((long >> 1) as u32, length - 1);
        bits.bits((long & 1) as u32, 1);
    }
}

struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Reader<'_> {
    /// At least 57 bits.
    #[inline]
    fn window(&self) -> u64 {
        let from = self.at / 8;
        let eight = self
            .bytes
            .get(from..from + 8)
            .and_then(|eight| eight.try_into().ok());
        u64::from_le_bytes(eight.unwrap_or([0; 8])) >> (self.at % 8)
    }

    #[inline]
    fn rice(&mut self, k: u32) -> u32 {
        let window = self.window();
        let quotient = window.trailing_ones();
        if quotient >= 24 {
            self.at += 24;
            let value = self.window() as u32;
            self.at += 32;
            return value;
        }
        let remainder = (window >> (quotient + 1)) & ((1 << k) - 1);
        self.at += (quotient + 1 + k) as usize;
        ((u64::from(quotient) << k) | remainder) as u32
    }

    fn parameter(&mut self, count: usize, derived: u32) -> u32 {
        if count < 16 {
            return derived;
        }
        let k = self.window() as u32 & 31;
        self.at += 5;
        k
    }

    fn rising(&mut self, mut expected: u32, k: u32, out: &mut [u32]) {
        let k = self.parameter(out.len(), k);
        for out in out {
            *out = expected.wrapping_add(self.rice(k));
            expected = out.wrapping_add(1);
        }
    }

    fn positions(&mut self, frequencies: &[u32], k: u32, mut out: &mut [u32]) {
        let k = self.parameter(out.len(), k);
        for &frequency in frequencies {
            let (own, rest) = out.split_at_mut(frequency as usize);
            let mut expected = 0_u32;
            for out in own {
                *out = expected.wrapping_add(self.rice(k));
                expected = out.wrapping_add(1);
            }
            out = rest;
        }
    }

    fn positions_by_length(&mut self, chunk: &Chunk, mut out: &mut [u32]) {
        for (&frequency, &end) in chunk.frequencies.iter().zip(&chunk.ends) {
            let k = rice_parameter(u64::from(end), u64::from(frequency) + 1);
            let (own, rest) = out.split_at_mut(frequency as usize);
            let mut expected = 0_u32;
            for out in own {
                *out = expected.wrapping_add(self.rice(k));
                expected = out.wrapping_add(1);
            }
            out = rest;
        }
    }

    #[inline]
    fn centred(&mut self, highest: u32) -> u32 {
        if highest == 0 {
            return 0;
        }
        let (length, short, first) = centre(highest);
        let window = self.window();
        let upper = (window & ((1 << (length - 1)) - 1)) as u32;
        let last = (window >> (length - 1)) as u32 & 1;
        let is_long = upper >= short;
        self.at += (length - u32::from(!is_long)) as usize;
        let long = upper.wrapping_mul(2).wrapping_add(last).wrapping_sub(short);
        let turned = if is_long { long } else { upper };
        let back = turned.wrapping_add(first);
        if turned > highest - first {
            back.wrapping_sub(highest).wrapping_sub(1)
        } else {
            back
        }
    }

    fn interpolative(&mut self, out: &mut [u32], low: u32, high: u32) {
        match out {
            [] => {}
            [only] => *only = low.wrapping_add(self.centred(high.wrapping_sub(low))),
            _ if high.wrapping_sub(low) as usize + 1 == out.len() => {
                out.iter_mut()
                    .zip(low..)
                    .for_each(|(out, value)| *out = value);
            }
            _ => {
                let middle = out.len() / 2;
                let all = out.len() as u32 - 1;
                let value = self.centred(high.wrapping_sub(low).wrapping_sub(all));
                let value = value.wrapping_add(low).wrapping_add(middle as u32);
                out[middle] = value;
                self.interpolative(&mut out[..middle], low, value.wrapping_sub(1));
                self.interpolative(&mut out[middle + 1..], value.wrapping_add(1), high);
            }
        }
    }

    fn frequencies(&mut self, all: u32, out: &mut [u32]) {
        let Some((last, before)) = out.split_last_mut() else {
            return;
        };
        *last = all;
        self.interpolative(before, 1, all.wrapping_sub(1));
        let mut below = 0;
        for out in out {
            (*out, below) = (*out - below, *out);
        }
    }
}
