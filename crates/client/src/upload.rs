//! Upload sessions: opened, followed from answer to answer, given up.
//!
//! Called by the rooms that push and mount; the protocol is distribution-spec "Pushing Content".

use crate::client::Inner;
use crate::endpoint::Endpoint;
use crate::exchange::{Call, Target};
use crate::manifest::{bad_answer, read_digest};
use crate::scope::Scope;
use crate::{ClientError, Mismatch, RegistryHost, Repository, Result};
use http::header::{CONTENT_LENGTH, LOCATION};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use url::Url;
use wharf_egress::Response;
use wharf_oci::{Digest, RepositoryName};

/// Where one blob is pushed to.
pub(crate) struct Destination {
    pub(crate) endpoint: Endpoint,
    pub(crate) name: RepositoryName,
    pub(crate) digest: Digest,
    pub(crate) subject: String,
}

impl Destination {
    pub(crate) fn new(
        client: &Inner,
        repository: &Repository,
        digest: Digest,
    ) -> Result<Destination> {
        let endpoint = Endpoint::origin(&client.registries, &repository.registry);
        Ok(Destination {
            name: endpoint.name(&repository.name)?,
            endpoint,
            digest,
            subject: format!("the blob {digest} of {repository}"),
        })
    }

    /// A request about it that needs the right to push.
    pub(crate) fn call<'a>(&'a self, method: Method, target: Target<'a>) -> Call<'a> {
        let scopes = vec![Scope::push(&self.name)];
        Call::new(method, &self.endpoint, target, scopes, &self.subject)
    }

    /// The error for an answer of the protocol that makes no sense.
    pub(crate) fn misunderstand(&self, reason: &str) -> ClientError {
        bad_answer(self.host(), &self.subject, reason)
    }

    pub(crate) fn host(&self) -> &RegistryHost {
        &self.endpoint.host
    }

    /// Passes an answer that says the blob is there, under the digest that was meant.
    pub(crate) fn check_kept(&self, headers: &HeaderMap) -> Result<()> {
        match read_digest(headers) {
            Some(kept) if kept.algorithm() == self.digest.algorithm() && kept != self.digest => {
                Err(ClientError::WrongDigest {
                    registry: self.host().clone(),
                    subject: self.subject.clone(),
                    mismatch: Box::new(Mismatch {
                        expected: self.digest,
                        found: kept,
                    }),
                })
            }
            _ => Ok(()),
        }
    }
}

/// An open session: where its next request goes.
pub(crate) struct Session {
    pub(crate) location: Url,
    /// The smallest piece that the registry takes (`OCI-Chunk-Min-Length`).
    pub(crate) shortest_chunk: u64,
}

impl Session {
    /// Reads the session of a 201 or 202 to `call`'s endpoint.
    pub(crate) fn read(destination: &Destination, response: &Response) -> Result<Session> {
        let headers = response.headers();
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let location = text(LOCATION.as_str())
            .and_then(|location| response.url().join(location).ok())
            .filter(|location| matches!(location.scheme(), "http" | "https"))
            .ok_or_else(|| destination.misunderstand("it names no place for the upload"))?;
        Ok(Session {
            location: keep_tls(response.url(), location),
            shortest_chunk: text("oci-chunk-min-length")
                .and_then(|length| length.parse().ok())
                .unwrap_or(0),
        })
    }

    /// The URL that ends the session with a digest.
    pub(crate) fn ending(&self, digest: Digest) -> Url {
        let mut url = self.location.clone();
        url.query_pairs_mut()
            .append_pair("digest", &digest.to_string());
        url
    }
}

/// Registries behind a proxy that ends TLS often name themselves by http; their clients stay with https.
fn keep_tls(asked: &Url, mut location: Url) -> Url {
    let is_same = asked.host_str() == location.host_str() && asked.port() == location.port();
    if is_same && asked.scheme() == "https" && location.scheme() == "http" {
        // Cannot fail between these two schemes; if it did, the request below would be refused.
        let _ = location.set_scheme("https");
    }
    location
}

impl Inner {
    /// Opens a session.
    pub(crate) async fn start_upload(&self, destination: &Destination) -> Result<Session> {
        let path = Target::Path(format!("{}/blobs/uploads/", destination.name));
        let mut call = destination.call(Method::POST, path);
        call.headers
            .insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        let reply = self.exchange(&call).await?;
        match reply.response.status() {
            StatusCode::ACCEPTED => Session::read(destination, &reply.response),
            status if status.is_success() => Err(destination.misunderstand("it opens no upload")),
            _ => Err(reply.explain(&call).await),
        }
    }

    /// Tells the registry that a session is not needed. If that fails, the registry forgets it by itself.
    pub(crate) async fn cancel_upload(&self, destination: &Destination, session: &Session) {
        let mut call = destination.call(Method::DELETE, Target::Url(&session.location));
        call.is_patient = false;
        if let Err(error) = self.exchange(&call).await {
            tracing::debug!(registry = %destination.host(), %error, "an upload was left open");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_stays_with_tls_on_the_same_host_only() {
        let asked = Url::parse("https://reg.example/v2/").expect("a URL");
        for (location, kept) in [
            ("http://reg.example/v2/u/1", "https://reg.example/v2/u/1"),
            ("https://reg.example/v2/u/1", "https://reg.example/v2/u/1"),
            ("http://store.example/u/1", "http://store.example/u/1"),
        ] {
            let location = Url::parse(location).expect("a URL");
            assert_eq!(keep_tls(&asked, location).as_str(), kept);
        }
    }

    #[test]
    fn the_digest_goes_behind_what_the_location_carries() {
        let session = Session {
            location: Url::parse("https://reg.example/v2/u/1?_state=a%3Db").expect("a URL"),
            shortest_chunk: 0,
        };
        let digest = Digest::of(wharf_oci::Algorithm::Sha256, b"");
        let expected = format!(
            "_state=a%3Db&digest={}",
            digest.to_string().replace(':', "%3A")
        );
        assert_eq!(session.ending(digest).query(), Some(expected.as_str()));
    }
}
