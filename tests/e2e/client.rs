//! One client program, run the way a person runs it, with a home of its own so that no configuration of the machine's
//! user is read or changed.

use std::{
    ffi::{OsStr, OsString},
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use wharf_testkit::Login;

use crate::tool::join_search_path;

/// A client that hangs is a failure, not a wait; the slowest step here (a signature, a build) takes seconds.
const RUN_SECONDS: &str = "120";

/// How a program is run; each run starts from this.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    program: PathBuf,
    home: PathBuf,
    leading: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
}

impl Client {
    /// `program` with an environment of nothing but `PATH`, `HOME` and a plain locale; `home` is also where it runs.
    pub(crate) fn new(program: PathBuf, home: &Path) -> Self {
        Self {
            program,
            home: home.to_owned(),
            leading: Vec::new(),
            environment: Vec::new(),
        }
    }

    /// Puts `arguments` in front of those of every run.
    pub(crate) fn with_leading<S: AsRef<OsStr>>(
        mut self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Self {
        self.leading.extend(
            arguments
                .into_iter()
                .map(|argument| argument.as_ref().to_owned()),
        );
        self
    }

    /// Sets a variable for every run.
    pub(crate) fn with_variable(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.into(), value.as_ref().into()));
        self
    }

    /// Runs with `arguments` to the end.
    #[track_caller]
    pub(crate) fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Run {
        self.run_with_input(arguments, "")
    }

    /// Runs with `arguments` to the end; the program reads `input` from its standard input.
    #[track_caller]
    pub(crate) fn run_with_input<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
        input: &str,
    ) -> Run {
        let mut command = Command::new("timeout");
        command.args(["--kill-after", "5", RUN_SECONDS]);
        command
            .arg(&self.program)
            .args(&self.leading)
            .args(arguments);
        command.env_clear();
        command.env("PATH", join_search_path());
        command.env("HOME", &self.home);
        command.env("LC_ALL", "C.UTF-8");
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.current_dir(&self.home);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());

        let line = format!("{command:?}");
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("{line}: {error}"));
        // A program that ends without reading its input closes the pipe; its own status then tells what happened.
        let _ = child
            .stdin
            .take()
            .expect("standard input is a pipe")
            .write_all(input.as_bytes());
        let output = child
            .wait_with_output()
            .unwrap_or_else(|error| panic!("{line}: {error}"));
        Run {
            line,
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Logs in by `verb` the way scripts do it: the name as an option, the password on standard input.
#[track_caller]
pub(crate) fn log_in_by_stdin(client: &Client, verb: &[&str], address: &str, login: &Login) -> Run {
    let Login::Basic { username, password } = login else {
        panic!("a client logs in with a name and a password");
    };
    let arguments = [verb, &["--username", username, "--password-stdin", address]].concat();
    client.run_with_input(arguments, password)
}

/// Writes `home/.docker/config.json`, where docker and everything after it keeps credentials.
pub(crate) fn write_docker_config(home: &Path, address: &str, login: &Login) {
    let authorization = login.authorization().unwrap_or_default();
    let pair = authorization.trim_start_matches("Basic ");
    let config = serde_json::json!({"auths": {address: {"auth": pair}}});
    fs::create_dir_all(home.join(".docker")).expect("a folder for credentials");
    fs::write(home.join(".docker/config.json"), config.to_string())
        .expect("a folder that takes files");
}

/// What one run left behind.
#[derive(Debug)]
pub(crate) struct Run {
    line: String,
    code: Option<i32>,
    /// What it printed.
    pub(crate) stdout: String,
    /// What it complained about; many clients report progress here.
    pub(crate) stderr: String,
}

impl Run {
    /// Whether it ended with 0.
    pub(crate) fn is_success(&self) -> bool {
        self.code == Some(0)
    }

    /// Passes the run on when it ended with 0; panics with all it printed otherwise.
    #[track_caller]
    pub(crate) fn expect_success(self) -> Self {
        assert!(
            self.is_success(),
            "this should have worked:\n{}",
            self.describe()
        );
        self
    }

    /// Passes the run on when it ended with anything but 0, and in time; panics with all it printed otherwise.
    #[track_caller]
    pub(crate) fn expect_failure(self) -> Self {
        // 124 and 137 are the time limit's: a hang is no refusal.
        let refused = !matches!(self.code, None | Some(0 | 124 | 137));
        assert!(
            refused,
            "this should have been refused:\n{}",
            self.describe()
        );
        self
    }

    /// Passes the run on when `text` stands in what it printed or complained about.
    #[track_caller]
    pub(crate) fn expect_text(self, text: &str) -> Self {
        assert!(
            self.stdout.contains(text) || self.stderr.contains(text),
            "`{text}` should stand here:\n{}",
            self.describe()
        );
        self
    }

    /// Passes the run on unless `text` stands in what it printed or complained about.
    #[track_caller]
    pub(crate) fn refute_text(self, text: &str) -> Self {
        assert!(
            !self.stdout.contains(text) && !self.stderr.contains(text),
            "`{text}` should not stand here:\n{}",
            self.describe()
        );
        self
    }

    /// What it printed, as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("no JSON ({error}):\n{}", self.describe()))
    }

    /// The first `sha256:…` that it printed behind `label`.
    #[track_caller]
    pub(crate) fn find_digest(&self, label: &str) -> String {
        let all = format!("{}\n{}", self.stdout, self.stderr);
        all.lines()
            .filter_map(|line| line.split_once(label))
            .filter_map(|(_, rest)| rest.split_once("sha256:"))
            .map(|(_, rest)| {
                rest.chars()
                    .take_while(char::is_ascii_hexdigit)
                    .collect::<String>()
            })
            .find(|hex| hex.len() == 64)
            .map(|hex| format!("sha256:{hex}"))
            .unwrap_or_else(|| panic!("no digest behind `{label}`:\n{}", self.describe()))
    }

    /// The run as a person would have seen it.
    pub(crate) fn describe(&self) -> String {
        format!(
            "{}\n→ {:?}\n{}\n{}",
            self.line, self.code, self.stdout, self.stderr
        )
    }
}
