//! Blocks that a page gave up twice.
//!
//! Three lines of a column in a row that stood there before, broken at the same places, are the
//! same lines again; so is one long line that was a part of an earlier one.

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use super::lines::{LONGEST_HEADLINE, Page};
use super::shape::Shape;

/// So many lines in a row are no coincidence.
const FEWEST_LINES: usize = 3;
/// A single line has to be this long.
const LONG: usize = 30;
/// A longer line is not searched, or a page without line ends would take forever.
const LONGEST: usize = 5000;
/// So many characters of a clause are looked up.
const CLAUSE: usize = 10;

/// For each line that repeats an earlier one, that line.
pub(super) fn repeated(page: &Page<'_>, shapes: &[Shape]) -> Vec<Option<usize>> {
    let mut repeated = repeated_rows(page, shapes);
    repeated_parts(page, shapes, &mut repeated);
    repeated
}

fn repeated_rows(page: &Page<'_>, shapes: &[Shape]) -> Vec<Option<usize>> {
    let mut first: FxHashMap<&str, usize> = FxHashMap::default();
    let mut repeated = vec![None; page.lines.len()];
    let mut index = 0;
    while index < page.lines.len() {
        let earlier = match first.entry(page.lines[index].text.as_ref()) {
            Entry::Occupied(entry) => Some(*entry.get()),
            Entry::Vacant(entry) => {
                entry.insert(index);
                None
            }
        };
        let count = earlier.map_or(0, |earlier| same_lines(page, shapes, earlier, index));
        if count >= FEWEST_LINES {
            let earlier = earlier.unwrap_or(0);
            (0..count).for_each(|step| repeated[index + step] = Some(earlier + step));
        }
        index += count.max(1);
    }
    repeated
}

/// How many lines from the two on are the same, before the earlier ones reach the later.
fn same_lines(page: &Page<'_>, shapes: &[Shape], earlier: usize, later: usize) -> usize {
    let same = |step: &usize| {
        let (a, b) = (earlier + step, later + step);
        b < page.lines.len()
            && a < later
            && shapes[b] == Shape::Prose
            && page.lines[a].text == page.lines[b].text
    };
    (0..).take_while(same).count()
}

/// Long lines that are a part of an earlier long line.
fn repeated_parts(page: &Page<'_>, shapes: &[Shape], repeated: &mut [Option<usize>]) {
    let mut clauses: FxHashMap<&str, usize> = FxHashMap::default();
    for (index, line) in page.lines.iter().enumerate() {
        if shapes[index] != Shape::Prose || line.length < LONG || repeated[index].is_some() {
            continue;
        }
        let found = starts(&line.text).find_map(|clause| clauses.get(clause).copied());
        let earlier =
            found.filter(|earlier| page.lines[*earlier].text.contains(line.text.as_ref()));
        if earlier.is_some() {
            repeated[index] = earlier;
        } else if (LONGEST_HEADLINE..LONGEST).contains(&line.length) {
            starts(&line.text).for_each(|clause| {
                clauses.entry(clause).or_insert(index);
            });
        }
    }
}

/// The first characters of every clause.
fn starts(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices(['，', ',', '。', '；'])
        .filter_map(|(at, mark)| {
            let clause = &text[at + mark.len()..];
            let (end, _) = clause.char_indices().nth(CLAUSE)?;
            Some(&clause[..end])
        })
}
