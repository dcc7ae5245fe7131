//! Cache mounts among what takes room: how large each is.
//!
//! They are measured in the sandbox, for folders in them may be closed to this user. A cache may hold a million files, so
//! each is measured only after a step used it; the size is noted beside it.

use std::fs::{self, File, FileTimes};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use wharf_sandbox::Tree;

use super::inventory::{Item, Place, Usage, UsageKind, last_change, list, to_timestamp};
use crate::error::{Attempt, BuildError, Result};
use crate::folder::BuilderFolder;
use crate::jobs::{JobCall, MeasureCall, MeasureDone, run_job};

/// The name of the note within a mount's folder.
const NOTE: &str = "measured";

/// Trees that one helper measures: each is a mount and a descriptor. The kernel has no bound for so few, a process's
/// descriptors have; fewer start more helpers.
const MOUNTS_AT_ONCE: usize = 100;

/// All cache mounts. Sizes are noted only if `is_alone`: a step that runs may go on writing.
pub(super) fn list_mounts(folder: &BuilderFolder, is_alone: bool) -> Result<Vec<Item>> {
    let mut found = Vec::new();
    let listed = || "list cache mounts".to_owned();
    for mount in list(&folder.state.part("mounts")).attempt(listed)? {
        found.extend(list(&mount).attempt(listed)?);
    }
    found.retain(|path| path.join("content").is_dir());
    let mut items = Vec::new();
    let mut unknown = Vec::new();
    for path in found {
        let used = last_change(&path);
        match read_note(&path, used) {
            Some(bytes) => items.push(describe(path, used, bytes)),
            None => unknown.push((path, used)),
        }
    }
    for some in unknown.chunks(MOUNTS_AT_ONCE) {
        let sizes = measure(folder, some.iter().map(|(path, _)| path.join("content")))?;
        for ((path, used), bytes) in some.iter().zip(sizes) {
            if is_alone {
                write_note(path, *used, bytes);
            }
            items.push(describe(path.clone(), *used, bytes));
        }
    }
    Ok(items)
}

/// Bytes of everything that steps and jobs wrote, counted on the disk and not taken from notes. Blocks.
pub(super) fn measure_all(folder: &BuilderFolder) -> Result<u64> {
    let listed = || "list cache mounts".to_owned();
    let mut paths = vec![folder.state.part("snapshots")];
    for mount in list(&folder.state.part("mounts")).attempt(listed)? {
        let contents = list(&mount).attempt(listed)?.into_iter();
        paths.extend(
            contents
                .map(|path| path.join("content"))
                .filter(|path| path.is_dir()),
        );
    }
    let mut bytes = 0;
    for some in paths.chunks(MOUNTS_AT_ONCE) {
        bytes += measure(folder, some.iter().cloned())?.iter().sum::<u64>();
    }
    Ok(bytes)
}

fn measure(folder: &BuilderFolder, paths: impl Iterator<Item = PathBuf>) -> Result<Vec<u64>> {
    let ids = folder
        .sandbox
        .lease_ids()
        .map_err(|error| BuildError::sandbox("measure cache mounts", error))?;
    let trees = paths.map(Tree::in_place).collect();
    let call = JobCall::Measure(MeasureCall);
    let done: MeasureDone = run_job(&folder.sandbox, &ids, &call, trees, Vec::new())?;
    Ok(done.bytes)
}

fn describe(path: PathBuf, used: SystemTime, bytes: u64) -> Item {
    let name = |path: Option<&Path>| {
        let name = path.and_then(Path::file_name).unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    Item {
        usage: Usage {
            kind: UsageKind::CacheMount,
            id: format!("{}/{}", name(path.parent()), name(Some(&path))),
            description: String::new(),
            bytes,
            last_used: to_timestamp(used),
        },
        used,
        place: Place::Mount(path),
    }
}

/// The size that was noted when the mount had last been used at the same moment.
fn read_note(path: &Path, used: SystemTime) -> Option<u64> {
    let text = fs::read_to_string(path.join(NOTE)).ok()?;
    let (moment, bytes) = text.trim().split_once(' ')?;
    (moment == write_moment(used)).then(|| bytes.parse().ok())?
}

/// Notes a size. When that fails, the mount is measured again the next time.
fn write_note(path: &Path, used: SystemTime, bytes: u64) {
    let text = format!("{} {bytes}\n", write_moment(used));
    if fs::write(path.join(NOTE), text).is_ok() {
        // The folder's own time is when the mount was used, and a new file in it has changed that.
        let folder = File::open(path);
        let _ = folder.and_then(|folder| folder.set_times(FileTimes::new().set_modified(used)));
    }
}

fn write_moment(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_nanos().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_noted_size_counts_until_the_mount_is_used_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let used = last_change(folder.path());
        assert_eq!(read_note(folder.path(), used), None);
        write_note(folder.path(), used, 4096);
        assert_eq!(last_change(folder.path()), used);
        assert_eq!(read_note(folder.path(), used), Some(4096));
        let later = used + std::time::Duration::from_nanos(1);
        assert_eq!(read_note(folder.path(), later), None);
        fs::write(folder.path().join(NOTE), "nonsense").expect("written");
        assert_eq!(read_note(folder.path(), used), None);
    }
}
