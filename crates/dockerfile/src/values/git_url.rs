//! Git repositories as ADD and build contexts name them: a URL, `#ref:subdir`, or a query.

use super::{join_paths, parse_flag};
use crate::Problem;

/// A repository, and what of it is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GitUrl {
    /// What git is given: no fragment, no query.
    pub remote: String,
    /// A branch, tag or commit; empty for the remote's default.
    pub reference: String,
    /// The commit that the reference must be.
    pub checksum: Option<String>,
    /// A directory in the repository; empty for its root.
    pub subdirectory: String,
    pub keep_git_directory: Option<bool>,
    pub submodules: Option<bool>,
    pub file_times: Option<FileTimes>,
    /// Fetch the commit of `checksum` without asking where the reference is.
    pub fetch_by_commit: bool,
    /// `github.com/…` without a scheme: a repository for a build context, a path for ADD.
    pub is_ambiguous: bool,
    /// The connection is not encrypted.
    pub is_plaintext: bool,
}

/// The times that checked-out files get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileTimes {
    Checkout,
    Commit,
}

impl GitUrl {
    /// None when the text names no repository; an error when it does, with a query that makes no sense.
    pub fn parse(text: &str) -> Result<Option<GitUrl>, Problem> {
        let Some(split) = split_url(text) else {
            return Ok(None);
        };
        let (reference, subdirectory) = split
            .fragment
            .split_once(':')
            .unwrap_or((split.fragment, ""));
        let mut git = GitUrl {
            remote: split.remote.to_owned(),
            reference: decode_percent(reference),
            subdirectory: trim_root(&decode_percent(subdirectory)),
            is_ambiguous: split.scheme.is_none() && split.remote.starts_with("github.com/"),
            is_plaintext: matches!(split.scheme.as_deref(), Some("http" | "git")),
            ..GitUrl::default()
        };
        let refuse = |reason| Problem::GitSource {
            url: text.to_owned(),
            reason,
        };
        git.read_query(split.query).map_err(refuse)?;
        Ok(Some(git))
    }

    fn read_query(&mut self, query: &str) -> Result<(), String> {
        let (mut tag, mut branch) = (None, None);
        let mut seen: Vec<String> = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (key, value) = (decode_form(key), decode_form(value));
            if seen.contains(&key) {
                return Err(format!("query {key:?} has multiple values"));
            }
            let is_switch = matches!(
                key.as_str(),
                "submodules" | "keep-git-dir" | "fetch-by-commit"
            );
            if value.is_empty() && !is_switch {
                return Err(format!("query {key:?} has no value"));
            }
            let flag = || match value.as_str() {
                "" => Ok(true),
                value => parse_flag(value).ok_or(format!("invalid {key} value: {value:?}")),
            };
            match key.as_str() {
                "ref" => set_once(&mut self.reference, value, "ref")?,
                "subdir" => set_once(&mut self.subdirectory, trim_root(&value), "subdir")?,
                "tag" => tag = Some(value),
                "branch" => branch = Some(value),
                "checksum" | "commit" => self.checksum = Some(value),
                "keep-git-dir" => self.keep_git_directory = Some(flag()?),
                "submodules" => self.submodules = Some(flag()?),
                "fetch-by-commit" => self.fetch_by_commit = flag()?,
                "mtime" => {
                    self.file_times = Some(match value.as_str() {
                        "checkout" => FileTimes::Checkout,
                        "commit" => FileTimes::Commit,
                        _ => return Err(format!("mtime is checkout or commit, not {value:?}")),
                    });
                }
                _ => return Err(format!("unexpected query {key:?}")),
            }
            seen.push(key);
        }
        match (tag, branch) {
            (Some(_), Some(_)) => Err("branch conflicts with tag".to_owned()),
            (Some(tag), None) => {
                set_once(&mut self.reference, prefix_with("refs/tags/", tag), "ref")
            }
            (None, Some(branch)) => set_once(
                &mut self.reference,
                prefix_with("refs/heads/", branch),
                "ref",
            ),
            (None, None) => Ok(()),
        }
    }
}

struct SplitUrl<'a> {
    scheme: Option<String>,
    remote: &'a str,
    query: &'a str,
    fragment: &'a str,
}

fn split_url(text: &str) -> Option<SplitUrl<'_>> {
    if text.starts_with("./") || text.starts_with("../") {
        return None;
    }
    let (before, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (remote, query) = before.split_once('?').unwrap_or((before, ""));
    if remote.contains(|character: char| character.is_control()) {
        return None;
    }
    let is_scheme = |scheme: &str| {
        !scheme.is_empty() && scheme.chars().all(|letter| letter.is_ascii_alphanumeric())
    };
    let scheme = match remote.split_once("://") {
        Some((scheme, rest)) if is_scheme(scheme) => {
            let scheme = scheme.to_ascii_lowercase();
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            let is_repository = match scheme.as_str() {
                "http" | "https" => decode_percent(path).ends_with(".git"),
                "ssh" | "git" => true,
                _ => false,
            };
            if !is_repository || host.is_empty() {
                return None;
            }
            Some(scheme)
        }
        _ if remote.starts_with("github.com/") => None,
        _ if is_scp_style(remote) => Some("ssh".to_owned()),
        _ => return None,
    };
    Some(SplitUrl {
        scheme,
        remote,
        query,
        fragment,
    })
}

/// `user@host:path`, as scp(1) writes it.
fn is_scp_style(remote: &str) -> bool {
    let Some((user, rest)) = remote.split_once('@') else {
        return false;
    };
    let Some((host, _)) = rest.split_once(':') else {
        return false;
    };
    let is_word = |text: &str, extra: char| {
        !text.is_empty()
            && text
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == extra)
    };
    is_word(user, '_') && is_word(host, '.')
}

/// Two ways to say the same thing must agree.
fn set_once(target: &mut String, value: String, what: &str) -> Result<(), String> {
    if !target.is_empty() && *target != value {
        return Err(format!("{what} conflicts: {target:?} and {value:?}"));
    }
    *target = value;
    Ok(())
}

fn prefix_with(prefix: &str, name: String) -> String {
    if name.starts_with(prefix) {
        name
    } else {
        format!("{prefix}{name}")
    }
}

/// Cleaned, and kept beneath the repository's root.
fn trim_root(path: &str) -> String {
    join_paths("/", path).trim_start_matches('/').to_owned()
}

fn decode_form(text: &str) -> String {
    decode_percent(&text.replace('+', " "))
}

/// What is no valid escape stays as it is.
fn decode_percent(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = (*first == b'%').then(|| after.get(..2)).flatten();
        let decoded = escaped
            .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match decoded {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> GitUrl {
        GitUrl::parse(text).expect(text).expect(text)
    }

    #[test]
    fn the_fragment_names_a_reference_and_a_directory() {
        for (text, remote, reference, subdirectory) in [
            ("https://h/a.git", "https://h/a.git", "", ""),
            ("https://h/a.git#v1", "https://h/a.git", "v1", ""),
            (
                "https://u@h:1/a.git#b/c:d/../e",
                "https://u@h:1/a.git",
                "b/c",
                "e",
            ),
            ("git@h:a/b.git#:d", "git@h:a/b.git", "", "d"),
            ("ssh://git@h/a#x:../../y", "ssh://git@h/a", "x", "y"),
            ("github.com/a/b#x", "github.com/a/b", "x", ""),
        ] {
            let git = parse(text);
            assert_eq!(
                (
                    git.remote.as_str(),
                    git.reference.as_str(),
                    git.subdirectory.as_str()
                ),
                (remote, reference, subdirectory)
            );
        }
        assert!(parse("github.com/a/b").is_ambiguous && parse("http://h/a.git").is_plaintext);
    }

    #[test]
    fn the_query_says_the_same_and_more() {
        let git = parse(
            "https://h/a.git?tag=v1&subdir=x/y&commit=abc&keep-git-dir&submodules=false&mtime=commit&fetch-by-commit=1",
        );
        let expected = GitUrl {
            remote: "https://h/a.git".to_owned(),
            reference: "refs/tags/v1".to_owned(),
            checksum: Some("abc".to_owned()),
            subdirectory: "x/y".to_owned(),
            keep_git_directory: Some(true),
            submodules: Some(false),
            file_times: Some(FileTimes::Commit),
            fetch_by_commit: true,
            ..GitUrl::default()
        };
        assert_eq!(git, expected);
        assert_eq!(
            parse("https://h/a.git?branch=m%2Fx").reference,
            "refs/heads/m/x"
        );
    }

    #[test]
    fn a_query_that_makes_no_sense_is_an_error() {
        for query in [
            "x=y",
            "ref",
            "ref=a&ref=b",
            "tag=a&branch=b",
            "mtime=x",
            "submodules=x",
        ] {
            assert!(
                GitUrl::parse(&format!("https://h/a.git?{query}")).is_err(),
                "{query}"
            );
        }
        assert!(GitUrl::parse("https://h/a.git?ref=a#b").is_err());
        assert!(GitUrl::parse("https://h/a.git?ref=a#a").is_ok());
    }

    #[test]
    fn other_texts_are_no_repositories() {
        for text in [
            "",
            "a",
            "./a.git",
            "https://h/a",
            "https://h/a.git/b",
            "ftp://h/a.git",
            "h:a.git",
            "a b@h:c",
            "https:///a.git",
            "https://h/a\n.git",
        ] {
            assert_eq!(GitUrl::parse(text), Ok(None), "{text}");
        }
    }
}
