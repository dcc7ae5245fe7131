//! Starts wharf, makes the user who pushes and pulls, and fetches tokens for them, as `docker login` would.
//! Refuses to measure a server that lets strangers in.
//! Called by `server`.

use std::net::SocketAddr;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::{PASSWORD, USERNAME, basic_headers, password_headers};
use crate::contestant::Entry;
use crate::wire::{Connection, Headers, Payload};
use crate::work_dir::Home;

pub(crate) const READY_PATH: &str = "/readyz";

pub(crate) fn command(entry: &Entry, home: &Home, address: SocketAddr) -> Command {
    let mut command = Command::new(&entry.program);
    command
        .arg("serve")
        .arg("--data-dir")
        .arg(home.data())
        .arg("--listen")
        .arg(address.to_string())
        .current_dir(home.data())
        // Settings of the caller's environment would change what is measured.
        .env_clear()
        .env("WHARF_ADMIN_PASSWORD", PASSWORD);
    command
}

/// # Errors
/// The admin may not make the user.
pub(crate) fn create_user(address: SocketAddr) -> Result<()> {
    let headers = basic_headers("admin", PASSWORD).with("Content-Type", "application/json");
    let body = json!({"username": USERNAME, "password": PASSWORD}).to_string();
    let payload = Payload::Bytes(body.as_bytes());
    Connection::open(address)?
        .exchange("POST", "/api/v1/users", &headers, &payload)?
        .expect("create the user", 201)?;
    Ok(())
}

/// A Bearer header for `scopes`, by the flow that the 401 of `/v2/` describes.
///
/// # Errors
/// `/v2/` is open, its challenge is not understood, or the token is refused.
pub(crate) fn fetch_token(address: SocketAddr, scopes: &[&str]) -> Result<Headers> {
    let mut connection = Connection::open(address)?;
    let answer = connection
        .exchange("GET", "/v2/", &Headers::none(), &Payload::None)?
        .expect("challenge a stranger", 401)?;
    let challenge = answer
        .header("www-authenticate")
        .context("a 401 without WWW-Authenticate")?;
    let service = find_parameter(challenge, "service").context("a challenge without service")?;
    let mut path = format!("/auth/token?service={service}");
    for scope in scopes {
        path.push_str(&format!("&scope={scope}"));
    }
    let answer = connection
        .exchange("GET", &path, &password_headers(), &Payload::None)?
        .expect("fetch a token", 200)?;
    let answer: Value = serde_json::from_slice(&answer.body).context("read a token")?;
    let token = answer["token"]
        .as_str()
        .context("an answer without token")?;
    Ok(Headers::none().with("Authorization", &format!("Bearer {token}")))
}

/// # Errors
/// The repository is public, or its state is unknown.
pub(crate) fn require_private(address: SocketAddr, repository: &str) -> Result<()> {
    let path = format!("/api/v1/repositories/{}", repository.replace('/', "%2F"));
    let answer = Connection::open(address)?
        .exchange("GET", &path, &password_headers(), &Payload::None)?
        .expect("look at the repository", 200)?;
    let answer: Value = serde_json::from_slice(&answer.body).context("read a repository")?;
    ensure!(
        answer["public"] == false,
        "{repository} is not private, so its rights would not be measured"
    );
    Ok(())
}

/// The value of a quoted parameter of a `WWW-Authenticate` challenge (RFC 9110, section 11.6.1).
fn find_parameter<'a>(challenge: &'a str, name: &str) -> Option<&'a str> {
    let (_, parameters) = challenge.split_once(' ')?;
    parameters.split(',').find_map(|parameter| {
        let (key, value) = parameter.trim().split_once('=')?;
        key.eq_ignore_ascii_case(name)
            .then(|| value.trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_found_in_a_challenge() {
        let challenge =
            r#"Bearer realm="http://127.0.0.1:5000/auth/token",service="127.0.0.1:5000""#;
        assert_eq!(find_parameter(challenge, "service"), Some("127.0.0.1:5000"));
        let realm = find_parameter(challenge, "REALM");
        assert_eq!(realm, Some("http://127.0.0.1:5000/auth/token"));
        assert_eq!(find_parameter(challenge, "scope"), None);
    }
}
