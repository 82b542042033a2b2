//! The same documents give the same bytes: in any order, with any number of threads.

use acceptance::corpora;
use acceptance::site::build_index;
use backfile::document::Document;

fn files(mut documents: Vec<Document>, threads: usize) -> Vec<(String, Vec<u8>)> {
    documents.sort_by(|a, b| a.order().cmp(&b.order()));
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("threads");
    let index = pool.install(|| build_index(documents));
    let mut files = index.files;
    files.push(("manifest.bf".into(), index.manifest));
    files
}

/// The sample archive, many times over, so that there are several runs to merge.
fn documents() -> Vec<Document> {
    let copies = (0..60).flat_map(|copy| {
        let sample = corpora::sample().into_iter();
        sample.map(move |document| Document {
            id: format!("{}-{copy}", document.id),
            ..document
        })
    });
    copies.collect()
}

#[test]
fn order_and_threads_leave_no_trace() {
    let expected = files(documents(), 1);
    let mut shuffled = documents();
    shuffled.reverse();
    shuffled.rotate_left(123);
    assert_eq!(files(shuffled, 4), expected);
}
