//! Build steps of this repository that need Rust; `build.sh` runs them.
//!
//! The post-processor of wasm-bindgen is linked in as a library instead of being installed as a
//! command: `Cargo.lock` then pins it to the version of the macro, the two cannot drift apart,
//! and a clean checkout needs no global installation.

use std::env;
use std::process::ExitCode;
use wasm_bindgen_cli_support::Bindgen;

const USAGE: &str = "usage: cargo xtask bindgen ENGINE.wasm OUT_DIR";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["bindgen", wasm, out_dir] => bindgen(wasm, out_dir),
        _ => Err(USAGE.to_owned()),
    }
}

/// Writes the glue that www imports: a module for the web, its types, and the bare engine.
/// No default path to the engine: www knows its hashed name and hands over the bytes itself.
fn bindgen(wasm: &str, out_dir: &str) -> Result<(), String> {
    Bindgen::new()
        .input_path(wasm)
        .web(true)
        .and_then(|options| {
            options
                .typescript(true)
                .omit_default_module_path(true)
                .remove_name_section(true)
                .remove_producers_section(true)
                .generate(out_dir)
        })
        .map_err(|error| format!("wasm-bindgen could not process {wasm}: {error:#}"))
}
