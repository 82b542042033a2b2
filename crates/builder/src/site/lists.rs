//! Lists of articles and of what leads to them: issues, years, people, places.

use std::collections::BTreeMap;

use serde::Serialize;

use super::address;
use super::article::{Entry, Link, Surroundings};
use super::census::{Census, FacetValue, Kind, PageName};
use super::dates::weeks;
use crate::document::field;

/// Values of a kind that have a page, the most frequent ones. The others can be searched for.
pub(super) const MOST_VALUES: usize = 2000;
/// Values that the start page shows.
const ON_START: usize = 12;

/// Articles of a printed page.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Group {
    /// `第 1 版`; empty if documents do not say.
    pub(super) label: String,
    /// The page as printed; empty if there is none.
    pub(super) original: String,
    pub(super) entries: Vec<Entry>,
    #[serde(skip)]
    name: PageName,
}

/// Puts articles in a row under their pages.
#[derive(Debug, Default)]
pub(super) struct Groups(pub(super) Vec<Group>);

impl Groups {
    /// The next article, on this page; `label` makes the name of the page.
    pub(super) fn add(
        &mut self,
        page: &PageName,
        entry: Entry,
        label: impl Fn(&PageName) -> String,
    ) {
        match self.0.last_mut().filter(|group| group.name == *page) {
            Some(group) => group.entries.push(entry),
            None => self.0.push(Group {
                label: label(page),
                original: String::new(),
                entries: vec![entry],
                name: page.clone(),
            }),
        }
    }
}

/// A year in a list.
#[derive(Debug, Serialize)]
pub(super) struct Year {
    href: String,
    name: String,
    label: String,
    issues: u64,
    articles: u64,
}

/// An issue in a list.
#[derive(Debug, Serialize)]
pub(super) struct IssueLink {
    href: String,
    label: String,
    articles: u64,
}

/// A month of the calendar.
#[derive(Debug, Serialize)]
pub(super) struct Month {
    label: String,
    /// True if it has no issue.
    empty: bool,
    weeks: Vec<Vec<DayView>>,
}

/// A day of the calendar.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct DayView {
    /// 0 for a day of another month.
    day: u8,
    href: String,
    articles: u64,
    label: String,
}

/// A value in a list.
#[derive(Debug, Serialize)]
pub(super) struct ValueView {
    link: Link,
    count: u64,
    /// How many levels are above it.
    depth: usize,
}

/// A kind of values.
#[derive(Debug, Serialize)]
pub(super) struct KindView {
    pub(super) href: String,
    pub(super) label: &'static str,
    pub(super) values: Vec<ValueView>,
    /// True if there are more.
    pub(super) more: bool,
}

impl Surroundings<'_> {
    /// All years, the latest first.
    pub(super) fn years(&self, root: &str) -> Vec<Year> {
        let years = self.census.years().into_iter().rev();
        let year = |(year, issues): (&str, Vec<usize>)| Year {
            href: format!("{root}{}", address::year(year)),
            name: year.to_owned(),
            label: self.strings.year(year),
            issues: issues.len() as u64,
            articles: issues.iter().map(|issue| self.count(*issue)).sum(),
        };
        years.map(year).collect()
    }

    fn count(&self, issue: usize) -> u64 {
        self.census.issues[issue].documents.len() as u64
    }

    fn issue_link(&self, issue: usize, root: &str) -> IssueLink {
        let own = &self.census.issues[issue];
        IssueLink {
            href: format!("{root}{}", address::issue(&own.name)),
            label: self.issue_label(own),
            articles: self.count(issue),
        }
    }

    /// Issues that have no date.
    pub(super) fn undated(&self, root: &str) -> Vec<IssueLink> {
        let issues = self.census.issues.iter().enumerate();
        let undated = issues.filter(|(_, issue)| issue.date.is_none());
        undated
            .map(|(number, _)| self.issue_link(number, root))
            .collect()
    }

    /// What leads to the issues that have no date: the only one, or the list of them.
    pub(super) fn way_to_undated(&self, root: &str) -> Option<IssueLink> {
        let mut undated = self.undated(root);
        if undated.len() < 2 {
            return undated.pop();
        }
        Some(IssueLink {
            href: format!("{root}{}#undated", address::YEARS),
            label: self.strings.undated.to_owned(),
            articles: undated.iter().map(|issue| issue.articles).sum(),
        })
    }

    /// Issues of a year that are of no certain day.
    pub(super) fn vague(&self, issues: &[usize], root: &str) -> Vec<IssueLink> {
        let is_vague = |issue: &&usize| self.census.issues[**issue].name.len() < "2024-01-12".len();
        let vague = issues.iter().filter(is_vague);
        vague.map(|issue| self.issue_link(*issue, root)).collect()
    }

    /// The twelve months of a year.
    pub(super) fn months(&self, year: &str, issues: &[usize], root: &str) -> Vec<Month> {
        let days: BTreeMap<&str, usize> = issues
            .iter()
            .map(|issue| (&*self.census.issues[*issue].name, *issue))
            .collect();
        let number = year.parse().unwrap_or(0);
        let month = |month: i8| {
            let day = |day: u8| self.day(&days, &format!("{year}-{month:02}-{day:02}"), day, root);
            let weeks: Vec<Vec<DayView>> = weeks(number, month)
                .into_iter()
                .map(|week| week.into_iter().map(day).collect())
                .collect();
            Month {
                label: self.strings.month(month.unsigned_abs().into()),
                empty: weeks.iter().flatten().all(|day| day.href.is_empty()),
                weeks,
            }
        };
        (1..=12).map(month).collect()
    }

    fn day(&self, issues: &BTreeMap<&str, usize>, date: &str, day: u8, root: &str) -> DayView {
        let found = issues.get(date).filter(|_| day > 0);
        let Some(link) = found.map(|issue| self.issue_link(*issue, root)) else {
            return DayView {
                day,
                ..DayView::default()
            };
        };
        DayView {
            day,
            href: link.href,
            articles: link.articles,
            label: format!("{}: {}", link.label, self.strings.articles(link.articles)),
        }
    }

    /// What a kind of values is called.
    pub(super) fn kind_label(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::People => self.strings.people,
            Kind::Places => self.strings.places,
            Kind::Subjects => self.strings.subjects,
            Kind::Columns => self.strings.columns,
        }
    }

    /// The values of a kind that have pages: those of a hierarchy below each other, the others by number.
    pub(super) fn kind(&self, kind: Kind, root: &str) -> KindView {
        let numbers = self.numbers(kind);
        let mut paged: Vec<u32> = numbers
            .iter()
            .copied()
            .filter(|number| self.paged[*number as usize])
            .collect();
        let has_levels = paged.iter().any(|number| depth(self.value(*number)) > 0);
        if !has_levels {
            self.most_frequent_first(&mut paged);
        }
        KindView {
            href: format!("{root}{}", address::values(kind)),
            label: self.kind_label(kind),
            more: paged.len() < numbers.len(),
            values: paged
                .into_iter()
                .map(|number| self.value_view(number, root))
                .collect(),
        }
    }

    /// The most frequent values of a kind, of the lowest level that the start page has room for.
    pub(super) fn top(&self, kind: Kind, root: &str) -> KindView {
        let mut numbers = self.numbers(kind);
        self.most_frequent_first(&mut numbers);
        let is_shown = |number: &u32| depth(self.value(*number)) == 0;
        let mut shown: Vec<u32> = numbers.iter().copied().filter(is_shown).collect();
        if shown.len() == 1 {
            // One district has it all; its towns say more.
            shown.extend(
                numbers
                    .iter()
                    .filter(|number| depth(self.value(**number)) == 1),
            );
        }
        let all = numbers.len();
        shown.truncate(ON_START);
        KindView {
            href: format!("{root}{}", address::values(kind)),
            label: self.kind_label(kind),
            more: shown.len() < all,
            values: shown
                .into_iter()
                .map(|number| self.value_view(number, root))
                .collect(),
        }
    }

    /// The page of a part of a value's articles; of the parts the latest comes first.
    pub(super) fn part_address(&self, value: &FacetValue, parts: &[&[u32]], part: usize) -> String {
        match parts[part].first().filter(|_| part > 0) {
            Some(first) => {
                let id = &self.card(*first).0.id;
                address::value_from(value.kind, &value.value, id)
            }
            None => address::value(value.kind, &value.value),
        }
    }

    /// From when to when articles are, if that is known.
    pub(super) fn period(&self, documents: &[u32]) -> Option<String> {
        let date = |document: &u32| self.card(*document).1.date.as_deref();
        let mut dates = documents.iter().filter_map(date);
        let first = dates.next()?;
        let last = dates.next_back().unwrap_or(first);
        Some(self.strings.period(first, last))
    }

    fn value(&self, number: u32) -> &FacetValue {
        &self.census.values[number as usize]
    }

    fn numbers(&self, kind: Kind) -> Vec<u32> {
        let all = 0..self.census.values.len() as u32;
        all.filter(|number| self.value(*number).kind == kind)
            .collect()
    }

    fn most_frequent_first(&self, numbers: &mut [u32]) {
        numbers.sort_by_key(|number| {
            (
                std::cmp::Reverse(self.value(*number).documents.len()),
                *number,
            )
        });
    }

    fn value_view(&self, number: u32, root: &str) -> ValueView {
        let value = self.value(number);
        let name = value.value.rsplit(field::LEVEL).next().unwrap_or_default();
        ValueView {
            link: self.value_link(root, number, name),
            count: value.documents.len() as u64,
            depth: depth(value),
        }
    }

    /// Values right below one in its hierarchy.
    pub(super) fn below(&self, number: u32, root: &str) -> Vec<ValueView> {
        let above = self.value(number);
        let prefix = format!("{}{}", above.value, field::LEVEL);
        let numbers = self.numbers(above.kind).into_iter();
        let is_below = |number: &u32| {
            let value = self.value(*number);
            value.value.starts_with(&prefix) && depth(value) == depth(above) + 1
        };
        numbers
            .filter(is_below)
            .map(|number| self.value_view(number, root))
            .collect()
    }

    /// The values above one, from the top.
    pub(super) fn above(&self, number: u32, root: &str) -> Vec<Link> {
        let value = self.value(number);
        let ends = value.value.match_indices(field::LEVEL);
        let links = ends.filter_map(|(end, _)| {
            let above = &value.value[..end];
            let name = above.rsplit(field::LEVEL).next()?;
            Some(self.value_link(root, self.census.number_of(value.kind, above)?, name))
        });
        links.collect()
    }
}

fn depth(value: &FacetValue) -> usize {
    value.value.matches(field::LEVEL).count()
}

/// Which values have pages: the most frequent of each kind. A value has no fewer articles than those below it, so
/// none has a page whose parent has none.
pub(super) fn paged(census: &Census) -> Vec<bool> {
    let mut paged = vec![false; census.values.len()];
    for kind in Kind::ALL {
        let values = census.values.iter().enumerate();
        let mut numbers: Vec<usize> = values
            .filter(|(_, value)| value.kind == kind)
            .map(|(number, _)| number)
            .collect();
        numbers.sort_by_key(|number| {
            (
                std::cmp::Reverse(census.values[*number].documents.len()),
                *number,
            )
        });
        numbers.truncate(MOST_VALUES);
        numbers.iter().for_each(|number| paged[*number] = true);
    }
    paged
}
