//! A damaged archive says so: whatever happens to one file, opening, verifying and searching
//! answer with an error that names it, or as if nothing had happened where it is not needed.
//!
//! A search reads some extents of a file and does not notice what is wrong with the others; so
//! each damage is shown to `verify`, too, which has to find it. That decodes the whole archive
//! each time: every byte is damaged in a tiny archive, and some in one with lists of every form.
//! In the browser the same is shown by `tests/web/damage.test.mjs`.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::path::PathBuf;

use acceptance::corpora;
use acceptance::second_reader;
use acceptance::site::{BuiltIndex, build_index, build_index_in_one_file, build_index_with_packs};
use backfile::archive::{Archive, Response, SearchOptions};
use backfile::document::Document;
use backfile::error::Error;
use backfile_core::format::section::{OLDEST_VERSION, VERSION};
use rayon::prelude::*;
use tempfile::TempDir;
use xxhash_rust::xxh64::xxh64;

const MANIFEST: &str = "manifest.bf";
/// What a flipped byte is combined with: single bits, high and low, and all of them.
const PATTERNS: [u8; 4] = [0x01, 0x10, 0x80, 0xFF];
/// Together they read every stream; no single one does.
const QUERIES: [&str; 11] = [
    "苇渡大桥",
    "葦渡大橋",
    "雨雪",
    "丁丁丙丁",
    "河 水位",
    "二十个来回",
    "甲甲乙甲甲乙乙",
    "戊",
    "己戊",
    "戊己己戊",
    "己庚",
];
/// In an archive that is too large to damage each byte, so many are passed over.
const SOME: usize = 1499;

/// Documents that could stand in a paper, without the many that make lists long.
fn few() -> Vec<Document> {
    let mut documents = corpora::fixture();
    documents.retain(|document| document.date.is_some() && !document.id.starts_with("dense/"));
    documents.truncate(4);
    documents
}

/// All of it in the manifest.
fn resident() -> BuiltIndex {
    build_index(few())
}

/// All but the branches in one file.
fn in_one_file() -> BuiltIndex {
    build_index_in_one_file(1 << 20, few())
}

/// Lists of every form in one file, with zeros where small files would have ended.
fn large_in_one_file() -> BuiltIndex {
    build_index_in_one_file(700_000, corpora::fixture())
}

/// The same in files, and each stream in one piece as well.
fn packed() -> BuiltIndex {
    build_index_with_packs(few())
}

/// Lists of every form, in files and packs.
fn large() -> BuiltIndex {
    build_index_with_packs(corpora::fixture())
}

/// An archive and what it answers as long as it is sound.
struct Case {
    files: BTreeMap<String, Vec<u8>>,
    sound: Vec<Response>,
    /// For each file, the queries that cannot be answered without it.
    needed_by: BTreeMap<String, Vec<usize>>,
}

impl Case {
    fn new(index: BuiltIndex) -> Self {
        let mut case = Self {
            files: index.files.into_iter().collect(),
            sound: Vec::new(),
            needed_by: BTreeMap::new(),
        };
        case.files.insert(MANIFEST.into(), index.manifest);
        let patient = Patient::of(&case);
        let answer = |query: &&str| patient.search(query).expect("a sound archive answers");
        let sound = QUERIES.iter().map(answer).collect();
        let blocks = case.files.keys().filter(|name| *name != MANIFEST);
        let needed_by = blocks.map(|name| (name.clone(), patient.needing(name)));
        let needed_by = needed_by.collect();
        drop(patient);
        (case.sound, case.needed_by) = (sound, needed_by);
        case
    }

    /// Calls `check` with each `step`th byte of each file, on all cores.
    fn with_bytes(&self, step: usize, check: impl Fn(&Patient<'_>, &str, usize) + Sync) {
        let places = self.files.iter().flat_map(|(name, bytes)| {
            let places = (0..bytes.len()).step_by(step);
            places.map(move |at| (name.as_str(), at))
        });
        let places: Vec<_> = places.collect();
        let piece = (places.len() / 64).max(1);
        places.par_chunks(piece).for_each(|places| {
            let patient = Patient::of(self);
            for &(name, at) in places {
                check(&patient, name, at);
                patient.heal(name);
            }
        });
    }
}

/// An archive in a folder of its own, to be damaged and put right again.
struct Patient<'c> {
    folder: TempDir,
    case: &'c Case,
}

impl<'c> Patient<'c> {
    fn of(case: &'c Case) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let patient = Self { folder, case };
        for name in case.files.keys() {
            let path = patient.path(name);
            let folder = path.parent().expect("files lie in a folder");
            std::fs::create_dir_all(folder).expect("a folder");
            patient.heal(name);
        }
        patient
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
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

    /// The queries that are not answered without a file.
    fn needing(&self, name: &str) -> Vec<usize> {
        std::fs::remove_file(self.path(name)).expect("the file was there");
        let needs = |&at: &usize| self.search(QUERIES[at]).is_err();
        let needing = (0..QUERIES.len()).filter(needs).collect();
        self.heal(name);
        needing
    }

    fn damage(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).expect("the file can be written");
    }

    fn heal(&self, name: &str) {
        self.damage(name, &self.case.files[name]);
    }

    /// What one reader says to a file that is not what it was; another for another `turn`.
    fn check_search(&self, name: &str, turn: usize, how: &str) {
        match self.case.needed_by.get(name).map(Vec::as_slice) {
            None => self.check_manifest(how),
            Some([]) => {}
            Some(queries) => self.check_query(name, queries[turn % queries.len()], how),
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

    /// The sound answer, or an error that names the file if the query needs it.
    fn check_query(&self, name: &str, at: usize, how: &str) {
        let query = QUERIES[at];
        match self.search(query) {
            Ok(answer) => assert!(answer == self.case.sound[at], "{name} {how}: {query}"),
            Err(error) => {
                let text = chain(&error);
                let is_needed = self.case.needed_by[name].contains(&at);
                assert!(
                    is_needed && text.contains(name),
                    "{name} {how}: {query}: {text}"
                );
            }
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

/// The kind of a file: its letter, or "pack".
fn kind(name: &str) -> &str {
    match name.split_once('/') {
        Some((_, file)) if file.ends_with(".pack") => "pack",
        Some((_, file)) => &file[..1],
        None => MANIFEST,
    }
}

#[test]
fn every_kind_of_file_is_there_and_needed() {
    let case = Case::new(large());
    for letter in ["t", "d", "p", "n", "s", "v"] {
        let mut own = case
            .needed_by
            .iter()
            .filter(|(name, _)| kind(name) == letter);
        assert!(own.any(|(_, queries)| !queries.is_empty()), "{letter}");
    }
    let packs = case.files.keys().filter(|name| kind(name) == "pack");
    assert_eq!(packs.count(), 6);
    let case = Case::new(packed());
    for (name, queries) in &case.needed_by {
        assert!(
            kind(name) == "pack" || !queries.is_empty(),
            "no query needs {name}"
        );
    }
    assert_eq!(Case::new(resident()).files.len(), 1, "only the manifest");
    for index in [in_one_file(), large_in_one_file()] {
        let case = Case::new(index);
        assert_eq!(case.files.len(), 2, "one file and the manifest");
        let needed_by: Vec<_> = case.needed_by.values().map(Vec::len).collect();
        assert_eq!(needed_by, [QUERIES.len()], "every query needs it");
    }
}

#[test]
fn what_is_sound_has_no_problems() {
    for index in [
        resident(),
        in_one_file(),
        large_in_one_file(),
        packed(),
        large(),
    ] {
        let case = Case::new(index);
        let patient = Patient::of(&case);
        let archive = patient.open().expect("a sound archive opens");
        assert_eq!(archive.verify(), []);
    }
}

/// Changes a byte in each of several ways.
fn flip(patient: &Patient<'_>, name: &str, at: usize) {
    let mut bytes = patient.case.files[name].clone();
    for (turn, pattern) in PATTERNS.into_iter().enumerate() {
        bytes[at] ^= pattern;
        patient.damage(name, &bytes);
        let how = format!("with byte {at} changed by {pattern:#04x}");
        patient.check_search(name, at + turn, &how);
        if turn == at % PATTERNS.len() {
            patient.check_verify(name, &how);
        }
        bytes[at] ^= pattern;
    }
}

fn cut(patient: &Patient<'_>, name: &str, at: usize) {
    patient.damage(name, &patient.case.files[name][..at]);
    let how = format!("cut at {at}");
    patient.check_search(name, at, &how);
    patient.check_verify(name, &how);
}

#[test]
fn every_flipped_byte_is_reported() {
    Case::new(resident()).with_bytes(1, flip);
    Case::new(in_one_file()).with_bytes(1, flip);
    Case::new(large_in_one_file()).with_bytes(SOME, flip);
    Case::new(packed()).with_bytes(1, flip);
    Case::new(large()).with_bytes(SOME, flip);
}

/// Nobody reads them, so a search answers as before.
#[test]
fn zeros_between_extents_that_are_none_are_reported() {
    let case = Case::new(large_in_one_file());
    let contents = second_reader::read(|name| case.files[name].clone());
    let patient = Patient::of(&case);
    let mut damaged = 0;
    for page in contents.pages.iter().filter(|page| page.name.contains('/')) {
        for gap in page
            .rows
            .iter()
            .filter(|row| row.note == second_reader::GAP)
        {
            for at in [gap.at, gap.at + gap.bytes.len() - 1] {
                let mut bytes = case.files[&page.name].clone();
                bytes[at] = 1;
                patient.damage(&page.name, &bytes);
                patient.check_verify(&page.name, &format!("with a 1 at {at}"));
                patient.check_query(&page.name, at % QUERIES.len(), "with a 1 between extents");
                damaged += 1;
            }
        }
        patient.heal(&page.name);
    }
    assert!(damaged > 10, "{damaged}");
}

#[test]
fn every_truncation_is_reported() {
    Case::new(resident()).with_bytes(1, cut);
    Case::new(in_one_file()).with_bytes(1, cut);
    Case::new(large_in_one_file()).with_bytes(SOME, cut);
    Case::new(packed()).with_bytes(1, cut);
    Case::new(large()).with_bytes(SOME, cut);
}

#[test]
fn what_is_not_damaged_answers_as_before() {
    for index in [in_one_file(), large_in_one_file(), packed(), large()] {
        let case = Case::new(index);
        let patient = Patient::of(&case);
        for (name, bytes) in &case.files {
            std::fs::remove_file(patient.path(name)).expect("the file was there");
            patient.check_all(name, "missing");
            let mut flipped = bytes.clone();
            if let Some(byte) = flipped.get_mut(bytes.len() / 2) {
                *byte ^= 0x04;
                patient.damage(name, &flipped);
                patient.check_all(name, "with a byte changed in its midst");
            }
            patient.damage(name, &[bytes.as_slice(), &[0]].concat());
            patient.check_all(name, "with a byte too many");
            patient.damage(name, b"<!doctype html><title>404 Not Found</title>");
            patient.check_all(name, "replaced by an error page");
            patient.heal(name);
        }
    }
}

#[test]
fn every_file_in_the_place_of_another_is_reported() {
    let case = Case::new(packed());
    let patient = Patient::of(&case);
    for (name, own) in &case.files {
        for (other, bytes) in &case.files {
            // A pack of one file is that file.
            if bytes != own {
                patient.damage(name, bytes);
                patient.check_all(name, &format!("replaced by {other}"));
            }
        }
        patient.heal(name);
    }
}

/// The next file in the place of each: mostly one of the same kind.
#[test]
fn files_of_a_stream_cannot_change_places() {
    let case = Case::new(large());
    let patient = Patient::of(&case);
    for ((name, own), (other, bytes)) in case.files.iter().zip(case.files.iter().skip(1)) {
        if bytes != own {
            patient.damage(name, bytes);
            patient.check_all(name, &format!("replaced by {other}"));
            patient.heal(name);
        }
    }
}

/// The same file of an archive that differs by one document.
#[test]
fn a_file_of_another_build_is_reported() {
    let case = Case::new(packed());
    let patient = Patient::of(&case);
    let mut documents = few();
    documents[0].body.push('。');
    let other = build_index_with_packs(documents);
    let mut replaced = 0;
    for (name, bytes) in &other.files {
        let (_, file) = name.split_once('/').expect("a folder");
        let own = case.files.keys().find(|name| name.ends_with(file));
        let own = own.expect("the builds have the same files");
        if !bytes.is_empty() {
            patient.damage(own, bytes);
            patient.check_all(own, "of another build");
            patient.heal(own);
            replaced += 1;
        }
    }
    assert!(replaced >= 6, "{replaced}");
}

/// A manifest of the same documents, whose segment lies elsewhere.
#[test]
fn a_manifest_of_another_build_finds_no_files() {
    let case = Case::new(packed());
    let patient = Patient::of(&case);
    let mut documents = few();
    documents[0].body.push('。');
    patient.damage(MANIFEST, &build_index_with_packs(documents).manifest);
    let error = patient.search(QUERIES[0]).expect_err("no such folder");
    assert!(chain(&error).contains(".bf"), "{}", chain(&error));
}

#[test]
fn other_formats_are_named_with_what_to_do() {
    let case = Case::new(resident());
    let patient = Patient::of(&case);
    let text_of = |version: u8| {
        let mut bytes = case.files[MANIFEST].clone();
        set_version(&mut bytes, version);
        patient.damage(MANIFEST, &bytes);
        let error = patient.search(QUERIES[0]).expect_err("another format");
        patient.heal(MANIFEST);
        chain(&error)
    };
    let newer = text_of(VERSION + 1);
    let expected = format!(
        "manifest.bf: format {}, but this Backfile reads",
        VERSION + 1
    );
    assert!(newer.contains(&expected), "{newer}");
    assert!(newer.ends_with("use a newer Backfile"), "{newer}");
    let older = text_of(OLDEST_VERSION - 1);
    assert!(
        older.ends_with("build the archive again with this Backfile"),
        "{older}"
    );
}

/// Makes the first section one of another version, whole in every other respect.
fn set_version(bytes: &mut [u8], version: u8) {
    bytes[4] = version;
    let length = u32::from_le_bytes(bytes[8..12].try_into().expect("four bytes"));
    let sum = xxh64(&bytes[32..32 + length as usize], xxh64(&bytes[..24], 0));
    bytes[24..32].copy_from_slice(&sum.to_le_bytes());
}
