//! One repository: manifests, blobs, lists, and shortcuts that push whole things.

use bytes::Bytes;
use reqwest::Method;

use super::{RegistryClient, Request, client::with_query};
use crate::{Answer, Blob, Image, Manifest, image::compute_digest};

/// A repository as one client sees it.
#[derive(Clone)]
pub struct Repository {
    pub(super) client: RegistryClient,
    name: String,
}

impl Repository {
    pub(super) fn new(client: RegistryClient, name: &str) -> Self {
        Self {
            client,
            name: name.to_owned(),
        }
    }

    /// Its full name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The client that was given.
    pub fn client(&self) -> &RegistryClient {
        &self.client
    }

    /// The same repository as somebody else sees it.
    pub fn seen_by(&self, client: &RegistryClient) -> Self {
        client.repository(&self.name)
    }

    /// `/v2/NAME/REST`.
    pub fn path(&self, rest: &str) -> String {
        format!("/v2/{}/{rest}", self.name)
    }

    /// Starts a request below this repository.
    pub fn request(&self, method: Method, rest: &str) -> Request<'_> {
        self.client.request(method, &self.path(rest))
    }

    /// end-2, GET.
    pub fn get_blob(&self, digest: &str) -> Answer {
        self.client.get(&self.path(&format!("blobs/{digest}")))
    }

    /// end-2, HEAD.
    pub fn head_blob(&self, digest: &str) -> Answer {
        self.client.head(&self.path(&format!("blobs/{digest}")))
    }

    /// end-2, GET with one more header.
    pub fn get_blob_with(&self, digest: &str, header: &str, value: &str) -> Answer {
        self.request(Method::GET, &format!("blobs/{digest}"))
            .header(header, value)
            .send()
    }

    /// end-10.
    pub fn delete_blob(&self, digest: &str) -> Answer {
        self.client.delete(&self.path(&format!("blobs/{digest}")))
    }

    /// end-3, GET. `reference` is a tag or digest, with a query if need be.
    pub fn get_manifest(&self, reference: &str) -> Answer {
        self.client
            .get(&self.path(&format!("manifests/{reference}")))
    }

    /// end-3, HEAD.
    pub fn head_manifest(&self, reference: &str) -> Answer {
        self.client
            .head(&self.path(&format!("manifests/{reference}")))
    }

    /// end-3, GET with one more header.
    pub fn get_manifest_with(&self, reference: &str, header: &str, value: &str) -> Answer {
        self.request(Method::GET, &format!("manifests/{reference}"))
            .header(header, value)
            .send()
    }

    /// end-7. `reference` is a tag or digest, with a query if need be.
    pub fn put_manifest(&self, reference: &str, manifest: &Manifest) -> Answer {
        self.put_manifest_bytes(reference, &manifest.media_type, manifest.bytes.clone())
    }

    /// end-7 with bytes that need not be a manifest.
    pub fn put_manifest_bytes(
        &self,
        reference: &str,
        media_type: &str,
        bytes: impl Into<Bytes>,
    ) -> Answer {
        self.request(Method::PUT, &format!("manifests/{reference}"))
            .typed_body(media_type, bytes)
            .send()
    }

    /// end-9.
    pub fn delete_manifest(&self, reference: &str) -> Answer {
        self.client
            .delete(&self.path(&format!("manifests/{reference}")))
    }

    /// end-8 with this query (may be empty).
    pub fn list_tags(&self, query: &str) -> Answer {
        self.client.get(&self.path(&with_query("tags/list", query)))
    }

    /// end-12 with this query (may be empty).
    pub fn list_referrers(&self, digest: &str, query: &str) -> Answer {
        let target = with_query(&format!("referrers/{digest}"), query);
        self.client.get(&self.path(&target))
    }

    /// Pushes bytes by POST and PUT and asserts success; answers their sha256 digest.
    #[track_caller]
    pub fn push_bytes(&self, bytes: impl Into<Bytes>) -> String {
        let bytes = bytes.into();
        let digest = compute_digest(&bytes);
        let location = self.begin_upload("").expect(202).location();
        self.put_upload(&location, &digest, bytes).expect(201);
        digest
    }

    /// Pushes a blob and asserts success.
    #[track_caller]
    pub fn push_blob(&self, blob: &Blob) {
        self.push_bytes(blob.bytes.clone());
    }

    /// Pushes a manifest alone and asserts success; answers its digest.
    #[track_caller]
    pub fn push_manifest(&self, reference: &str, manifest: &Manifest) -> String {
        self.put_manifest(reference, manifest).expect(201);
        manifest.digest()
    }

    /// Pushes config, layers and manifest and asserts success; answers the manifest's digest.
    #[track_caller]
    pub fn push_image(&self, reference: &str, image: &Image) -> String {
        for blob in image.blobs() {
            self.push_blob(blob);
        }
        self.push_manifest(reference, &image.manifest)
    }

    /// The tags of one page; asserts success.
    #[track_caller]
    pub fn read_tags(&self, query: &str) -> Vec<String> {
        let body = self.list_tags(query).expect(200).json();
        let tags = body["tags"].as_array().expect("`tags` is a list");
        tags.iter()
            .map(|tag| tag.as_str().expect("a tag is a string").to_owned())
            .collect()
    }
}
