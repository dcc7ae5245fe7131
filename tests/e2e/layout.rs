//! Images on disk as an OCI image layout (image-spec, "image-layout"), for clients that copy from one.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::json;
use wharf_testkit::{
    Blob, Image, Manifest,
    image::{compute_digest, media_type},
};

/// A layout with one image, tagged `1`.
#[derive(Debug)]
pub(crate) struct Layout {
    /// Where it lies.
    pub(crate) folder: PathBuf,
    /// The image's manifest.
    pub(crate) manifest: Manifest,
}

impl Layout {
    /// Writes `image` to `folder/layout`.
    pub(crate) fn write(folder: &Path, image: &Image) -> Self {
        let layout = folder.join("layout");
        fs::create_dir_all(layout.join("blobs/sha256")).expect("a folder for blobs");
        for blob in image.blobs() {
            write_blob(&layout, &blob.bytes);
        }
        write_blob(&layout, &image.manifest.bytes);

        let mut entry = image.manifest.descriptor();
        entry["annotations"] = json!({"org.opencontainers.image.ref.name": "1"});
        let index = json!({"schemaVersion": 2, "manifests": [entry]});
        fs::write(layout.join("index.json"), index.to_string()).expect("a folder that takes files");
        fs::write(
            layout.join("oci-layout"),
            r#"{"imageLayoutVersion":"1.0.0"}"#,
        )
        .expect("a folder that takes files");
        Self {
            folder: layout,
            manifest: image.manifest.clone(),
        }
    }

    /// How skopeo, buildah and podman name this image.
    pub(crate) fn reference(&self) -> String {
        format!("oci:{}:1", self.folder.display())
    }
}

fn write_blob(layout: &Path, bytes: &[u8]) {
    let path = compute_digest(bytes).replace(':', "/");
    fs::write(layout.join("blobs").join(path), bytes).expect("a folder that takes files");
}

/// Hex digests of all blobs of the layout at `folder`, in order.
pub(crate) fn list_blobs(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder.join("blobs/sha256"))
        .expect("a layout has blobs")
        .map(|entry| entry.expect("a readable entry").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// The same image with its layers packed by zstd, as current clients do when asked to.
pub(crate) fn repack_with_zstd(image: &Image, folder: &Path) -> Image {
    let layers: Vec<_> = image
        .layers
        .iter()
        .map(|layer| {
            let packed = folder.join("layer.gz");
            fs::write(&packed, &layer.bytes).expect("a folder that takes files");
            let output = Command::new("sh")
                .args(["-c", "gzip -dc layer.gz | zstd -q -c"])
                .current_dir(folder)
                .output()
                .expect("a shell");
            assert!(
                output.status.success() && !output.stdout.is_empty(),
                "{output:?}"
            );
            Blob::new("application/vnd.oci.image.layer.v1.tar+zstd", output.stdout)
        })
        .collect();
    let descriptors: Vec<_> = layers.iter().map(Blob::descriptor).collect();
    assert_eq!(image.manifest.media_type, media_type::OCI_MANIFEST);
    Image {
        config: image.config.clone(),
        manifest: image.manifest.with_fields(json!({"layers": descriptors})),
        layers,
    }
}
