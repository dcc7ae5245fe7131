//! Clusters, added and changed by administrators. What signs in there comes in, is sealed, and is never answered; another
//! API server needs it given again.

mod access;

pub use access::AccessDraft;

use super::{definition::ActionSpec, open_cluster::cluster_secret_place};
use crate::{
    App, Context, Error, Listed, PageRequest,
    audit::record_audit,
    sources::{HostFailure, HostProblem, tell_story},
};
use serde_json::json;
use wharf_db::{
    DbErrorKind, Durability, Tx,
    triggers::{
        actions,
        clusters::{self, Cluster},
        grants::{self, ClusterGrant},
    },
};
use wharf_integrations::target::kubernetes::{ClusterError, check_image_host};
use wharf_model::{
    AuditAction, ClusterId, Granted, decide_system, rights::Administer, triggers::ClusterMethod,
};

/// Longest name and region: a column of a list has room for them.
const LONGEST_LABEL: usize = 64;

/// A cluster to be added.
#[derive(Debug, Clone)]
pub struct ClusterDraft {
    /// Its name.
    pub name: String,
    /// What people choose by.
    pub region: String,
    /// What its nodes call this registry.
    pub registry_host: String,
    /// How it is signed in to.
    pub access: AccessDraft,
}

/// What an edit changes; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct ClusterEdit {
    /// Its name. Actions go on to go there, and call it so.
    pub name: Option<String>,
    /// What people choose by.
    pub region: Option<String>,
    /// What its nodes call this registry.
    pub registry_host: Option<String>,
    /// How it is signed in to.
    pub access: Option<AccessDraft>,
}

/// A cluster with who may use which of its namespaces.
#[derive(Debug, Clone)]
pub struct ClusterPage {
    /// Its row.
    pub cluster: Cluster,
    /// What is granted of it, by namespace.
    pub grants: Vec<ClusterGrant>,
}

impl App {
    /// One page of clusters, by name. For administrators.
    pub async fn list_clusters(
        &self,
        context: &Context,
        page: PageRequest,
    ) -> Result<Listed<ClusterPage>, Error> {
        let right = decide_system(&context.caller)?;
        let (after, fetch) = (page.key(), page.fetch());
        let found = self.db.read(move |tx| {
            let found = clusters::list_clusters(tx, &right, &after, fetch)?;
            let mut pages = Vec::with_capacity(found.len());
            for cluster in found {
                pages.push(ClusterPage {
                    grants: grants::list_grants_of_cluster(tx, &right, cluster.id)?,
                    cluster,
                });
            }
            Ok::<_, Error>(pages)
        });
        Ok(page.cut(found.await?, |page| page.cluster.name.clone()))
    }

    /// One cluster with its grants. For administrators.
    pub async fn show_cluster(&self, context: &Context, name: &str) -> Result<ClusterPage, Error> {
        let right = decide_system(&context.caller)?;
        let name = name.to_owned();
        let found = self.db.read(move |tx| {
            let cluster = clusters::find_cluster(tx, &name)?.ok_or(Error::NotFound)?;
            Ok::<_, Error>(ClusterPage {
                grants: grants::list_grants_of_cluster(tx, &right, cluster.id)?,
                cluster,
            })
        });
        found.await
    }

    /// Adds a cluster, and asks it once: what it says is the state of the answer, and no error of this call.
    ///
    /// # Errors
    /// [`Error::Refused`] with the field; [`Error::Upstream`] for an API server that may not be dialed.
    pub async fn add_cluster(
        &self,
        context: &Context,
        draft: ClusterDraft,
    ) -> Result<ClusterPage, Error> {
        let right = decide_system(&context.caller)?;
        check_label("name", &draft.name)?;
        check_region(&draft.region)?;
        check_registry_host(&draft.registry_host)?;
        let access = self.check_access(draft.access, None).await?;
        let (now, by) = (self.clock.now(), context.caller.name.to_string());
        let cluster = Cluster {
            id: ClusterId::new(),
            name: draft.name.clone(),
            region: draft.region,
            method: access.method,
            server: access.server,
            ca: access.ca,
            credential: access.shown,
            registry_host: draft.registry_host,
            state: "unchecked".to_owned(),
            problem: None,
            problem_detail: String::new(),
            state_since: now,
            checked_at: None,
            server_version: String::new(),
            version: 1,
            created_by: by.clone(),
            created_at: now,
            changed_by: by,
            changed_at: now,
        };
        let (context_, vault, credential) =
            (context.clone(), self.vault.clone(), access.credential);
        let write = self.db.write(Durability::Durable, move |tx| {
            if !clusters::insert_cluster(tx, &right, &cluster)? {
                return Err(Error::Conflict { what: "cluster" });
            }
            if let Some(credential) = &credential {
                vault.seal(tx, &cluster_secret_place(cluster.id), credential, now)?;
            }
            let details = json!({
                "server": cluster.server, "method": cluster.method.as_str(),
                "registry_host": cluster.registry_host,
            });
            let action = AuditAction::ClusterCreate;
            record_audit(tx, &context_, now, action, &cluster.name, None, &details)?;
            Ok(())
        });
        write.await?;
        self.note_whether_reachable(&draft.name).await?;
        self.show_cluster(context, &draft.name).await
    }

    /// Changes a cluster, and asks it once.
    ///
    /// # Errors
    /// As [`App::add_cluster`]; another server without a new credential is refused, so that what one server was told is
    /// never told to another.
    pub async fn edit_cluster(
        &self,
        context: &Context,
        name: &str,
        edit: ClusterEdit,
    ) -> Result<ClusterPage, Error> {
        let right = decide_system(&context.caller)?;
        let mut cluster = self.show_cluster(context, name).await?.cluster;
        if let Some(name) = edit.name {
            check_label("name", &name)?;
            cluster.name = name;
        }
        if let Some(region) = edit.region {
            check_region(&region)?;
            cluster.region = region;
        }
        if let Some(host) = edit.registry_host {
            check_registry_host(&host)?;
            cluster.registry_host = host;
        }
        let now = self.clock.now();
        let mut change = None;
        if let Some(draft) = edit.access {
            let access = self.check_access(draft, Some(&cluster)).await?;
            cluster.method = access.method;
            cluster.server = access.server;
            cluster.ca = access.ca;
            cluster.credential = access.shown;
            cluster.state = "unchecked".to_owned();
            cluster.problem = None;
            cluster.problem_detail = String::new();
            cluster.state_since = now;
            change = Some(access.credential);
        }
        cluster.changed_by = context.caller.name.to_string();
        cluster.changed_at = now;
        let (context_, vault) = (context.clone(), self.vault.clone());
        let (before, after) = (name.to_owned(), cluster.name.clone());
        let write = self.db.write(Durability::Durable, move |tx| {
            let changed = clusters::change_cluster(tx, &right, &cluster);
            let changed = changed.map_err(|error| match error.kind() {
                DbErrorKind::Constraint => Error::Conflict { what: "cluster" },
                _ => error.into(),
            });
            if !changed? {
                return Err(Error::changed_meanwhile());
            }
            let place = cluster_secret_place(cluster.id);
            match &change {
                Some(Some(credential)) => vault.seal(tx, &place, credential, now)?,
                Some(None) if cluster.method == ClusterMethod::InCluster => {
                    vault.forget(tx, &place)?;
                }
                Some(None) | None => {}
            }
            if cluster.name != before {
                rename_in_actions(tx, &right, &cluster)?;
            }
            let credential = change.as_ref().map(|given| given.is_some());
            let details = json!({
                "name_before": before, "server": cluster.server, "method": cluster.method.as_str(),
                "registry_host": cluster.registry_host, "credential_changed": credential,
            });
            let action = AuditAction::ClusterEdit;
            record_audit(tx, &context_, now, action, &cluster.name, None, &details)?;
            Ok(())
        });
        write.await?;
        self.note_whether_reachable(&after).await?;
        self.show_cluster(context, &after).await
    }

    /// Removes a cluster with its credential and its grants. Actions that go there stay, and fail from then on.
    pub async fn delete_cluster(&self, context: &Context, name: &str) -> Result<(), Error> {
        let right = decide_system(&context.caller)?;
        let (context, name, now) = (context.clone(), name.to_owned(), self.clock.now());
        let write = self.db.write(Durability::Durable, move |tx| {
            let cluster = clusters::find_cluster(tx, &name)?.ok_or(Error::NotFound)?;
            clusters::delete_cluster(tx, &right, cluster.id)?;
            let details = json!({ "server": cluster.server });
            let action = AuditAction::ClusterDelete;
            record_audit(tx, &context, now, action, &cluster.name, None, &details)?;
            Ok(())
        });
        write.await
    }
}

/// Has actions that go to a cluster call it by its name. Where they go is its id, which stays.
fn rename_in_actions(
    tx: &mut Tx<'_>,
    right: &Granted<Administer>,
    cluster: &Cluster,
) -> Result<(), Error> {
    for mut action in actions::list_actions_of_cluster(tx, right, cluster.id)? {
        if let Some(ActionSpec::Workload(mut spec)) = ActionSpec::read(&action.definition) {
            spec.cluster_name.clone_from(&cluster.name);
            let spec = ActionSpec::Workload(spec);
            action.label = spec.label();
            action.definition = spec.to_text();
            actions::put_action(tx, &action)?;
        }
    }
    Ok(())
}

fn refuse(field: &'static str, error: &ClusterError) -> Error {
    let text = match error.hint() {
        Some(hint) => format!("{error}; {hint}"),
        None => error.to_string(),
    };
    Error::refused(field, "refused_text", text)
}

fn check_label(field: &'static str, text: &str) -> Result<(), Error> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if text.is_empty() {
        return Err(Error::invalid(field, "empty"));
    }
    if text.len() > LONGEST_LABEL {
        return Err(Error::invalid(field, "too_long"));
    }
    match text.bytes().all(legal) && !text.starts_with(['.', '-']) {
        true => Ok(()),
        false => Err(Error::invalid(field, "invalid_characters")),
    }
}

fn check_region(text: &str) -> Result<(), Error> {
    if text.chars().count() > LONGEST_LABEL {
        return Err(Error::invalid("region", "too_long"));
    }
    match text.chars().any(char::is_control) {
        true => Err(Error::invalid("region", "invalid_characters")),
        false => Ok(()),
    }
}

fn check_registry_host(text: &str) -> Result<(), Error> {
    check_image_host(text).map_err(|error| refuse("registry_host", &error))
}

/// A cluster's failure to whoever asked it just now.
pub(super) fn tell_failure(cluster: &Cluster, error: &ClusterError) -> HostFailure {
    let problem = match error {
        ClusterError::NotAllowed { .. } => HostProblem::EgressRefused,
        ClusterError::Unreachable { .. } | ClusterError::TimedOut { .. } => {
            HostProblem::Unreachable
        }
        ClusterError::Unauthorized { .. } => HostProblem::Unauthorized,
        ClusterError::Forbidden { .. } => HostProblem::HostDenied,
        ClusterError::NotFound { .. } | ClusterError::NoContainer { .. } => HostProblem::Missing,
        ClusterError::Busy { .. } => HostProblem::RateLimited,
        ClusterError::BadAnswer { .. } => HostProblem::BadAnswer,
        _ => HostProblem::HostFailed,
    };
    let detail = match error.hint() {
        Some(hint) => format!("{}; {hint}", tell_story(error)),
        None => tell_story(error),
    };
    HostFailure {
        problem,
        host: cluster.name.clone(),
        detail,
        allow: None,
        retry_after: error.retry_after(),
        is_transient: error.is_transient(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_that_on_a_node_is_the_node_itself_is_refused() {
        for bad in [
            "localhost:5000",
            "127.0.0.1:5000",
            "[::1]:5000",
            "registry",
            "a b.example",
            "",
        ] {
            let refused = check_registry_host(bad).expect_err(bad);
            assert!(refused.to_string().contains("registry_host"), "{refused}");
        }
        for good in ["registry.example", "10.0.0.5:5000", "registry:5000"] {
            check_registry_host(good).expect(good);
        }
    }

    #[test]
    fn names_stand_in_addresses_and_regions_are_words() {
        assert!(check_label("name", "prod-1.eu").is_ok());
        for bad in ["", "-a", "a/b", "a b", &"a".repeat(65)] {
            assert!(check_label("name", bad).is_err(), "{bad}");
        }
        assert!(check_region("上海").is_ok() && check_region("a\nb").is_err());
    }
}
