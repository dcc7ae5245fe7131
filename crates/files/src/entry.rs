//! What a file is, apart from its content.

use crate::TreePath;

/// A moment, as file systems keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time {
    /// Since 1970; earlier ones are negative.
    pub seconds: i64,
    /// Below a thousand million.
    pub nanoseconds: u32,
}

/// Extended attributes, sorted by name.
pub type Xattrs = Vec<(Vec<u8>, Vec<u8>)>;

/// What kind of thing a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A regular file of this many bytes.
    File {
        /// Bytes.
        size: u64,
    },
    /// Another name of a regular file that came before, in the same part.
    Link {
        /// Where that one is, as its [`Entry::path`].
        to: TreePath,
    },
    /// A directory that is copied itself.
    Directory,
    /// A directory that is there only because something in it is copied: its time is that of the build.
    Passage,
    /// A symbolic link.
    Symlink {
        /// Where it leads, as written.
        target: Vec<u8>,
    },
    /// A named pipe.
    Fifo,
    /// A socket's name. Copying one gives an empty file, as BuildKit does it.
    Socket,
    /// A device of characters.
    CharacterDevice {
        /// Major and minor number, as the kernel packs them.
        device: u64,
    },
    /// A device of blocks.
    BlockDevice {
        /// Major and minor number, as the kernel packs them.
        device: u64,
    },
}

/// One thing to be copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Below the source that was named; the source itself is the root.
    pub path: TreePath,
    /// What it is.
    pub kind: Kind,
    /// Permission bits with set-id and sticky ones, at most `0o7777`.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// When its content changed; none is the time of the build.
    pub mtime: Option<Time>,
    /// Attributes of a directory. Those of a file are read when its content is.
    pub xattrs: Xattrs,
}

impl Kind {
    /// Either of the two kinds of directories.
    pub fn is_directory(&self) -> bool {
        matches!(self, Self::Directory | Self::Passage)
    }
}
