//! Aligned plain-text tables that survive being pasted anywhere with a fixed font.
//! Refuses to wrap or color. Called by the report.

use std::fmt;

/// The first column is text, the others are numbers and set to the right.
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table that begins with a line of units, each above the first of its columns.
    pub(super) fn new(units: Vec<String>) -> Table {
        Table { rows: vec![units] }
    }

    /// Adds a row; the first one is the head and gets a rule below it.
    pub(super) fn push(&mut self, row: Vec<String>) {
        self.rows.push(row);
    }

    fn widths(&self) -> Vec<usize> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        (0..columns).map(width).collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        for (index, row) in self.rows.iter().enumerate() {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                let width = widths[column];
                line += &match column {
                    0 => format!("{cell:<width$}"),
                    _ => format!("  {cell:>width$}"),
                };
            }
            if !line.trim().is_empty() {
                writeln!(f, "{}", line.trim_end())?;
            }
            if index == 1 {
                let whole = widths.iter().sum::<usize>() + 2 * (widths.len() - 1);
                writeln!(f, "{}", "-".repeat(whole))?;
            }
        }
        Ok(())
    }
}

/// Three significant digits, which is more than any of these numbers is good for.
pub(super) fn format_number(value: f64) -> String {
    match value.abs() {
        v if v >= 99.95 => format!("{value:.0}"),
        v if v >= 9.995 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits() {
        let numbers = [0.284, 9.99, 9.996, 35.04, 99.96, 2030.4];
        let texts = numbers.map(format_number);
        assert_eq!(texts, ["0.28", "9.99", "10.0", "35.0", "100", "2030"]);
    }

    #[test]
    fn columns_are_aligned() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let mut table = Table::new(row(["", "", ""]));
        table.push(row(["name", "a", "b"]));
        table.push(row(["long name", "1", "200"]));
        assert_eq!(
            table.to_string(),
            "name       a    b\n-----------------\nlong name  1  200\n"
        );
    }
}
