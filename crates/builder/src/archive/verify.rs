//! Checks every byte of an archive, and that its parts agree.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _};

use backfile_core::format::branch;
use backfile_core::format::directory::{PER_PIECE, UNIT, piece_of, read_piece};
use backfile_core::format::documents::{StoredDocument, unpad};
use backfile_core::format::manifest::Segment;
use backfile_core::format::postings::{Chunk, DocumentsChunk, Extent, Part, PostingsList};
use backfile_core::format::stream::{Addresses, StreamKind};
use backfile_core::format::terms::TermsReader;
use backfile_core::gram::is_number;
use backfile_core::query::Read;

use super::{Archive, Problem};
use crate::error::Error;

impl Archive {
    /// Everything that is wrong with the archive; nothing, if it is fit to be published.
    ///
    /// Reads each extent, decodes each list and each document, holds lists against the number of
    /// documents and keys against the dictionary, files against the extents in them, and packs
    /// against the files.
    pub fn verify(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for number in 0..self.start().manifest.segments.len() {
            let mut check = Check::new(self, number);
            check.terms();
            check.documents();
            check.variants();
            // What could not be read hides what lies behind it.
            if check.problems.is_empty() {
                check.files();
            }
            if check.problems.is_empty() && check.segment.one_file {
                check.gaps();
            } else if check.problems.is_empty() && self.start().manifest.packs {
                check.packs();
            }
            problems.append(&mut check.problems);
        }
        problems
    }
}

/// Checks a segment.
struct Check<'a> {
    archive: &'a Archive,
    number: usize,
    segment: &'a Segment,
    problems: Vec<Problem>,
    /// Where the extents in each file end.
    ends: BTreeMap<String, u64>,
    /// Where those in the file that holds all streams begin and end.
    in_one_file: Vec<(u64, u64)>,
    last_key: String,
}

impl<'a> Check<'a> {
    fn new(archive: &'a Archive, number: usize) -> Self {
        Self {
            archive,
            number,
            segment: &archive.start().manifest.segments[number],
            problems: Vec::new(),
            ends: BTreeMap::new(),
            in_one_file: Vec::new(),
            last_key: String::new(),
        }
    }

    fn report(&mut self, place: &Read, what: &str) {
        self.problems.push(Problem {
            file: place.file.clone(),
            what: format!("at {}: {what}", place.start),
        });
    }

    fn place(&self, kind: StreamKind, extent: Extent) -> Read {
        self.archive.place(self.number, kind, extent)
    }

    /// An extent's payload; what is wrong with it is reported.
    fn payload(&mut self, kind: StreamKind, extent: Extent) -> Option<Vec<u8>> {
        let place = self.place(kind, extent);
        let end = place.start + u64::from(place.bytes);
        let known = self.ends.entry(place.file.clone()).or_default();
        *known = end.max(*known);
        if self.segment.one_file && !self.segment.stream(kind).resident {
            self.in_one_file.push((place.start, end));
        }
        match self.archive.payload(self.number, kind, extent) {
            Ok(payload) => Some(payload),
            Err(error) => {
                self.problems.push(Problem {
                    file: place.file,
                    what: chain(&error),
                });
                None
            }
        }
    }

    fn variants(&mut self) {
        let bytes = self.segment.stream(StreamKind::Variants).bytes;
        let Ok(bytes @ 1..) = u32::try_from(bytes) else {
            return;
        };
        let extent = Extent { address: 0, bytes };
        let Some(payload) = self.payload(StreamKind::Variants, extent) else {
            return;
        };
        let mut table = self.archive.start().fold_table.clone();
        if let Err(error) = table.add_variants(&payload) {
            let place = self.place(StreamKind::Variants, extent);
            self.report(&place, &error.to_string());
        }
    }

    fn terms(&mut self) {
        let file_bytes = self.segment.stream(StreamKind::Terms).file_bytes;
        for extent in self.archive.start().dictionaries[self.number].all() {
            let Some(payload) = self.payload(StreamKind::Branches, extent) else {
                continue;
            };
            let mut leaves = Vec::new();
            let walked = branch::walk(&payload, file_bytes, |_, leaf| {
                leaves.push(leaf);
                true
            });
            if let Err(error) = walked {
                let place = self.place(StreamKind::Branches, extent);
                self.report(&place, &error.to_string());
            }
            leaves
                .into_iter()
                .for_each(|leaf| self.leaf(&payload, leaf));
        }
    }

    fn leaf(&mut self, branch: &[u8], extent: Extent) {
        let Some(payload) = self.payload(StreamKind::Terms, extent) else {
            return;
        };
        let place = self.place(StreamKind::Terms, extent);
        let mut terms = match TermsReader::new(&payload, self.segment.tuning()) {
            Ok(terms) => terms,
            Err(error) => return self.report(&place, &error.to_string()),
        };
        loop {
            match terms.next_term() {
                Ok(Some(list)) => self.term(branch, extent, terms.key(), &list),
                Ok(None) => return,
                Err(error) => return self.report(&place, &error.to_string()),
            }
        }
    }

    fn term(&mut self, branch: &[u8], extent: Extent, key: &str, list: &PostingsList) {
        let place = self.place(StreamKind::Terms, extent);
        if key <= self.last_key.as_str() {
            self.report(&place, "a key is not behind the one before it");
        }
        key.clone_into(&mut self.last_key);
        let file_bytes = self.segment.stream(StreamKind::Terms).file_bytes;
        if !branch::leaves(branch, key, false, file_bytes).is_ok_and(|leaves| leaves == [extent]) {
            self.report(&place, "the dictionary looks for a key in another leaf");
        }
        if !is_number(key)
            && let Err(what) = self.list(list)
        {
            self.report(&place, &what);
        }
    }

    /// Decodes a whole list.
    fn list(&mut self, list: &PostingsList) -> Result<(), String> {
        let (mut documents, mut occurrences) = (0, 0);
        for chunk in &list.chunks {
            let Some(decoded) = self.chunk(list, chunk)? else {
                return Ok(()); // reported
            };
            documents += decoded.documents.len();
            occurrences += decoded
                .frequencies
                .iter()
                .map(|&f| u64::from(f))
                .sum::<u64>();
        }
        let last = list.chunks.last().map(|chunk| chunk.last_document);
        if last.is_none_or(|last| last >= self.segment.documents) {
            return Err("a list names a document that the archive does not have".into());
        }
        if documents == list.document_frequency() as usize && occurrences == list.occurrences() {
            return Ok(());
        }
        Err("a list is of another length than its head says".into())
    }

    /// A chunk's documents, if all of it could be read.
    fn chunk(
        &mut self,
        list: &PostingsList,
        chunk: &Chunk,
    ) -> Result<Option<DocumentsChunk>, String> {
        let documents = match &chunk.documents {
            Part::Here(documents) => documents.clone(),
            Part::Apart(extent) => {
                let Some(payload) = self.payload(StreamKind::LongDocuments, *extent) else {
                    return Ok(None);
                };
                list.decode_documents(chunk, &payload)
                    .map_err(|error| error.to_string())?
            }
            Part::Nowhere => return Err("a list has no documents".into()),
        };
        if let Part::Apart(extent) = &chunk.positions {
            let Some(payload) = self.payload(StreamKind::LongPositions, *extent) else {
                return Ok(None);
            };
            let positions = list.decode_positions(&documents.frequencies, &payload);
            positions.map_err(|error| error.to_string())?;
        }
        Ok(Some(documents))
    }

    fn documents(&mut self) {
        let directory = self.segment.stream(StreamKind::Directory).file_bytes;
        let file_bytes = self.segment.stream(StreamKind::Documents).file_bytes;
        let (mut places, mut length) = (Addresses::from(0, file_bytes), 0);
        for first in (0..self.segment.documents).step_by(PER_PIECE as usize) {
            let extent = piece_of(first, self.segment.piece_bytes, directory);
            let Some(payload) = self.payload(StreamKind::Directory, extent) else {
                continue;
            };
            let place = self.place(StreamKind::Directory, extent);
            match read_piece(&payload, self.segment.documents - first, file_bytes) {
                Ok(extents) => {
                    for extent in extents {
                        length += u64::from(extent.bytes / UNIT);
                        if places.place(extent.bytes) != extent.address {
                            self.report(&place, "a document is not behind the one before it");
                        }
                        self.document(extent);
                    }
                }
                Err(error) => self.report(&place, &error.to_string()),
            }
        }
        if self.problems.is_empty() && length != self.segment.length {
            self.problems.push(Problem {
                file: super::MANIFEST_NAME.into(),
                what: "the documents are of another length than it says".into(),
            });
        }
    }

    fn document(&mut self, extent: Extent) {
        let Some(payload) = self.payload(StreamKind::Documents, extent) else {
            return;
        };
        let place = self.place(StreamKind::Documents, extent);
        let deflated = match unpad(&payload) {
            Ok(deflated) => deflated,
            Err(error) => return self.report(&place, &error.to_string()),
        };
        match self.archive.inflate(&place.file, deflated) {
            Ok(inflated) => {
                let document = self.archive.start().expand(&inflated);
                let stored = document.and_then(|document| StoredDocument::read(&document));
                if let Err(error) = stored {
                    self.report(&place, &error.to_string());
                }
            }
            Err(error) => self.report(&place, &chain(&error)),
        }
    }

    /// Each file ends where its last extent does.
    fn files(&mut self) {
        for name in self.segment.file_names() {
            let path = self.archive.folder.join(&name);
            let found = fs::metadata(&path).map(|metadata| metadata.len()).ok();
            let expected = self.ends.get(&name).copied();
            if found != expected {
                let bytes = |size: Option<u64>| {
                    size.map_or("no file".into(), |size| format!("{size} bytes"))
                };
                let what = format!("{}, not {}", bytes(found), bytes(expected));
                self.problems.push(Problem { file: name, what });
            }
        }
    }

    /// What no extent has of the file that holds all streams is zeros.
    fn gaps(&mut self) {
        self.in_one_file.sort_unstable();
        let mut problems = Vec::new();
        for file in self.segment.file_names() {
            let what = match fs::read(self.archive.folder.join(&file)) {
                Ok(bytes) => match stray_byte(&bytes, &self.in_one_file) {
                    None => continue,
                    Some(at) => format!("at {at}: bytes that belong to nothing"),
                },
                Err(error) => error.to_string(),
            };
            problems.push(Problem { file, what });
        }
        self.problems.append(&mut problems);
    }

    /// Where a pack has other bytes than the files, which are known to be sound.
    fn packs(&mut self) {
        for kind in StreamKind::ALL {
            if self.segment.stream(kind).resident {
                continue;
            }
            let what = match self.pack(kind) {
                Ok(None) => continue,
                Ok(Some(at)) => format!("at {at}: other bytes than in the files"),
                Err(error) => error.to_string(),
            };
            let file = self.segment.pack_name(kind);
            self.problems.push(Problem { file, what });
        }
    }

    /// The first part of a pack that is not what the files have at its place, zeros between them.
    fn pack(&self, kind: StreamKind) -> io::Result<Option<u64>> {
        let (folder, stream) = (&self.archive.folder, self.segment.stream(kind));
        let mut pack = File::open(folder.join(self.segment.pack_name(kind)))?;
        let mut at = 0;
        for number in 0..u64::from(stream.file_count()) {
            let start = number * u64::from(stream.file_bytes);
            let name = self.segment.place(kind, start).0;
            // A large extent reaches over the places of files that do not exist.
            if !self.ends.contains_key(&name) {
                continue;
            }
            let mut expected = vec![0; start.saturating_sub(at) as usize];
            expected.extend(fs::read(folder.join(name))?);
            let mut found = Vec::with_capacity(expected.len());
            (&mut pack)
                .take(expected.len() as u64)
                .read_to_end(&mut found)?;
            if found != expected {
                return Ok(Some(at));
            }
            at += expected.len() as u64;
        }
        let is_longer = pack.read(&mut [0])? > 0;
        Ok(is_longer.then_some(at))
    }
}

/// The first byte that is not zero between extents, which are in the order of their places.
fn stray_byte(bytes: &[u8], extents: &[(u64, u64)]) -> Option<usize> {
    let mut at = 0;
    for &(start, end) in extents {
        let gap = bytes.get(at..start as usize).unwrap_or(&[]);
        if let Some(stray) = gap.iter().position(|&byte| byte != 0) {
            return Some(at + stray);
        }
        at = at.max(end as usize);
    }
    None
}

/// An error and what caused it, in one line.
pub(crate) fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
