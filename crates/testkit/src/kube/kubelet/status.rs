//! The next status of a pod. Pure, but for the time it writes.

use serde_json::{Value, json};

use super::{
    Behavior,
    events::{Told, format_now},
    stage::{Progress, Stage},
};

/// A step of a pod.
#[derive(Debug)]
pub(super) struct Step {
    /// What the status is patched with.
    pub(super) status: Value,
    pub(super) events: Vec<Told>,
}

/// One container on its way.
struct Player<'a> {
    container: &'a Value,
    before: Progress,
    after: Progress,
}

/// What becomes of `pod` next; none when it stays as it is.
pub(super) fn find_step(pod: &Value, behavior: impl Fn(&Value) -> Behavior) -> Option<Step> {
    if matches!(
        pod["status"]["phase"].as_str(),
        Some("Succeeded" | "Failed")
    ) {
        return None;
    }
    let policy = pod["spec"]["restartPolicy"].as_str().unwrap_or("Always");
    let mut events = Vec::new();
    let mut play = |list: &str, is_lasting: bool, mut is_open: bool| {
        let containers = pod["spec"][list].as_array().into_iter().flatten();
        let players = containers.map(|container| {
            let before = Progress::read(find_status(pod, list, container));
            let (after, told) = if is_open {
                before.advance(behavior(container), is_lasting, policy != "Never")
            } else {
                let stage = Stage::Waiting("PodInitializing".to_owned());
                (Progress { stage, ..before }, Vec::new())
            };
            // Init containers run one after the other.
            is_open &= list == "containers" || after.stage == Stage::Ended { code: 0 };
            let path = format!("spec.{list}{{{}}}", text_of(container, "name"));
            events.extend(told.into_iter().map(|event| Told {
                event,
                name: text_of(container, "name").to_owned(),
                image: text_of(container, "image").to_owned(),
                path: path.clone(),
            }));
            Player {
                container,
                before: Progress::read(find_status(pod, list, container)),
                after,
            }
        });
        players.collect::<Vec<_>>()
    };
    let init = play("initContainers", false, true);
    let is_initialized = init
        .iter()
        .all(|it| it.after.stage == Stage::Ended { code: 0 });
    let main = play("containers", policy == "Always", is_initialized);

    let phase = find_phase(&main, is_initialized, policy);
    let mut players = init.iter().chain(&main);
    if pod["status"]["phase"] == phase && players.all(|it| it.before == it.after) {
        return None;
    }
    let now = format_now();
    let is_ready = phase == "Running" && main.iter().all(|it| it.after.is_ready());
    let write = |players: &[Player<'_>]| {
        let written = players
            .iter()
            .map(|it| it.after.write(it.container, &now))
            .collect::<Vec<_>>();
        Value::from(written)
    };
    let mut status = json!({
        "phase": phase,
        "conditions": [
            write_condition("Initialized", is_initialized, &now),
            write_condition("ContainersReady", is_ready, &now),
            write_condition("Ready", is_ready, &now),
        ],
        "hostIP": "10.0.0.1",
        "containerStatuses": write(&main),
    });
    if !init.is_empty() {
        status["initContainerStatuses"] = write(&init);
    }
    if pod["status"]["startTime"].is_null() {
        status["startTime"] = json!(now);
    }
    Some(Step { status, events })
}

fn find_status<'a>(pod: &'a Value, list: &str, container: &Value) -> &'a Value {
    let statuses = match list {
        "containers" => &pod["status"]["containerStatuses"],
        _ => &pod["status"]["initContainerStatuses"],
    };
    let mut statuses = statuses.as_array().into_iter().flatten();
    let found = statuses.find(|status| status["name"] == container["name"]);
    found.unwrap_or(&Value::Null)
}

fn find_phase(main: &[Player<'_>], is_initialized: bool, policy: &str) -> &'static str {
    let is_ended = |it: &Player<'_>| matches!(it.after.stage, Stage::Ended { .. });
    let is_waiting = |it: &Player<'_>| match &it.after.stage {
        Stage::Waiting(reason) => reason != "CrashLoopBackOff",
        _ => false,
    };
    if !is_initialized || main.iter().any(is_waiting) {
        "Pending"
    } else if policy != "Always" && main.iter().all(is_ended) {
        let failed = |it: &Player<'_>| it.after.stage != Stage::Ended { code: 0 };
        match main.iter().any(failed) {
            true if policy == "Never" => "Failed",
            true => "Running",
            false => "Succeeded",
        }
    } else {
        "Running"
    }
}

fn write_condition(kind: &str, holds: bool, now: &str) -> Value {
    let mut condition = json!({
        "type": kind, "status": if holds { "True" } else { "False" }, "lastTransitionTime": now,
    });
    if !holds && kind != "Initialized" {
        condition["reason"] = json!("ContainersNotReady");
    }
    condition
}

fn text_of<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All steps of a pod whose containers behave like this, until it stays as it is; answers the pod then, and what
    /// was told.
    fn play_out(mut pod: Value, behavior: Behavior) -> (Value, Vec<&'static str>) {
        let mut told = Vec::new();
        for _ in 0..20 {
            let Some(step) = find_step(&pod, |_| behavior) else {
                return (pod, told);
            };
            let reasons = step.events.iter();
            told.extend(reasons.map(|it| it.event.describe(&it.name, &it.image, "pod").0));
            pod["status"] = step.status;
        }
        panic!("it never comes to rest: {pod:#}");
    }

    fn pod_of(spec: Value) -> Value {
        json!({ "metadata": { "name": "p" }, "spec": spec })
    }

    fn one_container() -> Value {
        pod_of(json!({ "containers": [{ "name": "web", "image": "r:5/a:1@sha256:ff" }] }))
    }

    #[test]
    fn a_container_runs_and_is_ready_after_one_step() {
        let (pod, told) = play_out(one_container(), Behavior::Runs);
        assert_eq!(pod["status"]["phase"], "Running");
        assert_eq!(pod["status"]["conditions"][2]["status"], "True");
        let status = &pod["status"]["containerStatuses"][0];
        assert_eq!(status["imageID"], "r:5/a@sha256:ff");
        assert_eq!(told, ["Pulled", "Created", "Started"]);
    }

    #[test]
    fn an_image_that_is_not_there_ends_in_a_back_off_with_the_events_of_both() {
        let (pod, told) = play_out(one_container(), Behavior::NotPulled);
        let waiting = &pod["status"]["containerStatuses"][0]["state"]["waiting"];
        assert_eq!(waiting["reason"], "ImagePullBackOff");
        assert_eq!(pod["status"]["phase"], "Pending");
        assert_eq!(told, ["Pulling", "Failed", "Failed", "BackOff", "Failed"]);
    }

    #[test]
    fn a_crash_loop_is_restarted_a_few_times_and_waits() {
        let (pod, _) = play_out(one_container(), Behavior::Crashes);
        let status = &pod["status"]["containerStatuses"][0];
        assert_eq!(status["state"]["waiting"]["reason"], "CrashLoopBackOff");
        assert_eq!(status["restartCount"], 2);
        assert_eq!(status["lastState"]["terminated"]["exitCode"], 1);
    }

    #[test]
    fn a_pod_of_a_job_ends_and_one_that_crashes_fails() {
        let mut pod = one_container();
        pod["spec"]["restartPolicy"] = json!("Never");
        let (ended, _) = play_out(pod.clone(), Behavior::Runs);
        assert_eq!(ended["status"]["phase"], "Succeeded");
        let (failed, _) = play_out(pod, Behavior::Crashes);
        assert_eq!(failed["status"]["phase"], "Failed");
    }

    #[test]
    fn containers_wait_for_an_init_container_that_cannot_be_pulled() {
        let mut pod = one_container();
        pod["spec"]["initContainers"] = json!([{ "name": "first", "image": "x.invalid/a" }]);
        let (pod, _) = play_out(pod, Behavior::NotPulled);
        let status = &pod["status"];
        let reason = |list: &str| status[list][0]["state"]["waiting"]["reason"].clone();
        assert_eq!(reason("initContainerStatuses"), "ImagePullBackOff");
        assert_eq!(reason("containerStatuses"), "PodInitializing");
        assert_eq!(status["phase"], "Pending");
    }

    #[test]
    fn a_container_that_waits_goes_on_once_it_is_let() {
        let (pod, told) = play_out(one_container(), Behavior::Waits);
        assert_eq!(pod["status"]["phase"], "Pending");
        assert!(told.is_empty(), "{told:?}");
        let (pod, _) = play_out(pod, Behavior::Runs);
        assert_eq!(pod["status"]["phase"], "Running");
    }
}
