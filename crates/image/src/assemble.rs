//! From what a build left behind to the documents of an image: configurations, manifests, an index.
//!
//! Pure and deterministic: the same input gives the same bytes. The reference for what an image looks like is BuildKit;
//! the documents are indented as its own are. Outputs and pushes call it.

mod annotations;
mod documents;
mod layer_type;

pub use annotations::ImageAnnotations;

use wharf_oci::{Algorithm, Descriptor, Digest, Platform, media_type};

use crate::{Built, BuiltImage, BuiltLayer, ImageError};

/// How documents are to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssembleOptions {
    /// Docker's media types instead of OCI's, for registries and engines of before 2020.
    pub docker_media_types: bool,
    /// An index around the image of a single platform too. Several platforms always have one.
    pub always_index: bool,
    /// Besides those of the manifests, which each image brings.
    pub annotations: ImageAnnotations,
}

/// A configuration, a manifest or an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Of the bytes.
    pub descriptor: Descriptor,
    /// What is stored and sent.
    pub bytes: Vec<u8>,
}

/// The image of one platform, ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssembledImage {
    /// For which platform.
    pub platform: Platform,
    /// As the index names it.
    pub manifest: Descriptor,
    /// Its digest is the image's id.
    pub config: Descriptor,
    /// Bottom first, with the media types that the manifest has.
    pub layers: Vec<BuiltLayer>,
}

/// Everything of an image but its layers' bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assembled {
    /// What names stand for: the manifest, or the index of several.
    pub root: Descriptor,
    /// Each after what it refers to, the root last.
    pub documents: Vec<Document>,
    /// In the order of the platforms asked for.
    pub images: Vec<AssembledImage>,
}

impl Assembled {
    /// Whether it has an index.
    pub fn is_index(&self) -> bool {
        self.images
            .iter()
            .all(|image| image.manifest.digest != self.root.digest)
    }

    /// What people call the image: the configuration's digest, or the index's when there are several.
    pub fn id(&self) -> Digest {
        match (self.is_index(), &self.images[..]) {
            (false, [image]) => image.config.digest,
            _ => self.root.digest,
        }
    }

    /// Every layer once, in the order of its first use.
    pub fn layers(&self) -> Vec<&BuiltLayer> {
        let mut seen = std::collections::HashSet::new();
        let layers = self.images.iter().flat_map(|image| &image.layers);
        layers
            .filter(|layer| seen.insert(layer.descriptor.digest))
            .collect()
    }
}

/// Makes the documents.
///
/// # Errors
/// A combination that no registry or engine understands: zstd or annotations of an index with Docker's media types,
/// annotations of an index where there is none; or a build without images.
pub fn assemble(built: &Built, options: &AssembleOptions) -> Result<Assembled, ImageError> {
    let has_index = options.always_index || built.images.len() > 1;
    options
        .annotations
        .check(options.docker_media_types, has_index)?;
    if built.images.is_empty() {
        return Err(ImageError::new(
            "there is no image to write: the build has no platform",
        ));
    }
    let mut documents = Vec::new();
    let mut images = Vec::new();
    for image in &built.images {
        images.push(assemble_image(image, options, &mut documents)?);
    }
    let root = match (&images[..], has_index) {
        ([image], false) => image.manifest.clone(),
        _ => {
            let entries: Vec<_> = images.iter().map(|image| &image.manifest).collect();
            let (kind, own) = match options.docker_media_types {
                true => (media_type::DOCKER_LIST, &Default::default()),
                false => (media_type::OCI_INDEX, &options.annotations.index),
            };
            let mut index = describe(kind, documents::render_index(kind, &entries, own));
            index.descriptor.annotations = options.annotations.index_descriptor.clone();
            let descriptor = index.descriptor.clone();
            documents.push(index);
            descriptor
        }
    };
    Ok(Assembled {
        root,
        documents,
        images,
    })
}

fn assemble_image(
    image: &BuiltImage,
    options: &AssembleOptions,
    documents: &mut Vec<Document>,
) -> Result<AssembledImage, ImageError> {
    let (config_type, kind) = match options.docker_media_types {
        true => (media_type::DOCKER_CONFIG, media_type::DOCKER_IMAGE),
        false => (media_type::OCI_CONFIG, media_type::OCI_IMAGE),
    };
    let layers = image
        .layers
        .iter()
        .map(|layer| layer_type::convert_layer(layer, options.docker_media_types))
        .collect::<Result<Vec<_>, _>>()?;
    let config = describe(config_type, image.config.clone());
    let manifest =
        documents::render_manifest(kind, &config.descriptor, &layers, &image.annotations);
    let mut manifest = describe(kind, manifest);
    manifest.descriptor.platform = Some(image.platform.clone());
    manifest.descriptor.annotations = options.annotations.manifest_descriptor.clone();
    let assembled = AssembledImage {
        platform: image.platform.clone(),
        manifest: manifest.descriptor.clone(),
        config: config.descriptor.clone(),
        layers,
    };
    documents.extend([config, manifest]);
    Ok(assembled)
}

fn describe(media_type: &str, bytes: Vec<u8>) -> Document {
    let descriptor = Descriptor {
        media_type: media_type.to_owned(),
        digest: Digest::of(Algorithm::Sha256, &bytes),
        size: bytes.len() as u64,
        urls: Vec::new(),
        annotations: Default::default(),
        data: None,
        artifact_type: None,
        platform: None,
    };
    Document { descriptor, bytes }
}

#[cfg(test)]
mod tests;
