//! Records of builds for people: lists, one build with everything about it, and the queue.

use crate::{App, Context, Error, Listed, PageRequest, repositories::parse_name};
use wharf_db::builds::{self, Build, BuildFilter, BuildViewer, PhaseRow, PushRow};
use wharf_model::{
    BuildId, Granted, NamespaceId, Timestamp,
    builds::{BuildSpec, Place, RefName, Slots},
    decide,
    rights::{ReadBuildLogs, ViewBuilds},
};

/// Which builds are wanted.
#[derive(Debug, Clone, Default)]
pub struct BuildQuery {
    /// `queued`, `running`, …
    pub state: Option<String>,
    /// `refs/heads/main`, or short: `main` means a branch or a tag of that name.
    pub reference: Option<String>,
    /// The rule's name.
    pub rule: Option<String>,
}

/// A build with everything that there is to know about it.
#[derive(Debug, Clone)]
pub struct BuildDetail {
    /// The record.
    pub build: Build,
    /// What it was to do.
    pub spec: BuildSpec,
    /// Phases and steps with their times.
    pub phases: Vec<PhaseRow>,
    /// Further registries.
    pub pushes: Vec<PushRow>,
    /// Its place, while it waits.
    pub place: Option<Place>,
}

/// A place in the queue; of builds that the caller may not see, that it is taken.
#[derive(Debug, Clone)]
pub struct QueuePlace {
    /// 1 is next.
    pub position: usize,
    /// When it begins if builds take as long as they used to.
    pub starts_at: Option<Timestamp>,
    /// The build, where the caller may see it.
    pub build: Option<Build>,
}

/// The queue as one caller sees it.
#[derive(Debug, Clone)]
pub struct QueuePage {
    /// In the order in which they will be begun.
    pub waiting: Vec<QueuePlace>,
    /// Running builds, whoever's.
    pub running: usize,
    /// How many may run.
    pub slots: Slots,
    /// Why none is begun.
    pub problem: Option<String>,
}

impl App {
    /// One page of a repository's builds, newest first.
    pub async fn list_repository_builds(
        &self,
        context: &Context,
        repository: &str,
        query: BuildQuery,
        page: PageRequest,
    ) -> Result<Listed<Build>, Error> {
        let right: Granted<ViewBuilds> = self
            .authorize(&context.caller, &parse_name(repository)?)
            .await?;
        let (filter, before, fetch) = read_query(query, &page)?;
        let id = right.repository();
        let found = self
            .db
            .read(move |tx| builds::list_repository_builds(tx, id, &filter, before, fetch));
        let found = found.await.map_err(Error::from)?;
        let found = found.into_iter().map(leave_output_out).collect();
        Ok(page.cut(found, |build: &Build| build.id.to_string()))
    }

    /// One page of all builds that the caller may see, newest first.
    pub async fn list_builds(
        &self,
        context: &Context,
        query: BuildQuery,
        page: PageRequest,
    ) -> Result<Listed<Build>, Error> {
        let viewer = find_viewer(context);
        let (filter, before, fetch) = read_query(query, &page)?;
        let found = self
            .db
            .read(move |tx| builds::list_builds(tx, &viewer, &filter, before, fetch));
        let found = found.await.map_err(Error::from)?;
        let found = found.into_iter().map(leave_output_out).collect();
        Ok(page.cut(found, |build: &Build| build.id.to_string()))
    }

    /// One build with everything about it.
    pub async fn show_build(
        &self,
        context: &Context,
        repository: &str,
        number: u64,
    ) -> Result<BuildDetail, Error> {
        let right: Granted<ViewBuilds> = self
            .authorize(&context.caller, &parse_name(repository)?)
            .await?;
        let (slots, now) = (self.builds.settings.slots, self.clock.now());
        let may_read_output = decide::<ReadBuildLogs>(&context.caller, right.subject()).is_ok();
        self.db
            .read(move |tx| {
                let mut build = builds::find_build_number(tx, right.repository(), number)?
                    .ok_or(Error::NotFound)?;
                if !may_read_output {
                    build = leave_output_out(build);
                }
                let place = match build.state {
                    wharf_model::builds::BuildState::Queued => {
                        let places = builds::load_queue(tx)?.places(slots, now);
                        places.into_iter().find(|place| place.build == build.id)
                    }
                    _ => None,
                };
                Ok(BuildDetail {
                    spec: builds::load_spec(tx, build.id)?.ok_or(Error::NotFound)?,
                    phases: builds::list_phases(tx, build.id)?,
                    pushes: builds::list_pushes(tx, build.id)?,
                    place,
                    build,
                })
            })
            .await
    }

    /// The queue: everybody's places, and whose the caller may see.
    pub async fn show_queue(&self, context: &Context) -> Result<QueuePage, Error> {
        let viewer = find_viewer(context);
        let settings = self.builds.settings.clone();
        let problem = settings.launcher.as_ref().err();
        let problem = problem.map(|why| why.problem.clone());
        let (slots, now) = (settings.slots, self.clock.now());
        self.db
            .read(move |tx| {
                let queue = builds::load_queue(tx)?;
                let places = queue.places(slots, now);
                let mut waiting = Vec::with_capacity(places.len());
                for place in places {
                    let build = match may_see(&viewer, place.namespace) {
                        true => builds::find_build(tx, place.build)?.map(leave_output_out),
                        false => None,
                    };
                    waiting.push(QueuePlace {
                        position: place.position,
                        starts_at: place.starts_at,
                        build,
                    });
                }
                Ok(QueuePage {
                    waiting,
                    running: queue.running.len(),
                    slots,
                    problem: problem.clone(),
                })
            })
            .await
    }
}

/// What a step printed is for those who may read logs; lists show it to nobody.
fn leave_output_out(mut build: Build) -> Build {
    if let Some(failure) = &mut build.failure {
        failure.last_lines = None;
    }
    build
}

fn may_see(viewer: &BuildViewer, namespace: NamespaceId) -> bool {
    match viewer {
        BuildViewer::Administrator => true,
        BuildViewer::Member(namespaces) => namespaces.contains(&namespace),
    }
}

/// Whose builds the caller may see: members', and everybody's for administrators.
pub(crate) fn find_viewer(context: &Context) -> BuildViewer {
    let caller = &context.caller;
    // What one may not read is not in lists.
    if !caller.actions.contains(wharf_model::Actions::PULL) {
        return BuildViewer::Member(Vec::new());
    }
    match caller.admin {
        true => BuildViewer::Administrator,
        false => BuildViewer::Member(caller.roles.keys().copied().collect()),
    }
}

fn read_query(
    query: BuildQuery,
    page: &PageRequest,
) -> Result<(BuildFilter, Option<BuildId>, usize), Error> {
    let state = query.state.map(|text| text.parse()).transpose();
    let reference = query.reference.map(|text| read_reference(&text));
    let before = page.after.as_deref().map(str::parse).transpose();
    let filter = BuildFilter {
        state: state.map_err(|_| Error::invalid("state", "unknown_value"))?,
        references: reference.transpose()?.unwrap_or_default(),
        rule_name: query.rule,
    };
    let before = before.map_err(|_| Error::invalid("after", "not_a_cursor"))?;
    Ok((filter, before, page.fetch()))
}

/// A full name means itself, a short one a branch or a tag.
fn read_reference(text: &str) -> Result<Vec<RefName>, Error> {
    if let Ok(full) = text.parse::<RefName>() {
        return Ok(vec![full]);
    }
    let short = [RefName::branch(text), RefName::tag(text)];
    let [Ok(branch), Ok(tag)] = short else {
        return Err(Error::invalid("ref", "malformed"));
    };
    Ok(vec![branch, tag])
}
