//! What is true of a corpus, by the scanner of `tests/support/scanner.rs`.
//!
//! `bench_truth CORPUS.jsonl[.gz] [--queries FILE.jsonl] [--count N] [--seed N] [--ids N]
//! [--no-scan]` prints a JSON object for each query: `q`, `kind`, `count`, the `ids` and whether they are `complete`
//! (the first N ids only are printed, or a stop-gram of a million documents would be a file of its
//! own). A query's terms are parted by blanks; what stands between quotation marks is one term.
//!
//! Without a file, the queries are substrings of 2 to 8 characters from random places of random
//! documents, and then the commonest terms there are, which cost any index most.
//!
//! The corpus streams through: documents are scanned a handful at a time and forgotten.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use acceptance::lines::{Line, documents};
use acceptance::random::Random;
use acceptance::scanner::{Scanner, units};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Enough for one thread to be busy, few enough to be forgotten soon.
const BATCH: usize = 64;

const STOP_GRAMS: [&str; 8] = ["的", "一", "年", "在", "了", "2024年", "中国", "一个"];

const USAGE: &str = "usage: bench_truth CORPUS.jsonl[.gz] [--queries FILE.jsonl] [--count N] [--seed N] [--ids N] [--no-scan]";

struct Arguments {
    corpus: PathBuf,
    queries: Option<PathBuf>,
    count: usize,
    seed: u64,
    ids: usize,
    scan: bool,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Query {
    q: String,
    #[serde(default)]
    kind: String,
}

#[derive(Debug, Serialize)]
struct Answer {
    #[serde(flatten)]
    query: Query,
    count: usize,
    complete: bool,
    ids: Vec<String>,
}

fn main() {
    let arguments = Arguments::parse(std::env::args().skip(1));
    let queries = match &arguments.queries {
        Some(file) => read_queries(file),
        None => make_queries(&arguments),
    };
    if arguments.scan {
        print(&scan(&arguments, queries));
    } else {
        print(&queries);
    }
}

fn print(rows: &[impl Serialize]) {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for row in rows {
        serde_json::to_writer(&mut out, row).expect("a row can be written");
        writeln!(out).expect("a row can be written");
    }
}

impl Arguments {
    fn parse(mut given: impl Iterator<Item = String>) -> Self {
        let corpus = given.next().unwrap_or_else(|| refuse());
        let mut arguments = Self {
            corpus: corpus.into(),
            queries: None,
            count: 240,
            seed: 1,
            ids: 200_000,
            scan: true,
        };
        while let Some(option) = given.next() {
            if option == "--no-scan" {
                arguments.scan = false;
                continue;
            }
            let value = given.next().unwrap_or_else(|| refuse());
            match option.as_str() {
                "--queries" => arguments.queries = Some(value.into()),
                "--count" => arguments.count = value.parse().unwrap_or_else(|_| refuse()),
                "--seed" => arguments.seed = value.parse().unwrap_or_else(|_| refuse()),
                "--ids" => arguments.ids = value.parse().unwrap_or_else(|_| refuse()),
                _ => refuse(),
            }
        }
        arguments
    }
}

fn refuse() -> ! {
    eprintln!("{USAGE}");
    std::process::exit(2)
}

// --- queries --------------------------------------------------------------------------------------

fn read_queries(file: &Path) -> Vec<Query> {
    let text = std::fs::read_to_string(file).expect("the queries can be read");
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let parse = |line| serde_json::from_str(line).expect("a query on each line, as {\"q\": …}");
    lines.map(parse).collect()
}

/// Draws as many documents as there are queries, each as likely as any other, in one pass.
fn make_queries(arguments: &Arguments) -> Vec<Query> {
    let mut random = Random::new(arguments.seed);
    let mut drawn: Vec<Option<Query>> = Vec::new();
    for (at, document) in documents(&arguments.corpus).enumerate() {
        let place = if drawn.len() < arguments.count {
            drawn.push(None);
            drawn.len() - 1
        } else {
            random.below(at + 1)
        };
        if let Some(slot) = drawn.get_mut(place) {
            *slot = substring(&document.body, 2 + place % 7, &mut random).or_else(|| slot.take());
        }
    }
    let mut queries: Vec<Query> = drawn.into_iter().flatten().collect();
    queries.sort_by(|a, b| a.q.cmp(&b.q));
    queries.dedup_by(|a, b| a.q == b.q);
    random.shuffle(&mut queries); // so that the first 20, say, are of all lengths
    queries.extend(STOP_GRAMS.map(|q| Query {
        q: q.to_owned(),
        kind: "stop".to_owned(),
    }));
    queries
}

/// A piece of text without blanks and quotation marks, which part terms, and with whole words:
/// nobody finds half a word without asking for a prefix, and only some engines offer that.
fn substring(text: &str, length: usize, random: &mut Random) -> Option<Query> {
    let characters: Vec<char> = text.chars().collect();
    let word = |at: usize| characters.get(at).copied().is_some_and(in_word);
    for _ in 0..20 {
        let mut start = random.below(characters.len().checked_sub(length)? + 1);
        let mut end = start + length;
        while start > 0 && word(start) && word(start - 1) {
            start -= 1;
        }
        while word(end - 1) && word(end) {
            end += 1;
        }
        let piece = &characters[start..end];
        let q: String = piece.iter().collect();
        let joined = !piece
            .iter()
            .any(|c| c.is_whitespace() || c.is_control() || "\"“”＂".contains(*c));
        if joined && q.chars().any(char::is_alphanumeric) && !units(&q).is_empty() {
            let kind = format!("sub{length}");
            return Some(Query { q, kind });
        }
    }
    None
}

/// Letters and digits, wide ones too, of scripts that write words.
fn in_word(c: char) -> bool {
    c.is_alphanumeric() && (c < '\u{2E80}' || ('０'..='ｚ').contains(&c))
}

/// `甲 "乙 丙"` is 甲 and `乙 丙`.
fn terms(query: &str) -> Vec<&str> {
    let parts = query.split('"').enumerate();
    let terms = parts.flat_map(|(at, part)| -> Vec<&str> {
        if at % 2 == 1 {
            vec![part]
        } else {
            part.split_whitespace().collect()
        }
    });
    terms.collect()
}

// --- the scan -------------------------------------------------------------------------------------

/// Document numbers, a list for each query.
type Found = Vec<Vec<(usize, String)>>;

fn scan(arguments: &Arguments, queries: Vec<Query>) -> Vec<Answer> {
    let asked: Vec<Vec<&str>> = queries.iter().map(|query| terms(&query.q)).collect();
    let counts = Mutex::new((vec![0; queries.len()], vec![Vec::new(); queries.len()]));
    batches(documents(&arguments.corpus))
        .par_bridge()
        .for_each(|(first, batch)| {
            let found = find(first, &batch, &asked);
            let (counts, kept) = &mut *counts.lock().expect("no thread has panicked");
            for (query, found) in found.into_iter().enumerate() {
                counts[query] += found.len();
                keep(&mut kept[query], found, arguments.ids);
            }
        });
    let (counts, kept) = counts.into_inner().expect("no thread has panicked");
    let answers = queries.into_iter().zip(counts).zip(kept);
    answers
        .map(|((query, count), mut kept): (_, Vec<(usize, String)>)| {
            kept.sort();
            Answer {
                query,
                count,
                complete: kept.len() == count,
                ids: kept.into_iter().map(|(_, id)| id).collect(),
            }
        })
        .collect()
}

fn batches(
    mut documents: impl Iterator<Item = Line> + Send,
) -> impl Iterator<Item = (usize, Vec<Line>)> + Send {
    let mut first = 0;
    std::iter::from_fn(move || {
        let batch: Vec<Line> = documents.by_ref().take(BATCH).collect();
        let before = first;
        first += batch.len();
        (!batch.is_empty()).then_some((before, batch))
    })
}

fn find(first: usize, batch: &[Line], asked: &[Vec<&str>]) -> Found {
    let mut scanner = Scanner::default();
    for document in batch {
        scanner.add(&document.title, &document.body);
    }
    let name = |at: usize| (first + at, batch[at].id.clone());
    asked
        .iter()
        .map(|terms| scanner.find(terms).into_iter().map(name).collect())
        .collect()
}

/// Which ids are dropped of a list that is too long does not matter: it is no longer complete.
fn keep(kept: &mut Vec<(usize, String)>, found: Vec<(usize, String)>, most: usize) {
    let room = most.saturating_sub(kept.len());
    kept.extend(found.into_iter().take(room));
}
