//! What is known of all documents before a page is written: which there are, and what they have in common.
//!
//! Links lead from each article to others that come before and after it, so the site is written in two walks through
//! the archive. The first makes a [`Card`] of each document, a few hundred bytes; the second has the texts. A million
//! documents take some hundred megabytes here, a newspaper of twenty years far less.

use std::collections::{BTreeMap, BTreeSet};

use backfile_core::link::{self, Articles};
use rustc_hash::FxHashMap;

use super::address::page_id;
use super::fields;
use super::paragraphs::Text;
use crate::archive::{Place, Reader};
use crate::document::{Document, field};
use crate::error::Error;
use crate::ordered::in_order;
use crate::progress::Progress;
use crate::room::{Room, Taken, housed};
use crate::rows::Row;

/// Documents that a thread reads at once.
const PER_READ: usize = 128;
/// Undated documents that one page may list.
const MOST_UNDATED: usize = 2000;
/// Longer values are no headings of anything.
const LONGEST_VALUE: usize = 120;

/// What one document is to others.
#[derive(Debug)]
pub(super) struct Card {
    pub(super) place: Place,
    pub(super) id: Box<str>,
    /// As shown, so maybe empty.
    pub(super) title: Box<str>,
    /// Its own address; empty if it has none.
    pub(super) url: Box<str>,
    pub(super) issue: u32,
    /// The place in its issue.
    pub(super) order: u32,
    /// Number of a name in [`Census::pages`].
    pub(super) page: u32,
    /// Numbers of values, rising.
    pub(super) values: Box<[u32]>,
}

/// All documents of a date, or a part of those without one.
#[derive(Debug)]
pub(super) struct Issue {
    /// As addresses have it.
    pub(super) name: String,
    pub(super) date: Option<String>,
    /// In the order in which they are read.
    pub(super) documents: Vec<u32>,
}

/// What documents are grouped by besides their dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    People,
    Places,
    Subjects,
    Columns,
}

impl Kind {
    pub(super) const ALL: [Self; 4] = [Self::Subjects, Self::Places, Self::People, Self::Columns];

    /// The folder of its pages.
    pub(super) fn folder(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Places => "places",
            Self::Subjects => "subjects",
            Self::Columns => "columns",
        }
    }

    /// The metadata that it is made of.
    pub(super) fn fields(self) -> &'static [&'static str] {
        match self {
            Self::People => &[
                field::REPORTER,
                field::CORRESPONDENT,
                field::PHOTOGRAPHER,
                field::AUTHOR,
            ],
            Self::Places => &[field::PLACE],
            Self::Subjects => &[field::SUBJECT],
            Self::Columns => &[field::COLUMN],
        }
    }

    /// True if a value has levels, each of which is a value too.
    fn has_levels(self) -> bool {
        matches!(self, Self::Places | Self::Subjects)
    }
}

/// A person, place, subject or column, and who has it.
#[derive(Debug)]
pub(super) struct FacetValue {
    pub(super) kind: Kind,
    pub(super) value: Box<str>,
    /// In the order of the archive.
    pub(super) documents: Vec<u32>,
}

/// See the module's description.
#[derive(Debug, Default)]
pub(super) struct Census {
    /// In the order of the archive.
    pub(super) cards: Vec<Card>,
    /// By date, the undated last.
    pub(super) issues: Vec<Issue>,
    /// In the order of kind and value.
    pub(super) values: Vec<FacetValue>,
    /// Names of printed pages.
    pub(super) pages: Vec<PageName>,
    /// From a document to the later ones that repeat it.
    pub(super) reprints: BTreeMap<u32, Vec<u32>>,
    /// From a document to the earlier one that it repeats.
    pub(super) reprint_of: BTreeMap<u32, u32>,
    /// What each value is called, to find its number.
    numbers: FxHashMap<(Kind, Box<str>), u32>,
}

/// A printed page, as far as documents say it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct PageName {
    pub(super) publication: String,
    pub(super) edition: String,
    pub(super) page: String,
}

/// What one document tells.
struct Told {
    id: String,
    title: String,
    url: String,
    date: Option<String>,
    page: PageName,
    order: u64,
    values: Vec<(Kind, String)>,
    reprint_of: Option<String>,
}

impl Told {
    fn of(document: &Document) -> Self {
        let page = |name| fields::text(document, name).unwrap_or_default();
        let order = fields::text(document, field::PLACE_ON_PAGE);
        Self {
            title: Text::of(document).title(document),
            url: fields::safe_address(&document.url)
                .unwrap_or_default()
                .to_owned(),
            date: document.date.clone(),
            page: PageName {
                publication: page(field::PUBLICATION),
                edition: page(field::EDITION),
                page: page(field::PAGE),
            },
            order: order
                .and_then(|order| order.parse().ok())
                .unwrap_or(u64::MAX),
            values: values(document),
            reprint_of: fields::text(document, field::REPRINT_OF),
            id: document.id.clone(),
        }
    }
}

/// All values of a document, those above them in a hierarchy included.
fn values(document: &Document) -> Vec<(Kind, String)> {
    let mut all = BTreeSet::new();
    for kind in Kind::ALL {
        for value in own_values(document, kind) {
            let levels = value
                .match_indices(field::LEVEL)
                .map(|(end, _)| &value[..end]);
            if kind.has_levels() {
                all.extend(levels.map(|above| (kind, above.to_owned())));
            }
            all.insert((kind, value));
        }
    }
    all.into_iter().collect()
}

/// What a document says of a kind, in its order.
pub(super) fn own_values(document: &Document, kind: Kind) -> Vec<String> {
    let texts = kind
        .fields()
        .iter()
        .flat_map(|name| fields::texts(document, name));
    texts.filter_map(|text| normal(&text)).collect()
}

/// A value in one line, with levels set apart in one way; `None` if it is too long to be one.
pub(super) fn normal(value: &str) -> Option<String> {
    let levels = value.split(field::LEVEL.trim());
    let levels = levels.map(|level| level.split_whitespace().collect::<Vec<_>>().join(" "));
    let levels: Vec<String> = levels.filter(|level| !level.is_empty()).collect();
    let value = levels.join(field::LEVEL);
    (!value.is_empty() && value.chars().count() <= LONGEST_VALUE).then_some(value)
}

impl Census {
    /// Walks through the archive.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) fn take(
        archive: Reader<'_>,
        articles: Articles,
        room: &Room,
        progress: &dyn Progress,
    ) -> Result<Self, Error> {
        let places = archive.places()?;
        let mut maker = Maker {
            articles,
            ..Maker::default()
        };
        let rows = archive.rows(&places, PER_READ, |place| *place);
        let told_of = |places: &[Place], expected| -> Result<Vec<Told>, Error> {
            let mut told = Vec::new();
            archive.visit(places.iter().copied(), expected, |stored| {
                told.push(Told::of(&stored.document()?));
                Ok(())
            })?;
            Ok(told)
        };
        let work = |row: Result<_, Error>| -> Result<_, Error> {
            let (row, _room): (Row<'_, Place>, Taken<'_>) = row?;
            Ok((row.items, told_of(row.items, row.bytes)?))
        };
        in_order(housed(rows, room), work, |told| {
            let (places, mut told) = told?;
            let larger = &places[told.len()..];
            told.extend(told_of(larger, u64::MAX)?);
            progress.advance(told.len() as u64);
            for (place, told) in places.iter().zip(told) {
                maker.add(*place, told);
            }
            Ok::<(), Error>(())
        })?;
        Ok(maker.finish())
    }

    /// The number of a value.
    pub(super) fn number_of(&self, kind: Kind, value: &str) -> Option<u32> {
        self.numbers.get(&(kind, value.into())).copied()
    }

    /// The issue before this one, and the one after it.
    pub(super) fn around(&self, issue: usize) -> (Option<&Issue>, Option<&Issue>) {
        let before = issue.checked_sub(1).and_then(|at| self.issues.get(at));
        (before, self.issues.get(issue + 1))
    }

    /// The latest issue that has a date.
    pub(super) fn latest(&self) -> Option<usize> {
        self.issues.iter().rposition(|issue| issue.date.is_some())
    }

    /// Years, and the numbers of their issues.
    pub(super) fn years(&self) -> BTreeMap<&str, Vec<usize>> {
        let mut years: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (number, issue) in self.issues.iter().enumerate() {
            let date = issue.date.as_deref();
            if let Some(year) = date.and_then(|date| date.get(..4)) {
                years.entry(year).or_default().push(number);
            }
        }
        years
    }
}

#[derive(Default)]
struct Maker {
    articles: Articles,
    census: Census,
    pages: FxHashMap<PageName, u32>,
    issues: BTreeMap<(bool, String), (Option<String>, Vec<u32>)>,
    /// What each document is sorted by in its issue.
    orders: Vec<u64>,
    /// Who says what it repeats.
    repeats: Vec<(u32, String)>,
}

impl Maker {
    fn add(&mut self, place: Place, told: Told) {
        let number = self.census.cards.len() as u32;
        let name = link::issue(&told.id, told.date.as_deref());
        let is_dated = told.date.is_some();
        let issue = self.issues.entry((!is_dated, name));
        issue
            .or_insert_with(|| (told.date, Vec::new()))
            .1
            .push(number);
        self.orders.push(told.order);
        self.repeats.extend(told.reprint_of.map(|id| (number, id)));
        let page = self.page(told.page);
        let values = told.values.into_iter();
        let values = values
            .map(|(kind, value)| self.value(number, kind, value))
            .collect();
        self.census.cards.push(Card {
            place,
            id: told.id.into(),
            title: told.title.into(),
            url: told.url.into(),
            issue: 0,
            order: 0,
            page,
            values,
        });
    }

    fn page(&mut self, name: PageName) -> u32 {
        if let Some(number) = self.pages.get(&name) {
            return *number;
        }
        let number = self.census.pages.len() as u32;
        self.census.pages.push(name.clone());
        self.pages.insert(name, number);
        number
    }

    fn value(&mut self, document: u32, kind: Kind, value: String) -> u32 {
        let next = self.census.values.len() as u32;
        let value: Box<str> = value.into();
        let numbers = &mut self.census.numbers;
        let number = *numbers.entry((kind, value.clone())).or_insert(next);
        if number == next {
            self.census.values.push(FacetValue {
                kind,
                value,
                documents: Vec::new(),
            });
        }
        self.census.values[number as usize].documents.push(document);
        number
    }

    fn finish(mut self) -> Census {
        self.sort_values();
        self.sort_issues();
        self.resolve_reprints();
        self.census
    }

    /// Numbers follow the values, not the order in which they were met.
    fn sort_values(&mut self) {
        let census = &mut self.census;
        let mut order: Vec<u32> = (0..census.values.len() as u32).collect();
        let key = |number: &u32| {
            let value = &census.values[*number as usize];
            (value.kind, value.value.clone())
        };
        order.sort_by_cached_key(key);
        let mut new = vec![0; order.len()];
        for (at, number) in order.iter().enumerate() {
            new[*number as usize] = at as u32;
        }
        for card in &mut census.cards {
            card.values
                .iter_mut()
                .for_each(|number| *number = new[*number as usize]);
            card.values.sort_unstable();
        }
        census
            .numbers
            .values_mut()
            .for_each(|number| *number = new[*number as usize]);
        let mut values: Vec<(u32, FacetValue)> =
            new.into_iter().zip(census.values.drain(..)).collect();
        values.sort_unstable_by_key(|(number, _)| *number);
        census.values = values.into_iter().map(|(_, value)| value).collect();
    }

    /// The undated lie in parts where an article's address says so, or where one page would be too long.
    fn merge_undated(&mut self) {
        let undated: Vec<_> = self
            .issues
            .keys()
            .filter(|(is_undated, _)| *is_undated)
            .cloned()
            .collect();
        let count: usize = undated.iter().map(|key| self.issues[key].1.len()).sum();
        if self.articles == Articles::Issues || count == 0 || count > MOST_UNDATED {
            return;
        }
        let mut all: Vec<u32> = undated
            .iter()
            .filter_map(|key| self.issues.remove(key))
            .flat_map(|(_, documents)| documents)
            .collect();
        all.sort_unstable();
        self.issues.insert((true, "undated".into()), (None, all));
    }

    fn sort_issues(&mut self) {
        self.merge_undated();
        for (number, ((_, name), (date, mut documents))) in
            std::mem::take(&mut self.issues).into_iter().enumerate()
        {
            documents.sort_by_cached_key(|document| {
                let card = &self.census.cards[*document as usize];
                let page = &self.census.pages[card.page as usize];
                // Pages whose number is not known are told apart by their ids.
                let page = (
                    page.publication.clone(),
                    page.edition.clone(),
                    natural(&page.page),
                    page_id(&card.id).map(|(page, _)| page.to_owned()),
                );
                (page, self.orders[*document as usize], *document)
            });
            for (order, document) in documents.iter().enumerate() {
                let card = &mut self.census.cards[*document as usize];
                (card.issue, card.order) = (number as u32, order as u32);
            }
            self.census.issues.push(Issue {
                name,
                date,
                documents,
            });
        }
    }

    fn resolve_reprints(&mut self) {
        if self.repeats.is_empty() {
            return;
        }
        let census = &mut self.census;
        let ids = census.cards.iter().enumerate();
        let ids: FxHashMap<&str, u32> = ids
            .map(|(number, card)| (&*card.id, number as u32))
            .collect();
        for (later, id) in &self.repeats {
            if let Some(&first) = ids.get(id.as_str()).filter(|first| *first != later) {
                census.reprints.entry(first).or_default().push(*later);
                census.reprint_of.insert(*later, first);
            }
        }
    }
}

/// What page names are sorted by: `A2` comes before `A10`, and pages without a name come last.
fn natural(page: &str) -> (bool, String, u64, String) {
    let digits = page
        .find(|c: char| c.is_ascii_digit())
        .unwrap_or(page.len());
    let (letters, rest) = page.split_at(digits);
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (number, rest) = rest.split_at(end);
    let number = number.parse().unwrap_or(u64::MAX);
    (page.is_empty(), letters.to_owned(), number, rest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_in_the_order_of_the_paper() {
        let mut pages = ["", "A10", "2", "A2", "10", "01", "B1", "A2-3"];
        pages.sort_by_key(|page| natural(page));
        assert_eq!(pages, ["01", "2", "10", "A2", "A2-3", "A10", "B1", ""]);
    }

    #[test]
    fn values_are_normal() {
        assert_eq!(
            normal(" 鹭陵区▸ 苇渡镇 ").as_deref(),
            Some("鹭陵区 ▸ 苇渡镇")
        );
        assert_eq!(normal(" ▸ "), None);
        assert_eq!(normal(&"x".repeat(121)), None);
        assert_eq!(normal("a\n b").as_deref(), Some("a b"));
    }
}
