//! The document as a whole; what single handlers do is tested against a running server.

use super::{document::describe_api, resources};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa_axum::router::OpenApiRouter;

fn document() -> Value {
    let (_, document) = OpenApiRouter::with_openapi(describe_api())
        .nest("/api/v1", resources())
        .split_for_parts();
    serde_json::to_value(document).unwrap()
}

fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().iter();
            methods.map(move |(method, operation)| (format!("{method} {path}"), operation))
        })
        .collect()
}

#[test]
fn the_document_is_openapi_3_1_with_a_unique_id_for_each_operation() {
    let document = document();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let operations = operations(&document);
    let mut ids: Vec<_> = operations
        .iter()
        .map(|(_, operation)| operation["operationId"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 174, "{ids:?}");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), operations.len());
}

/// What the console's typed client is generated from.
const CONSOLE_COPY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../console/api.json");

/// The same with the names of each object in order, so that a change shows as what it is.
fn sort(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let sorted: BTreeMap<_, _> = object
                .iter()
                .map(|(name, inner)| (name.clone(), sort(inner)))
                .collect();
            sorted.into_iter().collect()
        }
        Value::Array(list) => list.iter().map(sort).collect(),
        other => other.clone(),
    }
}

#[test]
fn the_console_is_built_against_this_document() {
    let document = document();
    if std::env::var_os("UPDATE_API_JSON").is_some() {
        let mut text = Vec::new();
        let format = serde_json::ser::PrettyFormatter::with_indent(b" ");
        let mut writer = serde_json::Serializer::with_formatter(&mut text, format);
        serde::Serialize::serialize(&sort(&document), &mut writer).unwrap();
        text.push(b'\n');
        std::fs::write(CONSOLE_COPY, text).unwrap();
    }
    let copy: Value = serde_json::from_slice(&std::fs::read(CONSOLE_COPY).unwrap()).unwrap();
    assert!(
        copy == document,
        "console/api.json is old: run this test with UPDATE_API_JSON=1"
    );
}

#[test]
fn every_operation_describes_its_problems_and_every_reference_leads_somewhere() {
    let document = document();
    for (place, operation) in operations(&document) {
        for status in ["400", "401", "403", "500", "503"] {
            let content = &operation["responses"][status]["content"];
            assert!(
                content["application/problem+json"].is_object(),
                "{place} {status}"
            );
        }
        let takes_body = operation["requestBody"].is_object();
        let refuses_types = operation["responses"]["415"].is_object();
        assert_eq!(takes_body, refuses_types, "{place}");
        let names_something = place.contains('{');
        assert!(
            !names_something || operation["responses"]["404"].is_object(),
            "{place}"
        );
    }
    check_references(&document, &document);
}

fn check_references(value: &Value, document: &Value) {
    match value {
        Value::Object(object) => {
            if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
                let pointer = reference.trim_start_matches('#');
                assert!(document.pointer(pointer).is_some(), "{reference}");
            }
            object
                .values()
                .for_each(|inner| check_references(inner, document));
        }
        Value::Array(list) => list
            .iter()
            .for_each(|inner| check_references(inner, document)),
        _ => {}
    }
}

#[test]
fn bodies_that_come_in_are_closed() {
    let document = document();
    for (place, operation) in operations(&document) {
        let Some(reference) =
            operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str()
        else {
            continue;
        };
        let schema = document.pointer(reference.trim_start_matches('#')).unwrap();
        assert_eq!(schema["additionalProperties"], false, "{place}");
    }
}
