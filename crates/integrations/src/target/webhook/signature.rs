//! Signatures of Standard Webhooks 1, symmetric (`spec/standard-webhooks.md`, "Signature scheme").

use crate::Secret;
use crate::target::error::TargetError;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use std::fmt;

/// The mark of a secret that is written down.
const PREFIX: &str = "whsec_";

/// How many random bytes a secret has ("Signature scheme": 24 to 64).
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A secret that signs. Debug shows nothing of it.
#[derive(Clone)]
pub struct SigningKey {
    key: hmac::Key,
    secret: Secret,
}

/// A new secret out of 32 random bytes, as receivers want it: `whsec_` and base64.
pub fn make_signing_secret(random: &[u8; 32]) -> Secret {
    Secret::new(format!("{PREFIX}{}", STANDARD.encode(random)))
}

impl SigningKey {
    /// Reads a secret.
    ///
    /// # Errors
    /// [`TargetError::SigningSecret`] for what is not `whsec_` and 24 to 64 bytes in base64.
    pub fn parse(secret: &Secret) -> Result<SigningKey, TargetError> {
        let refuse = |reason| TargetError::SigningSecret { reason };
        let encoded = secret
            .expose()
            .strip_prefix(PREFIX)
            .ok_or_else(|| refuse("it does not begin with whsec_"))?;
        let bytes = STANDARD
            .decode(encoded)
            .map_err(|_| refuse("it is not base64"))?;
        if !KEY_BYTES.contains(&bytes.len()) {
            return Err(refuse("it has not 24 to 64 bytes"));
        }
        Ok(SigningKey {
            key: hmac::Key::new(hmac::HMAC_SHA256, &bytes),
            secret: secret.clone(),
        })
    }

    /// The value of `webhook-signature`.
    pub(super) fn sign(&self, id: &str, timestamp: i64, body: &str) -> HeaderValue {
        let signed = format!("{id}.{timestamp}.{body}");
        let signature = hmac::sign(&self.key, signed.as_bytes());
        let text = format!("v1,{}", STANDARD.encode(signature));
        // Base64 is fit for a header.
        HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
    }

    pub(super) fn secret(&self) -> &Secret {
        &self.secret
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(********)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the tests of the specification's own libraries, `libraries/go/webhook_test.go` (`TestWebhookSign`) and
    /// `libraries/rust/src/lib.rs` (`test_sign`) of standard-webhooks/standard-webhooks.
    #[test]
    fn the_published_vectors_come_out() {
        for (secret, id, timestamp, body, signature) in [
            (
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                r#"{"test": 2432232314}"#,
                "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ),
            (
                "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
                "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
                1_649_367_553,
                r#"{"email":"test@example.com","username":"test_user"}"#,
                "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
            ),
        ] {
            let key = SigningKey::parse(&Secret::new(secret)).expect("a key");
            assert_eq!(key.sign(id, timestamp, body), signature);
        }
    }

    #[test]
    fn a_made_secret_signs_and_a_short_bare_or_garbled_one_does_not() {
        let made = make_signing_secret(&[7; 32]);
        assert!(made.expose().starts_with("whsec_BwcH"));
        let key = SigningKey::parse(&made).expect("a key");
        assert!(!format!("{key:?}").contains("BwcH"));
        let bare = STANDARD.encode([7; 32]);
        for text in [
            "",
            "whsec_",
            &bare,
            "whsec_!!!!",
            &format!("whsec_{}", STANDARD.encode([7; 23])),
            &format!("whsec_{}", STANDARD.encode([7; 65])),
        ] {
            let error = SigningKey::parse(&Secret::new(text)).expect_err(text);
            assert!(matches!(error, TargetError::SigningSecret { .. }));
        }
    }
}
