//! What a call may use up, what it may reach, and what is left when nobody waits for it any more.

use std::fs;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use wharf_git::{FetchOptions, GitError, GitLimits, RefKinds};
use wharf_testkit::GitServer;

use super::Case;
use crate::kit::{Kit, anonymous, branch};

pub(super) const CASES: &[Case] = &[
    (
        "a_host_that_is_not_allowed_is_refused_with_the_line_to_add",
        refuse_host,
    ),
    ("a_host_where_nobody_answers_is_named", miss_host),
    (
        "a_server_that_says_nothing_is_given_up_after_the_time_for_it",
        time_out,
    ),
    (
        "a_fetch_that_nobody_waits_for_leaves_no_process_and_no_folder",
        drop_fetch,
    ),
    (
        "a_repository_larger_than_the_limit_is_refused",
        refuse_large,
    ),
    ("more_refs_than_are_read_are_an_error", refuse_many_refs),
];

fn refuse_host() {
    let (kit, server) = (Kit::with(&[], GitLimits::default()), GitServer::start());
    server
        .create("app")
        .push_files("main", "first", &[("a", "1")]);
    let before = server.requests().len();
    let list =
        |kit: &Kit, url: &str| kit.wait(kit.git.list_refs(&anonymous(url), RefKinds::Branches));
    let url = server.url("app.git");
    let error = list(&kit, &url).expect_err("refused");
    assert!(
        matches!(&error, GitError::Unreachable { error, .. } if error.is_refusal),
        "{error:?}"
    );
    let line = format!("[egress] allow = [\"{}\"]", server.address());
    assert!(error.hint().expect("a hint").contains(&line), "{error:?}");
    assert_eq!(server.requests().len(), before);

    let address = server.address().to_string();
    let kit = Kit::with(&[&address], GitLimits::default());
    assert_eq!(list(&kit, &url).expect("refs").heads.len(), 1);
    // The same place under another name is another place.
    let other = url.replace("127.0.0.1", "127.0.0.2");
    assert!(matches!(
        list(&kit, &other),
        Err(GitError::Unreachable { .. })
    ));
}

fn miss_host() {
    let kit = Kit::new();
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = free.local_addr().expect("its number");
    drop(free);
    for scheme in ["http", "https", "ssh"] {
        let access = anonymous(&format!("{scheme}://{address}/a.git"));
        let error = kit
            .wait(kit.git.list_refs(&access, RefKinds::Tags))
            .expect_err("nobody");
        assert!(error.to_string().contains(&address.to_string()), "{error}");
        assert!(error.to_string().contains("refused"), "{error}");
        assert!(error.is_transient(), "{error:?}");
    }
}

fn time_out() {
    let limits = GitLimits {
        list_timeout: Duration::from_secs(1),
        fetch_timeout: Duration::from_secs(1),
        ..GitLimits::default()
    };
    let kit = Kit::with(&["127.0.0.0/8"], limits);
    // It takes connections, as the kernel does for it, and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let access = anonymous(&format!(
        "http://{}/a.git",
        silent.local_addr().expect("a port")
    ));
    let error = kit
        .wait(kit.git.list_refs(&access, RefKinds::Tags))
        .expect_err("silence");
    assert!(
        matches!(error, GitError::TimedOut { limit, .. } if limit == limits.list_timeout),
        "{error:?}"
    );
    let error = kit
        .fetch(&access, &branch("main"), "a", FetchOptions::default())
        .expect_err("silence");
    assert!(
        matches!(error, GitError::TimedOut { limit, .. } if limit == limits.fetch_timeout),
        "{error:?}"
    );
}

fn drop_fetch() {
    let kit = Kit::new();
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = silent.local_addr().expect("a port").to_string();
    let access = anonymous(&format!("http://{address}/a.git"));
    let into = kit.make_folder("a");
    let wanted = branch("main");
    let fetching = kit
        .git
        .fetch_commit(&access, &wanted, &into, FetchOptions::default());
    kit.wait(async {
        tokio::select! {
            done = fetching => panic!("it ended: {done:?}"),
            () = await_connection(&silent) => {}
        }
    });
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let processes = find_processes(&address);
        let folders = fs::read_dir(&into).expect("a folder").count();
        if processes.is_empty() && folders == 0 {
            return;
        }
        assert!(
            Instant::now() < end,
            "left: {processes:?}, {folders} folders"
        );
        std::thread::yield_now();
    }
}

async fn await_connection(listener: &TcpListener) {
    listener.set_nonblocking(true).expect("a mode");
    let listener = listener.try_clone().expect("a clone");
    let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
    let (stream, _) = listener.accept().await.expect("a connection");
    // It stays open; the other side shall not end by itself.
    std::mem::forget(stream);
}

/// Processes whose environment names an address.
fn find_processes(address: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").expect("processes").flatten() {
        let Ok(environment) = fs::read(entry.path().join("environ")) else {
            continue;
        };
        if String::from_utf8_lossy(&environment).contains(address) {
            found.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    found
}

fn refuse_large() {
    let limits = GitLimits {
        disk: 4 << 20,
        ..GitLimits::default()
    };
    let (kit, server) = (Kit::with(&["127.0.0.0/8"], limits), GitServer::start());
    let repository = server.create("app");
    let tree = repository.clone_work_tree();
    // Nothing in here can be compressed.
    let mut state = 1_u64;
    let noise: Vec<u8> = (0..10 << 20)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 56) as u8
        })
        .collect();
    fs::write(tree.path().join("large"), noise).expect("a file");
    tree.commit("large");
    tree.push(&["main"]);
    let error = kit
        .fetch(
            &anonymous(repository.url()),
            &branch("main"),
            "a",
            FetchOptions::default(),
        )
        .expect_err("too large");
    assert!(matches!(error, GitError::TooLarge { .. }), "{error:?}");
    assert!(error.to_string().contains("4 MiB"), "{error}");
}

fn refuse_many_refs() {
    let limits = GitLimits {
        refs: 2,
        ..GitLimits::default()
    };
    let (kit, server) = (Kit::with(&["127.0.0.0/8"], limits), GitServer::start());
    let repository = server.create("app");
    let head = repository.push_files("main", "first", &[("a", "1")]);
    let list = || {
        kit.wait(
            kit.git
                .list_refs(&anonymous(repository.url()), RefKinds::Branches),
        )
    };
    assert_eq!(list().expect("one").heads.len(), 1);
    for number in 0..20 {
        repository.git(&["update-ref", &format!("refs/heads/b{number}"), &head]);
    }
    let error = list().expect_err("too many");
    assert!(matches!(error, GitError::TooManyRefs { .. }), "{error:?}");
}
