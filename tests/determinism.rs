//! The same documents give the same bytes: in any order, with any number of threads, in any amount of memory.

use acceptance::corpora;
use acceptance::site::build_index_within;
use backfile::document::Document;
use backfile::memory::Memory;

const GIBIBYTE: u64 = 1 << 30;

fn files(documents: Vec<Document>, threads: usize, memory: u64) -> Vec<(String, Vec<u8>)> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("threads");
    let index = pool.install(|| build_index_within(Memory::new(memory), documents));
    let mut files = index.files;
    files.push(("manifest.bf".into(), index.manifest));
    files
}

/// The sample archive, so many times over.
fn documents(copies: usize) -> Vec<Document> {
    let copies = (0..copies).flat_map(|copy| {
        let sample = corpora::sample().into_iter();
        sample.map(move |document| Document {
            id: format!("{}-{copy}", document.id),
            ..document
        })
    });
    copies.collect()
}

#[test]
fn order_threads_and_memory_leave_no_trace() {
    // So many that there are several runs to merge, and so few that they are one file.
    for (copies, are_many) in [(60, true), (1, false)] {
        leave_no_trace(copies, are_many);
    }
}

fn leave_no_trace(copies: usize, are_many: bool) {
    let expected = files(documents(copies), 1, GIBIBYTE);
    assert_eq!(expected.len() > 2, are_many, "{} files", expected.len());
    let mut shuffled = documents(copies);
    shuffled.reverse();
    shuffled.rotate_left(13);
    // With nothing at all, every document, run and block waits on disk.
    for (threads, memory) in [(4, GIBIBYTE), (1, 0), (4, 1 << 20), (3, 10_000_000)] {
        let found = files(shuffled.clone(), threads, memory);
        assert!(found == expected, "{threads} threads, {memory} bytes");
    }
}
