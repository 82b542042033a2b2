//! The site around an archive: every link leads somewhere, everything can be reached, nothing from a document is markup,
//! and what is gone from the archive is gone from the site.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use acceptance::articles::sample_articles;
use acceptance::press::Press;
use backfile::document::{Document, field};
use backfile::press::{Block, BlockKind, CutPage};
use backfile::site::{PageRecord, PageRecords, Settings, SiteSummary};
use backfile_core::link::Articles;
use backfile_core::record::Value;
use scraper::{Html, Selector};

const BASE: &str = "https://example.org/luling/";

/// A press with a site of these settings.
fn press(articles: Articles) -> Press {
    let mut press = Press::new(0);
    press.settings.title = "鹭陵报".into();
    press.settings.articles = articles;
    press
}

fn settings(articles: Articles) -> Settings {
    Settings {
        base_url: BASE.into(),
        articles,
        templates: None,
        ..Settings::default()
    }
}

/// The sample's site.
fn sample(articles: Articles) -> (Press, SiteSummary) {
    let press = press(articles);
    let summary = press.build_site(sample_articles(), &settings(articles), None);
    (press, summary)
}

/// The pages of a site, by their names.
fn pages(press: &Press) -> BTreeMap<String, Html> {
    let files = press.files().into_iter();
    let html = files.filter_map(|(path, bytes)| {
        let name = path.to_str().expect("UTF-8").to_owned();
        let text = String::from_utf8(bytes).ok()?;
        name.ends_with(".html")
            .then(|| (name, Html::parse_document(&text)))
    });
    html.collect()
}

fn select<'h>(page: &'h Html, selector: &str) -> Vec<scraper::ElementRef<'h>> {
    let selector = Selector::parse(selector).expect("a selector");
    page.select(&selector).collect()
}

/// All addresses in a page, but those of other sites.
fn links(page: &Html) -> Vec<String> {
    let elements = select(page, "[href], [src], [action]");
    let value = |element: scraper::ElementRef<'_>| {
        let names = ["href", "src", "action"];
        names
            .iter()
            .find_map(|name| element.value().attr(name))
            .map(str::to_owned)
    };
    let links = elements.into_iter().filter_map(value);
    links
        .filter(|link| !link.contains("://") && !link.starts_with("data:"))
        .collect()
}

/// The file and the anchor that a link on a page leads to.
fn resolve(page: &str, link: &str) -> (String, String) {
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let (path, _) = path.split_once('?').unwrap_or((path, ""));
    let mut parts: Vec<&str> = page.split('/').collect();
    if path.is_empty() {
        return (page.to_owned(), anchor.to_owned());
    }
    parts.pop();
    for part in path.split('/') {
        match part {
            ".." => assert!(
                parts.pop().is_some(),
                "{page}: {link} leads out of the site"
            ),
            part => parts.push(part),
        }
    }
    (parts.join("/"), anchor.to_owned())
}

fn has_anchor(page: &Html, anchor: &str) -> bool {
    anchor.is_empty()
        || select(page, "[id]")
            .iter()
            .any(|element| element.value().attr("id") == Some(anchor))
}

/// A host shows the page for the lost anywhere, so its links are no relative ones.
const LOST: &str = "404.html";

/// Every link leads to a file of the site, and to an anchor that is there.
fn assert_links_lead_somewhere(press: &Press) {
    let files = press.files();
    let pages = pages(press);
    for (name, page) in pages.iter().filter(|(name, _)| *name != LOST) {
        for link in links(page) {
            let (target, anchor) = resolve(name, &link);
            assert!(
                files.contains_key(Path::new(&target)),
                "{name} leads to {link}"
            );
            let is_there = pages
                .get(&target)
                .is_none_or(|page| has_anchor(page, &anchor));
            assert!(is_there, "{name} leads to {link}");
        }
    }
}

#[test]
fn every_link_leads_to_a_file_and_an_anchor() {
    for articles in [Articles::Files, Articles::Issues] {
        let (press, _) = sample(articles);
        assert!(pages(&press).len() > 20, "{articles:?}");
        assert_links_lead_somewhere(&press);
    }
}

/// Only the 2,000 most frequent have one.
#[test]
fn a_value_without_a_page_leads_to_a_search() {
    let by = |number: usize| Document {
        id: format!("{number:04}"),
        title: format!("第{number}号"),
        metadata: vec![(
            field::AUTHOR.into(),
            Value::Text(format!("作者{number:04}")),
        )],
        body: "正文".into(),
        ..Document::default()
    };
    let press = press(Articles::Files);
    let settings = settings(Articles::Files);
    press.build_site((0..2001).map(by).collect(), &settings, None);
    assert_links_lead_somewhere(&press);
    let all = pages(&press);
    let list = &all["people/index.html"];
    assert_eq!(select(list, ".values a").len(), 2000);
    assert!(select(list, "main").iter().any(|main| {
        let text: String = main.text().collect();
        text.contains("另有较少见的，可以检索")
    }));
    let to_search = |page: &Html| {
        let links = links(page).into_iter();
        let mut searches = links.filter(|link| link.starts_with("../index.html?q="));
        searches.next()
    };
    let searches: Vec<String> = all.values().filter_map(to_search).collect();
    assert_eq!(searches, ["../index.html?q=%E4%BD%9C%E8%80%852000"]);
}

#[test]
fn an_archive_in_traditional_chinese_has_traditional_labels() {
    for (language, label) in [
        ("zh-TW", "各期報紙"),
        ("zh-CN", "各期报纸"),
        ("ja", "Issues"),
    ] {
        let mut press = press(Articles::Files);
        press.settings.language = language.into();
        press.build_site(sample_articles(), &settings(Articles::Files), None);
        let start = &pages(&press)["calendar/index.html"];
        let nav: String = select(start, ".nav")[0].text().collect();
        assert!(nav.contains(label), "{language}: {nav}");
        assert_eq!(
            select(start, "html")[0].value().attr("lang"),
            Some(language)
        );
    }
}

/// So that no page has another red than the next one.
#[test]
fn colours_and_faces_stand_in_one_sheet() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |name: &str| std::fs::read_to_string(root.join(name)).expect(name);
    let first = read("www/src/page/style.css");
    let second = read("crates/builder/templates/site.css");
    let mut used = 0;
    for name in second.split("var(").skip(1) {
        let (name, _) = name.split_once(')').expect("a whole function");
        assert!(first.contains(&format!("  {name}: ")), "{name}");
        assert!(!second.contains(&format!("{name}:")), "{name} twice");
        used += 1;
    }
    assert!(used > 20);
}

#[test]
fn every_document_is_reached_from_the_start() {
    for articles in [Articles::Files, Articles::Issues] {
        let (press, summary) = sample(articles);
        let documents = sample_articles();
        assert_eq!(summary.articles, documents.len() as u64);
        let pages = pages(&press);
        let mut reached = BTreeSet::from(["index.html".to_owned()]);
        let mut open = vec!["index.html".to_owned()];
        while let Some(name) = open.pop() {
            for link in pages.get(&name).map(links).unwrap_or_default() {
                let (target, _) = resolve(&name, &link);
                if reached.insert(target.clone()) {
                    open.push(target);
                }
            }
        }
        for document in &documents {
            let address = articles.address(&document.id, document.date.as_deref());
            let (file, anchor) = address.split_once('#').unwrap_or((&address, ""));
            assert!(reached.contains(file), "{address}");
            assert!(has_anchor(&pages[file], anchor), "{address}");
        }
        let lonely: Vec<_> = pages
            .keys()
            .filter(|name| !reached.contains(*name) && *name != LOST)
            .collect();
        assert_eq!(lonely, Vec::<&String>::new());
    }
}

#[test]
fn an_article_has_all_of_its_text() {
    let (press, _) = sample(Articles::Files);
    let pages = pages(&press);
    let solid = |text: &str| {
        text.chars()
            .filter(|c| !c.is_whitespace())
            .collect::<String>()
    };
    for document in sample_articles() {
        let page = &pages[&Articles::Files.address(&document.id, None)];
        let text: String = select(page, ".text [data-text]")
            .iter()
            .flat_map(scraper::ElementRef::text)
            .collect();
        assert_eq!(solid(&text), solid(&document.body), "{}", document.id);
        let heading: String = select(page, "h1")
            .iter()
            .flat_map(scraper::ElementRef::text)
            .collect();
        assert!(
            document.title.is_empty() || heading == document.title,
            "{}",
            document.id
        );
    }
}

#[test]
fn the_same_archive_gives_the_same_site() {
    let (first, _) = sample(Articles::Files);
    let press = press(Articles::Files);
    let (early, late): (Vec<_>, Vec<_>) = sample_articles()
        .into_iter()
        .partition(|document| document.date.as_deref() < Some("2022"));
    press.build_site(early, &settings(Articles::Files), None);
    let mut press = press;
    press.options.add = true;
    press.build_site(late, &settings(Articles::Files), None);
    let site = |press: &Press| -> BTreeMap<_, _> {
        let files = press.files().into_iter();
        files
            .filter(|(path, _)| !path.starts_with("backfile"))
            .collect()
    };
    let (first, second) = (site(&first), site(&press));
    assert_eq!(
        first.keys().collect::<Vec<_>>(),
        second.keys().collect::<Vec<_>>()
    );
    for (name, bytes) in &first {
        assert!(second[name] == *bytes, "{} differs", name.display());
    }
    let again = press.build_site(Vec::new(), &settings(Articles::Files), None);
    assert_eq!(again.articles, sample_articles().len() as u64);
}

/// Ten short articles of a day, all in one column and on one subject, half of them about each of two towns.
fn column_of(day: u32) -> Vec<Document> {
    let date = format!("2024-{:02}-{:02}", 1 + day / 28, 1 + day % 28);
    let text = |text: &str| Value::Text(text.into());
    let article = |number: u32| Document {
        id: format!("{date}-{number}"),
        title: format!("第{day}天第{number}篇"),
        date: Some(date.clone()),
        metadata: vec![
            (field::COLUMN.into(), text("要闻")),
            (field::SUBJECT.into(), text("交通 ▸ 桥梁")),
            (
                field::PLACE.into(),
                text(["石斛镇", "苇渡镇"][number as usize % 2]),
            ),
        ],
        body: "正文".into(),
        ..Document::default()
    };
    (0..10).map(article).collect()
}

/// The articles of a list, page after page, and how many there are on each.
fn listed(press: &Press, first: &str) -> (Vec<String>, Vec<usize>) {
    let pages = pages(press);
    let (mut name, mut articles, mut lengths) = (first.to_owned(), Vec::new(), Vec::new());
    loop {
        let page = &pages[&name];
        let entries = select(page, ".entries a.headline");
        lengths.push(entries.len());
        articles.extend(entries.iter().map(|entry| entry.text().collect::<String>()));
        let Some(next) = select(page, "a[rel=next]").pop() else {
            return (articles, lengths);
        };
        name = resolve(&name, next.value().attr("href").expect("a way")).0;
    }
}

#[test]
fn an_issue_changes_few_pages_of_long_lists() {
    let settings = settings(Articles::Issues);
    for missing in [119, 60, 0] {
        let issues = |press: &Press, days: &[u32]| {
            press.build_site(
                days.iter().copied().flat_map(column_of).collect(),
                &settings,
                None,
            );
        };
        let (grown, all): (_, Vec<u32>) = (press(Articles::Issues), (0..120).collect());
        let most: Vec<u32> = all.iter().copied().filter(|day| *day != missing).collect();
        issues(&grown, &most);
        let before = grown.files();
        issues(&grown, &all);
        let after = grown.files();
        let changed = after
            .iter()
            .filter(|(name, bytes)| before.get(*name) != Some(*bytes));
        let changed: Vec<&str> = changed.filter_map(|(name, _)| name.to_str()).collect();
        let in_folder = |folder: &str| {
            changed
                .iter()
                .filter(|name| name.starts_with(folder))
                .count()
        };
        // The issue and those beside it; of each list the pages that it is on, those beside them and the first one; the
        // list of lists.
        assert!(in_folder("issues/") <= 3, "{missing}: {changed:?}");
        assert!(in_folder("columns/") <= 5, "{missing}: {changed:?}");
        assert!(in_folder("subjects/") <= 9, "{missing}: {changed:?}");
        assert!(in_folder("places/") <= 9, "{missing}: {changed:?}");

        assert_links_lead_somewhere(&grown);
        let whole = press(Articles::Issues);
        issues(&whole, &all);
        let site = |files: BTreeMap<PathBuf, Vec<u8>>| -> BTreeMap<_, _> {
            let around = |name: &PathBuf| !name.starts_with("backfile");
            files.into_iter().filter(|(name, _)| around(name)).collect()
        };
        assert!(site(after) == site(whole.files()), "{missing}");
    }
}

#[test]
fn a_later_page_of_a_list_says_what_is_on_it() {
    let dated: Vec<Document> = (0..60).flat_map(column_of).collect();
    let mut undated = dated.clone();
    for document in &mut undated {
        document.date = None;
    }
    let about = |documents: Vec<Document>| -> BTreeSet<String> {
        let press = press(Articles::Issues);
        press.build_site(documents, &settings(Articles::Issues), None);
        let pages = pages(&press).into_iter();
        let later = pages.filter(|(name, _)| name.starts_with("columns/") && name.contains("--"));
        let line = |(_, page): (_, Html)| -> String {
            let line = select(&page, ".about").pop().expect("a line");
            line.text().collect()
        };
        later.map(line).collect()
    };
    let (dated, undated) = (about(dated), about(undated));
    assert!(dated.len() > 1 && undated.len() > 1);
    let is_count = |text: &str| {
        text.strip_suffix(" 篇")
            .is_some_and(|count| count.parse::<u32>().is_ok())
    };
    assert!(undated.iter().all(|line| is_count(line)), "{undated:?}");
    let is_whole = |line: &String| {
        let (period, count) = line.split_once(" · ").expect("two parts");
        let (from, to) = period.split_once('至').expect("from when to when");
        from < to && from.starts_with("2024年") && is_count(count)
    };
    assert!(dated.iter().any(is_whole), "{dated:?}");
}

#[test]
fn an_article_leads_to_the_next_on_its_subject_and_to_those_before() {
    let press = press(Articles::Files);
    let documents: Vec<Document> = (0..4).flat_map(column_of).collect();
    press.build_site(documents.clone(), &settings(Articles::Files), None);
    let pages = pages(&press);
    let related = |at: usize| -> Vec<usize> {
        let page = &pages[&Articles::Files.address(&documents[at].id, None)];
        let titles = select(page, ".related a.headline").into_iter();
        let titles = titles.map(|title| title.text().collect::<String>());
        let number = |title: String| documents.iter().position(|own| own.title == title);
        titles
            .map(|title| number(title).expect("an article"))
            .collect()
    };
    assert_eq!(related(12), [20, 11, 10, 9, 8, 7]);
    assert_eq!(related(39), [38, 37, 36, 35, 34, 33]);
    assert_eq!(related(1), [10, 0, 2, 3, 4, 5]);
}

#[test]
fn a_long_list_has_every_article_once_the_latest_first() {
    let press = press(Articles::Issues);
    let documents: Vec<Document> = (0..120).flat_map(column_of).collect();
    press.build_site(documents.clone(), &settings(Articles::Issues), None);
    let first = pages(&press).into_keys();
    let mut first = first.filter(|name| {
        name.starts_with("columns/") && !name.contains("--") && !name.contains("index")
    });
    let (articles, lengths) = listed(&press, &first.next().expect("a column"));
    let titles: Vec<String> = documents
        .into_iter()
        .rev()
        .map(|document| document.title)
        .collect();
    assert_eq!(articles, titles);
    assert!((6..=14).contains(&lengths.len()), "{lengths:?}");
    assert!(
        lengths.iter().all(|length| (40..440).contains(length)),
        "{lengths:?}"
    );
}

#[test]
fn pages_of_what_is_gone_go_and_other_files_stay() {
    let (press, _) = sample(Articles::Files);
    let site = press.archive().parent().expect("the site").to_owned();
    std::fs::write(site.join("CNAME"), "example.org").expect("a file");
    std::fs::write(site.join("articles/mine.html"), "mine").expect("a file");
    let mut documents = sample_articles();
    let gone = documents.remove(0);
    let theirs = documents
        .iter()
        .position(|document| document.id == "2024-06-28/01-1")
        .expect("it is there");
    let page = |document: &Document| site.join(Articles::Files.address(&document.id, None));
    assert!(page(&gone).exists());
    std::fs::remove_file(page(&documents[theirs])).expect("a page");
    press.build_site(documents.clone(), &settings(Articles::Files), None);
    assert!(!page(&gone).exists() && page(&documents[theirs]).exists());
    assert_eq!(
        std::fs::read(site.join("articles/mine.html")).expect("mine"),
        b"mine"
    );
    assert!(site.join("CNAME").exists());

    documents.retain(|document| document.date.as_deref() == Some("2024-06-28"));
    press.build_site(documents, &settings(Articles::Issues), None);
    assert!(
        !site.join("issues/2019-10-18.html").exists() && !site.join("calendar/2019.html").exists()
    );
    assert!(site.join("articles/mine.html").exists() && !site.join("articles/2024-06-28").exists());
}

/// Text that would like to be more than text, in every field.
fn hostile() -> Document {
    let evil = "</script></title><script>alert(1)</script><img src=x onerror=alert(1)>\"'`&lt;\u{0}\u{1b}\u{fffe}{{ 7 * 7 }}{% if %}";
    let text = |text: &str| Value::Text(text.into());
    let names = [
        field::AUTHOR,
        field::BYLINE,
        field::EDITION,
        field::KIND,
        field::PAGE,
        field::PLACE,
        field::PUBLICATION,
        field::COLUMN,
        field::SHOULDER,
        field::SOURCE,
        field::SUB,
        field::SUBJECT,
        field::CAPTIONS,
    ];
    let mut metadata: Vec<(String, Value)> = names
        .iter()
        .map(|name| ((*name).to_owned(), text(&format!("{name} {evil}"))))
        .collect();
    metadata.sort_by(|a, b| a.0.cmp(&b.0));
    Document {
        id: format!("../{evil}"),
        title: evil.into(),
        date: Some("2024-01-12".into()),
        metadata,
        body: format!("{evil}\njavascript:alert(1)"),
        ..Document::default()
    }
}

#[test]
fn text_of_documents_is_never_markup() {
    for articles in [Articles::Files, Articles::Issues] {
        let press = press(articles);
        let outside = Document {
            id: "outside".into(),
            url: "javascript:alert(1)".into(),
            ..hostile()
        };
        press.build_site(vec![hostile(), outside], &settings(articles), None);
        for (name, page) in pages(&press) {
            let scripts = select(&page, "script:not([type='application/ld+json']):not([src])");
            assert!(scripts.is_empty(), "{name}");
            for script in select(&page, "script[src]") {
                assert!(
                    script
                        .value()
                        .attr("src")
                        .expect("it has one")
                        .contains("assets/"),
                    "{name}"
                );
            }
            assert!(
                select(&page, "img, [onerror], style, [style]").is_empty(),
                "{name}"
            );
            for link in select(&page, "[href]") {
                let href = link.value().attr("href").expect("it has one");
                assert!(
                    !href.trim().to_ascii_lowercase().starts_with("javascript"),
                    "{name}: {href}"
                );
            }
            for data in select(&page, "script[type='application/ld+json']") {
                let text: String = data.text().collect();
                let data: serde_json::Value = serde_json::from_str(&text).expect("JSON");
                assert_eq!(data["@context"], "https://schema.org", "{name}");
            }
            assert!(!page.html().contains(">49"), "{name}");
        }
        for (path, bytes) in press.files() {
            if path.extension().is_some_and(|kind| kind == "xml") {
                let text = String::from_utf8(bytes).expect("UTF-8");
                roxmltree::Document::parse(&text)
                    .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            }
        }
    }
}

#[test]
fn the_sitemap_has_every_page_and_the_feed_the_latest_issue() {
    let (press, summary) = sample(Articles::Files);
    let files = press.files();
    let text = |name: &str| String::from_utf8(files[Path::new(name)].clone()).expect("UTF-8");
    let sitemap = text("sitemap.xml");
    let sitemap = roxmltree::Document::parse(&sitemap).expect("XML");
    let tagged = |name: &'static str| {
        let nodes = sitemap.descendants().filter(move |node| {
            node.has_tag_name(("http://www.sitemaps.org/schemas/sitemap/0.9", name))
        });
        nodes.filter_map(|node| node.text())
    };
    let addresses: BTreeSet<&str> = tagged("loc").collect();
    assert_eq!(
        addresses.len() as u64,
        summary.in_sitemap.expect("a sitemap")
    );
    for name in pages(&press).keys().filter(|name| *name != LOST) {
        let name = if name == "index.html" { "" } else { name };
        assert!(
            addresses.contains(format!("{BASE}{name}").as_str()),
            "{name}"
        );
    }
    let feed = text("feed.xml");
    let feed = roxmltree::Document::parse(&feed).expect("XML");
    let entries = feed
        .descendants()
        .filter(|node| node.has_tag_name(("http://www.w3.org/2005/Atom", "entry")));
    let latest = sample_articles()
        .iter()
        .filter(|document| document.date.as_deref() == Some("2024-06-28"))
        .count();
    assert_eq!(entries.count(), latest);
    assert!(text("robots.txt").contains("Sitemap: https://example.org/luling/sitemap.xml"));

    let nowhere = Settings {
        base_url: String::new(),
        ..settings(Articles::Files)
    };
    let summary = press.build_site(sample_articles(), &nowhere, None);
    assert_eq!(summary.in_sitemap, None);
    assert!(!press.files().contains_key(Path::new("sitemap.xml")));
    assert!(
        !pages(&press)
            .values()
            .any(|page| !select(page, "link[rel=canonical]").is_empty())
    );
}

/// One printed page in memory.
struct OnePage(PageRecord);

impl PageRecords for OnePage {
    fn page(&self, id: &str) -> Result<Option<PageRecord>, backfile::error::Error> {
        Ok((self.0.id == id).then(|| self.0.clone()))
    }
}

#[test]
fn a_printed_page_leads_to_its_articles_and_they_to_it() {
    let text = "今日头条\n大桥合龙<b>\n正文一行。";
    let block = |range, kind, article| Block {
        range,
        kind,
        article,
        confidence: 90,
        why: "大字".into(),
    };
    let end = "今日头条\n大桥合龙<b>".len();
    let blocks = vec![
        block(0..12, BlockKind::Furniture, None),
        block(13..end, BlockKind::Headline, Some(0)),
        block(end + 1..text.len(), BlockKind::Body, Some(0)),
    ];
    let record = PageRecord {
        id: "2019-10-18/01".into(),
        text: text.into(),
        cut: CutPage {
            blocks,
            ..CutPage::default()
        },
    };
    let press = press(Articles::Files);
    let settings = settings(Articles::Files);
    press.build_site(sample_articles(), &settings, Some(&OnePage(record)));
    let all = pages(&press);
    let page = &all["pages/2019-10-18/01.html"];
    let hrefs: Vec<_> = select(page, ".block.headline a")
        .iter()
        .filter_map(|link| link.value().attr("href"))
        .collect();
    assert_eq!(hrefs, ["../../articles/2019-10-18/01-1.html"]);
    assert_eq!(select(page, ".block").len(), 3);
    let article = &all["articles/2019-10-18/01-1.html"];
    assert_eq!(select(article, ".original .block").len(), 2);
    assert!(links(article).contains(&"../../pages/2019-10-18/01.html".to_owned()));

    // A build that has not read the page keeps it; one that has no article of it any more does not.
    press.build_site(sample_articles(), &settings, None);
    let article = &pages(&press)["articles/2019-10-18/01-1.html"];
    assert!(links(article).contains(&"../../pages/2019-10-18/01.html".to_owned()));
    let others = sample_articles()
        .into_iter()
        .filter(|document| !document.id.starts_with("2019-10-18/01-"));
    press.build_site(others.collect(), &settings, None);
    assert!(
        !press
            .files()
            .contains_key(Path::new("pages/2019-10-18/01.html"))
    );
}

#[test]
fn reprints_lead_to_each_other_and_the_undated_have_a_place() {
    let mut documents = sample_articles();
    documents.truncate(3);
    let first = documents[0].id.clone();
    documents[1]
        .metadata
        .push((field::REPRINT_OF.into(), Value::Text(first)));
    documents[1].metadata.sort_by(|a, b| a.0.cmp(&b.0));
    documents[2].date = None;
    let press = press(Articles::Files);
    press.build_site(documents.clone(), &settings(Articles::Files), None);
    let all = pages(&press);
    let page = |at: usize| &all[&Articles::Files.address(&documents[at].id, None)];
    let to = |at: usize| format!("../../{}", Articles::Files.address(&documents[at].id, None));
    let aside = |at: usize| -> Vec<String> {
        let found = select(page(at), "aside section a");
        found
            .iter()
            .filter_map(|link| link.value().attr("href").map(str::to_owned))
            .collect()
    };
    assert!(aside(0).contains(&to(1)) && aside(1).contains(&to(0)));
    assert!(links(&all["index.html"]).contains(&"issues/undated.html".to_owned()));
    assert!(
        links(&all["issues/undated.html"])
            .iter()
            .any(|link| link.ends_with("01-3.html"))
    );
    assert!(
        links(&all["calendar/index.html"])
            .iter()
            .any(|link| link.ends_with("issues/undated.html"))
    );
}

#[test]
fn a_search_page_alone_is_a_site_too() {
    let (press, summary) = sample(Articles::None);
    assert_eq!((summary.issues, summary.layout), (0, "none"));
    let names: Vec<String> = pages(&press).into_keys().collect();
    assert_eq!(names, ["404.html", "index.html"]);
}

#[test]
fn a_template_that_does_not_work_is_named_and_leaves_the_site() {
    let workshop = acceptance::command::Workshop::new();
    workshop.file(
        "d.jsonl",
        "{\"id\":\"a\",\"title\":\"t\",\"date\":\"2024-01-12\",\"body\":\"正文\"}\n",
    );
    workshop.done("build d.jsonl --out site");
    workshop.file("mine/issue.html", "one\n{{ broken");
    let said = workshop.fails("build d.jsonl --out site --templates mine");
    assert!(
        said.contains("mine/issue.html:2: the template does not work"),
        "{said}"
    );
    assert_eq!(workshop.json("search site 正文")["total"], 1);
    workshop.file("mine/issue.html", "{{ label }}");
    workshop.done("build d.jsonl --out site --templates mine");
    let page =
        std::fs::read_to_string(workshop.path("site/issues/2024-01-12.html")).expect("the page");
    assert_eq!(page, "2024年1月12日 星期五");
    let said = workshop.fails("build d.jsonl --out site --base-url example.org");
    assert!(
        said.contains("`example.org` cannot be the address of a site"),
        "{said}"
    );
}
