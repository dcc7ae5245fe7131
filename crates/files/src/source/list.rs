//! The names in a directory.

use std::mem::MaybeUninit;
use std::os::fd::BorrowedFd;

use rustix::fs::{FileType, RawDir};
use rustix::io::Errno;

/// Bytes that one call fills; a page holds about a hundred names. Smaller costs calls, larger is rarely filled.
const BUFFER_BYTES: usize = 16 << 10;

/// A name in a directory.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) name: Vec<u8>,
    /// [`FileType::Unknown`] where the file system does not tell.
    pub(crate) kind: FileType,
}

/// All names, sorted by their bytes.
pub(crate) fn list_directory(directory: BorrowedFd<'_>) -> Result<Vec<Listed>, Errno> {
    let mut names = Vec::new();
    let mut buffer = [MaybeUninit::uninit(); BUFFER_BYTES];
    let mut entries = RawDir::new(directory, &mut buffer);
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if !matches!(name, b"." | b"..") {
            names.push(Listed {
                name: name.to_vec(),
                kind: entry.file_type(),
            });
        }
    }
    names.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    Ok(names)
}
