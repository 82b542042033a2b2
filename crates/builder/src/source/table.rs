//! Tables: a header row with the names of the fields, then a document a row.
//!
//! `.csv` is separated by commas, or by semicolons where the header has those and no comma, as spreadsheets of half the
//! world write it; `.tsv` by tabs. The fields are those of `.jsonl`. Cells of other fields that are whole numbers are
//! numbers, unless they begin with a zero; empty cells say nothing. Spreadsheets write GB18030 and Big5 more often than
//! UTF-8, so what the file begins with is judged like a page.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use csv::{ReaderBuilder, StringRecord};
use encoding_rs::{Encoding, UTF_8};
use encoding_rs_io::DecodeReaderBytesBuilder;
use serde_json::{Map, Value};

use super::documents::Intake;
use super::input::InputFile;
use super::record::{Object, Parsed, Usual};
use super::{Origin, ReadSettings, encoding};
use crate::error::{Error, Place};
use crate::progress::Progress;
use crate::report::{Note, ReadReport};

/// Enough to know an encoding by.
const SAMPLE: u64 = 256 << 10;
/// Rows whose documents are handed on together.
const TOGETHER: usize = 1024;

/// Reads one file.
///
/// # Errors
/// If a row cannot be understood.
pub(super) fn read(
    file: &InputFile,
    settings: &ReadSettings<'_>,
    intake: &Intake<'_>,
    progress: &dyn Progress,
    report: &mut ReadReport,
) -> Result<(), Error> {
    let Some(mut disk) = file.open_or_note(progress, report) else {
        return Ok(());
    };
    let mut sample = Vec::new();
    disk.by_ref()
        .take(SAMPLE)
        .read_to_end(&mut sample)
        .map_err(|source| file.unreadable(source))?;
    let found = encoding_of(&sample, settings.encoding);
    if found != UTF_8 {
        let reason = format!("is {} and was converted", encoding::name(found));
        report.warnings.push(Note {
            place: Place::file(&file.path),
            reason,
        });
    }
    let separator = separator(file, &sample);
    let text = DecodeReaderBytesBuilder::new()
        .encoding(Some(found))
        .bom_override(true)
        .build(sample.chain(disk));
    let left = Rc::new(Cell::new(intake.longest_line()));
    let rows = Rows {
        text,
        left: Rc::clone(&left),
    };
    let mut reader = ReaderBuilder::new().delimiter(separator).from_reader(rows);
    let header = reader
        .headers()
        .map_err(|error| broken(file, &error))?
        .clone();
    check_header(file, &header)?;
    let mut parsed = Parsed::default();
    let mut row = StringRecord::new();
    while reader
        .read_record(&mut row)
        .map_err(|error| broken(file, &error))?
    {
        left.set(intake.longest_line());
        let line = row.position().map(csv::Position::line);
        take_row(
            &header,
            &row,
            Origin {
                path: &file.path,
                line,
            },
            &mut parsed,
        )?;
        if parsed.found.len() >= TOGETHER {
            intake.take(file.number, std::mem::take(&mut parsed.found))?;
        }
    }
    intake.take(file.number, parsed.found)?;
    report.files += 1;
    report.input_bytes += file.bytes;
    report.skipped.extend(parsed.notes.skipped);
    report.warnings.extend(parsed.notes.warnings);
    Ok(())
}

/// A table of which no row takes more memory than there is: a quotation mark that nobody closes is followed by the
/// rest of the file.
struct Rows<R> {
    text: R,
    /// Bytes that the row may go on for.
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Rows<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.text.read(buffer)?;
        let left = self.left.get().checked_sub(read as u64).ok_or_else(|| {
            io::Error::other(
                "a row is longer than this --memory has room for; is a quotation mark left open?",
            )
        })?;
        self.left.set(left);
        Ok(read)
    }
}

/// A character may be cut at the end of the sample.
fn encoding_of(sample: &[u8], told: Option<&'static Encoding>) -> &'static Encoding {
    let whole = sample
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(sample, |end| &sample[..end]);
    match Encoding::for_bom(sample) {
        Some((marked, _)) => marked,
        None if std::str::from_utf8(whole).is_ok() => UTF_8,
        None => told.or_else(|| encoding::guess(whole)).unwrap_or(UTF_8),
    }
}

fn separator(file: &InputFile, sample: &[u8]) -> u8 {
    let header = sample
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let has = |byte| header.contains(&byte);
    match () {
        () if file.is_tabbed() || (has(b'\t') && !has(b',')) => b'\t',
        () if has(b';') && !has(b',') => b';',
        () => b',',
    }
}

fn check_header(file: &InputFile, header: &StringRecord) -> Result<(), Error> {
    let mut names: Vec<&str> = header
        .iter()
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    names.sort_unstable();
    let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) else {
        return Ok(());
    };
    let what = format!("the column `{}` is there twice", twice[0]);
    Err(Error::Table {
        place: Place::line(&file.path, 1),
        what,
    })
}

fn take_row<'f>(
    header: &StringRecord,
    row: &StringRecord,
    origin: Origin<'f>,
    parsed: &mut Parsed<'f>,
) -> Result<(), Error> {
    let cells = header
        .iter()
        .zip(row)
        .filter(|(name, cell)| !name.trim().is_empty() && !cell.is_empty());
    let mut fields: Map<String, Value> = cells
        .map(|(name, cell)| (name.trim().to_owned(), typed(name.trim(), cell)))
        .collect();
    if fields.is_empty() {
        return Ok(());
    }
    if header.iter().any(|name| name.trim() == "body") {
        fields.entry("body").or_insert_with(|| "".into());
    }
    let text = Value::Object(fields).to_string();
    Object::of(&text, origin, Usual::default()).parse_into(parsed)
}

/// A number only where it comes out again as it was written.
fn typed(name: &str, cell: &str) -> Value {
    let is_text = matches!(name, "id" | "title" | "url" | "body" | "date");
    let number = cell
        .parse::<i64>()
        .ok()
        .filter(|number| !is_text && number.to_string() == cell);
    number.map_or_else(|| cell.into(), Value::from)
}

fn broken(file: &InputFile, error: &csv::Error) -> Error {
    let line = error.position().map(csv::Position::line);
    let what = match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!("the row has {len} cells, and the header has {expected_len}")
        }
        csv::ErrorKind::Utf8 { .. } => "the row is not UTF-8".into(),
        _ => error.to_string(),
    };
    Error::Table {
        place: Place {
            file: file.path.clone(),
            line,
        },
        what,
    }
}
