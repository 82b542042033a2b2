//! What is repaired and what is not, as data and as laws.

use std::path::Path;

use proptest::prelude::*;

use super::*;

/// Text as it came, and as it has to come out.
const REPAIRED: &[(&str, &str)] = &[
    // A caption over a line end; spaces are not doubled, numbers and marks are.
    (
        " 33 月月 1212 日日，，青石镇柳湾村青石镇柳湾村““百姓戏台百姓戏台””正式开锣正式开锣，，十里八村的乡亲十里八村的乡亲\n\
         赶赶，，来听戏来听戏。。 （（甲乙丙甲乙丙 摄摄））",
        " 3 月 12 日，青石镇柳湾村“百姓戏台”正式开锣，十里八村的乡亲\n赶，来听戏。 （甲乙丙 摄）",
    ),
    // A headline in one line, with ordinary lines around it.
    (
        "前文。\n柳湾村大戏台柳湾村大戏台““百姓舞台百姓舞台””开锣开锣\n本报讯 昨日……",
        "前文。\n柳湾村大戏台“百姓舞台”开锣\n本报讯 昨日……",
    ),
    // Pieces of one class that met: one run, several squares; marks drawn together or one by one.
    (
        "今晚七点今晚七点开锣开锣，，欢迎乡亲们欢迎乡亲们。”。”",
        "今晚七点开锣，欢迎乡亲们。”",
    ),
    // Letters, digits with a point, per cent.
    (
        "增长增长1212..55%%，，直播平台直播平台KTVKTV占比占比",
        "增长12.5%，直播平台KTV占比",
    ),
    // Words that are double by themselves are four times there and stay double.
    (
        "试试试试，，大戏台前大戏台前，，谢谢谢谢谢谢谢谢！！",
        "试试，大戏台前，谢谢谢谢！",
    ),
    // Bold only at the start of a line: ordinary text goes on behind it and keeps its own.
    (
        "本报讯本报讯（（记者记者 甲乙甲乙））天天有戏，——人人来看",
        "本报讯（记者 甲乙）天天有戏，——人人来看",
    ),
    // The page number below a caption is the page's.
    (
        "大戏台前大戏台前，，人山人海人山人海。。\n11\n",
        "大戏台前，人山人海。\n11\n",
    ),
    // Rare characters.
    (
        "𠮷野家店𠮷野家店，，〇三号店〇三号店，，開業開業。。\r\n后",
        "𠮷野家店，〇三号店，開業。\r\n后",
    ),
];

/// Text that stays as it is.
const UNTOUCHED: &[&str] = &[
    "",
    "试试",
    "谢谢谢谢",
    "哈哈哈哈！！",
    "高高兴兴欢欢喜喜，，整整齐齐干干净净。。",
    "2020 88 88 11",
    "……——！！～～",
    "好吧。。。。嗯嗯。。。。来来来来。。。。",
    "研究研究，，讨论讨论，，商量商量。。",
    "看看书，想想事，天天如此。",
    // A chorus, in one line and in two.
    "我爱你家乡，我爱你家乡\n我爱你家乡 我爱你家乡",
    "我爱你家乡\n我爱你家乡\n啊啊！！",
    // A chorus or a drum without anything between.
    "我爱你家乡我爱你家乡 青青的山青青的山 绿绿的水绿绿的水",
    "咚不隆咚锵咚不隆咚锵！！咚不隆咚锵咚不隆咚锵！！",
    // Tables with equal columns.
    "北京市北京市 上海市上海市 天津市天津市\n88 88\n99 99",
    "北京市北京市 88 88\n上海市上海市 99 99",
    "------\n====\n****\n2020||2020||",
    // One run that is not doubled between doubled ones, so that neither side has enough.
    "大戏台前大戏台前，人山人海人山人海，，",
    // A blank line between.
    "大戏台前大戏台前\n\n，，\n\n人人",
    // Too little.
    "大戏台前大戏台前，，",
    "柳湾村大戏台柳湾村大戏台",
    // English, code.
    "murmur couscous (( )) :: :: \"\" \"\" ;; ;;",
    "fn main() { foo::bar((1, 1), [[]]); }",
];

#[test]
fn doubled_stretches_are_repaired() {
    for (before, after) in REPAIRED {
        assert_eq!(repair(before).0, *after, "{before}");
    }
}

#[test]
fn everything_else_is_untouched() {
    for text in UNTOUCHED {
        let (after, changed) = repair(text);
        assert_eq!(after, *text);
        assert!(changed.is_empty());
    }
}

#[test]
fn every_changed_line_is_told() {
    let (_, changed) = repair("一\n大戏台前大戏台前，，\r\n人山人海人山人海。。\n二");
    let expected = [
        (2, "大戏台前大戏台前，，", "大戏台前，"),
        (3, "人山人海人山人海。。", "人山人海。"),
    ];
    let told: Vec<_> = changed
        .iter()
        .map(|c| (c.line, c.before.as_str(), c.after.as_str()))
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn a_million_characters_without_a_line_break_are_fast() {
    let text = "字".repeat(1_000_000);
    assert_eq!(repair(&text).0, text);
}

/// A sentence that doubles into something convincing: at least two clauses, one with three different characters.
fn sentence() -> impl Strategy<Value = String> {
    let clause =
        "[青石柳湾村戏台开锣乡亲们来看谢天]{1,9}|[0-9]{1,4}|[a-zA-Z]{1,6}|“[百姓舞台]{1,4}”";
    let clauses = prop::collection::vec((clause, "，|、|：| ，|\n|……|——"), 0..8);
    clauses.prop_map(|clauses| {
        let middle: String = clauses
            .into_iter()
            .map(|(clause, mark)| clause + &mark)
            .collect();
        format!("大戏台前，{middle}人山人海。")
    })
}

/// Every run of a text twice, as a PDF gives it up.
fn double(text: &str) -> String {
    let mut doubled = String::new();
    let mut copied = 0;
    for run in runs(text) {
        doubled.push_str(&text[copied..run.range.end]);
        doubled.push_str(&text[run.range.clone()]);
        copied = run.range.end;
    }
    doubled + &text[copied..]
}

proptest! {
    #[test]
    fn a_doubled_sentence_comes_back(sentence in sentence()) {
        // A blank line would end the stretch, which is what it does on a page too.
        prop_assume!(!sentence.contains("\n\n"));
        let doubled = double(&sentence);
        let (repaired, _) = repair(&doubled);
        prop_assert_eq!(&repaired, &sentence);
    }

    #[test]
    fn a_sentence_that_is_not_doubled_stays(sentence in sentence()) {
        let (repaired, changed) = repair(&sentence);
        prop_assert_eq!(&repaired, &sentence);
        prop_assert!(changed.is_empty());
    }

    #[test]
    fn a_doubled_paragraph_between_others_comes_back_and_they_stay(
        before in sentence(),
        bold in sentence(),
        after in sentence(),
    ) {
        prop_assume!(!bold.contains("\n\n"));
        let page = |bold: &str| format!("{before}\n\n{bold}\n\n{after}");
        let doubled = page(&double(&bold));
        prop_assert_eq!(repair(&doubled).0, page(&bold));
    }

    #[test]
    fn any_text_at_all_is_read(text in any::<String>()) {
        let (repaired, changed) = repair(&text);
        prop_assert_eq!(repaired != text, !changed.is_empty());
    }
}

/// The real pages, where they are at hand: exactly the lines that a reader sees doubled change, and what comes out
/// has nothing doubled left. Their text is not ours, so the lines are found by counting and not quoted.
#[test]
fn on_real_pages_only_captions_change() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora/pages");
    if !folder.exists() {
        println!("skipped: {} is not there", folder.display());
        return;
    }
    let expected = [
        ("000", vec![]),
        ("001", vec![177, 178, 180, 181, 215]),
        ("002", vec![]),
    ];
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let (repaired, changed) = repair(&text);
        let lines: Vec<usize> = changed.iter().map(|line| line.line).collect();
        let wanted = expected.iter().find(|(start, _)| name.starts_with(start));
        assert_eq!(
            lines,
            wanted.map_or(vec![], |(_, lines)| lines.clone()),
            "{name}"
        );
        for line in &changed {
            let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
            assert_eq!(
                letters(&line.before),
                2 * letters(&line.after),
                "{name}:{}",
                line.line
            );
        }
        assert!(repair(&repaired).1.is_empty(), "{name} once more");
    }
}
