//! `wharf builder prune`, and the same after each build.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use clap::Args;
use serde_json::json;
use wharf_builder::{BuilderFolder, Pruned, has_grown};
use wharf_image::{ImageError, LocalStore, Removed};

use super::{COLUMNS, FolderArguments, count_bytes, explain, open_folder, show_items};
use crate::commands::build::load_settings;
use crate::failure::Failure;
use crate::images::open_store;
use crate::output::{print_json, print_rows, show_size};
use crate::session::{Format, Session};

/// Remove from the build cache what is beyond its budget
///
/// What was used least recently goes first; results that later ones stand on stay as long as those. Leftovers of builds
/// that failed go too, images that have a name stay. Nothing is removed while a build runs.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf builder prune                      Down to [build] cache_bytes of the settings
  wharf builder prune --keep 5g
  wharf builder prune --all")]
pub(super) struct PruneArguments {
    /// Keep this much [default: build.cache_bytes of the settings]
    #[arg(long, value_name = "BYTES", conflicts_with = "all")]
    keep: Option<String>,
    /// Keep nothing
    #[arg(short, long)]
    all: bool,
    /// Taken and not needed: nothing is asked
    #[arg(short, long, hide = true)]
    force: bool,
    #[command(flatten)]
    folder: FolderArguments,
    /// Settings file
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// What is written right now by something that is no build, such as a push: younger blobs stay.
const GRACE: Duration = Duration::from_secs(600);

pub(super) fn run(arguments: &PruneArguments, session: &Session) -> Result<(), Failure> {
    let budget = read_budget(arguments, session)?;
    let state_dir = arguments.folder.find(session)?;
    let folder = open_folder(session, &state_dir)?;
    let pruned = folder
        .prune(budget, SystemTime::now())
        .map_err(|error| explain(session, "cli.builder.not_pruned", &error))?;
    let Some(pruned) = pruned else {
        return Err(Failure::new(session.text("cli.builder.in_use", &[]))
            .with_hint(session.text("cli.builder.in_use_hint", &[])));
    };
    let store = open_store(session, &state_dir)?;
    let grace = match arguments.all {
        true => Duration::ZERO,
        false => GRACE,
    };
    let cleaned = clean_store(&store, &pruned, grace).map_err(|error| {
        Failure::new(session.text("cli.builder.not_pruned", &[])).caused_by(&error)
    })?;
    tell(session, &pruned, cleaned)
}

fn read_budget(arguments: &PruneArguments, session: &Session) -> Result<u64, Failure> {
    if arguments.all {
        return Ok(0);
    }
    match &arguments.keep {
        Some(text) => wharf_dockerfile::values::parse_byte_size(text).map_err(|_| {
            let parameters = [("option", "--keep"), ("value", text.as_str())];
            Failure::usage(session.text("option.size", &parameters))
                .with_hint(session.text("option.size_hint", &[]))
        }),
        None => Ok(load_settings(session, arguments.config.as_deref())?
            .build
            .cache_bytes),
    }
}

/// Layers that nothing needs any more. No build begins meanwhile.
fn clean_store(
    store: &LocalStore,
    pruned: &Pruned,
    grace: Duration,
) -> Result<Removed, ImageError> {
    let is_kept = |digest: &wharf_oci::Digest| pruned.layers.contains(digest);
    store.remove_unreferenced(grace, SystemTime::now(), &is_kept)
}

fn tell(session: &Session, pruned: &Pruned, cleaned: Removed) -> Result<(), Failure> {
    let freed = count_bytes(&pruned.removed);
    let kept = count_bytes(&pruned.kept);
    let items = show_items(&pruned.removed);
    match session.format {
        Format::Json => print_json(
            session,
            &json!({
                "items": items,
                "bytes": freed,
                "kept_bytes": kept,
                "blobs": cleaned.blobs,
            }),
        )?,
        Format::Table if items.is_empty() => {}
        Format::Table => print_rows(session, &COLUMNS, &items)?,
    }
    let parameters = [("freed", &*show_size(freed)), ("kept", &*show_size(kept))];
    session.say("cli.builder.pruned", &parameters);
    Ok(())
}

/// Brings the cache back to its budget after a build. What hinders it is worth a line in the log, not a failed build: the
/// next one tries again.
pub(crate) fn prune_after_build(state_dir: &Path, store: &LocalStore, budget: u64) {
    let (path, now) = (state_dir.join("builder"), SystemTime::now());
    if !has_grown(&path, budget, now) {
        return;
    }
    let folder = match BuilderFolder::open(&path) {
        Ok(folder) => folder,
        Err(error) => return tracing::warn!(%error, "the build cache was not pruned"),
    };
    match folder.prune(budget, now) {
        Ok(Some(pruned)) => {
            // Only what went away makes blobs superfluous; looking through the store each time would be a waste.
            if !pruned.removed.is_empty()
                && let Err(error) = clean_store(store, &pruned, GRACE)
            {
                tracing::warn!(%error, "layers of the build cache were not pruned");
            }
        }
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "the build cache was not pruned"),
    }
}
