//! How many bytes would the lists of an archive take in other codes?
//!
//! `codecs ARCHIVE` prints tables in Markdown: bytes by stream, by code and by the length of the
//! list. `codecs ARCHIVE --dump FILE` writes a quarter of the lists as plain numbers, and
//! `codecs --speed FILE` encodes those and times how they are decoded (in wasm:
//! `tests/bench/codecs.mjs`). `codecs ARCHIVE --leaves FILE` writes all leaves with some of their
//! keys, and `codecs --find FILE` times how these are found. What was found is in `tests/bench/results`.

use std::path::Path;
use std::time::Instant;

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
#[path = "codecs/leaves.rs"]
mod leaves;
#[path = "codecs/speed.rs"]
mod speed;
#[path = "codecs/streams.rs"]
mod streams;

use entropy::Models;
use heads::Bits;
use index::{CLASSES, Entry, Index, Part, class};
use leaves::Leaves;
use speed::{CODES, Code, Workload};
use streams::{Cost, DOCUMENTS, FREQUENCIES, PLACES, POSITIONS};

/// Each figure of speed is the median of so many runs.
const RUNS: usize = 9;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--speed", file] => time_all(Path::new(file)),
        ["--find", file] => time_leaves(Path::new(file)),
        [folder] => report(&Index::read(Path::new(folder))),
        [folder, "--leaves", file] => {
            let dump = index::dump_leaves(Path::new(folder));
            std::fs::write(file, dump).expect("the dump can be written");
        }
        [folder, "--dump", file] => {
            let dump = Index::read(Path::new(folder)).dump();
            std::fs::write(file, dump).expect("the dump can be written");
        }
        _ => {
            eprintln!(
                "usage: codecs ARCHIVE [--dump FILE | --leaves FILE] | codecs --speed FILE | codecs --find FILE"
            );
            std::process::exit(2);
        }
    }
}

fn time_all(file: &Path) {
    let dump = std::fs::read(file).expect("a dump");
    let workloads = [false, true].map(|full| (full, Workload::read(&dump, full)));
    println!("| million numbers per second | fewer than 128 documents | rows of 128 |");
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

/// Microseconds to find a key, the best of three runs for each.
fn time_leaves(file: &Path) {
    let leaves = Leaves::read(&std::fs::read(file).expect("a dump"));
    let time = |number: usize| {
        let start = Instant::now();
        assert!(leaves.find(number), "a key is not in its leaf");
        start.elapsed().as_secs_f64() * 1e6
    };
    let best = |number| (0..3).map(|_| time(number)).fold(f64::INFINITY, f64::min);
    let mut all: Vec<f64> = (0..leaves.len()).map(best).collect();
    all.sort_by(f64::total_cmp);
    let at = |share: f64| all[((all.len() - 1) as f64 * share) as usize];
    println!("| µs to find a key in its leaf | median | 99 % | most |\n|---|---:|---:|---:|");
    let name = format!("{} keys", leaves.len());
    println!(
        "| {name} | {:.1} | {:.1} | {:.1} |",
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

fn report(index: &Index) {
    describe(index);
    let tables = Tables::of(index);
    tables.print(index);
    tables.print_totals(index);
}

fn describe(index: &Index) {
    println!(
        "{} documents, {} units, {} keys, {} leaves, {} lists without positions or bare\n",
        index.segment.documents,
        index.segment.units,
        index.entries.len(),
        index.layout.leaves,
        index.layout.skip_lists
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

type Rows = Vec<(&'static str, Bits)>;

/// Bits of all streams in all codes.
struct Tables {
    keys: Rows,
    heads: Rows,
    documents: Rows,
    frequencies: Rows,
    positions: Rows,
    places: Rows,
    cells: Vec<(&'static str, u64)>,
}

impl Tables {
    fn of(index: &Index) -> Self {
        let models = Models::of(index);
        let (ideal_heads, cells) = models.heads.bits();
        let mut tables = Self {
            keys: keys::costs(index),
            heads: vec![
                ("gamma, gamma (today)", heads::gamma_heads(index)),
                ("gamma, Rice by size", heads::rice_heads(index)),
                ("entropy: by size", ideal_heads),
            ],
            documents: rows(index, DOCUMENTS, |entry| {
                index.document_parts(entry).collect()
            }),
            frequencies: rows(index, FREQUENCIES, |entry| {
                index.document_parts(entry).collect()
            }),
            positions: rows(index, POSITIONS, |entry| {
                index.position_parts(entry).collect()
            }),
            places: rows(index, PLACES, |entry| index.document_parts(entry).collect()),
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

    fn print(&self, index: &Index) {
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
        header("where parts and chunks are");
        row("forms", &index.layout.forms, 8);
        row("tables of chunks", &index.layout.tables, 8);
        println!("\ncells of the tables for entropy: {:?}", self.cells);
    }

    fn print_totals(&self, index: &Index) {
        let streams = [
            &self.keys,
            &self.heads,
            &self.documents,
            &self.frequencies,
            &self.positions,
        ];
        let added = |rows: &[&Rows], picks: &[&str]| {
            let picked = rows.iter().zip(picks).map(|(rows, pick)| {
                let found = rows.iter().find(|(name, _)| name == pick);
                sum(&found.unwrap_or_else(|| panic!("no row {pick}")).1)
            });
            picked.sum::<u64>()
        };
        let layout = &index.layout;
        let written: u64 = layout.written.iter().sum();
        let today = added(&streams, &TODAY);
        // What no other code would change.
        let fixed = written * 8 - today;
        let known = [
            (
                "where parts and chunks are",
                sum(&layout.forms) + sum(&layout.tables),
            ),
            ("lists without positions", layout.skip_bits),
            ("heads of leaves", layout.leaf_heads),
            ("checksums", layout.seals),
        ];
        println!("\n| all together, today | bytes |\n|---|---:|");
        let line = |name: &str, bits: u64| println!("| {name} | {} |", bits.div_ceil(8));
        for ((name, rows), pick) in ["keys", "heads", "documents", "frequencies", "positions"]
            .into_iter()
            .zip(streams)
            .zip(TODAY)
        {
            line(name, added(&[rows], &[pick]));
        }
        known.iter().for_each(|(name, bits)| line(name, *bits));
        let unused = fixed.checked_sub(known.iter().map(|(_, bits)| bits).sum());
        line("unused bits", unused.expect("no more than is written"));
        let [leaves, documents, positions] = layout.written;
        println!(
            "| written: leaves, long documents, long positions | {leaves} + {documents} + {positions} = {written} |"
        );
        println!("\n| all together, in other codes | bytes |\n|---|---:|");
        for (name, picks) in CONTENDERS {
            line(name, added(&streams, picks) + fixed);
        }
        let picks = ["ranks, gamma", TODAY[1], "places, interpolative"];
        let places = added(&[&self.keys, &self.heads, &self.places], &picks);
        line(
            "ranks, places, interpolative, exact lengths",
            places + fixed,
        );
    }
}

/// The codes of keys, heads, documents, frequencies and positions that the format has.
const TODAY: [&str; 5] = [
    "code points, Rice, two k by leaf (today)",
    "gamma, gamma (today)",
    "interpolative (today)",
    "interpolative sums (today)",
    "Rice, own k from 16 on (today)",
];

/// Others.
const CONTENDERS: &[(&str, [&str; 5])] = &{
    let [points, head, binary, sums, own] = TODAY;
    let (ranks, frames) = ("ranks, gamma", "frames of 128, else varbyte");
    let sets = "second ranks as an interpolative set; others ranks, gamma";
    let rounded = "interpolative, rounded length";
    let exact = "interpolative, exact length";
    let (ideal, mean) = ("entropy: by size", "entropy: by mean");
    [
        ("today", TODAY),
        ("keys as ranks, gamma", [ranks, head, binary, sums, own]),
        ("keys as sets", [sets, head, binary, sums, own]),
        (
            "documents and frequencies in Rice codes",
            [
                points,
                head,
                "Rice, own k from 16 on",
                "Rice, nothing if all are 1",
                own,
            ],
        ),
        (
            "positions, Rice by rounded length",
            [points, head, binary, sums, "Rice, k by rounded length"],
        ),
        (
            "positions, interpolative, rounded length",
            [points, head, binary, sums, rounded],
        ),
        (
            "positions, interpolative, exact length",
            [points, head, binary, sums, exact],
        ),
        (
            "the same and keys as sets",
            [sets, head, binary, sums, exact],
        ),
        (
            "ranks, frames and varbyte",
            [ranks, head, frames, frames, frames],
        ),
        (
            "ranks, Elias–Fano by chunk",
            [
                ranks,
                head,
                "Elias–Fano, partitioned by chunk",
                "Elias–Fano sums",
                "Elias–Fano sums",
            ],
        ),
        (
            "ranks, varbyte",
            [ranks, head, "varbyte", "varbyte", "varbyte"],
        ),
        (
            "ranks, group varint",
            [ranks, head, "group varint", "group varint", "group varint"],
        ),
        (
            "ranks, ideal static tables",
            [
                ranks,
                ideal,
                mean,
                mean,
                "entropy: by what is left (rounded)",
            ],
        ),
        (
            "the same with more context",
            [
                ranks,
                ideal,
                "entropy: by mean and gap before",
                "entropy: by mean and rounded length",
                "entropy: the same and gap before",
            ],
        ),
    ]
};

fn sum(bits: &Bits) -> u64 {
    bits.iter().sum()
}

/// Adds up what each code costs.
fn rows<'i>(
    index: &'i Index,
    codes: &[(&'static str, Cost)],
    parts: impl Fn(&Entry) -> Vec<Part<'i>>,
) -> Rows {
    let mut rows: Rows = codes
        .iter()
        .map(|(name, _)| (*name, Bits::default()))
        .collect();
    for entry in &index.entries {
        let class = class(entry.documents.len());
        for part in parts(entry) {
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
