//! An image that every reader has to take.

use std::fs::File;
use std::path::PathBuf;

use tempfile::TempDir;
use wharf_image::{
    ArchiveOptions, AssembleOptions, Assembled, Built, BuiltImage, BuiltLayer, ImageName,
    LocalStore, Transfer, assemble, write_docker_archive,
};
use wharf_oci::{Algorithm, Digest, Platform};

use crate::archive;

pub(crate) struct Silent;

impl Transfer for Silent {
    fn moved(&self, _item: &str, _current: u64, _total: Option<u64>) {}
}

/// A store with an image of two layers in it, one plain and one compressed.
pub(crate) struct Fixture {
    pub(crate) folder: TempDir,
    pub(crate) store: LocalStore,
    pub(crate) image: Assembled,
    pub(crate) diff_ids: [Digest; 2],
}

pub(crate) const NAME: &str = "wharf/try:1";

pub(crate) fn make_fixture(architectures: &[&str], docker_media_types: bool) -> Fixture {
    let folder = tempfile::tempdir().expect("a folder");
    let store = LocalStore::open(folder.path().join("store")).expect("a store");
    let plain = archive::tar_files(&[("plain", b"1")]);
    let packed = archive::tar_files(&[("packed", b"2")]);
    let diff_ids = [&plain, &packed].map(|tar| Digest::of(Algorithm::Sha256, tar));
    let layer = |media_type, bytes: &[u8], diff_id| BuiltLayer {
        descriptor: store.put(media_type, bytes).expect("kept"),
        diff_id,
    };
    let layers = vec![
        layer(
            "application/vnd.oci.image.layer.v1.tar",
            &plain,
            diff_ids[0],
        ),
        layer(
            "application/vnd.oci.image.layer.v1.tar+gzip",
            &archive::gzip_stored(&packed),
            diff_ids[1],
        ),
    ];
    let image = |architecture: &&str| {
        BuiltImage {
        platform: Platform { os: "linux".into(), architecture: (*architecture).to_owned(), ..Platform::default() },
        config: format!(
            r#"{{"architecture":"{architecture}","os":"linux","config":{{"Cmd":["/plain"]}},"rootfs":{{"type":"layers","diff_ids":["{}","{}"]}}}}"#,
            diff_ids[0], diff_ids[1]
        )
        .into_bytes(),
        layers: layers.clone(),
        tree: Vec::new(),
        annotations: Default::default(),
    }
    };
    let built = Built {
        images: architectures.iter().map(image).collect(),
    };
    let options = AssembleOptions {
        docker_media_types,
        ..AssembleOptions::default()
    };
    let image = assemble(&built, &options).expect("documents");
    Fixture {
        folder,
        store,
        image,
        diff_ids,
    }
}

impl Fixture {
    pub(crate) fn names(&self) -> Vec<ImageName> {
        vec![NAME.parse().expect("a name")]
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn options(&self) -> ArchiveOptions {
        ArchiveOptions {
            names: self.names(),
            created: None,
        }
    }

    pub(crate) fn write_docker_tar(&self) -> PathBuf {
        let path = self.path("docker.tar");
        let mut file = File::create(&path).expect("a file");
        write_docker_archive(
            &mut file,
            &self.image,
            0,
            &self.store,
            &self.options(),
            &Silent,
        )
        .expect("written");
        path
    }
}
