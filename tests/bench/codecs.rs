//! How many bytes would the lists of an archive take in other codes?
//!
//! `codecs ARCHIVE` prints tables in Markdown: bytes by stream, by code and by the length of the
//! list. `codecs ARCHIVE --dump FILE` writes a quarter of the lists as plain numbers, and
//! `codecs --speed FILE` encodes those and times how they are decoded (in wasm:
//! `tests/bench/codecs.mjs`). What was found is in `tests/bench/results`.

use std::path::Path;

use backfile_core::format::postings::{LongStreams, PostingsEncoder};
use backfile_core::format::terms::TermsWriter;

#[path = "codecs/codes.rs"]
mod codes;
#[path = "codecs/entropy.rs"]
mod entropy;
#[path = "codecs/frames.rs"]
mod frames;
#[path = "codecs/heads.rs"]
mod heads;
#[path = "codecs/index.rs"]
mod index;
#[path = "codecs/keys.rs"]
mod keys;
#[path = "codecs/punctuation.rs"]
mod punctuation;
#[path = "codecs/speed.rs"]
mod speed;
#[path = "codecs/streams.rs"]
mod streams;

use entropy::Models;
use heads::{Bits, Heads};
use index::{CLASSES, Index, class};
use speed::{CODES, Code, Workload};
use streams::{Cost, DOCUMENTS, FREQUENCIES, PLACES, POSITIONS};

/// Each figure of speed is the median of so many runs.
const RUNS: usize = 9;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--speed", file] => time_all(Path::new(file)),
        [folder] => report_both(Path::new(folder)),
        [folder, "--dump", file] => {
            let dump = Index::read(Path::new(folder)).dump();
            std::fs::write(file, dump).expect("the dump can be written");
        }
        _ => {
            eprintln!("usage: codecs ARCHIVE [--dump FILE] | codecs --speed FILE");
            std::process::exit(2);
        }
    }
}

fn time_all(file: &Path) {
    let dump = std::fs::read(file).expect("a dump");
    let workloads = [false, true].map(|full| (full, Workload::read(&dump, full)));
    println!("| million numbers per second | fewer than 128 documents | full chunks |");
    println!("|---|---:|---:|");
    for (code, name) in CODES {
        let cells = workloads.each_ref().map(|(full, workload)| match code {
            Code::DocumentsFrames if !full => "–".to_owned(),
            _ => format!("{:.0}", time(workload, code)),
        });
        println!("| {name} | {} |", cells.join(" | "));
    }
}

/// Million numbers per second of processor time.
fn time(workload: &Workload, code: Code) -> f64 {
    let (bytes, mut buffer) = (workload.encode(code), Vec::new());
    workload.decode(code, &bytes, &mut buffer, true);
    let mut run = |count: u32| {
        let start = processor_seconds();
        for _ in 0..count {
            std::hint::black_box(workload.decode(code, &bytes, &mut buffer, false));
        }
        processor_seconds() - start
    };
    // The clock moves in steps of some milliseconds.
    let mut count = 1;
    while run(count) < 0.1 {
        count *= 2;
    }
    let mut seconds: Vec<f64> = (0..RUNS).map(|_| run(count) / f64::from(count)).collect();
    seconds.sort_by(f64::total_cmp);
    workload.numbers(code) as f64 / seconds[RUNS / 2] / 1e6
}

/// Linux's clock of what this process has had of the processor, so that other programs on the
/// machine are not counted.
fn processor_seconds() -> f64 {
    let line = std::fs::read_to_string("/proc/self/schedstat").expect("Linux");
    let nanoseconds = line
        .split(' ')
        .next()
        .and_then(|first| first.parse::<f64>().ok());
    nanoseconds.expect("a number") / 1e9
}

fn report_both(folder: &Path) {
    let mut index = Index::read(folder);
    report(&mut index, "as it is");
    let mut without = punctuation::without_symbol_pairs(&index);
    report(&mut without, "without pairs that have a symbol");
}

fn report(index: &mut Index, what: &str) {
    println!("\n## {what}\n");
    let written = write_today(index);
    describe(index);
    let tables = Tables::of(index);
    tables.print();
    tables.print_totals(&written);
}

fn describe(index: &Index) {
    let segment = index.segment();
    println!(
        "{} documents, {} units, {} keys, {} leaves\n",
        segment.documents,
        segment.units,
        index.entries.len(),
        segment.terms_blocks
    );
    let (mut lists, mut documents, mut positions) = Default::default();
    for entry in &index.entries {
        let class = class(entry.documents.len());
        let add = |to: &mut Bits, count: usize| to[class] += count as u64;
        add(&mut lists, 1);
        add(&mut documents, entry.documents.len());
        add(&mut positions, entry.positions.len());
    }
    header("numbers");
    row("lists", &lists, 1);
    row("documents", &documents, 1);
    row("positions", &positions, 1);
}

/// Bytes of leaves and of both streams as the builder writes them; says which leaf a key is in.
fn write_today(index: &mut Index) -> [u64; 3] {
    let leaf_bytes = index.segment().stream_block_bytes as usize;
    let encoder = PostingsEncoder {
        tuning: index.tuning,
        long_bytes: leaf_bytes / 4,
    };
    let (mut streams, mut terms) = (LongStreams::default(), TermsWriter::default());
    let (mut leaves, mut leaf, mut numbers) = (0, 0, Vec::new());
    for entry in &index.entries {
        let record = streams.place(encoder.encode(index.list(entry)));
        terms.push(entry.key.as_bytes(), &record);
        numbers.push(leaf);
        if terms.len() >= leaf_bytes {
            leaves += terms.finish().len() as u64;
            leaf += 1;
        }
    }
    leaves += terms.finish().len() as u64;
    for (entry, number) in index.entries.iter_mut().zip(numbers) {
        entry.leaf = number;
    }
    [
        leaves,
        streams.documents.len() as u64,
        streams.positions.len() as u64,
    ]
}

type Rows = Vec<(&'static str, Bits)>;

/// Bits of all streams in all codes.
struct Tables {
    keys: Rows,
    heads: Rows,
    documents: Rows,
    frequencies: Rows,
    positions: Rows,
    places: Rows,
    today: Heads,
    cells: Vec<(&'static str, u64)>,
}

impl Tables {
    fn of(index: &Index) -> Self {
        let today = Heads::of(index, u64::from(index.segment().stream_block_bytes / 4));
        let models = Models::of(index);
        let (ideal_heads, cells) = models.heads.bits();
        let mut tables = Self {
            keys: keys::costs(index),
            heads: vec![
                ("today", today.records),
                ("gamma, gamma", heads::gamma_heads(index)),
                ("gamma, Rice by size", heads::rice_heads(index)),
                ("entropy: by size", ideal_heads),
            ],
            documents: rows(index, DOCUMENTS),
            frequencies: rows(index, FREQUENCIES),
            positions: rows(index, POSITIONS),
            places: rows(index, PLACES),
            today,
            cells: vec![("heads", cells)],
        };
        let streams = [
            (&mut tables.documents, models.documents),
            (&mut tables.frequencies, models.frequencies),
            (&mut tables.positions, models.positions),
        ];
        for (rows, models) in streams {
            for (name, model) in models {
                let (bits, cells) = model.bits();
                rows.push((name, bits));
                tables.cells.push((name, cells));
            }
        }
        tables
    }

    fn print(&self) {
        let all = [
            ("keys", &self.keys),
            ("heads", &self.heads),
            ("documents", &self.documents),
            ("frequencies", &self.frequencies),
            ("positions", &self.positions),
            ("documents, frequencies and positions in one", &self.places),
        ];
        for (name, rows) in all {
            header(name);
            rows.iter().for_each(|(name, bits)| row(name, bits, 8));
        }
        header("skip tables and unused bits, today");
        row("skip tables", &self.today.skips, 8);
        row("unused bits", &self.today.padding, 8);
        row("of them, of chunks", &self.today.chunk_padding, 8);
        println!("\ncells of the tables for entropy: {:?}", self.cells);
    }

    fn print_totals(&self, written: &[u64; 3]) {
        let [leaves, documents, positions] = written;
        println!("\n| all together | bytes |\n|---|---:|");
        println!(
            "| written: leaves, long documents, long positions | {leaves} + {documents} + {positions} = {} |",
            written.iter().sum::<u64>()
        );
        let fixed = sum(&self.today.skips) + sum(&self.today.chunk_padding);
        let all = |name: &str, rows: &[&Rows], picks: &[&str], more: u64| {
            let picked = rows.iter().zip(picks).map(|(rows, pick)| {
                let found = rows.iter().find(|(name, _)| name == pick);
                sum(&found.unwrap_or_else(|| panic!("no row {pick}")).1)
            });
            println!("| {name} | {} |", (picked.sum::<u64>() + more).div_ceil(8));
        };
        let today = sum(&self.today.skips) + sum(&self.today.padding);
        let streams = [
            &self.keys,
            &self.heads,
            &self.documents,
            &self.frequencies,
            &self.positions,
        ];
        let key = "today: two varints, bytes";
        let ranks = "ranks, gamma";
        let head = "gamma, gamma";
        all(
            "1: today, added up",
            &streams,
            &[key, "today", "Rice (today)", "Rice (today)", "Rice (today)"],
            today,
        );
        let own = "Rice, own k from 16 on";
        let ones = "Rice, nothing if all are 1";
        all(
            "2: one row of bits, keys as today",
            &streams,
            &[key, head, own, ones, own],
            fixed,
        );
        all(
            "2 and keys as ranks",
            &streams,
            &[ranks, head, own, ones, own],
            fixed,
        );
        let rounded = "Rice, k by rounded length";
        all(
            "the same, positions by rounded length (4)",
            &streams,
            &[ranks, head, own, ones, rounded],
            fixed,
        );
        let (binary, sums) = ("interpolative", "interpolative sums");
        all(
            "2, ranks, interpolative, rounded lengths (3b)",
            &streams,
            &[ranks, head, binary, sums, "interpolative, rounded length"],
            fixed,
        );
        all(
            "2, ranks, interpolative, exact lengths (3a)",
            &streams,
            &[ranks, head, binary, sums, "interpolative, exact length"],
            fixed,
        );
        all(
            "2, ranks, places, interpolative, exact lengths",
            &[&self.keys, &self.heads, &self.places],
            &[ranks, head, "places, interpolative"],
            fixed,
        );
        let sets = "second ranks as an interpolative set; others ranks, gamma";
        for (name, position) in [
            ("3b with keys as sets", "interpolative, rounded length"),
            ("3a with keys as sets", "interpolative, exact length"),
        ] {
            all(name, &streams, &[sets, head, binary, sums, position], fixed);
        }
        all(
            "2, ranks, frames and varbyte (5)",
            &streams,
            &[
                ranks,
                head,
                "frames of 128, else varbyte",
                "frames of 128, else varbyte",
                "frames of 128, else varbyte",
            ],
            fixed,
        );
        all(
            "2, ranks, Elias–Fano by chunk (6)",
            &streams,
            &[
                ranks,
                head,
                "Elias–Fano, partitioned by chunk",
                "Elias–Fano sums",
                "Elias–Fano sums",
            ],
            fixed,
        );
        all(
            "2, ranks, varbyte (7)",
            &streams,
            &[ranks, head, "varbyte", "varbyte", "varbyte"],
            fixed,
        );
        all(
            "2, ranks, group varint (7)",
            &streams,
            &[ranks, head, "group varint", "group varint", "group varint"],
            fixed,
        );
        all(
            "2, ranks, ideal static tables (8)",
            &streams,
            &[
                ranks,
                "entropy: by size",
                "entropy: by mean",
                "entropy: by mean",
                "entropy: by what is left (rounded)",
            ],
            fixed,
        );
        all(
            "the same with more context (8)",
            &streams,
            &[
                ranks,
                "entropy: by size",
                "entropy: by mean and gap before",
                "entropy: by mean and rounded length",
                "entropy: the same and gap before",
            ],
            fixed,
        );
    }
}

fn sum(bits: &Bits) -> u64 {
    bits.iter().sum()
}

/// Adds up what each code costs.
fn rows(index: &Index, codes: &[(&'static str, Cost)]) -> Rows {
    let mut rows: Rows = codes
        .iter()
        .map(|(name, _)| (*name, Bits::default()))
        .collect();
    for entry in &index.entries {
        let class = class(entry.documents.len());
        for part in index.parts(entry) {
            for ((_, cost), (_, bits)) in codes.iter().zip(&mut rows) {
                bits[class] += cost(index, &part);
            }
        }
    }
    rows
}

fn header(name: &str) {
    println!("\n| {name} | {} | all |", CLASSES.join(" | "));
    println!("|---|{}", "---:|".repeat(CLASSES.len() + 1));
}

/// A row of sums, divided.
fn row(name: &str, values: &Bits, by: u64) {
    let cells = values.map(|value| value.div_ceil(by).to_string());
    println!(
        "| {name} | {} | {} |",
        cells.join(" | "),
        sum(values).div_ceil(by)
    );
}
