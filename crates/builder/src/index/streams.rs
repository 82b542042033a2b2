//! The streams of a segment on their way into files.
//!
//! While everything together is small, it stays in memory: a small archive has no other file than
//! its manifest, and one that is not much larger has one file beside it. A stream that is complete
//! and small comes with the manifest as well, if readers need it at the start.

use std::fs;
use std::path::{Path, PathBuf};

use backfile_core::format::manifest::{ONE_FILE, Stream};
use backfile_core::format::postings::ExtentSink;
use backfile_core::format::stream::{Addresses, SEAL_BYTES, StreamKind, seal};
use xxhash_rust::xxh64::Xxh64;

use super::{Part, Residency};
use crate::error::Error;

/// See the module's description.
pub(super) struct Streams {
    folder: PathBuf,
    seed: u64,
    streams: [OpenStream; StreamKind::ALL.len()],
    /// Files that are complete, as long as they may come with the manifest or be one file; then
    /// `None`.
    held: Option<Vec<HeldFile>>,
    held_bytes: u64,
    residency: Residency,
}

/// Where streams lie that do not come with the manifest in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Home {
    Manifest,
    OneFile,
    Files,
}

struct HeldFile {
    kind: StreamKind,
    number: u64,
    bytes: Vec<u8>,
}

struct OpenStream {
    kind: StreamKind,
    file_bytes: u32,
    addresses: Addresses,
    /// The file that is being filled, by its number.
    number: u64,
    file: Vec<u8>,
    hasher: Xxh64,
    files: u64,
    bytes: u64,
}

/// Streams that are complete.
pub(super) struct Finished {
    pub(super) streams: [Stream; StreamKind::ALL.len()],
    /// True if those in files are all in one.
    pub(super) one_file: bool,
    /// Those that come with the manifest.
    pub(super) resident: Vec<(StreamKind, Vec<u8>)>,
    /// Of all extents.
    pub(super) hash: u64,
    pub(super) folder: PathBuf,
    pub(super) parts: Vec<Part>,
}

impl Streams {
    pub(super) fn new(folder: PathBuf, seed: u64, residency: Residency) -> Self {
        Self {
            folder,
            seed,
            streams: StreamKind::ALL.map(OpenStream::new),
            held: Some(Vec::new()),
            held_bytes: 0,
            residency,
        }
    }

    /// Says how large the files of a stream are; before its first extent.
    pub(super) fn set_file_bytes(&mut self, kind: StreamKind, bytes: u32) {
        let stream = &mut self.streams[kind as usize];
        stream.file_bytes = bytes;
        stream.addresses = Addresses::from(0, bytes);
    }

    fn complete(&mut self, file: HeldFile) -> Result<(), Error> {
        self.held_bytes += file.bytes.len() as u64;
        if let Some(held) = &mut self.held {
            held.push(file);
            if self.held_bytes <= self.residency.segment.max(self.residency.one_file) {
                return Ok(());
            }
            return self.let_go();
        }
        self.write(&file)
    }

    /// Writes what was held back.
    fn let_go(&mut self) -> Result<(), Error> {
        let held = self.held.take().unwrap_or_default();
        self.make_folder()?;
        held.iter().try_for_each(|file| self.write(file))
    }

    fn make_folder(&self) -> Result<(), Error> {
        fs::create_dir_all(&self.folder).map_err(|source| write_error(&self.folder, source))
    }

    fn write(&self, file: &HeldFile) -> Result<(), Error> {
        let path = self.folder.join(file_name(file.kind.letter(), file.number));
        fs::write(&path, &file.bytes).map_err(|source| write_error(&path, source))
    }

    /// Completes all streams.
    pub(super) fn finish(mut self, packs: bool) -> Result<Finished, Error> {
        let mut resident = Vec::new();
        let own = &mut self.streams[StreamKind::Branches as usize];
        let alone = own.number == 0 && own.file.len() as u64 <= self.residency.branches;
        if alone {
            resident.push((own.kind, std::mem::take(&mut own.file)));
        }
        for kind in StreamKind::ALL {
            if let Some(file) = self.streams[kind as usize].take_file() {
                self.complete(file)?;
            }
        }
        let home = self.home(packs, alone);
        match home {
            Home::Manifest => resident.extend(self.held_streams(alone)),
            Home::OneFile => self.write_one_file(alone)?,
            Home::Files if self.held.is_some() => self.let_go()?,
            Home::Files => {}
        }
        if packs && home == Home::Files {
            self.pack(alone)?;
        }
        Ok(self.described(resident, home, alone))
    }

    fn home(&self, packs: bool, without_branches: bool) -> Home {
        let streams = self.streams.iter();
        let others = streams.skip(usize::from(without_branches));
        let others: u64 = others.map(|stream| stream.addresses.end()).sum();
        if self.held.is_none() {
            Home::Files
        } else if !packs && self.held_bytes <= self.residency.segment {
            Home::Manifest
        } else if others <= self.residency.one_file {
            Home::OneFile
        } else {
            Home::Files
        }
    }

    fn write_one_file(&mut self, without_branches: bool) -> Result<(), Error> {
        let streams = self.held_streams(without_branches).into_iter();
        let bytes: Vec<u8> = streams.flat_map(|(_, bytes)| bytes).collect();
        self.make_folder()?;
        let path = self.folder.join(file_name(ONE_FILE, 0));
        fs::write(&path, bytes).map_err(|source| write_error(&path, source))
    }

    /// What is held, stream by stream.
    fn held_streams(&mut self, without_branches: bool) -> Vec<(StreamKind, Vec<u8>)> {
        let held = self.held.take().unwrap_or_default();
        let is_left = |kind: &StreamKind| !without_branches || *kind != StreamKind::Branches;
        let others = StreamKind::ALL.into_iter().filter(is_left);
        let joined = |kind: StreamKind| {
            let size = u64::from(self.streams[kind as usize].file_bytes);
            let mut bytes = Vec::new();
            for file in held.iter().filter(|file| file.kind == kind) {
                bytes.resize((file.number * size) as usize, 0);
                bytes.extend_from_slice(&file.bytes);
            }
            (kind, bytes)
        };
        others.map(joined).collect()
    }

    /// Puts the files of each stream into one, each at its address.
    fn pack(&self, without_branches: bool) -> Result<(), Error> {
        for stream in &self.streams {
            if without_branches && stream.kind == StreamKind::Branches {
                continue;
            }
            let path = self.folder.join(format!("{}.pack", stream.kind.letter()));
            pack_stream(stream, &self.folder, &path)
                .map_err(|source| write_error(&path, source))?;
        }
        Ok(())
    }

    fn described(self, resident: Vec<(StreamKind, Vec<u8>)>, home: Home, alone: bool) -> Finished {
        let mut hasher = Xxh64::new(self.seed);
        for stream in &self.streams {
            hasher.update(&stream.hasher.digest().to_le_bytes());
        }
        let is_resident = |kind| home == Home::Manifest || alone && kind == StreamKind::Branches;
        let described = |stream: &OpenStream| Stream {
            bytes: stream.addresses.end(),
            file_bytes: stream.file_bytes,
            resident: is_resident(stream.kind),
        };
        let part = |stream: &OpenStream| match home {
            Home::OneFile => Part::in_one_file(stream.kind, stream.addresses.end()),
            _ => Part {
                name: stream.kind.name(),
                files: stream.files,
                bytes: stream.bytes,
            },
        };
        let parts = self.streams.iter().filter(|stream| stream.bytes > 0);
        let parts = parts
            .filter(|stream| !is_resident(stream.kind))
            .map(part)
            .collect();
        Finished {
            streams: self.streams.each_ref().map(described),
            one_file: home == Home::OneFile,
            resident,
            hash: hasher.digest(),
            folder: self.folder,
            parts,
        }
    }
}

impl ExtentSink for Streams {
    type Error = Error;

    fn append(&mut self, kind: StreamKind, payload: &[u8]) -> Result<u64, Error> {
        let stream = &mut self.streams[kind as usize];
        let address = stream.addresses.place((payload.len() + SEAL_BYTES) as u32);
        let number = address / u64::from(stream.file_bytes.max(1));
        let full = if number == stream.number {
            None
        } else {
            stream.take_file()
        };
        stream.number = number;
        let sum = seal(self.seed, kind, address, payload);
        stream.file.extend_from_slice(payload);
        stream.file.extend_from_slice(&sum);
        stream.hasher.update(&sum);
        full.map_or(Ok(()), |file| self.complete(file))?;
        Ok(address)
    }
}

impl OpenStream {
    fn new(kind: StreamKind) -> Self {
        Self {
            kind,
            file_bytes: 1,
            addresses: Addresses::from(0, 1),
            number: 0,
            file: Vec::new(),
            hasher: Xxh64::new(kind as u64),
            files: 0,
            bytes: 0,
        }
    }

    /// The file that is being filled, if there is anything in it.
    fn take_file(&mut self) -> Option<HeldFile> {
        if self.file.is_empty() {
            return None;
        }
        let bytes = std::mem::take(&mut self.file);
        self.files += 1;
        self.bytes += bytes.len() as u64;
        Some(HeldFile {
            kind: self.kind,
            number: self.number,
            bytes,
        })
    }
}

fn file_name(letter: char, number: u64) -> String {
    format!("{letter}{number:04}.bf")
}

fn pack_stream(stream: &OpenStream, folder: &Path, path: &Path) -> std::io::Result<()> {
    use std::io::{Seek, SeekFrom, Write};
    let mut pack = fs::File::create(path)?;
    let size = u64::from(stream.file_bytes.max(1));
    for number in 0..=stream.number {
        let file = folder.join(file_name(stream.kind.letter(), number));
        // A large extent reaches over the places of files that do not exist.
        if stream.bytes > 0 && file.exists() {
            pack.seek(SeekFrom::Start(number * size))?;
            pack.write_all(&fs::read(file)?)?;
        }
    }
    Ok(())
}

fn write_error(path: &Path, source: std::io::Error) -> Error {
    Error::Write {
        path: path.to_owned(),
        source,
    }
}
