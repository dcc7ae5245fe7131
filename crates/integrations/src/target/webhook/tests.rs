use super::*;
use crate::Secret;
use crate::target::fixture::{COMMIT, DIGEST, make_facts};
use serde_json::{Value, json};
use wharf_model::triggers::EventKind;

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_100);
const ID: &str = "01890000-0000-7000-8000-000000000001";

fn target(payload: PayloadShape) -> WebhookTarget {
    WebhookTarget {
        method: WebhookMethod::Post,
        url: url("https://hook.example/services/pathsecret?key=querysecret"),
        headers: vec![header("Authorization", "Bearer headersecret")],
        signing: Some(SigningKey::parse(&make_signing_secret(&[7; 32])).expect("a key")),
        payload,
    }
}

fn url(text: &str) -> TargetUrl {
    TargetUrl::parse(&Secret::new(text)).expect("a URL")
}

fn header(name: &str, value: &str) -> TargetHeader {
    TargetHeader::parse(name, &Secret::new(value)).expect("a header")
}

fn body(payload: PayloadShape, kind: EventKind) -> Value {
    let request = render_webhook(&target(payload), &make_facts(kind), ID, NOW).expect("a request");
    serde_json::from_str(request.body()).expect("JSON")
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> &'a str {
    let found = headers.iter().find(|(own, _)| own == name);
    &found.unwrap_or_else(|| panic!("no {name}")).1
}

#[test]
fn a_request_has_the_stable_id_the_time_of_the_attempt_and_a_signature_over_both() {
    let target = target(PayloadShape::CloudEvents);
    let facts = make_facts(EventKind::TagCreated);
    let request = render_webhook(&target, &facts, ID, NOW).expect("a request");
    let shown = request.show();
    assert_eq!(find(&shown.headers, "webhook-id"), ID);
    assert_eq!(find(&shown.headers, "webhook-timestamp"), "1700000100");
    let key = target.signing.expect("a key");
    let signature = key.sign(ID, 1_700_000_100, request.body());
    assert_eq!(find(&shown.headers, "webhook-signature"), signature);
    assert_eq!(
        find(&shown.headers, "content-type"),
        "application/cloudevents+json"
    );
    assert_eq!(
        (&*shown.method, &*shown.url),
        ("POST", "https://hook.example/…")
    );
}

#[test]
fn no_secret_is_shown_not_even_one_that_a_template_repeats() {
    let secret = make_signing_secret(&[7; 32]);
    let echo = format!(
        r#"{{"a": "pathsecret", "b": "querysecret", "c": "headersecret", "d": "{}", "e": "/services/pathsecret?key=querysecret"}}"#,
        secret.expose()
    );
    let target = target(PayloadShape::Template(echo));
    let facts = make_facts(EventKind::TagCreated);
    let request = render_webhook(&target, &facts, ID, NOW).expect("a request");
    assert!(
        request.body().contains("headersecret"),
        "what is sent is what was written"
    );
    let shown = format!("{:?} {request:?} {target:?}", request.show());
    for secret in ["pathsecret", "querysecret", "headersecret", secret.expose()] {
        let shown = shown.replace("Template(", "");
        let shown = match shown.split_once("payload: ") {
            Some((before, _)) => before.to_owned(),
            None => shown,
        };
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[test]
fn a_cloud_event_has_what_the_specification_and_argo_cd_ask_for() {
    let event = body(PayloadShape::CloudEvents, EventKind::TagCreated);
    for (name, value) in [
        ("specversion", "1.0"),
        ("id", ID),
        (
            "source",
            "https://registry.example:5000/repositories/team/sub/app",
        ),
        ("type", "dev.wharf.image.tag.created"),
        ("subject", "team/sub/app:v1"),
        ("time", "2023-11-14T22:13:20Z"),
        ("datacontenttype", "application/json"),
    ] {
        assert_eq!(event[name], value, "{name}");
    }
    let data = &event["data"];
    for (name, value) in [
        ("event", "tag_created"),
        ("registry", "registry.example:5000"),
        ("repository", "team/sub/app"),
        ("tag", "v1"),
        ("digest", DIGEST),
        ("actor", "alice"),
    ] {
        assert_eq!(data[name], value, "{name}");
    }
    assert_eq!(
        data["reference"],
        format!("registry.example:5000/team/sub/app:v1@{DIGEST}")
    );
    assert!(data.get("previous_digest").is_none() && data.get("build").is_none());
}

#[test]
fn a_cloud_event_of_a_build_has_the_build() {
    let event = body(PayloadShape::CloudEvents, EventKind::BuildFailed);
    assert_eq!(event["type"], "dev.wharf.build.failed");
    assert_eq!(event["subject"], "team/sub/app");
    let expected = json!({
        "number": 12, "rule": "main", "ref": "refs/heads/main", "commit": COMMIT, "tags": ["v1"],
        "reason": "step_failed",
    });
    assert_eq!(event["data"]["build"], expected);
    let page = "https://registry.example:5000/repositories/team/sub/app/builds/12";
    assert_eq!(event["data"]["url"], page);
}

/// The fields and types of the published example, and what Keel, Flux and Argo CD Image Updater read of it.
#[test]
fn a_docker_hub_body_has_every_documented_field() {
    let body = body(PayloadShape::DockerHub, EventKind::TagChanged);
    let push = &body["push_data"];
    assert_eq!(push["tag"], "v1");
    assert_eq!(push["pusher"], "alice");
    assert_eq!(push["pushed_at"], 1_700_000_000);
    assert!(push["images"].is_array());
    assert!(
        body["callback_url"]
            .as_str()
            .is_some_and(|url| url.starts_with("https://"))
    );
    let repository = &body["repository"];
    // Keel takes this for the image's name.
    assert_eq!(
        repository["repo_name"],
        "registry.example:5000/team/sub/app"
    );
    assert_eq!(repository["namespace"], "team");
    assert_eq!(repository["name"], "sub/app");
    assert_eq!(repository["owner"], "team");
    assert_eq!(repository["is_private"], true);
    for name in [
        "description",
        "dockerfile",
        "full_description",
        "repo_url",
        "status",
    ] {
        assert!(repository[name].is_string(), "{name}");
    }
    for name in ["comment_count", "star_count", "date_created"] {
        assert!(repository[name].is_i64(), "{name}");
    }
    for name in ["is_official", "is_trusted"] {
        assert!(repository[name].is_boolean(), "{name}");
    }
}

/// The published examples of goharbor.io, and what Keel, Flux and Argo CD Image Updater read of them.
#[test]
fn a_harbor_body_is_as_harbor_writes_it() {
    let expected = |kind: &str| {
        json!({
            "type": kind,
            "occur_at": 1_700_000_000,
            "operator": "alice",
            "event_data": {
                "resources": [{
                    "digest": DIGEST,
                    "tag": "v1",
                    "resource_url": "registry.example:5000/team/sub/app:v1",
                }],
                "repository": {
                    "date_created": 1_700_000_000,
                    "name": "sub/app",
                    "namespace": "team",
                    "repo_full_name": "team/sub/app",
                    "repo_type": "private",
                },
            },
        })
    };
    let harbor = |kind| body(PayloadShape::Harbor, kind);
    assert_eq!(harbor(EventKind::TagCreated), expected("PUSH_ARTIFACT"));
    assert_eq!(harbor(EventKind::TagChanged), expected("PUSH_ARTIFACT"));
    assert_eq!(harbor(EventKind::TagDeleted), expected("DELETE_ARTIFACT"));
}

#[test]
fn what_a_shape_cannot_say_is_refused_when_it_is_saved() {
    use EventKind::{BuildFailed, TagCreated, TagDeleted};
    for (shape, kind, word) in [
        (PayloadShape::DockerHub, TagDeleted, "docker_hub"),
        (PayloadShape::DockerHub, BuildFailed, "docker_hub"),
        (PayloadShape::Harbor, BuildFailed, "harbor"),
    ] {
        let expected = Err(TargetError::Unsupported { shape: word, kind });
        assert_eq!(shape.check(&[TagCreated, kind], None), expected);
        let rendered = render_webhook(&target(shape.clone()), &make_facts(kind), ID, NOW);
        assert!(matches!(rendered, Err(TargetError::Unsupported { .. })));
        assert_eq!(shape.check(&[TagCreated], None), Ok(()));
    }
    assert_eq!(
        PayloadShape::Harbor.check(&[TagCreated, TagDeleted], None),
        Ok(())
    );
    assert_eq!(
        PayloadShape::CloudEvents.check(&EventKind::ALL, None),
        Ok(())
    );
}

#[test]
fn a_template_is_json_unless_a_header_says_otherwise() {
    let form = PayloadShape::Template("tag={{ tag | urlencode }}&by={{ actor }}".to_owned());
    let kinds = [EventKind::TagCreated];
    assert!(matches!(
        form.check(&kinds, None),
        Err(TargetError::Template { .. })
    ));
    let content_type = "application/x-www-form-urlencoded";
    assert_eq!(form.check(&kinds, Some(content_type)), Ok(()));
    let mut target = target(form);
    target.headers.push(header("Content-Type", content_type));
    let mut facts = make_facts(EventKind::TagCreated);
    facts.actor = "a\r\nb".to_owned();
    let request = render_webhook(&target, &facts, ID, NOW).expect("a request");
    assert_eq!(request.body(), "tag=v1&by=a  b");
    let json = PayloadShape::Template(r#"{"tag": "{{ tag }}"}"#.to_owned());
    for content_type in [None, Some("application/vnd.x+json; charset=utf-8")] {
        assert_eq!(json.check(&kinds, content_type), Ok(()));
    }
}
