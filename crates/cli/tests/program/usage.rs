//! Wrong usage ends with exit code 2, a failure with 1; both say what to do.

use std::net::TcpListener;

use crate::home::Home;

#[test]
fn wrong_usage_exits_2_and_prints_nothing_on_stdout() {
    let home = Home::new();
    for arguments in [
        &[][..],
        &["no-such-command"],
        &["repo"],
        &["repo", "list", "--no-such-flag"],
        &["member", "add", "acme", "alice", "--role", "king"],
        &["robot", "create", "no-namespace", "--action", "pull"],
        &["user", "edit", "alice"],
        &["repo", "list", "--limit", "0"],
        &["repo", "list", "--format", "xml"],
        // No server is named anywhere.
        &["repo", "list"],
        &["repo", "list", "--server", "ftp://registry.example"],
        &["login", "--password-stdin", "-u", "alice"],
        &["login", "registry.example", "-u", "alice"],
    ] {
        let outcome = home.run(arguments);
        assert_eq!(outcome.code, Some(2), "{arguments:?}: {outcome:?}");
        assert_eq!(outcome.stdout, "", "{arguments:?}");
        assert!(!outcome.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn deleting_without_a_terminal_needs_yes() {
    let home = Home::new()
        .with("WHARF_SERVER", "127.0.0.1:1")
        .with("WHARF_TOKEN", "wharf_pat_x");
    for arguments in [
        ["repo", "delete", "acme/web"],
        ["namespace", "delete", "acme"],
        ["user", "delete", "alice"],
        ["robot", "delete", "acme+ci"],
    ] {
        let outcome = home.run_with_input(&arguments, "acme/web\n");
        assert_eq!(outcome.code, Some(2), "{arguments:?}: {outcome:?}");
        assert!(outcome.stderr.contains("--yes"), "{}", outcome.stderr);
    }
}

#[test]
fn a_server_that_is_not_there_is_a_failure_with_a_hint() {
    // A port that was just free, so that the connection is refused.
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let home = Home::new()
        .with("WHARF_SERVER", &format!("127.0.0.1:{port}"))
        .with("WHARF_TOKEN", "wharf_pat_x");
    let outcome = home.run(&["repo", "list"]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.stderr.starts_with("error: "), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("\nhint: "), "{}", outcome.stderr);
}

#[test]
fn the_environment_chooses_the_language() {
    let english = Home::new().run(&["repo", "list"]);
    assert!(english.stderr.is_ascii(), "{}", english.stderr);
    let chinese = Home::new()
        .with("LANG", "zh_CN.UTF-8")
        .run(&["repo", "list"]);
    assert!(chinese.stderr.contains("服务器"), "{}", chinese.stderr);
    assert!(chinese.stderr.contains("hint: "), "{}", chinese.stderr);
}

#[test]
fn a_password_without_a_name_is_wrong_usage() {
    let home = Home::new()
        .with("WHARF_SERVER", "127.0.0.1:1")
        .with("WHARF_PASSWORD", "x");
    let outcome = home.run(&["repo", "list"]);
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    assert!(
        outcome.stderr.contains("WHARF_USERNAME"),
        "{}",
        outcome.stderr
    );
}
