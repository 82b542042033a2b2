//! The contract on whole corpora, with the queries that come with them, where they are on the
//! machine: counts and ids against the scanner, and against the literal truth of the files.
//!
//! The files' truth is a literal scan of NFKC text with its case. Folding finds more (other
//! script, other case, across soft punctuation and line breaks), never less, with one exception:
//! letters and digits match as whole words.

use std::collections::BTreeSet;
use std::path::Path;

use acceptance::corpora::{beside, read};
use acceptance::scanner::Scanner;
use acceptance::site::Site;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Case {
    q: String,
    count_tb: usize,
    ids: Vec<String>,
    title_only: Vec<String>,
    count: usize,
}

fn cases(path: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(path).expect("the queries can be read");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a case"))
        .collect()
}

fn check(corpus: &str, queries: &str) {
    let (Some(corpus), Some(queries)) = (beside(corpus), beside(queries)) else {
        return;
    };
    let mut site = Site::build(read(&corpus));
    let scanner = site.scanner();
    let (mut exact, mut more) = (0, 0);
    let cases = cases(&queries);
    for case in &cases {
        let phrase = case.q.split(' ').collect::<Vec<_>>();
        let is_phrase = queries_are_phrases(&case.q);
        let terms = if is_phrase {
            vec![case.q.as_str()]
        } else {
            phrase
        };
        let query = if is_phrase {
            format!("\"{}\"", case.q)
        } else {
            case.q.clone()
        };
        let expected = site.ids(&scanner.find(&terms));
        let found = site.find(&query, false);
        assert_eq!(found, expected, "{query}");
        explain(case, &found, &scanner, &mut exact, &mut more);
    }
    println!(
        "{}: {} queries agree with the scanner; {exact} have the literal count, {more} find more by folding",
        corpus.display(),
        cases.len()
    );
}

/// English phrases are asked in quotation marks; two Chinese pieces are two terms.
fn queries_are_phrases(query: &str) -> bool {
    query.is_ascii()
}

/// Every literal hit must be found, unless it begins or ends within a word.
fn explain(case: &Case, found: &[String], _scanner: &Scanner, exact: &mut usize, more: &mut usize) {
    let found: BTreeSet<&String> = found.iter().collect();
    let literal: BTreeSet<&String> = case.ids.iter().chain(&case.title_only).collect();
    let complete = case.ids.len() == case.count;
    let missing: Vec<_> = literal.difference(&found).collect();
    let at_word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let cuts_words = case
        .q
        .split(' ')
        .any(|term| at_word(term.chars().next()) || at_word(term.chars().last()));
    assert!(
        missing.is_empty() || cuts_words,
        "{} is not found in {missing:?}",
        case.q
    );
    if found.len() == case.count_tb {
        *exact += 1;
    } else if complete && found.len() > case.count_tb {
        *more += 1;
    }
}

#[test]
fn zh_cctv() {
    check("zh-cctv.jsonl", "queries-zh-cctv.jsonl");
}

#[test]
fn zh_laws() {
    check("zh-laws-cn.jsonl.gz", "queries-zh-laws-cn.jsonl");
}

#[test]
fn zh_poetry() {
    check("zh-poetry.jsonl.gz", "queries-zh-poetry.jsonl");
}

#[test]
fn mixed_chinese() {
    check("mixed-k8s.jsonl.gz", "queries-mixed-k8s-zh.jsonl");
}

#[test]
fn mixed_english() {
    check("mixed-k8s.jsonl.gz", "queries-mixed-k8s-en.jsonl");
}

#[test]
fn english() {
    check("mdn-en.jsonl.gz", "queries-mdn-en.jsonl");
}

#[test]
fn japanese() {
    check("lohelp-ja.jsonl", "queries-lohelp-ja.jsonl");
}

#[test]
fn korean() {
    check("lohelp-ko.jsonl", "queries-lohelp-ko.jsonl");
}
