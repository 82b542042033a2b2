//! An article as its page shows it.

use backfile_core::link::{Articles, slug};
use serde::Serialize;
use serde_json::json;

use super::census::{Card, Census, Issue, Kind, own_values};
use super::paragraphs::Text;
use super::strings::{Citation, Strings};
use super::{PageRecord, address, fields};
use crate::document::{Document, field};
use crate::press::BlockKind;

/// Articles on the same subject that are listed.
const RELATED: usize = 6;
/// Characters of the sentence that stands for an article in lists.
const LEAD: usize = 90;

/// Somewhere to go.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Link {
    pub(super) href: String,
    pub(super) text: String,
}

/// An article in a list.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Entry {
    /// Empty if it cannot be read anywhere.
    pub(super) href: String,
    pub(super) title: String,
    pub(super) date: Option<String>,
    pub(super) page: String,
    pub(super) shoulder: String,
    pub(super) sub: String,
    pub(super) byline: String,
    pub(super) lead: String,
    /// The whole article, if this is where it is read.
    pub(super) html: String,
}

/// Everything that `article-body.html` shows.
#[derive(Debug, Serialize)]
pub(super) struct ArticleView {
    pub(super) anchor: String,
    pub(super) href: String,
    /// Its own language, if that is not the archive's.
    pub(super) language: &'static str,
    pub(super) headline: String,
    pub(super) shoulder: String,
    pub(super) sub: String,
    pub(super) byline: String,
    pub(super) date: Option<String>,
    pub(super) issue: Link,
    pub(super) publication: String,
    pub(super) edition: String,
    pub(super) page: String,
    pub(super) kind: String,
    pub(super) column: Option<Link>,
    pub(super) paragraphs: Vec<String>,
    pub(super) captions: Vec<String>,
    pub(super) people: Vec<Role>,
    /// Each as its levels.
    pub(super) places: Vec<Vec<Link>>,
    pub(super) subjects: Vec<Vec<Link>>,
    pub(super) source: Option<Link>,
    pub(super) original: Option<Original>,
    pub(super) reprint_of: Option<Entry>,
    pub(super) reprints: Vec<Entry>,
    pub(super) related: Vec<Entry>,
    pub(super) previous: Option<Link>,
    pub(super) next: Option<Link>,
    pub(super) citation: String,
    pub(super) lead: String,
}

/// People who did the same.
#[derive(Debug, Serialize)]
pub(super) struct Role {
    role: &'static str,
    names: Vec<Link>,
}

/// The text as printed.
#[derive(Debug, Serialize)]
pub(super) struct Original {
    /// The whole page; empty if there is none.
    pub(super) href: String,
    pub(super) blocks: Vec<OriginalBlock>,
}

/// A part of the page that belongs to the article.
#[derive(Debug, Serialize)]
pub(super) struct OriginalBlock {
    pub(super) kind: BlockKind,
    pub(super) text: String,
}

/// What an article is shown beside.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'a> {
    pub(super) census: &'a Census,
    pub(super) strings: &'static Strings,
    pub(super) articles: Articles,
    /// The archive's name.
    pub(super) title: &'a str,
    pub(super) base_url: &'a str,
    /// Which values have pages.
    pub(super) paged: &'a [bool],
}

impl<'a> Surroundings<'a> {
    pub(super) fn card(&self, number: u32) -> (&'a Card, &'a Issue) {
        let card = &self.census.cards[number as usize];
        (card, &self.census.issues[card.issue as usize])
    }

    /// The page of a document, relative to the site.
    pub(super) fn address(&self, number: u32) -> String {
        let (card, issue) = self.card(number);
        address::article(card, issue, self.articles)
    }

    /// A document in a list.
    pub(super) fn entry(&self, number: u32, root: &str) -> Entry {
        let (card, issue) = self.card(number);
        let page = &self.census.pages[card.page as usize].page;
        Entry {
            href: self.href(root, number),
            title: self.titled(&card.title),
            date: issue.date.clone(),
            page: if page.is_empty() {
                String::new()
            } else {
                self.strings.page(page)
            },
            ..Entry::default()
        }
    }

    fn href(&self, root: &str, number: u32) -> String {
        let address = self.address(number);
        if address.is_empty() {
            address
        } else {
            address::from(root, &address)
        }
    }

    fn titled(&self, title: &str) -> String {
        let title = if title.is_empty() {
            self.strings.untitled
        } else {
            title
        };
        title.to_owned()
    }

    /// What an issue is called.
    pub(super) fn issue_label(&self, issue: &Issue) -> String {
        match (&issue.date, issue.name.strip_prefix("undated-")) {
            (Some(date), _) => self.strings.full_date(date),
            (None, Some(part)) => format!("{} {part}", self.strings.undated),
            (None, None) => self.strings.undated.to_owned(),
        }
    }

    /// The page of a value, or a search for it.
    pub(super) fn value_link(&self, root: &str, number: u32, text: &str) -> Link {
        let value = &self.census.values[number as usize];
        let href = if self.paged[number as usize] {
            address::value(value.kind, &value.value)
        } else {
            let last = value.value.rsplit(field::LEVEL).next().unwrap_or_default();
            format!("index.html?q={}", percent(last))
        };
        Link {
            href: format!("{root}{href}"),
            text: text.to_owned(),
        }
    }

    fn links(&self, document: &Document, kind: Kind, root: &str) -> Vec<Vec<Link>> {
        let mut values = own_values(document, kind);
        let all = values.clone();
        values.retain(|value| !all.iter().any(|other| is_above(value, other)));
        values
            .iter()
            .map(|value| self.levels(kind, value, root))
            .collect()
    }

    /// A value level by level.
    fn levels(&self, kind: Kind, value: &str, root: &str) -> Vec<Link> {
        let ends = value.match_indices(field::LEVEL).map(|(at, _)| at);
        let ends = ends.chain([value.len()]);
        let links = ends.filter_map(|end| {
            let above = &value[..end];
            let name = above.rsplit(field::LEVEL).next().unwrap_or(above);
            let number = self.census.number_of(kind, above)?;
            Some(self.value_link(root, number, name))
        });
        links.collect()
    }

    fn people(&self, document: &Document, root: &str) -> Vec<Role> {
        let strings = self.strings;
        let roles = [
            (strings.reporter, field::REPORTER),
            (strings.correspondent, field::CORRESPONDENT),
            (strings.photographer, field::PHOTOGRAPHER),
            (strings.author, field::AUTHOR),
        ];
        let role = |(role, name)| {
            let texts = fields::texts(document, name);
            let values = texts.iter().filter_map(|text| super::census::normal(text));
            let names = values.filter_map(|value| {
                let number = self.census.number_of(Kind::People, &value)?;
                Some(self.value_link(root, number, &value))
            });
            Role {
                role,
                names: names.collect(),
            }
        };
        let roles = roles.into_iter().map(role);
        roles.filter(|role| !role.names.is_empty()).collect()
    }

    /// The articles before and after one in its issue.
    fn neighbours(&self, number: u32, root: &str) -> (Option<Link>, Option<Link>) {
        let (card, issue) = self.card(number);
        let at = card.order as usize;
        let link = |at: usize| {
            let number = *issue.documents.get(at)?;
            let entry = self.entry(number, root);
            (!entry.href.is_empty()).then_some(Link {
                href: entry.href,
                text: entry.title,
            })
        };
        (at.checked_sub(1).and_then(link), link(at + 1))
    }

    /// Documents that share the rarest subjects.
    fn related(&self, number: u32) -> Vec<u32> {
        let census = self.census;
        let own = &census.cards[number as usize].values;
        let mut subjects: Vec<u32> = own
            .iter()
            .copied()
            .filter(|value| self.is_subject(*value, own))
            .collect();
        subjects.sort_by_key(|value| (census.values[*value as usize].documents.len(), *value));
        let mut related = Vec::new();
        for subject in subjects {
            let documents = &census.values[subject as usize].documents;
            for other in self.others(number, documents) {
                if related.len() == RELATED {
                    return related;
                }
                if !related.contains(&other) && !self.is_repeat(number, other) {
                    related.push(other);
                }
            }
        }
        related
    }

    /// True for a subject that is the lowest of its levels here.
    fn is_subject(&self, number: u32, own: &[u32]) -> bool {
        let value = |number: u32| &self.census.values[number as usize];
        let this = value(number);
        let is_above = |other: &u32| is_above(&this.value, &value(*other).value);
        this.kind == Kind::Subjects && !own.iter().any(is_above)
    }

    fn is_repeat(&self, a: u32, b: u32) -> bool {
        let first = |number: u32| *self.census.reprint_of.get(&number).unwrap_or(&number);
        first(a) == first(b)
    }

    /// Others of a list: the first of a later issue, those before, and if these are too few, those behind; at most a few
    /// more than are shown. So an issue that comes last changes one earlier issue for each subject, or more where few
    /// articles are on it.
    fn others(&self, number: u32, documents: &[u32]) -> Vec<u32> {
        let date = |number: &u32| self.card(*number).1.date.as_deref();
        let own_date = date(&number);
        let later = documents.partition_point(|other| date(other) <= own_date);
        let at = documents.partition_point(|other| *other < number);
        let (before, after) = documents.split_at(at);
        let next = documents.get(later).into_iter();
        let others = next.chain(before.iter().rev()).chain(after);
        let others = others.copied().filter(|other| *other != number);
        others.take(3 * RELATED).collect()
    }
}

/// True if a value is a level above another.
fn is_above(value: &str, other: &str) -> bool {
    let rest = other.strip_prefix(value);
    rest.is_some_and(|rest| rest.starts_with(field::LEVEL))
}

/// As part of an address.
fn percent(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            out.push(byte as char);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

impl ArticleView {
    /// A document, as shown on a page that lies so far from the site.
    pub(super) fn new(
        document: &Document,
        number: u32,
        root: &str,
        around: Surroundings<'_>,
        original: Option<Original>,
    ) -> Self {
        let (_, issue) = around.card(number);
        let text = Text::of(document);
        let field = |name| fields::text(document, name).unwrap_or_default();
        let page = field(field::PAGE);
        let headline = around.titled(&text.title(document));
        let (previous, next) = around.neighbours(number, root);
        let entries = |numbers: &[u32]| {
            numbers
                .iter()
                .map(|number| around.entry(*number, root))
                .collect()
        };
        let publication = fields::text(document, field::PUBLICATION);
        let census = around.census;
        let mut view = Self {
            anchor: slug(&document.id),
            language: language(&document.body, around.strings),
            href: around.address(number),
            lead: text.lead(LEAD),
            shoulder: unless_in(field(field::SHOULDER), &headline),
            sub: unless_in(field(field::SUB), &headline),
            byline: field(field::BYLINE),
            date: document.date.clone(),
            issue: Link {
                href: format!("{root}{}", address::issue(&issue.name)),
                text: around.issue_label(issue),
            },
            publication: publication.unwrap_or_else(|| around.title.to_owned()),
            edition: field(field::EDITION),
            page: if page.is_empty() {
                page
            } else {
                around.strings.page(&page)
            },
            kind: field(field::KIND),
            column: around
                .links(document, Kind::Columns, root)
                .concat()
                .into_iter()
                .next(),
            paragraphs: text.paragraphs,
            captions: text.captions,
            people: around.people(document, root),
            places: around.links(document, Kind::Places, root),
            subjects: around.links(document, Kind::Subjects, root),
            source: source(document),
            original,
            reprint_of: census
                .reprint_of
                .get(&number)
                .map(|first| around.entry(*first, root)),
            reprints: census
                .reprints
                .get(&number)
                .map_or_else(Vec::new, |later| entries(later)),
            related: entries(&around.related(number)),
            previous,
            next,
            citation: String::new(),
            headline,
        };
        view.citation = view.cite(document, around);
        view
    }

    fn cite(&self, document: &Document, around: Surroundings<'_>) -> String {
        let page = fields::text(document, field::PAGE);
        let address =
            (!around.base_url.is_empty()).then(|| format!("{}{}", around.base_url, self.href));
        let byline = self.byline.trim_start_matches(['□', '■', '◎', '●', ' ']);
        let byline = byline.strip_prefix("By ").unwrap_or(byline);
        around.strings.citation(&Citation {
            byline: (!byline.is_empty()).then_some(byline),
            title: &self.headline,
            publication: (self.publication != around.strings.untitled_archive)
                .then_some(&self.publication),
            date: self.date.as_deref(),
            page: page.as_deref(),
            address: address.as_deref(),
        })
    }

    /// How the article stands in a list.
    pub(super) fn entry(&self, root: &str) -> Entry {
        Entry {
            href: address::from(root, &self.href),
            title: self.headline.clone(),
            date: self.date.clone(),
            page: self.page.clone(),
            shoulder: self.shoulder.clone(),
            sub: self.sub.clone(),
            byline: self.byline.clone(),
            lead: self.lead.clone(),
            html: String::new(),
        }
    }

    /// What it is to machines (schema.org).
    pub(super) fn data(&self, language: &str, base_url: &str) -> serde_json::Value {
        let texts = |links: &[Vec<Link>]| -> Vec<String> {
            links
                .iter()
                .filter_map(|levels| Some(levels.last()?.text.clone()))
                .collect()
        };
        let names = self.people.iter().flat_map(|role| &role.names);
        let people: Vec<_> = names
            .map(|name| json!({ "@type": "Person", "name": name.text }))
            .collect();
        let mut data = json!({
            "@type": "NewsArticle",
            "headline": self.headline,
            "isPartOf": { "@type": "Periodical", "name": self.publication },
        });
        let mut put = |name: &str, value: serde_json::Value| {
            let is_empty = value.as_str().is_some_and(str::is_empty)
                || value.as_array().is_some_and(Vec::is_empty)
                || value.is_null();
            if !is_empty {
                data[name] = value;
            }
        };
        put("datePublished", json!(self.date));
        put("pagination", json!(self.page));
        put("inLanguage", json!(language));
        put("description", json!(self.lead));
        put("author", json!(people));
        put(
            "articleSection",
            json!(self.column.as_ref().map(|column| &column.text)),
        );
        put("keywords", json!(texts(&self.subjects)));
        put(
            "contentLocation",
            texts(&self.places)
                .into_iter()
                .map(|name| json!({ "@type": "Place", "name": name }))
                .collect(),
        );
        if !base_url.is_empty() {
            put("url", json!(format!("{base_url}{}", self.href)));
        }
        data
    }
}

/// JSON inside of HTML: nothing in it ends the script, whatever it says.
pub(super) fn embedded(data: &serde_json::Value) -> String {
    data.to_string().replace('<', "\\u003c")
}

/// English, for text in Latin letters in a Chinese archive: it is set in another face and without indents.
fn language(text: &str, strings: &Strings) -> &'static str {
    const LOOKED_AT: usize = 400;
    let letters = text.chars().filter(|c| c.is_alphabetic());
    let (latin, all) = letters.take(LOOKED_AT).fold((0, 0), |(latin, all), c| {
        (latin + usize::from(c.is_ascii()), all + 1)
    });
    if strings.is_chinese() && all > 0 && latin * 10 > all * 9 {
        "en"
    } else {
        ""
    }
}

/// A line that the headline has already says nothing.
fn unless_in(line: String, headline: &str) -> String {
    if headline.contains(line.as_str()) {
        String::new()
    } else {
        line
    }
}

fn source(document: &Document) -> Option<Link> {
    let text = fields::text(document, field::SOURCE)?;
    let is_address = text.starts_with("http://") || text.starts_with("https://");
    let href = if is_address {
        fields::safe_address(&text).map(str::to_owned)
    } else {
        None
    };
    Some(Link {
        href: href.unwrap_or_default(),
        text,
    })
}

impl Original {
    /// The parts of a printed page that belong to its article of this number, from 1.
    pub(super) fn of(record: &PageRecord, number: usize, href: String) -> Self {
        let own = record
            .cut
            .blocks
            .iter()
            .filter(|block| block.article == Some(number - 1));
        let block = |block: &crate::press::Block| {
            let text = record.text.get(block.range.clone())?;
            Some(OriginalBlock {
                kind: block.kind,
                text: fields::clean(text.trim_matches('\n')),
            })
        };
        Self {
            href,
            blocks: own.filter_map(block).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_cannot_end_its_script() {
        let data = embedded(&json!({ "a": "</script><!--" }));
        assert!(!data.contains('<'), "{data}");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&data).unwrap()["a"],
            "</script><!--"
        );
    }

    #[test]
    fn english_in_a_chinese_paper_is_english() {
        let (zh, en) = (Strings::of("zh"), Strings::of("en"));
        assert_eq!(language("Welcome to Luling, 2024", zh), "en");
        assert_eq!(language("KT-88B 水泵出口", zh), "");
        assert_eq!((language("Welcome", en), language("", zh)), ("", ""));
    }

    #[test]
    fn levels_are_told_from_beginnings_of_words() {
        assert!(is_above("a", "a ▸ b") && !is_above("a", "ab ▸ c") && !is_above("a", "a"));
        assert_eq!(percent("渡 a&"), "%E6%B8%A1%20a%26");
    }
}
