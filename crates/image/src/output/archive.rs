//! An image as one tar: OCI's layout, or the same with what `docker load` reads.
//!
//! Both have the form that BuildKit and containerd write: blobs as they are in the registry, so layers stay compressed,
//! and every entry in the order of its name.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use wharf_oci::{Descriptor, Digest, media_type};

use super::names::name_descriptors;
use super::tar::TarWriter;
use crate::{Assembled, AssembledImage, Content, ImageError, ImageName, Transfer};

/// What an archive says besides the image itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArchiveOptions {
    /// Each of them stands for the image.
    pub names: Vec<ImageName>,
    /// When the image was made, as RFC 3339 has it: the moment, or `SOURCE_DATE_EPOCH`. Two archives are equal only if
    /// these are.
    pub created: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LayoutIndex {
    schema_version: u32,
    media_type: &'static str,
    manifests: Vec<Descriptor>,
}

/// An entry of `manifest.json` (Docker image specification 1.2, "Combined Image JSON").
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DockerEntry {
    config: String,
    repo_tags: Option<Vec<String>>,
    layers: Vec<String>,
}

/// Writes an OCI archive (`type=oci`).
///
/// # Errors
/// The output's or the content store's; a layer that is not there, see [`fetch_missing`](super::fetch_missing).
pub fn write_oci_archive(
    output: &mut dyn Write,
    image: &Assembled,
    content: &dyn Content,
    options: &ArchiveOptions,
    transfer: &dyn Transfer,
) -> Result<(), ImageError> {
    write_archive(output, image, content, options, None, transfer)
}

/// Writes what `docker load`, `podman load` and `ctr image import` take (`type=docker`). Engines that know only one
/// platform an image get the one of `main`, by its place, and the others are there for those who read the index.
///
/// # Errors
/// As [`write_oci_archive`].
pub fn write_docker_archive(
    output: &mut dyn Write,
    image: &Assembled,
    main: usize,
    content: &dyn Content,
    options: &ArchiveOptions,
    transfer: &dyn Transfer,
) -> Result<(), ImageError> {
    let main = image.images.get(main).ok_or_else(|| {
        ImageError::new(format!(
            "the image has {} platforms, there is none at place {main}",
            image.images.len()
        ))
    })?;
    write_archive(output, image, content, options, Some(main), transfer)
}

/// What an entry is made of.
enum Part<'a> {
    Bytes(&'a [u8]),
    Layer(&'a Descriptor),
}

fn write_archive(
    output: &mut dyn Write,
    image: &Assembled,
    content: &dyn Content,
    options: &ArchiveOptions,
    docker_main: Option<&AssembledImage>,
    transfer: &dyn Transfer,
) -> Result<(), ImageError> {
    let index = render(&LayoutIndex {
        schema_version: 2,
        media_type: media_type::OCI_INDEX,
        manifests: name_descriptors(&image.root, &options.names, options.created.as_deref()),
    });
    let docker = docker_main.map(|main| render(&[describe_for_docker(main, &options.names)]));
    let mut parts: BTreeMap<String, Part<'_>> = BTreeMap::new();
    for layer in image.layers() {
        parts.insert(
            entry_name(&layer.descriptor.digest),
            Part::Layer(&layer.descriptor),
        );
    }
    for document in &image.documents {
        parts.insert(
            entry_name(&document.descriptor.digest),
            Part::Bytes(&document.bytes),
        );
    }
    parts.insert("index.json".to_owned(), Part::Bytes(&index));
    parts.insert(
        "oci-layout".to_owned(),
        Part::Bytes(crate::store::LAYOUT_TEXT.as_bytes()),
    );
    if let Some(docker) = &docker {
        parts.insert("manifest.json".to_owned(), Part::Bytes(docker));
    }

    let mut tar = TarWriter::new(output);
    let fail =
        |error: io::Error| ImageError::new("cannot write the image's archive").with_source(error);
    tar.write_folder("blobs/").map_err(fail)?;
    let mut folder = "";
    for (name, part) in &parts {
        let parent = name.rfind('/').map_or("", |end| &name[..=end]);
        if !parent.is_empty() && parent != folder {
            tar.write_folder(parent).map_err(fail)?;
            folder = parent;
        }
        match part {
            Part::Bytes(bytes) => {
                let mode = if parent.is_empty() && *name != "oci-layout" {
                    0o644
                } else {
                    0o444
                };
                tar.write_file(name, mode, bytes.len() as u64, &mut &bytes[..])
                    .map_err(fail)?;
            }
            Part::Layer(layer) => {
                let mut file = open_blob(content, layer)?;
                tar.write_file(name, 0o444, layer.size, &mut file)
                    .map_err(fail)?;
                transfer.moved(&layer.digest.to_string(), layer.size, Some(layer.size));
            }
        }
    }
    tar.finish().map_err(fail)
}

fn describe_for_docker(image: &AssembledImage, names: &[ImageName]) -> DockerEntry {
    // A name by digest is no tag; docker refuses the whole archive for it.
    let tags = names.iter().filter(|name| name.digest().is_none());
    let tags: Vec<_> = tags.map(ImageName::familiar).collect();
    DockerEntry {
        config: entry_name(&image.config.digest),
        repo_tags: Some(tags).filter(|tags| !tags.is_empty()),
        layers: image
            .layers
            .iter()
            .map(|layer| entry_name(&layer.descriptor.digest))
            .collect(),
    }
}

fn open_blob(content: &dyn Content, layer: &Descriptor) -> Result<std::fs::File, ImageError> {
    let found = content.open(&layer.digest);
    let found = found.map_err(|error| {
        ImageError::new(format!("cannot read layer {}", layer.digest)).with_source(error)
    })?;
    found.ok_or_else(|| {
        ImageError::new(format!("layer {} is not here", layer.digest))
            .with_hint("build again: it was removed while it was needed")
    })
}

fn entry_name(digest: &Digest) -> String {
    format!("blobs/{}/{}", digest.algorithm(), digest.hex())
}

fn render(document: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(document).expect("texts and numbers are always JSON")
}
