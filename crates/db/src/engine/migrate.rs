//! Schema changes go forward only, one transaction each, so that an interrupted one has not happened.

use super::{
    error::{DbError, DbErrorKind},
    postgres::Connection as PostgresConnection,
    tx::Engine,
    value::Value,
};
use rusqlite::Connection;
use std::path::Path;

/// All migrations, oldest first. A landed one is never edited.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/0001_registry.sql"),
    include_str!("../../migrations/0002_sources.sql"),
    include_str!("../../migrations/0003_rules.sql"),
    include_str!("../../migrations/0004_builds.sql"),
    include_str!("../../migrations/0005_waiting.sql"),
    include_str!("../../migrations/0006_lasting.sql"),
    include_str!("../../migrations/0007_link_refs.sql"),
    include_str!("../../migrations/0008_triggers.sql"),
    include_str!("../../migrations/0009_newness.sql"),
    include_str!("../../migrations/0010_trace.sql"),
    include_str!("../../migrations/0011_sessions.sql"),
    include_str!("../../migrations/0012_stats.sql"),
    include_str!("../../migrations/0013_activity.sql"),
    include_str!("../../migrations/0014_settings.sql"),
    include_str!("../../migrations/0015_lists.sql"),
    include_str!("../../migrations/0016_oidc.sql"),
    include_str!("../../migrations/0017_backlog.sql"),
    include_str!("../../migrations/0018_search.sql"),
    include_str!("../../migrations/0019_tags_by_hand.sql"),
];

/// The schema that this program reads and writes.
pub const SCHEMA_VERSION: i64 = MIGRATIONS.len() as i64;

/// PostgreSQL's advisory lock that lets one of several starting servers migrate ("wharf" in ASCII).
const MIGRATION_LOCK: i64 = 0x77_68_61_72_66;

/// One schema text serves both engines; these words differ.
fn translate(sql: &str, engine: Engine) -> String {
    match engine {
        Engine::Sqlite => sql.replace("{clustered}", "WITHOUT ROWID"),
        // Bytewise order, as SQLite has it; the database's own collation may ignore punctuation or case.
        Engine::Postgres => sql
            .replace("{clustered}", "")
            .replace(" TEXT", " TEXT COLLATE \"C\"")
            .replace(" BLOB", " BYTEA"),
    }
}

fn check_version(found: i64) -> Result<(), DbError> {
    if found > SCHEMA_VERSION {
        return Err(DbError::new(
            DbErrorKind::Schema,
            format!(
                "the database has schema {found}, this program knows schemas up to {SCHEMA_VERSION}: start the newer wharf that wrote it"
            ),
        ));
    }
    Ok(())
}

/// What to do about a damaged file is part of the error.
pub(super) fn damaged(path: &Path, found: &DbError) -> DbError {
    let path = path.display();
    DbError::new(
        DbErrorKind::Corrupt,
        format!(
            "the database {path} is damaged; stop wharf, keep a copy, and restore your last backup over it (or try `sqlite3 {path} .recover | sqlite3 recovered.db`)"
        ),
    )
    .with_source(found.to_string())
}

pub(super) fn migrate_sqlite(connection: &Connection) -> Result<(), DbError> {
    let run = |sql: &str| {
        connection
            .execute_batch(sql)
            .map_err(|error| DbError::sqlite("migrate the database", error))
    };
    let version = connection.query_row("PRAGMA user_version", [], |row| row.get(0));
    let mut version: i64 = version.map_err(|error| {
        let error = DbError::sqlite("read the schema version", error);
        match (error.kind(), connection.path()) {
            (DbErrorKind::Corrupt, Some(path)) => damaged(Path::new(path), &error),
            _ => error,
        }
    })?;
    check_version(version)?;
    for sql in MIGRATIONS.iter().skip(version as usize) {
        version += 1;
        run("BEGIN IMMEDIATE")?;
        run(&translate(sql, Engine::Sqlite))?;
        run(&format!("PRAGMA user_version = {version}; COMMIT"))?;
    }
    Ok(())
}

pub(super) fn migrate_postgres(connection: &mut PostgresConnection) -> Result<(), DbError> {
    connection.batch(&format!("SELECT pg_advisory_lock({MIGRATION_LOCK})"))?;
    let done = migrate_locked(connection);
    connection.batch(&format!("SELECT pg_advisory_unlock({MIGRATION_LOCK})"))?;
    done
}

fn migrate_locked(connection: &mut PostgresConnection) -> Result<(), DbError> {
    connection.batch("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")?;
    let rows = connection.query("SELECT version FROM schema_version", &[])?;
    let mut version: i64 = match rows.into_iter().next() {
        Some(mut row) => row.take(0)?,
        None => {
            connection.execute("INSERT INTO schema_version VALUES ($1)", &[Value::Int(0)])?;
            0
        }
    };
    check_version(version)?;
    for sql in MIGRATIONS.iter().skip(version as usize) {
        version += 1;
        connection.batch(&format!(
            "BEGIN; {}; UPDATE schema_version SET version = {version}; COMMIT",
            translate(sql, Engine::Postgres)
        ))?;
    }
    Ok(())
}
