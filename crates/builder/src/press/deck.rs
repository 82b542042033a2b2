//! Which lines of a headline are the shoulder, which the main line, which the sub.
//!
//! Where sizes are known, the largest line is the main one. Where they are not, newspapers'
//! habits have to do: of two lines the main one is shorter, because it is set larger; of three it
//! is the middle one; two lines of the same length are one headline in two lines; a dash or
//! brackets begin a sub.

use super::BlockKind;
use super::lines::Line;

/// Lines of one length up to this many characters may be one headline.
const LONGEST_COUPLET: usize = 14;

/// What each line is, in order.
pub(super) fn kinds(lines: &[&Line<'_>]) -> Vec<BlockKind> {
    let main = by_size(lines)
        .or_else(|| by_group(lines))
        .unwrap_or_else(|| by_length(lines));
    (0..lines.len())
        .map(|index| match index {
            _ if index < main.0 => BlockKind::Shoulder,
            _ if index > main.1 => BlockKind::Sub,
            _ => BlockKind::Headline,
        })
        .collect()
}

/// The first and last of the lines that are largest, if some are larger than others.
fn by_size(lines: &[&Line<'_>]) -> Option<(usize, usize)> {
    let sizes: Vec<f32> = lines.iter().filter_map(|line| line.size).collect();
    let largest = sizes.iter().copied().reduce(f32::max)?;
    if sizes.len() < lines.len() || sizes.iter().all(|size| *size > largest * 0.95) {
        return None;
    }
    let is_large = |line: &&Line<'_>| line.size.is_some_and(|size| size > largest * 0.95);
    let first = lines.iter().position(is_large)?;
    let count = lines[first..]
        .iter()
        .take_while(|line| is_large(line))
        .count();
    Some((first, first + count - 1))
}

/// Lines that stand together below or above one that stands alone, and are of one length.
fn by_group(lines: &[&Line<'_>]) -> Option<(usize, usize)> {
    (0..lines.len().saturating_sub(1)).find_map(|first| {
        let last = first
            + 1
            + lines[first + 2..]
                .iter()
                .take_while(|line| line.gap == 0 && is_even(lines[first], line))
                .count();
        let together = lines[first + 1].gap == 0 && is_even(lines[first], lines[first + 1]);
        let plain = lines[first..=last]
            .iter()
            .all(|line| !begins_sub(line) && !line.text.contains(['·', '《']));
        // Below a line that stands apart they may differ by a character; two lines alone could be
        // any two.
        let apart = first > 0 && lines[first].gap > 0;
        let alone = lines.len() == 2 && lines[0].length == lines[1].length;
        (together && plain && (apart || alone)).then_some((first, last))
    })
}

fn is_even(one: &Line<'_>, other: &Line<'_>) -> bool {
    one.length.max(other.length) <= LONGEST_COUPLET && one.length.abs_diff(other.length) <= 1
}

fn by_length(lines: &[&Line<'_>]) -> (usize, usize) {
    let candidates = lines
        .iter()
        .take_while(|line| !begins_sub(line))
        .count()
        .max(1);
    let main = match candidates {
        1 => 0,
        2 if candidates < lines.len() => usize::from(is_shoulder(lines[0])),
        2 => shorter(lines[0], lines[1]),
        _ => 1,
    };
    (main.min(lines.len() - 1), main.min(lines.len() - 1))
}

/// `——竹砚乡半岭教学点的一天`, `（单位：元）`
fn begins_sub(line: &Line<'_>) -> bool {
    line.text.starts_with(['—', '－', '-', '（', '('])
}

fn shorter(first: &Line<'_>, second: &Line<'_>) -> usize {
    usize::from(is_shoulder(first) || second.width < first.width && second.length > 4)
}

/// A word or two above a headline are the name of a series or of a place.
fn is_shoulder(line: &Line<'_>) -> bool {
    line.length <= 5 || line.text.contains('·') && line.length <= 12 || line.text.starts_with('【')
}

#[cfg(test)]
mod tests {
    use super::super::lines::Page;
    use super::super::{PageContext, Style};
    use super::*;

    fn deck(text: &str, sizes: &[f32]) -> Vec<BlockKind> {
        let mut at = 0;
        let styles: Vec<Style> = text
            .split_inclusive('\n')
            .zip(sizes)
            .map(|(line, size)| {
                let range = at..at + line.len();
                at += line.len();
                Style {
                    range,
                    size: *size,
                    bold: false,
                }
            })
            .collect();
        let context = PageContext {
            date: None,
            styles: &styles,
            ..PageContext::default()
        };
        let page = Page::new(text, &context);
        kinds(&page.lines.iter().collect::<Vec<_>>())
    }

    #[test]
    fn habits_of_newspapers() {
        use BlockKind::{Headline, Shoulder, Sub};
        let cases: [(&str, &[BlockKind]); 6] = [
            ("苇渡大桥完成选址论证", &[Headline]),
            (
                "三镇群众盼了四十年\n苇渡大桥完成选址论证\n全长1286米，计划明年动工",
                &[Shoulder, Headline, Sub],
            ),
            (
                "首届竹砚篾艺节开幕\n三天接待游客2.6万人次",
                &[Headline, Sub],
            ),
            (
                "苇渡大桥建设迎来关键节点\n\n六号主墩跃出水面",
                &[Shoulder, Headline],
            ),
            ("九个孩子的学校\n——竹砚乡半岭教学点的一天", &[Headline, Sub]),
            ("关注河流健康\n共建幸福家园", &[Headline, Headline]),
        ];
        for (text, expected) in cases {
            assert_eq!(deck(text, &[]), expected, "{text}");
        }
    }

    #[test]
    fn the_largest_line_is_the_headline() {
        use BlockKind::{Headline, Shoulder, Sub};
        let text = "短的一行\n这一行长得多可是字号最大\n再一行\n";
        assert_eq!(deck(text, &[16.0, 32.0, 14.0]), [Shoulder, Headline, Sub]);
        assert_eq!(deck(text, &[32.0, 16.0, 14.0]), [Headline, Sub, Sub]);
    }
}
