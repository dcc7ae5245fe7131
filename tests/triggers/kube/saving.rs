//! A trigger that is saved says what speaks against it, and does not have to be told what the cluster knows.

use serde_json::{Value, json};
use wharf_testkit::kube::{KubeFault, KubeGate, describe_workload};

use super::need_cluster;
use crate::stage::Stage;

const OLD: &str = "registry.example/old:1";

fn save(stage: &Stage<'_>, name: &str, action: Value) -> Value {
    let body = json!({ "name": name, "actions": [action] });
    let saved = stage.api().post(&stage.path("/triggers"), body);
    saved.expect(201).json()
}

/// The codes of what speaks against it.
fn codes_of(saved: &Value) -> Vec<&str> {
    let warnings = saved["warnings"].as_array().expect("warnings");
    let codes = warnings
        .iter()
        .map(|it| it["code"].as_str().expect("a code"));
    codes.collect()
}

#[test]
fn what_is_not_there_and_what_cannot_be_pulled_is_said_with_what_to_do() {
    let cluster = need_cluster!();
    let stage = Stage::set(cluster);
    stage.server.set_visibility(&stage.image, true);
    let missing = save(
        &stage,
        "missing",
        stage.describe_action("deployment", "app"),
    );
    assert_eq!(codes_of(&missing), ["workload_missing"], "{missing:#}");
    let hint = missing["warnings"][0]["hint"].to_string();
    assert!(hint.contains("wharf cluster workloads"), "{hint}");
    assert_eq!(
        missing["warnings"][0]["action"],
        missing["actions"][0]["id"]
    );

    stage.kube.create_workload("deployments", "app", OLD);
    let mut action = stage.describe_action("deployment", "app");
    action["container"] = json!("side");
    let other = save(&stage, "other", action);
    assert_eq!(codes_of(&other), ["container_missing"], "{other:#}");
    assert_eq!(other["warnings"][0]["detail"], "web", "what is there");
    let fine = save(&stage, "fine", stage.describe_action("deployment", "app"));
    assert!(codes_of(&fine).is_empty(), "{fine:#}");

    stage.server.set_visibility(&stage.image, false);
    let private = save(
        &stage,
        "private",
        stage.describe_action("deployment", "app"),
    );
    assert_eq!(codes_of(&private), ["missing_pull_secret"], "{private:#}");
    let request = private["warnings"][0]["request"].as_str();
    let request = request.expect("the request that mends it");
    let written = stage.api().post(request, json!({ "robot": "nodes" }));
    written.expect_one_of(&[200, 201]);
    // An edit of the actions looks again; any other does not ask the cluster.
    let path = stage.path("/triggers/private");
    let same = json!({ "actions": [{
        "id": private["actions"][0]["id"], "kind": "workload", "cluster": stage.cluster,
        "cluster_namespace": stage.kube.name(), "workload_kind": "deployment", "workload": "app",
        "container": "web",
    }] });
    let edited = stage.api().patch(&path, same).expect(200).json();
    assert!(codes_of(&edited).is_empty(), "{edited:#}");
    stage.kube.delete("deployments", "app");
    let off = stage.api().patch(&path, json!({ "enabled": false }));
    assert!(codes_of(&off.expect(200).json()).is_empty());
}

#[test]
fn whether_it_is_an_init_container_is_read_from_the_cluster() {
    let cluster = need_cluster!();
    let stage = Stage::set(cluster);
    stage.server.set_visibility(&stage.image, true);
    let mut app = describe_workload("deployments", "app", OLD);
    app["spec"]["template"]["spec"]["initContainers"] = json!([{ "name": "setup", "image": OLD }]);
    stage.kube.create_object("deployments", &app);
    let mut action = stage.describe_action("deployment", "app");
    action["container"] = json!("setup");
    let saved = save(&stage, "first", action);
    assert_eq!(saved["actions"][0]["init"], true, "{saved:#}");
    let mut action = stage.describe_action("deployment", "app");
    action["init"] = json!(true);
    let saved = save(&stage, "main", action);
    assert_eq!(
        saved["actions"][0]["init"], false,
        "the cluster knows better"
    );
}

#[test]
fn a_cluster_that_does_not_answer_or_denies_is_a_warning_and_no_refusal() {
    let cluster = need_cluster!();
    let gate = KubeGate::open(cluster);
    let stage = Stage::set_behind(&gate, cluster);
    stage.kube.create_workload("deployments", "app", OLD);
    let path = format!("{}/app", stage.kube.path("deployments"));
    for (name, fault, code) in [
        ("hung", KubeFault::Hang, "cluster_silent"),
        ("broken", KubeFault::Status(503), "cluster_silent"),
        ("denied", KubeFault::Status(403), "workload_unreadable"),
    ] {
        gate.fail("GET", &path, 1, fault);
        let saved = save(&stage, name, stage.describe_action("deployment", "app"));
        assert_eq!(codes_of(&saved), [code], "{saved:#}");
        let api = stage.api();
        api.get(&stage.path(&format!("/triggers/{name}")))
            .expect(200);
    }
}
