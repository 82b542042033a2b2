//! A document's text as paragraphs.
//!
//! A line of an article is a paragraph. A line of a page as a PDF gave it up may be a line of a narrow column, broken
//! in mid-word; such text is put together again, so that it can be read. Characters are never changed or left out.

use crate::document::{Document, field};
use crate::source;

use super::fields;

/// What ends a sentence or stands behind its end.
const ENDS: &str = "。！？!?.…：:；;”’」』）)》】—";
/// Characters that stand for a headline where there is none.
const TITLE: usize = 24;
/// Text of fewer lines is not looked at.
const FEWEST_LINES: usize = 4;

/// The parts of a document's text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) paragraphs: Vec<String>,
    /// Texts of pictures.
    pub(super) captions: Vec<String>,
}

impl Text {
    /// The text without what is shown elsewhere: shoulder and sub at its beginning, captions at its end.
    pub(super) fn of(document: &Document) -> Self {
        let body = fields::clean(source::paragraphs(document));
        let is_article = fields::text(document, field::KIND).is_some();
        let mut paragraphs = if is_article || !is_columns(&body) {
            lines(&body)
        } else {
            joined(&body)
        };
        let captions = fields::texts(document, field::CAPTIONS);
        let own = captions.iter().flat_map(|caption| lines(caption));
        let own: Vec<String> = own.collect();
        if !own.is_empty() && paragraphs.ends_with(&own) {
            paragraphs.truncate(paragraphs.len() - own.len());
        }
        for name in [field::SHOULDER, field::SUB] {
            for line in fields::texts(document, name)
                .iter()
                .flat_map(|text| lines(text))
            {
                if paragraphs.first() == Some(&line) {
                    paragraphs.remove(0);
                }
            }
        }
        Self {
            paragraphs,
            captions,
        }
    }

    /// What the document is called: its headline, or how it begins if it has none.
    pub(super) fn title(&self, document: &Document) -> String {
        let title = fields::clean(document.title.trim());
        if title.is_empty() {
            return self.lead(TITLE);
        }
        title
    }

    /// How it begins: the first sentence, or so much of it.
    pub(super) fn lead(&self, longest: usize) -> String {
        let first = self.paragraphs.iter().chain(&self.captions).next();
        first.map_or_else(String::new, |text| sentence(text, longest))
    }
}

fn lines(body: &str) -> Vec<String> {
    let lines = body.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

/// True if most lines end in mid-sentence and are about as long as a column is wide.
fn is_columns(body: &str) -> bool {
    let lines: Vec<&str> = body
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let is_broken = |line: &&&str| {
        let width: usize = line
            .chars()
            .map(|c| if c < '\u{2E80}' { 1 } else { 2 })
            .sum();
        !line.ends_with(|c| ENDS.contains(c)) && (16..=90).contains(&width)
    };
    let broken = lines.iter().filter(is_broken).count();
    lines.len() >= FEWEST_LINES && broken * 2 > lines.len()
}

/// Lines up to an empty one make a paragraph.
fn joined(body: &str) -> Vec<String> {
    let mut paragraphs: Vec<String> = Vec::new();
    let mut open = false;
    for line in body.lines().map(str::trim) {
        match paragraphs.last_mut().filter(|_| open && !line.is_empty()) {
            Some(paragraph) => append(paragraph, line),
            None if line.is_empty() => {}
            None => paragraphs.push(line.to_owned()),
        }
        open = !line.is_empty();
    }
    paragraphs
}

/// Between two letters of a script with spaces there has been one.
fn append(paragraph: &mut String, line: &str) {
    let is_spaced = |c: Option<char>| c.is_some_and(|c| c < '\u{2E80}' && c != '-');
    if is_spaced(paragraph.chars().last()) && is_spaced(line.chars().next()) {
        paragraph.push(' ');
    }
    paragraph.push_str(line);
}

/// The first sentence of a text.
fn sentence(text: &str, longest: usize) -> String {
    let mut end = text.len();
    let mut letters = text.char_indices().peekable();
    let mut count = 0;
    while let Some((at, c)) = letters.next() {
        count += 1;
        let next = letters.peek().map(|(_, c)| *c);
        let is_end = matches!(c, '。' | '！' | '？')
            || (matches!(c, '.' | '!' | '?') && next.is_none_or(char::is_whitespace));
        if is_end && count > 8 {
            end = at + c.len_utf8();
            if let Some(quote) = next.filter(|c| matches!(c, '”' | '』' | '」' | '’')) {
                end += quote.len_utf8();
            }
            break;
        }
        if count == longest && next.is_some() {
            return format!("{}…", whole_words(&text[..at]));
        }
    }
    text[..end].to_owned()
}

/// Without a part of a word at its end, where words are told by spaces, and without what stands before the next one.
fn whole_words(text: &str) -> &str {
    let in_word = |c: char| c < '\u{2E80}' && !c.is_whitespace();
    let whole = text.trim_end_matches(in_word);
    let whole = if whole.is_empty() { text } else { whole };
    let is_pause = |c| matches!(c, ',' | ';' | ':' | '，' | '、' | '；' | '：');
    whole.trim_end_matches(|c: char| c.is_whitespace() || is_pause(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use backfile_core::record::Value;
    use proptest::prelude::*;

    fn document(body: &str, metadata: &[(&str, &str)]) -> Document {
        let text = |(name, text): &(&str, &str)| ((*name).into(), Value::Text((*text).into()));
        Document {
            body: body.into(),
            metadata: metadata.iter().map(text).collect(),
            ..Document::default()
        }
    }

    #[test]
    fn columns_are_put_together() {
        let body = "本报讯近日，白蓼河上的苇\n渡大桥建成，两岸居民不再\n等待渡船过河，来往只要几\n分钟的时间。\n\n另据报道";
        let text = Text::of(&document(body, &[]));
        assert_eq!(text.paragraphs.len(), 2);
        assert!(text.paragraphs[0].contains("苇渡大桥"));
        assert_eq!(
            text.lead(100),
            "本报讯近日，白蓼河上的苇渡大桥建成，两岸居民不再等待渡船过河，来往只要几分钟的时间。"
        );
        assert_eq!(text.lead(5), "本报讯近…");
    }

    #[test]
    fn what_is_shown_elsewhere_is_not_shown_twice() {
        let text = Text::of(&document(
            "引题\n副题\n正文。\n图片说明",
            &[
                ("captions", "图片说明"),
                ("kind", "news"),
                ("shoulder", "引题"),
                ("sub", "副题"),
            ],
        ));
        assert_eq!(text.paragraphs, ["正文。"]);
        assert_eq!(text.captions, ["图片说明"]);
    }

    #[test]
    fn a_sentence_takes_its_quotation_mark_along() {
        assert_eq!(
            sentence("他说：“今天天气真的很好。”大家", 50),
            "他说：“今天天气真的很好。”"
        );
        assert_eq!(
            sentence("It rained 2.5 mm today. Then", 50),
            "It rained 2.5 mm today."
        );
    }

    #[test]
    fn what_is_cut_short_ends_with_a_word() {
        assert_eq!(
            sentence("Expected since the spring, would", 30),
            "Expected since the spring…"
        );
        assert_eq!(sentence("一辆自行车，修了又修的", 7), "一辆自行车…");
        assert_eq!(sentence("Llanfairpwllgwyngyll", 5), "Llan…");
    }

    proptest! {
        #[test]
        fn no_character_is_lost(body in "[一二。a-c .\n\r\t]{0,80}") {
            let solid = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            let text = Text::of(&document(&body, &[]));
            prop_assert_eq!(solid(&text.paragraphs.concat()), solid(&body));
            let _ = text.lead(3);
        }
    }
}
