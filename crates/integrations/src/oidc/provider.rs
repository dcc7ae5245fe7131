//! One provider: the way there and back.

use super::{
    Identity, OidcError,
    addresses::{Addresses, Discovery},
    answer::ask,
    keys::Keys,
    token::{Expected, read_header, read_identity, verify},
};
use crate::Secret;
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{
    HeaderValue, Method,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use serde::Deserialize;
use serde_json::{Map, Value};
use url::{Url, form_urlencoded};
use wharf_egress::{Egress, Request};

/// What the operator says of the provider.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// An address, letter by letter as the provider writes it in its tokens: a slash at the end counts.
    pub issuer: String,
    /// Who we are there.
    pub client_id: String,
    /// None for a public client, whose only proof is PKCE.
    pub client_secret: Option<Secret>,
    /// What is asked for; `openid` is always among it.
    pub scopes: Vec<String>,
    /// The claim that holds groups.
    pub groups_claim: String,
}

/// The provider, as one process knows it.
pub struct Provider {
    settings: ProviderSettings,
    egress: Egress,
    discovery: Discovery,
    keys: Keys,
}

/// What a browser takes to the provider. All of it comes back changed or not at all.
#[derive(Debug, Clone, Copy)]
pub struct AuthorizationRequest<'a> {
    /// Where the provider sends the browser back to.
    pub redirect_uri: &'a str,
    /// Comes back as it is.
    pub state: &'a str,
    /// Comes back in the token.
    pub nonce: &'a str,
    /// SHA-256 of the verifier (RFC 7636).
    pub challenge: &'a str,
}

#[derive(Deserialize)]
struct Redeemed {
    id_token: String,
    access_token: Option<String>,
}

impl Provider {
    /// Asks nobody yet.
    pub fn new(settings: ProviderSettings, egress: Egress) -> Self {
        Self {
            settings,
            egress,
            discovery: Discovery::default(),
            keys: Keys::default(),
        }
    }

    /// The issuer as its tokens have it.
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Where a browser is sent to.
    ///
    /// # Errors
    /// When the provider cannot be asked for its addresses.
    pub async fn authorization_url(
        &self,
        request: &AuthorizationRequest<'_>,
    ) -> Result<Url, OidcError> {
        let mut url = self.find_addresses().await?.authorization_endpoint;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", request.redirect_uri)
            .append_pair("scope", &self.settings.scopes.join(" "))
            .append_pair("state", request.state)
            .append_pair("nonce", request.nonce)
            .append_pair("code_challenge", request.challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(url)
    }

    /// Who came back with `code`. `now` is in seconds since 1970.
    ///
    /// # Errors
    /// [`OidcError::Code`] for a code that is not taken, [`OidcError::Token`] for one that proves nothing.
    pub async fn identify(
        &self,
        code: &str,
        verifier: &str,
        request: (&str, &str),
        now: i64,
    ) -> Result<Identity, OidcError> {
        let (redirect_uri, nonce) = request;
        let addresses = self.find_addresses().await?;
        let redeemed = self
            .redeem(&addresses, code, verifier, redirect_uri)
            .await?;
        let header = read_header(&redeemed.id_token)?;
        let (list, kid) = (&addresses.jwks_uri, header.kid.as_deref());
        let key = self.keys.find(&self.egress, list, kid, header.alg).await?;
        let expected = Expected {
            issuer: self.issuer(),
            client_id: &self.settings.client_id,
            nonce,
            now,
        };
        let (subject, mut claims) = verify(&redeemed.id_token, header.alg, &key, &expected)?;
        self.add_user_info(&addresses, &redeemed, &subject, &mut claims)
            .await?;
        Ok(read_identity(subject, &claims, &self.settings.groups_claim))
    }

    /// Providers may keep what belongs to scopes out of the token (section 5.4); then it is asked for.
    async fn add_user_info(
        &self,
        addresses: &Addresses,
        redeemed: &Redeemed,
        subject: &str,
        claims: &mut Map<String, Value>,
    ) -> Result<(), OidcError> {
        let wanted = ["preferred_username", self.settings.groups_claim.as_str()];
        let complete = wanted.iter().all(|name| claims.contains_key(*name));
        let (false, Some(url), Some(token)) = (
            complete,
            &addresses.userinfo_endpoint,
            &redeemed.access_token,
        ) else {
            return Ok(());
        };
        let bearer = HeaderValue::from_str(&format!("Bearer {token}"));
        let Ok(bearer) = bearer else { return Ok(()) };
        let request = Request::get(url.clone()).with_header(AUTHORIZATION, bearer);
        let (status, read) = ask::<Map<String, Value>>(&self.egress, request, "user page").await?;
        let told = read.map_err(|reason| OidcError::Answer {
            what: "user page",
            reason: format!("status {}: {reason}", status.as_u16()),
        })?;
        // Section 5.3.2: another person's page must not be taken for this one's.
        if told.get("sub").and_then(Value::as_str) != Some(subject) {
            return Err(OidcError::Token("the user page is somebody else's"));
        }
        add_claims(claims, told);
        Ok(())
    }

    async fn redeem(
        &self,
        addresses: &Addresses,
        code: &str,
        verifier: &str,
        redirect_uri: &str,
    ) -> Result<Redeemed, OidcError> {
        let request = self.write_redemption(addresses, code, verifier, redirect_uri);
        let (status, read) = ask(&self.egress, request, "token page").await?;
        read.map_err(|reason| match status.is_client_error() {
            true => OidcError::Code(reason),
            false => OidcError::Answer {
                what: "token page",
                reason,
            },
        })
    }

    fn write_redemption(
        &self,
        addresses: &Addresses,
        code: &str,
        verifier: &str,
        redirect_uri: &str,
    ) -> Request {
        let settings = &self.settings;
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs([
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier),
            ("client_id", &settings.client_id),
        ]);
        let mut request = Request::new(Method::POST, addresses.token_endpoint.clone()).with_header(
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        if let Some(secret) = &settings.client_secret {
            // Basic is the default where nothing is said (Discovery, section 3).
            let methods = addresses.token_endpoint_auth_methods_supported.as_deref();
            let is_basic = |method: &String| method == "client_secret_basic";
            if methods.is_none_or(|list| list.iter().any(is_basic)) {
                let (id, secret) = (encode(&settings.client_id), encode(secret.expose()));
                let value = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
                if let Ok(value) = HeaderValue::from_str(&value) {
                    request = request.with_header(AUTHORIZATION, value);
                }
            } else {
                form.append_pair("client_secret", secret.expose());
            }
        }
        request.with_bytes(form.finish())
    }

    async fn find_addresses(&self) -> Result<Addresses, OidcError> {
        self.discovery.find(&self.egress, self.issuer()).await
    }
}

/// Adds what the user page tells to what the token says. An address of mail and whether it is verified are of one source:
/// what one verified is nothing that the other says.
fn add_claims(claims: &mut Map<String, Value>, mut told: Map<String, Value>) {
    let pair = ["email", "email_verified"];
    let source = match pair.iter().all(|name| claims.contains_key(*name)) {
        true => &mut told,
        false => &mut *claims,
    };
    for name in pair {
        source.remove(name);
    }
    for (name, value) in told {
        claims.entry(name).or_insert(value);
    }
}

/// RFC 6749, section 2.3.1: both halves are encoded as in a form.
fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_address_of_mail_and_its_verification_are_of_one_source() {
        let read = |claims: Value, told: Value| {
            let (Value::Object(mut claims), Value::Object(told)) = (claims, told) else {
                panic!("no objects");
            };
            add_claims(&mut claims, told);
            read_identity("1".into(), &claims, "groups").email
        };
        let verified = json!({ "email": "own@example.com", "email_verified": true });
        for (token, page, email) in [
            (json!({}), verified.clone(), Some("own@example.com")),
            (
                verified.clone(),
                json!({ "email": "x@example.com" }),
                Some("own@example.com"),
            ),
            (
                json!({ "email": "boss@example.com" }),
                json!({ "email_verified": true }),
                None,
            ),
            (
                json!({ "email_verified": true }),
                json!({ "email": "boss@example.com" }),
                None,
            ),
            (
                json!({ "email": "boss@example.com" }),
                verified,
                Some("own@example.com"),
            ),
        ] {
            assert_eq!(
                read(token.clone(), page.clone()).as_deref(),
                email,
                "{token} {page}"
            );
        }
    }
}
