//! A server of which only the answers exist: one base image, one host that can be reached.

use std::fs::File;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU16, Ordering};

use async_trait::async_trait;
use wharf_git::{DialError, Target};
use wharf_image::{BuiltLayer, ImageError, PullPolicy, ResolvedImage, Transfer};
use wharf_oci::{Algorithm, Descriptor, Digest, Platform};
use wharf_worker::{DialPurpose, WorkerServices};

use crate::harness::skip;

/// The one host that answers.
pub(crate) const HOST: &str = "files.example";

/// Where git servers of tests are; only on the same port as [`HOST`].
const GIT: &str = "localhost";

/// Answers every build.
pub(crate) struct FakeServices {
    image: ResolvedImage,
    layer: PathBuf,
    /// Others, each with its own layer on top of the base image's.
    shelved: Mutex<Vec<(ResolvedImage, PathBuf)>>,
    /// Where connections to [`HOST`] lead, on this machine.
    pub(crate) port: AtomicU16,
    pub(crate) dialed: Mutex<Vec<(Target, DialPurpose)>>,
    pub(crate) resolved: Mutex<u32>,
    pub(crate) opened: Mutex<u32>,
}

impl FakeServices {
    /// Makes a base image of busybox in `folder`.
    pub(crate) fn make(folder: &Path) -> Self {
        let layer = folder.join("base.tar");
        if !layer.exists() {
            make_base(folder, &layer);
        }
        let bytes = std::fs::read(&layer).expect("the layer is read");
        let digest = Digest::of(Algorithm::Sha256, &bytes);
        let config = format!(
            r#"{{"architecture":"amd64","os":"linux","config":{{"Env":["PATH=/bin"],"Cmd":["sh"]}},"rootfs":{{"type":"layers","diff_ids":["{digest}"]}},"history":[{{"created_by":"base"}}]}}"#
        );
        let image = ResolvedImage {
            name: "docker.io/library/base:latest".to_owned(),
            digest: Digest::of(Algorithm::Sha256, config.as_bytes()),
            config: config.into_bytes(),
            layers: vec![BuiltLayer {
                descriptor: Descriptor {
                    media_type: "application/vnd.oci.image.layer.v1.tar".to_owned(),
                    digest,
                    size: bytes.len() as u64,
                    urls: Vec::new(),
                    annotations: Default::default(),
                    data: None,
                    artifact_type: None,
                    platform: None,
                },
                diff_id: digest,
            }],
        };
        Self {
            image,
            layer,
            shelved: Mutex::default(),
            port: AtomicU16::new(0),
            dialed: Mutex::default(),
            resolved: Mutex::default(),
            opened: Mutex::default(),
        }
    }
}

impl FakeServices {
    /// Has another image of this name: the base, and this archive as a layer on it.
    pub(crate) fn shelve(&self, name: &str, archive: &Path) {
        let bytes = std::fs::read(archive).expect("the layer is read");
        let digest = Digest::of(Algorithm::Sha256, &bytes);
        let mut image = self.image.clone();
        let base = image.layers[0].clone();
        image.name = name.to_owned();
        image.config = format!(
            r#"{{"architecture":"amd64","os":"linux","config":{{"Env":["PATH=/bin"]}},"rootfs":{{"type":"layers","diff_ids":["{}","{digest}"]}}}}"#,
            base.diff_id
        )
        .into_bytes();
        image.digest = Digest::of(Algorithm::Sha256, &image.config);
        image.layers.push(BuiltLayer {
            descriptor: Descriptor {
                digest,
                size: bytes.len() as u64,
                ..base.descriptor
            },
            diff_id: digest,
        });
        let mut shelved = self.shelved.lock().expect("nobody panicked");
        shelved.push((image, archive.to_owned()));
    }
}

fn make_base(folder: &Path, layer: &Path) {
    let busybox = ["/bin/busybox", "/usr/bin/busybox"]
        .into_iter()
        .find(|path| Path::new(path).exists())
        .unwrap_or_else(|| skip("busybox-static is not installed"));
    let root = folder.join("base");
    for part in ["bin", "etc", "tmp"] {
        std::fs::create_dir_all(root.join(part)).expect("a folder");
    }
    std::fs::copy(busybox, root.join("bin/busybox")).expect("busybox is copied");
    let list = Command::new(busybox)
        .arg("--list")
        .output()
        .expect("busybox lists");
    for name in String::from_utf8_lossy(&list.stdout).lines() {
        if name != "busybox" {
            std::os::unix::fs::symlink("busybox", root.join("bin").join(name)).expect("a link");
        }
    }
    std::fs::write(
        root.join("etc/passwd"),
        "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n",
    )
    .expect("a file");
    pack(&root, layer);
}

/// A tar of a folder's content, as root's.
pub(crate) fn pack(folder: &Path, archive: &Path) {
    let status = Command::new("tar")
        .args(["--owner=0", "--group=0", "--numeric-owner", "-cf"])
        .arg(archive)
        .arg("-C")
        .arg(folder)
        .arg(".")
        .status()
        .expect("tar runs");
    assert!(status.success());
}

#[async_trait]
impl WorkerServices for FakeServices {
    async fn resolve_image(
        &self,
        reference: &str,
        _: &Platform,
        _: PullPolicy,
    ) -> Result<ResolvedImage, ImageError> {
        *self.resolved.lock().expect("nobody panicked") += 1;
        match reference {
            // Any number of names, each of another image.
            many if many.starts_with("many-") => Ok(ResolvedImage {
                name: many.to_owned(),
                ..self.image.clone()
            }),
            "base" => Ok(self.image.clone()),
            "slow" => std::future::pending().await,
            other => {
                let shelved = self.shelved.lock().expect("nobody panicked");
                if let Some((image, _)) = shelved.iter().find(|(image, _)| image.name == other) {
                    return Ok(image.clone());
                }
                Err(ImageError::new(format!("{other} is not there")).with_hint("push it first"))
            }
        }
    }

    async fn open_layer(
        &self,
        image: &ResolvedImage,
        layer: &Descriptor,
        transfer: &dyn Transfer,
    ) -> Result<File, ImageError> {
        let shelved = self.shelved.lock().expect("nobody panicked").clone();
        let own = shelved.iter().find(|(it, _)| it.digest == image.digest);
        assert!(own.is_some() || image.digest == self.image.digest);
        let path = match own {
            Some((_, path)) if layer.digest != self.image.layers[0].descriptor.digest => path,
            _ => &self.layer,
        };
        transfer.moved("layer", layer.size, Some(layer.size));
        *self.opened.lock().expect("nobody panicked") += 1;
        // Open for writing too: what a worker gets must not be.
        let file = File::options().read(true).write(true).open(path);
        file.map_err(|error| ImageError::new("no layer").with_source(error))
    }

    async fn dial(&self, target: &Target, purpose: DialPurpose) -> Result<TcpStream, DialError> {
        self.dialed
            .lock()
            .expect("nobody panicked")
            .push((target.clone(), purpose));
        let refuse = |message: String| DialError {
            message,
            hint: Some("[egress] allow = [\"…\"]".to_owned()),
            is_refusal: true,
            is_transient: false,
        };
        let port = self.port.load(Ordering::SeqCst);
        if target.host != HOST && (target.host.as_str(), target.port) != (GIT, port) {
            return Err(refuse(format!("{} is not allowed", target.host)));
        }
        TcpStream::connect(("127.0.0.1", port)).map_err(|error| refuse(error.to_string()))
    }
}
