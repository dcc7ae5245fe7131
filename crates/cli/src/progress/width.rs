//! How wide text is on a terminal, and cutting it to fit.

use unicode_width::UnicodeWidthChar;

/// Cells that the text takes; colors take none.
pub(super) fn measure_width(text: &str) -> usize {
    let mut width = 0;
    let mut in_color = false;
    for character in text.chars() {
        match character {
            '\x1b' => in_color = true,
            'm' if in_color => in_color = false,
            _ if in_color => {}
            other => width += other.width().unwrap_or(0),
        }
    }
    width
}

/// The text in at most `width` cells; what was cut ends with `mark`. Colors are kept, and ended when they were cut.
pub(super) fn cut_to_width(text: &str, width: usize, mark: &str) -> String {
    if measure_width(text) <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(measure_width(mark));
    let mut shown = String::with_capacity(text.len().min(width * 4));
    let (mut used, mut in_color, mut has_color) = (0, false, false);
    for character in text.chars() {
        match character {
            '\x1b' => {
                in_color = true;
                has_color = true;
            }
            'm' if in_color => in_color = false,
            _ if in_color => {}
            other => {
                used += other.width().unwrap_or(0);
                if used > room {
                    break;
                }
            }
        }
        shown.push(character);
    }
    if width >= measure_width(mark) {
        shown.push_str(mark);
    }
    if has_color {
        shown.push_str("\x1b[0m");
    }
    shown
}

/// `left` and `right` at the two ends of a line of `width` cells; `left` is cut when both do not fit.
pub(super) fn spread(left: &str, right: &str, width: usize, mark: &str) -> String {
    let room = width.saturating_sub(measure_width(right) + 1);
    let left = cut_to_width(left, room, mark);
    let gap = width.saturating_sub(measure_width(&left) + measure_width(right));
    format!("{left}{}{right}", " ".repeat(gap))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_take_two_cells_and_colors_none() {
        assert_eq!(measure_width("\x1b[31m构建\x1b[0m x"), 6);
        assert_eq!(cut_to_width("构建镜像", 5, "…"), "构建…");
        assert_eq!(cut_to_width("构建镜像", 4, "…"), "构…");
        assert_eq!(
            cut_to_width("\x1b[31mabcdef\x1b[0m", 4, "…"),
            "\x1b[31mabc…\x1b[0m"
        );
        assert_eq!(cut_to_width("abcdef", 0, "…"), "");
    }

    #[test]
    fn both_ends_of_a_line_are_kept() {
        assert_eq!(spread("name", "0.1s", 12, "…"), "name    0.1s");
        assert_eq!(spread("a long name", "0.1s", 10, "…"), "a lo… 0.1s");
    }
}
