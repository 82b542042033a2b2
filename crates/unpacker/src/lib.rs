//! Unpacks the engine before it is compiled: what `cargo xtask pack` has made of its parts.
//!
//! Browsers inflate what is in gzip's format and nothing better that all of them have. LZMA takes a
//! seventh less of the engine, and with each part [taken apart](strands) before another tenth. A
//! script would unpack it before a browser has compiled that script well. A module of WebAssembly is
//! compiled before it runs, so this is one, of 3 KB, within `backfile.js` (`www/scripts/build.mjs`).
//!
//! What comes in is ours, and the browser has held it against its hash, so nothing is checked here.
//! Of anything else it makes nonsense, or a trap.

// Without std there is no message in the module that says why it gave up, and nobody would see it.
#![cfg_attr(target_family = "wasm", no_std)]

mod lzma;
pub mod strands;

use lzma::Lzma;
use strands::{NUMBERS, put_together};

/// Bytes of all parts together at most, packed.
pub const PACKED: usize = 1 << 17;
/// The same, taken apart.
pub const APART: usize = 1 << 18;
/// Bytes of a part at most.
pub const PART: usize = 1 << 18;

/// Parts on their way. What is small comes first, as in [`Lzma`].
#[repr(C)]
pub struct Unpacker {
    /// How much of `packed` has come.
    end: usize,
    /// Where the next part begins in `apart`.
    start: usize,
    part_bytes: usize,
    lzma: Lzma,
    packed: [u8; PACKED],
    apart: [u8; APART],
    part: [u8; PART],
}

impl Default for Unpacker {
    fn default() -> Self {
        Self::new()
    }
}

impl Unpacker {
    /// One that nothing has come to.
    pub const fn new() -> Self {
        Self {
            end: 0,
            start: 0,
            part_bytes: 0,
            lzma: Lzma::new(),
            packed: [0; PACKED],
            apart: [0; APART],
            part: [0; PART],
        }
    }

    /// The place for the next so many packed bytes.
    pub fn room(&mut self, bytes: usize) -> &mut [u8] {
        let start = self.end;
        self.end += bytes;
        &mut self.packed[start..self.end]
    }

    /// The next part, all of which has come.
    pub fn next_part(&mut self) -> &[u8] {
        self.unpack(4 * NUMBERS);
        let bytes = strands::bytes_of(&self.apart[self.start..]);
        self.unpack(bytes);
        let apart = &self.apart[self.start..self.start + bytes];
        self.part_bytes = put_together(apart, &mut self.part);
        self.start += bytes;
        &self.part[..self.part_bytes]
    }

    /// Unpacks so many bytes of the next part, if they are not there.
    fn unpack(&mut self, bytes: usize) {
        let end = self.start + bytes;
        self.lzma
            .unpack(&self.packed[..self.end], &mut self.apart, end);
    }
}

/// For JavaScript, which has one engine for each instance of this module.
#[cfg(target_family = "wasm")]
mod exports {
    use super::Unpacker;
    use core::panic::PanicInfo;

    #[panic_handler]
    fn trap(_: &PanicInfo<'_>) -> ! {
        core::arch::wasm32::unreachable()
    }

    static mut UNPACKER: Unpacker = Unpacker::new();

    fn unpacker() -> &'static mut Unpacker {
        // SAFETY: there is one thread, each call ends before the next, and nothing in here calls
        // out: there is never a second reference.
        unsafe { &mut *(&raw mut UNPACKER) }
    }

    /// Where the next so many packed bytes belong.
    #[unsafe(no_mangle)]
    extern "C" fn room(bytes: usize) -> *mut u8 {
        unpacker().room(bytes).as_mut_ptr()
    }

    /// Where the next part is, all of which has come.
    #[unsafe(no_mangle)]
    extern "C" fn part() -> *const u8 {
        unpacker().next_part().as_ptr()
    }

    /// How many bytes that part has.
    #[unsafe(no_mangle)]
    extern "C" fn bytes() -> usize {
        unpacker().part_bytes
    }
}
