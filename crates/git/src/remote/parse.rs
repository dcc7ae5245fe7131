//! Taking addresses apart.
//!
//! The library for URLs helps with hosts alone: it takes `https:/h`, `https:///h` and backslashes for the same address, and
//! drops line ends, so that what it reads is not what was written.

use url::Host;

use super::{FORMS, GitRemote, Scheme, refuse};
use crate::error::GitError;
use crate::names::show;

pub(super) fn parse_url(
    text: &str,
    scheme: &str,
    rest: &str,
) -> Result<(GitRemote, Option<String>), GitError> {
    let shown = hide_password(text);
    let fail = |reason: &str| refuse(&shown, reason, FORMS);
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "https" => Scheme::Https,
        "http" => Scheme::Http,
        "ssh" | "git+ssh" | "ssh+git" => Scheme::Ssh,
        other => {
            let reason = format!("wharf does not fetch over {}", show(other));
            return Err(refuse(&shown, reason, FORMS));
        }
    };
    let (authority, path) = rest.split_once('/').ok_or_else(|| fail("it has no path"))?;
    let (user, place) = match authority.rsplit_once('@') {
        Some((user, place)) => (Some(user), place),
        None => (None, authority),
    };
    let (user, password) = match user.map(|user| user.split_once(':').unwrap_or((user, ""))) {
        None => (None, None),
        Some((user, password)) => (
            Some(decode(user).ok_or_else(|| fail("the user name is not text"))?),
            Some(decode(password).ok_or_else(|| fail("the password is not text"))?),
        ),
    };
    let (host, port) = split_port(place).ok_or_else(|| fail("the port is no number"))?;
    let remote = GitRemote {
        scheme,
        user: user.filter(|user| !user.is_empty()),
        host: read_host(host).ok_or_else(|| fail("it names no host"))?,
        port: port.unwrap_or(scheme.default_port()),
        is_relative: false,
        path: path.to_owned(),
    };
    check_words(&remote).map_err(fail)?;
    if scheme != Scheme::Ssh && remote.path.contains(['?', '#']) {
        return Err(fail("an address has no ? and no #"));
    }
    Ok((remote, password.filter(|password| !password.is_empty())))
}

/// `user@host:path`, as scp(1) has it. Without a user it could be a transport helper or a drive, so one is asked for.
pub(super) fn parse_scp(text: &str) -> Result<GitRemote, GitError> {
    let fail = |reason: &str| refuse(text, reason, FORMS);
    let is_path = text.starts_with(['/', '.', '~']);
    let (user, rest) = match text.split_once('@') {
        Some((user, rest)) if !is_path && !user.contains([':', '/']) => (user, rest),
        _ if text.contains("::") => return Err(fail("wharf runs no transport helpers")),
        _ => return Err(fail("it is no address of a repository on another host")),
    };
    let (host, path) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) => (host, rest.strip_prefix(':')),
        None => match rest.split_once(':') {
            Some((host, path)) => (host, Some(path)),
            None => (rest, None),
        },
    };
    let path = path.ok_or_else(|| fail("it has no path"))?;
    let is_v6 = host.contains(':');
    let host = match is_v6 {
        true => read_host(&format!("[{host}]")),
        false => read_host(host),
    };
    let is_relative = !path.starts_with('/');
    let remote = GitRemote {
        scheme: Scheme::Ssh,
        user: Some(user.to_owned()).filter(|user| !user.is_empty()),
        host: host.ok_or_else(|| fail("it names no host"))?,
        port: Scheme::Ssh.default_port(),
        is_relative,
        path: path.strip_prefix('/').unwrap_or(path).to_owned(),
    };
    check_words(&remote).map_err(fail)?;
    Ok(remote)
}

/// `host`, `host:port`, `[address]:port`. `None` for a port that is none.
fn split_port(place: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match place.rfind(']') {
        Some(end) => (place.get(..=end)?, place.get(end + 1..)?),
        None => match place.find(':') {
            Some(colon) => (place.get(..colon)?, place.get(colon..)?),
            None => (place, ""),
        },
    };
    match port.strip_prefix(':') {
        None if port.is_empty() => Some((host, None)),
        None => None,
        Some("") => Some((host, None)),
        Some(digits) if digits.bytes().all(|digit| digit.is_ascii_digit()) => {
            let port = digits.parse().ok().filter(|port| *port != 0)?;
            Some((host, Some(port)))
        }
        Some(_) => None,
    }
}

/// A host in its one spelling: `0x7f.1` and `127.0.0.1` are the same place, and so are a name and its capitals.
fn read_host(text: &str) -> Option<String> {
    if text.is_empty() || text.starts_with('-') {
        return None;
    }
    match Host::parse(text).ok()? {
        Host::Ipv4(address) => Some(address.to_string()),
        Host::Ipv6(address) => Some(address.to_string()),
        Host::Domain(name) => {
            let name = name.strip_suffix('.').unwrap_or(&name).to_owned();
            let is_plain =
                |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
            let is_host = !name.is_empty() && !name.starts_with('-') && name.chars().all(is_plain);
            is_host.then_some(name)
        }
    }
}

/// Words that end in the arguments of ssh(1) or in a path there.
fn check_words(remote: &GitRemote) -> Result<(), &'static str> {
    let is_plain = |letter: char| {
        letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_' | '+' | '@' | '~')
    };
    if let Some(user) = &remote.user
        && (user.starts_with('-') || !user.chars().all(is_plain))
    {
        return Err("the user name has letters that no account has, or begins with -");
    }
    if remote.path.trim_matches('/').is_empty() {
        return Err("it has no path");
    }
    if remote.path.starts_with(['-', ':']) {
        return Err("the path begins with - or :");
    }
    if remote.path.split('/').any(|part| part == "..") {
        return Err("the path has .. in it");
    }
    Ok(())
}

fn decode(text: &str) -> Option<String> {
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8();
    decoded.ok().map(std::borrow::Cow::into_owned)
}

/// The text without what may be a password.
pub(super) fn hide_password(text: &str) -> String {
    match (text.split_once("://"), text.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://…@{rest}"),
        _ => text.to_owned(),
    }
}
