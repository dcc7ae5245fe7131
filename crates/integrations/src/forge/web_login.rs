//! Signing in by the web application flow: the browser goes to the host and comes back with a code (RFC 6749, 4.1).
//!
//! Facts: docs.github.com, "Authorizing OAuth apps" (web application flow; PKCE by `code_challenge`). What `state` holds
//! and whose it is, is the caller's business. Called by the use case that connects a source.

use super::device::{Client, DeviceApp, Grant, SCOPES, TOKEN_PAGE};
use super::error::Result;
use crate::Secret;
use url::Url;
use wharf_egress::Egress;

/// What a browser takes there; `state` comes back as it is.
#[derive(Debug, Clone, Copy)]
pub struct WebLogin<'a> {
    /// Where the host sends the browser back to; registered there.
    pub redirect_uri: &'a str,
    pub state: &'a str,
    /// SHA-256 of the verifier (RFC 7636).
    pub challenge: &'a str,
    /// The account that is wanted; whoever is signed in there as somebody else is asked.
    pub account: Option<&'a str>,
}

/// Where the browser is sent to.
pub fn write_authorization_url(app: &DeviceApp, login: &WebLogin<'_>) -> Url {
    let mut url = app.address.page("login/oauth/authorize");
    url.query_pairs_mut()
        .append_pair("client_id", &app.client_id)
        .append_pair("redirect_uri", login.redirect_uri)
        .append_pair("scope", SCOPES)
        .append_pair("state", login.state)
        .append_pair("code_challenge", login.challenge)
        .append_pair("code_challenge_method", "S256");
    if let Some(account) = login.account {
        url.query_pairs_mut().append_pair("login", account);
    }
    url
}

/// The token for the code that a browser came back with. The host takes a code once.
///
/// # Errors
/// [`ForgeError::DeviceLogin`](super::ForgeError::DeviceLogin) when the host does not take it; else as for every call.
pub async fn redeem_code(
    egress: &Egress,
    app: &DeviceApp,
    code: &str,
    verifier: &Secret,
    redirect_uri: &str,
) -> Result<Grant> {
    let client = Client::new(egress, app);
    let mut form = vec![
        ("client_id", app.client_id.as_str()),
        ("code", code),
        ("redirect_uri", redirect_uri),
        ("code_verifier", verifier.expose()),
    ];
    if let Some(secret) = &app.client_secret {
        form.push(("client_secret", secret.expose()));
    }
    let answered = client.post(TOKEN_PAGE, &form, "the sign-in").await?;
    client.take_grant(answered)
}
