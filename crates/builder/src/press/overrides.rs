//! What an archivist knows better: `overrides.toml`.
//!
//! The report shows how a page was cut. Where that is wrong, a table named by the page's id says
//! how it is:
//!
//! ```toml
//! ["2024-01-12/03"]
//! # A new article begins with each of these words.
//! split = ["市民来电：锚石街道船厂路"]
//! # Two articles are one. Each is named by words of its text or of its headline.
//! join = [["苇渡大桥通车", "五十分，区城管局"]]
//! # This is the headline of that article. It has to stand on the page.
//! headline = [{ article = "尉迟亮的一天", text = "点灯人尉迟亮" }]
//! # The lines with these words belong to the paper and to no article.
//! furniture = ["广告热线"]
//! ```
//!
//! Words are looked for without regard to white space, so they may be copied over a line end. The
//! first place on the page counts; more words name a later one. An override whose words are
//! nowhere on the page is not forgotten: it stands in
//! [`CutPage::unmatched`](super::CutPage::unmatched), and ids that no page has are what
//! [`Overrides::without_page`] returns.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

/// Words that are shorter than this name nothing.
const FEWEST_CHARACTERS: usize = 2;

/// All overrides, by the ids of pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    pages: BTreeMap<String, PageOverrides>,
}

/// The overrides of one page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PageOverrides {
    /// Words with which an article begins.
    pub split: Vec<String>,
    /// Words of two articles that are one.
    pub join: Vec<[String; 2]>,
    /// Headlines.
    pub headline: Vec<HeadlineOverride>,
    /// Words of lines that belong to no article.
    pub furniture: Vec<String>,
}

/// The headline of an article.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadlineOverride {
    /// Words of the article's text.
    pub article: String,
    /// The headline as it stands on the page.
    pub text: String,
}

/// Why overrides cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OverridesError {
    /// The file cannot be read.
    #[error("{}: cannot read", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not what it should be.
    #[error("{}: {what}", path.display())]
    Wrong {
        /// Which.
        path: PathBuf,
        /// Where, what and what to do.
        what: String,
    },
}

impl Overrides {
    /// Reads and checks a file.
    pub fn read(path: &Path) -> Result<Self, OverridesError> {
        let text = std::fs::read_to_string(path).map_err(|source| OverridesError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text).map_err(|what| OverridesError::Wrong {
            path: path.to_owned(),
            what,
        })
    }

    /// Reads and checks a text; what is wrong is said for people.
    pub fn parse(text: &str) -> Result<Self, String> {
        let pages: BTreeMap<String, PageOverrides> =
            toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
        for (id, page) in &pages {
            page.check().map_err(|what| format!("[\"{id}\"]: {what}"))?;
        }
        Ok(Self { pages })
    }

    /// The overrides of a page.
    pub fn page(&self, id: &str) -> Option<&PageOverrides> {
        self.pages.get(id)
    }

    /// Ids in the file that are not among those of the pages, in order.
    pub fn without_page<'t>(&'t self, pages: impl Iterator<Item = &'t str>) -> Vec<&'t str> {
        let pages: BTreeSet<&str> = pages.collect();
        let ids = self.pages.keys().map(String::as_str);
        ids.filter(|id| !pages.contains(id)).collect()
    }
}

impl PageOverrides {
    fn check(&self) -> Result<(), String> {
        let split = self.split.iter().map(|words| ("split", words));
        let furniture = self.furniture.iter().map(|words| ("furniture", words));
        let join = self.join.iter().flatten().map(|words| ("join", words));
        let headline = self.headline.iter().flat_map(|one| {
            [
                ("headline.article", &one.article),
                ("headline.text", &one.text),
            ]
        });
        for (field, words) in split.chain(furniture).chain(join).chain(headline) {
            if visible(words).count() < FEWEST_CHARACTERS {
                return Err(format!(
                    "`{field}` has the words \"{words}\", which name nothing; write at least {FEWEST_CHARACTERS} characters"
                ));
            }
        }
        Ok(())
    }
}

fn visible(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|character| !character.is_whitespace())
}

/// What an override says of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Forced {
    /// An article begins here.
    Begin,
    /// It is a line of the headline of that number.
    Headline(usize),
    Furniture,
}

/// The overrides of a page with their places in its text.
#[derive(Debug, Default)]
pub(super) struct Located {
    /// Bytes and what is said of them, in order, without overlap. Of a beginning only the start counts.
    pub(super) forced: Vec<(std::ops::Range<usize>, Forced)>,
    /// For each headline, where its article's words stand.
    pub(super) headlines: Vec<Option<usize>>,
    /// Where the words of two articles stand.
    pub(super) joins: Vec<(usize, usize)>,
    /// What stands nowhere, for people.
    pub(super) unmatched: Vec<String>,
}

impl Located {
    pub(super) fn new(text: &str, overrides: &PageOverrides) -> Self {
        let page = Folded::new(text);
        let mut located = Self::default();
        for words in &overrides.split {
            located.force(page.find(words), Forced::Begin, "split", words);
        }
        for words in &overrides.furniture {
            located.force(page.find(words), Forced::Furniture, "furniture", words);
        }
        for (number, headline) in overrides.headline.iter().enumerate() {
            let article = page.find(&headline.article);
            located.note(article.is_some(), "headline.article", &headline.article);
            located
                .headlines
                .push(article.clone().map(|range| range.start));
            let found = article.and_then(|_| page.find(&headline.text));
            if located.headlines[number].is_some() {
                located.force(
                    found,
                    Forced::Headline(number),
                    "headline.text",
                    &headline.text,
                );
            }
        }
        for [one, other] in &overrides.join {
            let (here, there) = (page.find(one), page.find(other));
            located.note(here.is_some(), "join", one);
            located.note(there.is_some(), "join", other);
            if let (Some(here), Some(there)) = (here, there) {
                located.joins.push((here.start, there.start));
            }
        }
        located
            .forced
            .sort_by_key(|(range, _)| (range.start, range.end));
        located
            .forced
            .dedup_by(|next, before| next.0.start < before.0.end);
        located
    }

    fn force(
        &mut self,
        range: Option<std::ops::Range<usize>>,
        forced: Forced,
        field: &str,
        words: &str,
    ) {
        self.note(range.is_some(), field, words);
        if let Some(range) = range {
            let range = match forced {
                // Only where it begins: the rest of the line is text like any other.
                Forced::Begin => range.start..range.start + 1,
                _ => range,
            };
            self.forced.push((range, forced));
        }
    }

    fn note(&mut self, is_there: bool, field: &str, words: &str) {
        if !is_there {
            self.unmatched
                .push(format!("{field}: \"{words}\" stands nowhere on the page"));
        }
    }
}

/// The text without white space, and where each of its bytes came from.
struct Folded {
    text: String,
    places: Vec<(usize, usize)>,
}

impl Folded {
    fn new(text: &str) -> Self {
        let mut folded = Self {
            text: String::new(),
            places: Vec::new(),
        };
        for (at, character) in text.char_indices().filter(|(_, c)| !c.is_whitespace()) {
            folded.places.push((folded.text.len(), at));
            folded.text.push(character);
        }
        folded
    }

    fn find(&self, words: &str) -> Option<std::ops::Range<usize>> {
        let words: String = visible(words).collect();
        let start = self.text.find(&words)?;
        let place = |at: usize| {
            self.places
                .binary_search_by_key(&at, |(folded, _)| *folded)
                .ok()
        };
        let first = self.places[place(start)?].1;
        let last = words.chars().next_back()?;
        let end = self.places[place(start + words.len() - last.len_utf8())?].1 + last.len_utf8();
        Some(first..end)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Article, BlockKind, CutPage, PageContext, cut, missing};
    use super::*;

    const PAGE: &str = "\
苇渡大桥主桥合龙

本报讯（记者 甲乙丙）苇渡大桥合龙，两岸的人在桥上握手，都很高兴。

图书馆的新馆开门了，第一天来了
很多读者。

点灯人尉迟亮
";

    fn with(overrides: &str) -> CutPage {
        let overrides = Overrides::parse(overrides).expect("they are right");
        let context = PageContext {
            overrides: overrides.page("p"),
            ..PageContext::default()
        };
        let page = cut(PAGE, &context);
        assert!(missing(PAGE, &page).is_empty());
        page
    }

    fn headlines(page: &CutPage) -> Vec<&str> {
        page.articles
            .iter()
            .map(|article: &Article| article.headline.as_str())
            .collect()
    }

    #[test]
    fn an_article_begins_where_the_archivist_says() {
        assert_eq!(with("").articles.len(), 2);
        let page = with("[p]\nsplit = ['图书馆的新馆']");
        assert_eq!(page.unmatched, [""; 0]);
        let bodies: Vec<_> = page
            .articles
            .iter()
            .map(|article| article.body.as_str())
            .collect();
        assert!(
            bodies.contains(&"图书馆的新馆开门了，第一天来了很多读者。"),
            "{bodies:?}"
        );
        assert!(
            bodies.contains(&"本报讯（记者 甲乙丙）苇渡大桥合龙，两岸的人在桥上握手，都很高兴。"),
            "{bodies:?}"
        );
    }

    #[test]
    fn an_article_may_begin_in_mid_sentence() {
        let page = with("[p]\nsplit = ['两岸的人']");
        assert!(
            page.articles
                .iter()
                .any(|article| article.body.starts_with("两岸的人在桥上")),
            "{page:#?}"
        );
    }

    #[test]
    fn headlines_go_where_the_archivist_says() {
        let page = with(
            "[p]\nsplit = ['图书馆的新馆']\nheadline = [{ article = '很多读者', text = '点灯人尉迟亮' }]",
        );
        let article = page
            .articles
            .iter()
            .find(|article| article.body.starts_with("图书馆"))
            .expect("it is there");
        assert_eq!(article.headline, "点灯人尉迟亮");
        assert_eq!(
            headlines(&page)
                .iter()
                .filter(|headline| **headline == "点灯人尉迟亮")
                .count(),
            1
        );
    }

    #[test]
    fn two_articles_become_one() {
        let page = with(
            "[p]\nsplit = ['图书馆的新馆']\njoin = [['苇渡大桥合龙', '很多\\u8bfb者']]"
                .replace("\\u8bfb", "读")
                .as_str(),
        );
        let bodies: Vec<_> = page
            .articles
            .iter()
            .filter(|article| !article.body.is_empty())
            .collect();
        assert_eq!(bodies.len(), 1, "{page:#?}");
    }

    #[test]
    fn lines_may_be_declared_furniture() {
        let page = with("[p]\nfurniture = ['点灯人']");
        let block = page.blocks.last().expect("a block");
        assert_eq!((block.kind, block.article), (BlockKind::Furniture, None));
    }

    #[test]
    fn what_matches_nothing_is_said() {
        let page = with("[p]\nsplit = ['没有的话']\njoin = [['苇渡', '也没有']]");
        assert_eq!(page.unmatched.len(), 2, "{:?}", page.unmatched);
        assert!(
            page.unmatched[0].contains("没有的话"),
            "{:?}",
            page.unmatched
        );
        let overrides = Overrides::parse("['2024-01-12/03']\n[p]").expect("they are right");
        assert_eq!(overrides.without_page(["p"].into_iter()), ["2024-01-12/03"]);
    }

    #[test]
    fn mistakes_are_named() {
        let wrong = |text: &str| Overrides::parse(text).expect_err("it is wrong");
        assert!(
            wrong("[p]\nspilt = []").contains("spilt"),
            "{}",
            wrong("[p]\nspilt = []")
        );
        assert!(wrong("[p]\nsplit = ['']").contains("split"));
        assert!(wrong("[p").contains('1'));
        let missing =
            Overrides::read(Path::new("/nowhere/overrides.toml")).expect_err("it is not there");
        assert!(missing.to_string().contains("overrides.toml"), "{missing}");
    }
}
