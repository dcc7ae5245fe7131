//! What can go wrong between us and the database.

use std::fmt;

/// What a caller may do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DbErrorKind {
    /// Another process holds the database for too long, or the pool is exhausted: try again later.
    Busy,
    /// The server cannot be reached, or the connection broke: try again later.
    Unavailable,
    /// No space is left where the database lives.
    OutOfSpace,
    /// The database cannot be written to.
    ReadOnly,
    /// A uniqueness or reference constraint was violated.
    Constraint,
    /// The file is damaged.
    Corrupt,
    /// The schema does not fit this program.
    Schema,
    /// Anything else: a bug, or a fault of the machine.
    Other,
}

/// A failed statement or commit.
#[derive(Debug)]
pub struct DbError {
    kind: DbErrorKind,
    attempt: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
    /// The transaction lost against another one and should run again.
    pub(crate) conflict: bool,
}

impl DbError {
    pub(crate) fn new(kind: DbErrorKind, attempt: impl Into<String>) -> Self {
        Self {
            kind,
            attempt: attempt.into(),
            source: None,
            conflict: false,
        }
    }

    pub(crate) fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.source = Some(source.into());
        self
    }

    pub(crate) fn closed() -> Self {
        Self::new(DbErrorKind::Unavailable, "the database is shut down")
    }

    /// What may be done about it.
    pub fn kind(&self) -> DbErrorKind {
        self.kind
    }

    /// A copy for another waiter of the same commit: kind and text stay, the source becomes text.
    pub(crate) fn share(&self) -> Self {
        let copy = Self::new(self.kind, self.attempt.clone());
        match &self.source {
            Some(source) => copy.with_source(source.to_string()),
            None => copy,
        }
    }

    pub(crate) fn sqlite(attempt: &str, error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let kind = match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => DbErrorKind::Busy,
            Some(ErrorCode::DiskFull) => DbErrorKind::OutOfSpace,
            Some(ErrorCode::ReadOnly) => DbErrorKind::ReadOnly,
            Some(ErrorCode::ConstraintViolation) => DbErrorKind::Constraint,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => DbErrorKind::Corrupt,
            // A disk that turned read-only or full also shows as an I/O error of the WAL.
            Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => DbErrorKind::Unavailable,
            _ => DbErrorKind::Other,
        };
        Self::new(kind, attempt).with_source(error)
    }

    pub(crate) fn postgres(attempt: &str, error: postgres::Error) -> Self {
        use postgres::error::SqlState;
        let mut conflict = false;
        let kind = match error.code() {
            Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED) => {
                conflict = true;
                DbErrorKind::Busy
            }
            Some(&SqlState::LOCK_NOT_AVAILABLE | &SqlState::TOO_MANY_CONNECTIONS) => {
                DbErrorKind::Busy
            }
            Some(&SqlState::DISK_FULL) => DbErrorKind::OutOfSpace,
            Some(&SqlState::READ_ONLY_SQL_TRANSACTION) => DbErrorKind::ReadOnly,
            Some(code) if code.code().starts_with("23") => DbErrorKind::Constraint,
            Some(&SqlState::DATA_CORRUPTED | &SqlState::INDEX_CORRUPTED) => DbErrorKind::Corrupt,
            // Class 57: cancelled by a timeout, or the server is shutting down or starting up.
            Some(code) if code.code().starts_with("57") => DbErrorKind::Unavailable,
            Some(_) => DbErrorKind::Other,
            None => DbErrorKind::Unavailable,
        };
        let mut error = Self::new(kind, attempt).with_source(error);
        error.conflict = conflict;
        error
    }
}

impl fmt::Display for DbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.attempt)
    }
}

impl std::error::Error for DbError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
