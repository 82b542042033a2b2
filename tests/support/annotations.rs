//! The two sets of annotated pages: the sample archive, and the real pages beside the project, of
//! which the project has nothing but ranges.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::cut::{Part, Truth};

/// The pages of the sample archive, with the date of their issue.
pub fn sample(folder: &Path) -> Vec<(String, Truth)> {
    let text = std::fs::read_to_string(folder.join("truth.json")).expect("the truth can be read");
    let truth: Value = serde_json::from_str(&text).expect("the truth is JSON");
    let pages = truth["pages"].as_array().expect("pages");
    pages
        .iter()
        .map(|page| (string(&page["date"]), sample_page(folder, page)))
        .collect()
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn sample_page(folder: &Path, page: &Value) -> Truth {
    let name = string(&page["file"]);
    let path = [folder.join(&name), folder.join("pages").join(&name)]
        .into_iter()
        .find(|path| path.exists());
    let text = std::fs::read_to_string(path.expect("the page is there")).expect("it can be read");
    let characters: Vec<char> = text.chars().collect();
    let mut truth = Truth {
        name,
        ..Truth::default()
    };
    for (article, annotated) in page["articles"]
        .as_array()
        .expect("articles")
        .iter()
        .enumerate()
    {
        let spans = annotated["spans"].as_object().expect("spans");
        for (part, ranges) in spans {
            for range in ranges.as_array().expect("ranges") {
                let range = number(&range[0])..number(&range[1]);
                truth.spans.push((range, Some(article), sample_part(part)));
            }
        }
        let printed: String = spans
            .get("headline")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .flat_map(|range| &characters[number(&range[0])..number(&range[1])])
            .collect();
        let readings = [string(&annotated["headline"]), printed];
        truth.headlines.push(
            readings
                .into_iter()
                .filter(|reading| !reading.is_empty())
                .collect(),
        );
        truth.bylines.push(string(&annotated["byline"]));
    }
    Truth { text, ..truth }
}

fn number(value: &Value) -> usize {
    value
        .as_u64()
        .and_then(|value| usize::try_from(value).ok())
        .expect("a number")
}

fn sample_part(part: &str) -> Part {
    match part {
        "shoulder" | "headline" | "sub" => Part::Heading,
        "byline" => Part::Byline,
        _ => Part::Text,
    }
}

#[derive(Deserialize)]
struct Pages {
    pages: Vec<Page>,
}

#[derive(Deserialize)]
struct Page {
    file: String,
    /// A guard: ranges of another text would mean nothing.
    bytes: usize,
    blocks: Vec<Annotation>,
}

#[derive(Deserialize)]
struct Annotation {
    kind: String,
    range: (usize, usize),
    article: Option<usize>,
}

/// The real pages, from the ranges of `annotations` and the texts in `folder`.
pub fn real(annotations: &Path, folder: &Path) -> Vec<Truth> {
    let text = std::fs::read_to_string(annotations).expect("the annotations can be read");
    let pages: Pages = serde_json::from_str(&text).expect("the annotations are JSON");
    pages
        .pages
        .iter()
        .map(|page| real_page(page, folder))
        .collect()
}

fn real_page(page: &Page, folder: &Path) -> Truth {
    let text = std::fs::read_to_string(folder.join(&page.file)).expect("the page can be read");
    assert_eq!(
        text.len(),
        page.bytes,
        "{} is another text than the one annotated",
        page.file
    );
    let characters: Vec<char> = text.chars().collect();
    let articles = page
        .blocks
        .iter()
        .filter_map(|block| block.article)
        .max()
        .map_or(0, |last| last + 1);
    let mut truth = Truth {
        name: page.file.clone(),
        headlines: vec![Vec::new(); articles],
        bylines: vec![String::new(); articles],
        ..Truth::default()
    };
    let mut leads = vec![String::new(); articles];
    for block in &page.blocks {
        let range = block.range.0..block.range.1;
        let words: String = characters[range.clone()].iter().collect();
        match (block.kind.as_str(), block.article) {
            ("headline", Some(article)) => truth.headlines[article].push(words),
            ("byline", Some(article)) => truth.bylines[article].push_str(&words),
            ("lead_byline", Some(article)) => {
                leads[article] = words;
                continue;
            }
            _ => {}
        }
        truth
            .spans
            .push((range, block.article, real_part(&block.kind)));
    }
    for (byline, lead) in truth.bylines.iter_mut().zip(leads) {
        if byline.is_empty() {
            *byline = lead;
        }
    }
    undouble(&mut truth.headlines);
    Truth { text, ..truth }
}

/// A headline in fake bold may be read once.
fn undouble(headlines: &mut [Vec<String>]) {
    for readings in headlines {
        let once: Vec<String> = readings
            .iter()
            .map(|text| backfile::fake_bold::repair(text).0.into_owned())
            .collect();
        let mut halves = Vec::new();
        for text in &once {
            let middle = text.len() / 2;
            if text.is_char_boundary(middle) && text[..middle] == text[middle..] {
                halves.push(text[..middle].to_owned());
            }
        }
        readings.extend(once);
        readings.extend(halves);
    }
}

fn real_part(kind: &str) -> Part {
    match kind {
        "shoulder" | "headline" | "sub" | "column" => Part::Heading,
        "byline" => Part::Byline,
        _ => Part::Text,
    }
}
