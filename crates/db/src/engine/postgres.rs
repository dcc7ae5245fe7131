//! PostgreSQL: a pool of connections, serializable writers that run again after a conflict.

use super::{
    Durability, Order, WriteRequest,
    column::TextColumn,
    error::{DbError, DbErrorKind},
    job::{ReadJob, WriteJob, start_thread},
    migrate,
    queue::{Receiver, Sender, make_queue},
    tx::{Inner, Row, Tx},
    value::Value,
};
use postgres::{Client, Config, Statement, types::ToSql};
use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    time::Duration,
};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Connections for reads and for writes. Together well below PostgreSQL's default of 100, so that several programs
/// can share a server.
const READERS: usize = 4;
const WRITERS: usize = 8;

/// Waits for the writers before; readers, and rows that only refer to the repository, are not held up.
const LOCK_REPOSITORY: &str = "SELECT 1 FROM repositories WHERE id = $1 FOR NO KEY UPDATE";

/// How often a transaction that lost against others runs again before the caller hears [`DbErrorKind::Busy`].
const ATTEMPTS: u32 = 12;

/// Longest wait for a connection; a client's request must not hang for longer on a dead server.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

type Opened = (Sender<Box<dyn ReadJob>>, Sender<WriteRequest>);

/// Opens the pool, from any thread: the driver starts a runtime of its own, which panics on one that drives another.
pub(super) fn open(url: &str) -> Result<Opened, DbError> {
    let opened = thread::scope(|scope| scope.spawn(|| open_pool(url)).join());
    opened.unwrap_or_else(|_| Err(DbError::new(DbErrorKind::Other, "open the database")))
}

fn open_pool(url: &str) -> Result<Opened, DbError> {
    let config: Config = url.parse().map_err(|error: postgres::Error| {
        DbError::new(DbErrorKind::Schema, "read the database address").with_source(error)
    })?;
    let connector = Connector::new(config)?;
    let mut first = connector.connect()?;
    migrate::migrate_postgres(&mut first)?;
    let (read_sender, read_receiver) = make_queue();
    let (write_sender, write_receiver) = make_queue();
    let mut first = Some(first);
    for number in 0..READERS {
        let (jobs, connector) = (read_receiver.clone(), connector.clone());
        let mut slot = Slot {
            connector,
            connection: first.take(),
        };
        start_thread(&format!("db-read-{number}"), move || {
            run_reads(&mut slot, &jobs)
        })?;
    }
    for number in 0..WRITERS {
        let (requests, connector) = (write_receiver.clone(), connector.clone());
        let mut slot = Slot {
            connector,
            connection: None,
        };
        start_thread(&format!("db-write-{number}"), move || {
            run_writes(&mut slot, &requests)
        })?;
    }
    Ok((read_sender, write_sender))
}

#[derive(Clone)]
struct Connector {
    config: Config,
    tls: MakeRustlsConnect,
}

impl Connector {
    fn new(mut config: Config) -> Result<Self, DbError> {
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        config.application_name("wharf");
        // A dead server is noticed on idle connections as well, and a stopped one ends a statement's wait.
        config.keepalives_idle(Duration::from_secs(10));
        config.tcp_user_timeout(Duration::from_secs(20));
        let tls = match MakeRustlsConnect::with_native_certs() {
            Ok((tls, broken)) => {
                if !broken.is_empty() {
                    tracing::warn!(
                        count = broken.len(),
                        "some of the system's certificates could not be read"
                    );
                }
                tls
            }
            Err(_) => {
                tracing::warn!(
                    "no system certificates were found: a PostgreSQL server that wants TLS will be refused"
                );
                let roots = rustls::ClientConfig::builder()
                    .with_root_certificates(rustls::RootCertStore::empty());
                MakeRustlsConnect::new(roots.with_no_client_auth())
            }
        };
        Ok(Self { config, tls })
    }

    fn connect(&self) -> Result<Connection, DbError> {
        let attempt = "connect to PostgreSQL";
        let mut client = self
            .config
            .connect(self.tls.clone())
            .map_err(|error| DbError::postgres(attempt, error))?;
        client
            .batch_execute("SET statement_timeout = '30s'; SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s'")
            .map_err(|error| DbError::postgres(attempt, error))?;
        Ok(Connection {
            client,
            statements: HashMap::new(),
            conflict: false,
        })
    }
}

/// A connection with the statements it has prepared.
pub(super) struct Connection {
    client: Client,
    statements: HashMap<String, Statement>,
    /// A statement of the running transaction lost against another transaction.
    conflict: bool,
}

impl Connection {
    pub(super) fn batch(&mut self, sql: &str) -> Result<(), DbError> {
        let done = self.client.batch_execute(sql);
        done.map_err(|error| self.fail(sql, error))
    }

    fn prepare(&mut self, sql: &str) -> Result<Statement, DbError> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql);
        let statement = statement.map_err(|error| self.fail(sql, error))?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    fn fail(&mut self, sql: &str, error: postgres::Error) -> DbError {
        let error = DbError::postgres(sql, error);
        self.conflict |= error.conflict;
        error
    }

    pub(super) fn execute(&mut self, sql: &str, parameters: &[Value<'_>]) -> Result<u64, DbError> {
        let statement = self.prepare(sql)?;
        let changed = self.client.execute(&statement, &borrow(parameters));
        changed.map_err(|error| self.fail(sql, error))
    }

    pub(super) fn query(
        &mut self,
        sql: &str,
        parameters: &[Value<'_>],
    ) -> Result<Vec<Row>, DbError> {
        let statement = self.prepare(sql)?;
        let rows = self.client.query(&statement, &borrow(parameters));
        let rows = rows.map_err(|error| self.fail(sql, error))?;
        rows.iter().map(|row| own(sql, row)).collect()
    }

    pub(super) fn query_texts(
        &mut self,
        sql: &str,
        parameters: &[Value<'_>],
    ) -> Result<TextColumn, DbError> {
        let statement = self.prepare(sql)?;
        let rows = self.client.query(&statement, &borrow(parameters));
        let rows = rows.map_err(|error| self.fail(sql, error))?;
        let mut column = TextColumn::default();
        for row in &rows {
            let text = row
                .try_get(0)
                .map_err(|error| DbError::postgres(sql, error))?;
            column.push(text);
        }
        Ok(column)
    }
}

fn borrow<'a>(parameters: &'a [Value<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    parameters.iter().map(|value| value as _).collect()
}

fn own(sql: &str, row: &postgres::Row) -> Result<Row, DbError> {
    use postgres::types::Type;
    let column = |index: usize, column: &postgres::Column| {
        let value = match *column.type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(index)?.map(Value::Int),
            // The type of a literal such as `SELECT 1`.
            Type::INT4 => row
                .try_get::<_, Option<i32>>(index)?
                .map(|value| Value::Int(value.into())),
            Type::BOOL => row.try_get::<_, Option<bool>>(index)?.map(Value::Bool),
            Type::BYTEA => row
                .try_get::<_, Option<Vec<u8>>>(index)?
                .map(|bytes| Value::Bytes(bytes.into())),
            _ => row
                .try_get::<_, Option<String>>(index)?
                .map(|text| Value::Text(text.into())),
        };
        Ok(value.unwrap_or(Value::Null))
    };
    row.columns()
        .iter()
        .enumerate()
        .map(|(index, description)| column(index, description))
        .collect::<Result<_, postgres::Error>>()
        .map(Row::new)
        .map_err(|error| DbError::postgres(sql, error))
}

/// A place in the pool: its connection is made when needed and made again after it broke.
struct Slot {
    connector: Connector,
    connection: Option<Connection>,
}

impl Slot {
    fn connection(&mut self) -> Result<&mut Connection, DbError> {
        if self
            .connection
            .as_ref()
            .is_none_or(|connection| connection.client.is_closed())
        {
            self.connection = Some(self.connector.connect()?);
        }
        self.connection.as_mut().ok_or_else(DbError::closed)
    }
}

fn run_reads(slot: &mut Slot, jobs: &Receiver<Box<dyn ReadJob>>) {
    while let Some(job) = jobs.receive() {
        let begun = slot.connection().and_then(|connection| {
            connection.batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
            Ok(connection)
        });
        let connection = match begun {
            Ok(connection) => connection,
            Err(error) => {
                job.run(Err(error));
                slot.connection = None;
                continue;
            }
        };
        let mut tx = Tx(Inner::Postgres(connection));
        if catch_unwind(AssertUnwindSafe(|| job.run(Ok(&mut tx)))).is_err() {
            tracing::error!("a database read panicked");
        }
        if connection.batch("ROLLBACK").is_err() {
            slot.connection = None;
        }
    }
}

fn run_writes(slot: &mut Slot, requests: &Receiver<WriteRequest>) {
    while let Some(request) = requests.receive() {
        let WriteRequest {
            durability,
            order,
            mut job,
            ..
        } = request;
        let outcome = write_until_settled(slot, durability, order, job.as_mut());
        if outcome.is_err() {
            slot.connection = None;
        }
        job.finish(outcome);
    }
}

/// `Ok` when the job ran and its transaction was committed, or rolled back because the job said so.
fn write_until_settled(
    slot: &mut Slot,
    durability: Durability,
    order: Order,
    job: &mut dyn WriteJob,
) -> Result<(), DbError> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        let connection = slot.connection()?;
        match write_once(connection, durability, order, job) {
            Ok(Settled::Done) => return Ok(()),
            Ok(Settled::Conflict) if attempt < ATTEMPTS => back_off(attempt),
            Ok(Settled::Conflict) => {
                return Err(DbError::new(
                    DbErrorKind::Busy,
                    "the transaction lost against others too often",
                ));
            }
            Err(error) => return Err(error),
        }
    }
}

enum Settled {
    Done,
    Conflict,
}

fn write_once(
    connection: &mut Connection,
    durability: Durability,
    order: Order,
    job: &mut dyn WriteJob,
) -> Result<Settled, DbError> {
    connection.conflict = false;
    connection.batch(match (order, durability) {
        (Order::Serializable, Durability::Durable) => "BEGIN ISOLATION LEVEL SERIALIZABLE",
        (Order::Serializable, Durability::Relaxed) => {
            "BEGIN ISOLATION LEVEL SERIALIZABLE; SET LOCAL synchronous_commit = off"
        }
        (_, Durability::Durable) => "BEGIN ISOLATION LEVEL READ COMMITTED",
        (_, Durability::Relaxed) => {
            "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL synchronous_commit = off"
        }
    })?;
    if let Order::Repository(repository) = order
        && let Err(error) = connection.query(LOCK_REPOSITORY, crate::params![repository])
    {
        let _ = connection.batch("ROLLBACK");
        return if connection.conflict {
            Ok(Settled::Conflict)
        } else {
            Err(error)
        };
    }
    let mut tx = Tx(Inner::Postgres(connection));
    let commit = catch_unwind(AssertUnwindSafe(|| job.run(&mut tx))).unwrap_or_else(|_| {
        tracing::error!("a database write panicked");
        false
    });
    let ended = connection.batch(if commit { "COMMIT" } else { "ROLLBACK" });
    if connection.conflict {
        if !commit {
            ended?;
        } else if !connection.client.is_closed() {
            let _ = connection.batch("ROLLBACK");
        }
        return Ok(Settled::Conflict);
    }
    ended.map(|()| Settled::Done)
}

/// Losers wait a little longer each time, and not all equally long.
fn back_off(attempt: u32) {
    let jitter = u64::from(
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |now| now.subsec_micros())
            % 1000,
    );
    thread::sleep(Duration::from_micros(
        (1 << attempt.min(6)) * 500 + jitter * u64::from(attempt),
    ));
}
