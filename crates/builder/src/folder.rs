//! The builder's folder without a builder: what it holds, making room in it, a shell where a build failed.
//!
//! Needs no way to images and none out of the machine; `wharf builder` and `wharf debug` open it.

use std::path::Path;

use wharf_sandbox::{Host, IdPool, Sandbox};

use crate::error::{Attempt, BuildError, Result};
use crate::state::StateFolder;

/// The folder that is [`BuilderSettings::state`](crate::BuilderSettings::state) of builders.
pub struct BuilderFolder {
    pub(crate) state: StateFolder,
    pub(crate) sandbox: Sandbox,
}

impl BuilderFolder {
    /// Opens it, making what is missing, and looks at the machine.
    ///
    /// # Errors
    /// When the folder cannot be written, or the kernel cannot do what the sandbox needs.
    pub fn open(path: &Path) -> Result<Self> {
        let refused = |error| BuildError::sandbox("prepare the sandbox", error);
        Self::open_on(path, Host::inspect().map_err(refused)?)
    }

    /// The same for callers who know better what the machine can do: those in a cell.
    ///
    /// # Errors
    /// As [`BuilderFolder::open`].
    pub fn open_on(path: &Path, host: Host) -> Result<Self> {
        let refused = |error| BuildError::sandbox("prepare the sandbox", error);
        let state = StateFolder::open(path, host.owner_of_steps())
            .attempt(|| format!("open the builder's folder {}", path.display()))?;
        let sandbox =
            Sandbox::new(host, IdPool::default(), &state.part("sandbox")).map_err(refused)?;
        Ok(Self { state, sandbox })
    }
}
