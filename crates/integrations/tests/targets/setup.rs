//! Targets on loopback, and events for them.

use std::time::{Duration, SystemTime};
use wharf_egress::{Egress, EgressSettings, Policy};
use wharf_integrations::Secret;
use wharf_integrations::target::webhook::{
    PayloadShape, SigningKey, TargetHeader, WebhookMethod, WebhookTarget, render_webhook,
};
use wharf_integrations::target::{Exchange, RenderedRequest, TargetUrl, send_request};
use wharf_model::triggers::{BuildFacts, EventFacts, EventKind};
use wharf_model::{EventId, Timestamp};

pub(crate) const SIGNING_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
pub(crate) const DELIVERY: &str = "01890000-0000-7000-8000-000000000001";

/// Longer than any machine is busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn make_egress(allow: &[&str]) -> Egress {
    let entries = allow.iter().map(|text| text.parse().expect("an entry"));
    Egress::new(EgressSettings::new(Policy::server(entries))).expect("a way out")
}

pub(crate) fn now() -> Timestamp {
    SystemTime::now().into()
}

pub(crate) fn parse_url(text: &str) -> TargetUrl {
    TargetUrl::parse(&Secret::new(text)).expect("a URL")
}

pub(crate) fn make_facts(kind: EventKind) -> EventFacts {
    let digest = format!("sha256:{}", "1".repeat(64));
    EventFacts {
        event: EventId::new(),
        kind,
        at: now(),
        actor: "alice".to_owned(),
        host: "registry.example".to_owned(),
        server_url: "https://registry.example".to_owned(),
        repository: "team/app".parse().expect("a name"),
        is_public: true,
        tag: (!kind.is_build()).then(|| "v1".parse().expect("a tag")),
        digest: Some(digest.parse().expect("a digest")),
        previous_digest: None,
        build: kind.is_build().then(|| BuildFacts {
            number: 12,
            rule: Some("main".to_owned()),
            reference: Some("refs/heads/main".parse().expect("a ref")),
            commit: Some("2".repeat(40).parse().expect("a commit")),
            tags: vec!["v1".parse().expect("a tag")],
            reason: Some("step_failed".to_owned()),
        }),
        is_by_hand: false,
    }
}

/// A webhook with a secret in each place that can have one.
pub(crate) fn render(url: &str, payload: PayloadShape) -> RenderedRequest {
    let target = WebhookTarget {
        method: WebhookMethod::Post,
        url: parse_url(url),
        headers: vec![
            TargetHeader::parse("X-Token", &Secret::new("headersecret")).expect("a header"),
        ],
        signing: Some(SigningKey::parse(&Secret::new(SIGNING_SECRET)).expect("a key")),
        payload,
    };
    let facts = make_facts(EventKind::TagCreated);
    render_webhook(&target, &facts, DELIVERY, now()).expect("a request")
}

pub(crate) async fn send(egress: &Egress, url: &str) -> Exchange {
    send_request(egress, &render(url, PayloadShape::CloudEvents)).await
}
