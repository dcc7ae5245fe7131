//! The same case again as a plain user with a range of subordinate ids, made for this run.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use tempfile::TempDir;

/// Tells a second process of this program which case to run.
pub(crate) const AS_USER: &str = "--as-user";

/// An account and its home.
struct PlainUser {
    name: String,
    folder: TempDir,
}

static USER: Mutex<Option<Result<PlainUser, String>>> = Mutex::new(None);

/// Runs a case as the user.
pub(crate) fn run_as_user(case: &str) -> Result<(), String> {
    let (name, home) = {
        let mut user = USER.lock().unwrap_or_else(PoisonError::into_inner);
        match user.get_or_insert_with(PlainUser::make) {
            Ok(user) => (user.name.clone(), user.home()),
            Err(reason) => {
                wharf_testkit::skip::record_skip(reason);
                return Ok(());
            }
        }
    };
    let output = Command::new("setpriv")
        .args([
            "--reuid",
            &name,
            "--regid",
            &name,
            "--init-groups",
            "--inh-caps=-all",
        ])
        .arg(home.join("tests"))
        .args([AS_USER, case])
        .env("HOME", &home)
        .env("TMPDIR", home.join("tmp"))
        .output()
        .map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}

/// Removes the account, if there is one.
pub(crate) fn remove() {
    let user = USER.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(Ok(user)) = user {
        // Nothing can be done about a failure while the tests end.
        let _ = Command::new("userdel").arg(&user.name).output();
    }
}

impl PlainUser {
    fn make() -> Result<Self, String> {
        for program in ["useradd", "setpriv", "newuidmap"] {
            let found = ["/usr/sbin", "/usr/bin"]
                .iter()
                .any(|folder| Path::new(folder).join(program).exists());
            if !found {
                return Err(format!("{program} is not installed"));
            }
        }
        let folder = tempfile::Builder::new()
            .prefix("wharf-git-home-")
            .tempdir()
            .map_err(|error| error.to_string())?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))
            .map_err(|error| error.to_string())?;
        let user = Self {
            name: format!("wharf-git-{}", std::process::id()),
            folder,
        };
        let home = user.home().to_string_lossy().into_owned();
        run(
            "useradd",
            &[
                "--create-home",
                "--home-dir",
                &home,
                "--user-group",
                "--shell",
                "/bin/sh",
                &user.name,
            ],
        )?;
        let known = fs::read_to_string("/etc/subuid").unwrap_or_default();
        if !known
            .lines()
            .any(|line| line.starts_with(&format!("{}:", user.name)))
        {
            let range = "3000000000-3000065535";
            run(
                "usermod",
                &["--add-subuids", range, "--add-subgids", range, &user.name],
            )?;
        }
        let program = user.home().join("tests");
        // In a process of its own, so that no other one holds it open for writing when it is started.
        let own = std::env::current_exe().map_err(|error| error.to_string())?;
        run("cp", &[&own.to_string_lossy(), &program.to_string_lossy()])?;
        fs::create_dir(user.home().join("tmp")).map_err(|error| error.to_string())?;
        run("chown", &["-R", &user.name, &home])?;
        Ok(user)
    }

    fn home(&self) -> std::path::PathBuf {
        self.folder.path().join("home")
    }
}

fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!(
            "{program}: {}",
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}
