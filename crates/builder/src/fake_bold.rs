//! Undoes text that a PDF gave up twice.
//!
//! A newspaper that has no bold cut of a typeface prints the text two times, a hair apart. On paper that is bold; in
//! the text that is taken from the file every piece stands there twice:
//!
//! ```text
//!  33 月月 1212 日日，，青石镇柳湾村青石镇柳湾村““百姓戏台百姓戏台””正式开锣正式开锣，，
//! ```
//!
//! Nobody who looks for 柳湾村“百姓戏台” finds that. The pieces are *runs*: characters of one class (Han, digits,
//! letters, marks) in a row, and each run is doubled for itself: `1212` is 12, `””` is one quotation mark. Where two
//! pieces of one class met, a run is two or more doubled pieces: `开锣开锣今晚今晚`.
//!
//! # When it is safe
//!
//! Chinese doubles words all the time, and this is an archive: a wrong repair changes what a newspaper said. So a
//! *stretch* is repaired, never a run, and only when it could not have been written that way:
//!
//! - A stretch is a longest row of runs **every one** of which is doubled. It may go on over a line end, but not over
//!   a blank line. One run that is not doubled ends it: `试试看` is safe because `试试看` as a whole is not doubled.
//! - It has at least [`FEWEST_RUNS`] runs.
//! - One of them is *strong*: Han, and a doubled piece of at least three different characters. `谢谢谢谢`, `研究研究`
//!   and `高高兴兴欢欢喜喜` (eight pieces of one character) are not strong, `百姓戏台百姓戏台` is. Letters are never
//!   strong, because `couscous` is a word and `((`, `;;` and `,,` are code.
//! - One of them is *proof*: a mark that ordinary text does not write twice, like `，，` or `““`. `……`, `——`, `！！` and
//!   `。。。。` are no proof. This is what keeps songs (`我爱你家乡我爱你家乡`), tables (`北京市北京市 天津市天津市`) and
//!   drums apart from fake bold, at the price of leaving a doubled headline without punctuation as it is. That price is
//!   small: its words are still found, only not across the seam.
//! - At the ends of a stretch, what might as well be ordinary text stays: see [`trim`].
//!
//! A chorus that stands twice in a row has a line end, a space or a comma between the two, and none of its runs is
//! doubled. The caller is given every changed line before and after, and puts both into the report of the build.

use std::borrow::Cow;
use std::ops::Range;

/// Fewer doubled runs in a row than this are a coincidence.
const FEWEST_RUNS: usize = 3;

/// A run that is longer than this many characters is not looked at. A doubled line of a newspaper has less than a
/// hundred; text without any punctuation may have a million, and looking for squares in it is quadratic.
const LONGEST_RUN: usize = 256;

/// Marks that ordinary text does not write twice in a row.
const PROOF: &str = "，。、；：“”‘’（）《》〈〉「」『』【】〔〕％,;()%";

/// One line that was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepairedLine {
    /// Counted from 1.
    pub line: usize,
    /// As it came.
    pub before: String,
    /// As it should have come.
    pub after: String,
}

/// The text with every doubled stretch undone, and the lines in which that changed something.
pub fn repair(text: &str) -> (Cow<'_, str>, Vec<RepairedLine>) {
    let runs = runs(text);
    let doubled: Vec<&Run> = stretches(&runs)
        .into_iter()
        .map(trim)
        .filter(|stretch| is_convincing(stretch))
        .flatten()
        .collect();
    if doubled.is_empty() {
        return (Cow::Borrowed(text), Vec::new());
    }
    rewrite(text, &doubled)
}

/// Characters that are doubled together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Han,
    Digit,
    Letter,
    Mark,
}

/// Characters of one class in a row.
#[derive(Debug)]
struct Run {
    class: Class,
    /// Where it is in the text, in bytes.
    range: Range<usize>,
    /// Counted from 0.
    line: usize,
    /// The run said once, if it was said twice.
    once: Option<Once>,
    /// Whether the run before, or the start of the line, is on the same line; the same for the run after.
    first_in_line: bool,
    last_in_line: bool,
}

/// What a doubled run is without its doubling.
#[derive(Debug)]
struct Once {
    text: String,
    /// Different characters in the piece that has most of them.
    variety: usize,
}

impl Run {
    fn is_strong(&self) -> bool {
        self.class == Class::Han && self.once.as_ref().is_some_and(|once| once.variety >= 3)
    }

    fn is_proof(&self) -> bool {
        let Some(once) = &self.once else { return false };
        // `。。。。` is how some people write an ellipsis, so the single reading may not repeat itself.
        let mut before = None;
        once.text
            .chars()
            .all(|mark| PROOF.contains(mark) && before.replace(mark) != Some(mark))
    }

    /// Whether ordinary text looks like this where numbers and rules are: page numbers, cells, `——`.
    fn is_furniture(&self) -> bool {
        matches!(self.class, Class::Digit | Class::Mark) && !self.is_proof()
    }
}

fn class(character: char) -> Option<Class> {
    match character {
        _ if character.is_whitespace() || character.is_control() => None,
        '〇' | '々' | '\u{2E80}'..='\u{2FDF}' | '\u{3400}'..='\u{9FFF}' => Some(Class::Han),
        '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' => Some(Class::Han),
        _ if character.is_numeric() => Some(Class::Digit),
        _ if character.is_alphabetic() => Some(Class::Letter),
        _ => Some(Class::Mark),
    }
}

/// All runs of the text, in order.
fn runs(text: &str) -> Vec<Run> {
    let mut all = Vec::new();
    let mut start = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        runs_of_line(line, start, number, &mut all);
        start += line.len();
    }
    all
}

fn runs_of_line(line: &str, start: usize, number: usize, all: &mut Vec<Run>) {
    let first = all.len();
    let mut open: Option<(Class, usize)> = None;
    for (at, character) in line.char_indices().chain([(line.len(), '\n')]) {
        let class = class(character);
        if open.map(|(class, _)| class) == class {
            continue;
        }
        if let Some((class, from)) = open {
            all.push(run(class, &line[from..at], start + from, number));
        }
        open = class.map(|class| (class, at));
    }
    if let [head, .., tail] = &mut all[first..] {
        (head.first_in_line, tail.last_in_line) = (true, true);
    } else if let [only] = &mut all[first..] {
        (only.first_in_line, only.last_in_line) = (true, true);
    }
}

fn run(class: Class, text: &str, start: usize, line: usize) -> Run {
    Run {
        class,
        range: start..start + text.len(),
        line,
        once: once(text),
        first_in_line: false,
        last_in_line: false,
    }
}

/// A run read once, if it is nothing but doubled pieces: the reading with the fewest pieces, because a run that was
/// drawn twice is one piece, whatever it repeats inside (`好好好好` is 好好, `前进前进前进前进` is 前进前进).
fn once(text: &str) -> Option<Once> {
    // A character is at most four bytes, so this does not even count them in a text without punctuation.
    if text.len() > LONGEST_RUN * 4 {
        return None;
    }
    let characters: Vec<char> = text.chars().collect();
    if characters.len() % 2 != 0 || characters.len() > LONGEST_RUN {
        return None;
    }
    let pieces = pieces(&characters)?;
    Some(Once {
        text: pieces.iter().copied().flatten().collect(),
        variety: pieces.iter().map(|piece| variety(piece)).max().unwrap_or(0),
    })
}

/// The halves of the fewest squares that make up the characters. Of two readings with equally few the one whose last
/// piece is longest wins, so that the answer is always the same.
fn pieces(characters: &[char]) -> Option<Vec<&[char]>> {
    // best[end] = (pieces needed to cover the characters before `end`, length of the last one's half)
    let mut best: Vec<Option<(usize, usize)>> = vec![None; characters.len() + 1];
    best[0] = Some((0, 0));
    for start in (0..characters.len()).step_by(2) {
        let Some((count, _)) = best[start] else {
            continue;
        };
        for half in 1..=(characters.len() - start) / 2 {
            let (middle, end) = (start + half, start + 2 * half);
            let better = best[end].is_none_or(|(known, _)| count + 1 < known);
            if better && characters[start..middle] == characters[middle..end] {
                best[end] = Some((count + 1, half));
            }
        }
    }
    walk_back(characters, &best)
}

fn walk_back<'a>(
    characters: &'a [char],
    best: &[Option<(usize, usize)>],
) -> Option<Vec<&'a [char]>> {
    let mut pieces = Vec::new();
    let mut end = characters.len();
    while end > 0 {
        let (_, half) = best[end]?;
        pieces.push(&characters[end - half..end]);
        end -= 2 * half;
    }
    pieces.reverse();
    Some(pieces)
}

fn variety(piece: &[char]) -> usize {
    let mut seen = piece.to_vec();
    seen.sort_unstable();
    seen.dedup();
    seen.len()
}

/// The longest rows of doubled runs. A line without any run is a blank line and ends a row.
fn stretches(runs: &[Run]) -> Vec<&[Run]> {
    runs.chunk_by(|one, next| {
        one.once.is_some() && next.once.is_some() && next.line - one.line <= 1
    })
    .filter(|row| row[0].once.is_some())
    .collect()
}

/// Takes away from both ends of a stretch what may be ordinary text beside it.
///
/// Where the stretch stops in the middle of a line, undoubled text goes on there, and runs that ordinary text writes
/// too (`天天`, `——`, `88`) belong to it rather than to the stretch. Where it stops at a line end, a line of nothing
/// but numbers and rules is page furniture: the `11` below a caption is the page's number.
fn trim(mut stretch: &[Run]) -> &[Run] {
    while let [first, rest @ ..] = stretch {
        if !is_loose(first, first.first_in_line, stretch.iter()) {
            break;
        }
        stretch = rest;
    }
    while let [rest @ .., last] = stretch {
        if !is_loose(last, last.last_in_line, stretch.iter().rev()) {
            break;
        }
        stretch = rest;
    }
    stretch
}

/// Whether the outermost run has to go; `inwards` are the runs from it towards the middle of the stretch.
fn is_loose<'a>(run: &Run, at_line_end: bool, inwards: impl Iterator<Item = &'a Run>) -> bool {
    if !at_line_end {
        return !run.is_strong() && !run.is_proof();
    }
    inwards
        .take_while(|other| other.line == run.line)
        .all(Run::is_furniture)
}

fn is_convincing(stretch: &[Run]) -> bool {
    stretch.len() >= FEWEST_RUNS
        && stretch.iter().any(Run::is_strong)
        && stretch.iter().any(Run::is_proof)
}

/// Writes the text anew with the runs said once, and notes the lines.
fn rewrite<'a>(text: &'a str, doubled: &[&Run]) -> (Cow<'a, str>, Vec<RepairedLine>) {
    let mut after = String::with_capacity(text.len());
    let mut changed = Vec::new();
    let mut doubled = doubled.iter().peekable();
    let mut start = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let from = after.len();
        let mut copied = start;
        while let Some(run) = doubled.next_if(|run| run.line == number) {
            after.push_str(&text[copied..run.range.start]);
            after.extend(run.once.iter().map(|once| once.text.as_str()));
            copied = run.range.end;
        }
        start += line.len();
        after.push_str(&text[copied..start]);
        if after[from..] != *line {
            changed.push(RepairedLine {
                line: number + 1,
                before: line.trim_end_matches(['\r', '\n']).to_owned(),
                after: after[from..].trim_end_matches(['\r', '\n']).to_owned(),
            });
        }
    }
    (Cow::Owned(after), changed)
}

#[cfg(test)]
mod tests;
