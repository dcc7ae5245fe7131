//! Registry tokens: JSON web tokens that carry an identity and a scope, for `/v2` alone and for 300 seconds.
//!
//! Rights are looked up at every use. One algorithm with one key of this installation: the first part of a token is
//! compared byte for byte with the only header we write, so that no key id, embedded key, URL, critical extension or
//! other algorithm is ever looked at.

use super::{AccountKey, Keys};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use wharf_model::{Actions, CallerKind, Scope, ScopeEntry, Timestamp};

/// How long a token lives: long enough for a client to fetch one per pull, short enough that a stolen one is stale soon.
pub(crate) const LIFETIME: Duration = Duration::from_secs(300);

/// Longest token looked at, and longest one given out. One scope takes about 100 bytes; a multi-image pull asks for a few
/// dozen.
const MAX_LENGTH: usize = 16 * 1024;

const ALGORITHM: Algorithm = Algorithm::HS256;

/// What a token says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RegistryToken {
    /// The account and its version; nobody for anonymous pulls.
    pub(crate) account: Option<(AccountKey, i64)>,
    /// How the account proved itself to the token service.
    pub(crate) kind: CallerKind,
    /// What that credential carried.
    pub(crate) actions: Actions,
    /// What the token is for.
    pub(crate) scope: Scope,
    /// When it ends.
    pub(crate) expires_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: String,
    access: Vec<Access>,
    wharf: Proof,
}

/// An entry of the `access` claim as the Docker token specification has it.
#[derive(Serialize, Deserialize)]
struct Access {
    #[serde(rename = "type")]
    kind: String,
    name: String,
    actions: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Proof {
    version: i64,
    kind: String,
    actions: String,
}

const ISSUER: &str = "wharf";
const ANONYMOUS: &str = "anonymous";

/// Writes `token` as a signed text that [`verify`] accepts: the last repositories are taken out of its scope until it is
/// short enough.
pub(crate) fn sign_within_limit(
    token: &mut RegistryToken,
    service: &str,
    now: Timestamp,
    keys: &Keys,
) -> Result<String, jsonwebtoken::errors::Error> {
    loop {
        let text = sign(token, service, now, keys)?;
        if text.len() <= MAX_LENGTH || token.scope.repositories.pop().is_none() {
            return Ok(text);
        }
    }
}

fn sign(
    token: &RegistryToken,
    service: &str,
    now: Timestamp,
    keys: &Keys,
) -> Result<String, jsonwebtoken::errors::Error> {
    let kind = match token.kind {
        CallerKind::Anonymous => ANONYMOUS.to_owned(),
        CallerKind::User => "user".to_owned(),
        CallerKind::Robot => "robot".to_owned(),
        // No token is ever issued to one; the word is not read back.
        CallerKind::Build => "build".to_owned(),
        CallerKind::Token(id) => format!("token:{id}"),
    };
    let mut access: Vec<_> = token
        .scope
        .repositories
        .iter()
        .map(|entry| Access {
            kind: "repository".into(),
            name: entry.repository.as_str().into(),
            actions: entry.actions.names().map(str::to_owned).collect(),
        })
        .collect();
    for (granted, name) in [
        (token.scope.catalog, "catalog"),
        (token.scope.mount, "mount"),
    ] {
        if granted {
            access.push(Access {
                kind: "registry".into(),
                name: name.into(),
                actions: vec!["*".into()],
            });
        }
    }
    let claims = Claims {
        iss: ISSUER.into(),
        aud: service.into(),
        sub: token
            .account
            .map_or(ANONYMOUS.into(), |(key, _)| key.to_string()),
        iat: now.as_seconds(),
        nbf: now.as_seconds(),
        exp: token.expires_at.as_seconds(),
        jti: uuid::Uuid::now_v7().to_string(),
        access,
        wharf: Proof {
            version: token.account.map_or(0, |(_, version)| version),
            kind,
            actions: token.actions.to_string(),
        },
    };
    let key = EncodingKey::from_secret(&keys.registry_token);
    jsonwebtoken::encode(&Header::new(ALGORITHM), &claims, &key)
}

/// Reads a token that [`sign`] wrote for `service`; `None` for anything else.
pub(crate) fn verify(
    text: &str,
    service: &str,
    now: Timestamp,
    keys: &Keys,
) -> Option<RegistryToken> {
    if text.len() > MAX_LENGTH || !has_our_header(text) {
        return None;
    }
    let mut validation = Validation::new(ALGORITHM);
    validation.set_audience(&[service]);
    validation.set_issuer(&[ISSUER]);
    // Times are compared with our own clock below.
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    let key = DecodingKey::from_secret(&keys.registry_token);
    let claims = jsonwebtoken::decode::<Claims>(text, &key, &validation)
        .ok()?
        .claims;
    let now = now.as_seconds();
    if claims.exp <= now || claims.nbf > now || claims.iat > now {
        return None;
    }
    read_claims(claims)
}

fn has_our_header(text: &str) -> bool {
    let Ok(header) = serde_json::to_vec(&Header::new(ALGORITHM)) else {
        return false;
    };
    text.split('.').next() == Some(&URL_SAFE_NO_PAD.encode(header))
}

fn read_claims(claims: Claims) -> Option<RegistryToken> {
    let account = match claims.sub.as_str() {
        ANONYMOUS => None,
        key => Some((key.parse().ok()?, claims.wharf.version)),
    };
    let kind = match claims.wharf.kind.as_str() {
        ANONYMOUS => CallerKind::Anonymous,
        "user" => CallerKind::User,
        "robot" => CallerKind::Robot,
        other => CallerKind::Token(other.strip_prefix("token:")?.parse().ok()?),
    };
    let mut scope = Scope::default();
    for access in claims.access {
        match (access.kind.as_str(), access.name.as_str()) {
            ("registry", "catalog") => scope.catalog = true,
            ("registry", "mount") => scope.mount = true,
            _ => scope.repositories.push(ScopeEntry {
                repository: access.name.parse().ok()?,
                actions: access.actions.join(",").parse().ok()?,
            }),
        }
    }
    Some(RegistryToken {
        account,
        kind,
        actions: claims.wharf.actions.parse().ok()?,
        scope,
        expires_at: Timestamp::from_seconds(claims.exp),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use wharf_model::UserId;

    fn keys(byte: u8) -> Keys {
        Keys {
            registry_token: [byte; 32],
            memory: [0; 32],
        }
    }

    fn token(now: Timestamp) -> RegistryToken {
        RegistryToken {
            account: Some((AccountKey::User(UserId::new()), 7)),
            kind: CallerKind::User,
            actions: Actions::ALL,
            scope: Scope {
                repositories: vec![ScopeEntry {
                    repository: "team/app".parse().unwrap(),
                    actions: Actions::PULL.with(Actions::PUSH),
                }],
                catalog: true,
                mount: true,
            },
            expires_at: now.plus(LIFETIME),
        }
    }

    const NOW: Timestamp = Timestamp::from_seconds(1_900_000_000);

    #[test]
    fn a_token_says_what_was_signed_until_it_expires() {
        let token = token(NOW);
        let text = sign(&token, "wharf", NOW, &keys(1)).unwrap();
        assert_eq!(verify(&text, "wharf", NOW, &keys(1)), Some(token));
        assert_eq!(verify(&text, "wharf", NOW.plus(LIFETIME), &keys(1)), None);
        assert_eq!(verify(&text, "other", NOW, &keys(1)), None);
        assert_eq!(verify(&text, "wharf", NOW, &keys(2)), None);
        let before = Timestamp::from_seconds(NOW.as_seconds() - 10);
        assert_eq!(verify(&text, "wharf", before, &keys(1)), None);
    }

    #[test]
    fn a_token_for_more_than_fits_is_for_what_fits() {
        let mut token = token(NOW);
        let asked = 64;
        token.scope.repositories = (0..asked)
            .map(|number| ScopeEntry {
                repository: format!("team/{}{number}", "a".repeat(240)).parse().unwrap(),
                actions: Actions::PULL,
            })
            .collect();
        let wanted = token.scope.repositories.clone();
        let text = sign_within_limit(&mut token, "wharf", NOW, &keys(1)).unwrap();
        let kept = token.scope.repositories.len();
        assert!(kept > 30 && kept < asked, "{kept}");
        assert_eq!(token.scope.repositories, wanted[..kept]);
        assert_eq!(verify(&text, "wharf", NOW, &keys(1)), Some(token));
    }

    #[test]
    fn a_token_with_another_header_is_not_looked_at() {
        let text = sign(&token(NOW), "wharf", NOW, &keys(1)).unwrap();
        let (_, rest) = text.split_once('.').unwrap();
        for header in [
            r#"{"typ":"JWT","alg":"none"}"#,
            r#"{"alg":"HS256","typ":"JWT"}"#,
            r#"{"typ":"JWT","alg":"HS256","kid":"../../key"}"#,
            r#"{"typ":"JWT","alg":"HS256","crit":["x"]}"#,
        ] {
            let forged = format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header));
            assert_eq!(verify(&forged, "wharf", NOW, &keys(1)), None, "{header}");
        }
        assert_eq!(verify(&".".repeat(1 << 20), "wharf", NOW, &keys(1)), None);
    }
}
