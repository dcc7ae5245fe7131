//! Following links as if the tree were the whole system: what leads out of it stays at its root.

use std::collections::VecDeque;
use std::os::fd::BorrowedFd;

use rustix::fs::{FileType, Stat, readlinkat};

use super::look_at;
use crate::{Error, Result, TreePath};

/// How many links one path may follow. Linux itself gives up at 40; BuildKit, whose results people compare with, at 255.
const MAX_LINKS: usize = 255;

/// Where a path leads.
#[derive(Debug)]
pub(crate) struct Resolved {
    /// Free of links, as far as it exists. What does not exist is taken as written.
    pub(crate) path: TreePath,
    /// What is there.
    pub(crate) stat: Option<Stat>,
}

/// Follows every link in the path, and the last one if asked to. `is_visible` says of each thing on the way whether it
/// is there at all.
///
/// # Errors
/// [`Error::TooManyLinks`].
pub(crate) fn resolve(
    root: BorrowedFd<'_>,
    path: &TreePath,
    follows_last: bool,
    is_visible: impl Fn(&TreePath, &Stat) -> bool,
) -> Result<Resolved> {
    let mut rest: VecDeque<Vec<u8>> = path.parts().map(<[u8]>::to_vec).collect();
    let mut here = TreePath::ROOT;
    let mut links = 0;
    while let Some(part) = rest.pop_front() {
        match &part[..] {
            b"" | b"." => continue,
            b".." => {
                here = here.parent();
                continue;
            }
            _ => {}
        }
        let next = here.child(&part);
        let found = look_at(root, &next)?.filter(|(_, stat)| is_visible(&next, stat));
        let Some((link, _)) = found
            .filter(|(_, stat)| FileType::from_raw_mode(stat.st_mode) == FileType::Symlink)
            .filter(|_| follows_last || !rest.is_empty())
        else {
            here = next;
            continue;
        };
        links += 1;
        if links > MAX_LINKS {
            return Err(Error::TooManyLinks { path: path.clone() });
        }
        let target = readlinkat(&link, "", Vec::new())
            .map_err(|error| Error::io("read the link", &next, error))?;
        let target = target.as_bytes();
        if target.starts_with(b"/") {
            here = TreePath::ROOT;
        }
        for part in target.rsplit(|byte| *byte == b'/') {
            rest.push_front(part.to_vec());
        }
    }
    let found = look_at(root, &here)?.filter(|(_, stat)| here.is_root() || is_visible(&here, stat));
    Ok(Resolved {
        path: here,
        stat: found.map(|(_, stat)| stat),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_followed_as_if_the_tree_were_the_whole_system() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("real/deep")).unwrap();
        fs::write(at("real/file"), "x").unwrap();
        symlink("real", at("link")).unwrap();
        symlink("/real/deep", at("absolute")).unwrap();
        symlink("../../../../real", at("away")).unwrap();
        symlink("/nowhere/x", at("dangling")).unwrap();
        symlink("loop", at("loop")).unwrap();
        symlink("..", at("real/deep/up")).unwrap();
        let root = fs::File::open(folder.path()).unwrap();
        let follow = |path: &str, follows_last| {
            let found = resolve(
                root.as_fd(),
                &TreePath::clean(path),
                follows_last,
                |_, _| true,
            )?;
            Ok::<_, Error>((found.path.to_string(), found.stat.is_some()))
        };
        for (path, expected, exists) in [
            ("link/file", "/real/file", true),
            ("link", "/real", true),
            ("absolute/../file", "/file", false),
            ("away/file", "/real/file", true),
            ("dangling", "/nowhere/x", false),
            ("dangling/y", "/nowhere/x/y", false),
            ("real/deep/up/file", "/real/file", true),
            ("real/file/below", "/real/file/below", false),
            ("", "/", true),
        ] {
            assert_eq!(
                follow(path, true).unwrap(),
                (expected.to_owned(), exists),
                "{path}"
            );
        }
        assert_eq!(follow("link", false).unwrap(), ("/link".to_owned(), true));
        assert!(matches!(
            follow("loop/x", true),
            Err(Error::TooManyLinks { .. })
        ));
    }
}
