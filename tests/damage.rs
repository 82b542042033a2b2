//! A damaged archive says so: whatever happens to one file, opening, verifying and searching
//! answer with an error that names it, or as if nothing had happened where it is not needed.
//!
//! The archive has every kind of block and every form of list. In the browser the same is shown
//! by `tests/web/damage.test.mjs`.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::path::{Path, PathBuf};

use acceptance::corpora;
use acceptance::site::{BuiltIndex, build_index};
use backfile::archive::{Archive, Response, SearchOptions};
use backfile::error::Error;
use backfile_core::format::section::{HEADER_BYTES, OLDEST_VERSION, VERSION};
use rayon::prelude::*;
use tempfile::TempDir;
use xxhash_rust::xxh64::Xxh64;

const MANIFEST: &str = "manifest.bf";
/// What a flipped byte is combined with: single bits, high and low, and all of them.
const PATTERNS: [u8; 4] = [0x01, 0x10, 0x80, 0xFF];
/// Together they need every block; no single one does.
const QUERIES: [&str; 8] = [
    "苇渡大桥",
    "雨雪",
    "丁丁丙丁",
    "丙丁",
    "琴棋",
    "河 水位",
    "二十个来回",
    "甲甲乙甲甲乙乙",
];

fn built() -> BuiltIndex {
    let documents = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/documents.jsonl");
    build_index(corpora::read(&documents))
}

/// An archive in a folder of its own, to be damaged and put right again.
struct Patient {
    folder: TempDir,
    files: BTreeMap<String, Vec<u8>>,
    /// The answers of the sound archive.
    sound: Vec<Response>,
    /// For each file, the queries that cannot be answered without it.
    needed_by: BTreeMap<String, Vec<usize>>,
}

impl Patient {
    fn new(index: &BuiltIndex) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        acceptance::site::write(index, folder.path());
        let mut files: BTreeMap<_, _> = index.files.iter().cloned().collect();
        files.insert(MANIFEST.into(), index.manifest.clone());
        let mut patient = Self {
            folder,
            files,
            sound: Vec::new(),
            needed_by: BTreeMap::new(),
        };
        let answer = |query: &&str| patient.search(query).expect("a sound archive answers");
        patient.sound = QUERIES.iter().map(answer).collect();
        for name in patient.blocks() {
            std::fs::remove_file(patient.path(&name)).expect("the file was there");
            let needs = |&at: &usize| patient.search(QUERIES[at]).is_err();
            let needed_by = (0..QUERIES.len()).filter(needs).collect();
            patient.heal(&name);
            patient.needed_by.insert(name, needed_by);
        }
        patient
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn blocks(&self) -> Vec<String> {
        let names = self.files.keys().filter(|name| *name != MANIFEST);
        names.cloned().collect()
    }

    fn open(&self) -> Result<Archive, Error> {
        Archive::open(self.folder.path())
    }

    /// Nothing is kept from an earlier search.
    fn search(&self, query: &str) -> Result<Response, Error> {
        let options = SearchOptions {
            limit: 200,
            ..SearchOptions::default()
        };
        self.open()?.search(query, options)
    }

    fn damage(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).expect("the file can be written");
    }

    fn heal(&self, name: &str) {
        self.damage(name, &self.files[name]);
    }

    /// What one reader says to a file that is not what it was.
    fn check_search(&self, name: &str, how: &str) {
        match self.needed_by.get(name) {
            None => self.check_manifest(how),
            Some(needed_by) => self.check_query(name, needed_by[0], how),
        }
    }

    fn check_verify(&self, name: &str, how: &str) {
        if name == MANIFEST {
            return self.check_manifest(how);
        }
        let archive = self.open().expect("the manifest is sound");
        let problems = archive.verify();
        assert!(
            problems.iter().any(|problem| problem.file == name),
            "{name} {how}: verify says {problems:?}"
        );
    }

    /// What everybody says, those who do not need the file too.
    fn check_all(&self, name: &str, how: &str) {
        self.check_verify(name, how);
        if name != MANIFEST {
            (0..QUERIES.len()).for_each(|at| self.check_query(name, at, how));
        }
    }

    fn check_manifest(&self, how: &str) {
        let error = self.open().err();
        let error = error.unwrap_or_else(|| panic!("{MANIFEST} {how}: opens"));
        let text = chain(&error);
        assert!(text.contains(MANIFEST), "{how}: {text}");
    }

    fn check_query(&self, name: &str, at: usize, how: &str) {
        let query = QUERIES[at];
        let answer = self.search(query);
        if self.needed_by[name].contains(&at) {
            let error = answer.expect_err(&format!("{name} {how}: {query} is answered"));
            let text = chain(&error);
            assert!(text.contains(name), "{name} {how}: {query}: {text}");
        } else {
            let answer = answer.unwrap_or_else(|error| panic!("{name} {how}: {error}"));
            assert!(answer == self.sound[at], "{name} {how}: {query}");
        }
    }
}

/// An error and what caused it, as the command line prints it.
fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        text = format!("{text}: {source}");
        cause = source.source();
    }
    text
}

#[test]
fn every_kind_of_block_is_there_and_needed() {
    let patient = Patient::new(&built());
    let letters: String = (patient.blocks().iter())
        .filter_map(|name| name.split_once('/')?.1.chars().next())
        .collect();
    assert!("tdpls".chars().all(|kind| letters.contains(kind)));
    for (name, needed_by) in &patient.needed_by {
        assert!(!needed_by.is_empty(), "no query needs {name}");
    }
    let archive = patient.open().expect("a sound archive opens");
    assert_eq!(archive.verify(), []);
}

/// Calls `check` with each byte of each file, on all cores.
fn with_each_byte(check: impl Fn(&Patient, &str, usize) + Sync) {
    const STEP: usize = 512;
    let index = built();
    let files = Patient::new(&index).files;
    let pieces: Vec<(&str, usize)> = files
        .iter()
        .flat_map(|(name, bytes)| {
            (0..bytes.len())
                .step_by(STEP)
                .map(move |at| (name.as_str(), at))
        })
        .collect();
    pieces.par_iter().for_each_init(
        || Patient::new(&index),
        |patient, &(name, from)| {
            for at in from..files[name].len().min(from + STEP) {
                check(patient, name, at);
            }
            patient.heal(name);
        },
    );
}

#[test]
fn every_flipped_byte_is_reported() {
    with_each_byte(|patient, name, at| {
        let mut bytes = patient.files[name].clone();
        for (turn, pattern) in PATTERNS.into_iter().enumerate() {
            bytes[at] ^= pattern;
            patient.damage(name, &bytes);
            let how = format!("with byte {at} changed by {pattern:#04x}");
            patient.check_search(name, &how);
            // Verifying decodes the whole archive each time. All bytes behind the header are under
            // the same checksum, so every fourth of them has to do.
            if turn == at / 4 % PATTERNS.len() && (at < HEADER_BYTES || at.is_multiple_of(4)) {
                patient.check_verify(name, &how);
            }
            bytes[at] ^= pattern;
        }
    });
}

#[test]
fn every_truncation_is_reported() {
    with_each_byte(|patient, name, at| {
        patient.damage(name, &patient.files[name][..at]);
        let how = format!("cut at {at}");
        patient.check_search(name, &how);
        if at.is_multiple_of(16) {
            patient.check_verify(name, &how);
        }
    });
}

#[test]
fn what_is_not_damaged_answers_as_before() {
    let patient = Patient::new(&built());
    for (name, bytes) in &patient.files {
        std::fs::remove_file(patient.path(name)).expect("the file was there");
        patient.check_all(name, "missing");
        let mut flipped = bytes.clone();
        flipped[bytes.len() / 2] ^= 0x04;
        patient.damage(name, &flipped);
        patient.check_all(name, "with a byte changed in its midst");
        patient.damage(name, &[bytes.as_slice(), &[0]].concat());
        patient.check_all(name, "with a byte too many");
        patient.damage(name, b"<!doctype html><title>404 Not Found</title>");
        patient.check_all(name, "replaced by an error page");
        patient.heal(name);
    }
}

#[test]
fn every_block_in_the_place_of_another_is_reported() {
    let patient = Patient::new(&built());
    for name in patient.files.keys() {
        for (other, bytes) in &patient.files {
            if other != name {
                patient.damage(name, bytes);
                let how = format!("replaced by {other}");
                patient.check_search(name, &how);
                patient.check_verify(name, &how);
            }
        }
        patient.heal(name);
    }
}

/// The same block of an archive that differs by one document.
#[test]
fn a_block_of_another_build_is_reported() {
    let patient = Patient::new(&built());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/documents.jsonl");
    let mut documents = corpora::read(&folder);
    documents.pop();
    let other = build_index(documents);
    for (name, bytes) in &other.files {
        let (_, file) = name.split_once('/').expect("a folder");
        let own = patient.blocks();
        let own = own.iter().find(|name| name.ends_with(file));
        let own = own.expect("the builds have the same blocks");
        patient.damage(own, bytes);
        patient.check_all(own, "of another build");
        patient.heal(own);
    }
}

#[test]
fn other_formats_are_named_with_what_to_do() {
    let patient = Patient::new(&built());
    let text_of = |name: &str, version: u8| {
        let mut bytes = patient.files[name].clone();
        set_version(&mut bytes, version);
        patient.damage(name, &bytes);
        let error = patient.search(QUERIES[0]).expect_err("another format");
        patient.heal(name);
        chain(&error)
    };
    let newer = text_of(MANIFEST, VERSION + 1);
    let expected = format!(
        "manifest.bf: format {}, but this Backfile reads",
        VERSION + 1
    );
    assert!(newer.contains(&expected), "{newer}");
    assert!(newer.ends_with("use a newer Backfile"), "{newer}");
    let older = text_of(MANIFEST, OLDEST_VERSION - 1);
    assert!(
        older.ends_with("build the archive again with this Backfile"),
        "{older}"
    );
    let lengths = patient
        .blocks()
        .into_iter()
        .find(|name| name.contains("/l"));
    let lengths = lengths.expect("a block of lengths");
    let newer = text_of(&lengths, 255);
    assert!(newer.contains(&format!("{lengths}: format 255")), "{newer}");
}

/// Makes the first section one of another version, whole in every other respect.
fn set_version(bytes: &mut [u8], version: u8) {
    bytes[4] = version;
    let length = u32::from_le_bytes(bytes[8..12].try_into().expect("four bytes"));
    let mut hasher = Xxh64::new(0);
    hasher.update(&bytes[..24]);
    hasher.update(&bytes[32..32 + length as usize]);
    bytes[24..32].copy_from_slice(&hasher.digest().to_le_bytes());
}
