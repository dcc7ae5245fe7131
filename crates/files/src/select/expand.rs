//! Sources with wildcards: which paths match.

use std::os::fd::AsFd as _;

use rustix::fs::FileType;
use rustix::io::Errno;
use wharf_dockerfile::glob::{Glob, has_wildcards};
use wharf_dockerfile::ignore::PatternSet;

use super::{filter, resolve_visible};
use crate::source::{list_directory, look_at, open_directory};
use crate::{Error, Result, Source, TreePath};

/// The paths that a source stands for: itself, or what its pattern matches, sorted. Links before the first wildcard are
/// followed, those that a wildcard matches are not.
pub(super) fn expand(
    source: &Source,
    text: &str,
    ignore: Option<&PatternSet>,
) -> Result<Vec<TreePath>> {
    let path = TreePath::clean(text);
    let parts: Vec<&[u8]> = path.parts().collect();
    let is_wild = |part: &&[u8]| has_wildcards(&String::from_utf8_lossy(part));
    let Some(first) = parts.iter().position(is_wild) else {
        return Ok(vec![path]);
    };
    let mut fixed = TreePath::ROOT;
    parts[..first].iter().for_each(|part| fixed.push(part));
    let globs = parts[first..]
        .iter()
        .map(|part| Glob::new(&String::from_utf8_lossy(part)))
        .collect::<Result<Vec<_>, _>>()?;
    let base = resolve_visible(source, ignore, &fixed)?;
    if base.stat.is_none() {
        return Err(Error::NotFound { path: fixed });
    }
    let mut found = vec![base.path];
    for (index, glob) in globs.iter().enumerate() {
        let is_last = index + 1 == globs.len();
        let mut next = Vec::new();
        for directory in &found {
            match_names(source, directory, glob, is_last, ignore, &mut next)?;
        }
        found = next;
    }
    Ok(found)
}

fn match_names(
    source: &Source,
    directory: &TreePath,
    glob: &Glob,
    is_last: bool,
    ignore: Option<&PatternSet>,
    found: &mut Vec<TreePath>,
) -> Result<()> {
    let refused = |error: Errno| Error::io("read the directory", directory, error);
    let open = match open_directory(source.as_fd(), directory) {
        Err(Errno::NOTDIR) => return Ok(()),
        open => open.map_err(refused)?,
    };
    for listed in list_directory(open.as_fd()).map_err(refused)? {
        if !glob.is_match(&String::from_utf8_lossy(&listed.name)) {
            continue;
        }
        let path = directory.child(&listed.name);
        let is_directory = match listed.kind {
            FileType::Unknown => look_at(source.as_fd(), &path)?.is_some_and(|(_, stat)| {
                FileType::from_raw_mode(stat.st_mode) == FileType::Directory
            }),
            kind => kind == FileType::Directory,
        };
        let is_hidden = ignore.is_some_and(|set| filter::is_hidden(set, &path, is_directory));
        if !is_hidden && (is_directory || is_last) {
            found.push(path);
        }
    }
    Ok(())
}
