//! From documents to the files of an archive.
//!
//! Documents are numbered in the order they come in, which is that of their dates. Contiguous
//! parts of them become [`run::Run`]s, each on a thread of its own, and are packed by [`store`] on
//! the way. Runs wait in [`runs::Runs`], in memory or on disk, until all are there; then [`mod@merge`]
//! walks through the terms of all of them in order. Everything goes to one [`segment`], which
//! makes extents and files of it; [`assembly`] puts it beside the segments that are there.
//!
//! How much of all this is in memory at a time is up to [`crate::memory`]. Nothing in the archive
//! depends on that, or on the number of threads: parts are cut by size, and their postings follow
//! one another.

mod ahead;
mod assembly;
mod codebooks;
mod common_words;
mod facets;
mod join;
mod layout;
mod merge;
mod range_list;
mod run;
mod runs;
mod segment;
mod store;
mod streams;
mod units;
mod walk;

use std::ops::Range;
use std::path::PathBuf;

pub use backfile_core::link::Articles;
pub use facets::FACETS;
pub(crate) use facets::fields as facet_fields;

use backfile_core::format::manifest::{Manifest, Segment};
use backfile_core::format::postings::PostingsEncoder;
use backfile_core::format::stream::StreamKind;
use backfile_core::text::Alphabet;
use serde::Serialize;

use crate::error::Error;
use crate::ordered::in_order_with;
use crate::progress::{Progress, Stage};
use crate::room::{Room, Taken};
use crate::source::Documents;
use crate::unicode::{fold_table, fold_table_hash};
use crate::update::{Deletions, Listed, Plan};
use crate::workspace::Workspace;
use assembly::{AnySegment, Assembly};
use codebooks::Codebooks;
use common_words::common_words;
use join::join;
use layout::{Layout, document_file_bytes, is_small};
use merge::{Counts, Thresholds, merge};
use run::{KeyKinds, RunMaker};
use runs::Runs;
use segment::{SegmentWriter, Written};
use store::Packer;

/// What the archive says about itself.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Shown above the search box.
    pub title: String,
    /// As in HTML.
    pub language: String,
    /// Where documents without an address of their own can be read.
    pub articles: Articles,
    /// The metadata fields whose values a search can choose and count, in the order in which pages
    /// show them. The date is one in any case. Default: [`FACETS`].
    pub facets: Vec<String>,
    /// Whether each stream is to be one large file as well.
    pub packs: bool,
    /// What comes with the manifest, and what is one file beside it.
    pub residency: Residency,
    /// The list of a pair is bare if its documents have fewer units than this together: it has only
    /// the positions that are behind a symbol. A reader looks into the texts instead, and those that
    /// match are to be shown in any case. Default: [`BARE_UNITS`].
    pub bare_units: u64,
    /// A segment has mixed pairs ([`backfile_core::gram`]) from so many bytes of text on, where those of letters
    /// and digits ([`crate::document::Document::letters`]) count five times. Default: [`MIXED_FROM`].
    pub mixed_from: u64,
}

/// 8 MB of English, or 38 MB of Chinese news: without them, `5.6%` reads 100 KB there, and `array.`, by calculation, 70.
/// Mixed pairs are, by calculation, half of the terms and lists of English, so where they save less they are not worth it.
pub const MIXED_FROM: u64 = 40_000_000;

/// So many units of Chinese news are about 60 KB of stored documents, or 55 articles.
pub const BARE_UNITS: u64 = 28_000;

impl Default for Settings {
    fn default() -> Self {
        Self {
            title: String::new(),
            language: String::new(),
            articles: Articles::default(),
            facets: FACETS.map(String::from).to_vec(),
            packs: false,
            residency: Residency::default(),
            bare_units: BARE_UNITS,
            mixed_from: MIXED_FROM,
        }
    }
}

/// How much of a segment may come with the manifest, in bytes, and how much is one file. Everybody
/// who searches loads the manifest first, and it is written anew with every build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Residency {
    /// All of a segment that is the only one and takes no more than this. By calculation, not
    /// measured: on a slow link (1.6 Mbit/s, 150 ms) 128 KiB take 0.65 s, about as long as the
    /// three round trips and the extents that they save.
    pub segment: u64,
    /// The branches of a segment's dictionary.
    pub branches: u64,
    /// The branches of all segments.
    pub all_branches: u64,
    /// What is left of a segment is one file if it takes no more than this. A reader without ranges
    /// has to fetch all of it.
    pub one_file: u64,
}

impl Default for Residency {
    fn default() -> Self {
        Self {
            segment: 128 << 10,
            branches: 32 << 10,
            all_branches: 48 << 10,
            one_file: 1 << 20,
        }
    }
}

impl Residency {
    /// What is left for a segment that comes to these.
    fn beside(self, kept: &[Listed]) -> Self {
        let taken: u64 = kept.iter().map(Listed::resident_bytes).sum();
        Self {
            segment: if kept.is_empty() { self.segment } else { 0 },
            branches: self.branches.min(self.all_branches.saturating_sub(taken)),
            ..self
        }
    }
}

/// An archive whose files are made but not published.
#[derive(Clone, Debug)]
pub struct BuiltIndex {
    /// The new segments.
    pub made: Vec<MadeFolder>,
    /// The names of folders that are there and stay.
    pub kept: Vec<String>,
    /// The file that names the others; to be written last.
    pub manifest: Vec<u8>,
    /// What came of it.
    pub summary: IndexSummary,
}

/// Where the files of a new segment are.
#[derive(Clone, Debug)]
pub struct MadeFolder {
    /// Below that of the workspace. It may not exist: the archive is so small that all of it is in the manifest.
    pub folder: PathBuf,
    /// The name that it has to have beside the manifest.
    pub name: String,
}

/// How large the index is.
#[derive(Clone, Debug, Default, Serialize)]
pub struct IndexSummary {
    /// Documents.
    pub documents: u64,
    /// Segments, each of which has some of the documents.
    pub segments: u64,
    /// Documents that segments have and the archive has no longer.
    pub deleted: u64,
    /// Units of folded text.
    pub units: u64,
    /// Different keys in the dictionary of the segment that this build made: words, and pairs of
    /// neighbours.
    pub grams: u64,
    /// Pairs of a key and a document, in the same segment.
    pub postings: u64,
    /// Places where a key stands, in the same segment.
    pub positions: u64,
    /// Different values of facets in the dictionary of the same segment, dates among them.
    pub facet_values: u64,
    /// Values of documents in the same segment that are too long to be chosen or counted.
    pub long_values: u64,
    /// Bytes of all titles and bodies.
    pub text_bytes: u64,
    /// Bytes of each part of the index, headers included.
    pub parts: Vec<Part>,
}

/// A part of the index.
#[derive(Clone, Debug, Serialize)]
pub struct Part {
    /// Its name.
    pub name: &'static str,
    /// Its files. One that holds all parts of a segment counts with the stored documents.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Part {
    /// So many bytes of a stream in the file that holds all of its segment.
    pub(crate) fn in_one_file(kind: StreamKind, bytes: u64) -> Self {
        Self {
            name: kind.name(),
            files: u64::from(kind == StreamKind::Documents),
            bytes,
        }
    }
}

/// Makes the files of an archive of these documents and no others.
///
/// # Errors
/// If the workspace cannot be written or read back.
pub fn build(
    documents: Documents,
    settings: &Settings,
    workspace: &Workspace,
    progress: &dyn Progress,
) -> Result<BuiltIndex, Error> {
    update(Plan::fresh(documents), settings, workspace, progress)
}

/// Makes the files that an archive lacks to be what a plan says.
///
/// # Errors
/// If the workspace cannot be written or read back.
pub fn update(
    plan: Plan,
    settings: &Settings,
    workspace: &Workspace,
    progress: &dyn Progress,
) -> Result<BuiltIndex, Error> {
    let Plan {
        documents,
        kept,
        deletions,
        ..
    } = plan;
    let (order, dates) = (
        assembly::order(&kept, &documents),
        assembly::dates(&kept, &documents),
    );
    let made = if documents.is_empty() {
        None
    } else {
        let residency = settings.residency.beside(&kept);
        let own = (settings, residency);
        Some(make_segment(
            documents, "segment", own, workspace, progress,
        )?)
    };
    let deleted = match deletions {
        Deletions::AsTheyWere(listed) => listed.map(AnySegment::Kept),
        Deletions::Others(documents) if documents.is_empty() => None,
        Deletions::Others(documents) => {
            let own = (settings, settings.residency.beside(&kept));
            let made = make_segment(documents, "deleted", own, workspace, progress)?;
            Some(AnySegment::from(made))
        }
    };
    let (first_date, last_date) = dates.unzip();
    let manifest = Manifest {
        title: settings.title.clone(),
        language: settings.language.clone(),
        first_date,
        last_date,
        packs: settings.packs,
        order,
        analysis: analysis(),
        articles: settings.articles,
        facets: facet_fields(&settings.facets),
        ..Manifest::default()
    };
    let kept = kept.into_iter().map(AnySegment::from);
    let live = kept.chain(made.map(AnySegment::from)).collect();
    Ok(Assembly { live, deleted }.finish(manifest))
}

/// Tells one way to make segments from another: text that was folded with one table cannot be searched
/// together with text that was folded with another, and documents that were written with other
/// codebooks have other lengths.
pub(crate) fn analysis() -> u64 {
    xxhash_rust::xxh64::xxh64(&Codebooks::all().write(|_| true), fold_table_hash())
}

/// A segment whose files are made, and what is known of it besides.
struct Made {
    written: Written,
    alphabet: Alphabet,
    originals: Alphabet,
    counts: Counts,
    long_values: u64,
    text_bytes: u64,
}

fn make_segment(
    documents: Documents,
    folder: &str,
    (settings, residency): (&Settings, Residency),
    workspace: &Workspace,
    progress: &dyn Progress,
) -> Result<Made, Error> {
    let (seed, text_bytes) = (documents.hash(), documents.text_bytes());
    let is_small = is_small(text_bytes, residency.one_file);
    let file_bytes = document_file_bytes(text_bytes, is_small);
    let mut writer = SegmentWriter::create(workspace, folder, (seed, file_bytes), residency);
    let mixed_pairs = text_bytes + 4 * documents.letters() >= settings.mixed_from;
    let common_words = if mixed_pairs {
        common_words(&documents)?
    } else {
        Vec::new()
    };
    let keys = KeyKinds {
        mixed_pairs,
        common_words,
        facets: facet_fields(&settings.facets),
    };
    let mut runs = make_runs(&documents, &keys, workspace, &mut writer, progress)?;
    drop(documents);
    join(&mut runs, workspace, progress)?;

    let layout = Layout::choose(runs.occurrences, is_small);
    let mut segment = Segment {
        seed,
        documents: runs.lengths.len() as u32,
        units: runs.lengths.iter().map(|&units| u64::from(units)).sum(),
        mixed_pairs,
        common_words: keys.common_words,
        ..Segment::default()
    };
    for kind in [StreamKind::LongDocuments, StreamKind::LongPositions] {
        segment.streams[kind as usize].file_bytes = layout.file_bytes;
    }
    writer.lay_out(layout);
    let (alphabet, originals) = (runs.alphabet.clone(), runs.originals.clone());
    let encoder = PostingsEncoder {
        tuning: segment.tuning(),
        list_bytes: layout.list_bytes,
        documents_bytes: layout.documents_bytes,
    };
    let thresholds = Thresholds {
        range_bytes: (workspace.memory).merge_range(runs.bytes(), rayon::current_num_threads()),
        heavy_bytes: layout.range_bytes,
        positions: workspace.memory.positions(),
        bare_units: settings.bare_units,
    };
    let counts = merge(
        &runs,
        &encoder,
        thresholds,
        workspace,
        &mut writer,
        progress,
    )?;
    let long_values = runs.long_values;
    drop(runs);
    writer.variants(&fold_table().variants(&alphabet, &originals))?;
    Ok(Made {
        written: writer.finish(segment, settings.packs)?,
        alphabet,
        originals,
        counts,
        long_values,
        text_bytes,
    })
}

/// Documents that become one run.
struct Portion<'r> {
    documents: Range<usize>,
    /// Bytes of their text, for which there is room.
    text: u64,
    room: Taken<'r>,
}

/// Folds and indexes all documents, and packs them on the way, while they are in memory.
fn make_runs(
    documents: &Documents,
    keys: &KeyKinds,
    workspace: &Workspace,
    writer: &mut SegmentWriter,
    progress: &dyn Progress,
) -> Result<Runs, Error> {
    progress.begin(Stage::Index, documents.len() as u64);
    let threads = rayon::current_num_threads();
    let workspace = workspace.beside(documents.len());
    let bytes = workspace.memory.run_text(documents.bytes(), threads);
    let mut runs = Runs::new(workspace.spool("runs", workspace.memory.runs()));
    // Parts are cut between documents, so one may be far larger than a thread's share. Room is taken in order, and kept
    // until the run is handed on: others may have to wait for theirs.
    let room = Room::new(2 * bytes * threads as u64);
    let parts = documents.parts(bytes).map(|part| {
        let numbers = part.clone();
        let text = numbers.map(|number| documents.text_bytes_of(number)).sum();
        Portion {
            documents: part,
            text,
            room: room.take(text),
        }
    });
    let worker = || {
        let (mut maker, mut packer) = (RunMaker::default(), Packer::new());
        move |part| -> Result<_, Error> {
            let Portion {
                documents: range,
                text,
                room,
            } = part;
            let first = range.start as u32;
            let some = documents.read(range)?;
            let count = some.len() as u64;
            let run = maker.run(fold_table(), first, &some, keys);
            if text > 2 * bytes {
                maker = RunMaker::default();
            }
            let packed = packer.pack(some);
            progress.advance(count);
            Ok((run, packed, room))
        }
    };
    in_order_with(parts, worker, |made| {
        let (run, packed, _room) = made?;
        for (codebook, payload) in packed.iter() {
            writer.document(codebook, payload)?;
        }
        runs.add(run)
    })?;
    Ok(runs)
}
