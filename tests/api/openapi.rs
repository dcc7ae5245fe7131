//! The OpenAPI document itself.

use std::collections::BTreeSet;

use serde_json::Value;
use wharf_testkit::Login;

use crate::{SERVER, admin};

/// Every operation that was promised.
const PROMISED: [&str; 46] = [
    "GET /info",
    "GET /me",
    "PATCH /me",
    "POST /me/password",
    "GET /me/sessions",
    "DELETE /me/sessions/{}",
    "GET /session",
    "POST /session",
    "DELETE /session",
    "GET /users",
    "POST /users",
    "GET /users/{}",
    "PATCH /users/{}",
    "DELETE /users/{}",
    "POST /users/{}/password",
    "GET /namespaces",
    "POST /namespaces",
    "GET /namespaces/{}",
    "PATCH /namespaces/{}",
    "DELETE /namespaces/{}",
    "GET /namespaces/{}/members",
    "GET /namespaces/{}/members/{}",
    "PUT /namespaces/{}/members/{}",
    "DELETE /namespaces/{}/members/{}",
    "GET /namespaces/{}/robots",
    "POST /namespaces/{}/robots",
    "GET /namespaces/{}/robots/{}",
    "PATCH /namespaces/{}/robots/{}",
    "DELETE /namespaces/{}/robots/{}",
    "POST /namespaces/{}/robots/{}/secret",
    "GET /tokens",
    "POST /tokens",
    "DELETE /tokens/{}",
    "GET /repositories",
    "POST /repositories",
    "GET /repositories/{}",
    "PATCH /repositories/{}",
    "DELETE /repositories/{}",
    "GET /repositories/{}/tags",
    "GET /repositories/{}/tags/{}",
    "DELETE /repositories/{}/tags/{}",
    "PUT /repositories/{}/favorite",
    "DELETE /repositories/{}/favorite",
    "GET /search",
    "GET /audit",
    "GET /audit/{}",
];

/// What belongs to sources and credentials for other registries.
const OF_SOURCES: [&str; 33] = [
    "GET /sources",
    "POST /sources",
    "GET /sources/{}",
    "PATCH /sources/{}",
    "DELETE /sources/{}",
    "GET /sources/{}/rules",
    "POST /sources/{}/check",
    "GET /sources/{}/owners",
    "GET /sources/{}/repositories",
    "GET /sources/{}/repositories/{}/branches",
    "GET /sources/{}/repositories/{}/tags",
    "GET /sources/{}/webhooks",
    "GET /sources/{}/webhooks/{}",
    "GET /sources/{}/webhooks/{}/deliveries",
    "GET /sources/{}/webhooks/{}/attempts",
    "POST /sources/{}/webhooks/{}/repair",
    "POST /sources/{}/webhooks/{}/secret",
    "POST /device-logins",
    "POST /device-logins/{}/poll",
    "DELETE /device-logins/{}",
    "POST /web-logins",
    "POST /web-logins/finish",
    "GET /removals",
    "DELETE /removals/{}",
    "GET /namespaces/{}/credentials",
    "POST /namespaces/{}/credentials",
    "GET /namespaces/{}/credentials/{}",
    "PATCH /namespaces/{}/credentials/{}",
    "DELETE /namespaces/{}/credentials/{}",
    "POST /namespaces/{}/credentials/{}/test",
    "GET /users/{}/deletion",
    "GET /namespaces/{}/deletion",
    "GET /repositories/{}/deletion",
];

/// What belongs to rules and builds.
const OF_BUILDS: [&str; 31] = [
    "GET /builds",
    "GET /builds/queue",
    "POST /dockerfile-checks",
    "POST /naming-previews",
    "POST /repositories-from-git",
    "POST /repositories/{}/build-contexts",
    "GET /repositories/{}/builds",
    "POST /repositories/{}/builds",
    "GET /repositories/{}/builds/{}",
    "POST /repositories/{}/builds/{}/cancel",
    "GET /repositories/{}/builds/{}/log",
    "GET /repositories/{}/builds/{}/log/stream",
    "POST /repositories/{}/builds/{}/pushes/{}/retry",
    "POST /repositories/{}/builds/{}/retry",
    "GET /repositories/{}/links",
    "POST /repositories/{}/links",
    "DELETE /repositories/{}/links/{}",
    "PATCH /repositories/{}/links/{}",
    "POST /repositories/{}/rule-trials",
    "GET /repositories/{}/rules",
    "POST /repositories/{}/rules",
    "DELETE /repositories/{}/rules/{}",
    "GET /repositories/{}/rules/{}",
    "PATCH /repositories/{}/rules/{}",
    "GET /repositories/{}/rules/{}/decisions",
    "POST /repositories/{}/rules/{}/heads",
    "DELETE /repositories/{}/rules/{}/secrets/{}",
    "PUT /repositories/{}/rules/{}/secrets/{}",
    "GET /repositories/{}/rules/{}/trigger-urls",
    "POST /repositories/{}/rules/{}/trigger-urls",
    "DELETE /repositories/{}/rules/{}/trigger-urls/{}",
];

/// What belongs to triggers and clusters.
const OF_TRIGGERS: [&str; 37] = [
    "GET /repositories/{}/triggers",
    "POST /repositories/{}/triggers",
    "GET /repositories/{}/triggers/{}",
    "PATCH /repositories/{}/triggers/{}",
    "DELETE /repositories/{}/triggers/{}",
    "POST /repositories/{}/triggers/{}/actions/{}/enable",
    "POST /repositories/{}/triggers/{}/actions/{}/disable",
    "POST /repositories/{}/trigger-trials",
    "GET /repositories/{}/trigger-deliveries",
    "GET /namespaces/{}/triggers",
    "POST /namespaces/{}/triggers",
    "GET /namespaces/{}/triggers/{}",
    "PATCH /namespaces/{}/triggers/{}",
    "DELETE /namespaces/{}/triggers/{}",
    "POST /namespaces/{}/triggers/{}/actions/{}/enable",
    "POST /namespaces/{}/triggers/{}/actions/{}/disable",
    "GET /namespaces/{}/trigger-deliveries",
    "POST /repositories/{}/triggers/{}/run",
    "POST /namespaces/{}/triggers/{}/run",
    "GET /repositories/{}/trigger-deliveries/{}",
    "POST /repositories/{}/trigger-deliveries/{}/redeliver",
    "POST /repositories/{}/trigger-deliveries/{}/cancel",
    "GET /repositories/{}/trace/{}",
    "POST /repositories/{}/triggers/{}/actions/{}/dry-run",
    "POST /namespaces/{}/triggers/{}/actions/{}/dry-run",
    "GET /clusters",
    "POST /clusters",
    "GET /clusters/{}",
    "PATCH /clusters/{}",
    "DELETE /clusters/{}",
    "POST /clusters/{}/check",
    "PUT /clusters/{}/grants/{}",
    "DELETE /clusters/{}/grants/{}",
    "GET /clusters/{}/manifest",
    "GET /namespaces/{}/clusters",
    "GET /namespaces/{}/clusters/{}/namespaces/{}/workloads",
    "POST /namespaces/{}/clusters/{}/namespaces/{}/pull-secret",
];

/// What belongs to administration and to pictures.
const OF_ADMINISTRATION: [&str; 15] = [
    "GET /activity",
    "GET /audit/export",
    "GET /health",
    "GET /namespaces/{}/stats",
    "GET /repositories/{}/stats",
    "GET /settings",
    "GET /stats",
    "GET /storage",
    "GET /storage/check",
    "GET /storage/namespaces",
    "GET /workers",
    "PATCH /settings",
    "POST /settings/mail-trials",
    "POST /settings/provider-trials",
    "POST /storage/check",
];

/// What pages of repositories need beside that.
const OF_PAGES: [&str; 11] = [
    "GET /repositories/{}/decisions",
    "GET /repositories/{}/readme",
    "POST /markdown-previews",
    "GET /stream",
    "GET /repositories/{}/builds/{}/log/lines",
    "GET /repositories/{}/builds/{}/log/search",
    "GET /repositories/{}/builds/{}/log/steps",
    "POST /repositories/{}/tag-deletions",
    "GET /repositories/{}/manifests/{}",
    "GET /repositories/{}/manifests/{}/referrers",
    "GET /repositories/{}/compare",
];

/// A path template without the names of its parameters.
fn erase_names(path: &str) -> String {
    let segments = path.split('/').map(|segment| {
        if segment.starts_with('{') {
            "{}"
        } else {
            segment
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

#[test]
fn the_document_describes_exactly_what_was_promised() {
    let described: BTreeSet<String> = admin()
        .contract()
        .operations()
        .iter()
        .map(|operation| format!("{} {}", operation.method, erase_names(&operation.path)))
        .filter(|operation| operation != "GET /openapi.json")
        .collect();
    let promised: BTreeSet<String> = PROMISED
        .iter()
        .chain(&OF_SOURCES)
        .chain(&OF_BUILDS)
        .chain(&OF_TRIGGERS)
        .chain(&OF_ADMINISTRATION)
        .chain(&OF_PAGES)
        .map(|operation| (*operation).to_owned())
        .collect();
    assert_eq!(described, promised);
}

#[test]
fn the_document_needs_a_login() {
    SERVER
        .get()
        .registry(&Login::Anonymous)
        .get("/api/v1/openapi.json")
        .expect(401);
}

#[test]
fn every_operation_has_an_id_of_its_own_and_describes_its_errors() {
    let client = admin();
    let document = client.contract().document();
    let paths = document["paths"].as_object().expect("paths");
    let mut ids = BTreeSet::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().expect("a path item") {
            if !["get", "put", "post", "delete", "patch"].contains(&method.as_str()) {
                continue;
            }
            let id = operation["operationId"].as_str().expect("an operationId");
            assert!(ids.insert(id.to_owned()), "{id} twice");
            let responses = operation["responses"].as_object().expect("responses");
            let place = format!("{method} {path}");
            assert!(responses.contains_key("401"), "{place} says nothing of 401");
            assert!(
                responses.keys().any(|status| status.starts_with('2')),
                "{place} never succeeds"
            );
            for (status, response) in responses
                .iter()
                .filter(|(status, _)| status.starts_with(['4', '5']))
            {
                let response = resolve(document, response);
                assert!(
                    response["content"]
                        .get("application/problem+json")
                        .is_some(),
                    "{place} {status}"
                );
            }
        }
    }
}

fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => document
            .pointer(reference.trim_start_matches('#'))
            .expect("a reference leads somewhere"),
        None => value,
    }
}

#[test]
fn every_object_says_which_of_its_fields_are_required() {
    let client = admin();
    let schemas = client.contract().document()["components"]["schemas"]
        .as_object()
        .expect("schemas");
    for name in [
        "User",
        "Namespace",
        "Member",
        "Robot",
        "Token",
        "Repository",
        "Tag",
        "AuditEntry",
    ] {
        let schema = schemas
            .get(name)
            .unwrap_or_else(|| panic!("no schema `{name}`"));
        let required = schema["required"].as_array().map_or(0, Vec::len);
        assert!(
            required > 0,
            "`{name}` requires nothing, so any answer would do"
        );
    }
}
