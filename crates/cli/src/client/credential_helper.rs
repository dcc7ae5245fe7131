//! Docker's credential helpers: programs called `docker-credential-NAME` that keep passwords in a keyring.
//!
//! The protocol is one word as argument, a host or JSON on stdin, JSON on stdout.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::docker_config::StoredLogin;
use crate::failure::Failure;
use crate::session::Session;

/// What helpers answer, on stdout, when they have nothing for a host.
const NOT_FOUND: &str = "credentials not found";

pub(super) fn store_login(
    session: &Session,
    helper: &str,
    host: &str,
    login: &StoredLogin,
) -> Result<(), Failure> {
    let entry = json!({
        "ServerURL": host,
        "Username": login.username,
        "Secret": login.password,
    });
    run_helper(session, helper, "store", &entry.to_string()).map(|_| ())
}

/// The login that the helper keeps for `host`; `None` when it has none.
pub(super) fn find_login(
    session: &Session,
    helper: &str,
    host: &str,
) -> Result<Option<StoredLogin>, Failure> {
    let Some(answer) = run_helper(session, helper, "get", host)? else {
        return Ok(None);
    };
    let answer: Value = serde_json::from_str(&answer).map_err(|error| {
        Failure::new(session.text("cli.helper.bad_answer", &[("helper", helper)])).caused_by(&error)
    })?;
    let field = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
    let username = field("Username");
    // Helpers mark an identity token by this name; it is of use to docker alone.
    let password = if username == "<token>" {
        String::new()
    } else {
        field("Secret")
    };
    Ok(Some(StoredLogin { username, password }))
}

pub(super) fn erase_login(session: &Session, helper: &str, host: &str) -> Result<(), Failure> {
    run_helper(session, helper, "erase", host).map(|_| ())
}

/// Runs the helper; `None` when it says that it has nothing.
fn run_helper(
    session: &Session,
    helper: &str,
    action: &str,
    input: &str,
) -> Result<Option<String>, Failure> {
    let fail = || Failure::new(session.text("cli.helper.failed", &[("helper", helper)]));
    // The name comes from a file: it chooses a program in PATH, never a path.
    if helper.contains('/') {
        return Err(fail());
    }
    let mut child = Command::new(format!("docker-credential-{helper}"))
        .arg(action)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| fail().caused_by(&error))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A helper that does not read its input says why by its exit code.
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child
        .wait_with_output()
        .map_err(|error| fail().caused_by(&error))?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() {
        return Ok(Some(text));
    }
    if text.contains(NOT_FOUND) {
        return Ok(None);
    }
    let said = if text.is_empty() {
        String::from_utf8_lossy(&output.stderr).trim().to_owned()
    } else {
        text
    };
    Err(fail().caused_by(&std::io::Error::other(said)))
}
