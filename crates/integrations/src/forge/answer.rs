//! What an answer that is not a success means.
//!
//! Pure: status, headers and body in, an error for people out. Each host says some things in its own way; the facts are
//! from docs.github.com ("Troubleshooting the REST API", "Rate limits for the REST API"), docs.gitlab.com ("REST API
//! troubleshooting", "Rate limits") and `services/context/api.go` of go-gitea/gitea. Called by the caller alone.

use super::error::ForgeError;
use super::kind::ForgeKind;
use crate::Secret;
use crate::retry_after::find_retry_after;
use crate::text::quote;
use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

/// A refusal as it came in.
pub(super) struct Refusal<'a> {
    pub(super) kind: ForgeKind,
    pub(super) host: &'a str,
    pub(super) subject: &'a str,
    pub(super) token: &'a Secret,
    pub(super) status: StatusCode,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
}

impl Refusal<'_> {
    /// The error that says it best.
    pub(super) fn into_error(self) -> ForgeError {
        let body: Value = serde_json::from_slice(self.body).unwrap_or_default();
        let sentence = find_sentence(&body);
        let said = quote(&sentence, &[self.token]);
        let (host, subject) = (self.host.to_owned(), self.subject.to_owned());
        let status = self.status.as_u16();
        if self.is_rate_limit(&sentence) {
            let retry_after = find_retry_after(self.headers);
            return ForgeError::RateLimited {
                host,
                retry_after,
                said,
            };
        }
        let kind = self.kind;
        if let Some(scopes) = self.find_missing_scopes(&body, &sentence) {
            return ForgeError::MissingScopes { kind, host, scopes };
        }
        match status {
            401 => ForgeError::Unauthorized { kind, host, said },
            403 => ForgeError::Denied {
                host,
                subject,
                said,
            },
            404 | 410 => ForgeError::NotFound { host, subject },
            400 | 409 | 413 | 422 => ForgeError::Refused {
                host,
                subject,
                status,
                said,
            },
            // Redirects of questions were followed by the egress; what is left is an answer to a change.
            300..=399 => ForgeError::BadAnswer {
                host,
                subject,
                reason: "it redirects; is this the address that it calls its own?".to_owned(),
            },
            _ => ForgeError::Status {
                host,
                subject,
                status,
                said,
            },
        }
    }

    /// GitHub answers 403 too: the first limit empties `x-ratelimit-remaining`, the second says so in words only.
    fn is_rate_limit(&self, sentence: &str) -> bool {
        let is_empty = self
            .headers
            .get("x-ratelimit-remaining")
            .is_some_and(|value| value.as_bytes() == b"0");
        match self.status.as_u16() {
            429 => true,
            403 if self.kind == ForgeKind::GitHub => {
                is_empty
                    || self.headers.contains_key(RETRY_AFTER)
                    || sentence.contains("rate limit")
            }
            _ => false,
        }
    }

    fn find_missing_scopes(&self, body: &Value, sentence: &str) -> Option<Vec<String>> {
        match (self.kind, self.status.as_u16()) {
            (ForgeKind::GitHub, 403) if sentence.contains("not accessible by") => {
                find_permissions(self.headers)
            }
            (ForgeKind::GitHub, 403 | 404) => find_unmet_scopes(self.headers),
            (ForgeKind::GitLab, 403) if body["error"] == "insufficient_scope" => {
                // All of these would do; the one with which everything works is the one to name.
                let offered = body["scope"].as_str().unwrap_or("api");
                let wanted = match offered.split(' ').any(|scope| scope == "api") {
                    true => "api",
                    false => offered.split(' ').next().unwrap_or("api"),
                };
                Some(vec![wanted.to_owned()])
            }
            (ForgeKind::Gitea, 403) if sentence.contains("required scope") => {
                let (_, rest) = sentence.split_once('[')?;
                let (list, _) = rest.split_once(']')?;
                let scopes: Vec<_> = list
                    .split([' ', ','])
                    .filter(|scope| !scope.is_empty())
                    .map(|scope| quote(scope, &[]).trim_start_matches(": ").to_owned())
                    .collect();
                (!scopes.is_empty()).then_some(scopes)
            }
            _ => None,
        }
    }
}

/// What a fine-grained token or an app lacks: `x-accepted-github-permissions: contents=read,metadata=read`; alternatives
/// are divided by semicolons, of which the first is named.
fn find_permissions(headers: &HeaderMap) -> Option<Vec<String>> {
    let text = headers
        .get("x-accepted-github-permissions")?
        .to_str()
        .ok()?;
    let first = text.split(';').next()?;
    let wanted: Vec<_> = first
        .split(',')
        .map(|part| part.trim().replace('=', ": "))
        .filter(|part| !part.is_empty())
        .collect();
    (!wanted.is_empty()).then_some(wanted)
}

/// What a classic token lacks, by the two headers that GitHub sends with each answer; it hides what such a token may not
/// see behind 404. One of the accepted scopes is enough.
fn find_unmet_scopes(headers: &HeaderMap) -> Option<Vec<String>> {
    let read = |name| {
        let text = headers.get(name)?.to_str().ok()?;
        let scopes = text.split(',').map(|scope| scope.trim().to_owned());
        Some(scopes.filter(|scope| !scope.is_empty()).collect::<Vec<_>>())
    };
    let (held, accepted) = (read("x-oauth-scopes")?, read("x-accepted-oauth-scopes")?);
    if accepted.is_empty() || accepted.iter().any(|scope| held.contains(scope)) {
        return None;
    }
    let wanted = accepted.iter().find(|scope| *scope == "repo");
    Some(vec![wanted.unwrap_or(&accepted[0]).clone()])
}

/// What a host says in its body. GitHub: `message` and `errors`; GitLab: `message` (a text or an object), or `error` and
/// `error_description`; Gitea: `message`.
fn find_sentence(body: &Value) -> String {
    let mut sentences = Vec::new();
    for name in ["message", "error_description", "error"] {
        match &body[name] {
            Value::String(text) => sentences.push(text.clone()),
            Value::Null => continue,
            other => sentences.push(other.to_string()),
        }
        break;
    }
    let errors = body["errors"].as_array().map_or(&[][..], Vec::as_slice);
    for error in errors.iter().take(3) {
        if let Some(text) = error["message"].as_str().or(error.as_str()) {
            sentences.push(text.to_owned());
        }
    }
    sentences.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ForgeKind::{GitHub, GitLab, Gitea};

    type Headers = &'static [(&'static str, &'static str)];

    fn judge(
        kind: ForgeKind,
        status: u16,
        headers: &[(&'static str, &str)],
        body: &str,
    ) -> ForgeError {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().expect("a value"));
        }
        Refusal {
            kind,
            host: "git.example",
            subject: "the repository a/b",
            token: &Secret::new("hush"),
            status: StatusCode::from_u16(status).expect("a status"),
            headers: &map,
            body: body.as_bytes(),
        }
        .into_error()
    }

    #[test]
    fn a_rate_limit_says_when_it_ends_by_the_hosts_own_clock() {
        const DATE: (&str, &str) = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        let cases: &[(ForgeKind, u16, Headers, Option<u64>)] = &[
            (
                GitHub,
                403,
                &[
                    DATE,
                    ("x-ratelimit-remaining", "0"),
                    ("x-ratelimit-reset", "784111837"),
                ],
                Some(60),
            ),
            (GitHub, 403, &[("retry-after", "30")], Some(30)),
            (
                GitHub,
                429,
                &[DATE, ("retry-after", "Sun, 06 Nov 1994 08:49:47 GMT")],
                Some(10),
            ),
            (
                GitLab,
                429,
                &[DATE, ("ratelimit-reset", "784111779")],
                Some(2),
            ),
            (GitLab, 429, &[DATE, ("ratelimit-reset", "1")], Some(0)),
            (Gitea, 429, &[], None),
        ];
        for (kind, status, headers, expected) in cases {
            let error = judge(*kind, *status, headers, "{}");
            assert!(matches!(error, ForgeError::RateLimited { .. }), "{error:?}");
            assert_eq!(
                error.retry_after().map(|time| time.as_secs()),
                *expected,
                "{headers:?}"
            );
        }
        let words = r#"{"message":"You have exceeded a secondary rate limit."}"#;
        assert!(matches!(
            judge(GitHub, 403, &[], words),
            ForgeError::RateLimited { .. }
        ));
    }

    #[test]
    fn missing_scopes_are_named_as_the_host_names_them() {
        let cases: &[(ForgeKind, u16, Headers, &str, &[&str])] = &[
            (
                GitHub,
                404,
                &[
                    ("x-oauth-scopes", "gist"),
                    ("x-accepted-oauth-scopes", "admin:repo_hook, repo"),
                ],
                "{}",
                &["repo"],
            ),
            (
                GitHub,
                403,
                &[(
                    "x-accepted-github-permissions",
                    "repository_hooks=write; administration=write",
                )],
                r#"{"message":"Resource not accessible by personal access token"}"#,
                &["repository_hooks: write"],
            ),
            (
                GitLab,
                403,
                &[],
                r#"{"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"api read_api"}"#,
                &["api"],
            ),
            (
                GitLab,
                403,
                &[],
                r#"{"error":"insufficient_scope","scope":"read_user"}"#,
                &["read_user"],
            ),
            (
                Gitea,
                403,
                &[],
                r#"{"message":"token does not have at least one of required scope(s): [write:repository]"}"#,
                &["write:repository"],
            ),
            (
                Gitea,
                403,
                &[],
                r#"{"message":"token does not have at least one of required scope(s), required=[read:user read:organization], token scope=write:issue"}"#,
                &["read:user", "read:organization"],
            ),
        ];
        for (kind, status, headers, body, expected) in cases {
            match judge(*kind, *status, headers, body) {
                ForgeError::MissingScopes { scopes, .. } => assert_eq!(scopes, *expected),
                other => panic!("{body}: {other:?}"),
            }
        }
    }

    #[test]
    fn what_is_not_there_and_what_is_not_allowed_are_told_apart() {
        let scopes = [
            ("x-oauth-scopes", "repo"),
            ("x-accepted-oauth-scopes", "repo"),
        ];
        assert!(judge(GitHub, 404, &scopes, "{}").is_not_found());
        assert!(judge(GitLab, 404, &[], r#"{"message":"404 Project Not Found"}"#).is_not_found());
        let denied = judge(GitLab, 403, &[], r#"{"message":"403 Forbidden"}"#);
        assert_eq!(
            denied.to_string(),
            "git.example denies the repository a/b: 403 Forbidden"
        );
        let expired =
            r#"{"error":"invalid_token","error_description":"Token is expired: hush\nsorry"}"#;
        let error = judge(GitLab, 401, &[], expired);
        assert!(error.wants_new_token());
        assert_eq!(
            error.to_string(),
            "git.example does not accept the token: Token is expired: ******** sorry"
        );
        let invalid = r#"{"message":"Validation Failed","errors":[{"message":"Hook already exists on this repository"}]}"#;
        assert_eq!(
            judge(GitHub, 422, &[], invalid).to_string(),
            "git.example refuses the repository a/b: Validation Failed; Hook already exists on this repository"
        );
        assert!(judge(Gitea, 502, &[], "<html>").is_transient());
        assert!(!judge(Gitea, 404, &[], "<html>").is_transient());
    }
}
