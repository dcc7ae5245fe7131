//! Webhooks from their registration to what their deliveries say: one suite over all hosts.

use crate::receiver::{Receiver, SECRET};
use crate::setup::{Setup, on_every_host, path, walk};
use std::collections::BTreeSet;
use wharf_integrations::Secret;
use wharf_integrations::forge::delivery::{
    DeliveryContent, HookKind, IgnoredReason, Rejection, derive_signing_token,
};
use wharf_integrations::forge::{
    ForgeError, ForgeKind, HookEvent, Webhook, WebhookFault, WebhookSpec,
};
use wharf_testkit::forges::Misbehavior;

on_every_host! {
    a_registered_webhook_is_what_it_should_be,
    a_webhook_that_somebody_changed_is_seen_and_repaired,
    a_webhook_is_removed_once_and_again,
    pushes_arrive_signed_and_say_what_changed,
    what_goes_wrong_on_the_way_is_seen,
    other_events_start_nothing,
}

async fn register(setup: &Setup, receiver: &Receiver) -> (WebhookSpec, Webhook) {
    let spec = WebhookSpec {
        url: receiver.url(),
        secret: Secret::new(SECRET),
    };
    let webhook = setup.forge.register_webhook(&path("acme/app"), &spec).await;
    (spec, webhook.expect("a webhook"))
}

fn receive(setup: &Setup) -> Receiver {
    Receiver::start(HookKind::from(setup.forge.kind()))
}

async fn a_registered_webhook_is_what_it_should_be(setup: Setup) {
    setup.fill("acme/app");
    let receiver = receive(&setup);
    let (spec, webhook) = register(&setup, &receiver).await;
    assert_eq!(webhook.events, setup.forge.hook_events());
    let kept = setup.server.webhooks("acme/app").remove(0);
    assert!(kept.is_active && kept.verifies_tls);
    assert_eq!(
        (&*kept.url, kept.secret.as_deref(), &*kept.content_type),
        (spec.url.as_str(), Some(SECRET), "json")
    );
    let app = path("acme/app");
    let report = setup
        .forge
        .inspect_webhook(&app, &webhook.id, &spec)
        .await
        .expect("a report");
    assert_eq!((report.faults, report.webhook), (vec![], webhook.clone()));
    let forge = &setup.forge;
    let app = &app;
    let (all, _) =
        walk(|after| async move { forge.list_webhooks(app, after.as_ref()).await }).await;
    assert_eq!(all, [webhook]);
    let weak = WebhookSpec {
        secret: Secret::new("short"),
        ..spec
    };
    let error = forge
        .register_webhook(app, &weak)
        .await
        .expect_err("a weak secret");
    assert!(matches!(error, ForgeError::Credentials { .. }), "{error:?}");
    setup.check_requests();
}

async fn a_webhook_that_somebody_changed_is_seen_and_repaired(setup: Setup) {
    setup.fill("acme/app");
    let receiver = receive(&setup);
    let (spec, webhook) = register(&setup, &receiver).await;
    let number = setup.server.webhooks("acme/app")[0].id;
    let is_gitlab = setup.forge.kind() == ForgeKind::GitLab;
    setup.server.edit_webhook("acme/app", number, |hook| {
        hook.url = "https://elsewhere.example/".to_owned();
        hook.events = BTreeSet::from([if is_gitlab { "note_events" } else { "issues" }.to_owned()]);
        hook.is_active = false;
        hook.is_disabled = is_gitlab;
        hook.secret = Some("another".to_owned());
        hook.content_type = "form".to_owned();
    });
    let app = path("acme/app");
    let report = setup
        .forge
        .inspect_webhook(&app, &webhook.id, &spec)
        .await
        .expect("a report");
    let has = |wanted: &dyn Fn(&WebhookFault) -> bool| report.faults.iter().any(wanted);
    assert!(has(
        &|fault| matches!(fault, WebhookFault::WrongUrl { found } if found == "https://elsewhere.example/")
    ));
    assert!(has(
        &|fault| matches!(fault, WebhookFault::MissingEvents(events) if events.contains(&HookEvent::Push))
    ));
    assert!(has(&|fault| matches!(
        fault,
        WebhookFault::NeedlessEvents(_)
    )));
    assert!(
        has(&|fault| matches!(fault, WebhookFault::Inactive)),
        "{:?}",
        report.faults
    );
    assert_eq!(
        has(&|fault| matches!(fault, WebhookFault::Disabled(_))),
        is_gitlab
    );
    assert_eq!(
        has(&|fault| matches!(fault, WebhookFault::NotJson)),
        !is_gitlab
    );

    let repaired = setup
        .forge
        .repair_webhook(&app, &webhook.id, &spec)
        .await
        .expect("a repair");
    let report = setup
        .forge
        .inspect_webhook(&app, &repaired.id, &spec)
        .await
        .expect("a report");
    assert_eq!(report.faults, []);
    let kept = setup.server.webhooks("acme/app");
    assert_eq!(
        kept.len(),
        1,
        "one that GitLab stopped is replaced, not doubled"
    );
    assert_eq!(kept[0].secret.as_deref(), Some(SECRET));
    setup.check_requests();
}

async fn a_webhook_is_removed_once_and_again(setup: Setup) {
    setup.fill("acme/app");
    let (_, webhook) = register(&setup, &receive(&setup)).await;
    let app = path("acme/app");
    for _ in 0..2 {
        setup
            .forge
            .remove_webhook(&app, &webhook.id)
            .await
            .expect("removed, or gone already");
        assert!(setup.server.webhooks("acme/app").is_empty());
    }
    let error = setup
        .forge
        .find_webhook(&app, &webhook.id)
        .await
        .expect_err("it is gone");
    assert!(error.is_not_found());
    // An id that would lead the request to the repository itself.
    for id in ["..", ".", ""] {
        let id = wharf_integrations::forge::WebhookId::new(id);
        let error = setup
            .forge
            .remove_webhook(&app, &id)
            .await
            .expect_err("no id");
        assert!(matches!(error, ForgeError::Word), "{error:?}");
    }
    assert!(setup.forge.find_repository(&app).await.is_ok());
    setup.check_requests();
}

async fn pushes_arrive_signed_and_say_what_changed(setup: Setup) {
    let (repository, [_, second]) = setup.fill("acme/app");
    let receiver = receive(&setup);
    register(&setup, &receiver).await;
    let tree = repository.clone_work_tree();
    tree.switch_to("feature/login");
    let third = tree.commit("the third");
    tree.push(&["feature/login"]);
    let pushed = receiver.take_ref();
    assert_eq!(pushed.reference.as_str(), "refs/heads/feature/login");
    assert_eq!(
        (pushed.before.as_ref(), pushed.pusher.as_deref()),
        (None, Some("ada"))
    );
    assert_eq!(pushed.as_update().new.expect("a commit").as_str(), third);
    assert!(pushed.head.expect("facts").message.starts_with("the third"));

    tree.git(&[
        "commit",
        "--quiet",
        "--amend",
        "--allow-empty",
        "--message",
        "rewritten",
    ]);
    tree.push(&["+feature/login"]);
    let pushed = receiver.take_ref();
    assert_eq!(pushed.before.expect("a commit").as_str(), third);
    assert!(
        pushed.is_forced.unwrap_or(true),
        "GitHub says so, the others say nothing"
    );

    tree.git(&["checkout", "--quiet", &second]);
    tree.tag("v2.0", Some("annotated"));
    tree.push(&["v2.0"]);
    let pushed = receiver.take_ref();
    assert_eq!(pushed.reference.as_str(), "refs/tags/v2.0");
    assert_ne!(
        pushed.after.as_ref().expect("an object").as_str(),
        second,
        "the tag object"
    );
    assert_eq!(pushed.as_update().new.expect("a commit").as_str(), second);

    for (name, full) in [
        ("v2.0", "refs/tags/v2.0"),
        ("feature/login", "refs/heads/feature/login"),
    ] {
        tree.push(&[&format!(":{full}")]);
        let pushed = receiver.take_ref();
        assert_eq!(
            (pushed.reference.short(), pushed.is_deletion()),
            (name, true)
        );
    }
    let repository = setup
        .forge
        .find_repository(&path("acme/app"))
        .await
        .expect("a repository");
    tree.switch_to("main");
    tree.commit("a fourth");
    tree.push(&["main"]);
    let delivery = receiver.take(1).remove(0).expect("a good signature");
    let told = delivery.repository.expect("a repository");
    assert_eq!(
        (told.id.as_deref(), told.path.as_ref()),
        (Some(repository.id.as_str()), Some(&repository.path))
    );
    assert_eq!(told.clone_url.as_ref(), Some(&repository.clone_url));
    setup.check_requests();
}

async fn what_goes_wrong_on_the_way_is_seen(setup: Setup) {
    let (repository, _) = setup.fill("acme/app");
    let receiver = receive(&setup);
    let (spec, webhook) = register(&setup, &receiver).await;
    let tree = repository.clone_work_tree();
    let push = |message: &str| {
        tree.commit(message);
        tree.push(&["main"]);
    };

    setup.server.misbehave(Misbehavior::Duplicate);
    push("twice");
    let twice: Vec<_> = receiver
        .take(2)
        .into_iter()
        .map(|one| one.expect("good").id.expect("an id"))
        .collect();
    assert_eq!(
        twice[0], twice[1],
        "a delivery that comes again is recognized"
    );

    setup.server.misbehave(Misbehavior::Hold);
    push("the first of two");
    push("the second of two");
    assert_eq!(setup.server.release_held(2, true), 2);
    let ids: BTreeSet<_> = receiver
        .take(2)
        .into_iter()
        .map(|one| one.expect("good").id)
        .collect();
    assert_eq!(ids.len(), 2);

    // What is not signed by its content (GitLab's older way) cannot show that a byte changed.
    if setup.forge.kind() != ForgeKind::GitLab {
        setup.server.misbehave(Misbehavior::Corrupt);
        push("spoiled");
        assert_eq!(receiver.take(1), [Err(Rejection::WrongSignature)]);
        setup
            .server
            .wait_for_delivery(|sent| sent.status == Some(401));
        let app = path("acme/app");
        let report = setup
            .forge
            .inspect_webhook(&app, &webhook.id, &spec)
            .await
            .expect("a report");
        if setup.forge.kind() == ForgeKind::GitHub {
            let expected = WebhookFault::LastAttemptFailed {
                status: Some(401),
                outcome: "Invalid HTTP Response: 401".to_owned(),
            };
            assert_eq!(report.faults, [expected]);
        }
    }
    // GitHub and GitLab keep quiet about many tags at once: what the reconciler is for.
    setup.server.misbehave(Misbehavior::None);
    for name in ["a", "b", "c", "d"] {
        tree.tag(name, None);
    }
    tree.push(&["a", "b", "c", "d"]);
    push("after the tags");
    let expected = if setup.forge.kind() == ForgeKind::Gitea {
        5
    } else {
        1
    };
    assert_eq!(receiver.take(expected).len(), expected);
    setup.check_requests();
}

async fn other_events_start_nothing(setup: Setup) {
    setup.fill("acme/app");
    let receiver = receive(&setup);
    register(&setup, &receiver).await;
    let (event, body) = match setup.forge.kind() {
        ForgeKind::GitHub => ("pull_request", payload!("github/pull_request.json")),
        ForgeKind::GitLab => ("Note Hook", payload!("gitlab/note.json")),
        ForgeKind::Gitea => ("pull_request", payload!("gitea/push.json")),
    };
    setup.server.send_event("acme/app", event, body);
    let delivery = receiver.take(1).remove(0).expect("a good signature");
    assert!(matches!(
        delivery.content,
        DeliveryContent::Ignored(IgnoredReason::PullRequest | IgnoredReason::Comment)
    ));
}

#[tokio::test]
async fn a_gitlab_that_can_sign_gets_no_secret_that_it_would_send_along() {
    let setup = Setup::new(wharf_testkit::ForgeProduct::GitLab);
    let (repository, _) = setup.fill("acme/app");
    setup.server.sign_deliveries();
    let receiver = receive(&setup);
    let (spec, webhook) = register(&setup, &receiver).await;
    let kept = setup.server.webhooks("acme/app").remove(0);
    let token = derive_signing_token(&Secret::new(SECRET));
    assert_eq!(
        (kept.secret, kept.signing_token.as_deref()),
        (None, Some(token.expose()))
    );
    assert_eq!(webhook.has_secret, Some(true));
    repository.push_files("main", "signed", &[("a", "b")]);
    receiver.take_ref();
    let sent = setup
        .server
        .wait_for_delivery(|sent| sent.status == Some(200));
    assert!(
        sent.headers
            .iter()
            .all(|(name, _)| name != "X-Gitlab-Token")
    );
    setup.server.misbehave(Misbehavior::Corrupt);
    repository.push_files("main", "spoiled", &[("a", "c")]);
    assert_eq!(receiver.take(1), [Err(Rejection::WrongSignature)]);
    setup
        .server
        .wait_for_delivery(|sent| sent.status == Some(401));
    let report = setup
        .forge
        .inspect_webhook(&path("acme/app"), &webhook.id, &spec)
        .await
        .expect("a report");
    let expected = WebhookFault::LastAttemptFailed {
        status: Some(401),
        outcome: "401".to_owned(),
    };
    assert_eq!(report.faults, [expected]);
    setup.check_requests();
}
