//! A reader of `.lzma` files with lc 1, lp 0 and pb 0, of known size.
//!
//! It follows the specification in the LZMA SDK by Igor Pavlov, which is in the public domain. The
//! file may come in pieces: it is unpacked as far as is asked for, and goes on from there.

/// Where the chances of each kind of bits begin.
const MATCH: usize = 0;
const AGAIN: usize = 12;
const AGAIN_0: usize = 24;
const AGAIN_1: usize = 36;
const AGAIN_2: usize = 48;
const AGAIN_0_LONG: usize = 60;
const SLOTS: usize = 72;
const DISTANCES: usize = 328;
const ALIGNED: usize = 456;
const LENGTHS: usize = 472;
const LENGTHS_AGAIN: usize = 746;
const LITERALS: usize = 1020;
const LITERAL_CHANCES: usize = 0x300;
const CHANCES: usize = LITERALS + 2 * LITERAL_CHANCES;

/// Bytes before those of the range coder, the first of which is always zero.
const HEADER: usize = 13;

/// How far unpacking has come. What is small comes first: it is reached with short instructions.
#[repr(C)]
pub(crate) struct Lzma {
    /// What the last few things were: bytes or copies.
    state: usize,
    /// The distances of the last four copies, less 1.
    distances: [usize; 4],
    range: u32,
    code: u32,
    /// The next packed byte.
    next: usize,
    /// The next byte to be unpacked.
    at: usize,
    /// How probable a zero is, of 2048.
    chances: [u16; CHANCES],
}

impl Lzma {
    pub(crate) const fn new() -> Self {
        Self {
            state: 0,
            distances: [0; 4],
            range: 0,
            code: 0,
            next: 0,
            at: 0,
            chances: [0; CHANCES],
        }
    }

    /// Unpacks until `out` has so many bytes, or a few more.
    pub(crate) fn unpack(&mut self, packed: &[u8], out: &mut [u8], end: usize) {
        if self.next == 0 {
            self.begin(packed);
        }
        while self.at < end {
            self.step(packed, out);
        }
    }

    fn begin(&mut self, packed: &[u8]) {
        self.chances.fill(1024);
        self.next = HEADER + 1;
        self.range = u32::MAX;
        for _ in 0..4 {
            self.take(packed);
        }
    }

    fn take(&mut self, packed: &[u8]) {
        self.code = self.code << 8 | u32::from(packed[self.next]);
        self.next += 1;
    }

    fn widen(&mut self, packed: &[u8]) {
        if self.range < 1 << 24 {
            self.range <<= 8;
            self.take(packed);
        }
    }

    /// A bit with a chance.
    fn bit(&mut self, packed: &[u8], place: usize) -> usize {
        let chance = self.chances[place];
        let bound = (self.range >> 11) * u32::from(chance);
        let bit = if self.code < bound {
            self.range = bound;
            self.chances[place] = chance + ((2048 - chance) >> 5);
            0
        } else {
            self.range -= bound;
            self.code -= bound;
            self.chances[place] = chance - (chance >> 5);
            1
        };
        self.widen(packed);
        bit
    }

    /// So many bits without chances.
    fn even(&mut self, packed: &[u8], count: usize) -> usize {
        let mut number = 0;
        for _ in 0..count {
            self.range >>= 1;
            let bit = self.code >= self.range;
            if bit {
                self.code -= self.range;
            }
            number = number << 1 | usize::from(bit);
            self.widen(packed);
        }
        number
    }

    /// So many bits with a chance for each beginning, the high ones first.
    fn tree(&mut self, packed: &[u8], place: usize, count: usize) -> usize {
        let mut number = 1;
        for _ in 0..count {
            number = number << 1 | self.bit(packed, place + number);
        }
        number - (1 << count)
    }

    /// The same, the low ones first.
    fn reversed(&mut self, packed: &[u8], place: usize, count: usize) -> usize {
        let (mut number, mut beginning) = (0, 1);
        for at in 0..count {
            let bit = self.bit(packed, place + beginning);
            beginning = beginning << 1 | bit;
            number |= bit << at;
        }
        number
    }

    /// A byte, or a copy of bytes.
    fn step(&mut self, packed: &[u8], out: &mut [u8]) {
        let state = self.state;
        if self.bit(packed, MATCH + state) == 0 {
            out[self.at] = self.literal(packed, out);
            self.at += 1;
            self.state = match state {
                0..4 => 0,
                4..10 => state - 3,
                _ => state - 6,
            };
            return;
        }
        let count = self.copy(packed);
        for _ in 0..count {
            out[self.at] = out[self.at - self.distances[0] - 1];
            self.at += 1;
        }
    }

    fn literal(&mut self, packed: &[u8], out: &[u8]) -> u8 {
        let before = self.at.checked_sub(1).map_or(0, |before| out[before]);
        let place = LITERALS + LITERAL_CHANCES * usize::from(before >> 7);
        let mut byte = 1;
        if self.state >= 7 {
            // As long as its bits are those of the byte where the last copy would go on, the chances
            // are others.
            let mut expected = usize::from(out[self.at - self.distances[0] - 1]);
            while byte < 256 {
                expected <<= 1;
                let other = expected & 256;
                let bit = self.bit(packed, place + 256 + other + byte);
                byte = byte << 1 | bit;
                if bit << 8 != other {
                    break;
                }
            }
        }
        while byte < 256 {
            byte = byte << 1 | self.bit(packed, place + byte);
        }
        byte as u8
    }

    /// How many bytes are copied; from where is the first of the distances.
    fn copy(&mut self, packed: &[u8]) -> usize {
        let state = self.state;
        if self.bit(packed, AGAIN + state) == 0 {
            let count = self.length(packed, LENGTHS);
            let distance = self.distance(packed, count);
            self.use_again(3, distance);
            self.state = if state < 7 { 7 } else { 10 };
            return count;
        }
        let which = if self.bit(packed, AGAIN_0 + state) == 0 {
            if self.bit(packed, AGAIN_0_LONG + state) == 0 {
                self.state = if state < 7 { 9 } else { 11 };
                return 1;
            }
            0
        } else if self.bit(packed, AGAIN_1 + state) == 0 {
            1
        } else {
            2 + self.bit(packed, AGAIN_2 + state)
        };
        self.use_again(which, self.distances[which]);
        self.state = if state < 7 { 8 } else { 11 };
        self.length(packed, LENGTHS_AGAIN)
    }

    /// Puts a distance first, in place of the one that was there.
    fn use_again(&mut self, mut place: usize, distance: usize) {
        while place > 0 {
            self.distances[place] = self.distances[place - 1];
            place -= 1;
        }
        self.distances[0] = distance;
    }

    fn length(&mut self, packed: &[u8], place: usize) -> usize {
        if self.bit(packed, place) == 0 {
            2 + self.tree(packed, place + 2, 3)
        } else if self.bit(packed, place + 1) == 0 {
            10 + self.tree(packed, place + 10, 3)
        } else {
            18 + self.tree(packed, place + 18, 8)
        }
    }

    fn distance(&mut self, packed: &[u8], length: usize) -> usize {
        let slot = self.tree(packed, SLOTS + 64 * (length - 2).min(3), 6);
        if slot < 4 {
            return slot;
        }
        let count = (slot >> 1) - 1;
        let base = (2 + (slot & 1)) << count;
        if slot < 14 {
            base + self.reversed(packed, DISTANCES + base - slot, count)
        } else {
            let high = self.even(packed, count - 4) * 16;
            base + high + self.reversed(packed, ALIGNED, 4)
        }
    }
}
