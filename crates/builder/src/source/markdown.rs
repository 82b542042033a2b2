//! Pages of Markdown, with front matter in YAML (`---`) or TOML (`+++`) or without.
//!
//! The text is what a reader of the rendered page would see: paragraphs, headings, items and code, a line each, without
//! the marks. The title is that of the front matter, or else the first heading. Fields of the front matter have the names
//! that static site generators use; those that `.jsonl` does not know by these names become metadata as they are.

use std::ops::Range;

use pulldown_cmark::{Event, MetadataBlockKind, Options, Parser, Tag, TagEnd};
use serde_json::{Map, Value};

/// Other names of fields, and the name that is kept.
const SYNONYMS: [(&str, &str); 6] = [
    ("permalink", "url"),
    ("authors", "author"),
    ("category", "section"),
    ("lang", "language"),
    ("created", "date"),
    ("published", "date"),
];

/// What a page says: fields as in `.jsonl`.
///
/// # Errors
/// What is wrong with the front matter, for people.
pub(super) fn fields(text: &str) -> Result<Map<String, Value>, String> {
    let page = Page::read(text);
    let mut fields = page.front_matter()?;
    for (other, name) in SYNONYMS {
        if !fields.contains_key(name)
            && let Some(value) = fields.remove(other)
        {
            fields.insert(name.to_owned(), value);
        }
    }
    // A number or a date without quotation marks is a text that was not meant to be another.
    for name in ["title", "url", "date"] {
        if let Some(Value::Number(number)) = fields.get(name) {
            let text = number.to_string();
            fields.insert(name.to_owned(), text.into());
        }
    }
    let has_title =
        matches!(fields.get("title"), Some(Value::String(title)) if !title.trim().is_empty());
    let (title, body) = page.title_and_body(has_title);
    if let Some(title) = title {
        fields.insert("title".into(), title.into());
    }
    fields.insert("body".into(), body.into());
    Ok(fields)
}

/// A page, without marks.
#[derive(Default)]
struct Page {
    front: Option<(MetadataBlockKind, String)>,
    text: String,
    /// Where the first heading stands in the text, if nothing stands before it.
    heading: Option<Range<usize>>,
    /// The line was broken after the last word, for the editor's sake.
    broken: bool,
}

impl Page {
    fn read(text: &str) -> Self {
        let options = Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
            | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS
            | Options::ENABLE_TABLES
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS;
        let mut page = Self::default();
        let mut front = None;
        for event in Parser::new_ext(text, options) {
            match event {
                Event::Start(Tag::MetadataBlock(kind)) => front = Some((kind, String::new())),
                Event::End(TagEnd::MetadataBlock(_)) => page.front = front.take(),
                Event::Text(piece) if front.is_some() => {
                    if let Some((_, text)) = &mut front {
                        text.push_str(&piece);
                    }
                }
                event => page.take(&event),
            }
        }
        page
    }

    fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::Text(piece) | Event::Code(piece) => self.put(piece),
            Event::InlineHtml(html) | Event::Html(html) => self.put(&without_tags(html)),
            Event::SoftBreak => self.broken = true,
            Event::HardBreak => self.text.push('\n'),
            Event::Start(Tag::TableCell) if !self.text.is_empty() && !self.text.ends_with('\n') => {
                self.text.push('\t');
            }
            Event::Start(Tag::Heading { .. }) => {
                self.end_line();
                if self.heading.is_none() && self.text.is_empty() {
                    self.heading = Some(0..0);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                if let Some(heading @ Range { end: 0, .. }) = &mut self.heading {
                    heading.end = self.text.len();
                }
                self.end_line();
            }
            Event::Start(tag) if !is_inline_start(tag) => self.end_line(),
            Event::End(tag) if !is_inline_end(*tag) => self.end_line(),
            _ => {}
        }
    }

    /// Lines of Chinese are joined without a space.
    fn put(&mut self, piece: &str) {
        if std::mem::take(&mut self.broken)
            && !(self.text.ends_with(is_wide) && piece.starts_with(is_wide))
        {
            self.text.push(' ');
        }
        self.text.push_str(piece);
    }

    fn end_line(&mut self) {
        self.broken = false;
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    fn front_matter(&self) -> Result<Map<String, Value>, String> {
        let (value, language) = match &self.front {
            None => return Ok(Map::new()),
            Some((MetadataBlockKind::YamlStyle, text)) => {
                let value = serde_saphyr::from_str::<Option<Value>>(text);
                (value.map_err(|error| error.to_string()), "YAML")
            }
            Some((MetadataBlockKind::PlusesStyle, text)) => {
                let value = toml::from_str::<toml::Table>(text);
                let value = value.map(|table| Some(from_toml(toml::Value::Table(table))));
                (value.map_err(|error| error.message().to_owned()), "TOML")
            }
        };
        match value {
            Ok(Some(Value::Object(fields))) => Ok(fields),
            Ok(None | Some(Value::Null)) => Ok(Map::new()),
            Ok(_) => Err(format!(
                "the front matter is {language}, but no list of names and values"
            )),
            Err(error) => {
                let error = error.lines().next().unwrap_or_default();
                Err(format!("the front matter is not {language}: {error}"))
            }
        }
    }

    /// The heading at the top is the title where there is no other, and then no part of the text.
    fn title_and_body(self, has_title: bool) -> (Option<String>, String) {
        let tidy = |text: &str| text.trim().to_owned();
        match self.heading {
            Some(heading) if !has_title && !tidy(&self.text[heading.clone()]).is_empty() => {
                let (title, body) = (&self.text[heading.clone()], &self.text[heading.end..]);
                (Some(tidy(title)), tidy(body))
            }
            _ => (None, tidy(&self.text)),
        }
    }
}

/// Scripts that are written without spaces, and their punctuation.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FFEF}' | '\u{20000}'..='\u{3FFFF}' | '“' | '”' | '‘' | '’' | '…' | '—')
}

/// Dates of TOML are texts.
fn from_toml(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(value) => value.into(),
        toml::Value::Datetime(date) => date.to_string().into(),
        toml::Value::Array(items) => items.into_iter().map(from_toml).collect(),
        toml::Value::Table(table) => table
            .into_iter()
            .map(|(name, value)| (name, from_toml(value)))
            .collect(),
    }
}

/// HTML in Markdown is rare: its words count, its tags do not.
fn without_tags(html: &str) -> String {
    let fields = super::html::fields(html);
    let body = fields
        .get("body")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if html.ends_with('\n') && !body.is_empty() {
        format!("{body}\n")
    } else {
        body.to_owned()
    }
}

fn is_inline_start(tag: &Tag<'_>) -> bool {
    is_inline_end(tag.to_end())
}

fn is_inline_end(tag: TagEnd) -> bool {
    use TagEnd::*;
    matches!(
        tag,
        Emphasis | Strong | Strikethrough | Link | Image | TableCell | Subscript | Superscript
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Value {
        Value::Object(fields(text).unwrap())
    }

    #[test]
    fn front_matter_in_yaml_and_toml() {
        let yaml = "---\ntitle: 大桥通车\ndate: 2023-11-10\nauthor: [农谷雨, 丰云]\ntags: [桥, 路]\npermalink: /bridge/\ncount: 3\n---\n\n昨日，**大桥**通车。\n";
        let expected = serde_json::json!({
            "title": "大桥通车", "date": "2023-11-10", "author": ["农谷雨", "丰云"], "tags": ["桥", "路"],
            "url": "/bridge/", "count": 3, "body": "昨日，大桥通车。",
        });
        assert_eq!(read(yaml), expected);
        let toml = "+++\ntitle = '大桥通车'\ndate = 2023-11-10\nauthor = ['农谷雨', '丰云']\ntags = ['桥', '路']\nurl = '/bridge/'\ncount = 3\n+++\n昨日，大桥通车。";
        assert_eq!(read(toml), expected);
    }

    #[test]
    fn the_first_heading_is_the_title() {
        let page = read(
            "# 大桥 `通车`\n\n昨日，\n大桥[通车](x.html)。\n\n- 一\n- 二\n\n```\na  b\n```\n\n## 又\n\n| 甲 | 乙 |\n|---|---|\n| 1 | 2 |\n\n<p>尾</p>\n",
        );
        assert_eq!(page["title"], "大桥 通车");
        assert_eq!(
            page["body"],
            "昨日，大桥通车。\n一\n二\na  b\n又\n甲\t乙\n1\t2\n尾"
        );
        let late = read("文\n\n# 题\n");
        assert_eq!(
            (late["title"].clone(), late["body"].clone()),
            (Value::Null, "文\n题".into())
        );
        let both = read("---\ntitle: 一\n---\n# 二\n文");
        assert_eq!(
            (both["title"].clone(), both["body"].clone()),
            ("一".into(), "二\n文".into())
        );
    }

    #[test]
    fn front_matter_that_is_none() {
        assert!(
            fields("---\ntitle: [\n---\n文")
                .unwrap_err()
                .starts_with("the front matter is not YAML: ")
        );
        assert!(
            fields("+++\ntitle\n+++\n文")
                .unwrap_err()
                .starts_with("the front matter is not TOML: ")
        );
        assert_eq!(read("---\n---\n文")["body"], "文");
        assert_eq!(read("---\ntitle: 1984\n---\n文")["title"], "1984");
    }
}
