//! What this user may do here.

use std::os::unix::fs::chown;
use std::process::Command;

/// Whether files can be given to other users: root, or root of a user namespace with a range of ids.
pub(crate) fn may_chown() -> bool {
    let folder = tempfile::tempdir().expect("a temporary directory");
    chown(folder.path(), Some(1234), Some(4321)).is_ok()
}

/// Whether every id can be given, which no user namespace with a range allows.
pub(crate) fn has_all_ids() -> bool {
    let folder = tempfile::tempdir().expect("a temporary directory");
    chown(folder.path(), Some(3_000_000_000), None).is_ok()
}

/// Says so when a test does not run.
pub(crate) fn skip(test: &str, reason: &str) {
    eprintln!("skipped: {test} ({reason})");
}

/// Whether a program is installed.
pub(crate) fn has_program(name: &str) -> bool {
    Command::new(name)
        .arg("--version")
        .output()
        .or_else(|_| Command::new(name).arg("version").output())
        .is_ok()
}
