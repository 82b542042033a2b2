//! Walks through the archive and writes page after page.

use std::collections::{BTreeMap, BTreeSet};

use backfile_core::link::Articles;
use serde::Serialize;
use serde_json::json;

use super::article::{ArticleView, Entry, Link, Original, Surroundings, embedded};
use super::census::{Census, Issue, Kind, PageName};
use super::lists::{Group, Groups, paged};
use super::parts::parts;
use super::strings::Strings;
use super::templates::Templates;
use super::{
    PageRecord, PageRecords, Settings, SiteSummary, address, browser, feeds, original, style_name,
};
use crate::archive::{Archive, Reader};
use crate::document::Document;
use crate::error::Error;
use crate::ordered::in_order;
use crate::progress::{Progress, Stage};
use crate::publish::Publication;
use crate::room::{Room, Taken};
use crate::rows::Row;

/// Articles that a thread renders at once.
const PER_CHUNK: usize = 128;
/// Bytes of text from which a chunk is rendered by the thread that collects them, as are articles that are larger than was
/// expected: what an allocator keeps of so many small pieces, it then does not keep for each thread. There is usually
/// room for four such chunks, so little is lost.
const LARGE: u64 = 16 << 20;
/// Articles in the feed.
const IN_FEED: usize = 100;

/// What all pages have in common.
struct Writer<'a> {
    archive: Reader<'a>,
    room: &'a Room,
    around: Surroundings<'a>,
    templates: &'a Templates,
    records: Option<&'a dyn PageRecords>,
    /// The articles of each printed page, if there are records.
    by_page: BTreeMap<&'a str, Vec<u32>>,
    /// More than one newspaper.
    has_publications: bool,
    language: &'a str,
}

/// Some articles of an issue, in the order in which they are read.
struct Chunk<'a> {
    issue: usize,
    documents: Row<'a, u32>,
    /// For their text and what becomes of it.
    room: Taken<'a>,
}

/// What came of a chunk.
struct Rendered<'a> {
    issue: usize,
    is_last: bool,
    /// Articles that are still to be rendered, one after the other.
    rest: &'a [u32],
    /// Kept until the pages are written.
    _room: Taken<'a>,
    /// Pages of articles.
    files: Vec<(String, String)>,
    entries: Vec<(PageName, Entry)>,
    /// What machines read of articles that have no page of their own.
    data: Vec<serde_json::Value>,
    /// Printed pages that articles lead to.
    originals: BTreeSet<String>,
}

/// Where the pages go, and what is known of them when all are written.
struct Out<'a> {
    publication: &'a mut Publication,
    /// For the sitemap.
    names: Vec<String>,
    pages: u64,
}

impl Out<'_> {
    /// Writes a page that people read.
    fn page(&mut self, name: &str, text: &str) -> Result<(), Error> {
        self.names.push(name.to_owned());
        self.file(name, text)
    }

    fn file(&mut self, name: &str, text: &str) -> Result<(), Error> {
        self.pages += 1;
        self.publication.write_page(name, text.as_bytes())
    }
}

/// See [`super::write()`].
pub(super) fn write(
    archive: &Archive,
    settings: &Settings,
    records: Option<&dyn PageRecords>,
    publication: &mut Publication,
    progress: &dyn Progress,
) -> Result<SiteSummary, Error> {
    let info = archive.info();
    let strings = Strings::of(&info.language);
    let base_url = feeds::base(&settings.base_url).ok_or_else(|| Error::BaseUrl {
        url: settings.base_url.clone(),
    })?;
    progress.begin(Stage::Site, 2 * info.documents);
    let has_lists = settings.articles != Articles::None;
    let room = Room::new(settings.memory.articles());
    let census = if has_lists {
        Census::take(archive.reader(), settings.articles, &room, progress)?
    } else {
        Census::default()
    };
    let paged = paged(&census);
    let title = if info.title.trim().is_empty() {
        strings.untitled_archive
    } else {
        info.title.trim()
    };
    let title = super::fields::clean(title);
    let around = Surroundings {
        census: &census,
        strings,
        articles: settings.articles,
        title: &title,
        base_url: &base_url,
        paged: &paged,
    };
    let mut templates = Templates::load(settings.templates.as_deref(), strings)?;
    let globals = globals(&around, &templates, archive, has_lists);
    templates.global("site", globals);
    let writer = Writer {
        archive: archive.reader(),
        room: &room,
        around,
        templates: &templates,
        records,
        by_page: if records.is_some() {
            by_page(&census)
        } else {
            BTreeMap::new()
        },
        has_publications: census
            .pages
            .iter()
            .any(|page| page.publication != census.pages[0].publication),
        language: &info.language,
    };
    publication.begin_pages(settings.articles)?;
    let mut out = Out {
        publication,
        names: Vec::new(),
        pages: 0,
    };
    let readable = writer.write_all(&mut out, progress)?;
    let in_sitemap = (!base_url.is_empty()).then_some(out.names.len() as u64);
    let pages = out.pages;
    publication.finish_pages()?;
    Ok(SiteSummary {
        pages,
        articles: readable,
        issues: census.issues.len() as u64,
        layout: match settings.articles {
            Articles::None => "none",
            Articles::Files => "files",
            Articles::Issues => "issues",
        },
        in_sitemap,
    })
}

fn by_page(census: &Census) -> BTreeMap<&str, Vec<u32>> {
    let mut by_page: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (number, card) in census.cards.iter().enumerate() {
        if let Some((id, _)) = address::page_id(&card.id) {
            by_page.entry(id).or_default().push(number as u32);
        }
    }
    by_page
}

/// What templates know as `site`.
fn globals(
    around: &Surroundings<'_>,
    templates: &Templates,
    archive: &Archive,
    has_lists: bool,
) -> serde_json::Value {
    let info = archive.info();
    let kinds = Kind::ALL.into_iter();
    let kinds = kinds.filter(|kind| around.census.values.iter().any(|value| value.kind == *kind));
    let mut nav: Vec<Link> = Vec::new();
    if has_lists {
        nav.push(Link {
            href: address::YEARS.into(),
            text: around.strings.issues.into(),
        });
    }
    nav.extend(kinds.map(|kind| Link {
        href: address::values(kind),
        text: around.kind_label(kind).into(),
    }));
    json!({
        "title": around.title,
        "language": info.language,
        "base_url": around.base_url,
        "about": around.strings.about(info.documents, info.first_date.as_deref(), info.last_date.as_deref()),
        "search": browser::search(),
        "style": style_name(&templates.style),
        "search_style": browser::hashed("assets/page-", ".css"),
        "search_script": browser::hashed("assets/page-", ".js"),
        "article_script": browser::hashed("assets/article-", ".js"),
        "nav": nav,
        "has_feed": has_lists && around.census.latest().is_some(),
    })
}

/// What every template is given besides its own.
#[derive(Serialize)]
struct Page<'a, C: Serialize> {
    /// The way to the site.
    root: &'a str,
    /// The page's own address, where it is known.
    canonical: String,
    title: &'a str,
    description: &'a str,
    previous: Option<Link>,
    next: Option<Link>,
    #[serde(flatten)]
    own: C,
}

/// What stands at the head of a page.
#[derive(Default)]
struct Head<'a> {
    title: &'a str,
    description: &'a str,
    previous: Option<Link>,
    next: Option<Link>,
}

impl Writer<'_> {
    /// All pages: articles before what leads to them, the start page last. Returns how many articles can be read.
    fn write_all(&self, out: &mut Out<'_>, progress: &dyn Progress) -> Result<u64, Error> {
        let latest = self.write_issues(out, progress)?;
        if self.around.articles != Articles::None {
            self.write_years(out)?;
            self.write_values(out)?;
            self.write_feed(&latest, out)?;
        }
        self.write_start(&latest, out)?;
        self.write_rest(out)?;
        let own = self
            .around
            .census
            .cards
            .iter()
            .filter(|card| card.url.is_empty());
        Ok(own.count() as u64)
    }

    fn render(
        &self,
        template: &str,
        name: &str,
        head: Head<'_>,
        own: impl Serialize,
    ) -> Result<String, Error> {
        let root = address::root(name);
        let base_url = self.around.base_url;
        let page = Page {
            root: &root,
            canonical: if base_url.is_empty() {
                String::new()
            } else {
                feeds::absolute(base_url, name)
            },
            title: head.title,
            description: head.description,
            previous: head.previous,
            next: head.next,
            own,
        };
        self.templates.render(template, page)
    }

    /// Issues and their articles. Returns the latest issue.
    fn write_issues(
        &self,
        out: &mut Out<'_>,
        progress: &dyn Progress,
    ) -> Result<Vec<Group>, Error> {
        let Census { issues, cards, .. } = self.around.census;
        let place = |number: &u32| cards[*number as usize].place;
        let chunks = issues.iter().enumerate().flat_map(|(issue, own)| {
            let rows = self.archive.rows(&own.documents, PER_CHUNK, place);
            rows.map(move |row| {
                row.map(|documents| Chunk {
                    issue,
                    room: self.room.take(documents.bytes),
                    documents,
                })
            })
        });
        let has_page: BTreeSet<String> = self.pages_that_are_there(out);
        let latest = self.around.census.latest();
        let (mut groups, mut data, mut shown) = (Groups::default(), Vec::new(), Vec::new());
        let work = |chunk: Result<_, Error>| {
            let chunk: Chunk<'_> = chunk?;
            self.render_chunk(chunk, &has_page)
        };
        in_order(chunks, work, |rendered| {
            let mut rendered: Rendered<'_> = rendered?;
            let mut put = |rendered: &mut Rendered<'_>| -> Result<(), Error> {
                progress.advance(rendered.entries.len() as u64);
                for (page, entry) in rendered.entries.drain(..) {
                    groups.add(&page, entry, |page| self.page_label(page));
                }
                data.append(&mut rendered.data);
                self.write_files(rendered, out)
            };
            put(&mut rendered)?;
            for number in rendered.rest {
                let number = std::slice::from_ref(number);
                self.render_documents(number, u64::MAX, &has_page, &mut rendered)?;
                put(&mut rendered)?;
            }
            if rendered.is_last {
                let groups = std::mem::take(&mut groups).0;
                self.write_issue(rendered.issue, &groups, std::mem::take(&mut data), out)?;
                if latest == Some(rendered.issue) {
                    shown = groups;
                }
            }
            Ok::<(), Error>(())
        })?;
        Ok(shown)
    }

    fn write_files(&self, rendered: &mut Rendered<'_>, out: &mut Out<'_>) -> Result<(), Error> {
        for (name, text) in rendered.files.drain(..) {
            out.page(&name, &text)?;
        }
        let originals = std::mem::take(&mut rendered.originals);
        self.write_originals(&originals, out)
    }

    /// Printed pages of earlier builds, which this one need not have read.
    fn pages_that_are_there(&self, out: &Out<'_>) -> BTreeSet<String> {
        let ids = self
            .around
            .census
            .cards
            .iter()
            .filter_map(|card| Some(address::page_id(&card.id)?.0));
        let mut last = "";
        let mut there = BTreeSet::new();
        for id in ids {
            if id != last && out.publication.has_page(&address::page(id)) {
                there.insert(id.to_owned());
            }
            last = id;
        }
        there
    }

    fn render_chunk<'c>(
        &self,
        chunk: Chunk<'c>,
        has_page: &BTreeSet<String>,
    ) -> Result<Rendered<'c>, Error> {
        let Row {
            items,
            bytes,
            is_last,
        } = chunk.documents;
        let mut rendered = Rendered {
            issue: chunk.issue,
            is_last,
            rest: items,
            _room: chunk.room,
            files: Vec::new(),
            entries: Vec::new(),
            data: Vec::new(),
            originals: BTreeSet::new(),
        };
        if bytes <= LARGE {
            let count = self.render_documents(items, bytes, has_page, &mut rendered)?;
            rendered.rest = &items[count..];
        }
        Ok(rendered)
    }

    /// Renders articles up to the first with which they take more than expected. Says how many.
    fn render_documents(
        &self,
        numbers: &[u32],
        expected: u64,
        has_page: &BTreeSet<String>,
        rendered: &mut Rendered<'_>,
    ) -> Result<usize, Error> {
        let cards = &self.around.census.cards;
        let places = numbers.iter().map(|number| cards[*number as usize].place);
        let (mut record, mut numbers) = (None, numbers.iter());
        self.archive.visit(places, expected, |stored| {
            let (document, number) = (stored.document()?, numbers.next());
            number.map_or(Ok(()), |number| {
                self.render_document(*number, &document, has_page, &mut record, rendered)
            })
        })
    }

    fn render_document(
        &self,
        number: u32,
        document: &Document,
        has_page: &BTreeSet<String>,
        record: &mut Option<PageRecord>,
        rendered: &mut Rendered,
    ) -> Result<(), Error> {
        let card = &self.around.census.cards[number as usize];
        let has_own = card.url.is_empty();
        let own_file = self.around.articles == Articles::Files;
        let name = if has_own && own_file {
            self.around.address(number)
        } else {
            String::new()
        };
        let root = if has_own && own_file {
            address::root(&name)
        } else {
            "../".to_owned()
        };
        let original = if has_own {
            self.original(document, &root, has_page, record, rendered)?
        } else {
            None
        };
        let view = ArticleView::new(document, number, &root, self.around, original);
        let mut entry = view.entry("../");
        if has_own {
            let data = view.data(self.language, self.around.base_url);
            if own_file {
                rendered
                    .files
                    .push((name.clone(), self.article_page(&name, &view, data)?));
            } else {
                entry.html = self.templates.render(
                    "article-body.html",
                    json!({ "article": view, "root": root, "single": false }),
                )?;
                rendered.data.push(data);
            }
        }
        let page = self.around.census.pages[card.page as usize].clone();
        rendered.entries.push((page, entry));
        Ok(())
    }

    fn article_page(
        &self,
        name: &str,
        view: &ArticleView,
        mut data: serde_json::Value,
    ) -> Result<String, Error> {
        data["@context"] = json!("https://schema.org");
        let head = Head {
            title: &view.headline,
            description: &view.lead,
            previous: view.previous.clone(),
            next: view.next.clone(),
        };
        self.render(
            "article.html",
            name,
            head,
            json!({ "article": view, "data": embedded(&data), "single": true }),
        )
    }

    /// The printed text of an article, and the page around it.
    fn original(
        &self,
        document: &Document,
        root: &str,
        has_page: &BTreeSet<String>,
        record: &mut Option<PageRecord>,
        rendered: &mut Rendered,
    ) -> Result<Option<Original>, Error> {
        let Some((id, number)) = address::page_id(&document.id) else {
            return Ok(None);
        };
        let href = format!("{root}{}", address::page(id));
        if record.as_ref().is_none_or(|record| record.id != id) {
            *record = match self.records {
                Some(records) => records.page(id)?,
                None => None,
            };
        }
        if let Some(record) = record {
            rendered.originals.insert(id.to_owned());
            return Ok(Some(Original::of(record, number, href)));
        }
        if !has_page.contains(id) {
            return Ok(None);
        }
        rendered.originals.insert(id.to_owned());
        Ok(Some(Original {
            href,
            blocks: Vec::new(),
        }))
    }

    /// Printed pages; those of earlier builds stay as they are.
    fn write_originals(&self, ids: &BTreeSet<String>, out: &mut Out<'_>) -> Result<(), Error> {
        for id in ids {
            let name = address::page(id);
            let record = match self.records {
                Some(records) => records.page(id)?,
                None => None,
            };
            match record {
                Some(record) => {
                    let text = self.original_page(&name, &record)?;
                    out.file(&name, &text)?;
                }
                None => drop(out.publication.keep_page(&name)),
            }
        }
        Ok(())
    }

    fn original_page(&self, name: &str, record: &PageRecord) -> Result<String, Error> {
        let root = address::root(name);
        let census = self.around.census;
        let own = self.by_page.get(&*record.id).map_or(&[][..], Vec::as_slice);
        let article = |number: usize| {
            let id = format!("{}-{number}", record.id);
            let mut own = own.iter().copied();
            let found = own.find(|own| *census.cards[*own as usize].id == id);
            found.map_or_else(String::new, |number| self.around.entry(number, &root).href)
        };
        let blocks = original::blocks(record, article);
        let first = own.first().map(|number| self.around.card(*number));
        let (mut label, mut issue) = (record.id.clone(), None);
        if let Some((card, own_issue)) = first {
            let page = self.page_label(&census.pages[card.page as usize]);
            let date = self.around.issue_label(own_issue);
            label = format!("{date} {page}").trim().to_owned();
            issue = Some(Link {
                href: format!("{root}{}", address::issue(&own_issue.name)),
                text: date,
            });
        }
        let head = Head {
            title: &label,
            ..Head::default()
        };
        self.render(
            "page.html",
            name,
            head,
            json!({ "blocks": blocks, "issue": issue }),
        )
    }

    fn page_label(&self, page: &PageName) -> String {
        let mut parts = Vec::new();
        if self.has_publications {
            parts.push(page.publication.clone());
        }
        parts.push(page.edition.clone());
        if !page.page.is_empty() {
            parts.push(self.around.strings.page(&page.page));
        }
        parts.retain(|part| !part.is_empty());
        parts.join(" ")
    }

    fn write_issue(
        &self,
        number: usize,
        groups: &[Group],
        data: Vec<serde_json::Value>,
        out: &mut Out<'_>,
    ) -> Result<(), Error> {
        let census = self.around.census;
        let issue = &census.issues[number];
        let name = address::issue(&issue.name);
        let label = self.around.issue_label(issue);
        let title = self.around.strings.issue_title(self.around.title, &label);
        let (before, after) = census.around(number);
        let link = |issue: &Issue| Link {
            href: format!("../{}", address::issue(&issue.name)),
            text: self.around.issue_label(issue),
        };
        let head = Head {
            title: &title,
            description: &self.around.strings.articles(issue.documents.len() as u64),
            previous: before.map(link),
            next: after.map(link),
        };
        let data = (!data.is_empty())
            .then(|| embedded(&json!({ "@context": "https://schema.org", "@graph": data })));
        let year = issue.date.as_deref().and_then(|date| date.get(..4));
        let year = year.map(|year| Link {
            href: format!("../{}", address::year(year)),
            text: self.around.strings.year(year),
        });
        let own = json!({
            "label": label,
            "date": issue.date,
            "count": issue.documents.len(),
            "year": year,
            "groups": groups,
            "whole": self.around.articles == Articles::Issues,
            "data": data,
        });
        out.page(&name, &self.render("issue.html", &name, head, own)?)
    }

    fn write_years(&self, out: &mut Out<'_>) -> Result<(), Error> {
        let around = &self.around;
        let years = around.census.years();
        let order: Vec<&str> = years.keys().copied().collect();
        let link = |year: Option<&&str>| {
            year.map(|year| Link {
                href: format!("../{}", address::year(year)),
                text: around.strings.year(year),
            })
        };
        for (at, (year, issues)) in years.iter().enumerate() {
            let name = address::year(year);
            let label = around.strings.year(year);
            let head = Head {
                title: &label,
                previous: link(at.checked_sub(1).and_then(|at| order.get(at))),
                next: link(order.get(at + 1)),
                ..Head::default()
            };
            let articles: usize = issues
                .iter()
                .map(|issue| around.census.issues[*issue].documents.len())
                .sum();
            let own = json!({
                "months": around.months(year, issues, "../"),
                "vague": around.vague(issues, "../"),
                "issues": issues.len(),
                "count": articles,
            });
            out.page(&name, &self.render("year.html", &name, head, own)?)?;
        }
        let head = Head {
            title: around.strings.issues,
            ..Head::default()
        };
        let own = json!({ "years": around.years("../"), "undated": around.undated("../") });
        out.page(
            address::YEARS,
            &self.render("calendar.html", address::YEARS, head, own)?,
        )
    }

    fn write_values(&self, out: &mut Out<'_>) -> Result<(), Error> {
        let values = 0..self.around.census.values.len();
        let paged = values.filter(|number| self.around.paged[*number]);
        let work = |number: usize| self.value_pages(number as u32);
        in_order(paged, work, |pages| {
            for (name, text) in pages? {
                out.page(&name, &text)?;
            }
            Ok::<(), Error>(())
        })?;
        for kind in Kind::ALL {
            let view = self.around.kind(kind, "../");
            if view.values.is_empty() {
                continue;
            }
            let name = address::values(kind);
            let head = Head {
                title: view.label,
                ..Head::default()
            };
            out.page(
                &name,
                &self.render("values.html", &name, head, json!({ "kind": view }))?,
            )?;
        }
        Ok(())
    }

    /// The pages of a person, place, subject or column.
    fn value_pages(&self, number: u32) -> Result<Vec<(String, String)>, Error> {
        let documents = &self.around.census.values[number as usize].documents;
        let parts = parts(documents, |document| &self.around.card(document).0.id);
        let pages = (0..parts.len()).map(|part| self.value_page(number, &parts, part));
        pages.collect()
    }

    /// One of them: its name and its text. Of others it says only what stays as it is when articles are added.
    fn value_page(
        &self,
        number: u32,
        parts: &[&[u32]],
        part: usize,
    ) -> Result<(String, String), Error> {
        let around = &self.around;
        let value = &around.census.values[number as usize];
        let is_latest = part == 0;
        let (own, name) = (parts[part], around.part_address(value, parts, part));
        let title = value
            .value
            .rsplit(crate::document::field::LEVEL)
            .next()
            .unwrap_or_default();
        let link = |part: usize| Link {
            href: format!("../{}", around.part_address(value, parts, part)),
            text: if part == 0 {
                around.strings.latest_articles.to_owned()
            } else {
                let count = || around.strings.articles(parts[part].len() as u64);
                around.period(parts[part]).unwrap_or_else(count)
            },
        };
        let count = if is_latest {
            value.documents.len()
        } else {
            own.len()
        };
        let head = Head {
            title,
            description: &around.strings.articles(count as u64),
            previous: part.checked_sub(1).map(link),
            next: (part + 1 < parts.len()).then(|| link(part + 1)),
        };
        let entries = own.iter().rev();
        let entries: Vec<Entry> = entries
            .map(|document| around.entry(*document, "../"))
            .collect();
        let own = json!({
            "kind": { "href": format!("../{}", address::values(value.kind)), "text": around.kind_label(value.kind) },
            "above": around.above(number, "../"),
            "below": if is_latest { around.below(number, "../") } else { Vec::new() },
            "count": count,
            "part": around.period(own).filter(|_| !is_latest),
            "entries": entries,
        });
        let text = self.render("value.html", &name, head, own)?;
        Ok((name, text))
    }

    fn write_start(&self, latest: &[Group], out: &mut Out<'_>) -> Result<(), Error> {
        let around = &self.around;
        let issue = around
            .census
            .latest()
            .map(|number| &around.census.issues[number]);
        let issue = issue.map(|issue| {
            json!({
                "href": address::issue(&issue.name),
                "label": around.issue_label(issue),
                "date": issue.date,
                "count": issue.documents.len(),
            })
        });
        let kinds = Kind::ALL.into_iter().map(|kind| around.top(kind, ""));
        let kinds: Vec<_> = kinds.filter(|kind| !kind.values.is_empty()).collect();
        let own = json!({
            "issue": issue,
            "groups": from_start(latest),
            "years": around.years(""),
            "undated": around.way_to_undated(""),
            "calendar": address::YEARS,
            "kinds": kinds,
        });
        let head = Head {
            title: around.title,
            ..Head::default()
        };
        out.page(
            "index.html",
            &self.render("start.html", "index.html", head, own)?,
        )
    }

    /// The latest issue as a feed. Without a base its addresses are relative, which readers of feeds resolve against
    /// where they have it from.
    fn write_feed(&self, latest: &[Group], out: &mut Out<'_>) -> Result<(), Error> {
        let around = &self.around;
        let Some(issue) = around
            .census
            .latest()
            .map(|number| &around.census.issues[number])
        else {
            return Ok(());
        };
        let groups = from_start(latest);
        let entries = groups
            .iter()
            .flat_map(|group| &group.entries)
            .filter(|entry| !entry.href.is_empty());
        let entries: Vec<&Entry> = entries.take(IN_FEED).collect();
        let urn = xxhash_rust::xxh64::xxh64(around.title.as_bytes(), 0);
        let own = json!({
            "entries": entries,
            "updated": timestamp(issue.date.as_deref().unwrap_or_default()),
            "urn": format!("urn:backfile:{urn:016x}"),
        });
        let head = Head {
            title: around.title,
            ..Head::default()
        };
        out.file("feed.xml", &self.render("feed.xml", "feed.xml", head, own)?)
    }

    fn write_rest(&self, out: &mut Out<'_>) -> Result<(), Error> {
        let base_url = self.around.base_url;
        // A host shows this page at any address, so its links cannot be relative.
        let root = feeds::path(base_url);
        let lost = Page {
            root: &root,
            canonical: String::new(),
            title: self.around.strings.not_found,
            description: "",
            previous: None,
            next: None,
            own: (),
        };
        out.file("404.html", &self.templates.render("404.html", lost)?)?;
        out.file("robots.txt", &feeds::robots(base_url))?;
        if base_url.is_empty() {
            return Ok(());
        }
        let mut names = std::mem::take(&mut out.names);
        names.sort();
        for (name, text) in feeds::sitemaps(base_url, &names, feeds::PER_SITEMAP) {
            out.file(&name, &text)?;
        }
        out.names = names;
        Ok(())
    }
}

/// Entries of an issue's page, as the start page leads to them.
fn from_start(groups: &[Group]) -> Vec<Group> {
    let mut groups = groups.to_vec();
    for entry in groups.iter_mut().flat_map(|group| &mut group.entries) {
        entry.html.clear();
        if let Some(rest) = entry.href.strip_prefix("../") {
            entry.href = rest.to_owned();
        }
    }
    groups
}

/// A date as feeds have it. Papers have days, feeds have seconds.
fn timestamp(date: &str) -> String {
    let first = match date.len() {
        4 => "-01-01",
        7 => "-01",
        _ => "",
    };
    format!("{date}{first}T00:00:00Z")
}
