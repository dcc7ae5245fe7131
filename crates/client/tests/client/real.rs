//! Round trips with the registry of the distribution project, where it is installed.

use crate::setup::{Setup, descriptor, drain, make_bytes, make_manifest, password};
use crate::skip::record_skip;
use bytes::Bytes;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;
use wharf_client::{Client, ClientError, FileSource, ImageName, Progress};
use wharf_oci::media_type;

/// Where distributions put it.
const PROGRAM: &str = "/usr/bin/docker-registry";

/// The account `me` with the password `hush`, hashed as cheaply as the format allows.
const HTPASSWD: &str = "me:$2b$04$XBiBVHjjmz4n/.VkGljm3ulR5mipYW3GVjgan.eNZ41n0mBGCIXMq\n";

/// A running registry; it ends with the test.
struct Peer {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Peer {
    /// Starts one on a free port; `None`, noted as a skip, where it is not installed.
    fn start(authentication: &str) -> Option<Peer> {
        if !Path::new(PROGRAM).exists() {
            record_skip("docker-registry is not installed");
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let config = folder.path().join("config.yml");
        let password_file = folder.path().join("htpasswd");
        std::fs::write(&password_file, HTPASSWD).expect("written");
        let authentication = authentication.replace("FILE", &password_file.display().to_string());
        let text = format!(
            "version: 0.1\nlog:\n  accesslog:\n    disabled: true\nstorage:\n  filesystem:\n    rootdirectory: {}\n  delete:\n    enabled: true\nhttp:\n  addr: 127.0.0.1:0\n{authentication}",
            folder.path().join("data").display()
        );
        std::fs::write(&config, text).expect("written");
        let mut child = Command::new(PROGRAM)
            .arg("serve")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the registry starts");
        let log = BufReader::new(child.stderr.take().expect("a log"));
        let port = read_port(log);
        Some(Peer {
            child,
            port,
            _folder: folder,
        })
    }

    fn image(&self, rest: &str) -> ImageName {
        format!("127.0.0.1:{}/{rest}", self.port)
            .parse()
            .expect("an image name")
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself; a test that needs it has failed then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The port from the line that says where it listens; the rest of the log is read so that the registry never blocks.
fn read_port(mut log: BufReader<std::process::ChildStderr>) -> u16 {
    let mut said = String::new();
    loop {
        let mut line = String::new();
        let count = log.read_line(&mut line).expect("a log of text");
        assert!(count > 0, "the registry ended: {said}");
        if let Some((_, rest)) = line.split_once("listening on 127.0.0.1:") {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
            return digits.parse().expect("a port");
        }
        said.push_str(&line);
    }
}

async fn push_image(client: &Client, name: &ImageName, config: &[u8], layer: &[u8]) -> Bytes {
    for bytes in [config, layer] {
        let wanted = descriptor(bytes);
        assert!(
            !client
                .has_blob(&name.repository, &wanted.digest)
                .await
                .expect("an answer")
        );
        let source = Bytes::copy_from_slice(bytes);
        client
            .push_blob(&name.repository, &wanted, &source, &Progress::none())
            .await
            .expect("a blob is pushed");
        assert!(
            client
                .has_blob(&name.repository, &wanted.digest)
                .await
                .expect("an answer")
        );
    }
    let manifest = Bytes::from(make_manifest(config, &[layer]));
    client
        .push_manifest(name, media_type::OCI_IMAGE, manifest.clone())
        .await
        .expect("a manifest is pushed");
    manifest
}

#[tokio::test]
async fn what_is_pushed_can_be_pulled_and_mounted() {
    let Some(peer) = Peer::start("") else { return };
    let client = Setup::new().open();
    let (config, layer) = (b"{\"os\":\"linux\"}", make_bytes(3_000_000));
    let name = peer.image("team/app:1");
    let manifest = push_image(&client, &name, config, &layer).await;

    let found = client.resolve(&name).await.expect("a manifest");
    assert_eq!(found.bytes, manifest);
    assert_eq!(
        client.peek(&name).await.expect("a descriptor"),
        found.descriptor
    );
    let by_digest = client
        .resolve(&name.with_digest(found.descriptor.digest))
        .await;
    assert_eq!(by_digest.expect("the same"), found);
    let reader = client
        .fetch_blob(
            &name.repository,
            &found.manifest.layers[0],
            Progress::none(),
        )
        .await
        .expect("a reader");
    assert_eq!(drain(reader).await.expect("the layer"), layer);

    let other = peer.image("other:1");
    let wanted = descriptor(&layer).digest;
    let mounted = client
        .mount_blob(&other.repository, &wanted, &name.repository.name)
        .await;
    assert!(mounted.expect("an answer"));
    assert!(
        client
            .has_blob(&other.repository, &wanted)
            .await
            .expect("an answer")
    );
    let missing = descriptor(b"nowhere").digest;
    let mounted = client
        .mount_blob(&other.repository, &missing, &name.repository.name)
        .await;
    assert!(!mounted.expect("an answer"));
}

#[tokio::test]
async fn a_file_is_pushed_and_a_lie_about_its_digest_is_refused() {
    let Some(peer) = Peer::start("") else { return };
    let client = Setup::new().open();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("layer");
    let bytes = make_bytes(200_000);
    std::fs::write(&path, &bytes).expect("written");
    let repository = peer.image("app").repository;
    let source = FileSource(path);
    let pushed = client
        .push_blob(&repository, &descriptor(&bytes), &source, &Progress::none())
        .await;
    pushed.expect("pushed");
    let mut lie = descriptor(&bytes);
    lie.digest = descriptor(b"other").digest;
    let error = client
        .push_blob(&repository, &lie, &source, &Progress::none())
        .await
        .expect_err("a lie");
    assert!(
        matches!(error, ClientError::Status { status: 400, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_registry_with_passwords_takes_the_right_one_only() {
    let authentication = "auth:\n  htpasswd:\n    realm: here\n    path: FILE\n";
    let Some(peer) = Peer::start(authentication) else {
        return;
    };
    let host = format!("127.0.0.1:{}", peer.port);
    let name = peer.image("app:1");
    let nobody = Setup::new().open();
    let wrong = Setup::new().login(&host, password("me", "wrong")).open();
    for client in [nobody, wrong] {
        let error = client.resolve(&name).await.expect_err("refused");
        assert!(
            matches!(error, ClientError::Unauthorized { .. }),
            "{error:?}"
        );
    }
    let client = Setup::new().login(&host, password("me", "hush")).open();
    push_image(&client, &name, b"{}", b"layer").await;
    client.resolve(&name).await.expect("a manifest");
    let error = client
        .resolve(&peer.image("app:2"))
        .await
        .expect_err("not there");
    assert!(error.is_not_found(), "{error:?}");
}
