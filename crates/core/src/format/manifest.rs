//! The manifest: what the archive is and how its blocks are laid out.
//!
//! It is the only file that is replaced, and it holds everything that a search starts with: the
//! manifest proper, the fold table and the root of the dictionary, as three sections behind one
//! another.

use serde::{Deserialize, Serialize};

use super::dictionary::Dictionary;
use super::postings::Tuning;
use super::section::Section;
use super::{BlockId, BlockKind, lengths, stream};
use crate::Error;
use crate::text::FoldTable;

/// What the archive is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The archive's name; may be empty.
    pub title: String,
    /// Its language as a BCP 47 tag; may be empty.
    pub language: String,
    /// The earliest date of a document.
    pub first_date: Option<String>,
    /// The latest date of a document.
    pub last_date: Option<String>,
    /// Where everything lies.
    pub segment: Segment,
}

/// A set of documents and its index, which never change once they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// The hash of its content, and the name of its folder in hexadecimal.
    pub tag: u64,
    /// Documents, numbered from 0 in the order of their dates.
    pub documents: u32,
    /// Units of all documents.
    pub units: u64,
    /// Leaves of the dictionary.
    pub terms_blocks: u32,
    /// Documents in a documents block; the last may have fewer.
    pub documents_per_block: u32,
    /// Bytes in a block of the streams of long lists; the last may have fewer.
    pub stream_block_bytes: u32,
    /// Bytes of long lists' documents.
    pub long_documents_bytes: u64,
    /// Bytes of long lists' positions.
    pub long_positions_bytes: u64,
}

impl Segment {
    /// What postings are decoded with.
    pub fn tuning(&self) -> Tuning {
        let average = self.units / u64::from(self.documents.max(1));
        Tuning {
            documents: self.documents,
            average_units: u32::try_from(average).unwrap_or(u32::MAX),
        }
    }

    /// How many blocks of a kind the segment has.
    pub fn block_count(&self, kind: BlockKind) -> u32 {
        let stream_blocks = |bytes: u64| {
            let all = stream::blocks(&(0..bytes), self.stream_block_bytes);
            all.map_or(0, |blocks| blocks.end() + 1)
        };
        match kind {
            BlockKind::Manifest | BlockKind::FoldTable | BlockKind::Dictionary => 0,
            BlockKind::Terms => self.terms_blocks,
            BlockKind::LongDocuments => stream_blocks(self.long_documents_bytes),
            BlockKind::LongPositions => stream_blocks(self.long_positions_bytes),
            BlockKind::Lengths => self.documents.div_ceil(lengths::PER_BLOCK),
            BlockKind::Documents => self.documents.div_ceil(self.documents_per_block.max(1)),
        }
    }

    /// Every block that is a file of its own.
    pub fn blocks(&self) -> impl Iterator<Item = BlockId> + '_ {
        BlockKind::ALL.into_iter().flat_map(|kind| {
            (0..self.block_count(kind)).map(move |number| BlockId { kind, number })
        })
    }

    /// The block that a file name stands for, if it is one of this segment's.
    pub fn block_named(&self, name: &str) -> Option<BlockId> {
        let (folder, file) = name.split_once('/')?;
        let digits = file.get(1..)?.strip_suffix(".bf")?;
        let kind = BlockKind::ALL
            .into_iter()
            .find(|kind| file.starts_with(kind.letter()))?;
        let number = digits.parse().ok()?;
        let id = BlockId { kind, number };
        let exists = number < self.block_count(kind);
        (exists && folder == format!("{:016x}", self.tag) && name == id.file_name(self.tag))
            .then_some(id)
    }
}

/// Everything that the manifest file holds, opened.
#[derive(Clone, Debug)]
pub struct Start {
    /// What the archive is.
    pub manifest: Manifest,
    /// How its text, and a query for it, is folded.
    pub fold_table: FoldTable,
    /// Which leaf a term is in.
    pub dictionary: Dictionary,
}

impl Start {
    /// The bytes of the manifest file.
    ///
    /// # Panics
    /// Never: postcard does not fail on these types when it writes to memory.
    pub fn write(manifest: &Manifest, fold_table: &[u8], dictionary: &[u8]) -> Vec<u8> {
        let proper = postcard::to_allocvec(manifest).expect("postcard writes to memory");
        let sections = [
            (BlockKind::Manifest, 0, proper.as_slice()),
            (BlockKind::FoldTable, manifest.segment.tag, fold_table),
            (BlockKind::Dictionary, manifest.segment.tag, dictionary),
        ];
        let mut out = Vec::new();
        for (kind, segment_tag, payload) in sections {
            let section = Section {
                kind,
                segment_tag,
                number: 0,
                deflated: false,
                payload,
            };
            section.write(&mut out);
        }
        out
    }

    /// Checks and opens the manifest file.
    ///
    /// # Errors
    /// If a section is damaged, missing or of another segment.
    pub fn open(bytes: &[u8]) -> Result<Self, Error> {
        Self::open_sections(bytes).map_err(|error| error.in_file(super::MANIFEST_NAME))
    }

    fn open_sections(bytes: &[u8]) -> Result<Self, Error> {
        let (payload, rest) = expect(bytes, BlockKind::Manifest, 0)?;
        let manifest: Manifest = postcard::from_bytes(payload)
            .map_err(|_| Error::damaged("the manifest cannot be read"))?;
        let tag = manifest.segment.tag;
        let (fold_table, rest) = expect(rest, BlockKind::FoldTable, tag)?;
        let (dictionary, rest) = expect(rest, BlockKind::Dictionary, tag)?;
        if !rest.is_empty() {
            return Err(Error::damaged(format!("{} bytes too many", rest.len())));
        }
        Ok(Self {
            fold_table: FoldTable::read(fold_table)?,
            dictionary: Dictionary::read(dictionary, manifest.segment.terms_blocks)?,
            manifest,
        })
    }
}

fn expect(bytes: &[u8], kind: BlockKind, tag: u64) -> Result<(&[u8], &[u8]), Error> {
    if bytes.is_empty() {
        return Err(Error::damaged(format!("the {} is missing", kind.name())));
    }
    let (section, rest) = Section::open(bytes)?;
    if section.kind != kind || section.segment_tag != tag || section.deflated {
        return Err(Error::damaged(format!(
            "another section stands for the {}",
            kind.name()
        )));
    }
    Ok((section.payload, rest))
}

#[cfg(test)]
mod tests {
    use super::super::dictionary::DictionaryWriter;
    use super::*;
    use crate::text::FoldTableBuilder;

    fn sample() -> Vec<u8> {
        let manifest = Manifest {
            title: "云溪报".into(),
            segment: Segment {
                tag: 7,
                documents: 3,
                terms_blocks: 1,
                ..Segment::default()
            },
            ..Manifest::default()
        };
        let mut fold_table = Vec::new();
        FoldTableBuilder::default().build().write(&mut fold_table);
        Start::write(
            &manifest,
            &fold_table,
            &DictionaryWriter::default().finish(),
        )
    }

    #[test]
    fn opens_what_was_written() {
        assert_eq!(Start::open(&sample()).unwrap().manifest.title, "云溪报");
    }

    #[test]
    fn every_flipped_byte_and_every_truncation_is_reported() {
        let whole = sample();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0xFF;
            assert!(Start::open(&bytes).is_err(), "flipped {at}");
            assert!(Start::open(&whole[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn names_lead_back_to_blocks() {
        let segment = Segment {
            tag: 0xAB,
            documents: 10_000,
            terms_blocks: 3,
            documents_per_block: 7,
            stream_block_bytes: 100,
            long_documents_bytes: 101,
            ..Segment::default()
        };
        assert_eq!(segment.blocks().count(), 3 + 2 + 2 + 1429);
        for id in segment.blocks() {
            assert_eq!(segment.block_named(&id.file_name(0xAB)), Some(id));
        }
        for name in [
            "",
            "t0000.bf",
            "00000000000000ab/t0003.bf",
            "00000000000000ab/t00000.bf",
        ] {
            assert_eq!(segment.block_named(name), None, "{name}");
        }
    }
}
