//! From one tree into another, in one process: COPY --from.

use std::os::fd::{AsFd as _, BorrowedFd};

use crate::place::{Content, Placer};
use crate::select::Identity;
use crate::source::read_xattrs;
use crate::{Error, Kind, Placed, Placement, Result, Selected, Source};

/// Copies what was selected to beneath the root, as [`send`](crate::send) and [`receive`](crate::receive) do together.
///
/// # Errors
/// Those of both.
pub fn copy_within(
    source: &Source,
    selected: &Selected,
    root: BorrowedFd<'_>,
    placement: &Placement,
) -> Result<Placed> {
    let mut placer = Placer::new(root, placement)?;
    for part in &selected.parts {
        placer.begin(&part.name, part.is_directory())?;
        for node in &part.nodes {
            if !matches!(node.entry.kind, Kind::File { .. }) {
                placer.put(&node.entry, Content::None)?;
                continue;
            }
            let path = part.base.join(&node.entry.path);
            let refused = |error| Error::io("read", &path, error);
            let (file, stat) = source.open_file(&path)?;
            if Identity::of(&stat) != node.identity {
                return Err(Error::Changed { path });
            }
            let mut entry = node.entry.clone();
            entry.xattrs = read_xattrs(file.as_fd()).map_err(refused)?;
            placer.put(&entry, Content::File(file.as_fd()))?;
        }
    }
    placer.finish()
}
