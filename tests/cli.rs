//! Stories of people at the command line: what they have, what they type, what they are told.

#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use acceptance::command::Workshop;
use serde_json::json;

/// A folder of two pages and a file with one more document.
fn small() -> Workshop {
    let workshop = Workshop::new();
    workshop
        .file(
            "pages/2024-01-12/01.txt",
            "柳湾村唱大戏\n\n□记者 甲乙\n昨晚，百姓戏台正式开锣。\n",
        )
        .file(
            "pages/2024-01-12/02.txt",
            "青石县修新桥\n\n百姓戏台旁的新桥通车。\n",
        )
        .file(
            "more.jsonl",
            r#"{"id":"letter","title":"来信","date":"2023-05","body":"戏台的灯不亮。"}"#,
        );
    workshop
}

#[test]
fn building_and_searching() {
    let workshop = small();
    let built = workshop.done("build --whole-pages pages more.jsonl --out site");
    assert_eq!(built.out, "", "the summary is talk");
    assert!(built.err.starts_with("site\n  documents "), "{}", built.err);
    assert!(
        built.err.contains("peak memory") || !cfg!(target_os = "linux"),
        "{}",
        built.err
    );
    for archive in ["site", "site/backfile"] {
        let found = workshop.done(&format!("search {archive} 戏台"));
        assert!(found.out.starts_with("3 results\n\n"), "{}", found.out);
        assert!(
            found
                .out
                .contains("2023-05  来信  [letter]\n  «戏台»的灯不亮。\n"),
            "{}",
            found.out
        );
        assert_eq!(found.err, "");
    }
    let rest = workshop.done("search site 戏台 --limit 1 --offset 1").out;
    assert!(rest.starts_with("3 results, 2 to 2\n\n"), "{rest}");
    assert_eq!(workshop.done("search site 月亮").out, "0 results\n");
    workshop.done("inspect site");
    let verified = workshop.done("verify site");
    assert_eq!(
        (verified.out.as_str(), verified.err.as_str()),
        ("", "site: nothing wrong\n")
    );
}

#[test]
fn looking_into_an_archive() {
    let workshop = small();
    workshop.done("build --whole-pages pages more.jsonl --out site");
    let described = workshop.done("inspect site").out;
    for row in ["documents               3\n", "format                  1\n"] {
        assert!(described.contains(row), "{described}");
    }
    assert!(
        described.contains("bytes, in the manifest\n"),
        "{described}"
    );
    assert!(!described.contains(" file"), "{described}");
    let list = workshop.done("inspect site 戏台").out;
    assert!(
        list.starts_with("戏台\n  documents    3\n  occurrences  3\n"),
        "{list}"
    );
    assert!(list.contains("  leaf         manifest.bf at "), "{list}");
    let pairs = workshop.done("inspect site 桥").out;
    assert!(pairs.contains("桥$") && pairs.contains("桥通"), "{pairs}");
    let absent = workshop.done("inspect site 月亮").out;
    assert!(
        absent.starts_with("月亮: not in the dictionary"),
        "{absent}"
    );
}

#[test]
fn an_archive_with_packs() {
    let workshop = small();
    workshop.done("build --whole-pages pages more.jsonl --out site --layout packs --one-file 0");
    let described = workshop.done("inspect site").out;
    assert!(described.contains("bytes, 1 file\n"), "{described}");
    assert_eq!(workshop.json("search site 戏台")["total"], 3);
    workshop.done("verify site");
    let (_, rest) = described.split_once("segment                 ").unwrap();
    let tag = rest.lines().next().unwrap();
    let pack = format!("site/backfile/{tag}/s.pack");
    let mut bytes = std::fs::read(workshop.path(&pack)).unwrap();
    bytes[5] ^= 1;
    workshop.file(&pack, bytes);
    let damaged = workshop.run("verify site");
    assert_eq!(damaged.code, Some(1));
    let said = format!("{tag}/s.pack: at 0: other bytes than in the files\n");
    assert_eq!(damaged.out, said);
}

/// Packs have nothing to add to it. With them the smallest archive lies beside its manifest, too.
#[test]
fn an_archive_of_one_file() {
    let workshop = small();
    workshop.done("build --whole-pages pages more.jsonl --out site --layout packs");
    let described = workshop.done("inspect site").out;
    assert!(
        described.contains("bytes, in the one file\n"),
        "{described}"
    );
    let (_, rest) = described.split_once("segment                 ").unwrap();
    let folder = format!("site/backfile/{}", rest.lines().next().unwrap());
    let names = std::fs::read_dir(workshop.path(&folder)).unwrap();
    let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["a0000.bf"]);
    let list = workshop.done("inspect site 戏台").out;
    assert!(list.contains("/a0000.bf at 0, "), "{list}");
    assert_eq!(workshop.json("search site 戏台")["total"], 3);
    workshop.done("verify site");
    let file = format!("{folder}/a0000.bf");
    let whole = std::fs::read(workshop.path(&file)).unwrap();
    let mut longer = whole.clone();
    longer.push(0);
    workshop.file(&file, longer);
    let damaged = workshop.run("verify site");
    assert_eq!(damaged.code, Some(1));
    let said = format!(
        "a0000.bf: {} bytes, not {} bytes\n",
        whole.len() + 1,
        whole.len()
    );
    assert!(damaged.out.ends_with(&said), "{}", damaged.out);
    std::fs::remove_file(workshop.path(&file)).unwrap();
    let damaged = workshop.run("search site 戏台");
    assert!(damaged.err.contains("a0000.bf"), "{}", damaged.err);
}

#[test]
fn the_answer_as_json() {
    let workshop = small();
    workshop.done("build --whole-pages pages more.jsonl --out site");
    let answer = workshop.json("search site 灯");
    assert_eq!(answer["query"], "灯");
    assert_eq!(answer["total"], 1);
    let result = &answer["results"][0];
    assert_eq!(result["id"], "letter");
    assert_eq!(result["date"], "2023-05");
    let excerpt = result["excerpt"].as_array().unwrap();
    let whole: String = excerpt
        .iter()
        .map(|piece| piece["text"].as_str().unwrap())
        .collect();
    assert_eq!(whole, "戏台的灯不亮。");
    assert!(excerpt.contains(&json!({"text": "灯", "hit": true})));
}

#[test]
fn the_summary_as_json() {
    let workshop = small();
    workshop
        .file("pages/2024-01-12/03.txt", " \n\n")
        .file("pages/scan.docx", "PK");
    let summary = workshop.json("build --whole-pages pages --out site");
    assert_eq!(summary["index"]["documents"], 2);
    assert_eq!(summary["read"]["files"], 3);
    let skipped = json!([{"file": "pages/2024-01-12/03.txt", "reason": "the page is empty"}]);
    assert_eq!(summary["read"]["skipped"], skipped);
    assert_eq!(summary["read"]["ignored"], json!({".docx": 1}));
    assert!(summary["seconds"].as_f64().unwrap() > 0.0);
}

#[test]
fn nothing_is_left_out_in_silence() {
    let workshop = small();
    workshop
        .file("pages/2024-01-12/03.txt", "\u{FEFF}\n")
        .file("pages/scan.DOCX", "PK")
        .file(
            "odd.jsonl",
            "{\"id\":1,\"body\":\"文\",\"date\":\"春天\"}\n{\"id\":2,\"body\":\"\"}\n",
        );
    let said = workshop
        .done("build --whole-pages pages odd.jsonl --out site")
        .err;
    for line in [
        "left out: odd.jsonl:2: `2` has neither a title nor a body\n",
        "left out: pages/2024-01-12/03.txt: the page is empty\n",
        "warning: odd.jsonl:1: the date `春天` is not understood; write it as 2024-01-12\n",
        "not read: 1 file of the kind .docx\n",
    ] {
        assert!(said.contains(line), "{line}{said}");
    }
}

#[test]
fn many_notes_of_one_kind_do_not_fill_the_screen() {
    let workshop = small();
    for page in 1..=25 {
        workshop.file(&format!("pages/empty/{page}.txt"), "");
    }
    let said = workshop.done("build --whole-pages pages --out site").err;
    assert_eq!(said.matches("the page is empty").count(), 20);
    assert!(
        said.contains("left out: 5 more; --json lists every one\n"),
        "{said}"
    );
}

#[test]
fn fake_bold_is_repaired_and_told() {
    let workshop = Workshop::new();
    let caption = " 33 月月 1212 日日，，柳湾村柳湾村““百姓戏台百姓戏台””正式开锣正式开锣。。";
    workshop.file(
        "pages/2024-03-13/01.txt",
        format!("柳湾村唱大戏\n\n{caption}\n"),
    );
    let summary = workshop.json("build --whole-pages pages --out site");
    let repaired = json!([{
        "file": "pages/2024-03-13/01.txt",
        "line": 3,
        "before": caption,
        "after": " 3 月 12 日，柳湾村“百姓戏台”正式开锣。",
    }]);
    assert_eq!(summary["read"]["repairs"], repaired);
    assert_eq!(
        workshop.json("search site 柳湾村“百姓戏台”正式")["total"],
        1
    );
}

#[test]
fn gzipped_inputs_and_folders_of_both_kinds() {
    let workshop = Workshop::new();
    workshop
        .gzipped("in/2024/01/12/01.txt.gz", "新桥通车。")
        .gzipped(
            "in/list.jsonl.gz",
            "{\"id\":\"a\",\"body\":\"新桥\"}\n\n{\"id\":5,\"body\":\"旧桥\"}",
        )
        .file("in/.hidden.txt", "不读");
    workshop.done("build --whole-pages in --out site");
    let found = workshop.done("search site 新桥").out;
    assert!(
        found.contains("2024-01-12  新桥通车。  [2024/01/12/01]"),
        "{found}"
    );
    assert!(found.contains("[a]"), "{found}");
}

#[test]
fn a_page_given_by_itself_has_the_name_of_its_file() {
    let workshop = small();
    workshop.done("build --whole-pages pages/2024-01-12/01.txt --out site");
    let answer = workshop.json("search site 开锣");
    assert_eq!(answer["results"][0]["id"], "01");
    assert_eq!(answer["results"][0]["date"], "2024-01-12");
}

#[test]
fn an_archive_among_the_inputs_is_not_read() {
    let workshop = small();
    workshop.done("build --whole-pages . --out site");
    workshop.file("site/notes.txt", "戏台");
    workshop.done("build --whole-pages . --out site");
    assert_eq!(workshop.json("search site 戏台")["total"], 3);
}

/// What is wrong, as files; what is typed; what is said. `{dir}` would be the folder, but paths are shown as given.
type Mishap = (
    &'static [(&'static str, &'static [u8])],
    &'static str,
    &'static str,
);

const MISHAPS: &[Mishap] = &[
    (
        &[("p/1.txt", b"abc\nd\xC3")],
        "build --whole-pages p --out site",
        "error: no document was found in p\n\
         hint: everything was left out:\n  \
         p/1.txt: is neither UTF-8 nor GB18030 nor Big5: byte 0xC3 at offset 5, in line 2; \
         convert it with iconv, or say `encoding` in backfile.toml\n",
    ),
    (
        &[("d.jsonl", b"{\"id\":1,\"body\":\"\xB1\"}")],
        "build d.jsonl --out site",
        "error: d.jsonl:1: not UTF-8: byte 0xB1 at offset 16 of the line\n\
         hint: convert it: iconv -f GB18030 -t UTF-8 'd.jsonl' > converted.txt\n",
    ),
    (
        &[(
            "d.jsonl",
            b"{\"id\":1,\"body\":\"x\"}\n\n{\"id\":2 \"body\":\"y\"}\n",
        )],
        "build d.jsonl --out site",
        "error: d.jsonl:3:9: broken JSON: expected `,` or `}`\n\
         hint: a .jsonl file holds one whole JSON object on each line\n",
    ),
    (
        &[("d.jsonl", b"{\"body\":\"x\"}")],
        "build d.jsonl --out site",
        "error: d.jsonl:1: the document has no `id`\n\
         hint: give every document an `id` of its own, a string or a number\n",
    ),
    (
        &[("d.jsonl", b"{\"id\":1,\"title\":\"x\"}")],
        "build d.jsonl --out site",
        "error: d.jsonl:1: the document has no `body`\n\
         hint: put the text of the document into `body`, \"\" if there is none\n",
    ),
    (
        &[("d.jsonl", b"{\"id\":1,\"body\":\"x\",\"title\":[]}")],
        "build d.jsonl --out site",
        "error: d.jsonl:1: `title` is an array, but has to be a string\n",
    ),
    (
        &[
            ("b.jsonl", b"{\"id\":1,\"body\":\"x\"}"),
            ("a.jsonl", b"\n{\"id\":\"1\",\"body\":\"y\"}"),
        ],
        "build b.jsonl a.jsonl --out site",
        "error: two documents have the id `1`: a.jsonl:2 and b.jsonl:1\n\
         hint: ids have to be different in the whole archive: change or remove one of the two\n",
    ),
    (
        &[
            ("2023/01.txt", "一".as_bytes()),
            ("2024/01.txt", "二".as_bytes()),
        ],
        "build --whole-pages 2024 2023 --out site",
        "error: two documents have the id `01`: 2023/01.txt and 2024/01.txt\n\
         hint: the id of a page is its path below the input folder: \
         rename one file, or give the folder that holds both\n",
    ),
    (
        &[("p/1.docx", b"PK")],
        "build --whole-pages p --out site",
        "error: no document was found in p\n\
         hint: give folders of pages (.txt, .pdf, .html, .md), or lists of documents (.jsonl, .json, .csv)\n",
    ),
    (
        &[("p/1.txt", b"\n"), ("p/2.txt", b"")],
        "build --whole-pages p --out site",
        "error: no document was found in p\n\
         hint: everything was left out:\n  \
         p/1.txt: the page is empty\n  \
         p/2.txt: the page is empty\n",
    ),
    (
        &[],
        "build nowhere --out site",
        "error: nowhere: there is no such file or folder\n",
    ),
    (
        &[("1.docx", b"PK")],
        "build 1.docx --out site",
        "error: 1.docx: a kind of file that Backfile does not read\n\
         hint: Backfile reads .txt, .pdf, .html, .md, .json, .jsonl, .csv and .tsv, each also gzipped (.gz)\n",
    ),
    (
        &[("d.jsonl.gz", b"not gzipped")],
        "build d.jsonl.gz --out site",
        "error: d.jsonl.gz: cannot read\n  \
         because: invalid gzip header\n\
         hint: the file is damaged or not gzipped; `gunzip --test` says more\n",
    ),
    (
        &[("p/1.txt", b"x"), ("site/photo.jpg", b"")],
        "build --whole-pages p --out site",
        "error: site: holds something that is not an archive: photo.jpg\n\
         hint: give --out a new or empty folder, or one that Backfile made; nothing was changed\n",
    ),
    (
        &[("p/1.txt", b"x"), ("site", b"")],
        "build --whole-pages p --out site",
        "error: site: is a file, and the archive needs a folder\nhint: give --out a folder\n",
    ),
    (
        &[("site/index.html", b"")],
        "search site x",
        "error: site: there is no archive here\n\
         hint: give the folder that `backfile build` was told with --out\n",
    ),
];

#[test]
fn mishaps_are_told_with_the_way_out() {
    for (files, typed, said) in MISHAPS {
        let workshop = Workshop::new();
        for (name, content) in *files {
            workshop.file(name, content);
        }
        assert_eq!(workshop.fails(typed), *said, "{typed}");
    }
}

#[test]
fn a_mishap_leaves_the_archive_as_it_was() {
    let workshop = small();
    workshop.done("build --whole-pages pages --out site");
    workshop.file("broken.jsonl", "{");
    workshop.fails("build --whole-pages pages broken.jsonl --out site");
    workshop.done("verify site");
    assert_eq!(workshop.json("search site 戏台")["total"], 2);
    assert!(!workshop.path("site/backfile/.building").exists());
}

#[test]
fn a_mishap_in_a_new_place_leaves_nothing() {
    let workshop = Workshop::new();
    workshop
        .file("1.txt", b"\xFF")
        .fails("build 1.txt --out new/site");
    assert!(!workshop.path("new").exists());
}

#[test]
fn a_wrong_command_line_is_code_2() {
    let workshop = Workshop::new();
    for typed in [
        "",
        "build",
        "build x",
        "serach x y",
        "build x --out y --threads 0",
        "build x --out y --memory 63M",
        "build x --out y --memory much",
    ] {
        let run = workshop.run(typed);
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{typed}");
    }
}

#[test]
fn help_is_a_result() {
    let workshop = Workshop::new();
    let help = workshop.done("build --help");
    assert!(
        help.out
            .contains("Examples:\n  backfile build pages/ --out site/\n"),
        "{}",
        help.out
    );
    assert_eq!(help.err, "");
}

#[cfg(unix)]
#[test]
fn a_reader_who_has_seen_enough_is_no_mishap() {
    let workshop = Workshop::new();
    let documents: String = (0..3000)
        .map(|id| format!("{{\"id\":{id},\"body\":\"百姓戏台\"}}\n"))
        .collect();
    workshop
        .file("d.jsonl", documents)
        .done("build d.jsonl --out site");
    let mut search = workshop.command("search site 戏台 --limit 3000");
    let mut child = search
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}

#[test]
fn the_archive_does_not_depend_on_order_or_threads() {
    let workshop = small();
    workshop.done("build --whole-pages pages more.jsonl --out one --threads 1");
    workshop.done("build --whole-pages more.jsonl pages --out two --threads 2");
    let manifest = |out: &str| std::fs::read(workshop.path(out).join("backfile/manifest.bf"));
    assert_eq!(manifest("one").unwrap(), manifest("two").unwrap());
}

/// Files that were being written, wherever in a site.
fn halves(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("a file or folder").path());
    let is_half = |path: &PathBuf| {
        let name = path.file_name().expect("a name");
        name.to_string_lossy().starts_with(".tmp-")
    };
    let of = |path: PathBuf| match path.is_dir() {
        true => halves(&path),
        false => Vec::from_iter(Some(path).filter(is_half)),
    };
    paths.flat_map(of).collect()
}

/// Kills builds at moments spread over the time a build takes; [`backfile::publish`] has the same story for every
/// step of its own.
#[test]
fn a_build_that_is_killed_at_any_moment_leaves_an_archive() {
    let workshop = small();
    workshop.done("build --whole-pages pages --out site");
    let documents = |word: &str| -> String {
        let body = word.repeat(40);
        (0..3000)
            .map(|id| format!("{{\"id\":{id},\"body\":\"{body}\"}}\n"))
            .collect()
    };
    workshop.file("large.jsonl", documents("百姓戏台"));
    let started = std::time::Instant::now();
    workshop.done("build large.jsonl --out measured");
    let mut whole = started.elapsed();
    let mut killed = 0;
    for moment in 1..=16 {
        let mut build = workshop.command("build large.jsonl --out site");
        let mut child = build.stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(
            whole
                .mul_f64(f64::from(moment) / 14.0)
                .max(Duration::from_millis(1)),
        );
        child.kill().unwrap();
        child.wait().unwrap();
        if workshop.path("site/backfile/.building").exists() {
            killed += 1;
        } else {
            // The one that was timed had to wait for other tests, as it seems.
            whole = whole.mul_f64(0.8);
        }
        workshop.done("verify site");
        let total = workshop.json("search site 戏台")["total"].as_u64();
        assert!(
            matches!(total, Some(2 | 3000)),
            "{total:?} at moment {moment}"
        );
        workshop.done("build --whole-pages pages --out site");
        assert_eq!(
            workshop.json("search site 戏台")["total"],
            2,
            "after moment {moment}"
        );
        let left = halves(&workshop.path("site"));
        assert!(left.is_empty(), "{left:?} after moment {moment}");
    }
    assert!(!workshop.path("site/backfile/.building").exists());
    assert!(
        killed > 4,
        "only {killed} of 16 builds were still at work when they were killed"
    );
}

/// Ten megabytes of characters without meaning: more than a build may keep in memory that may have 64.
fn too_much_for_the_memory() -> String {
    let mut state = 1_u32;
    let mut character = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from_u32(0x4E00 + (state >> 20)).expect("a character of the basic block")
    };
    let mut document = |id| {
        let body: String = (0..3400).map(|_| character()).collect();
        format!("{{\"id\":{id},\"body\":\"{body}戏台\"}}\n")
    };
    (0..1000).map(&mut document).collect()
}

#[test]
fn a_build_that_is_killed_while_it_sets_things_aside_leaves_an_archive() {
    let workshop = small();
    workshop.file("large.jsonl", too_much_for_the_memory());
    workshop.done("build --whole-pages pages --out site");
    for set_aside in ["documents", "runs", "segment"] {
        let path = workshop.path("site/backfile/.tmp-work").join(set_aside);
        let mut build = workshop.command("build large.jsonl --out site --memory 64M");
        let mut child = build.stderr(Stdio::null()).spawn().unwrap();
        while !path.exists() {
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none(), "{set_aside} are never set aside");
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(workshop.json("search site 戏台")["total"], 2, "{set_aside}");
        workshop.done("verify site");
        workshop.done("build --whole-pages pages --out site");
        let left = ["site/backfile/.tmp-work", "site/backfile/.building"];
        assert!(left.iter().all(|name| !workshop.path(name).exists()));
    }
    workshop.done("build large.jsonl --out site --memory 64M");
    assert_eq!(workshop.json("search site 戏台")["total"], 1000);
}
