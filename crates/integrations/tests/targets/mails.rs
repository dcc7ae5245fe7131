//! A mail server that takes, defers and refuses.

use crate::setup::{DELIVERY, PATIENCE, make_egress, make_facts, now};
use wharf_integrations::Secret;
use wharf_integrations::target::mail::{
    MailSecurity, MailServer, MailTarget, Recipient, RecipientRule, render_mail, send_mail,
};
use wharf_integrations::target::{Exchange, Outcome, ReasonWord};
use wharf_messages::Language;
use wharf_model::triggers::EventKind;
use wharf_testkit::targets::MailVerdict;
use wharf_testkit::{MailSink, MailSinkSecurity};

const FROM: &str = "wharf <wharf@mail.example>";

fn make_server(sink: &MailSink, security: MailSecurity) -> MailServer {
    MailServer::new("localhost", Some(sink.port()), security, FROM)
        .expect("a sender")
        .with_recipients(vec![RecipientRule::Anyone])
        .with_authorities(sink.certificate().as_bytes().to_vec())
}

/// Sends to these by a way out that may go nowhere by itself: the operator named the server.
async fn send(server: &MailServer, recipients: &[&str]) -> Exchange {
    let target = MailTarget {
        recipients: recipients
            .iter()
            .map(|text| Recipient::parse(text).expect("an address"))
            .collect(),
        language: Language::Zh,
        template: None,
    };
    let facts = make_facts(EventKind::BuildFailed);
    let mail = render_mail(server, &target, &facts, DELIVERY, now()).expect("a mail");
    send_mail(&make_egress(&[]), server, &mail).await
}

fn word(exchange: &Exchange) -> ReasonWord {
    match &exchange.outcome {
        Outcome::Retry { reason, .. } | Outcome::Refused { reason } => reason.word,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_mail_goes_plain_by_starttls_and_by_tls_and_signs_in() {
    for (sink, security) in [
        (MailSinkSecurity::Plain, MailSecurity::None),
        (MailSinkSecurity::StartTls, MailSecurity::StartTls),
        (MailSinkSecurity::Tls, MailSecurity::Tls),
    ] {
        let sink = MailSink::start(sink, Some(("robot", "mailsecret")));
        let server =
            make_server(&sink, security).with_credentials("robot", Secret::new("mailsecret"));
        let exchange = send(&server, &["a@b.example", "c@d.example"]).await;
        assert_eq!(exchange.outcome, Outcome::Delivered, "{security:?}");
        assert_eq!(
            exchange.response.as_ref().map(|response| response.status),
            Some(250)
        );
        let mail = sink.wait_for(1, PATIENCE).remove(0);
        assert_eq!(mail.is_encrypted, security != MailSecurity::None);
        assert_eq!(mail.user.as_deref(), Some("robot"));
        assert_eq!(mail.from, "wharf@mail.example");
        assert_eq!(mail.recipients, ["a@b.example", "c@d.example"]);
        let id = format!("<{DELIVERY}@mail.example>");
        assert_eq!(mail.header("Message-ID"), Some(id));
        assert!(!format!("{exchange:?} {server:?}").contains("mailsecret"));
    }
}

#[tokio::test]
async fn a_server_without_starttls_or_with_another_certificate_gets_nothing() {
    let plain = MailSink::start(MailSinkSecurity::Plain, None);
    let exchange = send(
        &make_server(&plain, MailSecurity::StartTls),
        &["a@b.example"],
    )
    .await;
    assert_eq!(word(&exchange), ReasonWord::Unreachable);
    assert!(plain.mails().is_empty());
    let other = MailSink::start(MailSinkSecurity::Plain, None);
    for security in [MailSecurity::StartTls, MailSecurity::Tls] {
        let sink = match security {
            MailSecurity::Tls => MailSink::start(MailSinkSecurity::Tls, None),
            _ => MailSink::start(MailSinkSecurity::StartTls, None),
        };
        let server =
            make_server(&sink, security).with_authorities(other.certificate().as_bytes().to_vec());
        let exchange = send(&server, &["a@b.example"]).await;
        assert!(matches!(exchange.outcome, Outcome::Retry { .. }));
        assert!(sink.mails().is_empty());
    }
}

#[tokio::test]
async fn a_wrong_password_is_the_operators_to_mend_and_is_tried_again() {
    let sink = MailSink::start(MailSinkSecurity::Plain, Some(("robot", "right")));
    let server = make_server(&sink, MailSecurity::None)
        .with_credentials("robot", Secret::new("wrongsecret"));
    let exchange = send(&server, &["a@b.example"]).await;
    match &exchange.outcome {
        Outcome::Retry { reason, .. } => assert!(reason.said.contains("535"), "{reason}"),
        other => panic!("{other:?}"),
    }
    assert!(!format!("{exchange:?}").contains("wrongsecret"));
}

#[tokio::test]
async fn recipients_are_deferred_together_and_refused_alone() {
    let sink = MailSink::start(MailSinkSecurity::Plain, None);
    let server = make_server(&sink, MailSecurity::None);
    sink.judge_by(|address| match address {
        "later@b.example" => MailVerdict::Defer,
        "never@b.example" => MailVerdict::Refuse,
        _ => MailVerdict::Take,
    });
    let deferred = send(&server, &["a@b.example", "later@b.example"]).await;
    assert_eq!(word(&deferred), ReasonWord::MailDeferred);
    assert!(matches!(deferred.outcome, Outcome::Retry { .. }));
    let refused = send(&server, &["never@b.example"]).await;
    assert_eq!(word(&refused), ReasonWord::MailRefused);
    assert!(matches!(refused.outcome, Outcome::Refused { .. }));
    assert!(sink.mails().is_empty());
    let partly = send(&server, &["never@b.example", "a@b.example"]).await;
    assert_eq!(partly.outcome, Outcome::Delivered);
    let response = partly.response.expect("a response");
    assert!(
        response.body.contains("never@b.example: 550"),
        "{}",
        response.body
    );
    assert_eq!(sink.wait_for(1, PATIENCE)[0].recipients, ["a@b.example"]);
}

#[tokio::test]
async fn nobody_listening_is_tried_again() {
    let closed = {
        let sink = MailSink::start(MailSinkSecurity::Plain, None);
        make_server(&sink, MailSecurity::None)
    };
    let exchange = send(&closed, &["a@b.example"]).await;
    assert_eq!(word(&exchange), ReasonWord::Unreachable);
}
