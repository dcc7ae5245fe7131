//! What can go wrong before or around a step, and what a person can do about it.

use std::io;
use std::path::PathBuf;

/// The outcome of everything in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A step or job that could not be run. A step that ran and failed is an [`Exit`](crate::Exit), never an error.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system refused something outside the sandbox.
    #[error("cannot {action}")]
    Io {
        /// What was attempted, as words that follow "cannot".
        action: String,
        /// The system's answer.
        source: io::Error,
    },
    /// The system refused something while the sandbox was set up.
    #[error("cannot set up the sandbox: cannot {action}")]
    Setup {
        /// What was attempted, as words that follow "cannot".
        action: String,
        /// The system's answer.
        source: io::Error,
    },
    /// The step or its image asks for something that cannot be given: a mount target that is a symbolic link to /proc, a
    /// user that the image does not have.
    #[error("{problem}")]
    Refused {
        /// What, and why not.
        problem: String,
    },
    /// The step's program is not in its root.
    #[error("executable file `{program}` not found in the image")]
    ProgramMissing {
        /// As the step named it.
        program: String,
    },
    /// The step's program is there, but the kernel does not run it.
    #[error("cannot run `{program}`")]
    ProgramUnusable {
        /// As the step named it.
        program: String,
        /// The system's answer; an `ENOEXEC` is usually a program for another processor.
        source: io::Error,
    },
    /// The file job itself failed.
    #[error("{message}")]
    Job {
        /// What the job's function returned.
        message: String,
    },
    /// The helper process died without a report.
    #[error("the sandbox's helper process ended unexpectedly ({status})")]
    HelperDied {
        /// How it ended.
        status: String,
    },
    /// The user may not map a range of ids.
    #[error("the user `{user}` has no range of {needed} ids in {file}")]
    NoIdRange {
        /// Who.
        user: String,
        /// Where it was looked for.
        file: PathBuf,
        /// How many ids an image needs.
        needed: u32,
    },
    /// All ranges of the pool are leased.
    #[error("all {count} id ranges are used by running builds")]
    IdRangesUsed {
        /// How many there are.
        count: u32,
    },
    /// This machine cannot run a sandbox as asked.
    #[error("{problem}")]
    Unsupported {
        /// What is missing.
        problem: String,
        /// What to do about it.
        hint: String,
    },
}

impl Error {
    /// What a person can do, where that is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoIdRange { user, needed, .. } => {
                let last = 100_000 + needed - 1;
                Some(format!(
                    "as root: usermod --add-subuids 100000-{last} --add-subgids 100000-{last} {user}"
                ))
            }
            Self::IdRangesUsed { .. } => {
                Some("wait for a build to finish, or make the pool larger".to_owned())
            }
            Self::Unsupported { hint, .. } => Some(hint.clone()),
            Self::ProgramUnusable { source, .. }
                if source.raw_os_error() == Some(libc::ENOEXEC) =>
            {
                Some(
                    "the program is for another processor, or a script without a `#!` line"
                        .to_owned(),
                )
            }
            _ => None,
        }
    }
}

/// Attaches what was attempted to a bare system error, outside the sandbox.
pub(crate) trait Context<T> {
    fn context(self, action: impl Into<String>) -> Result<T>;
}

impl<T, E: Into<io::Error>> Context<T> for std::result::Result<T, E> {
    fn context(self, action: impl Into<String>) -> Result<T> {
        self.map_err(|source| Error::Io {
            action: action.into(),
            source: source.into(),
        })
    }
}
