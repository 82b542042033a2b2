//! Lines of a column become paragraphs.
//!
//! Chinese text is joined without anything between the lines, words of letters with a space. Which
//! line ends are the ends of paragraphs is nowhere written: a line that ends in mid-sentence goes
//! on in the next, across blank lines too; a line that ends a sentence and does not fill its
//! column, or has a blank line after it, ends its paragraph.
//!
//! Justified columns have white space where the paper has none: around digits, and between all
//! letters of a spread line. It is taken out where it stands in a hard column, and nothing else is
//! changed.

use super::byline::is_han;
use super::lines::{LONGEST_HEADLINE, Line, ends_sentence};

/// A line of an article's text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'l> {
    pub(super) line: &'l Line<'l>,
    /// Rows of tables and headings in the text are paragraphs of their own.
    pub(super) is_alone: bool,
}

/// The lines as paragraphs, separated by a newline.
pub(super) fn paragraphs(parts: &[Part<'_>]) -> String {
    let running: Vec<&Line<'_>> = parts
        .iter()
        .filter(|part| !part.is_alone)
        .map(|part| part.line)
        .collect();
    let width = usual_width(&running);
    let mut text = String::new();
    let mut before: Option<&Part<'_>> = None;
    for part in parts {
        match before {
            Some(before) if before.is_alone || part.is_alone => text.push('\n'),
            Some(before) if ends_paragraph(before.line, part.line, width) => text.push('\n'),
            Some(_) => push_seam(&mut text, &part.line.text),
            None => {}
        }
        match part.is_alone {
            true => text.push_str(&part.line.text),
            false => text.push_str(&tidy(part.line, width)),
        }
        before = Some(part);
    }
    text
}

/// The width of the column, if it is one: most of its lines are about as wide.
fn usual_width(lines: &[&Line<'_>]) -> Option<usize> {
    let mut widths: Vec<usize> = lines.iter().map(|line| line.width).collect();
    widths.sort_unstable();
    let upper = *widths.get(widths.len() * 3 / 4)?;
    (lines.len() >= 3 && upper <= 2 * LONGEST_HEADLINE).then_some(upper)
}

fn ends_paragraph(before: &Line<'_>, line: &Line<'_>, width: Option<usize>) -> bool {
    if !ends_sentence(&before.text) {
        let verse = width.is_some_and(|width| before.width + 6 < width && line.width + 6 < width);
        // Words of letters cannot be cut as Chinese can, so their lines are of any width.
        let goes_on = line.text.starts_with(char::is_lowercase);
        return verse && !goes_on && !before.text.ends_with(['，', '、', '；', '：', ',']);
    }
    let short = width.is_none_or(|width| before.width + 2 < width);
    let indented = width.is_some_and(|width| line.width + 3 <= width);
    short || line.gap > 0 || indented && before.width <= width.unwrap_or(0)
}

/// A space between two words of letters; nothing where Chinese goes on.
fn push_seam(text: &mut String, next: &str) {
    let (Some(before), Some(after)) = (text.chars().next_back(), next.chars().next()) else {
        return;
    };
    let spaced = |c: char| {
        c.is_alphanumeric() && !is_unspaced(c)
            || matches!(c, ',' | '.' | ';' | ':' | '!' | '?' | ')')
    };
    let both_digits = before.is_ascii_digit() && after.is_ascii_digit();
    if spaced(before) && after.is_alphanumeric() && !is_unspaced(after) && !both_digits {
        text.push(' ');
    }
}

/// Scripts that do not separate words.
fn is_unspaced(character: char) -> bool {
    is_han(character) || matches!(character, '\u{3000}'..='\u{30ff}' | '\u{ff00}'..='\u{ffef}')
}

/// The line without the white space that justifying it made.
pub(super) fn tidy(line: &Line<'_>, column: Option<usize>) -> String {
    let text = line.text.as_ref();
    if column.is_none() {
        return text.to_owned();
    }
    let spread = is_spread(text);
    let characters: Vec<char> = text.chars().collect();
    let mut tidy = String::with_capacity(text.len());
    for (index, character) in characters.iter().enumerate() {
        let keep = !character.is_whitespace()
            || {
                let before = characters[..index]
                    .iter()
                    .rev()
                    .find(|c| !c.is_whitespace());
                let after = characters[index..].iter().find(|c| !c.is_whitespace());
                !spread
                    && !matches!((before, after), (Some(before), Some(after)) if is_made(*before, *after))
            };
        if keep {
            tidy.push(*character);
        }
    }
    tidy
}

/// Whether white space between the two is an accident of justifying: beside digits of running
/// text, and beside marks.
fn is_made(before: char, after: char) -> bool {
    let han = |c: char| is_unspaced(c);
    let number = |c: char| c.is_ascii_digit() || matches!(c, '.' | '%');
    han(before) && number(after) || number(before) && han(after)
}

/// Every letter apart: `设 为 主 抓 手 ，点 燃`.
fn is_spread(text: &str) -> bool {
    let words = text.split_whitespace();
    let (mut count, mut single) = (0usize, 0usize);
    for word in words {
        count += 1;
        single += usize::from(word.chars().filter(|c| c.is_alphanumeric()).count() <= 2);
    }
    count >= 4 && single * 4 >= count * 3 && text.chars().any(is_han)
}

/// A headline's line: spread letters joined, a doubled line once.
pub(super) fn headline(text: &str) -> String {
    let undoubled = undouble(text);
    let line: String = undoubled.split_whitespace().collect::<Vec<_>>().join(" ");
    let words: Vec<&str> = line.split(' ').collect();
    let all_single = words.len() >= 3 && words.iter().all(|word| word.chars().count() == 1);
    if all_single { words.concat() } else { line }
}

/// Fake bold has no marks to prove it in a headline, and there it needs none: nobody sets a line of
/// six characters or more twice in a row.
fn undouble(text: &str) -> &str {
    let characters = text.chars().filter(|c| !c.is_whitespace()).count();
    let middle = text.len() / 2;
    let doubled = text.len().is_multiple_of(2)
        && text.is_char_boundary(middle)
        && characters >= 12
        && text[..middle] == text[middle..];
    if doubled { &text[..middle] } else { text }
}
