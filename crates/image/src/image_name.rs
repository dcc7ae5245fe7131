//! Image names as people write them, made complete as docker does, and their short form for showing.
//!
//! Names are keys of the local store, so one image has one spelling. Pure; which server a registry's name stands for is
//! the business of whoever talks to it.

use std::fmt;
use std::str::FromStr;

use wharf_oci::{Digest, RepositoryName, Tag};

use crate::ImageError;

/// The registry of names that name none.
const DOCKER_HUB: &str = "docker.io";

/// Other names of the same registry, which older tools wrote down.
const DOCKER_HUB_ALIASES: [&str; 2] = ["index.docker.io", "registry-1.docker.io"];

/// `REGISTRY/REPOSITORY[:TAG][@DIGEST]`, complete: `latest` stands there when neither tag nor digest was written.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ImageName {
    registry: String,
    repository: RepositoryName,
    tag: Option<Tag>,
    digest: Option<Digest>,
}

impl ImageName {
    /// `host` or `host:port`, in lower case.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// Where it is in the registry.
    pub fn repository(&self) -> &RepositoryName {
        &self.repository
    }

    /// What was written after the colon, or `latest`; `None` when only a digest was written.
    pub fn tag(&self) -> Option<&Tag> {
        self.tag.as_ref()
    }

    /// What was written after the `@`.
    pub fn digest(&self) -> Option<Digest> {
        self.digest
    }

    /// The form in which people write it: without what docker adds in silence, except for the tag.
    pub fn familiar(&self) -> String {
        let whole = self.to_string();
        let rest = match whole.strip_prefix("docker.io/") {
            Some(rest) => rest,
            None => return whole,
        };
        let bare = rest.strip_prefix("library/");
        bare.unwrap_or(rest).to_owned()
    }
}

impl FromStr for ImageName {
    type Err = ImageError;

    /// Reads a name by docker's rules: the part before the first slash is a registry when it has a dot or a colon, or is
    /// `localhost`; a single component of Docker Hub lies below `library/`.
    ///
    /// # Errors
    /// The text is no image name; the message says why.
    fn from_str(text: &str) -> Result<Self, ImageError> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.parse().map_err(|e| refuse(text, e))?)),
            None => (text, None),
        };
        let (registry, rest) = match rest.split_once('/') {
            Some((first, rest)) if first == "localhost" || first.contains(['.', ':']) => (
                read_registry(first)
                    .ok_or_else(|| refuse(text, format!("{first:?} is no name of a registry")))?,
                rest,
            ),
            _ => (DOCKER_HUB.to_owned(), rest),
        };
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) => (name, Some(tag.parse::<Tag>().map_err(|e| refuse(text, e))?)),
            None => (rest, None),
        };
        let is_short = registry == DOCKER_HUB && !name.is_empty() && !name.contains('/');
        let repository = match is_short {
            true => format!("{}/{name}", RepositoryName::DEFAULT_NAMESPACE).parse(),
            false => name.parse(),
        };
        let latest = || "latest".parse().expect("a tag of letters");
        Ok(Self {
            registry,
            repository: repository.map_err(|e| refuse(text, e))?,
            tag: tag.or_else(|| digest.is_none().then(latest)),
            digest,
        })
    }
}

impl fmt::Display for ImageName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.registry, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(formatter, ":{tag}")?;
        }
        match &self.digest {
            Some(digest) => write!(formatter, "@{digest}"),
            None => Ok(()),
        }
    }
}

fn refuse(text: &str, reason: impl fmt::Display) -> ImageError {
    ImageError::new(format!("{text:?} is no image name: {reason}"))
        .with_hint("a name has the form [REGISTRY/]REPOSITORY[:TAG][@DIGEST], in lower case")
}

fn read_registry(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let (host, port) = match lower.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (lower.as_str(), None),
    };
    let has_port = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port != 0));
    let is_label = |label: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        !label.is_empty() && !label.starts_with('-') && label.bytes().all(allowed)
    };
    let is_v6 = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .is_some_and(|inner| inner.parse::<std::net::Ipv6Addr>().is_ok());
    if !has_port || !(is_v6 || host.split('.').all(is_label)) {
        return None;
    }
    Some(match DOCKER_HUB_ALIASES.contains(&lower.as_str()) {
        true => DOCKER_HUB.to_owned(),
        false => lower,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn names_are_completed_and_shortened_as_docker_does() {
        let by_digest = format!("alpine@{DIGEST}");
        for (text, whole, familiar) in [
            ("alpine", "docker.io/library/alpine:latest", "alpine:latest"),
            (
                "grafana/loki:3",
                "docker.io/grafana/loki:3",
                "grafana/loki:3",
            ),
            (
                "docker.io/alpine:1",
                "docker.io/library/alpine:1",
                "alpine:1",
            ),
            ("index.docker.io/a/b", "docker.io/a/b:latest", "a/b:latest"),
            ("localhost/a", "localhost/a:latest", "localhost/a:latest"),
            (
                "LocalHost:5000/a/b:1",
                "localhost:5000/a/b:1",
                "localhost:5000/a/b:1",
            ),
            ("[::1]:5000/a", "[::1]:5000/a:latest", "[::1]:5000/a:latest"),
            (
                &by_digest,
                &format!("docker.io/library/alpine@{DIGEST}"),
                &by_digest,
            ),
        ] {
            let name: ImageName = text.parse().expect(text);
            assert_eq!(name.to_string(), whole);
            assert_eq!(name.familiar(), familiar);
        }
    }

    #[test]
    fn what_is_no_image_name_is_refused_with_a_hint() {
        for text in [
            "",
            ":tag",
            "Alpine",
            "a/B",
            "a:",
            "a@sha256:12",
            "a//b",
            "r.example/",
            "a b",
            "http://a/b",
            "a.b:0/c",
        ] {
            let error = text.parse::<ImageName>().expect_err(text);
            assert!(error.hint().is_some(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_name_reads_back_as_itself_in_both_forms(text in "\\PC{0,40}|[a-z./:@-]{1,30}") {
            if let Ok(name) = text.parse::<ImageName>() {
                prop_assert_eq!(&name.to_string().parse::<ImageName>().expect("whole"), &name);
                prop_assert_eq!(&name.familiar().parse::<ImageName>().expect("familiar"), &name);
            }
        }
    }
}
