//! A folder that is the root of git's sandbox while a call lasts, and goes with it.
//!
//! Everything that git writes is in its upper folder, where the sandbox counts it.

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use wharf_sandbox::Tree;

use crate::configuration::{CHECKOUT, GIT_DIRECTORY, LEARNT};
use crate::error::{Attempt, Result};
use crate::host_key::HostKey;
use crate::machine::Part;
use crate::names::ObjectFormat;

/// What a repository's own folder has to have (gitrepository-layout(5)). The last word about attributes is its
/// `info/attributes` (gitattributes(5)): no file is filtered, whatever the repository asks for.
const REPOSITORY: [(&str, &str); 2] = [
    ("HEAD", "ref: refs/heads/none\n"),
    ("info/attributes", "* -filter\n"),
];

/// The largest file of learnt keys that is read. A server has about four keys of a few hundred bytes.
const LARGEST_KEYS: u64 = 64 << 10;

/// The folder.
#[derive(Debug)]
pub(crate) struct Room {
    folder: TempDir,
}

impl Room {
    /// Makes one in `parent`, for a repository that is not there yet. With `owner` it belongs to that user.
    pub(crate) fn make(
        parent: &Path,
        parts: &[Part],
        format: ObjectFormat,
        owner: Option<u32>,
    ) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix(".wharf-git-")
            .tempdir_in(parent)
            .attempt(|| format!("make a folder in {}", parent.display()))?;
        let room = Self { folder };
        room.fill(parts, format)
            .and_then(|()| match owner {
                Some(owner) => room.give_to(owner),
                None => Ok(()),
            })
            .attempt(|| "prepare a folder for git".to_owned())?;
        Ok(room)
    }

    fn fill(&self, parts: &[Part], format: ObjectFormat) -> io::Result<()> {
        fs::create_dir(self.folder.path().join("work"))?;
        let upper = self.folder.path().join("upper");
        for folder in [
            "git/objects",
            "git/refs",
            "git/info",
            "checkout",
            "learnt",
            "etc",
            "tmp",
        ] {
            fs::create_dir_all(upper.join(folder))?;
        }
        let settings = format!("{}\tbare = false\n", format.settings());
        fs::write(self.inside(GIT_DIRECTORY).join("config"), settings)?;
        for (name, text) in REPOSITORY {
            fs::write(self.inside(GIT_DIRECTORY).join(name), text)?;
        }
        fs::write(
            upper.join("etc/passwd"),
            "root:x:0:0:root:/nonexistent:/bin/sh\n",
        )?;
        fs::write(upper.join("etc/group"), "root:x:0:\n")?;
        for part in parts {
            if let Part::Link { path, to } = part {
                let link = self.inside(&path.to_string_lossy());
                if let Some(parent) = link.parent() {
                    fs::create_dir_all(parent)?;
                }
                symlink(to, link)?;
            }
        }
        Ok(())
    }

    fn give_to(&self, owner: u32) -> io::Result<()> {
        let mut rest = vec![
            self.folder.path().join("upper"),
            self.folder.path().join("work"),
        ];
        while let Some(path) = rest.pop() {
            std::os::unix::fs::lchown(&path, Some(owner), Some(owner))?;
            if fs::symlink_metadata(&path)?.is_dir() {
                for entry in fs::read_dir(&path)? {
                    rest.push(entry?.path());
                }
            }
        }
        // The folder itself stays the caller's; the owner passes through.
        fs::set_permissions(self.folder.path(), fs::Permissions::from_mode(0o711))
    }

    /// As the root of a sandbox.
    pub(crate) fn tree(&self) -> Tree {
        Tree::writable(Vec::new(), self.folder.path())
    }

    /// Where something of the sandbox is on the disk. Names of a repository are never looked up in this way.
    pub(crate) fn inside(&self, path: &str) -> PathBuf {
        let path = path.trim_start_matches('/');
        self.folder.path().join("upper").join(path)
    }

    /// The keys that ssh noted.
    pub(crate) fn read_learnt(&self) -> Vec<HostKey> {
        use std::io::Read;
        let mut text = String::new();
        let read = open_plainly(&self.inside(LEARNT))
            .and_then(|file| file.take(LARGEST_KEYS).read_to_string(&mut text));
        match read {
            Ok(_) => HostKey::parse_lines(&text).unwrap_or_default(),
            Err(_) => Vec::new(),
        }
    }

    /// Where the files are that were checked out.
    pub(crate) fn checkout(&self) -> PathBuf {
        self.inside(CHECKOUT)
    }
}

/// A file, and no link to one.
fn open_plainly(path: &Path) -> io::Result<fs::File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

/// The kernel leaves an overlay's own folders without any permission, and a plain user cannot remove what cannot be looked
/// into. What fails here is left behind.
fn open_folders(folder: &Path) {
    let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            open_folders(&entry.path());
        }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        open_folders(&self.folder.path().join("work"));
    }
}
