//! One thing as lines of `label  value`.

use super::print_text;
use super::table::{finish_table, start_table};
use crate::failure::Failure;
use crate::session::Session;

/// Prints labels (catalogue keys) and values; lines without a value (`None`) are left out.
pub(crate) fn print_record(
    session: &Session,
    lines: &[(&'static str, Option<String>)],
) -> Result<(), Failure> {
    print_text(session, &render_record(session, lines))
}

fn render_record(session: &Session, lines: &[(&'static str, Option<String>)]) -> String {
    let mut table = start_table(session);
    for (label, value) in lines {
        if let Some(value) = value {
            table.add_row([session.text(label, &[]).as_ref(), value]);
        }
    }
    finish_table(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_shows_what_is_there() {
        let session = Session::for_test(&[]);
        let text = render_record(
            &session,
            &[
                ("cli.column.name", Some("acme".to_owned())),
                ("cli.column.email", None),
                ("cli.column.tags", Some("3".to_owned())),
            ],
        );
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.lines().all(|line| line.contains("  ")), "{text}");
    }
}
