//! How a cluster is signed in to: what was given, checked, and what is kept of it.

use super::refuse;
use crate::{
    App, Error,
    sources::{HostFailure, tell_story},
};
use serde_json::json;
use wharf_db::triggers::clusters::Cluster;
use wharf_egress::{EgressError, PlainHttp};
use wharf_integrations::target::kubernetes::{
    Authority, ClusterAccess, ClusterCredential, ClusterServer, read_in_cluster, read_kubeconfig,
};
use wharf_model::{SecretText, triggers::ClusterMethod};

/// How a cluster is signed in to.
#[derive(Debug, Clone)]
pub enum AccessDraft {
    /// By what a kubeconfig says inline.
    Kubeconfig(SecretText),
    /// By a service account's token.
    Token {
        /// The API server; none keeps the one that is stored.
        server: Option<String>,
        /// Who signed its certificate: PEM, or PEM in base64; none keeps what is stored.
        ca: Option<String>,
        /// The token; none keeps what is stored, as long as the server stays.
        token: Option<SecretText>,
    },
    /// By the service account of the pod that this server runs in.
    InCluster,
}

/// What is kept of how a cluster is signed in to.
pub(super) struct CheckedAccess {
    pub(super) method: ClusterMethod,
    pub(super) server: String,
    pub(super) ca: Option<String>,
    /// What may be shown of the credential.
    pub(super) shown: String,
    /// None keeps what is stored.
    pub(super) credential: Option<SecretText>,
}

impl App {
    /// Checks how a cluster shall be signed in to, `old` being how it is now.
    pub(super) async fn check_access(
        &self,
        draft: AccessDraft,
        old: Option<&Cluster>,
    ) -> Result<CheckedAccess, Error> {
        let (method, access) = match draft {
            AccessDraft::InCluster => {
                let pod = &self.settings.pod;
                let read = read_in_cluster(&pod.folder, pod.host.as_deref(), pod.port.as_deref());
                let access = read.map_err(|error| refuse("in_cluster", &error))?;
                self.check_server("in_cluster", &access.server).await?;
                return Ok(CheckedAccess {
                    method: ClusterMethod::InCluster,
                    server: access.server.to_string(),
                    // Another one every hour: read from the pod each time.
                    ca: None,
                    shown: json!({ "kind": "service_account" }).to_string(),
                    credential: None,
                });
            }
            AccessDraft::Kubeconfig(text) => {
                let access = read_kubeconfig(text.expose(), None);
                let access = access.map_err(|error| refuse("kubeconfig", &error))?;
                self.check_server("kubeconfig", &access.server).await?;
                (ClusterMethod::Kubeconfig, access)
            }
            AccessDraft::Token { server, ca, token } => {
                let server = server
                    .as_deref()
                    .or(old.map(|old| old.server.as_str()))
                    .ok_or(Error::invalid("server", "required"))?;
                let server =
                    ClusterServer::read(server).map_err(|error| refuse("server", &error))?;
                self.check_server("server", &server).await?;
                let ca = ca.or_else(|| old.and_then(|old| old.ca.clone()));
                let ca = ca.as_deref().map(Authority::read).transpose();
                let ca = ca.map_err(|error| refuse("ca", &error))?;
                let Some(token) = token else {
                    return keep_credential(old, server, ca);
                };
                let credential = ClusterCredential::read_token(token.expose());
                let access = ClusterAccess {
                    server,
                    ca,
                    namespace: None,
                    credential: credential.map_err(|error| refuse("token", &error))?,
                };
                (ClusterMethod::Token, access)
            }
        };
        let kind = match &access.credential {
            ClusterCredential::Token(_) => "token",
            ClusterCredential::Certificate { .. } => "certificate",
        };
        Ok(CheckedAccess {
            method,
            server: access.server.to_string(),
            ca: access.ca.map(|ca| ca.pem().to_owned()),
            shown: json!({ "kind": kind }).to_string(),
            credential: Some(SecretText::new(access.credential.seal().expose())),
        })
    }

    /// Refuses an API server that could not be dialed now.
    async fn check_server(&self, field: &'static str, server: &ClusterServer) -> Result<(), Error> {
        match self.egress.check_url(server.url(), PlainHttp::Never).await {
            Ok(()) => Ok(()),
            Err(error @ EgressError::Unresolved { .. }) => {
                let text = format!("{}: {}", server.host(), tell_story(&error));
                Err(Error::refused(field, "unresolved_host", text))
            }
            Err(error) => Err(HostFailure::from(error).into()),
        }
    }
}

/// The stored credential, for the very server that it was given for.
fn keep_credential(
    old: Option<&Cluster>,
    server: ClusterServer,
    ca: Option<Authority>,
) -> Result<CheckedAccess, Error> {
    let old = old
        .filter(|old| old.method != ClusterMethod::InCluster)
        .ok_or(Error::invalid("token", "required"))?;
    if server.to_string() != old.server {
        return Err(Error::refused("token", "new_host_needs_secret", ""));
    }
    Ok(CheckedAccess {
        method: old.method,
        server: old.server.clone(),
        ca: ca.map(|ca| ca.pem().to_owned()),
        shown: old.credential.clone(),
        credential: None,
    })
}
