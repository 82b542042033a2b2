//! The engine: holds an opened archive and answers queries from the extents it is given.

use std::cmp::Reverse;
use std::ops::Range;

use serde::Serialize;

use super::evaluate::want_planned;
use super::excerpt::{count_hits, excerpt, places};
use super::extents::{ExtentId, Extents, Stop, every};
use super::find::{Finder, Found, collection, find_plain};
use super::narrow::{Count, DateRange, Filter};
use super::parse::{Query, parse};
use super::response::{
    ArchiveInfo, FacetCount, Metadata, Pack, Read, Response, SearchResult, ValueCount,
};
use super::score::{Scored, best_places, page};
use super::segment::SegmentReader;
use crate::format::directory::{self, PER_PIECE};
use crate::format::documents::{self, StoredDocument};
use crate::format::manifest::{Segment, Start};
use crate::format::postings::Extent;
use crate::format::stream::{StreamKind, unseal};
use crate::format::{MANIFEST_NAME, section};
use crate::{Error, ErrorKind};

/// Payloads that are kept between searches, in bytes.
const CACHE_BYTES: usize = 64 << 20;

/// How to search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchOptions {
    /// At most so many results.
    pub limit: usize,
    /// So many results are left out before the first.
    pub offset: usize,
    /// A word that the query ends in may go on: it is still being typed.
    pub prefix: bool,
    /// Documents have to pass all of them. With filters or dates, a query without terms finds all
    /// that pass, the newest first.
    pub filters: Vec<Filter>,
    /// Documents have to be of these dates.
    pub dates: DateRange,
    /// Fields whose values are counted among all that is found.
    pub facets: Vec<String>,
    /// At most so many values of each field.
    pub facet_limit: usize,
    /// Which results come first. In a large archive the newest do where relevance would cost too
    /// much; the response says so.
    pub order: Order,
    /// The page that was asked for is enough: the number of all matches need not be exact.
    pub first_page: bool,
}

/// In which order results come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// The best first. Without a query, the newest first, and those of a day in the order of the
    /// archive.
    #[default]
    Relevance,
    /// The order of the archive from its end.
    Newest,
    /// The order of the archive.
    Oldest,
}

impl SearchOptions {
    fn is_narrowed(&self) -> bool {
        !self.filters.is_empty() || self.dates != DateRange::default()
    }
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self {
            limit: 10,
            offset: 0,
            prefix: false,
            filters: Vec::new(),
            dates: DateRange::default(),
            facets: Vec::new(),
            facet_limit: 50,
            order: Order::default(),
            first_page: false,
        }
    }
}

/// What a search came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Load these extents and search again.
    Missing(Vec<Read>),
    /// The answer.
    Response(Response),
}

/// A response, and whether there was anything to look for.
struct Answer {
    response: Response,
    has_terms: bool,
}

impl Answer {
    fn is_in_vain(&self) -> bool {
        self.has_terms && self.response.total == 0
    }
}

/// What became of an extent's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loaded {
    /// It is kept.
    Kept,
    /// This is its payload: inflate it (raw DEFLATE) and call [`Engine::load_inflated`].
    Deflated(Vec<u8>),
}

/// An opened archive.
#[derive(Debug)]
pub struct Engine {
    start: Start,
    extents: Extents,
    /// True if the fold table has the variants of all segments.
    knows_variants: bool,
}

impl Engine {
    /// Checks and opens the manifest file.
    ///
    /// # Errors
    /// If it is damaged, or of a format that this version does not read.
    pub fn open(manifest: &[u8]) -> Result<Self, Error> {
        let start = Start::open(manifest)?;
        let extents = Extents::new(CACHE_BYTES);
        Ok(Self {
            start,
            extents,
            knows_variants: false,
        })
    }

    /// Everything that the manifest file holds.
    pub fn start(&self) -> &Start {
        &self.start
    }

    /// What the archive says about itself.
    pub fn info(&self) -> ArchiveInfo {
        let manifest = &self.start.manifest;
        ArchiveInfo {
            title: manifest.title.clone(),
            language: manifest.language.clone(),
            documents: manifest.documents(),
            first_date: manifest.first_date.clone(),
            last_date: manifest.last_date.clone(),
            facets: manifest.facets.clone(),
            resident: manifest.segments.iter().all(|segment| {
                let stream = segment.stream(StreamKind::Terms);
                stream.resident || stream.bytes == 0
            }),
            format: section::VERSION,
        }
    }

    /// Checks an extent that was asked for and keeps it.
    ///
    /// # Errors
    /// If the bytes are damaged, or the archive has no such file.
    pub fn load(&mut self, file: &str, start: u64, bytes: &[u8]) -> Result<Loaded, Error> {
        let id = self.extent_at(file, start)?;
        let seed = self.segment(id).seed;
        let payload = unseal(seed, id.kind, id.address, bytes).and_then(|payload| {
            let is_document = id.kind == StreamKind::Documents;
            if is_document {
                documents::unpad(payload)
            } else {
                Ok(payload)
            }
        });
        let payload = payload.map_err(|error| error.in_file(file))?;
        let payload = match id.kind {
            StreamKind::Documents => return Ok(Loaded::Deflated(payload.to_vec())),
            StreamKind::Directory => {
                let documents = self.segment(id).stream(StreamKind::Documents);
                directory::unpack(payload, PER_PIECE, documents.file_bytes)
            }
            _ => Ok(payload.to_vec()),
        };
        let payload = payload.map_err(|error| error.in_file(file))?;
        self.extents.insert(id, payload);
        Ok(Loaded::Kept)
    }

    /// Keeps an extent whose payload has been inflated.
    ///
    /// # Errors
    /// If the archive has no such file, or no codebook for what is in it.
    pub fn load_inflated(&mut self, file: &str, start: u64, payload: &[u8]) -> Result<(), Error> {
        let id = self.extent_at(file, start)?;
        let document = self.start.expand(payload);
        let document = document.map_err(|error| error.in_file(file))?;
        self.extents.insert(id, document.into_owned());
        Ok(())
    }

    /// Bytes of memory that the extents take that are kept for later searches.
    pub fn cache_bytes(&self) -> usize {
        self.extents.bytes()
    }

    fn segment(&self, id: ExtentId) -> &Segment {
        &self.start.manifest.segments[id.segment as usize]
    }

    /// What begins at this place of a file.
    fn extent_at(&self, file: &str, start: u64) -> Result<ExtentId, Error> {
        let id = if file == MANIFEST_NAME {
            self.start.documents_at(start)
        } else {
            let mut segments = (0..).zip(&self.start.manifest.segments);
            segments.find_map(|(number, segment)| {
                let (kind, address) = segment.address(file, start)?;
                Some((number, kind, address))
            })
        };
        let id = id.map(|(segment, kind, address)| ExtentId {
            segment,
            kind,
            address,
        });
        let unknown = || Error::new(ErrorKind::WrongBlock, "no file of this archive").in_file(file);
        id.ok_or_else(unknown)
    }

    /// Answers a query, or says which extents it needs first.
    ///
    /// # Errors
    /// If an extent that passed its checksum cannot be read: a bug, or an attack.
    pub fn search(&mut self, query: &str, options: &SearchOptions) -> Result<Outcome, Error> {
        self.ask(|engine: &Self| engine.answer(query, options))
    }

    /// The same with less code, for what most searches ask for: limit, offset and prefix are all
    /// that counts of the options. In an archive that [ranks by length](Engine::ranks_by_length).
    ///
    /// # Errors
    /// As [`Engine::search`].
    pub fn search_plain(&mut self, query: &str, options: &SearchOptions) -> Result<Outcome, Error> {
        self.ask(|engine: &Self| engine.answer_plain(query, options))
    }

    /// True if the archive is small enough for lengths to be known, and all matches to be ranked.
    pub fn ranks_by_length(&self) -> bool {
        collection(&self.start.manifest).ranks_by_length()
    }

    /// A query that finds nothing may be written in characters that no document has. (Not behind a
    /// pointer, which would make the plain search lead to the other: `crates/xtask/src/split.rs`.)
    fn ask(&mut self, answer: impl Fn(&Self) -> Result<Answer, Stop>) -> Result<Outcome, Error> {
        self.extents.begin();
        let mut found = answer(self);
        if !self.knows_variants && found.as_ref().is_ok_and(Answer::is_in_vain) {
            found = self.learn_variants().and_then(|()| answer(self));
        }
        let found = found.map(|answer| answer.response);
        match found {
            Ok(response) => {
                self.extents.shrink();
                Ok(Outcome::Response(response))
            }
            Err(Stop::Missing) => Ok(Outcome::Missing(self.wanted())),
            Err(Stop::Error(error)) => Err(error),
        }
    }

    /// What a search with this query will ask for first, as far as its terms decide that: whoever
    /// fetches it beforehand saves a round trip. It takes little of the engine's code (see
    /// `crates/xtask/src/split.rs`), so that it can be asked before the rest has arrived.
    pub fn plan(&mut self, query: &str, prefix: bool) -> Vec<Read> {
        self.extents.begin();
        let parsed = parse(&self.start.fold_table, query, prefix);
        if !parsed.terms.is_empty() {
            let live = SegmentReader::all(&self.start, &self.extents);
            live.iter().for_each(SegmentReader::want_directory);
            let deleted = SegmentReader::of_deleted(&self.start, &self.extents);
            for segment in live.iter().chain(&deleted) {
                want_planned(&parsed, segment);
            }
        }
        self.wanted()
    }

    /// Where the terms of a query stand in a text of the archive: bytes of it, rising, without
    /// overlap. What is found is what a search would mark, if what [`Engine::wants_for_hits`] names
    /// has been loaded.
    ///
    /// The archive knows only the characters that its documents have, so of any other text places
    /// may be left out.
    pub fn hits(&self, query: &str, text: &str, prefix: bool) -> Vec<Range<usize>> {
        let table = &self.start.fold_table;
        places(table, &parse(table, query, prefix), text)
    }

    fn learn_variants(&mut self) -> Result<(), Stop> {
        let segments = SegmentReader::all(&self.start, &self.extents).into_iter();
        let variants = every(segments.map(|segment| segment.variants().map(<[u8]>::to_vec)))?;
        for bytes in variants.iter().filter(|bytes| !bytes.is_empty()) {
            self.start.fold_table.add_variants(bytes)?;
        }
        self.knows_variants = true;
        Ok(())
    }

    /// What has to be loaded before [`Engine::hits`] finds all terms: nothing, unless one is
    /// nowhere in the text, so that it may be written in characters that no document has.
    ///
    /// # Errors
    /// If what was loaded cannot be read.
    pub fn wants_for_hits(
        &mut self,
        query: &str,
        text: &str,
        prefix: bool,
    ) -> Result<Vec<Read>, Error> {
        self.extents.begin();
        let table = &self.start.fold_table;
        let query = parse(table, query, prefix);
        let counts = count_hits(table, &query, "", text);
        if self.knows_variants || counts.iter().all(|&count| count > 0) {
            return Ok(Vec::new());
        }
        match self.learn_variants() {
            Ok(()) => Ok(Vec::new()),
            Err(Stop::Missing) => Ok(self.wanted()),
            Err(Stop::Error(error)) => Err(error),
        }
    }

    fn wanted(&self) -> Vec<Read> {
        let wanted = self.extents.take_wanted().into_iter();
        wanted.map(|(id, bytes)| self.read(id, bytes)).collect()
    }

    fn read(&self, id: ExtentId, bytes: u32) -> Read {
        let segment = self.segment(id);
        let stream = segment.stream(id.kind);
        let extent = Extent {
            address: id.address,
            bytes,
        };
        if let Some((start, _)) = self.start.resident(id.segment as usize, id.kind, extent) {
            let file = MANIFEST_NAME.to_owned();
            return Read {
                file,
                start: start as u64,
                bytes,
                pack: None,
            };
        }
        let has_pack = self.start.manifest.packs && !segment.one_file;
        let pack = has_pack.then(|| Pack {
            file: segment.pack_name(id.kind),
            start: id.address,
            total: stream.bytes,
        });
        let (file, start) = segment.place(id.kind, id.address);
        Read {
            file,
            start,
            bytes,
            pack,
        }
    }

    fn answer(&self, query: &str, options: &SearchOptions) -> Result<Answer, Stop> {
        let parsed = parse(&self.start.fold_table, query, options.prefix);
        let segments = SegmentReader::all(&self.start, &self.extents);
        let deleted = SegmentReader::of_deleted(&self.start, &self.extents);
        let mut found = if parsed.terms.is_empty() && !options.is_narrowed() {
            Found::nothing(options.order)
        } else {
            let finder = Finder {
                query: &parsed,
                options,
                manifest: &self.start.manifest,
                segments: &segments,
                deleted: deleted.as_ref(),
            };
            finder.find()?
        };
        let mut counts = std::mem::take(&mut found.facets).into_iter();
        let facets = options.facets.iter().map(|field| FacetCount {
            field: field.clone(),
            values: best(counts.next().unwrap_or_default(), options.facet_limit),
        });
        let facets = facets.collect();
        let mut answer = self.respond(query, &parsed, found, options, &segments)?;
        answer.response.facets = facets;
        Ok(answer)
    }

    fn answer_plain(&self, query: &str, options: &SearchOptions) -> Result<Answer, Stop> {
        let parsed = parse(&self.start.fold_table, query, options.prefix);
        let segments = SegmentReader::all(&self.start, &self.extents);
        let found = if parsed.terms.is_empty() {
            Found::nothing(Order::Relevance)
        } else {
            let deleted = SegmentReader::of_deleted(&self.start, &self.extents);
            find_plain(&parsed, &self.start.manifest, &segments, deleted.as_ref())?
        };
        self.respond(query, &parsed, found, options, &segments)
    }

    /// The page of what was found that was asked for.
    fn respond(
        &self,
        query: &str,
        parsed: &Query,
        found: Found,
        options: &SearchOptions,
        segments: &[SegmentReader<'_>],
    ) -> Result<Answer, Stop> {
        let page = page(&found.scored, options.offset, options.limit);
        let response = Response {
            query: query.to_owned(),
            total: found.total,
            exact: found.exact,
            order: found.order,
            facets: Vec::new(),
            results: self.results(parsed, found.order, &page, segments)?,
        };
        Ok(Answer {
            has_terms: !parsed.terms.is_empty(),
            response,
        })
    }

    fn results(
        &self,
        query: &Query,
        order: Order,
        page: &[Scored],
        segments: &[SegmentReader<'_>],
    ) -> Result<Vec<SearchResult>, Stop> {
        let stored = |hit: &Scored| segments[hit.segment].stored(&[hit.document]);
        let documents = every(page.iter().map(stored))?.into_iter().flatten();
        Ok(page
            .iter()
            .zip(documents)
            .map(|(hit, document)| self.result(query, order, hit, document))
            .collect())
    }

    fn result(
        &self,
        query: &Query,
        order: Order,
        hit: &Scored,
        document: StoredDocument,
    ) -> SearchResult {
        let StoredDocument { record, body } = document;
        let excerpt = excerpt(&self.start.fold_table, query, &record.title, &body);
        let url = if record.url.is_empty() {
            let articles = self.start.manifest.articles;
            articles.address(&record.id, record.date.as_deref())
        } else {
            record.url
        };
        SearchResult {
            id: record.id,
            url,
            title: record.title,
            date: record.date,
            score: if order == Order::Relevance {
                f64::from_bits(hit.rank)
            } else {
                0.0
            },
            excerpt,
            meta: Metadata(record.metadata),
        }
    }
}

/// The values that most documents have; of those that as many have, the first.
fn best(counts: Vec<Count>, limit: usize) -> Vec<ValueCount> {
    let ranks = counts.iter().enumerate();
    let ranks = ranks.map(|(at, (_, count))| (Reverse(*count), at as u64, at));
    let best = best_places(ranks.collect(), limit);
    let value = |at: usize| {
        let (value, count) = counts[at].clone();
        ValueCount { value, count }
    };
    best.into_iter().map(value).collect()
}
