//! Trying a credential at its registry.

use super::RegistryCredential;
use crate::{
    App, Context, Error,
    sources::{HostFailure, HostProblem, tell_story},
};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;
use wharf_client::{Client, ClientError, ClientSettings, KnownCredentials, RegistryHost};
use wharf_db::{Durability, registry_credentials};
use wharf_model::{CredentialId, Granted, rights::ManageCredentials};

/// How long a person waits for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

impl App {
    /// Asks the registry whether it accepts a credential. What it says is the state of the answer, and no error of this
    /// call.
    pub async fn test_credential(
        &self,
        context: &Context,
        namespace: &str,
        id: CredentialId,
    ) -> Result<RegistryCredential, Error> {
        let right: Granted<ManageCredentials> =
            self.authorize_namespace(&context.caller, namespace).await?;
        let credential = self.load_credential(&right, id).await?;
        let registry: RegistryHost = credential
            .host
            .parse()
            .map_err(|_| Error::internal("a stored registry has no name"))?;
        let found = self.find_credential(credential.namespace, &registry).await;
        let outcome = match found {
            Ok(Some(found)) => self.try_login(&registry, found).await,
            Ok(None) => Err(("credential_without_secret", String::new())),
            Err(Error::Conflict { what }) => Err((what, String::new())),
            Err(other) => return Err(other),
        };
        let (problem, detail) = match outcome {
            Ok(()) => (None, String::new()),
            Err((problem, detail)) => (Some(problem), detail),
        };
        let (seen, now) = (credential.updated_at, self.clock.now());
        let noted = self.db.write(Durability::Relaxed, move |tx| {
            registry_credentials::record_check(tx, id, seen, problem, &detail, now)
        });
        noted.await.map_err(Error::from)?;
        self.load_credential(&right, id).await
    }

    async fn try_login(
        &self,
        registry: &RegistryHost,
        credential: wharf_client::Credential,
    ) -> Result<(), (&'static str, String)> {
        let known = KnownCredentials::new([(registry.clone(), credential)]);
        let mut settings = ClientSettings::new(self.egress.clone());
        settings.registries = self.registries.clone();
        settings.credentials = Arc::new(known);
        let client = Client::new(settings);
        match timeout(PATIENCE, client.check_login(registry)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(describe(&error)),
            Err(_) => {
                let detail = format!(
                    "{registry} did not answer within {} seconds",
                    PATIENCE.as_secs()
                );
                Err((HostProblem::Unreachable.as_str(), detail))
            }
        }
    }
}

fn describe(error: &ClientError) -> (&'static str, String) {
    let problem = match error {
        ClientError::Unreachable { source, .. } => {
            let failure = HostFailure::of_egress(source, error);
            let detail = match &failure.allow {
                Some(entry) => format!(
                    "{}; [egress] allow = [\"{entry}\"] would allow it",
                    failure.detail
                ),
                None => failure.detail,
            };
            return (failure.problem.as_str(), detail);
        }
        ClientError::Unauthorized { .. } => HostProblem::Unauthorized,
        ClientError::Denied { .. } => HostProblem::HostDenied,
        ClientError::RateLimited { .. } => HostProblem::RateLimited,
        ClientError::NotFound { .. } | ClientError::BadAnswer { .. } => HostProblem::BadAnswer,
        _ => HostProblem::HostFailed,
    };
    (problem.as_str(), tell_story(error))
}
