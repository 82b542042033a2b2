//! The order of results and the first page before the number of all matches, against somebody who
//! looks at every document of an archive that is too large to rank all of it.

use std::collections::BTreeSet;

use acceptance::press::Press;
use acceptance::random::Random;
use acceptance::scanner::Scanner;
use backfile::archive::{Archive, DateRange, Filter, Order, Response, SearchOptions};
use backfile::document::Document;
use backfile_core::record::Value;

/// Archives above 65,536 documents do not rank by length, and not at all what costs too much.
const LARGE: usize = 66_000;
/// So many are printed wrong at first.
const MISPRINTS: usize = 1500;

/// The first stand in most documents, the last in few.
const WORDS: [&str; 16] = [
    "年月",
    "大桥",
    "今天",
    "上午",
    "通车",
    "，",
    "春耕",
    "现场",
    "代表",
    "2024",
    "戏台",
    "百姓",
    "river",
    "柳湾村",
    "白鹭",
    "鸬鹚",
];

/// One of so many words that their beginning has a list of its own.
fn word_with_q(random: &mut Random) -> String {
    let letter = |_| char::from(b'a' + random.below(26) as u8);
    ["q".to_owned(), (0..3).map(letter).collect()].concat()
}

fn document(random: &mut Random, number: usize) -> Document {
    let word = |random: &mut Random| {
        let rare = random.below(WORDS.len()) * random.below(WORDS.len()) / WORDS.len();
        WORDS[rare * random.below(WORDS.len()) / WORDS.len()]
    };
    let mut words: Vec<&str> = (0..4 + random.below(12)).map(|_| word(random)).collect();
    let before = ["river'", "，", " ", " ", "鸬鹚"][random.below(5)];
    let with_q = word_with_q(random);
    words.extend([before, &with_q]);
    Document {
        id: format!("d{number:06}"),
        title: word(random).to_owned(),
        date: Some(format!("{}-{:02}", 1990 + number / 2000, 1 + number % 12)),
        metadata: vec![("section".into(), Value::Text(random.below(2).to_string()))],
        body: words.concat(),
        ..Document::default()
    }
}

struct Large {
    press: Press,
    scanner: Scanner,
    /// In the order of the archive.
    documents: Vec<Document>,
}

impl Large {
    /// The same documents at once, or in several builds, of which each makes a segment. Then the first has some in
    /// another form, which the last corrects.
    fn new(builds: usize) -> Self {
        let mut random = Random::new(20_261_121);
        let mut documents: Vec<Document> = (0..LARGE)
            .map(|number| document(&mut random, number))
            .collect();
        let mut press = Press::new(0);
        press.options.add = true;
        let mut others = documents.clone();
        random.shuffle(&mut others);
        let corrected = others[..MISPRINTS].to_vec();
        if builds > 1 {
            for misprint in &mut others[..MISPRINTS] {
                misprint.body = document(&mut random, 0).body;
            }
        }
        for part in others.chunks(LARGE.div_ceil(builds)) {
            press.build(part.to_vec());
        }
        if builds > 1 {
            let deleted = press.build(corrected).index.deleted;
            assert!(deleted > 1000, "{deleted}");
        }
        documents.sort_by(|a, b| a.order().cmp(&b.order()));
        let mut scanner = Scanner::default();
        for document in &documents {
            scanner.add(&document.title, &document.body);
        }
        Self {
            press,
            scanner,
            documents,
        }
    }

    fn open(&self) -> Archive {
        Archive::open(&self.press.archive()).expect("it opens")
    }

    /// The ids of what matches, in the order of the archive.
    fn expected(&self, query: &str) -> Vec<&str> {
        let terms: Vec<&str> = query.split(' ').collect();
        let numbers = self.scanner.find(&terms).into_iter();
        numbers.map(|at| self.documents[at].id.as_str()).collect()
    }
}

const QUERIES: [&str; 18] = [
    "年月",
    "大桥",
    "年",
    "大",
    "月大桥",
    "年月大桥今天",
    "大桥 今天",
    "年月 大桥 上午",
    "年月，",
    "，年月",
    "2024",
    "年月2024",
    "river 年月",
    "鸬鹚",
    "白鹭 年月",
    "柳湾村大桥",
    "不在",
    "通车年月上午大桥",
];

fn ask(archive: &mut Archive, query: &str, options: SearchOptions) -> Response {
    archive.search(query, options).expect("it answers")
}

fn ids(response: &Response) -> Vec<&str> {
    let results = response.results.iter();
    results.map(|result| result.id.as_str()).collect()
}

#[test]
fn pages_come_in_order_and_counts_are_those_of_the_scanner() {
    let large = Large::new(1);
    let mut orders = BTreeSet::new();
    let mut early = 0;
    for query in QUERIES {
        let expected = large.expected(query);
        for order in [Order::Relevance, Order::Newest, Order::Oldest] {
            let options = |offset, first_page| SearchOptions {
                order,
                offset,
                first_page,
                ..SearchOptions::default()
            };
            let mut archive = large.open();
            let first = ask(&mut archive, query, options(0, true));
            let second = ask(&mut archive, query, options(10, true));
            let whole = ask(&mut archive, query, options(0, false));
            let rest = ask(&mut archive, query, options(10, false));
            assert_eq!(whole.total, expected.len() as u64, "{query}");
            assert!(whole.exact, "{query}");
            assert_eq!(
                (ids(&first), first.order),
                (ids(&whole), whole.order),
                "{query}"
            );
            assert_eq!(ids(&second), ids(&rest), "{query}");
            assert!(first.total >= first.results.len() as u64, "{query}");
            if first.exact {
                assert_eq!(first.total, whole.total, "{query}");
            } else {
                assert!(first.total <= whole.total, "{query}");
                early += 1;
            }
            let page: Vec<&str> = match whole.order {
                Order::Newest => expected.iter().rev().take(10).copied().collect(),
                Order::Oldest => expected.iter().take(10).copied().collect(),
                Order::Relevance => ids(&whole),
            };
            assert_eq!(ids(&whole), page, "{query} {order:?}");
            orders.insert(format!("{order:?} {:?}", whole.order));
        }
    }
    let seen: Vec<&str> = orders.iter().map(String::as_str).collect();
    let all = [
        "Newest Newest",
        "Oldest Oldest",
        "Relevance Newest",
        "Relevance Relevance",
    ];
    assert_eq!(seen, all, "rare and common words are among the queries");
    assert!(early > 10, "{early} pages came before the count");
}

/// Words that are typed right behind something else, of which very many begin so.
const TYPED: [&str; 5] = ["river'q", "，q", "鸬鹚q", "river'qa", "上午q"];

#[test]
fn a_first_page_of_a_word_that_is_typed_behind_another_is_the_same() {
    let (large, cut) = (Large::new(1), Large::new(4));
    let mut in_parts = cut.open();
    let mut early = 0;
    for query in TYPED {
        let expected = large.scanner.find_prefix(query);
        for order in [Order::Relevance, Order::Newest, Order::Oldest] {
            let options = |first_page| SearchOptions {
                order,
                first_page,
                prefix: true,
                ..SearchOptions::default()
            };
            let first = ask(&mut large.open(), query, options(true));
            let whole = ask(&mut large.open(), query, options(false));
            assert_eq!(whole.total, expected.len() as u64, "{query}");
            assert_eq!(first.results, whole.results, "{query}");
            assert!(first.total <= whole.total && (!first.exact || first.total == whole.total));
            early += usize::from(!first.exact);
            for first_page in [true, false] {
                let parts = ask(&mut in_parts, query, options(first_page));
                assert_eq!(parts.results, whole.results, "{query}");
                assert_eq!(parts.order, whole.order, "{query}");
            }
        }
    }
    assert!(early > 5, "{early} pages came before the count");
}

#[test]
fn segments_give_the_same_order() {
    let (one, many) = (Large::new(1), Large::new(5));
    let (mut one, mut many) = (one.open(), many.open());
    for query in QUERIES {
        for (first_page, order) in [
            (false, Order::Relevance),
            (true, Order::Relevance),
            (true, Order::Oldest),
        ] {
            let options = SearchOptions {
                order,
                first_page,
                limit: 25,
                ..SearchOptions::default()
            };
            let whole = ask(&mut one, query, options.clone());
            let parts = ask(&mut many, query, options);
            assert_eq!(parts.order, whole.order, "{query}");
            assert_eq!(parts.results, whole.results, "{query}");
            if !first_page {
                assert_eq!(parts.total, whole.total, "{query}");
            }
        }
    }
}

#[test]
fn a_first_page_within_dates_is_the_same() {
    let large = Large::new(2);
    let mut archive = large.open();
    for query in QUERIES {
        let options = |first_page| SearchOptions {
            first_page,
            dates: DateRange {
                from: Some("1995".into()),
                to: Some("2003-04".into()),
            },
            ..SearchOptions::default()
        };
        let (first, whole) = (
            ask(&mut archive, query, options(true)),
            ask(&mut archive, query, options(false)),
        );
        assert_eq!(first.results, whole.results, "{query}");
        assert!(first.total <= whole.total && (!first.exact || first.total == whole.total));
    }
}

/// The list of such a filter does not come with its leaf.
#[test]
fn a_filter_alone_has_a_first_page_in_every_order() {
    let large = Large::new(2);
    let mut archive = large.open();
    for order in [Order::Relevance, Order::Newest, Order::Oldest] {
        for limit in [10, 40_000] {
            let options = |first_page| SearchOptions {
                order,
                first_page,
                limit,
                filters: vec![Filter {
                    field: "section".into(),
                    values: vec!["1".into()],
                }],
                ..SearchOptions::default()
            };
            let first = ask(&mut archive, "", options(true));
            let whole = ask(&mut archive, "", options(false));
            assert_eq!(ids(&first), ids(&whole), "{order:?}");
            assert!(whole.exact && first.total <= whole.total, "{order:?}");
        }
    }
}
