//! Pushes blobs: asked for first, mounted where possible, else sent in one request, or in chunks to registries that want
//! those.

use crate::client::{Client, Inner};
use crate::exchange::{Call, CallBody, Target};
use crate::scope::Scope;
use crate::upload::{Destination, Session};
use crate::{BlobSource, ClientError, Progress, Repository, Result};
use http::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE};
use http::{HeaderValue, Method, StatusCode};
use url::form_urlencoded::byte_serialize;
use wharf_oci::{Descriptor, Digest, RepositoryName};

/// The size of a chunk, where chunks are needed: below the 100 MB that proxies in front of registries commonly take in
/// one request. Smaller ones cost a round trip each.
const CHUNK: u64 = 32 * 1024 * 1024;

/// How one blob is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// One PUT with everything.
    Whole,
    /// PATCH by PATCH, then an empty PUT.
    Chunks,
}

impl Client {
    /// Whether the registry has the blob in this repository.
    ///
    /// # Errors
    /// Those of reaching the registry.
    pub async fn has_blob(&self, repository: &Repository, digest: &Digest) -> Result<bool> {
        let destination = Destination::new(&self.0, repository, *digest)?;
        let path = Target::Path(format!("{}/blobs/{digest}", destination.name));
        // With the right to push, which the upload that follows needs anyway: one token serves both.
        let call = destination.call(Method::HEAD, path);
        let reply = self.0.exchange(&call).await?;
        match reply.response.status() {
            status if status.is_success() => Ok(true),
            StatusCode::NOT_FOUND => Ok(false),
            _ => Err(reply.explain(&call).await),
        }
    }

    /// Takes a blob over from another repository of the same registry; whether that worked. When it did not, the blob
    /// has to be pushed.
    ///
    /// # Errors
    /// Those of reaching the registry. A registry that forbids or does not know mounting is no error.
    pub async fn mount_blob(
        &self,
        repository: &Repository,
        digest: &Digest,
        from: &RepositoryName,
    ) -> Result<bool> {
        let destination = Destination::new(&self.0, repository, *digest)?;
        let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let path = format!(
            "{}/blobs/uploads/?mount={}&from={}",
            destination.name,
            encode(&digest.to_string()),
            encode(from.as_str())
        );
        let mut call = destination.call(Method::POST, Target::Path(path));
        call.scopes.push(Scope::pull(from));
        call.headers
            .insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        let reply = match self.0.exchange(&call).await {
            Ok(reply) => reply,
            // A token server that gives nothing for the other repository says so in this way.
            Err(ClientError::Unauthorized { .. } | ClientError::Denied { .. }) => return Ok(false),
            Err(error) => return Err(error),
        };
        match reply.response.status() {
            StatusCode::CREATED => {
                destination.check_kept(reply.response.headers())?;
                Ok(true)
            }
            StatusCode::ACCEPTED => {
                let session = Session::read(&destination, &reply.response)?;
                self.0.cancel_upload(&destination, &session).await;
                Ok(false)
            }
            StatusCode::BAD_REQUEST
            | StatusCode::FORBIDDEN
            | StatusCode::NOT_FOUND
            | StatusCode::METHOD_NOT_ALLOWED => Ok(false),
            _ => Err(reply.explain(&call).await),
        }
    }

    /// Pushes a blob of known digest and size. What was sent before a break is sent again from the front.
    ///
    /// # Errors
    /// Those of reaching the registry; [`ClientError::Source`] when the source cannot be read or is shorter than the
    /// descriptor says.
    pub async fn push_blob(
        &self,
        repository: &Repository,
        descriptor: &Descriptor,
        source: &dyn BlobSource,
        progress: &Progress,
    ) -> Result<()> {
        let destination = Destination::new(&self.0, repository, descriptor.digest)?;
        let push = Push {
            client: &self.0,
            destination: &destination,
            size: descriptor.size,
            source,
            progress,
        };
        let mut way = Way::Whole;
        let mut failures = 0;
        loop {
            let error = match push.try_once(way).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            if way == Way::Whole && wants_chunks(&error) {
                way = Way::Chunks;
                continue;
            }
            failures += 1;
            // A proxy that refuses a large body may just hang up on it.
            if failures > 1 && descriptor.size > CHUNK {
                way = Way::Chunks;
            }
            if !may_work_later(&error) || failures >= self.0.retry.attempts {
                return Err(count_failures(error, failures));
            }
            tracing::debug!(registry = %destination.host(), %error, "a push starts over");
            tokio::time::sleep(self.0.retry.delay(failures)).await;
        }
    }
}

/// One blob on its way.
struct Push<'a> {
    client: &'a Inner,
    destination: &'a Destination,
    size: u64,
    source: &'a dyn BlobSource,
    progress: &'a Progress,
}

impl Push<'_> {
    async fn try_once(&self, way: Way) -> Result<()> {
        let session = self.client.start_upload(self.destination).await?;
        let outcome = match way {
            Way::Whole => self.send_whole(&session).await,
            Way::Chunks => self.send_chunks(session).await,
        };
        self.progress
            .tell(if outcome.is_ok() { self.size } else { 0 });
        outcome
    }

    async fn send_whole(&self, session: &Session) -> Result<()> {
        let url = session.ending(self.destination.digest);
        let mut call = self.destination.call(Method::PUT, Target::Url(&url));
        self.fill(&mut call, 0, self.size);
        self.end(&call).await
    }

    async fn send_chunks(&self, mut session: Session) -> Result<()> {
        let mut start = 0;
        let longest = CHUNK.max(session.shortest_chunk);
        while start < self.size {
            let length = longest.min(self.size - start);
            let mut call = self
                .destination
                .call(Method::PATCH, Target::Url(&session.location));
            self.fill(&mut call, start, length);
            let range = format!("{start}-{}", start + length - 1);
            let range = HeaderValue::from_str(&range).expect("digits are plain text");
            call.headers.insert(CONTENT_RANGE, range);
            let reply = self.client.exchange(&call).await?;
            if !reply.response.status().is_success() {
                return Err(reply.explain(&call).await);
            }
            let next = Session::read(self.destination, &reply.response)?;
            session.location = next.location;
            start += length;
        }
        let url = session.ending(self.destination.digest);
        let mut call = self.destination.call(Method::PUT, Target::Url(&url));
        call.headers
            .insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        self.end(&call).await
    }

    fn fill<'a>(&'a self, call: &mut Call<'a>, start: u64, length: u64) {
        let bytes = HeaderValue::from_static("application/octet-stream");
        call.headers.insert(CONTENT_TYPE, bytes);
        call.body = CallBody::Part {
            source: self.source,
            start,
            length,
            progress: self.progress,
        };
    }

    async fn end(&self, call: &Call<'_>) -> Result<()> {
        let reply = self.client.exchange(call).await?;
        if !reply.response.status().is_success() {
            return Err(reply.explain(call).await);
        }
        self.destination.check_kept(reply.response.headers())
    }
}

/// Whether a registry or a proxy before it may take in pieces what it did not take as a whole.
fn wants_chunks(error: &ClientError) -> bool {
    matches!(
        error,
        ClientError::Status {
            status: 405 | 411 | 413 | 415 | 501,
            ..
        }
    )
}

/// Whether the same blob may be taken in another session: broken lines, outages, and sessions that were lost.
fn may_work_later(error: &ClientError) -> bool {
    match error {
        ClientError::Broken { source, .. } | ClientError::Unreachable { source, .. } => {
            source.is_transient()
        }
        ClientError::Status { status, .. } => matches!(status, 408 | 416 | 500 | 502..=504),
        _ => false,
    }
}

fn count_failures(error: ClientError, count: u32) -> ClientError {
    match error {
        ClientError::Broken {
            registry,
            subject,
            source,
            ..
        } => ClientError::Broken {
            registry,
            subject,
            failures: count,
            source,
        },
        other => other,
    }
}
