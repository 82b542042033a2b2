//! The articles of the sample archive, cut by its truth instead of by the press, as documents with all that a site
//! can show.

use std::path::Path;

use backfile::document::{Document, field};
use backfile_core::record::Value;
use serde::Deserialize;

use crate::corpora::root;

#[derive(Deserialize)]
struct Truth {
    pages: Vec<Page>,
}

#[derive(Deserialize)]
struct Page {
    date: String,
    page: String,
    file: String,
    articles: Vec<Article>,
}

#[derive(Deserialize)]
struct Article {
    headline: String,
    #[serde(default)]
    shoulder: String,
    #[serde(default)]
    sub: String,
    #[serde(default)]
    byline: String,
    kind: String,
    spans: Spans,
}

/// Characters of the page, from and to.
#[derive(Default, Deserialize)]
struct Spans {
    #[serde(default)]
    body: Vec<(usize, usize)>,
    #[serde(default)]
    caption: Vec<(usize, usize)>,
}

/// Towns of the sample's district, and subjects of some words, so that there is something to browse by.
const TOWNS: [&str; 5] = ["苇渡镇", "竹砚乡", "桑篱镇", "石斛镇", "罗盘镇"];
const SUBJECTS: [(&str, &str); 4] = [
    ("桥", "交通 ▸ 桥梁"),
    ("渡", "交通 ▸ 渡口"),
    ("稻", "农业 ▸ 水稻"),
    ("图书馆", "文化 ▸ 图书馆"),
];

/// All articles, in the order of the paper.
pub fn sample_articles() -> Vec<Document> {
    let folder = root().join("tests/sample");
    let truth = std::fs::read_to_string(folder.join("truth.json")).expect("the truth");
    let truth: Truth = serde_json::from_str(&truth).expect("the truth has this shape");
    let pages = truth.pages.iter();
    pages.flat_map(|page| articles(page, &folder)).collect()
}

fn articles(page: &Page, folder: &Path) -> Vec<Document> {
    let text = std::fs::read_to_string(folder.join(&page.file)).expect("a page");
    let text: Vec<char> = text.chars().collect();
    let id = page
        .file
        .trim_start_matches("pages/")
        .trim_end_matches(".txt");
    let article = |(number, article): (usize, &Article)| {
        let id = format!("{id}-{}", number + 1);
        document(page, article, &text, id, number as i64 + 1)
    };
    page.articles.iter().enumerate().map(article).collect()
}

fn document(page: &Page, article: &Article, text: &[char], id: String, order: i64) -> Document {
    let cut = |spans: &[(usize, usize)]| -> Vec<String> {
        let spans = spans
            .iter()
            .map(|(from, to)| text[*from..*to].iter().collect::<String>());
        spans.map(|part| part.trim().to_owned()).collect()
    };
    let captions = cut(&article.spans.caption);
    let body = [cut(&article.spans.body), captions.clone()]
        .concat()
        .join("\n");
    let named =
        |list: &[&str]| -> Vec<String> { list.iter().map(|name| (*name).to_owned()).collect() };
    let towns: Vec<&str> = TOWNS
        .into_iter()
        .filter(|town| body.contains(town))
        .collect();
    let towns: Vec<String> = towns
        .iter()
        .map(|town| format!("鹭陵区 ▸ {town}"))
        .collect();
    let subjects: Vec<&str> = SUBJECTS
        .into_iter()
        .filter(|(word, _)| article.headline.contains(word))
        .map(|(_, subject)| subject)
        .collect();
    let mut metadata: Vec<(String, Value)> = Vec::new();
    let mut put = |name: &str, value: Value| {
        let is_empty = matches!(&value, Value::Text(text) if text.is_empty())
            || matches!(&value, Value::List(list) if list.is_empty());
        if !is_empty {
            metadata.push((name.to_owned(), value));
        }
    };
    let text = |text: &str| Value::Text(text.to_owned());
    let list = |texts: Vec<String>| Value::List(texts.into_iter().map(Value::Text).collect());
    put(field::BYLINE, text(&article.byline));
    put(field::CAPTIONS, list(captions));
    put(field::KIND, text(&article.kind));
    put(field::PLACE_ON_PAGE, Value::Integer(order));
    put(field::PAGE, text(&page.page));
    put(field::PLACE, list(towns));
    put(field::PUBLICATION, text("鹭陵报"));
    put(field::REPORTER, list(reporters(&article.byline)));
    put(
        field::COLUMN,
        text(if page.page == "03" {
            "民声直通车"
        } else {
            ""
        }),
    );
    put(field::SHOULDER, text(&article.shoulder));
    put(field::SUB, text(&article.sub));
    put(field::SUBJECT, list(named(&subjects)));
    metadata.sort_by(|a, b| a.0.cmp(&b.0));
    Document {
        id,
        url: String::new(),
        title: article.headline.clone(),
        date: Some(page.date.clone()),
        metadata,
        body,
    }
}

fn reporters(byline: &str) -> Vec<String> {
    let names = byline.split_once("记者").map_or("", |(_, names)| names);
    let names = names.split("通讯员").next().unwrap_or_default();
    names.split_whitespace().map(str::to_owned).collect()
}
