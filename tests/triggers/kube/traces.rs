//! What a cluster answers at this moment: what runs where, and what would happen.

use serde_json::{Value, json};

use super::{need_cluster, need_played};
use crate::stage::{Stage, image_of, name_of};

const OLD: &str = "registry.example/old:1";

#[test]
fn a_trace_tells_what_runs_where_now_whoever_rolled_it_out() {
    let cluster = need_cluster!();
    need_played!(cluster.kubelet().is_some());
    let stage = Stage::set(cluster);
    stage.kube.create_workload("deployments", "app", OLD);
    stage.make_trigger("deploy", stage.describe_action("deployment", "app"));
    let first = stage.push("v1");
    stage.wait_for_success("v1");
    let trace = |reference: &str| {
        let path = stage.path(&format!("/trace/{reference}"));
        stage.api().get(&path).expect(200).json()
    };
    let traced = trace("v1");
    assert_eq!(traced["digest"], first);
    assert_eq!(traced["deliveries"][0]["state"], "succeeded", "{traced:#}");
    let running = &traced["running"][0];
    assert_eq!(running["cluster"], stage.cluster, "{traced:#}");
    assert_eq!(running["cluster_namespace"], stage.kube.name());
    let at = (
        &running["kind"],
        &running["workload"],
        &running["container"],
    );
    assert_eq!(at, (&json!("Deployment"), &json!("app"), &json!("web")));
    assert_eq!(running["image"], stage.reference("v1", &first));

    // Somebody else, by hand; the trigger is off.
    let off = json!({ "enabled": false });
    stage
        .api()
        .patch(&stage.path("/triggers/deploy"), off)
        .expect(200);
    let second = stage.push("v2");
    let image = format!("{}/{}:v2@{second}", name_of(stage.server), stage.image);
    stage
        .kube
        .create_workload("statefulsets", "by-hand", &image);
    stage
        .kube
        .wait_for("statefulsets", "by-hand", "it runs", |it| {
            it["status"]["readyReplicas"] == 2
        });
    let traced = trace("v2");
    let running = traced["running"].as_array().expect("what runs");
    let runs = |workload: &str| -> &Value {
        let mut all = running.iter();
        let found = all.find(|it| it["workload"] == workload);
        found.unwrap_or_else(|| panic!("{workload} runs: {traced:#}"))
    };
    assert_eq!(
        (&runs("by-hand")["pods"], &runs("by-hand")["image"]),
        (&json!(2), &json!(image))
    );
    assert_eq!(runs("by-hand")["kind"], "StatefulSet", "{traced:#}");
    assert_eq!(
        runs("app")["image"],
        stage.reference("v1", &first),
        "the other one is told too"
    );
    stage.kube.delete("deployments", "app");
    stage.kube.delete("statefulsets", "by-hand");
    wharf_tests::wait_until("nothing runs", || {
        trace("v2")["running"].as_array().is_some_and(Vec::is_empty)
    });
}

#[test]
fn a_dry_run_is_judged_by_the_cluster_and_changes_nothing() {
    let cluster = need_cluster!();
    let stage = Stage::set(cluster);
    stage.server.set_visibility(&stage.image, true);
    let before = stage.kube.create_workload("deployments", "app", OLD);
    let action = stage.describe_action("deployment", "app");
    let body = json!({ "name": "deploy", "condition": { "kind": "tags", "text": "never" },
        "actions": [action] });
    let made = stage.api().post(&stage.path("/triggers"), body).expect(201);
    let made = made.json();
    let id = made["actions"][0]["id"].as_str().expect("an id");
    let path = stage.path(&format!("/triggers/deploy/actions/{id}/dry-run"));
    let digest = stage.push("v1");
    let tried = stage
        .api()
        .post(&path, json!({ "tag": "v1" }))
        .expect(200)
        .json();
    let told = (
        &tried["before"],
        &tried["after"],
        &tried["changes"],
        &tried["warning"],
    );
    let wanted = stage.reference("v1", &digest);
    assert_eq!(
        told,
        (&json!(OLD), &json!(wanted), &json!(true), &Value::Null)
    );
    let after = stage.kube.read("deployments", "app");
    assert_eq!(image_of(&after, "web"), OLD);
    assert_eq!(
        after["metadata"]["generation"],
        before["metadata"]["generation"]
    );
    // What it would refuse is refused here too.
    let no_patch = json!({ "rules": [
        { "apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "list"] },
    ] });
    stage.kube.merge("roles", "wharf", &no_patch);
    wharf_tests::wait_until("it is denied", || {
        let tried = stage.api().post(&path, json!({ "tag": "v1" }));
        tried.status == 502 && tried.text().contains("cannot patch resource")
    });
    stage
        .api()
        .post(&path, json!({ "tag": "v2" }))
        .expect_problem(400, "invalid_field");
}
