//! What an ID token must be before it is believed (OpenID Connect Core 1.0, section 3.1.3.7).

use super::OidcError;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Longest token looked at: one with a hundred groups fits.
const MAX_LENGTH: usize = 64 * 1024;

/// How far the provider's clock may be from ours.
const LEEWAY: i64 = 60;

/// What signs tokens here: keys that only the provider has.
pub(super) const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// Longest subject (OpenID Connect Core, section 2).
const MAX_SUBJECT: usize = 255;

/// What the provider says of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Who they are there, for good: the only thing by which they are known again.
    pub subject: String,
    /// What they are called there; may change, and may be anybody's.
    pub username: Option<String>,
    /// As people read it.
    pub name: Option<String>,
    /// Only one that the provider verified.
    pub email: Option<String>,
    /// What they belong to.
    pub groups: Vec<String>,
}

/// What is expected of a token.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    /// Seconds since 1970.
    pub(super) now: i64,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    nonce: Option<String>,
    aud: Audience,
    azp: Option<String>,
    #[serde(flatten)]
    further: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// The header of a token, if its algorithm is one of those that are taken.
pub(super) fn read_header(token: &str) -> Result<Header, OidcError> {
    if token.len() > MAX_LENGTH {
        return Err(OidcError::Token("it is too long"));
    }
    let header = jsonwebtoken::decode_header(token)
        .map_err(|_| OidcError::Token("it is no signed token"))?;
    match ALGORITHMS.contains(&header.alg) {
        true => Ok(header),
        false => Err(OidcError::Token("its algorithm is not taken")),
    }
}

/// The subject and all further claims of a token that is believed.
pub(super) fn verify(
    token: &str,
    algorithm: Algorithm,
    key: &DecodingKey,
    expected: &Expected<'_>,
) -> Result<(String, Map<String, Value>), OidcError> {
    let mut validation = Validation::new(algorithm);
    validation.set_audience(&[expected.client_id]);
    validation.set_issuer(&[expected.issuer]);
    validation.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
    // Times are compared with our own clock below.
    validation.validate_exp = false;
    let claims = jsonwebtoken::decode::<Claims>(token, key, &validation)
        .map_err(|_| OidcError::Token("its signature, issuer or audience is wrong"))?
        .claims;
    if claims.exp.saturating_add(LEEWAY) <= expected.now {
        return Err(OidcError::Token("it has ended"));
    }
    if claims.iat.max(claims.nbf.unwrap_or(claims.iat)) > expected.now + LEEWAY {
        return Err(OidcError::Token("it has not begun"));
    }
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return Err(OidcError::Token("it was made for another sign-in"));
    }
    let others = match &claims.aud {
        Audience::One(only) => only != expected.client_id,
        Audience::Several(list) => list.len() > 1,
    };
    let party = claims.azp.as_deref();
    if party.is_some_and(|party| party != expected.client_id) || others && party.is_none() {
        return Err(OidcError::Token("it was made for another client"));
    }
    if claims.sub.is_empty() || claims.sub.len() > MAX_SUBJECT || !claims.sub.is_ascii() {
        return Err(OidcError::Token("it names nobody"));
    }
    Ok((claims.sub, claims.further))
}

/// What claims say of the person `subject`.
pub(super) fn read_identity(
    subject: String,
    claims: &Map<String, Value>,
    groups_claim: &str,
) -> Identity {
    let text = |name: &str| {
        let text = claims.get(name).and_then(Value::as_str);
        text.map(str::trim)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let verified = claims.get("email_verified") == Some(&Value::Bool(true));
    let groups = match claims.get(groups_claim) {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(only)) => vec![only.as_str()],
        _ => Vec::new(),
    };
    Identity {
        subject,
        username: text("preferred_username"),
        name: text("name"),
        email: text("email").filter(|_| verified),
        groups: groups.into_iter().map(str::to_owned).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use jsonwebtoken::EncodingKey;
    use serde_json::json;

    const NOW: i64 = 1_900_000_000;

    struct Signer {
        signing: EncodingKey,
        checking: DecodingKey,
    }

    fn make_signer() -> Signer {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let der = pair.to_pkcs8v1().unwrap();
        let point = pair.public_key().as_ref();
        let half = |range: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(&point[range]);
        Signer {
            signing: EncodingKey::from_ec_der(der.as_ref()),
            checking: DecodingKey::from_ec_components(&half(1..33), &half(33..65)).unwrap(),
        }
    }

    fn claims() -> Value {
        json!({
            "iss": "https://id.example", "aud": "wharf", "sub": "248289761001", "exp": NOW + 300,
            "iat": NOW - 1, "nonce": "the nonce", "groups": ["dev"]
        })
    }

    fn check(signer: &Signer, claims: &Value) -> Result<(), OidcError> {
        let header = Header::new(Algorithm::ES256);
        let token = jsonwebtoken::encode(&header, claims, &signer.signing).unwrap();
        let expected = Expected {
            issuer: "https://id.example",
            client_id: "wharf",
            nonce: "the nonce",
            now: NOW,
        };
        verify(&token, Algorithm::ES256, &signer.checking, &expected).map(drop)
    }

    #[test]
    fn a_token_is_believed_only_when_everything_about_it_is_right() {
        let signer = make_signer();
        check(&signer, &claims()).unwrap();
        for (field, value) in [
            ("iss", json!("https://other.example")),
            ("iss", Value::Null),
            ("aud", json!("another client")),
            ("aud", json!(["wharf", "another client"])),
            ("azp", json!("another client")),
            ("exp", json!(NOW - 61)),
            ("iat", json!(NOW + 120)),
            ("nbf", json!(NOW + 120)),
            ("nonce", json!("an older nonce")),
            ("nonce", Value::Null),
            ("sub", json!("")),
            ("sub", json!("x".repeat(256))),
        ] {
            let mut changed = claims();
            changed[field] = value;
            assert!(check(&signer, &changed).is_err(), "{field}");
        }
        for last in [i64::MAX, i64::MIN] {
            let mut changed = claims();
            changed["exp"] = json!(last);
            assert_eq!(check(&signer, &changed).is_ok(), last > 0, "{last}");
        }
        let stranger = Signer {
            signing: make_signer().signing,
            checking: signer.checking.clone(),
        };
        assert!(check(&stranger, &claims()).is_err());
        let mut shared = claims();
        shared["aud"] = json!(["wharf", "another client"]);
        shared["azp"] = json!("wharf");
        check(&signer, &shared).unwrap();
    }

    #[test]
    fn tokens_without_a_signature_or_with_a_shared_secret_are_not_read() {
        let secret = EncodingKey::from_secret(b"the client's secret");
        let shared = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims(), &secret);
        assert!(read_header(&shared.unwrap()).is_err());
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
        let body = URL_SAFE_NO_PAD.encode(claims().to_string());
        for token in [
            format!("{none}.{body}."),
            "x".repeat(MAX_LENGTH + 1),
            String::new(),
        ] {
            assert!(read_header(&token).is_err());
        }
    }

    #[test]
    fn an_address_that_the_provider_did_not_verify_is_none() {
        let read = |claims: Value| {
            let claims = claims.as_object().unwrap().clone();
            read_identity("1".into(), &claims, "groups")
        };
        let with = |verified: Value| {
            let claims = json!({ "email": "admin@example.com", "email_verified": verified });
            read(claims).email
        };
        assert_eq!(with(json!(true)).as_deref(), Some("admin@example.com"));
        assert_eq!(with(json!(false)), None);
        assert_eq!(with(json!("true")), None);
        assert_eq!(read(json!({ "groups": "one" })).groups, ["one"]);
        assert_eq!(read(json!({ "groups": ["a", 1, "b"] })).groups, ["a", "b"]);
    }
}
