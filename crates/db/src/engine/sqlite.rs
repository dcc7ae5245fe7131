//! SQLite: one writer thread with group commit, a few reader threads, write-ahead log.

use super::{
    BUSY_TIMEOUT, Durability, WriteRequest,
    column::TextColumn,
    error::{DbError, DbErrorKind},
    job::{ReadJob, WriteJob, start_thread},
    migrate,
    near::Near,
    pace::Traffic,
    queue::{Receiver, Sender, make_queue},
    turns::{Next, Turn, Turns},
    tx::{Inner, Row, Tx},
    value::Value,
};
use rusqlite::{Connection, OpenFlags, config::DbConfig};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

/// The first release without the write-ahead-log bug that can corrupt a database after a checkpoint.
const OLDEST_SQLITE: i32 = 3_051_003;

/// Readers: more only wait for each other on small machines, fewer let one long list hold up the rest.
const READERS: usize = 4;

/// Most writers that share one commit: bounds how long the first of them waits for the last.
const GROUP: usize = 64;

/// After which time a group of background work begins nothing more. Longer, and a push that comes then waits for it; shorter,
/// and background work pays for a commit with each row.
const PIECE: Duration = Duration::from_millis(2);

/// Connections for look-ups on the callers' threads: as many as can run at once on a small machine; who finds none
/// goes the way of long reads.
const NEAR: usize = 4;

type Opened = (Sender<Box<dyn ReadJob>>, Sender<WriteRequest>, Near);

pub(super) fn open(path: &Path, traffic: Arc<Traffic>) -> Result<Opened, DbError> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(DbError::new(
            DbErrorKind::Schema,
            format!(
                "this program is linked to SQLite {}, which can damage a database; 3.51.3 or newer is needed",
                rusqlite::version()
            ),
        ));
    }
    let writer = connect(path, true)?;
    migrate::migrate_sqlite(&writer)?;
    let (read_sender, read_receiver) = make_queue::<Box<dyn ReadJob>>();
    let (write_sender, write_receiver) = make_queue::<WriteRequest>();
    for number in 0..READERS {
        let connection = connect(path, false)?;
        let jobs = read_receiver.clone();
        start_thread(&format!("db-read-{number}"), move || {
            run_reads(&connection, &jobs)
        })?;
    }
    let mut writer = Writer {
        connection: writer,
        current: Durability::Durable,
    };
    start_thread("db-write", move || {
        run_writes(&mut writer, &write_receiver, &traffic)
    })?;
    let near = (0..NEAR)
        .map(|_| connect(path, false))
        .collect::<Result<_, _>>()?;
    Ok((read_sender, write_sender, Near::new(near)))
}

fn connect(path: &Path, writable: bool) -> Result<Connection, DbError> {
    let attempt = format!("open the database {}", path.display());
    let access = if writable {
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
    } else {
        OpenFlags::SQLITE_OPEN_READ_ONLY
    };
    let open = || {
        let connection =
            Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.set_prepared_statement_cache_capacity(256);
        // Without it a statement that compares with a placeholder is prepared anew whenever another value is bound, in
        // case statistics know better: 40 µs a page, and plans that change under one's feet.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        if writable {
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "FULL")?;
            // A log that one huge transaction blew up is cut back to this many bytes.
            connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
            // In KiB. The writer meets random keys of big tables; readers mostly meet pages the kernel caches.
            connection.pragma_update(None, "cache_size", -4096)?;
        } else {
            connection.pragma_update(None, "cache_size", -1024)?;
        }
        connection.pragma_update(None, "foreign_keys", true)?;
        Ok(connection)
    };
    open().map_err(|error| {
        let error = DbError::sqlite(&attempt, error);
        if error.kind() == DbErrorKind::Corrupt {
            return migrate::damaged(path, &error);
        }
        error
    })
}

fn run_reads(connection: &Connection, jobs: &Receiver<Box<dyn ReadJob>>) {
    while let Some(job) = jobs.receive() {
        let snapshot = match Snapshot::begin(connection) {
            Ok(snapshot) => snapshot,
            Err(error) => {
                job.run(Err(error));
                continue;
            }
        };
        let mut tx = snapshot.tx();
        if catch_unwind(AssertUnwindSafe(|| job.run(Ok(&mut tx)))).is_err() {
            tracing::error!("a database read panicked");
        }
    }
}

/// A read transaction: one snapshot for all statements. Ends when dropped.
pub(super) struct Snapshot<'c>(&'c Connection);

impl<'c> Snapshot<'c> {
    pub(super) fn begin(connection: &'c Connection) -> Result<Self, DbError> {
        let begun = connection
            .prepare_cached("BEGIN")
            .and_then(|mut begin| begin.execute([]));
        begun
            .map(|_| Self(connection))
            .map_err(|error| DbError::sqlite("begin a read", error))
    }

    pub(super) fn tx(&self) -> Tx<'c> {
        Tx(Inner::Sqlite(self.0))
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        let ended = self
            .0
            .prepare_cached("COMMIT")
            .and_then(|mut commit| commit.execute([]));
        if let Err(error) = ended {
            tracing::error!(%error, "a read transaction did not end");
        }
    }
}

/// How long a piece of the background waits for another process that holds the database. With more, a write of the foreground that
/// comes behind it is refused late; with less, the background fails at every short write of such a process.
const BACKGROUND_BUSY_TIMEOUT: Duration = Duration::from_millis(500);

fn run_writes(writer: &mut Writer, requests: &Receiver<WriteRequest>, traffic: &Traffic) {
    let mut turns = Turns::new();
    loop {
        let wait = match turns.choose(traffic.others_wrote(), Instant::now()) {
            Next::Wait(wait) => wait,
            Next::Run(_) => Some(Duration::ZERO),
        };
        let Some(arrived) = requests.receive_all(wait) else {
            writer.commit_group(turns.take_all(), None);
            return;
        };
        for request in arrived {
            turns.add(request.turn, request);
        }
        let begun = Instant::now();
        if let Next::Run(turn) = turns.choose(traffic.others_wrote(), begun) {
            let limit = match turn {
                Turn::Foreground => None,
                Turn::Background => Some(PIECE),
            };
            let group = turns.take(turn, GROUP);
            let left = writer.commit_group(group, limit);
            let now = Instant::now();
            turns.end(turn, left, now.duration_since(begun), now);
        }
    }
}

/// The one connection that writes.
struct Writer {
    connection: Connection,
    /// What its commits promise now.
    current: Durability,
}

impl Writer {
    /// Commits these together, each in a savepoint of its own; answers those that did not begin within `limit`, of which the
    /// first always does.
    fn commit_group(
        &mut self,
        group: Vec<WriteRequest>,
        limit: Option<Duration>,
    ) -> Vec<WriteRequest> {
        let Some(wanted) = group.iter().map(|request| request.durability).max() else {
            return group;
        };
        if let Err(error) = self.promise(wanted) {
            fail_all(group, error);
            return Vec::new();
        }
        let group = match limit {
            None => self.begin(group),
            Some(_) => self.begin_within(BACKGROUND_BUSY_TIMEOUT, group),
        };
        let (begun, connection) = (Instant::now(), &self.connection);
        if group.is_empty() {
            return group;
        }
        let mut done = Vec::with_capacity(group.len());
        let mut waiting = group.into_iter();
        while limit.is_none_or(|limit| done.is_empty() || begun.elapsed() < limit)
            && let Some(WriteRequest { mut job, .. }) = waiting.next()
        {
            match run_in_savepoint(connection, job.as_mut()) {
                Ok(()) => done.push(job),
                Err(error) => job.finish(Err(error)),
            }
        }
        let committed = connection
            .execute_batch("COMMIT")
            .map_err(|error| DbError::sqlite("commit", error));
        if committed.is_err() && !connection.is_autocommit() {
            let _ = connection.execute_batch("ROLLBACK");
        }
        finish_all(done, &committed);
        waiting.collect()
    }

    /// Begins a transaction; answers those that it is for. Who waited long enough before is refused, and the others wait on.
    fn begin(&self, mut group: Vec<WriteRequest>) -> Vec<WriteRequest> {
        while let Some(first) = group.iter().map(|request| request.asked).min() {
            let patience = BUSY_TIMEOUT.saturating_sub(first.elapsed());
            let over = match self.try_to_begin(patience) {
                Ok(()) => return group,
                Err(error) if error.kind() == DbErrorKind::Busy => error,
                Err(error) => {
                    fail_all(group, error);
                    return Vec::new();
                }
            };
            // The one that was waited with is among them, whatever the clock of the database says.
            let (late, rest) = group.into_iter().partition(|request| {
                request.asked <= first || request.asked.elapsed() >= BUSY_TIMEOUT
            });
            fail_all(late, over);
            group = rest;
        }
        group
    }

    /// The same for those that are all tried again later.
    fn begin_within(&self, patience: Duration, group: Vec<WriteRequest>) -> Vec<WriteRequest> {
        match self.try_to_begin(patience) {
            Ok(()) => group,
            Err(error) => {
                fail_all(group, error);
                Vec::new()
            }
        }
    }

    fn try_to_begin(&self, patience: Duration) -> Result<(), DbError> {
        self.connection
            .busy_timeout(patience)
            .and_then(|()| self.connection.execute_batch("BEGIN IMMEDIATE"))
            .map_err(|error| DbError::sqlite("begin a transaction", error))
    }

    /// Has the next commits promise that.
    fn promise(&mut self, wanted: Durability) -> Result<(), DbError> {
        if wanted == self.current {
            return Ok(());
        }
        let level = match wanted {
            Durability::Relaxed => "NORMAL",
            Durability::Durable => "FULL",
        };
        self.connection
            .pragma_update(None, "synchronous", level)
            .map_err(|error| DbError::sqlite("set the durability", error))?;
        self.current = wanted;
        Ok(())
    }
}

fn run_in_savepoint(connection: &Connection, job: &mut dyn WriteJob) -> Result<(), DbError> {
    let batch = |sql| {
        connection
            .execute_batch(sql)
            .map_err(|error| DbError::sqlite("set a savepoint", error))
    };
    batch("SAVEPOINT job")?;
    let mut tx = Tx(Inner::Sqlite(connection));
    let commit = catch_unwind(AssertUnwindSafe(|| job.run(&mut tx))).unwrap_or_else(|_| {
        tracing::error!("a database write panicked");
        false
    });
    if !commit {
        batch("ROLLBACK TO job")?;
    }
    batch("RELEASE job")
}

fn fail_all(group: Vec<WriteRequest>, error: DbError) {
    let jobs = group.into_iter().map(|request| request.job).collect();
    finish_all(jobs, &Err(error));
}

fn finish_all(jobs: Vec<Box<dyn WriteJob>>, outcome: &Result<(), DbError>) {
    for job in jobs {
        job.finish(outcome.as_ref().copied().map_err(DbError::share));
    }
}

/// SQLite numbers `$1` by its first appearance and `?1` by its digits; the digits are what we mean.
fn number_placeholders(sql: &str) -> String {
    sql.replace('$', "?")
}

pub(super) fn execute(
    connection: &Connection,
    sql: &str,
    parameters: &[Value<'_>],
) -> Result<u64, DbError> {
    let run = || {
        let mut statement = connection.prepare_cached(&number_placeholders(sql))?;
        statement.execute(rusqlite::params_from_iter(parameters))
    };
    run()
        .map(|changed| changed as u64)
        .map_err(|error| DbError::sqlite(sql, error))
}

pub(super) fn query(
    connection: &Connection,
    sql: &str,
    parameters: &[Value<'_>],
) -> Result<Vec<Row>, DbError> {
    let run = || {
        let mut statement = connection.prepare_cached(&number_placeholders(sql))?;
        let columns = statement.column_count();
        let mut rows = statement.query(rusqlite::params_from_iter(parameters))?;
        let mut answer = Vec::new();
        while let Some(row) = rows.next()? {
            let values = (0..columns)
                .map(|column| row.get_ref(column).map(own))
                .collect::<rusqlite::Result<_>>()?;
            answer.push(Row::new(values));
        }
        Ok(answer)
    };
    run().map_err(|error| DbError::sqlite(sql, error))
}

pub(super) fn query_texts(
    connection: &Connection,
    sql: &str,
    parameters: &[Value<'_>],
) -> Result<TextColumn, DbError> {
    let run = || {
        let mut statement = connection.prepare_cached(&number_placeholders(sql))?;
        let mut rows = statement.query(rusqlite::params_from_iter(parameters))?;
        let mut column = TextColumn::default();
        while let Some(row) = rows.next()? {
            column.push(row.get_ref(0)?.as_str()?);
        }
        Ok(column)
    };
    run().map_err(|error: rusqlite::Error| DbError::sqlite(sql, error))
}

fn own(value: rusqlite::types::ValueRef<'_>) -> Value<'static> {
    use rusqlite::types::ValueRef;
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::Int(value),
        // No table has REAL columns; an average is asked for as an integer.
        ValueRef::Real(value) => Value::Int(value as i64),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned().into()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec().into()),
    }
}
