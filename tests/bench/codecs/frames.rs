//! Frames of 128 numbers with exceptions, laid out for four lanes.
//!
//! Number *i* is in lane *i* mod 4; each lane is packed into words of 32 bits, and the lanes'
//! words alternate (D. Lemire, L. Boytsov, "Decoding billions of integers per second through
//! vectorization", Software: Practice and Experience 45(1), 2015: S4-BP128). The same bytes are
//! read with `simd128`, or in scalar code by a compiler that may do as it likes.

/// Appends a frame: width, exceptions, width of their upper bits in bytes; lanes; exceptions.
pub(crate) fn write(values: &[u32], out: &mut Vec<u8>) {
    let widest = values.iter().map(|&value| bits(value)).max().unwrap_or(0);
    let width = (0..=widest)
        .min_by_key(|&width| cost(values, width, widest))
        .unwrap_or(widest);
    let exceptions: Vec<usize> = (0..128).filter(|&at| bits(values[at]) > width).collect();
    let upper_bytes = (widest - width).div_ceil(8);
    out.extend([width as u8, exceptions.len() as u8, upper_bytes as u8]);
    let mut words = vec![[0_u32; 4]; width as usize];
    for (at, &value) in values.iter().enumerate() {
        let low = u64::from(value) & ((1 << width) - 1);
        let from = (at / 4) * width as usize;
        let shifted = low << (from % 32);
        if width > 0 {
            words[from / 32][at % 4] |= shifted as u32;
            if from % 32 + width as usize > 32 {
                words[from / 32 + 1][at % 4] |= (shifted >> 32) as u32;
            }
        }
    }
    words
        .iter()
        .flatten()
        .for_each(|word| out.extend(word.to_le_bytes()));
    for at in exceptions {
        let upper = (u64::from(values[at]) >> width) as u32;
        out.push(at as u8);
        out.extend(&upper.to_le_bytes()[..upper_bytes as usize]);
    }
}

fn bits(value: u32) -> u32 {
    32 - value.leading_zeros()
}

fn cost(values: &[u32], width: u32, widest: u32) -> u32 {
    let exceptions = values.iter().filter(|&&value| bits(value) > width).count() as u32;
    16 * width + exceptions * (1 + (widest - width).div_ceil(8))
}

/// Reads a frame of gaps as rising numbers from `first_possible` on; says how long it is.
pub(crate) fn read(bytes: &[u8], first_possible: u32, out: &mut [u32; 128]) -> usize {
    let (width, exceptions) = (usize::from(bytes[0]), usize::from(bytes[1]));
    let upper_bytes = usize::from(bytes[2]);
    let end = 3 + 16 * width;
    lanes::unpack(&bytes[3..end], width, out);
    let size = 1 + upper_bytes;
    let patches = &bytes[end..end + exceptions * size];
    for patch in patches.chunks_exact(size) {
        let mut upper = [0; 4];
        upper[..upper_bytes].copy_from_slice(&patch[1..]);
        out[usize::from(patch[0] & 127)] |= u32::from_le_bytes(upper) << width;
    }
    lanes::add_up(first_possible, out);
    end + patches.len()
}

#[cfg(not(target_feature = "simd128"))]
mod lanes {
    /// Unpacks four lanes of 32 numbers.
    pub(super) fn unpack(bytes: &[u8], width: usize, out: &mut [u32; 128]) {
        if width == 0 {
            return out.fill(0);
        }
        let words = bytes.as_chunks::<16>().0;
        let mask = ((1_u64 << width) - 1) as u32;
        let mut from = 0;
        for four in out.as_chunks_mut::<4>().0 {
            let (word, shift) = (from / 32, from % 32);
            let low = row(&words[word]);
            let high = if shift + width > 32 {
                row(&words[word + 1])
            } else {
                [0; 4]
            };
            for lane in 0..4 {
                let both = u64::from(low[lane]) | u64::from(high[lane]) << 32;
                four[lane] = (both >> shift) as u32 & mask;
            }
            from += width;
        }
    }

    fn row(bytes: &[u8; 16]) -> [u32; 4] {
        let words = bytes.as_chunks::<4>().0;
        [words[0], words[1], words[2], words[3]].map(u32::from_le_bytes)
    }

    /// Gaps to numbers.
    pub(super) fn add_up(first_possible: u32, out: &mut [u32; 128]) {
        let mut expected = first_possible;
        for value in out {
            *value = value.wrapping_add(expected);
            expected = value.wrapping_add(1);
        }
    }
}

#[cfg(target_feature = "simd128")]
mod lanes {
    use std::arch::wasm32::{
        i32x4_add, i32x4_shuffle, i32x4_splat, u32x4, u32x4_extract_lane, u32x4_shl, u32x4_shr,
        u32x4_splat, v128, v128_and, v128_or,
    };

    fn load(bytes: &[u8; 16]) -> v128 {
        let word = |at: usize| {
            u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
        };
        u32x4(word(0), word(4), word(8), word(12))
    }

    fn store(value: v128, out: &mut [u32; 4]) {
        *out = [
            u32x4_extract_lane::<0>(value),
            u32x4_extract_lane::<1>(value),
            u32x4_extract_lane::<2>(value),
            u32x4_extract_lane::<3>(value),
        ];
    }

    /// Unpacks four lanes of 32 numbers.
    pub(super) fn unpack(bytes: &[u8], width: usize, out: &mut [u32; 128]) {
        if width == 0 {
            return out.fill(0);
        }
        let words = bytes.as_chunks::<16>().0;
        let mask = u32x4_splat(((1_u64 << width) - 1) as u32);
        let mut from = 0;
        for four in out.as_chunks_mut::<4>().0 {
            let (word, shift) = (from / 32, from % 32);
            let mut value = u32x4_shr(load(&words[word]), shift as u32);
            if shift + width > 32 {
                value = v128_or(value, u32x4_shl(load(&words[word + 1]), 32 - shift as u32));
            }
            store(v128_and(value, mask), four);
            from += width;
        }
    }

    /// Gaps to numbers.
    pub(super) fn add_up(first_possible: u32, out: &mut [u32; 128]) {
        let zero = i32x4_splat(0);
        let mut before = u32x4_splat(first_possible.wrapping_sub(1));
        for four in out.as_chunks_mut::<4>().0 {
            let gaps = i32x4_add(u32x4(four[0], four[1], four[2], four[3]), i32x4_splat(1));
            let two = i32x4_add(gaps, i32x4_shuffle::<0, 4, 5, 6>(zero, gaps));
            let sums = i32x4_add(two, i32x4_shuffle::<0, 1, 4, 5>(zero, two));
            let value = i32x4_add(sums, before);
            store(value, four);
            before = i32x4_shuffle::<3, 3, 3, 3>(value, value);
        }
    }
}
