//! What is written down while a build runs: its log, its phases and steps with their times, what its commit says.

use super::{
    cover::Cover,
    log::{LogEntry, LogWriter, open_path},
    outcome::Outcome,
    tails::Tails,
};
use crate::App;
use std::{collections::HashMap, io, time::Instant};
use wharf_builder::progress::{Event, Stream};
use wharf_db::{
    DbError, Durability, Order, Tx,
    builds::{self, Build, Claim, NewPhase},
};
use wharf_git::HostKey;
use wharf_model::{
    SourceId, Timestamp,
    builds::{BuildPhase, CommitId, LogState},
};
use wharf_worker::{CommitFacts, Phase, WorkerEvent};

/// Longest subject and author of a commit that a record keeps; git itself sets none.
const MAX_LINE: usize = 200;

/// Writes down what happens in one attempt.
pub(super) struct Protocol {
    app: App,
    claim: Claim,
    attempt: u32,
    log: LogWriter,
    /// Places of phases and steps, in the order in which they began.
    next: u64,
    phase: Option<(u64, BuildPhase, Instant)>,
    steps: HashMap<u32, (u64, bool)>,
    tails: Tails,
    /// The README that the worker told, or that there is none.
    readme: Option<Option<String>>,
    cover: Cover,
    /// The account that the code is fetched with.
    source: Option<SourceId>,
    /// Whether the disk refused the log: said once, the build goes on.
    deaf: bool,
}

impl Protocol {
    pub(super) fn open(app: &App, claim: Claim, build: &Build) -> io::Result<Self> {
        let path = open_path(&app.builds.folder, claim.build);
        let limit = app.builds.settings.bounds.log;
        let written = app.builds.logs.start(claim.build);
        let mut protocol = Self {
            app: app.clone(),
            claim,
            attempt: build.attempt,
            log: LogWriter::open(&path, limit, written)?,
            next: 0,
            phase: None,
            steps: HashMap::new(),
            tails: Tails::default(),
            readme: None,
            cover: Cover::default(),
            source: None,
            deaf: false,
        };
        let attempt = build.attempt;
        protocol
            .log
            .write(app.clock.now(), LogEntry::Attempt { attempt })?;
        Ok(protocol)
    }

    /// The build fetches its code with this account.
    pub(super) fn name_source(&mut self, source: Option<SourceId>) {
        self.source = source;
    }

    /// Keeps these out of everything that is written from now on, the record included.
    pub(super) fn mask(&mut self, secrets: impl IntoIterator<Item = Vec<u8>>) {
        self.cover = Cover::of(secrets);
    }

    pub(super) fn clean(&self, text: &str) -> String {
        self.cover.clean(text)
    }

    /// Takes one of the worker's events; the last one is not for this.
    pub(super) async fn take(&mut self, event: WorkerEvent) {
        match event {
            WorkerEvent::PhaseBegan { phase, .. } => self.begin_phase(name_phase(phase)).await,
            WorkerEvent::PhaseEnded { .. } => self.end_phase().await,
            WorkerEvent::Commit(facts) => self.note_commit(facts).await,
            WorkerEvent::Readme(text) => self.readme = Some(text),
            WorkerEvent::Bases(bases) => {
                let claim = self.claim;
                self.note(move |tx| builds::note_bases(tx, claim, &bases))
                    .await;
            }
            WorkerEvent::Progress(event) => self.take_progress(event).await,
            WorkerEvent::Finished(_) | WorkerEvent::Failed(_) => {}
        }
    }

    /// A phase begins, and the one before is over.
    pub(super) async fn begin_phase(&mut self, phase: BuildPhase) {
        self.end_phase().await;
        let now = self.app.clock.now();
        self.write(
            now,
            LogEntry::Phase {
                phase: phase.as_str().to_owned(),
            },
        );
        let place = self.take_place();
        self.phase = Some((place, phase, Instant::now()));
        let (claim, new) = (self.claim, self.describe(place, phase.as_str(), "", now));
        self.note(move |tx| {
            builds::note_phase(tx, claim, phase)?;
            builds::set_log(tx, claim.build, LogState::Open)?;
            builds::start_phase(tx, claim, &new)
        })
        .await;
    }

    /// The phase is over.
    pub(super) async fn end_phase(&mut self) {
        if let Some((place, phase, begun)) = self.phase.take() {
            super::metrics::count_phase(phase, begun.elapsed());
            self.end_place(place, self.app.clock.now(), false, None)
                .await;
        }
    }

    async fn end_place(&self, place: u64, at: Timestamp, cached: bool, error: Option<String>) {
        let (build, attempt) = (self.claim.build, self.attempt);
        self.note(move |tx| {
            builds::end_phase(tx, build, attempt, place, at, cached, error.as_deref())
        })
        .await;
    }

    fn take_place(&mut self) -> u64 {
        let place = self.next;
        self.next += 1;
        place
    }

    fn describe(&self, position: u64, kind: &'static str, name: &str, at: Timestamp) -> NewPhase {
        NewPhase {
            attempt: self.attempt,
            position,
            kind,
            name: name.to_owned(),
            at,
        }
    }

    async fn note_commit(&self, facts: CommitFacts) {
        let Ok(commit) = facts.commit.parse::<CommitId>() else {
            return;
        };
        let claim = self.claim;
        let (author, message) = (self.clean(&facts.author), self.clean(&facts.subject));
        let (author, message) = (one_line(&author), one_line(&message));
        self.note(move |tx| builds::note_commit(tx, claim, &commit, &author, &message))
            .await;
    }

    async fn take_progress(&mut self, event: Event) {
        match event {
            Event::StepStarted { step, name, at } => {
                let at = of_moment(at);
                let name = self.clean(&name);
                let place = self.take_place();
                self.steps.insert(step.0, (place, false));
                self.tails.begin(step.0, &name);
                let (claim, new) = (self.claim, self.describe(place, "step", &name, at));
                self.write(at, LogEntry::Step { step: step.0, name });
                self.note(move |tx| builds::start_phase(tx, claim, &new))
                    .await;
            }
            Event::StepCached { step } => {
                if let Some((_, cached)) = self.steps.get_mut(&step.0) {
                    *cached = true;
                }
                let now = self.app.clock.now();
                self.write(now, LogEntry::Cached { step: step.0 });
            }
            Event::StepLog {
                step,
                stream,
                bytes,
                at,
            } => {
                let stream = match stream {
                    Stream::Stdout => "stdout",
                    Stream::Stderr => "stderr",
                };
                let shown = self.cover.push(step.0, stream, &bytes);
                self.write_output(step.0, stream, &shown, of_moment(at));
            }
            // Too many to keep, and of no use once they are over.
            Event::StepProgress { .. } => {}
            Event::StepDone { step, at, error } => {
                let at = of_moment(at);
                self.end_output(step.0, at);
                if error.is_some() {
                    self.tails.fail(step.0);
                }
                let error = error.map(|error| self.clean(&error));
                self.write(
                    at,
                    LogEntry::Done {
                        step: step.0,
                        error: error.clone(),
                    },
                );
                if let Some((place, cached)) = self.steps.get(&step.0).copied() {
                    self.end_place(place, at, cached, error).await;
                }
            }
            Event::Warning { message, .. } => {
                let (now, text) = (self.app.clock.now(), self.clean(&message));
                self.write(now, LogEntry::Warning { text });
            }
        }
    }

    /// Keeps the keys that an ssh server showed for the first time at the build's account, as the server itself does
    /// with those that it learns.
    pub(super) async fn pin_host_keys(&mut self, learnt: &[String]) {
        let (Some(source), false) = (self.source, learnt.is_empty()) else {
            return;
        };
        let keys = HostKey::parse_lines(&learnt.join("\n"));
        let kept = match &keys {
            Ok(keys) => self.app.keep_host_keys(source, keys).await,
            Err(_) => return,
        };
        match kept {
            Ok(()) => {
                self.say("the ssh server's keys were seen for the first time and are pinned now:");
                for line in learnt {
                    self.say(format!("  {line}"));
                }
            }
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "keys of an ssh server could not be pinned"
            ),
        }
    }

    /// What the worker told of the README, once; `None` when nobody asked for it.
    pub(super) fn take_readme(&mut self) -> Option<Option<String>> {
        self.readme.take()
    }

    /// Says something of the server's own in the log.
    pub(super) fn say(&mut self, text: impl Into<String>) {
        let (now, text) = (self.app.clock.now(), self.clean(&text.into()));
        self.write(now, LogEntry::Notice { text });
    }

    fn write_output(&mut self, step: u32, stream: &str, bytes: &[u8], at: Timestamp) {
        if bytes.is_empty() {
            return;
        }
        let text = String::from_utf8_lossy(bytes).into_owned();
        self.tails.add(step, &text);
        let stream = stream.to_owned();
        self.write(at, LogEntry::Output { step, stream, text });
    }

    /// Writes what was held because it might have become a secret.
    fn end_output(&mut self, step: u32, at: Timestamp) {
        for (stream, rest) in self.cover.end_step(step) {
            self.write_output(step, stream, &rest, at);
        }
    }

    /// Notes how many steps there were.
    pub(super) async fn note_steps(&self, steps: u64, cached: u64) {
        let claim = self.claim;
        self.note(move |tx| builds::note_steps(tx, claim, steps, cached))
            .await;
    }

    /// The step whose end told of an error.
    pub(super) fn failed_step(&self) -> Option<String> {
        self.tails.failed()
    }

    /// What a step wrote last.
    pub(super) fn last_lines(&self, step: &str) -> Option<String> {
        self.tails.of(step)
    }

    /// Says at the end of the log why there is no image.
    pub(super) async fn explain(&mut self, outcome: &Outcome) {
        let now = self.app.clock.now();
        for step in self.cover.list_open() {
            self.end_output(step, now);
        }
        match outcome {
            Outcome::Succeeded | Outcome::Abandoned => {}
            Outcome::Stopped(state) => self.say(format!("=== {state}")),
            Outcome::Skipped => self.say("=== skipped: the commit's message asks not to be built"),
            Outcome::Lost(detail) => self.say(format!("=== the worker was lost: {detail}")),
            Outcome::Failed(failure) => {
                let detail = failure.detail.clone().unwrap_or_default();
                self.say(format!("=== failed: {detail}"));
                if let Some(hint) = failure.hint.clone() {
                    self.say(format!("hint: {hint}"));
                }
            }
        }
    }

    fn write(&mut self, at: Timestamp, entry: LogEntry) {
        if let Err(error) = self.log.write(at, entry)
            && !std::mem::replace(&mut self.deaf, true)
        {
            tracing::error!(build.id = %self.claim.build, %error, "a build's log cannot be written on");
        }
    }

    /// Changes the record. What is lost by a failure is a time or a name, never the build.
    async fn note(&self, change: impl Fn(&mut Tx<'_>) -> Result<(), DbError> + Send + 'static) {
        let written =
            self.app
                .db
                .write_in_order(Durability::Relaxed, Order::Statements, move |tx| change(tx));
        if let Err(error) = written.await {
            tracing::warn!(
                build.id = %self.claim.build, error = &error as &dyn std::error::Error,
                "a build's progress could not be noted"
            );
        }
    }
}

fn name_phase(phase: Phase) -> BuildPhase {
    match phase {
        Phase::Starting => BuildPhase::Starting,
        Phase::Cloning => BuildPhase::Cloning,
        Phase::Building => BuildPhase::Building,
        Phase::Exporting => BuildPhase::Exporting,
    }
}

fn of_moment(at: jiff::Timestamp) -> Timestamp {
    Timestamp::from_micros(at.as_microsecond())
}

fn one_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.chars()
        .filter(|character| !character.is_control())
        .take(MAX_LINE)
        .collect()
}
