//! Signatures over a delivery's raw bytes, compared in constant time.
//!
//! Pure. Called by the verification alone, and by GitLab's registration for the form that its signing tokens have.

use crate::Secret;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The mark of a signing token (Standard Webhooks, "Signature scheme").
const TOKEN_PREFIX: &str = "whsec_";

/// Whether `signature` (hex) is the HMAC-SHA256 of `body` under one of the secrets. Empty secrets sign nothing.
pub(super) fn verify_hex(signature: &str, body: &[u8], secrets: &[Secret]) -> bool {
    let Ok(signature) = hex::decode(signature) else {
        return false;
    };
    secrets
        .iter()
        .filter(|secret| !secret.is_empty())
        .any(|secret| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
            hmac::verify(&key, body, &signature).is_ok()
        })
}

/// Whether one of the space-separated `v1,BASE64` signatures is the HMAC-SHA256 of `id.timestamp.body` under one of the
/// secrets' signing keys (Standard Webhooks, "Verifying signatures").
pub(super) fn verify_standard(
    signatures: &str,
    id: &str,
    timestamp: &str,
    body: &[u8],
    secrets: &[Secret],
) -> bool {
    let mut signed = Vec::with_capacity(id.len() + timestamp.len() + body.len() + 2);
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
        signed.extend_from_slice(part);
    }
    let keys: Vec<_> = secrets
        .iter()
        .filter(|secret| !secret.is_empty())
        .filter_map(find_signing_key)
        .map(|key| hmac::Key::new(hmac::HMAC_SHA256, &key))
        .collect();
    signatures
        .split(' ')
        // A host that rotates its keys sends two; more would only make us compute.
        .take(4)
        .filter_map(|signature| STANDARD.decode(signature.strip_prefix("v1,")?).ok())
        .any(|signature| {
            keys.iter()
                .any(|key| hmac::verify(key, &signed, &signature).is_ok())
        })
}

/// The signing token that goes with a secret of ours: `whsec_` and 32 bytes in base64, the form that GitLab asks for.
/// A secret that already is one stays what it is.
pub fn derive_signing_token(secret: &Secret) -> Secret {
    match secret.expose().starts_with(TOKEN_PREFIX) {
        true => secret.clone(),
        false => Secret::new(format!(
            "{TOKEN_PREFIX}{}",
            STANDARD.encode(derive_key(secret))
        )),
    }
}

fn find_signing_key(secret: &Secret) -> Option<Vec<u8>> {
    match secret.expose().strip_prefix(TOKEN_PREFIX) {
        Some(encoded) => STANDARD.decode(encoded).ok().filter(|key| !key.is_empty()),
        None => Some(derive_key(secret)),
    }
}

fn derive_key(secret: &Secret) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
    // The name keeps this apart from a signature that the same secret made over a payload.
    hmac::sign(&key, b"wharf/signing-token/v1")
        .as_ref()
        .to_vec()
}
