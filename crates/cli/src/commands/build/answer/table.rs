//! Columns with blanks between them, as the answers of BuildKit's client have them (Go's `text/tabwriter`).

/// Each cell but a row's last is padded to its column's width and `gap`.
pub(super) fn align_columns(rows: &[Vec<String>], gap: usize) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width_of = |column: usize| {
        let cells = rows.iter().filter(|row| row.len() > column + 1);
        cells
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width_of).collect();
    let mut text = String::new();
    for row in rows {
        for (column, cell) in row.iter().enumerate() {
            text.push_str(cell);
            if column + 1 < row.len() {
                let padding = widths[column] - cell.chars().count() + gap;
                text.extend(std::iter::repeat_n(' ', padding));
            }
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect();
        let rows = [row(&["A", "B"]), row(&["long", "x"]), row(&["é", ""])];
        assert_eq!(align_columns(&rows, 2), "A     B\nlong  x\né     \n");
    }
}
