//! Dates as newspapers write them: `10月15日`, `去年12月`, and `17日` after one of these.
//!
//! A page names its year once, if at all. What decides which year is meant is, in this order: a
//! word beside it (去年), a year that the same sentence named, and the issue's date. A report is
//! mostly about what was; an announcement about the next weeks. So a day belongs to the year in
//! which it lies in the [`AHEAD`] days after the issue or in the [`BACK`] days before it. Between
//! the two nothing decides, and the date stays unresolved. What decided is written down.

use std::ops::Range;

use super::ResolvedDate;

/// Days after the issue that a date without a year may lie.
const AHEAD: i64 = 92;
/// Days before it.
const BACK: i64 = 200;

/// The date of an issue as its page heads say it, `2024年1月12日 星期五`, and the line that says so.
///
/// For pages whose path has no date. Only lines that are nothing but a page head count; a date in
/// running text is the date of what happened.
pub fn issue_date(text: &str) -> Option<(String, String)> {
    let heads = || {
        text.lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && line.chars().count() <= 80)
    };
    let weekday = heads().find_map(|line| {
        let named = line.contains("星期") || line.contains("农历");
        page_head(line).filter(|_| named && !line.contains('。'))
    });
    let alone = || {
        heads().take(8).find_map(|line| {
            let rest = first_full(line)?;
            let bare = line.len() == rest.len();
            page_head(line).filter(|_| bare)
        })
    };
    weekday.or_else(alone)
}

fn page_head(line: &str) -> Option<(String, String)> {
    let found = scan(line)
        .into_iter()
        .find(|found| found.year.is_some() && found.day.is_some())?;
    let date = format_date(found.year?, found.month?, found.day)?;
    Some((date, format!("page head: {line}")))
}

/// Where the first date with year, month and day stands.
pub(super) fn first_full(text: &str) -> Option<Range<usize>> {
    if !text.contains('年') {
        return None;
    }
    let found = scan(text)
        .into_iter()
        .find(|found| found.year.is_some() && found.day.is_some())?;
    Some(found.range)
}

/// All dates of the text that are not written in full, each once.
pub(super) fn resolve(text: &str, issue: Option<&str>) -> Vec<ResolvedDate> {
    let issue = issue.and_then(Issue::parse);
    let mut resolved: Vec<ResolvedDate> = Vec::new();
    for sentence in text.split_inclusive(['。', '\n']) {
        let mut context = Context::default();
        for found in scan(sentence) {
            let Some(date) = context.resolve(&found, sentence, issue.as_ref()) else {
                continue;
            };
            if !resolved
                .iter()
                .any(|other| other.text == date.text && other.date == date.date)
            {
                resolved.push(date);
            }
        }
    }
    resolved
}

/// When the issue appeared.
#[derive(Debug)]
struct Issue<'t> {
    text: &'t str,
    year: i64,
    month: Option<u32>,
    day: Option<u32>,
}

impl<'t> Issue<'t> {
    fn parse(text: &'t str) -> Option<Self> {
        let mut parts = text.split('-');
        let year = parts.next()?.parse().ok()?;
        let month = parts
            .next()
            .and_then(|month| month.parse().ok())
            .filter(|month| (1..=12).contains(month));
        let day = parts
            .next()
            .and_then(|day| day.parse().ok())
            .filter(|day| (1..=31).contains(day));
        Some(Self {
            text,
            year,
            month,
            day,
        })
    }

    /// The year in which a day lies near enough.
    fn year_of(&self, month: u32, day: Option<u32>) -> Option<i64> {
        let own_month = self.month?;
        let own = ordinal(self.year, own_month, self.day.unwrap_or(15));
        (self.year - 1..=self.year + 1).find(|year| {
            let distance = ordinal(*year, month, day.unwrap_or(15)) - own;
            (-BACK..=AHEAD).contains(&distance)
        })
    }
}

/// What the sentence has said so far.
#[derive(Debug, Default)]
struct Context {
    year: Option<(i64, String)>,
    month: Option<(i64, u32, String)>,
}

impl Context {
    fn resolve(
        &mut self,
        found: &Found,
        sentence: &str,
        issue: Option<&Issue<'_>>,
    ) -> Option<ResolvedDate> {
        let text = sentence[found.range.clone()].to_owned();
        if let Some(year) = found.year {
            self.year = Some((year, text.clone()));
            self.month = found.month.map(|month| (year, month, text));
            return None;
        }
        let Some(month) = found.month else {
            return self.day_of_month(found, text);
        };
        let (year, evidence) = match self.year_of(found, month, issue) {
            Ok(decided) => decided,
            Err(evidence) => {
                self.month = None;
                return Some(ResolvedDate {
                    text,
                    date: None,
                    evidence,
                });
            }
        };
        self.month = Some((year, month, text.clone()));
        let date = format_date(year, month, found.day);
        let evidence = match date {
            Some(_) => evidence,
            None => "no such day in the calendar".to_owned(),
        };
        Some(ResolvedDate {
            text,
            date,
            evidence,
        })
    }

    /// `17日` after `10月15日`
    fn day_of_month(&self, found: &Found, text: String) -> Option<ResolvedDate> {
        let (year, month, before) = self.month.as_ref()?;
        let date = format_date(*year, *month, found.day)?;
        let evidence = format!("the month of {before} before it in the sentence");
        Some(ResolvedDate {
            text,
            date: Some(date),
            evidence,
        })
    }

    fn year_of(
        &self,
        found: &Found,
        month: u32,
        issue: Option<&Issue<'_>>,
    ) -> Result<(i64, String), String> {
        if let Some((word, distance)) = found.relative {
            let issue =
                issue.ok_or_else(|| format!("{word}, but the issue's date is not known"))?;
            return Ok((
                issue.year + distance,
                format!("{word}, in an issue of {}", issue.text),
            ));
        }
        if let Some((year, named)) = &self.year {
            return Ok((
                *year,
                format!("the year of {named} before it in the sentence"),
            ));
        }
        let issue = issue.ok_or("the issue's date is not known")?;
        match issue.year_of(month, found.day) {
            Some(year) => Ok((year, format!("the nearest to the issue of {}", issue.text))),
            None => Err(format!(
                "as far before the issue of {} as after it",
                issue.text
            )),
        }
    }
}

/// A date in a text, as far as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    range: Range<usize>,
    year: Option<i64>,
    relative: Option<(&'static str, i64)>,
    month: Option<u32>,
    day: Option<u32>,
}

const RELATIVE: [(&str, i64); 5] = [
    ("去年", -1),
    ("今年", 0),
    ("明年", 1),
    ("前年", -2),
    ("本年", 0),
];

/// All dates of a text, in order.
fn scan(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut from = 0;
    let mut at = 0;
    while at < text.len() {
        match date_at(text, from, at) {
            Some(date) => {
                at = date.range.end;
                from = at;
                found.push(date);
            }
            None => at += text[at..].chars().next().map_or(1, char::len_utf8),
        }
    }
    found
}

/// The date that begins at a place; digits before `from` belong to another one.
fn date_at(text: &str, from: usize, at: usize) -> Option<Found> {
    let relative = RELATIVE
        .iter()
        .find(|(word, _)| text[at..].starts_with(word))
        .copied();
    let inside_number = at > from
        && text[..at]
            .chars()
            .next_back()
            .is_some_and(|c| digit(c).is_some() || matches!(c, '.' | '第'));
    let first = text[at..].chars().next()?;
    if relative.is_none() && (digit(first).is_none() || inside_number) {
        return None;
    }
    let mut reader = Reader {
        text,
        at: at + relative.map_or(0, |(word, _)| word.len()),
    };
    let year = match relative {
        None => reader
            .number('年')
            .filter(|year| (1000..=2999).contains(year)),
        Some(_) => None,
    };
    let mut end = reader.at;
    let month = reader.number('月').filter(|month| (1..=12).contains(month));
    if month.is_some() {
        // `3月份` is a month, `3个月` is none.
        end = reader.at;
    }
    let day = reader.day().filter(|day| (1..=31).contains(day));
    if day.is_some() {
        end = reader.at;
    }
    let says_something = year.is_some() || month.is_some() || relative.is_none() && day.is_some();
    says_something.then(|| Found {
        range: at..end,
        year: year.map(i64::from),
        relative,
        month,
        day,
    })
}

/// Reads numbers and their units, over white space.
struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    /// A number before a unit; stays where it is if there is none.
    fn number(&mut self, unit: char) -> Option<u32> {
        let (value, end) = self.digits()?;
        let rest = self.text[end..].trim_start();
        let after = rest.strip_prefix(unit)?;
        self.at = self.text.len() - after.len();
        Some(value)
    }

    /// A number before 日, which is no span of days.
    fn day(&mut self) -> Option<u32> {
        let start = self.at;
        let day = self.number('日').or_else(|| self.number('号'))?;
        let spans = [
            "内",
            "游",
            "间",
            "龄",
            "均",
            "线",
            "楼",
            "院",
            "桥",
            "元",
            "夜兼程",
        ];
        if spans
            .iter()
            .any(|span| self.text[self.at..].starts_with(span))
        {
            self.at = start;
            return None;
        }
        Some(day)
    }

    fn digits(&self) -> Option<(u32, usize)> {
        let rest = self.text[self.at..].trim_start();
        let start = self.text.len() - rest.len();
        let end = rest
            .find(|c: char| digit(c).is_none())
            .unwrap_or(rest.len());
        let digits: Vec<u32> = rest[..end].chars().filter_map(digit).collect();
        if digits.is_empty() || digits.len() > 4 {
            return None;
        }
        Some((number(&digits)?, start + end))
    }
}

/// What a digit is worth; 十 is 10.
fn digit(character: char) -> Option<u32> {
    match character {
        '0'..='9' => character.to_digit(10),
        '０'..='９' => Some(u32::from(character) - u32::from('０')),
        '〇' | '零' => Some(0),
        '十' => Some(10),
        _ => "一二三四五六七八九"
            .chars()
            .position(|han| han == character)
            .and_then(|at| u32::try_from(at + 1).ok()),
    }
}

/// `15`, `十五`, `二十三`, `二〇二四`
fn number(digits: &[u32]) -> Option<u32> {
    match digits.iter().position(|digit| *digit == 10) {
        None => Some(digits.iter().fold(0, |value, digit| value * 10 + digit)),
        Some(at) if at <= 1 && digits.len() - at <= 2 => {
            let tens = digits[..at].first().copied().unwrap_or(1);
            let ones = digits.get(at + 1).copied().unwrap_or(0);
            (tens < 10 && ones < 10).then_some(tens * 10 + ones)
        }
        Some(_) => None,
    }
}

/// `YYYY-MM-DD`, or shorter; nothing if the calendar has no such day.
fn format_date(year: i64, month: u32, day: Option<u32>) -> Option<String> {
    let leap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0;
    let longest = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    match day {
        Some(day) => (day <= longest).then(|| format!("{year:04}-{month:02}-{day:02}")),
        None => Some(format!("{year:04}-{month:02}")),
    }
}

/// Days since some day long ago. Months count as 31 days less what they lack, which is exact
/// enough for distances that are compared with months.
fn ordinal(year: i64, month: u32, day: u32) -> i64 {
    const BEFORE: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let month = usize::try_from(month).unwrap_or(1).clamp(1, 12);
    year * 365 + year / 4 + BEFORE[month - 1] + i64::from(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(text: &str, issue: Option<&str>) -> Vec<(String, Option<String>)> {
        resolve(text, issue)
            .into_iter()
            .map(|date| (date.text, date.date))
            .collect()
    }

    fn one(text: &str, issue: &str) -> Option<String> {
        dates(text, Some(issue))
            .into_iter()
            .next()
            .and_then(|date| date.1)
    }

    #[test]
    fn the_issue_decides_the_year() {
        assert_eq!(
            one("10月15日上午", "2019-10-18").as_deref(),
            Some("2019-10-15")
        );
        assert_eq!(one("12月30日", "2024-01-12").as_deref(), Some("2023-12-30"));
        assert_eq!(one("1月3日起", "2023-12-29").as_deref(), Some("2024-01-03"));
        assert_eq!(one("今年8月，", "2019-10-18").as_deref(), Some("2019-08"));
        assert_eq!(one("去年 10月", "2020-07-21").as_deref(), Some("2019-10"));
        assert_eq!(
            one("六月二十日", "2024-06-28").as_deref(),
            Some("2024-06-20")
        );
        assert_eq!(
            one("7 月 15日", "2020-07-21").as_deref(),
            Some("2020-07-15")
        );
    }

    #[test]
    fn the_sentence_decides_before_the_issue() {
        let found = resolve("1983年6月29日涨水，7月2日才退。", Some("2019-10-18"));
        assert_eq!(found[0].date.as_deref(), Some("1983-07-02"));
        assert!(found[0].evidence.contains("1983年6月29日"), "{found:?}");
        assert_eq!(
            dates("8月25日至26日，", Some("2022-09-01")),
            [
                ("8月25日".into(), Some("2022-08-25".into())),
                ("26日".into(), Some("2022-08-26".into()))
            ]
        );
    }

    #[test]
    fn what_nothing_decides_stays_unresolved() {
        assert_eq!(dates("10月15日", None), [("10月15日".into(), None)]);
        assert_eq!(one("8月1日", "2024-03-20"), None);
        assert_eq!(one("2月30日", "2024-03-20"), None);
        assert_eq!(dates("3个月、30日内、第5日、1.5月", Some("2024-03-20")), []);
    }

    #[test]
    fn page_heads_date_an_issue() {
        let (date, evidence) =
            issue_date("\n鹭陵报 02版\n2024年1月12日 星期五\n本报讯").expect("a date");
        assert_eq!(date, "2024-01-12");
        assert!(evidence.contains("星期五"), "{evidence}");
        assert_eq!(
            issue_date("2024年1月12日，他来了。").map(|found| found.0),
            None
        );
    }
}
