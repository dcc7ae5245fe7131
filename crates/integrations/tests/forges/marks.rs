//! What wharf leaves at a repository beside its webhook: deploy keys and statuses.

use crate::setup::{Setup, on_every_host, path};
use wharf_integrations::forge::{CommitStatus, ForgeKind, StatusState};

on_every_host! {
    deploy_keys_only_read,
    a_status_is_set_and_replaced,
}

async fn deploy_keys_only_read(setup: Setup) {
    setup.fill("acme/app");
    let app = path("acme/app");
    let public =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl wharf";
    let key = setup
        .forge
        .add_deploy_key(&app, "wharf: acme/app", public)
        .await
        .expect("a key");
    let kept = setup.server.deploy_keys("acme/app");
    assert_eq!(
        (kept.len(), kept[0].is_read_only, &*kept[0].key),
        (1, true, public)
    );
    assert!(!key.may_write);
    for _ in 0..2 {
        setup
            .forge
            .remove_deploy_key(&app, &key.id)
            .await
            .expect("removed, or gone already");
    }
    assert!(setup.server.deploy_keys("acme/app").is_empty());
    assert!(setup.forge.remove_deploy_key(&app, "..").await.is_err());
    setup.check_requests();
}

async fn a_status_is_set_and_replaced(setup: Setup) {
    let (_, [_, second]) = setup.fill("acme/app");
    let commit = second.parse().expect("a commit");
    let app = path("acme/app");
    let states = [
        StatusState::Pending,
        StatusState::Pending,
        StatusState::Failure,
        StatusState::Error,
        StatusState::Canceled,
        StatusState::Success,
    ];
    for state in states {
        let status = CommitStatus {
            state,
            context: "wharf/acme/app".to_owned(),
            target_url: Some(
                "https://wharf.example/acme/app/builds/1"
                    .parse()
                    .expect("a URL"),
            ),
            description: "ü".repeat(300),
        };
        setup
            .forge
            .set_commit_status(&app, &commit, &status)
            .await
            .expect("a status");
    }
    let statuses = setup.server.statuses("acme/app");
    let words: Vec<_> = statuses.iter().map(|it| &*it.state).collect();
    let expected: &[&str] = match setup.forge.kind() {
        ForgeKind::GitHub => &["pending", "pending", "failure", "error", "error", "success"],
        // What it says already it takes no second time.
        ForgeKind::GitLab => &["pending", "failed", "canceled", "success"],
        ForgeKind::Gitea => &[
            "pending", "pending", "failure", "error", "warning", "success",
        ],
    };
    assert_eq!(words, expected);
    let last = statuses.last().expect("a status");
    assert_eq!(
        (&*last.state, &*last.context, &*last.commit),
        ("success", "wharf/acme/app", &*second)
    );
    assert_eq!(
        last.description.chars().count(),
        if setup.forge.kind() == ForgeKind::GitLab {
            255
        } else {
            140
        },
        "characters, not bytes"
    );
    assert_eq!(last.target_url, "https://wharf.example/acme/app/builds/1");
    let unknown = "1".repeat(40).parse().expect("a commit");
    let status = CommitStatus {
        state: StatusState::Success,
        context: "x".to_owned(),
        target_url: None,
        description: String::new(),
    };
    let error = setup
        .forge
        .set_commit_status(&app, &unknown, &status)
        .await
        .expect_err("no such commit");
    assert!(error.is_not_found(), "{error:?}");
    setup.check_requests();
}
