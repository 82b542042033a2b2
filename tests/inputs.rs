//! Folders as they are: files of every kind, some of them broken.

#![forbid(unsafe_code)]

use std::process::Command;
use std::sync::Mutex;

use acceptance::command::{Run, Workshop};
use acceptance::corpora::{root, sample};
use backfile::document::Document;
use backfile::error::Error;
use backfile::memory::Memory;
use backfile::progress::Silent;
use backfile::report::ReadReport;
use backfile::source::{self, Finish, PageSink, RawPage, ReadSettings};
use backfile::workspace::Workspace;
use serde_json::{Value, json};

/// A document of the archive, by its id; there is a query that finds it.
fn found(workshop: &Workshop, query: &str) -> Value {
    let answer = workshop.json(&format!("search site {query}"));
    assert_eq!(answer["total"], 1, "{query}: {answer}");
    answer["results"][0].clone()
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(root().join("tests/fixtures/pdf").join(name)).unwrap()
}

#[test]
fn all_kinds_in_one_folder() {
    let workshop = Workshop::new();
    workshop
        .file(
            "in/2024-01-12/01.txt",
            "柳湾村唱大戏\n\n昨晚，百姓戏台正式开锣。\n",
        )
        .file(
            "in/2023-11-10/鹭陵报_20231110_01.pdf",
            fixture("columns.pdf"),
        )
        .file(
            "in/web/bridge.html",
            "<title>旧桥</title><meta name=date content=1998-03-07><nav>首页</nav><p>旧桥拆了。",
        )
        .file(
            "in/notes/letter.md",
            "---\ntitle: 来信\ndate: 2020-01-02\ntags: [灯]\n---\n**路灯**不亮。\n",
        )
        .file("in/a.jsonl", "{\"id\":\"a\",\"body\":\"甲处修路\"}\n")
        .file(
            "in/b.json",
            r#"{"articles": [{"id": "b", "body": "乙处修渠"}]}"#,
        )
        .file("in/c.json", r#"{"title": "独一", "body": "丙处修塔"}"#)
        .file(
            "in/d.csv",
            "id,title,body,date,page\nd,四,丁处修亭,1999-05-06,3\n",
        )
        .file("in/e.tsv", "id\tbody\ne\t戊处修庙\n")
        .gzipped("in/f.md.gz", "# 题\n己处修园\n")
        .gzipped("in/g.csv.gz", "id;body\ng;庚处修井\n");
    let summary = workshop.json("build in --out site");
    assert_eq!(summary["read"]["skipped"], json!([]));
    assert_eq!(summary["read"]["ignored"], json!({}));
    let dated = |query: &str| {
        let result = found(&workshop, query);
        (result["id"].clone(), result["date"].clone())
    };
    assert_eq!(found(&workshop, "正式开锣")["date"], "2024-01-12");
    assert_eq!(found(&workshop, "收起了缆绳")["date"], "2023-11-10");
    assert_eq!(
        dated("旧桥拆了"),
        (json!("web/bridge"), json!("1998-03-07"))
    );
    assert_eq!(
        dated("路灯不亮"),
        (json!("notes/letter"), json!("2020-01-02"))
    );
    for (query, id) in [
        ("甲处", "a"),
        ("乙处", "b"),
        ("丙处", "c"),
        ("丁处", "d"),
        ("戊处", "e"),
        ("己处", "f"),
        ("庚处", "g"),
    ] {
        assert_eq!(found(&workshop, query)["id"], id, "{query}");
    }
    let row = found(&workshop, "丁处");
    assert_eq!(
        (&row["title"], &row["date"]),
        (&json!("四"), &json!("1999-05-06"))
    );
    assert_eq!(
        workshop.json("search site 首页")["total"],
        0,
        "a menu is no text"
    );
}

#[test]
fn a_page_as_text_and_as_pdf() {
    let workshop = Workshop::new();
    workshop
        .file(
            "in/2023-11-10/01.txt",
            "柳湾村唱大戏\n\n昨晚，百姓戏台正式开锣。\n",
        )
        .file("in/2023-11-10/01.pdf", fixture("columns.pdf"));
    let summary = workshop.json("build in --out site");
    let warning = &summary["read"]["warnings"][0];
    let file = warning["file"].as_str().unwrap();
    assert!(file.ends_with("01.pdf"), "{warning}");
    assert_eq!(found(&workshop, "正式开锣")["id"], "2023-11-10/01-1");
    let of_pdf = found(&workshop, "收起了缆绳");
    let id = of_pdf["id"].as_str().unwrap();
    assert!(id.starts_with("2023-11-10/01.pdf-"), "{of_pdf}");
    assert_eq!(
        (&of_pdf["date"], &of_pdf["meta"]["page"]),
        (&json!("2023-11-10"), &json!(1))
    );
}

#[test]
fn pages_in_other_encodings_are_converted_and_told() {
    let workshop = Workshop::new();
    // 昨日上午，大桥正式通车，群众奔走相告。 in GB18030, and 昨日上午，大橋正式通車，群眾奔走相告。 in Big5.
    let gb18030 = b"\xd7\xf2\xc8\xd5\xc9\xcf\xce\xe7\xa3\xac\xb4\xf3\xc7\xc5\xd5\xfd\xca\xbd\xcd\xa8\xb3\xb5\xa3\xac\xc8\xba\xd6\xda\xb1\xbc\xd7\xdf\xcf\xe0\xb8\xe6\xa1\xa3";
    let big5 = b"\xac\x51\xa4\xe9\xa4\x57\xa4\xc8\xa1\x41\xa4\x6a\xbe\xf4\xa5\xbf\xa6\xa1\xb3\x71\xa8\xae\xa1\x41\xb8\x73\xb2\xb3\xb6\xf9\xa8\xab\xac\xdb\xa7\x69\xa1\x43";
    let utf16: Vec<u8> = "\u{FEFF}渡船停航。"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    workshop
        .file("in/1.txt", gb18030)
        .file("in/2.txt", big5)
        .file("in/3.txt", utf16);
    let summary = workshop.json("build in --out site");
    let warnings = summary["read"]["warnings"].as_array().unwrap();
    for (warning, encoding) in warnings.iter().zip(["GB18030", "Big5", "UTF-16"]) {
        let reason = warning["reason"].as_str().unwrap();
        assert!(
            reason.starts_with(&format!("is {encoding} and was converted")),
            "{reason}"
        );
    }
    assert_eq!(
        (warnings.len(), &summary["read"]["skipped"]),
        (3, &json!([]))
    );
    assert_eq!(
        workshop.json("search site 大桥正式通车")["total"],
        2,
        "in both scripts"
    );
    found(&workshop, "渡船停航");
}

#[test]
fn what_is_wrong_with_a_page_is_told_and_the_rest_is_built() {
    let workshop = Workshop::new();
    workshop
        .file("in/good.txt", "渡船停航。")
        .file("in/nothing.txt", "")
        .file("in/nothing.pdf", "")
        .file(
            "in/picture.txt",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0",
        )
        .file("in/odd.txt", b"abc\n\xC3\n")
        .file("in/broken.pdf", fixture("broken.pdf"))
        .file("in/encrypted.pdf", fixture("encrypted.pdf"))
        .file("in/scanned.pdf", fixture("scanned.pdf"))
        .file("in/broken.txt.gz", b"\x1F\x8Bnot gzipped")
        .file("in/broken.json", "{\"body\": ")
        .file("in/settings.json", "{\"port\": 8080}")
        .file(
            "in/lines.json",
            "{\"id\": 1, \"body\": \"x\"}\n{\"id\": 2, \"body\": \"y\"}\n",
        )
        .file("in/front.md", "---\ntitle: [\n---\n文\n");
    let large = std::fs::File::create(workshop.path("in/large.txt")).unwrap();
    large.set_len(500 << 20).unwrap();
    let summary = workshop.json("build in --out site");
    assert_eq!(summary["index"]["documents"], 1);
    let told: Vec<(&str, &str)> = summary["read"]["skipped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|note| {
            (
                note["file"].as_str().unwrap(),
                note["reason"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("in/broken.json", "is broken JSON: EOF"),
        ("in/broken.pdf", "is broken, or no PDF"),
        ("in/broken.txt.gz", "cannot be read: "),
        ("in/encrypted.pdf", "is encrypted and asks for a password"),
        ("in/front.md", "the front matter is not YAML"),
        ("in/large.txt", "is larger than 40 MiB"),
        (
            "in/lines.json",
            "has an object on each line; give it the extension .jsonl",
        ),
        ("in/nothing.pdf", "the page is empty"),
        ("in/nothing.txt", "the page is empty"),
        (
            "in/odd.txt",
            "is neither UTF-8 nor GB18030 nor Big5: byte 0xC3 at offset 4, in line 2",
        ),
        ("in/picture.txt", "is no text"),
        (
            "in/scanned.pdf",
            "has pictures and no text: recognise it first",
        ),
        ("in/settings.json", "has no document"),
    ];
    for ((file, reason), (expected_file, expected_reason)) in told.iter().zip(expected) {
        assert!(
            *file == expected_file && reason.starts_with(expected_reason),
            "{file}: {reason}"
        );
    }
    assert_eq!(told.len(), expected.len(), "{told:?}");
    let said = workshop.done("build in --out site").err;
    assert!(
        said.contains("left out: in/scanned.pdf: has pictures and no text"),
        "{said}"
    );
}

#[test]
fn what_memory_has_no_room_for_is_said_with_its_place() {
    let workshop = Workshop::new();
    let line = |bytes: usize| format!("{{\"id\":\"a\",\"body\":\"{}\"}}\n", "春".repeat(bytes / 3));
    let small = "{\"id\":\"b\",\"body\":\"春耕\"}\n".to_owned();
    workshop.file("text.jsonl", small.clone() + &line(4 << 20));
    workshop.file("line.jsonl", small + &line(7 << 20));
    let text = workshop.fails("build text.jsonl --out site --memory 64M");
    assert_eq!(
        text,
        "error: text.jsonl:2: the document `a` has 4 MiB of text, and this --memory has room for 2 MiB in one\n\
         hint: cut it into several documents, by chapter or by page, or say --memory 96M\n"
    );
    let line = workshop.fails("build line.jsonl --out site --memory 64M");
    assert!(
        line.contains("line.jsonl: cannot read") && line.contains("line 2 is longer than 5 MiB"),
        "{line}"
    );
    workshop.file(
        "open.csv",
        "title,body\n春耕,\"".to_owned() + &"春耕\n".repeat(1 << 20),
    );
    let open = workshop.fails("build open.csv --out site --memory 64M");
    assert!(
        open.contains("open.csv: a row is longer") && open.contains("quotation mark left open"),
        "{open}"
    );
    workshop.done("build text.jsonl --out site --memory 96M");
}

/// Twice the budget is what is asserted, since it says "about". News of the same size took more than five times as much
/// before room was shared and what is freed given back.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn large_documents_keep_to_the_memory_on_many_threads() {
    let workshop = Workshop::new();
    let text: String = sample().into_iter().map(|page| page.body).collect();
    let book = |id: usize| {
        let body: String = text.chars().cycle().skip(701 * id).take(700_000).collect();
        json!({ "id": id, "title": "书", "body": body }).to_string() + "\n"
    };
    workshop.file("books.jsonl", (0..20).map(book).collect::<String>());
    workshop.file("more.jsonl", book(20));
    keeps_to_64_mebibytes(&workshop, "books.jsonl --fresh");
    keeps_to_64_mebibytes(&workshop, "more.jsonl --add");
}

/// All of it is one list, of 21 million positions, and each document is stored in a thousandth of its bytes: so what is
/// read back for the site, or to be compared, is far more than it looks like.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn one_character_over_and_over_keeps_to_the_memory() {
    let workshop = Workshop::new();
    let body = "春".repeat(700_000);
    let page = |id: usize| json!({ "id": id, "title": "春", "body": body }).to_string() + "\n";
    workshop.file("pages.jsonl", (0..30).map(page).collect::<String>());
    workshop.file("more.jsonl", page(30));
    keeps_to_64_mebibytes(&workshop, "pages.jsonl");
    keeps_to_64_mebibytes(&workshop, "more.jsonl --add");
    let pages = std::fs::read_dir(workshop.path("site/articles")).unwrap();
    assert_eq!(pages.count(), 31);
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn keeps_to_64_mebibytes(workshop: &Workshop, inputs: &str) {
    let mut build = workshop.command(&format!("build {inputs} --out site --memory 64M --json"));
    let output = build.env("RAYON_NUM_THREADS", "8").output().unwrap();
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    let peak = summary["peak_memory_bytes"].as_u64().unwrap();
    assert!(peak < 128 << 20, "{inputs}: {} MiB", peak >> 20);
}

/// As Chromium writes PDFs: the page's head, the byline and the date in the text are not what they look like.
#[test]
fn radicals_become_characters_before_a_page_is_cut() {
    let workshop = Workshop::new();
    let page = "鹭陵报 2023年11⽉10⽇ 星期五 第1版\n\n渡⼝停航三⽇\n□⽂⼩满\n11⽉8⽇，渡⼝的⼤船靠岸检修，⽤⼾请绕⾏苇渡⼤桥。\n";
    workshop.file("in/page.txt", page);
    let summary = workshop.json("build in --out site");
    let article = found(&workshop, "靠岸检修");
    assert_eq!(article["title"], "渡口停航三日");
    assert_eq!(article["date"], "2023-11-10", "from the page's head");
    assert_eq!(article["meta"]["author"], json!(["文小满"]), "{article}");
    let told = &summary["read"]["radicals"][0];
    assert_eq!(told["file"], "in/page.txt");
    let reason = told["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("14 radicals became the characters"),
        "{reason}"
    );
    let said = workshop.done("build in --out site").err;
    assert!(
        said.contains("repaired: radicals for characters on 1 page;"),
        "{said}"
    );
}

#[test]
fn a_pdf_of_several_pages() {
    let workshop = Workshop::new();
    workshop.file("in/鹭陵报_20231110.pdf", fixture("several.pdf"));
    let summary = workshop.json("build in --out site --whole-pages");
    assert_eq!(summary["index"]["documents"], 2);
    let told = &summary["read"]["skipped"][0]["reason"];
    assert!(
        told.as_str()
            .unwrap()
            .starts_with("page 2: has pictures and no text"),
        "{told}"
    );
    let letter = found(&workshop, "请派人看看");
    assert_eq!(
        (&letter["id"], &letter["date"]),
        (&json!("鹭陵报_20231110/3"), &json!("2023-11-10"))
    );
    assert_eq!(
        (&letter["meta"]["page"], &letter["meta"]["publication"]),
        (&json!(3), &json!("鹭陵报"))
    );
    // A line of one column does not run on in the other.
    found(&workshop, "昨日上午，连接两岸的苇渡大桥");
    found(&workshop, "门前的一百四十八盏路灯");
}

#[cfg(unix)]
#[test]
fn links_and_names() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    let workshop = Workshop::new();
    workshop
        .file("in/2024-01-12/一版.txt", "甲处修路。")
        .file("in/naïve/Ω שלום.txt", "乙处修渠。")
        .file("elsewhere/ز.txt", "丙处修塔。");
    symlink(workshop.path("in"), workshop.path("in/2024-01-12/loop")).unwrap();
    symlink(workshop.path("nowhere.txt"), workshop.path("in/gone.txt")).unwrap();
    symlink(workshop.path("elsewhere"), workshop.path("in/linked")).unwrap();
    std::fs::write(
        workshop.path("in").join(OsStr::from_bytes(b"\xFF.txt")),
        "丁处修亭。",
    )
    .unwrap();
    let summary = workshop.json("build in --out site --whole-pages");
    assert_eq!(summary["index"]["documents"], 3, "{}", summary["read"]);
    assert_eq!(found(&workshop, "乙处")["id"], "naïve/Ω שלום");
    assert_eq!(found(&workshop, "丙处")["id"], "linked/ز");
    let told = summary["read"]["skipped"].as_array().unwrap();
    let told: Vec<String> = told
        .iter()
        .map(|note| {
            format!(
                "{}: {}",
                note["file"].as_str().unwrap(),
                note["reason"].as_str().unwrap()
            )
        })
        .collect();
    let expected = [
        "in/2024-01-12/loop: the link leads back to a folder that it lies in",
        "in/gone.txt: the link leads nowhere",
        "in/\u{FFFD}.txt: the name is not UTF-8",
    ];
    assert_eq!(told.len(), expected.len(), "{told:?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(expected), "{told}");
    }
}

/// Nothing is forbidden to root, so root has somebody else build, in a folder where everybody may write.
#[cfg(unix)]
#[test]
fn what_may_not_be_read() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;

    const NOBODY: u32 = 65534;
    let workshop = Workshop::new();
    workshop
        .file("in/1.txt", "甲处修路。")
        .file("in/2.txt", "乙处修渠。")
        .file("in/closed/3.txt", "丙处修塔。");
    let allow = |name: &str, mode: u32| {
        set_permissions(workshop.path(name), Permissions::from_mode(mode)).unwrap();
    };
    let is_root = std::fs::metadata(workshop.path("in")).unwrap().uid() == 0;
    let mut command = workshop.command("build in --out site --json");
    if is_root {
        // Where the program lies not everybody may look.
        std::fs::copy(command.get_program(), workshop.path("backfile")).unwrap();
        let arguments: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
        command = Command::new(workshop.path("backfile"));
        command.args(arguments).current_dir(workshop.path(""));
        allow("", 0o777);
        allow("in", 0o755);
        allow("in/1.txt", 0o644);
        command.uid(NOBODY).gid(NOBODY);
    }
    allow("in/2.txt", 0o000);
    allow("in/closed", 0o000);
    let run = Run::from(command.output().unwrap());
    allow("in/closed", 0o755);
    assert_eq!(run.code, Some(0), "{run:?}");
    let summary: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(summary["index"]["documents"], 1);
    let told = summary["read"]["skipped"].as_array().unwrap();
    let told: Vec<String> = told.iter().map(Value::to_string).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    for (told, file) in told.iter().zip(["in/2.txt", "in/closed"]) {
        assert!(told.contains(&format!("\"file\":\"{file}\"")), "{told}");
        assert!(told.contains("cannot be read: Permission denied"), "{told}");
        assert!(told.contains("check who may read it"), "{told}");
    }
    found(&workshop, "甲处修路");
}

#[test]
fn settings_are_found_and_the_command_line_wins() {
    let workshop = Workshop::new();
    workshop
        .file("in/backfile.toml", "[archive]\ntitle = '旧报'\npublication = '鹭陵报'\n[input]\npattern = '{page}版{date:%d.%m.%Y}'\nwhole_pages = true\nexclude = ['drafts/']\n")
        .file("in/3版7.3.1998.txt", "甲处修路。")
        .file("in/other.txt", "乙处修渠。")
        .file("in/drafts/1.txt", "丙处修塔。");
    let summary = workshop.json("build in --out site");
    assert_eq!(summary["index"]["documents"], 2);
    let page = found(&workshop, "甲处");
    assert_eq!(
        (&page["id"], &page["date"]),
        (&json!("3版7.3.1998"), &json!("1998-03-07"))
    );
    assert_eq!(page["meta"], json!({"page": 3, "publication": "鹭陵报"}));
    let warnings = &summary["read"]["warnings"];
    assert!(
        warnings[0]["reason"]
            .as_str()
            .unwrap()
            .starts_with("the name is not written as `{page}版"),
        "{warnings}"
    );
    let title = |workshop: &Workshop| {
        std::fs::read_to_string(workshop.path("site/index.html"))
            .is_ok_and(|page| page.contains("旧报"))
    };
    workshop.done("build in --out site --title 新报");
    assert!(!title(&workshop));
    workshop.file("mine.toml", "[archive]\ntitel = 'x'\n");
    assert_eq!(
        workshop
            .fails("build in --out site --config mine.toml")
            .lines()
            .next(),
        Some(
            "error: mine.toml:2: `titel = 'x'`: unknown field `titel`, expected one of `title`, `language`, `publication`, `base_url`"
        )
    );
}

#[test]
fn init_writes_settings_once() {
    let workshop = Workshop::new();
    workshop.file("pages/1.txt", "甲处修路。");
    workshop.done("init");
    assert!(
        workshop
            .fails("init")
            .starts_with("error: ./backfile.toml: is there already\n")
    );
    workshop.done("build pages --out site");
}

#[test]
fn init_writes_lists_that_can_be_used() {
    let workshop = Workshop::new();
    workshop.file("pages/1.txt", "本报讯 甲处修路，公路通车。\n");
    workshop.done("init lists --lists");
    let settings = "[subjects]\ntaxonomy = 'lists/taxonomy.toml'\n[places]\ngazetteer = 'lists/gazetteer.toml'\n";
    workshop.file("backfile.toml", settings);
    workshop.done("build pages --out site");
    assert!(found(&workshop, "甲处")["meta"]["subject"].is_array());
}

#[test]
fn mistakes_in_lists_name_the_line() {
    let cases = [
        (
            "d.json",
            "[\n{\"id\": 1, \"body\": \"x\"},\n{\"id\": 2}]",
            "d.json:3: the document has no `body`",
        ),
        (
            "d.json",
            "[{\"body\": \"x\"}]",
            "d.json:1: the document has no `id`",
        ),
        (
            "d.csv",
            "id,body\n1,x\n2,y,z\n",
            "d.csv:3: the row has 3 cells, and the header has 2",
        ),
        (
            "d.csv",
            "id,text\n1,x\n",
            "d.csv:2: the document has no `body`",
        ),
        (
            "d.csv",
            "id,body,id\n1,x,2\n",
            "d.csv:1: the column `id` is there twice",
        ),
    ];
    for (name, content, said) in cases {
        let workshop = Workshop::new();
        let error = workshop
            .file(name, content)
            .fails(&format!("build {name} --out site"));
        assert!(error.starts_with(&format!("error: {said}\n")), "{error}");
    }
}

#[test]
fn the_archive_does_not_depend_on_threads_or_order() {
    let workshop = Workshop::new();
    for page in 1..=9 {
        workshop.file(
            &format!("in/2024-01-12/{page:02}.txt"),
            format!("第{page}处修路。\n"),
        );
    }
    workshop
        .file("in/several.pdf", fixture("several.pdf"))
        .file("more/letter.md", "# 来信\n灯不亮。\n");
    workshop.done("build in more --out one --threads 1");
    workshop.done("build more in --out two --threads 2");
    let manifest =
        |out: &str| std::fs::read(workshop.path(out).join("backfile/manifest.bf")).unwrap();
    assert_eq!(manifest("one"), manifest("two"));
}

/// Keeps the pages that come.
#[derive(Default)]
struct Kept(Mutex<Vec<RawPage>>);

impl PageSink for Kept {
    fn page(&self, page: RawPage) -> Result<(), Error> {
        self.0.lock().unwrap().push(page);
        Ok(())
    }
}

/// Gives every document an address.
struct Address;

impl Finish for Address {
    fn finish(&self, document: &mut Document) {
        document.url = format!("articles/{}", document.id);
    }
}

#[test]
fn pages_come_in_order_with_all_that_was_cut_from_them() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = Workspace {
        folder: folder.path().to_owned(),
        memory: Memory::default(),
    };
    let kept = Kept::default();
    let settings = ReadSettings {
        pages: Some(&kept),
        finish: Some(&Address),
        ..ReadSettings::default()
    };
    let inputs = [
        root().join("tests/sample/pages"),
        root().join("tests/fixtures/pdf/columns.pdf"),
    ];
    let mut report = ReadReport::default();
    let documents = source::read(&inputs, &settings, &workspace, &Silent, &mut report).unwrap();
    let documents = documents.read(0..documents.len()).unwrap();
    let pages = kept.0.into_inner().unwrap();
    assert_eq!(pages.len(), 25);
    assert!(
        pages.windows(2).all(|pair| pair[0].path < pair[1].path),
        "in the order of the files"
    );
    let named = pages.iter().flat_map(|page| &page.documents);
    let mut named: Vec<&String> = named.collect();
    let mut ids: Vec<&String> = documents.iter().map(|document| &document.id).collect();
    named.sort();
    ids.sort();
    assert_eq!(named, ids);
    for page in &pages {
        assert!(
            page.documents
                .iter()
                .all(|id| id.starts_with(&format!("{}-", page.id)))
        );
        assert_eq!(
            page.styles.is_empty(),
            page.path.extension().unwrap() == "txt"
        );
        let in_blocks: usize = page
            .cut
            .blocks
            .iter()
            .map(|block| words(&page.text[block.range.clone()]))
            .sum();
        assert_eq!(in_blocks, words(&page.text), "{}", page.id);
    }
    assert!(
        documents
            .iter()
            .all(|document| document.url.ends_with(&document.id))
    );
}

/// Characters that are no white space.
fn words(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}
