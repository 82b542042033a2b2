//! What each code costs, in bits, without writing anything.

use backfile_core::format::bits::{rice_bits, rice_parameter};

/// Elias's gamma code of `value` + 1 (P. Elias, IEEE Transactions on Information Theory 21(2),
/// 1975).
pub(crate) fn gamma(value: u64) -> u64 {
    u64::from(2 * (value + 1).ilog2() + 1)
}

/// LEB128: seven bits a byte.
pub(crate) fn varbyte(value: u64) -> u64 {
    8 * u64::from((value | 1).ilog2() / 7 + 1)
}

/// Four numbers behind one byte that has the lengths of all four (J. Dean, WSDM 2009).
pub(crate) fn group_varint(values: &[u32]) -> u64 {
    let tags = values.len().div_ceil(4) as u64;
    let bytes = |&value: &u32| u64::from((value | 1).ilog2() / 8 + 1);
    8 * (tags + values.iter().map(bytes).sum::<u64>())
}

/// The Rice code with a fixed parameter.
pub(crate) fn rice(values: &[u32], k: u32) -> u64 {
    values
        .iter()
        .map(|&value| u64::from(rice_bits(value, k)))
        .sum()
}

/// The Rice code as the format has it: 16 numbers or more have a parameter of their own.
pub(crate) fn rice_or_own(values: &[u32], derived: u32) -> u64 {
    if values.len() < 16 {
        return rice(values, derived);
    }
    let sum = values.iter().map(|&value| u64::from(value)).sum();
    let guess = rice_parameter(sum, values.len() as u64);
    let around = guess.saturating_sub(2)..=(guess + 1).min(30);
    5 + around.map(|k| rice(values, k)).min().unwrap_or(0)
}

/// The Rice code whose parameter follows the running mean, as in JPEG-LS (M. Weinberger,
/// G. Seroussi, G. Sapiro, IEEE Transactions on Image Processing 9(8), 2000). `mean` is the guess
/// before the first number and weighs as much as two numbers.
pub(crate) fn adaptive_rice(values: &[u32], mean: f64) -> u64 {
    let (mut sum, mut count, mut bits) = (mean * 2.0, 2.0, 0);
    for &value in values {
        let k = rice_parameter((sum * 100.0) as u64, (count * 100.0) as u64);
        bits += u64::from(rice_bits(value, k));
        (sum, count) = (sum + f64::from(value), count + 1.0);
        if count > 16.0 {
            (sum, count) = (sum / 2.0, count / 2.0);
        }
    }
    bits
}

/// One of `values` numbers in a minimal binary code whose short words are in the middle.
fn centred(value: u64, values: u64) -> u64 {
    if values < 2 {
        return 0;
    }
    let bits = u64::from((values - 1).ilog2() + 1);
    let short = (1 << bits) - values;
    let first = (values - short) / 2;
    bits - u64::from((first..first + short).contains(&value))
}

/// Binary interpolative coding of rising numbers from `low` to `high` (A. Moffat, L. Stuiver,
/// Information Retrieval 3(1), 2000).
pub(crate) fn interpolative(rising: &[u64], low: u64, high: u64) -> u64 {
    if rising.is_empty() || high - low + 1 == rising.len() as u64 {
        return 0;
    }
    let middle = rising.len() / 2;
    let (left, right) = (middle as u64, (rising.len() - middle - 1) as u64);
    let value = rising[middle];
    let own = centred(value - low - left, high - low + 1 - left - right);
    let below = if middle > 0 {
        interpolative(&rising[..middle], low, value - 1)
    } else {
        0
    };
    let above = if right > 0 {
        interpolative(&rising[middle + 1..], value + 1, high)
    } else {
        0
    };
    own + below + above
}

/// Elias–Fano: `count` rising numbers of which none is above `high` (S. Vigna, "Quasi-succinct
/// indices", WSDM 2013).
pub(crate) fn elias_fano(count: u64, high: u64) -> u64 {
    if count == 0 {
        return 0;
    }
    let low_bits = u64::from((high / count).checked_ilog2().unwrap_or(0));
    count * low_bits + count + (high >> low_bits) + 1
}

/// Partitioned Elias–Fano's choice for one partition of rising, different numbers: a run, a bit
/// for each number, or Elias–Fano (G. Ottaviano, R. Venturini, SIGIR 2014); 2 bits say which.
pub(crate) fn partition(count: u64, numbers: u64) -> u64 {
    if count == numbers {
        return 2;
    }
    2 + elias_fano(count, numbers - count).min(numbers)
}

/// Frames of 128 numbers in as few bits as pay, with exceptions, the rest in variable bytes; the
/// best width for each frame (H. Yan, S. Ding, T. Suel, WWW 2009: OptPFD). An exception has its
/// place in a byte and its upper bits in as many bits as the largest of the frame needs.
pub(crate) fn frames(values: &[u32]) -> u64 {
    let whole = values.chunks_exact(128);
    let rest = whole
        .remainder()
        .iter()
        .map(|&value| varbyte(u64::from(value)));
    let rest = rest.sum::<u64>();
    whole.map(frame).sum::<u64>() + rest
}

fn frame(values: &[u32]) -> u64 {
    let mut lengths = [0_u64; 33];
    values
        .iter()
        .for_each(|value| lengths[32 - value.leading_zeros() as usize] += 1);
    let widest = lengths.iter().rposition(|&count| count > 0).unwrap_or(0);
    let cost = |width: usize| {
        let exceptions: u64 = lengths[width + 1..].iter().sum();
        let upper = (exceptions * (widest - width) as u64).div_ceil(8) * 8;
        16 + 128 * width as u64 + exceptions * 8 + upper
    };
    (0..=widest).map(cost).min().unwrap_or(0)
}
