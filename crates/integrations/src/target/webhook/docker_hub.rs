//! The body of Docker Hub's webhooks (docs.docker.com/docker-hub/repos/manage/webhooks, "Example webhook payload").
//!
//! `repo_name` has our registry's host in front, which Docker Hub's does not: Keel (`pkg/http/dockerhub_webhook_trigger.go`)
//! takes it for the image's whole name, and would look for ours on Docker Hub otherwise. `callback_url` is a page of ours,
//! where nothing waits for a callback. Argo CD Image Updater (`pkg/webhook/docker.go`) takes every such body for one of
//! docker.io: it hears of ours as `cloud_events` or `harbor`.

use crate::target::facts::SpokenFacts;
use serde_json::{Value, json};
use wharf_model::triggers::EventFacts;

pub(super) fn make_body(facts: &EventFacts, spoken: &SpokenFacts) -> Value {
    let at = facts.at.as_seconds();
    json!({
        "callback_url": spoken.url,
        "push_data": {
            "images": [],
            "pushed_at": at,
            "pusher": spoken.actor,
            "tag": spoken.tag,
        },
        "repository": {
            "comment_count": 0,
            "date_created": at,
            "description": "",
            "dockerfile": "",
            "full_description": "",
            "is_official": false,
            "is_private": !spoken.is_public,
            "is_trusted": false,
            "name": spoken.name,
            "namespace": spoken.namespace,
            "owner": spoken.namespace,
            "repo_name": spoken.image,
            "repo_url": spoken.url,
            "star_count": 0,
            "status": "Active",
        },
    })
}
