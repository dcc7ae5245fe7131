//! The provider's keys, asked for when a token names one that is not known or was read an hour ago, and never more than
//! once a minute: whoever makes tokens up must not make us ask.

use super::{OidcError, answer::fetch, token::ALGORITHMS};
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, Jwk, PublicKeyUse},
};
use serde::Deserialize;
use serde_json::Value;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use url::Url;
use wharf_egress::Egress;

/// The time between two questions for keys. Shorter lets made-up tokens load the provider; longer keeps people out for
/// longer after it changed its keys.
const BETWEEN: Duration = Duration::from_secs(60);

/// How long a known key is believed. Shorter asks a provider for what hardly ever changes; longer takes tokens for longer
/// whose key was stolen there and taken back.
const BELIEVED: Duration = Duration::from_secs(3600);

/// Keys that are looked at. Providers have two or three.
const MOST: usize = 50;

#[derive(Deserialize)]
struct Listed {
    keys: Vec<Value>,
}

/// The provider's keys, as one process knows them.
#[derive(Default)]
pub(super) struct Keys {
    kept: Mutex<Kept>,
    /// Held by whoever asks. Who has a key goes on without it, so that a slow provider holds up nobody else.
    asking: Mutex<()>,
}

/// What is known of them.
#[derive(Default)]
struct Kept {
    known: Vec<Jwk>,
    /// When the list was read.
    read: Option<Instant>,
    /// When it was asked for last.
    asked: Option<Instant>,
}

impl Keys {
    /// The key that a token's header names, asking the provider when it may have a new one, or may have taken this one
    /// back.
    ///
    /// # Errors
    /// [`OidcError::Token`] when it has no such key, or when it cannot be asked again yet. Keys that are known stay
    /// good while the provider is away.
    pub(super) async fn find(
        &self,
        egress: &Egress,
        list: &Url,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<DecodingKey, OidcError> {
        let known = {
            let kept = self.kept.lock().await;
            let known = kept.pick(kid, algorithm);
            if let Some(key) = &known
                && kept.is_fresh(Instant::now())
            {
                return Ok(key.clone());
            }
            known
        };
        let asked = match known {
            // Aged, but good while somebody else asks.
            Some(_) => match self.asking.try_lock() {
                Ok(_turn) => self.ask_again(egress, list).await,
                Err(_) => Ok(()),
            },
            None => {
                let _turn = self.asking.lock().await;
                // Whoever asked meanwhile may have found it.
                if let Some(key) = self.kept.lock().await.pick(kid, algorithm) {
                    return Ok(key);
                }
                self.ask_again(egress, list).await
            }
        };
        if let Err(error) = asked {
            return known.ok_or(error);
        }
        let kept = self.kept.lock().await;
        kept.pick(kid, algorithm)
            .ok_or(OidcError::Token("the provider has no such key"))
    }

    /// Reads the list unless that was tried a moment ago. The caller holds `asking`.
    async fn ask_again(&self, egress: &Egress, list: &Url) -> Result<(), OidcError> {
        {
            let (mut kept, now) = (self.kept.lock().await, Instant::now());
            if !kept.may_ask(now) {
                return Ok(());
            }
            kept.asked = Some(now);
        }
        let known = ask_for_keys(egress, list).await?;
        let mut kept = self.kept.lock().await;
        kept.known = known;
        kept.read = Some(Instant::now());
        Ok(())
    }
}

/// Asks, whatever is known already.
pub(super) async fn ask_for_keys(egress: &Egress, list: &Url) -> Result<Vec<Jwk>, OidcError> {
    let listed: Listed = fetch(egress, list.clone(), "key list").await?;
    // One that we cannot read is of a kind that we do not know; the others are no worse for it.
    let read = |value| serde_json::from_value::<Jwk>(value).ok();
    Ok(listed
        .keys
        .into_iter()
        .take(MOST)
        .filter_map(read)
        .collect())
}

/// Whether a token could be signed with it.
pub(super) fn is_usable(key: &Jwk) -> bool {
    ALGORITHMS.iter().any(|algorithm| fits(key, *algorithm)) && DecodingKey::from_jwk(key).is_ok()
}

impl Kept {
    fn may_ask(&self, now: Instant) -> bool {
        self.asked
            .is_none_or(|asked| now.saturating_duration_since(asked) >= BETWEEN)
    }

    /// Whether what is known may be believed without asking.
    fn is_fresh(&self, now: Instant) -> bool {
        self.read
            .is_some_and(|read| now.saturating_duration_since(read) < BELIEVED)
    }

    /// A token without a key's id means the only one there is.
    fn pick(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<DecodingKey> {
        let mut fitting = self.known.iter().filter(|key| fits(key, algorithm));
        let key = match kid {
            Some(kid) => fitting.find(|key| key.common.key_id.as_deref() == Some(kid))?,
            None => fitting.next().filter(|_| fitting.next().is_none())?,
        };
        DecodingKey::from_jwk(key).ok()
    }
}

/// Whether a key is for signatures of this algorithm. A shared secret in a public list is none.
fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    let signs = matches!(
        key.common.public_key_use,
        None | Some(PublicKeyUse::Signature)
    );
    let named = match key.common.key_algorithm {
        None => true,
        Some(named) => Algorithm::try_from(named).is_ok_and(|named| named == algorithm),
    };
    let kind = match &key.algorithm {
        AlgorithmParameters::RSA(_) => matches!(
            algorithm,
            Algorithm::RS256
                | Algorithm::RS384
                | Algorithm::RS512
                | Algorithm::PS256
                | Algorithm::PS384
                | Algorithm::PS512
        ),
        AlgorithmParameters::EllipticCurve(_) => {
            matches!(algorithm, Algorithm::ES256 | Algorithm::ES384)
        }
        AlgorithmParameters::OctetKeyPair(_) => algorithm == Algorithm::EdDSA,
        _ => false,
    };
    signs && named && kind
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn keys(list: Value) -> Kept {
        Kept {
            known: serde_json::from_value(list).unwrap(),
            ..Kept::default()
        }
    }

    #[test]
    fn only_the_key_that_is_named_and_meant_for_the_algorithm_is_taken() {
        let rsa = |kid: &str, further: Value| {
            let mut key = json!({ "kty": "RSA", "kid": kid, "n": "sXch", "e": "AQAB" });
            for (name, value) in further.as_object().unwrap() {
                key[name] = value.clone();
            }
            key
        };
        let keys = keys(json!([
            rsa("plain", json!({})),
            rsa("encrypts", json!({ "use": "enc" })),
            rsa("other", json!({ "alg": "RS512" })),
            { "kty": "oct", "kid": "shared", "k": "c2VjcmV0" },
        ]));
        let has = |kid, algorithm| keys.pick(Some(kid), algorithm).is_some();
        assert!(has("plain", Algorithm::RS256) && has("other", Algorithm::RS512));
        for (kid, algorithm) in [
            ("encrypts", Algorithm::RS256),
            ("other", Algorithm::RS256),
            ("shared", Algorithm::HS256),
            ("plain", Algorithm::ES256),
            ("nobody", Algorithm::RS256),
        ] {
            assert!(!has(kid, algorithm), "{kid}");
        }
        // Without a name it must be the only one.
        assert!(keys.pick(None, Algorithm::RS256).is_some());
        assert!(keys.pick(None, Algorithm::RS512).is_none());
    }

    #[test]
    fn the_list_is_asked_for_once_a_minute() {
        let now = Instant::now();
        let mut keys = Kept::default();
        assert!(keys.may_ask(now));
        keys.asked = Some(now);
        assert!(!keys.may_ask(now + Duration::from_secs(59)));
        assert!(keys.may_ask(now + Duration::from_secs(60)));
    }

    #[test]
    fn a_list_is_believed_for_an_hour() {
        let now = Instant::now();
        let mut keys = Kept::default();
        assert!(!keys.is_fresh(now));
        keys.read = Some(now);
        assert!(keys.is_fresh(now + Duration::from_secs(3599)));
        assert!(!keys.is_fresh(now + Duration::from_secs(3600)));
    }
}
