//! Medians and percentiles.
//! Refuses to invent a value for no samples.
//! Called by the ledger and by the measures.

/// The middle value, or the mean of the two middle ones.
pub(crate) fn find_median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        n if n % 2 == 1 => Some(sorted[middle]),
        _ => Some((sorted[middle - 1] + sorted[middle]) / 2.0),
    }
}

/// The smallest value that is not below `share` (0–1) of all values: nearest rank.
pub(crate) fn find_percentile(values: &mut [u32], share: f64) -> Option<u32> {
    if values.is_empty() {
        return None;
    }
    let rank = (values.len() as f64 * share).ceil() as usize;
    let index = rank.clamp(1, values.len()) - 1;
    Some(*values.select_nth_unstable(index).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_ignores_order_and_outliers() {
        assert_eq!(find_median(&[]), None);
        assert_eq!(find_median(&[3.0]), Some(3.0));
        assert_eq!(find_median(&[900.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(find_median(&[4.0, 1.0, 3.0, 2.0]), Some(2.5));
    }

    #[test]
    fn percentile_is_the_nearest_rank() {
        let mut values: Vec<u32> = (1..=100).rev().collect();
        assert_eq!(find_percentile(&mut values, 0.5), Some(50));
        assert_eq!(find_percentile(&mut values, 0.99), Some(99));
        assert_eq!(find_percentile(&mut values, 1.0), Some(100));
        assert_eq!(find_percentile(&mut [7], 0.99), Some(7));
        assert_eq!(find_percentile(&mut [7], 0.0), Some(7));
        assert_eq!(find_percentile(&mut [], 0.5), None);
    }
}
