//! Archives for tests: built by the real builder, written to a real folder, read from there.

use std::path::Path;

use backfile::archive::{Archive, Response, SearchOptions};
use backfile::document::Document;
use backfile::index::{self, MadeFolder, Settings};
use backfile::memory::Memory;
use backfile::progress::Silent;
use backfile::source;
use backfile::workspace::Workspace;
use tempfile::TempDir;

use crate::scanner::Scanner;

/// An archive in a folder that goes away with it.
#[derive(Debug)]
pub struct Site {
    folder: TempDir,
    archive: Archive,
    /// In the order of the archive's numbers.
    pub documents: Vec<Document>,
}

impl Site {
    /// Builds an archive of these documents.
    pub fn build(documents: Vec<Document>) -> Self {
        Self::build_with(&settings(), documents)
    }

    /// The same with many files, as archives have them that are not small.
    pub fn build_in_files(documents: Vec<Document>) -> Self {
        Self::build_with(&in_files(), documents)
    }

    /// The same without even the branches of its dictionary in the manifest, as the largest have them.
    pub fn build_all_in_files(documents: Vec<Document>) -> Self {
        let mut settings = in_files();
        settings.residency.branches = 0;
        Self::build_with(&settings, documents)
    }

    /// The same as in files, with mixed pairs.
    pub fn build_mixed_in_files(documents: Vec<Document>) -> Self {
        let mut settings = in_files();
        settings.mixed_from = 0;
        Self::build_with(&settings, documents)
    }

    /// Builds an archive whose lists of pairs have no positions up to so many units, and that has mixed pairs or
    /// has not.
    pub fn build_with_pairs(
        (bare_units, has_mixed): (u64, bool),
        documents: Vec<Document>,
    ) -> Self {
        let settings = Settings {
            bare_units,
            mixed_from: if has_mixed { 0 } else { u64::MAX },
            ..settings()
        };
        Self::build_with(&settings, documents)
    }

    fn build_with(settings: &Settings, mut documents: Vec<Document>) -> Self {
        documents.sort_by(|a, b| a.order().cmp(&b.order()));
        let folder = tempfile::tempdir().expect("a temporary folder");
        let index = build_index_with(Memory::default(), settings, documents.clone());
        write(&index, folder.path());
        let archive = Archive::open(folder.path()).expect("what was just built opens");
        Self {
            folder,
            archive,
            documents,
        }
    }

    /// The archive's folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The oracle for the same documents.
    pub fn scanner(&self) -> Scanner {
        let mut scanner = Scanner::default();
        for document in &self.documents {
            scanner.add(&document.title, &document.body);
        }
        scanner
    }

    /// All results of a query.
    pub fn search(&mut self, query: &str, prefix: bool) -> Response {
        let options = SearchOptions {
            limit: self.documents.len(),
            offset: 0,
            prefix,
            ..SearchOptions::default()
        };
        self.archive
            .search(query, options)
            .expect("a sound archive answers")
    }

    /// The ids that a query finds, sorted; checks that the total is their number.
    pub fn find(&mut self, query: &str, prefix: bool) -> Vec<String> {
        let response = self.search(query, prefix);
        assert_eq!(
            response.total,
            response.results.len() as u64,
            "total of {query:?}"
        );
        let mut ids: Vec<_> = response
            .results
            .into_iter()
            .map(|result| result.id)
            .collect();
        ids.sort();
        ids
    }

    /// The ids of documents by number, sorted.
    pub fn ids(&self, numbers: &[usize]) -> Vec<String> {
        let mut ids: Vec<_> = numbers
            .iter()
            .map(|&at| self.documents[at].id.clone())
            .collect();
        ids.sort();
        ids
    }
}

/// The files of an archive, in memory.
#[derive(Clone, Debug)]
pub struct BuiltIndex {
    /// Path below the archive's folder, and bytes; in the order of the paths.
    pub files: Vec<(String, Vec<u8>)>,
    /// The file that names the others.
    pub manifest: Vec<u8>,
}

/// Builds the files of an archive.
pub fn build_index(documents: Vec<Document>) -> BuiltIndex {
    build_index_with(Memory::default(), &settings(), documents)
}

/// The same in files, as archives have them that are not small.
pub fn build_index_in_files(documents: Vec<Document>) -> BuiltIndex {
    build_index_with(Memory::default(), &in_files(), documents)
}

/// The same with packs.
pub fn build_index_with_packs(documents: Vec<Document>) -> BuiltIndex {
    let settings = Settings {
        packs: true,
        ..in_files()
    };
    build_index_with(Memory::default(), &settings, documents)
}

/// The same with mixed pairs, if it has so many bytes of text, letters and digits five times.
pub fn build_index_with_mixed_pairs_from(bytes: u64, documents: Vec<Document>) -> BuiltIndex {
    let settings = Settings {
        mixed_from: bytes,
        ..settings()
    };
    build_index_with(Memory::default(), &settings, documents)
}

/// The same in one file beside the manifest, if it has no more bytes than `most`.
pub fn build_index_in_one_file(most: u64, documents: Vec<Document>) -> BuiltIndex {
    let mut settings = in_files();
    settings.residency.one_file = most;
    build_index_with(Memory::default(), &settings, documents)
}

/// The same with so much memory.
pub fn build_index_within(memory: Memory, documents: Vec<Document>) -> BuiltIndex {
    build_index_with(memory, &settings(), documents)
}

fn settings() -> Settings {
    Settings {
        title: "test".into(),
        language: "zh-CN".into(),
        ..Settings::default()
    }
}

/// Whatever can lie in files does, the branches aside.
fn in_files() -> Settings {
    let mut settings = settings();
    settings.residency.segment = 0;
    settings.residency.one_file = 0;
    settings
}

fn build_index_with(memory: Memory, settings: &Settings, documents: Vec<Document>) -> BuiltIndex {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let workspace = Workspace {
        folder: folder.path().to_owned(),
        memory,
    };
    let documents = source::from_memory(documents, &workspace).expect("ids of their own");
    let built = index::build(documents, settings, &workspace, &Silent);
    let built = built.expect("these documents can be indexed");
    BuiltIndex {
        files: files_below(&built.made),
        manifest: built.manifest,
    }
}

/// The files of segments, under the names that their folders are going to have; none of one that is in the
/// manifest.
fn files_below(made: &[MadeFolder]) -> Vec<(String, Vec<u8>)> {
    made.iter().flat_map(files_of).collect()
}

fn files_of(MadeFolder { folder, name }: &MadeFolder) -> Vec<(String, Vec<u8>)> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let file = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.expect("a file").path();
        let file = path.file_name().expect("a name").to_string_lossy();
        let bytes = std::fs::read(&path).expect("a file");
        (format!("{name}/{file}"), bytes)
    };
    let mut files: Vec<_> = entries.map(file).collect();
    files.sort();
    files
}

/// Writes the files of an archive.
pub fn write(index: &BuiltIndex, folder: &Path) {
    for (name, bytes) in &index.files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("blocks lie in a folder")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    }
    std::fs::write(folder.join("manifest.bf"), &index.manifest).expect("a file");
}

/// A document without a date.
pub fn document(id: impl Into<String>, title: &str, body: &str) -> Document {
    Document {
        id: id.into(),
        title: title.to_owned(),
        body: body.to_owned(),
        ..Document::default()
    }
}
