//! Whether everything that wharf stands on is well, one check after the other, each with what to do about it.
//!
//! Looks only, and for no longer than a few seconds. `/readyz` tells a load balancer less, and asks the same of database and
//! store ([`App::check_ready`]).

use crate::{App, Context, Error};
use std::time::Duration;
use tokio::time::timeout;
use wharf_db::{DbError, Engine, administration, triggers::deliveries};
use wharf_model::{Timestamp, decide_system};

/// How long the name of another machine is looked for. Resolvers ask again after five seconds; nobody waits that long for a
/// page.
const LOOK_UP: Duration = Duration::from_secs(3);

/// Whose name is looked for when nobody names a mirror: the registry of base images.
const KNOWN_HOST: &str = "registry-1.docker.io";

/// Less room than this is worth a word: a build may take 20 GiB.
const LITTLE_ROOM: u64 = 20 << 30;

/// With less than this the next large push fails.
const NO_ROOM: u64 = 1 << 30;

/// Clocks of a machine differ by less from one look to the next.
const CLOCK_SLACK: Duration = Duration::from_secs(60);

/// A delivery is tried again after minutes at most in the first hour.
const LONG_WAIT: Duration = Duration::from_secs(3600);

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthState {
    /// As it should be.
    Ok,
    /// It works, or is not needed everywhere, and somebody should look.
    Warning,
    /// Something does not work.
    Failed,
    /// It cannot be told.
    Unknown,
}

/// One check. Its sentence is `health.NAME.STATE` of the message catalogue, what to do `health.NAME.hint`.
#[derive(Debug, Clone)]
pub struct HealthCheck {
    /// What was looked at.
    pub name: &'static str,
    /// How it stands.
    pub state: HealthState,
    /// What its sentences say.
    pub parameters: Vec<(&'static str, String)>,
}

impl HealthCheck {
    fn new(name: &'static str, state: HealthState) -> Self {
        Self {
            name,
            state,
            parameters: Vec::new(),
        }
    }

    fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.parameters.push((name, value.to_string()));
        self
    }
}

impl App {
    /// How everything stands that wharf stands on. `is_encrypted` tells whether sign-ins from other machines are.
    pub async fn check_health(
        &self,
        context: &Context,
        is_encrypted: bool,
    ) -> Result<Vec<HealthCheck>, Error> {
        decide_system(&context.caller)?;
        let now = self.clock.now();
        let (rows, store, space, dns) = tokio::join!(
            self.check_rows(now),
            self.check_store(),
            self.check_space(),
            self.check_dns(),
        );
        let connection = match is_encrypted {
            true => HealthState::Ok,
            false => HealthState::Warning,
        };
        let mut checks = rows;
        checks.extend([
            store,
            space,
            self.check_builds().await,
            dns,
            HealthCheck::new("connection", connection),
        ]);
        Ok(checks)
    }

    /// The database, the clock by what is written, and what waits.
    async fn check_rows(&self, now: Timestamp) -> Vec<HealthCheck> {
        let read = self.db.read(|tx| {
            let facts = administration::load_facts(tx)?;
            Ok::<_, DbError>((facts, deliveries::count_open(tx)?))
        });
        let (facts, open) = match read.await {
            Ok(found) => found,
            Err(error) => {
                let failed = HealthCheck::new("database", HealthState::Failed);
                return vec![failed.with("detail", error)];
            }
        };
        let engine = match facts.engine {
            Engine::Sqlite => "SQLite",
            Engine::Postgres => "PostgreSQL",
        };
        let database = HealthCheck::new("database", HealthState::Ok)
            .with("engine", engine)
            .with("schema", facts.schema);
        vec![
            database,
            judge_clock(facts.last_written, now),
            judge_deliveries(open.open, open.oldest, now),
        ]
    }

    async fn check_store(&self) -> HealthCheck {
        let store = self.blobs.clone();
        let checked = tokio::task::spawn_blocking(move || store.check_writable()).await;
        match checked
            .map_err(Error::internal)
            .map(|it| it.map_err(Error::from))
        {
            Ok(Ok(())) => HealthCheck::new("store", HealthState::Ok),
            Ok(Err(error)) | Err(error) => {
                HealthCheck::new("store", HealthState::Failed).with("detail", describe(&error))
            }
        }
    }

    async fn check_space(&self) -> HealthCheck {
        match self.measure_space().await {
            Ok(space) => judge_space(space.bytes, space.total),
            Err(_) => HealthCheck::new("disk", HealthState::Unknown),
        }
    }

    async fn check_builds(&self) -> HealthCheck {
        let settings = &self.builds.settings;
        let problem = settings.launcher.as_ref().err().or(self.git.as_ref().err());
        if let Some(why) = problem {
            let hint = why.hint.clone().unwrap_or_else(|| why.problem.clone());
            return HealthCheck::new("builds", HealthState::Warning)
                .with("detail", &why.problem)
                .with("hint", hint);
        }
        let running = self.db.read(wharf_db::builds::load_queue).await;
        let running = running.map_or(0, |queue| queue.running.len());
        HealthCheck::new("builds", HealthState::Ok)
            .with("running", running)
            .with("slots", settings.slots.all)
    }

    async fn check_dns(&self) -> HealthCheck {
        let check = |state| HealthCheck::new("dns", state).with("host", KNOWN_HOST);
        match timeout(LOOK_UP, self.egress.find_addresses(KNOWN_HOST, 443)).await {
            Ok(Ok(_)) => check(HealthState::Ok),
            Ok(Err(error)) => check(HealthState::Warning).with("detail", describe(&error)),
            Err(late) => check(HealthState::Warning).with("detail", late),
        }
    }
}

/// Nobody writes into the future.
fn judge_clock(last_written: Option<Timestamp>, now: Timestamp) -> HealthCheck {
    let ahead = last_written.map_or(Duration::ZERO, |last| now.until(last));
    match ahead > CLOCK_SLACK {
        true => HealthCheck::new("clock", HealthState::Warning).with("seconds", ahead.as_secs()),
        false => HealthCheck::new("clock", HealthState::Ok),
    }
}

fn judge_deliveries(open: u64, oldest: Option<Timestamp>, now: Timestamp) -> HealthCheck {
    match oldest.filter(|since| since.until(now) > LONG_WAIT) {
        Some(since) => {
            HealthCheck::new("deliveries", HealthState::Warning).with("since", show_moment(since))
        }
        None => HealthCheck::new("deliveries", HealthState::Ok).with("open", open),
    }
}

fn judge_space(free: u64, total: u64) -> HealthCheck {
    let state = match free {
        _ if free < NO_ROOM => HealthState::Failed,
        _ if free < LITTLE_ROOM && free < total / 10 => HealthState::Warning,
        _ => HealthState::Ok,
    };
    HealthCheck::new("disk", state)
        .with("free", show_size(free))
        .with("total", show_size(total))
}

/// `2026-11-22 15:31:26 UTC`.
fn show_moment(at: Timestamp) -> String {
    let moment = jiff::Timestamp::from_microsecond(at.as_micros()).unwrap_or_default();
    moment.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// Three digits, decimal, as docker has it.
fn show_size(bytes: u64) -> String {
    let units = [("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)];
    let size = bytes as f64;
    let unit = units.into_iter().find(|(_, least)| size >= *least);
    let (name, least) = unit.unwrap_or(("B", 1.0));
    let number = size / least;
    match number {
        _ if number >= 100.0 || least == 1.0 => format!("{number:.0} {name}"),
        _ if number >= 10.0 => format!("{number:.1} {name}"),
        _ => format!("{number:.2} {name}"),
    }
}

/// An error with its causes.
fn describe(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", describe(source)),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_room_is_a_warning_only_where_it_is_little_of_the_disk_too() {
        for (free, total, state) in [
            (500 << 20, 1 << 40, HealthState::Failed),
            (10 << 30, 1 << 40, HealthState::Warning),
            (10 << 30, 50 << 30, HealthState::Ok),
            (300 << 30, 4 << 40, HealthState::Ok),
        ] {
            assert_eq!(judge_space(free, total).state, state, "{free} of {total}");
        }
    }

    #[test]
    fn a_clock_that_was_set_back_is_told_by_what_is_written() {
        let now = Timestamp::from_seconds(10_000);
        let judge = |seconds| judge_clock(Some(Timestamp::from_seconds(seconds)), now).state;
        assert_eq!(judge(9_000), HealthState::Ok);
        assert_eq!(judge(10_030), HealthState::Ok);
        assert_eq!(judge(13_600), HealthState::Warning);
        assert_eq!(judge_clock(None, now).state, HealthState::Ok);
    }

    #[test]
    fn a_delivery_that_waits_for_long_is_told_with_its_time() {
        let now = Timestamp::from_seconds(10_000);
        let judge = |since| judge_deliveries(3, Some(Timestamp::from_seconds(since)), now);
        assert_eq!(judge(9_900).state, HealthState::Ok);
        let late = judge(1_000);
        assert_eq!(late.state, HealthState::Warning);
        assert_eq!(late.parameters[0].1, "1970-01-01 00:16:40 UTC");
    }

    #[test]
    fn sizes_have_three_digits() {
        for (bytes, text) in [
            (974, "974 B"),
            (96_400_000, "96.4 MB"),
            (1_240_000_000, "1.24 GB"),
            (812_000_000_000, "812 GB"),
        ] {
            assert_eq!(show_size(bytes), text);
        }
    }
}
