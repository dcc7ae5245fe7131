//! A plain user made for the tests.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// An account, gone with this.
pub(crate) struct PlainUser {
    pub(crate) name: String,
    folder: TempDir,
}

impl PlainUser {
    pub(crate) fn make(parent: &Path) -> Result<Self, String> {
        for program in ["useradd", "setpriv", "newuidmap"] {
            let found = ["/usr/sbin", "/usr/bin", "/bin", "/sbin"]
                .iter()
                .any(|folder| Path::new(folder).join(program).exists());
            if !found {
                return Err(format!("{program} is not installed"));
            }
        }
        let name = format!("wharf-worker-{}", std::process::id());
        let folder =
            TempDir::with_prefix_in("wharf-home-", parent).map_err(|error| error.to_string())?;
        let home = folder.path().join("home").to_string_lossy().into_owned();
        run(
            "useradd",
            &["--create-home", "--home-dir", &home, "--user-group", &name],
        )?;
        let user = Self { name, folder };
        let ids = fs::read_to_string("/etc/subuid").unwrap_or_default();
        // `useradd` gives a range to ordinary users only where login.defs says so.
        if !ids
            .lines()
            .any(|line| line.starts_with(&format!("{}:", user.name)))
        {
            let range = "3000000000-3000065535";
            run(
                "usermod",
                &["--add-subuids", range, "--add-subgids", range, &user.name],
            )?;
        }
        let open = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode))
                .map_err(|error| error.to_string())
        };
        open(user.folder.path(), 0o755)?;
        // Everybody may open it where udev runs; a container or a small machine may have it for root only.
        let tun = Path::new("/dev/net/tun");
        if tun.exists() {
            open(tun, 0o666)?;
        }
        fs::copy("/proc/self/exe", user.program()).map_err(|error| error.to_string())?;
        run("chown", &[&user.name, &user.program().to_string_lossy()])?;
        Ok(user)
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// This program again.
    pub(crate) fn program(&self) -> PathBuf {
        self.home().join("worker-tests")
    }
}

impl Drop for PlainUser {
    fn drop(&mut self) {
        // Nothing can be done about a failure while the tests end.
        let _ = Command::new("userdel").arg(&self.name).output();
    }
}

fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "{program}: {}",
        String::from_utf8_lossy(&output.stderr)
    ))
}
