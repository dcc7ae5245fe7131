//! Says who asks, in the way a registry wants to be told.

use crate::challenge::Challenge;
use crate::client::Inner;
use crate::endpoint::Endpoint;
use crate::scope::Scope;
use crate::token::{TokenRequest, write_basic};
use crate::{ClientError, Credential, Result, Secret};
use http::HeaderValue;
use wharf_egress::Response;

/// What one request is signed with.
#[derive(Default)]
pub(crate) struct Signature {
    pub(crate) header: Option<HeaderValue>,
    /// The token in the header, to be named when it is refused.
    token: Option<Secret>,
    pub(crate) credential: Option<Credential>,
    /// Whether the registry itself gave the answer: a server that it points to must not choose where passwords go.
    pub(crate) is_own: bool,
}

impl Inner {
    /// The signature for a request that needs `scopes`: none until the registry has asked for one, so that nothing is
    /// sent to those who want nothing. `refused` is what it answered 401 to.
    ///
    /// # Errors
    /// When the credentials cannot be found, the token server refuses, or the credentials would go out without TLS.
    pub(crate) async fn sign(
        &self,
        endpoint: &Endpoint,
        scopes: &[Scope],
        refused: Option<&Signature>,
        subject: &str,
    ) -> Result<Signature> {
        let challenge = self.challenges.get(&endpoint.host);
        let Some(challenge) = challenge else {
            return Ok(Signature::default());
        };
        let credential = self.credentials.find_credential(&endpoint.host).await?;
        let (header, token) = match (&challenge, &credential) {
            (_, Some(Credential::RegistryToken(token))) => {
                (Some(self.write_bearer(endpoint, token)?), None)
            }
            (Challenge::Basic, Some(Credential::Password { username, password })) => {
                (Some(write_basic(username, password)), None)
            }
            (Challenge::Basic, _) => (None, None),
            (Challenge::Bearer { realm, service }, _) => {
                let request = TokenRequest {
                    endpoint,
                    realm,
                    service: service.as_deref(),
                    scopes,
                    credential: credential.as_ref(),
                    subject,
                };
                let refused = refused.and_then(|signature| signature.token.as_ref());
                let fetch = request.send(&self.egress);
                let token = self
                    .tokens
                    .find_or_fetch(&endpoint.host, scopes, refused, fetch)
                    .await?;
                (Some(self.write_bearer(endpoint, &token)?), Some(token))
            }
        };
        Ok(Signature {
            header,
            token,
            credential,
            is_own: false,
        })
    }

    /// Remembers what a 401 asks for; whether it asks for anything that is understood.
    pub(crate) fn note_challenge(&self, endpoint: &Endpoint, response: &Response) -> bool {
        let Some(challenge) = Challenge::read(response.headers()) else {
            return false;
        };
        self.challenges.set(&endpoint.host, challenge);
        true
    }

    fn write_bearer(&self, endpoint: &Endpoint, token: &Secret) -> Result<HeaderValue> {
        let mut value =
            HeaderValue::from_str(&format!("Bearer {}", token.expose())).map_err(|_| {
                ClientError::Credentials {
                    registry: endpoint.host.clone(),
                    reason: "the token has characters that a header cannot hold",
                }
            })?;
        value.set_sensitive(true);
        Ok(value)
    }
}
