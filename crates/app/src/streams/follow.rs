//! A stream while it is open: waiting for something to happen, and finding out what did.

use super::{cursor::StreamCursor, topic::Topic};
use crate::{
    App, Context, Error,
    builds::{LogIndex, LogLine, LogSection, SectionState, read_index, settle},
    places::{Asker, Place},
    repositories::sees_people,
};
use std::{collections::HashMap, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};
use wharf_db::{
    builds::{self, Build},
    events::first_id_at,
    streams::{self, DeliveryStanding, StreamEvent},
};
use wharf_model::{
    BuildId, Caller, EventId, Facts, Granted, Timestamp, TriggerDeliveryId,
    builds::BuildState,
    decide,
    rights::{Pull, ReadBuildLogs, ViewBuilds, ViewTriggers},
    triggers::DeliveryState,
};
use wharf_oci::RepositoryName;

/// Most topics of one stream: a page has a handful.
const MOST_TOPICS: usize = 16;

/// How often it is looked without being woken: what other processes did wakes nobody here.
const LOOK: Duration = Duration::from_secs(1);

/// How long a reader hears nothing at most. Proxies cut idle connections after 30 to 60 seconds.
const BEAT: Duration = Duration::from_secs(15);

/// The least time between two looks: a log that is written without pause is told in pieces, not in lines.
const PACE: Duration = Duration::from_millis(50);

/// How far back is looked again: an event may become visible after one with a later id.
const OVERLAP: Duration = Duration::from_secs(5);

/// Most events of one look. When there are more, the reader is told that it missed some.
const MOST_EVENTS: usize = 1000;

/// Most lines of one message.
const MOST_LINES: usize = 500;

/// How many deliveries are watched, the newest ones.
const WATCHED_DELIVERIES: usize = 100;

/// Something that is told.
#[derive(Debug, Clone)]
pub enum News {
    /// A tag moved, or a build is in another state.
    Event {
        /// Its id: after a connection was lost the same event may be told twice.
        id: EventId,
        /// `tag_created`, `build.started`, …
        kind: String,
        /// Where.
        repository: RepositoryName,
        /// JSON.
        payload: String,
        /// When.
        at: Timestamp,
    },
    /// A delivery stands otherwise.
    Delivery {
        /// Its id.
        id: TriggerDeliveryId,
        /// Its state.
        state: DeliveryState,
        /// How often it was tried.
        attempts: u32,
    },
    /// The queue changed.
    Queue,
    /// The caller's rights changed.
    Rights,
    /// More happened than is told one by one: read again what is shown.
    Gap,
    /// Lines of a log, in order.
    Lines(Vec<LogLine>),
    /// The sections of a log.
    Sections(LogIndex),
    /// A build is over, and all of its log was told.
    LogEnd(BuildState),
}

/// News with the topic that they belong to.
#[derive(Debug, Clone)]
pub struct Told {
    /// As it was asked for, without a place in a log.
    pub topic: String,
    /// The news.
    pub news: News,
}

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

/// A log that is followed.
struct FollowedLog {
    build: BuildId,
    line: u32,
    written: Option<watch::Receiver<u64>>,
    sections: Vec<(usize, SectionState, bool)>,
    over: bool,
}

/// A topic with what was told of it.
struct Followed {
    topic: Topic,
    deliveries: Option<HashMap<TriggerDeliveryId, DeliveryStanding>>,
    log: Option<FollowedLog>,
}

/// An open stream.
pub struct Stream {
    app: App,
    topics: Vec<Followed>,
    /// Topics that the caller may not follow.
    refused: Vec<String>,
    since: Timestamp,
    /// Events of the last moments that were told.
    told: HashMap<EventId, Timestamp>,
    /// Whether deliveries that are over since the cursor are news.
    resumed: bool,
    version: i64,
    happened: watch::Receiver<u64>,
    stirred: watch::Receiver<u64>,
    due: watch::Receiver<u64>,
    leaving: watch::Receiver<bool>,
    silent: Duration,
    /// When it was looked last.
    looked: Option<Instant>,
    /// Whether there was news at the last look: then there may be more.
    busy: bool,
    _place: Place,
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
        let mut stream = Stream {
            app: self.clone(),
            topics: Vec::with_capacity(topics.len()),
            refused: Vec::new(),
            since: after.map_or_else(|| self.clock.now(), |after| after.since),
            told: HashMap::new(),
            resumed: after.is_some(),
            version: context.caller.version,
            happened: self.triggers.listen_for_events(),
            stirred: self.builds.listen(),
            due: self.triggers.listen_for_due(),
            leaving: self.builds.listen_for_leaving(),
            silent: Duration::ZERO,
            looked: None,
            busy: true,
            _place: self.streams.enter(context)?,
        };
        let mut refusal = None;
        for topic in topics {
            match stream.add(&context.caller, &topic, after).await {
                Ok(log) => stream.topics.push(Followed {
                    topic,
                    deliveries: None,
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
            self.busy = true;
            self.silent = Duration::ZERO;
        }
        Ok(told)
    }

    async fn require(&self, caller: &Caller, topic: &Topic) -> Result<(), Error> {
        let app = &self.app;
        let parse = crate::repositories::parse_name;
        match topic {
            Topic::Repository(name) => app.authorize::<Pull>(caller, &parse(name)?).await.map(drop),
            Topic::Builds(name) => {
                let name = parse(name)?;
                app.authorize::<ViewBuilds>(caller, &name).await.map(drop)
            }
            Topic::Log { repository, .. } => {
                let name = parse(repository)?;
                app.authorize::<ReadBuildLogs>(caller, &name)
                    .await
                    .map(drop)
            }
            Topic::Deliveries(name) => {
                let name = parse(name)?;
                app.authorize::<ViewTriggers>(caller, &name).await.map(drop)
            }
            Topic::Queue | Topic::Activity | Topic::Me if caller.is_anonymous() => {
                Err(Error::Unauthenticated)
            }
            Topic::Queue | Topic::Activity | Topic::Me => Ok(()),
        }
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
        if caller.version != self.version {
            self.version = caller.version;
            self.tell_all(&mut told, |topic| matches!(topic, Topic::Me), News::Rights);
        }
        self.find_events(caller, now, &mut told).await?;
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
        self.since = now;
        Ok(told)
    }

    fn tell_all(&self, told: &mut Vec<Told>, which: impl Fn(&Topic) -> bool, news: News) {
        let topics = self.topics.iter().filter(|followed| which(&followed.topic));
        told.extend(topics.map(|followed| Told {
            topic: followed.topic.to_string(),
            news: news.clone(),
        }));
    }

    async fn find_events(
        &mut self,
        caller: &Caller,
        now: Timestamp,
        told: &mut Vec<Told>,
    ) -> Result<(), Error> {
        let everywhere = self
            .topics
            .iter()
            .any(|it| matches!(it.topic, Topic::Activity | Topic::Queue));
        let mut repositories = Vec::new();
        for followed in &self.topics {
            if let Topic::Repository(name) | Topic::Builds(name) = &followed.topic {
                let name = crate::repositories::parse_name(name)?;
                let facts = self.app.find_facts(&name).await?;
                repositories.extend(facts.map(|facts| facts.repository));
            }
        }
        if !everywhere && repositories.is_empty() {
            return Ok(());
        }
        let after = first_id_at(self.since.minus(OVERLAP));
        let found = self.app.db.read(move |tx| {
            let which = (!everywhere).then_some(repositories.as_slice());
            streams::list_events(tx, &after, which, MOST_EVENTS)
        });
        let found = found.await.map_err(Error::from)?;
        if found.len() == MOST_EVENTS {
            let any = |topic: &Topic| {
                !matches!(topic, Topic::Log { .. } | Topic::Deliveries(_) | Topic::Me)
            };
            self.tell_all(told, any, News::Gap);
        } else {
            for event in &found {
                if !self.told.contains_key(&event.id) {
                    self.tell_event(caller, event, told);
                }
            }
        }
        let known = found.into_iter().map(|event| (event.id, event.at));
        self.told.extend(known);
        let old = now.minus(OVERLAP + OVERLAP);
        self.told.retain(|_, at| *at >= old);
        Ok(())
    }

    fn tell_event(&self, caller: &Caller, event: &StreamEvent, told: &mut Vec<Told>) {
        let is_build = event.kind.starts_with("build.");
        let may_see = match is_build {
            true => decide::<ViewBuilds>(caller, &event.facts).is_ok(),
            false => decide::<Pull>(caller, &event.facts).is_ok(),
        };
        for followed in &self.topics {
            let news = match &followed.topic {
                Topic::Repository(name) => may_see && is_named(&event.facts, name),
                Topic::Builds(name) => may_see && is_build && is_named(&event.facts, name),
                Topic::Activity => may_see,
                Topic::Queue if is_build => {
                    // Once for all that happened meanwhile.
                    if !told.iter().any(|told| matches!(told.news, News::Queue)) {
                        let topic = followed.topic.to_string();
                        let news = News::Queue;
                        told.push(Told { topic, news });
                    }
                    false
                }
                _ => false,
            };
            if news {
                told.push(Told {
                    topic: followed.topic.to_string(),
                    news: News::Event {
                        id: event.id,
                        kind: event.kind.clone(),
                        repository: event.facts.name.clone(),
                        payload: match sees_people(caller, &event.facts) {
                            true => event.payload.clone(),
                            false => without_actor(&event.payload),
                        },
                        at: event.at,
                    },
                });
            }
        }
    }

    async fn find_deliveries(
        &mut self,
        place: usize,
        right: Granted<ViewTriggers>,
        told: &mut Vec<Told>,
    ) -> Result<(), Error> {
        let found = self
            .app
            .db
            .read(move |tx| streams::list_standings(tx, &right, WATCHED_DELIVERIES));
        let found = found.await.map_err(Error::from)?;
        let since = self.since.minus(OVERLAP);
        let resumed = self.resumed;
        let followed = &mut self.topics[place];
        let changed = found.iter().rev().filter(|now| match &followed.deliveries {
            Some(known) => known.get(&now.id) != Some(now),
            // A reader that comes back hears of all that may have changed meanwhile.
            None => resumed && now.ended_at.is_none_or(|ended| ended >= since),
        });
        told.extend(changed.map(|now| Told {
            topic: followed.topic.to_string(),
            news: News::Delivery {
                id: now.id,
                state: now.state,
                attempts: now.attempts,
            },
        }));
        let known = found.into_iter().map(|now| (now.id, now));
        followed.deliveries = Some(known.collect());
        Ok(())
    }

    async fn find_lines(&mut self, place: usize, told: &mut Vec<Told>) -> Result<(), Error> {
        let topic = self.topics[place].topic.clone();
        let Some(log) = &mut self.topics[place].log else {
            return Ok(());
        };
        // Before the look at the state: more may be written while nobody listens yet.
        if log.written.is_none() {
            log.written = self.app.builds.logs.listen(log.build);
        }
        let (id, from) = (log.build, log.line as usize + 1);
        let found = self.app.db.look_up(move |tx| builds::find_build(tx, id));
        let build = found.await.map_err(Error::from)?.ok_or(Error::NotFound)?;
        let read = self.app.read_book(Asker::Open, &build, move |book| {
            let lines = book.read_lines(None, from, from + MOST_LINES - 1)?;
            Ok((read_index(book), lines))
        });
        let Some(((mut sections, count, full), lines)) = read.await? else {
            log.over = build.state.is_over();
            if log.over {
                told.push(Told {
                    topic: topic.to_string(),
                    news: News::LogEnd(build.state),
                });
            }
            return Ok(());
        };
        let topic = topic.to_string();
        log.line += lines.len() as u32;
        let is_whole = log.line as usize >= count;
        settle(&mut sections, &build);
        let shape = read_shape(&sections);
        if shape != log.sections {
            log.sections = shape;
            let topic = topic.clone();
            let news = News::Sections(LogIndex::of(&build, sections, count, full));
            told.push(Told { topic, news });
        }
        if !lines.is_empty() {
            let topic = topic.clone();
            let news = News::Lines(lines);
            told.push(Told { topic, news });
        }
        if build.state.is_over() && is_whole {
            log.over = true;
            let news = News::LogEnd(build.state);
            told.push(Told { topic, news });
        }
        Ok(())
    }
}

/// What happened, without who did it.
fn without_actor(payload: &str) -> String {
    let mut value: serde_json::Value = serde_json::from_str(payload).unwrap_or_default();
    if let Some(known) = value.as_object_mut() {
        known.remove("actor");
    }
    value.to_string()
}

fn is_named(facts: &Facts, name: &str) -> bool {
    facts.name.as_str() == name
}

/// What of sections is told at once when it changes; the number of their lines is not.
fn read_shape(sections: &[LogSection]) -> Vec<(usize, SectionState, bool)> {
    let sections = sections.iter();
    sections
        .map(|section| (section.number as usize, section.state, section.cached))
        .collect()
}
