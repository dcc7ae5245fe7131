//! A plain user of this machine, made for a test: an account with subordinate ids and nothing else.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use tempfile::TempDir;

/// The programs that change accounts refuse to run beside one another.
static ACCOUNTS: Mutex<()> = Mutex::new(());

/// An account, gone with this.
#[derive(Debug)]
pub struct PlainUser {
    name: String,
    folder: TempDir,
}

impl PlainUser {
    /// Makes an account.
    ///
    /// # Errors
    /// Why this machine cannot have one: not run as root, or a package is missing.
    pub fn make() -> Result<Self, String> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        // SAFETY: a plain call without arguments that cannot fail.
        if unsafe { libc::geteuid() } != 0 {
            return Err("making an account needs root".to_owned());
        }
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("wharf-build-{}-{number}", std::process::id());
        let folder = TempDir::with_prefix("wharf-home-").map_err(|error| error.to_string())?;
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))
            .map_err(|error| error.to_string())?;
        let home = folder.path().join("home").display().to_string();
        let _accounts = ACCOUNTS.lock().unwrap_or_else(PoisonError::into_inner);
        run(
            "useradd",
            &["--create-home", "--home-dir", &home, "--user-group", &name],
        )?;
        let user = Self { name, folder };
        // `useradd` gives a range to ordinary users only where login.defs says so.
        let ids = std::fs::read_to_string("/etc/subuid").unwrap_or_default();
        let own = format!("{}:", user.name);
        if !ids.lines().any(|line| line.starts_with(&own)) {
            let first = 3_100_000_000_u32 + number * 65_536;
            let range = format!("{first}-{}", first + 65_535);
            run(
                "usermod",
                &["--add-subuids", &range, "--add-subgids", &range, &user.name],
            )?;
        }
        Ok(user)
    }

    /// The home folder.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Gives a folder and what is in it to the account.
    ///
    /// # Panics
    /// `chown` does not work.
    pub fn own(&self, folder: &Path) {
        let folder = folder.display().to_string();
        run(
            "chown",
            &["--recursive", "--no-dereference", &self.name, &folder],
        )
        .expect("chown");
    }

    /// `program` as this user, with nothing in its environment but a path and a home. The program may lie where the user
    /// cannot go, so it is copied to the user's own folder first.
    ///
    /// # Panics
    /// The program cannot be copied.
    #[must_use]
    pub fn command(&self, program: &Path) -> Command {
        let copy = self.home().join("wharf");
        if !copy.exists() {
            // A name of its own first: another thread may be at it. And written by another process: a program that starts
            // meanwhile would hold our descriptor for a moment, and a file that is open for writing cannot be executed.
            let place = tempfile::tempdir_in(self.home()).expect("a folder");
            let new = place.path().join("wharf");
            let copied = Command::new("cp").arg(program).arg(&new).status();
            assert!(
                copied.is_ok_and(|status| status.success()),
                "the program is copied"
            );
            std::fs::rename(new, &copy).expect("the program is named");
        }
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid", &self.name, "--regid", &self.name])
            .args(["--init-groups", "--inh-caps=-all", "--"])
            .arg(copy)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
            .env("HOME", self.home())
            .env("LC_ALL", "C.UTF-8");
        command
    }
}

impl Drop for PlainUser {
    fn drop(&mut self) {
        let _accounts = ACCOUNTS.lock().unwrap_or_else(PoisonError::into_inner);
        // Nothing can be done about a failure while the tests end.
        let _ = Command::new("userdel").arg(&self.name).output();
    }
}

fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "{program}: {}",
        String::from_utf8_lossy(&output.stderr)
    ))
}
