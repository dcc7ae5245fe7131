//! Image names as people write them, with what docker adds in silence: the registry, `library/` and `latest`.

use crate::{ClientError, RegistryHost};
use std::fmt;
use std::str::FromStr;
use wharf_oci::{Digest, Reference, RepositoryName, Tag};

/// A repository of a registry.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Repository {
    pub registry: RegistryHost,
    pub name: RepositoryName,
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.name)
    }
}

/// `[REGISTRY/]REPOSITORY[:TAG][@DIGEST]`, complete.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ImageName {
    pub repository: Repository,
    /// `latest` when neither tag nor digest was written.
    pub tag: Option<Tag>,
    pub digest: Option<Digest>,
}

impl ImageName {
    /// A name by tag or by digest.
    pub fn new(repository: Repository, reference: Reference) -> ImageName {
        ImageName {
            repository,
            tag: reference.tag().cloned(),
            digest: reference.digest(),
        }
    }

    /// How the registry is asked for it: by digest when there is one, whatever the tag says.
    pub fn reference(&self) -> Reference {
        match (self.digest, &self.tag) {
            (Some(digest), _) => Reference::Digest(digest),
            (None, Some(tag)) => Reference::Tag(tag.clone()),
            (None, None) => Reference::Tag(latest()),
        }
    }

    /// The same repository by another digest, such as an entry of its index.
    pub fn with_digest(&self, digest: Digest) -> ImageName {
        ImageName {
            digest: Some(digest),
            ..self.clone()
        }
    }
}

impl FromStr for ImageName {
    type Err = ClientError;

    /// Reads a name by docker's rules: the part before the first slash is a registry when it has a dot or a colon,
    /// or is `localhost`; a single component of Docker Hub lies below `library/`.
    ///
    /// # Errors
    /// [`ClientError::ImageName`] with the reason.
    fn from_str(text: &str) -> Result<ImageName, ClientError> {
        let fail = |reason: String| ClientError::ImageName {
            text: text.to_owned(),
            reason,
        };
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => {
                let digest = digest
                    .parse()
                    .map_err(|error: wharf_oci::DigestError| fail(error.to_string()))?;
                (rest, Some(digest))
            }
            None => (text, None),
        };
        let (registry, rest) = match rest.split_once('/') {
            Some((first, rest)) if is_registry(first) => {
                let host = first
                    .parse()
                    .map_err(|_| fail(format!("{first:?} is no name of a registry")))?;
                (host, rest)
            }
            _ => (RegistryHost::docker_hub(), rest),
        };
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) => {
                let tag = tag
                    .parse()
                    .map_err(|error: wharf_oci::TagError| fail(error.to_string()))?;
                (name, Some(tag))
            }
            None => (rest, None),
        };
        let whole = match registry.is_docker_hub() && !name.is_empty() && !name.contains('/') {
            true => format!("{}/{name}", RepositoryName::DEFAULT_NAMESPACE),
            false => name.to_owned(),
        };
        let name = whole
            .parse()
            .map_err(|error: wharf_oci::NameError| fail(error.to_string()))?;
        Ok(ImageName {
            repository: Repository { registry, name },
            tag: tag.or_else(|| digest.is_none().then(latest)),
            digest,
        })
    }
}

impl fmt::Display for ImageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.repository.fmt(f)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        match &self.digest {
            Some(digest) => write!(f, "@{digest}"),
            None => Ok(()),
        }
    }
}

fn is_registry(first: &str) -> bool {
    first == "localhost" || first.contains(['.', ':'])
}

fn latest() -> Tag {
    "latest".parse().expect("a tag of letters")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn names_are_completed_as_docker_does() {
        for (text, whole) in [
            ("alpine", "docker.io/library/alpine:latest".to_owned()),
            ("alpine:3.20", "docker.io/library/alpine:3.20".to_owned()),
            ("grafana/loki", "docker.io/grafana/loki:latest".to_owned()),
            (
                "docker.io/alpine",
                "docker.io/library/alpine:latest".to_owned(),
            ),
            (
                "index.docker.io/library/alpine",
                "docker.io/library/alpine:latest".to_owned(),
            ),
            ("localhost/a", "localhost/a:latest".to_owned()),
            ("localhost:5000/a/b:1", "localhost:5000/a/b:1".to_owned()),
            ("reg.example/a", "reg.example/a:latest".to_owned()),
            ("[::1]:5000/a", "[::1]:5000/a:latest".to_owned()),
            (
                &format!("alpine@{DIGEST}"),
                format!("docker.io/library/alpine@{DIGEST}"),
            ),
            (
                &format!("alpine:3@{DIGEST}"),
                format!("docker.io/library/alpine:3@{DIGEST}"),
            ),
        ] {
            let name: ImageName = text.parse().expect(text);
            assert_eq!(name.to_string(), whole);
            assert_eq!(whole.parse::<ImageName>().expect("read back"), name);
        }
    }

    #[test]
    fn a_digest_decides_before_a_tag() {
        let name: ImageName = format!("alpine:3@{DIGEST}").parse().expect("a name");
        assert_eq!(name.reference().to_string(), DIGEST);
    }

    #[test]
    fn what_is_no_image_name_is_refused_with_the_reason() {
        for text in [
            "",
            ":tag",
            "Alpine",
            "a/B",
            "Registry/a",
            "a:",
            "a@sha256:12",
            "a//b",
            "reg.example/",
            "a b",
            "http://a/b",
        ] {
            let error = text.parse::<ImageName>().expect_err(text);
            assert!(matches!(error, ClientError::ImageName { .. }), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,40}") {
            if let Ok(name) = text.parse::<ImageName>() {
                prop_assert_eq!(name.to_string().parse::<ImageName>().ok(), Some(name));
            }
        }
    }
}
