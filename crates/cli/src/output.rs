//! How data leaves a command: a table or a record for people, the API's own JSON for programs, always on stdout.
//!
//! Knows shapes and widths, not resources: which columns a list of robots has is the robots' command's business.

mod record;
mod table;
mod values;

use std::io::Write;

use serde_json::Value;

pub(crate) use record::print_record;
pub(crate) use table::{Column, print_rows, print_table};
pub(crate) use values::{
    clean_lines, clean_text, show_day_time, show_size, show_text, show_word, show_yes_no,
};

use crate::failure::Failure;
use crate::session::Session;

/// Prints JSON as the server sent it, indented, with a line end.
pub(crate) fn print_json(session: &Session, value: &Value) -> Result<(), Failure> {
    print_text(session, &format!("{value:#}\n"))
}

/// Prints text that is data. A reader that has gone away (`| head`) is not a failure.
pub(crate) fn print_text(session: &Session, text: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::new(session.text("cli.stdout_unwritable", &[])).caused_by(&error))
        }
        _ => Ok(()),
    }
}
