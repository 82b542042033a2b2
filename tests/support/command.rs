//! Runs the `backfile` program as a person would.
//!
//! Cargo gives a test the path of a binary only if both are in one package, so the program is built here, once a test
//! process, with the profile of the tests. If nothing has changed, that takes a moment.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use tempfile::TempDir;

static PROGRAM: LazyLock<PathBuf> = LazyLock::new(build);

/// `target/debug/deps/cli-…` is the test that runs; the program belongs into `target/debug`.
fn build() -> PathBuf {
    let test = std::env::current_exe().expect("the test knows its path");
    let profile = test
        .ancestors()
        .nth(2)
        .expect("tests lie in target/PROFILE/deps");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args([
        "build",
        "--quiet",
        "--package",
        "backfile",
        "--bin",
        "backfile",
    ]);
    cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
    cargo
        .arg("--target-dir")
        .arg(profile.parent().expect("a profile lies in target"));
    match profile.file_name().and_then(OsStr::to_str) {
        Some("debug") | None => {}
        Some(profile) => drop(cargo.args(["--profile", profile])),
    }
    let status = cargo.status().expect("cargo runs");
    assert!(status.success(), "the program could not be built");
    profile.join(format!("backfile{}", std::env::consts::EXE_SUFFIX))
}

/// The program, ready for arguments.
pub fn program() -> Command {
    Command::new(&*PROGRAM)
}

/// A folder of one's own to put files into and to run the program in.
pub struct Workshop(TempDir);

/// What came of a run.
#[derive(Debug)]
pub struct Run {
    /// Exit code; none if it was killed.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Workshop {
    /// An empty one.
    #[allow(clippy::new_without_default, reason = "it makes a folder")]
    pub fn new() -> Workshop {
        Workshop(tempfile::tempdir().expect("a temporary folder"))
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file and the folders around it.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> &Workshop {
        let path = self.path(name);
        let folder = path.parent().unwrap_or(Path::new(""));
        std::fs::create_dir_all(folder).expect("a folder in the workshop");
        std::fs::write(path, content).expect("a file in the workshop");
        self
    }

    /// Writes a file gzipped.
    pub fn gzipped(&self, name: &str, content: &str) -> &Workshop {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(content.as_bytes()).expect("memory");
        self.file(name, packer.finish().expect("memory"))
    }

    /// Runs the program here; the arguments are separated by spaces.
    pub fn run(&self, arguments: &str) -> Run {
        let output = self.command(arguments).output().expect("the program runs");
        Run::from(output)
    }

    /// The same, not yet started.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = program();
        command
            .current_dir(self.0.path())
            .args(arguments.split_whitespace());
        command
    }

    /// Runs the program and expects it to succeed.
    pub fn done(&self, arguments: &str) -> Run {
        let run = self.run(arguments);
        assert_eq!(run.code, Some(0), "{arguments}: {run:?}");
        run
    }

    /// Runs the program, expects it to fail, and returns what it said.
    pub fn fails(&self, arguments: &str) -> String {
        let run = self.run(arguments);
        assert_eq!(run.code, Some(1), "{arguments}: {run:?}");
        assert_eq!(run.out, "", "a failure has no result");
        run.err
    }

    /// Runs the program with `--json` and reads the object that comes out.
    pub fn json(&self, arguments: &str) -> serde_json::Value {
        let run = self.done(&format!("{arguments} --json"));
        serde_json::from_str(&run.out).expect("one JSON object")
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Run {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program writes UTF-8");
        Run {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}
