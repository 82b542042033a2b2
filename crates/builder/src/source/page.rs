//! Files that are read as wholes: pages of newspapers, pages of the web, small lists.
//!
//! They are small and many, so some are put together and handed to one thread. Whatever is wrong with one of them is said
//! in the report, and the others are read.

use std::path::Path;

use serde_json::{Map, Value};

use super::documents::Intake;
use super::input::{InputFile, Kind};
use super::names::{self, Facts};
use super::pdf::{self, PdfPage};
use super::record::{Object, Parsed, Usual};
use super::{Found, Origin, RawPage, ReadSettings, article, encoding, html, json, markdown, text};
use crate::error::{Error, Place};
use crate::fake_bold;
use crate::ordered;
use crate::press::{self, PageContext, Style};
use crate::progress::Progress;
use crate::radicals;
use crate::report::{ReadReport, Repair};

/// A page of text has at most so many bytes: some thousand times what fits on paper, and what still can be cut in
/// memory.
const LARGEST_PAGE: u64 = 40 << 20;
/// A PDF has pictures too, and often a year in one file.
const LARGEST_PDF: u64 = 512 << 20;
/// A `.json` file is parsed as a whole.
const LARGEST_JSON: u64 = 256 << 20;

/// Files that one thread reads before it hands its pages on, and the size at which there are enough of them.
const TOGETHER: (usize, u64) = (64, 4 << 20);

/// Reads all files. Pages reach the sink in the order of the files.
pub(super) fn read_all(
    files: &[&InputFile],
    settings: &ReadSettings<'_>,
    intake: &Intake<'_>,
    progress: &dyn Progress,
    report: &mut ReadReport,
) -> Result<(), Error> {
    // Room is taken in order, and kept until the pages are handed on: others may have to wait for theirs.
    let bundles = bundles(files).map(|files| (files, intake.room_for(unpacked_bytes(files))));
    let read = |(files, room)| (read_some(files, settings, intake, progress), room);
    ordered::in_order(bundles, read, |(some, _room)| {
        let some = some?;
        report.absorb(some.report);
        let Some(sink) = settings.pages else {
            return Ok(());
        };
        some.pages.into_iter().try_for_each(|page| sink.page(page))
    })
}

fn bundles<'f, 'a>(files: &'f [&'a InputFile]) -> impl Iterator<Item = &'f [&'a InputFile]> + Send {
    let (most, bytes) = TOGETHER;
    let mut rest = files;
    std::iter::from_fn(move || {
        let mut sum = 0;
        let fit = rest.iter().take(most).take_while(|file| {
            sum += file.unpacked_bytes();
            sum <= bytes
        });
        let (bundle, after) = rest.split_at(fit.count().max(1).min(rest.len()));
        rest = after;
        (!bundle.is_empty()).then_some(bundle)
    })
}

fn unpacked_bytes(files: &[&InputFile]) -> u64 {
    files.iter().map(|file| file.unpacked_bytes()).sum()
}

/// What some files gave besides documents.
#[derive(Default)]
struct Bundle {
    report: ReadReport,
    pages: Vec<RawPage>,
}

fn read_some(
    files: &[&InputFile],
    settings: &ReadSettings<'_>,
    intake: &Intake<'_>,
    progress: &dyn Progress,
) -> Result<Bundle, Error> {
    let mut some = Bundle::default();
    for file in files {
        let mut reading = Reading::new(file, settings);
        if let Err(reason) = reading.read(progress)? {
            reading.report.skipped.push(file.note(reason));
        }
        some.report.absorb(reading.report);
        some.pages.append(&mut reading.pages);
        intake.take(file.number, reading.found)?;
    }
    Ok(some)
}

/// One file while it is read.
struct Reading<'f, 's> {
    file: &'f InputFile,
    settings: &'s ReadSettings<'s>,
    facts: Facts,
    report: ReadReport,
    found: Vec<Found<'f>>,
    pages: Vec<RawPage>,
}

/// A page with what is needed to cut it.
struct Sheet {
    id: String,
    facts: Facts,
    text: String,
    styles: Vec<Style>,
}

/// Done, or why there is nothing of the file in the archive.
type Read = Result<(), String>;

impl<'f, 's> Reading<'f, 's> {
    fn new(file: &'f InputFile, settings: &'s ReadSettings<'s>) -> Self {
        let (mut facts, fits) = names::facts(file, settings.pattern.as_ref());
        facts.publication = facts.publication.or_else(|| settings.publication.clone());
        let mut report = ReadReport {
            files: 1,
            input_bytes: file.bytes,
            ..ReadReport::default()
        };
        if let Some(pattern) = settings.pattern.as_ref().filter(|_| !fits) {
            let reason = format!(
                "the name is not written as `{}`; what the usual ways say was taken",
                pattern.as_str()
            );
            report.warnings.push(file.note(reason));
        }
        Self {
            file,
            settings,
            facts,
            report,
            found: Vec::new(),
            pages: Vec::new(),
        }
    }

    fn read(&mut self, progress: &dyn Progress) -> Result<Read, Error> {
        let most = match self.file.kind {
            Kind::Json => LARGEST_JSON,
            Kind::Pdf => LARGEST_PDF,
            _ => LARGEST_PAGE,
        };
        let bytes = match self.file.bytes(most, progress) {
            Ok(bytes) if bytes.trim_ascii().is_empty() => return Ok(Err(EMPTY.into())),
            Ok(bytes) => bytes,
            Err(reason) => return Ok(Err(reason)),
        };
        match by_content(self.file.kind, &bytes) {
            Kind::Pdf => Ok(self.pdf(bytes)),
            Kind::Json => self.json(bytes),
            Kind::Html => self.html(bytes),
            Kind::Markdown => self.markdown(bytes),
            _ => Ok(self.text(bytes)),
        }
    }

    fn decode(
        &mut self,
        bytes: Vec<u8>,
        told: Option<&'static encoding_rs::Encoding>,
    ) -> Result<String, String> {
        let decoded = encoding::decode(bytes, self.settings.encoding.or(told))?;
        self.report
            .warnings
            .extend(decoded.note.map(|note| self.file.note(note)));
        Ok(decoded.text)
    }

    fn text(&mut self, bytes: Vec<u8>) -> Read {
        let text = self.decode(bytes, None)?;
        let text = self.without_radicals(text, "");
        let (repaired, lines) = fake_bold::repair(&text);
        let path = &self.file.path;
        self.report
            .repairs
            .extend(lines.into_iter().map(|line| Repair {
                place: Place::line(path, line.line as u64),
                before: line.before,
                after: line.after,
            }));
        let sheet = Sheet {
            id: self.file.id.clone(),
            facts: self.facts.clone(),
            text: repaired.into_owned(),
            styles: Vec::new(),
        };
        self.take_sheet(sheet)
    }

    /// The text with characters for radicals, which is said in the report of the page.
    fn without_radicals(&mut self, text: String, page: &str) -> String {
        let (repaired, replaced) = radicals::repair(&text);
        if replaced.count > 0 {
            let (count, which) = (replaced.count, replaced.list());
            let reason = format!(
                "{page}{count} radicals became the characters that they stand for: {which}"
            );
            self.report.radicals.push(self.file.note(reason));
        }
        repaired.into_owned()
    }

    /// Pages without text are left out one by one.
    fn pdf(&mut self, bytes: Vec<u8>) -> Read {
        let (pages, unread) = pdf::read(bytes)?;
        let several = pages.len() + unread.len() > 1;
        for (number, reason) in unread {
            let note = self.file.note(format!("page {number}: {reason}"));
            self.report.skipped.push(note);
        }
        for mut page in pages {
            let number = page.number;
            let told = page
                .note
                .take()
                .map(|note| self.file.note(format!("page {number}: {note}")));
            self.report.warnings.extend(told);
            page.text = self.without_radicals(page.text, &format!("page {number}: "));
            let sheet = self.pdf_sheet(page, several);
            if let Err(reason) = self.take_sheet(sheet) {
                let note = self.file.note(format!("page {number}: {reason}"));
                self.report.skipped.push(note);
            }
        }
        Ok(())
    }

    /// The page of a file with one page has the id of the file; the others have their number behind it. It is the
    /// printed number too, unless the name of the file says another.
    fn pdf_sheet(&self, page: PdfPage, several: bool) -> Sheet {
        let stem = &self.file.id;
        let number = page.number;
        let mut facts = self.facts.clone();
        facts.page = facts
            .page
            .or(Some(backfile_core::record::Value::Integer(number as i64)));
        Sheet {
            id: if several {
                format!("{stem}/{number}")
            } else {
                stem.clone()
            },
            facts,
            text: page.text,
            styles: page.styles,
        }
    }

    fn take_sheet(&mut self, mut sheet: Sheet) -> Read {
        if sheet.text.trim().is_empty() {
            return Err(EMPTY.into());
        }
        if sheet.facts.date.is_none() {
            sheet.facts.date = press::issue_date(&sheet.text).map(|(date, _)| date);
        }
        if self.settings.whole_pages {
            self.put(text::document(sheet.id, &sheet.facts, sheet.text));
            return Ok(());
        }
        let context = PageContext {
            date: sheet.facts.date.as_deref(),
            styles: &sheet.styles,
            overrides: self
                .settings
                .overrides
                .and_then(|overrides| overrides.page(&sheet.id)),
        };
        let cut = press::cut(&sheet.text, &context);
        let documents = article::documents(&sheet.id, &sheet.facts, &cut);
        if documents.is_empty() {
            let reason = "there is nothing on the page but what stands on every page";
            self.report.warnings.push(self.file.note(reason.into()));
        }
        for words in &cut.unmatched {
            let reason = format!("overrides: {words} stands nowhere on the page");
            self.report.warnings.push(self.file.note(reason));
        }
        if self.settings.pages.is_some() {
            self.pages.push(RawPage {
                id: sheet.id,
                path: self.file.path.clone(),
                date: sheet.facts.date,
                number: sheet.facts.page,
                publication: sheet.facts.publication,
                edition: sheet.facts.edition,
                text: sheet.text,
                styles: sheet.styles,
                cut,
                documents: documents
                    .iter()
                    .map(|document| document.id.clone())
                    .collect(),
            });
        }
        documents
            .into_iter()
            .for_each(|document| self.put(document));
        Ok(())
    }

    fn put(&mut self, document: crate::document::Document) {
        let origin = self.origin();
        self.found.push(Found { document, origin });
    }

    fn origin(&self) -> Origin<'f> {
        let path: &'f Path = &self.file.path;
        Origin { path, line: None }
    }

    fn json(&mut self, bytes: Vec<u8>) -> Result<Read, Error> {
        let text = match self.decode(bytes, None) {
            Ok(text) => text,
            Err(reason) => return Ok(Err(reason)),
        };
        let mut parsed = Parsed::default();
        json::parse(self.file, &text, &self.facts, &mut parsed)?;
        self.take_parsed(parsed);
        Ok(Ok(()))
    }

    fn html(&mut self, bytes: Vec<u8>) -> Result<Read, Error> {
        let declared = html::declared_encoding(&bytes);
        match self.decode(bytes, declared) {
            Ok(text) => self.take_fields(html::fields(&text)),
            Err(reason) => Ok(Err(reason)),
        }
    }

    fn markdown(&mut self, bytes: Vec<u8>) -> Result<Read, Error> {
        match self
            .decode(bytes, None)
            .and_then(|text| markdown::fields(&text))
        {
            Ok(fields) => self.take_fields(fields),
            Err(reason) => Ok(Err(reason)),
        }
    }

    /// A document that a file says by its fields. One that cannot be understood is left out: people write these files.
    fn take_fields(&mut self, fields: Map<String, Value>) -> Result<Read, Error> {
        let usual = Usual {
            id: Some(self.file.id.clone()),
            date: self.facts.date.clone(),
            metadata: article::place(&self.facts),
        };
        let text = Value::Object(fields).to_string();
        let mut parsed = Parsed::default();
        match Object::of(&text, self.origin(), usual).parse_into(&mut parsed) {
            Ok(()) => self.take_parsed(parsed),
            Err(Error::FieldType {
                field,
                expected,
                found,
                ..
            }) => {
                return Ok(Err(format!(
                    "`{field}` is {found}, but has to be {expected}"
                )));
            }
            Err(error) => return Ok(Err(error.to_string())),
        }
        Ok(Ok(()))
    }

    fn take_parsed(&mut self, parsed: Parsed<'f>) {
        self.found.extend(parsed.found);
        self.report.skipped.extend(parsed.notes.skipped);
        self.report.warnings.extend(parsed.notes.warnings);
    }
}

const EMPTY: &str = "the page is empty";

/// The kind that the first bytes say, where they say one: programs that save pages are careless about extensions.
fn by_content(kind: Kind, bytes: &[u8]) -> Kind {
    let start = bytes.trim_ascii_start();
    let begins = |mark: &str| {
        let start = start.get(..mark.len()).unwrap_or_default();
        start.eq_ignore_ascii_case(mark.as_bytes())
    };
    match kind {
        Kind::Text | Kind::Html if begins("%PDF-") => Kind::Pdf,
        Kind::Text | Kind::Pdf if begins("<!doctype html") || begins("<html") => Kind::Html,
        kind => kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_is_by_its_first_bytes() {
        assert_eq!(by_content(Kind::Text, b"%PDF-1.7\n"), Kind::Pdf);
        assert_eq!(by_content(Kind::Pdf, b"\n<!DOCTYPE HTML>"), Kind::Html);
        assert_eq!(by_content(Kind::Text, b"<p>"), Kind::Text);
        assert_eq!(by_content(Kind::Markdown, b"<html>"), Kind::Markdown);
    }
}
