//! Rows: what administrators look after, and the pictures that others see of their own part.

use serde_json::json;
use wharf_testkit::{Answer, ApiClient};
use wharf_tests::wait_until;

use crate::{
    rights::Right,
    row::{Row, Scene},
};

/// What is no JSON cannot be held against the document.
fn read_csv(api: &ApiClient, path: &str) -> Answer {
    api.request(reqwest::Method::GET, path).send_undescribed()
}

pub(crate) fn rows() -> Vec<Row> {
    vec![
        Row::new("GET /health", Right::Administer, 200, |at| {
            at.api.get("/health")
        }),
        Row::new("GET /settings", Right::Administer, 200, |at| {
            at.api.get("/settings")
        }),
        Row::new("PATCH /settings", Right::Administer, 200, |at| {
            let changes = json!({ "changes": { "triggers.log_days": "90" } });
            at.api.patch("/settings", changes)
        }),
        // Both are refused for what they lack, which is asked after the right.
        Row::new("POST /settings/mail-trials", Right::Administer, 400, |at| {
            at.api.post("/settings/mail-trials", json!({}))
        }),
        Row::new(
            "POST /settings/provider-trials",
            Right::Administer,
            400,
            |at| at.api.post("/settings/provider-trials", json!({})),
        ),
        Row::new("GET /storage", Right::Administer, 200, |at| {
            at.api.get("/storage")
        }),
        Row::new("GET /storage/check", Right::Administer, 200, |at| {
            at.api.get("/storage/check")
        }),
        Row::new("POST /storage/check", Right::Administer, 201, |at| {
            // One at a time: rows of this matrix run side by side.
            let answer = at.api.post("/storage/check", json!({}));
            if answer.status.as_u16() == 409 {
                wait_until("the other check is over", || {
                    let check = at.api.get("/storage/check").expect(200).json();
                    check["state"] != "running"
                });
                return at.api.post("/storage/check", json!({}));
            }
            answer
        }),
        Row::new("GET /storage/namespaces", Right::Administer, 200, |at| {
            at.api.get("/storage/namespaces")
        }),
        Row::new("GET /workers", Right::Administer, 200, |at| {
            at.api.get("/workers")
        }),
        Row::new("GET /stats", Right::Administer, 200, |at| {
            at.api.get("/stats?range=90d")
        }),
        Row::new("GET /namespaces/{}/stats", Right::View, 200, |at| {
            at.api.get(&at.namespace_path("/stats"))
        })
        .on(Scene::with_namespace),
        Row::new("GET /repositories/{}/stats", Right::ViewStats, 200, |at| {
            at.api.get(&at.repository_path("/stats"))
        })
        .on(Scene::with_image),
        Row::new("GET /activity", Right::SignIn, 200, |at| {
            at.api.get("/activity?limit=5")
        }),
        Row::new("GET /audit/export", Right::Administer, 200, |at| {
            read_csv(at.api, "/audit/export?actor=nobody")
        })
        .note("of everything"),
        Row::new("GET /audit/export", Right::ReadAudit, 200, |at| {
            let namespace = &at.scene.namespace;
            read_csv(at.api, &format!("/audit/export?namespace={namespace}"))
        })
        .note("of one namespace")
        .on(Scene::with_namespace),
    ]
}
