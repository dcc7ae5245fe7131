//! What is in the builder's folder.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::Timestamp;
use serde::Serialize;
use wharf_oci::Digest;

use super::mounts::list_mounts;
use super::order::Candidate;
use crate::cache::Record;
use crate::error::{Attempt, Result};
use crate::folder::BuilderFolder;

/// Something that takes room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// What it is.
    pub kind: UsageKind,
    /// Names it among its kind.
    pub id: String,
    /// For people: the step, the layer; empty for a cache mount.
    pub description: String,
    /// Bytes on the disk, roughly.
    pub bytes: u64,
    /// When a build last used it.
    pub last_used: Timestamp,
}

/// What takes room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UsageKind {
    /// A step's result: its files and its layer.
    Step,
    /// The files of a layer of a base image.
    BaseLayer,
    /// A folder of RUN --mount=type=cache.
    CacheMount,
}

/// One thing with where it is.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) usage: Usage,
    pub(super) used: SystemTime,
    pub(super) place: Place,
}

#[derive(Debug)]
pub(super) enum Place {
    Record { path: PathBuf, record: Box<Record> },
    Mount(PathBuf),
}

impl Item {
    pub(super) fn candidate(&self) -> Candidate {
        let (result, parent) = match &self.place {
            Place::Record { record, .. } => (Some(record.result.clone()), record.parent.clone()),
            Place::Mount(_) => (None, None),
        };
        Candidate {
            bytes: self.usage.bytes,
            used: self.used,
            result,
            parent,
        }
    }

    /// Layers that have to stay in the content store as long as this stays.
    fn layers(&self) -> Vec<Digest> {
        match &self.place {
            Place::Record { record, .. } => record
                .layers()
                .filter_map(|(_, layer)| layer.digest.parse().ok())
                .collect(),
            Place::Mount(_) => Vec::new(),
        }
    }
}

/// Everything that was kept for later builds.
///
/// `is_alone` says that no step runs meanwhile, so that what is measured can be noted.
pub(super) fn list_items(folder: &BuilderFolder, is_alone: bool) -> Result<Vec<Item>> {
    let mut items = list_records(folder).attempt(|| "list what the builder keeps".to_owned())?;
    items.extend(list_mounts(folder, is_alone)?);
    Ok(items)
}

fn list_records(folder: &BuilderFolder) -> io::Result<Vec<Item>> {
    let mut items = Vec::new();
    for scope in list(&folder.state.part("cache"))? {
        for path in list(&scope)? {
            let Ok(bytes) = fs::read(&path) else {
                continue;
            };
            let Ok(record) = serde_json::from_slice::<Record>(&bytes) else {
                // Nobody can use it: a crash cut it off, or another version wrote it.
                fs::remove_file(&path)?;
                continue;
            };
            let used = last_change(&path);
            let is_base = record.parent.is_none();
            let mut bytes = 0;
            if folder.state.snapshot(&record.snapshot).exists() {
                bytes += record.bytes;
            }
            // A base layer's blob belongs to its image.
            if !is_base {
                bytes += record.layers().map(|(_, layer)| layer.size).sum::<u64>();
            }
            items.push(Item {
                usage: Usage {
                    kind: match is_base {
                        true => UsageKind::BaseLayer,
                        false => UsageKind::Step,
                    },
                    id: record.result.clone(),
                    description: record.description.clone(),
                    bytes,
                    last_used: to_timestamp(used),
                },
                used,
                place: Place::Record {
                    path,
                    record: Box::new(record),
                },
            });
        }
    }
    Ok(items)
}

/// Snapshots that are of no use: no item names them, or the machine was started since they were made, so that nobody
/// trusts them.
pub(super) fn list_leftovers(folder: &BuilderFolder, items: &[Item]) -> io::Result<Vec<String>> {
    let kept: HashSet<&str> = items
        .iter()
        .filter_map(|item| match &item.place {
            Place::Record { record, .. } if record.boot == folder.state.boot() => {
                Some(record.snapshot.as_str())
            }
            _ => None,
        })
        .collect();
    let names = list(&folder.state.part("snapshots"))?;
    let names = names.iter().filter_map(|path| path.file_name()?.to_str());
    Ok(names
        .filter(|name| !kept.contains(name))
        .map(str::to_owned)
        .collect())
}

/// Layers that items need in the content store.
pub(super) fn list_layers(items: &[Item]) -> BTreeSet<Digest> {
    items.iter().flat_map(Item::layers).collect()
}

/// Entries of a folder; one that is not there has none.
pub(super) fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect(),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(Vec::new())
        }
        Err(error) => Err(error),
    }
}

/// When a file was last changed; one that cannot be asked looks old.
pub(super) fn last_change(path: &Path) -> SystemTime {
    let changed = fs::metadata(path).and_then(|meta| meta.modified());
    changed.unwrap_or(SystemTime::UNIX_EPOCH)
}

pub(super) fn to_timestamp(time: SystemTime) -> Timestamp {
    Timestamp::try_from(time).unwrap_or_default()
}
