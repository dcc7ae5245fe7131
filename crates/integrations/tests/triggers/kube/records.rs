//! What was asked and answered is kept as it was, without the credential.

use crate::kube::bench::{Bench, OLD, need_bench, pause};
use serde_json::{Value, json};
use wharf_integrations::target::kubernetes::{
    ClusterCredential, ClusterError, ClusterExchange, PatchOptions, RolledBack,
};
use wharf_model::triggers::WorkloadKind;
use wharf_testkit::kube::{KubeFault, KubeGate, describe_workload};

/// Nothing of the credential is in it.
#[track_caller]
fn check_hidden(bench: &Bench, exchange: &ClusterExchange) {
    let ClusterCredential::Token(token) = &bench.access.credential else {
        panic!("the account has a token");
    };
    assert!(!format!("{exchange:?}").contains(token.expose()));
    let authorization = ("authorization".to_owned(), "********".to_owned());
    assert!(exchange.request.headers.contains(&authorization));
}

fn read(body: &str) -> Value {
    serde_json::from_str(body).expect("JSON")
}

#[test]
fn a_patch_and_its_answer_are_kept_and_a_rollback_too() {
    let bench = need_bench!();
    let mut object = describe_workload("deployments", "app", OLD);
    object["spec"]["replicas"] = json!(0);
    object["spec"]["template"]["spec"]["containers"][0]["env"] =
        json!([{ "name": "PASSWORD", "value": "hush-hush" }]);
    bench.space.create_object("deployments", &object);
    let target = bench.target(WorkloadKind::Deployment, "app");
    let (cluster, record) = bench.cluster.record();
    assert_eq!(record.last(), None);
    let options = PatchOptions::default();
    let patched = bench.ask(cluster.set_image(&target, &pause("3.10"), &options));
    let patched = patched.expect("it is set");
    let exchange = record.last().expect("an exchange");
    check_hidden(&bench, &exchange);
    assert_eq!(exchange.request.method, "PATCH");
    let path = format!("{}/app?fieldManager=wharf", bench.space.path("deployments"));
    let base = bench.kube.url().trim_end_matches('/');
    assert_eq!(exchange.request.url, format!("{base}{path}"));
    let image = |object: &Value| object["spec"]["template"]["spec"]["containers"][0].clone();
    let sent = read(&exchange.request.body);
    assert_eq!(image(&sent)["image"], pause("3.10").to_string());
    let response = exchange.response.expect("an answer");
    assert_eq!((response.status, response.is_cut), (200, false));
    let answered = image(&read(&response.body));
    assert_eq!(answered["image"], pause("3.10").to_string());
    assert_eq!(answered["env"][0]["name"], "PASSWORD");
    assert!(!response.body.contains("hush-hush"), "{}", response.body);
    assert!(!exchange.timings.waited.is_zero());

    let back = bench.ask(cluster.roll_back(&target, &pause("3.10"), &patched.previous));
    assert!(matches!(back, Ok(RolledBack::Done { .. })));
    let exchange = record.last().expect("an exchange");
    assert_eq!(image(&read(&exchange.request.body))["image"], OLD);

    // Who did not ask to have it kept keeps nothing.
    bench.set(&target, &pause("3.10")).expect("it is set");
    assert_eq!(record.last(), Some(exchange));
}

#[test]
fn refusals_conflicts_and_answers_that_never_came_are_kept() {
    let bench = need_bench!();
    bench.space.create_workload("cronjobs", "app", OLD);
    let gate = KubeGate::open(bench.kube);
    let (cluster, record) = bench.open_by(&gate).record();
    let options = PatchOptions::default();
    let set = |name: &str| {
        let target = bench.target(WorkloadKind::CronJob, name);
        let error = bench.ask(cluster.set_image(&target, &pause("3.10"), &options));
        let exchange = record.last().expect("an exchange");
        check_hidden(&bench, &exchange);
        (error.expect_err("it fails"), exchange)
    };
    let (error, missing) = set("nobody");
    assert!(error.is_not_found());
    assert_eq!(missing.request.method, "GET");
    let response = missing.response.expect("an answer");
    assert_eq!(response.status, 404);
    assert_eq!(read(&response.body)["reason"], "NotFound");

    gate.fail("PATCH", "/cronjobs/app", 1000, KubeFault::Status(409));
    let (error, conflict) = set("app");
    assert!(matches!(error, ClusterError::Conflict { .. }));
    assert_eq!(conflict.request.method, "PATCH");
    assert!(conflict.request.url.starts_with(&gate.url()));
    assert_eq!(conflict.response.expect("an answer").status, 409);

    let gate = KubeGate::open(bench.kube);
    let (cluster, record) = bench.open_by(&gate).record();
    gate.fail("PATCH", "/cronjobs/app", 1, KubeFault::LostAnswer);
    let target = bench.target(WorkloadKind::CronJob, "app");
    let lost = bench.ask(cluster.set_image(&target, &pause("3.10"), &options));
    lost.expect_err("nobody answered");
    let exchange = record.last().expect("an exchange");
    assert_eq!(
        (exchange.request.method.as_str(), exchange.response),
        ("PATCH", None)
    );
    assert!(!exchange.timings.waited.is_zero());
}

#[test]
fn what_is_denied_is_kept_with_the_clusters_own_words() {
    let bench = need_bench!();
    bench.space.create_workload("cronjobs", "app", OLD);
    let rules = json!({ "rules": [
        { "apiGroups": ["batch"], "resources": ["cronjobs"], "verbs": ["get", "list"] },
    ] });
    bench.space.merge("roles", "wharf", &rules);
    let target = bench.target(WorkloadKind::CronJob, "app");
    let (cluster, record) = bench.cluster.record();
    let options = PatchOptions {
        dry_run: true,
        ..PatchOptions::default()
    };
    // Authorizers hear of roles a moment later.
    bench.wait("it is denied", || {
        let denied = bench.ask(cluster.set_image(&target, &pause("3.10"), &options));
        denied.is_err_and(|error| error.is_forbidden())
    });
    let exchange = record.last().expect("an exchange");
    check_hidden(&bench, &exchange);
    assert!(exchange.request.url.contains("dryRun=All"), "{exchange:?}");
    let response = exchange.response.expect("an answer");
    assert_eq!(response.status, 403);
    let said = read(&response.body)["message"].to_string();
    assert!(said.contains("cannot patch resource"), "{said}");
}
