//! The engine comes to readers in parts, and what the early ones answer has to be what the whole of
//! it answers: the plan of a query, and searches that nothing narrows. And what is asked for on the
//! way to an answer.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use acceptance::corpora;
use acceptance::press::Press;
use acceptance::site::{Site, document};
use backfile::document::Document;
use backfile_core::query::{Engine, Loaded, Outcome, Read, Response, SearchOptions};
use flate2::read::DeflateDecoder;
use proptest::prelude::*;

fn open(folder: &Path) -> Engine {
    let manifest = fs::read(folder.join("manifest.bf")).expect("the manifest");
    Engine::open(&manifest).expect("it is sound")
}

fn load(engine: &mut Engine, folder: &Path, read: &Read) {
    let file = fs::read(folder.join(&read.file)).expect("a file of the archive");
    let start = usize::try_from(read.start).expect("a place in a file");
    let bytes = &file[start..][..read.bytes as usize];
    let loaded = engine.load(&read.file, read.start, bytes);
    if let Loaded::Deflated(payload) = loaded.expect("it is sound") {
        let mut inflated = Vec::new();
        DeflateDecoder::new(&payload[..])
            .read_to_end(&mut inflated)
            .expect("it is sound");
        let kept = engine.load_inflated(&read.file, read.start, &inflated);
        kept.expect("it was asked for");
    }
}

type Ask = fn(&mut Engine, &str, &SearchOptions) -> Outcome;

const WHOLE: Ask = |engine, query, options| engine.search(query, options).expect("an answer");
const PLAIN: Ask = |engine, query, options| engine.search_plain(query, options).expect("an answer");

/// The answer of a new engine, and what it asked for in each step.
fn answer(folder: &Path, ask: Ask, query: &str, prefix: bool) -> (Response, Vec<Vec<Read>>) {
    let options = SearchOptions {
        prefix,
        ..SearchOptions::default()
    };
    let (mut engine, mut steps) = (open(folder), Vec::new());
    loop {
        match ask(&mut engine, query, &options) {
            Outcome::Response(response) => return (response, steps),
            Outcome::Missing(reads) => {
                reads
                    .iter()
                    .for_each(|read| load(&mut engine, folder, read));
                steps.push(reads);
            }
        }
    }
}

/// Of a small archive texts lie in the manifest, of others in files of their own.
fn is_text(read: &Read) -> bool {
    read.file == "manifest.bf" || read.file.contains("/s")
}

fn is_directory(read: &Read) -> bool {
    read.file.contains("/n")
}

fn assert_parts_agree(folder: &Path, query: &str) {
    for prefix in [false, true] {
        let whole = answer(folder, WHOLE, query, prefix);
        assert_eq!(answer(folder, PLAIN, query, prefix), whole, "{query:?}");
        let mut planned = open(folder).plan(query, prefix);
        let mut first = whole.1.first().cloned().unwrap_or_default();
        if first.iter().all(is_text) {
            first.clear(); // the index came with the start, so the search got that far
        }
        if whole.0.total == 0 {
            first.retain(|read| planned.contains(read)); // it may want variants as well
        }
        if whole.1.is_empty() {
            planned.retain(|read| !is_directory(read)); // no document has text: nothing to look up
        }
        assert_eq!(planned, first, "{query:?}, prefix: {prefix}");
    }
}

/// Pieces of texts, and what people type beside them.
fn queries(site: &Site) -> Vec<String> {
    let mut queries: Vec<String> = [
        "", " ", "的", "的 一", "“", "vivo", "WI", "2024年", "，", "國 国", "第1", "5.6%",
    ]
    .map(String::from)
    .into();
    for (number, document) in site.documents.iter().enumerate().step_by(7) {
        let text: Vec<char> = document.body.chars().collect();
        let start = (number * 31) % text.len().max(1);
        let piece = |length: usize| text[start..].iter().take(length).collect::<String>();
        queries.extend([1, 2, 3, 5, 8].map(piece));
        queries.push(format!("{} {}", piece(2), document.title));
    }
    queries
}

#[test]
fn a_plan_has_leaves_and_directory_or_the_branches_that_lead_there() {
    let plan = |site: Site| {
        let reads = open(site.folder()).plan("的", false).into_iter();
        let kind = |read: Read| read.file.split('/').next_back().unwrap_or("")[..1].to_owned();
        reads
            .map(kind)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect::<String>()
    };
    assert_eq!(plan(Site::build_in_files(corpora::sample())), "nt");
    assert_eq!(plan(Site::build_all_in_files(corpora::sample())), "bn");
    assert_eq!(plan(Site::build(vec![document("one", "", "的")])), "");
}

#[test]
fn a_beginning_of_very_many_words_is_looked_up_where_they_begin() {
    let site = Site::build_in_files(corpora::words());
    let leaves = |query: &str| {
        let (response, steps) = answer(site.folder(), PLAIN, query, true);
        let leaves = steps
            .iter()
            .flatten()
            .filter(|read| read.file.contains("/t"));
        (response.total, leaves.count())
    };
    for query in ["q", "qa", "qe"] {
        assert!(
            leaves(query).0 > 500 && leaves(query).1 == 2,
            "{query}: {:?}",
            leaves(query)
        );
    }
    for query in ["q", "qa", "qab", "qé", "z q"] {
        assert_parts_agree(site.folder(), query);
    }
}

/// Where there is no list of all of them, or it leaves many candidates, all keys are read.
#[test]
fn a_word_that_is_typed_behind_another_is_looked_for_in_texts_if_these_are_few() {
    let mut documents = corpora::words();
    for number in 0..30 {
        let body = format!("seldom'{} seldom z qa", ["qab", "z"][number % 2]);
        documents.push(document(format!("seldom/{number}"), "", &body));
    }
    let mut site = Site::build_in_files(documents.clone());
    let scanner = site.scanner();
    let reads = |query: &str, kind: &str| {
        let steps = answer(site.folder(), PLAIN, query, true).1;
        let reads = steps.iter().flatten();
        reads.filter(|read| read.file.contains(kind)).count()
    };
    assert!(reads("seldom'q", "/t") <= 4, "{}", reads("seldom'q", "/t"));
    assert!(reads("seldom'q", "/s") >= 30);
    assert!(reads("春q", "/t") > 12, "{}", reads("春q", "/t"));
    let queries = [
        "seldom'q",
        "seldom'qa",
        "seldom'qabc",
        "春q",
        "z'q",
        "seldom'z'q",
    ];
    for query in queries {
        assert_parts_agree(site.folder(), query);
    }
    for site in [&mut site, &mut Site::build_all_in_files(documents)] {
        for query in queries {
            let expected = site.ids(&scanner.find_prefix(query));
            assert_eq!(site.find(query, true), expected, "{query}");
        }
    }
}

/// Every third document has 常见 somewhere, so that its list lies apart; a few have 稀有.
fn with_a_long_list() -> Site {
    let body = |number: u32| {
        let common = if number.wrapping_mul(2_654_435_761).is_multiple_of(3) {
            "常见"
        } else {
            "少有"
        };
        let rare = if number % 4000 < 2 { "稀有" } else { "" };
        format!("{}{common}{rare}。", "云".repeat(number as usize % 5))
    };
    let documents = (0..20_000).map(|number| document(format!("{number:05}"), "", &body(number)));
    Site::build_in_files(documents.collect())
}

#[test]
fn few_candidates_are_looked_at_in_place_of_chunks() {
    let mut site = with_a_long_list();
    let reads = |query| answer(site.folder(), WHOLE, query, false).1;
    let has_chunks =
        |steps: &[Vec<Read>]| steps.iter().flatten().any(|read| read.file.contains("/d"));
    assert!(has_chunks(&reads("常见")), "its list has to lie apart");
    let steps = reads("稀有 常见");
    assert!(!has_chunks(&steps), "{steps:?}");
    assert!(steps.last().expect("texts").iter().all(is_text));
    let expected = site.scanner().find(&["稀有", "常见"]);
    assert!(!expected.is_empty());
    assert_eq!(site.find("稀有 常见", false), site.ids(&expected));
}

/// Texts of very many full stops; every third document has `array.prototype` somewhere, some have `array`
/// and `prototype` elsewhere.
fn with_many_symbols() -> Vec<Document> {
    let body = |number: u32| {
        let word = |at: u32| format!("w{}. ", (number * 7 + at * at) % 900);
        let words: String = (0..30).map(word).collect();
        let found = ["array.prototype", "array, prototype", "none"][number as usize % 3];
        format!("{words}{found}. {words}")
    };
    let documents = (0..2_000).map(|number| document(format!("{number:05}"), "", &body(number)));
    documents.collect()
}

/// Mixed pairs give the same answers as the other keys, from less than a third of the bytes of the index.
fn assert_mixed_pairs_save(documents: Vec<Document>, queries: &[(&str, bool)]) -> [Site; 2] {
    let sites = [
        Site::build_in_files(documents.clone()),
        Site::build_mixed_in_files(documents),
    ];
    for &(query, prefix) in queries {
        let mut answers = sites.iter().map(|site| {
            let (response, steps) = answer(site.folder(), PLAIN, query, prefix);
            let reads = steps.into_iter().flatten();
            let index = reads.filter(|read| !is_text(read) && !is_directory(read));
            (response, index.map(|read| read.bytes).sum::<u32>())
        });
        let (without, with) = (answers.next().expect("two"), answers.next().expect("two"));
        assert_eq!(with.0, without.0, "{query}");
        assert!(
            with.1 * 3 < without.1,
            "{query}: {} and {}",
            with.1,
            without.1
        );
    }
    sites
}

#[test]
fn mixed_pairs_save_the_positions_of_symbols() {
    let queries = [
        ("array.prototype", false),
        ("array.", false),
        (".prototype", false),
        ("array.pro", true),
    ];
    let mut sites = assert_mixed_pairs_save(with_many_symbols(), &queries);
    for site in &mut sites {
        let expected = site.scanner().find(&["array.prototype"]);
        assert!(expected.len() > 600);
        assert_eq!(site.find("array.prototype", false), site.ids(&expected));
    }
}

#[test]
fn mixed_pairs_save_the_positions_of_common_words() {
    let queries = [
        ("“the w12”", false),
        ("“w3 of the”", false),
        ("“is the w20”", false),
        ("the'w20", true),
    ];
    assert_mixed_pairs_save(corpora::sentences(), &queries);
}

#[test]
fn early_parts_answer_as_the_whole_engine_does() {
    for site in [
        Site::build(corpora::sample()),
        Site::build_in_files(corpora::sample()),
        Site::build_all_in_files(corpora::sample()),
        Site::build_mixed_in_files(corpora::sample()),
    ] {
        for query in queries(&site) {
            assert_parts_agree(site.folder(), &query);
        }
    }
}

#[test]
fn early_parts_agree_where_documents_are_deleted() {
    let site = Site::build_in_files(corpora::sample());
    let press = Press::new(0);
    press.build(corpora::sample());
    let mut corrected = corpora::sample();
    let some = corrected.iter_mut().step_by(12);
    some.for_each(|document| document.body += "更正。");
    assert!(press.build(corrected).index.deleted > 1);
    for query in queries(&site) {
        assert_parts_agree(&press.archive(), &query);
    }
}

#[test]
fn early_parts_agree_where_no_document_has_text() {
    for build in [Site::build, Site::build_in_files, Site::build_all_in_files] {
        let site = build(vec![document("empty", "", "")]);
        for query in ["", "。", "b", "中国"] {
            assert_parts_agree(site.folder(), query);
        }
    }
}

/// All that a new engine asks for to answer these queries one after the other, and their totals.
fn asked_for(folder: &Path, queries: &[&str]) -> (Vec<Read>, Vec<u64>) {
    let (mut engine, mut asked, mut totals) = (open(folder), Vec::new(), Vec::new());
    for query in queries {
        loop {
            match PLAIN(&mut engine, query, &SearchOptions::default()) {
                Outcome::Response(response) => break totals.push(response.total),
                Outcome::Missing(reads) => {
                    reads
                        .iter()
                        .for_each(|read| load(&mut engine, folder, read));
                    asked.extend(reads);
                }
            }
        }
    }
    (asked, totals)
}

#[test]
fn variants_are_fetched_once_by_the_first_query_that_finds_nothing() {
    let site = Site::build_in_files(vec![
        document("simplified", "国家图书馆", "云南的书"),
        document("mixed", "", "雲南的國"),
    ]);
    let variants = |queries| {
        let (asked, totals) = asked_for(site.folder(), queries);
        let count = asked.iter().filter(|read| read.file.contains("/v")).count();
        (count, totals)
    };
    assert_eq!(
        variants(&["国", "國", "云南", "雲南", "", "“"]),
        (0, vec![2, 2, 2, 2, 0, 0])
    );
    // `圖書館` and `書` stand in no document.
    assert_eq!(variants(&["國家圖書館", "書", "圖"]), (1, vec![1, 1, 1]));
    assert_eq!(variants(&["没有", "書 國", "沒有"]), (1, vec![0, 1, 0]));
}

#[test]
fn hits_know_variants_when_a_term_is_nowhere() {
    let site = Site::build_in_files(vec![document("one", "", "国家图书馆")]);
    let text = "国家图书馆";
    let mut engine = open(site.folder());
    let mut hits = |query, is_loaded| {
        let wanted = engine.wants_for_hits(query, text, false);
        let wanted = wanted.expect("a sound archive");
        if is_loaded {
            wanted
                .iter()
                .for_each(|read| load(&mut engine, site.folder(), read));
            let left = engine.wants_for_hits(query, text, false);
            assert_eq!(left.expect("a sound archive"), []);
        }
        let marked = engine.hits(query, text, false).into_iter();
        (
            wanted.len(),
            marked.map(|place| &text[place]).collect::<Vec<_>>(),
        )
    };
    assert_eq!(hits("国家", false), (0, vec!["国家"]));
    assert_eq!(hits("国家 圖書", false), (1, vec!["国家"]));
    assert_eq!(hits("国家 圖書", true), (1, vec!["国家", "图书"]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn early_parts_agree_on_any_text(
        texts in proptest::collection::vec("[a-c一-三々。，「」國国1-3 ]{0,30}", 1..12),
        queries in proptest::collection::vec("[a-c一-三々。，「」國国1-3 ]{0,6}", 8),
        build in prop::sample::select(vec![Site::build, Site::build_in_files, Site::build_mixed_in_files]),
    ) {
        let documents = texts.iter().enumerate();
        let documents = documents.map(|(at, text)| document(at.to_string(), "", text)).collect();
        let site = build(documents);
        for query in queries {
            assert_parts_agree(site.folder(), &query);
        }
    }
}
