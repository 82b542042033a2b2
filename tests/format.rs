//! The specification `crates/core/FORMAT.md` against the bytes.
//!
//! `BACKFILE_WRITE_FORMAT=1 cargo test -p acceptance --test format` writes the annotated dump in
//! the specification anew, and the fixture of the current version if there is none.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use acceptance::corpora;
use acceptance::second_reader::{
    self, BareLists, Contents, Leaf, Lists, Page, Row, Segment, SegmentContents,
};
use acceptance::site::{
    BuiltIndex, build_index, build_index_in_files, build_index_in_one_file,
    build_index_with_mixed_pairs_from, build_index_with_packs, document,
};
use backfile::archive::{Archive, SearchOptions};
use backfile::document::Document;
use backfile::index::FACETS;
use backfile::unicode::fold_table;
use backfile_core::format::section::{OLDEST_VERSION, VERSION};
use backfile_core::record::Value;
use backfile_core::text::{Class, FoldTableBuilder, fold};

const WRITE: &str = "BACKFILE_WRITE_FORMAT";
const BEGIN: &str = "<!-- The dump begins. It is written by tests/format.rs. -->\n";
const END: &str = "<!-- The dump ends. -->\n";
/// Bytes in a line of the dump.
const WIDTH: usize = 12;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn specification() -> PathBuf {
    repository().join("crates/core/FORMAT.md")
}

fn fixtures() -> PathBuf {
    repository().join("tests/fixtures")
}

// --- the dump -----------------------------------------------------------------------------------

/// The documents of the dump, as the specification says above it.
fn dumped_documents() -> Vec<Document> {
    let first = Document {
        id: "1".into(),
        title: "云溪".into(),
        date: Some("2024-06-01".into()),
        body: "雨停，K歌".into(),
        ..Document::default()
    };
    let second = Document {
        id: "2".into(),
        url: "2.html".into(),
        date: Some("2024-06-02".into()),
        metadata: vec![("page".into(), Value::Integer(3))],
        body: "“云溪”\n下雨".into(),
        ..Document::default()
    };
    vec![first, second]
}

fn by_name(index: BuiltIndex) -> BTreeMap<String, Vec<u8>> {
    let mut files: BTreeMap<_, _> = index.files.into_iter().collect();
    files.insert("manifest.bf".into(), index.manifest);
    files
}

fn read_all(files: &BTreeMap<String, Vec<u8>>) -> Contents {
    second_reader::read(|name| files[name].clone())
}

/// The part of the specification that is generated, and where it lies.
fn dump_in(text: &str) -> std::ops::Range<usize> {
    let begin = text.find(BEGIN).expect("the specification has a dump") + BEGIN.len();
    let end = text.find(END).expect("the dump has an end");
    begin..end
}

fn write_dump(pages: &[Page]) -> String {
    let mut text = String::new();
    for page in pages {
        let _ = write!(text, "\n### `{}`\n\n```text\n", page.name);
        for row in &page.rows {
            write_row(&mut text, row);
        }
        text.push_str("```\n");
    }
    text.push('\n');
    text
}

fn write_row(text: &mut String, row: &Row) {
    for (line, bytes) in row.bytes.chunks(WIDTH).enumerate() {
        let hex: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let (at, hex) = (row.at + line * WIDTH, hex.join(" "));
        let note = if line == 0 { &row.note } else { "" };
        let line = format!("{at:04x}  {hex:width$}  {note}", width = WIDTH * 3 - 1);
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

/// The bytes that a dump shows: only the offsets and the columns of hexadecimal digits count.
fn parse_dump(text: &str) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for page in text.split("### `").skip(1) {
        let (name, rest) = page.split_once("`\n").expect("a name");
        let (_, rest) = rest.split_once("```text\n").expect("a fence");
        let (rows, _) = rest.split_once("```").expect("the fence is closed");
        let mut bytes = Vec::new();
        for row in rows.lines() {
            let at = usize::from_str_radix(&row[..4], 16).expect("an offset");
            assert_eq!(at, bytes.len(), "{name}: offset of {row:?}");
            // All that stands before the note is ASCII.
            let end = row.len().min(6 + WIDTH * 3 - 1);
            let hex = row[6..end].split_whitespace();
            bytes.extend(hex.map(|byte| u8::from_str_radix(byte, 16).expect("a byte")));
        }
        files.insert(name.to_owned(), bytes);
    }
    files
}

#[test]
fn the_dump_shows_the_bytes_that_are_built() {
    let files = by_name(build_index(dumped_documents()));
    let contents = read_all(&files);
    let expected = write_dump(&contents.pages);
    let path = specification();
    let mut text = std::fs::read_to_string(&path).expect("the specification");
    if std::env::var_os(WRITE).is_some() {
        text.replace_range(dump_in(&text), &expected);
        std::fs::write(&path, &text).expect("the specification can be written");
    }
    let shown = &text[dump_in(&text)];
    let mut dumped = parse_dump(shown);
    dumped.retain(|name, _| !name.starts_with("document "));
    let hint = format!("{WRITE}=1 cargo test -p acceptance --test format writes it anew");
    assert!(
        dumped == files,
        "FORMAT.md shows other bytes than are built: {hint}"
    );
    assert!(shown == expected, "FORMAT.md has other notes: {hint}");
}

// --- the specification is enough to read an archive ---------------------------------------------

/// Every key of these documents with all its places, by the rules of the specification. If there are mixed pairs, these
/// words take the part of symbols in them.
fn lists_of(documents: &[Document], mixed: Option<&[String]>) -> Lists {
    let mut lists = Lists::new();
    for (number, document) in (0..).zip(documents) {
        let title = units(&document.title);
        let body = units(&document.body);
        add(&mut lists, number, 0, &title, mixed);
        add(&mut lists, number, title.len() as u32 + 1, &body, mixed);
    }
    lists
}

/// What part a unit plays in keys.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Solo,
    Word,
    Symbol,
}

/// Folded text and its part.
fn units(text: &str) -> Vec<(String, Kind)> {
    let folded = fold(fold_table(), text);
    let kind = |class| match class {
        Class::Solo => Kind::Solo,
        Class::Word => Kind::Word,
        _ => Kind::Symbol,
    };
    let units = folded.units().iter();
    units
        .map(|unit| (folded.text(unit).to_owned(), kind(unit.class)))
        .collect()
}

fn add(
    lists: &mut Lists,
    document: u32,
    first: u32,
    units: &[(String, Kind)],
    mixed: Option<&[String]>,
) {
    let mut note = |key: String, position: u32| {
        let list = lists.entry(key).or_default();
        match list.last_mut() {
            Some((last, positions)) if *last == document => positions.push(position),
            _ => list.push((document, vec![position])),
        }
    };
    for (at, (text, kind)) in units.iter().enumerate() {
        let position = first + at as u32;
        let next = units.get(at + 1).map(|(next, kind)| (next.as_str(), *kind));
        if *kind != Kind::Solo {
            note(text.clone(), position);
        }
        match (*kind, next) {
            (Kind::Solo, Some((next, Kind::Solo))) => note(format!("{text}{next}"), position),
            (Kind::Solo, Some((_, Kind::Word))) => note(format!("{text}\u{1}"), position),
            (Kind::Solo, _) => note(format!("{text}\u{2}"), position),
            (Kind::Word, Some((next, Kind::Solo))) => note(format!("\u{1}{next}"), position),
            _ => {}
        }
        if let (Some(common), Some((next, next_kind))) = (mixed, next) {
            let is_word = |kind| kind == Kind::Word;
            let takes_words =
                |text: &str, kind| !is_word(kind) || common.iter().any(|it| it == text);
            if is_word(next_kind) && takes_words(text, *kind) {
                note(format!("\u{6}{text}\u{6}{next}"), position);
            } else if is_word(*kind) && takes_words(next, next_kind) {
                note(format!("\u{7}{next}\u{7}{text}"), position);
            }
        }
    }
}

/// The only segment of an archive that was built at once.
fn only(contents: &Contents) -> &SegmentContents {
    let [segment] = &contents.segments[..] else {
        panic!("{} segments", contents.segments.len());
    };
    segment
}

fn check_contents(contents: &Contents, documents: &[Document]) {
    let segment = only(contents);
    let stored = documents.iter().map(|document| {
        let Document {
            id, title, body, ..
        } = document;
        (id.clone(), title.clone(), body.clone())
    });
    assert!(segment.documents.iter().cloned().eq(stored));
    let described = &contents.manifest.segments[0];
    let mixed = described.mixed_pairs.then_some(&described.common_words[..]);
    let lists = lists_of(documents, mixed);
    let (bare, mut with_positions) = (bare_lists(&lists, documents), lists.clone());
    with_positions.retain(|key, _| !bare.contains_key(key));
    assert!(
        segment.lists == with_positions && segment.bare == bare,
        "the postings are not those of the documents"
    );
    for (key, counts) in &segment.counts {
        let beginning = key.trim_end_matches('\u{5}');
        assert!(*counts == counts_of(&lists, beginning), "{key}");
    }
    check_counts(segment, &lists);
    assert!(
        segment.facets == facets_of(documents),
        "the facets are not those of the documents"
    );
    check_leaves(&segment.leaves);
    let all = documents.len() as u64;
    assert_eq!(contents.manifest.order, [(0, all)]);
    let whole: BTreeMap<char, String> = fold_table()
        .mappings()
        .map(|(from, to)| (from, to.into_iter().collect()))
        .collect();
    for (from, to) in contents.mappings.iter().chain(&contents.variants) {
        assert_eq!(whole.get(from), Some(to), "{from}");
    }
    let texts = documents.iter().flat_map(|own| [&own.title, &own.body]);
    let originals: BTreeSet<char> = texts.clone().flat_map(|text| text.chars()).collect();
    let folded = texts.map(|text| fold(fold_table(), text).all_text().to_owned());
    let folded: BTreeSet<char> = folded
        .flat_map(|text| text.chars().collect::<Vec<_>>())
        .collect();
    for (from, to) in &whole {
        let is_needed = to.chars().all(|c| folded.contains(&c));
        let is_there = contents.mappings.contains_key(from) || contents.variants.contains_key(from);
        assert!(is_there || !is_needed, "{from}");
    }
    for from in contents.variants.keys() {
        assert!(!originals.contains(from), "{from}");
    }
}

/// Every facet key of these documents, by the rules of the specification.
fn facets_of(documents: &[Document]) -> BTreeMap<String, Vec<u32>> {
    let mut facets: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for (number, document) in (0..).zip(documents) {
        let mut keys = BTreeSet::new();
        if let Some(date) = &document.date {
            keys.insert(format!("\u{3}\u{3}{date}"));
            let parts = [4, 7].iter().filter_map(|&end| date.get(..end));
            keys.extend(parts.map(|part| format!("\u{3}date\u{3}{part}")));
        }
        for (name, value) in &document.metadata {
            if FACETS.contains(&name.as_str()) {
                keys.extend(
                    values_of(value)
                        .iter()
                        .map(|value| format!("\u{3}{name}\u{3}{value}")),
                );
            }
        }
        for key in keys {
            facets.entry(key).or_default().push(number);
        }
    }
    facets
}

/// The values of a facet, with the levels above them.
fn values_of(value: &Value) -> Vec<String> {
    match value {
        Value::Text(text) => {
            let levels = text
                .match_indices(" ▸ ")
                .map(|(end, _)| text[..end].to_owned());
            levels.chain([text.clone()]).collect()
        }
        Value::Integer(number) => vec![number.to_string()],
        Value::List(values) => values.iter().flat_map(values_of).collect(),
        other => panic!("no document here has {other:?}"),
    }
}

/// The lists of pairs whose documents have fewer than 28,000 units together.
fn bare_lists(lists: &Lists, documents: &[Document]) -> BareLists {
    let length = |document: &Document| units(&document.title).len() + units(&document.body).len();
    let lengths: Vec<usize> = documents.iter().map(length).collect();
    let is_pair = |key: &str| {
        let first = key.chars().next();
        first.is_some_and(|c| c == '\u{1}' || fold_table().class(c) == Class::Solo)
    };
    let is_symbol = |key: &str| {
        let first = key.chars().next();
        first.is_some_and(|c| !c.is_control() && fold_table().class(c) == Class::Symbol)
    };
    let symbols = lists.iter().filter(|(key, _)| is_symbol(key));
    let behind: BTreeSet<(u32, u32)> = symbols
        .flat_map(|(_, list)| places(list))
        .map(|(document, position)| (document, position + 1))
        .collect();
    let mut bare = BareLists::new();
    for (key, list) in lists.iter().filter(|(key, _)| is_pair(key)) {
        let own = list.iter();
        let all: usize = own
            .map(|(document, _)| lengths[*document as usize].max(256))
            .sum();
        if all < 28_000 {
            let counts = list.iter();
            let counts = counts.map(|(document, positions)| (*document, positions.len() as u32));
            let known = places(list).filter(|place| behind.contains(place));
            bare.insert(key.clone(), (counts.collect(), known.collect()));
        }
    }
    bare
}

/// Documents and positions, in a row.
fn places(list: &[(u32, Vec<u32>)]) -> impl Iterator<Item = (u32, u32)> {
    let places = |(document, positions): &'_ (u32, Vec<u32>)| {
        let document = *document;
        let positions = positions.clone().into_iter();
        positions.map(move |position| (document, position))
    };
    list.iter().flat_map(places)
}

/// The lists of the keys that begin so and do not go on with a mark.
fn begun<'l>(
    lists: &'l Lists,
    beginning: &'l str,
) -> impl Iterator<Item = &'l Vec<(u32, Vec<u32>)>> {
    let own = lists.range(beginning.to_owned()..);
    let own = own.take_while(move |(key, _)| key.starts_with(beginning));
    let is_marked = move |key: &str| {
        let next = key[beginning.len()..].chars().next();
        next.is_some_and(|c| matches!(fold_table().class(c), Class::Mark(_)))
    };
    own.filter(move |(key, _)| !is_marked(key))
        .map(|(_, list)| list)
}

/// The documents that a character or a beginning of words stands in, and how often.
fn counts_of(lists: &Lists, beginning: &str) -> Vec<(u32, u32)> {
    let mut counts = BTreeMap::new();
    for (document, positions) in begun(lists, beginning).flatten() {
        *counts.entry(*document).or_default() += positions.len() as u32;
    }
    counts.into_iter().collect()
}

/// Each character without a list of its own says how many documents have it, where the lists of its keys
/// have more between them. Each beginning of words with a list says how many they have between them.
fn check_counts(segment: &SegmentContents, lists: &Lists) {
    let sum = |beginning: &str| begun(lists, beginning).map(Vec::len).sum::<usize>();
    let mut expected = BTreeMap::new();
    let solo = |key: &String| {
        let first = key.chars().next();
        first.filter(|&c| fold_table().class(c) == Class::Solo)
    };
    let characters: BTreeSet<char> = lists.keys().filter_map(solo).collect();
    for character in characters.into_iter().map(String::from) {
        let documents = counts_of(lists, &character).len();
        if documents < sum(&character) && !segment.counts.contains_key(&character) {
            expected.insert(character, documents as u32);
        }
    }
    for beginning in beginnings(segment) {
        expected.insert(beginning.to_owned(), sum(beginning) as u32);
    }
    assert_eq!(segment.documents_of, expected);
}

/// Those that have a list.
fn beginnings(segment: &SegmentContents) -> Vec<&str> {
    let keys = segment.counts.keys();
    keys.filter_map(|key| key.strip_suffix('\u{5}')).collect()
}

/// A leaf's keys are not below its bound, and those of the leaf before are.
fn check_leaves(leaves: &[Leaf]) {
    let mut last = "";
    for leaf in leaves {
        assert!(leaf.keys.is_sorted());
        assert!(leaf.bound.is_empty() && last.is_empty() || last < leaf.bound.as_str());
        assert!(leaf.bound <= leaf.keys[0]);
        last = &leaf.keys[leaf.keys.len() - 1];
    }
}

#[test]
fn a_reader_written_from_the_specification_reads_the_dump() {
    let documents = dumped_documents();
    let contents = read_all(&by_name(build_index(documents.clone())));
    check_contents(&contents, &documents);
}

#[test]
fn a_reader_written_from_the_specification_reads_every_form() {
    let documents = corpora::fixture();
    let contents = read_all(&by_name(build_index_in_files(documents.clone())));
    check_contents(&contents, &documents);
    let forms: Vec<_> = only(&contents).forms.keys().copied().collect();
    assert_eq!(
        forms,
        [
            "apart",
            "apart, without positions",
            "bare",
            "count",
            "here",
            "positions apart",
            "short",
        ]
    );
    assert!(only(&contents).leaves.len() > 2);
    let resident = |segment: &Segment| -> Vec<bool> {
        segment
            .streams
            .iter()
            .map(|stream| stream.resident)
            .collect()
    };
    let [segment] = &contents.manifest.segments[..] else {
        panic!("one segment");
    };
    let expected = [true, false, false, false, false, false, false];
    assert_eq!(resident(segment), expected, "only the branches");
}

#[test]
fn a_reader_written_from_the_specification_reads_beginnings_of_words() {
    let documents = corpora::words();
    let contents = read_all(&by_name(build_index_in_files(documents.clone())));
    check_contents(&contents, &documents);
    assert_eq!(beginnings(only(&contents)), ["q", "qa", "qe"]);
}

#[test]
fn a_reader_written_from_the_specification_reads_mixed_pairs() {
    let documents = corpora::fixture();
    let contents = read_all(&by_name(build_index_with_mixed_pairs_from(
        0,
        documents.clone(),
    )));
    check_contents(&contents, &documents);
    let lists = &only(&contents).lists;
    for mark in ['\u{6}', '\u{7}'] {
        assert!(lists.keys().any(|key| key.starts_with(mark)));
    }
}

/// A word is common that more than one of 256 units is.
#[test]
fn a_reader_written_from_the_specification_reads_pairs_of_common_words() {
    // 137 units, so a word that stands in 11 of 20 documents is common, and one that stands in 10 is not.
    let body = |number: usize| {
        let rest: Vec<String> = (0..130).map(|at| format!("w{number}x{at}")).collect();
        let in_eleven = if number < 11 { "eleven" } else { "nine" };
        let in_ten = if number < 10 { "ten" } else { "others" };
        format!("The {in_eleven} is the {in_ten}-of {}", rest.join(" "))
    };
    let document = |number| document(format!("d{number:02}"), "The title of it", &body(number));
    let documents: Vec<Document> = (0..20).map(document).collect();
    let index = build_index_with_mixed_pairs_from(0, documents.clone());
    let contents = read_all(&by_name(index));
    check_contents(&contents, &documents);
    let common = &contents.manifest.segments[0].common_words;
    assert_eq!(common, &["eleven", "is", "of", "the"]);
    let lists = &only(&contents).lists;
    for key in [
        "\u{6}the\u{6}nine",
        "\u{6}the\u{6}eleven",
        "\u{6}is\u{6}the",
        "\u{7}is\u{7}nine",
        "\u{7}of\u{7}title",
        "\u{7}-\u{7}ten",
    ] {
        assert!(lists.contains_key(key), "{key}");
    }
    assert!(!lists.keys().any(|key| key.contains("ten\u{6}")));
}

/// A segment has mixed pairs from so much text on, where letters and digits count five times.
#[test]
fn mixed_pairs_come_with_much_text() {
    let documents = corpora::fixture();
    let texts = documents.iter().flat_map(|own| [&own.title, &own.body]);
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || (0xC3..=0xDF).contains(&byte);
    let weight = |byte| if is_letter(byte) { 5 } else { 1 };
    let all: u64 = texts.flat_map(|text| text.bytes()).map(weight).sum();
    for (from, has_mixed) in [(all, true), (all + 1, false)] {
        let index = build_index_with_mixed_pairs_from(from, documents.clone());
        let manifest = read_all(&by_name(index)).manifest;
        assert_eq!(manifest.segments[0].mixed_pairs, has_mixed);
    }
}

/// The size of files, the bytes in the one file, and how many of them are between extents.
fn read_one_file(index: BuiltIndex, documents: &[Document]) -> (u64, usize, usize) {
    let files = by_name(index);
    let names: Vec<&String> = files.keys().collect();
    assert!(names[0].ends_with("/a0000.bf") && names[1..] == ["manifest.bf"]);
    let contents = read_all(&files);
    check_contents(&contents, documents);
    let [segment] = &contents.manifest.segments[..] else {
        panic!("one segment");
    };
    assert!(segment.one_file && segment.streams[0].resident);
    let pages = contents.pages.iter();
    let file = pages.filter(|page| page.name.ends_with("/a0000.bf"));
    let rows = file.flat_map(|page| &page.rows);
    let gaps = rows.filter(|row| row.note == second_reader::GAP);
    (
        segment.streams[1].file_bytes,
        files[names[0]].len(),
        gaps.map(|row| row.bytes.len()).sum(),
    )
}

/// All streams behind one another. Where they turn out smaller than was expected, files would have
/// been small, and there are more zeros where they would have ended.
#[test]
fn a_reader_written_from_the_specification_reads_one_file() {
    let documents = corpora::fixture();
    let (file_bytes, bytes, gaps) = read_one_file(build_index(documents.clone()), &documents);
    assert_eq!(file_bytes, 64 << 10);
    println!("{gaps} of {bytes} bytes");
    let in_files = build_index_in_files(documents.clone()).files;
    let most = in_files
        .iter()
        .map(|(_, bytes)| bytes.len() as u64 * 21 / 20)
        .sum();
    let index = build_index_in_one_file(most, documents.clone());
    let (file_bytes, bytes, gaps) = read_one_file(index, &documents);
    println!("{gaps} of {bytes} bytes");
    assert_eq!(file_bytes, 8 << 10);
    assert!(gaps > 0);
}

/// Files in any case, and each stream in one piece as well.
#[test]
fn a_reader_written_from_the_specification_reads_packs() {
    let documents = corpora::read(&fixtures().join("documents.jsonl"));
    let files = by_name(build_index_with_packs(documents.clone()));
    let packs = files.keys().filter(|name| name.ends_with(".pack"));
    assert_eq!(packs.count(), 6, "all but the branches");
    check_contents(&read_all(&files), &documents);
}

/// Enough leaves for nodes of every kind in the dictionary, and more than one block of lengths.
#[test]
fn a_reader_written_from_the_specification_reads_a_large_dictionary() {
    let han = |number: u32| char::from_u32(0x4E00 + number % 20_000).expect("a Han character");
    let documents: Vec<_> = (0..9000_u32)
        .map(|number| Document {
            id: format!("{number:05}"),
            body: (0..20)
                .map(|at| han(number.wrapping_mul(7919) ^ (at * 104_729)))
                .chain(format!(" word{number}").chars())
                .collect(),
            ..Document::default()
        })
        .collect();
    let contents = read_all(&by_name(build_index(documents.clone())));
    check_contents(&contents, &documents);
    let segment = only(&contents);
    assert!(segment.leaves.len() > 100, "{}", segment.leaves.len());
    assert!(segment.branches > 1, "{}", segment.branches);
}

/// The table of fixed classes in the specification, and what the code says of every character.
#[test]
fn the_fixed_classes_are_as_specified() {
    let text = std::fs::read_to_string(specification()).expect("the specification");
    let (_, table) = text.split_once("| fixed class |").expect("the table");
    let mut specified = BTreeMap::new();
    for line in table.lines().skip(2).take(3) {
        let [_, class, ranges, _] = line.split('|').map(str::trim).collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        for range in ranges.split_whitespace() {
            let (first, last) = range.split_once('–').unwrap_or((range, range));
            let number = |digits| u32::from_str_radix(digits, 16).expect("a code point");
            specified.extend((number(first)..=number(last)).map(|code| (code, class)));
        }
    }
    let table = FoldTableBuilder::default().build();
    for c in '\0'..=char::MAX {
        let class = match table.class(c) {
            Class::Space => Some("space"),
            Class::Soft => Some("soft"),
            Class::Ignored => Some("ignored"),
            _ => None,
        };
        assert_eq!(class, specified.get(&(c as u32)).copied(), "{c:?}");
    }
}

// --- old archives -------------------------------------------------------------------------------

/// A folder of a version's fixtures, and how the builder of that version made it.
type Fixture = (&'static str, fn() -> BuiltIndex);

const FIXTURES: [Fixture; 2] = [
    ("files", || build_index_in_files(corpora::fixture())),
    ("one-file", || build_index(corpora::fixture())),
];

#[test]
fn every_version_that_is_read_has_a_fixture_that_answers() {
    let write = std::env::var_os(WRITE).is_some();
    for version in OLDEST_VERSION..=VERSION {
        for (name, build) in FIXTURES {
            let folder = fixtures().join(format!("index-v{version}")).join(name);
            if write && version == VERSION && !folder.exists() {
                acceptance::site::write(&build(), &folder);
            }
            assert!(
                folder.join("manifest.bf").is_file(),
                "{}: missing, see tests/fixtures/README.md",
                folder.display()
            );
            check_fixture(&folder, version);
        }
    }
}

fn check_fixture(folder: &Path, version: u8) {
    let manifest = std::fs::read(folder.join("manifest.bf")).expect("the manifest");
    assert_eq!(manifest[4], version, "the fixture is of its version");
    let mut archive = Archive::open(folder).expect("an old archive opens");
    assert_eq!(archive.verify(), []);
    let mut find = |query: &str| {
        let options = SearchOptions {
            limit: 5000,
            ..SearchOptions::default()
        };
        let response = archive
            .search(query, options)
            .expect("an old archive answers");
        let mut ids: Vec<_> = response.results.into_iter().map(|r| r.id).collect();
        assert_eq!(response.total, ids.len() as u64);
        ids.sort();
        ids
    };
    // A row of characters, across a line break, in another script, in a title, with numbers.
    assert_eq!(find("苇渡大桥"), ["2019/bridge", "2024/bulletin"]);
    assert_eq!(find("桥址定在"), ["2019/bridge"]);
    assert_eq!(find("摆渡人"), ["2019/ferry"]);
    assert_eq!(find("二十个来回"), ["2019/ferry"]);
    assert_eq!(find("只有标题"), ["empty body"]);
    assert_eq!(find("38.62米"), ["2020/flood"]);
    assert_eq!(find("naive"), [""; 0]);
    assert_eq!(find("NAÏVE \"wi fi\""), [""; 0]);
    assert_eq!(find("NAÏVE Wi-Fi"), ["2024/bulletin"]);
    assert_eq!(find("河"), {
        let mut rivers = vec!["2019/bridge", "2019/ferry", "2020/flood"];
        rivers.extend(["leaf/0", "leaf/1", "leaf/2"]);
        rivers
    });
    assert_eq!(find("没有 没有的"), [""; 0]);
    // Lists of each form: against the documents themselves, which these need no folding for.
    let documents = corpora::fixture();
    for query in [
        "甲甲",
        "甲乙甲",
        "丙丁",
        "丁丁丙",
        "甲甲甲甲甲甲乙乙",
        "乙$",
        "戊",
        "戊己",
        "戊戊己戊己己戊",
        "己庚",
    ] {
        let with = documents
            .iter()
            .filter(|d| d.title.contains(query) || d.body.contains(query));
        let mut ids: Vec<_> = with.map(|document| document.id.clone()).collect();
        ids.sort();
        assert_eq!(find(query), ids, "{query}");
    }
}
