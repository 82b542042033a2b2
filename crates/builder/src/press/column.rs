//! How wide the columns are in which a line may stand.
//!
//! A line of running text that does not end a sentence fills its column, or it would not have been
//! broken; a headline rarely does. So the widths of the lines before and after a line tell one
//! from the other.

use super::lines::{LONGEST_HEADLINE, Line, Page};

/// So many lines on each side are looked at.
const NEIGHBOURS: usize = 8;
/// So many of them have to agree on a width.
const FEWEST: usize = 3;
/// The first line of a paragraph is two characters narrower.
const INDENT: usize = 4;

/// The widths of the columns before and after a line; none where there are not enough lines of
/// running text, or where they are longer than those of any column.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Column {
    pub(super) before: Option<usize>,
    pub(super) after: Option<usize>,
}

impl Column {
    /// Whether a line of that width could be running text of one of the two columns: an inner line
    /// fills it, the first line of a paragraph all but the indent.
    pub(super) fn is_filled_by(&self, line: &Line<'_>, is_first: bool) -> bool {
        let fills = |column: usize| {
            let (low, high) = match is_first {
                true => (
                    column.saturating_sub(INDENT + play(column)),
                    column.saturating_sub(INDENT - 1),
                ),
                false => (column.saturating_sub(play(column)), column + play(column)),
            };
            (low..=high).contains(&line.width)
        };
        self.before.is_some_and(fills) || self.after.is_some_and(fills)
    }
}

/// Letters, digits and compressed marks make lines of one column this much narrower or wider, in
/// halves of a Han character.
fn play(column: usize) -> usize {
    2 + column / 28
}

/// The columns around each line.
pub(super) fn columns(page: &Page<'_>) -> Vec<Column> {
    let mut columns = vec![Column::default(); page.lines.len()];
    let mut recent = Recent::default();
    for (column, line) in columns.iter_mut().zip(&page.lines) {
        column.before = recent.width();
        recent.see(line);
    }
    let mut recent = Recent::default();
    for (column, line) in columns.iter_mut().zip(&page.lines).rev() {
        column.after = recent.width();
        recent.see(line);
    }
    columns
}

/// The last few lines of running text.
#[derive(Default)]
struct Recent {
    widths: Vec<usize>,
}

impl Recent {
    fn see(&mut self, line: &Line<'_>) {
        if line.length <= LONGEST_HEADLINE && !line.text.contains(['，', ',', '。', '、']) {
            return;
        }
        if self.widths.len() == NEIGHBOURS {
            self.widths.remove(0);
        }
        self.widths.push(line.width);
    }

    /// The width that most of them have, the wider one of two.
    fn width(&self) -> Option<usize> {
        let agree = |width: usize| {
            let close =
                |other: &&usize| (width.saturating_sub(play(width))..=width + 1).contains(*other);
            self.widths.iter().filter(close).count()
        };
        let best = self
            .widths
            .iter()
            .max_by_key(|width| (agree(**width), **width))?;
        (agree(*best) >= FEWEST && *best <= 2 * LONGEST_HEADLINE).then_some(*best)
    }
}
