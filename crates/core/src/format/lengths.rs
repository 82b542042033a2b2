//! Lengths of documents, rounded, for ranking: half a byte each.
//!
//! BM25 divides by a document's length, and a length that is a fifth off moves a score by a few
//! percent at most; the round trip for exact ones would cost the reader more. Steps grow by a
//! half, from 16 units to 7,006.

/// What the sixteen codes stand for, in units.
pub const STEPS: [u32; 16] = [
    16, 24, 36, 54, 81, 122, 182, 273, 410, 615, 923, 1384, 2076, 3114, 4671, 7006,
];

/// Documents in one block: 4 KiB.
pub const PER_BLOCK: u32 = 8192;

/// The code of the step nearest to a length, by ratio.
pub fn code(units: u32) -> u8 {
    // Halfway between a step and the next, by ratio, is the square root of 1.5: about 11/9.
    let below = |step: u32| u64::from(units) * 9 > u64::from(step) * 11;
    let code = STEPS.iter().take(15).filter(|&&step| below(step)).count();
    u8::try_from(code).unwrap_or(15)
}

/// A block's payload: two documents a byte, the lower number in the lower half.
pub fn write(lengths: &[u32]) -> Vec<u8> {
    let byte = |pair: &[u32]| code(pair[0]) | pair.get(1).map_or(0, |&units| code(units) << 4);
    lengths.chunks(2).map(byte).collect()
}

/// The rounded length of a document, from the block that holds it.
pub fn read(payload: &[u8], document: u32) -> Option<u32> {
    let within = (document % PER_BLOCK) as usize;
    let byte = payload.get(within / 2)?;
    let code = if within.is_multiple_of(2) {
        byte & 0xF
    } else {
        byte >> 4
    };
    Some(STEPS[usize::from(code)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_is_rounded_to_a_near_step() {
        for units in 16..9000 {
            let step = f64::from(STEPS[usize::from(code(units))]);
            let ratio = f64::from(units) / step;
            assert!((0.8..1.3).contains(&ratio), "{units} became {step}");
        }
        assert_eq!((code(0), code(u32::MAX)), (0, 15));
    }

    #[test]
    fn writes_and_reads_the_steps() {
        let lengths = [16, 7006, 410];
        let payload = write(&lengths);
        assert_eq!(payload.len(), 2);
        for (document, length) in (0..).zip(lengths) {
            assert_eq!(read(&payload, document), Some(length));
        }
        assert_eq!(read(&payload, 4), None);
    }
}
