//! What git, ssh and servers say when something fails (in the language `C`), as an error for people.
//!
//! Pure. Git has no codes for most of this, so its sentences are looked for; what is not known is shown as it is, short.

#[cfg(test)]
mod tests;

use std::time::Duration;

use wharf_sandbox::{Exit, Reason};

use crate::error::{GitError, INSTALL_GIT};
use crate::names::{RefName, show};
use crate::remote::Scheme;
use crate::settings::Access;
use crate::way::Trouble;

/// A run that did not succeed.
pub(crate) struct Failed<'a> {
    pub(crate) access: &'a Access,
    pub(crate) exit: Exit,
    /// Secrets are covered already.
    pub(crate) errors: String,
    pub(crate) trouble: Option<Trouble>,
    pub(crate) timeout: Duration,
    pub(crate) disk: u64,
}

/// The most that is repeated of what was said.
const LONGEST: usize = 300;

/// The error for people.
pub(crate) fn explain(failed: &Failed<'_>) -> GitError {
    let remote = failed.access.remote.to_string();
    let host = failed.access.remote.host().to_owned();
    let machine = |attempt: &str, hint: &str| GitError::Machine {
        attempt: attempt.to_owned(),
        hint: Some(hint.to_owned()),
        source: None,
    };
    match failed.exit.reason {
        Reason::TimedOut => {
            return GitError::TimedOut {
                remote,
                limit: failed.timeout,
            };
        }
        Reason::DiskFull => {
            return GitError::TooLarge {
                remote,
                limit: failed.disk,
            };
        }
        Reason::OutOfMemory => {
            return machine(
                &format!("fetch {remote} with the memory that git may use"),
                "it holds very large files; give git more memory, or keep them elsewhere",
            );
        }
        Reason::Killed => return machine("go on with git: it was stopped", "try again"),
        // Git has no cache folders.
        Reason::Exited | Reason::Signaled(_) | Reason::PidsExhausted | Reason::CachesFull => {}
    }
    match &failed.trouble {
        Some(Trouble::Dial(error)) => {
            return GitError::Unreachable {
                remote,
                error: error.clone(),
            };
        }
        Some(Trouble::Elsewhere(to)) => {
            return GitError::Redirected {
                remote,
                to: show(to),
            };
        }
        None => {}
    }
    let is_ssh = failed.access.remote.scheme() == Scheme::Ssh;
    let signed_in = failed
        .access
        .credential
        .is_for(failed.access.remote.scheme());
    let errors = &failed.errors;
    let has = |words: &[&str]| words.iter().any(|word| errors.contains(word));
    let said = repeat(errors);
    if has(&["git: not found", "ssh: not found", "cannot run ssh"]) {
        return machine("find git's programs on this machine", INSTALL_GIT);
    }
    // SIGXFSZ: a single file reached the limit before the sandbox looked.
    if has(&["died of signal 25"]) {
        return GitError::TooLarge {
            remote,
            limit: failed.disk,
        };
    }
    if has(&["fsck error"]) {
        return GitError::Malformed {
            remote,
            said: find_malformed(errors).unwrap_or(said),
        };
    }
    if let Some(name) = find_missing_ref(errors) {
        return GitError::RefMissing { remote, name };
    }
    if has(&[
        "Host key verification failed",
        "REMOTE HOST IDENTIFICATION HAS CHANGED",
    ]) {
        return GitError::HostKeyChanged {
            host,
            found: find_fingerprint(errors),
        };
    }
    if has(&[
        "SSL certificate",
        "certificate verification failed",
        "SSL: no alternative",
        "CERTIFICATE_VERIFY",
        "server certificate",
    ]) {
        return GitError::Tls { host, said };
    }
    if has(&[
        "Permission denied (",
        "Authentication failed for",
        "returned error: 403",
        "Load key ",
    ]) || (signed_in && has(&["could not read Username", "could not read Password"]))
    {
        return GitError::Denied {
            remote,
            signed_in,
            is_ssh,
            said,
        };
    }
    if has(&[
        "could not read Username",
        "could not read Password",
        "returned error: 404",
        "' not found",
    ]) || (has(&["repository"]) && has(&["not found", "not be found", "does not exist"]))
        || has(&[
            "does not appear to be a git repository",
            "returned error: 401",
        ])
    {
        return GitError::NotFound {
            remote,
            signed_in,
            is_ssh,
            said,
        };
    }
    if has(&["unable to update url base from redirection"]) || has(&["returned error: 30"]) {
        return GitError::Redirected {
            remote,
            to: "another address".to_owned(),
        };
    }
    GitError::Failed { remote, said }
}

/// `error: object ID: CODE: what is wrong with it`.
fn find_malformed(errors: &str) -> Option<String> {
    let line = errors
        .lines()
        .find_map(|line| line.trim().strip_prefix("error: object "))?;
    Some(show(line).chars().take(LONGEST).collect())
}

/// `fatal: couldn't find remote ref NAME`.
fn find_missing_ref(errors: &str) -> Option<RefName> {
    let words = "couldn't find remote ref ";
    let line = errors.lines().find(|line| line.contains(words))?;
    let (_, name) = line.split_once(words)?;
    name.trim().parse().ok()
}

/// The key that ssh was shown: a line with nothing but its fingerprint.
fn find_fingerprint(errors: &str) -> Option<String> {
    let line = errors
        .lines()
        .map(|line| line.trim().trim_end_matches('.'))
        .find(|line| line.starts_with("SHA256:"))?;
    let is_fingerprint = line.len() < 60 && line.bytes().all(|byte| byte.is_ascii_graphic());
    is_fingerprint.then(|| line.to_owned())
}

/// What is worth repeating: what the server said, and git's last words.
fn repeat(errors: &str) -> String {
    let noise = [
        "Please make sure you have the correct access rights",
        "and the repository exists",
        "Could not read from remote repository",
    ];
    let mut told: Vec<&str> = Vec::new();
    for line in errors.lines().rev() {
        let line = line.trim();
        let words = ["fatal: ", "error: ", "remote: "]
            .iter()
            .fold(line, |line, word| line.strip_prefix(word).unwrap_or(line))
            .trim();
        if words.is_empty() || noise.iter().any(|noise| words.contains(noise)) {
            continue;
        }
        told.insert(0, words);
        if told.len() == 2 {
            break;
        }
    }
    show(&told.join("; ")).chars().take(LONGEST).collect()
}
