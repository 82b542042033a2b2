//! The templates: ours, and those that a user's folder puts in their place.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value, ValueKind};
use minijinja::{AutoEscape, Environment, Output, State};
use serde::Serialize;

use super::strings::Strings;
use crate::error::Error;

macro_rules! own {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../templates/", $name)))),*]
    };
}

/// Names and texts of our own.
const OWN: &[(&str, &str)] = own![
    "404.html",
    "article-body.html",
    "article.html",
    "base.html",
    "calendar.html",
    "feed.xml",
    "issue.html",
    "macros.html",
    "page.html",
    "start.html",
    "value.html",
    "values.html",
    "year.html",
];

/// The one file that is no template.
const STYLE: &str = "site.css";
const OWN_STYLE: &str = include_str!("../../templates/site.css");

/// See the module's description.
#[derive(Debug)]
pub(super) struct Templates {
    environment: Environment<'static>,
    folder: Option<PathBuf>,
    pub(super) style: Cow<'static, str>,
}

impl Templates {
    /// Ours, and in their place those of the same name in a folder. Other templates there can be included by these.
    ///
    /// # Errors
    /// If the folder cannot be read, or one of its templates is wrong.
    pub(super) fn load(folder: Option<&Path>, strings: &'static Strings) -> Result<Self, Error> {
        let mut templates = Self {
            environment: environment(strings),
            folder: folder.map(Path::to_owned),
            style: OWN_STYLE.into(),
        };
        for (name, text) in OWN {
            let added = templates.environment.add_template(name, text);
            added.map_err(|error| wrong(None, &error))?;
        }
        if let Some(folder) = folder {
            templates.read(folder)?;
        }
        Ok(templates)
    }

    fn read(&mut self, folder: &Path) -> Result<(), Error> {
        let unreadable = |source| Error::Read {
            path: folder.to_owned(),
            source,
        };
        let entries = fs::read_dir(folder).map_err(unreadable)?;
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                continue;
            };
            if name == STYLE {
                self.style = read(&path)?.into();
            } else if name.ends_with(".html") || name.ends_with(".xml") {
                let added = self
                    .environment
                    .add_template_owned(name.to_owned(), read(&path)?);
                added.map_err(|error| wrong(Some(folder), &error))?;
            }
        }
        Ok(())
    }

    /// What every page knows, under a name.
    pub(super) fn global(&mut self, name: &'static str, value: impl Serialize) {
        self.environment.add_global(name, Value::from(Serde(value)));
    }

    /// A page.
    ///
    /// # Errors
    /// If the template does not work.
    pub(super) fn render(&self, name: &str, context: impl Serialize) -> Result<String, Error> {
        let template = self.environment.get_template(name);
        let page = template.and_then(|template| template.render(Serde(context)));
        page.map_err(|error| wrong(self.folder.as_deref(), &error))
    }
}

fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })
}

fn environment(strings: &'static Strings) -> Environment<'static> {
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build();
    environment.set_syntax(syntax.unwrap_or_default());
    environment.set_formatter(format);
    environment.add_global("t", Value::from(Serde(strings)));
    environment.add_function("articles", |count: u64| strings.articles(count));
    environment.add_function("issue_count", |count: u64| strings.issue_count(count));
    environment.add_function("date", |date: String| strings.date(&date));
    environment.add_function("full_date", |date: String| strings.full_date(&date));
    environment.add_function("page_label", |page: String| strings.page(&page));
    environment
}

/// Text is escaped as HTML and XML want it, but for slashes, which no parser minds and every address has.
fn format(
    out: &mut Output<'_>,
    state: &mut State<'_, '_>,
    value: &Value,
) -> Result<(), minijinja::Error> {
    let is_markup = matches!(state.auto_escape(), AutoEscape::Html);
    if !is_markup || value.is_safe() || value.kind() != ValueKind::String {
        return minijinja::escape_formatter(out, state, value);
    }
    let escaped = escape(value.as_str().unwrap_or_default());
    out.write_str(&escaped).map_err(minijinja::Error::from)
}

/// Text as it stands between tags and in quoted attributes.
pub(super) fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return text.into();
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped.into()
}

/// Names the template and the line.
fn wrong(folder: Option<&Path>, error: &minijinja::Error) -> Error {
    let name = error.name().unwrap_or("?");
    let own = folder
        .map(|folder| folder.join(name))
        .filter(|path| path.exists());
    let mut what = error.kind().to_string();
    if let Some(detail) = error.detail() {
        let _ = write!(what, ": {detail}");
    }
    Error::Template {
        path: own.unwrap_or_else(|| PathBuf::from(name)),
        line: error.line(),
        what,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(files: &[(&str, &str)]) -> Result<Templates, Error> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        Templates::load(Some(folder.path()), Strings::of("zh"))
    }

    #[test]
    fn a_template_of_the_user_takes_the_place_of_ours() {
        let files = [
            ("404.html", "{{ title }} {% include 'x.html' %}"),
            ("x.html", "{{ date('2024-01') }}"),
        ];
        let page = load(&files)
            .unwrap()
            .render("404.html", minijinja::context! { title => "<a/'&" });
        assert_eq!(page.unwrap(), "&lt;a/&#39;&amp; 2024年1月");
        assert_eq!(load(&[("site.css", "p {}")]).unwrap().style, "p {}");
    }

    #[test]
    fn a_wrong_template_is_named_with_its_line() {
        let error = load(&[("issue.html", "a\n{% if %}")])
            .unwrap_err()
            .to_string();
        assert!(error.contains("issue.html:2: "), "{error}");
        let templates = load(&[("issue.html", "a\nb\n{{ 1 + 'x' }}")]).unwrap();
        let error = templates.render("issue.html", ()).unwrap_err().to_string();
        assert!(error.contains("issue.html:3: "), "{error}");
    }
}
