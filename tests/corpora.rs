//! The contract on whole corpora, with the queries that come with them, where they are on the
//! machine: counts and ids against the scanner, and against the literal truth of the files.
//!
//! The files' truth is a literal scan of NFKC text with its case. Folding finds more (other
//! script, other case, across soft punctuation and line breaks), never less, with one exception:
//! letters and digits match as whole words.

use std::path::Path;

use acceptance::corpora::{beside, read};
use acceptance::site::Site;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Case {
    q: String,
    /// Documents with it in the body.
    count: usize,
    /// The first 5,000 of them.
    ids: Vec<String>,
    /// Documents with it in title or body, where the file says so.
    count_tb: Option<usize>,
    /// Those that have it in the title alone.
    #[serde(default)]
    title_only: Vec<String>,
}

fn cases(path: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(path).expect("the queries can be read");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a case"))
        .collect()
}

/// How the answers compare with the literal truth.
#[derive(Debug, Default)]
struct Comparison {
    /// Queries with the same number of documents.
    same: usize,
    /// Queries with more, and how many more documents.
    more: usize,
    documents: usize,
    /// Queries that lack documents, because they begin or end within a word.
    cut_words: usize,
}

fn check(corpus: &str, queries: &str) {
    let (Some(corpus), Some(queries)) = (beside(corpus), beside(queries)) else {
        return;
    };
    let mut site = Site::build(read(&corpus));
    let scanner = site.scanner();
    let mut comparison = Comparison::default();
    for case in &cases(&queries) {
        // Only English phrases are asked as one term; two Chinese pieces are two.
        let phrase = case.q.is_ascii();
        let terms = if phrase {
            vec![case.q.as_str()]
        } else {
            case.q.split(' ').collect()
        };
        let query = if phrase {
            format!("\"{}\"", case.q)
        } else {
            case.q.clone()
        };
        let found = site.find(&query, false);
        assert_eq!(found, site.ids(&scanner.find(&terms)), "{query}");
        comparison.add(case, &found);
    }
    println!(
        "{}: all agree with the scanner; {comparison:?}",
        corpus.display()
    );
}

impl Comparison {
    /// Every literal hit must be found, unless the query begins or ends within a word.
    fn add(&mut self, case: &Case, found: &[String]) {
        let literal = case.ids.iter().chain(&case.title_only);
        let missing: Vec<_> = literal
            .filter(|id| found.binary_search(id).is_err())
            .collect();
        let truth = case.count_tb.unwrap_or(case.count);
        if !missing.is_empty() {
            let cuts = case
                .q
                .split(' ')
                .any(|term| at_word(term.chars().next()) || at_word(term.chars().last()));
            assert!(cuts, "{} is not found in {missing:?}", case.q);
            self.cut_words += 1;
        } else if found.len() == truth {
            self.same += 1;
        } else {
            self.more += 1;
            self.documents += found.len() - truth;
        }
    }
}

fn at_word(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_ascii_alphanumeric())
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
