//! What a case works with: a sandbox, a root made of busybox, folders of its own.

use std::fs;
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use wharf_sandbox::{BuildIds, Exit, Host, IdPool, Running, Sandbox, Step, Tree};

use crate::harness::skip;

/// A sandbox and a place for a case's files.
pub(crate) struct Machine {
    pub(crate) sandbox: Sandbox,
    pub(crate) ids: BuildIds,
    folder: TempDir,
}

/// What a step said and how it ended.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) exit: Exit,
    pub(crate) stubs: Vec<String>,
}

impl Machine {
    pub(crate) fn of_root(folder: &Path) -> Self {
        Self::make(folder)
    }

    /// A second one, in the first one's folder.
    pub(crate) fn beside(other: &Self) -> Self {
        Self::make(other.folder.path())
    }

    pub(crate) fn of_user(home: &Path) -> Self {
        Self::make(home)
    }

    fn make(parent: &Path) -> Self {
        let folder = TempDir::with_prefix_in("wharf-sandbox-", parent).expect("a folder");
        let state = folder.path().join("state");
        let host = Host::inspect().expect("the host can be inspected");
        Self::on(folder, &state, host)
    }

    /// The same place, on a machine that is told to be different.
    pub(crate) fn on_host(self, change: impl FnOnce(Host) -> Host) -> Self {
        let state = self.path("other-state");
        let host = Host::inspect().expect("the host can be inspected");
        let Self { folder, .. } = self;
        Self::on(folder, &state, change(host))
    }

    fn on(folder: TempDir, state: &Path, host: Host) -> Self {
        let sandbox = Sandbox::new(host, IdPool::default(), state)
            .unwrap_or_else(|error| skip(error.to_string()));
        let ids = sandbox
            .lease_ids()
            .unwrap_or_else(|error| skip(error.to_string()));
        let machine = Self {
            sandbox,
            ids,
            folder,
        };
        if !machine.base().exists() {
            machine.make_base();
        }
        machine
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A folder with busybox under the names of all its programs, and accounts.
    fn make_base(&self) {
        let busybox = ["/bin/busybox", "/usr/bin/busybox"]
            .into_iter()
            .find(|path| Path::new(path).exists())
            .unwrap_or_else(|| skip("busybox-static is not installed"));
        let bin = self.base().join("bin");
        fs::create_dir_all(&bin).expect("a folder");
        fs::copy(busybox, bin.join("busybox")).expect("busybox is copied");
        let list = Command::new(busybox)
            .arg("--list")
            .output()
            .expect("busybox lists");
        for name in String::from_utf8_lossy(&list.stdout).lines() {
            if name != "busybox" {
                symlink("busybox", bin.join(name)).expect("a link");
            }
        }
        let etc = self.base().join("etc");
        fs::create_dir_all(&etc).expect("a folder");
        fs::create_dir_all(self.base().join("tmp")).expect("a folder");
        fs::set_permissions(self.base().join("tmp"), fs::Permissions::from_mode(0o1777))
            .expect("a mode");
        let accounts = "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n";
        fs::write(etc.join("passwd"), accounts).expect("a file");
        fs::write(
            etc.join("group"),
            "root:x:0:\napp:x:1000:\nvideo:x:44:app\n",
        )
        .expect("a file");
    }

    pub(crate) fn base(&self) -> PathBuf {
        self.path("base")
    }

    /// A root over busybox whose changes go to a new snapshot of this name.
    pub(crate) fn root(&self, snapshot: &str) -> Tree {
        self.tree_over(vec![self.base()], snapshot)
    }

    pub(crate) fn tree_over(&self, lowers: Vec<PathBuf>, snapshot: &str) -> Tree {
        let folder = self.path(snapshot);
        fs::create_dir_all(folder.join("upper")).expect("a folder");
        fs::create_dir_all(folder.join("work")).expect("a folder");
        Tree::writable(lowers, folder)
    }

    /// A layer with what `fill` puts into it.
    pub(crate) fn layer(&self, name: &str, fill: impl FnOnce(&Path)) -> PathBuf {
        let folder = self.path(name);
        fs::create_dir_all(&folder).expect("a folder");
        fill(&folder);
        folder
    }

    /// The layer of the attacking program.
    pub(crate) fn probe_layer(&self) -> PathBuf {
        let folder = self.path("probe");
        if !folder.exists() {
            crate::probe::fill_layer(&folder);
        }
        folder
    }

    /// A step that carries out attacks.
    pub(crate) fn attack(&self, snapshot: &str, names: &[&str]) -> Step {
        let root = self.tree_over(vec![self.probe_layer(), self.base()], snapshot);
        let mut argv = vec![crate::probe::PATH, crate::probe::PROBE];
        argv.extend(names);
        Step::new(root, argv)
    }

    pub(crate) fn shell(&self, snapshot: &str, script: &str) -> Step {
        Step::new(self.root(snapshot), ["/bin/sh", "-c", script])
    }

    pub(crate) fn start(&self, step: &Step) -> Running {
        self.sandbox
            .start_step(&self.ids, step)
            .unwrap_or_else(|error| panic!("the step does not start: {error}: {error:?}"))
    }

    pub(crate) fn run(&self, step: &Step) -> Told {
        finish(self.start(step))
    }
}

pub(crate) fn finish(mut running: Running) -> Told {
    let mut stdout = running.take_stdout().expect("output");
    let mut stderr = running.take_stderr().expect("errors");
    let errors = std::thread::spawn(move || {
        let mut text = Vec::new();
        stderr.read_to_end(&mut text).expect("errors can be read");
        String::from_utf8_lossy(&text).into_owned()
    });
    let mut text = Vec::new();
    stdout.read_to_end(&mut text).expect("output can be read");
    let stubs = running.stubs().to_vec();
    Told {
        stdout: String::from_utf8_lossy(&text).into_owned(),
        stderr: errors.join().expect("the reader of errors ends"),
        exit: running.wait().expect("the step ends"),
        stubs,
    }
}

/// An account made for the tests, gone with this.
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
        let name = format!("wharf-test-{}", std::process::id());
        let folder =
            TempDir::with_prefix_in("wharf-home-", parent).map_err(|error| error.to_string())?;
        let home = folder.path().join("home");
        let run = |program: &str, arguments: &[&str]| {
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
        };
        let home = home.to_string_lossy().into_owned();
        run(
            "useradd",
            &["--create-home", "--home-dir", &home, "--user-group", &name],
        )?;
        let user = Self { name, folder };
        // `useradd` gives a range to ordinary users only where login.defs says so.
        let ids = fs::read_to_string("/etc/subuid").unwrap_or_default();
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
        fs::set_permissions(user.folder.path(), fs::Permissions::from_mode(0o755))
            .map_err(|error| error.to_string())?;
        // The user's own program, as an installation in a home folder is: what it may write, a step must not.
        Self::open_tun();
        let program = user.program();
        fs::copy("/proc/self/exe", &program).map_err(|error| error.to_string())?;
        run("chown", &[&user.name, &program.to_string_lossy()])?;
        Ok(user)
    }

    /// Everybody may open it where udev runs; a container or a small machine may have it for root only.
    fn open_tun() {
        let tun = Path::new("/dev/net/tun");
        if tun.exists() {
            fs::set_permissions(tun, fs::Permissions::from_mode(0o666))
                .expect("root changes a mode");
        }
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub(crate) fn program(&self) -> PathBuf {
        self.home().join("sandbox-tests")
    }
}

impl Drop for PlainUser {
    fn drop(&mut self) {
        // Nothing can be done about a failure while the tests end.
        let _ = Command::new("userdel").arg(&self.name).output();
    }
}
