//! Reads the files that archivists write, and says what is wrong with them and where.

use std::ops::Range;
use std::path::Path;

use serde::de::DeserializeOwned;

use crate::enrich::phrases;
use crate::error::{Error, Place};
use crate::report::Note;

/// A file of rules and its text.
pub(super) struct Rules<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
    /// What the file looks like, for whoever is lost.
    pub(super) hint: &'static str,
}

impl Rules<'_> {
    /// The file as a value.
    ///
    /// # Errors
    /// If it is not TOML, or has keys that the value has not.
    pub(super) fn parse<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let text = self.text.strip_prefix('\u{FEFF}').unwrap_or(self.text);
        let skipped = self.text.len() - text.len();
        toml::from_str(text).map_err(|error| {
            let at = error.span().unwrap_or(0..0);
            let what = error.message().replace('\n', ", ");
            self.error(at.start + skipped..at.end + skipped, what)
        })
    }

    /// Something that cannot stay as it is.
    pub(super) fn error(&self, at: Range<usize>, what: String) -> Error {
        let (place, hint) = (self.place(at), self.hint.to_owned());
        Error::Rules { place, what, hint }
    }

    /// Something that should not stay as it is.
    pub(super) fn note(&self, at: Range<usize>, reason: String) -> Note {
        let place = self.place(at);
        Note { place, reason }
    }

    /// What is searched for a phrase of the file.
    ///
    /// # Errors
    /// If nothing of it is left after folding.
    pub(super) fn phrase(
        &self,
        key: &str,
        phrase: &toml::Spanned<String>,
    ) -> Result<String, Error> {
        let folded = phrases::folded(phrase.get_ref());
        if folded.is_empty() {
            let what = format!("`{key}`: `{}` is empty", phrase.get_ref());
            return Err(self.error(phrase.span(), what));
        }
        Ok(folded)
    }

    /// A name that can be a level of a hierarchy.
    ///
    /// # Errors
    /// If it is empty or contains the sign between levels.
    pub(super) fn name(&self, name: &str, at: Range<usize>) -> Result<String, Error> {
        let sign = crate::document::field::LEVEL.trim();
        let name = name.trim();
        if name.is_empty() {
            return Err(self.error(at, "`name` is empty".into()));
        }
        if name.contains(sign) || name.contains('\n') {
            let what = format!("`name`: `{name}` may have no {sign} and no line break");
            return Err(self.error(at, what));
        }
        Ok(name.to_owned())
    }

    fn place(&self, at: Range<usize>) -> Place {
        let before = self.text.as_bytes().get(..at.start).unwrap_or_default();
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        Place::line(self.path, line as u64)
    }
}

/// The text of a file of rules.
///
/// # Errors
/// If it cannot be read, or is not UTF-8.
pub(super) fn read(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })
}
