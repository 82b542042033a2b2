//! Documents of a `.jsonl` or `.jsonl.gz` file, one after the other, for what is larger than memory.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use serde::Deserialize;

/// What the benchmark needs of a document.
#[derive(Debug, Deserialize)]
pub struct Line {
    /// Unique in the file.
    pub id: String,
    /// The headline.
    #[serde(default)]
    pub title: String,
    /// The text.
    #[serde(default)]
    pub body: String,
}

/// Reads a file line by line. Panics with the line's number if it is not a document: this is for
/// corpora that the builder has read before.
pub fn documents(path: &Path) -> impl Iterator<Item = Line> + Send + use<> {
    let file =
        File::open(path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
    let gzipped = path.extension().is_some_and(|extension| extension == "gz");
    let source: Box<dyn Read + Send> = if gzipped {
        Box::new(MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    };
    let lines = BufReader::with_capacity(1 << 20, source).lines();
    lines.enumerate().filter_map(|(at, line)| {
        let line = line.unwrap_or_else(|error| panic!("line {}: {error}", at + 1));
        let parse = |line: &str| {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("line {}: {error}", at + 1))
        };
        (!line.trim().is_empty()).then(|| parse(&line))
    })
}
