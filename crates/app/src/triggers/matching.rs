//! Whether an event concerns a trigger and what it does. Pure: the one answer for events, simulator and runs by hand.

use wharf_db::triggers::Trigger;
use wharf_model::triggers::{ActionKind, ConditionError, EventFacts, EventKind, TagCondition};
use wharf_oci::Tag;

/// A trigger's condition as its row keeps it.
///
/// # Errors
/// What a newer program wrote may be nothing that this one understands.
pub(super) fn read_condition(trigger: &Trigger) -> Result<TagCondition, ConditionError> {
    TagCondition::read(trigger.condition_kind, &trigger.condition_text)
}

/// Whether a trigger that is switched on fires for an event.
pub(super) fn fires(trigger: &Trigger, condition: &TagCondition, facts: &EventFacts) -> bool {
    if !trigger.events.contains(&facts.kind) || facts.at < trigger.active_since {
        return false;
    }
    if facts.kind.is_build() {
        let rule = facts.build.as_ref().and_then(|build| build.rule.as_ref());
        return trigger.rules.is_empty() || rule.is_some_and(|rule| trigger.rules.contains(rule));
    }
    let chooses = |tag| chooses(&trigger.events, condition, facts.kind, tag);
    facts.tag.as_ref().is_some_and(chooses)
}

/// Whether what happened to a tag is what a trigger of these events and this condition is about.
pub(super) fn chooses(
    events: &[EventKind],
    condition: &TagCondition,
    event: EventKind,
    tag: &Tag,
) -> bool {
    events.contains(&event) && condition.matches(tag)
}

/// Whether an event means anything to what an action does: a workload takes an image that a tag names, and nothing else.
pub(super) fn concerns(kind: ActionKind, event: EventKind) -> bool {
    match kind {
        ActionKind::Workload => matches!(event, EventKind::TagCreated | EventKind::TagChanged),
        ActionKind::Webhook | ActionKind::Message | ActionKind::Mail => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wharf_model::{
        EventId, NamespaceId, Timestamp, TriggerId,
        triggers::{BuildFacts, ConditionKind},
    };

    const SINCE: Timestamp = Timestamp::from_seconds(1_900_000_000);

    fn trigger(events: &[EventKind], rules: &[&str]) -> Trigger {
        Trigger {
            id: TriggerId::new(),
            namespace: NamespaceId::new(),
            namespace_name: "team".into(),
            repository: None,
            repository_name: None,
            name: "deploy".parse().unwrap(),
            events: events.to_vec(),
            rules: rules.iter().map(|rule| (*rule).to_owned()).collect(),
            condition_kind: ConditionKind::Glob,
            condition_text: "v*".into(),
            enabled: true,
            active_since: SINCE,
            version: 1,
            created_by: "alice".into(),
            created_at: SINCE,
            changed_by: "alice".into(),
            changed_at: SINCE,
        }
    }

    fn event(kind: EventKind, tag: Option<&str>, rule: Option<&str>) -> EventFacts {
        EventFacts {
            event: EventId::new(),
            kind,
            at: SINCE,
            actor: "alice".into(),
            host: "registry.example".into(),
            server_url: "https://registry.example".into(),
            repository: "team/app".parse().unwrap(),
            is_public: false,
            tag: tag.map(|tag| tag.parse().unwrap()),
            digest: None,
            previous_digest: None,
            build: kind.is_build().then(|| BuildFacts {
                number: 1,
                rule: rule.map(str::to_owned),
                reference: None,
                commit: None,
                tags: Vec::new(),
                reason: None,
            }),
            is_by_hand: false,
        }
    }

    fn does_fire(trigger: &Trigger, facts: &EventFacts) -> bool {
        fires(trigger, &read_condition(trigger).unwrap(), facts)
    }

    #[test]
    fn kind_condition_and_time_decide_about_tags() {
        let one = trigger(&[EventKind::TagCreated], &[]);
        assert!(does_fire(
            &one,
            &event(EventKind::TagCreated, Some("v1"), None)
        ));
        assert!(!does_fire(
            &one,
            &event(EventKind::TagCreated, Some("dev"), None)
        ));
        assert!(!does_fire(
            &one,
            &event(EventKind::TagChanged, Some("v1"), None)
        ));
        let earlier = EventFacts {
            at: SINCE.minus(std::time::Duration::from_micros(1)),
            ..event(EventKind::TagCreated, Some("v1"), None)
        };
        assert!(!does_fire(&one, &earlier));
    }

    #[test]
    fn builds_ignore_the_condition_and_may_be_those_of_rules() {
        let failed = |rule| event(EventKind::BuildFailed, None, rule);
        let all = trigger(&[EventKind::BuildFailed], &[]);
        assert!(does_fire(&all, &failed(None)) && does_fire(&all, &failed(Some("main"))));
        let some = trigger(&[EventKind::BuildFailed], &["main"]);
        assert!(does_fire(&some, &failed(Some("main"))));
        assert!(!does_fire(&some, &failed(Some("other"))) && !does_fire(&some, &failed(None)));
    }

    #[test]
    fn a_workload_takes_images_alone() {
        for kind in EventKind::ALL {
            let takes = matches!(kind, EventKind::TagCreated | EventKind::TagChanged);
            assert_eq!(concerns(ActionKind::Workload, kind), takes);
            assert!(concerns(ActionKind::Mail, kind));
        }
    }
}
