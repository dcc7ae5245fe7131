//! Images with a config and layers that a real client can unpack.

use serde_json::{Value, json};

use super::{Blob, Manifest, compute_digest, gzip_stored, media_type, tar_files};

/// A whole image, not pushed yet.
#[derive(Debug, Clone)]
pub struct Image {
    /// The configuration.
    pub config: Blob,
    /// The layers, lowest first.
    pub layers: Vec<Blob>,
    /// The manifest that names them.
    pub manifest: Manifest,
}

impl Image {
    /// Config and layers, in the order a client pushes them.
    pub fn blobs(&self) -> impl Iterator<Item = &Blob> {
        self.layers.iter().chain([&self.config])
    }

    /// The manifest's digest.
    pub fn digest(&self) -> String {
        self.manifest.digest()
    }
}

/// Describes an image; the same description makes the same bytes.
#[derive(Debug, Clone)]
pub struct ImageMaker {
    seed: String,
    layers: usize,
    architecture: String,
    docker: bool,
    annotations: Value,
    subject: Option<Value>,
}

impl ImageMaker {
    /// An OCI image for linux/amd64 with one layer; images of different seeds share no blob.
    pub fn new(seed: impl Into<String>) -> Self {
        Self {
            seed: seed.into(),
            layers: 1,
            architecture: "amd64".into(),
            docker: false,
            annotations: Value::Null,
            subject: None,
        }
    }

    /// With this many layers.
    pub fn layers(mut self, count: usize) -> Self {
        self.layers = count;
        self
    }

    /// For another architecture.
    pub fn architecture(mut self, architecture: &str) -> Self {
        self.architecture = architecture.into();
        self
    }

    /// As Docker schema 2 instead of OCI.
    pub fn docker(mut self) -> Self {
        self.docker = true;
        self
    }

    /// With annotations (an object).
    pub fn annotations(mut self, annotations: Value) -> Self {
        self.annotations = annotations;
        self
    }

    /// Attached to another manifest, by its descriptor.
    pub fn subject(mut self, descriptor: Value) -> Self {
        self.subject = Some(descriptor);
        self
    }

    /// Makes it.
    pub fn make(&self) -> Image {
        let (manifest_type, config_type, layer_type) = if self.docker {
            (
                media_type::DOCKER_MANIFEST,
                media_type::DOCKER_CONFIG,
                media_type::DOCKER_LAYER,
            )
        } else {
            (
                media_type::OCI_MANIFEST,
                media_type::OCI_CONFIG,
                media_type::OCI_LAYER,
            )
        };
        let archives: Vec<Vec<u8>> = (0..self.layers)
            .map(|number| {
                let content = format!("{} layer {number}\n", self.seed);
                tar_files(&[(&format!("layer-{number}.txt"), content.as_bytes())])
            })
            .collect();
        let layers: Vec<Blob> = archives
            .iter()
            .map(|archive| Blob::new(layer_type, gzip_stored(archive)))
            .collect();
        let config = Blob::new(
            config_type,
            serde_json::to_vec(&self.describe_config(&archives)).expect("JSON"),
        );

        let mut manifest = json!({
            "schemaVersion": 2,
            "mediaType": manifest_type,
            "config": config.descriptor(),
            "layers": layers.iter().map(Blob::descriptor).collect::<Vec<_>>(),
        });
        if !self.annotations.is_null() {
            manifest["annotations"] = self.annotations.clone();
        }
        if let Some(subject) = &self.subject {
            manifest["subject"] = subject.clone();
        }
        Image {
            config,
            layers,
            manifest: Manifest::from_json(&manifest),
        }
    }

    /// One history entry per layer, and one for a step that made none, as a build leaves them.
    fn describe_config(&self, archives: &[Vec<u8>]) -> Value {
        let mut history: Vec<Value> = (0..archives.len())
            .map(|number| {
                json!({
                    "created": "2024-05-01T12:00:00Z",
                    "created_by": format!("COPY layer-{number}.txt /"),
                    "comment": "made for a test",
                })
            })
            .collect();
        history.push(json!({
            "created": "2024-05-01T12:00:01Z",
            "created_by": "ENV SEED=…",
            "empty_layer": true,
        }));
        json!({
            "created": "2024-05-01T12:00:01Z",
            "architecture": self.architecture,
            "os": "linux",
            "config": { "Env": [format!("SEED={}", self.seed)], "Cmd": ["/bin/true"] },
            "rootfs": {
                "type": "layers",
                "diff_ids": archives.iter().map(|archive| compute_digest(archive)).collect::<Vec<_>>(),
            },
            "history": history,
        })
    }
}
