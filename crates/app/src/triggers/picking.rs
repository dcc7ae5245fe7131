//! What may be chosen in clusters, read from them at this moment, and pull secrets written there. A cluster that is not there
//! and one of which nothing is granted are one answer.

use super::{TriggerPlace, clusters::tell_failure, open_cluster::cluster_secret_place};
use crate::{App, Context, Error, accounts::NewRobot, audit::record_audit};
use serde_json::json;
use std::collections::BTreeMap;
use wharf_db::{
    Durability,
    triggers::{
        clusters::{self, Cluster},
        grants,
    },
};
use wharf_integrations::{
    Secret,
    target::kubernetes::{
        self, ClusterError, KubeNamespace, PullSecret, WorkloadList, pull_secret_name,
    },
};
use wharf_model::{Actions, AuditAction, ClusterId, NamespaceId, SecretText};

/// A cluster of which something is granted.
#[derive(Debug, Clone)]
pub struct GrantedCluster {
    /// Its row, of which only what people choose by is for them.
    pub cluster: Cluster,
    /// Its namespaces that are granted.
    pub kube_namespaces: Vec<String>,
}

/// The login that pods pull with.
#[derive(Debug, Clone)]
pub enum PullLogin {
    /// A new robot of this name, which may pull and nothing else.
    NewRobot(String),
    /// One that the caller knows.
    Known {
        /// The user or robot.
        username: String,
        /// Password, token or secret.
        password: SecretText,
    },
}

/// A pull secret that was written.
#[derive(Debug, Clone)]
pub struct WrittenSecret {
    /// What it is called there.
    pub name: String,
    /// The registry it is for.
    pub host: String,
    /// Who pulls.
    pub username: String,
}

impl App {
    /// A client for a cluster by its id, with its row: server and credential are read together, or a new credential could go
    /// to the server that was there before.
    ///
    /// # Errors
    /// [`Error::NotFound`] once the cluster is gone; the inner one for what cannot be opened or used.
    pub(super) async fn open_stored(
        &self,
        cluster: ClusterId,
    ) -> Result<(Cluster, Result<kubernetes::Cluster, ClusterError>), Error> {
        let (vault, place) = (self.vault.clone(), cluster_secret_place(cluster));
        let found = self.db.read(move |tx| {
            let row = clusters::find_cluster_by_id(tx, cluster)?.ok_or(Error::NotFound)?;
            Ok::<_, Error>((row, vault.open(tx, &place)))
        });
        let (row, credential) = found.await?;
        let credential = credential.map_err(|_| ClusterError::Credentials {
            reason: "what is stored for it cannot be opened",
        });
        let opened = credential.and_then(|credential| self.open_cluster(&row, credential.as_ref()));
        Ok((row, opened))
    }

    /// The clusters of which a namespace was granted something, by region and name.
    pub async fn list_granted_clusters(
        &self,
        context: &Context,
        namespace: &str,
    ) -> Result<Vec<GrantedCluster>, Error> {
        let place = TriggerPlace::Namespace(namespace.to_owned());
        let view = self.authorize_view(&context.caller, &place).await?;
        let id = view.owner().namespace();
        self.db.read(move |tx| load_granted(tx, id)).await
    }

    /// The workloads of a namespace of a cluster, read from it now.
    ///
    /// # Errors
    /// [`Error::NotFound`] for what is not granted; [`Error::Upstream`] when the cluster does not answer.
    pub async fn list_workloads(
        &self,
        context: &Context,
        namespace: &str,
        cluster: &str,
        kube_namespace: &str,
    ) -> Result<WorkloadList, Error> {
        let place = TriggerPlace::Namespace(namespace.to_owned());
        let view = self.authorize_view(&context.caller, &place).await?;
        let id = view.owner().namespace();
        let (id, there) = self.find_granted(id, cluster, kube_namespace).await?;
        let (row, opened) = self.open_stored(id).await?;
        let found = match opened {
            Ok(cluster) => cluster.list_workloads(&there).await,
            Err(error) => Err(error),
        };
        found.map_err(|error| tell_failure(&row, &error).into())
    }

    /// Writes a pull secret for this registry into a namespace of a cluster, and answers its name.
    pub async fn write_pull_secret(
        &self,
        context: &Context,
        namespace: &str,
        cluster: &str,
        kube_namespace: &str,
        login: PullLogin,
    ) -> Result<WrittenSecret, Error> {
        let place = TriggerPlace::Namespace(namespace.to_owned());
        let right = self.authorize_change_of(context, &place).await?;
        let id = right.namespace;
        let (granted, there) = self.find_granted(id, cluster, kube_namespace).await?;
        let (row, opened) = self.open_stored(granted).await?;
        let opened = opened.map_err(|error| Error::from(tell_failure(&row, &error)))?;
        let mut made = None;
        let (username, password) = match login {
            PullLogin::Known { username, password } => (username, password),
            PullLogin::NewRobot(name) => {
                let new = NewRobot {
                    name: name.clone(),
                    actions: Actions::PULL,
                    description: format!("pulls in {}/{there}", row.name),
                    expires_at: None,
                };
                let (_, secret) = self.create_robot(context, namespace, new).await?;
                let username = format!("{namespace}+{name}");
                made = Some(name);
                (username, SecretText::new(secret))
            }
        };
        let secret = PullSecret {
            name: pull_secret_name(namespace),
            host: row.registry_host.clone(),
            username: username.clone(),
            password: Secret::new(password.expose()),
        };
        if let Err(error) = opened.write_pull_secret(&there, &secret).await {
            // Its secret is lost with this; the next attempt makes another one.
            if let Some(robot) = made {
                self.delete_robot(context, namespace, &robot).await?;
            }
            return Err(tell_failure(&row, &error).into());
        }
        let (context, now) = (context.clone(), self.clock.now());
        let (name, host) = (secret.name.to_string(), row.registry_host);
        let target = format!("{}/{there}", row.name);
        let details = json!({ "secret": name, "host": host, "username": username });
        let note = self.db.write(Durability::Durable, move |tx| {
            let action = AuditAction::ClusterWritePullSecret;
            record_audit(tx, &context, now, action, &target, Some(id), &details)
        });
        note.await.map_err(Error::from)?;
        Ok(WrittenSecret {
            name,
            host,
            username,
        })
    }

    pub(super) async fn find_granted(
        &self,
        namespace: NamespaceId,
        cluster: &str,
        kube_namespace: &str,
    ) -> Result<(ClusterId, KubeNamespace), Error> {
        let there: KubeNamespace = kube_namespace.parse().map_err(|_| Error::NotFound)?;
        let (cluster, name) = (cluster.to_owned(), kube_namespace.to_owned());
        let found = self.db.read(move |tx| {
            let cluster = clusters::find_cluster(tx, &cluster)?.ok_or(Error::NotFound)?;
            match grants::is_granted(tx, cluster.id, namespace, &name)? {
                true => Ok(cluster.id),
                false => Err(Error::NotFound),
            }
        });
        Ok((found.await?, there))
    }
}

/// What a namespace was granted, each cluster once.
pub(super) fn load_granted(
    tx: &mut wharf_db::Tx<'_>,
    namespace: NamespaceId,
) -> Result<Vec<GrantedCluster>, Error> {
    let mut by_cluster: BTreeMap<(String, String), GrantedCluster> = BTreeMap::new();
    for grant in grants::list_grants_of_namespace(tx, namespace)? {
        let key = (grant.region, grant.cluster_name);
        if let Some(found) = by_cluster.get_mut(&key) {
            found.kube_namespaces.push(grant.kube_namespace);
            continue;
        }
        let Some(cluster) = clusters::find_cluster_by_id(tx, grant.cluster)? else {
            continue;
        };
        let found = GrantedCluster {
            cluster,
            kube_namespaces: vec![grant.kube_namespace],
        };
        by_cluster.insert(key, found);
    }
    Ok(by_cluster.into_values().collect())
}
