//! How an archive lies on disk: one module for each part, with its writer, its reader and their
//! round-trip test.
//!
#![doc = include_str!("../../FORMAT.md")]

pub mod adaptive;
pub mod bits;
pub mod branch;
pub mod codebook;
pub mod cursor;
pub mod deleted;
pub mod dictionary;
pub mod directory;
pub mod documents;
pub mod interpolative;
pub mod keys;
pub mod manifest;
pub mod postings;
pub mod section;
pub mod stream;
pub mod terms;

use stream::StreamKind;

/// What a section of the manifest file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SectionKind {
    /// [`manifest::Manifest`].
    Manifest,
    /// [`crate::text::FoldTable`].
    FoldTable,
    /// [`dictionary::Dictionary`].
    Dictionary,
    /// A whole stream that is small enough to come with the manifest.
    Stream(StreamKind),
}

impl SectionKind {
    /// The number in a section's header.
    pub fn code(self) -> u8 {
        match self {
            Self::Manifest => 1,
            Self::FoldTable => 2,
            Self::Dictionary => 3,
            Self::Stream(kind) => 4 + kind as u8,
        }
    }

    /// The inverse of [`SectionKind::code`].
    pub fn from_code(code: u8) -> Option<Self> {
        let streams = StreamKind::ALL.into_iter().map(Self::Stream);
        let mut all = [Self::Manifest, Self::FoldTable, Self::Dictionary]
            .into_iter()
            .chain(streams);
        all.find(|kind| kind.code() == code)
    }

    /// What people call it, in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::FoldTable => "fold table",
            Self::Dictionary => "dictionary root",
            Self::Stream(kind) => kind.name(),
        }
    }
}

/// The manifest's name below the archive's folder: the only name that is ever written twice.
pub const MANIFEST_NAME: &str = "manifest.bf";
