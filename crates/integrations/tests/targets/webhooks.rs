//! Receivers of webhooks.

use crate::setup::{DELIVERY, SIGNING_SECRET, make_egress, now, render, send};
use std::time::{Duration, Instant};
use wharf_integrations::target::webhook::PayloadShape;
use wharf_integrations::target::{
    Exchange, LONGEST_EXCHANGE, LONGEST_SHOWN, Outcome, ReasonWord, send_request,
};
use wharf_testkit::targets::check_standard_webhook;
use wharf_testkit::{Behavior, Receiver};

const PATH: &str = "/hooks/pathsecret?key=querysecret";

fn word(exchange: &Exchange) -> Option<ReasonWord> {
    match &exchange.outcome {
        Outcome::Delivered | Outcome::Gone => None,
        Outcome::Retry { reason, .. } | Outcome::Refused { reason } => Some(reason.word),
    }
}

async fn send_to(receiver: &Receiver) -> Exchange {
    let egress = make_egress(&[receiver.authority()]);
    send(&egress, &receiver.url(PATH)).await
}

#[tokio::test]
async fn a_receiver_gets_the_request_and_can_check_it() {
    let receiver = Receiver::start();
    let exchange = send_to(&receiver).await;
    assert_eq!(exchange.outcome, Outcome::Delivered);
    let response = exchange.response.expect("a response");
    assert_eq!(
        (response.status, &*response.body, response.is_cut),
        (200, "ok", false)
    );
    let request = &receiver.received()[0];
    assert_eq!((&*request.method, &*request.target), ("POST", PATH));
    assert_eq!(request.header("x-token"), Some("headersecret"));
    assert_eq!(
        request.header("content-type"),
        Some("application/cloudevents+json")
    );
    let checked = check_standard_webhook(request, SIGNING_SECRET, now().as_seconds());
    assert_eq!(checked.as_deref(), Ok(DELIVERY));
    assert_eq!(request.json()["id"], DELIVERY);
}

/// Row M92 of the list of attacks, and what else a receiver can do to us.
#[tokio::test]
async fn m92_a_receiver_that_redirects_floods_or_leaves_costs_little() {
    let receiver = Receiver::start();
    receiver.behave(Behavior::answer(301, "").with("Location", "http://127.0.0.1:1/elsewhere"));
    let exchange = send_to(&receiver).await;
    assert!(matches!(exchange.outcome, Outcome::Refused { .. }));
    assert_eq!(word(&exchange), Some(ReasonWord::Redirected));
    assert_eq!(receiver.received().len(), 1, "nothing was followed");

    receiver.behave(Behavior::Flood(1 << 30));
    let exchange = send_to(&receiver).await;
    let response = exchange.response.expect("a response");
    assert!(response.is_cut && response.body.len() <= LONGEST_SHOWN);
    assert_eq!(exchange.outcome, Outcome::Delivered);
    let started = Instant::now();
    while receiver.bytes_taken() == 0 {
        assert!(
            started.elapsed() < LONGEST_EXCHANGE,
            "the connection is held"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // What the sockets between us held is in there too.
    assert!(
        receiver.bytes_taken() < 64 << 20,
        "{}",
        receiver.bytes_taken()
    );

    receiver.behave(Behavior::answer(410, "gone"));
    assert_eq!(send_to(&receiver).await.outcome, Outcome::Gone);

    receiver.behave(Behavior::Close);
    assert_eq!(
        word(&send_to(&receiver).await),
        Some(ReasonWord::Unreachable)
    );
}

#[tokio::test]
async fn a_receiver_that_hangs_or_drips_is_given_up_after_half_a_minute_and_tried_again() {
    let (hanging, dripping) = (Receiver::start(), Receiver::start());
    hanging.behave(Behavior::Hang);
    dripping.behave(Behavior::Drip);
    let started = Instant::now();
    let (hung, dripped) = tokio::join!(send_to(&hanging), send_to(&dripping));
    assert!(started.elapsed() < LONGEST_EXCHANGE * 2);
    for exchange in [&hung, &dripped] {
        assert!(matches!(exchange.outcome, Outcome::Retry { .. }));
        assert_eq!(word(exchange), Some(ReasonWord::TimedOut));
    }
    assert_eq!(hung.response, None);
    assert!(hung.timings.waited >= LONGEST_EXCHANGE);
    let response = dripped.response.expect("what came of it");
    assert!(response.is_cut && response.body.starts_with('.'));
    assert!(dripped.timings.read > dripped.timings.waited);
}

#[tokio::test]
async fn a_receiver_says_when_to_come_back() {
    let receiver = Receiver::start();
    receiver.behave(Behavior::answer(429, "slower").with("Retry-After", "17"));
    match send_to(&receiver).await.outcome {
        Outcome::Retry { reason, after } => {
            assert_eq!(reason.word, ReasonWord::RateLimited);
            assert_eq!(reason.said, "429: slower");
            assert_eq!(after, Some(Duration::from_secs(17)));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn nothing_of_an_exchange_shows_a_secret_that_the_receiver_sends_back() {
    let receiver = Receiver::start_with(|request, _| {
        let body = format!(
            "{} {:?} {} {SIGNING_SECRET} {}",
            request.target,
            request.headers,
            serde_json::json!({"url": request.target}),
            request.target.replace('/', "%2F"),
        );
        let token = request.header("x-token").unwrap_or_default();
        Behavior::answer(500, &body)
            .with("X-Echo", &request.target)
            .with("X-Token", token)
            .with("Set-Cookie", "session=cookiesecret")
    });
    let egress = make_egress(&[receiver.authority()]);
    let template = PayloadShape::Template(format!(r#"{{"a": "headersecret {SIGNING_SECRET}"}}"#));
    let request = render(&receiver.url(PATH), template);
    let exchange = send_request(&egress, &request).await;
    assert!(receiver.received()[0].body.contains("headersecret"));
    let shown = format!("{exchange:?} {request:?}");
    assert!(shown.contains("********"));
    for secret in [
        "pathsecret",
        "querysecret",
        "headersecret",
        "cookiesecret",
        SIGNING_SECRET,
    ] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
