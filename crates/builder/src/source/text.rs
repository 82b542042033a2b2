//! Pages of plain text: one file, one document.
//!
//! A page is stored as it is, with two exceptions: a byte order mark is no text, and text that a PDF gave up twice is
//! said once ([`crate::fake_bold`]). Its id, date and page number are read from its path, its title from its first
//! lines; cutting it into articles is another step.

use std::io::Read;
use std::path::Path;

use rayon::prelude::*;

use backfile_core::record::Value;

use super::documents::Intake;
use super::input::InputFile;
use super::{Found, Origin, date};
use crate::document::Document;
use crate::error::{Error, Place};
use crate::fake_bold::{self, RepairedLine};
use crate::progress::Progress;
use crate::report::{Note, ReadReport, Repair};

/// A title is cut here if nothing on the page looks like a headline.
const LONGEST_TITLE: usize = 40;
/// A shorter line is a column's number or what is left of a broken line.
const SHORTEST_TITLE: usize = 4;
/// A headline that has this many lines with text above it is somebody else's.
const LINES_ABOVE_TITLE: usize = 12;

/// Pages that one thread reads before it hands their documents on.
const TOGETHER: usize = 64;

/// Reads all pages, in parallel. If several cannot be read, the first in the order of the files is the error.
pub(super) fn read_pages(
    files: &[&InputFile],
    intake: &Intake,
    progress: &dyn Progress,
    report: &mut ReadReport,
) -> Result<(), Error> {
    let reports: Vec<Result<ReadReport, Error>> = files
        .par_chunks(TOGETHER)
        .map(|files| read_some(files, intake, progress))
        .collect();
    for some in reports {
        report.absorb(some?);
    }
    Ok(())
}

fn read_some(
    files: &[&InputFile],
    intake: &Intake,
    progress: &dyn Progress,
) -> Result<ReadReport, Error> {
    let mut report = ReadReport::default();
    for file in files {
        let page = read_page(file, progress)?;
        report.absorb(page.report);
        intake.take(file.number, page.found.into_iter().collect())?;
    }
    Ok(report)
}

/// One page and what there is to say about it.
struct Page<'a> {
    found: Option<Found<'a>>,
    report: ReadReport,
}

fn read_page<'a>(file: &'a InputFile, progress: &dyn Progress) -> Result<Page<'a>, Error> {
    let mut bytes = Vec::new();
    let read = file.open(progress)?.read_to_end(&mut bytes);
    read.map_err(|source| file.unreadable(source))?;
    let text = decode(bytes, &file.path)?;
    let (body, repaired) = match fake_bold::repair(&text) {
        (_, repaired) if repaired.is_empty() => (text, repaired),
        (body, repaired) => (body.into_owned(), repaired),
    };
    let found = (!body.trim().is_empty()).then(|| Found {
        document: document(file, body),
        origin: Origin {
            path: &file.path,
            line: None,
        },
    });
    let report = report(file, found.is_none(), repaired);
    Ok(Page { found, report })
}

fn report(file: &InputFile, empty: bool, repaired: Vec<RepairedLine>) -> ReadReport {
    let skipped = empty.then(|| Note {
        place: Place::file(&file.path),
        reason: "the page is empty".into(),
    });
    ReadReport {
        files: 1,
        input_bytes: file.bytes,
        skipped: skipped.into_iter().collect(),
        repairs: repaired
            .into_iter()
            .map(|line| repair(&file.path, line))
            .collect(),
        ..ReadReport::default()
    }
}

fn repair(path: &Path, line: RepairedLine) -> Repair {
    Repair {
        place: Place::line(path, line.line as u64),
        before: line.before,
        after: line.after,
    }
}

/// The text of a file without its byte order mark.
fn decode(bytes: Vec<u8>, path: &Path) -> Result<String, Error> {
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        not_utf8(path, error.as_bytes(), offset)
    })?;
    if text.starts_with('\u{FEFF}') {
        text.drain(..'\u{FEFF}'.len_utf8());
    }
    Ok(text)
}

fn not_utf8(path: &Path, bytes: &[u8], offset: usize) -> Error {
    let line = 1 + bytes[..offset]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count();
    Error::NotUtf8 {
        place: Place::line(path, line as u64),
        byte: bytes[offset],
        offset: offset as u64,
        whole: "file",
        encoding: likely_encoding(bytes),
    }
}

/// What a file that is not UTF-8 probably is. Chinese text that is neither has for thirty years been GBK or its
/// superset, and UTF-16 announces itself.
pub(super) fn likely_encoding(bytes: &[u8]) -> &'static str {
    match bytes {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => "UTF-16",
        _ => "GB18030",
    }
}

fn document(file: &InputFile, body: String) -> Document {
    let dated = date::in_path(&file.stem);
    let page = page_number(&file.stem, dated.as_ref().map_or(0, |(_, at)| at.end));
    let from_folder = || date::in_path(&file.given.to_string_lossy());
    Document {
        id: file.stem.clone(),
        url: String::new(),
        title: title(&body),
        date: dated.or_else(from_folder).map(|(date, _)| date),
        metadata: page
            .map(|page| ("page".to_owned(), page))
            .into_iter()
            .collect(),
        body,
    }
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
    let letters = bare.len()
        - bare
            .trim_start_matches(|c: char| c.is_ascii_uppercase())
            .len();
    let digits = &bare[letters..];
    if digits.len() > 3 || letters > 1 {
        return None;
    }
    let number: i64 = digits.parse().ok().filter(|number| *number > 0)?;
    Some(if letters == 0 {
        Value::Integer(number)
    } else {
        Value::Text(bare.to_owned())
    })
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

fn shorten(line: &str) -> String {
    match line.char_indices().nth(LONGEST_TITLE) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line.to_owned(),
    }
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
            let date_end = date::in_path(stem).map_or(0, |(_, at)| at.end);
            assert_eq!(page_number(stem, date_end), expected, "{stem}");
        }
    }

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

    #[test]
    fn what_is_not_utf8_is_named_by_byte_and_line() {
        let error = decode(b"ab\ncd\xD6\xD0".to_vec(), Path::new("p/1.txt")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "p/1.txt:2: not UTF-8: byte 0xD6 at offset 5 of the file"
        );
        let hint = error.hint().unwrap();
        assert_eq!(
            hint,
            "convert it: iconv -f GB18030 -t UTF-8 'p/1.txt' > converted.txt"
        );
    }

    #[test]
    fn utf16_is_recognised_by_its_mark() {
        let error = decode(b"\xFF\xFEa\0".to_vec(), Path::new("1.txt")).unwrap_err();
        assert!(error.hint().unwrap().contains("iconv -f UTF-16 "));
    }
}
