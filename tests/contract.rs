//! The contract: a query finds exactly the documents that contain every one of its terms, each
//! as its units in a row. Held against the naive scanner, on everything at hand.

use std::collections::{BTreeMap, BTreeSet};

use acceptance::corpora;
use acceptance::random::Random;
use acceptance::scanner::units;
use acceptance::site::{Site, document};
use backfile::unicode::fold_table;
use backfile_core::text::{Class, fold};
use proptest::prelude::*;
use rayon::prelude::*;

/// Units in the longest substring that is tried.
const LONGEST: usize = 12;

/// Quotation marks keep a term together; between two words there must be a space.
fn quoted(row: &[String]) -> String {
    format!("“{}”", row.join(" "))
}

/// Where each row of up to [`LONGEST`] units stands in the sample archive.
fn sample_rows(site: &Site) -> BTreeMap<Vec<String>, BTreeSet<usize>> {
    let mut places: BTreeMap<Vec<String>, BTreeSet<usize>> = BTreeMap::new();
    for (number, document) in site.documents.iter().enumerate() {
        for text in [&document.title, &document.body] {
            let units = units(text);
            for start in 0..units.len() {
                for end in start + 1..=units.len().min(start + LONGEST) {
                    let row = units[start..end].to_vec();
                    places.entry(row).or_default().insert(number);
                }
            }
        }
    }
    places
}

#[test]
fn every_substring_of_the_sample_archive_finds_its_documents() {
    let rows = sample_rows(&Site::build(corpora::sample()));
    assert!(
        rows.len() > 100_000,
        "the sample archive is smaller than it was"
    );
    let rows: Vec<_> = rows.into_iter().collect();
    let pieces = rows.par_chunks(rows.len() / 16).enumerate();
    pieces.for_each(|(number, rows)| {
        let mut site = match number % 2 {
            0 => Site::build(corpora::sample()), // one file
            _ => Site::build_in_files(corpora::sample()),
        };
        for (row, numbers) in rows {
            let numbers: Vec<_> = numbers.iter().copied().collect();
            let expected = site.ids(&numbers);
            assert_eq!(site.find(&quoted(row), false), expected, "{row:?}");
        }
    });
}

#[test]
fn the_archive_folds_a_query_as_the_builder_folds_its_text() {
    let site = Site::build(corpora::sample());
    let manifest = std::fs::read(site.folder().join("manifest.bf")).expect("the manifest");
    let start = backfile_core::format::manifest::Start::open(&manifest).expect("it is sound");
    for document in &site.documents {
        let own = fold(&start.fold_table, &document.body);
        assert_eq!(own, fold(fold_table(), &document.body), "{}", document.id);
    }
    let whole: BTreeMap<char, Vec<char>> = fold_table().mappings().collect();
    for (c, folded) in start.fold_table.mappings() {
        assert_eq!(whole.get(&c), Some(&folded), "U+{:04X}", c as u32);
    }
}

#[test]
fn the_fold_table_of_all_of_unicode_is_closed() {
    let table = fold_table();
    let sources: BTreeSet<char> = table.mappings().map(|(c, _)| c).collect();
    for (c, folded) in table.mappings() {
        for to in folded {
            assert!(
                !sources.contains(&to),
                "U+{:04X} folds to U+{:04X}, which folds on",
                c as u32,
                to as u32
            );
        }
    }
    assert_eq!(table.class('々'), Class::Solo);
}

#[test]
fn a_beginning_of_very_many_words_finds_what_the_scanner_finds() {
    let whole = Site::build_in_files(corpora::words());
    let scanner = whole.scanner();
    let with_spring = whole.ids(&scanner.find(&["春"]));
    for mut site in [whole, Site::build_all_in_files(corpora::words())] {
        for query in [
            "q", "Qa", "qe", "qé", "q\u{301}", "qab", "qeqe", "z", "春q", "，q", "春qa",
        ] {
            let expected = site.ids(&scanner.find_prefix(query));
            assert_eq!(site.find(query, true), expected, "{query}");
            let words = site.ids(&scanner.find(&[query]));
            assert_eq!(site.find(query, false), words, "{query}");
            let mut both = expected;
            both.retain(|id| with_spring.contains(id));
            assert_eq!(site.find(&format!("春 {query}"), true), both, "{query}");
        }
    }
}

#[test]
fn a_million_characters_without_a_break() {
    let text: String = "长江大桥通车".chars().cycle().take(1_000_002).collect();
    let mut site = Site::build(vec![
        document("long", "", &format!("{text}终点站{}", "x".repeat(100_000))),
        document("short", "", "终点站到了"),
    ]);
    assert_eq!(site.find("车长江", false), ["long"]);
    assert_eq!(site.find("车终点站", false), ["long"]);
    assert_eq!(site.find("终点", false), ["long", "short"]);
    assert_eq!(site.find("大", false), ["long"]);
    assert!(site.find("站大桥", false).is_empty());
}

/// Clauses with a comma behind most of them, some texts far longer than others: the positions of
/// commas alone are more than a round trip is worth, so they are asked last.
fn clauses(random: &mut Random) -> String {
    let characters: Vec<char> = ('\u{4E00}'..'\u{4E50}').collect();
    let mut text = String::new();
    for _ in 0..5 + random.below(20) * random.below(20) {
        for _ in 0..3 + random.below(6) {
            // Some characters are far more common than others.
            let rank = random.below(characters.len()) * random.below(characters.len());
            text.push(characters[rank / characters.len()]);
        }
        text.push(['，', '，', '，', '，', '、', '。'][random.below(6)]);
    }
    text
}

#[test]
fn commas_are_told_from_other_symbols() {
    let mut random = Random::new(3);
    let documents = (0..3000).map(|at| document(format!("d{at}"), "", &clauses(&mut random)));
    let mut site = Site::build_in_files(documents.collect());
    let scanner = site.scanner();
    let rows: Vec<String> = (0..150)
        .map(|_| {
            let document = &site.documents[random.below(site.documents.len())];
            let units = units(&document.body);
            let length = 3 + random.below(9);
            let start = random.below(units.len() - length);
            units[start..start + length].concat()
        })
        .collect();
    for row in rows.iter().filter(|row| row.contains([',', '、', '。'])) {
        let expected = site.ids(&scanner.find(&[row]));
        assert!(!expected.is_empty(), "{row} comes from a text");
        assert_eq!(site.find(row, false), expected, "{row}");
    }
}

#[test]
fn phrases_of_common_words_find_what_the_scanner_finds() {
    let documents = corpora::sentences();
    let mut plain = Site::build_in_files(documents.clone());
    let mut mixed = Site::build_mixed_in_files(documents);
    let scanner = plain.scanner();
    let mut random = Random::new(11);
    for number in 0..400 {
        let document = &mixed.documents[random.below(mixed.documents.len())];
        let mut row = units(&document.body);
        row.drain(..random.below(row.len() - 6));
        row.truncate(2 + random.below(5));
        if number % 4 == 0 {
            random.shuffle(&mut row);
        }
        let query = quoted(&row);
        let found = mixed.search(&query, false);
        // Scores, too.
        assert_eq!(found, plain.search(&query, false), "{query}");
        let expected = scanner.find(&[&row.join(" ")]);
        assert_eq!(mixed.find(&query, false), mixed.ids(&expected), "{query}");

        // An apostrophe separates words like a space, but not terms.
        let mut typed = row.join("'");
        typed.truncate(typed.len() - random.below(2));
        let expected = scanner.find_prefix(&typed);
        assert_eq!(mixed.find(&typed, true), mixed.ids(&expected), "{typed}");
    }
}

#[test]
fn an_archive_without_a_word_finds_nothing() {
    let mut site = Site::build(vec![
        document("blank", "", ""),
        document("air", " ", "\u{200B}\n"),
    ]);
    for query in ["三", "三江", "word", "!", ""] {
        assert!(site.find(query, false).is_empty(), "{query:?}");
        assert!(site.find(query, true).is_empty(), "{query:?}");
    }
}

#[test]
fn title_and_body_are_two_texts() {
    let mut site = Site::build(vec![document("a", "新桥 one", "two 通车")]);
    for query in ["新桥", "“新桥 one”", "“two 通车”", "桥 通"] {
        assert_eq!(site.find(query, false), ["a"], "{query}");
    }
    assert!(site.find("“one two”", false).is_empty());
}

/// Pieces of text that meet in newspapers, and some that nobody expects.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => "[一二三中国中国长江大桥]{1,4}",
        3 => "[ab]{1,3}|[0-9]{1,2}|Wi-Fi|5G",
        2 => "[，。：；！（）、“”《》·'\"]",
        2 => "[ \n\u{3000}]{1,2}",
        1 => "[臺灣學體囯⻓⼀ＡＢ１２①㈱…]",
        1 => "[かがカｶﾞ\u{3099}한글ㅎㅏㄴ\u{1112}\u{1161}\u{11AB}]",
        1 => "[éÉe\u{301}\u{323}ß\u{AD}\u{200B}\u{FE0F}]",
        1 => "\\PC{1,3}",
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Up to how many units the lists of pairs are without positions: none, some, all; and whether there are mixed
/// pairs.
fn pairs() -> impl Strategy<Value = (u64, bool)> {
    (
        prop::sample::select(vec![0, 12, 30, 90, u64::MAX]),
        any::<bool>(),
    )
}

fn documents() -> impl Strategy<Value = Vec<(String, String)>> {
    prop::collection::vec((text(), text()), 1..8)
}

/// A row of units from the documents, or not from there.
fn row_of(texts: &[(String, String)], pick: (usize, usize, usize)) -> Vec<String> {
    let (title, body) = &texts[pick.0 % texts.len()];
    let units = units(if pick.1.is_multiple_of(4) {
        title
    } else {
        body
    });
    let start = pick.1 % (units.len() + 1);
    units.into_iter().skip(start).take(pick.2 % 6 + 1).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn queries_find_what_the_scanner_finds(
        texts in documents(),
        picks in prop::collection::vec(prop::collection::vec(any::<(usize, usize, usize)>(), 1..4), 24),
        strangers in prop::collection::vec(text(), 6),
        pairs in pairs(),
    ) {
        let documents = texts.iter().enumerate();
        let documents = documents.map(|(at, (title, body))| document(format!("d{at}"), title, body));
        let mut site = Site::build_with_pairs(pairs, documents.collect());
        let scanner = site.scanner();
        for pick in picks {
            let rows: Vec<_> = pick.into_iter().map(|pick| row_of(&texts, pick)).collect();
            let terms: Vec<String> = rows.iter().map(|row| row.join(" ")).collect();
            let terms: Vec<&str> = terms.iter().map(String::as_str).collect();
            let query: Vec<String> = rows.iter().map(|row| quoted(row)).collect();
            let query = query.join(" ");
            prop_assert_eq!(site.find(&query, false), site.ids(&scanner.find(&terms)), "{:?}", query);
        }
        for stranger in strangers {
            // Between marks that the text cannot close, whatever it holds is one term.
            let stranger: String = stranger.chars().filter(|c| !"\"“”„‟〝〞〟＂".contains(*c)).collect();
            let query = format!("“{stranger}”");
            prop_assert_eq!(site.find(&query, false), site.ids(&scanner.find(&[&stranger])), "{:?}", query);
        }
    }

    #[test]
    fn a_word_that_is_being_typed_finds_all_that_begin_so(
        texts in documents(),
        before in "[中国ab,']{0,2}",
        prefix in "[abewi05\u{301}]{1,2}",
        pairs in pairs(),
    ) {
        let documents = texts.iter().enumerate();
        let documents = documents.map(|(at, (title, body))| document(format!("d{at}"), title, body));
        let mut site = Site::build_with_pairs(pairs, documents.collect());
        let query = format!("{before}{prefix}");
        let expected = site.ids(&site.scanner().find_prefix(&query));
        prop_assert_eq!(site.find(&query, true), expected, "{:?}", query);
    }

    #[test]
    fn texts_say_what_positions_say(
        texts in prop::collection::vec((text(), text()), 1..30),
        picks in prop::collection::vec(prop::collection::vec(any::<(usize, usize, usize)>(), 1..3), 12),
        pairs in pairs(),
    ) {
        let documents = texts.iter().enumerate();
        let documents: Vec<_> = documents.map(|(at, (title, body))| document(format!("d{at}"), title, body)).collect();
        let mut with = Site::build_with_pairs((0, false), documents.clone());
        let mut without = Site::build_with_pairs(pairs, documents);
        for pick in picks {
            let rows: Vec<_> = pick.into_iter().map(|pick| quoted(&row_of(&texts, pick))).collect();
            let query = rows.join(" ");
            // Order and scores too, so frequencies are the same.
            prop_assert_eq!(with.search(&query, false), without.search(&query, false), "{:?}", query);
        }
    }

    #[test]
    fn any_string_is_a_query(query in "\\PC{0,20}", texts in documents()) {
        let documents = texts.iter().enumerate();
        let documents = documents.map(|(at, (title, body))| document(format!("d{at}"), title, body));
        let mut site = Site::build(documents.collect());
        site.find(&query, true);
    }

    #[test]
    fn what_is_marked_is_what_was_found(texts in documents(), pick: (usize, usize, usize)) {
        let documents = texts.iter().enumerate();
        let documents = documents.map(|(at, (title, body))| document(format!("d{at}"), title, body));
        let mut site = Site::build(documents.collect());
        let row = row_of(&texts, pick);
        for result in site.search(&quoted(&row), false).results {
            let hits = result.excerpt.iter().filter(|piece| piece.hit);
            let text: Vec<String> = hits.map(|hit| hit.text.clone()).collect();
            prop_assert!(!text.is_empty(), "no hit shown for {row:?} in {}", result.id);
            prop_assert!(units(&text[0]).len() >= row.len().min(1));
            let whole: String = result.excerpt.iter().map(|piece| piece.text.as_str()).collect();
            let own = site.documents.iter().find(|own| own.id == result.id).expect("it exists");
            prop_assert!(own.body.contains(&whole) || own.title.contains(&whole));
        }
    }
}
