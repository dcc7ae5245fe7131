//! Deliveries that start nothing, and bodies that nobody meant.

use crate::deliveries::{alter, read, sign, take_ref};
use proptest::prelude::*;
use serde_json::Value;
use wharf_integrations::forge::delivery::{
    DeliveryContent, HookKind, IgnoredReason, ReadError, read_delivery,
};

#[test]
fn forks_pull_requests_comments_and_unknown_events_start_nothing() {
    use HookKind::{GitHub, GitLab, Gitea};
    let push = payload!("gitea/push.json");
    for (kind, event, body, expected) in [
        (
            GitHub,
            "fork",
            payload!("github/fork.json"),
            IgnoredReason::Fork,
        ),
        (
            GitHub,
            "pull_request",
            payload!("github/pull_request.json"),
            IgnoredReason::PullRequest,
        ),
        (
            GitHub,
            "pull_request_target",
            "{}",
            IgnoredReason::PullRequest,
        ),
        (
            GitHub,
            "issue_comment",
            payload!("github/issue_comment.json"),
            IgnoredReason::Comment,
        ),
        (
            GitHub,
            "pull_request_review_comment",
            "{}",
            IgnoredReason::Comment,
        ),
        (
            GitHub,
            "create",
            payload!("github/create.json"),
            IgnoredReason::SaidByPush,
        ),
        (
            GitHub,
            "delete",
            payload!("github/delete.json"),
            IgnoredReason::SaidByPush,
        ),
        (
            GitHub,
            "workflow_dispatch",
            "not even JSON",
            IgnoredReason::Event("workflow_dispatch".into()),
        ),
        (
            GitLab,
            "Note Hook",
            payload!("gitlab/note.json"),
            IgnoredReason::Comment,
        ),
        // The header is not signed, so what it says is not believed.
        (
            GitLab,
            "Push Hook",
            payload!("gitlab/note.json"),
            IgnoredReason::Comment,
        ),
        (
            GitLab,
            "Push Hook",
            r#"{"object_kind":"merge_request"}"#,
            IgnoredReason::PullRequest,
        ),
        (Gitea, "create", push, IgnoredReason::SaidByPush),
        (Gitea, "pull_request", push, IgnoredReason::PullRequest),
        (Gitea, "pull_request_comment", push, IgnoredReason::Comment),
        (Gitea, "fork", push, IgnoredReason::Fork),
    ] {
        let delivery = read(kind, event, body);
        assert_eq!(
            delivery.content,
            DeliveryContent::Ignored(expected),
            "{kind} {event}"
        );
        assert!(delivery.id.is_some(), "{kind} {event}");
    }
}

#[test]
fn another_event_does_not_pass_for_a_push() {
    for (kind, event, body) in [
        (
            HookKind::GitHub,
            "push",
            payload!("github/pull_request.json"),
        ),
        (HookKind::GitHub, "push", payload!("github/create.json")),
        (HookKind::GitHub, "push", payload!("github/fork.json")),
        (HookKind::GitHub, "push", payload!("github/ping.json")),
        (HookKind::Gitea, "delete", payload!("gitea/push.json")),
        (
            HookKind::Gitea,
            "push",
            payload!("github/pull_request.json"),
        ),
    ] {
        let outcome = read_delivery(&sign(kind, event, body));
        assert!(
            matches!(outcome, Err(ReadError::Form { .. })),
            "{kind} {event}: {outcome:?}"
        );
    }
}

#[test]
fn refs_keep_their_names_and_what_is_no_branch_or_tag_starts_nothing() {
    let push = payload!("github/push-branch-created.json");
    for name in [
        "refs/heads/feature/a-b_c",
        "refs/heads/日本/ü",
        "refs/tags/v1.0+build",
        "refs/tags/-x",
    ] {
        let delivery = read(
            HookKind::GitHub,
            "push",
            &alter(push, &[("ref", name.into())]),
        );
        match name {
            "refs/tags/-x" => assert!(matches!(delivery.content, DeliveryContent::Ignored(_))),
            _ => assert_eq!(take_ref(delivery).reference.as_str(), name),
        }
    }
    for name in [
        "refs/pull/1/head",
        "refs/notes/x",
        "HEAD",
        "",
        "refs/heads/",
        "refs/heads/a\nb",
        "refs/heads/../x",
    ] {
        let delivery = read(
            HookKind::GitHub,
            "push",
            &alter(push, &[("ref", name.into())]),
        );
        assert_eq!(
            delivery.content,
            DeliveryContent::Ignored(IgnoredReason::NeitherBranchNorTag),
            "{name:?}"
        );
    }
}

const KINDS: [HookKind; 4] = [
    HookKind::GitHub,
    HookKind::GitLab,
    HookKind::Gitea,
    HookKind::Nudge,
];

proptest! {
    #[test]
    fn arbitrary_bytes_are_read_without_a_panic(
        kind in 0..4usize,
        event in "(push|delete|ping|[ -~]{1,20})",
        body in proptest::collection::vec(any::<u8>(), 0..400),
    ) {
        let _ = read_delivery(&sign(KINDS[kind], &event, body));
    }

    #[test]
    fn payloads_with_a_field_of_another_kind_are_read_without_a_panic(
        kind in 0..3usize,
        field in 0..9usize,
        text in "\\PC{0,60}",
        number in any::<i64>(),
        choice in 0..5usize,
    ) {
        let fields = ["ref", "before", "after", "commits", "repository", "project", "head_commit", "pusher", "checkout_sha"];
        let value = match choice {
            0 => Value::from(text),
            1 => Value::from(number),
            2 => Value::Null,
            3 => Value::Array(vec![Value::from(number)]),
            _ => serde_json::json!({ "id": text, "timestamp": text, "message": text }),
        };
        let payload = [payload!("github/push-branch-created.json"), payload!("gitlab/push.json"), payload!("gitea/push.json")][kind];
        let body = alter(payload, &[(fields[field], value)]);
        let _ = read_delivery(&sign(KINDS[kind], "push", body));
    }
}
