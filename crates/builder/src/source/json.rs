//! A `.json` file: an array of documents, an object with such an array in one of its fields, or one document.
//!
//! The file is read as a whole, so it may not be as large as a `.jsonl` file. Errors in it name the line. A file that has
//! no documents in it at all is left out: settings of some program lie about as `.json` in many a folder.

use serde_json::value::RawValue;

use super::input::InputFile;
use super::names::Facts;
use super::record::{Fields, Object, Parsed, Usual};
use super::{Origin, article};
use crate::error::{Error, Place};
use crate::report::Note;

/// Takes the documents of a file.
///
/// # Errors
/// If a document in it cannot be understood.
pub(super) fn parse<'f>(
    file: &'f InputFile,
    text: &str,
    facts: &Facts,
    parsed: &mut Parsed<'f>,
) -> Result<(), Error> {
    let whole: &RawValue = match serde_json::from_str(text) {
        Ok(whole) => whole,
        Err(error) => return leave_out(file, broken(text, &error), parsed),
    };
    if let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(whole.get()) {
        return take_all(file, text, &items, parsed);
    }
    let Ok(Fields(fields)) = serde_json::from_str::<Fields<'_>>(whole.get()) else {
        return leave_out(
            file,
            "holds neither an object nor an array of objects".into(),
            parsed,
        );
    };
    if fields.contains_key("body") {
        let usual = Usual {
            id: Some(file.id.clone()),
            date: facts.date.clone(),
            metadata: article::place(facts),
        };
        let origin = Origin {
            path: &file.path,
            line: None,
        };
        return Object::of(text.trim(), origin, usual).parse_into(parsed);
    }
    let lists = fields
        .values()
        .filter_map(|raw| serde_json::from_str::<Vec<&RawValue>>(raw.get()).ok());
    let lists: Vec<_> = lists
        .filter(|items| items.first().is_some_and(|item| is_object(item)))
        .collect();
    match lists.as_slice() {
        [items] => take_all(file, text, items, parsed),
        [] => leave_out(
            file,
            "has no document: an object with `body`, or an array of them".into(),
            parsed,
        ),
        _ => leave_out(
            file,
            "has several arrays of objects; give the documents a file of their own".into(),
            parsed,
        ),
    }
}

fn take_all<'f>(
    file: &'f InputFile,
    text: &str,
    items: &[&RawValue],
    parsed: &mut Parsed<'f>,
) -> Result<(), Error> {
    if !items.first().is_none_or(|item| is_object(item)) {
        return leave_out(file, "holds an array, but not of objects".into(), parsed);
    }
    let (mut line, mut counted) = (1, 0);
    for item in items {
        let at = (item.get().as_ptr() as usize)
            .saturating_sub(text.as_ptr() as usize)
            .min(text.len());
        line += newlines(&text.as_bytes()[counted..at]);
        counted = at;
        let origin = Origin {
            path: &file.path,
            line: Some(line),
        };
        Object::of(item.get(), origin, Usual::default()).parse_into(parsed)?;
    }
    Ok(())
}

fn newlines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

fn is_object(raw: &RawValue) -> bool {
    raw.get().starts_with('{')
}

fn leave_out(file: &InputFile, reason: String, parsed: &mut Parsed<'_>) -> Result<(), Error> {
    parsed.notes.skipped.push(Note {
        place: Place::file(&file.path),
        reason,
    });
    Ok(())
}

fn broken(text: &str, error: &serde_json::Error) -> String {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty()).take(2);
    if lines.all(|line| serde_json::from_str::<Fields<'_>>(line).is_ok()) {
        return "has an object on each line; give it the extension .jsonl".into();
    }
    format!("is broken JSON: {error}")
}
