//! Asks a registry's mirrors and then the registry itself for one thing.

use crate::client::Inner;
use crate::endpoint::Endpoint;
use crate::exchange::{Call, Reply, Target};
use crate::scope::Scope;
use crate::{ClientError, Repository, Result};
use http::{HeaderMap, Method};
use wharf_egress::Response;

/// Something to be pulled.
pub(crate) struct Pull<'a> {
    pub(crate) repository: &'a Repository,
    pub(crate) method: Method,
    /// What follows the repository's name in the path: `manifests/…` or `blobs/…`.
    pub(crate) suffix: String,
    pub(crate) headers: HeaderMap,
    pub(crate) subject: &'a str,
}

/// A good answer and the place in the list of servers it came from.
pub(crate) struct Pulled {
    pub(crate) response: Response,
    pub(crate) endpoint: Endpoint,
    pub(crate) index: usize,
    pub(crate) is_last: bool,
}

impl Inner {
    /// The first good answer of the servers from place `first` on. Mirrors that failed a moment ago are passed over.
    ///
    /// # Errors
    /// What the registry itself said; when it could not be reached, also how the mirrors failed.
    pub(crate) async fn pull(&self, pull: &Pull<'_>, first: usize) -> Result<Pulled> {
        let endpoints = Endpoint::list_for_pull(&self.registries, &pull.repository.registry);
        let last = endpoints.len() - 1;
        let mut tried = String::new();
        let mut index = first.min(last);
        loop {
            let (endpoint, is_last) = (endpoints[index].clone(), index == last);
            if !is_last && self.health.is_down(&endpoint.host) {
                note_try(&mut tried, &endpoint, "it failed a moment ago");
                index += 1;
                continue;
            }
            match self.pull_from(pull, &endpoint).await {
                Ok(response) => {
                    return Ok(Pulled {
                        response,
                        endpoint,
                        index,
                        is_last,
                    });
                }
                Err(error) if is_last => return Err(add_tries(error, tried)),
                Err(error) => {
                    // That a mirror lacks one thing says nothing about the next.
                    if !error.is_not_found() {
                        self.health.note_failure(&endpoint.host);
                    }
                    tracing::warn!(mirror = %endpoint.host, %error, "a mirror did not have {}", pull.subject);
                    note_try(&mut tried, &endpoint, &error.to_string());
                    index += 1;
                }
            }
        }
    }

    async fn pull_from(&self, pull: &Pull<'_>, endpoint: &Endpoint) -> Result<Response> {
        let name = endpoint.name(&pull.repository.name)?;
        let path = Target::Path(format!("{name}/{}", pull.suffix));
        let scopes = vec![Scope::pull(&name)];
        let mut call = Call::new(pull.method.clone(), endpoint, path, scopes, pull.subject);
        call.headers = pull.headers.clone();
        call.is_patient = !endpoint.is_mirror;
        let reply: Reply = self.exchange(&call).await?;
        if !reply.response.status().is_success() {
            return Err(reply.explain(&call).await);
        }
        Ok(reply.response)
    }
}

fn note_try(tried: &mut String, endpoint: &Endpoint, reason: &str) {
    let separator = if tried.is_empty() {
        "; mirrors tried: "
    } else {
        ", "
    };
    tried.push_str(&format!("{separator}{} ({reason})", endpoint.host));
}

fn add_tries(error: ClientError, tried: String) -> ClientError {
    match error {
        ClientError::Unreachable {
            registry, source, ..
        } => ClientError::Unreachable {
            registry,
            tried,
            source,
        },
        other => other,
    }
}
