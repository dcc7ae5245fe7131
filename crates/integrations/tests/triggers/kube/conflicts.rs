//! Others change the same workload at the same time, answers get lost, the API server fails for a while.

use crate::kube::bench::{OLD, need_bench, pause};
use serde_json::json;
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use wharf_integrations::target::kubernetes::{ClusterError, PatchOptions, RolloutState};
use wharf_model::triggers::WorkloadKind;
use wharf_testkit::kube::{KubeFault, KubeGate, describe_workload};

/// Without pods, so that only the test changes it.
fn describe_idle() -> serde_json::Value {
    let mut object = describe_workload("deployments", "app", OLD);
    object["spec"]["replicas"] = json!(0);
    object
}

#[test]
fn no_change_of_somebody_else_is_lost() {
    let bench = need_bench!();
    bench.space.create_object("deployments", &describe_idle());
    let target = bench.target(WorkloadKind::Deployment, "app");
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (is_over, space) = (&is_over, &bench.space);
        let other = scope.spawn(move || {
            let mut count = 0;
            while count < 5 || !is_over.load(Ordering::SeqCst) {
                count += 1;
                let patch = json!({"metadata": {"labels": {format!("l{count}"): "x"}}});
                space.merge("deployments", "app", &patch);
                // Whoever writes without a pause wins each race on a fast machine, for as long as they like.
                std::thread::sleep(Duration::from_millis(20));
            }
            count
        });
        let patched = bench.set(&target, &pause("3.10"));
        // Before anything that may fail: the other one ends with it.
        is_over.store(true, Ordering::SeqCst);
        let patched = patched.expect("it is set in between");
        assert!(patched.is_changed);
        let count = other.join().expect("the other one");
        let after = space.read("deployments", "app");
        let image = &after["spec"]["template"]["spec"]["containers"][0]["image"];
        assert_eq!(*image, pause("3.10").to_string());
        for number in 1..=count {
            assert_eq!(after["metadata"]["labels"][format!("l{number}")], "x");
        }
    });
}

#[test]
fn a_conflict_is_tried_again_after_reading_again_and_not_for_ever() {
    let bench = need_bench!();
    // Nobody else writes to it: only the gate makes conflicts.
    bench.space.create_workload("cronjobs", "app", OLD);
    let target = bench.target(WorkloadKind::CronJob, "app");
    let gate = KubeGate::open(bench.kube);
    let cluster = bench.open_by(&gate);
    let set = || bench.ask(cluster.set_image(&target, &pause("3.10"), &PatchOptions::default()));
    gate.fail("PATCH", "/cronjobs/app", 1000, KubeFault::Status(409));
    let error = set().expect_err("somebody keeps changing it");
    assert!(matches!(error, ClusterError::Conflict { .. }) && error.is_transient());
    let tries = gate.count("PATCH", "/cronjobs/app");
    assert!(
        tries > 1 && tries == gate.count("GET", "/cronjobs/app"),
        "{tries}"
    );

    let gate = KubeGate::open(bench.kube);
    let cluster = bench.open_by(&gate);
    gate.fail("PATCH", "/cronjobs/app", 2, KubeFault::Status(409));
    let options = PatchOptions::default();
    let patched = bench.ask(cluster.set_image(&target, &pause("3.10"), &options));
    assert!(patched.expect("the third time").is_changed);
    assert_eq!(gate.count("PATCH", "/cronjobs/app"), 3);
}

#[test]
fn f49_an_answer_that_is_lost_is_found_done_the_next_time_and_failures_pass() {
    let bench = need_bench!();
    // Nobody else writes to it: a conflict would be lost as well as a success.
    bench.space.create_workload("cronjobs", "app", OLD);
    let target = bench.target(WorkloadKind::CronJob, "app");
    let gate = KubeGate::open(bench.kube);
    let cluster = bench.open_by(&gate);
    let set = || bench.ask(cluster.set_image(&target, &pause("3.10"), &PatchOptions::default()));
    for status in [429, 500, 503] {
        gate.fail("GET", "/cronjobs/app", 1, KubeFault::Status(status));
        let error = set().expect_err("it fails");
        assert!(error.is_transient(), "{error:?}");
    }
    gate.fail("PATCH", "/cronjobs/app", 1, KubeFault::LostAnswer);
    let error = set().expect_err("nobody answered");
    assert!(error.is_transient(), "{error:?}");
    let again = set().expect("it is there");
    assert!(!again.is_changed, "{again:?}");
    assert_eq!(gate.count("PATCH", "/cronjobs/app"), 1);
}

#[test]
fn a_cluster_that_goes_away_in_mid_rollout_is_followed_on_when_it_is_back() {
    let bench = need_bench!();
    bench.space.create_workload("deployments", "app", OLD);
    let target = bench.target(WorkloadKind::Deployment, "app");
    let gate = KubeGate::open(bench.kube);
    let cluster = bench.open_by(&gate);
    let options = PatchOptions::default();
    bench
        .ask(cluster.set_image(&target, &pause("3.10"), &options))
        .expect("it is set");
    let text = pause("3.10").to_string();
    drop(gate);
    let error = bench
        .ask(cluster.read_rollout(&target, &text))
        .expect_err("nobody is there");
    assert!(
        matches!(error, ClusterError::Unreachable { .. }) && error.is_transient(),
        "{error:?}"
    );
    bench.follow(&target, &text, |state| {
        matches!(state, RolloutState::Done(_))
    });
}
