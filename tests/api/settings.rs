//! `/settings`: what holds and where it comes from, and the few settings that change while the server runs.

use std::time::Duration;

use serde_json::{Value, json};
use wharf_testkit::{
    Answer, ApiClient, MailSink, MailSinkSecurity, Server, encode_segment, targets::MailVerdict,
    unique_name,
};

fn find(settings: &Value, key: &str) -> Value {
    let all = settings["settings"].as_array().expect("a list");
    let found = all.iter().find(|one| one["key"] == key);
    found.unwrap_or_else(|| panic!("no setting {key}")).clone()
}

fn show(api: &ApiClient, key: &str) -> Value {
    find(&api.get("/settings").expect(200).json(), key)
}

fn change(api: &ApiClient, changes: Value) -> Answer {
    api.patch("/settings", json!({ "changes": changes }))
}

/// Which key was refused, and why.
fn refuse(api: &ApiClient, changes: Value) -> (String, String, String) {
    let problem = change(api, changes).expect(400).json();
    let say = |name: &str| problem["params"][name].as_str().unwrap_or("").to_owned();
    (say("field"), say("reason"), say("detail"))
}

#[test]
fn every_setting_is_shown_with_its_value_and_its_origin() {
    let server = Server::builder()
        .config("[smtp]\nhost = \"mail.example.org\"\nfrom = \"wharf@example.org\"\n[metrics]\ntoken = \"sixteen-characters-at-least\"")
        .env("WHARF_TRIGGERS_PER_REPOSITORY", "7")
        .start();
    let api = server.api(&server.admin());
    let host = show(&api, "smtp.host");
    assert_eq!(host["value"], "mail.example.org");
    assert_eq!(host["origin"], "file");
    assert!(
        host["place"]
            .as_str()
            .expect("a line")
            .contains("wharf.toml:")
    );
    assert_eq!(
        (&host["editable"], &host["locked"]),
        (&json!(true), &json!(true))
    );
    let limit = show(&api, "triggers.per_repository");
    assert_eq!(
        (&limit["value"], &limit["origin"]),
        (&json!("7"), &json!("environment"))
    );
    assert_eq!(limit["place"], "WHARF_TRIGGERS_PER_REPOSITORY");
    let days = show(&api, "triggers.log_days");
    assert_eq!(
        (&days["value"], &days["origin"]),
        (&json!("90"), &json!("default"))
    );
    assert!(days["description"].as_str().expect("words").contains("log"));
    let unset = show(&api, "egress.proxy");
    assert_eq!(
        (&unset["value"], &unset["editable"]),
        (&Value::Null, &json!(false))
    );
    assert_eq!(show(&api, "metrics.token")["value"], "********");
}

#[test]
fn a_way_out_that_is_allowed_while_the_server_runs_counts_at_once_and_after_a_restart() {
    let mut server = Server::builder().start();
    let admin = server.api(&server.admin());
    let person = server.user(&unique_name("person"));
    let repository = format!("{}/app", person.username);
    let try_webhook = |server: &Server, name: &str| {
        let trigger = json!({
            "name": name,
            "actions": [{ "kind": "webhook", "url": "http://127.0.0.1:5999/hook" }],
        });
        let path = format!("/repositories/{}/triggers", encode_segment(&repository));
        server.api(&person.login()).post(&path, trigger)
    };
    server
        .api(&person.login())
        .post("/repositories", json!({ "name": repository }))
        .expect(201);
    try_webhook(&server, "before").expect(400);
    let changed = change(&admin, json!({ "egress.allow": "127.0.0.1, 10.0.0.0/8" }));
    let changed = changed.expect(200).json();
    let allow = find(&changed, "egress.allow");
    assert_eq!(
        (&allow["value"], &allow["origin"]),
        (&json!("127.0.0.1, 10.0.0.0/8"), &json!("console"))
    );
    assert_eq!(
        (&allow["changed_by"], &allow["needs_restart"]),
        (&json!("admin"), &json!(false))
    );
    assert_eq!(changed["restart_required"], false);
    try_webhook(&server, "after").expect(201);

    server.restart();
    try_webhook(&server, "restarted").expect(201);
    let admin = server.api(&server.admin());
    let back = change(&admin, json!({ "egress.allow": null }))
        .expect(200)
        .json();
    assert_eq!(find(&back, "egress.allow")["origin"], "default");
    try_webhook(&server, "again").expect(400);
    let audit = admin.read_all("/audit?action=settings.edit", 100);
    assert_eq!(audit.len(), 2);
    assert_eq!(audit[1]["target"], "egress.allow");
    assert_eq!(audit[1]["details"]["value"], "127.0.0.1, 10.0.0.0/8");
}

#[test]
fn what_the_file_or_the_environment_sets_is_refused_by_name_and_nothing_else_is_changed() {
    let server = Server::builder()
        .config("[triggers]\nlog_days = 30")
        .env("WHARF_TRIGGERS_RETRY_HOURS", "12")
        .start();
    let api = server.api(&server.admin());
    let (field, reason, detail) = refuse(
        &api,
        json!({ "triggers.per_repository": "3", "triggers.log_days": "60" }),
    );
    assert_eq!(
        (field.as_str(), reason.as_str()),
        ("triggers.log_days", "setting_locked")
    );
    assert!(detail.contains("wharf.toml:"), "{detail}");
    assert_eq!(show(&api, "triggers.per_repository")["origin"], "default");
    let (_, reason, detail) = refuse(&api, json!({ "triggers.retry_hours": "60" }));
    assert_eq!(
        (reason.as_str(), detail.as_str()),
        ("setting_locked", "WHARF_TRIGGERS_RETRY_HOURS")
    );
    for fixed in [
        "server.listen",
        "database.url",
        "metrics.token",
        "no.such",
        "allow",
    ] {
        let (field, reason, _) = refuse(&api, json!({ fixed: "x" }));
        assert_eq!((field.as_str(), reason.as_str()), (fixed, "setting_fixed"));
    }
}

#[test]
fn a_value_that_the_file_could_not_hold_is_refused_with_the_files_own_sentence() {
    let server = Server::builder().start();
    let api = server.api(&server.admin());
    for (key, value, part) in [
        ("triggers.per_repository", "lots", "60"),
        ("triggers.per_repository", "99999999", "10000"),
        ("egress.allow", "git.internal", "git.internal"),
        ("smtp.security", "none at all", "none at all"),
        ("build.step_memory", "much", "much"),
        ("smtp.host", "", ""),
    ] {
        let (field, reason, detail) = refuse(&api, json!({ key: value }));
        assert_eq!(
            (field.as_str(), reason.as_str()),
            (key, "setting_invalid"),
            "{value}"
        );
        assert!(detail.contains(part), "{detail}");
    }
    // What only shows when several are seen together.
    let (field, reason, _) = refuse(&api, json!({ "smtp.host": "mail.example.org" }));
    assert_eq!(
        (field.as_str(), reason.as_str()),
        ("smtp.from", "setting_invalid")
    );
    let both = json!({ "smtp.host": "mail.example.org", "smtp.from": "wharf@example.org" });
    change(&api, both).expect(200);
    change(&api, json!({ "smtp.from": null })).expect(400);
    change(&api, json!({})).expect(400);
}

#[test]
fn a_secret_is_sealed_and_shown_to_nobody_again() {
    let mut server = Server::builder().start();
    let api = server.api(&server.admin());
    let secret = "0123456789abcdef-of-the-github-app";
    let id = "code_hosts.\"github.com\".client_id";
    let key = "code_hosts.\"github.com\".client_secret";
    let answer = change(&api, json!({ id: "Iv1.0123", key: secret })).expect(200);
    assert!(!answer.text().contains(secret));
    let shown = show(&api, key);
    assert_eq!(
        (&shown["value"], &shown["secret"]),
        (&json!("********"), &json!(true))
    );
    assert_eq!(show(&api, id)["value"], "Iv1.0123");
    let audit = api.get("/audit?action=settings.edit").expect(200).text();
    assert!(audit.contains("client_secret") && !audit.contains(secret));
    server.terminate();
    assert!(!server.log().contains(secret));
    for entry in std::fs::read_dir(server.data_dir()).expect("the data folder") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            let bytes = std::fs::read(&path).expect("a file");
            let found = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!found, "{}", path.display());
        }
    }
    server.restart();
    let api = server.api(&server.admin());
    assert_eq!(show(&api, key)["origin"], "console");
}

#[test]
fn a_secret_does_not_follow_its_address_to_another_one() {
    let server = Server::builder()
        .env("WHARF_OIDC_CLIENT_SECRET", "of the operator")
        .start();
    let api = server.api(&server.admin());
    let own = json!({ "oidc.issuer": "https://evil.example", "oidc.client_id": "wharf" });
    let (field, reason, detail) = refuse(&api, own);
    assert_eq!(
        (field.as_str(), reason.as_str()),
        ("oidc.client_id", "setting_secret")
    );
    assert!(detail.contains("oidc.client_secret") && detail.contains("WHARF_OIDC_CLIENT_SECRET"));

    let mail = json!({
        "smtp.host": "mail.example.org", "smtp.from": "wharf@example.org",
        "smtp.username": "wharf", "smtp.password": "of the mail server",
    });
    change(&api, mail).expect(200);
    for (key, value) in [
        ("smtp.host", "evil.example"),
        ("smtp.port", "2525"),
        ("smtp.security", "tls"),
        ("smtp.username", "other"),
    ] {
        let (field, reason, detail) = refuse(&api, json!({ key: value }));
        assert_eq!(
            (field.as_str(), reason.as_str(), detail.as_str()),
            ("smtp.password", "secret_again", key)
        );
    }
    // The same value is no other address, and other keys are none.
    change(&api, json!({ "smtp.host": "mail.example.org" })).expect(200);
    change(&api, json!({ "smtp.mails_per_hour": "7" })).expect(200);
    assert_eq!(show(&api, "smtp.password")["value"], "********");
    let other = json!({ "smtp.host": "mx.example.org", "smtp.password": "of the other" });
    change(&api, other).expect(200);
    // Without a name nobody signs in there, and what was entered is gone.
    let open = json!({ "smtp.host": "open.example.org", "smtp.username": null });
    change(&api, open).expect(200);
    assert_eq!(show(&api, "smtp.password")["value"], Value::Null);
    let audit = api.read_all("/audit?action=settings.edit", 100);
    let cleared = |entry: &&Value| entry["target"] == "smtp.password";
    assert_eq!(audit.iter().filter(cleared).count(), 3);
}

#[test]
fn an_issuer_that_is_changed_is_not_told_the_secret_of_another() {
    let server = Server::builder().start();
    let api = server.api(&server.admin());
    let provider = json!({
        "oidc.issuer": "https://id.example.com", "oidc.client_id": "wharf",
        "oidc.client_secret": "entered for id.example.com",
    });
    change(&api, provider).expect(200);
    let secret = "oidc.client_secret";
    assert_eq!(show(&api, secret)["value"], "********");
    change(&api, json!({ "oidc.name": "Example" })).expect(200);
    assert_eq!(show(&api, secret)["value"], "********");
    change(&api, json!({ "oidc.issuer": "https://evil.example" })).expect(200);
    assert_eq!(show(&api, secret)["value"], Value::Null);
}

#[test]
fn what_cannot_change_at_once_says_so_and_holds_from_the_next_start_on() {
    let mut server = Server::builder().start();
    let api = server.api(&server.admin());
    let before = api.get("/workers").expect(200).json()["concurrency"].clone();
    let changed = change(&api, json!({ "build.concurrency": "5" }))
        .expect(200)
        .json();
    assert_eq!(changed["restart_required"], true);
    let shown = find(&changed, "build.concurrency");
    assert_eq!(
        (&shown["needs_restart"], &shown["waits_for_restart"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(
        api.get("/workers").expect(200).json()["concurrency"],
        before
    );
    server.restart();
    let api = server.api(&server.admin());
    let settings = api.get("/settings").expect(200).json();
    assert_eq!(settings["restart_required"], false);
    assert_eq!(api.get("/workers").expect(200).json()["concurrency"], 5);
}

fn try_mail(api: &ApiClient, body: Value) -> Answer {
    api.post("/settings/mail-trials", body)
}

#[test]
fn a_test_mail_goes_by_the_draft_and_nothing_of_that_is_kept() {
    let server = Server::builder().start();
    let api = server.api(&server.admin());
    let sink = MailSink::start(MailSinkSecurity::Plain, None);
    sink.judge_by(|recipient| match recipient.starts_with("nobody@") {
        true => MailVerdict::Refuse,
        false => MailVerdict::Take,
    });
    try_mail(&api, json!({})).expect_problem(400, "invalid_field");
    let draft = json!({
        "smtp.host": "127.0.0.1", "smtp.port": sink.port().to_string(), "smtp.security": "none",
        "smtp.from": "wharf <wharf@example.org>",
    });
    // Nobody said to whom, and the administrator has no address.
    let problem = try_mail(&api, json!({ "changes": draft }))
        .expect(400)
        .json();
    assert_eq!(problem["params"]["field"], "recipient");
    // Those of other domains than the sender's are let through by no trigger either.
    let other = json!({ "changes": draft, "recipient": "a@elsewhere.example" });
    try_mail(&api, other).expect_problem(400, "invalid_field");
    api.patch("/me", json!({ "email": "boss@example.org" }))
        .expect(200);
    let tried = try_mail(&api, json!({ "changes": draft }))
        .expect(200)
        .json();
    assert_eq!(
        (&tried["ok"], &tried["about"]),
        (&json!(true), &json!("boss@example.org"))
    );
    let mails = sink.wait_for(1, Duration::from_secs(10));
    assert_eq!(mails[0].recipients, ["boss@example.org"]);
    let refused = json!({ "changes": draft, "recipient": "nobody@example.org" });
    let tried = try_mail(&api, refused).expect(200).json();
    assert_eq!(
        (&tried["ok"], &tried["problem"]),
        (&json!(false), &json!("mail_refused"))
    );
    assert_eq!(show(&api, "smtp.host")["value"], Value::Null);
    let audit = api.read_all("/audit?action=settings.test", 100);
    assert_eq!(audit.len(), 2);
    assert_eq!(audit[0]["target"], "smtp");
    assert!(!audit[0].to_string().contains("example.org"));
}

#[test]
fn a_stored_password_goes_to_no_drafted_address() {
    let mut server = Server::builder().start();
    let api = server.api(&server.admin());
    let thief = MailSink::start(MailSinkSecurity::Plain, None);
    let mail = json!({
        "smtp.host": "127.0.0.1", "smtp.port": "9", "smtp.security": "none",
        "smtp.from": "wharf@example.org",
        "smtp.username": "wharf", "smtp.password": "of the mail server",
    });
    change(&api, mail).expect(200);
    let moved = json!({ "smtp.port": thief.port().to_string() });
    let body = json!({ "changes": moved, "recipient": "a@example.org" });
    let problem = try_mail(&api, body).expect(400).json();
    assert_eq!(problem["params"]["reason"], "secret_again");
    assert!(thief.mails().is_empty());
    let closed = try_mail(&api, json!({ "recipient": "a@example.org" }))
        .expect(200)
        .text();
    assert!(closed.contains("unreachable") && !closed.contains("of the mail server"));
    server.terminate();
    assert!(!server.log().contains("of the mail server"));
}

#[test]
fn a_provider_is_looked_at_through_the_way_out() {
    let server = Server::builder()
        .config("[egress]\nallow = [\"127.0.0.1\"]")
        .start();
    let api = server.api(&server.admin());
    let check = |issuer: &str| {
        let draft = json!({ "oidc.issuer": issuer, "oidc.client_id": "wharf" });
        let tried = api.post("/settings/provider-trials", json!({ "changes": draft }));
        tried.expect(200).json()
    };
    // This very server answers, but is no provider; and nobody listens at the other.
    let tried = check(server.url());
    assert_eq!(
        (&tried["ok"], &tried["problem"]),
        (&json!(false), &json!("bad_answer"))
    );
    assert_eq!(check("http://127.0.0.1:9")["problem"], "unreachable");
    let tried = check("https://169.254.169.254");
    assert_eq!(tried["problem"], "egress_refused");
    assert_eq!(tried["allow"], "169.254.169.254");
    api.post("/settings/provider-trials", json!({}))
        .expect_problem(400, "invalid_field");
}
