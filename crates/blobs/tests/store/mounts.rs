//! Small file systems of our own, for tests that fill, freeze or cut them. Only root may mount.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// A file system that is unmounted when the test ends.
pub(crate) struct Mounted {
    folder: TempDir,
}

impl Mounted {
    /// Mounts a tmpfs with these options; `None`, with the reason on the test's output, where that is not allowed.
    pub(crate) fn tmpfs(options: &str) -> Option<Self> {
        Self::mount(&["-t", "tmpfs", "-o", options, "tmpfs"])
    }

    /// Mounts a file that holds a file system.
    pub(crate) fn image(image: &Path) -> Option<Self> {
        Self::mount(&["-o", "loop", image.to_str().expect("a plain path")])
    }

    fn mount(arguments: &[&str]) -> Option<Self> {
        if !is_root() {
            println!("skipped: mounting a file system takes root");
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let mount = Command::new("mount")
            .args(arguments)
            .arg(folder.path())
            .output()
            .expect("the mount command");
        if !mount.status.success() {
            let reason = String::from_utf8_lossy(&mount.stderr);
            println!("skipped: cannot mount here: {}", reason.trim());
            return None;
        }
        Some(Self { folder })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn remount(&self, option: &str) {
        let status = Command::new("mount")
            .args(["-o", &format!("remount,{option}")])
            .arg(self.path())
            .status();
        assert!(
            status.expect("the mount command").success(),
            "remount {option}"
        );
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // Lazy: after a failed test a file may still be open.
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
