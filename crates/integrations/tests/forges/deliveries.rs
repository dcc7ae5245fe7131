//! What published payloads turn into. Their sources: `payloads/README.md`.

use crate::signatures::make_headers;
use bytes::Bytes;
use serde_json::Value;
use wharf_integrations::Secret;
use wharf_integrations::forge::delivery::{
    Delivery, DeliveryContent, HookKind, PushedRef, Verified, read_delivery, verify_delivery,
};
use wharf_model::Timestamp;

const SECRET: &str = "the secret of a webhook";
const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

/// A delivery whose signature is right.
pub(crate) fn sign(kind: HookKind, event: &str, body: impl Into<Bytes>) -> Verified {
    let body = body.into();
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, SECRET.as_bytes());
    let digits = hex::encode(aws_lc_rs::hmac::sign(&key, &body));
    let signature = format!("sha256={digits}");
    let bearer = format!("Bearer {SECRET}");
    let headers = match kind {
        HookKind::GitHub => make_headers(&[
            ("x-github-event", event),
            ("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
            ("x-hub-signature-256", &signature),
        ]),
        HookKind::GitLab => make_headers(&[
            ("x-gitlab-event", event),
            (
                "x-gitlab-event-uuid",
                "13792a34-cac6-4fda-95a8-c58e00a3954e",
            ),
            ("idempotency-key", "f5e5f430-f57b-4e6e-9fac-d9128cd7232f"),
            ("x-gitlab-token", SECRET),
        ]),
        HookKind::Gitea => make_headers(&[
            ("x-gitea-event", event),
            ("x-github-event", event),
            ("x-gitea-delivery", "f6266f16-1bf3-46a5-9ea4-602e06ead473"),
            ("x-gitea-signature", &digits),
        ]),
        HookKind::Nudge => make_headers(&[("authorization", &bearer)]),
    };
    verify_delivery(kind, &headers, body, &[Secret::new(SECRET)], NOW).expect("a good signature")
}

pub(crate) fn read(kind: HookKind, event: &str, body: &str) -> Delivery {
    read_delivery(&sign(kind, event, body.to_owned())).expect("a payload that is understood")
}

#[track_caller]
pub(crate) fn take_ref(delivery: Delivery) -> PushedRef {
    match delivery.content {
        DeliveryContent::RefUpdates(mut refs) if refs.len() == 1 => refs.remove(0),
        other => panic!("one ref was expected: {other:?}"),
    }
}

/// A published payload with some of its fields replaced.
pub(crate) fn alter(payload: &str, changes: &[(&str, Value)]) -> String {
    let mut value: Value = serde_json::from_str(payload).expect("JSON");
    for (name, change) in changes {
        value[*name] = change.clone();
    }
    value.to_string()
}

const ZEROS: &str = "0000000000000000000000000000000000000000";

#[test]
fn a_push_to_github_that_makes_a_branch() {
    let delivery = read(
        HookKind::GitHub,
        "push",
        payload!("github/push-branch-created.json"),
    );
    assert_eq!(
        delivery.id.as_deref(),
        Some("72d3162e-cc78-11e3-81ab-4c9367dc0958")
    );
    let repository = delivery.repository.clone().expect("a repository");
    assert_eq!(repository.id.as_deref(), Some("186853002"));
    assert_eq!(
        repository.path.expect("a path").as_str(),
        "Codertocat/Hello-World"
    );
    assert_eq!(
        repository.clone_url.expect("a URL").as_str(),
        "https://github.com/Codertocat/Hello-World.git"
    );
    let pushed = take_ref(delivery);
    assert_eq!(pushed.reference.as_str(), "refs/heads/master");
    assert_eq!(pushed.before, None);
    let commit = "6113728f27ae82c7b1a177c8d03f9e96e0adf246";
    assert_eq!(pushed.after.as_ref().expect("a commit").as_str(), commit);
    assert_eq!(
        (pushed.is_forced, pushed.commit_count),
        (Some(false), Some(1))
    );
    assert_eq!(pushed.pusher.as_deref(), Some("Codertocat"));
    let head = pushed.head.clone().expect("facts");
    assert_eq!(
        (head.id.as_str(), &*head.message),
        (commit, "Initial commit")
    );
    assert_eq!(head.author.as_deref(), Some("Codertocat"));
    assert_eq!(head.time, Some(Timestamp::from_seconds(1_557_933_565)));
    assert_eq!(pushed.as_update().new.expect("a commit").as_str(), commit);
}

#[test]
fn a_push_to_github_that_removes_a_tag() {
    for payload in [
        payload!("github/push-tag-deleted.json"),
        payload!("github/push-organization.json"),
    ] {
        let pushed = take_ref(read(HookKind::GitHub, "push", payload));
        assert_eq!(pushed.reference.as_str(), "refs/tags/simple-tag");
        assert!(pushed.is_deletion() && pushed.before.is_some());
        assert_eq!((pushed.head.clone(), pushed.as_update().new), (None, None));
    }
}

#[test]
fn an_annotated_tag_on_github_leads_to_the_commit_and_not_to_the_tag_object() {
    let object = "82b3d5ae55f7080f1e6022629cdb57bfae7cccc7";
    let body = alter(
        payload!("github/push-branch-created.json"),
        &[("ref", "refs/tags/v1.0".into()), ("after", object.into())],
    );
    let pushed = take_ref(read(HookKind::GitHub, "push", &body));
    assert_eq!(pushed.after.as_ref().expect("an object").as_str(), object);
    let commit = pushed.as_update().new.expect("a commit");
    assert_eq!(commit.as_str(), "6113728f27ae82c7b1a177c8d03f9e96e0adf246");
}

#[test]
fn a_ping_of_github_is_told_with_its_repository() {
    let delivery = read(HookKind::GitHub, "ping", payload!("github/ping.json"));
    assert_eq!(delivery.content, DeliveryContent::Ping);
    assert!(delivery.repository.is_some());
}

#[test]
fn pushes_to_gitlab_count_all_commits_and_name_the_head() {
    let delivery = read(HookKind::GitLab, "Push Hook", payload!("gitlab/push.json"));
    assert_eq!(
        delivery.id.as_deref(),
        Some("f5e5f430-f57b-4e6e-9fac-d9128cd7232f")
    );
    let repository = delivery.repository.clone().expect("a repository");
    assert_eq!(repository.id.as_deref(), Some("15"));
    assert_eq!(repository.path.expect("a path").as_str(), "mike/diaspora");
    assert_eq!(
        repository.ssh_url.as_deref(),
        Some("git@example.com:mike/diaspora.git")
    );
    let pushed = take_ref(delivery);
    assert_eq!(pushed.reference.as_str(), "refs/heads/master");
    assert_eq!(
        pushed.commit_count,
        Some(4),
        "the payload lists two of them"
    );
    assert_eq!(pushed.pusher.as_deref(), Some("jsmith"));
    assert_eq!(pushed.head.expect("facts").message, "fixed readme");

    let pushed = take_ref(read(
        HookKind::GitLab,
        "Tag Push Hook",
        payload!("gitlab/tag_push.json"),
    ));
    assert_eq!(pushed.reference.as_str(), "refs/tags/v1.0.0");
    assert_eq!((pushed.before, pushed.commit_count), (None, Some(0)));
}

#[test]
fn gitlab_tells_an_annotated_tag_from_its_commit_and_a_removal_from_a_push() {
    let commit = "da1560886d4f094c3e6c9ef40349f7d38b5d27d7";
    let annotated = alter(
        payload!("gitlab/tag_push.json"),
        &[("checkout_sha", commit.into())],
    );
    let pushed = take_ref(read(HookKind::GitLab, "Tag Push Hook", &annotated));
    assert_eq!(pushed.as_update().new.expect("a commit").as_str(), commit);

    let removed = alter(
        payload!("gitlab/push.json"),
        &[
            ("after", ZEROS.into()),
            ("checkout_sha", Value::Null),
            ("commits", Value::Array(vec![])),
            ("total_commits_count", 0.into()),
        ],
    );
    assert!(take_ref(read(HookKind::GitLab, "Push Hook", &removed)).is_deletion());
}

#[test]
fn without_an_id_of_gitlab_different_events_have_different_ids() {
    let find_id = |body: &str| {
        let headers = make_headers(&[
            ("x-gitlab-token", SECRET),
            (
                "x-gitlab-event-uuid",
                "13792a34-cac6-4fda-95a8-c58e00a3954e",
            ),
        ]);
        let body = Bytes::from(body.to_owned());
        let verified = verify_delivery(
            HookKind::GitLab,
            &headers,
            body,
            &[Secret::new(SECRET)],
            NOW,
        );
        let delivery = read_delivery(&verified.expect("a good token")).expect("a push");
        delivery.id.expect("an id")
    };
    let (push, tag) = (
        payload!("gitlab/push.json"),
        payload!("gitlab/tag_push.json"),
    );
    assert_eq!(find_id(push), find_id(push));
    assert_ne!(find_id(push), find_id(tag));
}

#[test]
fn gitea_tells_pushes_and_removed_branches() {
    let delivery = read(HookKind::Gitea, "push", payload!("gitea/push.json"));
    assert_eq!(
        delivery.id.as_deref(),
        Some("f6266f16-1bf3-46a5-9ea4-602e06ead473")
    );
    assert_eq!(
        delivery.repository.clone().expect("one").id.as_deref(),
        Some("140")
    );
    let pushed = take_ref(delivery);
    assert_eq!(pushed.reference.as_str(), "refs/heads/develop");
    assert_eq!(
        (pushed.pusher.as_deref(), pushed.commit_count),
        (Some("gitea"), Some(1))
    );
    assert_eq!(pushed.head.expect("facts").message, "Webhooks Yay!");

    let counted = alter(payload!("gitea/push.json"), &[("total_commits", 99.into())]);
    assert_eq!(
        take_ref(read(HookKind::Gitea, "push", &counted)).commit_count,
        Some(99)
    );

    for (name, kind, expected) in [
        ("feature/x", "branch", "refs/heads/feature/x"),
        ("refs/heads/feature/x", "branch", "refs/heads/feature/x"),
        ("v1", "tag", "refs/tags/v1"),
    ] {
        let body = alter(
            payload!("gitea/push.json"),
            &[("ref", name.into()), ("ref_type", kind.into())],
        );
        let pushed = take_ref(read(HookKind::Gitea, "delete", &body));
        assert_eq!(pushed.reference.as_str(), expected);
        assert!(pushed.is_deletion());
    }
}

#[test]
fn a_form_with_the_payload_in_it_is_read_too() {
    let body: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("payload", payload!("github/push-branch-created.json"))
        .finish();
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, SECRET.as_bytes());
    let signature = format!(
        "sha256={}",
        hex::encode(aws_lc_rs::hmac::sign(&key, body.as_bytes()))
    );
    let headers = make_headers(&[
        ("x-github-event", "push"),
        ("x-hub-signature-256", &signature),
        ("content-type", "application/x-www-form-urlencoded"),
    ]);
    let verified = verify_delivery(
        HookKind::GitHub,
        &headers,
        body.into(),
        &[Secret::new(SECRET)],
        NOW,
    );
    let delivery = read_delivery(&verified.expect("a good signature")).expect("a push");
    assert_eq!(take_ref(delivery).reference.as_str(), "refs/heads/master");
}

#[test]
fn a_nudge_is_empty_or_what_git_gave_its_hook() {
    assert_eq!(
        read(HookKind::Nudge, "", "").content,
        DeliveryContent::Nudge
    );
    let (old, new) = ("a".repeat(40), "b".repeat(40));
    let lines = format!(
        "{ZEROS} {new} refs/heads/feature/x y\n{old} {ZEROS} refs/tags/v1\n{old} {new} refs/heads/main\n{old} {new} refs/notes/x\n"
    );
    match read(HookKind::Nudge, "", &lines).content {
        // The first name has a space, which git allows in no ref.
        DeliveryContent::RefUpdates(refs) => {
            let names: Vec<_> = refs
                .iter()
                .map(|pushed| pushed.reference.as_str())
                .collect();
            assert_eq!(names, ["refs/tags/v1", "refs/heads/main"]);
            assert!(refs[0].is_deletion() && !refs[1].is_deletion());
        }
        other => panic!("{other:?}"),
    }
    for body in ["hello", "a b refs/heads/x"] {
        assert!(
            read_delivery(&sign(HookKind::Nudge, "", body)).is_err(),
            "{body}"
        );
    }
    let many = format!("{old} {new} refs/heads/main\n").repeat(1001);
    assert_eq!(
        read(HookKind::Nudge, "", &many).content,
        DeliveryContent::Nudge
    );
}
