//! Look-ups on the callers' own threads.
//!
//! A hop to a database thread and back costs more than a short query (measured: 100 of the 144 µs of a page of tags),
//! so a read of a few rows by index takes a spare connection, if one is free, and runs at once. Long reads stay away
//! from here: they would hold up the requests of the caller's thread.

use super::{error::DbError, sqlite::Snapshot, tx::Tx};
use rusqlite::Connection;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Spare read-only connections; clones share them.
#[derive(Clone)]
pub(super) struct Near(Arc<Mutex<Vec<Connection>>>);

/// A connection on loan; goes back when dropped, also when the reader panicked.
struct Loan<'n> {
    near: &'n Near,
    connection: Option<Connection>,
}

impl Near {
    pub(super) fn new(connections: Vec<Connection>) -> Self {
        Self(Arc::new(Mutex::new(connections)))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Connection>> {
        // Only pushes and pops run under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `read` on one snapshot; gives it back when no connection is free.
    pub(super) fn read<T, E, F>(&self, read: F) -> Result<Result<T, E>, F>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E>,
        E: From<DbError>,
    {
        let Some(connection) = self.lock().pop() else {
            return Err(read);
        };
        let loan = Loan {
            near: self,
            connection: Some(connection),
        };
        let Some(connection) = &loan.connection else {
            return Err(read);
        };
        Ok(match Snapshot::begin(connection) {
            Ok(snapshot) => read(&mut snapshot.tx()),
            Err(error) => Err(error.into()),
        })
    }
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.near.lock().push(connection);
        }
    }
}
