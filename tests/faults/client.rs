//! A client for one test, whose server may refuse or vanish in the middle.

use bytes::Bytes;
use reqwest::Method;
use tokio::runtime::Runtime;
use wharf_testkit::{Image, Manifest, Server, image::compute_digest};
use wharf_tests::storm::{Broken, Reply, Wire};

const OCTETS: &str = "application/octet-stream";

/// The admin's client. Shared by threads.
pub(crate) struct Client {
    runtime: Runtime,
    wire: Wire,
}

/// The first request of a push that did not succeed.
#[derive(Debug)]
pub(crate) struct Failed {
    /// Its status; none when the connection broke.
    pub(crate) status: Option<u16>,
    /// Whether the answer says when to try again.
    pub(crate) retry_after: bool,
    /// The answer, or what broke.
    pub(crate) text: String,
}

impl Failed {
    fn of(reply: &Reply) -> Self {
        Self {
            status: Some(reply.status),
            retry_after: reply.find_header("retry-after").is_some(),
            text: reply.describe(),
        }
    }

    /// Panics unless the server said that it cannot do this now, and when to come back.
    #[track_caller]
    pub(crate) fn expect_unavailable(&self) {
        assert_eq!(self.status, Some(503), "{self:?}");
        assert!(self.retry_after, "no Retry-After: {self:?}");
    }
}

impl From<Broken> for Failed {
    fn from(Broken(text): Broken) -> Self {
        Self {
            status: None,
            retry_after: false,
            text,
        }
    }
}

impl Client {
    pub(crate) fn new(server: &Server) -> Self {
        Self {
            runtime: tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()
                .expect("a runtime for the client"),
            wire: Wire::new(server),
        }
    }

    pub(crate) fn send(&self, method: Method, target: &str) -> Result<Reply, Broken> {
        self.runtime.block_on(self.wire.send(method, target))
    }

    pub(crate) fn get(&self, target: &str) -> Result<Reply, Broken> {
        self.send(Method::GET, target)
    }

    /// The status of a GET that must be answered.
    #[track_caller]
    pub(crate) fn get_status(&self, target: &str) -> u16 {
        match self.get(target) {
            Ok(reply) => reply.status,
            Err(Broken(text)) => panic!("no answer: {text}"),
        }
    }

    /// One request of an upload.
    pub(crate) fn upload(
        &self,
        method: Method,
        target: &str,
        bytes: &Bytes,
    ) -> Result<Reply, Failed> {
        self.request(method, target, OCTETS, bytes)
    }

    fn request(
        &self,
        method: Method,
        target: &str,
        media_type: &str,
        bytes: &Bytes,
    ) -> Result<Reply, Failed> {
        let body = Some((media_type, bytes.clone()));
        let sent = self.wire.send_body(method, target, body);
        let reply = self.runtime.block_on(sent)?;
        match reply.status {
            200..300 => Ok(reply),
            _ => Err(Failed::of(&reply)),
        }
    }

    /// Starts an upload; answers where it goes on.
    pub(crate) fn begin(&self, repository: &str) -> Result<String, Failed> {
        let target = format!("/v2/{repository}/blobs/uploads/");
        let begun = self.upload(Method::POST, &target, &Bytes::new())?;
        Ok(location_of(&begun))
    }

    /// One chunk; answers where it goes on.
    pub(crate) fn patch(&self, location: &str, bytes: &Bytes) -> Result<String, Failed> {
        let patched = self.upload(Method::PATCH, location, bytes)?;
        Ok(location_of(&patched))
    }

    /// Ends an upload.
    pub(crate) fn finish(&self, location: &str, digest: &str, rest: &Bytes) -> Result<(), Failed> {
        let target = format!("{location}?digest={digest}");
        self.upload(Method::PUT, &target, rest).map(drop)
    }

    /// How many bytes of an upload the server has; the status when it does not know the upload.
    pub(crate) fn stat(&self, location: &str) -> Result<usize, Failed> {
        let reply = self.get(location)?;
        if reply.status != 204 {
            return Err(Failed::of(&reply));
        }
        let range = reply.find_header("range").expect("a Range");
        let last = range.strip_prefix("0-").and_then(|last| last.parse().ok());
        let last: usize = last.unwrap_or_else(|| panic!("`{range}` is no range"));
        // Nothing and one byte look the same; no test sends a single byte.
        Ok(if last == 0 { 0 } else { last + 1 })
    }

    /// Pushes a blob unless the repository has it; answers its digest.
    pub(crate) fn push_bytes(&self, repository: &str, bytes: &Bytes) -> Result<String, Failed> {
        let digest = compute_digest(bytes);
        let target = format!("/v2/{repository}/blobs/{digest}");
        if self.send(Method::HEAD, &target)?.status != 200 {
            let location = self.begin(repository)?;
            self.finish(&location, &digest, bytes)?;
        }
        Ok(digest)
    }

    pub(crate) fn put_manifest(
        &self,
        repository: &str,
        reference: &str,
        manifest: &Manifest,
    ) -> Result<(), Failed> {
        let target = format!("/v2/{repository}/manifests/{reference}");
        self.request(Method::PUT, &target, &manifest.media_type, &manifest.bytes)
            .map(drop)
    }

    /// Pushes blobs that are missing, then the manifest.
    pub(crate) fn push_image(
        &self,
        repository: &str,
        tag: &str,
        image: &Image,
    ) -> Result<(), Failed> {
        for blob in image.blobs() {
            self.push_bytes(repository, &blob.bytes)?;
        }
        self.put_manifest(repository, tag, &image.manifest)
    }

    /// Panics unless the tag and everything it names come back byte for byte.
    #[track_caller]
    pub(crate) fn expect_image(&self, repository: &str, tag: &str, image: &Image) {
        let target = format!("/v2/{repository}/manifests/{tag}");
        self.expect_bytes(&target, &image.manifest.bytes);
        for blob in image.blobs() {
            let target = format!("/v2/{repository}/blobs/{}", blob.digest());
            self.expect_bytes(&target, &blob.bytes);
        }
    }

    /// Panics unless these bytes come back.
    #[track_caller]
    pub(crate) fn expect_bytes(&self, target: &str, bytes: &Bytes) {
        match self.get(target) {
            Ok(reply) => {
                assert_eq!(reply.status, 200, "GET {target}: {}", reply.describe());
                assert!(reply.body == bytes, "GET {target}: other bytes");
            }
            Err(Broken(text)) => panic!("no answer: {text}"),
        }
    }
}

fn location_of(reply: &Reply) -> String {
    let location = reply.find_header("location").expect("a Location");
    location.to_owned()
}
