//! `PATH[:TAG][@DIGEST]`, which is how build contexts name an image in a layout.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use wharf_oci::Digest;

use crate::ImageError;

const SCHEME: &str = "oci-layout://";

/// An image in a layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayoutAddress {
    /// The layout's folder, or a tar of one.
    pub path: PathBuf,
    /// Which of its images; `None` is `latest`, or the only one.
    pub tag: Option<String>,
    /// Decides before the tag.
    pub digest: Option<Digest>,
}

impl FromStr for LayoutAddress {
    type Err = ImageError;

    /// Reads an address, with or without `oci-layout://`. The first colon ends the path, as it does
    /// for buildx: a tag may be a whole name with a port.
    ///
    /// # Errors
    /// No path, or a digest that is none.
    fn from_str(text: &str) -> Result<Self, ImageError> {
        let refuse = |reason: &str| {
            ImageError::new(format!("{text:?} names no image in a layout: {reason}")).with_hint(
                "use oci-layout://PATH, oci-layout://PATH:TAG or oci-layout://PATH@DIGEST",
            )
        };
        let rest = text.strip_prefix(SCHEME).unwrap_or(text);
        // The last, as a path may have one too; a tag and a digest have none.
        let (rest, digest) = match rest.rsplit_once('@') {
            Some((rest, digest))
                if digest.starts_with("sha256:") || digest.starts_with("sha512:") =>
            {
                let digest: Result<Digest, _> = digest.parse();
                (
                    rest,
                    Some(digest.map_err(|error| refuse(&error.to_string()))?),
                )
            }
            _ => (rest, None),
        };
        let (path, tag) = match rest.split_once(':') {
            Some((path, tag)) => (path, Some(tag.to_owned())),
            None => (rest, None),
        };
        if path.is_empty() {
            return Err(refuse("it has no path"));
        }
        if tag.as_deref() == Some("") {
            return Err(refuse("its tag is empty"));
        }
        Ok(Self {
            path: PathBuf::from(path),
            tag,
            digest,
        })
    }
}

impl fmt::Display for LayoutAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{SCHEME}{}", self.path.display())?;
        if let Some(tag) = &self.tag {
            write!(formatter, ":{tag}")?;
        }
        match &self.digest {
            Some(digest) => write!(formatter, "@{digest}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn addresses_have_a_path_a_tag_and_a_digest() {
        let both = format!("oci-layout:///a/b:1@{DIGEST}");
        for (text, path, tag, has_digest) in [
            ("oci-layout://./dir", "./dir", None, false),
            ("/a:h:5000/c:1", "/a", Some("h:5000/c:1"), false),
            ("/a/b.tar:1.2", "/a/b.tar", Some("1.2"), false),
            ("/a/b@c:1", "/a/b@c", Some("1"), false),
            (&both, "/a/b", Some("1"), true),
        ] {
            let address: LayoutAddress = text.parse().expect(text);
            assert_eq!(address.path, PathBuf::from(path));
            assert_eq!(address.tag.as_deref(), tag);
            assert_eq!(address.digest.is_some(), has_digest);
            assert_eq!(
                address
                    .to_string()
                    .parse::<LayoutAddress>()
                    .expect("read back"),
                address
            );
        }
        for text in ["", "oci-layout://", ":tag", "/a:", "/a@sha256:12"] {
            assert!(
                text.parse::<LayoutAddress>()
                    .expect_err(text)
                    .hint()
                    .is_some()
            );
        }
    }
}
