//! One archive of the segments that stay and the one that is new.
//!
//! What they have in common is in the manifest: the order of all documents, and the one fold table
//! that a query is folded with, which has to do for the characters of all of them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use backfile_core::format::MANIFEST_NAME;
use backfile_core::format::deleted::Deleted;
use backfile_core::format::manifest::{Manifest, Segment, SegmentStart, Start, Stretch};
use backfile_core::format::stream::StreamKind;
use backfile_core::text::Alphabet;

use super::codebooks::Codebooks;
use super::{BuiltIndex, IndexSummary, Made, MadeFolder, Part};
use crate::source::Documents;
use crate::unicode::fold_table;
use crate::update::Listed;

/// See the module's description.
pub(super) struct Assembly {
    /// Those whose documents are found, in order.
    pub(super) live: Vec<AnySegment>,
    /// That of documents that others have and the archive has no longer.
    pub(super) deleted: Option<AnySegment>,
}

/// A segment that stays or is new.
pub(super) enum AnySegment {
    Kept(Box<Listed>),
    Made(Box<Made>),
}

impl From<Listed> for AnySegment {
    fn from(listed: Listed) -> Self {
        Self::Kept(Box::new(listed))
    }
}

impl From<Made> for AnySegment {
    fn from(made: Made) -> Self {
        Self::Made(Box::new(made))
    }
}

impl AnySegment {
    fn segment(&self) -> &Segment {
        match self {
            Self::Kept(listed) => &listed.segment,
            Self::Made(made) => &made.written.segment,
        }
    }

    fn start(&self) -> &SegmentStart {
        match self {
            Self::Kept(listed) => &listed.start,
            Self::Made(made) => &made.written.start,
        }
    }

    /// Folded characters, and all before folding.
    fn alphabets(&self) -> (&Alphabet, &Alphabet) {
        match self {
            Self::Kept(listed) => (&listed.alphabet, &listed.originals),
            Self::Made(made) => (&made.alphabet, &made.originals),
        }
    }

    fn text_bytes(&self) -> u64 {
        match self {
            Self::Kept(listed) => listed.text_bytes,
            Self::Made(made) => made.text_bytes,
        }
    }

    fn parts(&self) -> &[Part] {
        match self {
            Self::Kept(listed) => &listed.parts,
            Self::Made(made) => &made.written.parts,
        }
    }

    /// The numbers of its documents that the archive has no longer.
    fn deleted(&self) -> &[u32] {
        match self {
            Self::Kept(listed) => &listed.deleted,
            Self::Made(_) => &[],
        }
    }
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
    let live = |listed: &Listed| crate::source::dates(listed.live().map(|at| listed.key(at)));
    let all = kept.iter().filter_map(live).chain(documents.dates());
    all.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
}

impl Assembly {
    /// Everything that goes into the manifest, of which the segments and no more is missing.
    pub(super) fn finish(self, mut manifest: Manifest) -> BuiltIndex {
        let fold_table = self.fold_table();
        let mut summary = self.summary();
        manifest.deleted = self.deleted_documents();
        let segments: Vec<Segment> = self.all().map(|own| own.segment().clone()).collect();
        let starts: Vec<SegmentStart> = self.all().map(|own| own.start().clone()).collect();
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
        let (mut kept, mut made) = (Vec::new(), Vec::new());
        for own in self.all() {
            let name = folder_name(own.segment().tag);
            match own {
                AnySegment::Kept(_) => kept.push(name),
                AnySegment::Made(new) => made.push(MadeFolder {
                    folder: new.written.folder.clone(),
                    name,
                }),
            }
        }
        BuiltIndex {
            made,
            kept,
            manifest: start,
            summary,
        }
    }

    /// That of deleted documents is the last.
    fn all(&self) -> impl Iterator<Item = &AnySegment> {
        self.live.iter().chain(&self.deleted)
    }

    fn deleted_documents(&self) -> Vec<u8> {
        let live: Vec<&[u32]> = self.live.iter().map(AnySegment::deleted).collect();
        Deleted::write(&live)
    }

    /// The part of the fold table that the text, and a query that can match it, needs. Variants, which
    /// few queries need, are in the segments.
    fn fold_table(&self) -> Vec<u8> {
        let (mut alphabet, mut originals) = (Alphabet::default(), Alphabet::default());
        for (folded, unfolded) in self.live.iter().map(AnySegment::alphabets) {
            alphabet.merge(folded);
            originals.merge(unfolded);
        }
        alphabet.add_jamo_of_syllables();
        let table = fold_table().restricted_to(&alphabet);
        let mut bytes = Vec::new();
        table.without_variants(&originals).write(&mut bytes);
        bytes
    }

    fn summary(&self) -> IndexSummary {
        let mut summary = IndexSummary::default();
        for own in &self.live {
            summary.documents += u64::from(own.segment().documents);
            summary.units += own.segment().units;
            summary.text_bytes += own.text_bytes();
            if let AnySegment::Made(made) = own {
                summary.grams = made.counts.grams;
                summary.postings = made.counts.postings;
                summary.positions = made.counts.positions;
                summary.facet_values = made.counts.facet_values;
                summary.long_values = made.long_values;
            }
        }
        if let Some(own) = &self.deleted {
            summary.deleted = own.segment().documents.into();
            summary.documents -= summary.deleted;
            summary.units -= own.segment().units;
            summary.text_bytes -= own.text_bytes();
        }
        summary.segments = self.live.len() as u64;
        summary.parts = self.parts();
        summary
    }

    /// The parts of all segments, those of one name together.
    fn parts(&self) -> Vec<Part> {
        let all: Vec<&Part> = self.all().flat_map(AnySegment::parts).collect();
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
