//! Lines of one kind in a row: pieces of headlines, pieces of text, texts of pictures.
//!
//! Fragments are what articles are put together from. A piece of text ends where something else
//! begins: a headline, a byline, the lead of a report. A picture's text is known by its credit at
//! the end, and begins where the paragraph begins.

use super::byline;
use super::grams::Index;
use super::lines::{Page, ends_sentence, is_closing};
use super::shape::Shape;

/// Lines in a row that are one thing.
#[derive(Clone, Debug)]
pub(super) struct Fragment {
    pub(super) kind: FragmentKind,
    /// Places of its lines on the page, in order.
    pub(super) lines: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FragmentKind {
    /// Lines of a headline, directly below each other.
    Head,
    Byline,
    Column,
    /// Running text that begins a report.
    Lead,
    /// Other running text.
    Text,
    /// A last paragraph that may belong to an article on another page.
    Tail,
    Rows,
    Caption,
    Furniture,
}

impl FragmentKind {
    pub(super) fn is_body(self) -> bool {
        matches!(self, Self::Lead | Self::Text | Self::Tail | Self::Rows)
    }
}

/// A picture's text is not longer than this.
const LONGEST_CAPTION: usize = 260;

/// Columns whose widths differ by more than this, in halves of a Han character, are two columns.
const OTHER_WIDTH: usize = 8;

/// All fragments, in the order of the page; each line is in one of them.
pub(super) fn fragments(
    page: &Page<'_>,
    shapes: &[Shape],
    repeated: &[Option<usize>],
) -> Vec<Fragment> {
    let mut fragments: Vec<Fragment> = Vec::new();
    for (index, shape) in shapes.iter().enumerate() {
        let kind = kind(*shape);
        let goes_on = fragments
            .last()
            .is_some_and(|last| match (last.kind, kind) {
                (FragmentKind::Head, FragmentKind::Head) => {
                    page.lines[index].gap == 0
                        && !page.lines[index].is_indented
                        && page.lines[index].forced == page.lines[index - 1].forced
                }
                (FragmentKind::Lead | FragmentKind::Text, FragmentKind::Text) => true,
                (FragmentKind::Rows, FragmentKind::Rows) => true,
                _ => false,
            });
        match fragments.last_mut() {
            Some(last) if goes_on => last.lines.push(index),
            _ => fragments.push(Fragment {
                kind,
                lines: vec![index],
            }),
        }
    }
    let apart = fragments
        .into_iter()
        .flat_map(|fragment| apart(page, repeated, fragment));
    split_tails(page, split_heads(page, apart.collect()))
}

/// A tail of an article from another page is at most so many characters; a longer one would have been given a headline.
const LONGEST_TAIL: usize = 120;

/// What a text begins with that speaks of something before it.
const REFERENCES: [&str; 10] = [
    "这批",
    "这些",
    "该",
    "上述",
    "其中",
    "另据",
    "据了解",
    "据悉",
    "目前，",
    "届时",
];

/// Cuts the last paragraph off a text, where it may be the tail of another article: `assemble` decides.
fn split_tails(page: &Page<'_>, fragments: Vec<Fragment>) -> Vec<Fragment> {
    let begins_article = |fragment: &Fragment| {
        let apart = page.lines[fragment.lines[0]].gap > 0;
        match fragment.kind {
            FragmentKind::Column => true,
            FragmentKind::Lead | FragmentKind::Head | FragmentKind::Byline => apart,
            _ => false,
        }
    };
    let before_article: Vec<bool> = (1..=fragments.len())
        .map(|next| fragments.get(next).is_none_or(begins_article))
        .collect();
    let split = |(fragment, stands_before): (Fragment, bool)| {
        let tail = tail_start(page, &fragment).filter(|_| stands_before);
        let Some(start) = tail else {
            return vec![fragment];
        };
        let piece = |kind, lines: &[usize]| Fragment {
            kind,
            lines: lines.to_vec(),
        };
        let (text, tail) = fragment.lines.split_at(start);
        vec![piece(fragment.kind, text), piece(FragmentKind::Tail, tail)]
    };
    let fragments = fragments.into_iter().zip(before_article);
    fragments.flat_map(split).collect()
}

/// Where the last paragraph begins, if it stands apart behind a whole sentence, is short and whole itself, and begins
/// with a word that speaks of something before it.
fn tail_start(page: &Page<'_>, fragment: &Fragment) -> Option<usize> {
    let lines = &fragment.lines;
    if !matches!(fragment.kind, FragmentKind::Lead | FragmentKind::Text) {
        return None;
    }
    let line = |place: usize| &page.lines[lines[place]];
    let start = (1..lines.len()).rev().find(|place| line(*place).gap > 0)?;
    let length: usize = (start..lines.len()).map(|place| line(place).length).sum();
    let refers = REFERENCES
        .iter()
        .any(|word| line(start).text.starts_with(word));
    let is_whole = line(start - 1).is_finished() && line(lines.len() - 1).is_finished();
    (refers && is_whole && length <= LONGEST_TAIL).then_some(start)
}

/// A line of a headline has to share this much of its words with one text, and so much more than
/// with another, to be sure of it.
const SURE: f64 = 0.35;
const MARGIN: f64 = 0.2;

/// Cuts headlines of two articles that stand below each other without a blank line: each is sure
/// of another text.
fn split_heads(page: &Page<'_>, fragments: Vec<Fragment>) -> Vec<Fragment> {
    let has_text =
        |fragment: &Fragment| fragment.kind.is_body() || fragment.kind == FragmentKind::Caption;
    let text = |fragment: &Fragment| -> String {
        let lines = fragment.lines.iter().filter(|_| has_text(fragment));
        lines.map(|line| page.lines[*line].text.as_ref()).collect()
    };
    let texts: Vec<String> = fragments.iter().map(text).collect();
    let index = Index::new(texts.iter().map(String::as_str));
    let split = |fragment: Fragment| match fragment.kind {
        FragmentKind::Head if fragment.lines.len() > 1 => split_head(page, &index, &fragment),
        _ => vec![fragment],
    };
    fragments.into_iter().flat_map(split).collect()
}

fn split_head(page: &Page<'_>, index: &Index, head: &Fragment) -> Vec<Fragment> {
    let shares = |line: &usize| index.shares(&page.lines[*line].text);
    let pieces = head
        .lines
        .chunk_by(|one, next| !are_of_different_texts(&shares(one), &shares(next)));
    let piece = |lines: &[usize]| Fragment {
        kind: FragmentKind::Head,
        lines: lines.to_vec(),
    };
    pieces.map(piece).collect()
}

/// Whether each of two lines is sure of a text of its own.
fn are_of_different_texts(one: &[(usize, f64)], other: &[(usize, f64)]) -> bool {
    let best = |shares: &[(usize, f64)]| {
        let best = shares
            .iter()
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        best.copied().filter(|(_, share)| *share >= SURE)
    };
    let of = |shares: &[(usize, f64)], text: usize| {
        let found = shares.iter().find(|(place, _)| *place == text);
        found.map_or(0.0, |(_, share)| *share)
    };
    let (Some((here, share)), Some((there, other_share))) = (best(one), best(other)) else {
        return false;
    };
    here != there && share - of(one, there) >= MARGIN && other_share - of(other, here) >= MARGIN
}

fn kind(shape: Shape) -> FragmentKind {
    match shape {
        Shape::Lead => FragmentKind::Lead,
        Shape::Prose => FragmentKind::Text,
        Shape::Title => FragmentKind::Head,
        Shape::Column => FragmentKind::Column,
        Shape::Byline => FragmentKind::Byline,
        Shape::Row => FragmentKind::Rows,
        Shape::Furniture => FragmentKind::Furniture,
    }
}

/// A piece of text with the texts of pictures cut out of it.
fn apart(page: &Page<'_>, repeated: &[Option<usize>], fragment: Fragment) -> Vec<Fragment> {
    if !fragment.kind.is_body() {
        return vec![fragment];
    }
    let mut pieces = Vec::new();
    let mut rest = 0;
    let (lines, mut kind) = (&fragment.lines, fragment.kind);
    for end in 0..lines.len() {
        if repeated[lines[end]].is_some() || byline::credit(&page.lines[lines[end]].text).is_none()
        {
            continue;
        }
        let start = caption_start(page, &lines[rest..=end]) + rest;
        if start == 0 && fragment.kind == FragmentKind::Lead {
            continue;
        }
        if start > rest {
            pieces.push(Fragment {
                kind,
                lines: lines[rest..start].to_vec(),
            });
        }
        pieces.push(Fragment {
            kind: FragmentKind::Caption,
            lines: lines[start..=end].to_vec(),
        });
        (rest, kind) = (end + 1, FragmentKind::Text);
    }
    if rest < lines.len() {
        pieces.push(Fragment {
            kind,
            lines: lines[rest..].to_vec(),
        });
    }
    pieces
}

/// Where the picture's text begins of which the last of these lines has the credit.
fn caption_start(page: &Page<'_>, lines: &[usize]) -> usize {
    let length = |from: usize| {
        lines[from..]
            .iter()
            .map(|line| page.lines[*line].length)
            .sum::<usize>()
    };
    let mut start = paragraph_start(page, lines, lines.len() - 1);
    // The credit may stand on a line of its own, below the sentence.
    let own_line = byline::credit(&page.lines[lines[start]].text).is_some_and(|(at, _)| at == 0);
    if own_line && start > 0 {
        start = paragraph_start(page, lines, start - 1);
    }
    while start > 0 && !begins_caption(&page.lines[lines[start]].text) {
        let before = paragraph_start(page, lines, start - 1);
        let same_column = widest(page, &lines[before..start])
            .abs_diff(widest(page, &lines[start..]))
            <= OTHER_WIDTH;
        if !same_column || length(before) > LONGEST_CAPTION {
            break;
        }
        start = before;
    }
    start
}

/// The first line of the paragraph that a line is in.
fn paragraph_start(page: &Page<'_>, lines: &[usize], mut at: usize) -> usize {
    while at > 0 && !ends_sentence(&page.lines[lines[at - 1]].text) {
        at -= 1;
    }
    at
}

fn widest(page: &Page<'_>, lines: &[usize]) -> usize {
    lines
        .iter()
        .map(|line| page.lines[*line].width)
        .max()
        .unwrap_or(0)
}

/// Texts of pictures begin with the day, or with what the picture shows.
fn begins_caption(text: &str) -> bool {
    let text = text.trim_start_matches(|c: char| is_closing(c) || c.is_whitespace());
    let words = [
        "近日",
        "日前",
        "连日来",
        "图为",
        "上图",
        "下图",
        "左图",
        "右图",
        "昨日",
        "C:",
    ];
    let day = text.chars().take(8).collect::<String>();
    let dated = text.starts_with(|c: char| c.is_ascii_digit()) && day.contains('月');
    dated || words.iter().any(|word| text.starts_with(word))
}
