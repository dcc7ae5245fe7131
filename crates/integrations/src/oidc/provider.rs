//! One provider: its addresses, found once and again after a while; the way there and back.

use super::{
    Identity, OidcError,
    answer::{ask, fetch},
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
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use url::{Url, form_urlencoded};
use wharf_egress::{Egress, Request};

/// How long found addresses are believed. They hardly ever change; an hour is what somebody who moves a provider waits.
const BELIEVED: Duration = Duration::from_secs(3600);

/// What the operator says of the provider.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// Exactly as the provider writes it in its tokens.
    pub issuer: Url,
    /// Who we are there.
    pub client_id: String,
    /// None for a public client, whose only proof is PKCE.
    pub client_secret: Option<Secret>,
    /// What is asked for; `openid` is always among it.
    pub scopes: Vec<String>,
    /// The claim that holds groups.
    pub groups_claim: String,
}

impl ProviderSettings {
    /// The issuer as tokens have it: one without a path is written without the slash that URLs end with.
    fn issuer(&self) -> &str {
        let text = self.issuer.as_str();
        match self.issuer.path() {
            "/" => text.trim_end_matches('/'),
            _ => text,
        }
    }
}

/// The provider, as one process knows it.
pub struct Provider {
    settings: ProviderSettings,
    egress: Egress,
    found: Mutex<Option<(Addresses, Instant)>>,
    keys: Mutex<Keys>,
}

/// OpenID Connect Discovery 1.0, section 3.
#[derive(Debug, Clone, Deserialize)]
struct Addresses {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    jwks_uri: Url,
    userinfo_endpoint: Option<Url>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
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
            found: Mutex::default(),
            keys: Mutex::default(),
        }
    }

    /// The issuer as its tokens have it.
    pub fn issuer(&self) -> &str {
        self.settings.issuer()
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
        let key = self
            .keys
            .lock()
            .await
            .find(
                &self.egress,
                &addresses.jwks_uri,
                header.kid.as_deref(),
                header.alg,
            )
            .await?;
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
        for (name, value) in told {
            claims.entry(name).or_insert(value);
        }
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
        let mut found = self.found.lock().await;
        if let Some((addresses, at)) = &*found
            && at.elapsed() < BELIEVED
        {
            return Ok(addresses.clone());
        }
        let issuer = self.issuer();
        let text = format!(
            "{}/.well-known/openid-configuration",
            issuer.trim_end_matches('/')
        );
        let wrong = |reason: &str| OidcError::Answer {
            what: "configuration",
            reason: reason.to_owned(),
        };
        let url = Url::parse(&text).map_err(|_| wrong("its address is none"))?;
        let addresses: Addresses = fetch(&self.egress, url, "configuration").await?;
        // Section 4.3: else one provider could speak for another.
        if addresses.issuer != issuer {
            return Err(wrong(&format!("it calls itself {}", addresses.issuer)));
        }
        *found = Some((addresses.clone(), Instant::now()));
        Ok(addresses)
    }
}

/// RFC 6749, section 2.3.1: both halves are encoded as in a form.
fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
