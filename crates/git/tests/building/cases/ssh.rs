//! Over ssh, with a key, and with host keys that are learnt, known, or not what they were.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use wharf_git::{Credential, FetchOptions, GitError, HostKey, RefKinds};
use wharf_testkit::{GitServer, SshServer};

use super::Case;
use crate::kit::{Kit, anonymous, branch, commit, list_files, with_key};

pub(super) const CASES: &[Case] = &[
    (
        "a_host_key_is_learnt_at_first_sight_then_known_and_a_changed_one_refuses",
        know_host,
    ),
    ("a_commit_is_fetched_over_ssh", fetch_by_ssh),
    ("a_key_that_is_not_let_in_says_so", refuse_key),
    ("an_agent_signs_without_giving_its_key_away", sign_by_agent),
];

/// A server, or a skip.
fn start_ssh() -> Option<SshServer> {
    match SshServer::start() {
        Ok(ssh) => Some(ssh),
        Err(reason) => {
            wharf_testkit::skip::record_skip(&reason);
            None
        }
    }
}

fn know_host() {
    let Some(mut ssh) = start_ssh() else { return };
    let (kit, server) = (Kit::new(), GitServer::start());
    let repository = server.create("app");
    repository.push_files("main", "first", &[("a", "1")]);
    let mut access = with_key(&ssh.url(repository.path()), ssh.client_key());
    let list = |access: &_| kit.wait(kit.git.list_refs(access, RefKinds::Branches));

    let listing = list(&access).expect("refs");
    assert_eq!(listing.heads.len(), 1);
    let key: HostKey = ssh.host_key().parse().expect("a key");
    assert_eq!(listing.learnt, std::slice::from_ref(&key));

    access.host_keys = listing.learnt;
    let listing = list(&access).expect("refs");
    assert_eq!((listing.heads.len(), listing.learnt), (1, Vec::new()));

    ssh.replace_host_key();
    let error = list(&access).expect_err("another key");
    let GitError::HostKeyChanged { host, found } = &error else {
        panic!("{error:?}");
    };
    let now: HostKey = ssh.host_key().parse().expect("a key");
    assert_eq!(host, "127.0.0.1");
    assert_eq!(found.as_deref(), Some(now.fingerprint().as_str()));
    assert!(error.hint().unwrap().contains("compare its key"));
    // With both, as while an operator changes keys.
    access.host_keys = vec![key, now];
    list(&access).expect("refs");
}

fn fetch_by_ssh() {
    let Some(ssh) = start_ssh() else { return };
    let (kit, server) = (Kit::new(), GitServer::start());
    let repository = server.create("app");
    let first = repository.push_files("main", "first", &[("a", "1")]);
    repository.push_files("main", "second", &[("a", "2")]);
    // A path with a quote, which a shell on the other side could stumble over.
    let link = kit.folder.path().join("link'.git");
    std::os::unix::fs::symlink(repository.path(), &link).expect("a link");
    let access = with_key(&ssh.url(&link), ssh.client_key().trim_end().to_owned());
    let fetch = |wanted: &wharf_git::Wanted, name: &str| {
        let (fetched, into) = kit
            .fetch(&access, wanted, name, FetchOptions::default())
            .expect(name);
        assert_eq!(fetched.learnt.len(), 1);
        list_files(&into)["a"].clone()
    };
    assert_eq!(fetch(&branch("main"), "new"), "2");
    assert_eq!(fetch(&commit(&first), "old"), "1");
}

fn refuse_key() {
    let Some(ssh) = start_ssh() else { return };
    let (kit, server) = (Kit::new(), GitServer::start());
    let repository = server.create("app");
    repository.push_files("main", "first", &[("a", "1")]);
    let url = ssh.url(repository.path());
    let mut access = with_key(&url, ssh.make_stranger_key());
    let error = kit
        .wait(kit.git.list_refs(&access, RefKinds::Branches))
        .expect_err("a stranger");
    assert!(
        matches!(error, GitError::Denied { is_ssh: true, .. }),
        "{error:?}"
    );
    assert!(error.hint().unwrap().contains("deploy key"), "{error:?}");
    access.credential = Credential::None;
    let error = kit
        .wait(kit.git.list_refs(&access, RefKinds::Branches))
        .expect_err("nobody");
    assert!(matches!(error, GitError::Denied { .. }), "{error:?}");

    let missing = with_key(&format!("{url}x"), ssh.client_key());
    let error = kit
        .wait(kit.git.list_refs(&missing, RefKinds::Branches))
        .expect_err("no such path");
    assert!(
        matches!(error, GitError::NotFound { is_ssh: true, .. }),
        "{error:?}"
    );

    let closed = Kit::with(&[], wharf_git::GitLimits::default());
    let error = closed
        .wait(closed.git.list_refs(&anonymous(&url), RefKinds::Branches))
        .expect_err("refused");
    let hint = error.hint().expect("a hint");
    assert!(
        hint.contains(&format!("[egress] allow = [\"127.0.0.1:{}\"]", ssh.port())),
        "{hint}"
    );
}

fn sign_by_agent() {
    let Some(ssh) = start_ssh() else { return };
    let (kit, server) = (Kit::new(), GitServer::start());
    let repository = server.create("app");
    repository.push_files("main", "first", &[("a", "1")]);
    let (socket, key) = (
        kit.folder.path().join("agent"),
        kit.folder.path().join("key"),
    );
    fs::write(&key, ssh.client_key()).expect("a file");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("a mode");
    let agent = Agent::start(&socket);
    agent.add(&key);
    let mut access = anonymous(&ssh.url(repository.path()));
    access.credential = Credential::SshAgent(socket);
    let listing = kit.wait(kit.git.list_refs(&access, RefKinds::Branches));
    drop(agent);
    assert_eq!(listing.expect("refs").heads.len(), 1);
}

/// An ssh-agent, which ends with its owner: one that outlived a failed case would hold the output of the tests open.
struct Agent {
    process: Child,
    socket: PathBuf,
}

impl Agent {
    fn start(socket: &Path) -> Self {
        let process = Command::new("ssh-agent")
            .arg("-D")
            .arg("-a")
            .arg(socket)
            .stdout(Stdio::null())
            .spawn()
            .expect("ssh-agent starts");
        Self {
            process,
            socket: socket.to_owned(),
        }
    }

    /// Its socket is there a moment before it listens, so an addition may need another try.
    fn add(&self, key: &Path) {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            let added = Command::new("ssh-add")
                .arg("-q")
                .arg(key)
                .env("SSH_AUTH_SOCK", &self.socket)
                .output()
                .expect("ssh-add starts");
            if added.status.success() {
                return;
            }
            let said = String::from_utf8_lossy(&added.stderr);
            assert!(Instant::now() < end, "ssh-add: {said}");
            std::thread::yield_now();
        }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
