//! Numbers as text.
//!
//! Names of files and messages are put together from pieces ([`slice::concat`]) and these digits, and
//! not by `format!`, whose machinery would be a kilobyte of what a browser loads before it can ask
//! for anything.

/// In decimal, with zeros in front up to so many digits.
pub(crate) fn decimal(number: u64, least: usize) -> String {
    digits(number, 10, least)
}

/// Sixteen digits.
pub(crate) fn hexadecimal(number: u64) -> String {
    digits(number, 16, 16)
}

fn digits(mut number: u64, base: u32, least: usize) -> String {
    let mut digits = Vec::new();
    while number > 0 || digits.len() < least {
        let digit = (number % u64::from(base)) as u32;
        digits.extend(char::from_digit(digit, base));
        number /= u64::from(base);
    }
    digits.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn they_are_those_of_std(number: u64, small in 0_u64..20_000) {
            for number in [number, small] {
                prop_assert_eq!(decimal(number, 4), format!("{number:04}"));
                prop_assert_eq!(decimal(number, 1), number.to_string());
                prop_assert_eq!(hexadecimal(number), format!("{number:016x}"));
            }
        }
    }
}
