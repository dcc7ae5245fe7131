//! One door to two databases: closures over a [`Tx`] run on SQLite or PostgreSQL with the same SQL text.
//!
//! The closures are synchronous and run on threads of this room, never on the async runtime. SQLite has one writer
//! thread, which gives every waiting closure its own savepoint and commits them together (group commit), and a few
//! readers; work in the background gives way there ([`Db::in_background`]). PostgreSQL has a pool of connections and runs writers serializably, again after a conflict.
//! What differs between the engines is in here and nowhere else.

mod column;
mod error;
mod job;
mod migrate;
mod near;
mod pace;
mod postgres;
mod queue;
mod sqlite;
mod turns;
mod tx;
mod value;

pub use column::TextColumn;
pub use error::{DbError, DbErrorKind};
pub use migrate::SCHEMA_VERSION;
pub use tx::{Engine, Row, Tx};
pub use value::{FromValue, ToValue, Value};

use job::{ReadJob, Readable, Writable, WriteJob};
use near::Near;
use pace::Traffic;
use queue::Sender;
use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::oneshot;
use turns::Turn;
use wharf_model::RepositoryId;

/// Where the rows are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file; made when missing.
    Sqlite(PathBuf),
    /// A connection string as libpq takes it.
    Postgres(String),
}

/// The form of a database address was not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no database address; write sqlite://PATH or postgres://USER:PASSWORD@HOST/NAME")]
pub struct DatabaseUrlError(String);

impl std::str::FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix("sqlite://") {
            if !path.is_empty() {
                return Ok(Self::Sqlite(path.into()));
            }
        } else if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.into()));
        }
        // A password may be in there: only the scheme is repeated.
        let scheme = text.split("://").next().unwrap_or_default();
        Err(DatabaseUrlError(format!("{scheme}://…")))
    }
}

/// How much a commit promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Durability {
    /// Survives the end of the process, not a power loss; ordered before every later durable commit.
    Relaxed,
    /// Survives a power loss.
    Durable,
}

/// How writers that touch the same rows are kept apart. SQLite has one writer and needs nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As if one ran after the other; after a conflict the loser runs again. For rules over several rows that are
    /// changed now and then: accounts, limits, names.
    Serializable,
    /// One after the other in this repository, each seeing what the one before committed. For pushes and deletes,
    /// which come by the dozen and would lose against each other too often.
    Repository(RepositoryId),
    /// Each statement for itself, for changes that commute, such as adding to counters.
    Statements,
}

/// How long a writer waits in all, behind others and for another process that holds the database, before it gives up with
/// [`DbErrorKind::Busy`] because of that process: longer than any of our own transactions, shorter than a client's patience.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The database. Cheap to clone; its threads end when the last clone is dropped.
#[derive(Clone)]
pub struct Db {
    readers: Sender<Box<dyn ReadJob>>,
    writer: Sender<WriteRequest>,
    /// PostgreSQL has none: a look-up there is a wait for the network.
    near: Option<Near>,
    engine: Engine,
    turn: Turn,
    traffic: Arc<Traffic>,
}

struct WriteRequest {
    turn: Turn,
    /// Since when somebody waits.
    asked: Instant,
    durability: Durability,
    order: Order,
    job: Box<dyn WriteJob>,
}

impl Db {
    /// Opens the database, migrated to this program's schema.
    ///
    /// Fails when the schema is newer than this program, when the file is damaged, when SQLite is older than 3.51.3,
    /// or when the server cannot be reached.
    pub fn open(url: &DatabaseUrl) -> Result<Self, DbError> {
        let traffic = Arc::new(Traffic::new());
        match url {
            DatabaseUrl::Sqlite(path) => {
                let (readers, writer, near) = sqlite::open(path, traffic.clone())?;
                Ok(Self {
                    readers,
                    writer,
                    near: Some(near),
                    engine: Engine::Sqlite,
                    turn: Turn::Foreground,
                    traffic,
                })
            }
            DatabaseUrl::Postgres(url) => {
                let (readers, writer) = postgres::open(url)?;
                Ok(Self {
                    readers,
                    writer,
                    near: None,
                    engine: Engine::Postgres,
                    turn: Turn::Foreground,
                    traffic,
                })
            }
        }
    }

    /// Which engine this is.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The same database for work that nobody waits for: on SQLite, whose one writer pushes share, its writes and long reads
    /// go in small pieces (a write is one: keep it short) with rests between them for as long as others write, so that they
    /// get a twentieth of a busy server and a sixth of one that is busy now and then. While nobody else writes they go at
    /// once. On PostgreSQL, which has writers
    /// for both, nothing differs.
    pub fn in_background(&self) -> Self {
        Self {
            turn: Turn::Background,
            ..self.clone()
        }
    }

    /// Runs `read` on one consistent snapshot, on a database thread: for lists and searches.
    pub async fn read<T, E, F>(&self, read: F) -> Result<T, E>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        if (self.turn, self.engine) != (Turn::Background, Engine::Sqlite) {
            return self.read_now(read).await;
        }
        self.traffic.wait_for_read().await;
        let traffic = self.traffic.clone();
        self.read_now(move |tx| {
            let begun = Instant::now();
            let answer = read(tx);
            traffic.note_read(begun.elapsed());
            answer
        })
        .await
    }

    async fn read_now<T, E, F>(&self, read: F) -> Result<T, E>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Readable::new(read, reply));
        self.readers.send(job);
        answer
            .await
            .unwrap_or_else(|_| Err(DbError::closed().into()))
    }

    /// Like [`Db::read`], for a few rows found by index: runs at once on the calling thread where that is cheaper.
    pub async fn look_up<T, E, F>(&self, read: F) -> Result<T, E>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let Some(near) = &self.near else {
            return self.read_now(read).await;
        };
        match near.read(read) {
            Ok(answer) => answer,
            Err(read) => self.read_now(read).await,
        }
    }

    /// Runs `write` in a transaction and commits it with `durability`; an error from `write` rolls it back.
    ///
    /// `write` may run several times (PostgreSQL repeats it after a serialization conflict), so its only effects are
    /// on the transaction. When this answers `Ok`, the commit happened. A lost connection during COMMIT answers
    /// [`DbErrorKind::Unavailable`] with the outcome unknown: what calls this must be safe to repeat.
    pub async fn write<T, E, F>(&self, durability: Durability, write: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.write_in_order(durability, Order::Serializable, write)
            .await
    }

    /// Like [`Db::write`], kept apart from others by `order`.
    pub async fn write_in_order<T, E, F>(
        &self,
        durability: Durability,
        order: Order,
        write: F,
    ) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Writable::new(write, reply));
        if self.turn == Turn::Foreground {
            self.traffic.note_write();
        }
        let request = WriteRequest {
            turn: self.turn,
            asked: Instant::now(),
            durability,
            order,
            job,
        };
        self.writer.send(request);
        answer
            .await
            .unwrap_or_else(|_| Err(DbError::closed().into()))
    }
}

#[cfg(test)]
mod tests;
