//! The lines of a page, and what can be told of each of them by itself.
//!
//! A line is what stands between two line ends, without the white space around it. It is the unit
//! of all that follows: every line gets one place in the ledger, so nothing can be lost. Where a
//! PDF glued a headline to the last line of another article, the line is cut in two.

use std::borrow::Cow;
use std::ops::Range;

use super::overrides::{Forced, Located};
use super::{PageContext, Style, byline};
use crate::fake_bold;

/// A headline of more characters than this has not been seen; longer lines are running text.
pub(super) const LONGEST_HEADLINE: usize = 48;

/// All lines that are not blank.
#[derive(Debug)]
pub(super) struct Page<'a> {
    pub(super) lines: Vec<Line<'a>>,
    /// The size that most of the page is set in, if sizes are known.
    pub(super) usual_size: Option<f32>,
    /// What an archivist says of the page.
    pub(super) overrides: Located,
}

/// One line, or a piece of one.
#[derive(Debug)]
pub(super) struct Line<'a> {
    /// Bytes of the page's text.
    pub(super) range: Range<usize>,
    /// What stands there, each run once where fake bold has it twice.
    pub(super) text: Cow<'a, str>,
    /// Blank lines before it.
    pub(super) gap: usize,
    /// White space before it: where a PDF begins another box of text.
    pub(super) is_indented: bool,
    /// In halves of a Han character; white space does not count, because justified columns have
    /// any amount of it.
    pub(super) width: usize,
    /// Characters that are not white space.
    pub(super) length: usize,
    /// What an archivist says of it.
    pub(super) forced: Option<Forced>,
    /// How large it is set, if that is known.
    pub(super) size: Option<f32>,
}

impl<'a> Page<'a> {
    pub(super) fn new(text: &'a str, context: &PageContext<'_>) -> Self {
        let mut lines: Vec<Line<'a>> = Vec::new();
        let mut gap = 0;
        for (start, line) in pieces_between_ends(text) {
            let trimmed = line.trim();
            if trimmed.is_empty() {
                gap += 1;
                continue;
            }
            let start = start + (line.len() - line.trim_start().len());
            let first = lines.len();
            push_unglued(&mut lines, start, trimmed, gap);
            lines[first].is_indented = line.starts_with(char::is_whitespace);
            gap = 0;
        }
        // The first line has no line before it, so nothing lies between them.
        if let Some(first) = lines.first_mut() {
            first.gap = 1;
        }
        split_before_hard_start(&mut lines, text);
        let overrides = context
            .overrides
            .map(|overrides| Located::new(text, overrides))
            .unwrap_or_default();
        for (range, forced) in &overrides.forced {
            force(&mut lines, text, range, *forced);
        }
        let usual_size = set_sizes(&mut lines, context.styles);
        Self {
            lines,
            usual_size,
            overrides,
        }
    }

    /// Whether the line before is in the middle of a sentence.
    pub(super) fn is_open_before(&self, index: usize) -> bool {
        index > 0 && !self.lines[index - 1].is_finished()
    }
}

impl<'a> Line<'a> {
    fn new(start: usize, raw: &'a str, gap: usize) -> Self {
        let (text, _) = fake_bold::repair(raw);
        let visible = || text.chars().filter(|character| !character.is_whitespace());
        let width = visible().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
        let length = visible().count();
        Self {
            range: start..start + raw.len(),
            text,
            gap,
            is_indented: false,
            width,
            length,
            forced: None,
            size: None,
        }
    }

    /// Whether a sentence ends where the line ends.
    pub(super) fn is_finished(&self) -> bool {
        ends_sentence(&self.text)
    }
}

/// Whether a sentence ends where the text ends, perhaps inside quotation marks or brackets.
pub(super) fn ends_sentence(text: &str) -> bool {
    let bare = text.trim_end_matches(|c: char| is_closing(c) || c.is_whitespace());
    let mut last = bare.chars().rev();
    match last.next() {
        Some('。' | '！' | '？' | '!' | '?' | '…') => true,
        // A full stop of English, not the point of a number.
        Some('.') => last.next().is_some_and(char::is_alphabetic),
        _ => false,
    }
}

pub(super) fn is_closing(character: char) -> bool {
    matches!(
        character,
        '”' | '’' | '」' | '』' | '）' | ')' | '】' | '》' | '〉' | '〕' | '"' | ']'
    )
}

/// Where each line begins, and the line without its end.
fn pieces_between_ends(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_end = |c: char| {
        matches!(
            c,
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
        )
    };
    let mut start = 0;
    text.split_inclusive(is_end).filter_map(move |piece| {
        let at = start;
        start += piece.len();
        // The line feed of a `\r\n` is not a blank line.
        let second_half = piece == "\n" && text[..at].ends_with('\r');
        (!second_half).then(|| (at, piece.trim_end_matches(is_end)))
    })
}

/// Adds a line, cut where something begins that always begins a line: a column's name in its
/// brackets, and the lead of a report.
fn push_unglued<'a>(lines: &mut Vec<Line<'a>>, start: usize, text: &'a str, gap: usize) {
    let mut from = 0;
    for (at, _) in text.match_indices(['【', '本']) {
        let begins = text[at..].starts_with('【') || is_lead(&text[at..]);
        let before = text[from..at].trim_end();
        if at > from && begins && ends_sentence(before) && text[at..].chars().nth(4).is_some() {
            push_piece(
                lines,
                start + from,
                &text[from..at],
                if from == 0 { gap } else { 0 },
            );
            from = at;
        }
    }
    push_piece(
        lines,
        start + from,
        &text[from..],
        if from == 0 { gap } else { 0 },
    );
}

fn push_piece<'a>(lines: &mut Vec<Line<'a>>, start: usize, piece: &'a str, gap: usize) {
    let trimmed = piece.trim_start();
    let start = start + (piece.len() - trimmed.len());
    lines.push(Line::new(start, trimmed.trim_end(), gap));
}

/// Whether the text begins as reports begin.
pub(super) fn is_lead(text: &str) -> bool {
    let rest = ["本报讯", "本网讯", "本刊讯", "本台讯"]
        .iter()
        .find_map(|lead| text.strip_prefix(lead));
    match rest.and_then(|rest| rest.chars().next()) {
        Some(next) => matches!(next, '（' | '(' | '：' | ':' | '【') || next.is_whitespace(),
        None => rest.is_some() || is_wire_lead(text),
    }
}

/// `新华社北京7月1日电`
fn is_wire_lead(text: &str) -> bool {
    let Some(rest) = text
        .strip_prefix("据")
        .unwrap_or(text)
        .strip_prefix("新华社")
    else {
        return false;
    };
    let head: String = rest.chars().take(24).collect();
    head.contains('日') && head.contains('电')
}

/// Cuts a line whose end cannot be the end of what stands before it: `……说。某某桥通车` and a blank
/// line, or a lead, after it.
fn split_before_hard_start<'a>(lines: &mut Vec<Line<'a>>, text: &'a str) {
    let mut index = 0;
    while index < lines.len() {
        let stands_before = match lines.get(index + 1) {
            Some(next) => is_lead(&next.text) || next.gap > 0 && next.length <= LONGEST_HEADLINE,
            None => true,
        };
        if stands_before && let Some(at) = glued_headline(&lines[index], text) {
            let (range, gap) = (lines[index].range.clone(), lines[index].gap);
            let head = Line::new(range.start, text[range.start..at].trim_end(), gap);
            let tail = Line::new(at, &text[at..range.end], 0);
            lines.splice(index..=index, [head, tail]);
            index += 1;
        }
        index += 1;
    }
}

/// Where in the page's text a headline begins that is glued to the end of a sentence.
fn glued_headline(line: &Line<'_>, text: &str) -> Option<usize> {
    let raw = &text[line.range.clone()];
    if line.is_finished() || line.length > 2 * LONGEST_HEADLINE {
        return None;
    }
    let (stop, mark) = raw
        .char_indices()
        .rfind(|(_, c)| matches!(c, '。' | '！' | '？'))?;
    let after = &raw[stop + mark.len_utf8()..];
    let tail = after.trim_start_matches(|c: char| is_closing(c) || c.is_whitespace());
    let looks_right = byline::credit(raw).is_none()
        && (6..=LONGEST_HEADLINE).contains(&tail.chars().count())
        && !tail.contains(['，', ',', '、', '；', '：', '（', '('])
        && stop > 0;
    looks_right.then(|| line.range.end - tail.len())
}

/// Cuts lines so that what an archivist speaks of begins a line, and marks it.
fn force<'a>(lines: &mut Vec<Line<'a>>, text: &'a str, range: &Range<usize>, forced: Forced) {
    // Furniture is whole lines.
    if forced != Forced::Furniture {
        cut_at(lines, text, range.start);
    }
    if matches!(forced, Forced::Headline(_)) {
        cut_at(lines, text, range.end);
    }
    let first = lines.partition_point(|line| line.range.end <= range.start);
    let marked = lines[first..]
        .iter_mut()
        .take_while(|line| line.range.start < range.end);
    marked.for_each(|line| line.forced = Some(forced));
}

fn cut_at<'a>(lines: &mut Vec<Line<'a>>, text: &'a str, at: usize) {
    let index = lines.partition_point(|line| line.range.end <= at);
    let Some(line) = lines.get(index).filter(|line| line.range.start < at) else {
        return;
    };
    let (range, gap, forced) = (line.range.clone(), line.gap, line.forced);
    let piece = |range: Range<usize>, gap: usize| {
        let raw = &text[range.clone()];
        let start = range.end - raw.trim_start().len();
        let mut line = Line::new(start, raw.trim(), gap);
        line.forced = forced;
        line
    };
    let pieces = [piece(range.start..at, gap), piece(at..range.end, 0)];
    lines.splice(index..=index, pieces);
}

/// Gives every line the size of its largest part; returns the size that most bytes have.
fn set_sizes(lines: &mut [Line<'_>], styles: &[Style]) -> Option<f32> {
    let mut sizes: Vec<(u32, usize)> = Vec::new();
    for style in styles
        .iter()
        .filter(|style| style.size.is_finite() && style.size > 0.0)
    {
        // Tenths of a point: sizes of one typeface differ by rounding.
        let tenths = (style.size * 10.0).round() as u32;
        match sizes.iter_mut().find(|(size, _)| *size == tenths) {
            Some((_, bytes)) => *bytes += style.range.len(),
            None => sizes.push((tenths, style.range.len())),
        }
    }
    let usual = sizes
        .iter()
        .max_by_key(|(size, bytes)| (*bytes, std::cmp::Reverse(*size)))?
        .0;
    let mut first = 0;
    for line in lines {
        while styles
            .get(first)
            .is_some_and(|style| style.range.end <= line.range.start)
        {
            first += 1;
        }
        line.size = styles[first.min(styles.len())..]
            .iter()
            .take_while(|style| style.range.start < line.range.end)
            .map(|style| style.size)
            .filter(|size| size.is_finite() && *size > 0.0)
            .reduce(f32::max);
    }
    Some(usual as f32 / 10.0)
}
