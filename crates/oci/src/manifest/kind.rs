//! The kinds of manifest this registry takes.

use crate::media_type;

/// A manifest format; each has exactly one media type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ManifestKind {
    OciImage,
    OciIndex,
    OciArtifact,
    DockerImage,
    DockerList,
}

impl ManifestKind {
    pub const ALL: [ManifestKind; 5] = [
        ManifestKind::OciImage,
        ManifestKind::OciIndex,
        ManifestKind::OciArtifact,
        ManifestKind::DockerImage,
        ManifestKind::DockerList,
    ];

    pub const fn media_type(self) -> &'static str {
        match self {
            ManifestKind::OciImage => media_type::OCI_IMAGE,
            ManifestKind::OciIndex => media_type::OCI_INDEX,
            ManifestKind::OciArtifact => media_type::OCI_ARTIFACT,
            ManifestKind::DockerImage => media_type::DOCKER_IMAGE,
            ManifestKind::DockerList => media_type::DOCKER_LIST,
        }
    }

    /// The kind with this media type; media types compare without regard to case (RFC 9110 §8.3.1).
    pub fn from_media_type(text: &str) -> Option<ManifestKind> {
        ManifestKind::ALL
            .into_iter()
            .find(|kind| kind.media_type().eq_ignore_ascii_case(text))
    }

    /// Whether it lists other manifests instead of naming a config and layers.
    pub const fn is_index(self) -> bool {
        matches!(self, ManifestKind::OciIndex | ManifestKind::DockerList)
    }

    /// Whether it has a config and layers.
    pub const fn is_image(self) -> bool {
        matches!(self, ManifestKind::OciImage | ManifestKind::DockerImage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_own_media_type() {
        for kind in ManifestKind::ALL {
            assert_eq!(ManifestKind::from_media_type(kind.media_type()), Some(kind));
            assert!(!(kind.is_index() && kind.is_image()));
        }
        assert_eq!(
            ManifestKind::from_media_type(media_type::DOCKER_SCHEMA1),
            None
        );
    }
}
