//! `--ssh` with a private key: an agent of the build's own holds it, and ends with the build.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use wharf_testkit::{GitServer, SshServer};

use crate::home::Home;

#[test]
fn a_context_is_fetched_with_a_private_key() {
    let ssh = match SshServer::start() {
        Ok(ssh) => ssh,
        Err(reason) => return wharf_testkit::skip::record_skip(&reason),
    };
    let server = GitServer::start();
    let repository = server.create("app");
    let files = [("Dockerfile", "FROM scratch\nCOPY a /b\n"), ("a", "text")];
    repository.push_files("main", "first", &files);
    let home = Home::new();
    home.write("key", &ssh.client_key());
    set_mode(&home.path().join("key"), 0o600);
    let url = format!("{}#main", ssh.url(repository.path()));
    let state = home.path().join("state").display().to_string();
    let build = |ssh: &str| {
        home.run(&[
            "build",
            "--progress=plain",
            "--state-dir",
            &state,
            "--ssh",
            ssh,
            "--output=out",
            &url,
        ])
    };
    let outcome = build("default=key");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let copied = fs::read_to_string(home.path().join("out/b"));
    assert_eq!(copied.expect("the file of the repository"), "text");
    // It was told to end, which takes it a moment.
    let end = Instant::now() + Duration::from_secs(8);
    while let Some(line) = find_agent() {
        assert!(Instant::now() < end, "an agent is left: {line}");
        std::thread::sleep(Duration::from_millis(50));
    }

    let missing = build("default=nothing");
    assert_eq!(missing.code, Some(2), "{missing:?}");
    assert!(missing.stderr.contains("--ssh ID=KEY"), "{missing:?}");
    set_mode(&home.path().join("key"), 0o644);
    let open = build("default=key");
    assert_eq!(open.code, Some(1), "{open:?}");
    assert!(open.stderr.contains("chmod 600"), "{open:?}");
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
}

/// The command line of an agent that a build started.
fn find_agent() -> Option<String> {
    let processes = fs::read_dir("/proc").expect("/proc").flatten();
    let mut lines = processes.filter_map(|process| {
        let line = fs::read(process.path().join("cmdline")).ok()?;
        Some(String::from_utf8_lossy(&line).replace('\0', " "))
    });
    lines.find(|line| line.starts_with("ssh-agent ") && line.contains("/wharf-ssh-"))
}
