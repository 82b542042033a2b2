//! The ledger, and the articles as they are shown.
//!
//! Every line of the page gets one label: what it is, whose it is, how sure that is and why. Lines
//! in a row with the same label are one block. As the lines hold all that is not white space, so
//! do the blocks.

use std::ops::Range;

use super::assemble::{Draft, Drafts, Why, text};
use super::fragments::FragmentKind;
use super::join::{self, Part};
use super::lines::Line;
use super::{Article, ArticleKind, Block, BlockKind, CutPage, Person, byline, dates, deck};

/// Reports of fewer characters are briefs.
const LONGEST_BRIEF: usize = 220;

/// What is said of one line.
#[derive(Clone, Debug, PartialEq)]
struct Label {
    kind: BlockKind,
    article: Option<usize>,
    confidence: u8,
    why: String,
}

/// Makes the ledger and the articles.
pub(super) fn finish(
    made: &Drafts<'_, '_>,
    repeated: &[Option<usize>],
    date: Option<&str>,
) -> CutPage {
    let order = order(made);
    let mut labels = labels(made, &order);
    label_repeated(repeated, &mut labels);
    let articles = order
        .iter()
        .map(|draft| article(made, &made.drafts[*draft], repeated, date))
        .collect();
    CutPage {
        blocks: blocks(made, &labels),
        articles,
        unmatched: made.page.overrides.unmatched.clone(),
    }
}

/// Articles in the order in which they begin on the page: their text, or what there is of them.
fn order(made: &Drafts<'_, '_>) -> Vec<usize> {
    let begin = |draft: &Draft| {
        let text = draft.bodies.iter().chain(&draft.captions).min();
        text.or(draft.heads.iter().min()).copied()
    };
    let is_something = |draft: &usize| begin(&made.drafts[*draft]).is_some();
    let mut order: Vec<usize> = (0..made.drafts.len()).filter(is_something).collect();
    order.sort_by_key(|draft| begin(&made.drafts[*draft]));
    order
}

fn labels(made: &Drafts<'_, '_>, order: &[usize]) -> Vec<Label> {
    let furniture = Label {
        kind: BlockKind::Furniture,
        article: None,
        confidence: 80,
        why: "a page head, a page number, or what the paper says about itself".to_owned(),
    };
    let mut labels = vec![furniture; made.page.lines.len()];
    for fragment in &made.columns {
        label_fragment(made, *fragment, &mut labels, |_| column_label(None));
    }
    for (article, draft) in order.iter().enumerate() {
        label_draft(made, &made.drafts[*draft], article, &mut labels);
    }
    labels
}

fn column_label(article: Option<usize>) -> Label {
    Label {
        kind: BlockKind::ColumnHead,
        article,
        confidence: if article.is_some() { 70 } else { 60 },
        why: "the name of a column: short, or in brackets".to_owned(),
    }
}

fn label_fragment(
    made: &Drafts<'_, '_>,
    fragment: usize,
    labels: &mut [Label],
    label: impl Fn(usize) -> Label,
) {
    for line in &made.fragments[fragment].lines {
        labels[*line] = label(*line);
    }
}

fn label_draft(made: &Drafts<'_, '_>, draft: &Draft, article: usize, labels: &mut [Label]) {
    let (why, sure) = draft.why.explain();
    let of = |kind, confidence, why: &str| Label {
        kind,
        article: Some(article),
        confidence,
        why: why.to_owned(),
    };
    for (number, body) in draft.bodies.iter().enumerate() {
        let label = match number {
            0 => of(BlockKind::Body, sure, why),
            _ => of(
                BlockKind::Body,
                sure.min(75),
                "goes on where the text before it ended, or stays with it",
            ),
        };
        label_fragment(made, *body, labels, |_| label.clone());
    }
    for heading in &draft.headings {
        let label = of(
            BlockKind::Body,
            65,
            "a heading in the text: it belongs to no other article",
        );
        label_fragment(made, *heading, labels, |_| label.clone());
    }
    for caption in &draft.captions {
        let label = of(BlockKind::Caption, 88, "the credit of a picture ends it");
        label_fragment(made, *caption, labels, |_| label.clone());
    }
    for byline in &draft.bylines {
        let label = of(BlockKind::Byline, 90, "nothing but roles and names");
        label_fragment(made, *byline, labels, |_| label.clone());
    }
    for column in &draft.columns {
        label_fragment(made, *column, labels, |_| column_label(Some(article)));
    }
    let (confidence, why) = &draft.headline;
    for (line, kind) in deck_of(made, draft) {
        labels[line] = of(kind, *confidence, why);
    }
}

/// The lines of the headline, and what each is.
fn deck_of(made: &Drafts<'_, '_>, draft: &Draft) -> Vec<(usize, BlockKind)> {
    let lines: Vec<usize> = draft
        .heads
        .iter()
        .flat_map(|head| made.fragments[*head].lines.iter().copied())
        .collect();
    if draft.why == Why::Slogan {
        return lines
            .into_iter()
            .map(|line| (line, BlockKind::Headline))
            .collect();
    }
    let texts: Vec<&Line<'_>> = lines.iter().map(|line| &made.page.lines[*line]).collect();
    if texts.is_empty() {
        return Vec::new();
    }
    lines.into_iter().zip(deck::kinds(&texts)).collect()
}

fn label_repeated(repeated: &[Option<usize>], labels: &mut [Label]) {
    for (line, earlier) in repeated.iter().enumerate() {
        if earlier.is_some() {
            labels[line].kind = BlockKind::Repeated;
            labels[line].confidence = 90;
            labels[line].why = "the same text stands further up on the page".to_owned();
        }
    }
}

/// Lines in a row with one label become one block.
fn blocks(made: &Drafts<'_, '_>, labels: &[Label]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for (line, label) in made.page.lines.iter().zip(labels) {
        match blocks.last_mut() {
            Some(last)
                if last.kind == label.kind
                    && last.article == label.article
                    && last.why == label.why =>
            {
                last.range.end = line.range.end;
            }
            _ => blocks.push(Block {
                range: line.range.clone(),
                kind: label.kind,
                article: label.article,
                confidence: label.confidence,
                why: label.why.clone(),
            }),
        }
    }
    blocks
}

fn article(
    made: &Drafts<'_, '_>,
    draft: &Draft,
    repeated: &[Option<usize>],
    date: Option<&str>,
) -> Article {
    let deck = deck_of(made, draft);
    let body = body(made, draft, repeated);
    let captions: Vec<String> = draft
        .captions
        .iter()
        .map(|caption| caption_text(made, *caption))
        .collect();
    let (byline, people) = people(made, draft, &body);
    let mut article = Article {
        headline: deck_text(made, &deck, BlockKind::Headline),
        shoulder: deck_text(made, &deck, BlockKind::Shoulder),
        sub: deck_text(made, &deck, BlockKind::Sub),
        byline,
        people,
        column: column(made, draft),
        dates: dates::resolve(&body, date),
        confidence: confidence(draft),
        kind: kind(draft, &body),
        body,
        captions,
    };
    if draft.bodies.is_empty() && !article.captions.is_empty() {
        article.body = article.captions.join("\n");
        article.captions.clear();
        article.dates = dates::resolve(&article.body, date);
    }
    article
}

fn deck_text(made: &Drafts<'_, '_>, deck: &[(usize, BlockKind)], kind: BlockKind) -> String {
    let lines = deck.iter().filter(|(_, of)| *of == kind);
    let texts: Vec<String> = lines
        .map(|(line, _)| join::headline(&made.page.lines[*line].text))
        .collect();
    texts.join(" ")
}

/// All text in order, with headings and rows on lines of their own.
fn body(made: &Drafts<'_, '_>, draft: &Draft, repeated: &[Option<usize>]) -> String {
    let mut fragments: Vec<usize> = draft
        .bodies
        .iter()
        .chain(&draft.headings)
        .copied()
        .collect();
    fragments.sort_unstable();
    let mut parts = Vec::new();
    for fragment in fragments {
        let is_alone = !matches!(
            made.fragments[fragment].kind,
            FragmentKind::Lead | FragmentKind::Text | FragmentKind::Tail
        );
        let lines = made.fragments[fragment]
            .lines
            .iter()
            .filter(|line| repeated[**line].is_none());
        parts.extend(lines.map(|line| Part {
            line: &made.page.lines[*line],
            is_alone,
        }));
    }
    join::paragraphs(&parts)
}

fn caption_text(made: &Drafts<'_, '_>, caption: usize) -> String {
    let lines = made.fragments[caption]
        .lines
        .iter()
        .map(|line| &made.page.lines[*line]);
    let parts: Vec<Part<'_>> = lines
        .map(|line| Part {
            line,
            is_alone: false,
        })
        .collect();
    join::paragraphs(&parts)
}

/// The byline as printed, and everybody in it and in the credits.
fn people(made: &Drafts<'_, '_>, draft: &Draft, body: &str) -> (String, Vec<Person>) {
    let mut people: Vec<Person> = Vec::new();
    let mut printed: Vec<String> = Vec::new();
    for line in draft
        .bylines
        .iter()
        .flat_map(|byline| &made.fragments[*byline].lines)
    {
        let text = &made.page.lines[*line].text;
        printed.push(text.split_whitespace().collect::<Vec<_>>().join(" "));
        people.extend(byline::line(text).unwrap_or_default());
    }
    if let Some((text, named)) = byline::lead(body) {
        if printed.is_empty() {
            printed.push(text.to_owned());
        }
        people.extend(named);
    }
    for caption in &draft.captions {
        let text = text(made.page, &made.fragments[*caption]);
        people.extend(
            byline::credit(&text)
                .map(|(_, named)| named)
                .unwrap_or_default(),
        );
    }
    let mut seen: Vec<Person> = Vec::new();
    people.into_iter().for_each(|one| {
        if !seen.contains(&one) {
            seen.push(one);
        }
    });
    (printed.join(" "), seen)
}

/// The column's name without its brackets and the number of the instalment.
fn column(made: &Drafts<'_, '_>, draft: &Draft) -> String {
    let name = |fragment: &usize| {
        let text = text(made.page, &made.fragments[*fragment]);
        let inside = text
            .strip_prefix('【')
            .and_then(|rest| rest.split_once('】'))
            .map(|(name, _)| name.to_owned());
        join::headline(&inside.unwrap_or(text))
    };
    draft.columns.iter().map(name).collect::<Vec<_>>().join(" ")
}

fn confidence(draft: &Draft) -> u8 {
    let (_, cut) = draft.why.explain();
    match draft.heads.is_empty() {
        true => cut.min(70),
        false => cut.min(draft.headline.0.max(50)),
    }
}

fn kind(draft: &Draft, body: &str) -> ArticleKind {
    match draft.why {
        Why::Slogan => ArticleKind::Slogan,
        Why::Caption => ArticleKind::Caption,
        Why::Notice => ArticleKind::Notice,
        Why::Table => ArticleKind::Table,
        Why::Tail => ArticleKind::Orphan,
        Why::Lead | Why::Override if body.chars().count() < LONGEST_BRIEF => ArticleKind::Brief,
        Why::Lead | Why::Override => ArticleKind::News,
        Why::First if draft.heads.is_empty() && draft.bylines.is_empty() => ArticleKind::Orphan,
        Why::Byline | Why::Headline | Why::First => ArticleKind::Feature,
    }
}

/// Bytes that no block holds and that are not white space; empty for every page that was cut.
pub fn missing(text: &str, page: &CutPage) -> Vec<Range<usize>> {
    let mut missing = Vec::new();
    let mut from = 0;
    let ends = page
        .blocks
        .iter()
        .map(|block| block.range.clone())
        .chain(std::iter::once(text.len()..text.len()));
    for range in ends {
        if !text[from..range.start].trim().is_empty() {
            missing.push(from..range.start);
        }
        from = range.end;
    }
    missing
}
