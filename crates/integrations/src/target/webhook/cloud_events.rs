//! CloudEvents 1.0, JSON format (github.com/cloudevents/spec, `cloudevents/formats/json-format.md`).
//!
//! Types are `dev.wharf.image.tag.created|changed|deleted` and `dev.wharf.build.started|succeeded|failed`. Argo CD Image
//! Updater (`pkg/webhook/cloudevents.go`) takes those with `image` in their type, and reads `subject` as
//! `repository:tag` or `registry`, `repository`, `tag` and `digest` of `data`.

use crate::target::facts::SpokenFacts;
use serde_json::{Map, Value, json};
use wharf_model::triggers::{EventFacts, EventKind};

pub(super) fn make_body(facts: &EventFacts, spoken: &SpokenFacts) -> Value {
    let subject = match &spoken.tag {
        Some(tag) => format!("{}:{tag}", spoken.repository),
        None => spoken.repository.clone(),
    };
    json!({
        "specversion": "1.0",
        "id": spoken.delivery_id,
        "source": format!("{}/repositories/{}", spoken.server_url, spoken.repository),
        "type": name_type(facts.kind),
        "subject": subject,
        "time": spoken.time,
        "datacontenttype": "application/json",
        "data": make_data(spoken),
    })
}

/// All facts; what the event lacks is left out.
fn make_data(spoken: &SpokenFacts) -> Value {
    let facts = serde_json::to_value(spoken).unwrap_or_default();
    let Value::Object(facts) = facts else {
        return Value::Null;
    };
    // The envelope has it.
    let data = facts.into_iter().filter(|(name, _)| name != "delivery_id");
    leave_out_nulls(data.collect())
}

fn leave_out_nulls(object: Map<String, Value>) -> Value {
    let there = object.into_iter().filter_map(|(name, value)| match value {
        Value::Null => None,
        Value::Object(inner) => Some((name, leave_out_nulls(inner))),
        value => Some((name, value)),
    });
    Value::Object(there.collect())
}

fn name_type(kind: EventKind) -> &'static str {
    match kind {
        EventKind::TagCreated => "dev.wharf.image.tag.created",
        EventKind::TagChanged => "dev.wharf.image.tag.changed",
        EventKind::TagDeleted => "dev.wharf.image.tag.deleted",
        EventKind::BuildStarted => "dev.wharf.build.started",
        EventKind::BuildSucceeded => "dev.wharf.build.succeeded",
        EventKind::BuildFailed => "dev.wharf.build.failed",
    }
}
