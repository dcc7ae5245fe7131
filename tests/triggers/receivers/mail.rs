//! Mails, over a server that the operator named.

use serde_json::json;
use wharf_testkit::targets::MailVerdict;
use wharf_testkit::{MailSink, MailSinkSecurity, Server};

use super::scene::{PATIENCE, Scene};

#[test]
fn a_mail_goes_by_starttls_and_a_refused_recipient_is_a_failure() {
    let sink = MailSink::start(MailSinkSecurity::StartTls, Some(("wharf", "mail-password")));
    let folder = tempfile::tempdir().expect("a folder");
    let authority = folder.path().join("ca.pem");
    std::fs::write(&authority, sink.certificate()).expect("written");
    let server = Server::builder()
        .config(&format!(
            "[smtp]\nhost = \"localhost\"\nport = {}\nusername = \"wharf\"\nfrom = \"wharf <wharf@mail.example>\"\nrecipients = [\"team.example\"]\nca_file = {:?}",
            sink.port(),
            authority
        ))
        .env("WHARF_SMTP_PASSWORD", "mail-password")
        .start();
    let scene = Scene::on(&server);
    scene.make_trigger(json!({ "name": "mail", "actions": [
        { "kind": "mail", "recipients": ["ops@team.example", "dev@team.example"], "language": "zh" },
    ]}));
    scene.push("v1", "first");
    let mail = sink.wait_for(1, PATIENCE).remove(0);
    let delivered = scene.wait_for_state("mail", 1, "succeeded").remove(0);
    assert!(mail.is_encrypted);
    assert_eq!(mail.user.as_deref(), Some("wharf"));
    assert_eq!(mail.recipients, ["ops@team.example", "dev@team.example"]);
    let id = delivered["id"].as_str().expect("an id");
    assert_eq!(
        mail.header("Message-ID"),
        Some(format!("<{id}@mail.example>"))
    );
    assert_eq!(scene.show(&delivered)["attempts"][0]["status"], 250);
    // Sent again it is the same mail.
    scene.redeliver(&delivered);
    let again = sink.wait_for(2, PATIENCE).remove(1);
    assert_eq!(again.header("Message-ID"), mail.header("Message-ID"));
    scene.wait_for_state("mail", 1, "succeeded");

    sink.judge_by(|_| MailVerdict::Refuse);
    scene.push("v2", "second");
    let deliveries = scene.wait_for_deliveries("mail", |deliveries| {
        deliveries.len() == 2 && deliveries[0]["state"] == "failed"
    });
    assert_eq!(deliveries[0]["reason"], "mail_refused");
    assert!(!server.log().contains("mail-password"));
}

#[test]
fn without_a_mail_server_a_mail_is_a_failure_that_says_so() {
    let scene = Scene::new();
    let trigger = json!({ "name": "mail", "actions": [{ "kind": "mail", "recipients": ["ops@team.example"] }] });
    let made = scene.api.post(&scene.path("/triggers"), trigger);
    if made.status == 201 {
        scene.push("v1", "first");
        let failed = scene.wait_for_state("mail", 1, "failed").remove(0);
        assert_eq!(failed["reason"], "no_mail_server");
        return;
    }
    made.expect_problem(400, "invalid_field");
}
