//! What was counted becomes rows; once an hour what is stored does; rows that are too old go. Called by the upkeep.

use super::counting::Counted;
use crate::{App, Error};
use std::collections::BTreeMap;
use wharf_db::{DbError, Durability, Order, stats};
use wharf_model::stats::{Grain, StatsScope, Stored, Traffic};

/// Rows of one transaction. With more, a push waits for it on SQLite; with fewer, there are more commits.
const AT_ONCE: usize = 256;

impl App {
    /// Adds what was counted since the last time to the hour and the day of now: of the repositories, their namespaces, and
    /// the server. What cannot be written is counted again.
    pub(crate) async fn write_traffic(&self) -> Result<(), Error> {
        let mut left = self.traffic.take();
        while !left.is_empty() {
            let piece = left.split_off(left.len().saturating_sub(AT_ONCE));
            let (amounts, now) = (add_up(&piece), self.clock.now());
            let written =
                self.db
                    .write_in_order(Durability::Relaxed, Order::Statements, move |tx| {
                        stats::add_traffic(tx, now, &amounts)
                    });
            let written: Result<(), DbError> = written.await;
            if let Err(error) = written {
                self.traffic.give_back(&piece);
                self.traffic.give_back(&left);
                return Err(error.into());
            }
        }
        Ok(())
    }

    /// Looks at what is stored when an hour began in which nobody did.
    pub(crate) async fn record_storage(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let look = self.db.read(move |tx| {
            if stats::find_last_look(tx)?.is_some_and(|last| last >= Grain::Hour.start_of(now)) {
                return Ok::<_, DbError>(None);
            }
            let found = stats::count_stored(tx)?;
            Ok(Some((
                found,
                stats::list_latest(tx, Grain::Hour)?,
                stats::list_latest(tx, Grain::Day)?,
            )))
        });
        let Some((found, hours, days)) = look.await.map_err(Error::from)? else {
            return Ok(());
        };
        let mut rows: Vec<(StatsScope, Grain, Stored)> = Vec::new();
        for (scope, stored) in found {
            for (grain, latest) in [(Grain::Hour, &hours), (Grain::Day, &days)] {
                let is_known = latest.get(&scope.to_string()) == Some(&stored);
                if !is_known || scope == StatsScope::Server {
                    rows.push((scope, grain, stored));
                }
            }
        }
        // The server's own rows come last: until then the next look begins again.
        for piece in rows.chunks(AT_ONCE) {
            let piece = piece.to_vec();
            let written =
                self.db
                    .write_in_order(Durability::Relaxed, Order::Statements, move |tx| {
                        stats::put_stored(tx, now, &piece)?;
                        stats::add_traffic(tx, now, &[(StatsScope::Server, Traffic::default())])
                    });
            let written: Result<(), DbError> = written.await;
            written.map_err(Error::from)?;
        }
        Ok(())
    }

    /// Takes away rows that are too old, and those of namespaces and repositories that are gone.
    pub(crate) async fn sweep_stats(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let swept = self.db.write(Durability::Relaxed, move |tx| {
            for grain in Grain::ALL {
                stats::forget_old_rows(tx, grain, grain.oldest_at(now))?;
            }
            stats::forget_lost_scopes(tx)
        });
        let swept: Result<u64, DbError> = swept.await;
        swept.map(drop).map_err(Error::from)
    }
}

/// Each scope once.
fn add_up(counted: &[Counted]) -> Vec<(StatsScope, Traffic)> {
    let mut all: BTreeMap<StatsScope, Traffic> = BTreeMap::new();
    for one in counted {
        for scope in [
            StatsScope::Server,
            StatsScope::Namespace(one.namespace),
            StatsScope::Repository(one.repository),
        ] {
            let sum = all.entry(scope).or_default();
            *sum = sum.plus(one.amount);
        }
    }
    all.into_iter().collect()
}
