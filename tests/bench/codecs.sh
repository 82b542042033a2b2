#!/usr/bin/env bash
# Times the codes in wasm, scalar and with simd128: tests/bench/codecs.sh DUMP [LEAVES]
#
# The dump is from `codecs ARCHIVE --dump FILE`, the leaves from `--leaves FILE`. The decoders are built in a package that links the
# core and nothing else, with the engine's profile: what other tests need does not all compile to
# wasm.
set -euo pipefail
DUMP=$(realpath "$1")
LEAVES=${2:+$(realpath "$2")}
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

PACKAGE=${CARGO_TARGET_DIR:-target}/codecs
TRIPLE=wasm32-unknown-unknown

write_package() {
  mkdir -p "$PACKAGE"
  cp Cargo.lock "$PACKAGE"
  cat >"$PACKAGE/Cargo.toml" <<TOML
[package]
name = "codecs"
version = "0.0.0"
edition = "2024"
[lib]
crate-type = ["cdylib"]
path = "$PWD/tests/bench/codecs_wasm.rs"
[dependencies]
backfile-core = { path = "$PWD/crates/core" }
[profile.wasm]
$(sed '1,/^\[profile.wasm\]/d; /^$/,$d' Cargo.toml)
[workspace]
TOML
}

measure() {
  local name=$1 flags=$2 folder
  folder=$(realpath "$PACKAGE")/$name
  (cd "$PACKAGE" && RUSTFLAGS=$flags cargo build --quiet --offline --profile wasm --target $TRIPLE --target-dir "$folder")
  printf '\n%s\n\n' "$name"
  node tests/bench/codecs.mjs "$folder/$TRIPLE/wasm/codecs.wasm" "$DUMP" "$LEAVES"
}

write_package
measure scalar ''
measure simd128 '-C target-feature=+simd128'
