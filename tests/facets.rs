//! Filters, dates and counts against somebody who looks at every document.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use acceptance::press::Press;
use acceptance::random::Random;
use acceptance::scanner::Scanner;
use backfile::archive::{
    Archive, DateRange, FacetCount, Filter, Response, SearchOptions, ValueCount,
};
use backfile::document::{Document, field};
use backfile::index::Articles;
use backfile_core::record::Value;

const FIELDS: [&str; 4] = ["date", "page", "place", "reporter"];
const WORDS: [&str; 8] = ["大桥", "春耕", "戏台", "a", "b", "，", "通车", "河"];
const DATES: [&str; 9] = [
    "",
    "2022",
    "2022-11",
    "2022-11-03",
    "2022-11-04",
    "2023-01-01",
    "2023-12",
    "2024",
    "2024-02-29",
];
const PLACES: [&str; 6] = ["区", "区 ▸ 镇", "区 ▸ 镇 ▸ 村", "区 ▸ 乡", "县", "县 ▸ 镇"];

fn pick<'p>(random: &mut Random, from: &[&'p str]) -> &'p str {
    from[random.below(from.len())]
}

fn document(random: &mut Random, number: usize) -> Document {
    let body: Vec<&str> = (0..random.below(6)).map(|_| pick(random, &WORDS)).collect();
    let date = pick(random, &DATES);
    let text = |text: &str| Value::Text(text.to_owned());
    let mut metadata = vec![("other".to_owned(), text("no facet"))];
    if random.below(3) > 0 {
        metadata.push(("page".into(), Value::Integer(1 + random.below(4) as i64)));
    }
    let places = (0..random.below(3)).map(|_| text(pick(random, &PLACES)));
    metadata.push(("place".into(), Value::List(places.collect())));
    if random.below(2) > 0 {
        // A few write most of it.
        let few = 1 + random.below(60);
        let name = random.below(few);
        metadata.push(("reporter".into(), text(&format!(" 记者{name}\n"))));
    }
    Document {
        id: format!("d{number:05}"),
        title: pick(random, &WORDS).to_owned(),
        date: (!date.is_empty()).then(|| date.to_owned()),
        metadata,
        body: body.concat(),
        ..Document::default()
    }
}

/// What a document has of a field, with all levels.
fn values(document: &Document, field: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if let Some(date) = document.date.as_deref().filter(|_| field == "date") {
        found.extend(
            [4, 7]
                .iter()
                .filter_map(|&end| Some(date.get(..end)?.to_owned())),
        );
    }
    let own = document.metadata.iter().filter(|(name, _)| name == field);
    for (_, value) in own {
        let all = match value {
            Value::List(values) => values.clone(),
            other => vec![other.clone()],
        };
        for value in all {
            let text = match value {
                Value::Text(text) => text.trim().to_owned(),
                Value::Integer(number) => number.to_string(),
                other => panic!("{other:?}"),
            };
            let levels: Vec<&str> = text.split(field::LEVEL).collect();
            found.extend((1..=levels.len()).map(|end| levels[..end].join(field::LEVEL)));
        }
    }
    found
}

fn passes(document: &Document, filter: &Filter) -> bool {
    if filter.field == "date" {
        let date = document.date.as_deref().unwrap_or("none");
        return filter.values.iter().any(|value| date.starts_with(value));
    }
    let own = values(document, &filter.field);
    filter.values.iter().any(|value| own.contains(value.trim()))
}

fn is_within(document: &Document, dates: &DateRange) -> bool {
    if *dates == DateRange::default() {
        return true;
    }
    document.date.as_ref().is_some_and(|date| {
        let from = dates.from.as_ref().is_none_or(|from| date >= from);
        let to = dates.to.as_ref();
        from && to.is_none_or(|to| date <= to || date.starts_with(to.as_str()))
    })
}

struct Expected {
    ids: Vec<String>,
    facets: Vec<FacetCount>,
}

struct Oracle<'d> {
    documents: &'d [Document],
    scanner: Scanner,
}

impl<'d> Oracle<'d> {
    fn new(documents: &'d [Document]) -> Self {
        let mut scanner = Scanner::default();
        for document in documents {
            scanner.add(&document.title, &document.body);
        }
        Self { documents, scanner }
    }

    fn matches(&self, query: &str, options: &SearchOptions) -> Vec<&'d Document> {
        let terms: Vec<&str> = query.split_whitespace().collect();
        let found: Vec<&Document> = if terms.is_empty() {
            self.documents.iter().collect()
        } else {
            let found = self.scanner.find(&terms).into_iter();
            found.map(|number| &self.documents[number]).collect()
        };
        let within = found
            .into_iter()
            .filter(|document| is_within(document, &options.dates));
        within.collect()
    }

    fn answer(&self, query: &str, options: &SearchOptions) -> Expected {
        let is_narrowed = !options.filters.is_empty() || options.dates != DateRange::default();
        let matches = if query.trim().is_empty() && !is_narrowed {
            Vec::new()
        } else {
            self.matches(query, options)
        };
        let found = |but: Option<&str>| -> Vec<&Document> {
            let filters = options.filters.iter();
            let filters: Vec<_> = filters
                .filter(|filter| Some(&*filter.field) != but)
                .collect();
            let passes_all =
                |document: &&&Document| filters.iter().all(|filter| passes(document, filter));
            matches.iter().filter(passes_all).copied().collect()
        };
        let mut all = found(None);
        all.sort_by_key(|document| (Reverse(document.date.clone()), document.id.clone()));
        let facets = options.facets.iter().map(|field| {
            let mut counts: BTreeMap<String, u64> = BTreeMap::new();
            for document in found(Some(field)) {
                for value in values(document, field) {
                    *counts.entry(value).or_default() += 1;
                }
            }
            let mut values: Vec<_> = counts
                .into_iter()
                .map(|(value, count)| ValueCount { value, count })
                .collect();
            values.sort_by_key(|value| (Reverse(value.count), value.value.clone()));
            values.truncate(options.facet_limit);
            FacetCount {
                field: field.clone(),
                values,
            }
        });
        Expected {
            facets: facets.collect(),
            ids: all.iter().map(|document| document.id.clone()).collect(),
        }
    }
}

fn date(random: &mut Random) -> Option<String> {
    let dates = [
        "2021",
        "2022",
        "2022-11",
        "2022-11-03",
        "2023",
        "2023-06",
        "2024-02",
        "2024-02-29",
        "2025",
    ];
    (random.below(3) > 0).then(|| pick(random, &dates).to_owned())
}

fn options(random: &mut Random) -> SearchOptions {
    let mut filters = Vec::new();
    for name in FIELDS {
        let values: Vec<String> = (0..random.below(3))
            .map(|_| match name {
                "date" => {
                    pick(random, &["2022", "2022-11", "2022-11-03", "2023", "2099"]).to_owned()
                }
                "page" => (1 + random.below(5)).to_string(),
                "place" => pick(random, &PLACES).to_owned(),
                _ => format!("记者{}", random.below(8)),
            })
            .collect();
        if !values.is_empty() && random.below(2) > 0 {
            filters.push(Filter {
                field: name.to_owned(),
                values,
            });
        }
    }
    let dates = if random.below(3) > 0 {
        DateRange::default()
    } else {
        DateRange {
            from: date(random),
            to: date(random),
        }
    };
    let facets = FIELDS.iter().filter(|_| random.below(2) > 0);
    SearchOptions {
        limit: usize::MAX,
        filters,
        dates,
        facets: facets.map(|&name| name.to_owned()).collect(),
        facet_limit: [3, 50][random.below(2)],
        ..SearchOptions::default()
    }
}

fn check(archive: &mut Archive, oracle: &Oracle<'_>, random: &mut Random) -> Response {
    let queries = ["", "", "大桥", "春耕 戏台", "a", "大桥通车", "河，", "没有"];
    let query = pick(random, &queries);
    let options = options(random);
    let when = format!("{query:?} {options:?}");
    let response = archive.search(query, options.clone()).expect("it answers");
    let expected = oracle.answer(query, &options);
    assert_eq!(response.facets, expected.facets, "{when}");
    assert_eq!(response.total, expected.ids.len() as u64, "{when}");
    let mut ids: Vec<_> = response
        .results
        .iter()
        .map(|result| result.id.clone())
        .collect();
    if query.is_empty() {
        assert!(response.results.iter().all(|result| result.score == 0.0));
        assert_eq!(ids, expected.ids, "{when}");
    } else {
        check_scores(archive, query, &response, &when);
        let mut expected = expected.ids;
        ids.sort();
        expected.sort();
        assert_eq!(ids, expected, "{when}");
    }
    response
}

/// Filters take results away and change nothing else.
fn check_scores(archive: &mut Archive, query: &str, response: &Response, when: &str) {
    let all = SearchOptions {
        limit: usize::MAX,
        ..SearchOptions::default()
    };
    let all = archive.search(query, all).expect("it answers").results;
    let mut rest = all.iter();
    for result in &response.results {
        assert!(rest.any(|other| other == result), "{when}: {}", result.id);
    }
}

fn settings(press: &mut Press) {
    press.settings.facets = FIELDS.map(String::from).to_vec();
}

#[test]
fn filters_dates_and_counts_are_those_of_all_documents() {
    let (mut found, mut counted, mut several, mut deleted) = (0, 0, 0, 0);
    for seed in 0..12 {
        let mut random = Random::new(seed);
        let mut press = Press::new([0, 0, 60_000][random.below(3)]);
        press.settings.residency.one_file = [0, 1 << 20][random.below(2)];
        settings(&mut press);
        press.options.merge_factor = 0;
        let mut documents: Vec<Document> = Vec::new();
        for _ in 0..1 + random.below(4) {
            for _ in 0..1 + random.below(400) {
                documents.push(document(&mut random, documents.len()));
            }
            let edition = press.build(documents.clone());
            several += u64::from(edition.index.segments > 1);
        }
        // Some change, and where their segment is large they stay there, deleted.
        for number in (0..documents.len()).step_by(20) {
            documents[number] = document(&mut random, number);
        }
        deleted += press.build(documents.clone()).index.deleted;
        assert_eq!(press.problems(), [""; 0]);
        let oracle = Oracle::new(&documents);
        let mut archive = Archive::open(&press.archive()).expect("it opens");
        for _ in 0..120 {
            let response = check(&mut archive, &oracle, &mut random);
            found += response.total;
            counted += response
                .facets
                .iter()
                .map(|facet| facet.values.len())
                .sum::<usize>();
        }
    }
    assert!(
        found > 10_000 && counted > 3_000 && several > 5 && deleted > 20,
        "{found} {counted} {several} {deleted}"
    );
}

/// Enough documents for lists that lie apart, in chunks.
#[test]
fn long_lists_are_counted_too() {
    let mut random = Random::new(99);
    let documents: Vec<_> = (0..24_000)
        .map(|number| document(&mut random, number))
        .collect();
    let mut press = Press::new(0);
    settings(&mut press);
    press.build(documents.clone());
    assert_eq!(press.problems(), [""; 0]);
    let oracle = Oracle::new(&documents);
    let mut archive = Archive::open(&press.archive()).expect("it opens");
    let description = archive
        .inspect(Some("page=1"))
        .expect("a facet can be looked at");
    assert!(description.contains("apart"), "{description}");
    for _ in 0..15 {
        check(&mut archive, &oracle, &mut random);
    }
}

#[test]
fn without_words_or_filters_nothing_is_found_and_nothing_counted() {
    let mut random = Random::new(5);
    let documents: Vec<_> = (0..50)
        .map(|number| document(&mut random, number))
        .collect();
    let mut press = Press::new(1 << 20);
    settings(&mut press);
    press.build(documents);
    let mut archive = Archive::open(&press.archive()).expect("it opens");
    let options = SearchOptions {
        facets: vec!["page".into()],
        ..SearchOptions::default()
    };
    let response = archive.search(" ", options).expect("it answers");
    assert_eq!(response.total, 0);
    let expected = FacetCount {
        field: "page".into(),
        values: Vec::new(),
    };
    assert_eq!(response.facets, [expected]);
    let plain = archive
        .search("大桥", SearchOptions::default())
        .expect("it answers");
    assert!(plain.total > 0 && plain.facets.is_empty());
}

/// Facet keys lie in the dictionary beside those of text, and no query of text meets them.
#[test]
fn values_are_no_text() {
    let with = |metadata: Vec<(String, Value)>| Document {
        id: "1".into(),
        date: Some("2024-01-12".into()),
        metadata,
        body: "雨".into(),
        ..Document::default()
    };
    let page = ("page".to_owned(), Value::Text("云溪".into()));
    let press = Press::new(1 << 20);
    press.build(vec![with(vec![page])]);
    let mut archive = Archive::open(&press.archive()).expect("it opens");
    for query in [
        "云溪",
        "云",
        "2024",
        "page",
        "p",
        "date",
        "\u{3}page\u{3}云溪",
        "1",
    ] {
        let options = SearchOptions {
            prefix: true,
            ..SearchOptions::default()
        };
        assert_eq!(
            archive.search(query, options).expect("it answers").total,
            0,
            "{query:?}"
        );
    }
}

#[test]
fn other_facets_need_a_new_index_and_other_addresses_do_not() {
    let mut random = Random::new(7);
    let documents: Vec<_> = (0..300)
        .map(|number| document(&mut random, number))
        .collect();
    let mut press = Press::new(0);
    settings(&mut press);
    press.build(documents.clone());
    press.settings.articles = Articles::Files;
    press.settings.facets.reverse();
    assert_eq!(press.build(documents.clone()).changes.indexed, 0);
    let mut archive = Archive::open(&press.archive()).expect("it opens");
    let response = archive
        .search("大桥", SearchOptions::default())
        .expect("it answers");
    for result in &response.results {
        assert_eq!(result.url, format!("articles/{}.html", result.id));
    }
    assert_eq!(archive.info().facets, ["reporter", "place", "page"]);
    press.settings.facets.remove(0);
    let edition = press.build(documents.clone());
    assert_eq!(edition.changes.indexed, documents.len() as u64);
    assert!(
        edition
            .changes
            .everything_because
            .is_some_and(|why| why.contains("facets"))
    );
}
