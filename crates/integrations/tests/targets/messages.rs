//! Chat rooms that check what they get by their makers' rules.

use crate::setup::{DELIVERY, make_egress, make_facts, now, parse_url};
use std::time::Duration;
use wharf_integrations::Secret;
use wharf_integrations::target::message::{
    MessageKind, MessageTarget, render_message, send_message,
};
use wharf_integrations::target::{Exchange, Outcome, ReasonWord};
use wharf_messages::Language;
use wharf_model::triggers::EventKind;
use wharf_testkit::targets::{check_dingtalk_signature, check_feishu_signature};
use wharf_testkit::{Behavior, Receiver};

async fn send(receiver: &Receiver, kind: MessageKind, secret: Option<&str>) -> Exchange {
    let target = MessageTarget {
        kind,
        url: parse_url(&receiver.url("/robot/send?access_token=robotsecret")),
        secret: secret.map(Secret::new),
        language: Language::Zh,
        template: None,
    };
    let facts = make_facts(EventKind::BuildFailed);
    let request = render_message(&target, &facts, DELIVERY, now()).expect("a request");
    send_message(&make_egress(&[receiver.authority()]), kind, &request).await
}

fn refuse_or_take(verdict: Result<(), String>, good: &str, bad: &str) -> Behavior {
    match verdict {
        Ok(()) => Behavior::answer(200, good),
        Err(_) => Behavior::answer(200, bad),
    }
}

#[tokio::test]
async fn dingtalk_takes_a_message_that_is_signed_with_its_secret() {
    let receiver = Receiver::start_with(|request, _| {
        let verdict = check_dingtalk_signature(request, "SECright", now().as_micros() / 1000);
        refuse_or_take(
            verdict,
            r#"{"errcode":0,"errmsg":"ok"}"#,
            r#"{"errcode":310000,"errmsg":"sign not match"}"#,
        )
    });
    let good = send(&receiver, MessageKind::Dingtalk, Some("SECright")).await;
    assert_eq!(good.outcome, Outcome::Delivered);
    let bad = send(&receiver, MessageKind::Dingtalk, Some("SECwrong")).await;
    assert_eq!(bad.outcome, refused("310000: sign not match"));
    let none = send(&receiver, MessageKind::Dingtalk, None).await;
    assert_eq!(none.outcome, refused("310000: sign not match"));
}

#[tokio::test]
async fn feishu_takes_a_message_that_is_signed_with_its_secret() {
    let receiver = Receiver::start_with(|request, _| {
        let verdict = check_feishu_signature(request, "right", now().as_seconds());
        refuse_or_take(
            verdict,
            r#"{"code":0,"msg":"success","data":{}}"#,
            r#"{"code":19021,"msg":"sign match fail"}"#,
        )
    });
    let good = send(&receiver, MessageKind::Feishu, Some("right")).await;
    assert_eq!(good.outcome, Outcome::Delivered);
    let bad = send(&receiver, MessageKind::Feishu, Some("wrong")).await;
    assert_eq!(bad.outcome, refused("19021: sign match fail"));
}

#[tokio::test]
async fn the_errors_of_each_product_are_understood_whatever_status_they_come_with() {
    use MessageKind::{Dingtalk, Feishu, Slack, Wecom};
    let limited = r#"{"errcode":45009,"errmsg":"api freq out of limit"}"#;
    for (kind, status, body, expected) in [
        (
            Wecom,
            200,
            r#"{"errcode":0,"errmsg":"ok"}"#,
            Outcome::Delivered,
        ),
        (
            Wecom,
            200,
            r#"{"errcode":93000,"errmsg":"invalid webhook url"}"#,
            refused("93000: invalid webhook url"),
        ),
        (
            Feishu,
            400,
            r#"{"code":9499,"msg":"Bad Request"}"#,
            refused("9499: Bad Request"),
        ),
        (Slack, 200, "ok", Outcome::Delivered),
        (Slack, 404, "no_service", refused("404: no_service")),
        (Slack, 410, "channel_is_archived", Outcome::Gone),
        (
            Dingtalk,
            200,
            r#"{"errcode":0,"errmsg":"ok"}"#,
            Outcome::Delivered,
        ),
    ] {
        let receiver = Receiver::start();
        receiver.behave(Behavior::answer(status, body));
        let exchange = send(&receiver, kind, None).await;
        assert_eq!(exchange.outcome, expected, "{kind:?} {body}");
        assert!(!format!("{exchange:?}").contains("robotsecret"));
    }
    let receiver = Receiver::start();
    receiver.behave(Behavior::answer(200, limited));
    match send(&receiver, Wecom, None).await.outcome {
        Outcome::Retry { reason, after } => {
            assert_eq!(reason.word, ReasonWord::RateLimited);
            assert_eq!(after, Some(Duration::from_secs(60)));
        }
        other => panic!("{other:?}"),
    }
    receiver.behave(Behavior::answer(503, "busy"));
    let busy = send(&receiver, Wecom, None).await;
    assert!(matches!(busy.outcome, Outcome::Retry { .. }));
}

fn refused(said: &str) -> Outcome {
    Outcome::Refused {
        reason: wharf_integrations::target::Reason {
            word: ReasonWord::VendorRefused,
            said: said.to_owned(),
        },
    }
}
