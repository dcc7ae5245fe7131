//! Whether a registry accepts the credentials that are known for it.

use crate::client::Client;
use crate::endpoint::Endpoint;
use crate::exchange::{Call, Target};
use crate::{RegistryHost, Result};
use http::Method;

impl Client {
    /// Asks the registry's base (distribution-spec, "Determining Support") as whoever the credentials say; a token server
    /// is asked for a token without scope. A registry that lets everybody in accepts anything.
    ///
    /// # Errors
    /// [`ClientError::Unauthorized`](crate::ClientError) when the credentials are refused, else those of reaching it.
    pub async fn check_login(&self, registry: &RegistryHost) -> Result<()> {
        let endpoint = Endpoint::origin(&self.0.registries, registry);
        let mut call = Call::new(
            Method::GET,
            &endpoint,
            Target::Path(String::new()),
            Vec::new(),
            "the sign-in",
        );
        // A person waits for the answer.
        call.is_patient = false;
        let reply = self.0.exchange(&call).await?;
        match reply.response.status().is_success() {
            true => Ok(()),
            false => Err(reply.explain(&call).await),
        }
    }
}
