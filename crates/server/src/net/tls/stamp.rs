//! Telling whether a file was changed or replaced, without reading it.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// What the file system says about a file's content; a missing file has a stamp of its own.
///
/// Links are followed, because deployments replace certificates by moving a link. The inode's
/// change time is included, because a copy may carry an old modification time along.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct FileStamp(Option<[i128; 6]>);

impl FileStamp {
    pub(super) fn read(path: &Path) -> Self {
        Self(std::fs::metadata(path).ok().map(|facts| {
            [
                facts.ino().into(),
                facts.size().into(),
                facts.mtime().into(),
                facts.mtime_nsec().into(),
                facts.ctime().into(),
                facts.ctime_nsec().into(),
            ]
        }))
    }
}
