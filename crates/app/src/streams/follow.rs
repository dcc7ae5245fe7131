//! A stream while it is open: waiting for something to happen, and finding out what did.

use super::{
    cursor::StreamCursor,
    events::{NEAR, OVERLAP},
    log::FollowedLog,
    news::{News, Told},
    rights::{Rights, rights_of},
    seen::{Paced, Seen},
    topic::Topic,
};
use crate::{App, Context, Error, administration::CheckStanding, places::Place};
use std::{collections::HashMap, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};
use wharf_db::{
    builds::{self, Build},
    streams::DeliveryStanding,
};
use wharf_model::{
    AuditId, Caller, EventId, Granted, Timestamp, TriggerDeliveryId, rights::ViewTriggers,
};

/// Most topics of one stream: a page has a handful.
const MOST_TOPICS: usize = 16;

/// How often it is looked without being woken: what other processes did wakes nobody here.
const LOOK: Duration = Duration::from_secs(1);

/// How long a reader hears nothing at most. Proxies cut idle connections after 30 to 60 seconds.
const BEAT: Duration = Duration::from_secs(15);

/// The least time between two looks: a log that is written without pause is told in pieces, not in lines.
const PACE: Duration = Duration::from_millis(50);

/// How often all of the last moments is looked at. What is told of rows as they stand, and of what people changed, is looked
/// for then: with less, each push anywhere asks for all of it.
const WHOLE: Duration = Duration::from_secs(1);

/// Why a stream woke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Woken {
    /// There may be news.
    Look,
    /// It is time to say that the stream is still there; there may be news, too.
    Beat,
    /// The server is about to end: the reader goes on elsewhere.
    Leaving,
}

/// A topic with what was told of it.
pub(super) struct Followed {
    pub(super) topic: Topic,
    pub(super) deliveries: Option<HashMap<TriggerDeliveryId, DeliveryStanding>>,
    /// How the rows stood that it is about.
    pub(super) standing: Option<Vec<String>>,
    pub(super) log: Option<FollowedLog>,
}

/// An open stream.
pub struct Stream {
    pub(super) app: App,
    pub(super) topics: Vec<Followed>,
    /// Topics that the caller may not follow.
    refused: Vec<String>,
    pub(super) since: Timestamp,
    /// The same for looks at all of the last moments, and when the last one was.
    whole_since: Timestamp,
    whole_at: Option<Instant>,
    /// Events that were told.
    pub(super) seen: Seen<EventId>,
    /// Events of builds of which the queue was told.
    pub(super) builds: Seen<EventId>,
    pub(super) queue: Paced,
    /// Lines of the audit log that were told.
    pub(super) changes: Seen<AuditId>,
    /// How far the check of the storage was.
    pub(super) check: Option<CheckStanding>,
    /// Whether what may have changed since the cursor is news.
    pub(super) resumed: bool,
    /// What the caller might do at the last look.
    rights: Rights,
    happened: watch::Receiver<u64>,
    stirred: watch::Receiver<u64>,
    due: watch::Receiver<u64>,
    leaving: watch::Receiver<bool>,
    silent: Duration,
    /// When it was looked last.
    looked: Option<Instant>,
    /// Whether there may be more than the last look told.
    busy: bool,
    pub(super) place: Place,
}

impl App {
    /// Opens a stream about `topics`, from `after` on or from now. Topics that the caller may not follow are left out of it.
    ///
    /// # Errors
    /// What the first topic is refused with, when none is left.
    pub async fn open_stream(
        &self,
        context: &Context,
        topics: Vec<Topic>,
        after: Option<StreamCursor>,
    ) -> Result<Stream, Error> {
        if topics.is_empty() {
            return Err(Error::invalid("topics", "empty"));
        }
        let logs = topics
            .iter()
            .filter(|topic| matches!(topic, Topic::Log { .. }));
        if topics.len() > MOST_TOPICS {
            return Err(Error::refused(
                "topics",
                "too_many",
                MOST_TOPICS.to_string(),
            ));
        }
        if logs.count() > 1 {
            return Err(Error::invalid("topics", "more_than_one_log"));
        }
        let since = after.map_or_else(|| self.clock.now(), |after| after.since);
        let mut stream = Stream {
            app: self.clone(),
            topics: Vec::with_capacity(topics.len()),
            refused: Vec::new(),
            since,
            whole_since: since,
            whole_at: None,
            seen: Seen::default(),
            builds: Seen::default(),
            queue: Paced::default(),
            changes: Seen::default(),
            check: self.find_check_standing(),
            resumed: after.is_some(),
            rights: rights_of(&context.caller),
            happened: self.triggers.listen_for_events(),
            stirred: self.builds.listen(),
            due: self.triggers.listen_for_due(),
            leaving: self.builds.listen_for_leaving(),
            silent: Duration::ZERO,
            looked: None,
            busy: true,
            place: self.streams.enter(context)?,
        };
        let mut refusal = None;
        for topic in topics {
            match stream.add(&context.caller, &topic, after).await {
                Ok(log) => stream.topics.push(Followed {
                    topic,
                    deliveries: None,
                    standing: None,
                    log,
                }),
                Err(
                    error @ (Error::NotFound
                    | Error::Denied(_)
                    | Error::OutOfScope { .. }
                    | Error::Unauthenticated
                    | Error::Conflict { .. }),
                ) => {
                    stream.refused.push(topic.to_string());
                    refusal.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        match refusal {
            Some(error) if stream.topics.is_empty() => Err(error),
            _ => Ok(stream),
        }
    }
}

impl Stream {
    /// The topics that were left out, because the caller may not follow them.
    pub fn refused(&self) -> &[String] {
        &self.refused
    }

    /// Whether the caller may follow a topic, and from where where it is a log.
    async fn add(
        &self,
        caller: &Caller,
        topic: &Topic,
        after: Option<StreamCursor>,
    ) -> Result<Option<FollowedLog>, Error> {
        self.require(caller, topic).await?;
        let Topic::Log { after: line, .. } = topic else {
            return Ok(None);
        };
        let build = self.find_build(topic).await?;
        if !App::has_log(&build) {
            return Err(Error::Conflict {
                what: "log_expired",
            });
        }
        Ok(Some(FollowedLog {
            build: build.id,
            line: after.map_or(*line, |after| after.line.max(*line)),
            written: None,
            held: None,
            sections: Vec::new(),
            over: false,
        }))
    }

    /// Where the reader is now.
    pub fn cursor(&self) -> StreamCursor {
        let mut logs = self.topics.iter().filter_map(|topic| topic.log.as_ref());
        StreamCursor {
            since: self.since,
            line: logs.next().map_or(0, |log| log.line),
        }
    }

    /// Waits until there may be news, or until it is time for a sign of life.
    pub async fn wait(&mut self) -> Woken {
        if !self.busy {
            self.hear().await;
        }
        if *self.leaving.borrow() {
            return Woken::Leaving;
        }
        // Whatever woke it: what happens all the time anywhere on the server is looked at together.
        if let Some(looked) = self.looked {
            sleep_until(looked + PACE).await;
        }
        for receiver in [&mut self.happened, &mut self.stirred, &mut self.due] {
            receiver.mark_unchanged();
        }
        self.busy = false;
        if self.silent >= BEAT {
            self.silent = Duration::ZERO;
            return Woken::Beat;
        }
        Woken::Look
    }

    /// Waits for something that may be news, not for long.
    async fn hear(&mut self) {
        let written = self
            .topics
            .iter_mut()
            .find_map(|topic| topic.log.as_mut()?.written.as_mut());
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
                _ = self.happened.changed() => {}
                _ = self.stirred.changed() => {}
                _ = self.due.changed() => {}
                _ = self.leaving.changed() => {}
            }
        };
        if timeout(LOOK, heard).await.is_err() {
            self.silent += LOOK;
        }
    }

    /// What is new. Rights are those of `caller`, who was recognized at this moment.
    ///
    /// # Errors
    /// With the topic whose right is lost: nothing more is told then.
    pub async fn look(&mut self, caller: &Caller) -> Result<Vec<Told>, (Error, String)> {
        self.looked = Some(Instant::now());
        for place in 0..self.topics.len() {
            let topic = self.topics[place].topic.clone();
            if let Err(error) = self.require(caller, &topic).await {
                return Err((error, topic.to_string()));
            }
        }
        let found = self.find_news(caller).await;
        let told = found.map_err(|error| (error, String::new()))?;
        if !told.is_empty() {
            self.silent = Duration::ZERO;
        }
        // Of a log there may be more; of everything else all that there is was looked at.
        self.busy = told.iter().any(|told| matches!(told.news, News::Lines(_)));
        Ok(told)
    }

    async fn find_build(&self, topic: &Topic) -> Result<Build, Error> {
        let Topic::Log {
            repository, number, ..
        } = topic
        else {
            return Err(Error::NotFound);
        };
        let name = crate::repositories::parse_name(repository)?;
        let facts = self.app.find_facts(&name).await?.ok_or(Error::NotFound)?;
        let number = *number;
        let found = self
            .app
            .db
            .look_up(move |tx| builds::find_build_number(tx, facts.repository, number));
        found.await.map_err(Error::from)?.ok_or(Error::NotFound)
    }

    async fn find_news(&mut self, caller: &Caller) -> Result<Vec<Told>, Error> {
        let now = self.app.clock.now();
        let mut told = Vec::new();
        let rights = rights_of(caller);
        if rights != self.rights {
            self.rights = rights;
            self.tell_all(&mut told, |topic| *topic == Topic::Me, &News::Rights);
        }
        let at = Instant::now();
        let whole = self.whole_at.is_none_or(|before| at - before >= WHOLE);
        // Where there is more than is read, looking at once again finds the same.
        let looks = whole || !self.seen.is_crowded();
        if looks {
            let from = match whole {
                true => self.whole_since.minus(OVERLAP),
                false => self.since.minus(NEAR),
            };
            self.find_events(caller, (from, whole), &mut told).await?;
            self.find_queue(caller, (from, whole), &mut told).await?;
            if whole {
                self.find_changes(caller, from, &mut told).await?;
                self.find_standings(caller, &mut told).await?;
            }
        }
        for place in 0..self.topics.len() {
            if let Topic::Deliveries(name) = &self.topics[place].topic {
                let name = crate::repositories::parse_name(name)?;
                let right: Granted<ViewTriggers> = self.app.authorize(caller, &name).await?;
                self.find_deliveries(place, right, &mut told).await?;
            }
            if self.topics[place].log.as_ref().is_some_and(|log| !log.over) {
                self.find_lines(place, &mut told).await?;
            }
        }
        // Only now: what fails is looked for again from where it was.
        if looks {
            self.since = now;
        }
        if whole {
            self.whole_since = now;
            self.whole_at = Some(at);
        }
        Ok(told)
    }

    pub(super) fn follows(&self, which: impl Fn(&Topic) -> bool) -> bool {
        self.topics.iter().any(|followed| which(&followed.topic))
    }

    pub(super) fn tell_all(
        &self,
        told: &mut Vec<Told>,
        which: impl Fn(&Topic) -> bool,
        news: &News,
    ) {
        let topics = self.topics.iter().filter(|followed| which(&followed.topic));
        told.extend(topics.map(|followed| Told {
            topic: followed.topic.to_string(),
            news: news.clone(),
        }));
    }
}
