//! Rollouts that come to their end, and those that do not: the log says which, and why.

use serde_json::json;
use wharf_testkit::kube::{Behavior, describe_workload};

use super::{need_cluster, need_played};
use crate::stage::{Stage, image_of};

/// What runs before anything was pushed: played containers run it, and nobody asks for it.
const OLD: &str = "registry.example/old:1";

#[test]
fn every_kind_of_workload_and_init_containers_run_the_new_image() {
    let cluster = need_cluster!();
    need_played!(cluster.kubelet().is_some());
    let stage = Stage::set(cluster);
    for (kinds, kind) in [
        ("deployments", "deployment"),
        ("statefulsets", "statefulset"),
        ("daemonsets", "daemonset"),
        ("cronjobs", "cronjob"),
    ] {
        stage.kube.create_workload(kinds, kind, OLD);
        stage.make_trigger(kind, stage.describe_action(kind, kind));
    }
    let mut with_init = describe_workload("deployments", "first", OLD);
    with_init["spec"]["template"]["spec"]["initContainers"] =
        json!([{ "name": "migrate", "image": OLD }]);
    stage.kube.create_object("deployments", &with_init);
    let mut action = stage.describe_action("deployment", "first");
    action["container"] = json!("migrate");
    stage.make_trigger("first", action);
    stage.kube.wait_for_rollout("deployment");

    let digest = stage.push("v1");
    let triggers = ["deployment", "statefulset", "daemonset", "cronjob", "first"];
    for ended in stage.wait_for_ends("v1", &triggers) {
        assert_eq!(ended["state"], "succeeded", "{ended:#}");
    }
    let wanted = stage.reference("v1", &digest);
    for (kinds, name, container) in [
        ("deployments", "deployment", "web"),
        ("statefulsets", "statefulset", "web"),
        ("daemonsets", "daemonset", "web"),
        ("cronjobs", "cronjob", "web"),
        ("deployments", "first", "migrate"),
    ] {
        let workload = stage.kube.read(kinds, name);
        assert_eq!(image_of(&workload, container), wanted, "{workload:#}");
    }
    let first = stage.kube.read("deployments", "first");
    assert_eq!(image_of(&first, "web"), OLD, "the other container is left");
    // A recorded success is a rollout that is over, not one that was begun.
    let set = stage.kube.read("statefulsets", "statefulset");
    assert_eq!(set["status"]["updatedReplicas"], 2, "{set:#}");
    let daemon = stage.kube.read("daemonsets", "daemonset");
    assert_eq!(
        daemon["status"]["updatedNumberScheduled"], daemon["status"]["desiredNumberScheduled"],
        "{daemon:#}"
    );
}

#[test]
fn an_image_that_cannot_be_pulled_fails_with_the_reason_and_the_last_events() {
    let cluster = need_cluster!();
    let stage = Stage::set(cluster);
    // On somebody's own cluster nodes cannot pull from a server on this machine either.
    let _ = stage.kube.play_image(&stage.image, Behavior::NotPulled);
    let mut app = describe_workload("deployments", "app", OLD);
    app["spec"]["progressDeadlineSeconds"] = json!(5);
    stage.kube.create_object("deployments", &app);
    let mut action = stage.describe_action("deployment", "app");
    action["timeout_seconds"] = json!(30);
    stage.make_trigger("deploy", action);
    stage.push("v1");
    let ended = stage.wait_for_end("v1");
    assert_eq!(ended["state"], "failed", "{ended:#}");
    assert_eq!(ended["reason"], "image_pull", "{ended:#}");
    assert!(
        ended["message"].is_string(),
        "a sentence for people: {ended:#}"
    );
    let events = ended["progress"]["trouble"]["events"].to_string();
    assert!(
        events.contains("pull"),
        "the cluster's own words: {ended:#}"
    );
}

#[test]
fn a_crash_loop_fails_with_its_name_in_every_kind_that_keeps_pods() {
    let cluster = need_cluster!();
    let stage = Stage::set(cluster);
    need_played!(stage.kube.play_image(&stage.image, Behavior::Crashes));
    for (kinds, kind) in [
        ("deployments", "deployment"),
        ("statefulsets", "statefulset"),
        ("daemonsets", "daemonset"),
    ] {
        let mut workload = describe_workload(kinds, kind, OLD);
        if kind == "deployment" {
            workload["spec"]["progressDeadlineSeconds"] = json!(5);
        }
        stage.kube.create_object(kinds, &workload);
    }
    stage.kube.wait_for_rollout("deployment");
    for kind in ["deployment", "statefulset", "daemonset"] {
        let mut action = stage.describe_action(kind, kind);
        action["timeout_seconds"] = json!(10);
        stage.make_trigger(kind, action);
    }
    stage.push("v1");
    for ended in stage.wait_for_ends("v1", &["deployment", "statefulset", "daemonset"]) {
        assert_eq!(ended["state"], "failed", "{ended:#}");
        assert_eq!(ended["reason"], "crash_loop", "{ended:#}");
        assert!(
            ended["message"].is_string(),
            "a sentence for people: {ended:#}"
        );
        let events = ended["progress"]["trouble"]["events"].to_string();
        assert!(events.contains("Back-off restarting"), "{ended:#}");
    }
}

#[test]
fn progress_is_seen_while_a_rollout_is_under_way() {
    let cluster = need_cluster!();
    let stage = Stage::set(cluster);
    need_played!(stage.kube.play_image(&stage.image, Behavior::NeverReady));
    stage.kube.create_workload("deployments", "app", OLD);
    stage.kube.wait_for_rollout("app");
    stage.make_trigger("deploy", stage.describe_action("deployment", "app"));
    stage.push("v1");
    let running = stage.wait_for_delivery("v1", "its progress is told", |it| {
        it["state"] == "running" && it["progress"]["message"].is_string()
    });
    assert!(running["ended_at"].is_null(), "{running:#}");
    need_played!(stage.kube.play_image(&stage.image, Behavior::Runs));
    stage.wait_for_success("v1");
}

#[test]
fn a_rollout_that_fails_is_rolled_back_when_the_trigger_says_so() {
    let cluster = need_cluster!();
    let stage = Stage::set(cluster);
    need_played!(stage.kube.play_image(":bad", Behavior::Crashes));
    for (kinds, kind) in [
        ("deployments", "deployment"),
        ("statefulsets", "statefulset"),
        ("daemonsets", "daemonset"),
    ] {
        let mut workload = describe_workload(kinds, kind, OLD);
        if kind == "deployment" {
            workload["spec"]["progressDeadlineSeconds"] = json!(5);
        }
        stage.kube.create_object(kinds, &workload);
        let mut action = stage.describe_action(kind, kind);
        action["rollback"] = json!(true);
        action["timeout_seconds"] = json!(10);
        stage.make_trigger(kind, action);
    }
    stage.kube.wait_for_rollout("deployment");
    stage.push("bad");
    let kinds = ["deployment", "statefulset", "daemonset"];
    for ended in stage.wait_for_ends("bad", &kinds) {
        assert_eq!(ended["state"], "failed", "{ended:#}");
        assert_eq!(ended["progress"]["previous"], OLD, "{ended:#}");
        // A StatefulSet waits for the pod that is broken before it makes it anew, also from what was put back
        // (kubernetes.io, "StatefulSets", "Forced rollback"): somebody has to delete that pod, and the log says so.
        let reason = match ended["trigger"] == "statefulset" {
            true => "rollback_failed",
            false => "crash_loop",
        };
        assert_eq!(ended["reason"], reason, "{ended:#}");
        assert!(ended.to_string().contains("exit code 1"), "{ended:#}");
    }
    for (kinds, kind) in [
        ("deployments", "deployment"),
        ("statefulsets", "statefulset"),
        ("daemonsets", "daemonset"),
    ] {
        let workload = stage.kube.read(kinds, kind);
        assert_eq!(image_of(&workload, "web"), OLD, "{workload:#}");
    }
    stage.kube.wait_for_rollout("deployment");
    for pod in stage.kube.list("pods") {
        let name = pod["metadata"]["name"].as_str().expect("a name");
        if pod["status"]["containerStatuses"][0]["ready"] != true {
            stage.kube.delete("pods", name);
        }
    }
    // What comes next is no worse off for it.
    let digest = stage.push("good");
    for ended in stage.wait_for_ends("good", &kinds) {
        assert_eq!(ended["state"], "succeeded", "{ended:#}");
    }
    let app = stage.kube.wait_for_rollout("deployment");
    assert_eq!(image_of(&app, "web"), stage.reference("good", &digest));
}
