//! One archive of the segments that stay and the one that is new.
//!
//! What they have in common is in the manifest: the order of all documents, and the one fold table
//! that a query is folded with, which has to do for the characters of all of them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use backfile_core::format::MANIFEST_NAME;
use backfile_core::format::manifest::{Manifest, Segment, SegmentStart, Start, Stretch};
use backfile_core::format::stream::StreamKind;
use backfile_core::text::Alphabet;

use super::codebooks::Codebooks;
use super::{BuiltIndex, IndexSummary, Made, Part};
use crate::source::Documents;
use crate::unicode::fold_table;
use crate::update::Listed;

/// See the module's description.
pub(super) struct Assembly {
    pub(super) kept: Vec<Listed>,
    pub(super) made: Option<Made>,
}

/// A segment's keys in order: how many, and each by its number.
type Keys<'k> = (usize, Box<dyn Fn(usize) -> &'k [u8] + 'k>);

/// The keys of all segments, the new one's last.
fn keys<'k>(kept: &'k [Listed], documents: &'k Documents) -> Vec<Keys<'k>> {
    let kept = kept.iter().map(|listed| -> Keys<'k> {
        let key = |number| listed.key(number);
        (listed.len(), Box::new(key))
    });
    let new: Keys<'k> = (documents.len(), Box::new(|number| documents.key(number)));
    kept.chain([new]).collect()
}

/// How the documents of all segments follow one another.
pub(super) fn order(kept: &[Listed], documents: &Documents) -> Vec<Stretch> {
    let keys = keys(kept, documents);
    let next = |segment: usize, number: usize| {
        let (len, key) = &keys[segment];
        (number < *len).then(|| Reverse((key(number), segment, number)))
    };
    let mut heads: BinaryHeap<_> = (0..keys.len())
        .filter_map(|segment| next(segment, 0))
        .collect();
    let mut order: Vec<Stretch> = Vec::new();
    while let Some(Reverse((_, segment, number))) = heads.pop() {
        append(&mut order, segment as u32);
        heads.extend(next(segment, number + 1));
    }
    order
}

fn append(order: &mut Vec<Stretch>, segment: u32) {
    match order.last_mut() {
        Some(last) if last.segment == segment => last.documents += 1,
        _ => order.push(Stretch {
            segment,
            documents: 1,
        }),
    }
}

/// The earliest and the latest date of all documents.
pub(super) fn dates(kept: &[Listed], documents: &Documents) -> Option<(String, String)> {
    let all = keys(kept, documents).into_iter();
    all.filter_map(|(len, key)| crate::source::dates(len, key))
        .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
}

impl Assembly {
    /// Everything that goes into the manifest, of which the segments and no more is missing.
    pub(super) fn finish(self, mut manifest: Manifest) -> BuiltIndex {
        let fold_table = self.fold_table();
        let mut summary = self.summary();
        let kept = self.kept.iter().map(|listed| listed.segment.tag);
        let kept = kept.map(folder_name).collect();
        let (name, folder) = self
            .made
            .as_ref()
            .map(|made| &made.written)
            .map_or_else(Default::default, |new| {
                (folder_name(new.segment.tag), new.folder.clone())
            });
        let made = self
            .made
            .map(|made| (made.written.segment, made.written.start));
        let all = self
            .kept
            .into_iter()
            .map(|listed| (listed.segment, listed.start));
        let (segments, starts): (Vec<_>, Vec<SegmentStart>) = all.chain(made).unzip();
        manifest.codebooks = codebooks_of(&segments);
        manifest.segments = segments;
        let start = Start::write(&manifest, &fold_table, &starts);
        summary.parts.insert(
            0,
            Part {
                name: MANIFEST_NAME,
                files: 1,
                bytes: start.len() as u64,
            },
        );
        BuiltIndex {
            folder,
            name,
            kept,
            manifest: start,
            summary,
        }
    }

    /// The part of the fold table that the text, and a query that can match it, needs. Variants, which
    /// few queries need, are in the segments.
    fn fold_table(&self) -> Vec<u8> {
        let (mut alphabet, mut originals) = (Alphabet::default(), Alphabet::default());
        for listed in &self.kept {
            alphabet.merge(&listed.alphabet);
            originals.merge(&listed.originals);
        }
        if let Some(made) = &self.made {
            alphabet.merge(&made.alphabet);
            originals.merge(&made.originals);
        }
        alphabet.add_jamo_of_syllables();
        let table = fold_table().restricted_to(&alphabet);
        let mut bytes = Vec::new();
        table.without_variants(&originals).write(&mut bytes);
        bytes
    }

    fn summary(&self) -> IndexSummary {
        let mut summary = IndexSummary::default();
        for listed in &self.kept {
            summary.documents += u64::from(listed.segment.documents);
            summary.units += listed.segment.units;
            summary.text_bytes += listed.text_bytes;
        }
        if let Some(made) = &self.made {
            summary.documents += u64::from(made.written.segment.documents);
            summary.units += made.written.segment.units;
            summary.text_bytes += made.text_bytes;
            summary.grams = made.counts.grams;
            summary.postings = made.counts.postings;
            summary.positions = made.counts.positions;
            summary.facet_values = made.counts.facet_values;
            summary.long_values = made.long_values;
        }
        summary.segments = (self.kept.len() + usize::from(self.made.is_some())) as u64;
        summary.parts = self.parts();
        summary
    }

    /// The parts of all segments, those of one name together.
    fn parts(&self) -> Vec<Part> {
        let kept = self.kept.iter().flat_map(|listed| &listed.parts);
        let made = self.made.iter().flat_map(|made| &made.written.parts);
        let all: Vec<&Part> = kept.chain(made).collect();
        let sum = |kind: StreamKind| {
            let own = all.iter().filter(|part| part.name == kind.name());
            own.fold((0, 0), |(files, bytes), part| {
                (files + part.files, bytes + part.bytes)
            })
        };
        let part = |kind: StreamKind| {
            let (files, bytes) = sum(kind);
            Part {
                name: kind.name(),
                files,
                bytes,
            }
        };
        let parts = StreamKind::ALL.into_iter().map(part);
        parts.filter(|part| part.bytes > 0).collect()
    }
}

/// The codebooks that documents of these segments are written with.
fn codebooks_of(segments: &[Segment]) -> Vec<u8> {
    let used = segments
        .iter()
        .fold(0, |used, segment| used | segment.codebooks);
    Codebooks::all().write(|number| used >> number & 1 == 1)
}

/// The name of a segment's folder.
fn folder_name(tag: u64) -> String {
    format!("{tag:016x}")
}
