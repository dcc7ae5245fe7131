//! Who sent a delivery: signature or token, in constant time, before anything is parsed.

use super::kind::HookKind;
use super::signature::{verify_hex, verify_standard};
use crate::Secret;
use bytes::Bytes;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use std::time::Duration;
use wharf_model::Timestamp;

/// The largest body that is looked at. GitHub sends nothing larger than 25 MB (docs.github.com, "Webhook events and
/// payloads"); with less, its largest pushes would be lost, with more, strangers could make us hash for nothing.
pub const LARGEST_BODY: usize = 25 * 1024 * 1024;

/// How far a signed time may be from ours. Standard Webhooks proposes five minutes: with less, a host whose clock is a
/// little off is not heard; with more, a recorded delivery is good for longer.
const TIME_WINDOW: Duration = Duration::from_secs(5 * 60);

/// A delivery whose sender knows the secret. Nothing else makes one.
#[derive(Debug, Clone)]
pub struct Verified {
    pub(super) kind: HookKind,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// The id, when it is signed.
    pub(super) signed_id: Option<String>,
}

/// Why a delivery is not looked at: 401, but 413 for [`Rejection::TooLarge`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A webhook without a secret accepts nobody.
    #[error("no secret is set for this webhook")]
    NoSecret,
    #[error("the delivery is not signed")]
    Unsigned,
    #[error("the delivery's signature is wrong")]
    WrongSignature,
    /// Signed, but more than five minutes ago or ahead.
    #[error("the delivery was signed at another time")]
    WrongTime,
    #[error("the delivery is larger than {LARGEST_BODY} bytes")]
    TooLarge,
}

/// Passes a delivery that one of the secrets signed. Nothing of the body is parsed, and headers that are there twice
/// count as wrong.
///
/// GitHub: `X-Hub-Signature-256` alone; the older one uses SHA-1 and is not looked at. Gitea: `X-Gitea-Signature`, or
/// `X-Forgejo-Signature`, or `X-Hub-Signature-256`. GitLab: `webhook-signature` with `webhook-id` and
/// `webhook-timestamp` when it is there, else the secret itself in `X-Gitlab-Token`. Nudge: the secret as Bearer.
///
/// # Errors
/// [`Rejection`]; it does not tell a caller which of the secrets came close.
pub fn verify_delivery(
    kind: HookKind,
    headers: &HeaderMap,
    body: Bytes,
    secrets: &[Secret],
    now: Timestamp,
) -> Result<Verified, Rejection> {
    if body.len() > LARGEST_BODY {
        return Err(Rejection::TooLarge);
    }
    if secrets.iter().all(Secret::is_empty) {
        return Err(Rejection::NoSecret);
    }
    let signed_id = match kind {
        HookKind::GitHub => verify_github(headers, &body, secrets)?,
        HookKind::Gitea => verify_gitea(headers, &body, secrets)?,
        HookKind::GitLab => verify_gitlab(headers, &body, secrets, now)?,
        HookKind::Nudge => verify_nudge(headers, secrets)?,
    };
    Ok(Verified {
        kind,
        headers: headers.clone(),
        body,
        signed_id,
    })
}

/// <https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries>
fn verify_github(
    headers: &HeaderMap,
    body: &[u8],
    secrets: &[Secret],
) -> Result<Option<String>, Rejection> {
    let signature = find_one(headers, "x-hub-signature-256")?.ok_or(Rejection::Unsigned)?;
    let signature = signature
        .strip_prefix("sha256=")
        .ok_or(Rejection::WrongSignature)?;
    accept(verify_hex(signature, body, secrets))
}

/// <https://docs.gitea.com/usage/webhooks>: the bare hex digits; an older server leaves them empty without a secret.
fn verify_gitea(
    headers: &HeaderMap,
    body: &[u8],
    secrets: &[Secret],
) -> Result<Option<String>, Rejection> {
    for name in ["x-gitea-signature", "x-forgejo-signature"] {
        if let Some(signature) = find_one(headers, name)? {
            return accept(verify_hex(signature, body, secrets));
        }
    }
    verify_github(headers, body, secrets)
}

/// Where both are sent, the signature decides: a recorded token must not help a delivery with a wrong or old signature.
fn verify_gitlab(
    headers: &HeaderMap,
    body: &[u8],
    secrets: &[Secret],
    now: Timestamp,
) -> Result<Option<String>, Rejection> {
    let Some(signatures) = find_one(headers, "webhook-signature")? else {
        let token = find_one(headers, "x-gitlab-token")?.ok_or(Rejection::Unsigned)?;
        return accept(is_one_of(secrets, token));
    };
    let id = find_one(headers, "webhook-id")?.ok_or(Rejection::Unsigned)?;
    let timestamp = find_one(headers, "webhook-timestamp")?.ok_or(Rejection::Unsigned)?;
    accept(verify_standard(signatures, id, timestamp, body, secrets))?;
    let seconds: i64 = timestamp.parse().map_err(|_| Rejection::WrongTime)?;
    let signed_at = Timestamp::from_seconds(seconds);
    if signed_at.until(now).max(now.until(signed_at)) > TIME_WINDOW {
        return Err(Rejection::WrongTime);
    }
    Ok(Some(id.to_owned()))
}

fn verify_nudge(headers: &HeaderMap, secrets: &[Secret]) -> Result<Option<String>, Rejection> {
    let value = find_one(headers, AUTHORIZATION.as_str())?.ok_or(Rejection::Unsigned)?;
    let (scheme, token) = value.split_once(' ').ok_or(Rejection::WrongSignature)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Rejection::WrongSignature);
    }
    accept(is_one_of(secrets, token.trim()))
}

fn is_one_of(secrets: &[Secret], token: &str) -> bool {
    // All are compared, so that the time does not tell which one it is.
    secrets.iter().fold(false, |found, secret| {
        secret.equals(token.as_bytes()) | found
    })
}

fn accept(is_right: bool) -> Result<Option<String>, Rejection> {
    match is_right {
        true => Ok(None),
        false => Err(Rejection::WrongSignature),
    }
}

/// A header's value when it is there once; twice, or with bytes beyond ASCII, is wrong.
fn find_one<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Rejection> {
    let mut values = headers.get_all(name).iter();
    let Some(first) = values.next() else {
        return Ok(None);
    };
    match (first.to_str(), values.next()) {
        (Ok(text), None) => Ok(Some(text)),
        _ => Err(Rejection::WrongSignature),
    }
}
