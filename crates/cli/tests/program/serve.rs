//! `wharf serve` from outside: the first start, the second one, and a start that fails.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use crate::home::Home;
use crate::running::Running;

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
