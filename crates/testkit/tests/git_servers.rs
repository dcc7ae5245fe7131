//! The git servers of the kit do what a test of the product relies on.

use std::{fs, process::Command};

use wharf_testkit::{GitServer, SshServer, skip};

#[test]
fn what_is_pushed_can_be_cloned_and_every_request_is_seen() {
    let server = GitServer::builder().login("ada", "hush").tls().start();
    let repository = server.create("team/app");
    let first = repository.push_files("main", "first", &[("Dockerfile", "FROM scratch\n")]);
    let second = repository.push_files("feature/x", "second", &[("deep/er/run.sh", "#!/bin/sh\n")]);
    assert_eq!(repository.commit_of("refs/heads/main"), first);
    assert_eq!(repository.commit_of("refs/heads/feature/x"), second);
    let clone = repository.clone_work_tree();
    assert!(clone.path().join("Dockerfile").exists());
    clone.tag("v1", Some("one"));
    clone.push(&["v1"]);
    assert_eq!(repository.commit_of("v1"), clone.head());
    let requests = server.requests();
    assert!(
        requests
            .iter()
            .any(|request| request.path.ends_with("git-receive-pack"))
    );
    assert!(
        requests
            .iter()
            .all(|request| request.header("authorization").is_some())
    );
    server.change_login("ada", "other");
    let refused = Command::new("git")
        .args(["ls-remote", "--", repository.url()])
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_SSL_NO_VERIFY", "1")
        .output()
        .expect("git starts");
    assert!(!refused.status.success());
}

#[test]
fn an_intercepted_request_never_reaches_git() {
    let server = GitServer::builder()
        .intercept(|request| {
            let is_old = request.path.starts_with("/old");
            let location = ("Location".to_owned(), "/new".to_owned());
            is_old.then(|| (301, vec![location]))
        })
        .start();
    let answer = reqwest_get(&server.url("old.git/info/refs"));
    assert_eq!(answer, (301, Some("/new".to_owned())));
}

fn reqwest_get(url: &str) -> (u16, Option<String>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .expect("a client");
        let answer = client.get(url).send().await.expect("an answer");
        let location = answer.headers().get("location");
        let location = location.map(|value| value.to_str().expect("text").to_owned());
        (answer.status().as_u16(), location)
    })
}

#[test]
fn the_ssh_server_lets_its_own_key_in() {
    let mut ssh = match SshServer::start() {
        Ok(ssh) => ssh,
        Err(reason) => skip!("{reason}"),
    };
    let server = GitServer::start();
    let repository = server.create("app");
    let commit = repository.push_files("main", "first", &[("a", "b")]);
    let folder = tempfile::tempdir().expect("a folder");
    let key = folder.path().join("key");
    fs::write(&key, ssh.client_key()).expect("a key file");
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("a mode");
    let list = |ssh: &SshServer| {
        let known = folder.path().join("known");
        let line = format!("[127.0.0.1]:{} {}\n", ssh.port(), ssh.host_key());
        fs::write(&known, line).expect("a file");
        let command = format!(
            "ssh -F /dev/null -o BatchMode=yes -o UserKnownHostsFile={} -i {}",
            known.display(),
            key.display()
        );
        let output = Command::new("git")
            .args(["ls-remote", "--", &ssh.url(repository.path())])
            .env("GIT_SSH_COMMAND", command)
            .output()
            .expect("git starts");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(list(&ssh).contains(&commit));
    let before = ssh.host_key();
    ssh.replace_host_key();
    assert_ne!(ssh.host_key(), before);
    assert!(list(&ssh).contains(&commit));
}
