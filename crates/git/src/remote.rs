//! Where a repository is: the few forms of an address that are ever given to git.
//!
//! Pure. Addresses are taken apart and put together again here, so that no option, no transport helper (`ext::`), no
//! local path and no second spelling of a host gets through (CVE-2019-13139, RUSTSEC-2024-0335). Whether a host may be
//! reached at all is decided by whoever dials ([`Dial`](crate::Dial)).

mod parse;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use self::parse::{hide_password, parse_scp, parse_url};
use crate::error::GitError;
use crate::names::show;

/// How a repository is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Scheme {
    /// Encrypted HTTP.
    Https,
    /// HTTP without encryption: only to hosts that the way out allows it for.
    Http,
    /// A secure shell.
    Ssh,
}

impl Scheme {
    /// As a URL begins.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
            Self::Ssh => "ssh",
        }
    }

    /// The port of an address that names none.
    pub fn default_port(self) -> u16 {
        match self {
            Self::Https => 443,
            Self::Http => 80,
            Self::Ssh => 22,
        }
    }
}

/// A repository's address: `https://host/path`, `http://host/path`, `ssh://user@host:port/path` or `user@host:path`.
///
/// It holds no password. Its text ([`fmt::Display`]) is what git is given, and can be shown to everybody.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GitRemote {
    scheme: Scheme,
    user: Option<String>,
    host: String,
    port: u16,
    /// Of scp's form: relative to the home folder there, which no URL can say.
    is_relative: bool,
    /// Without its leading slash.
    path: String,
}

/// The longest address. Browsers and servers stop at about 2,000; a larger bound would only fill logs.
const LONGEST: usize = 2000;

impl GitRemote {
    /// Reads an address.
    ///
    /// # Errors
    /// [`GitError::Remote`] saying what is wrong with it, for every other form, transport or spelling.
    pub fn parse(text: &str) -> Result<Self, GitError> {
        let (remote, password) = Self::parse_with_password(text)?;
        match password {
            None => Ok(remote),
            Some(_) => Err(refuse(
                &remote.to_string(),
                "a password does not belong into an address",
                "give the token on its own; it is kept secret there",
            )),
        }
    }

    /// Reads an address that may carry a password (`https://user:password@host/…`), which comes out on its own.
    ///
    /// # Errors
    /// As [`GitRemote::parse`].
    pub fn parse_with_password(text: &str) -> Result<(Self, Option<String>), GitError> {
        if text.len() > LONGEST {
            return Err(refuse(text, "the address is too long", FORMS));
        }
        if text.contains(|letter: char| letter.is_control() || letter.is_whitespace())
            || text.contains('\\')
        {
            return Err(refuse(
                &hide_password(text),
                "an address has no spaces, control characters or backslashes",
                FORMS,
            ));
        }
        if text.starts_with('-') {
            return Err(refuse(text, "an address does not begin with -", FORMS));
        }
        match text.split_once("://") {
            Some((scheme, rest)) => parse_url(text, scheme, rest),
            None => Ok((parse_scp(text)?, None)),
        }
    }

    /// How it is spoken to.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The account in the address: whom ssh logs in as, the user name that goes with a token.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// A name in lower case, or an address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Also when the address does not name it.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Below the host, without a leading slash.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The path begins in the home folder there, as in scp's form.
    pub(crate) fn is_relative(&self) -> bool {
        self.is_relative
    }

    /// `scheme://host:port`, with which credentials go.
    pub fn origin(&self) -> String {
        let port = match self.port == self.scheme.default_port() {
            true => String::new(),
            false => format!(":{}", self.port),
        };
        format!("{}://{}{port}", self.scheme.as_str(), self.written_host())
    }

    /// The address that `relative` names from here, as git resolves the URL of a submodule (`./x`, `../x`).
    ///
    /// # Errors
    /// [`GitError::Remote`] when it leads above the host.
    pub fn join(&self, relative: &str) -> Result<Self, GitError> {
        let fail = || refuse(relative, "it leads out of the host", SUBMODULE);
        let mut parts: Vec<&str> = self.path.trim_end_matches('/').split('/').collect();
        let mut rest = relative;
        loop {
            if let Some(after) = rest.strip_prefix("./") {
                rest = after;
            } else if let Some(after) = rest.strip_prefix("../") {
                parts.pop().ok_or_else(fail)?;
                rest = after;
            } else {
                break;
            }
        }
        let (rest, path) = (rest.trim_matches('/'), parts.join("/"));
        if rest.is_empty() || rest.split('/').any(|part| matches!(part, "." | "..")) {
            return Err(fail());
        }
        let path = match path.is_empty() {
            true => rest.to_owned(),
            false => format!("{path}/{rest}"),
        };
        // What was put together is judged like what was written.
        self.with_path(&path)
    }

    /// Another repository at the same place.
    pub(crate) fn with_path(&self, path: &str) -> Result<Self, GitError> {
        let other = Self {
            path: path.to_owned(),
            ..self.clone()
        };
        Self::parse(&other.to_string())
    }

    /// Whether both are spoken to in the same way at the same place, so that credentials for one are meant for the other.
    pub fn is_beside(&self, other: &Self) -> bool {
        (self.scheme, &self.host, self.port) == (other.scheme, &other.host, other.port)
    }

    fn written_host(&self) -> String {
        match self.host.contains(':') {
            true => format!("[{}]", self.host),
            false => self.host.clone(),
        }
    }
}

impl fmt::Display for GitRemote {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = match &self.user {
            Some(user) => format!("{user}@"),
            None => String::new(),
        };
        if self.is_relative {
            return write!(formatter, "{user}{}:{}", self.written_host(), self.path);
        }
        let origin = self.origin();
        let host = origin.split_once("://").map_or("", |(_, host)| host);
        let scheme = self.scheme.as_str();
        write!(formatter, "{scheme}://{user}{host}/{}", self.path)
    }
}

impl FromStr for GitRemote {
    type Err = GitError;

    fn from_str(text: &str) -> Result<Self, GitError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for GitRemote {
    type Error = GitError;

    fn try_from(text: String) -> Result<Self, GitError> {
        Self::parse(&text)
    }
}

impl From<GitRemote> for String {
    fn from(remote: GitRemote) -> Self {
        remote.to_string()
    }
}

const FORMS: &str = "write https://host/path, ssh://user@host/path or user@host:path, where host is reachable from wharf";
const SUBMODULE: &str = "a submodule's address stays on the host of its repository";

fn refuse(text: &str, reason: impl Into<String>, hint: &str) -> GitError {
    GitError::Remote {
        text: show(text),
        reason: reason.into(),
        hint: hint.to_owned(),
    }
}
