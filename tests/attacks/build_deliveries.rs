//! What code hosts tell, or somebody in their name: twice, late, and about others.

use reqwest::Method;
use serde_json::{Value, json};
use wharf_testkit::{
    Answer, ForgeProduct, ForgeServer, Login, Server,
    forges::{Misbehavior, RegisteredHook, SentDelivery},
};
use wharf_tests::wait_until;

use crate::tenant::{Tenant, start_server};

fn decisions_of(tenant: &Tenant) -> Vec<Value> {
    let path = tenant.path("/rules/main/decisions");
    tenant.api.read_all(&path, 1000)
}

fn wait_for_decision(tenant: &Tenant, new: &str) {
    wait_until("the push is decided", || {
        decisions_of(tenant).iter().any(|made| made["new"] == new)
    });
}

fn builds_of(tenant: &Tenant, commit: &str) -> usize {
    let builds = tenant.api.read_all(&tenant.path("/builds"), 1000);
    builds.iter().filter(|it| it["commit"] == commit).count()
}

#[test]
fn f48_deliveries_twice_and_in_any_order_build_each_commit_once_and_end_at_the_head() {
    let (server, host) = (start_server(), ForgeServer::start(ForgeProduct::GitLab));
    let tenant = Tenant::create(&server, &host);
    let push = |message: &str| tenant.code.push_files("main", message, &[("a", message)]);
    host.misbehave(Misbehavior::Duplicate);
    let twice = push("twice");
    wait_for_decision(&tenant, &twice);
    let about = |commit: &str| {
        let named = |it: &SentDelivery| String::from_utf8_lossy(&it.body).contains(commit);
        host.deliveries()
            .into_iter()
            .filter(named)
            .collect::<Vec<_>>()
    };
    wait_until("both were answered", || about(&twice).len() == 2);
    for sent in about(&twice) {
        host.send_again(&sent);
    }
    assert!(about(&twice).iter().all(|sent| sent.status == Some(200)));
    assert_eq!(builds_of(&tenant, &twice), 1);

    host.misbehave(Misbehavior::Hold);
    let pushed: Vec<_> = ["one", "two", "three"].map(push).into();
    assert_eq!(host.release_held(3, true), 3);
    let last = &pushed[2];
    wait_for_decision(&tenant, last);
    assert_eq!(builds_of(&tenant, last), 1);
    for commit in &pushed {
        assert!(builds_of(&tenant, commit) <= 1, "{commit}");
    }
    // The newest decision that moved the ref is the head's, whatever came late.
    let head = decisions_of(&tenant)
        .into_iter()
        .find(|it| it["decision"] == "built");
    assert_eq!(head.expect("a decision")["new"], *last);

    // A push back is a push like any other: it is built again.
    host.misbehave(Misbehavior::None);
    let tree = tenant.code.clone_work_tree();
    tree.git(&[
        "push",
        "--force",
        "origin",
        &format!("{twice}:refs/heads/main"),
    ]);
    wait_until("the push back is built", || builds_of(&tenant, &twice) == 2);
}

/// Posts a delivery as it stands.
fn post(server: &Server, hook: &RegisteredHook, headers: &[(&str, &str)], body: &str) -> Answer {
    let path = hook
        .url
        .strip_prefix(server.url())
        .expect("a webhook of ours");
    let client = server.registry(&Login::Anonymous);
    let mut request = client.request(Method::POST, path);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.body(body.to_owned()).send()
}

#[test]
fn h61_a_signed_delivery_that_is_older_than_five_minutes_is_refused() {
    let (server, host) = (start_server(), ForgeServer::start(ForgeProduct::GitLab));
    host.sign_deliveries();
    let tenant = Tenant::create(&server, &host);
    let hook = host.webhooks(&tenant.remote)[0].clone();
    let body = json!({ "object_kind": "note" }).to_string();
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("a time after 1970")
        .as_secs();
    let send = |id: &str, time: u64| {
        let time = time.to_string();
        let signature = host.sign_at(&hook, id, &time, body.as_bytes());
        let headers = [
            ("content-type", "application/json"),
            ("x-gitlab-event", "Note Hook"),
            ("x-gitlab-event-uuid", id),
            ("idempotency-key", id),
            ("webhook-id", id),
            ("webhook-timestamp", time.as_str()),
            ("webhook-signature", signature.as_str()),
        ];
        post(&server, &hook, &headers, &body)
    };
    for (id, time) in [("1", now - 301 - 60), ("2", now + 301 + 60), ("3", 0)] {
        let refused = send(id, time);
        assert_eq!(refused.status, 401, "{id}: {}", refused.describe());
    }
    let taken = send("4", now);
    assert_eq!(taken.status, 200, "{}", taken.describe());
    let listed = format!(
        "/sources/{}/webhooks/{}/deliveries",
        tenant.source, tenant.webhook
    );
    let listed = tenant.api.get(&listed).expect(200).json();
    assert_eq!(
        listed["items"].as_array().map(Vec::len),
        Some(1),
        "{listed}"
    );
}

#[test]
fn c29_a_fork_a_comment_and_a_request_of_somebody_named_like_the_owner_start_nothing() {
    let (server, host) = (start_server(), ForgeServer::start(ForgeProduct::GitLab));
    let tenant = Tenant::create(&server, &host);
    let (decided, built) = (
        decisions_of(&tenant).len(),
        tenant.api.read_all(&tenant.path("/builds"), 1000).len(),
    );
    let known = host.deliveries().len();
    let commit = "1".repeat(40);
    for (event, kind) in [
        ("Note Hook", "note"),
        ("Merge Request Hook", "merge_request"),
        ("Job Hook", "build"),
        ("Pipeline Hook", "pipeline"),
    ] {
        let body = json!({
            "object_kind": kind, "ref": "refs/heads/main", "after": commit, "user_username": tenant.person.username,
            "user": { "username": tenant.person.username },
            "object_attributes": {
                "source_branch": "main", "target_branch": "main", "last_commit": {
                    "id": commit, "message": "trust me", "author": { "name": tenant.person.username },
                },
            },
        });
        host.send_event(&tenant.remote, event, &body.to_string());
    }
    let sent = host.deliveries().split_off(known);
    assert_eq!(sent.len(), 4);
    for sent in &sent {
        assert_eq!(sent.status, Some(200), "{}", sent.event);
    }
    assert_eq!(decisions_of(&tenant).len(), decided);
    let builds = tenant.api.read_all(&tenant.path("/builds"), 1000);
    assert_eq!(builds.len(), built);
    // Somebody who may build can have it built by hand, as what nobody vouches for.
    let start = json!({ "rule": "main", "commit": commit });
    let loose = tenant.api.post(&tenant.path("/builds"), start);
    let loose = loose.expect(201).json();
    assert_eq!(loose["trust"], "loose", "{loose}");
    let start = json!({ "rule": "main", "commit": commit, "version": "main" });
    let refused = tenant.api.post(&tenant.path("/builds"), start);
    let refused = refused.expect_problem(400, "invalid_field").json();
    assert_eq!(refused["params"]["reason"], "tag_of_rule", "{refused}");
}
