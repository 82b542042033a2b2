//! How an archive lies on disk: one module for each section, with its writer, its reader and
//! their round-trip test.
//!
#![doc = include_str!("../../FORMAT.md")]

pub mod bits;
pub mod cursor;
pub mod dictionary;
pub mod documents;
pub mod lengths;
pub mod manifest;
pub mod postings;
pub mod section;
pub mod stream;
pub mod terms;

use crate::Error;

/// What a section holds. The letter begins its file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlockKind {
    /// [`manifest::Manifest`].
    Manifest,
    /// [`crate::text::FoldTable`].
    FoldTable,
    /// [`dictionary::Dictionary`].
    Dictionary,
    /// A leaf of the dictionary with its postings: [`terms::TermsBlock`].
    Terms,
    /// A piece of the stream of long lists' documents: [`stream`].
    LongDocuments,
    /// A piece of the stream of long lists' positions: [`stream`].
    LongPositions,
    /// Lengths of documents: [`lengths`].
    Lengths,
    /// Stored documents: [`documents::DocumentsBlock`].
    Documents,
}

impl BlockKind {
    /// All kinds, in the order of their codes, which start at 1.
    pub const ALL: [Self; 8] = [
        Self::Manifest,
        Self::FoldTable,
        Self::Dictionary,
        Self::Terms,
        Self::LongDocuments,
        Self::LongPositions,
        Self::Lengths,
        Self::Documents,
    ];

    /// The number in a section's header.
    pub fn code(self) -> u8 {
        self as u8 + 1
    }

    /// The inverse of [`BlockKind::code`].
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// What people call it, in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::FoldTable => "fold table",
            Self::Dictionary => "dictionary root",
            Self::Terms => "terms and postings",
            Self::LongDocuments => "long lists, documents",
            Self::LongPositions => "long lists, positions",
            Self::Lengths => "document lengths",
            Self::Documents => "stored documents",
        }
    }

    fn letter(self) -> char {
        match self {
            Self::Manifest => 'm',
            Self::FoldTable => 'f',
            Self::Dictionary => 'r',
            Self::Terms => 't',
            Self::LongDocuments => 'd',
            Self::LongPositions => 'p',
            Self::Lengths => 'l',
            Self::Documents => 's',
        }
    }
}

/// The manifest's name below the archive's folder: the only name that is ever written twice.
pub const MANIFEST_NAME: &str = "manifest.bf";

/// One block of the segment: the unit of fetching.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockId {
    /// What it holds.
    pub kind: BlockKind,
    /// Which one of its kind, from 0.
    pub number: u32,
}

impl BlockId {
    /// The file's name below the archive's folder, in the segment with this tag.
    pub fn file_name(self, segment_tag: u64) -> String {
        let (letter, number) = (self.kind.letter(), self.number);
        format!("{segment_tag:016x}/{letter}{number:04}.bf")
    }

    /// Checks that a block is whole and is this one.
    ///
    /// # Errors
    /// As [`section::Section::open_only`], or if it is another block.
    pub fn open(self, segment_tag: u64, bytes: &[u8]) -> Result<section::Section<'_>, Error> {
        let section = section::Section::open_only(bytes)?;
        if (section.kind, section.number, section.segment_tag)
            == (self.kind, self.number, segment_tag)
        {
            return Ok(section);
        }
        let is = BlockId {
            kind: section.kind,
            number: section.number,
        };
        let is = is.file_name(section.segment_tag);
        let what = format!("holds what belongs into {is}");
        Err(Error::new(crate::ErrorKind::WrongBlock, what))
    }
}
