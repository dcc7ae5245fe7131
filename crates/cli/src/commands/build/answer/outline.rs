//! What a target can be given.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use wharf_dockerfile::{Outline, OutlineMount};

use super::check::locate;
use super::table::align_columns;

/// Tables of arguments, secrets and agents; what there is none of is left out.
pub(super) fn render_text(outline: &Outline) -> String {
    let mut parts = Vec::new();
    if outline.name.is_some() || outline.description.is_some() {
        let name = outline.name.as_deref().unwrap_or("(default)");
        let mut rows = vec![vec!["TARGET:".to_owned(), name.to_owned()]];
        if let Some(description) = &outline.description {
            rows.push(vec!["DESCRIPTION:".to_owned(), description.clone()]);
        }
        parts.push(align_columns(&rows, 1));
    }
    if !outline.arguments.is_empty() {
        let mut rows = vec![
            ["BUILD ARG", "VALUE", "DESCRIPTION"]
                .map(str::to_owned)
                .to_vec(),
        ];
        rows.extend(outline.arguments.iter().map(|argument| {
            let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
            vec![
                argument.name.clone(),
                or_empty(&argument.value),
                or_empty(&argument.description),
            ]
        }));
        parts.push(align_columns(&rows, 3));
    }
    for (head, mounts) in [("SECRET", &outline.secrets), ("SSH", &outline.ssh)] {
        if mounts.is_empty() {
            continue;
        }
        let mut rows = vec![vec![head.to_owned(), "REQUIRED".to_owned()]];
        rows.extend(mounts.iter().map(|mount| {
            let required = if mount.required { "true" } else { "" };
            vec![mount.name.clone(), required.to_owned()]
        }));
        parts.push(align_columns(&rows, 3));
    }
    parts.iter().map(|part| format!("{part}\n")).collect()
}

/// BuildKit's `result.json` of an outline request.
pub(super) fn render_json(outline: &Outline, source: &[u8]) -> String {
    let mounts = |list: &[OutlineMount]| -> Vec<Value> {
        list.iter()
            .map(|mount| {
                let mut entry = json!({"name": mount.name, "location": locate(mount.lines)});
                if mount.required {
                    entry["required"] = true.into();
                }
                entry
            })
            .collect()
    };
    let arguments: Vec<Value> = outline
        .arguments
        .iter()
        .map(|argument| {
            let mut entry = json!({"name": argument.name, "location": locate(argument.lines)});
            if let Some(description) = &argument.description {
                entry["description"] = description.clone().into();
            }
            if let Some(value) = &argument.value {
                entry["value"] = value.clone().into();
            }
            entry
        })
        .collect();
    let mut answer = json!({ "sources": [STANDARD.encode(source)] });
    let texts = [
        ("name", &outline.name),
        ("description", &outline.description),
    ];
    for (key, text) in texts {
        if let Some(text) = text {
            answer[key] = text.clone().into();
        }
    }
    for (key, list) in [
        ("args", arguments),
        ("secrets", mounts(&outline.secrets)),
        ("ssh", mounts(&outline.ssh)),
    ] {
        if !list.is_empty() {
            answer[key] = list.into();
        }
    }
    format!("{answer:#}\n")
}
