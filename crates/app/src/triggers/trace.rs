//! The whole way of an image: which build made it of which commit, how its tags moved, what triggers did with it, and where it
//! runs now. Each part is there for whoever may see it; what runs is asked of the clusters at this moment.

use super::picking::{GrantedCluster, load_granted};
use crate::{App, Context, Error, repositories::hide_people, sources::tell_story};
use std::time::Duration;
use tokio::task::JoinSet;
use wharf_db::{
    builds::{self, Build},
    manifests, tag_history,
    tag_history::TagChange,
    tags,
    triggers::{
        TriggerView,
        deliveries::{self, Delivery},
    },
};
use wharf_integrations::target::kubernetes::{KubeNamespace, RunningImage, RunningList};
use wharf_model::{
    Granted, NamespaceId,
    rights::{Pull, ViewBuilds, ViewTriggers},
};
use wharf_oci::{Digest, RepositoryName, Tag};

/// Changes of tags that a trace tells, the newest. An image has a handful; a digest that a tag goes to and fro has more.
const MOST_CHANGES: usize = 100;

/// Deliveries that a trace tells, the newest.
const MOST_DELIVERIES: usize = 100;

/// How long one cluster may take to say what runs. A person waits in front of it, and the others have answered long ago.
const PATIENCE: Duration = Duration::from_secs(8);

/// The way of an image.
#[derive(Debug, Clone)]
pub struct Trace {
    /// The repository.
    pub repository: RepositoryName,
    /// The tag that was asked for; none when a digest was.
    pub tag: Option<Tag>,
    /// The image.
    pub digest: Digest,
    /// Whether the repository still has it.
    pub is_there: bool,
    /// Tags that name it now.
    pub tags: Vec<Tag>,
    /// How tags came to it and left it, newest first.
    pub changes: Vec<TagChange>,
    /// The build that made it last; none when none did, or the caller may not see builds.
    pub build: Option<Build>,
    /// What triggers did with it, newest first; none when the caller may not see triggers.
    pub deliveries: Option<Vec<Delivery>>,
    /// What runs of the repository; none when the caller may not see triggers.
    pub running: Option<Vec<RunningNow>>,
    /// Clusters that could not be asked, and why.
    pub silent: Vec<SilentCluster>,
}

/// Containers of a cluster that run an image of the repository.
#[derive(Debug, Clone)]
pub struct RunningNow {
    /// The cluster's name.
    pub cluster: String,
    /// What runs there.
    pub image: RunningImage,
    /// Whether it is the image that was asked for.
    pub is_this: bool,
}

/// A cluster that did not say what runs.
#[derive(Debug, Clone)]
pub struct SilentCluster {
    /// Its name.
    pub cluster: String,
    /// Why, as it was heard.
    pub detail: String,
}

/// What the database knows.
struct Known {
    digest: Digest,
    tag: Option<Tag>,
    is_there: bool,
    tags: Vec<Tag>,
    changes: Vec<TagChange>,
    build: Option<Build>,
    deliveries: Option<Vec<Delivery>>,
    clusters: Vec<GrantedCluster>,
}

/// The rights that a trace is told with.
struct Seen {
    pull: Granted<Pull>,
    builds: Option<Granted<ViewBuilds>>,
    triggers: Option<TriggerView>,
}

impl App {
    /// Follows an image, named by a tag or a digest.
    ///
    /// # Errors
    /// [`Error::NotFound`] for what never was in the repository.
    pub async fn trace_image(
        &self,
        context: &Context,
        repository: &str,
        reference: &str,
    ) -> Result<Trace, Error> {
        let pull: Granted<Pull> = self.authorize_named(context, repository).await?;
        let builds = self
            .authorize_named::<ViewBuilds>(context, repository)
            .await;
        let view = self
            .authorize_named::<ViewTriggers>(context, repository)
            .await;
        let seen = Seen {
            builds: allowed(builds)?,
            triggers: allowed(view)?.map(|granted| TriggerView::from(&granted)),
            pull,
        };
        let facts = seen.pull.subject().clone();
        let (asked, shows_running) = (read_reference(reference)?, seen.triggers.is_some());
        let namespace = facts.namespace;
        let load = self
            .db
            .read(move |tx| load_known(tx, &seen, &asked, namespace));
        let mut known = load.await?;
        hide_people(&context.caller, &facts, &mut known.changes);
        let (found, silent) = self.ask_clusters(known.clusters, &facts.name).await;
        let running = found.into_iter().map(|(cluster, image)| RunningNow {
            is_this: image.digest.as_ref() == Some(&known.digest),
            cluster,
            image,
        });
        let mut running: Vec<_> = running.collect();
        // Stable: within each half they stay by cluster.
        running.sort_by_key(|one| !one.is_this);
        Ok(Trace {
            repository: facts.name,
            tag: known.tag,
            digest: known.digest,
            is_there: known.is_there,
            tags: known.tags,
            changes: known.changes,
            build: known.build,
            deliveries: known.deliveries,
            running: shows_running.then_some(running),
            silent,
        })
    }

    /// Asks each cluster what runs of a repository, all at once and none for long.
    async fn ask_clusters(
        &self,
        clusters: Vec<GrantedCluster>,
        repository: &RepositoryName,
    ) -> (Vec<(String, RunningImage)>, Vec<SilentCluster>) {
        let mut asking = JoinSet::new();
        for (place, granted) in clusters.into_iter().enumerate() {
            let (app, repository) = (self.clone(), repository.clone());
            asking.spawn(async move {
                let name = granted.cluster.name.clone();
                let asked = tokio::time::timeout(PATIENCE, app.ask_cluster(&granted, &repository));
                let answer = match asked.await {
                    Ok(answer) => answer,
                    Err(_) => Err(format!("no answer within {} seconds", PATIENCE.as_secs())),
                };
                (place, name, answer)
            });
        }
        let mut answers = asking.join_all().await;
        answers.sort_by_key(|(place, ..)| *place);
        let (mut running, mut silent) = (Vec::new(), Vec::new());
        for (_, cluster, answer) in answers {
            match answer {
                Ok(list) => {
                    for hidden in &list.hidden {
                        let detail = format!("its credential may not list pods in {hidden}");
                        let cluster = cluster.clone();
                        silent.push(SilentCluster { cluster, detail });
                    }
                    let images = list.images.into_iter();
                    running.extend(images.map(|image| (cluster.clone(), image)));
                }
                Err(detail) => silent.push(SilentCluster { cluster, detail }),
            }
        }
        (running, silent)
    }

    async fn ask_cluster(
        &self,
        granted: &GrantedCluster,
        repository: &RepositoryName,
    ) -> Result<RunningList, String> {
        let names: Vec<KubeNamespace> = granted
            .kube_namespaces
            .iter()
            .filter_map(|name| name.parse().ok())
            .collect();
        let opened = self.open_stored(granted.cluster.id).await;
        let (_, cluster) = opened.map_err(|error| error.to_string())?;
        let cluster = cluster.map_err(|error| tell_story(&error))?;
        let host = &granted.cluster.registry_host;
        let found = cluster.find_running(&names, host, repository).await;
        found.map_err(|error| tell_story(&error))
    }
}

/// A tag or a digest.
enum Asked {
    Tag(Tag),
    Digest(Digest),
}

fn read_reference(text: &str) -> Result<Asked, Error> {
    if let Ok(digest) = text.parse() {
        return Ok(Asked::Digest(digest));
    }
    text.parse().map(Asked::Tag).map_err(|_| Error::NotFound)
}

/// A right, or none where the caller lacks it and may know so.
fn allowed<T>(outcome: Result<T, Error>) -> Result<Option<T>, Error> {
    match outcome {
        Ok(granted) => Ok(Some(granted)),
        Err(Error::Denied(_) | Error::NotFound | Error::OutOfScope { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn load_known(
    tx: &mut wharf_db::Tx<'_>,
    seen: &Seen,
    asked: &Asked,
    namespace: NamespaceId,
) -> Result<Known, Error> {
    let (digest, tag) = match asked {
        Asked::Digest(digest) => (*digest, None),
        Asked::Tag(tag) => {
            let page = tags::load_tag(tx, &seen.pull, tag)?.ok_or(Error::NotFound)?;
            (page.digest, Some(tag.clone()))
        }
    };
    let changes = tag_history::list_changes_of_digest(tx, &seen.pull, &digest, MOST_CHANGES)?;
    let is_there = manifests::find_manifest(tx, &seen.pull, &digest)?.is_some();
    let build = match &seen.builds {
        Some(right) => builds::find_by_digest(tx, right, &digest)?,
        None => None,
    };
    if !is_there && changes.is_empty() && build.is_none() {
        return Err(Error::NotFound);
    }
    let (mut told, mut clusters) = (None, Vec::new());
    if let Some(view) = seen.triggers {
        let repository = seen.pull.repository();
        told = Some(deliveries::list_of_digest(
            tx,
            view,
            repository,
            &digest,
            MOST_DELIVERIES,
        )?);
        clusters = load_granted(tx, namespace)?;
    }
    Ok(Known {
        tags: tag_history::list_tags_of_digest(tx, &seen.pull, &digest)?,
        digest,
        tag,
        is_there,
        changes,
        build,
        deliveries: told,
        clusters,
    })
}
