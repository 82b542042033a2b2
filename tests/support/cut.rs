//! How well pages are cut, against annotations of them.
//!
//! All measures look at visible characters only, in the order of the page:
//!
//! - **Boundaries.** A boundary is a place between two visible characters at which the article
//!   changes, or the part of it: heading (shoulder, headline, sub, column), byline, text (body,
//!   caption, repeated text). A boundary counts as found if it is at exactly the same place. F1 is
//!   of precision and recall, over all pages together.
//! - **Assignment.** Articles that were found are paired with those annotated, largest overlap
//!   first, each with one at most. What is measured is the share of the characters with an
//!   article that are in the right one.
//! - **Headlines, bylines.** The share of the annotated articles with a headline (byline) whose
//!   pair has the same one, white space, marks before bylines and invisible characters aside.
//!   Beside it, how many articles were given one that have none.
//! - **Confidence.** A headline of the ledger is right as above; a block of text is right if all of it
//!   is in the right article. Both are counted by how sure the ledger is of them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{AddAssign, Range};

use backfile::press::{BlockKind, CutPage};

/// An annotated page.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    /// Where it comes from, for messages.
    pub name: String,
    /// Its text.
    pub text: String,
    /// What stands where: characters of the text, the article, the part.
    pub spans: Vec<(Range<usize>, Option<usize>, Part)>,
    /// For each article, what its headline may be read as; empty if it has none.
    pub headlines: Vec<Vec<String>>,
    /// For each article, its byline; empty if it has none.
    pub bylines: Vec<String>,
}

/// Parts of articles that boundaries tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Shoulder, headline, sub, and the name of the column.
    Heading,
    /// A byline on a line of its own.
    Byline,
    /// All other text.
    Text,
}

/// Counts; add those of several pages up.
#[derive(Clone, Copy, Debug, Default)]
pub struct Score {
    found: usize,
    annotated: usize,
    right: usize,
    characters: usize,
    assigned: usize,
    headlines: (usize, usize, usize),
    bylines: (usize, usize, usize),
}

impl AddAssign for Score {
    fn add_assign(&mut self, other: Self) {
        self.found += other.found;
        self.annotated += other.annotated;
        self.right += other.right;
        self.characters += other.characters;
        self.assigned += other.assigned;
        add(&mut self.headlines, other.headlines);
        add(&mut self.bylines, other.bylines);
    }
}

fn add(sum: &mut (usize, usize, usize), other: (usize, usize, usize)) {
    *sum = (sum.0 + other.0, sum.1 + other.1, sum.2 + other.2);
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        1.0
    } else {
        part as f64 / whole as f64
    }
}

impl Score {
    /// F1 of the boundaries.
    pub fn boundaries(&self) -> f64 {
        let (precision, recall) = (
            share(self.right, self.found),
            share(self.right, self.annotated),
        );
        if self.right == 0 {
            0.0
        } else {
            2.0 * precision * recall / (precision + recall)
        }
    }

    /// Share of the characters that are in the right article.
    pub fn assignment(&self) -> f64 {
        share(self.assigned, self.characters)
    }

    /// Share of the headlines that are right.
    pub fn headlines(&self) -> f64 {
        share(self.headlines.0, self.headlines.1)
    }

    /// Share of the bylines that are right.
    pub fn bylines(&self) -> f64 {
        share(self.bylines.0, self.bylines.1)
    }

    /// One line for people.
    pub fn summary(&self) -> String {
        format!(
            "boundaries F1 {:.3} (right {}, found {}, annotated {}); characters in the right article {:.3}; \
             headlines {}/{} = {:.3} (and {} where there is none); bylines {}/{} = {:.3} (and {} where there is none)",
            self.boundaries(),
            self.right,
            self.found,
            self.annotated,
            self.assignment(),
            self.headlines.0,
            self.headlines.1,
            self.headlines(),
            self.headlines.2,
            self.bylines.0,
            self.bylines.1,
            self.bylines(),
            self.bylines.2,
        )
    }
}

/// Measures one page; what is wrong goes into `notes`.
pub fn measure(truth: &Truth, cut: &CutPage, notes: &mut Vec<String>) -> Score {
    let wanted = labels(&truth.text, truth.spans.iter().cloned());
    let found = labels(&truth.text, spans(&truth.text, cut).into_iter());
    let mut score = Score::default();
    let (here, there) = (boundaries(&found), boundaries(&wanted));
    score.found = here.len();
    score.annotated = there.len();
    score.right = here.intersection(&there).count();
    let visible: Vec<(usize, char)> = truth
        .text
        .chars()
        .enumerate()
        .filter(|(_, c)| !c.is_whitespace())
        .collect();
    let around = |at: usize| -> String {
        let text = |from: usize, to: usize| {
            visible[from..to]
                .iter()
                .map(|(_, c)| *c)
                .collect::<String>()
        };
        format!(
            "{}|{}",
            text(at.saturating_sub(8), at),
            text(at, (at + 8).min(visible.len()))
        )
    };
    for at in here.difference(&there) {
        notes.push(format!(
            "{}: a boundary too many: {}",
            truth.name,
            around(*at)
        ));
    }
    for at in there.difference(&here) {
        notes.push(format!(
            "{}: a boundary missing: {}",
            truth.name,
            around(*at)
        ));
    }
    let pairs = pairs(&wanted, &found);
    for (wanted, found) in wanted.iter().zip(&found) {
        let Some(article) = wanted.0 else { continue };
        score.characters += 1;
        score.assigned += usize::from(found.0.is_some() && pairs.get(&article) == found.0.as_ref());
    }
    compare_names(truth, cut, &pairs, &mut score, notes);
    score
}

/// How often the ledger is right where it is so sure.
#[derive(Clone, Debug, Default)]
pub struct Confidence {
    /// Right and all headlines, by percent.
    headlines: BTreeMap<u8, (usize, usize)>,
    /// Right and all blocks of text, by percent.
    texts: BTreeMap<u8, (usize, usize)>,
}

/// The lowest confidence of each band.
const BANDS: [u8; 4] = [90, 75, 60, 0];

impl Confidence {
    /// Counts the blocks of a page.
    pub fn count(&mut self, truth: &Truth, cut: &CutPage) {
        let wanted = labels(&truth.text, truth.spans.iter().cloned());
        let spans = spans(&truth.text, cut);
        let found = labels(&truth.text, spans.iter().cloned());
        let pairs = pairs(&wanted, &found);
        for (block, (range, article, part)) in cut.blocks.iter().zip(spans) {
            let Some(article) = article else { continue };
            let pair = pairs.iter().find(|(_, found)| **found == article);
            let pair = pair.map(|(wanted, _)| *wanted);
            if block.kind == BlockKind::Headline {
                let headline = plain(&cut.articles[article].headline);
                let readings = pair.map_or(&[][..], |pair| &truth.headlines[pair]);
                let right = readings.iter().any(|reading| plain(reading) == headline);
                tally_sure(&mut self.headlines, block.confidence, right);
            } else if part == Part::Text {
                let before = visible(&truth.text, 0..range.start);
                let length = visible(&truth.text, range);
                let right = wanted[before..before + length]
                    .iter()
                    .all(|(article, _)| *article == pair);
                tally_sure(&mut self.texts, block.confidence, right);
            }
        }
    }

    /// Right and all headlines from that confidence on, and below it.
    pub fn headlines_from(&self, confidence: u8) -> [(usize, usize); 2] {
        split(&self.headlines, confidence)
    }

    /// The same of blocks of text.
    pub fn texts_from(&self, confidence: u8) -> [(usize, usize); 2] {
        split(&self.texts, confidence)
    }

    /// A small table for people.
    pub fn table(&self) -> String {
        let mut table = String::from("confidence   headlines right   texts right\n");
        let mut above = 101;
        for band in BANDS {
            let of = |counts: &BTreeMap<u8, (usize, usize)>| {
                let (right, all) = sum(counts.range(band..above));
                format!("{right} of {all}")
            };
            let (headlines, texts) = (of(&self.headlines), of(&self.texts));
            let last = above - 1;
            table += &format!("{band:>3} to {last:>3}   {headlines:>15}   {texts:>11}\n");
            above = band;
        }
        table
    }
}

fn tally_sure(counts: &mut BTreeMap<u8, (usize, usize)>, confidence: u8, right: bool) {
    let count = counts.entry(confidence).or_default();
    count.0 += usize::from(right);
    count.1 += 1;
}

fn split(counts: &BTreeMap<u8, (usize, usize)>, confidence: u8) -> [(usize, usize); 2] {
    [
        sum(counts.range(confidence..)),
        sum(counts.range(..confidence)),
    ]
}

fn sum<'c>(counts: impl Iterator<Item = (&'c u8, &'c (usize, usize))>) -> (usize, usize) {
    counts.fold((0, 0), |sum, (_, count)| (sum.0 + count.0, sum.1 + count.1))
}

/// How many characters of a part of the text can be seen.
fn visible(text: &str, range: Range<usize>) -> usize {
    let characters = text.chars().skip(range.start).take(range.len());
    characters.filter(|c| !c.is_whitespace()).count()
}

fn compare_names(
    truth: &Truth,
    cut: &CutPage,
    pairs: &BTreeMap<usize, usize>,
    score: &mut Score,
    notes: &mut Vec<String>,
) {
    for article in 0..truth.headlines.len() {
        let found = pairs.get(&article).map(|found| &cut.articles[*found]);
        let headline = found.map_or(String::new(), |found| plain(&found.headline));
        let byline = found.map_or(String::new(), |found| plain(&found.byline));
        let readings: Vec<String> = truth.headlines[article]
            .iter()
            .map(|text| plain(text))
            .collect();
        let right = readings.contains(&headline);
        tally(
            &mut score.headlines,
            !readings.is_empty(),
            right,
            !headline.is_empty(),
        );
        let neither = readings.is_empty() && headline.is_empty();
        if !right && !neither {
            notes.push(format!(
                "{}: headline of article {article}: {headline:?} for {readings:?}",
                truth.name
            ));
        }
        let wanted = plain(&truth.bylines[article]);
        tally(
            &mut score.bylines,
            !wanted.is_empty(),
            wanted == byline,
            !byline.is_empty(),
        );
        if wanted != byline {
            notes.push(format!(
                "{}: byline of article {article}: {byline:?} for {wanted:?}",
                truth.name
            ));
        }
    }
}

fn tally(counts: &mut (usize, usize, usize), wanted: bool, right: bool, found: bool) {
    match wanted {
        true => {
            counts.0 += usize::from(right);
            counts.1 += 1;
        }
        false => counts.2 += usize::from(found),
    }
}

/// Without white space, marks before bylines and characters that cannot be seen.
fn plain(text: &str) -> String {
    let seen = |c: &char| !c.is_whitespace() && !matches!(c, '□' | '\u{ad}' | '\u{200b}');
    text.chars().filter(seen).collect()
}

/// The blocks of a cut page, in characters.
fn spans(text: &str, cut: &CutPage) -> Vec<(Range<usize>, Option<usize>, Part)> {
    let mut at = (0, 0);
    let mut characters = |byte: usize| {
        at = (byte, at.1 + text[at.0..byte].chars().count());
        at.1
    };
    let blocks = cut.blocks.iter();
    blocks
        .map(|block| {
            (
                characters(block.range.start)..characters(block.range.end),
                block.article,
                part(block.kind),
            )
        })
        .collect()
}

/// The part of an article that a kind of block is.
pub fn part(kind: BlockKind) -> Part {
    match kind {
        BlockKind::Shoulder | BlockKind::Headline | BlockKind::Sub | BlockKind::ColumnHead => {
            Part::Heading
        }
        BlockKind::Byline => Part::Byline,
        BlockKind::Body | BlockKind::Caption | BlockKind::Repeated | BlockKind::Furniture => {
            Part::Text
        }
    }
}

/// Article and part of each visible character.
fn labels(
    text: &str,
    spans: impl Iterator<Item = (Range<usize>, Option<usize>, Part)>,
) -> Vec<(Option<usize>, Part)> {
    let characters: Vec<char> = text.chars().collect();
    let mut labels = vec![(None, Part::Text); characters.len()];
    for (range, article, part) in spans {
        labels[range].fill((article, part));
    }
    let visible = labels
        .into_iter()
        .zip(&characters)
        .filter(|(_, c)| !c.is_whitespace());
    visible.map(|(label, _)| label).collect()
}

/// Places at which the label changes.
fn boundaries(labels: &[(Option<usize>, Part)]) -> BTreeSet<usize> {
    (1..labels.len())
        .filter(|at| labels[at - 1] != labels[*at])
        .collect()
}

/// Annotated articles and the found ones that they are paired with.
fn pairs(
    wanted: &[(Option<usize>, Part)],
    found: &[(Option<usize>, Part)],
) -> BTreeMap<usize, usize> {
    let mut overlaps: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for (wanted, found) in wanted.iter().zip(found) {
        if let (Some(wanted), Some(found)) = (wanted.0, found.0) {
            *overlaps.entry((wanted, found)).or_default() += 1;
        }
    }
    let mut overlaps: Vec<_> = overlaps.into_iter().collect();
    overlaps.sort_by_key(|(pair, count)| (std::cmp::Reverse(*count), *pair));
    let mut pairs = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for ((wanted, found), _) in overlaps {
        if !pairs.contains_key(&wanted) && taken.insert(found) {
            pairs.insert(wanted, found);
        }
    }
    pairs
}
