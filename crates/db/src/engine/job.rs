//! Closures on their way to a database thread, with the way back.

use super::{
    error::{DbError, DbErrorKind},
    tx::Tx,
};
use std::thread;
use tokio::sync::oneshot;

/// A read: runs once, answers itself.
pub(super) trait ReadJob: Send {
    fn run(self: Box<Self>, tx: Result<&mut Tx<'_>, DbError>);
}

/// A write: runs (again after a conflict), then hears how the commit went, then answers.
pub(super) trait WriteJob: Send {
    /// Whether the transaction should be committed.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    fn finish(self: Box<Self>, committed: Result<(), DbError>);
}

pub(super) struct Readable<F, T, E> {
    read: F,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Readable<F, T, E> {
    pub(super) fn new(read: F, reply: oneshot::Sender<Result<T, E>>) -> Self {
        Self { read, reply }
    }
}

impl<F, T, E> ReadJob for Readable<F, T, E>
where
    F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<DbError> + Send,
{
    fn run(self: Box<Self>, tx: Result<&mut Tx<'_>, DbError>) {
        let answer = match tx {
            Ok(tx) => (self.read)(tx),
            Err(error) => Err(error.into()),
        };
        // A caller that went away does not need the answer.
        let _ = self.reply.send(answer);
    }
}

pub(super) struct Writable<F, T, E> {
    write: F,
    answer: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Writable<F, T, E> {
    pub(super) fn new(write: F, reply: oneshot::Sender<Result<T, E>>) -> Self {
        Self {
            write,
            answer: None,
            reply,
        }
    }
}

impl<F, T, E> WriteJob for Writable<F, T, E>
where
    F: Fn(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<DbError> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        let answer = (self.write)(tx);
        let commit = answer.is_ok();
        self.answer = Some(answer);
        commit
    }

    fn finish(self: Box<Self>, committed: Result<(), DbError>) {
        let answer = match (self.answer, committed) {
            (Some(Err(own)), _) => Err(own),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (_, Err(error)) => Err(error.into()),
            (None, Ok(())) => Err(DbError::closed().into()),
        };
        let _ = self.reply.send(answer);
    }
}

/// Starts one of the threads that run jobs.
pub(super) fn start_thread(
    name: &str,
    work: impl FnOnce() + Send + 'static,
) -> Result<(), DbError> {
    thread::Builder::new()
        .name(name.into())
        .spawn(work)
        .map(drop)
        .map_err(|error| {
            DbError::new(DbErrorKind::Other, "start a database thread").with_source(error)
        })
}
