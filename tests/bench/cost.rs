//! What does a first search read, stream by stream?
//!
//! `bench_cost SITE QUERIES.jsonl [--first-page] [--typed] [--each]` opens the archive anew for each query and counts what
//! the engine asks for: bytes of the index (everything but stored documents), bytes of documents,
//! extents, and the steps in which they were asked for, each of which is a round trip. It prints
//! percentiles; with `--each` a line of JSON for each query first. With `--first-page` the number of
//! matches need not be exact. With `--typed` every query is asked for character by character, as pages do
//! while somebody types: each of its beginnings is a query whose last word may go on. The start (manifest,
//! engine, scripts) is not counted: it is the same for all.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use backfile::archive::SearchOptions;
use backfile_core::query::{Engine, Loaded, Outcome, Read};
use flate2::read::DeflateDecoder;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [site, queries, rest @ ..] = &arguments[..] else {
        eprintln!("usage: bench_cost SITE QUERIES.jsonl [--first-page] [--typed] [--each]");
        std::process::exit(2);
    };
    let has = |name: &str| rest.iter().any(|option| option == name);
    let each = has("--each");
    let is_typed = has("--typed");
    let options = SearchOptions {
        first_page: has("--first-page"),
        prefix: is_typed,
        ..SearchOptions::default()
    };
    let folder = PathBuf::from(site).join("backfile");
    let manifest = std::fs::read(folder.join("manifest.bf")).expect("the site has a manifest");
    let queries = std::fs::read_to_string(queries).expect("the queries can be read");
    let mut queries: Vec<String> = queries.lines().map(query_of).collect();
    if is_typed {
        queries = beginnings(&queries);
    }
    let costs: Vec<Cost> = queries
        .iter()
        .map(|query| {
            let cost = measure(&folder, &manifest, query, &options);
            if each {
                println!("{}", cost.line(query));
            }
            cost
        })
        .collect();
    report("index bytes", &costs, Cost::index);
    report("document bytes", &costs, |cost| cost.of('s'));
    report("extents", &costs, Cost::extents);
    report("steps", &costs, |cost| cost.steps.len() as u64);
}

fn query_of(line: &str) -> String {
    let case: serde_json::Value = serde_json::from_str(line).expect("a case on each line");
    let query = case["q"].as_str().expect("a case has a query");
    query.to_owned()
}

/// Everything that stands in the search box while these are typed, each once.
fn beginnings(queries: &[String]) -> Vec<String> {
    let ends = |query: &String| -> Vec<usize> {
        let ends = query.char_indices().map(|(at, c)| at + c.len_utf8());
        ends.collect()
    };
    let all = queries
        .iter()
        .flat_map(|query| ends(query).into_iter().map(|end| query[..end].to_owned()));
    all.collect::<BTreeSet<_>>().into_iter().collect()
}

#[derive(Default)]
struct Cost {
    /// For each step, extents and bytes by the letter of the stream.
    steps: Vec<BTreeMap<char, (u64, u64)>>,
    total: u64,
    exact: bool,
    order: String,
}

impl Cost {
    fn of(&self, letter: char) -> u64 {
        let steps = self.steps.iter();
        steps
            .filter_map(|step| step.get(&letter))
            .map(|of| of.1)
            .sum()
    }

    fn extents(&self) -> u64 {
        self.steps
            .iter()
            .flat_map(BTreeMap::values)
            .map(|of| of.0)
            .sum()
    }

    fn index(&self) -> u64 {
        let all = self.steps.iter().flat_map(BTreeMap::values).map(|of| of.1);
        all.sum::<u64>() - self.of('s')
    }

    fn line(&self, query: &str) -> String {
        let bytes = serde_json::json!({
            "q": query, "total": self.total, "exact": self.exact,
            "order": self.order, "index": self.index(),
            "extents": self.extents(), "steps": self.steps,
        });
        bytes.to_string()
    }
}

fn measure(folder: &Path, manifest: &[u8], query: &str, options: &SearchOptions) -> Cost {
    let mut engine = Engine::open(manifest).expect("the archive opens");
    let mut cost = Cost::default();
    loop {
        match engine.search(query, options).expect("it answers") {
            Outcome::Response(response) => {
                cost.total = response.total;
                cost.exact = response.exact;
                cost.order = format!("{:?}", response.order);
                return cost;
            }
            Outcome::Missing(reads) => {
                cost.steps.push(BTreeMap::new());
                for read in &reads {
                    let step = cost.steps.last_mut().expect("it was just begun");
                    let of_stream = step.entry(letter(&read.file)).or_default();
                    of_stream.0 += 1;
                    of_stream.1 += u64::from(read.bytes);
                    load(&mut engine, folder, read);
                }
            }
        }
    }
}

/// The letter of the stream, with which the name of each of its files begins.
fn letter(file: &str) -> char {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.chars().next().unwrap_or('?')
}

fn load(engine: &mut Engine, folder: &Path, read: &Read) {
    use std::io::{Read as _, Seek as _, SeekFrom};
    let mut file = std::fs::File::open(folder.join(&read.file)).expect("the file is there");
    let mut bytes = vec![0; read.bytes as usize];
    file.seek(SeekFrom::Start(read.start))
        .expect("it can be read from any place");
    file.read_exact(&mut bytes)
        .expect("the file is long enough");
    let loaded = engine
        .load(&read.file, read.start, &bytes)
        .expect("the extent is sound");
    if let Loaded::Deflated(payload) = loaded {
        let mut inflated = Vec::new();
        DeflateDecoder::new(&payload[..])
            .read_to_end(&mut inflated)
            .expect("a document inflates");
        engine
            .load_inflated(&read.file, read.start, &inflated)
            .expect("the file is known");
    }
}

fn report(name: &str, costs: &[Cost], figure: impl Fn(&Cost) -> u64) {
    let mut figures: Vec<u64> = costs.iter().map(figure).collect();
    figures.sort_unstable();
    let at = |share: f64| figures[((figures.len() - 1) as f64 * share) as usize];
    println!(
        "{name:>16}: median {:>9}, 90 % {:>9}, 95 % {:>9}, 99 % {:>9}, most {:>9}",
        at(0.5),
        at(0.9),
        at(0.95),
        at(0.99),
        at(1.0)
    );
}
