//! Upload sessions: every step of pushing a blob.

use bytes::Bytes;
use reqwest::Method;

use super::{Repository, client::with_query};
use crate::Answer;

impl Repository {
    /// end-4: starts a session, with this query (may be empty).
    pub fn begin_upload(&self, query: &str) -> Answer {
        self.client
            .post_empty(&self.path(&with_query("blobs/uploads/", query)))
    }

    /// end-4b: the whole blob in one request.
    pub fn post_blob(&self, digest: &str, bytes: impl Into<Bytes>) -> Answer {
        self.request(Method::POST, &format!("blobs/uploads/?digest={digest}"))
            .typed_body("application/octet-stream", bytes)
            .send()
    }

    /// end-5: one chunk, with `Content-Range` when `range` is given.
    pub fn patch_upload(
        &self,
        location: &str,
        range: Option<&str>,
        bytes: impl Into<Bytes>,
    ) -> Answer {
        let request = self
            .client
            .request(Method::PATCH, location)
            .typed_body("application/octet-stream", bytes);
        match range {
            Some(range) => request.header("content-range", range).send(),
            None => request.send(),
        }
    }

    /// end-5 as docker sends it: no length, no range.
    pub fn stream_upload(&self, location: &str, pieces: Vec<Bytes>) -> Answer {
        self.client
            .request(Method::PATCH, location)
            .header("content-type", "application/octet-stream")
            .chunked(pieces)
            .send()
    }

    /// end-6: closes the session, with the last (or only) bytes.
    pub fn put_upload(&self, location: &str, digest: &str, bytes: impl Into<Bytes>) -> Answer {
        self.client
            .request(Method::PUT, &add_digest(location, digest))
            .typed_body("application/octet-stream", bytes)
            .send()
    }

    /// end-6 with a last chunk that says where it belongs.
    pub fn put_upload_range(
        &self,
        location: &str,
        digest: &str,
        range: &str,
        bytes: impl Into<Bytes>,
    ) -> Answer {
        self.client
            .request(Method::PUT, &add_digest(location, digest))
            .header("content-range", range)
            .typed_body("application/octet-stream", bytes)
            .send()
    }

    /// end-13.
    pub fn get_upload(&self, location: &str) -> Answer {
        self.client.get(location)
    }

    /// end-14.
    pub fn delete_upload(&self, location: &str) -> Answer {
        self.client.delete(location)
    }

    /// end-11.
    pub fn mount_blob(&self, digest: &str, from: Option<&str>) -> Answer {
        let from = from.map_or(String::new(), |name| format!("&from={name}"));
        self.begin_upload(&format!("mount={digest}{from}"))
    }
}

/// A location may carry a query of its own.
fn add_digest(location: &str, digest: &str) -> String {
    let separator = if location.contains('?') { '&' } else { '?' };
    format!("{location}{separator}digest={digest}")
}
