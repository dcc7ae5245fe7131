//! Docker's credential helpers: programs called `docker-credential-NAME` that keep passwords in a keyring.
//!
//! The protocol is one word as argument, a host on stdin, JSON on stdout. Only `get` is spoken here. Called by
//! [`DockerConfig`](crate::DockerConfig).

use crate::error::quote;
use crate::{ClientError, Credential, Result, Secret};
use serde::Deserialize;
use std::ffi::OsStr;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

/// How long a helper may take: it may ask a person for a keyring's password. Shorter would take the prompt away from
/// them, longer would hang a build that nobody watches.
const TIME_LIMIT: Duration = Duration::from_secs(120);

/// The largest answer that is read; tokens of clouds have a few KiB.
const LARGEST_ANSWER: u64 = 256 * 1024;

/// What helpers answer, on stdout, when they have nothing for a host.
const NOT_FOUND: &str = "credentials not found";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    #[serde(default)]
    username: String,
    secret: String,
}

/// What the helper keeps for a host; `None` when it has nothing. The program ends when the call is dropped.
pub(crate) async fn run_helper(
    helper: &str,
    search_path: &OsStr,
    key: &str,
) -> Result<Option<Credential>> {
    let run = async {
        let program = find_program(helper, search_path)?;
        let outcome = tokio::time::timeout(TIME_LIMIT, ask(program, key)).await;
        outcome
            .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))
            .flatten()
    };
    run.await.map_err(|error| ClientError::CredentialHelper {
        helper: quote(helper, &[]),
        source: Arc::new(error),
    })
}

/// The name comes from a file: it chooses a program of the search path, never a path.
fn find_program(helper: &str, search_path: &OsStr) -> io::Result<PathBuf> {
    if helper.contains('/') {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    }
    std::env::split_paths(search_path)
        .map(|folder| folder.join(format!("docker-credential-{helper}")))
        .find(|path| path.is_file())
        .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
}

async fn ask(program: PathBuf, key: &str) -> io::Result<Option<Credential>> {
    let mut child = Command::new(program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // A helper that does not read its input says why by its exit code.
        let _ = stdin.write_all(key.as_bytes()).await;
    }
    let (mut text, mut complaint) = (Vec::new(), Vec::new());
    let stdout = child.stdout.take().map(|pipe| pipe.take(LARGEST_ANSWER));
    let stderr = child.stderr.take().map(|pipe| pipe.take(LARGEST_ANSWER));
    let (first, second) = tokio::join!(
        read_pipe(stdout, &mut text),
        read_pipe(stderr, &mut complaint)
    );
    first.and(second)?;
    let status = child.wait().await?;
    let said = String::from_utf8_lossy(&text);
    if !status.success() {
        if said.contains(NOT_FOUND) {
            return Ok(None);
        }
        let complaint = String::from_utf8_lossy(&complaint);
        let told = if said.trim().is_empty() {
            &complaint
        } else {
            &said
        };
        return Err(io::Error::other(quote(told, &[])));
    }
    // The answer is not shown: it may be a password in another form.
    let answer: Answer = serde_json::from_slice(&text)
        .map_err(|_| io::Error::other("its answer is not the JSON of a credential"))?;
    let secret = Secret::new(answer.secret);
    Ok(match answer.username.as_str() {
        _ if secret.expose().is_empty() => None,
        // Helpers mark an identity token by this name.
        "<token>" => Some(Credential::IdentityToken(secret)),
        _ => Some(Credential::Password {
            username: answer.username,
            password: secret,
        }),
    })
}

async fn read_pipe(
    pipe: Option<impl tokio::io::AsyncRead + Unpin>,
    into: &mut Vec<u8>,
) -> io::Result<usize> {
    match pipe {
        Some(mut pipe) => pipe.read_to_end(into).await,
        None => Ok(0),
    }
}
