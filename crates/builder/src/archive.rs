//! An archive on disk: the native twin of the browser's engine.
//!
//! It is the same core, given extents from files instead of the network, so what it answers is
//! what the browser answers; tests hold the two against each other.

use std::fmt::{self, Write as _};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use backfile_core::facet;
use backfile_core::format::manifest::{Segment, Start};
use backfile_core::format::postings::{Chunk, Extent, Part, PostingsList};
use backfile_core::format::stream::StreamKind;
use backfile_core::format::terms::TermsReader;
use backfile_core::format::{MANIFEST_NAME, branch};
use backfile_core::gram::{display_key, is_of_others, key_from_display};
use backfile_core::link::Articles;
use backfile_core::query::{Engine, Loaded, Outcome, Read};
use backfile_core::text::{Class, fold};
use libdeflater::{DecompressionError, Decompressor};
use serde::Serialize;

pub use backfile_core::query::excerpt::Piece;
pub use backfile_core::query::{
    ArchiveInfo, DateRange, FacetCount, Filter, Order, Response, SearchOptions, SearchResult,
    ValueCount,
};

use crate::error::Error;

mod documents;
mod verify;

pub(crate) use documents::Stored;
pub use documents::{Place, Reader};
pub(crate) use verify::chain;

/// An opened archive.
#[derive(Debug)]
pub struct Archive {
    folder: PathBuf,
    engine: Engine,
}

/// Something that is wrong with an archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file below the archive's folder.
    pub file: String,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.what)
    }
}

impl Archive {
    /// Opens the archive in `folder`, the one that holds `manifest.bf`.
    ///
    /// # Errors
    /// If the manifest cannot be read or is damaged.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let manifest = read_file(&folder.join(MANIFEST_NAME))?;
        let engine = Engine::open(&manifest).map_err(|source| Error::Archive {
            folder: folder.to_owned(),
            source,
        })?;
        Ok(Self {
            folder: folder.to_owned(),
            engine,
        })
    }

    /// How its documents can be read in the site around it.
    pub fn articles(&self) -> Articles {
        self.start().manifest.articles
    }

    /// What the archive says about itself.
    pub fn info(&self) -> ArchiveInfo {
        self.engine.info()
    }

    /// Answers a query.
    ///
    /// # Errors
    /// If something that it needs cannot be read or is damaged.
    pub fn search(&mut self, query: &str, options: SearchOptions) -> Result<Response, Error> {
        loop {
            let outcome = self.engine.search(query, &options);
            match outcome.map_err(|source| self.error(source))? {
                Outcome::Response(response) => return Ok(response),
                Outcome::Missing(reads) => {
                    reads.iter().try_for_each(|read| self.load(read))?;
                }
            }
        }
    }

    /// Where the terms of a query stand in a text of the archive: bytes of it, rising, without
    /// overlap. With `prefix`, a word that the query ends in may go on.
    ///
    /// # Errors
    /// If something that it needs cannot be read or is damaged.
    pub fn hits(
        &mut self,
        query: &str,
        text: &str,
        prefix: bool,
    ) -> Result<Vec<Range<usize>>, Error> {
        loop {
            let reads = self.engine.wants_for_hits(query, text, prefix);
            let reads = reads.map_err(|source| self.error(source))?;
            if reads.is_empty() {
                return Ok(self.engine.hits(query, text, prefix));
            }
            reads.iter().try_for_each(|read| self.load(read))?;
        }
    }

    fn load(&mut self, read: &Read) -> Result<(), Error> {
        let bytes = self.bytes(read)?;
        let loaded = self.engine.load(&read.file, read.start, &bytes);
        if let Loaded::Deflated(payload) = loaded.map_err(|source| self.error(source))? {
            let inflated = self.inflate(&read.file, &payload)?;
            let kept = self.engine.load_inflated(&read.file, read.start, &inflated);
            kept.map_err(|source| self.error(source))?;
        }
        Ok(())
    }

    fn bytes(&self, read: &Read) -> Result<Vec<u8>, Error> {
        self.reader().bytes(read)
    }

    fn inflate(&self, file: &str, payload: &[u8]) -> Result<Vec<u8>, Error> {
        let inflated = inflate(payload, u64::MAX).map_err(|source| Error::Read {
            path: self.folder.join(file),
            source,
        })?;
        Ok(inflated.unwrap_or_default()) // nothing is more than that
    }

    fn error(&self, source: backfile_core::Error) -> Error {
        Error::Archive {
            folder: self.folder.clone(),
            source,
        }
    }

    fn start(&self) -> &Start {
        self.engine.start()
    }

    /// Where an extent of a segment lies in the archive's files.
    fn place(&self, segment: usize, kind: StreamKind, extent: Extent) -> Read {
        self.reader().place(segment, kind, extent)
    }

    /// Reads an extent and checks it.
    fn payload(&self, segment: usize, kind: StreamKind, extent: Extent) -> Result<Vec<u8>, Error> {
        self.reader().payload(segment, kind, extent)
    }

    /// The leaves that may hold a key, or all keys with a prefix: where they lie, and what they hold.
    fn leaves(
        &self,
        segment: usize,
        key: &str,
        prefix: bool,
    ) -> Result<Vec<(Read, Vec<u8>)>, Error> {
        let start = self.start();
        let file_bytes = start.manifest.segments[segment]
            .stream(StreamKind::Terms)
            .file_bytes;
        let mut found = Vec::new();
        for branch in start.dictionaries[segment].branches(key, prefix) {
            let payload = self.payload(segment, StreamKind::Branches, branch)?;
            let leaves = branch::leaves(&payload, key, prefix, file_bytes);
            for leaf in leaves.map_err(|source| self.error(source))? {
                let place = self.place(segment, StreamKind::Terms, leaf);
                found.push((place, self.payload(segment, StreamKind::Terms, leaf)?));
            }
        }
        Ok(found)
    }

    /// Describes the archive, or where one gram lies in it, for people.
    ///
    /// A gram is a word or a pair of neighbours, as the dictionary has it; in a pair `·` stands
    /// for any word and `$` for the end of a text. `field=value` is a value of a facet.
    ///
    /// # Errors
    /// If something cannot be read or is damaged.
    pub fn inspect(&self, gram: Option<&str>) -> Result<String, Error> {
        match gram {
            None => Ok(self.describe()),
            Some(gram) => self.describe_gram(gram),
        }
    }

    fn describe(&self) -> String {
        let (info, manifest) = (self.engine.info(), &self.start().manifest);
        let mut table = Table::default();
        table.row("title", info.title);
        table.row("language", info.language);
        table.row("format", info.format.to_string());
        table.row("documents", info.documents.to_string());
        table.row("first date", info.first_date.unwrap_or_default());
        table.row("last date", info.last_date.unwrap_or_default());
        table.row("facets", info.facets.join(", "));
        table.row("segments", manifest.live_segments().len().to_string());
        for segment in manifest.live_segments() {
            describe_segment("segment", segment, &mut table);
        }
        if let Some(segment) = manifest.deleted_segment() {
            describe_segment("deleted documents", segment, &mut table);
        }
        table.text
    }

    fn describe_gram(&self, gram: &str) -> Result<String, Error> {
        let typed = self.facet_key(gram);
        let typed = typed.unwrap_or_else(|| key_from_display(gram));
        let folded = fold(&self.start().fold_table, gram);
        let mut text = String::new();
        let manifest = &self.start().manifest;
        for segment in 0..manifest.segments.len() {
            if segment == manifest.live_segments().len() {
                text += DELETED;
            }
            text += &match folded.units() {
                _ if typed != gram => self.describe_key(segment, &typed)?,
                [only] if only.class == Class::Solo => {
                    self.describe_unit(segment, folded.all_text())?
                }
                _ => self.describe_key(segment, folded.all_text())?,
            };
        }
        Ok(text)
    }

    /// The key of `field=value`, if there is such a facet.
    fn facet_key(&self, typed: &str) -> Option<String> {
        let (field, value) = typed.split_once('=')?;
        let facets = &self.start().manifest.facets;
        let is_known = field == facet::DATE || facets.iter().any(|known| known == field);
        is_known.then(|| facet::key(field, value))
    }

    fn describe_key(&self, segment: usize, key: &str) -> Result<String, Error> {
        let tuning = self.start().manifest.segments[segment].tuning();
        let shown = display_key(key);
        let mut text = format!("{shown}: not in the dictionary\n");
        for (place, payload) in self.leaves(segment, key, false)? {
            let found = TermsReader::new(&payload, tuning).and_then(|leaf| leaf.find(key));
            text = match found.map_err(|source| self.error(source))? {
                None => format!(
                    "{shown}: not in the dictionary; it would be in {}\n",
                    place.file
                ),
                Some(list) => describe_list(&shown, &place, &list),
            };
        }
        Ok(text)
    }

    /// A character of a script without spaces begins pairs.
    fn describe_unit(&self, segment: usize, unit: &str) -> Result<String, Error> {
        let tuning = self.start().manifest.segments[segment].tuning();
        let mut pairs = Vec::new();
        for (_, payload) in self.leaves(segment, unit, true)? {
            let read = TermsReader::new(&payload, tuning)
                .and_then(|leaf| collect_pairs(leaf, unit, &mut pairs));
            read.map_err(|source| self.error(source))?;
        }
        Ok(describe_pairs(unit, pairs))
    }
}

/// Comes before what is said of the segment of deleted documents.
const DELETED: &str = "of these, in deleted documents:\n";

fn collect_pairs(
    mut leaf: TermsReader<'_>,
    unit: &str,
    pairs: &mut Vec<(u64, String)>,
) -> Result<(), backfile_core::Error> {
    let mut next = leaf.seek(unit)?;
    while let Some(list) = next.filter(|_| leaf.key().starts_with(unit)) {
        if leaf.key() != unit && !is_of_others(leaf.key()) {
            pairs.push((list.occurrences(), display_key(leaf.key())));
        }
        next = leaf.next_term()?;
    }
    Ok(())
}

/// Lines of a name and a value.
#[derive(Default)]
struct Table {
    text: String,
}

impl Table {
    fn row(&mut self, name: &str, value: String) {
        let _ = writeln!(self.text, "{name:24}{value}");
    }
}

fn describe_segment(what: &str, segment: &Segment, table: &mut Table) {
    table.row(what, format!("{:016x}", segment.tag));
    table.row("  documents", segment.documents.to_string());
    table.row("  units", segment.units.to_string());
    let mixed_pairs = if segment.mixed_pairs { "yes" } else { "no" };
    table.row("  mixed pairs", mixed_pairs.to_owned());
    if !segment.common_words.is_empty() {
        table.row("  common words", segment.common_words.join(" "));
    }
    for kind in StreamKind::ALL {
        let stream = segment.stream(kind);
        let place = match stream.file_count() {
            _ if stream.resident => "in the manifest".to_owned(),
            _ if segment.one_file => "in the one file".to_owned(),
            1 => "1 file".to_owned(),
            files => format!("{files} files of {} bytes", stream.file_bytes),
        };
        if stream.bytes > 0 {
            table.row(
                &format!("  {}", kind.name()),
                format!("{} bytes, {place}", stream.bytes),
            );
        }
    }
}

/// Pairs that are listed; the others are counted.
const PAIRS_SHOWN: usize = 20;

fn describe_pairs(unit: &str, mut pairs: Vec<(u64, String)>) -> String {
    pairs.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let occurrences: u64 = pairs.iter().map(|(occurrences, _)| occurrences).sum();
    let mut text = format!(
        "{unit}\n  occurrences  {occurrences}, in {} pairs:\n",
        pairs.len()
    );
    for (occurrences, key) in pairs.iter().take(PAIRS_SHOWN) {
        let _ = writeln!(text, "  {occurrences:>11}  {key}");
    }
    if let Some(more) = pairs
        .len()
        .checked_sub(PAIRS_SHOWN)
        .filter(|more| *more > 0)
    {
        let _ = writeln!(text, "  and {more} more");
    }
    text
}

fn describe_list(key: &str, leaf: &Read, list: &PostingsList) -> String {
    let chunks = list.chunks.len();
    format!(
        "{key}\n  documents    {}\n  occurrences  {}\n  leaf         {} at {}, {} bytes\n  chunks       {chunks}{}\n",
        list.document_frequency(),
        list.occurrences(),
        leaf.file,
        leaf.start,
        leaf.bytes,
        match list.chunks.first() {
            _ if list.is_bare() => ", bare",
            Some(Chunk {
                documents: Part::Apart(_),
                ..
            }) => ", apart",
            Some(Chunk {
                positions: Part::Apart(_),
                ..
            }) => ", positions apart",
            Some(Chunk {
                positions: Part::Nowhere,
                ..
            }) => ", without positions",
            _ => "",
        },
    )
}

fn read_file(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })
}

/// How much more a document takes than the bytes that it is stored in, rather too much: text is 1.7 times as much in
/// zh-cctv, 2.9 times in documents of 3 MiB.
const INFLATED: usize = 4;

/// What a payload inflates to; `None` if that is more than so many bytes, and more than one.
///
/// # Errors
/// If it is damaged.
fn inflate(payload: &[u8], most: u64) -> io::Result<Option<Vec<u8>>> {
    let most = usize::try_from(most).unwrap_or(usize::MAX).max(1);
    let mut decompressor = Decompressor::new();
    let mut room = (INFLATED * payload.len()).clamp(1, most);
    loop {
        let mut inflated = vec![0; room];
        match decompressor.deflate_decompress(payload, &mut inflated) {
            Ok(bytes) => {
                inflated.truncate(bytes);
                return Ok(Some(inflated));
            }
            Err(DecompressionError::InsufficientSpace) if room == most => return Ok(None),
            Err(DecompressionError::InsufficientSpace) => room = room.saturating_mul(2).min(most),
            Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
        }
    }
}
