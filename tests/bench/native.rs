//! How long does a warm search take without a browser?
//!
//! `native_search SITE QUERIES.jsonl` asks each query twice, the second time with all blocks in
//! memory, and prints median and 99th percentile of the second, in milliseconds, as JSON.

use std::path::PathBuf;
use std::time::Instant;

use backfile::archive::{Archive, SearchOptions};

fn main() {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(site), Some(queries)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: native_search SITE QUERIES.jsonl");
        std::process::exit(2);
    };
    let queries = std::fs::read_to_string(&queries).expect("the queries can be read");
    let mut archive = Archive::open(&site.join("backfile")).expect("the archive opens");
    let mut milliseconds: Vec<f64> = queries
        .lines()
        .map(|line| time(&mut archive, line))
        .collect();
    milliseconds.sort_by(f64::total_cmp);
    let at = |share: f64| milliseconds[((milliseconds.len() - 1) as f64 * share) as usize];
    let figures = serde_json::json!({
        "queries": milliseconds.len(),
        "ms50": at(0.5),
        "ms99": at(0.99),
    });
    println!("{figures}");
}

fn time(archive: &mut Archive, line: &str) -> f64 {
    let case: serde_json::Value = serde_json::from_str(line).expect("a case on each line");
    let query = case["q"].as_str().expect("a case has a query");
    let mut ask = || {
        archive
            .search(query, SearchOptions::default())
            .expect("it answers")
    };
    ask();
    let start = Instant::now();
    ask();
    start.elapsed().as_secs_f64() * 1000.0
}
