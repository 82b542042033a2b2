//! An archive on disk: the native twin of the browser's engine.
//!
//! It is the same core, given blocks from files instead of the network, so what it answers is
//! what the browser answers; tests hold the two against each other.

use std::fmt::{self, Write as _};
use std::io::Read;
use std::path::{Path, PathBuf};

use backfile_core::format::manifest::Segment;
use backfile_core::format::postings::ListReader;
use backfile_core::format::terms::TermsBlock;
use backfile_core::format::{BlockId, BlockKind, MANIFEST_NAME};
use backfile_core::gram::{display_key, key_from_display};
use backfile_core::query::{Engine, Loaded, Outcome};
use backfile_core::text::fold;
use flate2::read::DeflateDecoder;
use serde::Serialize;

pub use backfile_core::query::excerpt::Piece;
pub use backfile_core::query::{Response, SearchOptions, SearchResult};

use crate::error::Error;

mod verify;

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

    /// Answers a query.
    ///
    /// # Errors
    /// If a block that it needs cannot be read or is damaged.
    pub fn search(&mut self, query: &str, options: SearchOptions) -> Result<Response, Error> {
        loop {
            let outcome = self.engine.search(query, &options);
            match outcome.map_err(|source| self.error(source))? {
                Outcome::Response(response) => return Ok(response),
                Outcome::Missing(names) => {
                    names.iter().try_for_each(|name| self.load(name))?;
                }
            }
        }
    }

    fn load(&mut self, name: &str) -> Result<(), Error> {
        let bytes = read_file(&self.folder.join(name))?;
        let loaded = self.engine.load(name, &bytes);
        if let Loaded::Deflated(payload) = loaded.map_err(|source| self.error(source))? {
            let inflated = inflate(&payload).map_err(|source| Error::Read {
                path: self.folder.join(name),
                source,
            })?;
            let kept = self.engine.load_inflated(name, inflated);
            kept.map_err(|source| self.error(source))?;
        }
        Ok(())
    }

    fn error(&self, source: backfile_core::Error) -> Error {
        Error::Archive {
            folder: self.folder.clone(),
            source,
        }
    }

    fn segment(&self) -> &Segment {
        &self.engine.start().manifest.segment
    }

    /// Reads a block, checks it and inflates it.
    fn payload(&self, id: BlockId) -> Result<Vec<u8>, Error> {
        let name = id.file_name(self.segment().tag);
        let bytes = read_file(&self.folder.join(&name))?;
        let section = id.open(self.segment().tag, &bytes);
        let section = section.map_err(|error| self.error(error.in_file(&name)))?;
        if !section.deflated {
            return Ok(section.payload.to_vec());
        }
        inflate(section.payload).map_err(|source| Error::Read {
            path: self.folder.join(&name),
            source,
        })
    }

    /// Describes the archive, or where one gram lies in it, for people.
    ///
    /// A gram is a word or a pair of neighbours, as the dictionary has it; in a pair `·` stands
    /// for any word and `$` for the end of a text.
    ///
    /// # Errors
    /// If a block cannot be read or is damaged.
    pub fn inspect(&self, gram: Option<&str>) -> Result<String, Error> {
        match gram {
            None => Ok(self.describe()),
            Some(gram) => self.describe_gram(gram),
        }
    }

    fn describe(&self) -> String {
        let (info, segment) = (self.engine.info(), self.segment());
        let mut text = String::new();
        let mut line = |name: &str, value: String| {
            let _ = writeln!(text, "{name:24}{value}");
        };
        line("title", info.title);
        line("language", info.language);
        line("format", info.format.to_string());
        line("segment", format!("{:016x}", segment.tag));
        line("documents", segment.documents.to_string());
        line("units", segment.units.to_string());
        line("first date", info.first_date.unwrap_or_default());
        line("last date", info.last_date.unwrap_or_default());
        line(
            "documents in a block",
            segment.documents_per_block.to_string(),
        );
        for kind in BlockKind::ALL {
            let blocks = segment.block_count(kind);
            if blocks > 0 {
                line(kind.name(), format!("{blocks} blocks"));
            }
        }
        text
    }

    fn describe_gram(&self, gram: &str) -> Result<String, Error> {
        let typed = key_from_display(gram);
        let folded = fold(&self.engine.start().fold_table, gram);
        if typed != gram {
            return self.describe_key(&typed);
        }
        match folded.units() {
            [only] if !only.is_word() => self.describe_unit(folded.all_text()),
            _ => self.describe_key(folded.all_text()),
        }
    }

    fn describe_key(&self, key: &str) -> Result<String, Error> {
        let number = self.engine.start().dictionary.leaf(key.as_bytes());
        let (file, payload) = self.leaf(number)?;
        let block = TermsBlock::new(&payload, self.segment().tuning());
        let found = block
            .find(key.as_bytes())
            .map_err(|source| self.error(source))?;
        let key = display_key(key);
        Ok(match found {
            None => format!("{key}: not in the dictionary; it would be in {file}\n"),
            Some(list) => describe_list(&key, &file, &list),
        })
    }

    /// A unit that is not a word has no key of its own: it begins pairs.
    fn describe_unit(&self, unit: &str) -> Result<String, Error> {
        let mut pairs = Vec::new();
        for number in self.engine.start().dictionary.leaves(unit.as_bytes()) {
            let (_, payload) = self.leaf(number)?;
            let mut block = TermsBlock::new(&payload, self.segment().tuning());
            let mut next = block.seek(unit.as_bytes());
            while let Some(list) = next.map_err(|source| self.error(source))? {
                if !block.key().starts_with(unit.as_bytes()) {
                    break;
                }
                let key = display_key(&String::from_utf8_lossy(block.key()));
                pairs.push((list.occurrences(), key));
                next = block.next_term();
            }
        }
        Ok(describe_pairs(unit, pairs))
    }

    /// The name and the payload of a leaf of the dictionary.
    fn leaf(&self, number: u32) -> Result<(String, Vec<u8>), Error> {
        let kind = BlockKind::Terms;
        let id = BlockId { kind, number };
        Ok((id.file_name(self.segment().tag), self.payload(id)?))
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

fn describe_list(key: &str, file: &str, list: &ListReader<'_>) -> String {
    format!(
        "{key}\n  documents    {}\n  occurrences  {}\n  leaf         {file}\n  stored       {}, {} {}\n",
        list.document_frequency(),
        list.occurrences(),
        list.form(),
        list.chunk_count(),
        if list.chunk_count() == 1 {
            "chunk"
        } else {
            "chunks"
        },
    )
}

fn read_file(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })
}

fn inflate(payload: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut inflated = Vec::new();
    DeflateDecoder::new(payload).read_to_end(&mut inflated)?;
    Ok(inflated)
}
