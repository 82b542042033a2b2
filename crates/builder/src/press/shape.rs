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
use super::overrides::Forced;

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
    let running = running(page, &columns);
    let around = Around { columns, running };
    let mut shapes = vec![Shape::Prose; page.lines.len()];
    for index in (0..page.lines.len()).rev() {
        let next = shapes.get(index + 1).copied();
        shapes[index] = shape(page, &around, index, next);
    }
    keep_notes_to_tables(page, &mut shapes);
    keep_verse(page, &mut shapes);
    keep_signatures(page, &mut shapes);
    shapes
}

/// What is known of the lines around each line before their shapes are.
struct Around {
    columns: Vec<Column>,
    running: Vec<bool>,
}

/// Lines that look like running text from the left: they have its marks, or go on in mid-sentence
/// where such a line ended.
fn running(page: &Page<'_>, columns: &[Column]) -> Vec<bool> {
    let mut running: Vec<bool> = Vec::with_capacity(page.lines.len());
    for (index, line) in page.lines.iter().enumerate() {
        let follows = index > 0
            && running[index - 1]
            && page.is_open_before(index)
            && (line.gap == 0 || columns[index].is_filled_by(line, false))
            && byline::line(&line.text).is_none();
        // Enumerations are for running text, where it is plainly around.
        let enumerates =
            index > 0 && line.gap == 0 && running[index - 1] && line.text.contains('、');
        let has_marks = enumerates
            || line.text.contains(['，', ',', '。', '；'])
            || line.text.ends_with(['：', '、']);
        running.push(line.length > LONGEST_HEADLINE || has_marks || follows);
    }
    running
}

fn shape(page: &Page<'_>, around: &Around, index: usize, next: Option<Shape>) -> Shape {
    let line = &page.lines[index];
    match line.forced {
        Some(Forced::Begin) => return Shape::Lead,
        Some(Forced::Headline(_)) => return Shape::Title,
        Some(Forced::Furniture) => return Shape::Furniture,
        None => {}
    }
    if is_lead(&line.text) {
        return Shape::Lead;
    }
    if is_column_head(line) {
        return Shape::Column;
    }
    if is_byline(page, around, index, next) {
        return Shape::Byline;
    }
    if is_furniture(&line.text) {
        return Shape::Furniture;
    }
    if is_row(page, index) {
        return Shape::Row;
    }
    if is_title(page, around, index, next) {
        return Shape::Title;
    }
    Shape::Prose
}

/// `【民声直通车】第86期`, or `副刊·白蓼河`
fn is_column_head(line: &Line<'_>) -> bool {
    let Some(rest) = line.text.strip_prefix('【') else {
        return is_column_name(&line.text);
    };
    let Some((name, after)) = rest.split_once('】') else {
        return false;
    };
    name.chars().count() <= 16 && after.chars().count() <= 10 && !after.contains(['，', '。'])
}

/// Words that names of columns begin or end with.
fn is_column_name(text: &str) -> bool {
    let begins = ["副刊·", "副刊•", "副刊 "];
    let ends = [
        "进行时",
        "在行动",
        "之声",
        "之窗",
        "专栏",
        "专刊",
        "直通车",
        "简讯",
        "快讯",
        "短讯",
        "要闻",
        "视窗",
        "风采录",
        "快报",
    ];
    let plain = text
        .chars()
        .all(|c| c.is_alphanumeric() || c.is_whitespace() || matches!(c, '·' | '•'));
    text.chars().count() <= 12
        && plain
        && (begins.iter().any(|word| text.starts_with(word))
            || ends.iter().any(|word| text.ends_with(word)))
}

fn is_byline(page: &Page<'_>, around: &Around, index: usize, next: Option<Shape>) -> bool {
    let line = &page.lines[index];
    if byline::line(&line.text).is_none() {
        return false;
    }
    // In the middle of a sentence, in a line that fills the column, it is a part of it.
    let inside = page.is_open_before(index) && line.gap == 0 && next == Some(Shape::Prose);
    !(inside && around.running[index - 1] && around.columns[index].is_filled_by(line, false))
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

fn is_title(page: &Page<'_>, around: &Around, index: usize, next: Option<Shape>) -> bool {
    let line = &page.lines[index];
    if !could_be_title(line) {
        return false;
    }
    if let (Some(size), Some(usual)) = (line.size, page.usual_size)
        && size >= usual * LARGE
    {
        return true;
    }
    let hard = next.is_none_or(Shape::is_hard);
    let after_text = index > 0 && line.gap == 0 && around.running[index - 1];
    if is_inside_sentence(page, around, index) {
        return line.gap > 0 && interrupts(page, around, index, next);
    }
    // A whole sentence in quotation marks is a line of a conversation.
    if line.is_finished() && line.text.starts_with(['“', '"', '—']) {
        return false;
    }
    if hard || next == Some(Shape::Row) {
        return true;
    }
    let has_comma = line.text.contains(['，', ',']);
    !after_text
        && !has_comma
        && !around.columns[index].is_filled_by(line, true)
        && !goes_on(page, index)
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
        && is_balanced(text)
        && byline::credit(text).is_none()
        && text.chars().filter(|c| c.is_alphanumeric()).count() >= 2
}

/// Whether all brackets and quotation marks are closed: a column breaks in them, a headline does
/// not.
fn is_balanced(text: &str) -> bool {
    let count = |mark: char| text.matches(mark).count();
    [('“', '”'), ('（', '）'), ('《', '》'), ('‘', '’')]
        .iter()
        .all(|(open, close)| count(*open) == count(*close))
}

/// Whether the line before is running text in the middle of a sentence.
fn is_inside_sentence(page: &Page<'_>, around: &Around, index: usize) -> bool {
    let Some(before) = index.checked_sub(1).map(|before| &page.lines[before]) else {
        return false;
    };
    !before.is_finished()
        && around.running[index - 1]
        && byline::credit(&before.text).is_none()
        && !is_notable(before)
}

/// A headline with a comma in it looks like running text from the left.
fn is_notable(line: &Line<'_>) -> bool {
    line.gap > 0
        && could_be_title(line)
        && line.text.matches(['，', ',']).count() <= 1
        && line.length <= 20
        && !line.text.contains(['；', '、'])
}

/// A headline that was set in the middle of an article stands by itself between the two halves.
fn interrupts(page: &Page<'_>, around: &Around, index: usize, next: Option<Shape>) -> bool {
    let line = &page.lines[index];
    let apart = page.lines.get(index + 1).is_none_or(|after| after.gap > 0)
        || next.is_some_and(Shape::is_hard);
    apart && !around.columns[index].is_filled_by(line, false) && !line.text.contains(['，', '、'])
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
        while shapes[start] == Shape::Title
            && end < shapes.len()
            && page.lines[end].gap == 0
            && shapes[end] == Shape::Title
        {
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

/// What stands right below a table says where its figures are from.
fn keep_notes_to_tables(page: &Page<'_>, shapes: &mut [Shape]) {
    for index in 1..shapes.len() {
        let line = &page.lines[index];
        let says_so = line.text.starts_with(['（', '(', '注']) || line.text.contains(['：', ':']);
        let is_short = line.length <= 40 && !line.is_finished();
        let is_text = matches!(shapes[index], Shape::Title | Shape::Prose);
        if shapes[index - 1] == Shape::Row && line.gap == 0 && says_so && is_short && is_text {
            shapes[index] = Shape::Row;
        }
    }
}

/// Who gives notice, and when, at the end of it; in a notice the lines of a list, too.
fn keep_signatures(page: &Page<'_>, shapes: &mut [Shape]) {
    let mut in_notice = false;
    for index in 0..shapes.len() {
        let line = &page.lines[index];
        match shapes[index] {
            Shape::Title
                if index > 0
                    && shapes[index - 1] == Shape::Prose
                    && is_signature(line, in_notice) =>
            {
                shapes[index] = Shape::Prose;
            }
            Shape::Title => in_notice = is_notice_head(&line.text),
            Shape::Prose | Shape::Row | Shape::Furniture => {}
            Shape::Lead | Shape::Byline | Shape::Column => in_notice = false,
        }
    }
}

fn is_signature(line: &Line<'_>, in_notice: bool) -> bool {
    let text = line.text.as_ref();
    let plain = line.length <= 24
        && line.length >= 4
        && !text.contains(char::is_whitespace)
        && !text.contains(['“', '，', '：']);
    let ends = |words: &[&str]| words.iter().any(|end| text.ends_with(end));
    let dated = super::dates::first_full(text).is_some_and(|range| range.end == text.len());
    let own = ends(&["编辑部", "报社"]) && plain;
    let office = [
        "委员会",
        "办公室",
        "指挥部",
        "局",
        "公司",
        "政府",
        "管理处",
        "管理所",
        "中心",
        "发布",
        "站",
        "馆",
        "院",
    ];
    own || dated && line.length <= 24 || in_notice && (plain && ends(&office) || line.gap == 0)
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
