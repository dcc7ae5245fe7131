//! The image that a container gets, and what the images of containers say.
//!
//! Pure. A reference is put together from checked parts only, so no template and no tag can put anything else into a
//! workload.

use super::error::{ClusterError, Result};
use std::fmt;
use wharf_oci::{Digest, RepositoryName, Tag};

/// The longest host: that of a DNS name, and a port.
const LONGEST_HOST: usize = 253 + 6;

/// `HOST/repository:tag@sha256:…`: the digest decides what runs, the tag is for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedImage {
    host: String,
    repository: RepositoryName,
    tag: Option<Tag>,
    digest: Digest,
}

impl PinnedImage {
    /// `host` is the registry as the cluster's nodes reach it: `registry.example`, `10.0.0.5:5000`.
    ///
    /// # Errors
    /// [`ClusterError::Image`] for a host that is none, or that on a node would mean the node itself.
    pub fn new(
        host: &str,
        repository: RepositoryName,
        tag: Option<Tag>,
        digest: Digest,
    ) -> Result<PinnedImage> {
        check_image_host(host)?;
        Ok(PinnedImage {
            host: host.to_owned(),
            repository,
            tag,
            digest,
        })
    }

    /// The registry.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// What decides.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Whether a container with this image runs the same: repository and digest are equal, whatever the tag.
    pub fn is_same(&self, image: &str) -> bool {
        let found = ImageParts::read(image);
        found.name == self.name() && found.digest == Some(self.digest)
    }

    fn name(&self) -> String {
        format!("{}/{}", self.host, self.repository)
    }
}

impl fmt::Display for PinnedImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        write!(f, "@{}", self.digest)
    }
}

/// Passes a registry's address that can stand before a repository's name.
///
/// # Errors
/// [`ClusterError::Image`]. `localhost` and loopback addresses are refused: on a node they would be the node.
pub fn check_image_host(host: &str) -> Result<()> {
    let refuse = |reason| Err(ClusterError::Image { reason });
    let (name, port) = split_port(host);
    if host.len() > LONGEST_HOST || name.is_empty() {
        return refuse("the registry's address is empty or too long");
    }
    if port.is_some_and(|port| port.parse::<u16>().map_or(true, |port| port == 0)) {
        return refuse("the port of the registry's address is none");
    }
    if let Some(inner) = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'))
    {
        return match inner.parse::<std::net::Ipv6Addr>() {
            Ok(address) if address.is_loopback() || address.is_unspecified() => {
                refuse("on a node, this address is the node itself")
            }
            Ok(address)
                if address
                    .to_ipv4_mapped()
                    .is_some_and(|old| old.is_loopback()) =>
            {
                refuse("on a node, this address is the node itself")
            }
            Ok(_) => Ok(()),
            Err(_) => refuse("the registry's address is none"),
        };
    }
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_part = |part: &str| {
        let bytes = part.as_bytes();
        bytes.iter().all(|byte| is_plain(*byte) || *byte == b'-')
            && bytes.first().is_some_and(|byte| is_plain(*byte))
            && bytes.last().is_some_and(|byte| is_plain(*byte))
    };
    if !name.split('.').all(is_part) {
        return refuse("the registry's address has characters that no host has");
    }
    // Docker's rule (distribution/reference): without a dot, a port or `localhost` the first word is no host.
    if !name.contains('.') && port.is_none() && name != "localhost" {
        return refuse("without a dot or a port, the first word of an image is no registry");
    }
    let address = name.parse::<std::net::Ipv4Addr>();
    let is_here = address.is_ok_and(|address| address.is_loopback() || address.is_unspecified());
    match name == "localhost" || name.ends_with(".localhost") || is_here {
        true => refuse("on a node, this address is the node itself"),
        false => Ok(()),
    }
}

fn split_port(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => (name, Some(port)),
        _ => (host, None),
    }
}

/// The parts of any image reference, as far as they can be told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ImageParts<'a> {
    /// `HOST/repository`, without tag and digest.
    pub(super) name: &'a str,
    pub(super) tag: Option<&'a str>,
    pub(super) digest: Option<Digest>,
}

impl<'a> ImageParts<'a> {
    /// What a pod's or a template's `image` names, or the `imageID` of a running container (which may begin with the
    /// runtime's name, as in `docker-pullable://`).
    pub(super) fn read(text: &'a str) -> ImageParts<'a> {
        let text = text.split_once("://").map_or(text, |(_, rest)| rest);
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, digest.parse().ok()),
            None => (text, None),
        };
        let (name, tag) = match name.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (name, None),
        };
        ImageParts { name, tag, digest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wharf_oci::Algorithm;

    fn pin(host: &str, tag: &str, content: &[u8]) -> PinnedImage {
        let tag = (!tag.is_empty()).then(|| tag.parse().expect("a tag"));
        let digest = Digest::of(Algorithm::Sha256, content);
        PinnedImage::new(host, "team/app".parse().expect("a name"), tag, digest).expect(host)
    }

    #[test]
    fn the_digest_decides_whether_an_image_is_the_same() {
        let ours = pin("registry.example:5000", "v1", b"a");
        let text = ours.to_string();
        assert!(text.starts_with("registry.example:5000/team/app:v1@sha256:"));
        assert!(ours.is_same(&text));
        assert!(ours.is_same(&pin("registry.example:5000", "v2", b"a").to_string()));
        assert!(ours.is_same(&pin("registry.example:5000", "", b"a").to_string()));
        assert!(!ours.is_same(&pin("registry.example:5000", "v1", b"b").to_string()));
        assert!(!ours.is_same(&pin("registry.example", "v1", b"a").to_string()));
        assert!(!ours.is_same("registry.example:5000/team/app:v1"));
    }

    #[test]
    fn an_address_that_is_the_node_itself_or_none_is_refused() {
        for good in [
            "registry.example",
            "registry:5000",
            "10.0.0.5:5000",
            "[fd12::1]:5000",
        ] {
            assert!(check_image_host(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "registry",
            "localhost",
            "localhost:5000",
            "a.localhost",
            "127.0.0.1:5000",
            "127.8.9.1",
            "0.0.0.0:5000",
            "[::1]:5000",
            "[::ffff:127.0.0.1]:5000",
            "registry.example/x",
            "registry.example:0",
            "registry.example:port",
            "Registry.example",
            "a b.example",
            "me@registry.example",
            "registry..example",
        ] {
            assert!(check_image_host(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn parts_of_others_references_are_told_apart() {
        let read = ImageParts::read;
        assert_eq!(read("nginx").name, "nginx");
        assert_eq!(read("nginx:1.27").tag, Some("1.27"));
        assert_eq!(read("reg.example:5000/a/b").name, "reg.example:5000/a/b");
        let digest = Digest::of(Algorithm::Sha256, b"x");
        let text = format!("docker-pullable://reg.example/a@{digest}");
        let found = read(&text);
        assert_eq!((found.name, found.digest), ("reg.example/a", Some(digest)));
    }
}
