//! What an archive that is there has in it.
//!
//! Every document is read back once, on all threads. What stays in memory of each is its key and
//! 16 bytes: a hash of all of it, which is the one that [`Documents`] has, and where its key ends.

use std::path::{Path, PathBuf};
use std::{fs, io};

use backfile_core::format::MANIFEST_NAME;
use backfile_core::format::SectionKind;
use backfile_core::format::manifest::{Manifest, Segment, SegmentStart, Start};
use backfile_core::format::section::Section;
use backfile_core::format::stream::StreamKind;
use backfile_core::text::{Alphabet, fold};

use super::shelf::Shelf;
use crate::archive::Stored;
use crate::error::Error;
use crate::index::Part;
use crate::memory::Memory;
use crate::ordered::in_order;
use crate::progress::{Progress, Stage};
use crate::room::{Room, Taken, housed};
use crate::rows::Row;
use crate::source::{Documents, put_key};
use crate::unicode::fold_table;

/// See the module's description.
#[derive(Debug)]
pub(super) struct Catalog {
    folder: PathBuf,
    start: Start,
    pub(super) segments: Vec<Listed>,
    /// The segment of deleted documents.
    pub(super) deleted: Option<Listed>,
    /// For documents that are read.
    room: Room,
}

/// A segment that is there.
#[derive(Debug)]
pub(crate) struct Listed {
    /// As the manifest has it.
    pub(crate) segment: Segment,
    /// As the manifest file has it.
    pub(crate) start: SegmentStart,
    /// Folded characters of all its documents.
    pub(crate) alphabet: Alphabet,
    /// All characters of its text before folding.
    pub(crate) originals: Alphabet,
    /// Bytes of all titles and bodies.
    pub(crate) text_bytes: u64,
    /// Its files.
    pub(crate) parts: Vec<Part>,
    /// Its documents that the archive has no longer, rising.
    pub(crate) deleted: Vec<u32>,
    keys: Keys,
}

/// What is known of documents in a row.
#[derive(Debug, Default)]
struct Keys {
    /// What they are sorted by, one behind the other.
    bytes: Vec<u8>,
    /// Where each key ends.
    ends: Vec<u64>,
    hashes: Vec<u64>,
}

/// What a thread finds in some documents.
#[derive(Default)]
struct Page {
    keys: Keys,
    alphabet: Alphabet,
    originals: Alphabet,
    text_bytes: u64,
}

impl Catalog {
    /// Reads an archive back.
    ///
    /// # Errors
    /// If it cannot be read, is damaged or of another format.
    pub(super) fn read(
        folder: &Path,
        memory: Memory,
        progress: &dyn Progress,
    ) -> Result<Self, Error> {
        let path = folder.join(MANIFEST_NAME);
        let bytes = fs::read(&path).map_err(|source| Error::Read { path, source })?;
        let wrong = |source| Error::Archive {
            folder: folder.to_owned(),
            source,
        };
        let start = Start::open(&bytes).map_err(wrong)?;
        let starts = segment_starts(&bytes).map_err(wrong)?;
        for segment in &start.manifest.segments {
            check_files(folder, segment, start.manifest.packs)?;
        }
        let segments = start.manifest.segments.iter();
        let all = segments.map(|segment| u64::from(segment.documents)).sum();
        progress.begin(Stage::Compare, all);
        let shelf = |number| Shelf {
            folder,
            start: &start,
            number,
        };
        let segments = starts.into_iter().enumerate();
        let room = Room::new(memory.articles());
        let segments =
            segments.map(|(number, own)| Listed::read(shelf(number), own, &room, progress));
        let mut segments: Vec<Listed> = segments.collect::<Result<_, _>>()?;
        let live = start.manifest.live_segments().len();
        let deleted = segments.split_off(live).pop();
        Ok(Self {
            folder: folder.to_owned(),
            start,
            segments,
            deleted,
            room,
        })
    }

    /// What the archive is.
    pub(super) fn manifest(&self) -> &Manifest {
        &self.start.manifest
    }

    /// Adds these documents of a segment to others; they rise.
    ///
    /// # Errors
    /// If they cannot be read or set aside.
    pub(super) fn copy(
        &self,
        segment: usize,
        wanted: &[u32],
        into: &mut Documents,
    ) -> Result<(), Error> {
        let shelf = Shelf {
            folder: &self.folder,
            start: &self.start,
            number: segment,
        };
        let rows = housed(shelf.rows(wanted), &self.room);
        let work = |row: Result<_, Error>| -> Result<_, Error> {
            let (row, room): (Row<'_, u32>, Taken<'_>) = row?;
            let mut documents = Vec::new();
            let count = shelf.visit(row.items, row.bytes, |stored| {
                documents.push(stored.document()?);
                Ok(())
            })?;
            Ok((documents, &row.items[count..], room))
        };
        in_order(rows, work, |copied| {
            let (documents, larger, _room) = copied?;
            into.absorb(&documents)?;
            let absorb = |stored: Stored<'_>| into.absorb(&[stored.document()?]);
            shelf.visit(larger, u64::MAX, absorb).map(drop)
        })
    }
}

/// The dictionary roots and resident streams of all segments, as bytes.
fn segment_starts(mut manifest: &[u8]) -> Result<Vec<SegmentStart>, backfile_core::Error> {
    let mut starts: Vec<SegmentStart> = Vec::new();
    while !manifest.is_empty() {
        let (section, rest) = Section::open(manifest)?;
        manifest = rest;
        match (section.kind, starts.last_mut()) {
            (SectionKind::Dictionary, _) => starts.push(SegmentStart {
                dictionary: section.payload.to_vec(),
                resident: Vec::new(),
            }),
            (SectionKind::Stream(kind), Some(own)) => {
                own.resident.push((kind, section.payload.to_vec()));
            }
            _ => {}
        }
    }
    Ok(starts)
}

impl Listed {
    fn read(
        shelf: Shelf<'_>,
        start: SegmentStart,
        room: &Room,
        progress: &dyn Progress,
    ) -> Result<Self, Error> {
        let mut all = Page::default();
        let numbers = shelf.numbers();
        let work = |row: Result<_, Error>| -> Result<_, Error> {
            let (row, _room): (Row<'_, u32>, Taken<'_>) = row?;
            let mut page = Page::default();
            let count = shelf.visit(row.items, row.bytes, |stored| page.add(&stored))?;
            Ok((page, row.items, count))
        };
        in_order(housed(shelf.rows(&numbers), room), work, |page| {
            let (page, numbers, count) = page?;
            all.append(&page);
            let larger = &numbers[count..];
            shelf.visit(larger, u64::MAX, |stored| all.add(&stored))?;
            progress.advance(numbers.len() as u64);
            Ok::<(), Error>(())
        })?;
        let segment = shelf.segment().clone();
        Ok(Self {
            parts: parts(shelf.folder, &segment),
            deleted: shelf.deleted()?.to_vec(),
            segment,
            start,
            alphabet: all.alphabet,
            originals: all.originals,
            text_bytes: all.text_bytes,
            keys: all.keys,
        })
    }

    /// How many documents it has, deleted ones too.
    pub(crate) fn len(&self) -> usize {
        self.keys.hashes.len()
    }

    /// The numbers of its documents that the archive has.
    pub(crate) fn live(&self) -> impl DoubleEndedIterator<Item = usize> {
        let is_live = |number: &usize| self.deleted.binary_search(&(*number as u32)).is_err();
        (0..self.len()).filter(is_live)
    }

    /// What one of its documents is sorted by.
    pub(crate) fn key(&self, number: usize) -> &[u8] {
        let start = number
            .checked_sub(1)
            .map_or(0, |before| self.keys.ends[before]);
        &self.keys.bytes[start as usize..self.keys.ends[number] as usize]
    }

    /// The hash of everything in one of its documents.
    pub(super) fn content(&self, number: usize) -> u64 {
        self.keys.hashes[number]
    }

    /// Bytes of its streams that come with the manifest.
    pub(crate) fn resident_bytes(&self) -> u64 {
        let resident = self.start.resident.iter();
        resident.map(|(_, bytes)| bytes.len() as u64).sum()
    }

    /// True if all of it is in the manifest.
    pub(super) fn is_resident(&self) -> bool {
        self.segment.stream(StreamKind::Documents).resident
    }
}

impl Page {
    fn add(&mut self, stored: &Stored<'_>) -> Result<(), Error> {
        let document = stored.document()?;
        let date = document.date.as_deref().unwrap_or_default();
        put_key(date, &document.id, &mut self.keys.bytes);
        self.keys.ends.push(self.keys.bytes.len() as u64);
        self.keys.hashes.push(stored.hash());
        for text in [&document.title, &document.body] {
            self.alphabet.add(fold(fold_table(), text).all_text());
            self.originals.add(text);
        }
        self.text_bytes += document.text_bytes();
        Ok(())
    }

    fn append(&mut self, other: &Self) {
        let start = self.keys.bytes.len() as u64;
        self.keys.bytes.extend_from_slice(&other.keys.bytes);
        self.keys
            .ends
            .extend(other.keys.ends.iter().map(|end| start + end));
        self.keys.hashes.extend_from_slice(&other.keys.hashes);
        self.alphabet.merge(&other.alphabet);
        self.originals.merge(&other.originals);
        self.text_bytes += other.text_bytes;
    }
}

/// Looks whether the files of a segment are there, so that one that somebody has deleted comes back
/// with the next build. What is in them is for `backfile verify` to read.
fn check_files(folder: &Path, segment: &Segment, packs: bool) -> Result<(), Error> {
    if segment.one_file {
        return check_one_file(folder, segment);
    }
    for kind in StreamKind::ALL {
        let stream = segment.stream(kind);
        if stream.resident {
            continue;
        }
        check_stream(folder, segment, kind)?;
        let pack = folder.join(segment.pack_name(kind));
        if packs && length(&pack)? != stream.bytes {
            return Err(wrong_length(pack));
        }
    }
    Ok(())
}

/// It ends where its last stream does.
fn check_one_file(folder: &Path, segment: &Segment) -> Result<(), Error> {
    let streams = segment.streams.iter().filter(|stream| !stream.resident);
    let bytes = streams.fold(0_u64, |sum, stream| sum.saturating_add(stream.bytes));
    let names = segment.file_names().map(|name| folder.join(name));
    for path in names {
        if length(&path)? != bytes {
            return Err(wrong_length(path));
        }
    }
    Ok(())
}

/// A file ends before the next one begins. Only one with an extent larger than a file is longer,
/// and lies in the place of those behind it.
fn check_stream(folder: &Path, segment: &Segment, kind: StreamKind) -> Result<(), Error> {
    let stream = segment.stream(kind);
    let size = u64::from(stream.file_bytes.max(1));
    let (mut number, mut end) = (0, 0);
    while number * size < stream.bytes {
        let path = folder.join(segment.place(kind, number * size).0);
        let bytes = length(&path)?;
        if bytes == 0 {
            return Err(wrong_length(path));
        }
        end = number * size + bytes;
        number = end.div_ceil(size);
    }
    if end == stream.bytes {
        Ok(())
    } else {
        let last = segment.place(kind, number.saturating_sub(1) * size).0;
        Err(wrong_length(folder.join(last)))
    }
}

fn length(path: &Path) -> Result<u64, Error> {
    let found = fs::metadata(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })?;
    Ok(found.len())
}

fn wrong_length(path: PathBuf) -> Error {
    let what = "it has another length than the archive says";
    let source = io::Error::new(io::ErrorKind::InvalidData, what);
    Error::Read { path, source }
}

/// The files of a segment, by what they hold. Packs hold the same once more.
fn parts(folder: &Path, segment: &Segment) -> Vec<Part> {
    if segment.one_file {
        return parts_of_one_file(segment);
    }
    let folder = folder.join(format!("{:016x}", segment.tag));
    let files: Vec<(String, u64)> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            Some((
                entry.file_name().into_string().ok()?,
                entry.metadata().ok()?.len(),
            ))
        })
        .filter(|(name, _)| name.ends_with(".bf"))
        .collect();
    let part = |kind: StreamKind| {
        let own = files
            .iter()
            .filter(|(name, _)| name.starts_with(kind.letter()));
        let (count, bytes) = own.fold((0, 0), |(count, sum), (_, bytes)| (count + 1, sum + bytes));
        Part {
            name: kind.name(),
            files: count,
            bytes,
        }
    };
    StreamKind::ALL.into_iter().map(part).collect()
}

fn parts_of_one_file(segment: &Segment) -> Vec<Part> {
    let kinds = StreamKind::ALL.into_iter();
    let own = kinds.filter(|kind| !segment.stream(*kind).resident);
    own.map(|kind| Part::in_one_file(kind, segment.stream(kind).bytes))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::memory::Memory;
    use crate::source::content_hash;
    use crate::source::from_memory;
    use crate::workspace::Workspace;
    use backfile_core::format::documents::StoredDocument;
    use backfile_core::record::{Record, Value};

    #[test]
    fn a_stored_document_has_the_hash_that_it_has_in_the_inputs() {
        let document = Document {
            id: "a".into(),
            url: "a.html".into(),
            title: "题".into(),
            date: Some("2024-01".into()),
            metadata: vec![("page".into(), Value::Number(0.5))],
            body: "正文".into(),
        };
        let stored = StoredDocument {
            record: Record {
                id: document.id.clone(),
                url: document.url.clone(),
                title: document.title.clone(),
                date: document.date.clone(),
                metadata: document.metadata.clone(),
            },
            body: document.body.clone(),
        };
        let workspace = Workspace {
            folder: PathBuf::new(),
            memory: Memory::default(),
        };
        let documents = from_memory(vec![document], &workspace).unwrap();
        assert_eq!(documents.content(0), content_hash(&stored.write()));
    }
}
