//! The commands for the server's own host: `user reset-password` and `fsck`.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::home::Home;
use crate::running::Running;

#[test]
fn without_a_database_nothing_is_made_and_a_hint_is_given() {
    let home = Home::new();
    for arguments in [&["fsck"][..], &["user", "reset-password", "admin"]] {
        let outcome = home.run(arguments);
        assert_eq!(outcome.code, Some(1), "{outcome:?}");
        assert!(
            outcome.stderr.contains("data/wharf.db"),
            "{}",
            outcome.stderr
        );
        assert!(outcome.stderr.contains("--data-dir"), "{}", outcome.stderr);
        assert!(!home.path().join("data").exists());
    }
}

#[test]
fn a_reset_password_stands_alone_on_stdout_and_a_running_server_notices_within_a_second() {
    let home = Home::new().with("WHARF_ADMIN_PASSWORD", "correct-horse-battery");
    let server = Running::start(&home);
    let log_in = |password: &str| {
        let arguments = ["login", &server.url, "-u", "admin", "--password-stdin"];
        home.run_with_input(&arguments, password).code
    };
    assert_eq!(log_in("correct-horse-battery"), Some(0));

    let outcome = home.run(&["user", "reset-password", "admin"]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let password = outcome.stdout.strip_suffix('\n').unwrap();
    assert!(
        password.len() >= 16 && !password.contains(char::is_whitespace),
        "{outcome:?}"
    );
    assert!(!outcome.stderr.contains(password), "{}", outcome.stderr);

    let changed = Instant::now();
    while log_in("correct-horse-battery") != Some(1) {
        assert!(
            changed.elapsed() < Duration::from_secs(2),
            "the old password still works"
        );
    }
    assert_eq!(log_in(password), Some(0));

    let outcome = home.run(&["user", "reset-password", "nobody"]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.stderr.contains("nobody"), "{}", outcome.stderr);
    let arguments = ["user", "reset-password", "admin", "--password-stdin"];
    let outcome = home.run_with_input(&arguments, "short\n");
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.stderr.contains("hint: "), "{}", outcome.stderr);
}

#[test]
fn fsck_names_a_stray_file_and_is_content_with_the_rest() {
    let home = Home::new();
    let (code, stderr) = Running::start(&home).end();
    assert_eq!(code, Some(0), "{stderr}");
    let outcome = home.run(&["fsck"]);
    assert_eq!(
        (outcome.code, outcome.stdout.as_str()),
        (Some(0), ""),
        "{outcome:?}"
    );

    let name = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
    let folder = home.path().join("data/blobs/sha256").join(&name[..2]);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), "foo").unwrap();
    let outcome = home.run(&["fsck"]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert_eq!(outcome.stdout.lines().count(), 1, "{outcome:?}");
    assert!(
        outcome.stdout.ends_with('\n') && outcome.stdout.contains(name),
        "{outcome:?}"
    );

    let outcome = home.run(&["fsck", "--format", "json"]);
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(report["ok"], true);
    assert_eq!(report["findings"][0]["kind"], "stray_file");
    assert_eq!(report["findings"][0]["damage"], false);
}
