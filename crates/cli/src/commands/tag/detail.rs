//! One tag in full: the facts, the images of an index, the layers, and the history as `docker history` has it.

use serde_json::Value;

use crate::failure::Failure;
use crate::output::{
    Column, print_json, print_record, print_rows, print_text, show_day_time, show_size, show_text,
};
use crate::session::{Format, Session};

const CHILDREN: [Column; 4] = [
    Column::text("cli.column.platform", |_, item| {
        show_text(&item["platform"])
    }),
    Column::text("cli.column.digest", |_, item| show_text(&item["digest"])),
    Column::number("cli.column.size", |_, item| show_bytes(&item["size_bytes"])),
    Column::text("cli.column.media_type", |_, item| {
        show_text(&item["media_type"])
    }),
];

const LAYERS: [Column; 3] = [
    Column::text("cli.column.digest", |_, item| show_text(&item["digest"])),
    Column::number("cli.column.size", |_, item| show_bytes(&item["size_bytes"])),
    Column::text("cli.column.media_type", |_, item| {
        show_text(&item["media_type"])
    }),
];

const HISTORY: [Column; 4] = [
    Column::text("cli.column.created", |session, item| {
        show_day_time(session, &item["created"])
    }),
    Column::number("cli.column.size", |_, item| show_bytes(&item["size_bytes"])),
    Column::text("cli.column.created_by", |_, item| {
        show_text(&item["created_by"])
    }),
    Column::text("cli.column.comment", |_, item| show_text(&item["comment"])),
];

/// Prints a tag's detail in the session's format.
pub(super) fn print_detail(session: &Session, tag: &Value) -> Result<(), Failure> {
    if session.format == Format::Json {
        return print_json(session, tag);
    }
    let text = |field: &str| Some(show_text(&tag[field]));
    let time = |field: &str| Some(show_day_time(session, &tag[field]));
    let artifact_type = tag["artifact_type"]
        .as_str()
        .map(|_| show_text(&tag["artifact_type"]));
    print_record(
        session,
        &[
            ("cli.column.tag", text("name")),
            ("cli.column.digest", text("digest")),
            ("cli.column.media_type", text("media_type")),
            ("cli.column.artifact_type", artifact_type),
            ("cli.column.platforms", text("platforms")),
            ("cli.column.size", Some(show_bytes(&tag["size_bytes"]))),
            ("cli.column.pushed", time("pushed_at")),
            ("cli.column.pushed_by", text("pushed_by")),
            ("cli.column.pulled", time("pulled_at")),
            ("cli.column.pulls", text("pull_count")),
        ],
    )?;
    print_part(session, "cli.tag.children", &CHILDREN, &tag["children"])?;
    print_part(session, "cli.tag.layers", &LAYERS, &tag["layers"])?;
    // The newest step first, as `docker history` lists them.
    let mut history = tag["history"].clone();
    if let Some(steps) = history.as_array_mut() {
        steps.reverse();
    }
    print_part(session, "cli.tag.history", &HISTORY, &history)?;
    print_annotations(session, &tag["annotations"])
}

fn print_part(
    session: &Session,
    heading: &'static str,
    columns: &[Column],
    items: &Value,
) -> Result<(), Failure> {
    match items.as_array() {
        Some(items) if !items.is_empty() => {
            print_text(session, &format!("\n{}\n", session.text(heading, &[])))?;
            print_rows(session, columns, items)
        }
        _ => Ok(()),
    }
}

fn print_annotations(session: &Session, annotations: &Value) -> Result<(), Failure> {
    let Some(annotations) = annotations.as_object().filter(|map| !map.is_empty()) else {
        return Ok(());
    };
    let mut text = format!("\n{}\n", session.text("cli.tag.annotations", &[]));
    for (name, value) in annotations {
        text += &format!("{}={}\n", crate::output::clean_text(name), show_text(value));
    }
    print_text(session, &text)
}

fn show_bytes(value: &Value) -> String {
    value.as_u64().map_or_else(|| "-".to_owned(), show_size)
}
