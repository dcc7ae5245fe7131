//! The body of Harbor's webhooks in its default format (goharbor.io/docs, "Configure Webhook Notifications", "Payload").
//!
//! Harbor sends its "auth header" as the whole value of `Authorization`, without a scheme; here that is a header of the
//! webhook like any other. Flux (`internal/server/receiver_handlers.go`), Argo CD Image Updater (`pkg/webhook/harbor.go`)
//! and Keel (`pkg/http/harbor_webhook_trigger.go`) read these bodies.

use crate::target::facts::SpokenFacts;
use serde_json::{Value, json};
use wharf_model::triggers::{EventFacts, EventKind};

pub(super) fn make_body(facts: &EventFacts, spoken: &SpokenFacts) -> Value {
    let at = facts.at.as_seconds();
    let tag = spoken.tag.as_deref().unwrap_or_default();
    json!({
        "type": match facts.kind {
            EventKind::TagDeleted => "DELETE_ARTIFACT",
            _ => "PUSH_ARTIFACT",
        },
        "occur_at": at,
        "operator": spoken.actor,
        "event_data": {
            "resources": [{
                "digest": spoken.digest.as_deref().unwrap_or_default(),
                "tag": tag,
                "resource_url": format!("{}:{tag}", spoken.image),
            }],
            "repository": {
                "date_created": at,
                "name": spoken.name,
                "namespace": spoken.namespace,
                "repo_full_name": spoken.repository,
                "repo_type": if spoken.is_public { "public" } else { "private" },
            },
        },
    })
}
