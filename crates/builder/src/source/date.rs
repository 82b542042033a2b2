//! Dates in file names and in the `date` field.
//!
//! Only whole dates that exist in the calendar are taken from a path: `20230231` is a number. The `date` field may also
//! be a year or a month, because that is sometimes all that is known.

use std::ops::Range;

/// Newspapers, and nothing else that has four digits: a page number or a count is not a year.
const YEARS: Range<u32> = 1600..2200;

/// The last whole date in a path, as `YYYY-MM-DD`, and where it stands.
///
/// The last, because the parts of a path go from the general to the particular: `1999-2003/20010405_02`.
/// Folders count as separators: `2024/01/12/03`.
pub fn in_path(path: &str) -> Option<(String, Range<usize>)> {
    let mut found = None;
    let mut at = 0;
    while let Some(start) = next_digit(path, at) {
        match whole_date(&path[start..]) {
            Some((date, length)) => {
                found = Some((date, start..start + length));
                at = start + length;
            }
            None => at = start + digits(&path[start..]),
        }
    }
    found
}

fn next_digit(text: &str, from: usize) -> Option<usize> {
    text[from..]
        .find(|c: char| c.is_ascii_digit())
        .map(|at| from + at)
}

/// The `date` field in the form that is stored, if it is understood: a date in any usual notation, with a time after
/// it or without, or a year and month, or a year.
pub fn from_field(text: &str) -> Option<String> {
    let text = text.trim();
    if let Some((date, length)) = whole_date(text) {
        let rest = &text[length..];
        return (rest.is_empty() || rest.starts_with(['T', 't', ' '])).then_some(date);
    }
    let (year, rest) = number(text, 4)?;
    if !YEARS.contains(&year) {
        return None;
    }
    if matches!(rest, "" | "年") {
        return Some(format!("{year:04}"));
    }
    let (month, rest) = number(rest.strip_prefix(['-', '/', '.', '年'])?, 2)?;
    ((1..=12).contains(&month) && matches!(rest, "" | "月"))
        .then(|| format!("{year:04}-{month:02}"))
}

/// A date at the start of the text, and its length in bytes.
fn whole_date(text: &str) -> Option<(String, usize)> {
    let (year, month, day, rest) = compact(text).or_else(|| separated(text))?;
    let exists = YEARS.contains(&year) && (1..=days(year, month)).contains(&day);
    exists.then(|| {
        (
            format!("{year:04}-{month:02}-{day:02}"),
            text.len() - rest.len(),
        )
    })
}

/// `20240112`
fn compact(text: &str) -> Option<(u32, u32, u32, &str)> {
    if digits(text) != 8 {
        return None;
    }
    let (whole, rest) = number(text, 8)?;
    Some((whole / 10_000, whole / 100 % 100, whole % 100, rest))
}

/// `2024-01-12`, `2024/1/12`, `2024年1月12日`
fn separated(text: &str) -> Option<(u32, u32, u32, &str)> {
    if digits(text) != 4 {
        return None;
    }
    let (year, rest) = number(text, 4)?;
    let first = rest.chars().next().filter(|c| "-/._年".contains(*c))?;
    let second = if first == '年' { '月' } else { first };
    let (month, rest) = number(rest.strip_prefix(first)?, 2)?;
    let (day, rest) = number(rest.strip_prefix(second)?, 2)?;
    let last = if first == '年' { "日" } else { "" };
    Some((year, month, day, rest.strip_prefix(last).unwrap_or(rest)))
}

/// All digits at the start as a number, if there are any and not more than `most`.
fn number(text: &str, most: usize) -> Option<(u32, &str)> {
    let length = digits(text);
    if length == 0 || length > most {
        return None;
    }
    Some((text[..length].parse().ok()?, &text[length..]))
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

fn days(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_paths() {
        let cases = [
            ("2024-01-12/03", Some("2024-01-12")),
            ("青石日报_20240112_03", Some("2024-01-12")),
            ("2024/01/12/03", Some("2024-01-12")),
            ("2024/1/2", Some("2024-01-02")),
            ("2024年1月12日第3版", Some("2024-01-12")),
            ("1999-2003/20010405_02", Some("2001-04-05")),
            ("2024_02_29", Some("2024-02-29")),
            // Not in the calendar, not a date, not a year.
            ("20230229_01", None),
            ("20241301", None),
            ("2024-01/03", None),
            ("20240112103000", None),
            ("0012/01/12", None),
            ("000_9f35df52360f285f", None),
            ("", None),
        ];
        for (path, expected) in cases {
            let found = in_path(path).map(|(date, _)| date);
            assert_eq!(found.as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn the_place_of_a_date_in_a_path() {
        assert_eq!(in_path("日报_20240112_03").map(|(_, at)| at), Some(7..15));
    }

    #[test]
    fn dates_in_fields() {
        let cases = [
            ("2024-01-12", Some("2024-01-12")),
            ("2024-01-12T08:30:00+08:00", Some("2024-01-12")),
            ("2024/1/12 08:30", Some("2024-01-12")),
            ("20240112", Some("2024-01-12")),
            ("2024年1月12日", Some("2024-01-12")),
            ("2024-01", Some("2024-01")),
            ("2024年1月", Some("2024-01")),
            (" 1951 ", Some("1951")),
            ("2024-13", None),
            ("2024-02-30", None),
            ("12 Jan 2024", None),
            ("民国三十年", None),
            ("", None),
        ];
        for (field, expected) in cases {
            assert_eq!(from_field(field).as_deref(), expected, "{field}");
        }
    }
}
