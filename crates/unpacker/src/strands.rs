//! A part of the engine, taken apart into strands of like bytes, which pack better.
//!
//! In a WebAssembly module the number of a local follows the operator that reads it, and an offset
//! the operator that loads from there. A packer that looks for what comes again, as LZMA does, sees
//! the same operators in a row and then another offset, and has to begin anew. With all operators in
//! one row and all offsets in another, each row goes on longer and is more like itself. This is
//! known as split streams. `crates/xtask/src/take_apart.rs` takes a part apart; here it is put
//! together again, byte for byte.
//!
//! What is packed is this, numbers as four bytes each, the low one first:
//!
//! ```text
//! number     bytes of all this
//! number     those of the part that are before its code section
//! 6 numbers  bytes of each strand but the last
//! strands    in the order of `Strand`
//! ```
//!
//! Sizes of the code section and of functions are left out: they follow from what is there.

/// A row of like bytes.
#[derive(Clone, Copy)]
pub enum Strand {
    /// All but the code section; within it, the number of functions and the locals of each.
    Frame,
    /// Operators, with those operands that have no strand of their own.
    Operators,
    /// Locals that are read.
    Gets,
    /// Locals that are written.
    Sets,
    /// Functions that are called.
    Calls,
    /// Offsets of loads and stores.
    Offsets,
    /// Constants of 32 bits.
    Constants,
}

/// How many there are.
pub const STRANDS: usize = Strand::Constants as usize + 1;
/// Numbers before the first.
pub const NUMBERS: usize = STRANDS + 1;

/// Said in place of an operator: so many bytes follow that are to be taken as they are.
pub const AS_IT_IS: u8 = 0xFF;
/// From here on there are the usual loads and stores, by number; WebAssembly has no operators there
/// that we use.
pub const USUAL: u8 = 0xD3;
/// Their operators, and how each is aligned, as a power of two: all by their size, and those of 64
/// bits once more as copies of structures have them.
pub const LOADS_AND_STORES: [(u8, u8); 25] = [
    (0x28, 2),
    (0x29, 3),
    (0x2A, 2),
    (0x2B, 3),
    (0x2C, 0),
    (0x2D, 0),
    (0x2E, 1),
    (0x2F, 1),
    (0x30, 0),
    (0x31, 0),
    (0x32, 1),
    (0x33, 1),
    (0x34, 2),
    (0x35, 2),
    (0x36, 2),
    (0x37, 3),
    (0x38, 2),
    (0x39, 3),
    (0x3A, 0),
    (0x3B, 1),
    (0x3C, 0),
    (0x3D, 1),
    (0x3E, 2),
    (0x29, 2),
    (0x37, 2),
];

/// Where the one operand of an operator is; nothing for all others.
pub fn operand(operator: u8) -> Option<Strand> {
    match operator {
        // Blocks, branches, globals, constants of 64 bits.
        0x02..=0x04 | 0x0C | 0x0D | 0x23 | 0x24 | 0x42 => Some(Strand::Operators),
        0x10 => Some(Strand::Calls),
        0x20 => Some(Strand::Gets),
        0x21 | 0x22 => Some(Strand::Sets),
        0x41 => Some(Strand::Constants),
        _ => None,
    }
}

/// The operators that open a block, and the one that ends it.
pub const BLOCKS: core::ops::RangeInclusive<u8> = 0x02..=0x04;
const END: u8 = 0x0B;
/// The number of the code section.
const CODE: u8 = 10;

/// How many bytes what has been taken apart has in all.
pub(crate) fn bytes_of(apart: &[u8]) -> usize {
    number(apart, 0)
}

fn number(apart: &[u8], place: usize) -> usize {
    let bytes = apart[4 * place..].first_chunk();
    bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes)) as usize
}

/// Puts a part together at the beginning of `part`, and says how many bytes it has.
pub(crate) fn put_together(apart: &[u8], part: &mut [u8]) -> usize {
    let mut at = [4 * NUMBERS; STRANDS];
    for strand in 1..STRANDS {
        at[strand] = at[strand - 1] + number(apart, strand + 1);
    }
    let frame_end = at[Strand::Operators as usize];
    let mut weaver = Weaver {
        apart,
        at,
        part,
        end: 0,
    };
    weaver.copy(Strand::Frame, number(apart, 1));
    weaver.put(CODE);
    weaver.code();
    weaver.copy(Strand::Frame, frame_end - weaver.at[Strand::Frame as usize]);
    weaver.end
}

struct Weaver<'b> {
    apart: &'b [u8],
    /// Where each strand goes on.
    at: [usize; STRANDS],
    part: &'b mut [u8],
    end: usize,
}

impl Weaver<'_> {
    fn next(&mut self, strand: Strand) -> u8 {
        let at = &mut self.at[strand as usize];
        let byte = self.apart[*at];
        *at += 1;
        byte
    }

    fn put(&mut self, byte: u8) {
        self.part[self.end] = byte;
        self.end += 1;
    }

    #[inline(never)]
    fn copy(&mut self, strand: Strand, count: usize) {
        for _ in 0..count {
            let byte = self.next(strand);
            self.put(byte);
        }
    }

    /// Copies a number as WebAssembly has it.
    #[inline(never)]
    fn leb(&mut self, strand: Strand) -> u32 {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = self.next(strand);
            self.put(byte);
            value |= u32::from(byte & 0x7F).wrapping_shl(shift);
            shift += 7;
            if byte < 0x80 {
                return value;
            }
        }
    }

    /// Puts the size before what has been written since `start`.
    #[inline(never)]
    fn put_size(&mut self, start: usize) {
        let size = self.end - start;
        let mut bytes = 1;
        while size >> (7 * bytes) > 0 {
            bytes += 1;
        }
        for at in (start..self.end).rev() {
            self.part[at + bytes] = self.part[at];
        }
        for at in 0..bytes {
            self.part[start + at] = (size >> (7 * at)) as u8 | 0x80;
        }
        self.part[start + bytes - 1] &= 0x7F;
        self.end += bytes;
    }

    fn code(&mut self) {
        let start = self.end;
        for _ in 0..self.leb(Strand::Frame) {
            let start = self.end;
            self.function();
            self.put_size(start);
        }
        self.put_size(start);
    }

    #[inline(never)]
    fn function(&mut self) {
        for _ in 0..self.leb(Strand::Frame) {
            self.leb(Strand::Frame);
            self.copy(Strand::Frame, 1);
        }
        let mut depth = 1;
        while depth > 0 {
            let operator = self.next(Strand::Operators);
            if operator == AS_IT_IS {
                let count = self.next(Strand::Operators);
                self.copy(Strand::Operators, count.into());
            } else if operator >= USUAL {
                let (operator, alignment) = LOADS_AND_STORES[usize::from(operator - USUAL)];
                self.put(operator);
                self.put(alignment);
                self.leb(Strand::Offsets);
            } else {
                self.put(operator);
                if let Some(strand) = operand(operator) {
                    self.leb(strand);
                }
                if BLOCKS.contains(&operator) {
                    depth += 1;
                } else if operator == END {
                    depth -= 1;
                }
            }
        }
    }
}
