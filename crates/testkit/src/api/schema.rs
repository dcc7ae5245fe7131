//! Closing schemas: a field that the document does not name must not be in an answer.
//!
//! OpenAPI objects are open by default, so plain validation never sees an undocumented field. Here every object that
//! names its properties refuses others, also when it is put together by `allOf` or chosen by `oneOf` (JSON Schema
//! 2020-12, `unevaluatedProperties`).

use serde_json::{Map, Value, json};

/// Keywords whose members describe the same object as the schema they stand in.
const COMPOSITION: [&str; 3] = ["allOf", "oneOf", "anyOf"];

/// A schema that stands alone: `schema` closed, with the document's components for its references.
pub(super) fn close_schema(schema: &Value, document: &Value) -> Value {
    let mut root = close_position(schema, document);
    let mut components = Map::new();
    if let Some(schemas) = document["components"]["schemas"].as_object() {
        for (name, component) in schemas {
            components.insert(name.clone(), close_inside(component, document));
        }
    }
    root["components"] = json!({ "schemas": components });
    root
}

/// Closes a schema where a value stands: a body, an item, a property.
fn close_position(schema: &Value, document: &Value) -> Value {
    let mut closed = close_inside(schema, document);
    if names_properties(schema, document) && closed.is_object() {
        closed["unevaluatedProperties"] = json!(false);
    }
    closed
}

/// Closes what stands inside a schema, not the schema itself: it may be a part of something larger.
fn close_inside(schema: &Value, document: &Value) -> Value {
    let Some(object) = schema.as_object() else {
        return schema.clone();
    };
    let mut closed = object.clone();
    if let Some(properties) = object.get("properties").and_then(Value::as_object) {
        let properties = properties
            .iter()
            .map(|(name, property)| (name.clone(), close_position(property, document)));
        closed.insert(
            "properties".into(),
            properties.collect::<Map<_, _>>().into(),
        );
    }
    for keyword in ["items", "additionalProperties"] {
        if let Some(value) = object.get(keyword).filter(|value| value.is_object()) {
            closed.insert(keyword.into(), close_position(value, document));
        }
    }
    for keyword in COMPOSITION {
        if let Some(members) = object.get(keyword).and_then(Value::as_array) {
            let members = members.iter().map(|member| close_inside(member, document));
            closed.insert(keyword.into(), members.collect());
        }
    }
    closed.into()
}

/// Whether this schema, with all it is put together from, names properties and leaves no part open.
fn names_properties(schema: &Value, document: &Value) -> bool {
    let mut parts = Vec::new();
    collect_parts(schema, document, &mut parts);
    let objects: Vec<_> = parts.iter().filter(|part| describes_object(part)).collect();
    !objects.is_empty()
        && objects.iter().all(|part| {
            part.get("properties").is_some() && part.get("additionalProperties").is_none()
        })
}

fn describes_object(part: &Value) -> bool {
    part.get("properties").is_some()
        || part["type"] == "object"
        || part["type"]
            .as_array()
            .is_some_and(|types| types.contains(&json!("object")))
        // `{}` takes any value, objects too.
        || part.as_object().is_some_and(Map::is_empty)
}

fn collect_parts<'a>(schema: &'a Value, document: &'a Value, parts: &mut Vec<&'a Value>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = document.pointer(reference.trim_start_matches('#'));
        collect_parts(
            target.expect("a reference leads somewhere"),
            document,
            parts,
        );
        return;
    }
    let composed = COMPOSITION
        .iter()
        .filter_map(|keyword| schema[*keyword].as_array());
    let before = parts.len();
    for member in composed.flatten() {
        collect_parts(member, document, parts);
    }
    if before == parts.len() || schema.get("properties").is_some() {
        parts.push(schema);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_valid(schema: &Value, document: &Value, instance: &Value) -> bool {
        let closed = close_schema(schema, document);
        jsonschema::draft202012::new(&closed)
            .expect("a schema")
            .is_valid(instance)
    }

    #[test]
    fn an_undocumented_field_is_refused_through_references_lists_and_composition() {
        let document = json!({ "components": { "schemas": {
            "Tag": { "type": "object", "properties": { "name": { "type": "string" } } },
            "Detail": { "allOf": [
                { "$ref": "#/components/schemas/Tag" },
                { "type": "object", "properties": {
                    "config": {},
                    "labels": { "type": "object", "additionalProperties": { "type": "string" } },
                } },
            ] },
            "Page": { "type": "object", "properties": {
                "items": { "type": "array", "items": { "$ref": "#/components/schemas/Tag" } },
                "best": { "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Tag" }] },
            } },
        } } });
        let detail = json!({ "$ref": "#/components/schemas/Detail" });
        let page = json!({ "$ref": "#/components/schemas/Page" });

        let free = json!({ "name": "a", "config": { "x": 1 }, "labels": { "y": "z" } });
        assert!(is_valid(&detail, &document, &free));
        assert!(!is_valid(
            &detail,
            &document,
            &json!({ "name": "a", "secret": 1 })
        ));
        assert!(is_valid(
            &page,
            &document,
            &json!({ "items": [{ "name": "a" }], "best": null })
        ));
        assert!(!is_valid(
            &page,
            &document,
            &json!({ "items": [{ "nome": "a" }] })
        ));
        assert!(!is_valid(
            &page,
            &document,
            &json!({ "best": { "nome": "a" } })
        ));
    }
}
