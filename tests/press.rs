//! Pages are taken apart without losing a character, always the same way, and about as well as a
//! reader would do it.
//!
//! What the figures mean is said in `support/cut.rs`. The floors stand just below what was
//! measured when they were set. The rules were made while looking at both sets of pages, so the
//! figures say how well these pages are cut, and less well how well others will be.

use acceptance::annotations::{real, sample};
use acceptance::corpora::{beside, root};
use acceptance::cut::{Confidence, Score, Truth, measure};
use backfile::press::{self, ArticleKind, BlockKind, CutPage, PageContext};
use proptest::prelude::*;

fn cut(text: &str, date: &str) -> CutPage {
    let context = PageContext {
        date: Some(date),
        ..PageContext::default()
    };
    press::cut(text, &context)
}

fn score<'t>(name: &str, pages: impl Iterator<Item = (&'t str, &'t Truth)>) -> Score {
    let mut sum = Score::default();
    let mut notes = Vec::new();
    let mut confidence = Confidence::default();
    for (date, truth) in pages {
        let page = cut(&truth.text, date);
        sum += measure(truth, &page, &mut notes);
        confidence.count(truth, &page);
    }
    println!("{}", confidence.table());
    check_confidence(&confidence);
    notes.iter().for_each(|note| println!("{note}"));
    println!("{name}: {}", sum.summary());
    sum
}

/// What the report does not mark as doubtful is right more often than what it marks.
fn check_confidence(confidence: &Confidence) {
    const DOUBTFUL: u8 = 60;
    let share = |(right, all): (usize, usize)| right as f64 / all.max(1) as f64;
    let [sure, doubtful] = confidence.headlines_from(DOUBTFUL).map(share);
    assert!(
        sure >= 0.98 && sure > doubtful,
        "headlines: {sure}, {doubtful}"
    );
    let [sure, _] = confidence.texts_from(DOUBTFUL).map(share);
    assert!(sure >= 0.98, "texts: {sure}");
}

#[test]
fn the_sample_is_cut_as_annotated() {
    let pages = sample(&root().join("tests/sample"));
    let score = score(
        "sample",
        pages.iter().map(|(date, truth)| (date.as_str(), truth)),
    );
    assert!(score.boundaries() >= 0.99, "{}", score.summary());
    assert!(score.assignment() >= 0.995, "{}", score.summary());
    assert!(score.headlines() >= 0.95, "{}", score.summary());
    assert!(score.bylines() >= 0.98, "{}", score.summary());
}

#[test]
fn real_pages_are_cut_as_annotated() {
    let Some(folder) = beside("pages") else {
        return;
    };
    let pages = real(&root().join("tests/press/pages.json"), &folder);
    let score = score(
        "real pages",
        pages.iter().map(|truth| ("2024-01-12", truth)),
    );
    assert!(score.boundaries() >= 0.98, "{}", score.summary());
    assert!(score.assignment() >= 0.99, "{}", score.summary());
    assert!(score.headlines() >= 0.97, "{}", score.summary());
    assert!(score.bylines() >= 0.97, "{}", score.summary());
}

const FEATURE: &str = "灯笼巷的灯\n□记者 农谷雨\n天一擦黑，灯笼巷的灯就亮了，一盏接着一盏，从巷头亮到巷尾。\n扎灯的人说，灯亮着，就是告诉邻居，这一家有人。\n\n";
const NEXT: &str = "\n\n本报讯（通讯员 丰云）昨日，鹭陵三中举行长跑比赛，一百名学生参加。\n";

#[test]
fn the_tail_of_another_article_stands_apart() {
    let kinds = |paragraph: &str| -> Vec<ArticleKind> {
        let page = cut(&format!("{FEATURE}{paragraph}{NEXT}"), "2024-01-12");
        page.articles.iter().map(|article| article.kind).collect()
    };
    use ArticleKind::{Brief, Feature, Orphan};
    assert_eq!(
        kinds("这批水泵全部采用新式叶轮，\n下月初运到沿河各村。"),
        [Feature, Orphan, Brief]
    );
    // Of the same thing; without a word that speaks of something before; in the middle of a sentence.
    for own in [
        "这些灯笼巷的灯，\n一盏接着一盏亮到天明。",
        "水泵全部采用新式叶轮，\n下月初运到沿河各村。",
        "这批水泵全部采用新式叶轮，\n下月初运到沿河各",
    ] {
        assert!(!kinds(own).contains(&Orphan), "{own}");
    }
}

/// Of two names of columns the one next to the headline is the article's.
#[test]
fn the_nearest_name_of_a_column_counts() {
    let page = cut(
        "民声直通车\n【民声直通车】第86期\n路灯为何白天亮\n记者 康映川\n市民来电：船厂路的路灯白天亮得晃眼，晚上反而灭了。\n",
        "2024-01-12",
    );
    assert_eq!(page.articles.len(), 1, "{page:?}");
    assert_eq!(page.articles[0].column, "民声直通车");
    let columns = page
        .blocks
        .iter()
        .filter(|block| block.kind == BlockKind::ColumnHead);
    let owners: Vec<Option<usize>> = columns.map(|block| block.article).collect();
    assert_eq!(owners, [None, Some(0)]);
}

#[test]
fn a_line_that_begins_in_small_letters_goes_on() {
    let texts = sample_texts();
    let page = texts.iter().find(|text| text.contains("come back next\n"));
    let page = cut(page.expect("the sample has it"), "2023-11-10");
    let mut bodies = page.articles.iter().map(|article| &article.body);
    assert!(bodies.any(|body| body.contains("come back next year, with my whole family")));
}

/// Every visible character in exactly one block; every block of an article that is there.
fn check_ledger(text: &str) {
    let page = cut(text, "2024-01-12");
    assert!(press::missing(text, &page).is_empty(), "{text:?}");
    let mut end = 0;
    for block in &page.blocks {
        assert!(
            end <= block.range.start && block.range.start < block.range.end,
            "{block:?} after {end}"
        );
        assert!(text.is_char_boundary(block.range.start) && text.is_char_boundary(block.range.end));
        assert!(
            block
                .article
                .is_none_or(|article| article < page.articles.len()),
            "{block:?}"
        );
        assert!(
            block.confidence <= 100 && !block.why.is_empty(),
            "{block:?}"
        );
        end = block.range.end;
    }
    assert!(end <= text.len());
    assert_eq!(page, cut(text, "2024-01-12"));
}

fn sample_texts() -> Vec<String> {
    let pages = sample(&root().join("tests/sample"));
    pages.into_iter().map(|(_, truth)| truth.text).collect()
}

#[test]
fn the_ledger_holds_every_character_of_the_sample() {
    sample_texts().iter().for_each(|text| check_ledger(text));
}

#[test]
fn words_of_articles_are_words_of_the_page() {
    let visible = |text: &str| {
        text.chars()
            .filter(|c| !c.is_whitespace())
            .collect::<String>()
    };
    for text in sample_texts() {
        let repaired: String = text
            .lines()
            .map(|line| backfile::fake_bold::repair(line.trim()).0.into_owned())
            .collect();
        let page = visible(&repaired);
        for article in cut(&text, "2024-01-12").articles {
            for line in article
                .body
                .lines()
                .map(visible)
                .filter(|line| !line.is_empty())
            {
                // A headline between two halves, or a block that stands there twice, makes a
                // paragraph that is nowhere in one piece; its beginning and its end are.
                let count = line.chars().count().min(6);
                let head: String = line.chars().take(count).collect();
                let tail: String = line.chars().skip(line.chars().count() - count).collect();
                assert!(page.contains(&head), "{head} is not on the page");
                assert!(page.contains(&tail), "{tail} is not on the page");
            }
        }
    }
}

/// A million characters without a line end, a hundred thousand lines, a hundred thousand headlines:
/// it is cut, and the ledger is whole. How long that takes is looked at by whoever runs it.
#[test]
fn pages_of_absurd_size_are_cut() {
    let one_line = "区委常委会会议召开，".repeat(100_000);
    let page: String = sample_texts().concat();
    let many_pages = page.repeat(20);
    let headlines = "苇渡大桥通车八个月\n\n".repeat(50_000);
    for text in [one_line, many_pages, headlines] {
        let start = std::time::Instant::now();
        let page = cut(&text, "2024-01-12");
        assert!(press::missing(&text, &page).is_empty());
        println!(
            "{} bytes: {} articles in {:?}",
            text.len(),
            page.articles.len(),
            start.elapsed()
        );
    }
}

/// A sample page with lines dropped, doubled, moved and broken.
fn mangled() -> impl Strategy<Value = String> {
    let texts = sample_texts();
    let edits = prop::collection::vec(
        (
            0..5u8,
            any::<prop::sample::Index>(),
            any::<prop::sample::Index>(),
        ),
        0..40,
    );
    (0..texts.len(), edits).prop_map(move |(page, edits)| {
        let mut lines: Vec<String> = texts[page].lines().map(str::to_owned).collect();
        for (edit, one, other) in edits {
            let (one, other) = (one.index(lines.len()), other.index(lines.len()));
            match edit {
                0 => lines[one].clear(),
                1 => lines.swap(one, other),
                2 => {
                    let line = lines[one].clone();
                    lines.insert(other, line);
                }
                3 => {
                    let line = lines[one].clone();
                    lines[other].push_str(&line);
                }
                _ => {
                    let half = lines[one].chars().count() / 2;
                    lines[one] = lines[one].chars().take(half).collect();
                }
            }
        }
        lines.join("\n")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_ledger_holds_every_character_of_any_text(text in "\\PC{0,400}") {
        check_ledger(&text);
    }

    #[test]
    fn the_ledger_holds_every_character_of_marks_and_words(
        text in "([\\n\\r \u{3000}\u{85}□【】（）()。，：；“”！？—…·1-9年月日摄记者通讯员本报讯第版王芸a-c\u{ad}\u{200b}]{0,12}\\n{0,3}){0,40}"
    ) {
        check_ledger(&text);
    }

    #[test]
    fn the_ledger_holds_every_character_of_mangled_pages(text in mangled()) {
        check_ledger(&text);
    }
}
