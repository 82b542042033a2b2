//! The engine: holds an opened archive and answers queries from the blocks it is given.

use super::blocks::{Blocks, Stop};
use super::evaluate::{Matches, evaluate};
use super::excerpt::excerpt;
use super::parse::{Query, parse};
use super::response::{ArchiveInfo, Metadata, Response, SearchResult};
use super::score::{Collection, Scored, page, score};
use crate::format::documents::{DocumentsBlock, StoredDocument};
use crate::format::manifest::{Manifest, Segment, Start};
use crate::format::{BlockId, BlockKind, lengths, section};
use crate::{Error, ErrorKind};

/// Payloads that are kept between searches, in bytes.
const CACHE_BYTES: usize = 64 << 20;
/// An archive with this many blocks of lengths or fewer asks for them with its first query, for
/// they are small and every query needs them: one round trip less.
const LENGTHS_AT_ONCE: u32 = 4;

/// How to search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchOptions {
    /// At most so many results.
    pub limit: usize,
    /// So many results are left out before the first.
    pub offset: usize,
    /// A word that the query ends in may go on: it is still being typed.
    pub prefix: bool,
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self {
            limit: 10,
            offset: 0,
            prefix: false,
        }
    }
}

/// What a search came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Load these blocks and search again.
    Missing(Vec<String>),
    /// The answer.
    Response(Response),
}

/// What became of a block's bytes.
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
    blocks: Blocks,
}

impl Engine {
    /// Checks and opens the manifest file.
    ///
    /// # Errors
    /// If it is damaged, or of a format that this version does not read.
    pub fn open(manifest: &[u8]) -> Result<Self, Error> {
        let start = Start::open(manifest)?;
        let blocks = Blocks::new(start.manifest.segment.clone(), CACHE_BYTES);
        Ok(Self { start, blocks })
    }

    /// Everything that the manifest file holds.
    pub fn start(&self) -> &Start {
        &self.start
    }

    /// What the archive says about itself.
    pub fn info(&self) -> ArchiveInfo {
        let Manifest {
            title,
            language,
            first_date,
            last_date,
            segment,
        } = &self.start.manifest;
        ArchiveInfo {
            title: title.clone(),
            language: language.clone(),
            documents: segment.documents,
            first_date: first_date.clone(),
            last_date: last_date.clone(),
            format: section::VERSION,
        }
    }

    /// Checks a block that was asked for and keeps it.
    ///
    /// # Errors
    /// If the bytes are damaged or those of another block.
    pub fn load(&mut self, name: &str, bytes: &[u8]) -> Result<Loaded, Error> {
        let id = self.block_named(name)?;
        let opened = id.open(self.segment().tag, bytes);
        let section = opened.map_err(|error| error.in_file(name))?;
        if section.deflated {
            return Ok(Loaded::Deflated(section.payload.to_vec()));
        }
        self.blocks.insert(id, section.payload.to_vec());
        Ok(Loaded::Kept)
    }

    /// Keeps a block whose payload has been inflated.
    ///
    /// # Errors
    /// If the archive has no block of this name.
    pub fn load_inflated(&mut self, name: &str, payload: Vec<u8>) -> Result<(), Error> {
        let id = self.block_named(name)?;
        self.blocks.insert(id, payload);
        Ok(())
    }

    fn block_named(&self, name: &str) -> Result<BlockId, Error> {
        let id = self.segment().block_named(name);
        let unknown =
            || Error::new(ErrorKind::WrongBlock, "no block of this archive").in_file(name);
        id.ok_or_else(unknown)
    }

    fn segment(&self) -> &Segment {
        &self.start.manifest.segment
    }

    /// Answers a query, or says which blocks it needs first.
    ///
    /// # Errors
    /// If a block that passed its checksum cannot be read: a bug, or an attack.
    pub fn search(&mut self, query: &str, options: &SearchOptions) -> Result<Outcome, Error> {
        self.blocks.begin();
        match self.answer(query, options) {
            Ok(response) => {
                self.blocks.shrink();
                Ok(Outcome::Response(response))
            }
            Err(Stop::Missing) => Ok(Outcome::Missing(self.wanted())),
            Err(Stop::Error(error)) => Err(error),
        }
    }

    fn wanted(&self) -> Vec<String> {
        let tag = self.segment().tag;
        let wanted = self.blocks.take_wanted();
        wanted.into_iter().map(|id| id.file_name(tag)).collect()
    }

    fn answer(&self, query: &str, options: &SearchOptions) -> Result<Response, Stop> {
        let parsed = parse(&self.start.fold_table, query, options.prefix);
        if !parsed.terms.is_empty() {
            self.want_lengths();
        }
        let matches = evaluate(
            &parsed,
            &self.blocks,
            &self.start.dictionary,
            &self.start.fold_table,
        )?;
        let lengths = self.lengths(&matches)?;
        let scored = score(&matches, &lengths, self.collection());
        let results = self.results(&parsed, &page(&scored, options.offset, options.limit))?;
        Ok(Response {
            query: query.to_owned(),
            total: matches.documents.len() as u64,
            results,
        })
    }

    fn collection(&self) -> Collection {
        Collection {
            documents: self.segment().documents,
            units: self.segment().units,
        }
    }

    fn want_lengths(&self) {
        let count = self.segment().block_count(BlockKind::Lengths);
        if count <= LENGTHS_AT_ONCE {
            for number in 0..count {
                self.blocks.get(BlockId {
                    kind: BlockKind::Lengths,
                    number,
                });
            }
        }
    }

    fn lengths(&self, matches: &Matches) -> Result<Vec<u32>, Stop> {
        let block = |document: u32| BlockId {
            kind: BlockKind::Lengths,
            number: document / lengths::PER_BLOCK,
        };
        let length = |&document: &u32| {
            let payload = self.blocks.get(block(document)).ok_or(Stop::Missing)?;
            let short = || Error::damaged("a document has no length");
            Ok(lengths::read(payload, document).ok_or_else(short)?)
        };
        let all: Vec<Result<u32, Stop>> = matches.documents.iter().map(length).collect();
        all.into_iter().collect()
    }

    fn results(&self, query: &Query, page: &[Scored]) -> Result<Vec<SearchResult>, Stop> {
        let documents: Vec<_> = page.iter().map(|hit| self.document(hit.document)).collect();
        let result = |(hit, document): (&Scored, Result<StoredDocument, Stop>)| {
            let StoredDocument { record, body } = document?;
            let excerpt = excerpt(&self.start.fold_table, query, &record.title, &body);
            Ok(SearchResult {
                id: record.id,
                url: record.url,
                title: record.title,
                date: record.date,
                score: hit.score,
                excerpt,
                meta: Metadata(record.metadata),
            })
        };
        page.iter().zip(documents).map(result).collect()
    }

    fn document(&self, document: u32) -> Result<StoredDocument, Stop> {
        let per_block = self.segment().documents_per_block.max(1);
        let payload = self
            .blocks
            .require(BlockKind::Documents, document / per_block)?;
        let block = DocumentsBlock::read(payload)?;
        Ok(block.document((document % per_block) as usize)?)
    }
}
