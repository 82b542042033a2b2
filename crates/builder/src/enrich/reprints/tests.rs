use std::convert::Infallible;

use proptest::prelude::*;

use super::*;

/// A text of units that no other seed gives.
fn text(seed: u32, units: u32) -> String {
    let unit = |at: u32| {
        char::from_u32(0x5800 + (mix(u64::from(seed) << 32 | u64::from(at)) % 5000) as u32)
    };
    (0..units).filter_map(unit).collect()
}

fn document(id: usize, body: &str) -> Document {
    Document {
        id: format!("{id:03}"),
        body: body.into(),
        ..Document::default()
    }
}

fn fingerprint(body: &str) -> Fingerprint {
    Fingerprint::of(&document(0, body))
}

fn reprints(bodies: &[String], threshold: f64) -> Vec<(usize, usize)> {
    let sketches: Vec<(usize, Sketch)> = bodies
        .iter()
        .enumerate()
        .filter_map(|(number, body)| Some((number, Sketch::of(&document(number, body))?)))
        .collect();
    let prints: Vec<Fingerprint> = bodies.iter().map(|body| fingerprint(body)).collect();
    let verify = |a: usize, b: usize| Ok::<f64, Infallible>(prints[a].similarity(&prints[b]));
    let found = duplicates(sketches, Threshold::new(threshold), verify).unwrap();
    found
        .iter()
        .map(|found| (found.later, found.first))
        .collect()
}

/// The obvious way: all against all.
fn naive(bodies: &[String], threshold: f64) -> Vec<(usize, usize)> {
    let prints: Vec<Fingerprint> = bodies.iter().map(|body| fingerprint(body)).collect();
    let mut found: Vec<(usize, usize)> = Vec::new();
    for later in 0..bodies.len() {
        let is_original = |first: &usize| found.iter().all(|(later, _)| later != first);
        let long = |number: usize| prints[number].shingles.len() >= FEWEST_SHINGLES;
        let firsts = (0..later).filter(|first| is_original(first) && long(*first) && long(later));
        let of_first = |first: usize| (prints[first].similarity(&prints[later]), first);
        let similar = firsts
            .map(of_first)
            .filter(|(similarity, _)| *similarity >= threshold);
        let best = similar.min_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        found.extend(best.map(|(_, first)| (later, first)));
    }
    found
}

#[test]
fn a_reprint_is_found_under_another_headline_punctuation_and_script() {
    let body = format!("{}，水库大桥学习。", text(1, 200));
    let other = format!("{}水庫大橋學習", text(1, 200));
    assert_eq!(reprints(&[body, text(2, 200), other], 0.8), [(2, 0)]);
}

#[test]
fn forms_with_other_figures_are_not_reprints() {
    let form = text(1, 300);
    let report = |figures: &str| format!("{form}，{figures}");
    let bodies = [
        report("于9月30日举行第三次会议"),
        report("于9月30日举行第四次会议"),
        report("于9月28日举行第三次会议"),
        report("举行会议"),
        report("于9月3\n0日举行第三次会议"),
    ];
    assert_eq!(reprints(&bodies, 0.8), [(3, 0), (4, 0)]);
}

#[test]
fn one_word_can_be_all_that_is_new_in_a_short_text() {
    let report = |units: u32, language: &str| format!("{}，{language}文版出版", text(1, units));
    assert_eq!(reprints(&[report(60, "法"), report(60, "日")], 0.8), []);
    assert_eq!(
        reprints(&[report(60, "法"), report(60, "法")], 0.8),
        [(1, 0)]
    );
    assert_eq!(
        reprints(&[report(300, "法"), report(300, "日")], 0.8),
        [(1, 0)]
    );
}

#[test]
fn numbers_have_an_order() {
    let form = text(1, 300);
    let report = |second: &str| format!("{form}，第2次会议，第{second}次，第3天");
    assert_eq!(reprints(&[report("2"), report("3")], 0.8), []);
}

#[test]
fn short_texts_have_no_sketch() {
    assert_eq!(Sketch::of(&document(0, &text(1, 39))), None);
    assert!(Sketch::of(&document(0, &text(1, 60))).is_some());
    assert_eq!(Sketch::of(&document(0, &"好".repeat(500))), None);
}

#[test]
fn later_ones_name_the_original_and_not_each_other() {
    let body = text(1, 400);
    let bodies = vec![
        body.clone(),
        text(2, 400),
        body.clone(),
        format!("{body}尾"),
        body,
    ];
    assert_eq!(reprints(&bodies, 0.8), [(2, 0), (3, 0), (4, 0)]);
}

#[test]
fn small_changes_do_not_make_a_chain() {
    // Each has a tenth that the one before had not.
    let bodies: Vec<String> = (0..8)
        .map(|start| text(1, 1000).chars().skip(start * 50).take(500).collect())
        .collect();
    for (later, first) in reprints(&bodies, 0.8) {
        assert!(later - first <= 1, "{later} {first}");
    }
}

#[test]
fn thousands_of_like_texts_are_compared_in_bounds() {
    let body = text(1, 300);
    let bodies: Vec<String> = (0..3000)
        .map(|n| format!("{body}{}", text(n + 10, 4)))
        .collect();
    let found = reprints(&bodies, 0.8);
    assert_eq!(found.len(), 2999);
    assert!(found.iter().all(|(_, first)| *first == 0));
}

#[test]
fn an_error_of_the_comparison_comes_back() {
    let sketch = Sketch::of(&document(0, &text(1, 100))).unwrap();
    let found = duplicates(
        vec![(0, sketch), (1, sketch)],
        Threshold::default(),
        |_, _| Err("gone"),
    );
    assert_eq!(found, Err("gone"));
}

#[test]
fn nearly_all_pairs_at_the_threshold_are_found() {
    let mut missed = 0;
    for seed in 0..300 {
        let body = text(seed, 400);
        let changed: String = body
            .chars()
            .take(360)
            .chain(text(seed + 1000, 40).chars())
            .collect();
        let like = fingerprint(&body).similarity(&fingerprint(&changed));
        assert!((0.80..0.84).contains(&like), "{like}");
        missed += usize::from(reprints(&[body, changed], 0.8).is_empty());
    }
    assert!(missed <= 3, "{missed}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Clear cases, as sketches may miss one that is right at the threshold.
    #[test]
    fn it_finds_what_comparing_all_finds(parts in prop::collection::vec((0u32..6, 0usize..6), 1..25)) {
        let bodies: Vec<String> = parts.iter().map(|(seed, cut)| text(*seed, 300 - 2 * *cut as u32)).collect();
        prop_assert_eq!(reprints(&bodies, 0.8), naive(&bodies, 0.8));
    }

    #[test]
    fn the_order_of_the_sketches_does_not_matter(
        order in Just((0usize..40).collect::<Vec<_>>()).prop_shuffle(),
        cuts in prop::collection::vec(0u32..150, 40),
    ) {
        let bodies: Vec<String> = cuts.iter().map(|cut| text(cut % 3, 300 - cut)).collect();
        let prints: Vec<Fingerprint> = bodies.iter().map(|body| fingerprint(body)).collect();
        let sketches: Vec<(usize, Sketch)> = order.iter()
            .map(|number| (*number, Sketch::of(&document(0, &bodies[*number])).unwrap()))
            .collect();
        let verify = |a: usize, b: usize| Ok::<f64, Infallible>(prints[a].similarity(&prints[b]));
        let found = duplicates(sketches, Threshold::default(), verify).unwrap();
        let found: Vec<(usize, usize)> = found.iter().map(|found| (found.later, found.first)).collect();
        prop_assert_eq!(found, reprints(&bodies, 0.8));
    }
}
