//! Lines for pictures: of the server for administrators, of a namespace and a repository for their readers.

use crate::{App, Context, Error};
use wharf_db::{
    DbError,
    stats::{self, Seen},
};
use wharf_model::{
    Timestamp, decide_system,
    stats::{Grain, Point, StatsRange, Stored, Traffic, lay_out, value_at},
};

/// Whose numbers are wanted, as clients name them.
#[derive(Debug, Clone)]
pub enum StatsSubject {
    /// The server's.
    Server,
    /// A namespace's.
    Namespace(String),
    /// A repository's.
    Repository(String),
}

/// Two lines over the same time.
#[derive(Debug, Clone)]
pub struct Stats {
    /// What one point stands for.
    pub grain: Grain,
    /// The beginning of the range, whether or not anything was recorded then.
    pub from: Timestamp,
    /// Now: the last point is not over yet.
    pub until: Timestamp,
    /// What was stored.
    pub storage: Vec<Point<Stored>>,
    /// What went in and out.
    pub traffic: Vec<Point<Traffic>>,
}

impl App {
    /// The lines of a range. Of what is counted, the last seconds may be missing.
    pub async fn show_stats(
        &self,
        context: &Context,
        subject: StatsSubject,
        range: StatsRange,
    ) -> Result<Stats, Error> {
        let caller = &context.caller;
        let seen = match subject {
            StatsSubject::Server => Seen::Server(decide_system(caller)?),
            StatsSubject::Namespace(name) => {
                Seen::Namespace(self.authorize_namespace(caller, &name).await?)
            }
            StatsSubject::Repository(name) => {
                Seen::Repository(self.authorize_named(context, &name).await?)
            }
        };
        let (grain, until) = (range.grain(), self.clock.now());
        let from = range.start_at(until);
        let read = self.db.read(move |tx| {
            let storage = stats::read_storage(tx, &seen, grain, from)?;
            Ok::<_, DbError>((storage, stats::read_traffic(tx, &seen, grain, from)?))
        });
        let (storage, traffic) = read.await.map_err(Error::from)?;
        let stored = |at| value_at(&storage.rows, at).unwrap_or_default();
        let moved = |at| traffic.rows.get(&at).copied().unwrap_or_default();
        Ok(Stats {
            grain,
            from,
            until,
            storage: lay_out(grain, from, until, &storage.recorded, stored),
            traffic: lay_out(grain, from, until, &traffic.recorded, moved),
        })
    }
}
