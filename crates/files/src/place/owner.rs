//! Whom files will belong to.

use std::os::fd::{AsFd, BorrowedFd};

use rustix::fs::{AtFlags, Gid, Uid, chownat, fchown};
use rustix::io::Errno;
use wharf_dockerfile::values::{Owner, OwnerId};

use crate::accounts::{lookup_group, lookup_user};
use crate::error::CHOWN;
use crate::source::read_file_in;
use crate::{Error, Result, TreePath};

/// How much of an account file is read. Larger ones than this are attacks; BuildKit has the same bound.
const MAX_BYTES: u64 = 10 << 20;

/// An owner and a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Ids {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

impl Ids {
    /// What the owner's names and numbers mean beneath the root. As with BuildKit, a user without a group brings along
    /// its own, a number is its own group, and a name that is not found is 0.
    pub(crate) fn look_up(root: BorrowedFd<'_>, owner: &Owner, has_accounts: bool) -> Result<Self> {
        let read = |name: &str, path: &str| {
            if has_accounts {
                Ok(read_file_in(root, path, MAX_BYTES)?.unwrap_or_default())
            } else {
                Err(Error::NoAccounts {
                    name: name.to_owned(),
                })
            }
        };
        let mut ids = match &owner.user {
            OwnerId::Number(number) => Self {
                uid: *number,
                gid: *number,
            },
            OwnerId::Name(name) if is_root(name) => Self::default(),
            OwnerId::Name(name) => lookup_user(&read(name, "etc/passwd")?, name)
                .map(|(uid, gid)| Self { uid, gid })
                .unwrap_or_default(),
        };
        match &owner.group {
            None => {}
            Some(OwnerId::Number(number)) => ids.gid = *number,
            Some(OwnerId::Name(name)) if is_root(name) => ids.gid = 0,
            Some(OwnerId::Name(name)) => {
                if let Some(gid) = lookup_group(&read(name, "etc/group")?, name) {
                    ids.gid = gid;
                }
            }
        }
        Ok(ids)
    }

    /// Gives an open file or directory to these.
    pub(crate) fn set(self, file: impl AsFd, path: &TreePath) -> Result<()> {
        fchown(
            file,
            Some(Uid::from_raw(self.uid)),
            Some(Gid::from_raw(self.gid)),
        )
        .map_err(|error| refuse(path, error))
    }

    /// Gives a name to these that cannot be opened.
    pub(crate) fn set_name(self, parent: impl AsFd, path: &TreePath) -> Result<()> {
        let (uid, gid) = (Uid::from_raw(self.uid), Gid::from_raw(self.gid));
        let flags = AtFlags::SYMLINK_NOFOLLOW;
        chownat(parent, path.name(), Some(uid), Some(gid), flags)
            .map_err(|error| refuse(path, error))
    }
}

fn refuse(path: &TreePath, error: Errno) -> Error {
    Error::io(CHOWN, path, error)
}

/// These need no file: `:group` and `user:` have an empty name.
fn is_root(name: &str) -> bool {
    name.is_empty() || name == "root"
}

/// What an owner's names and numbers mean beneath the root: uid and gid.
///
/// # Errors
/// [`Error::NoAccounts`] for a name where there is nothing to look it up in.
pub fn resolve_owner(
    root: BorrowedFd<'_>,
    owner: &Owner,
    has_accounts: bool,
) -> Result<(u32, u32)> {
    Ids::look_up(root, owner, has_accounts).map(|ids| (ids.uid, ids.gid))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn look_up(text: &str, has_accounts: bool) -> Result<(u32, u32)> {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("etc")).unwrap();
        fs::write(
            folder.path().join("real"),
            "app:x:1000:1001::/:\n12345:x:7:8::/:\n",
        )
        .unwrap();
        std::os::unix::fs::symlink("/real", folder.path().join("etc/passwd")).unwrap();
        fs::write(folder.path().join("etc/group"), "users:x:100:\n").unwrap();
        let root = fs::File::open(folder.path()).unwrap();
        let ids = Ids::look_up(root.as_fd(), &Owner::parse(text).unwrap(), has_accounts)?;
        Ok((ids.uid, ids.gid))
    }

    #[test]
    fn names_are_looked_up_in_the_root_and_numbers_are_not() {
        for (text, expected) in [
            ("app", (1000, 1001)),
            ("app:users", (1000, 100)),
            ("app:5", (1000, 5)),
            (":users", (0, 100)),
            ("11", (11, 11)),
            ("11:12", (11, 12)),
            ("12345", (12345, 12345)),
            ("nobody-here", (0, 0)),
            ("app:no-group", (1000, 1001)),
            ("root:root", (0, 0)),
            ("app:", (1000, 0)),
        ] {
            assert_eq!(look_up(text, true).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn without_account_files_only_numbers_are_owners() {
        assert_eq!(look_up("11:12", false).unwrap(), (11, 12));
        assert_eq!(look_up("root", false).unwrap(), (0, 0));
        let error = look_up("app", false).unwrap_err().to_string();
        assert!(error.contains("\"app\""), "{error}");
    }

    #[test]
    fn an_account_file_that_is_a_pipe_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("etc")).unwrap();
        let root = fs::File::open(folder.path()).unwrap();
        rustix::fs::mknodat(
            &root,
            "etc/passwd",
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::from_raw_mode(0o644),
            0,
        )
        .unwrap();
        let owner = Owner::parse("app").unwrap();
        let refused = Ids::look_up(root.as_fd(), &owner, true);
        assert!(
            matches!(refused, Err(Error::NotRegular { .. })),
            "{refused:?}"
        );
    }
}
