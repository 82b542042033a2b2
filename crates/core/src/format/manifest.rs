//! The manifest: what the archive is and how its streams are laid out.
//!
//! It is the only file that is replaced, and it holds everything that a search starts with: the
//! manifest proper, the fold table, the root of each segment's dictionary, and those streams that
//! are small enough to come along.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::codebook::Codebooks;
use super::deleted::Deleted;
use super::dictionary::Dictionary;
use super::directory;
use super::postings::{Extent, Tuning};
use super::section::Section;
use super::stream::StreamKind;
use super::{MANIFEST_NAME, SectionKind};
use crate::Error;
use crate::digits::{decimal, hexadecimal};
use crate::link::Articles;
use crate::text::FoldTable;

/// What the name of a file begins with that holds all streams of its segment.
pub const ONE_FILE: char = 'a';

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
    /// True if each stream lies in one large file as well, to be read with HTTP ranges.
    pub packs: bool,
    /// The parts that the archive was built in.
    pub segments: Vec<Segment>,
    /// How the documents of the segments follow one another in the order of the whole archive.
    pub order: Vec<Stretch>,
    /// The hash of what all segments were made with: the whole fold table and all codebooks, of which
    /// the archive has a part. Readers have no use for it; a builder adds to an archive only what it
    /// folds and stores in the same way.
    pub analysis: u64,
    /// Where documents without an address of their own can be read.
    pub articles: Articles,
    /// The metadata fields whose values are in the dictionary, in the order of their names. The
    /// dates of documents are there in any case.
    pub facets: Vec<String>,
    /// What stored documents are written with: [`super::codebook::Codebook::write`], in the order of
    /// their numbers.
    pub codebooks: Vec<u8>,
    /// Documents that segments have and the archive has no longer: [`Deleted::write`]. If there are any, the last of
    /// all segments has nothing but those documents once more, and none of them is found there: it says how many of
    /// them have a key, which is to be subtracted from what the other segments say.
    pub deleted: Vec<u8>,
}

/// The next documents of one segment, in the order of the archive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// Which segment, from 0.
    pub segment: u32,
    /// How many documents.
    pub documents: u32,
}

/// A set of documents and its index, which never change once they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// The hash of its content, and the name of its folder in hexadecimal.
    pub tag: u64,
    /// What the checksums of its extents are seeded with.
    pub seed: u64,
    /// Documents, numbered from 0 in the order of their dates.
    pub documents: u32,
    /// Units of text in all documents.
    pub units: u64,
    /// Lengths of all documents as ranking counts them ([`super::directory::UNIT`]).
    pub length: u64,
    /// Bytes of a piece of the document directory, checksum included.
    pub piece_bytes: u32,
    /// True if one file holds its streams, but for resident ones, behind one another.
    pub one_file: bool,
    /// True if its dictionary has mixed pairs ([`crate::gram`]).
    pub mixed_pairs: bool,
    /// The words that take the part of symbols in those.
    pub common_words: Vec<String>,
    /// The codebooks that its stored documents are written with: bit *n* stands for number *n*.
    pub codebooks: u32,
    /// The streams, in the order of [`StreamKind::ALL`].
    pub streams: [Stream; StreamKind::ALL.len()],
}

/// How a stream is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// Where the last extent ends.
    pub bytes: u64,
    /// Addresses in a file.
    pub file_bytes: u32,
    /// True if the stream is a section of the manifest file and not in files of its own.
    pub resident: bool,
}

impl Stream {
    /// How many files the stream has; those that a large extent reaches over do not exist.
    pub fn file_count(&self) -> u32 {
        let files = self.bytes.div_ceil(u64::from(self.file_bytes.max(1)));
        if self.resident {
            0
        } else {
            u32::try_from(files).unwrap_or(u32::MAX)
        }
    }
}

impl Segment {
    /// What postings are decoded with.
    pub fn tuning(&self) -> Tuning {
        let average = self.units / u64::from(self.documents.max(1));
        Tuning {
            documents: self.documents,
            average_units: u32::try_from(average).unwrap_or(u32::MAX),
            documents_file_bytes: self.stream(StreamKind::LongDocuments).file_bytes,
            positions_file_bytes: self.stream(StreamKind::LongPositions).file_bytes,
        }
    }

    /// How one of its streams is laid out.
    pub fn stream(&self, kind: StreamKind) -> &Stream {
        &self.streams[kind as usize]
    }

    /// Where an address of a stream lies that is not resident: the file, below the archive's
    /// folder, and where in it.
    pub fn place(&self, kind: StreamKind, address: u64) -> (String, u64) {
        let size = u64::from(self.stream(kind).file_bytes.max(1));
        let (letter, number, start) = if self.one_file {
            (ONE_FILE, 0, self.start_of(kind).wrapping_add(address))
        } else {
            (kind.letter(), address / size, address % size)
        };
        let number = decimal(number, 4);
        (self.file_name(letter, &[&number, ".bf"]), start)
    }

    /// Where a stream begins in the file that holds all of them. (What does not fit in 64 bits is
    /// damage: the extent that is read there is refused.)
    fn start_of(&self, kind: StreamKind) -> u64 {
        let before = &self.streams[..kind as usize];
        let before = before.iter().filter(|stream| !stream.resident);
        before.fold(0, |start, stream| start.wrapping_add(stream.bytes))
    }

    /// The name of the large file that holds a whole stream, if the archive has packs.
    pub fn pack_name(&self, kind: StreamKind) -> String {
        self.file_name(kind.letter(), &[".pack"])
    }

    fn file_name(&self, letter: char, rest: &[&str]) -> String {
        let mut name = hexadecimal(self.tag);
        name.push('/');
        name.push(letter);
        name.extend(rest.iter().copied());
        name
    }

    /// The inverse of [`Segment::place`]; nothing if the segment has no such file.
    pub fn address(&self, file: &str, start: u64) -> Option<(StreamKind, u64)> {
        let number: u32 = file.get(18..)?.strip_suffix(".bf")?.parse().ok()?;
        let mut all = StreamKind::ALL.into_iter().map(|kind| {
            let first = if self.one_file {
                self.start_of(kind).wrapping_neg()
            } else {
                u64::from(number) * u64::from(self.stream(kind).file_bytes)
            };
            (kind, first.wrapping_add(start))
        });
        all.find(|&(kind, address)| {
            let stream = self.stream(kind);
            !stream.resident
                && address < stream.bytes
                && self.place(kind, address) == (file.to_owned(), start)
        })
    }

    /// The names of all its files but the packs.
    pub fn file_names(&self) -> impl Iterator<Item = String> + '_ {
        let several = StreamKind::ALL.into_iter().flat_map(move |kind| {
            let stream = self.stream(kind);
            let files = if self.one_file {
                0
            } else {
                stream.file_count()
            };
            let starts = (0..u64::from(files)).map(|number| number * u64::from(stream.file_bytes));
            starts.map(move |address| self.place(kind, address).0)
        });
        let one = self.one_file.then(|| self.place(StreamKind::Terms, 0).0);
        several.chain(one)
    }
}

impl Manifest {
    /// The segments whose documents are found: all but the one of deleted documents.
    pub fn live_segments(&self) -> &[Segment] {
        match self.segments.split_last() {
            Some((_, live)) if !self.deleted.is_empty() => live,
            _ => &self.segments,
        }
    }

    /// The segment of documents that others have and the archive has no longer.
    pub fn deleted_segment(&self) -> Option<&Segment> {
        self.segments.get(self.live_segments().len())
    }

    /// Documents of the archive.
    pub fn documents(&self) -> u64 {
        let deleted = self.deleted_segment();
        let deleted = deleted.map_or(0, |segment| u64::from(segment.documents));
        self.places_in_all().saturating_sub(deleted)
    }

    /// Places in the order of the archive: one for each document of a segment, deleted ones too.
    pub fn places_in_all(&self) -> u64 {
        let live = self.live_segments().iter();
        live.map(|segment| u64::from(segment.documents)).sum()
    }

    /// The places of a segment's documents in the order of the archive. Documents rise, so that
    /// all of them take one walk through the stretches, of which there can be many.
    pub fn places(&self, segment: usize, documents: &[u32]) -> Vec<u64> {
        let mut places = Vec::with_capacity(documents.len());
        let (mut place, mut own) = (0, 0);
        for stretch in &self.order {
            if stretch.segment as usize == segment {
                let end = own + u64::from(stretch.documents);
                let rest = &documents[places.len()..];
                let here = rest.iter().map(|&document| u64::from(document));
                let here = here.take_while(|document| *document < end);
                places.extend(here.map(|document| place + document.saturating_sub(own)));
                own = end;
            }
            place += u64::from(stretch.documents);
        }
        places.resize(documents.len(), place);
        places
    }

    /// How many documents of each segment have a place below this one.
    pub fn below(&self, place: u64) -> Vec<u32> {
        let mut below = vec![0; self.segments.len()];
        let mut left = place;
        for stretch in &self.order {
            let here = left.min(u64::from(stretch.documents));
            if let Some(below) = below.get_mut(stretch.segment as usize) {
                *below += here as u32;
            }
            left -= here;
        }
        below
    }

    /// What the header of the manifest file says in place of a segment's number and seed: how many
    /// bytes of `TAG/n0000.bf` are the whole directory of a segment that is fetched for the first
    /// query in any case, and that tag. So a reader can ask for it before it can read the manifest.
    /// Of several directories it is the largest; 0 and 0 if there is none.
    fn early_directory(&self) -> (u32, u64) {
        let segments = self.segments.iter();
        let sizes = segments.filter_map(|segment| {
            let stream = segment.stream(StreamKind::Directory);
            let most = directory::AT_ONCE.min(u64::from(stream.file_bytes));
            let is_early =
                !stream.resident && !segment.one_file && (1..=most).contains(&stream.bytes);
            is_early.then_some((stream.bytes as u32, segment.tag))
        });
        let largest = sizes.reduce(|one, other| if other.0 > one.0 { other } else { one });
        largest.filter(|_| !self.packs).unwrap_or_default()
    }

    fn check(&self) -> Result<(), Error> {
        let mut counts = vec![0_u64; self.live_segments().len()];
        for stretch in &self.order {
            let count = counts.get_mut(stretch.segment as usize);
            let count =
                count.ok_or_else(|| Error::damaged("the order names an unknown segment"))?;
            *count += u64::from(stretch.documents);
        }
        let mut all = counts.iter().zip(self.live_segments());
        if all.any(|(&count, segment)| count != u64::from(segment.documents)) {
            return Err(Error::damaged("the order does not have each document once"));
        }
        Ok(())
    }
}

/// A segment as the manifest file has it.
#[derive(Clone, Debug, Default)]
pub struct SegmentStart {
    /// The payload of its dictionary root.
    pub dictionary: Vec<u8>,
    /// Its resident streams, in the order of their kinds.
    pub resident: Vec<(StreamKind, Vec<u8>)>,
}

/// Everything that the manifest file holds, opened.
#[derive(Clone, Debug)]
pub struct Start {
    /// What the archive is.
    pub manifest: Manifest,
    /// How its text, and a query for it, is folded.
    pub fold_table: FoldTable,
    /// Read when the first document is.
    codebooks: OnceLock<Codebooks>,
    /// For each segment, which branch knows the leaf of a key.
    pub dictionaries: Vec<Dictionary>,
    /// Read when the first documents are found.
    deleted: OnceLock<Deleted>,
    /// For each segment, where in `bytes` its resident streams lie.
    resident: Vec<[Option<Range<usize>>; StreamKind::ALL.len()]>,
    /// The whole file.
    bytes: Vec<u8>,
}

impl Start {
    /// The bytes of the manifest file. `segments` are those of the manifest, in its order.
    ///
    /// # Panics
    /// Never: postcard does not fail on these types when it writes to memory.
    pub fn write(manifest: &Manifest, fold_table: &[u8], segments: &[SegmentStart]) -> Vec<u8> {
        let proper = postcard::to_allocvec(manifest).expect("postcard writes to memory");
        let mut out = Vec::new();
        let mut put = |kind, seed, number: usize, payload: &[u8]| {
            let number = number as u32;
            Section {
                kind,
                seed,
                number,
                payload,
            }
            .write(&mut out);
        };
        let (bytes, tag) = manifest.early_directory();
        put(SectionKind::Manifest, tag, bytes as usize, &proper);
        put(SectionKind::FoldTable, 0, 0, fold_table);
        for (number, (segment, start)) in manifest.segments.iter().zip(segments).enumerate() {
            put(
                SectionKind::Dictionary,
                segment.seed,
                number,
                &start.dictionary,
            );
            for (kind, payload) in &start.resident {
                put(SectionKind::Stream(*kind), segment.seed, number, payload);
            }
        }
        out
    }

    /// Checks and opens the manifest file.
    ///
    /// # Errors
    /// If a section is damaged, missing or of another segment.
    pub fn open(bytes: &[u8]) -> Result<Self, Error> {
        Self::open_sections(bytes).map_err(|error| error.in_file(MANIFEST_NAME))
    }

    fn open_sections(bytes: &[u8]) -> Result<Self, Error> {
        let mut sections = Sections { bytes, at: 0 };
        let manifest = sections.manifest()?;
        let fold_table = sections.next(SectionKind::FoldTable, 0, 0)?;
        let fold_table = FoldTable::read(&bytes[fold_table])?;
        let (mut dictionaries, mut resident) = (Vec::new(), Vec::new());
        for (number, segment) in (0..).zip(&manifest.segments) {
            let root = sections.next(SectionKind::Dictionary, segment.seed, number)?;
            dictionaries.push(Dictionary::read(&bytes[root])?);
            resident.push(sections.resident(segment, number)?);
        }
        if sections.at < bytes.len() {
            let extra = decimal((bytes.len() - sections.at) as u64, 1);
            return Err(Error::damaged([&extra, " bytes too many"].concat()));
        }
        Ok(Self {
            fold_table,
            codebooks: OnceLock::new(),
            deleted: OnceLock::new(),
            dictionaries,
            resident,
            bytes: bytes.to_vec(),
            manifest,
        })
    }

    /// What an inflated document says, every character in UTF-8.
    ///
    /// # Errors
    /// If there is no codebook for it.
    pub fn expand<'s>(&self, inflated: &'s [u8]) -> Result<Cow<'s, [u8]>, Error> {
        if let Some(codebooks) = self.codebooks.get() {
            return codebooks.expand(inflated);
        }
        let codebooks = Codebooks::read(&self.manifest.codebooks)?;
        self.codebooks.get_or_init(|| codebooks).expand(inflated)
    }

    /// The numbers of a segment's documents that the archive has no longer, rising.
    ///
    /// # Errors
    /// If the manifest does not say it.
    pub fn deleted(&self, segment: usize) -> Result<&[u32], Error> {
        if let Some(deleted) = self.deleted.get() {
            return Ok(deleted.of(segment));
        }
        let manifest = &self.manifest;
        let sizes = manifest.live_segments().iter().map(|own| own.documents);
        let deleted = Deleted::read(&manifest.deleted, sizes)?;
        let expected = manifest.deleted_segment().map_or(0, |own| own.documents);
        if deleted.len() != expected as usize {
            return Err(Error::damaged("other documents are deleted than it says"));
        }
        Ok(self.deleted.get_or_init(|| deleted).of(segment))
    }

    /// The bytes of an extent of a resident stream, and where they begin in the manifest file.
    pub fn resident(
        &self,
        segment: usize,
        kind: StreamKind,
        extent: Extent,
    ) -> Option<(usize, &[u8])> {
        let stream = self.resident.get(segment)?[kind as usize].clone()?;
        let start = stream
            .start
            .checked_add(usize::try_from(extent.address).ok()?)?;
        let end = start.checked_add(extent.bytes as usize)?;
        (end <= stream.end).then(|| (start, &self.bytes[start..end]))
    }

    /// The segment and the address of the stored document that begins at this byte of the
    /// manifest file.
    pub fn documents_at(&self, start: u64) -> Option<(u32, StreamKind, u64)> {
        let kind = StreamKind::Documents;
        let start = usize::try_from(start).ok()?;
        let mut streams = (0..).zip(&self.resident);
        streams.find_map(|(segment, streams)| {
            let stream = streams[kind as usize]
                .as_ref()
                .filter(|stream| stream.contains(&start))?;
            Some((segment, kind, (start - stream.start) as u64))
        })
    }
}

/// Walks through the sections of the file.
struct Sections<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Sections<'_> {
    /// The payload of the next section, which must be this one.
    fn next(&mut self, kind: SectionKind, seed: u64, number: u32) -> Result<Range<usize>, Error> {
        let bytes = &self.bytes[self.at..];
        if bytes.is_empty() && self.at > 0 {
            let what = ["the ", kind.name(), " is missing"].concat();
            return Err(Error::damaged(what));
        }
        let (section, rest) = Section::open(bytes)?;
        if section.kind != kind || section.seed != seed || section.number != number {
            let what = ["another section stands for the ", kind.name()].concat();
            return Err(Error::damaged(what));
        }
        self.at = self.bytes.len() - rest.len();
        Ok(self.at - section.payload.len()..self.at)
    }

    /// The manifest proper.
    fn manifest(&mut self) -> Result<Manifest, Error> {
        let (section, rest) = Section::open(self.bytes)?;
        if section.kind != SectionKind::Manifest {
            return Err(Error::damaged("another section stands for the manifest"));
        }
        self.at = self.bytes.len() - rest.len();
        let manifest: Manifest = postcard::from_bytes(section.payload)
            .map_err(|_| Error::damaged("the manifest cannot be read"))?;
        manifest.check()?;
        if manifest.early_directory() != (section.number, section.seed) {
            return Err(Error::damaged("the manifest's header leads elsewhere"));
        }
        Ok(manifest)
    }

    fn resident(
        &mut self,
        segment: &Segment,
        number: u32,
    ) -> Result<[Option<Range<usize>>; StreamKind::ALL.len()], Error> {
        let mut found = StreamKind::ALL.map(|_| None);
        for kind in StreamKind::ALL {
            if segment.stream(kind).resident {
                found[kind as usize] =
                    Some(self.next(SectionKind::Stream(kind), segment.seed, number)?);
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::super::dictionary::DictionaryWriter;
    use super::*;
    use crate::text::FoldTableBuilder;

    fn sample() -> Vec<u8> {
        let mut segment = Segment {
            tag: 7,
            seed: 8,
            documents: 3,
            ..Segment::default()
        };
        segment.streams[StreamKind::Branches as usize] = Stream {
            bytes: 5,
            file_bytes: 100,
            resident: true,
        };
        let manifest = Manifest {
            title: "云溪报".into(),
            segments: vec![segment],
            order: vec![Stretch {
                segment: 0,
                documents: 3,
            }],
            ..Manifest::default()
        };
        let mut fold_table = Vec::new();
        FoldTableBuilder::default().build().write(&mut fold_table);
        let start = SegmentStart {
            dictionary: DictionaryWriter::default().finish(),
            resident: vec![(StreamKind::Branches, b"a few".to_vec())],
        };
        Start::write(&manifest, &fold_table, &[start])
    }

    #[test]
    fn opens_what_was_written() {
        let start = Start::open(&sample()).unwrap();
        assert_eq!(start.manifest.title, "云溪报");
        let extent = |address, bytes| Extent { address, bytes };
        let branch = |extent| {
            start
                .resident(0, StreamKind::Branches, extent)
                .map(|(_, bytes)| bytes)
        };
        assert_eq!(branch(extent(2, 3)), Some(&b"few"[..]));
        assert_eq!(branch(extent(2, 4)), None);
        assert_eq!(start.resident(0, StreamKind::Terms, extent(0, 1)), None);
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
    fn names_lead_back_to_streams() {
        let mut segment = Segment {
            tag: 0xAB,
            ..Segment::default()
        };
        segment.streams[StreamKind::Terms as usize] = Stream {
            bytes: 250,
            file_bytes: 100,
            resident: false,
        };
        let names: Vec<String> = segment.file_names().collect();
        assert_eq!(names.len(), 3);
        for (name, address) in names.iter().zip([0, 100, 200]) {
            assert_eq!(segment.place(StreamKind::Terms, address), (name.clone(), 0));
            assert_eq!(segment.address(name, 0), Some((StreamKind::Terms, address)));
        }
        assert_eq!(
            segment.address(&names[1], 42),
            Some((StreamKind::Terms, 142))
        );
        for name in [
            "",
            "t0000.bf",
            "00000000000000ab/t0003.bf",
            "00000000000000ab/t00000.bf",
        ] {
            assert_eq!(segment.address(name, 0), None, "{name}");
        }
    }

    #[test]
    fn places_in_one_file_lead_back_to_streams() {
        let stream = |bytes, resident| Stream {
            bytes,
            file_bytes: 100,
            resident,
        };
        let mut segment = Segment {
            tag: 0xAB,
            one_file: true,
            ..Segment::default()
        };
        segment.streams[StreamKind::Branches as usize] = stream(50, true);
        segment.streams[StreamKind::Terms as usize] = stream(250, false);
        segment.streams[StreamKind::Directory as usize] = stream(10, false);
        segment.streams[StreamKind::Documents as usize] = stream(300, false);
        let name = "00000000000000ab/a0000.bf";
        assert_eq!(segment.file_names().collect::<Vec<_>>(), [name]);
        for (start, kind, address) in [
            (0, StreamKind::Terms, 0),
            (249, StreamKind::Terms, 249),
            (250, StreamKind::Directory, 0),
            (260, StreamKind::Documents, 0),
            (559, StreamKind::Documents, 299),
        ] {
            assert_eq!(segment.place(kind, address), (name.to_owned(), start));
            assert_eq!(segment.address(name, start), Some((kind, address)));
        }
        for (name, start) in [
            (name, 560),
            (name, u64::MAX),
            ("00000000000000ab/a0001.bf", 0),
            ("00000000000000ab/t0000.bf", 0),
            ("00000000000000ac/a0000.bf", 0),
        ] {
            assert_eq!(segment.address(name, start), None, "{name} {start}");
        }
    }

    #[test]
    fn documents_of_segments_have_one_order() {
        let stretch = |segment, documents| Stretch { segment, documents };
        let manifest = Manifest {
            order: vec![stretch(0, 2), stretch(1, 1), stretch(0, 3)],
            ..Manifest::default()
        };
        assert_eq!(manifest.places(0, &[0, 1, 2, 3, 4]), [0, 1, 3, 4, 5]);
        assert_eq!(manifest.places(0, &[1, 4]), [1, 5]);
        assert_eq!(manifest.places(1, &[0]), [2]);
    }
}
