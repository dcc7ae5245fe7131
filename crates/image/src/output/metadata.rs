//! What a build tells scripts: `--metadata-file` and `--iidfile`, with the keys and the form that buildx writes.

use serde::Serialize;
use wharf_oci::{Descriptor, Digest};

use super::names::note_created;
use crate::{Assembled, ImageName};

/// The content of a metadata file. Fields are in the order of their keys, as buildx has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BuildMetadata {
    /// Of the only image; an index has none.
    #[serde(
        rename = "containerimage.config.digest",
        skip_serializing_if = "Option::is_none"
    )]
    config_digest: Option<Digest>,
    #[serde(rename = "containerimage.descriptor")]
    descriptor: Descriptor,
    #[serde(rename = "containerimage.digest")]
    digest: Digest,
    #[serde(rename = "image.name", skip_serializing_if = "Option::is_none")]
    image_name: Option<String>,
}

impl BuildMetadata {
    /// What is to be told of an image.
    pub fn new(image: &Assembled, names: &[ImageName]) -> Self {
        let names: Vec<_> = names.iter().map(ToString::to_string).collect();
        Self {
            config_digest: (!image.is_index()).then(|| image.id()),
            descriptor: image.root.clone(),
            digest: image.root.digest,
            image_name: Some(names.join(",")).filter(|names| !names.is_empty()),
        }
    }

    /// Adds when the image was made, as RFC 3339 has it; for archives, whose descriptors have it too.
    #[must_use]
    pub fn with_created(mut self, created: &str) -> Self {
        note_created(&mut self.descriptor, created);
        self
    }

    /// The file's bytes.
    pub fn render(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).expect("texts and numbers are always JSON")
    }
}

/// The content of an iidfile: the image's id and no line end, as docker writes it.
pub fn render_iid(image: &Assembled) -> String {
    image.id().to_string()
}

#[cfg(test)]
mod tests {
    use wharf_oci::Platform;

    use super::*;
    use crate::{AssembleOptions, Built, BuiltImage, assemble};

    fn make(platforms: usize) -> Assembled {
        let image = |number: usize| BuiltImage {
            platform: Platform {
                os: "linux".into(),
                architecture: format!("a{number}"),
                ..Platform::default()
            },
            config: number.to_string().into_bytes(),
            layers: Vec::new(),
            tree: Vec::new(),
            annotations: Default::default(),
        };
        let built = Built {
            images: (0..platforms).map(image).collect(),
        };
        assemble(&built, &AssembleOptions::default()).expect("documents")
    }

    #[test]
    fn a_single_image_is_known_by_its_configuration() {
        let image = make(1);
        let names = [
            "a".parse().expect("a name"),
            "r.example/b:2".parse().expect("a name"),
        ];
        let text = String::from_utf8(BuildMetadata::new(&image, &names).render()).expect("text");
        let told: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let config = image.images[0].config.digest.to_string();
        assert_eq!(told["containerimage.config.digest"], config);
        assert_eq!(told["containerimage.digest"], image.root.digest.to_string());
        assert_eq!(told["containerimage.descriptor"]["platform"]["os"], "linux");
        assert_eq!(
            told["image.name"],
            "docker.io/library/a:latest,r.example/b:2"
        );
        assert!(
            text.starts_with("{\n  \"containerimage.config.digest\": \"sha256:")
                && text.ends_with('}')
        );
        assert_eq!(render_iid(&image), config);
    }

    #[test]
    fn several_images_are_known_by_their_index() {
        let image = make(2);
        let told = BuildMetadata::new(&image, &[]).with_created("1970-01-01T00:00:00Z");
        let told = serde_json::to_value(told).expect("JSON");
        let created =
            &told["containerimage.descriptor"]["annotations"]["org.opencontainers.image.created"];
        assert_eq!(created, "1970-01-01T00:00:00Z");
        let keys: Vec<_> = told.as_object().expect("an object").keys().collect();
        assert_eq!(keys, ["containerimage.descriptor", "containerimage.digest"]);
        assert_eq!(render_iid(&image), image.root.digest.to_string());
    }
}
