//! Verdicts over objects as clusters write them: shapes and words of the Kubernetes API reference and of
//! `kubectl rollout status`.

use super::super::WorkloadRef;
use super::super::wire::{Pod, WorkloadObject};
use super::super::workload::ContainerRef;
use super::judge::judge_workload;
use super::pods::{MOST_RESTARTS, find_new_pods, find_stuck_pod, find_trouble, is_hopeless};
use super::state::{RolloutNote, RolloutProgress, RolloutReason, RolloutState, RolloutTrouble};
use serde_json::{Value, json};
use wharf_model::triggers::WorkloadKind::{self, CronJob, DaemonSet, Deployment, StatefulSet};

const OURS: &str = "reg.example/app:v2";

fn judge(kind: WorkloadKind, image: &str, spec: Value, status: Value) -> RolloutState {
    let pods = json!({ "spec": { "containers": [{ "name": "app", "image": image }] } });
    let mut whole = match kind {
        CronJob => json!({ "jobTemplate": { "spec": { "template": pods } } }),
        _ => json!({ "template": pods }),
    };
    whole
        .as_object_mut()
        .expect("an object")
        .extend(spec.as_object().expect("an object").clone());
    let object: WorkloadObject = serde_json::from_value(json!({
        "metadata": { "name": "web", "generation": 3 },
        "spec": whole,
        "status": status,
    }))
    .expect("a workload");
    let target = ContainerRef {
        workload: WorkloadRef {
            namespace: "web".parse().expect("a name"),
            kind,
            name: "web".parse().expect("a name"),
        },
        container: "app".parse().expect("a name"),
    };
    judge_workload(&target, OURS, &object)
}

fn progress(state: RolloutState) -> RolloutProgress {
    match state {
        RolloutState::Progressing(progress) => progress,
        other => panic!("not progressing: {other:?}"),
    }
}

fn done(state: RolloutState) -> RolloutProgress {
    match state {
        RolloutState::Done(progress) => progress,
        other => panic!("not done: {other:?}"),
    }
}

fn numbers(progress: &RolloutProgress) -> (i64, i64, i64, i64) {
    (
        progress.desired,
        progress.updated,
        progress.available,
        progress.old,
    )
}

#[test]
fn a_deployment_is_done_when_all_is_new_available_and_nothing_old_is_left() {
    let judge = |spec, status| judge(Deployment, OURS, spec, status);
    let three = || json!({ "replicas": 3 });
    let complete = json!({ "observedGeneration": 3, "replicas": 3, "updatedReplicas": 3, "availableReplicas": 3 });
    assert_eq!(
        numbers(&done(judge(three(), complete.clone()))),
        (3, 3, 3, 0)
    );

    let mut unseen = complete.clone();
    unseen["observedGeneration"] = json!(2);
    assert_eq!(
        progress(judge(three(), unseen)).updated,
        0,
        "these numbers are about what was before"
    );
    for (field, value, expected) in [
        ("replicas", 4, (3, 3, 3, 1)),
        ("updatedReplicas", 2, (3, 2, 3, 1)),
        ("availableReplicas", 2, (3, 3, 2, 0)),
    ] {
        let mut status = complete.clone();
        status[field] = json!(value);
        assert_eq!(
            numbers(&progress(judge(three(), status))),
            expected,
            "{field}"
        );
    }
    // One replica where none is written; the status of a new one is empty.
    assert_eq!(progress(judge(json!({}), json!({}))).desired, 1);
    let none = done(judge(
        json!({ "replicas": 0 }),
        json!({ "observedGeneration": 3 }),
    ));
    assert_eq!(none.note, Some(RolloutNote::NoReplicas));
}

#[test]
fn a_deployment_says_that_it_is_paused_late_or_may_make_no_pods() {
    let status = |conditions: Value| json!({ "observedGeneration": 3, "replicas": 2, "updatedReplicas": 0, "availableReplicas": 2, "conditions": conditions });
    let paused = judge(
        Deployment,
        OURS,
        json!({ "replicas": 2, "paused": true }),
        status(json!(null)),
    );
    assert_eq!(progress(paused).note, Some(RolloutNote::Paused));

    let late = json!({ "type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded",
        "message": "ReplicaSet \"web-7c5\" has timed out progressing." });
    let quota = json!({ "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate",
        "message": "pods \"web-7c5-x\" is forbidden: exceeded quota" });
    let judge = |conditions| {
        judge(
            Deployment,
            OURS,
            json!({ "replicas": 2 }),
            status(conditions),
        )
    };
    for (conditions, reason) in [
        (json!([late]), RolloutReason::Deadline),
        (json!([quota, late]), RolloutReason::CannotCreate),
    ] {
        match judge(conditions) {
            RolloutState::Failed(failure) => {
                assert_eq!(failure.reason, reason);
                assert!(failure.is_by_deadline && failure.said.contains("timed out progressing"));
            }
            other => panic!("not failed: {other:?}"),
        }
    }
    let trouble = progress(judge(json!([quota]))).trouble.expect("a quota");
    assert_eq!(
        (trouble.reason, trouble.word.as_str()),
        (RolloutReason::CannotCreate, "FailedCreate")
    );
    assert!(trouble.said.ends_with("exceeded quota"));
}

#[test]
fn a_deployment_has_the_deadline_that_it_says_and_no_other() {
    let deadline = |seconds: Value| {
        let spec = json!({ "replicas": 2, "progressDeadlineSeconds": seconds });
        let found = judge(
            Deployment,
            OURS,
            spec,
            json!({ "observedGeneration": 2, "replicas": 2 }),
        );
        let found = progress(found);
        assert_eq!((found.updated, found.old), (0, 2), "all are of before");
        found.deadline_seconds
    };
    assert_eq!(deadline(json!(900)), Some(900));
    assert_eq!(deadline(json!(i32::MAX)), None);
    assert_eq!(deadline(json!(null)), None);
}

#[test]
fn a_deadline_that_was_missed_and_made_after_all_is_no_failure() {
    let status = json!({ "observedGeneration": 3, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1,
        "conditions": [{ "type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded" }] });
    done(judge(Deployment, OURS, json!({ "replicas": 1 }), status));
}

#[test]
fn a_stateful_set_is_done_when_its_revisions_are_one() {
    let judge = |spec, status| judge(StatefulSet, OURS, spec, status);
    let status = |current: &str, updated: i64, ready: i64| {
        json!({ "observedGeneration": 3, "replicas": 3, "readyReplicas": ready, "updatedReplicas": updated,
            "currentRevision": current, "updateRevision": "web-2" })
    };
    let spec = |strategy: Value| json!({ "replicas": 3, "updateStrategy": strategy });
    let rolling = || spec(json!({ "type": "RollingUpdate", "rollingUpdate": { "partition": 0 } }));
    assert_eq!(
        numbers(&done(judge(rolling(), status("web-2", 0, 3)))),
        (3, 3, 3, 0)
    );
    assert_eq!(
        numbers(&progress(judge(rolling(), status("web-1", 1, 3)))),
        (3, 1, 3, 2)
    );
    progress(judge(rolling(), status("web-2", 0, 2)));
    let mut young = status("web-2", 3, 3);
    young["availableReplicas"] = json!(1);
    let young = progress(judge(rolling(), young));
    assert_eq!(young.available, 1, "ready, and not yet for minReadySeconds");

    let cut = || spec(json!({ "type": "RollingUpdate", "rollingUpdate": { "partition": 2 } }));
    assert_eq!(
        done(judge(cut(), status("web-1", 1, 3))).note,
        Some(RolloutNote::Partition(2))
    );
    progress(judge(cut(), status("web-1", 0, 3)));
    let by_hand = done(judge(
        spec(json!({ "type": "OnDelete" })),
        status("web-1", 0, 3),
    ));
    assert_eq!(by_hand.note, Some(RolloutNote::OnDelete));
}

#[test]
fn a_daemon_set_is_done_when_each_node_runs_the_new_one() {
    let judge = |kind: &str, updated: i64, available: i64| {
        let spec = json!({ "updateStrategy": { "type": kind } });
        let status = json!({ "observedGeneration": 3, "desiredNumberScheduled": 4,
            "updatedNumberScheduled": updated, "numberAvailable": available });
        judge(DaemonSet, OURS, spec, status)
    };
    assert_eq!(numbers(&done(judge("RollingUpdate", 4, 4))), (4, 4, 4, 0));
    assert_eq!(
        numbers(&progress(judge("RollingUpdate", 3, 4))),
        (4, 3, 4, 1)
    );
    progress(judge("RollingUpdate", 4, 3));
    assert_eq!(
        done(judge("OnDelete", 0, 4)).note,
        Some(RolloutNote::OnDelete)
    );
}

#[test]
fn a_cron_job_is_done_when_it_has_the_image() {
    assert_eq!(done(judge(CronJob, OURS, json!({}), json!({}))).note, None);
    let suspended = done(judge(CronJob, OURS, json!({ "suspend": true }), json!({})));
    assert_eq!(suspended.note, Some(RolloutNote::Suspended));
}

#[test]
fn another_image_is_superseded_and_another_container_is_gone() {
    let other = judge(Deployment, "reg.example/app:v3", json!({}), json!({}));
    assert_eq!(
        other,
        RolloutState::Superseded {
            image: "reg.example/app:v3".to_owned()
        }
    );
    let spec =
        json!({ "template": { "spec": { "containers": [{ "name": "web", "image": OURS }] } } });
    match judge(Deployment, OURS, spec, json!({})) {
        RolloutState::Failed(failure) => assert_eq!(failure.reason, RolloutReason::ContainerGone),
        state => panic!("it is gone: {state:?}"),
    }
}

fn pod(image: &str, status: Value) -> Pod {
    serde_json::from_value(json!({
        "metadata": { "name": "web-1" },
        "spec": { "containers": [{ "name": "app", "image": image }] },
        "status": status,
    }))
    .expect("a pod")
}

fn trouble_of(status: Value) -> Option<RolloutTrouble> {
    let pod = pod(OURS, status);
    find_trouble(&[&pod])
}

fn waiting(reason: &str, last: Value, restarts: i64) -> Value {
    json!({ "phase": "Running", "containerStatuses": [{
        "name": "app", "ready": false, "restartCount": restarts, "lastState": last,
        "state": { "waiting": { "reason": reason, "message": "the kubelet's sentence" } },
    }] })
}

#[test]
fn each_word_of_the_kubelet_has_its_reason() {
    use RolloutReason::{Configuration, CrashLoop, ImagePull, OutOfMemory};
    for (word, reason) in [
        ("ErrImagePull", Some(ImagePull)),
        ("ImagePullBackOff", Some(ImagePull)),
        ("InvalidImageName", Some(ImagePull)),
        ("ErrImageNeverPull", Some(ImagePull)),
        ("CreateContainerConfigError", Some(Configuration)),
        ("RunContainerError", Some(Configuration)),
        ("CrashLoopBackOff", Some(CrashLoop)),
        ("ContainerCreating", None),
        ("PodInitializing", None),
    ] {
        let found = trouble_of(waiting(word, json!({}), 0));
        assert_eq!(found.as_ref().map(|one| one.reason), reason, "{word}");
        if let Some(found) = found {
            assert_eq!(found.word, word);
            assert_eq!(
                (found.pod.as_deref(), found.container.as_deref()),
                (Some("web-1"), Some("app"))
            );
            let lasts = matches!(word, "InvalidImageName" | "ErrImageNeverPull");
            assert_eq!(is_hopeless(&found), lasts, "{word}");
        }
    }
    let killed = json!({ "terminated": { "exitCode": 137, "reason": "OOMKilled" } });
    let found = trouble_of(waiting("CrashLoopBackOff", killed, 2)).expect("trouble");
    assert_eq!(
        (found.reason, found.said.as_str()),
        (OutOfMemory, "exit code 137 (OOMKilled)")
    );
    let ended =
        json!({ "terminated": { "exitCode": 1, "reason": "Error", "message": "no\ndatabase" } });
    let found = trouble_of(waiting("CrashLoopBackOff", ended.clone(), 2)).expect("trouble");
    assert_eq!(found.said, "exit code 1 (Error): no database");
    assert!(!is_hopeless(&found));
    let found = trouble_of(waiting("CrashLoopBackOff", ended, MOST_RESTARTS)).expect("trouble");
    assert!(is_hopeless(&found));
}

#[test]
fn what_ended_between_two_starts_and_what_no_node_takes_is_trouble_too() {
    let container = |state: Value, ready: bool, restarts: i64| json!({ "containerStatuses": [{ "name": "app", "ready": ready, "restartCount": restarts, "state": state }] });
    let failed = json!({ "terminated": { "exitCode": 2, "reason": "Error" } });
    let reason = |status| trouble_of(status).map(|one| one.reason);
    assert_eq!(
        reason(container(failed, false, 0)),
        Some(RolloutReason::CrashLoop)
    );
    let well = json!({ "terminated": { "exitCode": 0, "reason": "Completed" } });
    assert_eq!(reason(container(well, false, 0)), None);
    let runs = || json!({ "running": { "startedAt": "2026-11-29T20:00:00Z" } });
    assert_eq!(reason(container(runs(), true, 3)), None);
    assert_eq!(
        reason(container(runs(), false, 0)),
        Some(RolloutReason::NotReady)
    );
    let again = json!({ "containerStatuses": [{ "name": "app", "ready": false, "restartCount": 1, "state": runs(),
        "lastState": { "terminated": { "exitCode": 1, "reason": "Error" } } }] });
    assert_eq!(
        reason(again),
        Some(RolloutReason::CrashLoop),
        "it ended a moment ago"
    );
    let unscheduled = json!({ "phase": "Pending", "conditions": [{ "type": "PodScheduled", "status": "False",
        "reason": "Unschedulable", "message": "0/3 nodes are available: 3 Insufficient cpu." }] });
    let found = trouble_of(unscheduled).expect("trouble");
    assert_eq!(found.reason, RolloutReason::Unschedulable);
    assert!(found.said.contains("Insufficient cpu") && !is_hopeless(&found));
}

#[test]
fn the_worst_of_the_new_pods_counts_and_older_ones_do_not() {
    let crash = || waiting("CrashLoopBackOff", json!({}), 1);
    let mut leaving = pod(OURS, waiting("ImagePullBackOff", json!({}), 0));
    leaving.metadata.deletion_timestamp = Some("2026-11-29T20:00:00Z".to_owned());
    let pods = [
        pod(
            "reg.example/app:v1",
            waiting("ImagePullBackOff", json!({}), 0),
        ),
        leaving,
        pod(OURS, json!({})),
        pod(OURS, crash()),
    ];
    let found = find_new_pods(&pods, "app", OURS);
    assert_eq!(found.len(), 2);
    assert_eq!(
        find_trouble(&found).expect("trouble").reason,
        RolloutReason::CrashLoop
    );
    let worse = pod(OURS, waiting("ErrImagePull", json!({}), 0));
    let all = [&pods[3], &worse];
    assert_eq!(
        find_trouble(&all).expect("trouble").reason,
        RolloutReason::ImagePull
    );
}

#[test]
fn an_old_pod_that_a_stateful_set_waits_for_is_named() {
    let named = |name: &str, image: &str, status: Value| {
        let mut pod = pod(image, status);
        pod.metadata.name = name.to_owned();
        pod
    };
    let broken = || waiting("ImagePullBackOff", json!({}), 0);
    let pods = [
        named("web-0", OURS, broken()),
        named("web-1", "reg.example/app:v1", json!({})),
        named("web-2", "reg.example/app:v3", broken()),
    ];
    let found = find_stuck_pod(&pods, "app", OURS).expect("one is stuck");
    assert_eq!(
        (found.reason, found.pod.as_deref()),
        (RolloutReason::StuckPod, Some("web-2"))
    );
    assert_eq!(found.said, "web-2 (ImagePullBackOff)", "in no language");
    assert!(!is_hopeless(&found), "somebody can help it");
    assert_eq!(find_stuck_pod(&pods[..2], "app", OURS), None);
}
