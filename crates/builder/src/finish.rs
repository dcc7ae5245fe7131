//! From a plan and its files to an image: times, history rows and layers put together.

use std::sync::Arc;

use futures_util::future::try_join_all;
use jiff::Timestamp;
use wharf_dockerfile::instruction::HISTORY_COMMENT;
use wharf_image::BuiltImage;
use wharf_oci::Platform;

use crate::error::{Attempt, BuildError, Result};
use crate::frontend::{HistoryEntry, Plan};
use crate::solve::{FileState, Solver};

/// The comment of rows that BuildKit adds for layers that no instruction made.
const EXPORTER_COMMENT: &str = "buildkit.exporter.image.v0";

/// The largest configuration. Clients read it whole before they know whether they want the image, and bound it as they
/// bound manifests: a larger one could be pushed and not pulled.
const MAX_CONFIG: usize = wharf_oci::MAX_MANIFEST_BYTES;

/// Waits for the layers and writes the configuration.
pub(crate) async fn finish_image(
    solver: &Arc<Solver>,
    plan: Plan,
    state: &FileState,
    platform: &Platform,
) -> Result<BuiltImage> {
    // Steps go on while the layers of earlier ones are compressed.
    let built = try_join_all(state.layers.iter().map(|layer| layer.built()));
    let name = "[internal] compressing layers";
    let layers = solver.reporter.show_if_slow(name, built).await?;
    let times: Vec<Timestamp> = state
        .layers
        .iter()
        .filter_map(|layer| layer.created)
        .collect();
    let mut config = plan.config;
    let clamp = |time: Timestamp| match solver.source_date {
        Some(seconds) => Timestamp::from_second(seconds).unwrap_or(time).min(time),
        None => time,
    };
    // Layers that this build added stand behind those of the base image, one for each row that made one.
    let own_rows = plan.history.iter().filter(|row| !row.empty_layer).count()
        + usize::from(plan.source.is_some());
    if own_rows != times.len() {
        return Err(BuildError::step(format!(
            "the history has {own_rows} rows for {} layers",
            times.len()
        )));
    }
    // Rows before the first new layer have its time; without one nothing was made, and the image is as old as its base.
    let before = config
        .created
        .as_deref()
        .and_then(|text| text.parse::<Timestamp>().ok());
    let mut latest = times.first().copied().map(clamp).or(before.map(clamp));
    let has_layer = !times.is_empty();
    let mut times = times.into_iter();
    for row in plan.history {
        if !row.empty_layer {
            latest = times.next().map(clamp);
        }
        config.history.push(HistoryEntry {
            created: latest.map(write_time),
            created_by: row.created_by,
            comment: HISTORY_COMMENT.to_owned(),
            author: String::new(),
            empty_layer: row.empty_layer,
        });
    }
    if let Some(source) = plan.source {
        config.history.push(HistoryEntry {
            created: latest.map(write_time),
            created_by: format!("local source for {source}"),
            comment: EXPORTER_COMMENT.to_owned(),
            author: String::new(),
            empty_layer: false,
        });
    }
    if let (true, Some(created)) = (has_layer || solver.source_date.is_some(), latest) {
        config.created = Some(write_time(created));
    }
    config.rootfs.diff_ids = layers
        .iter()
        .map(|layer| layer.diff_id.to_string())
        .collect();
    if !solver.request.platforms.is_empty() || config.architecture.is_empty() {
        config.adopt_platform(platform);
    }
    config.normalize_platform();
    let bytes = serde_json::to_vec(&config).attempt(|| "write the configuration".to_owned())?;
    if bytes.len() > MAX_CONFIG {
        return Err(BuildError::Step {
            message: format!(
                "the image's configuration would have {} bytes, more than {} MiB",
                bytes.len(),
                MAX_CONFIG >> 20
            ),
            hint: Some(
                "Its history holds every instruction: move long commands and heredocs into files of the context."
                    .to_owned(),
            ),
            excerpt: None,
        });
    }
    Ok(BuiltImage {
        platform: config.platform(),
        config: bytes,
        layers,
        tree: solver.folders(state).await?,
        annotations: solver.request.annotations.clone(),
    })
}

/// RFC 3339, as Go prints it: the fraction without zeros at its end.
fn write_time(time: Timestamp) -> String {
    time.to_string()
}
