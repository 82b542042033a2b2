#!/usr/bin/env bash
# Measures a build and its searches on one corpus: tests/bench/run.sh [CORPUS.jsonl [QUERIES.jsonl]]
#
# Prints the builder's summary, what would be uploaded, what a reader downloads before the first
# block, and warm and cold searches in Chromium. `./build.sh bench` builds everything first.
# Figures are of this machine and this moment: compare runs, not numbers from elsewhere.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

CORPORA=../shared/corpora
CORPUS=${1:-$CORPORA/zh-cctv.jsonl}
NAME=$(basename "${CORPUS%.gz}" .jsonl)
QUERIES=${2:-$CORPORA/queries-$NAME.jsonl}
OUT=${CARGO_TARGET_DIR:-target}/bench
CLI=${BACKFILE_CLI:-${CARGO_TARGET_DIR:-target}/release/backfile}

require() {
  [[ -e $1 ]] && return
  printf 'bench: %s is missing. Give a corpus and its queries: ./build.sh bench CORPUS.jsonl QUERIES.jsonl\n' "$1" >&2
  exit 1
}

title() { printf '\n== %s\n' "$*"; }

published() {
  local site=$1
  find "$site" -type f | awk 'END { printf "%d files, ", NR }'
  find "$site" -type f -printf '%s\n' | awk '{ sum += $1; if ($1 > max) max = $1 } END { printf "%d bytes, the largest %d\n", sum, max }'
}

main() {
  require "$CORPUS"
  require "$QUERIES"
  mkdir -p "$OUT"
  title "build of $CORPUS"
  "$CLI" build "$CORPUS" --out "$OUT/$NAME" --json
  title 'published'
  published "$OUT/$NAME"
  title 'scripts and engine'
  node www/scripts/size.mjs
  title 'warm searches natively'
  cargo run --release --quiet --locked -p acceptance --example native_search -- "$OUT/$NAME" "$QUERIES"
  title 'searches in Chromium'
  node tests/bench/browser.mjs "$OUT/$NAME" "$QUERIES" "$OUT/$NAME.json"
}

main
