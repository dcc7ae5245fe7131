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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

    use super::*;

    fn options() -> DirectoryOptions {
        DirectoryOptions {
            owner: None,
            mode: 0o755,
            time: None,
            has_accounts: true,
        }
    }

    #[test]
    fn a_directory_is_made_where_links_lead_and_one_that_exists_stays() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("real")).unwrap();
        fs::set_permissions(at("real"), fs::Permissions::from_mode(0o750)).unwrap();
        symlink("/real", at("link")).unwrap();
        fs::write(at("file"), "").unwrap();
        let root = fs::File::open(folder.path()).unwrap();
        let time = Time {
            seconds: 5,
            nanoseconds: 6,
        };
        let options = DirectoryOptions {
            time: Some(time),
            ..options()
        };
        make_directory(root.as_fd(), "/link/a/b/", &options).unwrap();
        let made = make_directory(root.as_fd(), "/real/a/b", &options).unwrap();
        rustix::fs::mkdirat(&made, "c", rustix::fs::Mode::empty()).unwrap();
        for (name, mode, time) in [("real/a", 0o755, 5), ("real/a/b/c", 0, 0)] {
            let meta = fs::symlink_metadata(at(name)).unwrap();
            assert_eq!(meta.mode() & 0o7777, mode, "{name}");
            assert!(time == 0 || meta.mtime() == time, "{name}");
        }
        assert_eq!(fs::metadata(at("real")).unwrap().mode() & 0o7777, 0o750);
        for path in ["/file", "/file/below"] {
            let refused = make_directory(root.as_fd(), path, &options).unwrap_err();
            assert_eq!(refused.to_string(), "mkdir /file: not a directory");
        }
    }

    #[test]
    fn a_set_group_id_directory_hands_its_group_down() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o2775)).unwrap();
        let root = fs::File::open(folder.path()).unwrap();
        make_directory(root.as_fd(), "a/b", &options()).unwrap();
        let meta = fs::metadata(folder.path().join("a/b")).unwrap();
        assert_eq!(meta.mode() & 0o7777, 0o2755);
        assert_eq!(meta.gid(), fs::metadata(folder.path()).unwrap().gid());
    }

    #[test]
    fn what_is_made_belongs_to_whom_it_is_made_for() {
        if !rustix::process::geteuid().is_root() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let root = fs::File::open(folder.path()).unwrap();
        let options = DirectoryOptions {
            owner: Owner::parse("5:6"),
            ..options()
        };
        make_directory(root.as_fd(), "new/deep", &options).unwrap();
        for name in ["new", "new/deep"] {
            let meta = fs::metadata(folder.path().join(name)).unwrap();
            assert_eq!((meta.uid(), meta.gid()), (5, 6), "{name}");
        }
    }
}
