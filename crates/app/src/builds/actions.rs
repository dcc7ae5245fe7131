//! What people do to builds: cancel, retry, and try a further registry again.

use super::{context_path, room::require_room};
use crate::{
    App, Context, Error, audit::record_audit, repositories::parse_name, rules::repeat_context,
};
use serde_json::json;
use std::{io::ErrorKind, path::PathBuf};
use wharf_db::{
    Durability, Tx,
    builds::{self, Build, NewBuild},
};
use wharf_model::{
    AuditAction, BuildId, BuildPushId, Caller, Granted, Timestamp,
    builds::{BuildCause, BuildSource, BuildState},
    decide,
    rights::{ManageBuilds, Push, StartBuild},
};

impl App {
    /// Stops a build: what waits ends now, what runs within moments. One that is over stays as it is, with
    /// [`Error::Conflict`] `build_over`. Developers stop what they started, maintainers everything.
    pub async fn cancel_build(
        &self,
        context: &Context,
        repository: &str,
        number: u64,
    ) -> Result<Build, Error> {
        let right = self.authorize_build(context, repository).await?;
        let (context, now) = (context.clone(), self.clock.now());
        let stopped = self.db.write(Durability::Durable, move |tx| {
            let build = find(tx, &context, &right, number)?;
            if build.state.is_over() {
                return Err(Error::Conflict { what: "build_over" });
            }
            let by = &*context.caller.name;
            builds::stop_build(tx, build.id, BuildState::Canceled, by, now)?;
            note(tx, &context, &right, AuditAction::BuildCancel, &build, now)?;
            find(tx, &context, &right, number)
        });
        let build = stopped.await?;
        // What it brought is not left lying until somebody sweeps: bytes of open builds alone are counted.
        if build.state.is_over() {
            self.settle_files(build.id).await;
        }
        self.wake_builds();
        Ok(build)
    }

    /// Queues a build once more, as it was: same commit, same specification, same tags. One whose branch moved on since
    /// sets no tag in the end.
    ///
    /// Developers retry what they started, maintainers everything; what nobody vouches for, and tags that somebody chose,
    /// need the right to push too.
    ///
    /// [`Error::Conflict`]: `build_open` while it runs or waits, `rule_gone` when the rule that it fetched by was removed,
    /// `context_gone` when its uploaded files are not kept any more
    /// ([`BuildSettings::keep_contexts`](super::BuildSettings::keep_contexts)). [`Error::LimitReached`] when the queue is
    /// full, or what was uploaded.
    pub async fn retry_build(
        &self,
        context: &Context,
        repository: &str,
        number: u64,
    ) -> Result<Build, Error> {
        let right = self.authorize_build(context, repository).await?;
        let id = BuildId::new();
        let context_file = self.link_context(context, &right, number, id).await?;
        let (context, now) = (context.clone(), self.clock.now());
        let settings = self.settings.clone();
        let queued = self.db.write(Durability::Durable, move |tx| {
            let build = find(tx, &context, &right, number)?;
            if !build.state.is_over() {
                return Err(Error::Conflict { what: "build_open" });
            }
            if build.is_push() {
                decide::<Push>(&context.caller, right.subject())?;
            }
            let new = repeat(tx, &build, id, &context.caller, now)?;
            require_room(tx, &settings, &new)?;
            if is_uploaded(&new.spec.source) {
                repeat_context(tx, build.id, &new, settings.context_bytes)?;
            }
            let queued = builds::insert_build(tx, &new)?;
            note(tx, &context, &right, AuditAction::BuildRetry, &queued, now)?;
            Ok(queued)
        });
        let queued = queued.await;
        if let (Err(_), Some(path)) = (&queued, &context_file) {
            // What is left is swept with the builds that are gone.
            let _ = tokio::fs::remove_file(path).await;
        }
        if let (Ok(build), Some(_)) = (&queued, &context_file)
            && let Err(error) = self.make_room(build.namespace).await
        {
            // The next upload does.
            tracing::warn!(build.id = %build.id, %error, "what was uploaded could not be brought within its budget");
        }
        let build = queued?;
        self.wake_builds();
        Ok(build)
    }

    /// Gives the files that were uploaded for a build to the one that repeats it as well: a second name for the same
    /// bytes, which goes when either build's time is over. None for a build without such files.
    async fn link_context(
        &self,
        context: &Context,
        right: &Granted<StartBuild>,
        number: u64,
        again: BuildId,
    ) -> Result<Option<PathBuf>, Error> {
        let (context, right) = (context.clone(), right.clone());
        let read = self.db.read(move |tx| {
            let build = find(tx, &context, &right, number)?;
            if !build.state.is_over() {
                return Err(Error::Conflict { what: "build_open" });
            }
            if build.is_push() {
                decide::<Push>(&context.caller, right.subject())?;
            }
            let spec = builds::load_spec(tx, build.id)?.ok_or(Error::NotFound)?;
            Ok(is_uploaded(&spec.source).then_some(build.id))
        });
        let Some(first) = read.await? else {
            return Ok(None);
        };
        let folder = &self.builds.folder;
        let (from, to) = (context_path(folder, first), context_path(folder, again));
        match tokio::fs::hard_link(from, &to).await {
            Ok(()) => Ok(Some(to)),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(Error::Conflict {
                what: "context_gone",
            }),
            Err(error) => Err(Error::Unavailable(error.into())),
        }
    }

    /// Tries a further registry again, from the first attempt on. [`Error::Conflict`] `push_done` when the image is there
    /// or on its way.
    pub async fn retry_build_push(
        &self,
        context: &Context,
        repository: &str,
        number: u64,
        push: &str,
    ) -> Result<(), Error> {
        let right = self.authorize_build(context, repository).await?;
        let push: BuildPushId = push.parse().map_err(|_| Error::NotFound)?;
        let (context, now) = (context.clone(), self.clock.now());
        let reset = self.db.write(Durability::Durable, move |tx| {
            let build = find(tx, &context, &right, number)?;
            let mut pushes = builds::list_pushes(tx, build.id)?.into_iter();
            pushes.find(|it| it.id == push).ok_or(Error::NotFound)?;
            let succeeded = build.state == BuildState::Succeeded;
            if !succeeded || !builds::reset_push(tx, build.id, push, now)? {
                return Err(Error::Conflict { what: "push_done" });
            }
            note(tx, &context, &right, AuditAction::BuildPush, &build, now)
        });
        reset.await?;
        self.wake_builds();
        Ok(())
    }

    async fn authorize_build(
        &self,
        context: &Context,
        repository: &str,
    ) -> Result<Granted<StartBuild>, Error> {
        self.authorize(&context.caller, &parse_name(repository)?)
            .await
    }
}

/// A build that the caller may do something to: one of their own, or any for a maintainer.
fn find(
    tx: &mut Tx<'_>,
    context: &Context,
    right: &Granted<StartBuild>,
    number: u64,
) -> Result<Build, Error> {
    let found = builds::find_build_number(tx, right.repository(), number)?;
    let build = found.ok_or(Error::NotFound)?;
    // By the account: a name may be somebody else's by now.
    if build.starter != Some(context.caller.principal()) {
        decide::<ManageBuilds>(&context.caller, right.subject())?;
    }
    Ok(build)
}

/// Whether files were uploaded for it.
fn is_uploaded(source: &BuildSource) -> bool {
    matches!(source, BuildSource::Dockerfile { context: true, .. })
}

fn repeat(
    tx: &mut Tx<'_>,
    build: &Build,
    id: BuildId,
    by: &Caller,
    at: Timestamp,
) -> Result<NewBuild, Error> {
    let mut spec = builds::load_spec(tx, build.id)?.ok_or(Error::NotFound)?;
    // Who asks for it by hand means it, whatever its commit says.
    spec.skip_ci = false;
    // Its worker would be refused the clone: a rule that is gone vouches for nothing.
    if build.rule.as_ref().is_some_and(|rule| rule.id.is_none()) {
        return Err(Error::Conflict { what: "rule_gone" });
    }
    Ok(NewBuild {
        id,
        repository: build.repository,
        namespace: build.namespace,
        rule: build.rule.clone(),
        trust: build.trust,
        cause: BuildCause::Retry,
        reference: build.reference.clone(),
        commit: build.commit.clone(),
        author: build.author.clone(),
        message: build.message.clone(),
        report_status: builds::has_status(tx, build.id)?,
        spec,
        tags: build.tags.clone(),
        tags_by_hand: build.tags_by_hand,
        started_by: by.name.to_string(),
        starter: Some(by.principal()),
        retry_of: Some(build.id),
        at,
    })
}

fn note(
    tx: &mut Tx<'_>,
    context: &Context,
    right: &Granted<StartBuild>,
    action: AuditAction,
    build: &Build,
    now: Timestamp,
) -> Result<(), Error> {
    let facts = right.subject();
    let target = format!("{}#{}", facts.name, build.number);
    let id = Some(facts.namespace);
    record_audit(tx, context, now, action, &target, id, &json!({}))?;
    Ok(())
}
