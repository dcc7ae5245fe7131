//! Why a worker could not be started.

/// A worker that could not be started. A build that fails is a [`WorkerFailure`](crate::WorkerFailure), never an error.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The cell around it could not be made.
    #[error("cannot start a build worker")]
    Cell {
        /// Why.
        #[from]
        source: wharf_sandbox::Error,
    },
    /// The system refused something on the server's side.
    #[error("cannot {action}")]
    Io {
        /// What was attempted, as words that follow "cannot".
        action: String,
        /// The system's answer.
        source: std::io::Error,
    },
}

impl WorkerError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Cell { source } => source.hint(),
            Self::Io { .. } => None,
        }
    }
}

/// Says what was attempted when the system refuses.
pub(crate) trait Context<T> {
    fn context(self, action: impl FnOnce() -> String) -> Result<T, WorkerError>;
}

impl<T> Context<T> for std::io::Result<T> {
    fn context(self, action: impl FnOnce() -> String) -> Result<T, WorkerError> {
        self.map_err(|source| WorkerError::Io {
            action: action(),
            source,
        })
    }
}
