//! Writes `site.rs`: the browser files of `www/dist` as a sorted list of names and bytes.
//!
//! Without `www/dist` the list is empty, so that `cargo build` and `cargo test` need neither Node nor the wasm target;
//! `backfile build` then says how to get the files.

use std::fs;
use std::path::{Path, PathBuf};

/// Generates the list and tells Cargo when to do so again.
pub(crate) fn generate() {
    let root = from_cargo("CARGO_MANIFEST_DIR").join("../../www");
    let dist = root.join("dist");
    watch(&root, &dist);
    let mut files = Vec::new();
    collect(&dist, &mut files);
    files.sort();
    let list: String = files.iter().map(|file| entry(&dist, file)).collect();
    let code = format!(
        "/// Path below the site, and bytes.\nstatic FILES: &[(&str, &[u8])] = &[\n{list}];\n"
    );
    fs::write(from_cargo("OUT_DIR").join("site.rs"), code).expect("OUT_DIR can be written");
}

/// A folder that Cargo names to scripts when they run. What it was when they were compiled (`env!`) is another one where
/// a clone has been moved, or two share a target folder: its files would be looked for in vain, and none compiled in.
fn from_cargo(variable: &str) -> PathBuf {
    std::env::var_os(variable).expect("Cargo sets it").into()
}

/// A watched path that does not exist makes Cargo build again every time, so as long as `dist` is missing its
/// parent is watched instead.
fn watch(root: &Path, dist: &Path) {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=build");
    if let Some(path) = [dist, root].into_iter().find(|path| path.exists()) {
        println!("cargo:rerun-if-changed={}", path.display());
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

fn entry(dist: &Path, file: &Path) -> String {
    let name = file.strip_prefix(dist).expect("collected below dist");
    let name = name
        .iter()
        .map(|part| part.to_str().expect("our file names are ASCII"));
    let name = name.collect::<Vec<_>>().join("/");
    let file = fs::canonicalize(file).expect("just listed");
    format!("    ({name:?}, include_bytes!({file:?})),\n")
}
