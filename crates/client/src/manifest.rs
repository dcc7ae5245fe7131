//! Manifests: found by name, verified, chosen for a platform, pushed.

use crate::client::{Client, Inner};
use crate::endpoint::Endpoint;
use crate::exchange::{Call, CallBody, Target};
use crate::platform::select_platform;
use crate::pull::{Pull, Pulled};
use crate::scope::Scope;
use crate::{ClientError, ImageName, Mismatch, RegistryHost, Result};
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use wharf_oci::{
    Algorithm, Descriptor, Digest, MAX_MANIFEST_BYTES, Manifest, ManifestKind, Platform, Reference,
    RepositoryName,
};

/// What a registry says the digest of its answer is (distribution-spec "Pulling manifests").
const CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

/// A manifest that has the digest it was asked for by, or that its registry gave for the tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedManifest {
    pub descriptor: Descriptor,
    /// The very bytes that have the descriptor's digest.
    pub bytes: Bytes,
    /// What they say.
    pub manifest: Manifest,
}

impl Client {
    /// The manifest behind a name. Its bytes have the digest of the name; for a tag, the one that the registry claims, if
    /// it claims one.
    ///
    /// # Errors
    /// Besides those of reaching the registry: other content than claimed, more than 4 MiB, or no manifest.
    pub async fn resolve(&self, image: &ImageName) -> Result<ResolvedManifest> {
        let subject = format!("the manifest {image}");
        let mut first = 0;
        loop {
            let pulled = self
                .0
                .pull(&ask(image, Method::GET, &subject), first)
                .await?;
            let (index, is_last) = (pulled.index, pulled.is_last);
            let mirror = pulled.endpoint.host.clone();
            match read_manifest(pulled, image, &subject).await {
                Ok(resolved) => return Ok(resolved),
                Err(error) if is_last => return Err(error),
                Err(error) => {
                    tracing::warn!(%mirror, %error, "a mirror sent no good manifest");
                    self.0.health.note_failure(&mirror);
                    first = index + 1;
                }
            }
        }
    }

    /// The image manifest for a platform: the manifest behind the name, or the entry of its index that fits best.
    ///
    /// # Errors
    /// As [`Client::resolve`]; [`ClientError::NoPlatform`] when no entry fits.
    pub async fn resolve_for(
        &self,
        image: &ImageName,
        platform: &Platform,
    ) -> Result<ResolvedManifest> {
        let found = self.resolve(image).await?;
        if !found.manifest.kind.is_index() {
            return Ok(found);
        }
        let entries = &found.manifest.children;
        let entry = select_platform(entries, platform).ok_or_else(|| {
            let platforms = entries.iter().filter_map(|entry| entry.platform.as_ref());
            let available: Vec<String> = platforms.map(ToString::to_string).collect();
            ClientError::NoPlatform {
                image: image.to_string(),
                wanted: platform.to_string(),
                available: available.join(", "),
            }
        })?;
        self.resolve(&image.with_digest(entry.digest)).await
    }

    /// What a name stands for at the moment, without fetching it: registries do not count this as a pull. Nothing of it
    /// is verified. A registry that does not tell is asked for the whole manifest.
    ///
    /// # Errors
    /// Those of reaching the registry.
    pub async fn peek(&self, image: &ImageName) -> Result<Descriptor> {
        let subject = format!("the manifest {image}");
        let pulled = match self.0.pull(&ask(image, Method::HEAD, &subject), 0).await {
            Ok(pulled) => pulled,
            Err(ClientError::Status {
                status: 405 | 501, ..
            }) => return Ok(self.resolve(image).await?.descriptor),
            Err(error) => return Err(error),
        };
        let headers = pulled.response.headers();
        let text = |name| {
            headers
                .get(name)
                .and_then(|value: &HeaderValue| value.to_str().ok())
        };
        let media_type = text(CONTENT_TYPE).and_then(read_kind);
        let size = text(CONTENT_LENGTH).and_then(|size| size.parse().ok());
        let digest = text(CONTENT_DIGEST).and_then(|digest| digest.parse().ok());
        match (media_type, size, image.digest.or(digest)) {
            (Some(kind), Some(size), Some(digest)) => Ok(describe(kind.media_type(), digest, size)),
            _ => Ok(self.resolve(image).await?.descriptor),
        }
    }

    /// Whether the registry itself has exactly this manifest under the name that [`Client::push_manifest`] would give it.
    /// A registry that does not say which one it has counts as one that has another.
    ///
    /// # Errors
    /// Those of reaching the registry.
    pub async fn has_manifest(&self, image: &ImageName, digest: &Digest) -> Result<bool> {
        let place = Place::find(&self.0, image)?;
        let mut call = place.call(Method::HEAD);
        call.headers = accept_manifests();
        let reply = self.0.exchange(&call).await?;
        let there = read_digest(reply.response.headers());
        match reply.response.status() {
            status if status.is_success() => Ok(there.is_some_and(|there| there == *digest)),
            // Some cannot be asked in this way.
            StatusCode::NOT_FOUND
            | StatusCode::METHOD_NOT_ALLOWED
            | StatusCode::NOT_IMPLEMENTED => Ok(false),
            _ => Err(reply.explain(&call).await),
        }
    }

    /// Pushes a manifest under the name's tag, or under its digest when it has no tag.
    ///
    /// # Errors
    /// Besides those of reaching the registry: it kept something else than was sent.
    pub async fn push_manifest(
        &self,
        image: &ImageName,
        media_type: &str,
        bytes: Bytes,
    ) -> Result<Digest> {
        let place = Place::find(&self.0, image)?;
        let (mut call, subject) = (place.call(Method::PUT), place.subject.clone());
        let endpoint = &place.endpoint;
        let media_type = HeaderValue::from_str(media_type)
            .map_err(|_| bad_answer(&endpoint.host, &subject, "its media type is no header"))?;
        call.headers.insert(CONTENT_TYPE, media_type);
        let sent = digest_like(image.digest, &bytes);
        call.body = CallBody::Bytes(bytes);
        let reply = self.0.exchange(&call).await?;
        if !reply.response.status().is_success() {
            return Err(reply.explain(&call).await);
        }
        match read_digest(reply.response.headers()) {
            Some(kept) if kept.algorithm() == sent.algorithm() && kept != sent => {
                Err(ClientError::WrongDigest {
                    registry: endpoint.host.clone(),
                    subject,
                    mismatch: Box::new(Mismatch {
                        expected: sent,
                        found: kept,
                    }),
                })
            }
            _ => Ok(sent),
        }
    }
}

/// Where a manifest is pushed to.
struct Place {
    endpoint: Endpoint,
    name: RepositoryName,
    reference: String,
    subject: String,
}

impl Place {
    fn find(client: &Inner, image: &ImageName) -> Result<Place> {
        let endpoint = Endpoint::origin(&client.registries, &image.repository.registry);
        Ok(Place {
            name: endpoint.name(&image.repository.name)?,
            endpoint,
            reference: match (&image.tag, image.digest) {
                (Some(tag), _) => tag.to_string(),
                (None, Some(digest)) => digest.to_string(),
                (None, None) => image.reference().to_string(),
            },
            subject: format!("the manifest {image}"),
        })
    }

    /// A request about it that needs the right to push.
    fn call(&self, method: Method) -> Call<'_> {
        let path = Target::Path(format!("{}/manifests/{}", self.name, self.reference));
        let scopes = vec![Scope::push(&self.name)];
        Call::new(method, &self.endpoint, path, scopes, &self.subject)
    }
}

fn accept_manifests() -> HeaderMap {
    let accepted = ManifestKind::ALL.map(ManifestKind::media_type).join(", ");
    let accepted = HeaderValue::from_str(&accepted).expect("media types are plain text");
    HeaderMap::from_iter([(ACCEPT, accepted)])
}

fn ask<'a>(image: &'a ImageName, method: Method, subject: &'a str) -> Pull<'a> {
    Pull {
        repository: &image.repository,
        method,
        suffix: format!("manifests/{}", image.reference()),
        headers: accept_manifests(),
        subject,
    }
}

async fn read_manifest(
    pulled: Pulled,
    image: &ImageName,
    subject: &str,
) -> Result<ResolvedManifest> {
    let registry = pulled.endpoint.host;
    let headers = pulled.response.headers();
    let claimed = match image.reference() {
        Reference::Digest(digest) => Some(digest),
        Reference::Tag(_) => read_digest(headers),
    };
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    // Plain file servers call everything text or bytes; then the document itself says what it is.
    let content_type = content_type
        .filter(|text| read_kind(text).is_some())
        .map(str::to_owned);
    let bytes = pulled.response.read_all(MAX_MANIFEST_BYTES).await;
    let bytes = bytes.map_err(|source| match source {
        wharf_egress::EgressError::TooLarge { .. } => {
            bad_answer(&registry, subject, &source.to_string())
        }
        source => ClientError::Broken {
            registry: registry.clone(),
            subject: subject.to_owned(),
            failures: 1,
            source,
        },
    })?;
    let found = digest_like(claimed, &bytes);
    if let Some(expected) = claimed.filter(|claimed| *claimed != found) {
        return Err(ClientError::WrongDigest {
            registry,
            subject: subject.to_owned(),
            mismatch: Box::new(Mismatch { expected, found }),
        });
    }
    let manifest = Manifest::parse(content_type.as_deref(), &bytes)
        .map_err(|error| bad_answer(&registry, subject, error.message()))?;
    Ok(ResolvedManifest {
        descriptor: describe(manifest.media_type(), found, bytes.len() as u64),
        bytes,
        manifest,
    })
}

/// The digest of bytes, by the algorithm of another digest.
fn digest_like(other: Option<Digest>, bytes: &[u8]) -> Digest {
    let algorithm = other.map_or(Algorithm::default(), |digest| digest.algorithm());
    Digest::of(algorithm, bytes)
}

pub(crate) fn read_digest(headers: &HeaderMap) -> Option<Digest> {
    headers.get(CONTENT_DIGEST)?.to_str().ok()?.parse().ok()
}

fn read_kind(content_type: &str) -> Option<ManifestKind> {
    ManifestKind::from_media_type(content_type.split(';').next().unwrap_or_default().trim())
}

fn describe(media_type: &str, digest: Digest, size: u64) -> Descriptor {
    Descriptor {
        media_type: media_type.to_owned(),
        digest,
        size,
        urls: Vec::new(),
        annotations: Default::default(),
        data: None,
        artifact_type: None,
        platform: None,
    }
}

pub(crate) fn bad_answer(registry: &RegistryHost, subject: &str, reason: &str) -> ClientError {
    ClientError::BadAnswer {
        registry: registry.clone(),
        subject: subject.to_owned(),
        reason: reason.to_owned(),
    }
}
