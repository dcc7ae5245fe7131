//! Lists as aligned columns without lines, so that they read well and cut well.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde_json::Value;

use super::{print_json, print_text};
use crate::failure::Failure;
use crate::session::Session;

/// One column: the catalogue key of its heading, and how a cell is made of an item.
pub(crate) struct Column {
    pub(crate) heading: &'static str,
    pub(crate) show: fn(&Session, &Value) -> String,
    /// Numbers and sizes stand at the right.
    pub(crate) is_numeric: bool,
}

impl Column {
    pub(crate) const fn text(heading: &'static str, show: fn(&Session, &Value) -> String) -> Self {
        Column {
            heading,
            show,
            is_numeric: false,
        }
    }

    pub(crate) const fn number(
        heading: &'static str,
        show: fn(&Session, &Value) -> String,
    ) -> Self {
        Column {
            heading,
            show,
            is_numeric: true,
        }
    }
}

/// Prints a page of the API in the session's format: as a table of its `items`, or as it is.
pub(crate) fn print_table(
    session: &Session,
    columns: &[Column],
    page: &Value,
) -> Result<(), Failure> {
    if session.format == crate::session::Format::Json {
        return print_json(session, page);
    }
    let items = page["items"].as_array().map_or(&[][..], Vec::as_slice);
    if items.is_empty() {
        session.say("cli.nothing_found", &[]);
        return Ok(());
    }
    print_rows(session, columns, items)
}

/// Prints items as a table whatever the format is: a part of a record.
pub(crate) fn print_rows(
    session: &Session,
    columns: &[Column],
    items: &[Value],
) -> Result<(), Failure> {
    print_text(session, &render_rows(session, columns, items))
}

fn render_rows(session: &Session, columns: &[Column], items: &[Value]) -> String {
    let mut table = start_table(session);
    table.set_header(
        columns
            .iter()
            .map(|column| session.text(column.heading, &[])),
    );
    for item in items {
        table.add_row(columns.iter().map(|column| (column.show)(session, item)));
    }
    for (settings, column) in table.column_iter_mut().zip(columns) {
        if column.is_numeric {
            settings.set_cell_alignment(CellAlignment::Right);
        }
    }
    finish_table(table)
}

/// Below this many columns wrapped cells are harder to read than lines that run over the edge.
const NARROWEST_TERMINAL: u16 = 60;

/// A table without lines, as wide as the terminal.
pub(super) fn start_table(session: &Session) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    // Only a person's terminal has a width; a file or a pipe gets every row on one line. Some terminals do not tell
    // their width and say 0.
    let is_wide_enough = table
        .width()
        .is_some_and(|width| width >= NARROWEST_TERMINAL);
    table.set_content_arrangement(if session.stdout_is_terminal && is_wide_enough {
        ContentArrangement::Dynamic
    } else {
        ContentArrangement::Disabled
    });
    table
}

/// The table's text with two spaces between columns and none at line ends.
pub(super) fn finish_table(mut table: Table) -> String {
    for settings in table.column_iter_mut() {
        settings.set_padding((0, 2));
    }
    let mut text = table.trim_fmt();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::values::show_text;
    use super::*;

    const COLUMNS: [Column; 2] = [
        Column::text("cli.column.name", |_, item| show_text(&item["name"])),
        Column::number("cli.column.tags", |_, item| show_text(&item["tags"])),
    ];

    #[test]
    fn columns_line_up_with_chinese_text_too() {
        let session = Session::for_test(&[]);
        let items = [
            json!({"name": "仓库", "tags": 1}),
            json!({"name": "web", "tags": 120}),
        ];
        let text = render_rows(&session, &COLUMNS, &items);
        let lines: Vec<&str> = text.lines().collect();
        // Two Chinese characters are as wide as four Latin ones.
        assert_eq!(lines[1], "仓库     1");
        assert_eq!(lines[2], "web    120");
        assert_eq!(lines.len(), 3, "{text}");
    }
}
