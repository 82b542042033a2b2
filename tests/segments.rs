//! An archive that has grown, changed and shrunk answers like one that was built at once.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;

use acceptance::command::Workshop;
use acceptance::corpora;
use acceptance::press::{Edition, Press};
use acceptance::random::Random;
use acceptance::second_reader::{self, Contents};
use backfile::archive::{Archive, Response};
use backfile::document::Document;
use backfile::index::Residency;
use backfile::update::Options;
use serde_json::json;

/// What the inputs hold, by id.
type Inputs = BTreeMap<String, Document>;
/// What is in the site, by name.
type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Characters and words that meet often, some that fold, and some that are rare.
const PIECES: [&str; 24] = [
    "长", "江", "大", "桥", "通", "车", "中", "国", "國", "橋", "の", "，", "。", " ", "\n", "《",
    "》", "ab", "abc", " Wi-Fi ", "2024", "①", "é", "한",
];

fn text(random: &mut Random, most: usize) -> String {
    let pieces = 0..random.below(most);
    let piece = |_| PIECES[random.below(PIECES.len()).min(random.below(PIECES.len()))];
    pieces.map(piece).collect()
}

fn document(random: &mut Random, id: &str) -> Document {
    let dates = ["", "2023", "2024-01", "2024-01-12", "2024-01-13"];
    let date = dates[random.below(dates.len())];
    Document {
        id: id.to_owned(),
        url: format!("{id}.html"),
        title: text(random, 8),
        date: (!date.is_empty()).then(|| date.to_owned()),
        body: text(random, 160),
        ..Document::default()
    }
}

/// Adds, changes and removes some.
fn change(random: &mut Random, inputs: &mut Inputs) {
    for _ in 0..random.below(25) {
        let id = format!("d{}", random.below(600));
        let new = document(random, &id);
        inputs.entry(id).or_insert(new);
    }
    let ids: Vec<String> = inputs.keys().cloned().collect();
    if ids.len() < 4 {
        return;
    }
    // Often nothing is changed or removed, so that segments stay.
    for _ in 0..random.below(4).saturating_sub(2) {
        let id = &ids[random.below(ids.len())];
        inputs.insert(id.clone(), document(random, id));
    }
    for _ in 0..random.below(4).saturating_sub(2) {
        inputs.remove(&ids[random.below(ids.len())]);
    }
}

fn all(inputs: &Inputs) -> Vec<Document> {
    inputs.values().cloned().collect()
}

/// Single characters, rows from the texts, several terms, unfinished words, and strangers.
fn queries(random: &mut Random, inputs: &Inputs) -> Vec<String> {
    let texts: Vec<Vec<char>> = inputs
        .values()
        .map(|own| own.body.chars().collect())
        .collect();
    let mut row = |longest: usize| -> String {
        let text = &texts[random.below(texts.len())];
        let start = random.below(text.len() + 1);
        let length = 1 + random.below(longest);
        text.iter().skip(start).take(length).collect()
    };
    let mut queries: Vec<String> = PIECES.map(str::to_owned).to_vec();
    queries.extend((0..20).map(|_| format!("“{}”", row(12))));
    queries.extend((0..20).map(|_| format!("{} {}", row(3), row(2))));
    queries.extend(["a", "w 2", "长江 a", "月", "“大桥通车” 中国 20"].map(String::from));
    queries.extend(["，a", "国2", "ab，", "2024，大", "fi，w"].map(String::from));
    queries
}

/// All that a reader written from the specification finds.
fn contents(press: &Press) -> Contents {
    let archive = press.archive();
    second_reader::read(|name| std::fs::read(archive.join(name)).expect("a file of the archive"))
}

fn assert_same(found: &[Response], expected: &[Response], when: &str) {
    for (found, expected) in found.iter().zip(expected) {
        let (query, total) = (&found.query, (found.total, expected.total));
        assert_eq!(total.0, total.1, "{when}: {query:?}");
        for (a, b) in found.results.iter().zip(&expected.results) {
            assert_eq!(
                (&a.id, a.score.to_bits()),
                (&b.id, b.score.to_bits()),
                "{when}: {query:?}"
            );
            assert_eq!(a, b, "{when}: {query:?}");
        }
    }
    assert_eq!(found, expected, "{when}");
}

/// Builds on what is there, and holds it against a full build.
fn build_and_compare(press: &Press, random: &mut Random, inputs: &Inputs, when: &str) -> Edition {
    let edition = press.build(all(inputs));
    let fresh = Press::new(0);
    fresh.build(all(inputs));
    let when = format!("{when}, {edition:?}");
    assert_eq!(edition.index.documents, inputs.len() as u64, "{when}");
    assert_eq!(press.problems(), Vec::<String>::new(), "{when}");
    let queries = queries(random, inputs);
    assert_same(&press.answers(&queries), &fresh.answers(&queries), &when);
    edition
}

#[test]
fn after_any_history_the_answers_are_those_of_a_full_build() {
    let (mut most, mut kept, mut both) = (0, 0, 0);
    for seed in 0..10 {
        let mut random = Random::new(seed);
        // Some archives begin in the manifest and outgrow it.
        let mut press = Press::new([0, 0, 20_000][random.below(3)]);
        // Some have segments of many files, some of one, some of either kind.
        press.settings.residency.one_file = [0, 30_000, 1 << 20][random.below(3)];
        // In some, segments have mixed pairs: all of them, the larger ones, or those of the next builds.
        let mixed_from = [0, 5_000, 12_000, u64::MAX];
        press.settings.mixed_from = mixed_from[random.below(4)];
        let mut inputs = Inputs::new();
        inputs.insert("first".into(), document(&mut random, "first"));
        for step in 0..10 {
            change(&mut random, &mut inputs);
            press.options.merge_factor = [0, 2, 3, 8][random.below(4)];
            if random.below(4) == 0 {
                press.settings.mixed_from = mixed_from[random.below(4)];
            }
            let when = format!("seed {seed}, step {step}");
            let edition = build_and_compare(&press, &mut random, &inputs, &when);
            most = most.max(edition.index.segments);
            kept += u64::from(edition.changes.indexed < edition.index.documents);
            let segments = contents(&press).manifest.segments;
            let with = segments
                .iter()
                .filter(|segment| segment.mixed_pairs)
                .count();
            both += u64::from((1..segments.len()).contains(&with));
        }
    }
    println!("{most} segments at most, {kept} times some stayed, {both} times of both kinds");
    assert!(
        most > 3 && kept > 20 && both > 5,
        "{most} segments at most, {kept} times some stayed, {both} times of both kinds"
    );
}

#[test]
fn after_corrections_the_answers_are_those_of_a_full_build() {
    let (mut most, mut dissolved) = (0, 0);
    for seed in 20..26 {
        let mut random = Random::new(seed);
        let mut press = Press::new(0);
        press.settings.mixed_from = [0, u64::MAX][random.below(2)];
        let mut inputs = Inputs::new();
        for number in 0..120 {
            let id = format!("d{number}");
            inputs.insert(id.clone(), document(&mut random, &id));
        }
        let (mut earlier, mut before) = (Inputs::new(), 0);
        for step in 0..12 {
            correct(&mut random, &mut inputs, &mut earlier);
            press.options.merge_factor = [0, 8][random.below(2)];
            let when = format!("seed {seed}, step {step}");
            let edition = build_and_compare(&press, &mut random, &inputs, &when);
            let deleted = edition.index.deleted;
            let manifest = contents(&press).manifest;
            assert_eq!(deleted == 0, manifest.deleted.is_empty(), "{when}");
            most = most.max(deleted);
            dissolved += u64::from(deleted < before);
            before = deleted;
        }
    }
    println!("{most} deleted at most, {dissolved} times fewer than before");
    assert!(most > 10 && dissolved > 3, "{most}, {dissolved}");
}

/// Then one segment has all documents, and another says what to subtract.
#[test]
fn after_removals_alone_the_answers_are_those_of_a_full_build() {
    for (seed, mixed_from) in [(40, 0), (41, u64::MAX)] {
        let mut random = Random::new(seed);
        let mut press = Press::new(0);
        press.options.merge_factor = 0;
        press.settings.mixed_from = mixed_from;
        let mut inputs = Inputs::new();
        for number in 0..150 {
            let id = format!("d{number}");
            inputs.insert(id.clone(), document(&mut random, &id));
        }
        build_and_compare(&press, &mut random, &inputs, "all of them");
        inputs.retain(|_, _| random.below(12) > 0);
        let edition = build_and_compare(&press, &mut random, &inputs, "some removed");
        assert!(
            edition.index.deleted > 0 && edition.index.segments == 1,
            "{edition:?}"
        );
    }
}

/// A beginning of words has one list in a large segment and none in small ones, and both weigh the same.
#[test]
fn a_word_that_is_being_typed_is_ranked_as_in_a_full_build() {
    let mut random = Random::new(31);
    let mut press = Press::new(0);
    press.options.merge_factor = 0;
    let all = corpora::words();
    let mut inputs: Inputs = all
        .iter()
        .map(|own| (own.id.clone(), own.clone()))
        .collect();
    let removed: Vec<String> = inputs.keys().step_by(9).cloned().collect();
    let later: Vec<Document> = removed.iter().filter_map(|id| inputs.remove(id)).collect();
    let queries = ["q", "qa", "qe", "qab", "春q", "q z", "z q"].map(str::to_owned);
    for step in 0..3 {
        let edition = press.build(self::all(&inputs));
        let fresh = Press::new(0);
        fresh.build(self::all(&inputs));
        let when = format!("step {step}, {edition:?}");
        assert_eq!(press.problems(), Vec::<String>::new(), "{when}");
        assert_same(&press.answers(&queries), &fresh.answers(&queries), &when);
        assert_eq!(edition.index.segments, [1, 2, 2][step], "{when}");
        assert_eq!(edition.index.deleted > 0, step == 2, "{when}");
        match step {
            0 => inputs.extend(later.iter().map(|own| (own.id.clone(), own.clone()))),
            _ => inputs.retain(|_, _| random.below(40) > 0),
        }
    }
}

/// Removes some, changes some, and brings back as it was what has been removed or changed `earlier`.
fn correct(random: &mut Random, inputs: &mut Inputs, earlier: &mut Inputs) {
    let mut id = || format!("d{}", random.below(130));
    let (removed, changed) = (id(), [id(), id()]);
    earlier.extend(inputs.remove_entry(&removed));
    for id in changed {
        let other = document(random, &id);
        let before = inputs.insert(id.clone(), other);
        earlier.extend(before.map(|before| (id, before)));
    }
    if let Some((id, document)) = earlier.pop_first().filter(|_| random.below(2) == 0) {
        inputs.insert(id, document);
    }
}

#[test]
fn what_is_not_in_the_inputs_stays_if_that_is_asked_for() {
    let mut random = Random::new(5);
    let mut press = Press::new(0);
    press.options = Options {
        add: true,
        merge_factor: 3,
        ..Options::default()
    };
    let mut whole = Inputs::new();
    for step in 0..8 {
        let mut issue: Inputs = (0..20)
            .map(|number| format!("d{step}-{number}"))
            .map(|id| (id.clone(), document(&mut random, &id)))
            .collect();
        // A correction of an old page.
        issue.insert("d0-3".into(), document(&mut random, "d0-3"));
        whole.extend(issue.clone());
        let edition = press.build(all(&issue));
        assert_eq!(edition.index.documents, whole.len() as u64);
        assert_eq!(edition.changes.removed, 0);
        assert_eq!(edition.changes.changed, u64::from(step > 0));
        let fresh = Press::new(0);
        fresh.build(all(&whole));
        let queries = queries(&mut random, &whole);
        assert_same(
            &press.answers(&queries),
            &fresh.answers(&queries),
            &format!("step {step}"),
        );
    }
}

#[test]
fn another_layout_or_a_broken_archive_is_built_anew() {
    for (one_file, files) in [(0, 10), (1 << 20, 1)] {
        is_built_anew(one_file, files);
    }
}

/// Of an archive that has so many files beside its manifest.
fn is_built_anew(one_file: u64, files: usize) {
    let mut random = Random::new(6);
    let documents: Vec<_> = (0..30)
        .map(|id| document(&mut random, &format!("d{id}")))
        .collect();
    let (first, rest) = documents.split_at(20);
    let mut press = Press::new(0);
    press.settings.residency.one_file = one_file;
    press.build(first.to_vec());
    press.settings.packs = true;
    press.options.add = true;
    let edition = press.build(rest.to_vec());
    assert_eq!((edition.changes.indexed, edition.index.segments), (30, 1));
    assert!(edition.changes.everything_because.is_some());
    press.options.add = false;
    // The build before it stays as well, until there has been another.
    press.settings.title = "again".into();
    press.build(documents.clone());
    let names: Vec<_> = press.files().into_keys().collect();
    let of_segment = names.iter().filter(|name| name.iter().count() == 3);
    assert_eq!(of_segment.count(), files, "{names:?}");
    // Every file that can be missing, shortened or full of something else.
    let site = press.archive().parent().expect("the site").to_owned();
    for (name, bytes) in press.files() {
        let path = site.join(&name);
        let name = name.to_string_lossy().into_owned();
        if !name.ends_with(".bf") && !name.ends_with(".pack") {
            continue;
        }
        let half = &bytes[..bytes.len() / 2];
        // A pack of nothing has no half.
        for damage in [None, Some(half), Some(&b"x"[..])] {
            // A folder without a manifest is nobody's.
            let is_manifest = name.ends_with("manifest.bf");
            if damage == Some(&bytes[..]) || damage.is_none() && is_manifest {
                continue;
            }
            match damage {
                None => std::fs::remove_file(&path).expect("it is there"),
                Some(bytes) => std::fs::write(&path, bytes).expect("it can be written"),
            }
            let edition = press.build(documents.clone());
            let said = edition.changes.everything_because.unwrap_or_default();
            assert!(!said.is_empty(), "{name}");
            assert!(!said.contains('\n'), "{said}");
            assert_eq!(edition.changes.indexed, 30, "{name}");
            assert_eq!(press.problems(), Vec::<String>::new(), "{name}");
        }
    }
}

#[test]
fn the_same_inputs_again_write_nothing_and_the_same_history_gives_the_same_bytes() {
    let history = || {
        let mut random = Random::new(9);
        let (press, mut inputs) = (Press::new(0), Inputs::new());
        inputs.insert("first".into(), document(&mut random, "first"));
        for _ in 0..6 {
            change(&mut random, &mut inputs);
            press.build(all(&inputs));
            let before = press.files();
            let again = press.build(all(&inputs));
            assert_eq!(
                (again.published.written_files, again.changes.indexed),
                (0, 0)
            );
            assert_eq!(press.files(), before);
        }
        press.files()
    };
    assert_eq!(history(), history());
}

#[test]
fn a_fresh_build_leaves_no_trace_of_what_was_there() {
    let mut random = Random::new(10);
    let (press, once) = (Press::new(0), Press::new(0));
    let mut inputs = Inputs::new();
    inputs.insert("first".into(), document(&mut random, "first"));
    for _ in 0..4 {
        change(&mut random, &mut inputs);
        press.build(all(&inputs));
    }
    press.build_fresh(all(&inputs));
    once.build(all(&inputs));
    let manifest =
        |press: &Press| std::fs::read(press.archive().join("manifest.bf")).expect("a file");
    assert!(manifest(&press) == manifest(&once));
}

/// A day's pages, made of the sentences of the sample archive in another order.
fn day(sentences: &[String], number: u32) -> Vec<Document> {
    let mut random = Random::new(number.into());
    let mut page = |page: u32| {
        let mut own: Vec<&str> = (0..90)
            .map(|_| sentences[random.below(sentences.len())].as_str())
            .collect();
        random.shuffle(&mut own);
        Document {
            id: format!("{number:04}/{page:02}"),
            title: own[0].to_owned(),
            date: Some(format!(
                "{}-{:02}-{:02}",
                2000 + number / 336,
                number / 28 % 12 + 1,
                number % 28 + 1
            )),
            body: own.concat(),
            ..Document::default()
        }
    };
    (1..=8).map(&mut page).collect()
}

/// The pages of so many days, and those of the day after.
fn days_and_an_issue(count: u32) -> (Vec<Document>, Vec<Document>) {
    let sample = corpora::sample();
    let text = sample
        .iter()
        .flat_map(|document| document.body.split_inclusive(['。', '，']));
    let sentences: Vec<String> = text.map(str::to_owned).collect();
    let days = (0..count).flat_map(|number| day(&sentences, number));
    (days.collect(), day(&sentences, count))
}

#[test]
fn a_character_weighs_the_same_in_two_segments_as_in_one() {
    let (days, issue) = days_and_an_issue(250);
    let text: Vec<char> = issue[0].body.chars().collect();
    let both: Vec<Document> = days.iter().chain(&issue).cloned().collect();
    let (grown, whole) = (Press::new(128 << 10), Press::new(128 << 10));
    grown.build(days);
    let edition = grown.build(both.clone());
    assert_eq!((edition.changes.indexed, edition.index.segments), (8, 2));
    whole.build(both);
    // Some have a list of their own in the large segment, and none has one in the small.
    let contents = contents(&grown);
    let common = |segment: usize| contents.segments[segment].counts.keys();
    assert!(common(0).count() > 3 && common(1).count() == 0);
    let mut queries = Vec::new();
    for (common, rare) in common(0).zip(text.iter().step_by(97)) {
        queries.push(format!("{common} {rare}"));
        queries.push(format!("“，{common}” {rare}"));
    }
    assert_same(&grown.answers(&queries), &whole.answers(&queries), "grown");
}

#[test]
fn an_issue_costs_less_than_a_hundredth() {
    let (days, issue) = days_and_an_issue(250);
    let mut press = Press::new(128 << 10);
    press.settings.residency = Residency::default();
    press.build(days.clone());
    let before = press.files();
    let both: Vec<Document> = days.iter().chain(&issue).cloned().collect();
    let edition = press.build(both);
    assert_eq!((edition.changes.new, edition.changes.indexed), (8, 8));
    let new = assert_costs_a_hundredth(&before, &press.files());
    let one_file = new.iter().filter(|name| name.ends_with("a0000.bf"));
    // Beside it the manifest and the list of what is published.
    assert_eq!((new.len(), one_file.count()), (3, 1), "{new:?}");
}

/// The names of the files that are new or have changed, which have less than a hundredth of all bytes.
fn assert_costs_a_hundredth(before: &Files, after: &Files) -> Vec<PathBuf> {
    let is_new = |(name, bytes): &(&PathBuf, &Vec<u8>)| before.get(*name) != Some(*bytes);
    let new = after.iter().filter(is_new);
    let changed: usize = new.clone().map(|(_, bytes)| bytes.len()).sum();
    let whole: usize = after.values().map(Vec::len).sum();
    println!("{changed} of {whole} bytes");
    assert!(changed * 100 < whole, "{changed} of {whole} bytes");
    new.map(|(name, _)| name.clone()).collect()
}

/// Two neighbours of a script without spaces.
fn first_pair(text: &str) -> String {
    let text: Vec<char> = text.chars().collect();
    let mut pairs = text.windows(2);
    let pair = pairs.find(|pair| pair.iter().all(|c| ('一'..='鿿').contains(c)));
    pair.expect("a pair").iter().collect()
}

/// Documents that `inspect` counts in live segments, and those of them that it says are deleted.
fn inspected(press: &Press, gram: &str) -> (u64, u64) {
    let archive = Archive::open(&press.archive()).expect("it opens");
    let said = archive.inspect(Some(gram)).expect("it can be described");
    let (live, deleted) = said.split_once("deleted").unwrap_or((&said, ""));
    let documents = |part: &str| -> u64 {
        let rows = part
            .lines()
            .filter_map(|line| line.strip_prefix("  documents"));
        rows.map(|row| row.trim().parse::<u64>().expect("a number"))
            .sum()
    };
    (documents(live), documents(deleted))
}

#[test]
fn a_correction_costs_what_it_corrects() {
    let (days, issue) = days_and_an_issue(250);
    let mut press = Press::new(128 << 10);
    press.settings.residency = Residency::default();
    press.build(days.clone());
    let before = press.files();
    let gram = first_pair(&days[700].body);
    // One page is corrected, one goes.
    let mut corrected = days;
    corrected[700].body.clone_from(&issue[0].body);
    corrected.remove(1200);
    let edition = press.build(corrected.clone());
    let changes = &edition.changes;
    assert_eq!(
        (changes.changed, changes.removed, changes.indexed),
        (1, 1, 1)
    );
    assert_eq!((edition.index.segments, edition.index.deleted), (2, 2));
    assert_costs_a_hundredth(&before, &press.files());
    assert_eq!(press.problems(), Vec::<String>::new());
    // The same again changes nothing, and what was there before comes back as it was found.
    assert_eq!(press.build(corrected.clone()).published.written_files, 0);
    let whole = Press::new(128 << 10);
    whole.build(corrected);
    let (kept, deleted) = inspected(&press, &gram);
    assert!(deleted > 0, "{gram} stood in the page that was corrected");
    assert_eq!((kept - deleted, 0), inspected(&whole, &gram), "{gram}");
    let text: Vec<char> = issue[0].body.chars().collect();
    let rows = text.chunks(7).step_by(40).map(|row| row.iter().collect());
    let mut queries: Vec<String> = rows.collect();
    queries.extend(text.iter().step_by(150).map(|c| format!("{c} 的")));
    assert_same(
        &press.answers(&queries),
        &whole.answers(&queries),
        "corrected",
    );
}

/// Their numbers are in the manifest, which everybody loads.
#[test]
fn no_more_than_2048_are_deleted() {
    for (changed, deleted) in [(2048, 2048), (2049, 0)] {
        let body = |number: usize| format!("第{number}条");
        let own = |number: usize| Document {
            id: format!("{number:05}"),
            body: body(number),
            ..Document::default()
        };
        let mut documents: Vec<Document> = (0..17_000).map(own).collect();
        let press = Press::new(0);
        press.build(documents.clone());
        let some = documents.iter_mut().take(changed);
        some.for_each(|document| document.body += "更正");
        let index = press.build(documents).index;
        assert_eq!((index.documents, index.deleted), (17_000, deleted));
    }
}

fn lines(ids: std::ops::Range<u32>) -> String {
    let body = "百姓戏台开锣。".repeat(30);
    let line = |id| format!("{{\"id\":{id},\"body\":\"{id} {body}\"}}\n");
    ids.map(line).collect()
}

#[test]
fn a_build_that_is_killed_while_it_adds_leaves_the_archive() {
    let workshop = Workshop::new();
    workshop
        .file("old.jsonl", lines(0..1500))
        .file("new.jsonl", lines(1500..4000));
    // The first run of the program compiles it.
    workshop.done("build old.jsonl --out site");
    let started = std::time::Instant::now();
    workshop.done("build old.jsonl new.jsonl --out measured");
    let whole = started.elapsed();
    let work = workshop.path("site/backfile/.building");
    let mut killed = 0;
    for moment in 0..10 {
        let mut build = workshop.command("build old.jsonl new.jsonl --out site");
        let mut child = build
            .stderr(Stdio::null())
            .spawn()
            .expect("the program runs");
        // Clocks say little on a busy machine, so the first ones are killed as soon as they begin.
        while !work.exists() && child.try_wait().expect("it can be asked").is_none() {
            std::thread::sleep(std::time::Duration::from_micros(200));
        }
        std::thread::sleep(whole.mul_f64((f64::from(moment) / 9.0).powi(3)));
        child.kill().expect("it can be killed");
        child.wait().expect("it has ended");
        killed += usize::from(work.exists());
        workshop.done("verify site");
        let total = workshop.json("search site 戏台")["total"].as_u64();
        assert!(
            matches!(total, Some(1500 | 4000)),
            "{total:?} at moment {moment}"
        );
        workshop.done("build old.jsonl --out site");
        assert_eq!(workshop.json("search site 戏台")["total"], 1500);
    }
    assert!(
        killed > 2,
        "only {killed} of 10 builds were still at work when they were killed"
    );
}

#[test]
fn the_program_says_what_was_new() {
    let workshop = Workshop::new();
    workshop
        .file("in/2024-01-12/01.txt", "新桥通车。")
        .file("in/2024-01-12/02.txt", "百姓戏台开锣。");
    let first = workshop.done("build in --out site");
    assert!(!first.err.contains("indexed"), "{}", first.err);
    workshop
        .file("in/2024-01-12/02.txt", "百姓戏台正式开锣。")
        .file("in/2024-01-16/01.txt", "渡船停了。");
    let second = workshop.done("build in --out site").err;
    assert!(
        second.contains("1 new, 1 changed, 1 unchanged\n"),
        "{second}"
    );
    let again = workshop.json("build in --out site");
    assert_eq!(again["published"]["written_files"], 0);
    assert_eq!(again["changes"]["unchanged"], 3);
    workshop.file("one/2024-01-19/01.txt", "渡口冷清。");
    let added = workshop.json("build one --out site --add");
    // They were read back, to be compared for reprints.
    assert_eq!(added["changes"]["unchanged"], 3);
    assert_eq!(workshop.json("search site 桥")["total"], 1);
    let fresh = workshop.json("build in --out site --fresh");
    assert_eq!(fresh["changes"]["everything_because"], json!(null));
    assert_eq!(workshop.json("search site 冷清")["total"], 0);
    workshop.file("site/backfile/manifest.bf", "broken");
    let said = workshop.done("build in --out site").err;
    assert!(said.contains("everything was indexed: "), "{said}");
    workshop.file("site/backfile/manifest.bf", "broken");
    workshop.fails("build one --out site --add");
}

#[test]
fn an_archive_has_the_codebooks_that_its_documents_use() {
    let mut press = Press::new(0);
    press.options.merge_factor = 8;
    let own = |id: &str, body: &str| Document {
        id: id.into(),
        body: body.into(),
        ..Document::default()
    };
    let english = own("1", "The bridge is open.");
    let chinese = own("2", "云溪县的大桥通车了。");
    let japanese = own("3", "これは新しい橋です。");
    for (documents, codebooks) in [
        (vec![&english], vec![]),
        (vec![&english, &chinese], vec![1]),
        (vec![&english, &chinese, &japanese], vec![1, 2]),
        (vec![&english, &japanese], vec![2]),
        (vec![&english], vec![]),
    ] {
        press.build(documents.iter().copied().cloned().collect());
        let contents = contents(&press);
        let numbers: Vec<u8> = contents.manifest.codebooks.into_keys().collect();
        assert_eq!(numbers, codebooks, "{documents:?}");
        let segments = contents.segments.into_iter();
        let mut bodies: Vec<_> = segments.flat_map(|own| own.documents).collect();
        bodies.sort();
        let expected = documents.iter().map(|own| own.body.clone());
        let bodies = bodies.into_iter().map(|(_, _, body)| body);
        assert!(bodies.eq(expected), "{documents:?}");
    }
}
