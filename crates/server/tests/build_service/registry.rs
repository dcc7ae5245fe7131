//! Another registry, with one image: `team/base:1`. It may name a layer that it does not have.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{Response, StatusCode},
    routing::get,
};
use serde_json::json;
use wharf_oci::{Algorithm, Digest, media_type};

/// Listens on loopback until it is dropped.
pub(crate) struct OtherRegistry {
    address: SocketAddr,
    serving: tokio::task::JoinHandle<()>,
}

struct Content {
    manifest: Vec<u8>,
    blobs: BTreeMap<String, Vec<u8>>,
}

impl OtherRegistry {
    /// An image with one layer of this text; `has_layer` says whether the registry can hand it out.
    pub(crate) async fn start(layer: &str, has_layer: bool) -> Self {
        let digest = |bytes: &[u8]| Digest::of(Algorithm::Sha256, bytes).to_string();
        let named = digest(layer.as_bytes());
        let config = json!({
            "os": "linux", "architecture": "amd64", "rootfs": { "type": "layers", "diff_ids": [named] },
        });
        let config = config.to_string().into_bytes();
        let manifest = json!({
            "schemaVersion": 2, "mediaType": media_type::OCI_IMAGE,
            "config": { "mediaType": media_type::OCI_CONFIG, "digest": digest(&config), "size": config.len() },
            "layers": [{
                "mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": named, "size": layer.len(),
            }],
        });
        let mut blobs = BTreeMap::from([(digest(&config), config)]);
        if has_layer {
            blobs.insert(named, layer.as_bytes().to_vec());
        }
        let manifest = manifest.to_string().into_bytes();
        let content = Arc::new(Content { manifest, blobs });
        let routes = Router::new()
            .route("/v2/", get(async || "{}"))
            .route("/v2/team/base/manifests/{reference}", get(show_manifest))
            .route("/v2/team/base/blobs/{digest}", get(show_blob))
            .with_state(content);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { address, serving }
    }

    /// What a FROM line calls its image.
    pub(crate) fn image(&self) -> String {
        format!("{}/team/base:1", self.address)
    }
}

impl Drop for OtherRegistry {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn show_manifest(State(content): State<Arc<Content>>) -> Response<Body> {
    let digest = Digest::of(Algorithm::Sha256, &content.manifest).to_string();
    Response::builder()
        .header("Content-Type", media_type::OCI_IMAGE)
        .header("Docker-Content-Digest", digest)
        .body(Body::from(content.manifest.clone()))
        .unwrap()
}

async fn show_blob(
    State(content): State<Arc<Content>>,
    Path(digest): Path<String>,
) -> Response<Body> {
    match content.blobs.get(&digest) {
        Some(bytes) => Response::new(Body::from(bytes.clone())),
        None => {
            let mut missing = Response::new(Body::from("{}"));
            *missing.status_mut() = StatusCode::NOT_FOUND;
            missing
        }
    }
}
