//! Directories that instructions make: WORKDIR's, and the one into which ADD unpacks an archive.

use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::fs::futimens;
use wharf_dockerfile::values::Owner;

use super::directories::make_all;
use super::finish::make_times;
use super::owner::Ids;
use crate::source::{open_directory, resolve};
use crate::{Error, Result, Time, TreePath};

/// How directories are made.
#[derive(Debug, Clone)]
pub struct DirectoryOptions {
    /// Whom every directory that is made will belong to: USER's for WORKDIR, `--chown`'s for ADD; none is
    /// whom this process runs as, which is root.
    pub owner: Option<Owner>,
    /// Permissions: `0o755`.
    pub mode: u32,
    /// `SOURCE_DATE_EPOCH`, for WORKDIR; none is the time of the build.
    pub time: Option<Time>,
    /// As [`Placement::has_accounts`](super::Placement::has_accounts).
    pub has_accounts: bool,
}

/// Makes a directory and those above it, and opens it. What exists stays as it is, and links are followed within the
/// root.
///
/// # Errors
/// [`Error::BelowFile`] if something on the way is no directory; [`Error::TooManyLinks`]; [`Error::NoAccounts`].
pub fn make_directory(
    root: BorrowedFd<'_>,
    path: &str,
    options: &DirectoryOptions,
) -> Result<OwnedFd> {
    let owner = options.owner.as_ref();
    let owner = owner
        .map(|owner| Ids::look_up(root, owner, options.has_accounts))
        .transpose()?;
    let path = resolve(root, &TreePath::clean(path), true, |_, _| true)?.path;
    let made = make_all(root, &path, options.mode, owner)?;
    if let Some(time) = options.time {
        let mut here = path.clone();
        for _ in 0..made {
            let directory =
                open_directory(root, &here).map_err(|error| Error::io("open", &here, error))?;
            futimens(&directory, &make_times(time))
                .map_err(|error| Error::io("set the time of", &here, error))?;
            here = here.parent();
        }
    }
    open_directory(root, &path).map_err(|error| Error::io("open", &path, error))
}
