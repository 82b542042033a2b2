//! From the fields of an object to a document; the same rules for every kind of file that has fields.
//!
//! Fields are first taken as they are written ([`RawValue`]) and only then given a type, because a number in an archive
//! is often a name: `id` 00123 or a shelf mark of twenty digits has to come out as it went in.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use backfile_core::record::Value;

use super::{Found, Origin, date, encoding};
use crate::document::Document;
use crate::error::Error;
use crate::report::Note;

/// Whole numbers beyond this are not exact everywhere an archive is read: JavaScript's limit.
const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;

/// Metadata nested deeper than this is an attack or an accident.
const DEEPEST: usize = 64;

/// What a row of objects gave.
#[derive(Default)]
pub(super) struct Parsed<'a> {
    pub(super) found: Vec<Found<'a>>,
    pub(super) notes: Notes,
}

/// What there is to say about it.
#[derive(Default)]
pub(super) struct Notes {
    pub(super) skipped: Vec<Note>,
    pub(super) warnings: Vec<Note>,
}

/// One JSON object of a file, to which errors refer.
pub(super) struct Object<'a, 'f> {
    text: &'a str,
    origin: Origin<'f>,
    usual: Usual,
}

/// What a document is given where its fields do not say.
#[derive(Clone, Debug, Default)]
pub(super) struct Usual {
    /// From the name of its file. Without it, an object has to have an `id`.
    pub(super) id: Option<String>,
    pub(super) date: Option<String>,
    pub(super) metadata: Vec<(String, Value)>,
}

impl<'a, 'f> Object<'a, 'f> {
    /// The text of the line; at the start of a file there may be a byte order mark.
    pub(super) fn new(bytes: &'a [u8], origin: Origin<'f>) -> Result<Self, Error> {
        let text = simdutf8::compat::from_utf8(bytes).map_err(|error| Error::NotUtf8 {
            place: origin.place(),
            byte: bytes[error.valid_up_to()],
            offset: error.valid_up_to() as u64,
            whole: "line",
            encoding: likely_encoding(bytes),
        })?;
        let text = text
            .strip_prefix('\u{FEFF}')
            .filter(|_| origin.line == Some(1))
            .unwrap_or(text);
        Ok(Self {
            text,
            origin,
            usual: Usual::default(),
        })
    }

    /// Text that is known to be JSON.
    pub(super) fn of(text: &'a str, origin: Origin<'f>, usual: Usual) -> Self {
        Self {
            text,
            origin,
            usual,
        }
    }

    pub(super) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// The document that the object is.
    ///
    /// # Errors
    /// If it is not JSON, lacks a field, or has one of another type.
    pub(super) fn parse_into(&self, parsed: &mut Parsed<'f>) -> Result<(), Error> {
        let Fields(mut fields) = serde_json::from_str(self.text).map_err(|e| self.broken(&e, 0))?;
        let id = self.id(fields.remove("id"))?;
        let title = self
            .text_field("title", fields.remove("title"))?
            .unwrap_or_default();
        let url = self
            .text_field("url", fields.remove("url"))?
            .unwrap_or_default();
        let body = self.text_field("body", fields.remove("body"))?;
        let body = body.ok_or_else(|| self.missing("body"))?;
        let (date, odd_date) = self.date(fields.remove("date"), parsed)?;
        if title.trim().is_empty() && body.trim().is_empty() {
            parsed
                .notes
                .skipped
                .push(self.note(format!("`{id}` has neither a title nor a body")));
            return Ok(());
        }
        let mut metadata = self.metadata(fields)?;
        metadata.extend(odd_date.map(|text| ("date".to_owned(), Value::Text(text))));
        for (name, value) in &self.usual.metadata {
            if !metadata.iter().any(|(given, _)| given == name) {
                metadata.push((name.clone(), value.clone()));
            }
        }
        metadata.sort_by(|a, b| a.0.cmp(&b.0));
        let document = Document {
            id,
            url,
            title,
            date: date.or_else(|| self.usual.date.clone()),
            metadata,
            body,
        };
        parsed.found.push(Found {
            document,
            origin: self.origin,
        });
        Ok(())
    }

    /// A string that is not empty, or a number as it is written.
    fn id(&self, field: Option<&RawValue>) -> Result<String, Error> {
        let field = field.filter(|raw| !matches!(raw.get(), "null" | "\"\""));
        let Some(raw) = field else {
            return self.usual.id.clone().ok_or_else(|| self.missing("id"));
        };
        if is_number(raw) {
            return Ok(raw.get().to_owned());
        }
        self.string("id", "a string or a number", raw)
    }

    /// A string; `null` is the same as nothing.
    fn text_field(
        &self,
        name: &'static str,
        field: Option<&RawValue>,
    ) -> Result<Option<String>, Error> {
        let field = field.filter(|raw| raw.get() != "null");
        field
            .map(|raw| self.string(name, "a string", raw))
            .transpose()
    }

    /// The date, or else what the field says if that is not understood: it is kept as metadata, with a warning.
    fn date(
        &self,
        field: Option<&RawValue>,
        parsed: &mut Parsed<'f>,
    ) -> Result<(Option<String>, Option<String>), Error> {
        let text = match field {
            Some(raw) if is_number(raw) => Some(raw.get().to_owned()),
            field => self.text_field("date", field)?,
        };
        let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
            return Ok((None, None));
        };
        let date = date::from_field(&text);
        if date.is_some() {
            return Ok((date, None));
        }
        let reason = format!("the date `{text}` is not understood; write it as 2024-01-12");
        parsed.notes.warnings.push(self.note(reason));
        Ok((None, Some(text)))
    }

    fn metadata(
        &self,
        fields: BTreeMap<Cow<'a, str>, &'a RawValue>,
    ) -> Result<Vec<(String, Value)>, Error> {
        fields
            .into_iter()
            .map(|(name, raw)| {
                let value = value(raw, DEEPEST).map_err(|e| self.broken(&e, self.offset(raw)))?;
                Ok((name.into_owned(), value))
            })
            .collect()
    }

    fn string(
        &self,
        field: &'static str,
        expected: &'static str,
        raw: &RawValue,
    ) -> Result<String, Error> {
        if !raw.get().starts_with('"') {
            let (place, found) = (self.origin.place(), kind(raw));
            return Err(Error::FieldType {
                place,
                field,
                expected,
                found,
            });
        }
        serde_json::from_str(raw.get()).map_err(|e| self.broken(&e, self.offset(raw)))
    }

    fn missing(&self, field: &'static str) -> Error {
        Error::FieldMissing {
            place: self.origin.place(),
            field,
        }
    }

    fn note(&self, reason: String) -> Note {
        Note {
            place: self.origin.place(),
            reason,
        }
    }

    /// Where in the line a field's value begins.
    fn offset(&self, raw: &RawValue) -> usize {
        (raw.get().as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize)
    }

    /// What serde_json said, without its own idea of the place: it counts bytes, people count characters.
    fn broken(&self, error: &serde_json::Error, offset: usize) -> Error {
        let message = error.to_string();
        let what = message
            .split(" at line ")
            .next()
            .unwrap_or(&message)
            .to_owned();
        let end = offset + error.column();
        let column = self
            .text
            .char_indices()
            .take_while(|(at, _)| *at < end)
            .count();
        Error::Json {
            place: self.origin.place(),
            column: column.max(1) as u64,
            what,
        }
    }
}

/// The fields of an object as they are written, each name once.
pub(super) struct Fields<'a>(pub(super) BTreeMap<Cow<'a, str>, &'a RawValue>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object, `{…}`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = BTreeMap::new();
        while let Some((name, raw)) = map.next_entry::<Cow<'de, str>, &'de RawValue>()? {
            if let Some(_earlier) = fields.insert(name.clone(), raw) {
                return Err(A::Error::custom(format_args!(
                    "the field `{name}` is there twice"
                )));
            }
        }
        Ok(Fields(fields))
    }
}

/// A metadata value as it is stored.
fn value(raw: &RawValue, depth: usize) -> Result<Value, serde_json::Error> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(serde_json::Error::custom("nested too deeply"));
    };
    let text = raw.get();
    Ok(match text.as_bytes().first() {
        Some(b'"') => Value::Text(serde_json::from_str(text)?),
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text)?;
            Value::List(
                items
                    .into_iter()
                    .map(|item| value(item, depth))
                    .collect::<Result<_, _>>()?,
            )
        }
        Some(b'{') => Value::Map(map(serde_json::from_str(text)?, depth)?),
        Some(b'n') => Value::Null,
        Some(b't' | b'f') => Value::Bool(text == "true"),
        _ => number(text),
    })
}

fn map(
    Fields(fields): Fields<'_>,
    depth: usize,
) -> Result<Vec<(String, Value)>, serde_json::Error> {
    fields
        .into_iter()
        .map(|(name, raw)| Ok((name.into_owned(), value(raw, depth)?)))
        .collect()
}

/// A number as a number where every reader gets the same one, and otherwise as it is written.
fn number(text: &str) -> Value {
    let whole = text.parse::<i64>().ok();
    match (whole, text.parse::<f64>()) {
        (Some(whole), _) if whole.unsigned_abs() <= LARGEST_EXACT as u64 => Value::Integer(whole),
        (None, Ok(number)) if number.abs() <= LARGEST_EXACT => Value::Number(number),
        _ => Value::Text(text.to_owned()),
    }
}

fn is_number(raw: &RawValue) -> bool {
    raw.get()
        .starts_with(|c: char| c == '-' || c.is_ascii_digit())
}

fn kind(raw: &RawValue) -> &'static str {
    match raw.get().as_bytes().first() {
        Some(b'"') => "a string",
        Some(b'[') => "an array",
        Some(b'{') => "an object",
        Some(b'n') => "null",
        Some(b't' | b'f') => "true or false",
        _ => "a number",
    }
}

/// What bytes that are not UTF-8 probably are. Chinese text has for thirty years been GBK or its superset, where it was
/// not UTF-8, and UTF-16 announces itself.
fn likely_encoding(bytes: &[u8]) -> &'static str {
    match bytes {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => "UTF-16",
        _ if encoding::guess(bytes) == Some(encoding_rs::BIG5) => "Big5",
        _ => "GB18030",
    }
}
