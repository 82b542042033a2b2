//! Build steps of this repository that need Rust; `build.sh` runs them.
//!
//! The post-processor of wasm-bindgen is linked in as a library instead of being installed as a
//! command: `Cargo.lock` then pins it to the version of the macro, the two cannot drift apart,
//! and a clean checkout needs no global installation.

use std::io::Write;
use std::process::ExitCode;
use std::{env, fs, io};

use lzma_rust2::{LzmaOptions, LzmaWriter};
use wasm_bindgen_cli_support::Bindgen;

const USAGE: &str = "usage: cargo xtask bindgen ENGINE.wasm OUT_DIR
       cargo xtask pack ENGINE.wasm ENGINE.lzma";

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
        ["pack", wasm, packed] => {
            pack(wasm, packed).map_err(|error| format!("{wasm} could not be packed: {error}"))
        }
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

/// Writes what `www/src/unpack.ts` reads: parameters that it takes for granted, and the size.
fn pack(wasm: &str, packed: &str) -> io::Result<()> {
    let bytes = fs::read(wasm)?;
    let mut options = LzmaOptions::with_preset(9);
    (options.lc, options.lp, options.pb) = (3, 0, 0);
    options.dict_size = 1 << 20;
    options.depth_limit = 1000;
    let size = Some(bytes.len() as u64);
    let mut writer = LzmaWriter::new_use_header(Vec::new(), &options, size)?;
    writer.write_all(&bytes)?;
    fs::write(packed, writer.finish()?)
}
