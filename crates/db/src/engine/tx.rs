//! A transaction in progress, the same to use on both engines.

use super::{
    column::TextColumn,
    error::{DbError, DbErrorKind},
    postgres::Connection,
    value::{FromValue, Value},
};

/// The two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file beside the server.
    Sqlite,
    /// A server.
    Postgres,
}

/// A transaction in progress.
pub struct Tx<'c>(pub(super) Inner<'c>);

pub(super) enum Inner<'c> {
    Sqlite(&'c rusqlite::Connection),
    Postgres(&'c mut Connection),
}

/// One row of an answer.
#[derive(Debug)]
pub struct Row(Vec<Value<'static>>);

impl Row {
    pub(super) fn new(values: Vec<Value<'static>>) -> Self {
        Self(values)
    }

    /// Column `index`, taken out of the row. Fails when the stored value has not the form of `T`.
    pub fn take<T: FromValue>(&mut self, index: usize) -> Result<T, DbError> {
        let value = self
            .0
            .get_mut(index)
            .map(|value| std::mem::replace(value, Value::Null))
            .ok_or_else(|| DbError::new(DbErrorKind::Other, format!("no column {index} in row")))?;
        T::from_value(value).ok_or_else(|| {
            DbError::new(
                DbErrorKind::Other,
                format!(
                    "column {index} of a row does not hold a {}",
                    std::any::type_name::<T>()
                ),
            )
        })
    }
}

impl Tx<'_> {
    /// Which engine runs this.
    pub fn engine(&self) -> Engine {
        match self.0 {
            Inner::Sqlite(_) => Engine::Sqlite,
            Inner::Postgres(_) => Engine::Postgres,
        }
    }

    /// Runs one statement with numbered placeholders (`$1`); answers how many rows it changed.
    pub fn execute(&mut self, sql: &str, parameters: &[Value<'_>]) -> Result<u64, DbError> {
        match &mut self.0 {
            Inner::Sqlite(connection) => super::sqlite::execute(connection, sql, parameters),
            Inner::Postgres(connection) => connection.execute(sql, parameters),
        }
    }

    /// Runs one query; answers all its rows.
    pub fn query(&mut self, sql: &str, parameters: &[Value<'_>]) -> Result<Vec<Row>, DbError> {
        match &mut self.0 {
            Inner::Sqlite(connection) => super::sqlite::query(connection, sql, parameters),
            Inner::Postgres(connection) => connection.query(sql, parameters),
        }
    }

    /// Runs one query of one column of texts.
    pub fn query_texts(
        &mut self,
        sql: &str,
        parameters: &[Value<'_>],
    ) -> Result<TextColumn, DbError> {
        match &mut self.0 {
            Inner::Sqlite(connection) => super::sqlite::query_texts(connection, sql, parameters),
            Inner::Postgres(connection) => connection.query_texts(sql, parameters),
        }
    }

    /// Runs one query that answers at most one row that matters: the first.
    pub fn query_first(
        &mut self,
        sql: &str,
        parameters: &[Value<'_>],
    ) -> Result<Option<Row>, DbError> {
        Ok(self.query(sql, parameters)?.into_iter().next())
    }
}
