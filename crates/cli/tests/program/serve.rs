//! `wharf serve` from outside: the first start, the second one, and a start that fails.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Stdio};

use crate::home::Home;

/// A server that ends with the test.
struct Running {
    child: Child,
    url: String,
}

impl Running {
    fn start(home: &Home) -> Self {
        let mut child = home
            .command(&["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line.trim_end().strip_prefix("listening on ");
        let url = url.unwrap_or_else(|| panic!("{line:?}")).to_owned();
        Running { child, url }
    }

    /// Ends it as a service manager does; yields the exit code and what it wrote to stderr.
    fn end(mut self) -> (Option<i32>, String) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let mut stderr = String::new();
        let pipe = self.child.stderr.as_mut().unwrap();
        pipe.read_to_string(&mut stderr).unwrap();
        (self.child.wait().unwrap().code(), stderr)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Ended already unless the test failed.
        let _ = self.child.kill();
    }
}

#[test]
fn the_first_start_without_a_terminal_puts_the_password_in_a_private_file() {
    let home = Home::new();
    let server = Running::start(&home);
    let address = server.url.strip_prefix("http://").unwrap().to_owned();
    let (code, stderr) = server.end();
    assert_eq!(code, Some(0), "{stderr}");

    let file = home.path().join("data/admin-password");
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let password = fs::read_to_string(file).unwrap();
    assert!(
        password.trim_end().len() >= 16,
        "a password that nobody guesses"
    );
    assert!(
        !stderr.contains(password.trim_end()),
        "it is shown nowhere else"
    );
    for line in ["docker login", "docker tag", "docker push", "docker pull"] {
        let found = stderr
            .lines()
            .find(|text| text.trim_start().starts_with(line));
        assert!(
            found.is_some_and(|text| text.contains(&address)),
            "{line}\n{stderr}"
        );
    }

    let (code, stderr) = Running::start(&home).end();
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        !stderr.contains("docker login"),
        "only the first start says it: {stderr}"
    );
}

#[test]
fn a_chosen_password_is_kept_nowhere() {
    let home = Home::new().with("WHARF_ADMIN_PASSWORD", "correct-horse-battery");
    let (code, stderr) = Running::start(&home).end();
    assert_eq!(code, Some(0), "{stderr}");
    assert!(!stderr.contains("correct-horse"), "{stderr}");
    assert!(!home.path().join("data/admin-password").exists());
}

#[test]
fn a_taken_port_does_not_cost_the_first_password() {
    let home = Home::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let outcome = home.run(&["serve", "--listen", &address]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.stderr.contains(&address), "{}", outcome.stderr);
    let (_, stderr) = Running::start(&home).end();
    assert!(
        stderr.contains("docker login"),
        "this is the first start: {stderr}"
    );
    assert!(home.path().join("data/admin-password").exists());
}

#[test]
fn a_second_server_on_the_same_folder_is_refused() {
    let home = Home::new();
    let first = Running::start(&home);
    let outcome = home.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.stderr.contains("error: "), "{}", outcome.stderr);
    assert_eq!(first.end().0, Some(0));
}
