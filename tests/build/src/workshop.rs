//! A place where one test builds as a user does: a context, a state directory, settings, and the run's own registry.
//!
//! Every build is looked after: what it left on the machine fails the test. Refuses to know what is built and why; the
//! suites `attacks` and `clients` call it.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::base::make_bases;
use crate::person::PlainUser;
use crate::remains::Before;
use crate::serve::Server;

/// A build that hangs is a failure, not a wait. The slowest here takes some seconds on an idle machine.
const LIMIT: Duration = Duration::from_secs(240);

/// A context, a state directory, settings and a registry.
#[derive(Debug)]
pub struct Workshop<'a> {
    folder: tempfile::TempDir,
    /// The registry with the bases.
    pub server: Server,
    user: Option<&'a PlainUser>,
}

/// A build that ended.
#[derive(Debug)]
pub struct Built {
    /// Whether it ended well.
    pub success: bool,
    /// What it printed, both streams.
    pub log: String,
}

impl Workshop<'_> {
    /// One for whoever runs the tests.
    ///
    /// # Panics
    /// There is no busybox or no room, here and below: callers are tests.
    #[must_use]
    pub fn open() -> Workshop<'static> {
        Workshop::make(None)
    }

    /// One whose builds run as `user`.
    #[must_use]
    pub fn open_for(user: &PlainUser) -> Workshop<'_> {
        Workshop::make(Some(user))
    }

    fn make(user: Option<&PlainUser>) -> Workshop<'_> {
        let parent = user.map_or_else(std::env::temp_dir, PlainUser::home);
        let folder = tempfile::Builder::new()
            .prefix("wharf-workshop-")
            .tempdir_in(parent)
            .expect("a temporary folder");
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))
            .expect("a mode");
        let server = Server::start(folder.path()).expect("a free port");
        make_bases(&mut server.shelf()).expect("busybox-static is installed");
        let workshop = Workshop {
            folder,
            server,
            user,
        };
        std::fs::create_dir(workshop.context()).expect("a folder");
        workshop.set_build("");
        if let Some(user) = user {
            user.own(workshop.folder.path());
        }
        workshop
    }

    /// A path beside the context.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The context.
    #[must_use]
    pub fn context(&self) -> PathBuf {
        self.path("context")
    }

    /// The state directory of the builds.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.path("state")
    }

    /// What tells this workshop's builds from others.
    #[must_use]
    pub fn mark(&self) -> String {
        let name = self.folder.path().file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// Writes a file of the context.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.context().join(name), bytes).expect("a context that takes files");
    }

    /// Gives a path that the test made to the user who builds.
    pub fn hand_over(&self, name: &str) {
        if let Some(user) = self.user {
            user.own(&self.path(name));
        }
    }

    /// Settings under `[build]`; Docker Hub's images come from the registry here, so `FROM base` is the base.
    pub fn set_build(&self, lines: &str) {
        let address = self.server.address();
        let text = format!(
            "[registries.\"docker.io\"]\nmirrors = [\"http://{address}\"]\n[build]\n{lines}\n"
        );
        std::fs::write(self.path("wharf.toml"), text).expect("a folder that takes files");
    }

    /// Builds the context with this Dockerfile, and fails the test when something is left on the machine.
    pub fn build(&self, dockerfile: &str, flags: &[&str]) -> Built {
        self.write("Dockerfile", dockerfile);
        self.build_source(&self.context().display().to_string(), flags)
    }

    /// The same for a source that is not this context.
    pub fn build_source(&self, source: &str, flags: &[&str]) -> Built {
        self.build_with(source, flags, None, &[])
    }

    /// The same with standard input and variables.
    pub fn build_with(
        &self,
        source: &str,
        flags: &[&str],
        stdin: Option<&[u8]>,
        variables: &[(&str, &str)],
    ) -> Built {
        let before = Before::look();
        let child = self.start(source, flags, stdin, variables);
        self.wait(child, &before)
    }

    /// Starts a build.
    pub fn start(
        &self,
        source: &str,
        flags: &[&str],
        stdin: Option<&[u8]>,
        variables: &[(&str, &str)],
    ) -> Child {
        let mut command = self.command();
        command
            .arg("build")
            .args(["--progress", "plain", "--build-arg"])
            // Of all build arguments only those about proxies reach the steps of every Dockerfile.
            .arg(format!("no_proxy={}", self.mark()))
            .arg("--state-dir")
            .arg(self.state())
            .arg("--config")
            .arg(self.path("wharf.toml"))
            .args(flags)
            .arg(source)
            .envs(variables.iter().copied())
            .stdin(stdin.map_or_else(Stdio::null, |_| Stdio::piped()))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        let mut child = command.spawn().expect("wharf starts (WHARF_BIN)");
        if let (Some(mut pipe), Some(bytes)) = (child.stdin.take(), stdin.map(<[u8]>::to_vec)) {
            // Beside the reading; a build that does not want all of it closes the pipe.
            std::thread::spawn(move || drop(pipe.write_all(&bytes)));
        }
        child
    }

    /// Waits for a build and looks after it.
    pub fn wait(&self, child: Child, before: &Before) -> Built {
        let pid = child.id();
        let built = finish(child);
        let left = before.list_left(&self.mark(), pid, &self.state());
        assert!(left.is_empty(), "left behind: {left:#?}\nby: {}", built.log);
        built
    }

    /// The program under test, as this workshop's user, in its folder, without anybody's own settings and logins.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut command = match self.user {
            Some(user) => user.command(&find_program()),
            None => Command::new(find_program()),
        };
        for name in ["SOURCE_DATE_EPOCH", "BUILDKIT_SYNTAX", "DOCKER_HOST"] {
            command.env_remove(name);
        }
        command
            .env("DOCKER_CONFIG", self.path("logins"))
            .current_dir(self.folder.path());
        command
    }
}

/// Waits for a build, however long it prints; after [`LIMIT`] it is killed.
pub fn finish(mut child: Child) -> Built {
    let group = i32::try_from(child.id()).expect("a process id");
    let mut errors = child.stderr.take().expect("a pipe");
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut errors, &mut bytes).map(|_| bytes)
    });
    let (done, waiting) = std::sync::mpsc::channel::<()>();
    let guard = std::thread::spawn(move || {
        if waiting.recv_timeout(LIMIT) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            // SAFETY: a plain call; the group is led by a child that is not waited for while `done` lives.
            unsafe { libc::kill(-group, libc::SIGKILL) };
        }
    });
    let output = child
        .wait_with_output()
        .expect("a child that can be waited for");
    drop(done);
    guard.join().expect("the guard ends");
    let errors = reader
        .join()
        .expect("the reader ends")
        .expect("a pipe that can be read");
    Built {
        success: output.status.success(),
        log: String::from_utf8_lossy(&[output.stdout, errors].concat()).into_owned(),
    }
}

impl Built {
    /// Passes a build on that worked.
    #[track_caller]
    #[must_use]
    pub fn expect_success(self) -> Self {
        assert!(self.success, "this should have worked:\n{}", self.log);
        self
    }

    /// Passes a build on that was refused, or failed, in these words.
    #[track_caller]
    pub fn expect_failure(self, words: &[&str]) -> Self {
        assert!(!self.success, "this should have failed:\n{}", self.log);
        assert!(
            !self.log.contains("panicked"),
            "no answer for people:\n{}",
            self.log
        );
        for word in words {
            assert!(self.log.contains(word), "no `{word}` in:\n{}", self.log);
        }
        self
    }

    /// Passes a build on that printed this.
    #[track_caller]
    pub fn expect_text(self, text: &str) -> Self {
        assert!(self.log.contains(text), "no `{text}` in:\n{}", self.log);
        self
    }

    /// Passes a build on that did not print this.
    #[track_caller]
    pub fn refute_text(self, text: &str) -> Self {
        assert!(
            !self.log.contains(text),
            "`{text}` stands in:\n{}",
            self.log
        );
        self
    }
}

/// `WHARF_BIN`, else the `wharf` beside this test's own program, as the other suites find it.
#[must_use]
pub fn find_program() -> PathBuf {
    std::env::var_os("WHARF_BIN").map_or_else(
        || {
            let own = std::env::current_exe().expect("a test knows its own file");
            let folder = own.ancestors().nth(2).unwrap_or(Path::new("/"));
            folder.join("wharf")
        },
        PathBuf::from,
    )
}
