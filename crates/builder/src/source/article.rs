//! From the articles of a page to documents.
//!
//! A reader who types any words of an article has to find it, so all of them are in the title or the body: above the
//! paragraphs stand, a line each, the name of the column, the line above the headline, the lines below it and the byline,
//! where the text does not have them already; behind the paragraphs come the texts of the pictures. The same is in the
//! metadata under the names of [`field`], for filters and for whoever shows the article; [`paragraphs`] takes the lines
//! away again.

use backfile_core::record::Value;

use super::names::Facts;
use crate::document::{Document, field};
use crate::press::{Article, ArticleKind, CutPage, Role};

/// An article without a headline is called by so many characters of its text.
const LONGEST_TITLE: usize = 40;

/// What stands above the paragraphs, from the top.
const HEAD: [&str; 4] = [field::COLUMN, field::SHOULDER, field::SUB, field::BYLINE];

/// The documents of a page, in the order of its articles.
pub(super) fn documents(page: &str, facts: &Facts, cut: &CutPage) -> Vec<Document> {
    let numbered = (1..).zip(&cut.articles);
    let documents = numbered.map(|(number, article)| document(page, number, facts, article));
    documents
        .filter(|document| document.text_bytes() > 0)
        .collect()
}

fn document(page: &str, number: i64, facts: &Facts, article: &Article) -> Document {
    let title = title(article);
    Document {
        id: format!("{page}-{number}"),
        url: String::new(),
        date: facts.date.clone(),
        metadata: metadata(number, facts, article),
        body: body(article, &title),
        title,
    }
}

/// The headline, or how the text begins.
fn title(article: &Article) -> String {
    let lines = [&article.headline, &article.body]
        .into_iter()
        .chain(&article.captions);
    let more = [
        &article.sub,
        &article.shoulder,
        &article.column,
        &article.byline,
    ];
    let mut lines = lines.chain(more).map(|text| text.trim());
    let first = lines.find(|text| !text.is_empty()).unwrap_or_default();
    if first == article.headline.trim() {
        return first.to_owned();
    }
    shorten(first.lines().next().unwrap_or_default().trim())
}

/// At most [`LONGEST_TITLE`] characters, and a sign that something is missing.
pub(super) fn shorten(line: &str) -> String {
    match line.char_indices().nth(LONGEST_TITLE) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line.to_owned(),
    }
}

fn body(article: &Article, title: &str) -> String {
    let head = [
        &article.column,
        &article.shoulder,
        &article.sub,
        &article.byline,
    ];
    let stands_already = |text: &str| title.contains(text) || article.body.contains(text);
    let head = head.into_iter().filter(|text| !stands_already(text));
    let captions = article
        .captions
        .iter()
        .filter(|text| !article.body.contains(*text));
    let parts = head.chain([&article.body]).chain(captions);
    let parts: Vec<&str> = parts
        .map(|text| text.trim())
        .filter(|text| !text.is_empty())
        .collect();
    parts.join("\n")
}

fn metadata(number: i64, facts: &Facts, article: &Article) -> Vec<(String, Value)> {
    let mut fields = place(facts);
    let mut put = |name: &str, value| fields.push((name.to_owned(), value));
    put(field::PLACE_ON_PAGE, Value::Integer(number));
    put(field::KIND, Value::Text(kind(article.kind).into()));
    let texts = [
        (field::COLUMN, &article.column),
        (field::SHOULDER, &article.shoulder),
        (field::SUB, &article.sub),
        (field::BYLINE, &article.byline),
    ];
    for (name, text) in texts
        .into_iter()
        .filter(|(_, text)| !text.trim().is_empty())
    {
        put(name, Value::Text(text.trim().to_owned()));
    }
    for (name, role) in [
        (field::REPORTER, Role::Reporter),
        (field::CORRESPONDENT, Role::Correspondent),
        (field::PHOTOGRAPHER, Role::Photographer),
        (field::AUTHOR, Role::Author),
    ] {
        let people = article.people.iter().filter(|person| person.role == role);
        put_list(&mut fields, name, people.map(|person| &person.name));
    }
    put_list(&mut fields, field::CAPTIONS, article.captions.iter());
    fields.sort_by(|a, b| a.0.cmp(&b.0));
    fields
}

/// What all documents of a page have in common.
pub(super) fn place(facts: &Facts) -> Vec<(String, Value)> {
    let text = |text: &Option<String>| text.clone().map(Value::Text);
    let fields = [
        (field::EDITION, text(&facts.edition)),
        (field::PAGE, facts.page.clone()),
        (field::PUBLICATION, text(&facts.publication)),
    ];
    let known = fields
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    known.collect()
}

/// Each text once, in the order in which they came; nothing if there is none.
fn put_list<'t>(
    fields: &mut Vec<(String, Value)>,
    name: &str,
    texts: impl Iterator<Item = &'t String>,
) {
    let mut values: Vec<Value> = Vec::new();
    for text in texts {
        let value = Value::Text(text.clone());
        if !values.contains(&value) {
            values.push(value);
        }
    }
    if !values.is_empty() {
        fields.push((name.to_owned(), Value::List(values)));
    }
}

/// As it is called in the metadata, and in the report.
fn kind(kind: ArticleKind) -> &'static str {
    match kind {
        ArticleKind::News => "news",
        ArticleKind::Feature => "feature",
        ArticleKind::Brief => "brief",
        ArticleKind::Caption => "caption",
        ArticleKind::Notice => "notice",
        ArticleKind::Slogan => "slogan",
        ArticleKind::Table => "table",
        ArticleKind::Orphan => "orphan",
    }
}

/// The paragraphs of a document that was an article of a page: its body without the lines above them and without the
/// texts of the pictures, which the metadata has too. Any other document has nothing but paragraphs.
pub fn paragraphs(document: &Document) -> &str {
    let value = |name: &str| {
        document
            .metadata
            .iter()
            .find(|(given, _)| given == name)
            .map(|(_, value)| value)
    };
    if value(field::PLACE_ON_PAGE).is_none() || value(field::KIND).is_none() {
        return &document.body;
    }
    let mut rest = document.body.as_str();
    for name in HEAD {
        if let Some(Value::Text(text)) = value(name)
            && let Some(below) = rest.strip_prefix(text.as_str())
            && (below.is_empty() || below.starts_with('\n'))
        {
            rest = below.trim_start_matches('\n');
        }
    }
    if let Some(Value::List(captions)) = value(field::CAPTIONS) {
        for caption in captions.iter().rev() {
            if let Value::Text(text) = caption
                && let Some(above) = rest.strip_suffix(text.trim())
                && (above.is_empty() || above.ends_with('\n'))
            {
                rest = above.trim_end_matches('\n');
            }
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::press::Person;

    fn bridge() -> Article {
        let person = |role, name: &str| Person {
            role,
            name: name.into(),
        };
        Article {
            headline: "苇渡大桥通车".into(),
            shoulder: "盼了一百年".into(),
            sub: "渡船今日停航".into(),
            byline: "记者 农谷雨".into(),
            column: "民声直通车".into(),
            people: vec![
                person(Role::Reporter, "农谷雨"),
                person(Role::Photographer, "丰云"),
                person(Role::Photographer, "丰云"),
            ],
            body: "昨日，大桥通车。\n群众奔走相告。".into(),
            captions: vec!["图为大桥。（丰云 摄）".into()],
            ..Article::default()
        }
    }

    fn facts() -> Facts {
        Facts {
            date: Some("2023-11-10".into()),
            page: Some(Value::Integer(1)),
            publication: Some("鹭陵报".into()),
            edition: None,
        }
    }

    fn made(article: Article) -> Document {
        let cut = CutPage {
            blocks: Vec::new(),
            articles: vec![article],
            ..CutPage::default()
        };
        documents("2023-11-10/01", &facts(), &cut).remove(0)
    }

    #[test]
    fn an_article_with_everything() {
        let document = made(bridge());
        assert_eq!(
            (document.id.as_str(), document.title.as_str()),
            ("2023-11-10/01-1", "苇渡大桥通车")
        );
        assert_eq!(document.date.as_deref(), Some("2023-11-10"));
        let body = "民声直通车\n盼了一百年\n渡船今日停航\n记者 农谷雨\n昨日，大桥通车。\n群众奔走相告。\n图为大桥。（丰云 摄）";
        assert_eq!(document.body, body);
        let text = |text: &str| Value::Text(text.into());
        let expected = [
            ("byline", text("记者 农谷雨")),
            ("captions", Value::List(vec![text("图为大桥。（丰云 摄）")])),
            ("kind", text("news")),
            ("order", Value::Integer(1)),
            ("page", Value::Integer(1)),
            ("photographer", Value::List(vec![text("丰云")])),
            ("publication", text("鹭陵报")),
            ("reporter", Value::List(vec![text("农谷雨")])),
            ("section", text("民声直通车")),
            ("shoulder", text("盼了一百年")),
            ("sub", text("渡船今日停航")),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value));
        assert_eq!(document.metadata, expected);
        assert_eq!(paragraphs(&document), "昨日，大桥通车。\n群众奔走相告。");
    }

    #[test]
    fn nothing_is_said_twice() {
        let lead = Article {
            byline: "记者 农谷雨".into(),
            body: "本报讯（记者 农谷雨）昨日，大桥通车。".into(),
            ..Article::default()
        };
        let document = made(lead.clone());
        assert_eq!(document.body, lead.body);
        assert_eq!(document.title, lead.body, "it is short enough");
        assert_eq!(paragraphs(&document), lead.body);
    }

    #[test]
    fn titles_of_articles_that_have_none() {
        let long = Article {
            body: "长".repeat(50) + "\n二",
            ..Article::default()
        };
        assert_eq!(made(long).title.chars().count(), LONGEST_TITLE + 1);
        let caption = Article {
            captions: vec!["图为大桥。".into()],
            ..Article::default()
        };
        let caption = made(caption);
        assert_eq!(
            (caption.title.as_str(), caption.body.as_str()),
            ("图为大桥。", "图为大桥。")
        );
        let slogan = Article {
            headline: "爱我白蓼河".into(),
            ..Article::default()
        };
        assert_eq!(made(slogan).body, "");
        let nothing = CutPage {
            articles: vec![Article::default()],
            ..CutPage::default()
        };
        assert!(documents("1", &facts(), &nothing).is_empty());
    }
}
