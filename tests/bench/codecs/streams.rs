//! What documents, frequencies and positions of a chunk cost in each code.

use backfile_core::format::bits::rice_parameter;

use super::codes::{
    adaptive_rice, elias_fano, frames, gamma, group_varint, interpolative, partition, rice,
    rice_or_own, varbyte,
};
use super::index::{Index, Part, gaps};

/// The cost of a chunk's part in one code, in bits.
pub(crate) type Cost = fn(&Index, &Part<'_>) -> u64;

/// Codes of the documents.
pub(crate) const DOCUMENTS: &[(&str, Cost)] = &[
    ("Rice, own k from 16 on", |index, part| {
        rice_or_own(&part.document_gaps(), gap_parameter(index, part))
    }),
    ("Rice, one k for a list", |index, part| {
        rice(&part.document_gaps(), gap_parameter(index, part))
    }),
    ("Rice, adaptive", |index, part| {
        let mean = f64::from(index.tuning.documents) / part.all.0 as f64;
        adaptive_rice(&part.document_gaps(), mean)
    }),
    ("interpolative (today)", |index, part| {
        let rising = wide(part.documents);
        let low = u64::from(part.first_possible());
        match rising.split_last() {
            Some((&last, before)) if part.last_is_known => interpolative(before, low, last - 1),
            _ => interpolative(&rising, low, u64::from(index.tuning.documents) - 1),
        }
    }),
    ("Elias–Fano", |index, part| {
        let high = known_end(index, part) - part.first_possible();
        elias_fano(part.documents.len() as u64, u64::from(high))
    }),
    ("Elias–Fano, partitioned by chunk", |index, part| {
        let numbers = known_end(index, part) - part.first_possible();
        partition(part.documents.len() as u64, u64::from(numbers))
    }),
    ("frames of 128, else varbyte", |_, part| {
        frames(&part.document_gaps())
    }),
    ("group varint", |_, part| {
        group_varint(&part.document_gaps())
    }),
    ("varbyte", |_, part| bytes(&part.document_gaps())),
];

/// Codes of the frequencies. The list's occurrences are known; where those of a chunk that lies
/// apart have to be, they are counted here.
pub(crate) const FREQUENCIES: &[(&str, Cost)] = &[
    ("Rice, nothing if all are 1", |_, part| {
        let (documents, occurrences) = part.all;
        if documents == occurrences || documents == 1 {
            return 0;
        }
        rice(&more(part), frequency_parameter(part))
    }),
    ("gamma, nothing if all are 1", |_, part| {
        let (documents, occurrences) = part.all;
        let bits = more(part).into_iter().map(|value| gamma(u64::from(value)));
        if documents == occurrences || documents == 1 {
            0
        } else {
            bits.sum()
        }
    }),
    ("interpolative sums (today)", |_, part| {
        chunk_count(part) + interpolative_sums(part)
    }),
    ("Elias–Fano sums", |_, part| {
        let more = part.positions.len() - part.documents.len();
        chunk_count(part) + elias_fano(part.documents.len() as u64 - 1, more as u64)
    }),
    ("frames of 128, else varbyte", |_, part| frames(&more(part))),
    ("group varint", |_, part| group_varint(&more(part))),
    ("varbyte", |_, part| bytes(&more(part))),
];

/// Codes of the positions.
pub(crate) const POSITIONS: &[(&str, Cost)] = &[
    ("Rice, own k from 16 on (today)", |index, part| {
        rice_or_own(&part.position_gaps(), position_parameter(index, part))
    }),
    ("Rice, one k for a list", |index, part| {
        rice(&part.position_gaps(), position_parameter(index, part))
    }),
    ("Rice, k by rounded length", |index, part| {
        let own = |(document, positions): (u32, &[u32])| {
            rice_by_length(index.rounded_ends[document as usize], positions)
        };
        part.by_document().map(own).sum()
    }),
    ("Rice, k by exact length", |index, part| {
        let own = |(document, positions): (u32, &[u32])| {
            rice_by_length(index.ends[document as usize], positions)
        };
        part.by_document().map(own).sum()
    }),
    ("Rice, adaptive", |index, part| {
        let mean = f64::from(index.tuning.average_units) * part.all.0 as f64 / part.all.1 as f64;
        adaptive_rice(&part.position_gaps(), mean)
    }),
    ("interpolative, rounded length", |index, part| {
        interpolative_positions(part, &index.rounded_ends)
    }),
    ("interpolative, exact length", |index, part| {
        interpolative_positions(part, &index.ends)
    }),
    ("Elias–Fano sums", |_, part| {
        let sum = part.position_gaps().iter().map(|&gap| u64::from(gap)).sum();
        gamma(sum) + elias_fano(part.positions.len() as u64, sum)
    }),
    ("frames of 128, else varbyte", |_, part| {
        frames(&part.position_gaps())
    }),
    ("group varint", |_, part| {
        group_varint(&part.position_gaps())
    }),
    ("varbyte", |_, part| bytes(&part.position_gaps())),
];

/// Codes of all three together: places in one row of all documents. They need exact lengths.
pub(crate) const PLACES: &[(&str, Cost)] = &[
    ("places, interpolative", |index, part| {
        let places = places(index, part);
        chunk_count(part)
            + interpolative(&places, place_before(index, part), place_after(index, part))
    }),
    ("places, Rice", |index, part| {
        let mut expected = place_before(index, part);
        let gaps: Vec<u32> = places(index, part)
            .iter()
            .map(|&place| {
                let gap = place - expected;
                expected = place + 1;
                gap as u32
            })
            .collect();
        chunk_count(part) + rice_or_own(&gaps, rice_parameter(index.all_ends(), part.all.1 as u64))
    }),
];

/// The Rice parameters that follow from a list's counts: gaps, frequencies, positions.
pub(crate) fn parameters(index: &Index, part: &Part<'_>) -> [u32; 3] {
    [
        gap_parameter(index, part),
        frequency_parameter(part),
        position_parameter(index, part),
    ]
}

fn wide(values: &[u32]) -> Vec<u64> {
    values.iter().map(|&value| u64::from(value)).collect()
}

fn bytes(values: &[u32]) -> u64 {
    values.iter().map(|&value| varbyte(u64::from(value))).sum()
}

fn more(part: &Part<'_>) -> Vec<u32> {
    part.frequencies
        .iter()
        .map(|&frequency| frequency - 1)
        .collect()
}

fn gap_parameter(index: &Index, part: &Part<'_>) -> u32 {
    rice_parameter(u64::from(index.tuning.documents), part.all.0 as u64)
}

fn frequency_parameter(part: &Part<'_>) -> u32 {
    let (documents, occurrences) = part.all;
    rice_parameter((occurrences - documents) as u64, documents as u64)
}

fn position_parameter(index: &Index, part: &Part<'_>) -> u32 {
    let units = u64::from(index.tuning.average_units) * part.all.0 as u64;
    rice_parameter(units, part.all.1 as u64)
}

/// One more than the highest document that is possible, as far as the reader knows.
fn known_end(index: &Index, part: &Part<'_>) -> u32 {
    match part.documents.last() {
        Some(last) if part.last_is_known => last + 1,
        _ => index.tuning.documents,
    }
}

/// What the number of occurrences at the beginning of a chunk takes.
fn chunk_count(part: &Part<'_>) -> u64 {
    if part.last_is_known {
        gamma((part.positions.len() - part.documents.len()) as u64)
    } else {
        0
    }
}

fn interpolative_sums(part: &Part<'_>) -> u64 {
    let mut sum = 0;
    let sums = part.frequencies.iter().map(|&frequency| {
        sum += u64::from(frequency);
        sum
    });
    let mut sums: Vec<u64> = sums.collect();
    match sums.pop() {
        Some(all) if !sums.is_empty() => interpolative(&sums, 1, all - 1),
        _ => 0,
    }
}

fn interpolative_positions(part: &Part<'_>, ends: &[u32]) -> u64 {
    let own = |(document, positions): (u32, &[u32])| {
        interpolative(&wide(positions), 0, u64::from(ends[document as usize]) - 1)
    };
    part.by_document().map(own).sum()
}

fn rice_by_length(end: u32, positions: &[u32]) -> u64 {
    let k = rice_parameter(u64::from(end), positions.len() as u64 + 1);
    rice(&gaps(0, positions).collect::<Vec<_>>(), k)
}

fn places(index: &Index, part: &Part<'_>) -> Vec<u64> {
    let own = |(document, positions): (u32, &'_ [u32])| {
        let start = index.starts[document as usize];
        positions
            .iter()
            .map(|&position| start + u64::from(position))
            .collect::<Vec<_>>()
    };
    part.by_document().flat_map(own).collect()
}

fn place_before(index: &Index, part: &Part<'_>) -> u64 {
    index.starts[part.first_possible() as usize]
}

fn place_after(index: &Index, part: &Part<'_>) -> u64 {
    let end = known_end(index, part) as usize - 1;
    index.starts[end] + u64::from(index.ends[end]) - 1
}
