//! Where a token goes: to its host, and nowhere else (attack row H31).

use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use wharf_git::{Credential, FetchOptions, GitError, GitLimits, RefKinds, Secret};
use wharf_testkit::GitServer;

use super::Case;
use crate::kit::{Kit, anonymous, branch, list_files, with_password};

pub(super) const CASES: &[Case] = &[
    (
        "h31_a_token_is_in_no_argument_and_no_address_while_git_runs",
        see_no_token,
    ),
    (
        "h31_a_token_never_follows_a_redirect_to_another_host",
        follow_no_redirect,
    ),
    (
        "a_redirect_on_the_same_host_is_followed_with_the_token",
        follow_on_host,
    ),
    (
        "without_a_token_a_redirect_leads_where_the_policy_allows",
        follow_policy,
    ),
    (
        "h31_a_token_that_a_server_sends_back_is_covered_in_the_message",
        cover_token,
    ),
    ("a_header_of_another_scheme_is_sent_as_it_is", send_header),
];

const TOKEN: &str = "t0ken-of-ada-77";
/// Other tests show on purpose how one gets into the arguments of git.
const UNSEEN: &str = "t0ken-of-bea-88";

fn see_no_token() {
    let seen = Arc::new(AtomicUsize::new(0));
    let noting = Arc::clone(&seen);
    let server = GitServer::builder()
        .login("oauth2", UNSEEN)
        .intercept(move |_| {
            // While git waits for this answer.
            for entry in fs::read_dir("/proc").expect("processes").flatten() {
                let words = fs::read(entry.path().join("cmdline")).unwrap_or_default();
                let words = String::from_utf8_lossy(&words).into_owned();
                if words.contains("git") && words.contains("remote-http") {
                    noting.fetch_add(1, Ordering::SeqCst);
                }
                assert!(!words.contains(UNSEEN), "{words}");
            }
            None
        })
        .start();
    let repository = server.create("app");
    repository.push_files("main", "first", &[("a", "1")]);
    let kit = Kit::new();
    let access = with_password(repository.url(), "oauth2", UNSEEN);
    let before = (seen.load(Ordering::SeqCst), server.requests().len());
    let (_, into) = kit
        .fetch(&access, &branch("main"), "a", FetchOptions::default())
        .expect("it is fetched");
    assert!(
        seen.load(Ordering::SeqCst) > before.0,
        "git was seen at work"
    );
    for request in server.requests().iter().skip(before.1) {
        assert!(!request.path.contains(UNSEEN) && !request.query.contains(UNSEEN));
        assert!(request.header("authorization").is_some());
    }
    assert!(!format!("{access:?}").contains(UNSEEN));
    assert_eq!(list_files(&into).len(), 1);
}

/// A server that sends everybody on to another one.
fn start_moved(to: &GitServer) -> GitServer {
    let target = to.url("");
    GitServer::builder()
        .intercept(move |request| {
            let to = format!(
                "{}{}?{}",
                target.trim_end_matches('/'),
                request.path,
                request.query
            );
            Some((302, vec![("Location".to_owned(), to)]))
        })
        .start()
}

fn follow_no_redirect() {
    let thief = GitServer::start();
    thief
        .create("app")
        .push_files("main", "first", &[("a", "1")]);
    let server = start_moved(&thief);
    let url = server.url("app.git");
    let has_token = |server: &GitServer| {
        server
            .requests()
            .iter()
            .any(|request| request.header("authorization").is_some())
    };
    // Git by itself sends a header that was meant for one host to the other.
    let output = Command::new("git")
        .args([
            "-c",
            &format!("http.extraHeader=Authorization: Bearer {TOKEN}"),
        ])
        .args(["ls-remote", "--", &url])
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .expect("git starts");
    assert!(output.status.success(), "{output:?}");
    let leaks = has_token(&thief);

    let thief = GitServer::start();
    thief
        .create("app")
        .push_files("main", "first", &[("a", "1")]);
    let server = start_moved(&thief);
    let before = thief.requests().len();
    let kit = Kit::new();
    let access = with_password(&server.url("app.git"), "oauth2", TOKEN);
    let error = kit
        .wait(kit.git.list_refs(&access, RefKinds::Branches))
        .expect_err("elsewhere");
    let GitError::Redirected { to, .. } = &error else {
        panic!("{error:?}");
    };
    assert!(to.contains(&thief.address().to_string()), "{error}");
    assert_eq!(
        thief.requests().len(),
        before,
        "nothing arrives at the other host"
    );
    assert!(has_token(&server), "the host itself gets it");
    assert!(leaks, "the attack works without the guard");
}

fn follow_on_host() {
    let server = GitServer::builder()
        .login("oauth2", TOKEN)
        .intercept(|request| {
            let rest = request.path.strip_prefix("/old.git")?;
            let to = format!("/new.git{rest}?{}", request.query);
            Some((301, vec![("Location".to_owned(), to)]))
        })
        .start();
    let head = server
        .create("new")
        .push_files("main", "first", &[("a", "1")]);
    let kit = Kit::new();
    let access = with_password(&server.url("old.git"), "oauth2", TOKEN);
    let (fetched, _) = kit
        .fetch(&access, &branch("main"), "a", FetchOptions::default())
        .expect("it is fetched");
    assert_eq!(fetched.commit.as_str(), head);
}

fn follow_policy() {
    let other = GitServer::start();
    other
        .create("app")
        .push_files("main", "first", &[("a", "1")]);
    let server = start_moved(&other);
    let access = anonymous(&server.url("app.git"));
    let kit = Kit::new();
    let listing = kit
        .wait(kit.git.list_refs(&access, RefKinds::Branches))
        .expect("refs");
    assert_eq!(listing.heads.len(), 1);

    let kit = Kit::with(&[&server.address().to_string()], GitLimits::default());
    let before = other.requests().len();
    let error = kit
        .wait(kit.git.list_refs(&access, RefKinds::Branches))
        .expect_err("not listed");
    assert!(
        error
            .hint()
            .expect("a hint")
            .contains(&other.address().to_string()),
        "{error:?}"
    );
    assert_eq!(other.requests().len(), before);
}

fn cover_token() {
    let server = GitServer::builder()
        .intercept(|request| {
            let header = request
                .header("authorization")
                .unwrap_or_default()
                .to_owned();
            let pair = header.trim_start_matches("Basic ").to_owned();
            let to = format!("/{TOKEN}/{pair}/nowhere");
            Some((302, vec![("Location".to_owned(), to)]))
        })
        .start();
    let kit = Kit::new();
    let access = with_password(&server.url("app.git"), "oauth2", TOKEN);
    let error = kit
        .wait(kit.git.list_refs(&access, RefKinds::Branches))
        .expect_err("nowhere");
    let pair = "b2F1dGgyOnQwa2VuLW9mLWFkYS03Nw==";
    let all = format!("{error} {error:?} {:?}", error.hint());
    assert!(!all.contains(TOKEN) && !all.contains(pair), "{all}");
}

fn send_header() {
    let server = GitServer::start();
    let repository = server.create("app");
    repository.push_files("main", "first", &[("a", "1")]);
    let before = server.requests().len();
    let mut access = anonymous(repository.url());
    access.credential = Credential::Header(Secret::new(format!("Bearer {TOKEN}")));
    let kit = Kit::new();
    kit.wait(kit.git.list_refs(&access, RefKinds::Branches))
        .expect("refs");
    for request in server.requests().iter().skip(before) {
        let expected = format!("Bearer {TOKEN}");
        assert_eq!(request.header("authorization"), Some(expected.as_str()));
    }
}
