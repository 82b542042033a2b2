//! Builds follow each other, fail, are killed, and meet folders that are not theirs.

use std::collections::BTreeMap;
use std::process::Command;

use super::*;

/// What a build writes: files of the index, one browser file, a manifest.
#[derive(Clone)]
struct TestBuild {
    segment: String,
    page: String,
}

impl TestBuild {
    fn new(digit: char) -> TestBuild {
        TestBuild {
            segment: digit.to_string().repeat(16),
            page: format!("page of build {digit}"),
        }
    }

    fn files(&self) -> [(&'static str, Vec<u8>); 3] {
        ["d0000.bf", "t0000.bf", "t0001.bf"].map(|name| (name, vec![b'x'; 9000]))
    }

    /// The files of the index, as they are made in the working folder.
    fn make(&self, publication: &Publication) -> PathBuf {
        let made = publication.working_folder().unwrap().join("segment");
        fs::create_dir(&made).unwrap();
        for (name, bytes) in self.files() {
            fs::write(made.join(name), bytes).unwrap();
        }
        made
    }

    fn manifest(&self) -> Vec<u8> {
        format!("manifest of {}", self.segment).into_bytes()
    }

    fn publish(&self, out: &Path) -> Result<Published, Error> {
        let mut publication = Publication::begin(out)?;
        let made = self.make(&publication);
        publication.adopt(&made, &self.segment)?;
        publication.write_site("index.html", self.page.as_bytes())?;
        publication.finish(&self.manifest())
    }

    /// Does the first `steps` steps and is killed. Returns whether there would have been more to do.
    fn publish_until(&self, out: &Path, steps: usize) -> bool {
        let mut publication = Publication::begin(out).unwrap();
        if steps > 0 {
            let made = self.make(&publication);
            if steps > 1 {
                publication.adopt(&made, &self.segment).unwrap();
            }
        }
        if steps > 2 {
            publication
                .write_site("index.html", self.page.as_bytes())
                .unwrap();
        }
        if steps > 3 {
            publication.note_build(Fingerprint::of(&self.manifest()));
            publication.save_history().unwrap();
        }
        if steps > 4 {
            let path = publication.folder.join(MANIFEST);
            publication
                .put(&path, &self.manifest(), Durability::Synced)
                .unwrap();
        }
        if steps > 5 {
            publication.remove_working_folder();
            publication.forget_older_builds();
        }
        // A file that was being written.
        std::fs::write(publication.folder.join(".tmp-abc"), "half").unwrap();
        // A killed process does not tidy up, but the system lets go of its locks.
        publication.live_now = true;
        steps <= 5
    }

    fn is_complete(&self, out: &Path) -> bool {
        let folder = out.join(FOLDER).join(&self.segment);
        self.files()
            .iter()
            .all(|(name, bytes)| holds(&folder.join(name), bytes))
    }

    fn is_live(&self, out: &Path) -> bool {
        holds(&out.join(FOLDER).join(MANIFEST), &self.manifest()) && self.is_complete(out)
    }
}

/// Every file below a folder and what is in it.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for path in entries(folder) {
        if path.is_dir() {
            files.extend(tree(&path));
        } else {
            files.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
    files
}

fn segments(out: &Path) -> Vec<String> {
    let folders = entries(&out.join(FOLDER))
        .into_iter()
        .filter(|path| path.is_dir() && !file_name(path).starts_with('.'));
    folders
        .map(|path| file_name(&path)[..1].to_owned())
        .collect()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_build_is_there_and_nothing_else() {
    let dir = folder();
    let out = dir.path().join("new/site");
    let build = TestBuild::new('a');
    let published = build.publish(&out).unwrap();
    assert!(build.is_live(&out));
    assert_eq!(published.written_files, 5);
    let names: Vec<String> = tree(&out).keys().map(|path| file_name(path)).collect();
    let expected = [
        ".published",
        "d0000.bf",
        "t0000.bf",
        "t0001.bf",
        "manifest.bf",
        "index.html",
    ];
    assert_eq!(names, expected);
}

#[cfg(unix)]
#[test]
fn files_can_be_read_by_a_web_server() {
    use std::os::unix::fs::PermissionsExt;
    let dir = folder();
    TestBuild::new('a').publish(dir.path()).unwrap();
    let mode = std::fs::metadata(dir.path().join("index.html"))
        .unwrap()
        .permissions()
        .mode();
    let plain = dir.path().join("plain");
    std::fs::write(&plain, "").unwrap();
    assert_eq!(mode, std::fs::metadata(plain).unwrap().permissions().mode());
}

#[test]
fn the_same_build_again_writes_nothing() {
    let dir = folder();
    let build = TestBuild::new('a');
    build.publish(dir.path()).unwrap();
    let published = build.publish(dir.path()).unwrap();
    let unchanged = Published {
        unchanged_files: 5,
        ..Published::default()
    };
    assert_eq!(published, unchanged);
}

#[test]
fn what_a_power_cut_left_of_the_same_build_is_made_whole() {
    let dir = folder();
    let build = TestBuild::new('a');
    build.publish(dir.path()).unwrap();
    let segment = dir.path().join(FOLDER).join(&build.segment);
    fs::write(segment.join("t0000.bf"), "").unwrap();
    fs::remove_file(segment.join("t0001.bf")).unwrap();
    let published = build.publish(dir.path()).unwrap();
    assert_eq!((published.written_files, published.unchanged_files), (2, 3));
    assert!(build.is_live(dir.path()));
}

#[test]
fn the_build_before_stays_and_older_ones_go() {
    let dir = folder();
    for (digit, left) in [
        ('a', "a"),
        ('b', "ab"),
        ('c', "bc"),
        ('c', "bc"),
        ('d', "cd"),
    ] {
        TestBuild::new(digit).publish(dir.path()).unwrap();
        assert_eq!(segments(dir.path()).concat(), left, "after {digit}");
        assert!(TestBuild::new(digit).is_live(dir.path()));
    }
}

#[test]
fn going_back_to_the_build_before_keeps_both() {
    let dir = folder();
    for digit in ['a', 'b', 'a'] {
        TestBuild::new(digit).publish(dir.path()).unwrap();
    }
    assert_eq!(segments(dir.path()), ["a", "b"]);
}

#[test]
fn browser_files_that_no_build_has_any_more_go() {
    let dir = folder();
    let mut first = Publication::begin(dir.path()).unwrap();
    first.write_site("assets/old.js", b"old").unwrap();
    first.finish(b"first").unwrap();
    TestBuild::new('a').publish(dir.path()).unwrap();
    assert!(
        dir.path().join("assets/old.js").exists(),
        "a page may still be open"
    );
    TestBuild::new('b').publish(dir.path()).unwrap();
    assert!(!dir.path().join("assets/old.js").exists());
}

#[test]
fn browser_files_of_another_version_of_the_program_go() {
    let dir = folder();
    for version in ["1", "2", "3", "3"] {
        let mut publication = Publication::begin(dir.path()).unwrap();
        let name = format!("backfile/engine-{version}.lzma");
        publication.write_site(&name, b"engine").unwrap();
        publication.finish(b"the same documents").unwrap();
    }
    let is_there = |version| {
        dir.path()
            .join(format!("backfile/engine-{version}.lzma"))
            .exists()
    };
    assert_eq!(["1", "2", "3"].map(is_there), [false, true, true]);
}

#[test]
fn what_somebody_else_put_beside_the_archive_stays() {
    let dir = folder();
    TestBuild::new('a').publish(dir.path()).unwrap();
    std::fs::write(dir.path().join("CNAME"), "example.org").unwrap();
    std::fs::create_dir(dir.path().join("backfile/notes")).unwrap();
    TestBuild::new('b').publish(dir.path()).unwrap();
    TestBuild::new('c').publish(dir.path()).unwrap();
    assert!(dir.path().join("CNAME").exists());
    assert!(dir.path().join("backfile/notes").exists());
}

#[test]
fn a_killed_build_leaves_the_archive_as_it_was() {
    let (a, b, c, d) = (
        TestBuild::new('a'),
        TestBuild::new('b'),
        TestBuild::new('c'),
        TestBuild::new('d'),
    );
    for step in 0.. {
        let dir = folder();
        let out = dir.path();
        a.publish(out).unwrap();
        b.publish(out).unwrap();
        let was_killed = c.publish_until(out, step);
        assert!(b.is_live(out) || c.is_live(out), "killed at step {step}");
        assert!(
            b.is_complete(out),
            "the build before, killed at step {step}"
        );
        d.publish(out).unwrap();
        assert!(d.is_live(out), "after a kill at step {step}");
        assert_eq!(
            segments(out).len(),
            2,
            "left behind after a kill at step {step}"
        );
        let clean = tree(out).keys().all(|path| {
            let path = path.strip_prefix(out).unwrap().to_string_lossy();
            !path.contains(TEMPORARY)
        });
        assert!(clean, "after a kill at step {step}");
        if !was_killed {
            break;
        }
    }
}

#[test]
fn a_killed_first_build_can_be_repeated() {
    for step in 0..7 {
        let dir = folder();
        let out = dir.path().join("site");
        TestBuild::new('a').publish_until(&out, step);
        let build = TestBuild::new('b');
        build.publish(&out).unwrap();
        assert!(build.is_live(&out), "after a kill at step {step}");
    }
}

#[test]
fn a_failed_build_takes_back_what_it_wrote() {
    let dir = folder();
    let site = dir.path().join("a/site");
    let write = |out: &Path| {
        let build = TestBuild::new('b');
        let mut publication = Publication::begin(out).unwrap();
        let made = build.make(&publication);
        publication.adopt(&made, &build.segment).unwrap();
        fs::write(publication.working_folder().unwrap().join("runs"), "").unwrap();
    };
    write(&site);
    assert!(
        !dir.path().join("a").exists(),
        "nothing was there and nothing is there"
    );
    TestBuild::new('a').publish(&site).unwrap();
    let before = tree(&site);
    write(&site);
    assert_eq!(tree(&site), before);
}

#[test]
fn without_the_note_everything_belongs_to_the_archive_that_is_there() {
    let dir = folder();
    let build = TestBuild::new('a');
    build.publish(dir.path()).unwrap();
    std::fs::remove_file(dir.path().join("backfile/.published")).unwrap();
    Publication::begin(dir.path()).unwrap();
    assert!(build.is_live(dir.path()));
    TestBuild::new('b').publish(dir.path()).unwrap();
    assert_eq!(segments(dir.path()), ["a", "b"]);
}

#[test]
fn a_folder_that_holds_something_else_is_refused() {
    let dir = folder();
    for name in ["photos", "letters", "cellar", "attic"] {
        std::fs::create_dir(dir.path().join(name)).unwrap();
    }
    let error = Publication::begin(dir.path()).unwrap_err();
    let message = format!(
        "{}: holds something that is not an archive: attic, cellar, letters, and 1 more",
        dir.path().display()
    );
    assert_eq!(error.to_string(), message);
    assert!(error.hint().unwrap().contains("new or empty folder"));
    assert!(!dir.path().join(FOLDER).exists());
}

#[test]
fn a_file_is_refused() {
    let dir = folder();
    let path = dir.path().join("site");
    std::fs::write(&path, "").unwrap();
    assert!(matches!(
        Publication::begin(&path),
        Err(Error::OutputIsFile { .. })
    ));
}

#[test]
fn hidden_files_are_nobody() {
    let dir = folder();
    std::fs::create_dir(dir.path().join(".git")).unwrap();
    TestBuild::new('a').publish(dir.path()).unwrap();
}

#[test]
fn two_builds_at_once_are_refused() {
    let dir = folder();
    let first = Publication::begin(dir.path()).unwrap();
    assert!(matches!(
        Publication::begin(dir.path()),
        Err(Error::OutputBusy { .. })
    ));
    assert!(
        dir.path().join("backfile/.building").exists(),
        "the first one goes on"
    );
    drop(first);
}

/// A disk of 64 KB, for as long as the value lives.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<SmallDisk> {
        let dir = folder();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=64k", "backfile-test"])
            .arg(dir.path())
            .output();
        mount
            .is_ok_and(|output| output.status.success())
            .then_some(SmallDisk(dir))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_leaves_the_archive_as_it_was() {
    let Some(disk) = SmallDisk::mount() else {
        println!("skipped: a small disk cannot be mounted here");
        return;
    };
    let out = disk.0.path().join("site");
    let build = TestBuild::new('a');
    build.publish(&out).unwrap();
    let before = tree(&out);
    let mut publication = Publication::begin(&out).unwrap();
    let error = publication
        .write_site("large.js", &[0; 100_000])
        .unwrap_err();
    let path = out.join("large.js");
    assert_eq!(
        error.to_string(),
        format!("{}: no space left", path.display())
    );
    assert!(error.hint().unwrap().starts_with("free some space"));
    drop(publication);
    assert_eq!(tree(&out), before);
}

#[test]
#[cfg(unix)]
fn pages_may_lie_on_another_disk() {
    let Some(disk) = SmallDisk::mount() else {
        println!("skipped: a small disk cannot be mounted here");
        return;
    };
    let folder = folder();
    let out = folder.path().join("site");
    fs::create_dir(&out).unwrap();
    TestBuild::new('a').publish(&out).unwrap();
    std::os::unix::fs::symlink(disk.0.path(), out.join("assets")).unwrap();
    let mut publication = Publication::begin(&out).unwrap();
    publication.write_site("assets/a.css", b"a").unwrap();
    publication.finish(b"manifest").unwrap();
    let there = entries(disk.0.path());
    assert_eq!(there, [disk.0.path().join("a.css")]);
    assert_eq!(fs::read(&there[0]).unwrap(), b"a");
}
