use std::io::Read;

use wharf_client::ClientSettings;
use wharf_egress::{Egress, EgressSettings, Policy};
use wharf_oci::Algorithm;

use super::*;

struct Silent;

impl Transfer for Silent {
    fn moved(&self, _: &str, _: u64, _: Option<u64>) {}
}

/// Images of an empty store, with a client that reaches whatever listens.
fn open(folder: &tempfile::TempDir) -> (Images, LocalStore) {
    // The program does this first of all.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let store = LocalStore::open(folder.path().join("images")).expect("a store");
    let egress = Egress::new(EgressSettings::new(Policy::operator())).expect("a way out");
    let client = Client::new(ClientSettings::new(egress));
    (Images::new(store.clone(), client), store)
}

/// Keeps an image with one layer, for `linux/amd64`, under a name.
fn keep_image(store: &LocalStore, name: &str) -> Descriptor {
    let layer = store
        .put("application/vnd.oci.image.layer.v1.tar", b"layer")
        .expect("kept");
    let config = format!(r#"{{"rootfs":{{"diff_ids":["{}"]}}}}"#, layer.digest);
    let config = store
        .put(media_type::OCI_CONFIG, config.as_bytes())
        .expect("kept");
    let manifest = serde_json::json!({"schemaVersion": 2, "mediaType": media_type::OCI_IMAGE, "config": config, "layers": [layer]});
    let manifest = store
        .put(media_type::OCI_IMAGE, manifest.to_string().as_bytes())
        .expect("kept");
    let entry = serde_json::json!({"mediaType": media_type::OCI_IMAGE, "digest": manifest.digest, "size": manifest.size,
        "platform": {"os": "linux", "architecture": "amd64"}});
    let index = serde_json::json!({"schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": [entry]});
    let index = store
        .put(media_type::OCI_INDEX, index.to_string().as_bytes())
        .expect("kept");
    let name = name.parse().expect("a name");
    store.tag(&[name], &index).expect("tagged");
    layer
}

fn platform(architecture: &str) -> Platform {
    Platform {
        os: "linux".to_owned(),
        architecture: architecture.to_owned(),
        ..Platform::default()
    }
}

/// Nothing listens there.
const CLOSED: &str = "127.0.0.1:1/base:1";

#[tokio::test]
async fn what_is_here_is_taken_without_asking_anybody() {
    let folder = tempfile::tempdir().expect("a folder");
    let (images, store) = open(&folder);
    let layer = keep_image(&store, CLOSED);
    let found = images
        .resolve(CLOSED, &platform("amd64"), PullPolicy::Missing)
        .await
        .expect("here");
    assert_eq!(found.layers[0].descriptor.digest, layer.digest);
    let mut bytes = Vec::new();
    let mut file = images
        .open_layer(&found, &layer, &Silent)
        .await
        .expect("here");
    file.read_to_end(&mut bytes).expect("readable");
    assert_eq!(Digest::of(Algorithm::Sha256, &bytes), layer.digest);
}

#[tokio::test]
async fn another_platform_or_a_pull_asks_the_registry() {
    let folder = tempfile::tempdir().expect("a folder");
    let (images, store) = open(&folder);
    keep_image(&store, CLOSED);
    for (architecture, policy) in [
        ("arm64", PullPolicy::Missing),
        ("amd64", PullPolicy::Always),
    ] {
        let error = images
            .resolve(CLOSED, &platform(architecture), policy)
            .await
            .expect_err("nobody there");
        assert!(error.to_string().contains("127.0.0.1:1"), "{error}");
        assert!(error.hint().is_some(), "{error}");
    }
}

#[tokio::test]
async fn what_is_no_name_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let (images, _) = open(&folder);
    let error = images
        .resolve("Not A Name", &platform("amd64"), PullPolicy::Missing)
        .await
        .expect_err("no name");
    assert!(error.to_string().contains("Not A Name"), "{error}");
}
