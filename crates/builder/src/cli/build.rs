//! `backfile build`

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use backfile::archive::Archive;
use backfile::config::{self, Config};
use backfile::enrich::EnrichReport;
use backfile::enrich::reprints::{Reprint, Threshold};
use backfile::error::{Error, Place};
use backfile::index::{self, BuiltIndex, MadeFolder, Settings};
use backfile::memory::Memory;
use backfile::pages::Pages;
use backfile::press::overrides::Overrides;
use backfile::progress::Progress;
use backfile::publish::{Publication, Published};
use backfile::report::{Note, ReadReport};
use backfile::site::{self, SiteSummary};
use backfile::source::{self, Documents, ReadSettings};
use backfile::update::{Options, Plan};
use backfile::workspace::Workspace;
use backfile_core::link::Articles;
use serde::Serialize;

mod editing;
mod summary;

use super::bar;
use crate::allocator;
use editing::Editing;
use summary::{Summary, peak_memory};

/// Make an archive from folders of pages.
///
/// An input is a file, or a folder that is searched for files:
///
///   .txt    a page of a newspaper. UTF-8; UTF-16, GB18030 and Big5 are recognised and converted. Its id is the path
///           below the input folder, its date and page number are taken from the path (2024-01-12/03.txt,
///           日报_20240112_03.txt, 2024/01/12/A03.txt). It is cut into articles, each a document, unless
///           --whole-pages is given. Text that a PDF gave up twice (fake bold) is repaired, and every repaired
///           line is listed in the output of --json.
///
///   .pdf    the same, a page for each of its pages, in the order of the columns.
///
///   .html   a document: headline, main text, and what the head of the page says.
///
///   .md     a document, with front matter in YAML or TOML or without.
///
///   .jsonl  one document a line, as a JSON object with `id`, `title`, `body` and, if known, `url`, `date`,
///           `section`; any other field is kept and can be seen in the results.
///
///   .json   an array of such objects, an object with such an array, or one such object.
///
///   .csv    such objects as a table with the names of the fields in the first row; .tsv with tabs.
///
/// All may be gzipped (.txt.gz). A page that cannot be read is left out, with the reason, and the rest is built; a
/// line of a list that cannot be understood ends the build.
///
/// Settings that do not change are read from backfile.toml; `backfile init` writes one.
///
/// The output folder is new, empty, or holds an earlier archive, which stays complete until the new one takes its
/// place. What that archive has already is not indexed again: new documents make a new segment, and the files of the
/// others stay as they are. Documents that are not in the inputs any more are removed, unless --add is given.
///
/// Upload the output folder as it is; upload backfile/manifest.bf last.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  backfile build pages/ --out site/
  backfile build 2023/ 2024/ extra.jsonl.gz --out site/ --title 青石日报
  backfile build new/ --out site/ --add
  backfile build pages/ --out site/ --json | jq '.read.repairs[]'")]
pub(crate) struct Arguments {
    /// Folders and files to read.
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,

    /// Folder to write the site into.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Keep documents that the archive has and the inputs have not.
    ///
    /// For whoever passes only the new issue. Without it the inputs are all there is: documents that are not among
    /// them any more are removed. The id of a page is its path below the input folder: give a folder with the folder
    /// of the issue in it (new/ for new/2024-01-16/01.txt), or page 01 of one issue takes the place of another's.
    #[arg(long, conflicts_with = "fresh")]
    add: bool,

    /// Index everything, whatever the archive that is there has.
    #[arg(long)]
    fresh: bool,

    /// How many segments of about one size become one; 0 for never.
    ///
    /// Every build that finds something new adds a segment. Fewer are quicker to search, more are cheaper to upload.
    #[arg(long, value_name = "N", hide_short_help = true, default_value_t = Options::default().merge_factor, value_parser = merge_factor)]
    merge_factor: u32,

    /// Settings; backfile.toml here or in the first input, if there is one.
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    config: Option<PathBuf>,

    /// Leave pages whole, each one document.
    ///
    /// Without it, a page is cut into articles, and each is a document: ID-1, ID-2, and so on.
    #[arg(long)]
    whole_pages: bool,

    /// Name of the archive, shown above the search box.
    #[arg(long)]
    title: Option<String>,

    /// Language of the page, as in HTML [default: zh-CN].
    ///
    /// It is for screen readers and fonts. What is found does not depend on it.
    #[arg(long)]
    language: Option<String>,

    /// How the index lies in files.
    #[arg(long, value_enum, default_value_t = Layout::Files, hide_short_help = true)]
    layout: Layout,

    /// Segments of no more bytes are one file. For tests, which want many files in small archives.
    #[arg(long, value_name = "BYTES", hide = true)]
    one_file: Option<u64>,

    /// How articles that have no address of their own can be read.
    ///
    /// A site that is there keeps its way, so that addresses stay what they are. A new one has a file for each article
    /// up to 10,000 of them, and above that a file for each issue, because hosts limit the number of files.
    #[arg(long, value_enum, hide_short_help = true)]
    articles: Option<ArticleFiles>,

    /// Folder for a report on how pages were cut into articles, and why.
    ///
    /// index.html there is for people, ledger.jsonl for programs, enrichment.json has which subjects and places were
    /// found and what stayed without.
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,

    /// Address that the site is going to have, such as https://example.org/archive/.
    ///
    /// It is needed for the sitemap, and for pages to say their own address to search engines. The pages work anywhere
    /// without it.
    #[arg(long, value_name = "URL", hide_short_help = true)]
    base_url: Option<String>,

    /// Folder with templates that take the place of Backfile's own.
    #[arg(long, value_name = "DIR", hide_short_help = true)]
    templates: Option<PathBuf>,

    /// Print the summary as one JSON object.
    #[arg(long)]
    json: bool,

    /// Threads to use.
    ///
    /// As many as the machine has unless told otherwise. The archive does not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,

    /// Memory to use, about.
    ///
    /// What does not fit waits in files in the output folder, which takes up to three times the size of the text
    /// there and some more time. The archive does not depend on it. One document may have a twenty-fourth of it. A list
    /// of all documents has to fit, some hundred bytes for each, and three times that with pages of articles.
    #[arg(long, value_name = "SIZE", default_value = "1G", value_parser = memory)]
    memory: Memory,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    if let Some(threads) = arguments.threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.into());
        pool.build_global().context("cannot start the threads")?;
    }
    let summary = build(arguments, started)?;
    if arguments.json {
        let mut out = io::stdout().lock();
        serde_json::to_writer_pretty(&mut out, &summary)?;
        writeln!(out)?;
    } else {
        eprint!("{}", summary.for_people());
    }
    Ok(ExitCode::SUCCESS)
}

/// See [`Arguments::layout`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Layout {
    /// Small files. Readers ask for parts of them where the host can send parts (HTTP ranges).
    Files,
    /// Small files, and all of them once more in a few large ones, which browsers and caches
    /// between here and there keep better. Takes twice the space. Readers whose host cannot send
    /// parts of files, or says so and does not, use the small ones.
    Packs,
}

/// See [`Arguments::articles`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum ArticleFiles {
    /// As the site that is there has them, or as their number suggests.
    Auto,
    /// Each in a file of its own.
    Files,
    /// All of one issue in one file.
    Issues,
    /// Not at all: the site is a search page and nothing else.
    None,
}

impl ArticleFiles {
    fn of(config: config::Articles) -> Self {
        match config {
            config::Articles::Auto => Self::Auto,
            config::Articles::Files => Self::Files,
            config::Articles::Issues => Self::Issues,
            config::Articles::None => Self::None,
        }
    }

    fn choose(self, earlier: Option<Articles>, documents: u64) -> Articles {
        match self {
            Self::Auto => site::choose_articles(earlier, documents),
            Self::Files => Articles::Files,
            Self::Issues => Articles::Issues,
            Self::None => Articles::None,
        }
    }

    /// Whoever asks for pages gets them for documents that can be read elsewhere too.
    fn adopts(self) -> bool {
        matches!(self, Self::Files | Self::Issues)
    }
}

/// The language of a page that does not say.
const LANGUAGE: &str = "zh-CN";

/// The command line and the settings file in one; the command line wins.
impl Arguments {
    fn config(&self) -> Result<Config, Error> {
        match &self.config {
            Some(path) => Config::read(path),
            None => Config::find(&self.inputs),
        }
    }

    fn articles(&self, config: &Config) -> ArticleFiles {
        let own = self.articles.or(config.site.articles.map(ArticleFiles::of));
        own.unwrap_or(ArticleFiles::Auto)
    }

    fn settings(&self, config: &Config) -> Settings {
        let title = self.title.clone().or(config.archive.title.clone());
        let language = self.language.clone().or(config.archive.language.clone());
        let facets = config.facets.fields.clone();
        let mut usual = Settings::default();
        usual.residency.one_file = self.one_file.unwrap_or(usual.residency.one_file);
        Settings {
            title: title.unwrap_or_default(),
            language: language.unwrap_or_else(|| LANGUAGE.to_owned()),
            packs: self.layout == Layout::Packs,
            facets: facets.unwrap_or(usual.facets),
            ..usual
        }
    }

    fn site(&self, config: &Config, articles: Articles) -> site::Settings {
        let base_url = self.base_url.clone().or(config.archive.base_url.clone());
        site::Settings {
            base_url: base_url.unwrap_or_default(),
            articles,
            templates: self.templates.clone().or(config.site.templates.clone()),
            memory: self.memory,
        }
    }
}

/// What came of reading.
struct Read {
    documents: Documents,
    pages: Pages,
    report: ReadReport,
    enrichment: EnrichReport,
    reprints: Vec<Reprint>,
}

fn read(
    arguments: &Arguments,
    config: &Config,
    archive: Option<&Path>,
    workspace: &Workspace,
    progress: &dyn Progress,
) -> anyhow::Result<Read> {
    let overrides = config.input.overrides.as_deref();
    let overrides = overrides.map(Overrides::read).transpose()?;
    let pages = Pages::new(workspace, arguments.report.as_deref())?;
    let editing = Editing::new(config, arguments.articles(config).adopts())?;
    let settings = ReadSettings {
        whole_pages: arguments.whole_pages || config.input.whole_pages,
        encoding: config.input.encoding,
        pattern: config.input.pattern.clone(),
        exclude: config.input.exclude.clone(),
        publication: config.archive.publication.clone(),
        overrides: overrides.as_ref(),
        pages: Some(&pages),
        finish: Some(&editing),
    };
    let mut report = ReadReport::default();
    let inputs = &arguments.inputs;
    let mut documents = source::read(inputs, &settings, workspace, progress, &mut report)?;
    report
        .warnings
        .extend(unused(overrides.as_ref(), config, &pages));
    pages.finish_report()?;
    let enrichment = editing.report();
    report.warnings.extend(enrichment.warnings.iter().cloned());
    let reprints = match threshold(config, &pages) {
        Some(threshold) => {
            if let Some(folder) = archive.filter(|_| arguments.add) {
                documents.take_missing(&Archive::open(folder)?)?;
            }
            documents.mark_reprints(threshold)?
        }
        None => Vec::new(),
    };
    Ok(Read {
        documents,
        pages,
        report,
        enrichment,
        reprints,
    })
}

/// Overrides of pages that there are not.
fn unused(overrides: Option<&Overrides>, config: &Config, pages: &Pages) -> Vec<Note> {
    let (Some(overrides), Some(path)) = (overrides, &config.input.overrides) else {
        return Vec::new();
    };
    let ids = pages.ids();
    let unknown = overrides.without_page(ids.iter().map(String::as_str));
    let note = |id: &str| Note {
        place: Place::file(path),
        reason: format!("[\"{id}\"]: no page has this id, so nothing was changed"),
    };
    unknown.into_iter().map(note).collect()
}

/// Newspapers print things twice; documents of other kinds are compared only on request.
fn threshold(config: &Config, pages: &Pages) -> Option<Threshold> {
    let usual = (!pages.is_empty()).then(Threshold::default);
    let own = config.duplicates.threshold.map(Threshold::new);
    own.or(usual)
}

fn build(arguments: &Arguments, started: Instant) -> anyhow::Result<Summary> {
    allocator::give_back_what_is_freed(arguments.memory);
    let progress = bar::progress();
    let config = arguments.config()?;
    // First, so that a folder that cannot be used is known before an hour of indexing.
    let publication = Publication::begin(&arguments.out)?;
    let workspace = Workspace {
        folder: publication.working_folder()?,
        memory: arguments.memory,
    };
    let archive = publication.archive().filter(|_| !arguments.fresh);
    let read = read(arguments, &config, archive, &workspace, progress.as_ref())?;
    if let Some(folder) = &arguments.report {
        write_enrichment(folder, &read)?;
    }
    let options = Options {
        add: arguments.add,
        merge_factor: arguments.merge_factor,
        memory: arguments.memory,
    };
    let mut settings = arguments.settings(&config);
    let documents = read.documents;
    let plan = match archive {
        Some(folder) => Plan::update(documents, folder, &settings, options, progress.as_ref())?,
        None => Plan::fresh(documents),
    };
    let changes = plan.changes.clone();
    let documents = changes.new + changes.changed + changes.unchanged + changes.kept;
    let articles = arguments.articles(&config);
    settings.articles = articles.choose(earlier_articles(&publication), documents);
    let pages = arguments.site(&config, settings.articles);
    let built = index::update(plan, &settings, &workspace, progress.as_ref())?;
    let (site, published) = publish(publication, &built, &pages, &read.pages, progress.as_ref())?;
    Ok(Summary {
        out: arguments.out.clone(),
        report: arguments.report.clone(),
        pages: read.pages.len() as u64,
        read: read.report,
        classified: read.enrichment.classified(),
        reprints: read.reprints.len() as u64,
        changes,
        index: built.summary,
        site,
        published,
        browser_files: site::files().len(),
        seconds: started.elapsed().as_secs_f64(),
        memory_bytes: arguments.memory.bytes(),
        peak_memory_bytes: peak_memory(),
    })
}

/// A document and the earlier one that it repeats, by their ids.
#[derive(Serialize)]
struct Repeated {
    id: String,
    reprint_of: String,
    similarity: f64,
}

/// What enrichment did, beside the report on pages.
fn write_enrichment(folder: &Path, read: &Read) -> Result<(), Error> {
    #[derive(Serialize)]
    struct Enrichment<'r> {
        #[serde(flatten)]
        enrichment: &'r EnrichReport,
        reprints: Vec<Repeated>,
    }
    let repeated = |reprint: &Reprint| Repeated {
        id: read.documents.id(reprint.later),
        reprint_of: read.documents.id(reprint.first),
        similarity: reprint.similarity,
    };
    let path = folder.join("enrichment.json");
    let enrichment = Enrichment {
        enrichment: &read.enrichment,
        reprints: read.reprints.iter().map(repeated).collect(),
    };
    let json = serde_json::to_string_pretty(&enrichment).expect("plain data has a JSON form");
    std::fs::write(&path, json).map_err(|source| Error::Write { path, source })
}

/// How the site that is there lays out its articles. One that was fetched back from its host may have lost the list of
/// its pages; then the archive knows.
fn earlier_articles(publication: &Publication) -> Option<Articles> {
    let from_archive = || {
        let articles = Archive::open(publication.archive()?).ok()?.articles();
        (articles != Articles::None).then_some(articles)
    };
    publication.earlier_articles().or_else(from_archive)
}

/// The archive first, then the pages that lead to it.
fn publish(
    mut publication: Publication,
    built: &BuiltIndex,
    settings: &site::Settings,
    pages: &Pages,
    progress: &dyn Progress,
) -> anyhow::Result<(SiteSummary, Published)> {
    for MadeFolder { folder, name } in built.made.iter().filter(|made| made.folder.exists()) {
        publication.adopt(folder, name)?;
    }
    built.kept.iter().for_each(|name| publication.keep(name));
    site::write_assets(settings, &mut publication)?;
    publication.go_live(&built.manifest)?;
    let archive = Archive::open(publication.folder())?;
    let summary = site::write(&archive, settings, Some(pages), &mut publication, progress);
    // The archive is there, whatever became of its pages.
    let published = publication.end();
    Ok((summary?, published))
}

/// `512M` as a budget: K, M and G count in 1024s, as in the limits of systems and containers.
fn memory(text: &str) -> Result<Memory, String> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit: u64 = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "K" | "KB" | "KIB" => 1 << 10,
        "M" | "MB" | "MIB" => 1 << 20,
        "G" | "GB" | "GIB" => 1 << 30,
        _ => return Err("write it as 512M or 2G".into()),
    };
    let number: u64 = digits.parse().map_err(|_| "write it as 512M or 2G")?;
    let memory = Memory::new(number.saturating_mul(unit));
    if memory.bytes() < Memory::MINIMUM.bytes() {
        let minimum = Memory::MINIMUM.bytes() >> 20;
        return Err(format!("a build needs at least {minimum}M"));
    }
    Ok(memory)
}

/// 0, or 2 and more: one segment cannot become one.
fn merge_factor(text: &str) -> Result<u32, String> {
    let number: u32 = text.parse().map_err(|_| "it is a number")?;
    if number == 1 {
        return Err("one segment is one already; it is 0, or 2 and more".into());
    }
    Ok(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_understood() {
        for (text, mebibytes) in [("64M", 64), ("1g", 1024), ("2GiB", 2048), ("65536K", 64)] {
            assert_eq!(memory(text), Ok(Memory::new(mebibytes << 20)), "{text}");
        }
        for text in ["", "G", "1", "1T", "-1G", "1.5G", "63M", "１G"] {
            assert!(memory(text).is_err(), "{text}");
        }
    }
}
