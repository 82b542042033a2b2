//! What the documents for people say about the repository: every link leads somewhere, every
//! path that is named exists, and the crates depend on each other as the map says.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

const DOCUMENTS: [&str; 12] = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "crates/core/README.md",
    "crates/core/FORMAT.md",
    "crates/builder/README.md",
    "crates/wasm/README.md",
    "tests/bench/README.md",
    "tests/fixtures/README.md",
    "tests/sample/README.md",
    "www/README.md",
];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn documents() -> impl Iterator<Item = (&'static str, String)> {
    DOCUMENTS.into_iter().map(|name| {
        let text = std::fs::read_to_string(repository().join(name));
        (name, text.unwrap_or_else(|error| panic!("{name}: {error}")))
    })
}

/// The text between fences is code and output, not prose.
fn prose(text: &str) -> String {
    let blocks = text.split("\n```");
    blocks.step_by(2).collect::<Vec<_>>().join("\n")
}

/// `[text](target)`.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1);
    targets.filter_map(|rest| rest.split_once(')').map(|(target, _)| target))
}

/// What stands between backticks on one line.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// Paths from the root of the repository, as they are written in prose.
fn as_path(code: &str) -> Option<&str> {
    const ROOTS: [&str; 3] = ["crates/", "www/", "tests/"];
    let code = code.strip_prefix("./").unwrap_or(code);
    let code = code.split_whitespace().next()?;
    let is_path = code == "build.sh" || ROOTS.iter().any(|root| code.starts_with(root));
    (is_path && !code.contains(['*', '…', '<', '{'])).then_some(code)
}

/// Made by the build, so a clean checkout has none.
fn is_made(path: &str) -> bool {
    ["www/dist", "www/generated", "www/node_modules"]
        .iter()
        .any(|folder| path.starts_with(folder))
}

#[test]
fn every_link_leads_somewhere() {
    for (name, text) in documents() {
        let folder = repository().join(name);
        let folder = folder.parent().expect("a document lies in a folder");
        for link in links(&prose(&text)) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() {
                repository().join(name)
            } else {
                folder.join(path)
            };
            assert!(target.exists(), "{name}: {link} leads nowhere");
            if !anchor.is_empty() {
                let text = std::fs::read_to_string(&target).expect("the target is text");
                assert!(
                    anchors(&text).contains(anchor),
                    "{name}: no heading for {link}"
                );
            }
        }
    }
}

/// Links by reference: `[name]: #anchor`.
#[test]
fn every_reference_leads_to_a_heading() {
    for (name, text) in documents() {
        let references = text.lines().filter_map(|line| line.split_once("]: #"));
        for (label, anchor) in references {
            assert!(anchors(&text).contains(anchor), "{name}: {label}]");
        }
    }
}

/// What headings are called in links: lower case, hyphens for spaces, no punctuation.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| -> String {
        let heading = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = heading.chars().filter_map(|c| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
            _ => None,
        });
        kept.collect()
    };
    headings.map(anchor).collect()
}

#[test]
fn every_path_that_is_named_exists() {
    for (name, text) in documents() {
        for path in code(&prose(&text)).filter_map(as_path) {
            let exists = repository().join(path).exists();
            assert!(exists || is_made(path), "{name}: there is no {path}");
        }
    }
}

#[test]
fn the_test_command_is_stated() {
    let readme = std::fs::read_to_string(repository().join("README.md")).expect("the README");
    assert!(readme.contains("./build.sh test"));
}

/// Hosts are told to allow what the page's own policy allows.
#[test]
fn the_policy_is_the_one_of_the_page() {
    let read = |name: &str| std::fs::read_to_string(repository().join(name)).expect("text");
    let page = read("www/index.html");
    let (_, policy) = page.split_once("content=\"default-src").expect("a policy");
    let (policy, _) = policy.split_once('"').expect("its end");
    let shown = read("README.md").contains(&format!("\ndefault-src{policy}\n"));
    assert!(
        shown,
        "README.md does not show the policy of www/index.html"
    );
}

// --- dependencies -------------------------------------------------------------------------------

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    /// Nothing for what is linked; `dev` or `build` otherwise.
    kind: Option<String>,
}

fn metadata() -> Metadata {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
            "--offline",
            "--locked",
        ])
        .current_dir(repository())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON")
}

/// What is linked into a crate, of all targets.
fn linked(package: &str) -> BTreeSet<String> {
    let metadata = metadata();
    let own = metadata
        .packages
        .into_iter()
        .find(|own| own.name == package);
    let dependencies = own.expect("a member of the workspace").dependencies;
    let linked = dependencies.into_iter().filter(|own| own.kind.is_none());
    linked.map(|own| own.name).collect()
}

#[test]
fn the_core_depends_on_little() {
    let allowed = ["fst", "libm", "postcard", "serde", "xxhash-rust"];
    assert_eq!(linked("backfile-core"), allowed.map(str::to_owned).into());
}

#[test]
fn the_engine_and_the_builder_know_only_the_core() {
    assert!(linked("backfile-wasm").contains("backfile-core"));
    assert!(!linked("backfile-wasm").contains("backfile"));
    assert!(linked("backfile").contains("backfile-core"));
    assert!(!linked("backfile").contains("backfile-wasm"));
}
