//! Whether there is anything to prune: most builds find everything in the cache and leave nothing behind.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::inventory::last_change;
use crate::state::StateFolder;

/// The name of the note in the builder's folder: the budget of the last prune, whose moment is the file's.
const NOTE: &str = "pruned";

/// How long nothing is looked for where nothing seems to grow. Notes of failed builds and hashes of files age by
/// themselves: longer keeps them longer, shorter looks through the whole folder for nothing.
const QUIET: Duration = Duration::from_secs(86_400);

/// Whether the builder's folder at `path` may be beyond the budget: a step ran since it was last pruned, the budget is
/// another, or that was a day ago. Reads three times of files and nothing else.
pub fn has_grown(path: &Path, budget: u64, now: SystemTime) -> bool {
    let note = path.join(NOTE);
    let pruned = last_change(&note);
    let is_recent = now.duration_since(pruned).is_ok_and(|age| age < QUIET);
    let is_same = fs::read_to_string(&note).is_ok_and(|text| text == write_budget(budget));
    // Each step makes a snapshot, also one that fails or only uses a cache mount. In the same tick of the clock it may have
    // come after.
    let is_still = last_change(&path.join("snapshots")) < pruned;
    !(is_recent && is_same && is_still)
}

/// Notes that the folder was pruned. When that fails, it is pruned again after the next build.
pub(super) fn note_pruned(state: &StateFolder, budget: u64) {
    let _ = state.write_file(&state.part(NOTE), write_budget(budget).as_bytes());
}

fn write_budget(budget: u64) -> String {
    format!("{budget}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_grows_by_steps_budgets_and_age() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = StateFolder::open(folder.path(), None).expect("a state");
        let now = SystemTime::now() + Duration::from_secs(60);
        assert!(has_grown(folder.path(), 5, now), "never pruned");
        note_pruned(&state, 5);
        let note = fs::File::open(folder.path().join(NOTE)).expect("the note");
        note.set_modified(now).expect("a time");
        assert!(!has_grown(folder.path(), 5, now));
        assert!(has_grown(folder.path(), 4, now), "another budget");
        assert!(has_grown(folder.path(), 5, now + QUIET), "a day ago");
        let snapshots = fs::File::open(folder.path().join("snapshots")).expect("a folder");
        snapshots.set_modified(now).expect("a time");
        assert!(has_grown(folder.path(), 5, now), "a step ran");
    }
}
