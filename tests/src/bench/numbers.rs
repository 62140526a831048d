//! One number for many.

/// The middle one; 0 of nothing.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    percentile(values, 0.5)
}

/// The value that this part of all is below; 0 of nothing.
pub fn percentile(values: impl IntoIterator<Item = f64>, part: f64) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let at = (values.len() as f64 * part) as usize;
    values.get(at.min(values.len().saturating_sub(1))).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let values = || (1..=100).rev().map(f64::from);
        assert_eq!(median(values()), 51.0);
        assert_eq!(percentile(values(), 0.99), 100.0);
        assert_eq!(percentile(values(), 1.0), 100.0);
        assert_eq!(median([]), 0.0);
    }
}
