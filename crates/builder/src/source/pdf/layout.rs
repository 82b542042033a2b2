//! From glyphs with places to text in the order of reading.
//!
//! Three steps. What is drawn twice at one place is bold and written once. Glyphs of one height that follow one another
//! without a gap are a piece of a line. Pieces are put in order by cutting the page: a strip in which nothing stands, between
//! what bridges it above and below, is a gutter. The one with most lines on both sides is cut first: what is above it is
//! read, then the left side, the right side, and what is below. Each of these is cut again in the same way, until there is
//! no gutter left; what remains is read line by line.
//!
//! A gutter needs lines on both sides, so a headline with spread letters and a page head with three parts stay lines. A
//! table has gutters too, and is read by its columns.

use std::collections::HashMap;
use std::ops::Range;

use hayro_interpret::kurbo::Point;

use crate::press::Style;

/// A second glyph at less than this distance, in sizes, is the first one in bold.
const SAME_PLACE: f64 = 0.2;
/// A gap of so many sizes ends a piece. Justified text has smaller ones between characters.
const GAP: f64 = 0.7;
/// A gap of so many sizes between characters of scripts with spaces is one.
const SPACE: f64 = 0.2;
/// A line by itself beside so many is a column; beside fewer it is a part of a line.
const LINES_BESIDE_ONE: usize = 4;
/// A distance between lines of so many sizes, from base to base, is a break.
const BREAK: f64 = 2.2;
/// Sizes that differ by less are the same.
const SAME_SIZE: f64 = 0.12;
/// A line that begins so many sizes further right than its column begins a paragraph.
const INDENT: Range<f64> = 1.3..3.2;

/// A character, or several that one glyph stands for, on a page with its origin at the top left.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mark {
    text: String,
    left: f64,
    right: f64,
    base: f64,
    size: f64,
    bold: bool,
    /// There is a space before it.
    spaced: bool,
}

impl Mark {
    /// Without an advance, its width is guessed by the script.
    pub(super) fn new(
        text: String,
        at: Point,
        size: f64,
        advance: Option<f64>,
        bold: bool,
        spaced: bool,
    ) -> Self {
        let guess = if text.chars().any(is_wide) {
            size
        } else {
            size / 2.0
        };
        let width = advance
            .filter(|advance| *advance > 0.0 && advance.is_finite())
            .unwrap_or(guess);
        Self {
            text,
            left: at.x,
            right: at.x + width,
            base: at.y,
            size,
            bold,
            spaced,
        }
    }
}

fn is_wide(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FFEF}' | '\u{20000}'..='\u{3FFFF}')
}

/// The text of a page and how its parts are set.
pub(super) fn read(marks: Vec<Mark>) -> (String, Vec<Style>) {
    let marks = once(marks);
    let usual = usual_size(&marks);
    let pieces = pieces(marks);
    let mut writer = Writer::default();
    order(pieces, usual, &mut writer);
    (writer.text, writer.styles)
}

/// Each glyph once; those that were drawn again at their place are bold.
fn once(marks: Vec<Mark>) -> Vec<Mark> {
    /// Smaller than any text, so that a glyph and its double are in neighbouring cells.
    const CELL: f64 = 4.0;
    let mut kept: Vec<Mark> = Vec::with_capacity(marks.len());
    let mut cells: HashMap<(i64, i64), Vec<usize>> = HashMap::new();
    for mark in marks {
        let cell = (
            (mark.left / CELL).floor() as i64,
            (mark.base / CELL).floor() as i64,
        );
        let near = (-1..=1).flat_map(|x| (-1..=1).map(move |y| (cell.0 + x, cell.1 + y)));
        let mut near = near.filter_map(|cell| cells.get(&cell)).flatten();
        let is_double = |number: &&usize| {
            let other: &Mark = &kept[**number];
            let distance = (other.left - mark.left)
                .abs()
                .max((other.base - mark.base).abs());
            other.text == mark.text && distance < SAME_PLACE * mark.size.min(other.size)
        };
        if let Some(number) = near.find(is_double).copied() {
            kept[number].bold = true;
            continue;
        }
        cells.entry(cell).or_default().push(kept.len());
        kept.push(mark);
    }
    kept
}

/// The size of most characters.
fn usual_size(marks: &[Mark]) -> f64 {
    let mut sizes: Vec<f64> = marks.iter().map(|mark| mark.size).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.get(sizes.len() / 2).copied().unwrap_or(10.0)
}

/// Glyphs on one base without a gap between them.
#[derive(Clone, Debug)]
struct Piece {
    marks: Vec<Mark>,
    left: f64,
    right: f64,
    base: f64,
    size: f64,
}

fn pieces(mut marks: Vec<Mark>) -> Vec<Piece> {
    // Stable, so that glyphs at one place stay as they were drawn.
    marks.sort_by(|a, b| a.base.total_cmp(&b.base));
    let mut pieces = Vec::new();
    let mut start = 0;
    while start < marks.len() {
        let (base, size) = (marks[start].base, marks[start].size);
        let end = marks[start..]
            .iter()
            .take_while(|mark| mark.base - base < 0.25 * size.min(mark.size))
            .count();
        let mut line = marks[start..start + end].to_vec();
        line.sort_by(|a, b| a.left.total_cmp(&b.left));
        put_pieces(line, &mut pieces);
        start += end;
    }
    pieces
}

fn put_pieces(line: Vec<Mark>, pieces: &mut Vec<Piece>) {
    for mark in line {
        let fits = |piece: &&mut Piece| {
            let size = piece.size.max(mark.size);
            mark.left - piece.right < GAP * size
                && (piece.size - mark.size).abs() < 0.6 * size
                && (piece.base - mark.base).abs() < 0.25 * size
        };
        match pieces.last_mut().filter(fits) {
            Some(piece) => {
                piece.right = piece.right.max(mark.right);
                piece.size = piece.size.max(mark.size);
                piece.marks.push(mark);
            }
            None => pieces.push(Piece {
                left: mark.left,
                right: mark.right,
                base: mark.base,
                size: mark.size,
                marks: vec![mark],
            }),
        }
    }
}

/// Writes pieces in the order of reading.
fn order(pieces: Vec<Piece>, usual: f64, writer: &mut Writer) {
    // Parts that are still to be cut, the next one last. They nest as deep as there are pieces, so this is no recursion.
    let mut waiting = vec![pieces];
    while let Some(pieces) = waiting.pop() {
        match best_gutter(&pieces, usual) {
            Some(gutter) => waiting.extend(gutter.cut(pieces).into_iter().rev()),
            None => writer.column(pieces),
        }
    }
}

/// A strip in which nothing stands, between what bridges it above and below.
#[derive(Clone, Copy, Debug)]
struct Gutter {
    x: f64,
    /// Bases of the last piece above that bridges it and of the first one below.
    between: (f64, f64),
    /// Lines on the side that has fewer, and on the other.
    lines: (usize, usize),
}

impl Gutter {
    fn holds(&self, piece: &Piece) -> bool {
        self.between.0 < piece.base && piece.base < self.between.1
    }

    /// What is above, left, right and below, as far as there is something.
    fn cut(self, pieces: Vec<Piece>) -> Vec<Vec<Piece>> {
        let mut parts = vec![Vec::new(); 4];
        for piece in pieces {
            let part = match () {
                () if piece.base <= self.between.0 => 0,
                () if piece.base >= self.between.1 => 3,
                () => 1 + usize::from(piece.left >= self.x),
            };
            parts[part].push(piece);
        }
        parts.retain(|part| !part.is_empty());
        parts
    }
}

/// The gutter with most lines beside it. It may begin before any piece that stands in its column.
fn best_gutter(pieces: &[Piece], usual: f64) -> Option<Gutter> {
    let margin = GAP * usual;
    let mut places: Vec<i64> = pieces
        .iter()
        .map(|piece| (piece.left - margin / 2.0).floor() as i64)
        .collect();
    places.sort_unstable();
    places.dedup();
    let mut best: Option<Gutter> = None;
    for x in places {
        for gutter in gutters(x as f64, pieces, margin) {
            if best.is_none_or(|best| gutter.lines > best.lines) {
                best = Some(gutter);
            }
        }
    }
    best
}

/// The gutters at a place: there are as many as what bridges it leaves room for.
fn gutters(x: f64, pieces: &[Piece], margin: f64) -> Vec<Gutter> {
    let bridges =
        |piece: &&Piece| piece.left < x + margin / 2.0 - 1.0 && piece.right > x - margin / 2.0;
    let mut bases: Vec<f64> = pieces
        .iter()
        .filter(bridges)
        .map(|piece| piece.base)
        .collect();
    bases.extend([f64::NEG_INFINITY, f64::INFINITY]);
    bases.sort_by(f64::total_cmp);
    let between = bases
        .windows(2)
        .filter(|pair| pair[0] < pair[1])
        .map(|pair| (pair[0], pair[1]));
    between
        .filter_map(|between| with_lines(x, between, pieces))
        .collect()
}

fn with_lines(x: f64, between: (f64, f64), pieces: &[Piece]) -> Option<Gutter> {
    let gutter = Gutter {
        x,
        between,
        lines: (0, 0),
    };
    let held = || pieces.iter().filter(|piece| gutter.holds(piece));
    let before = lines(held().filter(|piece| piece.left < x));
    let after = lines(held().filter(|piece| piece.left >= x));
    let lines = (before.min(after), before.max(after));
    let is_one = lines.0 >= 2 || (lines.0 == 1 && lines.1 >= LINES_BESIDE_ONE);
    is_one.then_some(Gutter { lines, ..gutter })
}

fn lines<'p>(pieces: impl Iterator<Item = &'p Piece>) -> usize {
    let mut bases: Vec<(f64, f64)> = pieces.map(|piece| (piece.base, piece.size)).collect();
    bases.sort_by(|a, b| a.0.total_cmp(&b.0));
    let breaks = bases
        .windows(2)
        .filter(|pair| pair[1].0 - pair[0].0 > 0.5 * pair[0].1);
    usize::from(!bases.is_empty()) + breaks.count()
}

/// Writes text and notes how it is set.
#[derive(Default)]
struct Writer {
    text: String,
    styles: Vec<Style>,
}

impl Writer {
    /// Line by line, with an empty line where there is more room than between lines, or another size.
    fn column(&mut self, mut pieces: Vec<Piece>) {
        pieces.sort_by(|a, b| a.base.total_cmp(&b.base));
        let left = pieces
            .iter()
            .map(|piece| piece.left)
            .fold(f64::INFINITY, f64::min);
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let mut above: Option<(f64, f64)> = None;
        let mut start = 0;
        while start < pieces.len() {
            let (base, size) = (pieces[start].base, pieces[start].size);
            let end = pieces[start..]
                .iter()
                .take_while(|piece| piece.base - base < 0.5 * size.min(piece.size))
                .count();
            let mut line = pieces[start..start + end].to_vec();
            line.sort_by(|a, b| a.left.total_cmp(&b.left));
            if let Some((base_above, size_above)) = above
                && (base - base_above > BREAK * size.max(size_above)
                    || (size - size_above).abs() > SAME_SIZE * size.max(size_above))
            {
                self.text.push('\n');
            }
            above = Some((base, size));
            self.line(line, left);
            start += end;
        }
    }

    fn line(&mut self, pieces: Vec<Piece>, column: f64) {
        if let Some(first) = pieces.first()
            && INDENT.contains(&((first.left - column) / first.size))
            && pieces.len() == 1
            && first.marks.len() > 2
        {
            self.text.push_str("\u{3000}\u{3000}");
        }
        for (number, piece) in pieces.into_iter().enumerate() {
            if number > 0 {
                self.text.push(' ');
            }
            self.piece(piece.marks);
        }
        self.text.push('\n');
    }

    fn piece(&mut self, marks: Vec<Mark>) {
        let mut reach: Option<f64> = None;
        for mark in marks {
            let narrow = |c: char| !is_wide(c);
            let is_apart = reach.is_some_and(|reach| mark.left - reach > SPACE * mark.size)
                && self.text.ends_with(narrow)
                && mark.text.starts_with(narrow);
            if reach.is_some() && (mark.spaced || is_apart) {
                self.text.push(' ');
            }
            reach = Some(mark.right);
            let start = self.text.len();
            self.text.push_str(&mark.text);
            self.style(start..self.text.len(), mark.size, mark.bold);
        }
    }

    fn style(&mut self, range: Range<usize>, size: f64, bold: bool) {
        // Tenths of a point: what transforms leave behind them is no difference.
        let size = (size * 10.0).round() as f32 / 10.0;
        match self.styles.last_mut() {
            Some(style) if style.size == size && style.bold == bold => style.range.end = range.end,
            _ => self.styles.push(Style { range, size, bold }),
        }
    }
}
