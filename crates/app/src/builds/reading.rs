//! Reading a build's log: a part of it, or all of it while it is written.

use super::log::{LogCursor, LogRecord};
use crate::{App, Context, Error, repositories::parse_name};
use std::time::Duration;
use tokio::{sync::watch, time::timeout};
use wharf_db::builds::{self, Build};
use wharf_model::{BuildId, Granted, builds::BuildState, rights::ReadBuildLogs};

/// How long a follower waits before it says that it is still there. Proxies cut idle connections after 30 to 60 seconds.
const BEAT: Duration = Duration::from_secs(15);

/// How often a follower looks at a build that another process runs, or that waits.
const LOOK: Duration = Duration::from_secs(1);

/// What a follower hears.
#[derive(Debug)]
pub enum Followed {
    /// Events, in order, each once.
    Records(Vec<LogRecord>),
    /// Nothing new.
    Beat,
    /// The build is over and every event of it was told.
    End(BuildState),
    /// The server is about to end: what comes next is told after the last event, by whichever server there is then.
    Leaving,
}

/// Follows the log of one build.
pub struct LogFollower {
    app: App,
    build: BuildId,
    cursor: Option<LogCursor>,
    after: u64,
    stirred: watch::Receiver<u64>,
    leaving: watch::Receiver<bool>,
    over: Option<BuildState>,
}

/// A log from its beginning or from an event on.
pub struct LogReading {
    cursor: Option<LogCursor>,
    /// The record of the build.
    pub build: Build,
}

impl App {
    /// Ends every stream of a log, without its end being told, so that those who follow connect again. Called when the
    /// server is to end, before it waits for its connections.
    pub fn end_log_streams(&self) {
        self.builds.leave();
    }

    /// Opens the log of a build after event `after`. One that is not kept any more is [`Error::Conflict`] `log_expired`.
    pub async fn read_build_log(
        &self,
        context: &Context,
        repository: &str,
        number: u64,
        after: u64,
    ) -> Result<LogReading, Error> {
        let build = self.find_readable(context, repository, number).await?;
        let cursor = self.open_cursor(build.id, after).await?;
        Ok(LogReading { cursor, build })
    }

    /// Follows the log of a build after event `after`, until the build is over.
    pub async fn follow_build_log(
        &self,
        context: &Context,
        repository: &str,
        number: u64,
        after: u64,
    ) -> Result<LogFollower, Error> {
        let build = self.find_readable(context, repository, number).await?;
        Ok(LogFollower {
            app: self.clone(),
            build: build.id,
            cursor: None,
            after,
            stirred: self.builds.listen(),
            leaving: self.builds.listen_for_leaving(),
            over: None,
        })
    }

    pub(super) async fn find_readable(
        &self,
        context: &Context,
        repository: &str,
        number: u64,
    ) -> Result<Build, Error> {
        let name = parse_name(repository)?;
        let right: Granted<ReadBuildLogs> = self.authorize(&context.caller, &name).await?;
        let id = right.repository();
        let found = self
            .db
            .look_up(move |tx| builds::find_build_number(tx, id, number));
        let build = found.await.map_err(Error::from)?.ok_or(Error::NotFound)?;
        if build.log == wharf_model::builds::LogState::Expired {
            return Err(Error::Conflict {
                what: "log_expired",
            });
        }
        Ok(build)
    }

    async fn open_cursor(&self, build: BuildId, after: u64) -> Result<Option<LogCursor>, Error> {
        let folder = self.builds.folder.clone();
        let opened =
            tokio::task::spawn_blocking(move || LogCursor::open(&folder, build, after)).await;
        opened
            .map_err(Error::internal)?
            .map_err(|error| Error::Unavailable(error.into()))
    }
}

impl LogReading {
    /// The next events; empty at the end.
    pub async fn next_batch(&mut self) -> Result<Vec<LogRecord>, Error> {
        read_batch(&mut self.cursor).await
    }
}

async fn read_batch(place: &mut Option<LogCursor>) -> Result<Vec<LogRecord>, Error> {
    let Some(mut cursor) = place.take() else {
        return Ok(Vec::new());
    };
    let read = tokio::task::spawn_blocking(move || {
        let batch = cursor.read_batch();
        (cursor, batch)
    });
    let (cursor, batch) = read.await.map_err(Error::internal)?;
    *place = Some(cursor);
    batch.map_err(|error| Error::Unavailable(error.into()))
}

impl LogFollower {
    /// What comes next. After [`Followed::End`] and [`Followed::Leaving`] nothing does.
    pub async fn next(&mut self) -> Result<Followed, Error> {
        let mut waited = Duration::ZERO;
        loop {
            if *self.leaving.borrow() {
                return Ok(Followed::Leaving);
            }
            // Before the look at the state: more may be written while nobody listens yet.
            let mut written = self.app.builds.logs.listen(self.build);
            if self.over.is_none() {
                self.over = find_end(&self.app, self.build).await?;
            }
            if self.cursor.is_none() {
                self.cursor = self.app.open_cursor(self.build, self.after).await?;
            }
            let batch = read_batch(&mut self.cursor).await?;
            if let Some(last) = batch.last() {
                self.after = last.number;
                return Ok(Followed::Records(batch));
            }
            // It was over before the end of the log was met: that was the end of all.
            if let Some(state) = self.over {
                return Ok(Followed::End(state));
            }
            if waited >= BEAT {
                return Ok(Followed::Beat);
            }
            let more = async {
                match &mut written {
                    Some(written) => written.changed().await,
                    None => std::future::pending().await,
                }
            };
            let heard = async {
                tokio::select! {
                    _ = more => {}
                    _ = self.stirred.changed() => {}
                    _ = self.leaving.changed() => {}
                }
            };
            if timeout(LOOK, heard).await.is_err() {
                waited += LOOK;
            }
        }
    }
}

/// The state of a build that is over. One that is gone, with its repository, was canceled.
async fn find_end(app: &App, build: BuildId) -> Result<Option<BuildState>, Error> {
    let found = app.db.look_up(move |tx| builds::find_build(tx, build));
    let found = found.await.map_err(Error::from)?;
    let state = found.map_or(BuildState::Canceled, |build| build.state);
    Ok(state.is_over().then_some(state))
}
