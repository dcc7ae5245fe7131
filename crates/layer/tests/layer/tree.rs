//! A directory tree as a value that can be compared.

use std::collections::BTreeMap;
use std::fs;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

/// All that a layer can say about a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) kind: &'static str,
    pub(crate) mode: u32,
    pub(crate) owner: (u32, u32),
    pub(crate) mtime: (i64, i64),
    /// Content, link target or device number.
    pub(crate) data: Vec<u8>,
    pub(crate) xattrs: Vec<(Vec<u8>, Vec<u8>)>,
    /// The first path with the same inode.
    pub(crate) first: PathBuf,
}

pub(crate) type Tree = BTreeMap<PathBuf, Seen>;

/// A directory to work on.
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    file: fs::File,
}

impl Folder {
    pub(crate) fn make(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        fs::create_dir_all(&path).expect("the parent is writable");
        Self::open(path)
    }

    pub(crate) fn open(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let file = fs::File::open(&path).expect("the directory is readable");
        Self { path, file }
    }

    pub(crate) fn join(&self, path: &str) -> PathBuf {
        self.path.join(path)
    }
}

impl AsFd for Folder {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

/// Reads everything beneath, the root left out.
pub(crate) fn read_tree(root: &Path) -> Tree {
    let mut tree = Tree::new();
    let mut firsts = BTreeMap::new();
    read_into(root, Path::new(""), &mut firsts, &mut tree);
    tree
}

fn read_into(
    root: &Path,
    inside: &Path,
    firsts: &mut BTreeMap<(u64, u64), PathBuf>,
    tree: &mut Tree,
) {
    let mut names: Vec<_> = fs::read_dir(root.join(inside))
        .expect("a directory")
        .map(|entry| entry.expect("a name").file_name())
        .collect();
    names.sort();
    for name in names {
        let path = inside.join(name);
        let full = root.join(&path);
        let stat = fs::symlink_metadata(&full).expect("it was just listed");
        let kind = stat.file_type();
        let mut data = Vec::new();
        let mut xattrs = Vec::new();
        let word = if kind.is_dir() {
            xattrs = read_xattrs(&full);
            "directory"
        } else if kind.is_file() {
            data = fs::read(&full).expect("a readable file");
            xattrs = read_xattrs(&full);
            "file"
        } else if kind.is_symlink() {
            let target = fs::read_link(&full).expect("a link");
            data = target.as_os_str().as_bytes().to_vec();
            "link"
        } else if kind.is_fifo() {
            "fifo"
        } else if kind.is_socket() {
            "socket"
        } else {
            data = stat.rdev().to_be_bytes().to_vec();
            "device"
        };
        let first = if kind.is_dir() {
            path.clone()
        } else {
            firsts
                .entry((stat.dev(), stat.ino()))
                .or_insert_with(|| path.clone())
                .clone()
        };
        let seen = Seen {
            kind: word,
            mode: stat.mode() & 0o7777,
            owner: (stat.uid(), stat.gid()),
            mtime: (stat.mtime(), stat.mtime_nsec()),
            data,
            xattrs,
            first,
        };
        tree.insert(path.clone(), seen);
        if kind.is_dir() {
            read_into(root, &path, firsts, tree);
        }
    }
}

/// The attributes of the image; those of the overlay only exist in an upper directory.
fn read_xattrs(path: &Path) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut names = vec![0; 65536];
    let length = rustix::fs::llistxattr(path, &mut names[..]).unwrap_or(0);
    let mut found: Vec<_> = names[..length]
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty() && !name.starts_with(b"user.overlay."))
        .map(|name| {
            let mut value = vec![0; 65536];
            let length = rustix::fs::lgetxattr(path, name, &mut value[..]).expect("it was listed");
            (name.to_vec(), value[..length].to_vec())
        })
        .collect();
    found.sort();
    found
}

/// Sets one attribute, where the file system has them.
pub(crate) fn set_xattr(path: &Path, name: &str, value: &[u8]) {
    let flags = rustix::fs::XattrFlags::empty();
    rustix::fs::lsetxattr(path, name, value, flags).expect("the file system has attributes");
}

/// Whether a name is an overlay's whiteout.
pub(crate) fn is_whiteout(path: &Path) -> bool {
    fs::symlink_metadata(path)
        .is_ok_and(|stat| stat.file_type().is_char_device() && stat.rdev() == 0)
}

/// Makes one.
pub(crate) fn make_whiteout(path: &Path) {
    let kind = rustix::fs::FileType::CharacterDevice;
    let mode = rustix::fs::Mode::empty();
    rustix::fs::mknodat(rustix::fs::CWD, path, kind, mode, 0).expect("users may since Linux 5.8");
}
