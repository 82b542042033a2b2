//! A page that stays whole is one document.
//!
//! Its title is the first headline near its top, or else how it begins; all of its text is the body.

use super::article::{self, shorten};
use super::names::Facts;
use crate::document::Document;

/// A longer line is text.
const LONGEST_TITLE: usize = 40;
/// A shorter line is a column's number or what is left of a broken line.
const SHORTEST_TITLE: usize = 4;
/// A headline that has this many lines with text above it is somebody else's.
const LINES_ABOVE_TITLE: usize = 12;

/// A page as a document.
pub(super) fn document(id: String, facts: &Facts, body: String) -> Document {
    Document {
        id,
        url: String::new(),
        title: title(&body),
        date: facts.date.clone(),
        metadata: article::place(facts),
        body,
    }
}

/// The first headline near the top of the page, or else how the page begins.
fn title(body: &str) -> String {
    let lines: Vec<&str> = body.lines().map(str::trim).collect();
    let with_text = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| !line.is_empty());
    let is_blank = |number: usize| lines.get(number).is_none_or(|line| line.is_empty());
    let follows_blank = |number: usize| number == 0 || is_blank(number - 1);
    let near_the_top = with_text
        .clone()
        .take(LINES_ABOVE_TITLE)
        .find(|(number, line)| follows_blank(*number) && is_headline(line));
    // Where a PDF gave up the headlines last, one that stands alone is still better than half a
    // sentence.
    let headline = near_the_top.or_else(|| {
        with_text.clone().find(|(number, line)| {
            follows_blank(*number) && is_blank(number + 1) && is_headline(line)
        })
    });
    let first = headline
        .or_else(|| with_text.clone().next())
        .map_or("", |(_, line)| line);
    shorten(first)
}

/// Whether a line reads like a headline: short, no sentence, no byline, no furniture.
fn is_headline(line: &str) -> bool {
    const SENTENCE: &str = "，。；、：,;…";
    const OPENINGS: [&str; 8] = ["□", "■", "（", "(", "本报讯", "记者", "通讯员", "责任编辑"];
    let length = line.chars().count();
    let words = line.split_whitespace().count();
    let is_sentence =
        line.chars().any(|c| SENTENCE.contains(c) && c != '：') || line.ends_with(['：', '.']);
    let is_furniture = line.contains("星期") || line.starts_with(|c: char| c.is_ascii_digit());
    // `道 通 会 桥 社 区` is a line of a narrow column that was pulled apart.
    let is_spaced_out = words * 2 > length;
    (SHORTEST_TITLE..=LONGEST_TITLE).contains(&length)
        && !OPENINGS.iter().any(|opening| line.starts_with(opening))
        && !is_sentence
        && !is_furniture
        && !is_spaced_out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles() {
        let cases = [
            ("\n\n  柳湾村唱大戏  \n□记者 甲乙\n正文。", "柳湾村唱大戏"),
            // A caption in a narrow column comes first; the headline stands apart below.
            (
                "3月2日，青石\n镇 柳 湾 村 办\n戏。\n\n清廉青石县\n\n正文",
                "清廉青石县",
            ),
            // All bodies first, then the headlines.
            (
                &format!(
                    "本报讯 昨日，雨。\n{}\n大雨未成灾\n\n另一标题\n",
                    "正文，\n".repeat(20)
                ),
                "大雨未成灾",
            ),
            ("本报讯 昨日，雨。\n", "本报讯 昨日，雨。"),
            ("03\n", "03"),
            ("\n \n", ""),
        ];
        for (body, expected) in cases {
            assert_eq!(title(body), expected, "{body}");
        }
    }

    #[test]
    fn a_long_first_line_is_shortened() {
        let title = title(&"长，".repeat(40));
        assert_eq!(title.chars().count(), LONGEST_TITLE + 1);
        assert!(title.ends_with('…'));
    }
}
