//! An archive that is built again and again, as `backfile build` does, and all that it answers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use backfile::archive::{Archive, Response, SearchOptions};
use backfile::document::Document;
use backfile::index::{self, IndexSummary, Residency, Settings};
use backfile::memory::Memory;
use backfile::progress::Silent;
use backfile::publish::{Publication, Published};
use backfile::site::{self, PageRecords, SiteSummary};
use backfile::source;
use backfile::update::{Changes, Options, Plan};
use backfile::workspace::Workspace;
use tempfile::TempDir;

/// A folder with an archive that grows.
#[derive(Debug)]
pub struct Press {
    folder: TempDir,
    /// How the next build is to be done.
    pub settings: Settings,
    /// How the next build treats what is there.
    pub options: Options,
}

/// What came of a build.
#[derive(Clone, Debug)]
pub struct Edition {
    /// What was different.
    pub changes: Changes,
    /// How large the archive is now.
    pub index: IndexSummary,
    /// What was written.
    pub published: Published,
}

impl Press {
    /// No archive yet. Segments of so many bytes come with the manifest; others have many files.
    pub fn new(resident: u64) -> Self {
        let residency = Residency {
            segment: resident,
            one_file: 0,
            ..Residency::default()
        };
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
            settings: Settings {
                title: "test".into(),
                language: "zh-CN".into(),
                residency,
                ..Settings::default()
            },
            options: Options::default(),
        }
    }

    /// Builds on what is there.
    pub fn build(&self, documents: Vec<Document>) -> Edition {
        self.publish(documents, false)
    }

    /// Builds from nothing.
    pub fn build_fresh(&self, documents: Vec<Document>) -> Edition {
        self.publish(documents, true)
    }

    fn publish(&self, documents: Vec<Document>, fresh: bool) -> Edition {
        self.publish_with(documents, fresh, |_| ())
    }

    /// Builds on what is there, with the site around it.
    pub fn build_site(
        &self,
        documents: Vec<Document>,
        settings: &site::Settings,
        pages: Option<&dyn PageRecords>,
    ) -> SiteSummary {
        let mut summary = SiteSummary::default();
        self.publish_with(documents, false, |publication| {
            site::write_assets(settings, publication).expect("an own folder");
            let archive = Archive::open(publication.folder()).expect("it opens");
            let written = site::write(&archive, settings, pages, publication, &Silent);
            summary = written.expect("its pages can be written");
        });
        summary
    }

    fn publish_with(
        &self,
        documents: Vec<Document>,
        fresh: bool,
        site: impl FnOnce(&mut Publication),
    ) -> Edition {
        let mut publication = Publication::begin(self.folder.path()).expect("an own folder");
        let workspace = Workspace {
            folder: publication.working_folder().expect("a folder"),
            memory: Memory::default(),
        };
        let documents = source::from_memory(documents, &workspace).expect("ids of their own");
        let archive = publication.archive().filter(|_| !fresh);
        let plan = match archive {
            Some(folder) => Plan::update(documents, folder, &self.settings, self.options, &Silent),
            None => Ok(Plan::fresh(documents)),
        };
        let plan = plan.expect("the archive can be read back");
        let changes = plan.changes.clone();
        let built = index::update(plan, &self.settings, &workspace, &Silent);
        let built = built.expect("these documents can be indexed");
        for made in built.made.iter().filter(|made| made.folder.exists()) {
            publication
                .adopt(&made.folder, &made.name)
                .expect("its own files");
        }
        built.kept.iter().for_each(|name| publication.keep(name));
        publication.go_live(&built.manifest).expect("an own folder");
        site(&mut publication);
        Edition {
            changes,
            index: built.summary,
            published: publication.end(),
        }
    }

    /// The archive's folder.
    pub fn archive(&self) -> PathBuf {
        self.folder.path().join("backfile")
    }

    /// What is wrong with the archive.
    pub fn problems(&self) -> Vec<String> {
        let archive = Archive::open(&self.archive()).expect("it opens");
        archive.verify().iter().map(ToString::to_string).collect()
    }

    /// All results of each of these queries, whole words and unfinished ones.
    pub fn answers(&self, queries: &[String]) -> Vec<Response> {
        let mut archive = Archive::open(&self.archive()).expect("it opens");
        let mut answer = |query: &str, prefix| {
            let options = SearchOptions {
                limit: usize::MAX,
                offset: 0,
                prefix,
                ..SearchOptions::default()
            };
            archive.search(query, options).expect("it answers")
        };
        let both = queries
            .iter()
            .flat_map(|query| [(query, false), (query, true)]);
        both.map(|(query, prefix)| answer(query, prefix)).collect()
    }

    /// All files and what is in them.
    pub fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(self.folder.path(), self.folder.path(), &mut files);
        files
    }
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("a file or folder").path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("it lies there").to_owned();
            files.insert(name, std::fs::read(&path).expect("a file"));
        }
    }
}
