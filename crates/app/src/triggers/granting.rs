//! Which namespaces of a cluster a namespace here may use: granted by administrators, nothing by default.

use super::{
    clusters::{ClusterPage, tell_failure},
    open_cluster::cluster_secret_place,
};
use crate::{App, Context, Error, audit::record_audit};
use serde_json::json;
use std::collections::BTreeSet;
use wharf_db::{
    Durability, accounts,
    triggers::{
        clusters::{self, Cluster},
        grants,
    },
};
use wharf_integrations::{
    Secret,
    target::kubernetes::{
        ClusterCredential, ClusterGrant, KubeAccount, KubeNamespace, RbacSubject, pull_secret_name,
        read_in_cluster, render_rbac,
    },
};
use wharf_model::{AuditAction, decide_system, triggers::ClusterMethod};

/// Where a new service account is unless somebody says otherwise: a namespace that every cluster has.
const HOME: &str = "default";

/// What a new service account is called.
const ACCOUNT: &str = "wharf";

/// Most namespaces of a cluster that one namespace here is granted: each has a role of its own in the cluster.
const MOST_GRANTED: usize = 100;

/// What a check of a cluster found.
#[derive(Debug, Clone)]
pub struct CheckedCluster {
    /// The cluster as it is now, with what is granted of it.
    pub page: ClusterPage,
    /// Rights that its credential lacks, for each granted namespace of the cluster where one is lacking.
    pub missing: Vec<MissingRights>,
}

/// Rights that are lacking in a namespace of a cluster.
#[derive(Debug, Clone)]
pub struct MissingRights {
    /// The namespace there.
    pub namespace: String,
    /// `patch deployments.apps`.
    pub rights: Vec<String>,
}

impl App {
    /// Grants a namespace exactly these namespaces of a cluster.
    pub async fn set_grants(
        &self,
        context: &Context,
        cluster: &str,
        namespace: &str,
        kube_namespaces: Vec<String>,
    ) -> Result<ClusterPage, Error> {
        let right = decide_system(&context.caller)?;
        if kube_namespaces.is_empty() {
            return Err(Error::invalid("cluster_namespaces", "empty"));
        }
        if kube_namespaces.len() > MOST_GRANTED {
            return Err(Error::refused(
                "cluster_namespaces",
                "too_many",
                MOST_GRANTED,
            ));
        }
        for name in &kube_namespaces {
            name.parse::<KubeNamespace>()
                .map_err(|error| Error::refused("cluster_namespaces", "refused_text", error))?;
        }
        let wanted: BTreeSet<String> = kube_namespaces.into_iter().collect();
        let (context_, now) = (context.clone(), self.clock.now());
        let (cluster_name, namespace) = (cluster.to_owned(), namespace.to_owned());
        let write = self.db.write(Durability::Durable, move |tx| {
            let cluster = clusters::find_cluster(tx, &cluster_name)?.ok_or(Error::NotFound)?;
            let id = accounts::find_namespace(tx, &namespace)?.ok_or(Error::NotFound)?;
            let there = grants::list_grants_of_cluster(tx, &right, cluster.id)?;
            let there = there.into_iter().filter(|grant| grant.namespace == id);
            let there: BTreeSet<String> = there.map(|grant| grant.kube_namespace).collect();
            for name in there.difference(&wanted) {
                grants::delete_grant(tx, &right, cluster.id, id, name)?;
            }
            let by = &context_.caller.name;
            for name in wanted.difference(&there) {
                grants::insert_grant(tx, &right, &cluster, id, name, by, now)?;
            }
            let details = json!({ "cluster": cluster.name, "granted": wanted, "before": there });
            let (action, target) = (
                AuditAction::ClusterGrant,
                format!("{namespace}@{}", cluster.name),
            );
            record_audit(tx, &context_, now, action, &target, Some(id), &details)?;
            Ok::<_, Error>(())
        });
        write.await?;
        self.show_cluster(context, cluster).await
    }

    /// Takes everything of a cluster from a namespace. What was rolled out stays; attempts from now on fail.
    pub async fn delete_grants(
        &self,
        context: &Context,
        cluster: &str,
        namespace: &str,
    ) -> Result<(), Error> {
        let right = decide_system(&context.caller)?;
        let (context, now) = (context.clone(), self.clock.now());
        let (cluster, namespace) = (cluster.to_owned(), namespace.to_owned());
        let write = self.db.write(Durability::Durable, move |tx| {
            let cluster = clusters::find_cluster(tx, &cluster)?.ok_or(Error::NotFound)?;
            let id = accounts::find_namespace(tx, &namespace)?.ok_or(Error::NotFound)?;
            let there = grants::list_grants_of_cluster(tx, &right, cluster.id)?;
            let there: Vec<_> = there
                .into_iter()
                .filter(|grant| grant.namespace == id)
                .map(|grant| grant.kube_namespace)
                .collect();
            if there.is_empty() {
                return Err(Error::NotFound);
            }
            for name in &there {
                grants::delete_grant(tx, &right, cluster.id, id, name)?;
            }
            let details = json!({ "cluster": cluster.name, "before": there });
            let (action, target) = (
                AuditAction::ClusterRevoke,
                format!("{namespace}@{}", cluster.name),
            );
            record_audit(tx, &context, now, action, &target, Some(id), &details)?;
            Ok(())
        });
        write.await
    }

    /// The smallest rights for what is granted of a cluster, as YAML for kubectl: for the service account that this server signs
    /// in as, or for a new one in `home`.
    pub async fn render_manifest(
        &self,
        context: &Context,
        cluster: &str,
        home: Option<&str>,
    ) -> Result<String, Error> {
        let page = self.show_cluster(context, cluster).await?;
        let own = match home {
            Some(_) => None,
            None => self.find_own_account(&page.cluster).await?,
        };
        let subject = match own {
            Some(account) => RbacSubject::Existing(account),
            None => RbacSubject::New(KubeAccount {
                namespace: home
                    .unwrap_or(HOME)
                    .parse()
                    .map_err(|error| Error::refused("home", "refused_text", error))?,
                name: ACCOUNT.parse().map_err(Error::internal)?,
            }),
        };
        Ok(render_rbac(&describe_grants(&page)?, &subject))
    }

    /// The service account that a cluster knows this server as; none for certificates.
    async fn find_own_account(&self, cluster: &Cluster) -> Result<Option<KubeAccount>, Error> {
        if cluster.method == ClusterMethod::InCluster {
            let pod = &self.settings.pod;
            let access = read_in_cluster(&pod.folder, pod.host.as_deref(), pod.port.as_deref());
            return Ok(access
                .ok()
                .and_then(|access| access.credential.find_account()));
        }
        let (vault, place) = (self.vault.clone(), cluster_secret_place(cluster.id));
        let sealed = self.db.read(move |tx| vault.open(tx, &place)).await?;
        let credential = sealed.and_then(|sealed| {
            let sealed = Secret::new(sealed.expose());
            ClusterCredential::unseal(&sealed).ok()
        });
        Ok(credential.and_then(|credential| credential.find_account()))
    }

    /// Asks a cluster for its version and for every right that is needed, and notes what came out of it.
    pub async fn check_cluster(
        &self,
        context: &Context,
        name: &str,
    ) -> Result<CheckedCluster, Error> {
        let page = self.show_cluster(context, name).await?;
        let missing = self.ask_rights(&page).await?;
        Ok(CheckedCluster {
            page: self.show_cluster(context, name).await?,
            missing,
        })
    }

    /// The same without a caller, for a cluster that was just added or changed.
    pub(super) async fn note_whether_reachable(&self, name: &str) -> Result<(), Error> {
        let name = name.to_owned();
        let load = self.db.read(move |tx| {
            let cluster = clusters::find_cluster(tx, &name)?.ok_or(Error::NotFound)?;
            Ok::<_, Error>(ClusterPage {
                cluster,
                grants: Vec::new(),
            })
        });
        self.ask_rights(&load.await?).await.map(drop)
    }

    async fn ask_rights(&self, page: &ClusterPage) -> Result<Vec<MissingRights>, Error> {
        let grants = describe_grants(page)?;
        let asked = match self.open_stored(page.cluster.id).await?.1 {
            Ok(cluster) => cluster.check(&grants).await,
            Err(error) => Err(error),
        };
        let now = self.clock.now();
        let (check, missing) = match asked {
            Ok(found) => {
                let missing = found
                    .namespaces
                    .into_iter()
                    .filter(|one| !one.missing.is_empty());
                let missing = missing.map(|one| MissingRights {
                    namespace: one.namespace.to_string(),
                    rights: one.missing.iter().map(ToString::to_string).collect(),
                });
                let check = clusters::ClusterCheck {
                    problem: None,
                    detail: String::new(),
                    server_version: Some(found.version),
                    at: now,
                };
                (check, missing.collect())
            }
            Err(error) => {
                let failure = tell_failure(&page.cluster, &error);
                let check = clusters::ClusterCheck {
                    problem: Some(failure.problem.as_str().to_owned()),
                    detail: failure.detail,
                    server_version: None,
                    at: now,
                };
                (check, Vec::new())
            }
        };
        let id = page.cluster.id;
        let note = self.db.write(Durability::Relaxed, move |tx| {
            clusters::note_check(tx, id, &check)
        });
        note.await.map_err(Error::from)?;
        Ok(missing)
    }
}

/// What is granted, each namespace of the cluster with the pull secret of each namespace here that may use it.
fn describe_grants(page: &ClusterPage) -> Result<Vec<ClusterGrant>, Error> {
    let grants = page.grants.iter().map(|grant| {
        Ok(ClusterGrant {
            namespace: grant.kube_namespace.parse().map_err(Error::internal)?,
            pull_secret: Some(pull_secret_name(&grant.namespace_name)),
        })
    });
    grants.collect()
}
