//! What updating a workload would do, judged by its cluster and changed nowhere; and whether its pods could pull the image.

use super::{
    ActionSpec, TriggerPlace, WorkloadSpec,
    aim::aim_at,
    clusters::tell_failure,
    looking::{WorkloadWarning, find_pull_problem},
    page::{TriggerPage, find_page},
};
use crate::{App, Context, Error};
use wharf_db::{
    Tx, repositories,
    triggers::{
        TriggerView,
        clusters::{Cluster, find_cluster_by_id},
        fan_out::find_present_digest,
        grants::is_granted,
    },
};
use wharf_integrations::target::kubernetes::{ClusterError, PatchOptions, PinnedImage};
use wharf_model::{ActionId, Facts};
use wharf_oci::{Digest, RepositoryName, Tag};

/// Which action would do something to which tag.
#[derive(Debug, Clone)]
pub struct DryRunRequest {
    /// The trigger's name.
    pub trigger: String,
    /// The action's id.
    pub action: String,
    /// Of a namespace's trigger: the repository that it is tried for.
    pub repository: Option<String>,
    /// The tag, which must be there.
    pub tag: String,
}

/// What would be done.
#[derive(Debug, Clone)]
pub struct DryRun {
    /// The container.
    pub target: String,
    /// What it is told to run now.
    pub before: String,
    /// What it would be told.
    pub after: String,
    /// Whether that is another image.
    pub is_change: bool,
    /// What is known about pulling it.
    pub warning: Option<WorkloadWarning>,
}

/// What is asked of the cluster.
struct Prepared {
    spec: WorkloadSpec,
    label: String,
    cluster: Cluster,
    repository: Facts,
    tag: Tag,
    digest: Digest,
}

impl App {
    /// Asks a cluster what an action would do, and whether its pods have a secret for a private image.
    ///
    /// # Errors
    /// [`Error::Conflict`] for an action that updates no workload; [`Error::Upstream`] when the cluster does not answer, or
    /// would refuse.
    pub async fn dry_run_action(
        &self,
        context: &Context,
        place: &TriggerPlace,
        request: DryRunRequest,
    ) -> Result<DryRun, Error> {
        self.authorize_run(&context.caller, place).await?;
        let view = self.authorize_view(&context.caller, place).await?;
        let action: ActionId = request.action.parse().map_err(|_| Error::NotFound)?;
        let name = place.choose_repository(request.repository.as_deref())?;
        let tag: Tag = request
            .tag
            .parse()
            .map_err(|_| Error::invalid("tag", "malformed"))?;
        let trigger = request.trigger;
        let load = self.db.read(move |tx| {
            let page = find_page(tx, view, &trigger)?;
            prepare(tx, view, &page, action, &name, tag.clone())
        });
        let prepared = load.await?;
        let asked = self.ask_dry(&prepared).await;
        asked.map_err(|error| tell_failure(&prepared.cluster, &error).into())
    }

    async fn ask_dry(&self, prepared: &Prepared) -> Result<DryRun, ClusterError> {
        let spec = &prepared.spec;
        let target = aim_at(spec)?;
        let host = &prepared.cluster.registry_host;
        let image = PinnedImage::new(
            host,
            prepared.repository.name.clone(),
            Some(prepared.tag.clone()),
            prepared.digest,
        )?;
        let opened = self.open_stored(prepared.cluster.id).await;
        let (_, cluster) = opened.map_err(|_| ClusterError::Credentials {
            reason: "the cluster was removed a moment ago",
        })?;
        let cluster = cluster?;
        let options = PatchOptions {
            dry_run: true,
            ..PatchOptions::default()
        };
        let patched = cluster.set_image(&target, &image, &options).await?;
        let warning = match prepared.repository.public {
            true => None,
            false => {
                let scope = prepared.repository.name.namespace();
                find_pull_problem(&cluster, &target, host, scope).await?
            }
        };
        let namespace = prepared.repository.name.namespace();
        let warning = warning.map(|code| WorkloadWarning::about(spec, namespace, code));
        Ok(DryRun {
            target: prepared.label.clone(),
            before: patched.previous,
            after: image.to_string(),
            is_change: patched.is_changed,
            warning,
        })
    }
}

fn prepare(
    tx: &mut Tx<'_>,
    view: TriggerView,
    page: &TriggerPage,
    action: ActionId,
    name: &RepositoryName,
    tag: Tag,
) -> Result<Prepared, Error> {
    let mut actions = page.actions.iter();
    let action = actions.find(|one| one.action.id == action);
    let action = action.ok_or(Error::NotFound)?;
    let Some(ActionSpec::Workload(spec)) = &action.spec else {
        return Err(Error::Conflict {
            what: "not_a_workload",
        });
    };
    let namespace = view.owner().namespace();
    let facts = repositories::find_facts(tx, name)?;
    let facts = facts.filter(|facts| facts.namespace == namespace);
    let repository = facts.ok_or(Error::invalid("repository", "no_such_repository"))?;
    let digest = find_present_digest(tx, repository.repository, &tag)?;
    let digest = digest.ok_or(Error::invalid("tag", "no_such_tag"))?;
    let cluster = match spec.cluster.parse() {
        Ok(id) => find_cluster_by_id(tx, id)?,
        Err(_) => None,
    };
    let granted = match &cluster {
        Some(cluster) => is_granted(tx, cluster.id, namespace, &spec.namespace)?,
        None => false,
    };
    match cluster.filter(|_| granted) {
        Some(cluster) => Ok(Prepared {
            spec: spec.clone(),
            label: action.action.label.clone(),
            cluster,
            repository,
            tag,
            digest,
        }),
        None => Err(Error::Conflict {
            what: "cluster_not_granted",
        }),
    }
}
