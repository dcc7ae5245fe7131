//! `wharf check` from outside.

use serde_json::Value;

use crate::home::Home;

#[test]
fn defaults_are_fine_and_each_setting_names_its_origin() {
    // A port of its own: the default one may be taken on the machine that runs the test.
    let home = Home::new().with("WHARF_SERVER_LISTEN", "127.0.0.1:0");
    let outcome = home.run(&["check"]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let line = |name: &str| {
        let found = outcome.stdout.lines().find(|line| line.starts_with(name));
        found.unwrap_or_else(|| panic!("{name}\n{}", outcome.stdout))
    };
    assert!(line("server.listen").ends_with("WHARF_SERVER_LISTEN"));
    assert!(line("limits.login_failures").ends_with("default"));
}

#[test]
fn every_problem_is_named_with_its_place_and_the_exit_code_is_1() {
    let home = Home::new();
    home.write(
        "wharf.toml",
        "[server]\nlistn = \"x\"\n[database]\nurl = \"mysql://a/b\"\n",
    );
    let outcome = home.run(&["check", "--listen", "nowhere"]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    for start in [
        "error: wharf.toml:2:1: ",
        "error: wharf.toml:4:7: database.url: ",
        "error: --listen: server.listen: ",
    ] {
        assert!(
            outcome.stdout.lines().any(|line| line.starts_with(start)),
            "{start}\n{}",
            outcome.stdout
        );
    }
    assert!(outcome.stderr.starts_with("error: "), "{}", outcome.stderr);
}

#[test]
fn json_has_the_problems_for_programs() {
    let home = Home::new();
    home.write("other.toml", "[server]\nlisten = 5000\n");
    let outcome = home.run(&["check", "--config", "other.toml", "--format", "json"]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(report["ok"], false);
    let problem = &report["problems"][0];
    assert_eq!(problem["severity"], "error");
    assert_eq!(problem["code"], "wrong_type");
    assert_eq!(problem["setting"], "server.listen");
    assert_eq!(
        (&problem["line"], &problem["column"]),
        (&2.into(), &10.into())
    );
}

#[test]
fn files_that_settings_name_are_looked_at() {
    let home = Home::new();
    home.write(
        "wharf.toml",
        "[server]\nlisten = \"127.0.0.1:0\"\ntls_cert_file = \"none.pem\"\ntls_key_file = \"none.pem\"\n[database]\nurl = \"sqlite:///no/such/folder/wharf.db\"\n",
    );
    let outcome = home.run(&["check"]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    for setting in [
        "server.tls_cert_file: ",
        "server.tls_key_file: ",
        "database.url: ",
    ] {
        assert!(
            outcome.stdout.contains(setting),
            "{setting}\n{}",
            outcome.stdout
        );
    }
}

#[test]
fn serve_refuses_settings_that_check_refuses() {
    let home = Home::new();
    home.write("wharf.toml", "[server]\nlistn = \"x\"\n");
    let outcome = home.run(&["serve"]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(
        outcome.stderr.contains("error: wharf.toml:2:1: "),
        "{}",
        outcome.stderr
    );
    assert!(outcome.stderr.contains("wharf check"), "{}", outcome.stderr);
    assert!(!home.path().join("data").exists(), "nothing was created");
}
