//! `wharf` as a person types it.

use std::{
    collections::BTreeSet,
    io::Write,
    process::{Command, Output, Stdio},
    sync::Mutex,
};

use wharf_testkit::server::find_binary;

/// `wharf` with a home of its own, signed in at a server.
pub struct Cli {
    home: tempfile::TempDir,
    /// `LC_ALL`.
    pub language: &'static str,
    used: Mutex<BTreeSet<String>>,
}

impl Cli {
    /// Signs the administrator in.
    pub fn log_in(address: &str, password: &str) -> Self {
        let cli = Self {
            home: tempfile::tempdir().expect("a home"),
            language: "C.UTF-8",
            used: Mutex::default(),
        };
        cli.run_with(
            &["login", address, "-u", "admin", "--password-stdin"],
            password,
        );
        cli
    }

    /// Not yet started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("timeout");
        command
            .args(["--kill-after", "5", "170"])
            .arg(find_binary())
            .args(arguments)
            .env_clear()
            .env("HOME", self.home.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("LC_ALL", self.language)
            .current_dir(self.home.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs it to its end; answers what it printed, and panics when it failed.
    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> String {
        self.run_with(arguments, "")
    }

    /// The same; it reads `input`.
    #[track_caller]
    pub fn run_with(&self, arguments: &[&str], input: &str) -> String {
        let output = self.finish(arguments, input);
        let (out, err) = read(&output);
        assert!(
            output.status.success(),
            "wharf {arguments:?}: {}\n{out}\n{err}",
            output.status
        );
        // What is said beside the answer is for people too.
        format!("{out}{err}")
    }

    /// Runs what must fail; answers all that it said.
    #[track_caller]
    pub fn fail(&self, arguments: &[&str]) -> String {
        let output = self.finish(arguments, "");
        let (out, err) = read(&output);
        assert_eq!(
            output.status.code(),
            Some(1),
            "wharf {arguments:?}\n{out}\n{err}"
        );
        assert!(!err.is_empty(), "wharf {arguments:?} fails without a word");
        format!("{out}{err}")
    }

    /// Runs it to its end, however that is.
    pub fn finish(&self, arguments: &[&str], input: &str) -> Output {
        let mut used = self.used.lock().expect("no panic");
        for count in 2..=3.min(arguments.len()) {
            used.insert(arguments[..count].join(" "));
        }
        drop(used);
        let mut command = self.command(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("timeout starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        // A program that does not read its input has closed the pipe; that is its right.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        child.wait_with_output().expect("it ends")
    }

    /// A file in its home, where it also runs.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.home.path().join(name), text).expect("a file");
    }

    /// The commands below some words, as their help lists them.
    fn list_commands(&self, words: &str) -> Vec<String> {
        let mut arguments: Vec<&str> = words.split(' ').collect();
        arguments.push("--help");
        let output = self.command(&arguments).output().expect("it starts");
        let (help, _) = read(&output);
        let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
        let listed = listed.take_while(|line| line.starts_with("  "));
        let names =
            listed.filter_map(|line| line.strip_prefix("  ").filter(|it| !it.starts_with(' ')));
        let names = names.filter_map(|line| line.split_whitespace().next());
        names
            .map(|name| format!("{words} {name}"))
            .filter(|it| !it.ends_with(" help"))
            .collect()
    }

    /// Every command of a group was run, but for those that need somebody else's server.
    pub fn check_used(&self, group: &str, others: &[&str]) {
        let used = self.used.lock().expect("no panic").clone();
        let mut open = vec![group.to_owned()];
        while let Some(words) = open.pop() {
            let below = self.list_commands(&words);
            assert!(
                !below.is_empty() || used.contains(&words) || others.contains(&&*words),
                "wharf {words} was never run"
            );
            open.extend(below);
        }
    }
}

/// What it said: the answer, and what stands beside it.
pub fn read(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

/// All of these words are in the text.
#[track_caller]
pub fn holds(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "{word:?} should stand in\n{text}");
    }
}
