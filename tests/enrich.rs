//! Subjects, places and reprints on the sample archive, whose articles are known.

use std::collections::BTreeMap;
use std::time::Instant;

use acceptance::command::Workshop;
use acceptance::corpora::{beside, root, sample};
use backfile::document::{Document, field};
use backfile::enrich::reprints::Threshold;
use backfile::enrich::{EnrichReport, Enricher, Gazetteer, Taxonomy};
use backfile::memory::Memory;
use backfile::progress::Silent;
use backfile::report::ReadReport;
use backfile::source;
use backfile::workspace::Workspace;
use backfile_core::record::Value;
use serde::Deserialize;
use tempfile::TempDir;

#[derive(Deserialize)]
struct Truth {
    pages: Vec<TruePage>,
}

#[derive(Deserialize)]
struct TruePage {
    file: String,
    articles: Vec<TrueArticle>,
}

#[derive(Deserialize)]
struct TrueArticle {
    headline: String,
    kind: String,
    spans: BTreeMap<String, Vec<(usize, usize)>>,
}

/// The articles of the sample, as they stand on the damaged pages.
fn articles() -> Vec<Document> {
    let folder = root().join("tests/sample");
    let truth = std::fs::read_to_string(folder.join("truth.json")).unwrap();
    let truth: Truth = serde_json::from_str(&truth).unwrap();
    let of_page = |page: &TruePage| {
        let text = std::fs::read_to_string(folder.join(&page.file)).unwrap();
        let text: Vec<char> = text.chars().collect();
        let articles = page.articles.iter().enumerate();
        let document = |(number, article): (usize, &TrueArticle)| Document {
            id: format!("{}#{number}", page.file),
            date: Some(page.file[6..16].to_owned()),
            title: article.headline.clone(),
            body: article
                .spans
                .get("body")
                .into_iter()
                .flatten()
                .map(|(start, end)| text[*start..*end].iter().collect::<String>())
                .collect(),
            metadata: vec![("kind".into(), Value::Text(article.kind.clone()))],
            ..Document::default()
        };
        articles.map(document).collect::<Vec<_>>()
    };
    truth.pages.iter().flat_map(of_page).collect()
}

fn enricher() -> Enricher {
    let starter = root().join("crates/builder/src/enrich/taxonomy.toml");
    let places = root().join("tests/sample/gazetteer.toml");
    Enricher {
        taxonomy: Some(Taxonomy::read(&starter).unwrap()),
        gazetteer: Some(Gazetteer::read(&places).unwrap()),
    }
}

fn list<'d>(document: &'d Document, name: &str) -> Vec<&'d str> {
    let Some(Value::List(values)) = document.field(name) else {
        return Vec::new();
    };
    fn text(value: &Value) -> &str {
        match value {
            Value::Text(text) => text,
            other => panic!("{other:?}"),
        }
    }
    values.iter().map(text).collect()
}

fn enriched(mut documents: Vec<Document>) -> (Vec<Document>, EnrichReport) {
    let enricher = enricher();
    let mut report = enricher.report();
    for document in &mut documents {
        let evidence = enricher.enrich(document);
        report.add(&enricher, &evidence);
    }
    (documents, report)
}

fn titled<'d>(documents: &'d [Document], title: &str) -> &'d Document {
    let found = documents
        .iter()
        .find(|document| document.title.contains(title));
    found.unwrap_or_else(|| panic!("{title}"))
}

/// A headline, or the part of one, and a subject that a reader would give the article.
const SUBJECTS: [(&str, &str); 24] = [
    ("苇渡大桥完成选址论证", "交通 ▸ 桥梁"),
    ("首届竹砚篾艺节开幕", "文化 ▸ 非遗与工艺"),
    ("区图书馆新馆选址", "文化 ▸ 图书与阅读"),
    ("5路公交车延伸", "交通 ▸ 公共交通"),
    ("晚稻亩产比去年", "农业农村 ▸ 水稻"),
    ("石斛镇卫生院添了", "卫生健康 ▸ 基层卫生"),
    ("云梯村最后三公里", "交通 ▸ 公路"),
    ("路灯为何", "城乡建设 ▸ 市政设施"),
    ("九个孩子的学校", "教育 ▸ 乡村教学点"),
    ("失物招领", "启事与公告 ▸ 声明与启事"),
    ("洪峰平稳通过鹭陵", "水利 ▸ 防汛抗洪"),
    ("六百亩早稻泡了两天", "农业农村 ▸ 水稻"),
    ("断电七十小时", "城乡建设 ▸ 供电供气"),
    ("三分钟消防队", "应急与消防 ▸ 消防"),
    ("双鲤水库除险加固工程动工", "水利 ▸ 水库堤防"),
    ("鸬鹚洲上数白鹭", "生态环境 ▸ 野生动植物"),
    ("常住人口", "政务 ▸ 统计与普查"),
    ("秋季征兵", "国防与退役军人 ▸ 征兵与国防"),
    ("第一条5G产线", "工业 ▸ 制造业"),
    ("六千名跑者", "体育 ▸ 田径与路跑"),
    ("南岸九万人喝上水库水", "水利 ▸ 供水"),
    ("高考放榜前夜", "教育 ▸ 高考与高校"),
    ("老旧小区加装电梯", "城乡建设 ▸ 住房与小区"),
    ("三十年《鹭陵报》可以搜了", "科技与信息 ▸ 档案与数字化"),
];

#[test]
fn known_articles_have_plausible_subjects() {
    let (documents, _) = enriched(articles());
    for (title, subject) in SUBJECTS {
        let document = titled(&documents, title);
        let found = list(document, field::SUBJECT);
        assert!(found.contains(&subject), "{title}: {found:?}");
        assert_eq!(found.len(), list(document, field::SUBJECT_EVIDENCE).len());
    }
}

#[test]
fn most_articles_are_classified_and_the_report_adds_up() {
    let (documents, report) = enriched(articles());
    let without = documents
        .iter()
        .filter(|document| list(document, field::SUBJECT).is_empty());
    let without: Vec<&Document> = without.collect();
    for document in &without {
        println!("unclassified: {} {}", document.id, document.title);
    }
    assert_eq!(report.documents, documents.len() as u64);
    assert_eq!(report.unclassified, without.len() as u64);
    assert!(
        report.unclassified * 8 < report.documents,
        "{}",
        report.unclassified
    );
    let given: usize = documents
        .iter()
        .map(|document| list(document, field::SUBJECT).len())
        .sum();
    assert_eq!(report.subjects.values().sum::<u64>(), given as u64);
    let used = report
        .subjects
        .values()
        .filter(|documents| **documents > 0)
        .count();
    println!(
        "{used} subjects used, {given} given, {} keywords unseen",
        report.never_matched().len()
    );
}

#[test]
fn known_articles_have_their_places() {
    let cases: [(&str, &[&str]); 6] = [
        ("云梯村最后三公里", &["鹭陵区 ▸ 石斛镇 ▸ 云梯村"]),
        ("六百亩早稻泡了两天", &["鹭陵区 ▸ 苇渡镇 ▸ 芦湾村"]),
        ("七架车村没有车", &["鹭陵区 ▸ 桑篱镇 ▸ 七架车村"]),
        ("三分钟消防队", &["鹭陵区 ▸ 望鹭街道 ▸ 灯笼巷社区"]),
        ("九个孩子的学校", &["鹭陵区 ▸ 竹砚乡 ▸ 半岭村"]),
        ("汽修厂社区装上", &["鹭陵区 ▸ 锚石街道 ▸ 汽修厂社区"]),
    ];
    let (documents, report) = enriched(articles());
    for (title, places) in cases {
        let found = list(titled(&documents, title), field::PLACE);
        for place in places {
            assert!(found.contains(place), "{title}: {found:?}");
        }
    }
    assert_eq!(report.ambiguous_places, BTreeMap::new());
    assert_eq!(report.warnings, []);
    let unseen = report
        .places
        .iter()
        .filter(|(_, documents)| **documents == 0);
    println!("places never seen inside: {:?}", unseen.collect::<Vec<_>>());
}

#[test]
fn whole_pages_can_be_enriched() {
    let (documents, report) = enriched(sample());
    assert_eq!(report.unclassified, 0);
    for document in &documents {
        assert!(
            document.metadata.is_sorted_by_key(|(name, _)| name.clone()),
            "{}",
            document.id
        );
        assert!(!list(document, field::PLACE).is_empty(), "{}", document.id);
    }
}

fn workspace(bytes: u64) -> (TempDir, Workspace) {
    let folder = tempfile::tempdir().unwrap();
    let workspace = Workspace {
        folder: folder.path().to_owned(),
        memory: Memory::new(bytes),
    };
    (folder, workspace)
}

#[test]
fn no_article_of_the_sample_is_a_reprint_of_another() {
    let (_folder, workspace) = workspace(1 << 30);
    for documents in [articles(), sample()] {
        let mut documents = source::from_memory(documents, &workspace).unwrap();
        let before = documents.hash();
        assert_eq!(documents.mark_reprints(Threshold::default()).unwrap(), []);
        assert_eq!(documents.hash(), before);
    }
}

/// The sample's articles, some of them once more: later, in another edition, with another headline and set anew.
fn planted() -> (Vec<Document>, Vec<(String, String)>) {
    let mut documents = articles();
    let long = documents
        .iter()
        .filter(|document| document.body.chars().count() > 250);
    let mut again: Vec<Document> = long.step_by(5).cloned().collect();
    let mut pairs = Vec::new();
    for document in &mut again {
        let id = format!("again/{}", document.id);
        pairs.push((id.clone(), document.id.clone()));
        document.id = id;
        document.date = Some("2025-01-01".into());
        document.title = "重登".into();
        document.body = document.body.replace('\n', "").replace('，', ",") + "（本报有删节）";
    }
    documents.extend(again);
    (documents, pairs)
}

fn marked(documents: Vec<Document>, workspace: &Workspace) -> Vec<Document> {
    let mut documents = source::from_memory(documents, workspace).unwrap();
    let found = documents.mark_reprints(Threshold::default()).unwrap();
    let documents = documents.read(0..documents.len()).unwrap();
    for reprint in found {
        let original = Value::Text(documents[reprint.first].id.clone());
        assert_eq!(
            documents[reprint.later].field(field::REPRINT_OF),
            Some(&original)
        );
    }
    documents
}

#[test]
fn planted_reprints_are_found() {
    let (documents, mut pairs) = planted();
    let (_folder, workspace) = workspace(1 << 30);
    let documents = marked(documents, &workspace);
    let original = |document: &Document| match document.field(field::REPRINT_OF)? {
        Value::Text(original) => Some((document.id.clone(), original.clone())),
        _ => None,
    };
    let found: Vec<(String, String)> = documents.iter().filter_map(original).collect();
    pairs.sort();
    assert!(pairs.len() > 10);
    assert_eq!(found, pairs);
}

#[test]
fn what_is_marked_depends_on_neither_order_nor_memory() {
    let (mut documents, _) = planted();
    let (_folder, large) = workspace(1 << 30);
    let expected = marked(documents.clone(), &large);
    documents.reverse();
    let (_folder, small) = workspace(0);
    assert_eq!(marked(documents, &small), expected);
}

/// `cargo test -p acceptance --test enrich -- --ignored --nocapture`
#[test]
#[ignore = "a measurement, on a corpus that is not everywhere"]
fn reprints_of_a_corpus() {
    let Some(path) = beside("zh-cctv.jsonl") else {
        return;
    };
    let (_folder, workspace) = workspace(1 << 30);
    let (started, mut report) = (Instant::now(), ReadReport::default());
    let mut documents = source::read(
        &[path],
        &source::ReadSettings::default(),
        &workspace,
        &Silent,
        &mut report,
    )
    .unwrap();
    println!(
        "{} documents read in {:?}",
        documents.len(),
        started.elapsed()
    );
    let started = Instant::now();
    let found = documents.mark_reprints(Threshold::default()).unwrap();
    println!("{} reprints found in {:?}", found.len(), started.elapsed());
    let groups: std::collections::BTreeSet<usize> = found.iter().map(|one| one.first).collect();
    println!("{} groups", groups.len());
    for one in found.iter().step_by(found.len().div_ceil(20).max(1)) {
        let title = |number: usize| {
            let document = documents.read(number..number + 1).unwrap().remove(0);
            let start: String = document.body.chars().take(60).collect();
            format!(
                "{} {} | {start}",
                document.date.unwrap_or_default(),
                document.title
            )
        };
        println!(
            "{:.3}\n  {}\n  {}",
            one.similarity,
            title(one.first),
            title(one.later)
        );
    }
    let started = Instant::now();
    let enricher = enricher();
    let mut enriched = enricher.report();
    for number in 0..documents.len() {
        let mut document = documents.read(number..number + 1).unwrap().remove(0);
        enriched.add(&enricher, &enricher.enrich(&mut document));
    }
    println!("enriched on one thread in {:?}", started.elapsed());
    let unseen = enriched.never_matched().len();
    println!(
        "{} unclassified, {unseen} keywords unseen",
        enriched.unclassified
    );
}

/// What is added is compared with what is there, in both directions: a page that was found later may be the earlier one.
#[test]
fn added_pages_are_compared_with_the_archive() {
    let workshop = Workshop::new();
    let report = "本报讯（记者 农谷雨）昨日上午，连接两岸的苇渡大桥正式通车，芦湾村的村民挑着新摘的菱角走上桥面，桥头的渡工收起了用了三十年的缆绳，说从今往后可以歇一歇了。桥上的路灯傍晚亮起来，孩子们沿着栏杆数了一遍又一遍。\n";
    let other = "本报讯（记者 丰云）区气象台预计，未来一周以阴雨天气为主，沿河各村要留意水位，山区乡镇要检查房前屋后的排水沟，出门带伞，行车慢些。\n";
    workshop
        .file("first/2023-11-10/01.txt", report)
        .file("second/2023-11-17/02.txt", report)
        .file("second/2023-11-17/03.txt", other)
        .file("third/2023-11-03/04.txt", report);
    workshop.done("build first --out grown");
    workshop.done("build second --out grown --add");
    workshop.done("build third --out grown --add");
    workshop.done("build first second third --out whole");
    let reprints = |site: &str| -> Vec<(String, String)> {
        let answer = workshop.json(&format!("search {site} 本报讯"));
        let results = answer["results"].as_array().unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let mut all: Vec<_> = results
            .iter()
            .map(|result| {
                (
                    text(&result["id"]),
                    text(&result["meta"][field::REPRINT_OF]),
                )
            })
            .collect();
        all.sort();
        all
    };
    let original = "2023-11-03/04-1";
    let expected = [
        (original, ""),
        ("2023-11-10/01-1", original),
        ("2023-11-17/02-1", original),
        ("2023-11-17/03-1", ""),
    ];
    let expected = expected.map(|(id, of)| (id.to_owned(), of.to_owned()));
    assert_eq!(reprints("whole"), expected);
    assert_eq!(reprints("grown"), expected);
}
