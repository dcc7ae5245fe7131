//! Why a build failed, in words for people.

use std::sync::Arc;

use wharf_dockerfile::{Excerpt, Source};
use wharf_image::ImageError;

/// Why a build failed. Cheap to clone: steps that depend on a failed one fail with the same error.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BuildError {
    /// The Dockerfile cannot be built as it is.
    #[error("{error}")]
    Dockerfile {
        /// What is wrong.
        error: Box<wharf_dockerfile::Error>,
        /// Its lines, to show.
        excerpt: Option<Box<Excerpt>>,
    },
    /// The request cannot be served: a context is missing, an option contradicts another.
    #[error("{message}")]
    Request {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// A base image cannot be had.
    #[error("{name}: {error}")]
    Image {
        /// The reference.
        name: String,
        /// Why.
        error: Arc<ImageError>,
        /// The line that wants it.
        excerpt: Option<Box<Excerpt>>,
    },
    /// A command in the image failed.
    #[error("process \"{command}\" did not complete successfully: {reason}")]
    Run {
        /// As it was started.
        command: String,
        /// Its exit code, or which limit it met.
        reason: String,
        /// As a shell would tell it.
        exit_code: i32,
        /// What it was in the Dockerfile.
        excerpt: Option<Box<Excerpt>>,
        /// For `wharf debug`.
        build: Option<String>,
        /// What it wrote last, for those who did not watch.
        tail: String,
    },
    /// A step that is not a command failed.
    #[error("{message}")]
    Step {
        /// What went wrong.
        message: String,
        /// What to do.
        hint: Option<String>,
        /// What it was in the Dockerfile.
        excerpt: Option<Box<Excerpt>>,
    },
    /// Somebody stopped the build.
    #[error("canceled")]
    Canceled,
    /// This machine cannot do what the build needs.
    #[error("{message}")]
    Machine {
        /// What was attempted.
        message: String,
        /// What to do.
        hint: Option<String>,
        /// Why.
        #[source]
        source: Option<Arc<dyn std::error::Error + Send + Sync>>,
    },
}

/// What everything in here answers with.
pub(crate) type Result<T, E = BuildError> = std::result::Result<T, E>;

impl BuildError {
    /// The Dockerfile cannot be built as it is.
    pub(crate) fn dockerfile(error: wharf_dockerfile::Error, source: &Source) -> Self {
        Self::Dockerfile {
            excerpt: error.excerpt(source).map(Box::new),
            error: Box::new(error),
        }
    }

    /// A request that cannot be served.
    pub(crate) fn request(message: impl Into<String>) -> Self {
        Self::Request {
            message: message.into(),
            hint: None,
        }
    }

    pub(crate) fn step(message: impl Into<String>) -> Self {
        Self::Step {
            message: message.into(),
            hint: None,
            excerpt: None,
        }
    }

    /// Something of the machine failed: `attempt` says what was tried.
    pub(crate) fn machine(
        attempt: impl Into<String>,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        Self::Machine {
            message: attempt.into(),
            hint: None,
            source: Some(Arc::new(source)),
        }
    }

    /// The sandbox refused or broke; its own hint goes along.
    pub(crate) fn sandbox(attempt: impl Into<String>, error: wharf_sandbox::Error) -> Self {
        Self::Machine {
            hint: error.hint(),
            message: attempt.into(),
            source: Some(Arc::new(error)),
        }
    }

    /// Says to which lines of the Dockerfile it belongs, if nothing said so yet.
    pub(crate) fn at(mut self, source: &Source, lines: wharf_dockerfile::Lines) -> Self {
        if let Self::Image { excerpt, .. } | Self::Run { excerpt, .. } | Self::Step { excerpt, .. } =
            &mut self
            && excerpt.is_none()
        {
            *excerpt = Excerpt::around(source, lines, None).map(Box::new);
        }
        self
    }

    /// The lines of the Dockerfile to show.
    pub fn excerpt(&self) -> Option<&Excerpt> {
        match self {
            Self::Dockerfile { excerpt, .. }
            | Self::Image { excerpt, .. }
            | Self::Run { excerpt, .. }
            | Self::Step { excerpt, .. } => excerpt.as_deref(),
            _ => None,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Dockerfile { error, .. } => error.hint(),
            Self::Image { error, .. } => error.hint(),
            Self::Request { hint, .. } | Self::Step { hint, .. } | Self::Machine { hint, .. } => {
                hint.as_deref()
            }
            Self::Run { .. } | Self::Canceled => None,
        }
    }
}

/// Names what was tried when something of the machine fails.
pub(crate) trait Attempt<T> {
    fn attempt(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: std::error::Error + Send + Sync + 'static> Attempt<T> for std::result::Result<T, E> {
    fn attempt(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| BuildError::machine(what(), error))
    }
}
