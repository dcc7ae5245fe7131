//! A progress bar in one line.

/// `width` cells of which the share `current / total` is filled.
pub(super) fn draw_bar(current: u64, total: u64, width: usize, unicode: bool) -> String {
    let share = (current as f64 / total.max(1) as f64).clamp(0.0, 1.0);
    let filled = (share * width as f64) as usize;
    let (full, empty) = if unicode { ("━", "─") } else { ("#", "-") };
    format!("{}{}", full.repeat(filled), empty.repeat(width - filled))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_filled_by_its_share() {
        assert_eq!(draw_bar(0, 100, 4, true), "────");
        assert_eq!(draw_bar(50, 100, 4, true), "━━──");
        assert_eq!(draw_bar(50, 100, 4, false), "##--");
        assert_eq!(draw_bar(200, 100, 4, true), "━━━━");
        assert_eq!(draw_bar(0, 0, 2, true), "──");
    }
}
