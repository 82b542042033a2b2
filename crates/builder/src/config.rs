//! `backfile.toml`: what an archive is told once, and not on every command line.
//!
//! The file is optional, and so is everything in it. It is looked for in the current folder, then in the folder of the
//! first input; paths in it are below the folder that it lies in. What the command line says wins. A word that is not
//! known is an error, because a setting that nobody reads is worse than none. [`TEMPLATE`] is what `backfile init`
//! writes, and at the same time the documentation of every setting.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use encoding_rs::Encoding;
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Place};
use crate::source::Pattern;

/// The name under which it is found.
pub const FILE_NAME: &str = "backfile.toml";

/// A file with every setting, commented out, each with what it is for.
pub const TEMPLATE: &str = include_str!("config/backfile.toml");

/// All settings; what is not in the file is empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// `[archive]`
    pub archive: Archive,
    /// `[input]`
    pub input: Input,
    /// `[facets]`
    pub facets: Facets,
    /// `[subjects]`
    pub subjects: Subjects,
    /// `[places]`
    pub places: Places,
    /// `[duplicates]`
    pub duplicates: Duplicates,
    /// `[site]`
    pub site: Site,
    /// Where the file was found; empty if there is none.
    #[serde(skip)]
    pub path: PathBuf,
}

/// What the archive is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Archive {
    /// Shown above the search box.
    pub title: Option<String>,
    /// As in HTML.
    pub language: Option<String>,
    /// The newspaper, of pages that do not say.
    pub publication: Option<String>,
    /// Where the site is going to be, for addresses that have to be whole.
    pub base_url: Option<String>,
}

/// How the inputs are read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Input {
    /// How files are named.
    pub pattern: Option<Pattern>,
    /// Whether a page stays one document.
    pub whole_pages: bool,
    /// What pages are in that are not UTF-8.
    #[serde(deserialize_with = "encoding")]
    pub encoding: Option<&'static Encoding>,
    /// Files and folders that are not read, as in a `.gitignore`.
    pub exclude: Vec<String>,
    /// What an archivist says about single pages.
    pub overrides: Option<PathBuf>,
}

/// What readers can filter by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Facets {
    /// Names of fields, in the order in which they are shown.
    pub fields: Option<Vec<String>>,
}

/// What articles are about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Subjects {
    /// The file with classes and their keywords.
    pub taxonomy: Option<PathBuf>,
}

/// Where articles play.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Places {
    /// The file with places.
    pub gazetteer: Option<PathBuf>,
}

/// Text that was printed twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Duplicates {
    /// From 0 to 1: how much of two articles has to be the same, so that the later repeats the earlier.
    #[serde(deserialize_with = "share")]
    pub threshold: Option<f64>,
}

/// How the site is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Site {
    /// A folder of templates that take the place of the usual ones.
    pub templates: Option<PathBuf>,
    /// What there is of each article.
    pub articles: Option<Articles>,
}

/// How articles lie in files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Articles {
    /// As files up to a number, else by issue.
    #[default]
    Auto,
    /// A file each.
    Files,
    /// Those of an issue together.
    Issues,
    /// Only the search.
    None,
}

impl Config {
    /// Reads the file with this name.
    ///
    /// # Errors
    /// If it cannot be read or understood.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let unreadable = |source| Error::Read {
            path: path.to_owned(),
            source,
        };
        let text = fs::read_to_string(path).map_err(unreadable)?;
        let mut config: Config =
            toml::from_str(&text).map_err(|error| misunderstood(path, &text, &error))?;
        config.path = path.to_owned();
        config.place_paths();
        Ok(config)
    }

    /// Reads the file that goes with these inputs, if there is one.
    ///
    /// # Errors
    /// If it cannot be read or understood.
    pub fn find(inputs: &[PathBuf]) -> Result<Self, Error> {
        let beside = inputs.first().map(|input| {
            let folder = if input.is_dir() {
                Some(input.as_path())
            } else {
                input.parent()
            };
            folder.unwrap_or(Path::new("")).join(FILE_NAME)
        });
        let mut candidates = std::iter::once(PathBuf::from(FILE_NAME)).chain(beside);
        let found = candidates.find(|path| path.is_file());
        found.map_or_else(|| Ok(Self::default()), |path| Self::read(&path))
    }

    /// Paths are below the folder of the file.
    fn place_paths(&mut self) {
        let folder = self.path.parent().unwrap_or(Path::new("")).to_owned();
        let paths = [
            &mut self.input.overrides,
            &mut self.subjects.taxonomy,
            &mut self.places.gazetteer,
            &mut self.site.templates,
        ];
        for path in paths.into_iter().flatten() {
            *path = folder.join(&*path);
        }
    }
}

/// The line says which key it is, where the message does not.
fn misunderstood(path: &Path, text: &str, error: &toml::de::Error) -> Error {
    let at = error.span().map_or(0, |span| span.start.min(text.len()));
    let before = &text.as_bytes()[..at];
    let number = 1 + before.iter().filter(|byte| **byte == b'\n').count();
    let line = text.lines().nth(number - 1).unwrap_or_default().trim();
    let what = error.message().trim().replace('\n', "; ");
    Error::Config {
        place: Place::line(path, number as u64),
        line: line.to_owned(),
        what,
    }
}

/// Writes a file that is not there yet into a folder, and returns its path.
///
/// # Errors
/// If there is such a file already, or it cannot be written.
pub fn write_new(folder: &Path, name: &str, text: &str) -> Result<PathBuf, Error> {
    let path = folder.join(name);
    let write = || -> io::Result<()> {
        fs::create_dir_all(folder)?;
        File::create_new(&path)?.write_all(text.as_bytes())
    };
    match write() {
        Ok(()) => Ok(path),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.exists() => {
            Err(Error::ConfigExists { path })
        }
        Err(source) => Err(Error::Write { path, source }),
    }
}

fn encoding<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<&'static Encoding>, D::Error> {
    let label = String::deserialize(deserializer)?;
    let unknown = || {
        D::Error::custom(format_args!(
            "no encoding has the name `{label}`; there are gb18030, big5, utf-16le and others"
        ))
    };
    Encoding::for_label(label.as_bytes())
        .map(Some)
        .ok_or_else(unknown)
}

fn share<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    let share = f64::deserialize(deserializer)?;
    if (0.0..=1.0).contains(&share) {
        return Ok(Some(share));
    }
    Err(D::Error::custom("it is a number from 0.0 to 1.0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, Error> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        fs::write(&path, text).unwrap();
        Config::read(&path)
    }

    /// The message without the folder.
    fn said(text: &str) -> String {
        let error = read(text).unwrap_err().to_string();
        error
            .split_once(FILE_NAME)
            .map_or_else(|| error.clone(), |(_, said)| said.to_owned())
    }

    #[test]
    fn the_template_says_nothing_as_it_is_and_everything_without_the_hashes() {
        let as_it_is = read(TEMPLATE).unwrap();
        assert!(as_it_is.archive == Archive::default() && as_it_is.input.pattern.is_none());
        let lines = TEMPLATE
            .lines()
            .map(|line| line.strip_prefix("#:").unwrap_or(line));
        let all = read(&lines.collect::<Vec<_>>().join("\n")).unwrap();
        assert!(
            all.archive.title.is_some()
                && all.archive.language.is_some()
                && all.archive.base_url.is_some()
        );
        assert!(
            all.archive.publication.is_some()
                && all.facets.fields.is_some()
                && all.site.articles.is_some()
        );
        assert!(
            all.input.pattern.is_some()
                && all.input.encoding.is_some()
                && !all.input.exclude.is_empty()
        );
        assert!(all.duplicates.threshold.is_some());
        let paths = [
            all.input.overrides,
            all.subjects.taxonomy,
            all.places.gazetteer,
            all.site.templates,
        ];
        assert!(
            paths
                .iter()
                .all(|path| path.as_ref().is_some_and(|path| path.is_absolute()))
        );
    }

    #[test]
    fn what_is_not_understood_is_named_by_line_and_key() {
        let cases = [
            (
                "[archive]\ntitel = 'x'\n",
                ":2: `titel = 'x'`: unknown field `titel`, expected one of ",
            ),
            ("[archives]\n", ":1: `[archives]`: unknown field `archives`"),
            (
                "\n[input]\nwhole_pages = 'yes'\n",
                ":3: `whole_pages = 'yes'`: invalid type: string \"yes\", expected a boolean",
            ),
            (
                "[input]\npattern = '{pages}'\n",
                ":2: `pattern = '{pages}'`: {pages} is not known; there are {date}",
            ),
            (
                "[input]\nencoding = 'latin-99'\n",
                ":2: `encoding = 'latin-99'`: no encoding has the name `latin-99`",
            ),
            (
                "[duplicates]\nthreshold = 80.0\n",
                ":2: `threshold = 80.0`: it is a number from 0.0 to 1.0",
            ),
            (
                "[site]\narticles = 'all'\n",
                ":2: `articles = 'all'`: unknown variant `all`, expected one of `auto`",
            ),
            ("[archive\n", ":1: `[archive`: "),
        ];
        for (text, expected) in cases {
            let said = said(text);
            assert!(said.starts_with(expected), "{said}");
        }
    }

    #[test]
    fn init_never_writes_over_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = write_new(&folder.path().join("new"), FILE_NAME, TEMPLATE).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), TEMPLATE);
        fs::write(&path, "mine").unwrap();
        assert!(matches!(
            write_new(&folder.path().join("new"), FILE_NAME, TEMPLATE),
            Err(Error::ConfigExists { .. })
        ));
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    }
}
