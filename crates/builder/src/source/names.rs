//! What the name of a file says about the page in it.
//!
//! Folder and file name are often all that is known: `2024-01-12/03.txt`, `周口日报_20240112_03.pdf`,
//! `2024/01/12/A03.txt`. Where they are written otherwise, a [`Pattern`] says how.

use regex::Regex;
use serde::de::{Deserialize, Deserializer, Error as _};

use backfile_core::record::Value;

use super::date;
use super::input::InputFile;

/// What a name says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Facts {
    pub(super) date: Option<String>,
    pub(super) page: Option<Value>,
    pub(super) publication: Option<String>,
    pub(super) edition: Option<String>,
}

/// How names are written, in words with placeholders.
///
/// | placeholder | stands for |
/// |---|---|
/// | `{date}` | a whole date: 20240112, 2024-01-12, 2024年1月12日 |
/// | `{date:%Y%m%d}` | a date in this notation: `%Y` four digits, `%m` and `%d` two or one |
/// | `{year}` `{month}` `{day}` | its parts, wherever they stand |
/// | `{page}` | the page: 3, 03, A03 |
/// | `{publication}` `{edition}` | any text without `/` |
/// | `{*}` | anything without `/`, which says nothing |
///
/// All else stands for itself. A pattern without `/` is held against the name of the file, one with `/` against as many
/// folders as it has; the extension does not belong to it.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    regex: Regex,
    /// Parts of a path that it is about.
    parts: usize,
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Pattern::new(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn new(text: &str) -> Result<Self, String> {
        let regex = Regex::new(&expression(text)?).map_err(|_| format!("`{text}` is too long"))?;
        Ok(Self {
            text: text.to_owned(),
            regex,
            parts: text.split('/').count(),
        })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What a path without extension says, if it is written like this.
    fn facts(&self, stem: &str) -> Option<Facts> {
        let found = self.regex.captures(last_parts(stem, self.parts)?)?;
        let text = |name| found.name(name).map(|part| part.as_str().to_owned());
        let date = match (text("date"), text("year"), text("month"), text("day")) {
            (Some(date), ..) => Some(date::from_field(&date)?),
            (None, Some(year), Some(month), Some(day)) => {
                Some(date::from_field(&format!("{year}-{month}-{day}"))?)
            }
            (None, Some(year), Some(month), None) => {
                Some(date::from_field(&format!("{year}-{month}"))?)
            }
            (None, Some(year), ..) => Some(date::from_field(&year)?),
            _ => None,
        };
        Some(Facts {
            date,
            page: text("page").and_then(|page| page_value(&page)),
            publication: text("publication"),
            edition: text("edition"),
        })
    }
}

fn last_parts(stem: &str, parts: usize) -> Option<&str> {
    let starts = stem.rmatch_indices('/').map(|(at, _)| at + 1);
    let mut starts = starts.chain(std::iter::once(0));
    Some(&stem[starts.nth(parts - 1)?..])
}

/// The pattern as a regular expression, each placeholder a group of its name.
fn expression(pattern: &str) -> Result<String, String> {
    let mut expression = String::from("^");
    let mut seen = Vec::new();
    let mut rest = pattern;
    while let Some((literal, after)) = rest.split_once('{') {
        let (name, after) = after
            .split_once('}')
            .ok_or_else(|| format!("`{pattern}`: the brace before `{after}` is not closed"))?;
        expression += &regex::escape(literal);
        put_placeholder(name, &mut expression, &mut seen)?;
        rest = after;
    }
    Ok(expression + &regex::escape(rest) + "$")
}

fn put_placeholder(
    name: &str,
    expression: &mut String,
    seen: &mut Vec<String>,
) -> Result<(), String> {
    if let Some(notation) = name.strip_prefix("date:") {
        return put_notation(notation, expression, seen);
    }
    let group = match name {
        "*" => {
            *expression += "[^/]*?";
            return Ok(());
        }
        "year" => r"\d{4}",
        "month" | "day" => r"\d{1,2}",
        "date" => r"\d{8}|\d{4}[-/._]\d{1,2}[-/._]\d{1,2}|\d{4}年\d{1,2}月\d{1,2}日",
        "page" => r"[A-Za-z]?\d{1,3}",
        "publication" | "edition" => "[^/]+?",
        _ => return Err(unknown(name)),
    };
    if seen.iter().any(|earlier| earlier == name) {
        return Err(format!(
            "{{{name}}} is there twice; write {{*}} for what says nothing new"
        ));
    }
    seen.push(name.to_owned());
    *expression += &format!("(?<{name}>{group})");
    Ok(())
}

/// `%Y-%m-%d` as year, month and day.
fn put_notation(
    notation: &str,
    expression: &mut String,
    seen: &mut Vec<String>,
) -> Result<(), String> {
    let mut parts = notation.split('%');
    *expression += &regex::escape(parts.next().unwrap_or_default());
    for part in parts {
        let mut letters = part.chars();
        let name = match letters.next() {
            Some('Y') => "year",
            Some('m') => "month",
            Some('d') => "day",
            _ => {
                return Err(format!(
                    "{{date:{notation}}}: %Y, %m and %d are understood, and `%{part}` is not"
                ));
            }
        };
        put_placeholder(name, expression, seen)?;
        *expression += &regex::escape(letters.as_str());
    }
    Ok(())
}

fn unknown(name: &str) -> String {
    format!(
        "{{{name}}} is not known; there are {{date}}, {{date:%Y%m%d}}, {{year}}, {{month}}, {{day}}, {{page}}, \
         {{publication}}, {{edition}} and {{*}}"
    )
}

/// What the name of a file says. The flag is false if there is a pattern and the name is not written like it.
pub(super) fn facts(file: &InputFile, pattern: Option<&Pattern>) -> (Facts, bool) {
    let by_pattern = pattern.map(|pattern| pattern.facts(&file.stem));
    let fits = !matches!(by_pattern, Some(None));
    let usual = usual(&file.stem);
    let told = by_pattern.flatten().unwrap_or_default();
    let from_folder = || date::in_path(&file.given.to_string_lossy()).map(|(date, _)| date);
    let facts = Facts {
        date: told.date.or(usual.date).or_else(from_folder),
        page: told.page.or(usual.page),
        publication: told.publication.or(usual.publication),
        edition: told.edition.or(usual.edition),
    };
    (facts, fits)
}

/// What a name says that is written as most are.
fn usual(stem: &str) -> Facts {
    let dated = date::in_path(stem);
    let page = page_number(stem, dated.as_ref().map_or(0, |(_, at)| at.end));
    let before = dated.as_ref().map_or("", |(_, at)| &stem[..at.start]);
    let after = dated.as_ref().map_or("", |(_, at)| &stem[at.end..]);
    Facts {
        page,
        publication: publication(before),
        edition: edition(after),
        date: dated.map(|(date, _)| date),
    }
}

/// `周口日报_20240112`, or a folder above the date that is called like a newspaper: `周口日报/2024-01-12`.
fn publication(before_date: &str) -> Option<String> {
    let name_start = before_date.rfind('/').map_or(0, |slash| slash + 1);
    let in_name =
        before_date[name_start..].trim_end_matches(['_', '-', '.', ' ', '(', '（', '[', '【']);
    if in_name.chars().any(char::is_alphabetic) {
        return Some(in_name.trim().to_owned());
    }
    let mut folders = before_date.rsplit('/');
    folders
        .find(|folder| folder.ends_with(['报', '報', '刊']))
        .map(str::to_owned)
}

/// A part of the path behind the date that ends in 版 and is no page: `2024-01-12/乡村版/03`.
fn edition(after_date: &str) -> Option<String> {
    let mut parts = after_date.split(['/', '_', '-']);
    let is_edition = |part: &&str| {
        part.ends_with('版')
            && !part.starts_with('第')
            && page_value(part.trim_end_matches('版')).is_none()
            && part.chars().count() > 1
    };
    parts.find(is_edition).map(str::to_owned)
}

/// The page number at the end of a path, after its date: `03`, `_03`, `A03`, `第3版`, `p3`.
fn page_number(stem: &str, date_end: usize) -> Option<Value> {
    let name_start = stem.rfind('/').map_or(0, |slash| slash + 1);
    let name = &stem[name_start.max(date_end)..];
    let last = name.rsplit(['_', '-', '.', ' ']).next()?;
    let bare = last
        .trim_start_matches("第")
        .trim_end_matches("版")
        .trim_end_matches("页");
    let bare = bare
        .strip_prefix("page")
        .or_else(|| bare.strip_prefix('p'))
        .unwrap_or(bare);
    page_value(bare)
}

/// `03` as a number, `A03` as it is written.
fn page_value(text: &str) -> Option<Value> {
    let digits = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let letters = text.len() - digits.len();
    if digits.len() > 3 || letters > 1 || text.starts_with(|c: char| c.is_ascii_lowercase()) {
        return None;
    }
    let number: i64 = digits.parse().ok().filter(|number| *number > 0)?;
    Some(if letters == 0 {
        Value::Integer(number)
    } else {
        Value::Text(text.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_numbers() {
        let cases = [
            ("2024-01-12/03", Some(Value::Integer(3))),
            ("日报_20240112_03", Some(Value::Integer(3))),
            ("20240112-A03", Some(Value::Text("A03".into()))),
            ("20240112第4版", Some(Value::Integer(4))),
            ("2024/01/12/p12", Some(Value::Integer(12))),
            // A date's digits, a hash, a year and zero are no page numbers.
            ("2024/01/12", None),
            ("000_9f35df52360f285f", None),
            ("2024", None),
            ("00", None),
            ("front", None),
        ];
        for (stem, expected) in cases {
            assert_eq!(usual(stem).page, expected, "{stem}");
        }
    }

    #[test]
    fn publications_and_editions() {
        let cases = [
            ("周口日报_20240112_03", Some("周口日报"), None),
            ("2024/周口日报（2024年1月12日）03", Some("周口日报"), None),
            ("周口晚报/2024-01-12/03", Some("周口晚报"), None),
            ("2024-01-12/乡村版/03", None, Some("乡村版")),
            // A folder of any name is no newspaper, a page no edition.
            ("scans/2024-01-12/03", None, None),
            ("2024-01-12/第3版", None, None),
            ("2024-01-12/A3版", None, None),
            ("", None, None),
        ];
        for (stem, publication, edition) in cases {
            let found = usual(stem);
            assert_eq!(
                (found.publication.as_deref(), found.edition.as_deref()),
                (publication, edition),
                "{stem}"
            );
        }
    }

    #[test]
    fn patterns() {
        let facts = |pattern: &str, stem: &str| Pattern::new(pattern).unwrap().facts(stem);
        let all = facts(
            "{publication}_{date:%Y%m%d}_{edition}-{page}",
            "鹭陵报_20240112_早-A03",
        )
        .unwrap();
        assert_eq!(all.date.as_deref(), Some("2024-01-12"));
        assert_eq!(all.page, Some(Value::Text("A03".into())));
        assert_eq!(
            (all.publication.as_deref(), all.edition.as_deref()),
            (Some("鹭陵报"), Some("早"))
        );
        let folders = facts(
            "{year}/{month}月/{day}日{*}/{page}",
            "all/1998/3月/7日星期六/2",
        )
        .unwrap();
        assert_eq!(folders.date.as_deref(), Some("1998-03-07"));
        assert_eq!(folders.page, Some(Value::Integer(2)));
        assert_eq!(
            facts("{date:%d.%m.%Y}", "x/7.3.1998")
                .unwrap()
                .date
                .as_deref(),
            Some("1998-03-07")
        );
        assert_eq!(
            facts("{date}第{page}版", "2024年1月12日第3版")
                .unwrap()
                .date
                .as_deref(),
            Some("2024-01-12")
        );
        // Written otherwise, or not in the calendar.
        assert_eq!(facts("{date:%Y%m%d}", "x_20240112"), None);
        assert_eq!(facts("{date:%Y%m%d}", "20240230"), None);
        assert_eq!(facts("{year}/{page}", "3"), None);
    }

    #[test]
    fn patterns_that_are_no_patterns() {
        for (pattern, said) in [
            ("{pages}", "{pages} is not known; there are {date}"),
            ("{date", "`{date`: the brace before `date` is not closed"),
            ("{page}{page}", "{page} is there twice"),
            (
                "{date:%Y%y}",
                "%Y, %m and %d are understood, and `%y` is not",
            ),
        ] {
            let error = Pattern::new(pattern).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }
}
