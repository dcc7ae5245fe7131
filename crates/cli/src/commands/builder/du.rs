//! `wharf builder du`: what takes room.

use clap::Args;
use serde_json::json;

use super::{COLUMNS, FolderArguments, count_bytes, explain, open_folder, show_items};
use crate::failure::Failure;
use crate::output::{print_table, show_size};
use crate::session::{Format, Session};

/// List what the build cache keeps, and what it takes
///
/// Results of steps with their layers, unpacked layers of base images and cache mounts; the latest used first.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf builder du
  wharf builder du --format json")]
pub(super) struct DuArguments {
    #[command(flatten)]
    folder: FolderArguments,
}

pub(super) fn run(arguments: &DuArguments, session: &Session) -> Result<(), Failure> {
    let folder = open_folder(session, &arguments.folder.find(session)?)?;
    let usage = folder
        .list_usage()
        .map_err(|error| explain(session, "cli.builder.unreadable", &error))?;
    let bytes = count_bytes(&usage);
    let page = json!({ "items": show_items(&usage), "bytes": bytes });
    print_table(session, &COLUMNS, &page)?;
    if session.format == Format::Table && !usage.is_empty() {
        session.say("cli.builder.total", &[("size", &show_size(bytes))]);
    }
    Ok(())
}
