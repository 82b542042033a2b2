//! The decoders of `codecs --speed` for Node: `tests/bench/codecs.mjs` calls them.
//!
//! Calls are by number of the code, in the order of `CODES`; one dump is held at a time.

use std::sync::Mutex;

#[path = "codecs/frames.rs"]
mod frames;
#[path = "codecs/leaves.rs"]
mod leaves;
#[path = "codecs/speed.rs"]
mod speed;

use leaves::Leaves;
use speed::{CODES, Workload};

static INPUT: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static STATE: Mutex<Option<State>> = Mutex::new(None);

static LEAVES: Mutex<Option<Leaves>> = Mutex::new(None);

struct State {
    workload: Workload,
    encoded: Vec<Vec<u8>>,
    buffer: Vec<u32>,
}

/// Room for a dump.
#[unsafe(no_mangle)]
pub extern "C" fn room(bytes: usize) -> *mut u8 {
    let mut input = INPUT.lock().expect("one thread");
    input.clear();
    input.resize(bytes, 0);
    input.as_mut_ptr()
}

/// Encodes the dump in all codes that apply, and checks that it comes back.
#[unsafe(no_mangle)]
pub extern "C" fn prepare(full: bool) {
    let workload = Workload::read(&INPUT.lock().expect("one thread"), full);
    let encode = |&(code, _): &(_, _)| {
        if code_applies(code, full) {
            workload.encode(code)
        } else {
            Vec::new()
        }
    };
    let encoded: Vec<Vec<u8>> = CODES.iter().map(encode).collect();
    let mut buffer = Vec::new();
    for ((code, _), bytes) in CODES
        .iter()
        .zip(&encoded)
        .filter(|(_, bytes)| !bytes.is_empty())
    {
        workload.decode(*code, bytes, &mut buffer, true);
    }
    *STATE.lock().expect("one thread") = Some(State {
        workload,
        encoded,
        buffer,
    });
}

fn code_applies(code: speed::Code, full: bool) -> bool {
    full || code != speed::Code::DocumentsFrames
}

/// How many numbers, or 0 if the code does not apply.
#[unsafe(no_mangle)]
pub extern "C" fn numbers(code: usize) -> usize {
    let state = STATE.lock().expect("one thread");
    let state = state.as_ref().expect("prepared");
    if state.encoded[code].is_empty() {
        0
    } else {
        state.workload.numbers(CODES[code].0)
    }
}

/// Decodes everything.
#[unsafe(no_mangle)]
pub extern "C" fn decode(code: usize) -> u32 {
    let mut state = STATE.lock().expect("one thread");
    let State {
        workload,
        encoded,
        buffer,
    } = state.as_mut().expect("prepared");
    workload.decode(CODES[code].0, &encoded[code], buffer, false)
}

/// Reads a dump of leaves; says how many keys there are to find.
#[unsafe(no_mangle)]
pub extern "C" fn prepare_leaves() -> usize {
    let leaves = Leaves::read(&INPUT.lock().expect("one thread"));
    let count = leaves.len();
    *LEAVES.lock().expect("one thread") = Some(leaves);
    count
}

/// Finds a key in its leaf.
#[unsafe(no_mangle)]
pub extern "C" fn find(number: usize) -> bool {
    let leaves = LEAVES.lock().expect("one thread");
    leaves.as_ref().expect("prepared").find(number)
}
