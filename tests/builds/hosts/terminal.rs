//! `wharf` on a person's terminal.

use std::{
    io::Write,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use wharf_testkit::{Person, Server, server::find_binary};

/// A command that hangs is a failure, not a wait.
const LIMIT: Duration = Duration::from_secs(120);

/// A home with nothing in it but who is signed in, and where.
pub(super) struct Terminal {
    home: tempfile::TempDir,
    variables: Vec<(&'static str, String)>,
}

/// How a command ended.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) success: bool,
    /// What it printed and what it said beside, in this order.
    pub(super) text: String,
}

impl Terminal {
    pub(super) fn open(server: &Server, person: &Person) -> Self {
        Self {
            home: tempfile::tempdir().expect("a home"),
            variables: vec![
                ("WHARF_SERVER", server.url().to_owned()),
                ("WHARF_USERNAME", person.username.clone()),
                ("WHARF_PASSWORD", person.password.clone()),
            ],
        }
    }

    /// Runs `wharf` with these words, divided at spaces, and panics when it fails.
    #[track_caller]
    pub(super) fn run(&self, line: &str) -> String {
        self.run_with_input(line, "")
    }

    /// The same with something on standard input.
    #[track_caller]
    pub(super) fn run_with_input(&self, line: &str, input: &str) -> String {
        let said = self.try_run(line, input);
        assert!(said.success, "wharf {line}: {}", said.text);
        said.text
    }

    /// The same, however it ends.
    pub(super) fn try_run(&self, line: &str, input: &str) -> Said {
        finish(self.start(line, input))
    }

    /// Starts a command; [`finish`] waits for it.
    pub(super) fn start(&self, line: &str, input: &str) -> Child {
        let mut command = Command::new(find_binary());
        command
            .args(line.split_whitespace())
            .env_clear()
            .env("HOME", self.home.path())
            .env("TZ", "UTC")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(self.home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("wharf starts");
        // One that reads nothing may be gone already; how it ended tells.
        let _ = child
            .stdin
            .take()
            .expect("a pipe")
            .write_all(input.as_bytes());
        child
    }
}

/// Waits for a command, and ends it when it takes too long.
pub(super) fn finish(mut child: Child) -> Said {
    let begun = Instant::now();
    while begun.elapsed() < LIMIT && matches!(child.try_wait(), Ok(None)) {
        std::thread::sleep(Duration::from_millis(20));
    }
    // Ended by itself, or now.
    let _ = child.kill();
    let output = child.wait_with_output().expect("its output");
    let text = [output.stdout, output.stderr].concat();
    Said {
        success: output.status.success(),
        text: String::from_utf8_lossy(&text).into_owned(),
    }
}
