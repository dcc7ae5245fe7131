//! Which targets there are.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use wharf_dockerfile::Target;

use super::check::locate;
use super::table::align_columns;

/// A table of names and descriptions.
pub(super) fn render_text(targets: &[Target]) -> String {
    let mut rows = vec![vec!["TARGET".to_owned(), "DESCRIPTION".to_owned()]];
    rows.extend(targets.iter().map(|target| {
        let name = match (&target.name, target.is_default) {
            (Some(name), true) => format!("{name} (default)"),
            (Some(name), false) => name.clone(),
            (None, true) => "(default)".to_owned(),
            (None, false) => String::new(),
        };
        vec![name, target.description.clone().unwrap_or_default()]
    }));
    align_columns(&rows, 1)
}

/// BuildKit's `result.json` of a targets request.
pub(super) fn render_json(targets: &[Target], source: &[u8]) -> String {
    let list: Vec<Value> = targets
        .iter()
        .map(|target| {
            let mut entry = json!({"base": target.base, "location": locate(target.lines)});
            let texts = [
                ("name", &target.name),
                ("description", &target.description),
                ("platform", &target.platform),
            ];
            for (key, text) in texts {
                if let Some(text) = text {
                    entry[key] = text.clone().into();
                }
            }
            if target.is_default {
                entry["default"] = true.into();
            }
            entry
        })
        .collect();
    let answer = json!({ "targets": list, "sources": [STANDARD.encode(source)] });
    format!("{answer:#}\n")
}
