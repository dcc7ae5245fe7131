//! What there is to say about a Dockerfile that somebody is writing.

use super::{
    Answer, ApiState,
    caller::SignedIn,
    describe::{BadBody, Common},
    problem::Reader,
    request::JsonBody,
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wharf_app::builds::{self, DockerfileRule};
use wharf_messages::{Language, render};

/// A Dockerfile to be looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DockerfileText {
    /// At most 32 KiB, and 100 stages.
    dockerfile: String,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum FindingSeverity {
    /// It would not be built.
    Error,
    /// It is built, and could be better.
    Warning,
}

/// One thing about a Dockerfile.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DockerfileFinding {
    severity: FindingSeverity,
    /// Counted from 1.
    line: u32,
    /// The last line of the instruction.
    end_line: u32,
    /// In characters from 1, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
    /// The rule, as `# check=skip=…` names it; none for an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'static str>,
    /// What it is, in English, as BuildKit says it.
    message: String,
    /// What to do, in the language that `Accept-Language` likes best; of an error in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

/// All that there is to say.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DockerfileCheck {
    /// In the order of the file; none for one that is as it should be.
    findings: Vec<DockerfileFinding>,
}

impl DockerfileFinding {
    fn show(found: builds::DockerfileFinding, language: Language) -> Self {
        Self {
            severity: match found.rule {
                Some(_) => FindingSeverity::Warning,
                None => FindingSeverity::Error,
            },
            line: found.first_line,
            end_line: found.last_line,
            column: found.column,
            rule: found.rule.map(DockerfileRule::name),
            message: found.message,
            hint: match found.rule {
                Some(rule) => Some(render(language, &key_of(rule), &[]).into_owned()),
                None => found.hint.map(str::to_owned),
            },
        }
    }
}

fn key_of(rule: DockerfileRule) -> String {
    format!("dockerfile_rule.{}", rule.name())
}

/// Look at a Dockerfile without building it; nothing is kept
///
/// The rules of `wharf build --check`, on the text alone: base images are not asked, and there is no context.
#[utoipa::path(post, path = "/dockerfile-checks", tag = "builds", request_body = DockerfileText,
    responses((status = 200, description = "What there is to say", body = DockerfileCheck), Common, BadBody))]
pub(super) async fn check_dockerfile(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    JsonBody(body): JsonBody<DockerfileText>,
) -> Answer<DockerfileCheck> {
    let found = state
        .app
        .check_dockerfile(&context, body.dockerfile)
        .await?;
    let shown = found
        .into_iter()
        .map(|one| DockerfileFinding::show(one, language));
    Ok(Json(DockerfileCheck {
        findings: shown.collect(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wharf_messages::has_message;

    #[test]
    fn every_rule_says_what_to_do_in_both_languages() {
        for rule in DockerfileRule::ALL {
            let key = key_of(rule);
            assert!(has_message(&key), "{key}");
            assert!(!render(Language::Zh, &key, &[]).is_ascii(), "{key}");
        }
    }
}
