//! What a check found.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use wharf_dockerfile::Lines;
use wharf_dockerfile::lint::LintReport;

use crate::session::Session;

/// The list, with the lines of each finding, after a sentence that counts them.
pub(super) fn render_text(session: &Session, report: &LintReport, name: &str) -> String {
    let mut text = String::new();
    let count = report.findings.len().to_string();
    let key = match report.findings.len() {
        0 if report.error.is_some() => return text,
        0 => "cli.build.check.clean",
        1 => "cli.build.check.one",
        _ => "cli.build.check.many",
    };
    let _ = writeln!(text, "{}", session.text(key, &[("count", &count)]));
    for finding in &report.findings {
        let _ = write!(
            text,
            "\nWARNING: {} - {}\n{}\n",
            finding.rule.name(),
            link_rule(finding.rule.name()),
            finding.message
        );
        if let Some(excerpt) = finding.excerpt(&report.source) {
            let _ = write!(text, "{name}:{}\n{excerpt}", finding.lines.first);
        }
    }
    text
}

/// BuildKit's `result.json` of a lint request.
pub(super) fn render_json(report: &LintReport, name: &str) -> String {
    let warnings: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| {
            json!({
                "ruleName": finding.rule.name(),
                "description": finding.rule.description(),
                "url": link_rule(finding.rule.name()),
                "detail": finding.message,
                "location": locate(finding.lines),
            })
        })
        .collect();
    let mut answer = json!({
        "warnings": warnings,
        "sources": [{
            "filename": name,
            "language": "Dockerfile",
            "data": STANDARD.encode(report.source.text()),
        }],
    });
    if let Some(error) = &report.error {
        answer["buildError"] = json!({
            "message": error.to_string(),
            "location": error.lines().map_or(json!({}), locate),
        });
    }
    format!("{answer:#}\n")
}

/// Lines as BuildKit's documents have them.
pub(super) fn locate(lines: Lines) -> Value {
    json!({ "ranges": [{ "start": { "line": lines.first }, "end": { "line": lines.last } }] })
}

/// Where the rule is explained: the rules are BuildKit's, and so is the page.
fn link_rule(name: &str) -> String {
    let mut slug = String::new();
    let letters: Vec<char> = name.chars().collect();
    for (index, letter) in letters.iter().enumerate() {
        let after_small = index > 0 && letters[index - 1].is_lowercase();
        let before_small = index > 0
            && letters
                .get(index + 1)
                .is_some_and(|next| next.is_lowercase());
        if letter.is_uppercase() && (after_small || before_small) {
            slug.push('-');
        }
        slug.extend(letter.to_lowercase());
    }
    format!("https://docs.docker.com/go/dockerfile/rule/{slug}/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_a_rule_has_its_name_in_small_letters() {
        for (name, slug) in [
            ("StageNameCasing", "stage-name-casing"),
            ("JSONArgsRecommended", "json-args-recommended"),
            ("SecretsUsedInArgOrEnv", "secrets-used-in-arg-or-env"),
        ] {
            let page = format!("https://docs.docker.com/go/dockerfile/rule/{slug}/");
            assert_eq!(link_rule(name), page);
        }
    }
}
