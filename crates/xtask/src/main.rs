//! Build steps of this repository that need Rust; `build.sh` runs them.
//!
//! The post-processor of wasm-bindgen is linked in as a library instead of being installed as a
//! command: `Cargo.lock` then pins it to the version of the macro, the two cannot drift apart,
//! and a clean checkout needs no global installation.

mod split;
mod take_apart;

use std::collections::HashMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

use backfile_unpacker::{APART, PACKED, PART};
use lzma_rust2::{LzmaOptions, LzmaReader, LzmaWriter};
use wasm_bindgen_cli_support::Bindgen;

const USAGE: &str = "usage: cargo xtask bindgen ENGINE.wasm OUT_DIR
       cargo xtask split ENGINE.wasm NAMES.json OUT_DIR EXPORT,EXPORT...
       cargo xtask pack DIR
       cargo xtask frequent TEXT...";

/// Characters of a codebook: 60 of one byte and two pages. By calculation, a third page would make the
/// documents of zh-cctv 2 % smaller, and everybody's manifest 0.3 KB larger.
const CODEBOOK: usize = 60 + 2 * 256;

/// What a reader of packed bytes may take beyond what it needs.
const AHEAD: usize = 8;

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
        ["split", wasm, names, out_dir, ref later @ ..] => split(wasm, names, out_dir, later),
        ["pack", folder] => pack(folder),
        ["frequent", ref texts @ ..] if !texts.is_empty() => frequent(texts),
        _ => Err(USAGE.to_owned()),
    }
}

/// Lists characters for a codebook (`crates/builder/codebooks`): those that have three bytes in UTF-8,
/// the most frequent first. Each text counts as much as every other, however long it is.
fn frequent(texts: &[&str]) -> Result<(), String> {
    let mut shares: HashMap<char, f64> = HashMap::new();
    for file in texts {
        let text = fs::read_to_string(file);
        let text = text.map_err(|error| format!("{file} cannot be read: {error}"))?;
        let mut counts: HashMap<char, u32> = HashMap::new();
        let long = text.chars().filter(|character| character.len_utf8() == 3);
        long.for_each(|character| *counts.entry(character).or_default() += 1);
        let all: f64 = counts.values().copied().map(f64::from).sum();
        for (character, count) in counts {
            *shares.entry(character).or_default() += f64::from(count) / all;
        }
    }
    let mut order: Vec<(char, f64)> = shares.into_iter().collect();
    order.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
    for line in order[..order.len().min(CODEBOOK)].chunks(64) {
        println!("{}", line.iter().map(|(own, _)| own).collect::<String>());
    }
    Ok(())
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

/// Writes `part0.wasm` and those behind it: for each group of exports, with commas in between, one.
/// Exports are called as in Rust; `names` is Binaryen's list of what it calls them, if it has been
/// over the engine.
fn split(wasm: &str, names: &str, out_dir: &str, later: &[&str]) -> Result<(), String> {
    let read = |file| fs::read(file).map_err(|error| format!("{file} cannot be read: {error}"));
    let names: HashMap<String, String> = if fs::exists(names).unwrap_or(false) {
        let list: serde_json::Value = serde_json::from_slice(&read(names)?)
            .map_err(|error| format!("{names} is no list of names: {error}"))?;
        let exports = list["exports"].as_array().cloned().unwrap_or_default();
        exports
            .iter()
            .filter_map(|pair| Some((pair[0].as_str()?.to_owned(), pair[1].as_str()?.to_owned())))
            .collect()
    } else {
        HashMap::new()
    };
    let renamed = |name: &str| names.get(name).map_or(name, String::as_str).to_owned();
    let group = |group: &&str| group.split(',').map(renamed).collect();
    let later: Vec<Vec<String>> = later.iter().map(group).collect();
    let parts = split::split(&read(wasm)?, &later)
        .map_err(|error| format!("{wasm} could not be split: {error}"))?;
    for (number, part) in parts.iter().enumerate() {
        let file = part_file(out_dir, number, "wasm");
        fs::write(&file, part)
            .map_err(|error| format!("{} cannot be written: {error}", file.display()))?;
    }
    remove_later(out_dir, parts.len())
        .map_err(|error| format!("parts of an earlier cut cannot be removed: {error}"))
}

/// An earlier cut may have been one into more parts, which nobody must take for some of this one.
fn remove_later(folder: &str, mut number: usize) -> io::Result<()> {
    while part_file(folder, number, "wasm").exists() {
        for extension in ["wasm", "lzma"] {
            let file = part_file(folder, number, extension);
            if file.exists() {
                fs::remove_file(file)?;
            }
        }
        number += 1;
    }
    Ok(())
}

fn part_file(folder: &str, number: usize, extension: &str) -> PathBuf {
    Path::new(folder).join(format!("part{number}.{extension}"))
}

/// Writes `part0.lzma` and those behind it, what `crates/unpacker` reads: one packed file for all
/// parts, each [taken apart](take_apart), behind one another, since each is shorter for what was learnt
/// from those before. It is cut where all of a part can be unpacked. The reader takes the parameters
/// for granted.
fn pack(folder: &str) -> Result<(), String> {
    let parts = (0..).map(|number| part_file(folder, number, "wasm"));
    let parts = parts.take_while(|file| file.exists());
    let parts: Vec<Vec<u8>> = parts.map(read_apart).collect::<Result<_, _>>()?;
    let write = |pieces: Vec<Vec<u8>>| {
        let mut numbered = (0..).zip(pieces);
        numbered.try_for_each(|(number, piece)| fs::write(part_file(folder, number, "lzma"), piece))
    };
    let written = pack_parts(&parts).and_then(write);
    written.map_err(|error| format!("{folder} could not be packed: {error}"))
}

fn read_apart(file: PathBuf) -> Result<Vec<u8>, String> {
    let name = file.display();
    let part = fs::read(&file).map_err(|error| format!("{name} cannot be read: {error}"))?;
    fits(part.len(), PART).map_err(|error| format!("{name}: {error}"))?;
    take_apart::take_apart(&part).map_err(|error| format!("{name} cannot be taken apart: {error}"))
}

/// The packed pieces, one for each part.
fn pack_parts(parts: &[Vec<u8>]) -> io::Result<Vec<Vec<u8>>> {
    let bytes = parts.concat();
    fits(bytes.len(), APART)?;
    let mut options = LzmaOptions::with_preset(9);
    // What stands before a byte of a strand says little about it.
    (options.lc, options.lp, options.pb) = (1, 0, 0);
    options.dict_size = 1 << 20;
    options.depth_limit = 1000;
    let size = Some(bytes.len() as u64);
    let mut writer = LzmaWriter::new_use_header(Vec::new(), &options, size)?;
    writer.write_all(&bytes)?;
    let packed = writer.finish()?;
    fits(packed.len(), PACKED)?;
    let (mut start, mut unpacked) = (0, 0);
    let piece = |part: &Vec<u8>| {
        unpacked += part.len();
        let end = enough_for(&packed, &bytes[..unpacked]);
        let piece = packed[start..end].to_vec();
        start = end;
        piece
    };
    Ok(parts.iter().map(piece).collect())
}

fn fits(bytes: usize, room: usize) -> io::Result<()> {
    let message = format!("{bytes} bytes are more than crates/unpacker has room for, {room}");
    let fits = bytes <= room;
    fits.then_some(()).ok_or_else(|| io::Error::other(message))
}

/// How much of what is packed it takes to unpack `beginning`, and a few bytes more: readers differ in
/// how far they look ahead.
fn enough_for(packed: &[u8], beginning: &[u8]) -> usize {
    let unpacks = |bytes: usize| {
        let mut unpacked = vec![0; beginning.len()];
        let reader = LzmaReader::new_mem_limit(&packed[..bytes], u32::MAX, None);
        reader.is_ok_and(|mut reader| reader.read_exact(&mut unpacked).is_ok())
            && unpacked == beginning
    };
    let (mut too_few, mut enough) = (0, packed.len());
    while enough - too_few > 1 {
        let middle = too_few.midpoint(enough);
        if unpacks(middle) {
            enough = middle;
        } else {
            too_few = middle;
        }
    }
    (enough + AHEAD).min(packed.len())
}
