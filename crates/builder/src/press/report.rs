//! The report of a build: how every page was cut, and why, for an archivist to check.
//!
//! ```text
//! report/index.html       all pages, with what is doubtful about them
//! report/<page id>.html   the page's text, each block coloured by what it is; the articles beside
//! report/ledger.jsonl     the same for programs, one page a line
//! report/report.css       how it looks
//! ```
//!
//! Pages come one by one and are written at once, so a report of any size takes the memory of one
//! page. There are no scripts in it: reasons are in a table, and in each block's title. What is
//! wrong can be put right in [`overrides`](super::overrides).

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use minijinja::Environment;
use minijinja::value::Serde;
use serde::Serialize;
use xxhash_rust::xxh64::xxh64;

use super::{Article, Block, BlockKind, CutPage};
use crate::error::Error;

/// Blocks and headlines that are less sure than this, in percent, are marked.
const DOUBTFUL: u8 = 60;

/// A page and how it was cut.
#[derive(Clone, Copy, Debug)]
pub struct ReportedPage<'a> {
    /// The page's id, as in `overrides.toml`.
    pub id: &'a str,
    /// The file that it came from.
    pub path: &'a Path,
    /// The text that was cut.
    pub text: &'a str,
    /// What came of it.
    pub cut: &'a CutPage,
}

/// Writes a report, page by page.
pub struct ReportWriter {
    folder: PathBuf,
    templates: Environment<'static>,
    index: Output,
    ledger: Output,
}

impl std::fmt::Debug for ReportWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReportWriter")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

/// A file that is written bit by bit, and its name for messages.
struct Output {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Output {
    fn create(path: PathBuf) -> Result<Self, Error> {
        match File::create(&path) {
            Ok(file) => Ok(Self {
                path,
                file: BufWriter::new(file),
            }),
            Err(source) => Err(Error::Write { path, source }),
        }
    }

    fn write(&mut self, text: &str) -> Result<(), Error> {
        let written = self.file.write_all(text.as_bytes());
        written.map_err(|source| Error::Write {
            path: self.path.clone(),
            source,
        })
    }

    fn finish(mut self) -> Result<(), Error> {
        let flushed = self.file.flush();
        flushed.map_err(|source| Error::Write {
            path: self.path,
            source,
        })
    }
}

/// A line of the ledger.
#[derive(Serialize)]
struct Entry<'a> {
    id: &'a str,
    path: String,
    blocks: &'a [Block],
    articles: &'a [Article],
    unmatched: &'a [String],
}

/// A page as its template shows it.
#[derive(Serialize)]
struct PageView<'a> {
    id: &'a str,
    path: String,
    /// The way back to the report's folder.
    root: String,
    blocks: Vec<View<'a>>,
    /// White space after the last block.
    after: &'a str,
    articles: &'a [Article],
    unmatched: &'a [String],
}

/// A line of the index.
#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    path: String,
    link: String,
    articles: usize,
    without_headline: usize,
    doubtful: usize,
    unmatched: usize,
}

/// A block as the template shows it.
#[derive(Serialize)]
struct View<'a> {
    number: usize,
    /// White space before it.
    before: &'a str,
    text: &'a str,
    excerpt: String,
    kind: &'static str,
    name: &'static str,
    article: Option<usize>,
    /// Another article than that of the block before.
    begins: bool,
    confidence: u8,
    doubtful: bool,
    why: &'a str,
}

impl ReportWriter {
    /// Begins a report in a folder; what an earlier report left there is overwritten page by page.
    pub fn create(folder: &Path) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(|source| Error::Write {
            path: folder.to_owned(),
            source,
        })?;
        write(
            &folder.join("report.css"),
            include_str!("report/report.css"),
        )?;
        let mut index = Output::create(folder.join("index.html"))?;
        index.write(include_str!("report/index_head.html"))?;
        Ok(Self {
            folder: folder.to_owned(),
            templates: templates(),
            index,
            ledger: Output::create(folder.join("ledger.jsonl"))?,
        })
    }

    /// Writes a page.
    pub fn page(&mut self, page: &ReportedPage<'_>) -> Result<(), Error> {
        let name = file_name(page.id);
        let path = self.folder.join(&name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|source| Error::Write {
                path: parent.to_owned(),
                source,
            })?;
        }
        write(&path, &self.render_page(page, &name))?;
        let row = self.render_row(page, &name);
        self.index.write(&row)?;
        let entry = Entry {
            id: page.id,
            path: page.path.display().to_string(),
            blocks: &page.cut.blocks,
            articles: &page.cut.articles,
            unmatched: &page.cut.unmatched,
        };
        let line = serde_json::to_string(&entry).expect("plain data has a JSON form");
        self.ledger.write(&line)?;
        self.ledger.write("\n")
    }

    /// Ends the report.
    pub fn finish(mut self) -> Result<(), Error> {
        self.index
            .write("</tbody>\n</table>\n</div>\n</main>\n</body>\n</html>\n")?;
        self.index.finish()?;
        self.ledger.finish()
    }

    fn render_page(&self, page: &ReportedPage<'_>, name: &str) -> String {
        let end = page.cut.blocks.last().map_or(0, |block| block.range.end);
        let view = PageView {
            id: page.id,
            path: page.path.display().to_string(),
            root: "../".repeat(name.matches('/').count()),
            blocks: views(page),
            after: &page.text[end..],
            articles: &page.cut.articles,
            unmatched: &page.cut.unmatched,
        };
        self.render("page.html", &view)
    }

    fn render_row(&self, page: &ReportedPage<'_>, name: &str) -> String {
        let bare = page
            .cut
            .articles
            .iter()
            .filter(|article| article.headline.is_empty());
        let doubtful = page
            .cut
            .blocks
            .iter()
            .filter(|block| block.confidence < DOUBTFUL);
        let row = Row {
            id: page.id,
            path: page.path.display().to_string(),
            link: link(name),
            articles: page.cut.articles.len(),
            without_headline: bare.count(),
            doubtful: doubtful.count(),
            unmatched: page.cut.unmatched.len(),
        };
        self.render("row.html", &row)
    }

    fn render(&self, template: &str, values: &impl Serialize) -> String {
        let template = self
            .templates
            .get_template(template)
            .expect("it is compiled in");
        template
            .render(Serde(values))
            .expect("a test renders it with every kind of value")
    }
}

fn templates() -> Environment<'static> {
    let mut templates = Environment::new();
    let all = [
        ("page.html", include_str!("report/page.html")),
        ("row.html", include_str!("report/row.html")),
    ];
    for (name, source) in all {
        templates
            .add_template(name, source)
            .expect("a test renders it");
    }
    templates
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    fs::write(path, text).map_err(|source| Error::Write {
        path: path.to_owned(),
        source,
    })
}

fn views<'a>(page: &ReportedPage<'a>) -> Vec<View<'a>> {
    let mut from = 0;
    let mut last = None;
    let view = |(number, block): (usize, &'a Block)| {
        let before = &page.text[from..block.range.start];
        from = block.range.end;
        let text = &page.text[block.range.clone()];
        let (kind, name) = kind(block.kind);
        let begins = block.article.is_some() && block.article != last;
        last = block.article;
        View {
            number: number + 1,
            before,
            text,
            excerpt: excerpt(text),
            kind,
            name,
            article: block.article.map(|article| article + 1),
            begins,
            confidence: block.confidence,
            doubtful: block.confidence < DOUBTFUL,
            why: &block.why,
        }
    };
    page.cut.blocks.iter().enumerate().map(view).collect()
}

/// The beginning of a block, for the table.
fn excerpt(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().take(24).collect();
    if short.len() < line.len() {
        short + "…"
    } else {
        short
    }
}

/// A kind's class in the style file, and its name.
fn kind(kind: BlockKind) -> (&'static str, &'static str) {
    match kind {
        BlockKind::Shoulder => ("shoulder", "引题 shoulder"),
        BlockKind::Headline => ("headline", "标题 headline"),
        BlockKind::Sub => ("sub", "副题 sub"),
        BlockKind::Byline => ("byline", "署名 byline"),
        BlockKind::Body => ("body", "正文 text"),
        BlockKind::Caption => ("caption", "图说 caption"),
        BlockKind::ColumnHead => ("column", "栏目 column"),
        BlockKind::Furniture => ("furniture", "版面 furniture"),
        BlockKind::Repeated => ("repeated", "重复 repeated"),
    }
}

/// The file of a page: its id, where that can be a path everywhere; a hash keeps others apart.
fn file_name(id: &str) -> String {
    let is_safe = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    let folders_are_safe = id
        .split('/')
        .all(|part| !part.is_empty() && !part.starts_with('.') && part.len() < 200);
    if folders_are_safe && id.chars().all(is_safe) && !matches!(id, "index" | "report" | "ledger") {
        return format!("{id}.html");
    }
    let safe: String = id
        .chars()
        .map(|c| {
            if is_safe(c) && c != '/' && c != '.' {
                c
            } else {
                '_'
            }
        })
        .take(40)
        .collect();
    format!("{safe}-{:016x}.html", xxh64(id.as_bytes(), 0))
}

/// The address of a file from the index.
fn link(name: &str) -> String {
    let mut link = String::new();
    for byte in name.bytes() {
        match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' | b'.' | b'/' => {
                link.push(char::from(byte));
            }
            _ => link.push_str(&format!("%{byte:02X}")),
        }
    }
    link
}

#[cfg(test)]
mod tests {
    use super::super::{PageContext, cut};
    use super::*;

    fn report(pages: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        let mut writer = ReportWriter::create(folder.path()).expect("it can be written");
        for (id, text) in pages {
            let cut = cut(text, &PageContext::default());
            let path = Path::new("pages/03.txt");
            writer
                .page(&ReportedPage {
                    id,
                    path,
                    text,
                    cut: &cut,
                })
                .expect("it can be written");
        }
        writer.finish().expect("it can be written");
        folder
    }

    fn read(folder: &tempfile::TempDir, name: &str) -> String {
        fs::read_to_string(folder.path().join(name))
            .unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    const TEXT: &str =
        "苇渡大桥合龙\n本报讯（记者 甲乙丙）<b>两岸</b> & “人们”握手。\n\n（甲乙丙 摄）\n";

    #[test]
    fn pages_are_written_with_reasons_and_escaped() {
        let folder = report(&[("2024-01-12/03", TEXT), ("坏 id/../x", "一行")]);
        let page = read(&folder, "2024-01-12/03.html");
        assert!(
            page.contains("&lt;b&gt;两岸&lt;&#x2f;b&gt; &amp; “人们”握手。"),
            "{page}"
        );
        assert!(page.contains("a report begins with its lead"), "{page}");
        assert!(
            page.contains("data-article=\"1\"") && page.contains("id=\"article1\""),
            "{page}"
        );
        assert!(
            page.contains("简讯 brief") && page.contains("记者 reporter"),
            "{page}"
        );
        assert!(page.contains("[\"2024-01-12&#x2f;03\"]"), "{page}");
        assert!(page.contains("href=\"../report.css\""), "{page}");
        assert!(
            !page.contains("<script") && !page.contains("style="),
            "{page}"
        );
        let index = read(&folder, "index.html");
        assert!(index.contains("href=\"2024-01-12/03.html\""), "{index}");
        assert!(index.ends_with("</html>\n"));
        let ledger = read(&folder, "ledger.jsonl");
        assert_eq!(ledger.lines().count(), 2);
        let first: serde_json::Value =
            serde_json::from_str(ledger.lines().next().expect("a line")).expect("JSON");
        assert_eq!(first["id"], "2024-01-12/03");
    }

    #[test]
    fn ids_stay_in_the_folder() {
        assert_eq!(file_name("2024-01-12/03"), "2024-01-12/03.html");
        for id in ["../x", "/etc/x", "a//b", "index", "a\\b", "a\"<b>", "."] {
            let name = file_name(id);
            assert!(
                !name.contains(['/', '\\', '"', '<']) && name != "index.html",
                "{id} → {name}"
            );
        }
        assert_ne!(file_name("a b"), file_name("a?b"));
        assert_eq!(link("日报/a b.html"), "%E6%97%A5%E6%8A%A5/a%20b.html");
    }

    #[test]
    fn the_text_of_the_page_is_all_there() {
        let folder = report(&[("p", TEXT)]);
        let page = read(&folder, "p.html");
        let start = page.find("<pre").expect("the text");
        let text = &page[start..page.find("</pre>").expect("its end")];
        for piece in ["苇渡大桥合龙", "本报讯（记者 甲乙丙）", "（甲乙丙 摄）"]
        {
            assert!(text.contains(piece), "{piece} in {text}");
        }
    }
}
