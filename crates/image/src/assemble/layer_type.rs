//! Media types of layers: OCI's and Docker's names for the same bytes.

use crate::{BuiltLayer, ImageError};

/// OCI's name, Docker's name (image-spec `media-types.md`, "Compatibility Matrix").
const PAIRS: [(&str, &str); 4] = [
    (
        "application/vnd.oci.image.layer.v1.tar",
        "application/vnd.docker.image.rootfs.diff.tar",
    ),
    (
        "application/vnd.oci.image.layer.v1.tar+gzip",
        "application/vnd.docker.image.rootfs.diff.tar.gzip",
    ),
    (
        "application/vnd.oci.image.layer.nondistributable.v1.tar",
        "application/vnd.docker.image.rootfs.foreign.diff.tar",
    ),
    (
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
    ),
];

/// Docker has a name for zstd that nothing but BuildKit ever wrote; it is read, never made.
const ZSTD: (&str, &str) = (
    "application/vnd.oci.image.layer.v1.tar+zstd",
    "application/vnd.docker.image.rootfs.diff.tar.zstd",
);

/// What builders note beside layers for themselves.
const INTERNAL: [&str; 2] = ["containerd.io/uncompressed", "buildkit/createdat"];
const INTERNAL_PREFIX: &str = "containerd.io/distribution.source.";

/// The layer as a manifest of the wanted kind names it. Annotations that builders keep for themselves are left out; with
/// Docker's types, which have no room for annotations, all of them.
///
/// # Errors
/// zstd with Docker's media types.
pub(super) fn convert_layer(layer: &BuiltLayer, to_docker: bool) -> Result<BuiltLayer, ImageError> {
    let mut converted = layer.clone();
    let descriptor = &mut converted.descriptor;
    let own = descriptor.media_type.as_str();
    if to_docker && [ZSTD.0, ZSTD.1].contains(&own) {
        return Err(ImageError::new(format!(
            "layer {} is compressed with zstd, which Docker's media types do not have",
            descriptor.digest
        ))
        .with_hint(
            "leave out oci-mediatypes=false, or build with compression=gzip,force-compression=true",
        ));
    }
    let pairs = PAIRS.iter().chain([&ZSTD]);
    // Types that nobody here knows stay: whoever reads the image may know them.
    if let Some((oci, docker)) = pairs
        .into_iter()
        .find(|(oci, docker)| own == *oci || own == *docker)
    {
        descriptor.media_type = if to_docker { *docker } else { *oci }.to_owned();
    }
    descriptor.annotations.retain(|key, _| {
        !to_docker && !INTERNAL.contains(&key.as_str()) && !key.starts_with(INTERNAL_PREFIX)
    });
    descriptor.platform = None;
    Ok(converted)
}
