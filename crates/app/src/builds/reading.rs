//! Reading a build's log: a part of it, or all of it while it is written.

use super::log::{LogBatch, LogCursor, LogRecord};
use crate::{
    App, Context, Error,
    places::{Asker, Place},
    repositories::parse_name,
};
use std::time::Duration;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};
use wharf_db::builds::{self, Build};
use wharf_model::{BuildId, Caller, Granted, builds::BuildState, rights::ReadBuildLogs};
use wharf_oci::RepositoryName;

/// How long a follower waits before it says that it is still there. Proxies cut idle connections after 30 to 60 seconds.
const BEAT: Duration = Duration::from_secs(15);

/// How often a follower looks at a build that another process runs, or that waits.
const LOOK: Duration = Duration::from_secs(1);

/// The least time between two looks: a log that is written without pause is told in pieces, not in lines.
const PACE: Duration = Duration::from_millis(50);

/// What a follower hears.
#[derive(Debug)]
pub enum Followed {
    /// Events, in order, each once.
    Records(Vec<LogRecord>),
    /// Nothing new.
    Nothing,
    /// The build is over and every event of it was told.
    End(BuildState),
}

/// Why a follower woke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awake {
    /// There may be more.
    Look,
    /// It is time to say that the stream is still there; there may be more, too.
    Beat,
    /// The server is about to end: what comes next is told after the last event, by whichever server there is then.
    Leaving,
}

/// Follows the log of one build.
pub struct LogFollower {
    app: App,
    repository: RepositoryName,
    build: BuildId,
    cursor: Option<LogCursor>,
    after: u64,
    written: Option<watch::Receiver<u64>>,
    stirred: watch::Receiver<u64>,
    leaving: watch::Receiver<bool>,
    /// When it was looked last.
    looked: Option<Instant>,
    /// Whether there was more at the last look: then there may be yet more.
    busy: bool,
    silent: Duration,
    over: Option<BuildState>,
    place: Place,
}

/// A log from its beginning or from an event on.
pub struct LogReading {
    app: App,
    cursor: Option<LogCursor>,
    /// The record of the build.
    pub build: Build,
    place: Place,
}

impl App {
    /// Ends every stream of a log, without its end being told, so that those who follow connect again. Called when the
    /// server is to end, before it waits for its connections.
    pub fn end_log_streams(&self) {
        self.builds.leave();
    }

    /// Opens the log of a build after event `after`. One that is not kept any more is [`Error::Conflict`] `log_expired`;
    /// with too many under way it is [`Error::Crowded`].
    pub async fn read_build_log(
        &self,
        context: &Context,
        repository: &str,
        number: u64,
        after: u64,
    ) -> Result<LogReading, Error> {
        let build = self.find_readable(context, repository, number).await?;
        let place = self.builds.downloads.enter(context);
        let place = place.ok_or(Error::Crowded)?;
        Ok(LogReading {
            cursor: self.open_cursor(&place, build.id, after).await?,
            place,
            app: self.clone(),
            build,
        })
    }

    /// Follows the log of a build after event `after`, until the build is over. It counts as a stream of the caller.
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
            repository: parse_name(repository)?,
            build: build.id,
            cursor: None,
            after,
            written: None,
            stirred: self.builds.listen(),
            leaving: self.builds.listen_for_leaving(),
            looked: None,
            busy: true,
            silent: Duration::ZERO,
            over: None,
            place: self.streams.enter(context)?,
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

    async fn open_cursor(
        &self,
        own: &Place,
        build: BuildId,
        after: u64,
    ) -> Result<Option<LogCursor>, Error> {
        let (folder, places) = (self.builds.folder.clone(), &self.builds.log_places);
        let opened = places.run(Asker::Open(own), move || {
            LogCursor::open(&folder, build, after)
        });
        opened
            .await?
            .map_err(|error| Error::Unavailable(error.into()))
    }

    /// The next events behind a cursor; empty at the end. Whoever reads on was counted, and takes its turn for each piece.
    async fn read_batch(
        &self,
        own: &Place,
        place: &mut Option<LogCursor>,
    ) -> Result<Vec<LogRecord>, Error> {
        loop {
            let Some(mut cursor) = place.take() else {
                return Ok(Vec::new());
            };
            let read = self.builds.log_places.run(Asker::Open(own), move || {
                let batch = cursor.read_batch();
                (cursor, batch)
            });
            let (cursor, batch) = read.await?;
            *place = Some(cursor);
            match batch.map_err(|error| Error::Unavailable(error.into()))? {
                LogBatch::Records(records) => return Ok(records),
                // Others have their turn meanwhile.
                LogBatch::PassedOver => {}
            }
        }
    }
}

impl LogReading {
    /// The next events; empty at the end.
    pub async fn next_batch(&mut self) -> Result<Vec<LogRecord>, Error> {
        self.app.read_batch(&self.place, &mut self.cursor).await
    }
}

impl LogFollower {
    /// Waits until there may be more, or until it is time for a sign of life.
    pub async fn wait(&mut self) -> Awake {
        if !self.busy {
            let written = &mut self.written;
            let more = async {
                match written {
                    // One whose writer is gone wakes nobody any more.
                    Some(written) => match written.changed().await {
                        Ok(()) => {}
                        Err(_) => std::future::pending().await,
                    },
                    None => std::future::pending().await,
                }
            };
            let heard = async {
                tokio::select! {
                    () = more => {}
                    _ = self.stirred.changed() => {}
                    _ = self.leaving.changed() => {}
                }
            };
            if timeout(LOOK, heard).await.is_err() {
                self.silent += LOOK;
            }
        }
        if *self.leaving.borrow() {
            return Awake::Leaving;
        }
        if let Some(looked) = self.looked {
            sleep_until(looked + PACE).await;
        }
        if self.silent < BEAT {
            return Awake::Look;
        }
        self.silent = Duration::ZERO;
        Awake::Beat
    }

    /// What there is more. Rights are those of `caller`, who was recognized at this moment. After [`Followed::End`] nothing
    /// follows.
    ///
    /// # Errors
    /// As for whoever opens the log now, when the right is lost.
    pub async fn look(&mut self, caller: &Caller) -> Result<Followed, Error> {
        self.looked = Some(Instant::now());
        let app = self.app.clone();
        let _: Granted<ReadBuildLogs> = app.authorize(caller, &self.repository).await?;
        // Before the look at the state: more may be written while nobody listens yet. Anew each time: an attempt that
        // begins later has another writer.
        self.written = app.builds.logs.listen(self.build);
        if self.over.is_none() {
            self.over = find_end(&app, self.build).await?;
        }
        if self.cursor.is_none() {
            self.cursor = app.open_cursor(&self.place, self.build, self.after).await?;
        }
        let batch = app.read_batch(&self.place, &mut self.cursor).await?;
        self.busy = !batch.is_empty();
        if let Some(last) = batch.last() {
            self.after = last.number;
            self.silent = Duration::ZERO;
            return Ok(Followed::Records(batch));
        }
        // It was over before the end of the log was met: that was the end of all.
        Ok(self.over.map_or(Followed::Nothing, Followed::End))
    }
}

/// The state of a build that is over. One that is gone, with its repository, was canceled.
async fn find_end(app: &App, build: BuildId) -> Result<Option<BuildState>, Error> {
    let found = app.db.look_up(move |tx| builds::find_build(tx, build));
    let found = found.await.map_err(Error::from)?;
    let state = found.map_or(BuildState::Canceled, |build| build.state);
    Ok(state.is_over().then_some(state))
}
