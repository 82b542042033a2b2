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
fn copies_of_sample(copies: usize) -> Vec<Document> {
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
        leave_no_trace(copies_of_sample(copies), are_many);
    }
}

/// Where there is little memory, positions of a long list are encoded before all of it is there.
#[test]
fn long_lists_leave_no_trace() {
    leave_no_trace(of_few_characters(), true);
}

/// Each of 25 pairs stands some 40,000 times in them, and a sign that comes behind all of those 230,000 times. The lists
/// of single characters are so long that all their parts lie apart.
fn of_few_characters() -> Vec<Document> {
    let mut seed = 1_u32;
    let mut character = move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ['春', '耕', '渡', '桥', '船', '🌸'][(seed >> 16) as usize % 6]
    };
    let document = |number| Document {
        id: format!("{number:05}"),
        body: (0..60 + number % 50).map(|_| character()).collect(),
        ..Document::default()
    };
    (0..16_000).map(document).collect()
}

fn leave_no_trace(documents: Vec<Document>, are_many: bool) {
    let mut shuffled = documents.clone();
    let expected = files(documents, 1, GIBIBYTE);
    assert_eq!(expected.len() > 2, are_many, "{} files", expected.len());
    shuffled.reverse();
    shuffled.rotate_left(13);
    // With nothing at all, every document, run and block waits on disk. With an eighth of a gibibyte and one thread,
    // characters are encoded together of which some have long lists.
    let ways = [
        (4, GIBIBYTE),
        (1, GIBIBYTE / 8),
        (1, 0),
        (4, 1 << 20),
        (3, 10_000_000),
    ];
    for (threads, memory) in ways {
        let found = files(shuffled.clone(), threads, memory);
        assert!(found == expected, "{threads} threads, {memory} bytes");
    }
}
