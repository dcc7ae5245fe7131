//! Signing in by device flow (RFC 8628): the person types a short code into a page of the host, wharf asks until it was
//! typed. No callback URL, so it works for servers that the host cannot reach.
//!
//! Facts: docs.github.com, "Authorizing OAuth apps" (device flow) and "Refreshing user access tokens". Waiting between two
//! questions is the caller's business. Called by the use case that connects a source.

use super::address::ForgeAddress;
use super::call::Exchange;
use super::error::{ForgeError, Result};
use super::text::{clip_name, read_url};
use crate::Secret;
use crate::text::quote;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Method};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::time::Duration;
use url::Url;
use wharf_egress::{Egress, PlainHttp, Request};

/// The largest answer that is taken; real ones have some hundred bytes.
const LARGEST_ANSWER: usize = 64 * 1024;

/// What is asked for of an OAuth app. A GitHub App has its own permissions and ignores this.
pub(super) const SCOPES: &str = "repo read:org";

/// The application that an administrator registered at a GitHub. Its secret goes to who the operator believes (the system's
/// authorities and those of the egress), never to who a person with a source vouches for.
#[derive(Debug, Clone)]
pub struct DeviceApp {
    pub address: ForgeAddress,
    pub client_id: String,
    /// Needed for refreshing only.
    pub client_secret: Option<Secret>,
}

/// What to show the person, and what to ask with.
#[derive(Debug, Clone)]
pub struct DeviceLogin {
    /// What is asked with; it is as good as the token until then.
    pub device_code: Secret,
    /// `WDJB-MJHT`: what the person types.
    pub user_code: String,
    /// Where; always a page of the host itself.
    pub verification_url: Url,
    /// The time to wait between two questions.
    pub interval: Duration,
    pub expires_in: Duration,
}

/// The answer to one question.
#[derive(Debug, Clone)]
pub enum DevicePoll {
    /// Nothing was typed yet.
    Pending,
    /// Ask less often: this is the new time between two questions.
    SlowDown {
        interval: Duration,
    },
    Granted(Grant),
}

/// A token, and how it is renewed.
#[derive(Debug, Clone)]
pub struct Grant {
    pub token: Secret,
    /// `None` for a token that does not end.
    pub expires_in: Option<Duration>,
    pub refresh_token: Option<Secret>,
    pub refresh_expires_in: Option<Duration>,
}

#[derive(Deserialize)]
struct Started {
    device_code: String,
    user_code: String,
    verification_uri: String,
    expires_in: Option<u64>,
    interval: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct Answered {
    access_token: Option<String>,
    expires_in: Option<u64>,
    refresh_token: Option<String>,
    refresh_token_expires_in: Option<u64>,
    error: Option<String>,
    error_description: Option<String>,
    interval: Option<u64>,
}

/// RFC 8628, 3.2: five seconds unless the host says something else.
const USUAL_INTERVAL: u64 = 5;

/// RFC 8628, 3.5: how much `slow_down` adds when the host does not say it.
const SLOWER_BY: u64 = 5;

/// Begins: nothing is granted yet.
///
/// # Errors
/// [`ForgeError::DeviceLogin`] when the application is unknown there or has no device flow; else as for every call.
pub async fn start_device_login(egress: &Egress, app: &DeviceApp) -> Result<DeviceLogin> {
    let client = Client::new(egress, app);
    let form = [("client_id", app.client_id.as_str()), ("scope", SCOPES)];
    let started: Started = client
        .post("login/device/code", &form, "the sign-in")
        .await?;
    // A page elsewhere would be an invitation to type the code, or a password, in the wrong place.
    let verification_url = read_url(&started.verification_uri)
        .filter(|url| app.address.is_origin_of(url))
        .ok_or_else(|| client.fail("its page for the code is not its own"))?;
    Ok(DeviceLogin {
        device_code: Secret::new(started.device_code),
        user_code: clip_name(started.user_code),
        verification_url,
        interval: seconds(started.interval.unwrap_or(USUAL_INTERVAL)),
        expires_in: seconds(started.expires_in.unwrap_or(900)),
    })
}

/// Asks once. `interval` is the present time between two questions.
///
/// # Errors
/// [`ForgeError::DeviceLogin`] when the code has ended, the person refused, or the host knows the code no more.
pub async fn poll_device_login(
    egress: &Egress,
    app: &DeviceApp,
    device_code: &Secret,
    interval: Duration,
) -> Result<DevicePoll> {
    let client = Client::new(egress, app);
    let form = [
        ("client_id", app.client_id.as_str()),
        ("device_code", device_code.expose()),
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
    ];
    let answered: Answered = client.post(TOKEN_PAGE, &form, "the sign-in").await?;
    match answered.error.as_deref() {
        Some("authorization_pending") => Ok(DevicePoll::Pending),
        Some("slow_down") => Ok(DevicePoll::SlowDown {
            interval: answered
                .interval
                .map_or(interval + seconds(SLOWER_BY), seconds),
        }),
        _ => client.take_grant(answered).map(DevicePoll::Granted),
    }
}

/// A new token for one that ends. The old refresh token is good no more.
///
/// # Errors
/// [`ForgeError::DeviceLogin`] when the host does not take the refresh token: the person has to sign in again.
pub async fn refresh_grant(
    egress: &Egress,
    app: &DeviceApp,
    refresh_token: &Secret,
) -> Result<Grant> {
    let client = Client::new(egress, app);
    let mut form = vec![
        ("client_id", app.client_id.as_str()),
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.expose()),
    ];
    if let Some(secret) = &app.client_secret {
        form.push(("client_secret", secret.expose()));
    }
    let answered: Answered = client.post(TOKEN_PAGE, &form, "the token").await?;
    client.take_grant(answered)
}

pub(super) const TOKEN_PAGE: &str = "login/oauth/access_token";

/// Talks to the pages of a host that give out tokens. They are not part of its API.
pub(super) struct Client<'a> {
    egress: Egress,
    address: &'a ForgeAddress,
}

impl<'a> Client<'a> {
    pub(super) fn new(egress: &Egress, app: &'a DeviceApp) -> Client<'a> {
        Client {
            egress: egress.clone(),
            address: &app.address,
        }
    }

    /// Secrets go in the body. GitHub answers 200 to failures too; RFC 6749, 5.2 would have 400: both are read.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        page: &str,
        form: &[(&str, &str)],
        subject: &str,
    ) -> Result<T> {
        let url = self.address.page(page);
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let request = Request::new(Method::POST, url.clone())
            .with_plain_http(PlainHttp::Listed)
            .with_header(ACCEPT, HeaderValue::from_static("application/json"))
            .with_header(
                CONTENT_TYPE,
                HeaderValue::from_static("application/x-www-form-urlencoded"),
            )
            .with_bytes(body);
        let exchange = Exchange {
            egress: &self.egress,
            address: self.address,
            origin: &url,
            subject,
        };
        let (head, body, _) = exchange.run(request, LARGEST_ANSWER).await?;
        let is_spoken = head.status.is_success() || head.status == http::StatusCode::BAD_REQUEST;
        if let (true, Ok(answer)) = (is_spoken, serde_json::from_slice(&body)) {
            return Ok(answer);
        }
        match serde_json::from_slice::<Answered>(&body) {
            Ok(answered) if answered.error.is_some() => Err(self.explain(&answered)),
            _ if head.status == http::StatusCode::NOT_FOUND => {
                Err(self.fail("it knows no such application, or has no device flow"))
            }
            _ => Err(ForgeError::BadAnswer {
                host: self.address.host(),
                subject: subject.to_owned(),
                reason: format!("status {}, and not the expected JSON", head.status.as_u16()),
            }),
        }
    }

    pub(super) fn take_grant(&self, answered: Answered) -> Result<Grant> {
        if let Some(token) = answered
            .access_token
            .clone()
            .filter(|token| !token.is_empty())
        {
            return Ok(Grant {
                token: Secret::new(token),
                expires_in: answered.expires_in.map(seconds),
                refresh_token: answered.refresh_token.map(Secret::new),
                refresh_expires_in: answered.refresh_token_expires_in.map(seconds),
            });
        }
        Err(self.explain(&answered))
    }

    /// The codes of RFC 8628, 3.5, and GitHub's own ("Error codes for the device flow", "Troubleshooting OAuth app access
    /// token request errors").
    fn explain(&self, answered: &Answered) -> ForgeError {
        self.fail(&match answered.error.as_deref() {
            Some("expired_token") => "the code has ended; begin again".to_owned(),
            Some("access_denied") => "the person refused".to_owned(),
            Some("incorrect_device_code") => "it does not know the code; begin again".to_owned(),
            Some("bad_verification_code") => {
                "the code is not good any more; begin again".to_owned()
            }
            Some("redirect_uri_mismatch") => {
                "the callback URL in the application's settings is another one".to_owned()
            }
            Some("device_flow_disabled") => {
                "the device flow is switched off in the application's settings".to_owned()
            }
            Some("incorrect_client_credentials") => {
                "the application's id or secret is wrong".to_owned()
            }
            Some("bad_refresh_token") => "the authorization has ended; connect again".to_owned(),
            Some(other) => {
                let said = answered.error_description.as_deref().unwrap_or(other);
                quote(said, &[]).trim_start_matches(": ").to_owned()
            }
            None => "it gave no token".to_owned(),
        })
    }

    fn fail(&self, reason: &str) -> ForgeError {
        ForgeError::DeviceLogin {
            host: self.address.host(),
            reason: reason.to_owned(),
        }
    }
}

fn seconds(number: u64) -> Duration {
    // GitHub's refresh tokens last half a year; nothing of this lasts longer than a year.
    Duration::from_secs(number.min(366 * 24 * 3600))
}
