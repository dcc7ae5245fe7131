//! Directories at the destination: those on the way, and those that are copied.

use rustix::fs::{Mode, OFlags, fchmod, fstat, mkdirat};
use rustix::io::Errno;
use wharf_dockerfile::values::ModeChange;

use super::{Final, Placer, owner::Ids};
use crate::source::{look_at, open_beneath, open_directory};
use crate::{Entry, Error, Kind, Result, TreePath};

/// Directories on the way are everybody's to read, whatever is put into them.
const USUAL_MODE: u32 = 0o755;

/// What a directory has while it is filled, for users to whom permissions apply.
const WORKING_MODE: u32 = 0o700;

const SET_GROUP_ID: u32 = 0o2000;

impl Placer<'_> {
    /// Makes the directories of a path that has no links in it. Their time is that of the build.
    pub(super) fn make_directories(&mut self, path: &TreePath) -> Result<()> {
        let mode = match &self.placement.mode {
            // Nothing above these bits, although files get them.
            Some(ModeChange::Octal(mode)) => mode & 0o777,
            _ => USUAL_MODE,
        };
        self.placed.directories += make_all(self.root, path, mode, self.owner)?;
        Ok(())
    }

    /// The source itself is a directory: its contents go into what is there, which keeps all but its time.
    pub(super) fn use_root(&mut self, entry: &Entry) -> Result<()> {
        let path = self.target(entry)?;
        if self.is_directory(&path)? != Some(true) {
            return Err(Error::NonDirectory { path });
        }
        self.remember(path, None, entry);
        Ok(())
    }

    /// A directory in the source. One that is there already is changed to look like it.
    pub(super) fn put_directory(&mut self, entry: &Entry) -> Result<()> {
        let path = self.target(entry)?;
        let mode = self.mode(entry);
        let first = Mode::from_raw_mode(mode & 0o777 | WORKING_MODE);
        let parent = self.open_parent(&path)?;
        let is_new = match mkdirat(parent, path.name(), first) {
            Ok(()) => true,
            Err(Errno::EXIST) => false,
            Err(error) => return Err(Error::io("make the directory", &path, error)),
        };
        if !is_new && self.is_directory(&path)? != Some(true) {
            return Err(Error::NonDirectory { path });
        }
        self.placed.directories += 1;
        let directory =
            open_directory(self.root, &path).map_err(|error| Error::io("open", &path, error))?;
        if !is_new && entry.kind == Kind::Passage {
            // It is not copied, but BuildKit gives it the permissions of its source nevertheless.
            let now = Mode::from_raw_mode(entry.mode | WORKING_MODE);
            fchmod(&directory, now)
                .map_err(|error| Error::io("change the mode of", &path, error))?;
            self.remember(path, Some(entry.mode), entry);
            return Ok(());
        }
        self.dress(&directory, &path, entry, mode | WORKING_MODE)?;
        self.remember(path, Some(mode), entry);
        Ok(())
    }

    /// Leaves to the end what putting something into the directory would undo.
    fn remember(&mut self, path: TreePath, mode: Option<u32>, entry: &Entry) {
        let mode = mode.filter(|mode| mode & WORKING_MODE != WORKING_MODE);
        let mtime = entry.mtime.filter(|_| entry.kind == Kind::Directory);
        if let Some(part) = self.part.as_mut()
            && (mode.is_some() || mtime.is_some())
        {
            part.finals.push(Final { path, mode, mtime });
        }
    }
}

/// Makes what is missing of a path that has no links in it, and says how much that was.
pub(super) fn make_all(
    root: std::os::fd::BorrowedFd<'_>,
    path: &TreePath,
    mode: u32,
    owner: Option<Ids>,
) -> Result<u64> {
    let flags = OFlags::PATH | OFlags::DIRECTORY;
    if open_beneath(root, path, flags).is_ok() {
        return Ok(0);
    }
    let mut made = 0;
    let mut here = TreePath::ROOT;
    for part in path.parts() {
        let refused = |error: Errno, path: &TreePath| Error::io("make the directory", path, error);
        let parent = open_beneath(root, &here, flags).map_err(|error| refused(error, &here))?;
        here.push(part);
        match mkdirat(&parent, part, Mode::from_raw_mode(WORKING_MODE)) {
            Ok(()) => {
                let directory =
                    open_directory(root, &here).map_err(|error| refused(error, &here))?;
                // Without one it stays with who makes it: root, and the group of a set-group-id directory.
                if let Some(owner) = owner {
                    owner.set(&directory, &here)?;
                }
                let stat = fstat(&directory).map_err(|error| refused(error, &here))?;
                // In a set-group-id directory it is one too, as BuildKit leaves it.
                let mode = mode | stat.st_mode & SET_GROUP_ID;
                fchmod(&directory, Mode::from_raw_mode(mode))
                    .map_err(|error| refused(error, &here))?;
                made += 1;
            }
            Err(Errno::EXIST) => {
                let is_directory = look_at(root, &here)?.is_some_and(|(_, stat)| {
                    rustix::fs::FileType::from_raw_mode(stat.st_mode)
                        == rustix::fs::FileType::Directory
                });
                if !is_directory {
                    return Err(Error::BelowFile { path: here });
                }
            }
            Err(error) => return Err(refused(error, &here)),
        }
    }
    Ok(made)
}
