//! All documents of a build, in order, wherever they are.
//!
//! Documents come in as they are parsed, from all threads and in no order, and wait in a
//! [`Spool`]. What stays in memory of each is what it is sorted by and where it lies: 24 bytes,
//! its date and its id. When all are there, they are sorted and can be read back from any place.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use rustc_hash::FxHashSet;
use xxhash_rust::xxh64::{Xxh64, xxh64};

use super::input::InputFile;
use super::{Finish, Found};
use backfile_core::record::Value;

use crate::archive::Archive;
use crate::document::{Document, field};
use crate::enrich::reprints::{self, Fingerprint, Reprint, Sketch, Threshold};
use crate::error::{Error, Place};
use crate::memory::Memory;
use crate::room::{Room, Taken};
use crate::spool::Spool;
use crate::workspace::Workspace;

/// Stands between date and id in a key. Dates have no such byte and every other byte is greater,
/// so keys are in the order of [`Document::order`].
const SEPARATOR: u8 = 0;
/// Offsets into a document are 32 bits wide, and folding may make it longer.
const LARGEST_DOCUMENT: u64 = u32::MAX as u64 / 4;

/// Documents in the order of [`Document::order`].
#[derive(Debug)]
pub struct Documents {
    spool: Spool,
    /// Date, separator and id of every document, one behind the other.
    keys: Vec<u8>,
    entries: Vec<Entry>,
}

/// A document's key and its place in the spool.
#[derive(Clone, Copy, Debug)]
struct Entry {
    key: u64,
    at: u64,
    key_bytes: u32,
    bytes: u32,
    /// Bytes of title and body.
    text_bytes: u32,
    /// See [`Document::letters`].
    letters: u32,
    /// Of everything in the document.
    hash: u64,
}

/// Where a document came from: the number of the file, and the line if it has lines.
type StoredOrigin = (u32, Option<u64>);

/// Takes documents from all threads.
pub(super) struct Intake<'a> {
    documents: Mutex<Documents>,
    finish: Option<&'a dyn Finish>,
    memory: Memory,
    /// For what is read as a whole.
    inputs: Room,
}

impl<'a> Intake<'a> {
    pub(super) fn new(workspace: &Workspace, finish: Option<&'a dyn Finish>) -> Self {
        let memory = workspace.memory;
        let documents = Documents {
            spool: workspace.spool("documents", memory.documents()),
            keys: Vec::new(),
            entries: Vec::new(),
        };
        Self {
            documents: Mutex::new(documents),
            finish,
            memory,
            inputs: Room::new(memory.inputs()),
        }
    }

    /// Waits until there is memory to read so many bytes as a whole.
    pub(super) fn room_for(&self, bytes: u64) -> Taken<'_> {
        self.inputs.take(bytes)
    }

    /// Bytes of a line that may have a document, at most.
    pub(super) fn longest_line(&self) -> u64 {
        self.memory.line()
    }

    /// Takes documents of the file with this number.
    ///
    /// # Errors
    /// If a document is too large, or the spool cannot be written.
    pub(super) fn take(&self, file: u32, mut found: Vec<Found<'_>>) -> Result<(), Error> {
        let mut batch = Batch::default();
        for found in &mut found {
            if let Some(finish) = self.finish {
                finish.finish(&mut found.document);
            }
            self.check_size(found)?;
            batch.add((file, found.origin.line), &found.document)?;
        }
        drop(found);
        let documents = self.documents.lock();
        documents.unwrap_or_else(PoisonError::into_inner).add(batch)
    }

    fn check_size(&self, Found { document, origin }: &Found<'_>) -> Result<(), Error> {
        let (bytes, most) = (document.text_bytes(), self.memory.document());
        if bytes <= most {
            return Ok(());
        }
        Err(Error::DocumentNeedsMemory {
            place: origin.place(),
            id: document.id.clone(),
            bytes,
            most,
        })
    }

    /// All documents, in order. `files` are the names behind the numbers.
    ///
    /// # Errors
    /// If two documents have one id.
    pub(super) fn finish(self, files: &[InputFile]) -> Result<Documents, Error> {
        let documents = self.documents.into_inner();
        let mut documents = documents.unwrap_or_else(PoisonError::into_inner);
        documents.check_ids(files)?;
        documents.sort();
        Ok(documents)
    }
}

/// Documents on their way into the spool.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    keys: Vec<u8>,
    /// Places in this batch.
    entries: Vec<Entry>,
}

impl Batch {
    fn add(&mut self, origin: StoredOrigin, document: &Document) -> Result<(), Error> {
        let too_large = |bytes| Error::DocumentTooLarge {
            id: document.id.clone(),
            bytes,
        };
        if document.text_bytes() > LARGEST_DOCUMENT {
            return Err(too_large(document.text_bytes()));
        }
        let (key, at) = (self.keys.len(), self.bytes.len());
        let date = document.date.as_deref().unwrap_or_default();
        put_key(date, &document.id, &mut self.keys);
        self.append(&origin);
        let content = self.bytes.len();
        self.append(document);
        let hash = content_hash(&self.bytes[content..]);
        let (key_bytes, bytes) = (self.keys.len() - key, self.bytes.len() - at);
        let width = |bytes: usize| u32::try_from(bytes).map_err(|_| too_large(bytes as u64));
        self.entries.push(Entry {
            key: key as u64,
            at: at as u64,
            key_bytes: width(key_bytes)?,
            bytes: width(bytes)?,
            text_bytes: document.text_bytes() as u32,
            letters: document.letters() as u32,
            hash,
        });
        Ok(())
    }
}

/// Appends what documents are sorted by.
pub(crate) fn put_key(date: &str, id: &str, keys: &mut Vec<u8>) {
    keys.extend_from_slice(date.as_bytes());
    keys.push(SEPARATOR);
    keys.extend_from_slice(id.as_bytes());
}

/// Date and id.
pub(crate) fn key_parts(key: &[u8]) -> (&[u8], &[u8]) {
    let date = key.iter().position(|byte| *byte == SEPARATOR).unwrap_or(0);
    (&key[..date], &key[date + 1..])
}

/// What changes with any change in a document, which is given as postcard writes it. An archive
/// has its documents in the same bytes, so it knows their hashes too.
pub(crate) fn content_hash(document: &[u8]) -> u64 {
    xxh64(document, 0)
}

impl Batch {
    fn append(&mut self, value: &impl serde::Serialize) {
        let bytes = std::mem::take(&mut self.bytes);
        self.bytes = postcard::to_extend(value, bytes)
            .expect("postcard does not fail on these types when it writes to memory");
    }
}

impl Entry {
    fn key(self, keys: &[u8]) -> &[u8] {
        &keys[self.key as usize..][..self.key_bytes as usize]
    }

    /// Date and id.
    fn parts(self, keys: &[u8]) -> (&[u8], &[u8]) {
        key_parts(self.key(keys))
    }

    fn end(self) -> u64 {
        self.at + u64::from(self.bytes)
    }
}

impl Documents {
    /// None yet. They will wait in a file of this name beside that of the others.
    pub(crate) fn beside(&self, name: &str) -> Self {
        Self {
            spool: self.spool.beside(name),
            keys: Vec::new(),
            entries: Vec::new(),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Bytes of all titles and bodies.
    pub fn text_bytes(&self) -> u64 {
        let bytes = self.entries.iter();
        bytes.map(|entry| u64::from(entry.text_bytes)).sum()
    }

    /// Letters and digits of all of them, about ([`Document::letters`]).
    pub(crate) fn letters(&self) -> u64 {
        let letters = self.entries.iter();
        letters.map(|entry| u64::from(entry.letters)).sum()
    }

    /// Bytes of all documents as they wait.
    pub(crate) fn bytes(&self) -> u64 {
        let bytes = self.entries.iter();
        bytes.map(|entry| u64::from(entry.bytes)).sum()
    }

    /// Bytes of title and body of one of them.
    pub(crate) fn text_bytes_of(&self, number: usize) -> u64 {
        u64::from(self.entries[number].text_bytes)
    }

    /// What one of them is sorted by.
    pub(crate) fn key(&self, number: usize) -> &[u8] {
        self.entries[number].key(&self.keys)
    }

    /// The id of one of them.
    pub fn id(&self, number: usize) -> String {
        String::from_utf8_lossy(key_parts(self.key(number)).1).into_owned()
    }

    /// The hash of everything in one of them.
    pub(crate) fn content(&self, number: usize) -> u64 {
        self.entries[number].hash
    }

    /// The document with this key.
    pub(crate) fn find(&self, key: &[u8]) -> Option<usize> {
        let found = self
            .entries
            .binary_search_by(|entry| entry.key(&self.keys).cmp(key));
        found.ok()
    }

    /// Forgets all documents but those with these numbers.
    pub(crate) fn retain(&mut self, keep: impl Fn(usize) -> bool) {
        let mut number = 0;
        self.entries.retain(|_| {
            number += 1;
            keep(number - 1)
        });
    }

    /// Takes more documents, whose ids no other has.
    ///
    /// # Errors
    /// If the spool cannot be written.
    pub(crate) fn absorb(&mut self, documents: &[Document]) -> Result<(), Error> {
        let mut batch = Batch::default();
        for document in documents {
            batch.add((0, None), document)?;
        }
        self.add(batch)
    }

    /// Takes the documents of an archive whose ids no other has, so that what is new can be compared with them.
    ///
    /// # Errors
    /// If they cannot be read, or the spool cannot be written.
    pub fn take_missing(&mut self, archive: &Archive) -> Result<(), Error> {
        /// Bytes that are set aside at a time.
        const TOGETHER: usize = 64 << 10;
        let ids = (0..self.len()).map(|number| key_parts(self.key(number)).1.to_vec());
        let ids: FxHashSet<Vec<u8>> = ids.collect();
        let reader = archive.reader();
        let mut batch = Batch::default();
        reader.visit(reader.places()?, u64::MAX, |stored| {
            let document = stored.document()?;
            if ids.contains(document.id.as_bytes()) {
                return Ok(());
            }
            batch.add((0, None), &document)?;
            if batch.bytes.len() < TOGETHER {
                return Ok(());
            }
            self.add(std::mem::take(&mut batch))
        })?;
        self.add(batch)?;
        self.sort();
        Ok(())
    }

    /// Changes one of them; its place, date and id stay as they are. What it was stays in the spool, unused.
    ///
    /// # Errors
    /// If the spool cannot be read or written, or the document becomes too large.
    pub fn amend(
        &mut self,
        number: usize,
        change: impl FnOnce(&mut Document),
    ) -> Result<(), Error> {
        let (origin, mut document) = self.read_stored(self.entries[number])?;
        let (id, date) = (document.id.clone(), document.date.clone());
        change(&mut document);
        (document.id, document.date) = (id, date);
        let mut batch = Batch::default();
        batch.add(origin, &document)?;
        let at = self.spool.append(batch.bytes)?;
        let key = self.entries[number].key;
        for entry in batch.entries {
            self.entries[number] = Entry { key, at, ..entry };
        }
        Ok(())
    }

    /// Finds documents that repeat an earlier one ([`reprints`]) and gives them its id, as
    /// [`field::REPRINT_OF`].
    ///
    /// # Errors
    /// If the spool cannot be read or written.
    pub fn mark_reprints(&mut self, threshold: Threshold) -> Result<Vec<Reprint>, Error> {
        let sketches = self.sketches()?;
        let fingerprint = |number: usize| -> Result<Fingerprint, Error> {
            let (_, document) = self.read_stored(self.entries[number])?;
            Ok(Fingerprint::of(&document))
        };
        let similarity = |first, later| Ok(fingerprint(first)?.similarity(&fingerprint(later)?));
        let found = reprints::duplicates(sketches, threshold, similarity)?;
        for reprint in &found {
            let original = self.id(reprint.first);
            self.amend(reprint.later, |document| {
                document.set_field(field::REPRINT_OF, Value::Text(original));
            })?;
        }
        Ok(found)
    }

    /// The sketches of all documents that are long enough to have one, with their numbers.
    fn sketches(&self) -> Result<Vec<(usize, Sketch)>, Error> {
        /// Enough to keep a thread busy, little beside a budget.
        const PART_BYTES: u64 = 1 << 20;
        let sketch = |(number, document): (usize, Document)| Some((number, Sketch::of(&document)?));
        let parts: Vec<Range<usize>> = self.parts(PART_BYTES).collect();
        let sketches: Vec<Vec<(usize, Sketch)>> = parts
            .into_par_iter()
            .map(|part| {
                let documents = part.clone().zip(self.read(part)?);
                Ok(documents.filter_map(sketch).collect())
            })
            .collect::<Result<_, Error>>()?;
        Ok(sketches.concat())
    }

    /// Puts them in order.
    pub(crate) fn sort(&mut self) {
        let Self { keys, entries, .. } = self;
        // Of documents that an archive has no longer, several may have had one id.
        let order = |entry: &Entry| (entry.key(keys), entry.hash);
        entries.par_sort_unstable_by(|a, b| order(a).cmp(&order(b)));
    }

    /// A number that changes with any change in any document.
    pub fn hash(&self) -> u64 {
        let mut hasher = Xxh64::new(0);
        for entry in &self.entries {
            hasher.update(&entry.hash.to_le_bytes());
        }
        hasher.digest()
    }

    /// The earliest and the latest date.
    pub fn dates(&self) -> Option<(String, String)> {
        dates((0..self.len()).map(|number| self.key(number)))
    }

    /// Cuts them into parts of about so many bytes.
    pub(crate) fn parts(&self, bytes: u64) -> impl Iterator<Item = Range<usize>> + Send + '_ {
        let mut start = 0;
        std::iter::from_fn(move || {
            let (first, mut sum) = (start, 0);
            while sum < bytes
                && let Some(entry) = self.entries.get(start)
            {
                sum += u64::from(entry.bytes);
                start += 1;
            }
            (first < start).then_some(first..start)
        })
    }

    /// Reads documents back.
    ///
    /// # Errors
    /// If the spool cannot be read.
    pub fn read(&self, range: Range<usize>) -> Result<Vec<Document>, Error> {
        let mut documents = Vec::with_capacity(range.len());
        let mut buffer = Vec::new();
        let entries = &self.entries[range];
        // Inputs are often in the order of their dates: then neighbours are read in one go.
        for together in entries.chunk_by(|a, b| a.end() == b.at) {
            buffer.clear();
            let (Some(first), Some(last)) = (together.first(), together.last()) else {
                continue;
            };
            let bytes = (last.end() - first.at) as usize;
            self.spool.read(first.at, bytes, &mut buffer)?;
            for entry in together {
                let within = (entry.at - first.at) as usize;
                let bytes = &buffer[within..][..entry.bytes as usize];
                documents.push(self.decode(bytes)?.1);
            }
        }
        Ok(documents)
    }

    fn decode(&self, bytes: &[u8]) -> Result<(StoredOrigin, Document), Error> {
        postcard::from_bytes(bytes).map_err(|error| self.spool.damaged(&error.to_string()))
    }

    fn add(&mut self, batch: Batch) -> Result<(), Error> {
        let at = self.spool.append(batch.bytes)?;
        let key = self.keys.len() as u64;
        self.keys.extend_from_slice(&batch.keys);
        self.entries.extend(batch.entries.iter().map(|entry| Entry {
            key: key + entry.key,
            at: at + entry.at,
            ..*entry
        }));
        Ok(())
    }

    /// No two documents may have one id. Of several such pairs the one that comes first in the
    /// inputs is named.
    fn check_ids(&self, files: &[InputFile]) -> Result<(), Error> {
        let mut twice = Vec::new();
        for same in self.same_ids() {
            let origins = same.iter().map(|entry| self.origin(*entry));
            let mut origins = origins.collect::<Result<Vec<_>, Error>>()?;
            origins.sort_unstable();
            twice.push((origins[0], origins[1], same[0]));
        }
        let first = twice.into_iter().min_by_key(|(a, b, _)| (*a, *b));
        first.map_or(Ok(()), |(first, second, entry)| {
            Err(Error::DuplicateId {
                id: String::from_utf8_lossy(entry.parts(&self.keys).1).into_owned(),
                first: place(first, files),
                second: place(second, files),
            })
        })
    }

    /// Documents that have their id in common with another, by id.
    fn same_ids(&self) -> Vec<Vec<Entry>> {
        let id = |entry: &Entry| entry.parts(&self.keys).1;
        let hash = |(number, entry): (usize, &Entry)| (xxh64(id(entry), 0), number);
        let mut hashes: Vec<(u64, usize)> = self.entries.par_iter().enumerate().map(hash).collect();
        hashes.par_sort_unstable();
        let mut same = Vec::new();
        for alike in hashes
            .chunk_by(|a, b| a.0 == b.0)
            .filter(|alike| alike.len() > 1)
        {
            let entries = alike.iter().map(|(_, number)| self.entries[*number]);
            let mut entries: Vec<Entry> = entries.collect();
            entries.sort_unstable_by(|a, b| id(a).cmp(id(b)));
            let by_id = entries.chunk_by(|a, b| id(a) == id(b));
            same.extend(by_id.filter(|same| same.len() > 1).map(<[Entry]>::to_vec));
        }
        same
    }

    fn origin(&self, entry: Entry) -> Result<StoredOrigin, Error> {
        Ok(self.read_stored(entry)?.0)
    }

    fn read_stored(&self, entry: Entry) -> Result<(StoredOrigin, Document), Error> {
        let mut bytes = Vec::new();
        self.spool
            .read(entry.at, entry.bytes as usize, &mut bytes)?;
        self.decode(&bytes)
    }
}

/// The earliest and the latest date of keys that rise.
pub(crate) fn dates<'k>(
    mut keys: impl DoubleEndedIterator<Item = &'k [u8]>,
) -> Option<(String, String)> {
    // Text, since keys are made of text.
    let text = |key| String::from_utf8_lossy(key_parts(key).0).into_owned();
    let last = keys.next_back()?;
    // Those without a date come first.
    let is_dated = |key: &&[u8]| !key_parts(key).0.is_empty();
    let first = keys.find(is_dated).or(Some(last).filter(is_dated))?;
    Some((text(first), text(last)))
}

fn place((file, line): StoredOrigin, files: &[InputFile]) -> Place {
    let file = files.get(file as usize).map(|file| file.path.clone());
    Place {
        file: file.unwrap_or_default(),
        line,
    }
}
