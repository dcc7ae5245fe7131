//! Fetches what a look takes: the workload, while it is under way its pods, and in trouble their events.
//!
//! Without the right to list pods or events the look says less, and is no error.

use super::super::cluster::{Call, Cluster};
use super::super::error::Result;
use super::super::wire::{Event, Listed, Pod, Selector, WorkloadObject};
use super::super::workload::{ContainerRef, kind_of_owner};
use super::events::choose_events;
use super::judge::judge_workload;
use super::pods::{find_new_pods, find_stuck_pod, find_trouble, is_hopeless};
use super::state::{RolloutFailure, RolloutProgress, RolloutReason, RolloutState, RolloutTrouble};
use wharf_model::triggers::WorkloadKind;

/// Events that are asked for. The server gives them in no order, so all of one pod should be among them; a pod in
/// trouble has some ten.
const EVENTS: usize = 100;

impl Cluster {
    /// One look at the rollout of `image` (as it was set, or put back) in a container.
    ///
    /// # Errors
    /// When the cluster cannot be reached or denies reading the workload. That the workload is gone is no error but a
    /// state.
    pub async fn read_rollout(&self, target: &ContainerRef, image: &str) -> Result<RolloutState> {
        let object = match self.read_workload(target).await {
            Err(error) if error.is_not_found() => {
                return Ok(RolloutState::Failed(RolloutFailure {
                    reason: RolloutReason::WorkloadGone,
                    said: String::new(),
                    is_by_deadline: false,
                    progress: RolloutProgress::default(),
                }));
            }
            outcome => outcome?,
        };
        Ok(match judge_workload(target, image, &object) {
            RolloutState::Progressing(mut progress) => {
                self.add_trouble(target, image, &object, &mut progress)
                    .await?;
                match &progress.trouble {
                    Some(trouble) if is_hopeless(trouble) => RolloutState::Failed(RolloutFailure {
                        reason: trouble.reason,
                        said: trouble.said.clone(),
                        is_by_deadline: false,
                        progress,
                    }),
                    _ => RolloutState::Progressing(progress),
                }
            }
            RolloutState::Failed(mut failure) if failure.reason.is_of_pods() => {
                let progress = &mut failure.progress;
                self.add_trouble(target, image, &object, progress).await?;
                if let Some(trouble) = &progress.trouble {
                    failure.reason = trouble.reason;
                    failure.said = trouble.said.clone();
                    failure.is_by_deadline &= !is_hopeless(trouble);
                }
                RolloutState::Failed(failure)
            }
            state => state,
        })
    }

    async fn add_trouble(
        &self,
        target: &ContainerRef,
        image: &str,
        object: &WorkloadObject,
        progress: &mut RolloutProgress,
    ) -> Result<()> {
        let all = self.list_pods_of(target, &object.spec.selector).await?;
        let container = target.container.as_str();
        let pods = find_new_pods(&all, container, image);
        if let Some(found) = find_trouble(&pods) {
            progress.trouble = Some(found);
        }
        let is_in_order = target.workload.kind == WorkloadKind::StatefulSet
            && object.spec.pod_management_policy != "Parallel";
        if is_in_order && progress.trouble.is_none() {
            progress.trouble = find_stuck_pod(&all, container, image);
        }
        match &mut progress.trouble {
            Some(trouble) => {
                let (kind, name) = match &trouble.pod {
                    Some(pod) => ("Pod", pod.clone()),
                    None => (
                        kind_of_owner(target.workload.kind),
                        target.workload.name.to_string(),
                    ),
                };
                let events = self.list_events(target, kind, &name).await?;
                trouble.events = choose_events(&events);
                // What runs and is not ready has no sentence of its own; its probe has.
                let warning = trouble.events.iter().find(|event| event.is_warning);
                if let Some(event) = warning.filter(|_| trouble.said.is_empty()) {
                    trouble.said = event.said.clone();
                }
            }
            // StatefulSets and DaemonSets that may make no pods say so in an event and nowhere else.
            None if pods.is_empty() && progress.desired > 0 => {
                let kind = kind_of_owner(target.workload.kind);
                let name = target.workload.name.to_string();
                let events = self.list_events(target, kind, &name).await?;
                progress.trouble = find_failed_create(&events);
            }
            None => {}
        }
        Ok(())
    }

    async fn list_pods_of(&self, target: &ContainerRef, selector: &Selector) -> Result<Vec<Pod>> {
        let Some(selector) = write_selector(selector) else {
            return Ok(Vec::new());
        };
        let namespace = &target.workload.namespace;
        let make = || {
            Call::get(
                format!("/api/v1/namespaces/{namespace}/pods"),
                format!("the pods of {}", target.workload),
            )
            .with_query("labelSelector", &selector)
        };
        match self.list::<Pod>(make).await {
            Ok(found) => Ok(found.items),
            Err(error) if error.is_forbidden() => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    async fn list_events(
        &self,
        target: &ContainerRef,
        kind: &str,
        name: &str,
    ) -> Result<Vec<Event>> {
        let namespace = &target.workload.namespace;
        let call = Call::get(
            format!("/api/v1/namespaces/{namespace}/events"),
            format!("the events of {}", target.workload),
        )
        .with_query(
            "fieldSelector",
            format!("involvedObject.kind={kind},involvedObject.name={name}"),
        )
        .with_query("limit", EVENTS);
        match self.read::<Listed<Event>>(call).await {
            Ok(found) => Ok(found.items),
            Err(error) if error.is_forbidden() => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

/// `a=b,c in (d,e)`; `None` for one that would select everything.
fn write_selector(selector: &Selector) -> Option<String> {
    let labels = selector
        .match_labels
        .iter()
        .map(|(key, value)| format!("{key}={value}"));
    let requirements = selector.match_expressions.iter().filter_map(|one| {
        let (key, values) = (&one.key, one.values.join(","));
        match one.operator.as_str() {
            "In" => Some(format!("{key} in ({values})")),
            "NotIn" => Some(format!("{key} notin ({values})")),
            "Exists" => Some(key.clone()),
            "DoesNotExist" => Some(format!("!{key}")),
            _ => None,
        }
    });
    let parts: Vec<_> = labels.chain(requirements).collect();
    (!parts.is_empty()).then(|| parts.join(","))
}

/// The newest word about pods that cannot be made.
fn find_failed_create(events: &[Event]) -> Option<RolloutTrouble> {
    let events = choose_events(events);
    let failed = events
        .iter()
        .find(|event| event.is_warning && event.word == "FailedCreate")?;
    Some(RolloutTrouble {
        reason: RolloutReason::CannotCreate,
        word: failed.word.clone(),
        said: failed.said.clone(),
        pod: None,
        container: None,
        restarts: 0,
        events,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_selector_is_written_as_the_api_reads_it() {
        let read = |value| serde_json::from_value::<Selector>(value).expect("a selector");
        let selector = read(json!({
            "matchLabels": {"app": "web", "tier": "front"},
            "matchExpressions": [
                {"key": "a", "operator": "In", "values": ["b", "c"]},
                {"key": "d", "operator": "NotIn", "values": ["e"]},
                {"key": "f", "operator": "Exists"},
                {"key": "g", "operator": "DoesNotExist"},
            ],
        }));
        assert_eq!(
            write_selector(&selector).as_deref(),
            Some("app=web,tier=front,a in (b,c),d notin (e),f,!g")
        );
        assert_eq!(write_selector(&read(json!({}))), None);
    }

    #[test]
    fn pods_that_cannot_be_made_are_told_by_an_event_of_the_workload() {
        let events: Vec<Event> = serde_json::from_value(json!([
            {"type": "Normal", "reason": "SuccessfulCreate", "lastTimestamp": "2026-11-29T20:00:09Z"},
            {"type": "Warning", "reason": "FailedCreate", "lastTimestamp": "2026-11-29T20:00:01Z",
             "message": "create Pod web-0 in StatefulSet web failed error: pods \"web-0\" is forbidden: exceeded quota"},
        ]))
        .expect("events");
        let found = find_failed_create(&events).expect("it failed");
        assert_eq!(found.reason, RolloutReason::CannotCreate);
        assert!(found.said.ends_with("exceeded quota"));
        assert_eq!(find_failed_create(&events[..1]), None);
    }
}
