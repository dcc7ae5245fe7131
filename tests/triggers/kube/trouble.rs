//! What goes wrong between here and a cluster.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use serde_json::json;
use wharf_testkit::{
    Kubernetes,
    kube::{Behavior, KubeFault, KubeGate, describe_workload},
};

use super::{need_cluster, need_played};
use crate::stage::{Stage, Way, describe_server, image_of};

const OLD: &str = "registry.example/old:1";

/// Ends what others do when it is dropped.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn a_workload_that_others_change_all_the_time_is_changed_once_and_theirs_is_kept() {
    let cluster = need_cluster!();
    need_played!(cluster.kubelet().is_some());
    let stage = Stage::set(cluster);
    stage.kube.create_workload("deployments", "app", OLD);
    stage.make_trigger("deploy", stage.describe_action("deployment", "app"));
    let is_over = AtomicBool::new(false);
    let (last, digest) = thread::scope(|scope| {
        // Also when the test fails: nobody joins what never ends.
        let end = End(&is_over);
        let others = scope.spawn(|| {
            let mut number = 0_u64;
            while !is_over.load(Ordering::SeqCst) {
                number += 1;
                let patch =
                    json!({ "metadata": { "annotations": { "others": number.to_string() } } });
                stage.kube.merge("deployments", "app", &patch);
                // As often as a busy controller writes.
                thread::sleep(Duration::from_millis(20));
            }
            number
        });
        let digest = stage.push("v1");
        stage.wait_for_success("v1");
        drop(end);
        (others.join().expect("the others are done"), digest)
    });
    let app = stage.kube.read("deployments", "app");
    assert_eq!(image_of(&app, "web"), stage.reference("v1", &digest));
    assert_eq!(app["metadata"]["annotations"]["others"], last.to_string());
}

#[test]
fn a_workload_or_container_that_is_gone_is_recorded_with_its_name() {
    let cluster = need_cluster!();
    need_played!(cluster.kubelet().is_some());
    let stage = Stage::set(cluster);
    stage.kube.create_workload("deployments", "app", OLD);
    stage.make_trigger("deploy", stage.describe_action("deployment", "app"));
    stage.kube.delete("deployments", "app");
    stage.push("v1");
    let ended = stage.wait_for_end("v1");
    assert_eq!(ended["state"], "failed", "{ended:#}");
    assert!(ended.to_string().contains("app"), "{ended:#}");

    // Somebody renames the container.
    let mut app = describe_workload("deployments", "app", OLD);
    app["spec"]["template"]["spec"]["containers"][0]["name"] = json!("site");
    stage.kube.create_object("deployments", &app);
    stage.push("v2");
    let ended = stage.wait_for_end("v2");
    assert_eq!(ended["state"], "failed", "{ended:#}");
    assert!(
        ended.to_string().contains("site"),
        "it says what is there: {ended:#}"
    );

    // Once it is mended, the dead letter can be sent again, under the id that it has.
    stage.kube.delete("deployments", "app");
    stage.kube.create_workload("deployments", "app", OLD);
    let id = ended["id"].as_str().expect("an id");
    let path = stage.path(&format!("/trigger-deliveries/{id}/redeliver"));
    stage
        .api()
        .post(&path, json!({}))
        .expect_one_of(&[200, 202]);
    let again = stage.wait_for_success("v2");
    assert_eq!(again["id"], id);
}

#[test]
fn a_workload_that_is_deleted_in_mid_rollout_ends_the_delivery() {
    let cluster = need_cluster!();
    let stage = Stage::set(cluster);
    need_played!(stage.kube.play_image(&stage.image, Behavior::Waits));
    stage.kube.create_workload("deployments", "app", OLD);
    stage.make_trigger("deploy", stage.describe_action("deployment", "app"));
    stage.push("v1");
    stage.wait_for_delivery("v1", "its rollout is followed", |it| {
        it["state"] == "running" && !it["progress"].is_null()
    });
    stage.kube.delete("deployments", "app");
    let ended = stage.wait_for_end("v1");
    assert_eq!(ended["state"], "failed", "{ended:#}");
}

#[test]
fn rights_that_are_missing_are_named_and_nothing_is_changed() {
    let cluster = need_cluster!();
    let stage = Stage::set(cluster);
    stage.kube.create_workload("deployments", "app", OLD);
    stage.make_trigger("deploy", stage.describe_action("deployment", "app"));
    // Somebody takes the right to change anything.
    let rules = json!({ "rules": [
        { "apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "list"] },
    ] });
    stage.kube.merge("roles", "wharf", &rules);
    stage.push("v1");
    // It is tried again for a day: an administrator may give the right back.
    let denied = stage.wait_for_delivery("v1", "it is denied", |it| it["reason"] == "forbidden");
    assert_eq!(denied["state"], "waiting", "{denied:#}");
    assert!(denied.to_string().contains("deployments"), "{denied:#}");
    let app = stage.kube.read("deployments", "app");
    assert_eq!(image_of(&app, "web"), OLD);
    // A check says which, before anything is pushed.
    let path = format!("/clusters/{}/check", stage.cluster);
    let checked = stage.api().post(&path, json!({})).expect(200).json();
    assert_eq!(checked["ok"], true, "{checked:#}");
    let missing = checked["missing"].to_string();
    assert!(missing.contains("patch deployments"), "{checked:#}");
}

#[test]
fn a_cluster_that_goes_away_in_mid_rollout_and_comes_back_ends_in_a_recorded_success() {
    let mut cluster = match Kubernetes::start() {
        Ok(cluster) => cluster,
        Err(reason) => wharf_testkit::skip!("{reason}"),
    };
    let server = describe_server().start();
    let (image, namespace) = {
        let stage = Stage::set_at(&server, &cluster, &Way::Kubeconfig);
        need_played!(stage.kube.play_image(&stage.image, Behavior::Waits));
        stage.kube.create_workload("deployments", "app", OLD);
        stage.make_trigger("deploy", stage.describe_action("deployment", "app"));
        stage.push("v1");
        stage.wait_for_delivery("v1", "its rollout is followed", |it| {
            it["state"] == "running" && !it["progress"].is_null()
        });
        (stage.image.clone(), stage.kube.name().to_owned())
    };
    cluster.stop_api_server();
    // Another tag's push meanwhile waits for the cluster and is not lost.
    let stage = Stage::enter(&server, &cluster, &image, &namespace);
    let digest = stage.push("v2");
    stage.wait_for_delivery("v2", "it was tried in vain", |it| {
        it["attempt_count"].as_u64().is_some_and(|count| count > 0)
    });
    drop(stage);
    cluster.start_api_server();
    let stage = Stage::enter(&server, &cluster, &image, &namespace);
    need_played!(stage.kube.play_image(&image, Behavior::Runs));
    stage.wait_for_success("v2");
    let first = stage.wait_for_end("v1");
    assert!(
        ["succeeded", "superseded"].contains(&first["state"].as_str().unwrap_or_default()),
        "{first:#}"
    );
    let app = stage.kube.wait_for_rollout("app");
    assert_eq!(image_of(&app, "web"), stage.reference("v2", &digest));
}

#[test]
fn f49_an_api_server_that_conflicts_fails_hangs_and_loses_answers_gets_one_patch_and_its_status_is_seen()
 {
    let cluster = need_cluster!();
    need_played!(cluster.kubelet().is_some());
    let gate = KubeGate::open(cluster);
    let stage = Stage::set_behind(&gate, cluster);
    let before = stage.kube.create_workload("deployments", "app", OLD);
    stage.kube.wait_for_rollout("app");
    stage.make_trigger("deploy", stage.describe_action("deployment", "app"));
    let path = format!("{}/app", stage.kube.path("deployments"));
    gate.fail("GET", &path, 1, KubeFault::Status(503));
    gate.fail("PATCH", &path, 1, KubeFault::Status(409));
    // What would happen is asked for first.
    gate.fail("PATCH", &path, 1, KubeFault::None);
    gate.fail("PATCH", &path, 1, KubeFault::Status(503));
    // What was done although nobody was told must not be done again.
    gate.fail("PATCH", &path, 1, KubeFault::LostAnswer);
    let digest = stage.push("v1");
    let ended = stage.wait_for_end("v1");
    assert!(
        ["succeeded", "unchanged"].contains(&ended["state"].as_str().unwrap_or_default()),
        "{ended:#}"
    );
    let app = stage.kube.wait_for_rollout("app");
    assert_eq!(image_of(&app, "web"), stage.reference("v1", &digest));
    let generation = |it: &serde_json::Value| it["metadata"]["generation"].as_u64();
    assert_eq!(
        generation(&app),
        generation(&before).map(|it| it + 1),
        "one change of what is to run: {app:#}"
    );
    // Each attempt is in the log with what came back.
    let attempts = ended["attempts"].as_array().expect("attempts");
    assert!(attempts.len() > 1, "{ended:#}");
    assert!(ended.to_string().contains("503"), "{ended:#}");
    // A partial rollout is what it is: seen while it lasts, and a success only at its end.
    need_played!(stage.kube.play_image(":v2", Behavior::Waits));
    gate.fail("GET", &path, 1, KubeFault::Status(504));
    stage.push("v2");
    stage.wait_for_delivery("v2", "its rollout is followed", |it| {
        it["state"] == "running" && it["progress"]["message"].is_string()
    });
    gate.fail("GET", &path, 2, KubeFault::Status(429));
    need_played!(stage.kube.play_image(":v2", Behavior::Runs));
    stage.wait_for_success("v2");
}

#[test]
fn a_cluster_that_does_not_answer_holds_nothing_else_up() {
    let cluster = need_cluster!();
    need_played!(cluster.kubelet().is_some());
    let gate = KubeGate::open(cluster);
    let (slow, quick) = (Stage::set_behind(&gate, cluster), Stage::set(cluster));
    for stage in [&slow, &quick] {
        stage.kube.create_workload("deployments", "app", OLD);
        stage.make_trigger("deploy", stage.describe_action("deployment", "app"));
    }
    let path = slow.kube.path("deployments");
    gate.fail("GET", &path, 1, KubeFault::Hang);
    slow.push("v1");
    wharf_tests::wait_until("the slow one was asked", || gate.count("GET", &path) > 0);
    quick.push("v1");
    quick.wait_for_success("v1");
    let waiting = slow.find_delivery("v1").expect("it is in the log");
    assert!(waiting["ended_at"].is_null(), "{waiting:#}");
}
