#!/usr/bin/env bash
# From a clean checkout to a searchable archive. `./build.sh help` lists the commands.
#
# Every step first looks whether its result is newer than its sources, so that a second run with
# nothing changed takes seconds. Rust's own steps leave that to cargo.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

TARGET=${CARGO_TARGET_DIR:-target}
WASM=$TARGET/wasm32-unknown-unknown/wasm/backfile_wasm.wasm
UNPACKER=$TARGET/wasm32-unknown-unknown/wasm/backfile_unpacker.wasm
GENERATED=www/generated
CLI=$TARGET/release/backfile
SAMPLE=tests/sample/pages
ARCHIVE=dist/archive

help() {
  cat <<'TEXT'
./build.sh [--no-serve]        sets up what is missing, builds everything and the sample archive, serves it
./build.sh test                all tests: native, in a real Chromium, and in Firefox and WebKit if they are there
./build.sh check               format, lints, documentation, types, size budget
./build.sh bench [CORPUS.jsonl[.gz] [QUERIES.jsonl]] [OPTIONS]
                               measures us and our peers on a corpus, or on one made from the sample
                               archive; options and what the table means: tests/bench/README.md
./build.sh help                this text

BACKFILE_CHROMIUM=/path/to/chromium   the browser for tests and bench; found by itself if unset
BACKFILE_FIREFOX=, BACKFILE_WEBKIT=   the same for Firefox and for WebKitGTK's WebKitWebDriver; empty leaves it out
PORT=8080                             where the sample archive is served
TEXT
}

say() { printf '\033[1m== %s\033[0m\n' "$*" >&2; }

die() {
  printf 'build.sh: %s\n' "$*" >&2
  exit 1
}

# stale RESULT SOURCE...: the result is missing, or a source is newer.
stale() {
  local result=$1
  shift
  [[ ! -e $result ]] || [[ -n $(find "$@" -newer "$result" -print -quit) ]]
}

# --- set-up -------------------------------------------------------------------------------------

setup_rust() {
  command -v cargo >/dev/null || die 'cargo is missing. Install Rust from https://rustup.rs and run this again.'
  if ! rustc --version >/dev/null 2>&1; then
    say 'installing the Rust toolchain of rust-toolchain.toml'
    rustup toolchain install
  fi
  if [[ ! -d $(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown ]]; then
    command -v rustup >/dev/null || die 'the wasm32-unknown-unknown target is missing. Install it with the package manager that installed Rust.'
    say 'installing the wasm target'
    rustup target add wasm32-unknown-unknown
  fi
  if ! has_std_sources && command -v rustup >/dev/null; then
    say 'installing the sources of the standard library'
    rustup component add rust-src || true # see compile_engine
  fi
}

has_std_sources() {
  [[ -e $(rustc --print sysroot)/lib/rustlib/src/rust/library/Cargo.lock ]]
}

setup_node() {
  command -v npm >/dev/null || die 'npm is missing. Install Node 20.12 or later from https://nodejs.org and run this again.'
  stale www/node_modules/.package-lock.json www/package-lock.json || return 0
  say 'installing npm packages'
  (cd www && npm ci --no-audit --no-fund --loglevel=error)
  touch www/node_modules/.package-lock.json
}

# The peers, for the benchmark only. Not `npm ci`: Pagefind has a package for each platform, and a
# registry that lacks one leaves it out of the lock, which `npm ci` then refuses everywhere.
setup_bench() {
  stale tests/bench/node_modules/.package-lock.json tests/bench/package-lock.json || return 0
  say 'installing the engines to compare with'
  (cd tests/bench && npm install --no-save --no-audit --no-fund --loglevel=error)
  touch tests/bench/node_modules/.package-lock.json
}

# The path of the first of these programs that there is.
find_program() {
  local name
  for name in "$@"; do
    if [[ -n $name ]] && command -v "$name"; then return; fi
  done
  return 1
}

can_install() { [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; }

install_packages() { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@"; }

find_chromium() { find_program "${BACKFILE_CHROMIUM:-}" chromium chromium-browser google-chrome; }

setup_browser() {
  if ! find_chromium >/dev/null; then
    can_install || die 'no Chromium found. Install Chromium or Google Chrome, or set BACKFILE_CHROMIUM to one.'
    say 'installing Chromium'
    install_packages chromium fonts-noto-cjk
  fi
  BACKFILE_CHROMIUM=$(find_chromium) || die 'Chromium was installed but is not on the PATH. Set BACKFILE_CHROMIUM.'
  export BACKFILE_CHROMIUM
}

# A variable that is set but empty leaves its browser out.
find_firefox() { find_program ${BACKFILE_FIREFOX-firefox-esr firefox}; }
find_webkit() { find_program xvfb-run >/dev/null && find_program ${BACKFILE_WEBKIT-WebKitWebDriver}; }

# Not every system has them, and nobody has to have them to work on this.
setup_other_browsers() {
  if can_install && [[ -n ${BACKFILE_FIREFOX-unset} ]] && ! find_firefox >/dev/null; then
    say 'installing Firefox'
    install_packages firefox-esr || true
  fi
  if can_install && [[ -n ${BACKFILE_WEBKIT-unset} ]] && ! find_webkit >/dev/null; then
    say 'installing WebKit, the engine of Safari'
    install_packages webkit2gtk-driver xvfb xauth || true
  fi
  BACKFILE_FIREFOX=$(find_firefox) || true
  BACKFILE_WEBKIT=$(find_webkit) || true
  export BACKFILE_FIREFOX BACKFILE_WEBKIT
}

# --- building -----------------------------------------------------------------------------------

build_engine() {
  say 'engine'
  compile_engine
  stale "$GENERATED/backfile_wasm.js" "$WASM" crates/xtask/src && cargo xtask bindgen "$WASM" "$GENERATED"
  stale "$GENERATED/part0.lzma" "$GENERATED/backfile_wasm_bg.wasm" "$UNPACKER" crates/xtask/src build.sh || return 0
  optimise "$UNPACKER" "$GENERATED/unpacker.wasm"
  optimise "$GENERATED/backfile_wasm_bg.wasm" "$GENERATED/engine.wasm" \
    --minify-imports-and-exports-and-modules >"$GENERATED/names.json"
  [[ -s $GENERATED/names.json ]] || rm "$GENERATED/names.json" # without Binaryen nothing is renamed
  # What comes at the start; what nearly every search needs; what filters, counts and orders need.
  cargo xtask split "$GENERATED/engine.wasm" "$GENERATED/names.json" "$GENERATED" \
    engine_load,engine_loadInflated,engine_searchPlain,engine_hits,engine_wantsForHits engine_search
  cargo xtask pack "$GENERATED"
}

# The standard library comes compiled for programs that say what went wrong before they give up. The
# engine cannot say it, a trap is all that a page hears of; so std is compiled here, for size, and a
# panic is the trap alone. Both are options that a stable compiler has only if it is told that it may
# use them, which the pinned toolchain makes safe to rely on. Without the sources of std the engine
# is only bigger.
compile_engine() {
  local build=(cargo build --profile wasm --target wasm32-unknown-unknown -p backfile-wasm -p backfile-unpacker --locked)
  if has_std_sources; then
    RUSTC_BOOTSTRAP=1 RUSTFLAGS='-Zunstable-options -Cpanic=immediate-abort' \
      "${build[@]}" -Zbuild-std=std,panic_abort -Zbuild-std-features=optimize_for_size
  else
    say 'warning: the rust-src component is missing, the engine stays larger than it has to be'
    "${build[@]}"
  fi
}

# Binaryen takes off a tenth in two rounds; the second is 130 bytes of what is sent. It is large and
# optional: without it the engine is only bigger. What it may take for granted (--low-memory-unused)
# is that no data lies in the first KiB: the stack ends there.
# Told to, it gives imports and exports names of one letter and prints a list of them, for build.mjs:
# those of wasm-bindgen have hashes in them, which nothing packs.
optimise() {
  local wasm_opt=www/node_modules/.bin/wasm-opt from=$1 to=$2
  shift 2
  if [[ -x $wasm_opt ]]; then
    "$wasm_opt" -Oz -Oz --low-memory-unused --strip-producers --strip-target-features "$@" "$from" -o "$to"
  else
    say 'warning: wasm-opt is missing, the engine stays larger than it has to be' >&2
    cp "$from" "$to"
  fi
}

build_www() {
  local sources=(www/src www/scripts www/index.html www/tsconfig.json www/package-lock.json "$GENERATED"/part0.lzma "$GENERATED"/backfile_wasm.{js,d.ts})
  stale www/dist/index.html "${sources[@]}" || return 0
  say 'www'
  node www/scripts/build.mjs
}

build_cli() {
  say 'builder'
  cargo build --release -p backfile --locked
}

build_sample() {
  stale "$ARCHIVE/backfile/manifest.bf" "$CLI" "$SAMPLE" || return 0
  say 'sample archive'
  # Anew: until its first release, what an earlier builder wrote may be of another format.
  "$CLI" build "$SAMPLE" --out "$ARCHIVE" --title 鹭陵报 --language zh-CN --fresh
  touch "$ARCHIVE/backfile/manifest.bf" # files that come out the same are not written again
}

build_all() {
  setup_rust
  setup_node
  build_engine
  build_www
  build_cli
  build_sample
}

# --- commands -----------------------------------------------------------------------------------

build_and_serve() {
  build_all
  say "the sample archive is in $ARCHIVE"
  [[ ${1:-} == --no-serve ]] || exec node www/scripts/serve.mjs "$ARCHIVE" --port "${PORT:-8080}"
}

run_tests() {
  local log=$TARGET/test.log status=0 browser
  build_all
  setup_browser
  setup_other_browsers
  say 'tests'
  cargo test --workspace --locked --no-fail-fast 2>&1 | tee "$log" || status=1
  test_in chromium tests/web/*.test.mjs | tee -a "$log" || status=1
  # What takes no more than the drivers of all browsers can do. One file at a time: Xvfb's displays are numbered.
  local everywhere=(--test-concurrency=1 tests/web/{client,early,extents,one-file,parity,reader}.test.mjs)
  for browser in firefox webkit; do
    if BACKFILE_BROWSER=$browser node tests/web/browsers.mjs; then
      test_in "$browser" "${everywhere[@]}" | tee -a "$log" || status=1
    else
      say "warning: nothing is tested in $browser. Install it, or set BACKFILE_FIREFOX or BACKFILE_WEBKIT"
    fi
  done
  count_tests "$log"
  return "$status"
}

test_in() {
  say "tests in $1"
  BACKFILE_BROWSER=$1 BACKFILE_CLI=$CLI node --test --test-reporter=spec "${@:2}" 2>&1
}

# Adds up the summaries of cargo and of node.
count_tests() {
  awk '/^test result:/ { passed += $4; failed += $6 }
       /^ℹ pass / { passed += $3 }
       /^ℹ fail / { failed += $3 }
       END { printf "%d passed, %d failed\n", passed, failed }' "$1"
}

run_checks() {
  build_all
  say 'format, lints, documentation'
  cargo fmt --all --check
  cargo clippy --workspace --all-targets --locked -- -D warnings
  cargo clippy -p backfile-wasm --target wasm32-unknown-unknown --locked -- -D warnings
  # Developers read the private items too, so a public page may link to them.
  RUSTDOCFLAGS='-D warnings -A rustdoc::private_intra_doc_links' \
    cargo doc --workspace --no-deps --document-private-items --locked
  say 'types'
  www/node_modules/.bin/tsc --noEmit -p www
  www/node_modules/.bin/tsc --noEmit -p tests/web/types
  say 'size'
  # shellcheck disable=SC2046 # no word, or one
  node www/scripts/size.mjs $(has_std_sources || echo --ordinary-std)
}

run_bench() {
  build_all
  setup_browser
  setup_bench
  say 'benchmark'
  cargo build --release --quiet --locked -p acceptance --examples
  BACKFILE_CLI=$CLI node tests/bench/run.mjs "$@"
}

main() {
  local command=${1:-}
  case $command in
    '' | --no-serve) build_and_serve "$command" ;;
    test) run_tests ;;
    check) run_checks ;;
    bench) run_bench "${@:2}" ;;
    help | -h | --help) help ;;
    *) help >&2 && exit 2 ;;
  esac
}

main "$@"
