//! `wharf builder`: what builds keep on this machine, and making room.

mod du;
mod prune;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use wharf_builder::{BuildError, BuilderFolder, Usage, UsageKind};

pub(crate) use prune::prune_after_build;

use crate::failure::Failure;
use crate::images::find_state_dir;
use crate::output::{Column, clean_text, show_day_time, show_size, show_text};
use crate::session::Session;

/// Look at the build cache of this machine, and make room
///
/// After each build the cache is brought back to its budget, `[build] cache_bytes` in the settings: what was used least
/// recently goes first.
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Examples:
  wharf builder du
  wharf builder prune --keep 5g"
)]
pub(crate) struct BuilderArguments {
    #[command(subcommand)]
    command: BuilderCommand,
}

#[derive(Debug, Subcommand)]
enum BuilderCommand {
    Du(du::DuArguments),
    Prune(prune::PruneArguments),
}

/// Where the cache is.
#[derive(Debug, Args)]
struct FolderArguments {
    /// Folder of images and cache [default: $XDG_DATA_HOME/wharf, as root /var/lib/wharf]
    #[arg(long, value_name = "DIR")]
    state_dir: Option<PathBuf>,
}

impl FolderArguments {
    fn find(&self, session: &Session) -> Result<PathBuf, Failure> {
        let is_root = rustix::process::geteuid().is_root();
        find_state_dir(session, self.state_dir.as_deref(), is_root)
    }
}

/// Runs what was asked for.
pub(crate) fn run(arguments: &BuilderArguments, session: &Session) -> Result<(), Failure> {
    match &arguments.command {
        BuilderCommand::Du(arguments) => du::run(arguments, session),
        BuilderCommand::Prune(arguments) => prune::run(arguments, session),
    }
}

/// The builder's part of the folder.
pub(crate) fn open_folder(session: &Session, state_dir: &Path) -> Result<BuilderFolder, Failure> {
    BuilderFolder::open(&state_dir.join("builder"))
        .map_err(|error| explain(session, "cli.builder.unusable", &error))
}

/// A failure with the chain and the hint of the builder.
pub(crate) fn explain(session: &Session, key: &str, error: &BuildError) -> Failure {
    let failure = Failure::new(session.text(key, &[])).caused_by(error);
    match error.hint() {
        Some(hint) => failure.with_hint(hint),
        None => failure,
    }
}

const COLUMNS: [Column; 5] = [
    Column::text("cli.column.id", |_, item| {
        // As long as docker's: enough to tell them apart.
        show_text(&item["id"]).chars().take(12).collect()
    }),
    Column::text("cli.column.kind", |session, item| {
        let key = match item["kind"].as_str() {
            Some("step") => "cli.builder.step",
            Some("base_layer") => "cli.builder.base_layer",
            _ => "cli.builder.cache_mount",
        };
        session.text(key, &[]).into_owned()
    }),
    Column::number("cli.column.size", |_, item| {
        show_size(item["bytes"].as_u64().unwrap_or_default())
    }),
    Column::text("cli.column.last_used", |session, item| {
        show_day_time(session, &item["last_used"])
    }),
    Column::text("cli.column.description", |_, item| {
        show_text(&item["description"]).chars().take(60).collect()
    }),
];

fn show_items(usage: &[Usage]) -> Vec<Value> {
    let show = |usage: &Usage| {
        json!({
            "id": usage.id,
            "kind": match usage.kind {
                UsageKind::Step => "step",
                UsageKind::BaseLayer => "base_layer",
                UsageKind::CacheMount => "cache_mount",
            },
            "description": clean_text(&usage.description),
            "bytes": usage.bytes,
            "last_used": usage.last_used.to_string(),
        })
    };
    usage.iter().map(show).collect()
}

fn count_bytes(usage: &[Usage]) -> u64 {
    usage.iter().map(|usage| usage.bytes).sum()
}
