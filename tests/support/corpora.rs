//! Text to test on: the sample archive, and the corpora beside the project where they are.

use std::path::{Path, PathBuf};

use backfile::document::Document;
use backfile::progress::Silent;
use backfile::report::ReadReport;
use backfile::source::read_documents;

/// The repository's root.
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests
        .parent()
        .expect("tests/ lies in the repository")
        .to_owned()
}

/// Reads documents as `backfile build` does.
pub fn read(input: &Path) -> Vec<Document> {
    let mut report = ReadReport::default();
    read_documents(&[input.to_owned()], &Silent, &mut report).expect("the input can be read")
}

/// The sample archive's documents.
pub fn sample() -> Vec<Document> {
    read(&root().join("tests/sample/pages"))
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
