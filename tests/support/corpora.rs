//! Text to test on: the sample archive, and the corpora beside the project where they are.

use std::path::{Path, PathBuf};

use backfile::document::Document;
use backfile::memory::Memory;
use backfile::progress::Silent;
use backfile::report::ReadReport;
use backfile::source::{self, ReadSettings};
use backfile::workspace::Workspace;

use crate::random::Random;
use crate::site::document;

/// The repository's root.
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests
        .parent()
        .expect("tests/ lies in the repository")
        .to_owned()
}

/// Reads documents as `backfile build --whole-pages` does.
pub fn read(input: &Path) -> Vec<Document> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let workspace = Workspace {
        folder: folder.path().to_owned(),
        memory: Memory::default(),
    };
    let mut report = ReadReport::default();
    let settings = ReadSettings {
        whole_pages: true,
        ..ReadSettings::default()
    };
    let inputs = [input.to_owned()];
    let documents = source::read(&inputs, &settings, &workspace, &Silent, &mut report);
    let documents = documents.expect("the input can be read");
    let all = 0..documents.len();
    documents.read(all).expect("what was read is there")
}

/// The sample archive's documents.
pub fn sample() -> Vec<Document> {
    read(&root().join("tests/sample/pages"))
}

/// The documents of the fixtures, in the order of their numbers: a few that could stand in a
/// paper, and what it takes for a list of every form.
pub fn fixture() -> Vec<Document> {
    let mut documents = read(&root().join("tests/fixtures/documents.jsonl"));
    documents.extend(dense());
    documents.sort_by(|a, b| a.order().cmp(&b.order()));
    documents
}

/// Documents of few and dense characters: their lists are longer than a leaf may hold, there are
/// more of them than a piece of the directory describes, and so many pairs begin with `戊` that it
/// has a list of its own. `!` is in enough of them for a list that is not short.
fn dense() -> Vec<Document> {
    let mut random = Random::new(7);
    let mut document = |number: u32| {
        let count = if number.is_multiple_of(5) {
            0
        } else {
            random.below(240)
        };
        let end = if number.is_multiple_of(13) {
            "庚!"
        } else {
            "庚"
        };
        let letters = (0..count).map(|_| ['戊', '己'][random.below(2)]);
        Document {
            id: format!("dense/{number:04}"),
            date: Some("2025".into()),
            body: letters.chain(end.chars()).collect(),
            ..Document::default()
        }
    };
    (0..2000).map(&mut document).collect()
}

/// Documents of 120 words: a third are the five that hold sentences together, the others are `w0` to `w399`, of which
/// the first are far more common than the last.
pub fn sentences() -> Vec<Document> {
    let mut random = Random::new(7);
    let mut word = || match random.below(3) {
        0 => ["the", "the", "of", "is", "a", "to"][random.below(6)].to_owned(),
        _ => format!(
            "w{}",
            random.below(20) * random.below(21) + random.below(20)
        ),
    };
    let mut body = || (0..120).map(|_| word()).collect::<Vec<_>>().join(" ");
    let documents = (0..3_000).map(|number| document(format!("{number:04}"), "", &body()));
    documents.collect()
}

/// Documents of words of which thousands begin with `q`, `qa` and `qe`, so that each of these beginnings has
/// a list of its own, and some with a mark on that letter, which are others. Characters stand before a few.
pub fn words() -> Vec<Document> {
    let mut random = Random::new(11);
    let mut word = || {
        let before = ["", "", "", "春", "，"][random.below(5)];
        let second = ["a", "e", "a", "e", "", "é", "a\u{323}"][random.below(7)];
        let letter = |number: usize| char::from(b'a' + number as u8);
        let rest: String = (0..random.below(4))
            .map(|_| letter(random.below(26)))
            .collect();
        let first = ["q", "q", "q", "q", "Q", "ｑ", "q\u{301}", "z"][random.below(8)];
        format!("{before}{first}{second}{rest} ")
    };
    let mut document = |number: u32| Document {
        id: format!("words/{number:03}"),
        date: Some(format!("20{:02}", number / 25)),
        title: word(),
        body: (0..number % 240).map(|_| word()).collect(),
        ..Document::default()
    };
    (0..700).map(&mut document).collect()
}

/// A file of the corpora that lie beside the project; says so and returns nothing if it is not
/// there.
pub fn beside(name: &str) -> Option<PathBuf> {
    let path = root().parent()?.join("shared/corpora").join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not on this machine", path.display());
    None
}
