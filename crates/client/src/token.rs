//! Tokens of a registry's token server: asked for once per registry and set of scopes, kept until they end.

use crate::complaint::{Blame, explain_answer};
use crate::endpoint::Endpoint;
use crate::scope::Scope;
use crate::{ClientError, Credential, RegistryHost, Result, Secret};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method};
use parking_lot::Mutex;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use url::Url;
use wharf_egress::{Egress, EgressError, Request};

/// What a token is valid for when its server does not say (distribution's token specification).
const DEFAULT_LIFETIME: Duration = Duration::from_secs(60);

/// Time before its end from which a token is not used any more: a request must arrive before it.
const MARGIN: Duration = Duration::from_secs(5);

/// The longest time that a token is kept. A server may say any number, also one that no clock can add.
const LONGEST_LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// The longest answer of a token server; tokens with many scopes have tens of KiB.
const LARGEST_ANSWER: usize = 1024 * 1024;

/// Tokens that are kept. A copy of a whole registry asks for one per repository; forgotten ones are asked for again.
const MOST_TOKENS: usize = 512;

/// Whom we are to OAuth2 servers.
const CLIENT_ID: &str = "wharf";

type Key = (RegistryHost, Vec<Scope>);
type Slot = Arc<tokio::sync::Mutex<Option<Token>>>;

#[derive(Debug, Clone)]
struct Token {
    secret: Secret,
    ends: Instant,
}

/// The tokens of one client.
#[derive(Default)]
pub(crate) struct Tokens {
    slots: Mutex<HashMap<Key, Slot>>,
}

impl Tokens {
    /// A token that is valid and is not the one that was `refused`; `fetch` is called once for all who wait for the
    /// same one.
    pub(crate) async fn find_or_fetch(
        &self,
        host: &RegistryHost,
        scopes: &[Scope],
        refused: Option<&Secret>,
        fetch: impl Future<Output = Result<Fetched>>,
    ) -> Result<Secret> {
        let slot = self.open_slot(host, scopes);
        let mut kept = slot.lock().await;
        if let Some(token) = &*kept
            && token.ends > Instant::now()
            && Some(&token.secret) != refused
        {
            return Ok(token.secret.clone());
        }
        let Fetched { secret, lifetime } = fetch.await?;
        *kept = Some(Token {
            secret: secret.clone(),
            ends: Instant::now() + lifetime.saturating_sub(MARGIN).min(LONGEST_LIFETIME),
        });
        Ok(secret)
    }

    fn open_slot(&self, host: &RegistryHost, scopes: &[Scope]) -> Slot {
        let mut scopes = scopes.to_vec();
        scopes.sort();
        let mut slots = self.slots.lock();
        if slots.len() >= MOST_TOKENS {
            slots.clear();
        }
        Arc::clone(slots.entry((host.clone(), scopes)).or_default())
    }
}

/// What a token server gave.
pub(crate) struct Fetched {
    secret: Secret,
    lifetime: Duration,
}

#[derive(Deserialize)]
struct Answer {
    token: Option<String>,
    access_token: Option<String>,
    expires_in: Option<u64>,
}

/// A request to a token server.
pub(crate) struct TokenRequest<'a> {
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) realm: &'a str,
    pub(crate) service: Option<&'a str>,
    pub(crate) scopes: &'a [Scope],
    pub(crate) credential: Option<&'a Credential>,
    pub(crate) subject: &'a str,
}

impl TokenRequest<'_> {
    /// Asks the token server: by POST with a refresh token, else by GET with or without a password.
    pub(crate) async fn send(&self, egress: &Egress) -> Result<Fetched> {
        let registry = &self.endpoint.host;
        let request = self.build()?;
        let unreachable = |source: EgressError| ClientError::Unreachable {
            registry: registry.clone(),
            tried: String::new(),
            source,
        };
        let response = egress.send(request).await.map_err(unreachable)?;
        if !response.status().is_success() {
            let blame = Blame {
                registry,
                subject: self.subject,
                anonymous: self.credential.is_none(),
                secret: self.credential.map(Credential::secret),
            };
            return Err(explain_answer(response, &blame).await);
        }
        let body = response
            .read_all(LARGEST_ANSWER)
            .await
            .map_err(unreachable)?;
        let answer: Answer = serde_json::from_slice(&body).map_err(|_| {
            self.misunderstand("the token server's answer is not the JSON of a token")
        })?;
        let token = answer
            .token
            .filter(|token| !token.is_empty())
            .or(answer.access_token);
        let token = token
            .filter(|token| !token.is_empty())
            .ok_or_else(|| self.misunderstand("the token server's answer holds no token"))?;
        Ok(Fetched {
            secret: Secret::new(token),
            lifetime: answer
                .expires_in
                .map_or(DEFAULT_LIFETIME, Duration::from_secs),
        })
    }

    fn build(&self) -> Result<Request> {
        let mut url = Url::parse(self.realm)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or_else(|| self.misunderstand("its realm is not a URL"))?;
        if url.scheme() == "http" && self.credential.is_some() && !self.endpoint.trusts_plain_http()
        {
            return Err(ClientError::Credentials {
                registry: self.endpoint.host.clone(),
                reason: "its token server is asked over plain http",
            });
        }
        let scopes = self.scopes.iter().map(ToString::to_string);
        if let Some(Credential::IdentityToken(token)) = self.credential {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            form.append_pair("grant_type", "refresh_token")
                .append_pair("refresh_token", token.expose())
                .append_pair("client_id", CLIENT_ID)
                .append_pair("scope", &scopes.collect::<Vec<_>>().join(" "));
            if let Some(service) = self.service {
                form.append_pair("service", service);
            }
            return Ok(Request::new(Method::POST, url)
                .with_header(
                    CONTENT_TYPE,
                    HeaderValue::from_static("application/x-www-form-urlencoded"),
                )
                .with_bytes(form.finish()));
        }
        {
            let mut query = url.query_pairs_mut();
            if let Some(service) = self.service {
                query.append_pair("service", service);
            }
            for scope in scopes {
                query.append_pair("scope", &scope);
            }
            if let Some(Credential::Password { username, .. }) = self.credential {
                query.append_pair("account", username);
            }
        }
        let request = Request::get(url);
        Ok(match self.credential {
            Some(Credential::Password { username, password }) => {
                request.with_header(AUTHORIZATION, write_basic(username, password))
            }
            _ => request,
        })
    }

    fn misunderstand(&self, reason: &str) -> ClientError {
        ClientError::BadAnswer {
            registry: self.endpoint.host.clone(),
            subject: self.subject.to_owned(),
            reason: reason.to_owned(),
        }
    }
}

/// The header of basic authentication (RFC 7617).
pub(crate) fn write_basic(username: &str, password: &Secret) -> HeaderValue {
    let pair = format!("{username}:{}", password.expose());
    let mut value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair)))
        .expect("base64 has no characters that a header cannot hold");
    value.set_sensitive(true);
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::Scheme;

    fn fetched(text: &str) -> Fetched {
        Fetched {
            secret: Secret::new(text),
            lifetime: Duration::from_secs(300),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_kept_until_shortly_before_its_end_or_until_it_is_refused() {
        let (tokens, host) = (Tokens::default(), RegistryHost::docker_hub());
        let find = async |next: &str, refused: Option<&Secret>| {
            let fetch = async { Ok(fetched(next)) };
            tokens
                .find_or_fetch(&host, &[], refused, fetch)
                .await
                .expect("a token")
        };
        let one = find("one", None).await;
        assert_eq!(find("two", None).await, one);
        assert_eq!(find("two", Some(&one)).await.expose(), "two");
        tokio::time::advance(Duration::from_secs(294)).await;
        assert_eq!(find("three", None).await.expose(), "two");
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(find("three", None).await.expose(), "three");
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_that_lasts_longer_than_any_clock_is_kept_for_a_day() {
        let (tokens, host) = (Tokens::default(), RegistryHost::docker_hub());
        let find = async |next: &str| {
            let fetch = async {
                Ok(Fetched {
                    lifetime: Duration::from_secs(u64::MAX),
                    ..fetched(next)
                })
            };
            let found = tokens.find_or_fetch(&host, &[], None, fetch).await;
            found.expect("a token")
        };
        assert_eq!(find("one").await.expose(), "one");
        assert_eq!(find("two").await.expose(), "one");
        tokio::time::advance(LONGEST_LIFETIME).await;
        assert_eq!(find("two").await.expose(), "two");
    }

    #[tokio::test]
    async fn a_token_that_could_not_be_fetched_is_asked_for_again() {
        let (tokens, host) = (Tokens::default(), RegistryHost::docker_hub());
        let fail = async {
            Err(ClientError::Host {
                text: String::new(),
            })
        };
        assert!(tokens.find_or_fetch(&host, &[], None, fail).await.is_err());
        let fetch = async { Ok(fetched("one")) };
        let found = tokens.find_or_fetch(&host, &[], None, fetch).await;
        assert_eq!(found.expect("a token").expose(), "one");
    }

    #[test]
    fn credentials_go_over_plain_http_only_where_the_registry_itself_does() {
        let build = |scheme, realm: &str, credential| {
            let endpoint = Endpoint {
                host: "reg.example".parse().expect("a host"),
                scheme,
                prefix: None,
                is_mirror: false,
            };
            let request = TokenRequest {
                endpoint: &endpoint,
                realm,
                service: None,
                scopes: &[],
                credential,
                subject: "s",
            };
            request.build().map(|_| ())
        };
        let password = Credential::Password {
            username: "me".to_owned(),
            password: Secret::new("hush"),
        };
        let identity = Credential::IdentityToken(Secret::new("hush"));
        for credential in [&password, &identity] {
            let refused = build(Scheme::Https, "http://reg.example/token", Some(credential));
            assert!(matches!(refused, Err(ClientError::Credentials { .. })));
            for (scheme, realm) in [
                (Scheme::Https, "https://auth.example/token"),
                (Scheme::Either, "http://reg.example/token"),
                (Scheme::Http, "http://reg.example/token"),
            ] {
                assert!(build(scheme, realm, Some(credential)).is_ok(), "{realm}");
            }
        }
        assert!(build(Scheme::Https, "http://reg.example/token", None).is_ok());
        for realm in ["", "token", "file:///etc/passwd"] {
            let refused = build(Scheme::Https, realm, None);
            assert!(
                matches!(refused, Err(ClientError::BadAnswer { .. })),
                "{realm}"
            );
        }
    }
}
