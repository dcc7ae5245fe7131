//! Numbers over time: what was stored, what went in and out, by the hour and by the day.
//!
//! Whose numbers may be read is decided by the caller, who hands the proof in ([`Seen`]). Nothing here knows what time
//! it is or how long rows are kept: [`wharf_model::stats`] does.

mod count;
mod forget;
mod storage;
mod traffic;

pub use count::count_stored;
pub use forget::{forget_lost_scopes, forget_old_rows};
pub use storage::{find_last_look, list_latest, put_stored, read_storage};
pub use traffic::{add_traffic, read_traffic};

use crate::{ToValue, Value};
use std::collections::BTreeMap;
use wharf_model::{
    Granted, Timestamp,
    rights::{Administer, View, ViewStats},
    stats::{Grain, StatsScope},
};

/// Whose numbers somebody may read.
#[derive(Debug, Clone)]
pub enum Seen {
    /// The whole server's.
    Server(Granted<Administer>),
    /// A namespace's.
    Namespace(Granted<View>),
    /// A repository's.
    Repository(Granted<ViewStats>),
}

impl Seen {
    fn scope(&self) -> StatsScope {
        match self {
            Self::Server(_) => StatsScope::Server,
            Self::Namespace(granted) => StatsScope::Namespace(granted.subject().namespace),
            Self::Repository(granted) => StatsScope::Repository(granted.repository()),
        }
    }
}

/// Numbers of one scope since a moment.
#[derive(Debug, Clone)]
pub struct Recorded<T> {
    /// Each hour or day that was recorded at all.
    pub recorded: Vec<Timestamp>,
    /// The rows of the scope.
    pub rows: BTreeMap<Timestamp, T>,
}

/// Rows of one statement, the most first: few lengths, so that few statements are prepared.
const ROWS: [usize; 3] = [64, 8, 1];

/// Runs `sql` over all of `rows`, several at once; `{rows}` in it stands for their values.
fn write_rows<const COLUMNS: usize>(
    tx: &mut crate::Tx<'_>,
    sql: &str,
    rows: &[[Value<'static>; COLUMNS]],
) -> Result<(), crate::DbError> {
    let mut rest = rows;
    while !rest.is_empty() {
        let count = ROWS.into_iter().find(|count| *count <= rest.len());
        let (now, later) = rest.split_at(count.unwrap_or(1));
        let places: Vec<String> = (0..now.len())
            .map(|row| {
                let columns = (1..=COLUMNS).map(|column| format!("${}", row * COLUMNS + column));
                format!("({})", columns.collect::<Vec<_>>().join(", "))
            })
            .collect();
        let parameters: Vec<Value<'_>> = now.iter().flatten().cloned().collect();
        tx.execute(&sql.replace("{rows}", &places.join(", ")), &parameters)?;
        rest = later;
    }
    Ok(())
}

impl ToValue for StatsScope {
    fn to_value(&self) -> Value<'_> {
        Value::Text(self.to_string().into())
    }
}

impl ToValue for Grain {
    fn to_value(&self) -> Value<'_> {
        Value::Text(self.as_str().into())
    }
}

/// A value that owns its text.
fn own(value: &impl ToValue) -> Value<'static> {
    value.to_value().into_owned()
}
