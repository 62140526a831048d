//! Whether two numbers of JSON have the same value, at any length.
//!
//! Not through a double: `9007199254740993` and `...992` are two numbers. The price is that an exponent
//! beyond 64 bits counts as different unless it is written alike.

/// Digits without zeros at either end, and the power of ten of the last.
#[derive(PartialEq, Eq)]
struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    exponent: i64,
}

/// Whether two valid numbers of JSON are equal.
pub(super) fn equal(one: &str, other: &str) -> bool {
    one == other || matches!((decimal(one), decimal(other)), (Some(a), Some(b)) if a == b)
}

fn decimal(text: &str) -> Option<Decimal> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut exponent: i64 = exponent.strip_prefix('+').unwrap_or(exponent).parse().ok()?;
    exponent = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    let mut digits: Vec<u8> =
        whole.bytes().chain(fraction.bytes()).skip_while(|b| *b == b'0').collect();
    while digits.last() == Some(&b'0') {
        digits.pop();
        exponent = exponent.checked_add(1)?;
    }
    if digits.is_empty() {
        // All zeros are one, the negative too.
        return Some(Decimal { negative: false, digits, exponent: 0 });
    }
    Some(Decimal { negative, digits, exponent })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_equal_by_value_and_not_by_spelling() {
        for (one, other, expect) in [
            ("1", "1.0", true),
            ("100", "1e2", true),
            ("0.5", "5E-1", true),
            ("-0", "0.000", true),
            ("1e+3", "1000.00", true),
            ("9007199254740993", "9007199254740992", false),
            ("1", "-1", false),
            ("10", "1", false),
            ("0e99999999999999999999", "0", false),
            ("1e99999999999999999999", "1e99999999999999999999", true),
        ] {
            assert_eq!(equal(one, other), expect, "{one} {other}");
        }
    }
}
