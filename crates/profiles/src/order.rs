//! The order of names as people count: `Broker 2` before `broker 10`.

use std::cmp::Ordering;

/// Compares without regard to case, and numbers by their value.
pub(crate) fn natural(left: &str, right: &str) -> Ordering {
    let (left, right) = (left.to_lowercase(), right.to_lowercase());
    let (mut left, mut right) = (left.as_str(), right.as_str());
    loop {
        let (Some(a), Some(b)) = (left.chars().next(), right.chars().next()) else {
            return left.len().cmp(&right.len());
        };
        let order = if a.is_ascii_digit() && b.is_ascii_digit() {
            compare_numbers(take_digits(&mut left), take_digits(&mut right))
        } else {
            left = left.get(a.len_utf8()..).unwrap_or_default();
            right = right.get(b.len_utf8()..).unwrap_or_default();
            a.cmp(&b)
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Takes the digits in front, without leading zeros.
fn take_digits<'a>(text: &mut &'a str) -> &'a str {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    *text = rest;
    digits.trim_start_matches('0')
}

/// Numbers of any length, without leading zeros.
fn compare_numbers(left: &str, right: &str) -> Ordering {
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_ordered_as_people_count() {
        let ordered =
            ["", "1", "2", "10", "alpha", "Broker", "broker 2", "Broker 10", "broker 10a", "Öl"];
        for pair in ordered.windows(2) {
            assert_eq!(natural(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(natural(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
        }
        assert_eq!(natural("a 007", "A 7"), Ordering::Equal);
    }
}
