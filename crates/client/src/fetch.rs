//! Blobs: fetched piece by piece, resumed where they broke off, verified before the end is told.

use crate::client::{Client, Inner};
use crate::hasher::Hasher;
use crate::manifest::bad_answer;
use crate::pull::{Pull, Pulled};
use crate::{ClientError, Mismatch, Progress, RegistryHost, Repository, Result};
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, CONTENT_RANGE, RANGE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use std::sync::Arc;
use wharf_egress::{EgressError, Response};
use wharf_oci::Descriptor;

/// Progress after which earlier failures are forgiven: a gigabyte over a bad line may break many times, while a server
/// that gives a few bytes each time must not hold a build for ever.
const FORGIVING: u64 = 1024 * 1024;

impl Client {
    /// Opens a blob. Only [`BlobReader::next_chunk`] returning `None` means that what came is the blob; nothing that the
    /// server says about its length is believed.
    ///
    /// # Errors
    /// Those of reaching the registry, its mirrors included.
    pub async fn fetch_blob(
        &self,
        repository: &Repository,
        descriptor: &Descriptor,
        progress: Progress,
    ) -> Result<BlobReader> {
        let mut reader = BlobReader {
            client: Arc::clone(&self.0),
            subject: format!("the blob {} of {repository}", descriptor.digest),
            repository: repository.clone(),
            descriptor: descriptor.clone(),
            hasher: Hasher::new(descriptor.digest.algorithm()),
            outcome: None,
            received: 0,
            source: None,
            place: 0,
            failures: 0,
            failed_at: 0,
            progress,
        };
        reader.open().await?;
        Ok(reader)
    }

    /// A whole blob in memory, such as an image's config.
    ///
    /// # Errors
    /// As [`BlobReader::next_chunk`]; [`ClientError::WrongSize`] without fetching anything when the descriptor announces
    /// more than `limit` bytes.
    pub async fn fetch_bytes(
        &self,
        repository: &Repository,
        descriptor: &Descriptor,
        limit: usize,
    ) -> Result<Bytes> {
        if descriptor.size > limit as u64 {
            return Err(ClientError::WrongSize {
                registry: repository.registry.clone(),
                subject: format!("the blob {} of {repository}", descriptor.digest),
                expected: limit as u64,
                found: descriptor.size,
            });
        }
        let mut reader = self
            .fetch_blob(repository, descriptor, Progress::none())
            .await?;
        let mut whole = BytesMut::new();
        while let Some(chunk) = reader.next_chunk().await? {
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.freeze())
    }
}

/// A blob that is coming in.
pub struct BlobReader {
    client: Arc<Inner>,
    repository: Repository,
    descriptor: Descriptor,
    subject: String,
    hasher: Hasher,
    /// How it ended; every later call says the same.
    outcome: Option<Result<()>>,
    received: u64,
    source: Option<Source>,
    /// The place in the list of servers to ask next.
    place: usize,
    failures: u32,
    failed_at: u64,
    progress: Progress,
}

/// An open answer of one server.
struct Source {
    response: Response,
    host: RegistryHost,
    is_last: bool,
    /// Bytes that are known already, from a server that starts again at the front.
    skip: u64,
}

impl BlobReader {
    /// The next piece, `None` when size and digest of all pieces were found right. It never gives more bytes than the
    /// descriptor says. A call that was dropped loses nothing.
    ///
    /// # Errors
    /// [`ClientError::WrongDigest`] and [`ClientError::WrongSize`]: what came must be thrown away.
    /// [`ClientError::Broken`] when the transfer broke more often than the policy allows.
    pub async fn next_chunk(&mut self) -> Result<Option<Bytes>> {
        loop {
            if let Some(outcome) = &self.outcome {
                return outcome.clone().map(|()| None);
            }
            if self.received == self.descriptor.size {
                self.outcome = Some(self.check_digest());
                continue;
            }
            let Some(source) = &mut self.source else {
                self.open().await?;
                continue;
            };
            let host = source.host.clone();
            match source.response.next_chunk().await {
                Ok(Some(chunk)) => {
                    if let Some(chunk) = self.take(chunk) {
                        return Ok(Some(chunk));
                    }
                }
                Ok(None) => {
                    let server = source.response.host().to_owned();
                    self.recover(host, EgressError::Ended { host: server })
                        .await?;
                }
                Err(error) => self.recover(host, error).await?,
            }
        }
    }

    /// The descriptor that is fetched.
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// Counts a piece in; `None` when all of it was known already, or when it is more than there should be.
    fn take(&mut self, mut chunk: Bytes) -> Option<Bytes> {
        let source = self.source.as_mut()?;
        let known = source.skip.min(chunk.len() as u64);
        source.skip -= known;
        let chunk = chunk.split_off(usize::try_from(known).unwrap_or(chunk.len()));
        if chunk.is_empty() {
            return None;
        }
        let position = self.received + chunk.len() as u64;
        if position > self.descriptor.size {
            self.outcome = Some(Err(ClientError::WrongSize {
                registry: self.blame_source(),
                subject: self.subject.clone(),
                expected: self.descriptor.size,
                found: position,
            }));
            return None;
        }
        self.hasher.update(&chunk);
        self.received = position;
        self.progress.tell(position);
        Some(chunk)
    }

    fn check_digest(&mut self) -> Result<()> {
        let found = self.hasher.clone().finish();
        if found == self.descriptor.digest {
            self.source = None;
            return Ok(());
        }
        Err(ClientError::WrongDigest {
            registry: self.blame_source(),
            subject: self.subject.clone(),
            mismatch: Box::new(Mismatch {
                expected: self.descriptor.digest,
                found,
            }),
        })
    }

    /// Asks for what is missing, from the server whose turn it is.
    async fn open(&mut self) -> Result<()> {
        let mut headers = HeaderMap::new();
        if self.received > 0 {
            let range = format!("bytes={}-", self.received);
            headers.insert(
                RANGE,
                HeaderValue::from_str(&range).expect("digits are plain text"),
            );
        }
        let pull = Pull {
            repository: &self.repository,
            method: Method::GET,
            suffix: format!("blobs/{}", self.descriptor.digest),
            headers,
            subject: &self.subject,
        };
        let pulled = self.client.pull(&pull, self.place).await?;
        self.place = pulled.index;
        match self.check_answer(&pulled) {
            Ok(skip) => {
                self.source = Some(Source {
                    host: pulled.endpoint.host,
                    is_last: pulled.is_last,
                    response: pulled.response,
                    skip,
                });
                Ok(())
            }
            Err(error) if pulled.is_last => Err(error),
            // The caller's loop asks the next server.
            Err(error) => {
                tracing::warn!(mirror = %pulled.endpoint.host, %error, "a mirror sent no good blob");
                self.client.health.note_failure(&pulled.endpoint.host);
                self.place += 1;
                Ok(())
            }
        }
    }

    /// How many bytes of an answer are known already.
    fn check_answer(&self, pulled: &Pulled) -> Result<u64> {
        let headers = pulled.response.headers();
        let host = &pulled.endpoint.host;
        let number = |value: &HeaderValue| value.to_str().ok()?.parse::<u64>().ok();
        let announced = headers.get(CONTENT_LENGTH).and_then(number);
        let is_part = pulled.response.status() == StatusCode::PARTIAL_CONTENT;
        let start = match is_part {
            true => headers.get(CONTENT_RANGE).and_then(read_start),
            false => Some(0),
        };
        let Some(start) = start.filter(|start| *start <= self.received) else {
            return Err(bad_answer(
                host,
                &self.subject,
                "it is another part than was asked for",
            ));
        };
        // Other bytes are coming: no need to fetch them to know that they are wrong.
        if let Some(end) = announced.map(|length| start.saturating_add(length))
            && end != self.descriptor.size
            && !is_part
        {
            return Err(ClientError::WrongSize {
                registry: host.clone(),
                subject: self.subject.clone(),
                expected: self.descriptor.size,
                found: end,
            });
        }
        Ok(self.received - start)
    }

    /// Prepares the next attempt after a break, or gives up.
    async fn recover(&mut self, host: RegistryHost, error: EgressError) -> Result<()> {
        let is_last = self.source.as_ref().is_none_or(|source| source.is_last);
        if self.received >= self.failed_at + FORGIVING {
            self.failures = 0;
        }
        self.failures += 1;
        self.failed_at = self.received;
        self.source = None;
        if self.failures >= self.client.retry.attempts {
            return Err(ClientError::Broken {
                registry: host,
                subject: self.subject.clone(),
                failures: self.failures,
                source: error,
            });
        }
        tracing::debug!(registry = %host, %error, received = self.received, "a blob broke off");
        if !is_last {
            self.client.health.note_failure(&host);
            self.place += 1;
        }
        tokio::time::sleep(self.client.retry.delay(self.failures)).await;
        Ok(())
    }

    /// Who sent it; a mirror that sends wrong content is not asked again soon.
    fn blame_source(&mut self) -> RegistryHost {
        match self.source.take() {
            Some(source) => {
                if !source.is_last {
                    self.client.health.note_failure(&source.host);
                }
                source.host
            }
            None => self.repository.registry.clone(),
        }
    }
}

/// The first position of `bytes FIRST-LAST/…`.
fn read_start(value: &HeaderValue) -> Option<u64> {
    let range = value.to_str().ok()?.trim().strip_prefix("bytes")?.trim();
    range.split_once('-')?.0.parse().ok()
}
