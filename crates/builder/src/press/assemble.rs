//! Fragments become articles.
//!
//! A lead begins an article, and so does text after a byline. Text that begins in mid-sentence
//! goes on where text before it ended in mid-sentence, whatever stands between. For all other text
//! the rule is to stay together: a line in between that looks like a headline is a heading in the
//! article, unless it belongs to the article before, or announces a notice or a table. A last
//! paragraph that speaks of something before it, and shares no words with what does stand before
//! it, is the tail of an article from another page.

use super::byline;
use super::fragments::{Fragment, FragmentKind};
use super::grams::Index;
use super::headlines;
use super::lines::{LONGEST_HEADLINE, Line, Page};
use super::shape::is_notice_head;

/// An article that is being put together; all numbers are places of fragments.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    /// Text, in order.
    pub(super) bodies: Vec<usize>,
    pub(super) captions: Vec<usize>,
    /// Pieces of the headline, in order.
    pub(super) heads: Vec<usize>,
    pub(super) bylines: Vec<usize>,
    pub(super) columns: Vec<usize>,
    /// Headings in the text.
    pub(super) headings: Vec<usize>,
    /// Why it is an article of its own.
    pub(super) why: Why,
    /// How sure the headline is, in percent, and why it belongs to the article.
    pub(super) headline: (u8, String),
}

/// Why an article begins where it begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Why {
    Lead,
    /// An archivist says so.
    Override,
    Byline,
    Notice,
    Table,
    /// A headline and text that does not go on from before.
    Headline,
    Caption,
    /// Nothing stands before it.
    #[default]
    First,
    /// A headline without text.
    Slogan,
    /// The end of an article that began on another page.
    Tail,
}

/// A paragraph with a larger share of its words in the article before it is a part of that.
const STRANGE: f64 = 0.05;

impl Why {
    /// For people, and in percent.
    pub(super) fn explain(self) -> (&'static str, u8) {
        match self {
            Self::Lead => ("a report begins with its lead", 97),
            Self::Override => ("overrides.toml says that it begins here", 100),
            Self::Byline => ("a byline stands before it", 92),
            Self::Notice => ("its headline announces a notice", 90),
            Self::Table => ("rows of a table, under a headline", 85),
            Self::Headline => (
                "a headline stands before it, and the text before has one of its own",
                65,
            ),
            Self::Caption => ("a picture's credit ends it", 88),
            Self::First => (
                "text without a lead or a byline; nothing on the page goes on in it",
                50,
            ),
            Self::Slogan => ("a line without a text", 60),
            Self::Tail => (
                "stands apart, speaks of something before it, and the article before it does not: the end of an article from another page",
                55,
            ),
        }
    }
}

/// What was made of a page.
#[derive(Debug)]
pub(super) struct Drafts<'p, 'a> {
    pub(super) page: &'p Page<'a>,
    pub(super) fragments: Vec<Fragment>,
    pub(super) drafts: Vec<Draft>,
    /// Columns' names that belong to no article.
    pub(super) columns: Vec<usize>,
}

/// Puts articles together and gives them their headlines.
pub(super) fn drafts<'p, 'a>(page: &'p Page<'a>, fragments: Vec<Fragment>) -> Drafts<'p, 'a> {
    let mut assembly = Assembly::new(page, &fragments);
    for number in 0..fragments.len() {
        assembly.see(number);
    }
    let drafts = assembly.drafts;
    let mut made = Drafts {
        page,
        fragments,
        drafts,
        columns: Vec::new(),
    };
    headlines::assign(&mut made);
    made
}

/// A row of fragments, from left to right.
struct Assembly<'p, 'a> {
    page: &'p Page<'a>,
    fragments: &'p [Fragment],
    index: Index,
    drafts: Vec<Draft>,
    /// The article that text goes on in.
    current: Option<usize>,
    /// Headlines and bylines since the last text.
    pending: Vec<usize>,
}

impl<'p, 'a> Assembly<'p, 'a> {
    fn new(page: &'p Page<'a>, fragments: &'p [Fragment]) -> Self {
        let texts: Vec<String> = fragments
            .iter()
            .map(|fragment| match fragment.kind {
                kind if kind.is_body() => text(page, fragment),
                _ => String::new(),
            })
            .collect();
        Self {
            page,
            fragments,
            index: Index::new(texts.iter().map(String::as_str)),
            drafts: Vec::new(),
            current: None,
            pending: Vec::new(),
        }
    }

    fn see(&mut self, number: usize) {
        match self.fragments[number].kind {
            FragmentKind::Head | FragmentKind::Byline | FragmentKind::Column => {
                self.pending.push(number);
            }
            FragmentKind::Furniture => {}
            FragmentKind::Caption => self.drafts.push(Draft {
                captions: vec![number],
                why: Why::Caption,
                ..Draft::default()
            }),
            FragmentKind::Tail if self.is_strange(number) => self.drafts.push(Draft {
                bodies: vec![number],
                why: Why::Tail,
                ..Draft::default()
            }),
            FragmentKind::Lead | FragmentKind::Text | FragmentKind::Tail | FragmentKind::Rows => {
                self.see_body(number);
            }
        }
    }

    /// Whether the article before has next to none of the words of a paragraph.
    fn is_strange(&self, number: usize) -> bool {
        let Some(current) = self.current else {
            return false;
        };
        let bodies = &self.drafts[current].bodies;
        let shares = self.index.shares(&text(self.page, &self.fragments[number]));
        let known: f64 = shares
            .iter()
            .filter(|(place, _)| bodies.contains(place))
            .map(|(_, share)| share)
            .sum();
        known <= STRANGE
    }

    fn see_body(&mut self, number: usize) {
        match (self.begins(number), self.current) {
            (None, Some(current)) => self.drafts[current].bodies.push(number),
            (why, _) => {
                self.current = Some(self.drafts.len());
                self.drafts.push(Draft {
                    bodies: vec![number],
                    why: why.unwrap_or(Why::First),
                    ..Draft::default()
                });
            }
        }
        self.pending.clear();
    }

    /// Why an article begins with this text; nothing if the current one goes on.
    fn begins(&self, number: usize) -> Option<Why> {
        let kind = self.fragments[number].kind;
        if kind == FragmentKind::Lead {
            let first = &self.page.lines[self.fragments[number].lines[0]];
            return Some(match first.forced {
                Some(_) => Why::Override,
                None => Why::Lead,
            });
        }
        let Some(current) = self.current else {
            return Some(self.first());
        };
        let head = self
            .pending
            .iter()
            .rev()
            .find(|head| self.fragments[**head].kind == FragmentKind::Head)
            .copied();
        if head.is_some_and(|head| self.announces(head)) {
            return Some(Why::Notice);
        }
        if kind == FragmentKind::Rows && head.is_some() {
            return Some(Why::Table);
        }
        if self.is_open(current) && kind != FragmentKind::Rows && !self.begins_section() {
            return None;
        }
        if self
            .pending
            .iter()
            .any(|fragment| self.fragments[*fragment].kind == FragmentKind::Byline)
        {
            return Some(Why::Byline);
        }
        match head {
            Some(head) => self.begins_by_headline(current, head, number),
            None => self.begins_section().then_some(Why::Headline),
        }
    }

    /// Why the first text of a page is an article.
    fn first(&self) -> Why {
        let kinds = || {
            self.pending
                .iter()
                .map(|fragment| self.fragments[*fragment].kind)
        };
        match () {
            () if kinds().any(|kind| kind == FragmentKind::Byline) => Why::Byline,
            () if kinds().any(|kind| kind == FragmentKind::Head) => Why::Headline,
            () => Why::First,
        }
    }

    fn announces(&self, head: usize) -> bool {
        let lines = &self.fragments[head].lines;
        lines
            .iter()
            .any(|line| is_notice_head(&self.page.lines[*line].text))
    }

    /// A column's name in its brackets ends what stands before it, in mid-sentence or not.
    fn begins_section(&self) -> bool {
        self.pending
            .iter()
            .any(|fragment| self.fragments[*fragment].kind == FragmentKind::Column)
    }

    /// Whether an article's text ends in mid-sentence.
    fn is_open(&self, draft: usize) -> bool {
        let last = self.drafts[draft]
            .bodies
            .last()
            .map(|body| &self.fragments[*body]);
        last.is_some_and(|last| {
            let lines = || last.lines.iter().map(|line| &self.page.lines[*line]);
            let widest = lines().map(|line| line.width).max().unwrap_or(0);
            // A last line of verse has no full stop either, but it does not fill the column.
            let breaks_off = |line: &Line<'_>| {
                !line.is_finished()
                    && byline::credit(&line.text).is_none()
                    && (line.length > LONGEST_HEADLINE || line.width + 4 >= widest)
            };
            last.kind != FragmentKind::Rows && lines().next_back().is_some_and(breaks_off)
        })
    }

    /// A headline between two texts belongs to the first, to the second, or is a heading in one
    /// article.
    fn begins_by_headline(&self, current: usize, head: usize, number: usize) -> Option<Why> {
        let draft = &self.drafts[current];
        if matches!(draft.why, Why::Notice | Why::Table) {
            return Some(Why::Headline);
        }
        let is_headed =
            draft.why == Why::Byline || draft.why == Why::Headline || self.has_head_before(draft);
        if is_headed {
            return None;
        }
        let shares = self.index.shares(&text(self.page, &self.fragments[head]));
        let share = |of: usize| {
            shares
                .iter()
                .find(|(place, _)| *place == of)
                .map_or(0.0, |(_, share)| *share)
        };
        let before = draft
            .bodies
            .iter()
            .map(|body| share(*body))
            .fold(0.0, f64::max);
        (before > 0.2 || share(number) > 0.3).then_some(Why::Headline)
    }

    fn has_head_before(&self, draft: &Draft) -> bool {
        let first = draft.bodies.first().copied().unwrap_or(0);
        first > 0 && self.fragments[first - 1].kind == FragmentKind::Head
    }
}

/// The text of a fragment, in one row.
pub(super) fn text(page: &Page<'_>, fragment: &Fragment) -> String {
    fragment
        .lines
        .iter()
        .map(|line| page.lines[*line].text.as_ref())
        .collect()
}
