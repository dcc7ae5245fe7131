//! Signing in at a code host by a code that the person confirms in a browser (RFC 8628).

use std::time::Duration;

use serde_json::{Value, json};

use crate::client::ApiClient;
use crate::failure::Failure;
use crate::output::show_text;
use crate::session::Session;

/// How often the server is asked at least; it keeps the code host's own pace.
const SHORTEST_WAIT: u64 = 1;

/// Where the server does not say: what RFC 8628 has clients wait.
const USUAL_WAIT: u64 = 5;

/// Starts a sign-in with `body`, shows code and address, and waits until the person confirmed or refused.
pub(super) async fn sign_in(
    session: &Session,
    client: &ApiClient<'_>,
    body: &Value,
) -> Result<Value, Failure> {
    let started = client.post(&["device-logins"], body).await?;
    let id = show_text(&started["id"]);
    let (address, code) = (
        show_text(&started["verification_url"]),
        show_text(&started["user_code"]),
    );
    session.say(
        "cli.source.device",
        &[("address", &address), ("code", &code)],
    );
    session.say("cli.source.device_wait", &[]);
    let mut wait = started["poll_seconds"].as_u64().unwrap_or(USUAL_WAIT);
    loop {
        tokio::time::sleep(Duration::from_secs(wait.max(SHORTEST_WAIT))).await;
        let path = ["device-logins", &id, "poll"];
        let answer = client.post(&path, &json!({})).await?;
        match answer["state"].as_str() {
            Some("pending") => {
                // The host may ask for a slower pace.
                wait = answer["login"]["poll_seconds"].as_u64().unwrap_or(wait);
            }
            _ => return Ok(answer["source"].clone()),
        }
    }
}
