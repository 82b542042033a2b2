//! From documents to the files of an archive.
//!
//! Documents are numbered in the order they come in, which is that of their dates. Contiguous
//! parts of them become [`run::Run`]s, each on a thread of its own, and are packed by [`store`] on
//! the way. Runs wait in [`runs::Runs`], in memory or on disk, until all are there; then [`merge`]
//! walks through the terms of all of them in order. Everything goes to one [`segment`], which
//! makes extents and files of it.
//!
//! How much of all this is in memory at a time is up to [`crate::memory`]. Nothing in the archive
//! depends on that, or on the number of threads: parts are cut by size, and their postings follow
//! one another.

mod layout;
mod merge;
mod range_list;
mod run;
mod runs;
mod segment;
mod store;
mod streams;

use std::ops::Range;
use std::path::PathBuf;

use backfile_core::format::MANIFEST_NAME;
use backfile_core::format::manifest::{Manifest, Segment, Start, Stretch};
use backfile_core::format::postings::PostingsEncoder;
use backfile_core::format::stream::StreamKind;
use backfile_core::text::Alphabet;
use serde::Serialize;

use crate::error::Error;
use crate::ordered::in_order;
use crate::progress::{Progress, Stage};
use crate::source::Documents;
use crate::unicode::fold_table;
use crate::workspace::Workspace;
use layout::Layout;
use merge::merge;
use run::Run;
use runs::Runs;
use segment::SegmentWriter;
use store::Packer;

/// What the archive says about itself.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Shown above the search box.
    pub title: String,
    /// As in HTML.
    pub language: String,
    /// Whether each stream is to be one large file as well.
    pub packs: bool,
}

/// An archive whose files are made but not published.
#[derive(Clone, Debug)]
pub struct BuiltIndex {
    /// The folder that the files are in, below that of the workspace. A small archive has none: all
    /// of it is in the manifest.
    pub folder: PathBuf,
    /// The name that the folder has to have beside the manifest.
    pub name: String,
    /// The file that names the others; to be written last.
    pub manifest: Vec<u8>,
    /// What came of it.
    pub summary: IndexSummary,
}

/// How large the index is.
#[derive(Clone, Debug, Default, Serialize)]
pub struct IndexSummary {
    /// Documents.
    pub documents: u64,
    /// Units of folded text.
    pub units: u64,
    /// Different keys in the dictionary: words, and pairs of neighbours.
    pub grams: u64,
    /// Pairs of a key and a document.
    pub postings: u64,
    /// Places where a key stands.
    pub positions: u64,
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
    /// Its files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Makes the files of an archive.
///
/// # Errors
/// If the workspace cannot be written or read back.
pub fn build(
    documents: Documents,
    settings: &Settings,
    workspace: &Workspace,
    progress: &dyn Progress,
) -> Result<BuiltIndex, Error> {
    let (seed, text_bytes) = (documents.hash(), documents.text_bytes());
    let mut writer = SegmentWriter::create(workspace, seed, text_bytes);
    let runs = make_runs(&documents, workspace, &mut writer, progress)?;
    let mut manifest = describe(&documents, settings);
    drop(documents);

    let layout = Layout::choose(runs.occurrences);
    let mut segment = Segment {
        seed,
        documents: runs.lengths.len() as u32,
        units: runs.lengths.iter().map(|&units| u64::from(units)).sum(),
        ..Segment::default()
    };
    for kind in [StreamKind::LongDocuments, StreamKind::LongPositions] {
        segment.streams[kind as usize].file_bytes = layout.file_bytes;
    }
    writer.lay_out(layout);
    let fold_table = fold_table_for(runs.alphabet.clone());
    let encoder = PostingsEncoder {
        tuning: segment.tuning(),
        list_bytes: layout.list_bytes,
        documents_bytes: layout.documents_bytes,
    };
    let range_bytes = workspace.memory.merge_range(rayon::current_num_threads());
    let sizes = (range_bytes, layout.range_bytes);
    let counts = merge(&runs, &encoder, sizes, &mut writer, progress)?;
    drop(runs);

    let written = writer.finish(segment, settings.packs)?;
    let segment = &written.segment;
    let mut summary = IndexSummary {
        documents: u64::from(segment.documents),
        units: segment.units,
        grams: counts.grams,
        postings: counts.postings,
        positions: counts.positions,
        text_bytes,
        parts: written.parts,
    };
    let name = format!("{:016x}", segment.tag);
    manifest.order = vec![Stretch {
        segment: 0,
        documents: segment.documents,
    }];
    manifest.segments = vec![written.segment];
    let start = Start::write(&manifest, &fold_table, &[written.start]);
    summary.parts.insert(
        0,
        Part {
            name: MANIFEST_NAME,
            files: 1,
            bytes: start.len() as u64,
        },
    );
    Ok(BuiltIndex {
        folder: written.folder,
        name,
        manifest: start,
        summary,
    })
}

/// Folds and indexes all documents, and packs them on the way, while they are in memory.
fn make_runs(
    documents: &Documents,
    workspace: &Workspace,
    writer: &mut SegmentWriter,
    progress: &dyn Progress,
) -> Result<Runs, Error> {
    progress.begin(Stage::Index, documents.len() as u64);
    let bytes = workspace.memory.run_text(rayon::current_num_threads());
    let mut runs = Runs::new(workspace.spool("runs", workspace.memory.runs()));
    let work = |part: Range<usize>| -> Result<(Run, Vec<Vec<u8>>), Error> {
        let first = part.start as u32;
        let some = documents.read(part)?;
        let count = some.len() as u64;
        let run = Run::new(fold_table(), first, &some);
        let packed = Packer::new().pack(some);
        progress.advance(count);
        Ok((run, packed))
    };
    in_order(documents.parts(bytes), work, |made| {
        let (run, packed) = made?;
        let mut packed = packed.into_iter();
        packed.try_for_each(|document| writer.document(document))?;
        runs.add(run)
    })?;
    Ok(runs)
}

/// The manifest without its segments.
fn describe(documents: &Documents, settings: &Settings) -> Manifest {
    let (first_date, last_date) = documents.dates().unzip();
    Manifest {
        title: settings.title.clone(),
        language: settings.language.clone(),
        first_date,
        last_date,
        packs: settings.packs,
        ..Manifest::default()
    }
}

/// The part of the fold table that the text, and a query that can match it, needs.
fn fold_table_for(mut alphabet: Alphabet) -> Vec<u8> {
    alphabet.add_jamo_of_syllables();
    let mut bytes = Vec::new();
    fold_table().restricted_to(&alphabet).write(&mut bytes);
    bytes
}
