//! What each line looks like.
//!
//! Some lines say it themselves: a lead begins with 本报讯, a byline is nothing but roles and
//! names. Headlines do not. They are told from running text by what they lack (the end of a
//! sentence, a width that fills the column) and by what stands around them, and what stands after
//! a line is more telling than what stands before it. So lines are judged from the last to the
//! first.

use super::byline;
use super::column::{Column, columns};
use super::lines::{LONGEST_HEADLINE, Line, Page, is_lead};

/// What a line looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Running text that begins a report.
    Lead,
    /// Running text.
    Prose,
    /// A line of a headline, or something like it.
    Title,
    /// The name of a column, in its brackets.
    Column,
    /// Who wrote it.
    Byline,
    /// A row of a table.
    Row,
    /// What the paper says about itself.
    Furniture,
}

impl Shape {
    /// Whether running text cannot go on in a line of this shape.
    fn is_hard(self) -> bool {
        !matches!(self, Shape::Prose | Shape::Row)
    }
}

/// A line is set in large type if it is so much larger than the usual size.
const LARGE: f32 = 1.2;

/// So many short lines directly below each other are verse or a list, not a headline.
const VERSE: usize = 6;

/// The shapes of all lines.
pub(super) fn shapes(page: &Page<'_>) -> Vec<Shape> {
    let columns = columns(page);
    let mut shapes = vec![Shape::Prose; page.lines.len()];
    for index in (0..page.lines.len()).rev() {
        let next = shapes.get(index + 1).copied();
        shapes[index] = shape(page, &columns, index, next);
    }
    keep_verse(page, &mut shapes);
    keep_signatures(page, &mut shapes);
    shapes
}

fn shape(page: &Page<'_>, columns: &[Column], index: usize, next: Option<Shape>) -> Shape {
    let line = &page.lines[index];
    if is_lead(&line.text) {
        return Shape::Lead;
    }
    if is_column_head(line) {
        return Shape::Column;
    }
    if is_byline(page, columns, index, next) {
        return Shape::Byline;
    }
    if is_furniture(&line.text) {
        return Shape::Furniture;
    }
    if is_row(page, index) {
        return Shape::Row;
    }
    if is_title(page, columns, index, next) {
        return Shape::Title;
    }
    Shape::Prose
}

/// `【民声直通车】第86期`, or `副刊·白蓼河`
fn is_column_head(line: &Line<'_>) -> bool {
    let Some(rest) = line.text.strip_prefix('【') else {
        let names = ["副刊·", "副刊•", "副刊 "];
        return line.length <= 12 && names.iter().any(|name| line.text.starts_with(name));
    };
    let Some((name, after)) = rest.split_once('】') else {
        return false;
    };
    name.chars().count() <= 16 && after.chars().count() <= 10 && !after.contains(['，', '。'])
}

fn is_byline(page: &Page<'_>, columns: &[Column], index: usize, next: Option<Shape>) -> bool {
    let line = &page.lines[index];
    if byline::line(&line.text).is_none() {
        return false;
    }
    // In the middle of a sentence, in a line that fills the column, it is a part of it.
    let inside = page.is_open_before(index) && line.gap == 0 && next == Some(Shape::Prose);
    !(inside
        && page.lines[index - 1].text.contains(['，', '。'])
        && columns[index].is_filled_by(line))
}

/// Page heads, editors, addresses.
pub(super) fn is_furniture(text: &str) -> bool {
    let count = text.chars().count();
    if count > 80 {
        return false;
    }
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let page_head = ["星期", "农历"].iter().any(|word| text.contains(word))
        && super::dates::first_full(text).is_some()
        && !text.contains('。');
    let number = count <= 4
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || c == '-' || c == '—');
    let page_number = count <= 8
        && (text.starts_with('第') && text.ends_with('版')
            || text.ends_with('版') && text.starts_with(|c: char| c.is_ascii_alphanumeric()));
    let staff = count <= 60
        && [
            "责任编辑",
            "责编",
            "本版编辑",
            "本版责编",
            "美术编辑",
            "版式设计",
            "编辑：",
            "编辑:",
            "校对：",
            "校对:",
        ]
        .iter()
        .any(|word| text.starts_with(word));
    let imprint = has(&[
        "国内统一连续出版物号",
        "国内统一刊号",
        "邮发代号",
        "广告经营许可证",
        "准印证号",
    ]);
    page_head || number || page_number || staff || imprint
}

/// Cells apart, in one line of several.
fn is_row(page: &Page<'_>, index: usize) -> bool {
    let cells = cells(&page.lines[index]);
    let like = |other: Option<&Line<'_>>| {
        other
            .is_some_and(|other| self::cells(other).abs_diff(cells) <= 1 && self::cells(other) >= 3)
    };
    let after = page.lines.get(index + 1).filter(|next| next.gap == 0);
    let before = index.checked_sub(1).filter(|_| page.lines[index].gap == 0);
    cells >= 3 && (like(after) || like(before.map(|index| &page.lines[index])))
}

/// Words apart; one if it is running text or has spread letters.
fn cells(line: &Line<'_>) -> usize {
    if line.text.contains(['。', '，', '；', ',']) || !line.text.contains(char::is_whitespace) {
        return 1;
    }
    let words = line.text.split_whitespace();
    let singles = words
        .clone()
        .filter(|word| word.chars().count() == 1)
        .count();
    let latin = words
        .clone()
        .filter(|word| word.chars().all(|c| c.is_alphabetic() && c.is_ascii()))
        .count();
    let count = words.count();
    if singles * 2 > count || latin * 2 > count {
        1
    } else {
        count
    }
}

fn is_title(page: &Page<'_>, columns: &[Column], index: usize, next: Option<Shape>) -> bool {
    let line = &page.lines[index];
    if !could_be_title(line) {
        return false;
    }
    if let (Some(size), Some(usual)) = (line.size, page.usual_size)
        && size >= usual * LARGE
    {
        return true;
    }
    let fills = columns[index].is_filled_by(line);
    let hard = next.is_none_or(Shape::is_hard);
    if is_inside_sentence(page, columns, index) {
        return interrupts(page, index, next, fills);
    }
    hard || next == Some(Shape::Row) || !fills && !goes_on(page, index)
}

/// What no headline has.
fn could_be_title(line: &Line<'_>) -> bool {
    let text = line.text.as_ref();
    let commas = text.chars().filter(|c| matches!(c, '，' | ',')).count();
    line.length <= LONGEST_HEADLINE
        && line.length >= 2
        && !text.contains('。')
        && commas <= 2
        && !text.ends_with([
            '，', ',', '、', '；', ';', '：', ':', '（', '(', '“', '《', '‘', '…',
        ])
        && !text.starts_with([
            '，', ',', '、', '；', '：', '！', '？', '”', '’', '》', '）', '.', '%', '％',
        ])
        && byline::credit(text).is_none()
        && text.chars().filter(|c| c.is_alphanumeric()).count() >= 2
}

/// Whether the line before is running text in the middle of a sentence.
fn is_inside_sentence(page: &Page<'_>, columns: &[Column], index: usize) -> bool {
    let Some(before) = index.checked_sub(1).map(|before| &page.lines[before]) else {
        return false;
    };
    if before.is_finished()
        || byline::line(&before.text).is_some()
        || byline::credit(&before.text).is_some()
    {
        return false;
    }
    let running = before.length > LONGEST_HEADLINE
        || before.text.contains(['，', '。', '、'])
        || columns[index - 1].before.is_some() && columns[index - 1].is_filled_by(before);
    running
        && !(could_be_title(before)
            && before.gap > 0
            && page.lines[index].gap > 0
            && !before.text.contains(['，', '。']))
}

/// A headline that was set in the middle of an article stands by itself between the two halves.
fn interrupts(page: &Page<'_>, index: usize, next: Option<Shape>, fills: bool) -> bool {
    let line = &page.lines[index];
    let apart = line.gap > 0
        && (page.lines.get(index + 1).is_none_or(|after| after.gap > 0)
            || next.is_some_and(Shape::is_hard));
    apart && !fills && !line.text.contains(['，', '、', '。'])
}

/// Whether the line below is plainly its second half: a sentence does not begin there.
fn goes_on(page: &Page<'_>, index: usize) -> bool {
    let Some(after) = page.lines.get(index + 1) else {
        return false;
    };
    let line = &page.lines[index];
    let widths_agree =
        after.width.abs_diff(line.width) <= 2 || after.width.abs_diff(line.width + 4) <= 2;
    let begins_inside = after
        .text
        .starts_with(['，', '。', '、', '；', '”', '）', '》']);
    begins_inside
        || after.gap == 0 && widths_agree && line.length > 13 && line.text.contains(['，', '、'])
}

/// Rows of short lines below each other are verse or a list; so are short lines right below a
/// byline.
fn keep_verse(page: &Page<'_>, shapes: &mut [Shape]) {
    let mut start = 0;
    while start < shapes.len() {
        let mut end = start + 1;
        while end < shapes.len() && page.lines[end].gap == 0 && shapes[end] == Shape::Title {
            end += 1;
        }
        let after_byline = start > 0 && shapes[start - 1] == Shape::Byline;
        if shapes[start] == Shape::Title
            && (end - start >= VERSE || after_byline && end - start >= 2)
        {
            shapes[start..end].fill(Shape::Prose);
        }
        start = end;
    }
}

/// Who gives notice, and when, at the end of it.
fn keep_signatures(page: &Page<'_>, shapes: &mut [Shape]) {
    for index in 1..shapes.len() {
        if shapes[index] == Shape::Title
            && shapes[index - 1] == Shape::Prose
            && is_signature(&page.lines[index])
        {
            shapes[index] = Shape::Prose;
        }
    }
}

fn is_signature(line: &Line<'_>) -> bool {
    let text = line.text.as_ref();
    let date = super::dates::first_full(text).is_some_and(|range| range.len() == text.len());
    let office = [
        "编辑部",
        "委员会",
        "办公室",
        "指挥部",
        "局",
        "有限公司",
        "管理处",
        "管理所",
        "服务中心",
        "报社",
    ];
    let plain = line.length <= 20
        && !text.contains(char::is_whitespace)
        && !text.contains(['“', '，', '：']);
    date || plain && line.length >= 4 && office.iter().any(|end| text.ends_with(end))
}

/// Whether a headline announces that something is announced.
pub(super) fn is_notice_head(text: &str) -> bool {
    let ends = [
        "启事",
        "小启",
        "公告",
        "通知",
        "声明",
        "更正",
        "公示",
        "招领",
        "通告",
        "讣告",
        "来函照登",
        "征稿",
        "作品",
    ];
    let text: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
    let count = text.chars().count();
    count <= 24 && ends.iter().any(|end| text.ends_with(end))
        || ["天气", "天气预报", "启"].contains(&text.as_str())
}
