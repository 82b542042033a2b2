//! Pages of HTML: the headline, the main text, and what the head of the page says about it.
//!
//! The text is what stands in `main` or `article`, or else in the whole page, without scripts, styles, menus and forms.
//! A block is a line, the cells of a table row are separated by tabs. The browser's own parser rules are applied
//! ([`scraper`] is html5ever), so no page is so broken that it has no text.

use ego_tree::iter::Edge;
use scraper::{ElementRef, Html, Node, Selector};
use serde_json::{Map, Value};

use super::date;

/// What a page says: fields as in `.jsonl`.
pub(super) fn fields(text: &str) -> Map<String, Value> {
    let page = Html::parse_document(text);
    let main = main(&page);
    let heading = single(main, "h1");
    let title = heading
        .map(|h1| line(&plain(h1, None)))
        .filter(|title| !title.is_empty());
    let without = heading.filter(|_| title.is_some());
    let title = title
        .or_else(|| meta(&page, &["og:title"]))
        .or_else(|| single(page.root_element(), "title").map(|title| line(&plain(title, None))));
    let mut fields = Map::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            fields.insert(name.to_owned(), Value::String(value));
        }
    };
    put("title", title);
    put("body", Some(plain(main, without)));
    put("url", address(&page));
    put("date", published(&page, main));
    put("author", meta(&page, &["author", "article:author"]));
    put(
        "description",
        meta(&page, &["description", "og:description"]),
    );
    put("section", meta(&page, &["article:section"]));
    put("publication", meta(&page, &["og:site_name"]));
    put(
        "language",
        page.root_element()
            .value()
            .attr("lang")
            .map(str::to_owned)
            .filter(|lang| !lang.is_empty()),
    );
    fields
}

/// What the page says about its encoding; browsers look at the beginning too.
pub(super) fn declared_encoding(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(2048)]).to_ascii_lowercase();
    let (_, after) = start.split_once("charset=")?;
    let label = after.trim_start_matches(['"', '\'']);
    let end = label
        .find(|c: char| !c.is_ascii_alphanumeric() && !"-_".contains(c))
        .unwrap_or(label.len());
    encoding_rs::Encoding::for_label(&label.as_bytes()[..end])
}

fn select<'p>(within: ElementRef<'p>, selector: &str) -> Vec<ElementRef<'p>> {
    // The selectors are those below; none of them is wrong.
    Selector::parse(selector)
        .map(|selector| within.select(&selector).collect())
        .unwrap_or_default()
}

/// The element, if there is one of the kind and not several.
fn single<'p>(within: ElementRef<'p>, selector: &str) -> Option<ElementRef<'p>> {
    match select(within, selector).as_slice() {
        [only] => Some(*only),
        _ => None,
    }
}

fn main(page: &Html) -> ElementRef<'_> {
    let root = page.root_element();
    let candidates = ["main", "[role=main]", "article", "body"];
    let found = candidates
        .into_iter()
        .find_map(|selector| single(root, selector).filter(|main| !plain(*main, None).is_empty()));
    found.unwrap_or(root)
}

/// The content of the first `meta` of one of these names.
fn meta(page: &Html, names: &[&str]) -> Option<String> {
    let metas = select(page.root_element(), "meta");
    let content = |name: &&str| {
        let named = |meta: &&ElementRef<'_>| {
            let given = meta
                .value()
                .attr("name")
                .or_else(|| meta.value().attr("property"));
            given.is_some_and(|given| given.eq_ignore_ascii_case(name))
        };
        let content = metas.iter().find(named)?.value().attr("content")?;
        Some(line(content)).filter(|content| !content.is_empty())
    };
    names.iter().find_map(content)
}

/// Where the page says that it belongs.
fn address(page: &Html) -> Option<String> {
    let canonical = select(page.root_element(), "link[rel=canonical]");
    let canonical = canonical
        .first()
        .and_then(|link| link.value().attr("href"))
        .map(str::to_owned);
    canonical
        .or_else(|| meta(page, &["og:url"]))
        .filter(|address| address.starts_with("http"))
}

/// The first date of its publication that is one.
fn published(page: &Html, main: ElementRef<'_>) -> Option<String> {
    const NAMES: [&str; 7] = [
        "article:published_time",
        "date",
        "publishdate",
        "pubdate",
        "publish-date",
        "dc.date",
        "dcterms.date",
    ];
    let times = select(main, "time[datetime]");
    let times = times
        .iter()
        .filter_map(|time| time.value().attr("datetime"));
    let times = times.map(str::to_owned);
    let mut said = NAMES
        .iter()
        .filter_map(|name| meta(page, &[name]))
        .chain(times);
    said.find(|said| date::from_field(said).is_some())
}

/// The text of an element without another one.
fn plain(element: ElementRef<'_>, without: Option<ElementRef<'_>>) -> String {
    let mut text = Text::default();
    // The tree of a page may be thousands of elements deep, so it is walked by its own links and not by calls.
    let mut skipping = None;
    for edge in element.traverse() {
        match edge {
            Edge::Open(node) if skipping.is_none() => match node.value() {
                Node::Text(piece) => text.put(&piece.text),
                Node::Element(child) => {
                    let left_out = without.is_some_and(|without| without.id() == node.id());
                    if left_out || (is_no_text(child.name()) && node.id() != element.id()) {
                        skipping = Some(node.id());
                    } else {
                        text.open(child.name());
                    }
                }
                _ => {}
            },
            Edge::Close(node) => {
                if skipping == Some(node.id()) {
                    skipping = None;
                } else if skipping.is_none()
                    && let Node::Element(child) = node.value()
                {
                    text.close(child.name());
                }
            }
            Edge::Open(_) => {}
        }
    }
    text.done()
}

fn is_no_text(name: &str) -> bool {
    const NAMES: [&str; 19] = [
        "script", "style", "nav", "noscript", "template", "svg", "math", "iframe", "form",
        "button", "select", "head", "title", "object", "canvas", "audio", "video", "textarea",
        "dialog",
    ];
    NAMES.contains(&name)
}

fn is_inline(name: &str) -> bool {
    const NAMES: [&str; 32] = [
        "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font",
        "i", "img", "ins", "kbd", "label", "mark", "q", "rb", "ruby", "s", "samp", "small", "span",
        "strong", "sub", "sup", "time", "u", "var",
    ];
    NAMES.contains(&name)
}

/// Text as it is put together: white space is one space, except in `pre`.
#[derive(Default)]
struct Text {
    text: String,
    /// White space was seen after the last word.
    space: bool,
    verbatim: usize,
}

impl Text {
    fn put(&mut self, piece: &str) {
        if self.verbatim > 0 {
            self.text.push_str(piece);
            return;
        }
        for c in piece.chars() {
            // No-break spaces are spaces that somebody meant.
            if matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{C}') {
                self.space = true;
                continue;
            }
            if std::mem::take(&mut self.space)
                && !self.text.is_empty()
                && !self.text.ends_with(['\n', '\t'])
            {
                self.text.push(' ');
            }
            self.text.push(c);
        }
    }

    fn end_line(&mut self) {
        self.space = false;
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    fn open(&mut self, name: &str) {
        match name {
            "br" => {
                self.space = false;
                self.text.push('\n');
            }
            "td" | "th" if !self.text.is_empty() && !self.text.ends_with('\n') => {
                self.text.push('\t');
            }
            "td" | "th" => {}
            "pre" => {
                self.end_line();
                self.verbatim += 1;
            }
            _ if is_inline(name) => {}
            _ => self.end_line(),
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "td" | "th" => self.space = false,
            "pre" => {
                self.verbatim = self.verbatim.saturating_sub(1);
                self.end_line();
            }
            _ if is_inline(name) || name == "br" => {}
            _ => self.end_line(),
        }
    }

    fn done(self) -> String {
        self.text.trim().to_owned()
    }
}

fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(fields: &Map<String, Value>, name: &str) -> String {
        fields
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }

    #[test]
    fn a_page_with_everything() {
        let page = r#"<!DOCTYPE html><html lang="zh-Hans"><head><title>大桥通车 - 鹭陵报</title>
            <meta name="author" content="农谷雨"><meta property="article:published_time" content="2023-11-10T08:00:00+08:00">
            <meta name="description" content="一句话"><link rel="canonical" href="https://example.org/1.html">
            <style>p { color: red }</style></head>
            <body><nav>首页 | 新闻</nav><main><h1>苇渡大桥
              通车</h1><p>昨日，<b>大桥</b>通车。<br>群众 奔走相告。<p>第二段<script>alert(1)</script></p>
            <table><tr><td>甲</td><td>1</td></tr><tr><td>乙</td><td>2</td></tr></table><pre>a  b
 c</pre></main><footer>版权所有</footer></body></html>"#;
        let fields = fields(page);
        assert_eq!(said(&fields, "title"), "苇渡大桥 通车");
        assert_eq!(
            said(&fields, "body"),
            "昨日，大桥通车。\n群众 奔走相告。\n第二段\n甲\t1\n乙\t2\na  b\n c"
        );
        assert_eq!(said(&fields, "date"), "2023-11-10T08:00:00+08:00");
        assert_eq!(
            (
                said(&fields, "author").as_str(),
                said(&fields, "language").as_str()
            ),
            ("农谷雨", "zh-Hans")
        );
        assert_eq!(
            (
                said(&fields, "description").as_str(),
                said(&fields, "url").as_str()
            ),
            ("一句话", "https://example.org/1.html")
        );
    }

    #[test]
    fn pages_without_a_frame() {
        let bare = fields("文字<p>再来");
        assert_eq!(
            (said(&bare, "title").as_str(), said(&bare, "body").as_str()),
            ("", "文字\n再来")
        );
        let titled = fields("<title>题</title><h1>一</h1><h1>二</h1><p>文");
        assert_eq!(
            (
                said(&titled, "title").as_str(),
                said(&titled, "body").as_str()
            ),
            ("题", "一\n二\n文")
        );
        assert_eq!(said(&fields(""), "body"), "");
    }

    #[test]
    fn deep_pages_do_not_break_anything() {
        let page = format!("{}深{}", "<div>".repeat(20_000), "</div>".repeat(20_000));
        assert_eq!(said(&fields(&page), "body"), "深");
    }

    #[test]
    fn encodings_that_a_page_declares() {
        assert_eq!(
            declared_encoding(b"<meta charset=gb2312>"),
            Some(encoding_rs::GBK)
        );
        assert_eq!(
            declared_encoding(b"<meta content='text/html; charset=big5'>"),
            Some(encoding_rs::BIG5)
        );
        assert_eq!(declared_encoding(b"<p>charset"), None);
    }
}
