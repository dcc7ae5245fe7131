use std::io::{Read, Write};

use crate::{
    ArchiveOptions, AssembleOptions, Built, BuiltImage, BuiltLayer, ImageName, LocalStore,
    assemble, write_docker_archive, write_oci_archive, write_oci_folder,
};
use wharf_oci::{Algorithm, media_type};

use super::*;

struct Silent;

impl Transfer for Silent {
    fn moved(&self, _item: &str, _current: u64, _total: Option<u64>) {}
}

const NO_LAYER: &[u8] = b"bytes of a layer";

/// A store with an image of two platforms in it, and the image.
fn make_image(folder: &std::path::Path) -> (LocalStore, crate::Assembled) {
    let store = LocalStore::open(folder.join("store")).expect("a store");
    let mut descriptor = store
        .put("application/vnd.oci.image.layer.v1.tar", NO_LAYER)
        .expect("a layer");
    let diff_id = descriptor.digest;
    // Too long a name for a tar's first field.
    let long = Digest::of(Algorithm::Sha512, NO_LAYER);
    let mut blob = store.create().expect("a place");
    blob.file.write_all(NO_LAYER).expect("room");
    store
        .commit(blob, &long, NO_LAYER.len() as u64)
        .expect("kept");
    descriptor.digest = long;
    let image = |architecture: &str| BuiltImage {
        platform: Platform {
            os: "linux".into(),
            architecture: architecture.into(),
            ..Platform::default()
        },
        config: format!(
            r#"{{"architecture":"{architecture}","rootfs":{{"diff_ids":["{diff_id}"]}}}}"#
        )
        .into_bytes(),
        layers: vec![BuiltLayer {
            descriptor: descriptor.clone(),
            diff_id,
        }],
        tree: Vec::new(),
        annotations: Default::default(),
    };
    let built = Built {
        images: vec![image("amd64"), image("arm64")],
    };
    (
        store,
        assemble(&built, &AssembleOptions::default()).expect("documents"),
    )
}

fn select(entries: &[Descriptor], wanted: &Platform) -> Option<Digest> {
    let entry = entries
        .iter()
        .find(|entry| entry.platform.as_ref() == Some(wanted));
    entry.map(|entry| entry.digest)
}

async fn read_back(reference: &str, image: &crate::Assembled, into: &std::path::Path) {
    let content: Arc<dyn Content> = Arc::new(LocalStore::open(into).expect("a store"));
    let images = LayoutImages::new(content, Arc::new(select));
    let wanted = &image.images[1];
    let found = images
        .resolve(reference, &wanted.platform, PullPolicy::Missing)
        .await
        .expect(reference);
    assert_eq!(found.digest, wanted.manifest.digest);
    assert_eq!(
        Digest::of(Algorithm::Sha256, &found.config),
        wanted.config.digest
    );
    assert_eq!(found.layers, wanted.layers);
    let layer = images
        .open_layer(&found, &found.layers[0].descriptor, &Silent)
        .await;
    let mut bytes = Vec::new();
    layer
        .expect("a layer")
        .read_to_end(&mut bytes)
        .expect("readable");
    assert_eq!(bytes, NO_LAYER);
    let nowhere = Platform {
        os: "plan9".into(),
        ..Platform::default()
    };
    let error = images
        .resolve(reference, &nowhere, PullPolicy::Missing)
        .await
        .expect_err("no such platform");
    assert!(
        error
            .hint()
            .is_some_and(|hint| hint.contains("linux/arm64"))
    );
}

#[tokio::test]
async fn what_is_written_is_read_back_from_a_folder_and_from_archives() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (store, image) = make_image(folder.path());
    let name: ImageName = "a/b:1".parse().expect("a name");
    store
        .keep(&image, &store, std::slice::from_ref(&name))
        .expect("kept");
    let options = ArchiveOptions {
        names: vec![name],
        created: Some("1970-01-01T00:00:00Z".into()),
    };
    let mut file = File::create(path("oci.tar")).expect("a file");
    write_oci_archive(&mut file, &image, &store, &options, &Silent).expect("written");
    let mut file = File::create(path("docker.tar")).expect("a file");
    write_docker_archive(&mut file, &image, 0, &store, &options, &Silent).expect("written");

    for _ in 0..2 {
        write_oci_folder(&folder.path().join("out"), &image, &store, &options).expect("written");
    }
    let mut left: Vec<_> = std::fs::read_dir(path("out"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["blobs", "index.json", "oci-layout"]);

    let by_digest = format!("{}@{}", path("oci.tar"), image.root.digest);
    for (number, reference) in [
        format!("oci-layout://{}", path("store")),
        format!("{}:docker.io/a/b:1", path("store")),
        format!("{}:1", path("oci.tar")),
        path("docker.tar"),
        path("out"),
        by_digest,
    ]
    .iter()
    .enumerate()
    {
        read_back(
            reference,
            &image,
            &folder.path().join(format!("into-{number}")),
        )
        .await;
    }
}

#[test]
fn equal_images_give_equal_archives_in_the_order_of_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, image) = make_image(folder.path());
    let write = || {
        let mut bytes = Vec::new();
        let options = ArchiveOptions::default();
        write_docker_archive(&mut bytes, &image, 1, &store, &options, &Silent).expect("written");
        bytes
    };
    assert_eq!(write(), write());
    std::fs::write(folder.path().join("a.tar"), write()).expect("written");
    let listed = std::process::Command::new("tar")
        .arg("-tvf")
        .arg(folder.path().join("a.tar"))
        .output();
    let listed = String::from_utf8(listed.expect("tar").stdout).expect("text");
    let names: Vec<_> = listed
        .lines()
        .filter_map(|line| line.split_whitespace().last())
        .collect();
    assert!(names.is_sorted(), "{listed}");
    assert!(
        names.starts_with(&["blobs/", "blobs/sha256/"])
            && names.ends_with(&["index.json", "manifest.json", "oci-layout"])
    );
    assert!(
        listed
            .lines()
            .all(|line| line.contains("1970-01-01") && line.contains("0/0")),
        "{listed}"
    );
}

#[tokio::test]
async fn what_is_no_layout_is_refused_with_its_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("text"), "x".repeat(2_000)).expect("written");
    std::fs::create_dir(path("empty")).expect("made");
    let (store, image) = make_image(folder.path());
    store.keep(&image, &store, &[]).expect("kept");
    let index = folder
        .path()
        .join("store/blobs/sha256")
        .join(image.root.digest.hex());
    std::fs::write(
        index,
        format!(
            r#"{{"schemaVersion":2,"mediaType":"{}","manifests":[]}}"#,
            media_type::OCI_INDEX
        ),
    )
    .expect("damaged");
    let images = LayoutImages::new(Arc::new(store), Arc::new(select));
    for (reference, reason) in [
        (path("nowhere"), "cannot open"),
        (path("text"), "cannot open"),
        (path("empty"), "no index.json"),
        (format!("{}:other", path("store")), "no image \"other\""),
        (path("store"), "damaged"),
    ] {
        let error = images
            .resolve(&reference, &Platform::default(), PullPolicy::Missing)
            .await
            .expect_err(&reference);
        assert!(error.to_string().contains(reason), "{error}");
    }
}
