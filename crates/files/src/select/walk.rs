//! One source and what is in it.
//!
//! A directory that is not copied for its own sake appears just before the first thing in it that is; one that
//! `.dockerignore` hides, except for something in it, is there once that something is found.

use std::collections::HashMap;
use std::os::fd::{AsFd as _, OwnedFd};
use std::vec;

use rustix::fs::{AtFlags, FileType, Stat, fstat, readlinkat, statat};
use rustix::io::Errno;

use super::filter::{Above, Filters, Verdict};
use super::node::{Node, Part, kind_of};
use crate::source::{Listed, list_directory, open_directory, read_xattrs};
use crate::{Error, Kind, Result, Source, TreePath};

/// Directories below each other that are walked at most. A path of the kernel's 4096 bytes holds 2048 of them, so this
/// refuses only what could not be copied anyway; without a bound, the work for such a tree grows with its square.
const MAX_DEPTH: usize = 2048;

/// Walks a source; `None` if everything in it is hidden.
pub(super) fn walk(
    source: &Source,
    filters: &Filters<'_>,
    base: TreePath,
    stat: &Stat,
    name: &[u8],
    max_entries: u64,
) -> Result<Option<Part>> {
    let verdict = filters.judge_root(&base);
    let mut walk = Walk {
        source,
        filters,
        base: &base,
        nodes: Vec::new(),
        frames: Vec::new(),
        linked: HashMap::new(),
        max_entries,
    };
    if FileType::from_raw_mode(stat.st_mode) == FileType::Directory {
        walk.enter(TreePath::ROOT, verdict)?;
        walk.run()?;
    } else if verdict.is_visible {
        let parent = base.parent();
        let directory = open_directory(source.as_fd(), &parent)
            .map_err(|error| Error::io("open", &parent, error))?;
        walk.take(&directory, base.name(), TreePath::ROOT, stat)?;
    }
    let nodes = walk.nodes;
    let name = name.to_vec();
    Ok((!nodes.is_empty()).then_some(Part { name, base, nodes }))
}

struct Walk<'w> {
    source: &'w Source,
    filters: &'w Filters<'w>,
    base: &'w TreePath,
    nodes: Vec<Node>,
    frames: Vec<Frame>,
    /// The first name of each file that has several.
    linked: HashMap<(u64, u64), TreePath>,
    max_entries: u64,
}

/// A directory that is being walked.
struct Frame {
    /// Until it is among the nodes.
    pending: Option<Node>,
    names: vec::IntoIter<Found>,
}

/// A name in a directory that is worth looking at again.
enum Found {
    /// Its node, as its directory was open anyway.
    Leaf(Node, Verdict),
    Directory(TreePath, Verdict),
}

impl Walk<'_> {
    fn run(&mut self) -> Result<()> {
        while let Some(frame) = self.frames.last_mut() {
            match frame.names.next() {
                None => {
                    self.frames.pop();
                }
                Some(Found::Directory(path, verdict)) => self.enter(path, verdict)?,
                Some(Found::Leaf(node, verdict)) => {
                    self.show(verdict.is_included);
                    if verdict.is_included {
                        self.push(node);
                    }
                }
            }
        }
        Ok(())
    }

    /// Something visible was found in the innermost directory, so all directories above it exist; those that are copied
    /// for their own sake are now. Something that is copied needs all of them.
    fn show(&mut self, is_copied: bool) {
        let last = self.frames.iter().rposition(|frame| {
            let pending = frame.pending.as_ref();
            pending.is_some_and(|node| is_copied || node.entry.kind == Kind::Directory)
        });
        let Some(last) = last else { return };
        for frame in &mut self.frames[..=last] {
            self.nodes.extend(frame.pending.take());
        }
    }

    /// Goes into a directory.
    fn enter(&mut self, path: TreePath, verdict: Verdict) -> Result<()> {
        let full = self.base.join(&path);
        let refused = |error: Errno| match error {
            Errno::NOENT | Errno::NOTDIR | Errno::LOOP => Error::Changed { path: full.clone() },
            error => Error::io("read the directory", &full, error),
        };
        if self.frames.len() >= MAX_DEPTH {
            return Err(refused(Errno::NAMETOOLONG));
        }
        let directory = open_directory(self.source.as_fd(), &full).map_err(refused)?;
        let stat = fstat(&directory).map_err(refused)?;
        let kind = if verdict.is_included {
            Kind::Directory
        } else {
            Kind::Passage
        };
        let mut node = Node::new(path.clone(), kind, &stat, self.source.is_context());
        if full.is_root() && self.source.is_context() {
            // A context has no time of its own; each of its files has.
            node.entry.mtime = None;
        }
        node.entry.xattrs = read_xattrs(directory.as_fd()).map_err(refused)?;
        let names = self.look_into(&path, &directory, &verdict.above)?;
        // What is found is counted before it is known whether it is copied, so that memory has a bound too.
        let waiting: usize = self.frames.iter().map(|frame| frame.names.len()).sum();
        if (self.nodes.len() + waiting + names.len()) as u64 > self.max_entries {
            return Err(Error::TooMany {
                path: full,
                allowed: self.max_entries,
            });
        }
        self.frames.push(Frame {
            pending: Some(node),
            names: names.into_iter(),
        });
        if verdict.is_visible && verdict.is_included {
            self.show(true);
        } else if verdict.is_visible {
            // It exists, and so does all above it, but nothing is copied yet.
            let passage = self.frames.pop();
            self.show(false);
            self.frames.extend(passage);
        }
        Ok(())
    }

    fn look_into(
        &mut self,
        path: &TreePath,
        directory: &OwnedFd,
        above: &Above,
    ) -> Result<Vec<Found>> {
        let full = self.base.join(path);
        let listed = list_directory(directory.as_fd())
            .map_err(|error| Error::io("read the directory", &full, error))?;
        let mut found = Vec::with_capacity(listed.len());
        for Listed { name, kind } in listed {
            let below = path.child(&name);
            let here = full.child(&name);
            let verdict = self.filters.judge(&here, &below, above);
            let is_leaf = verdict.is_visible;
            let stat = match kind {
                FileType::Directory if !verdict.may_lead_on => continue,
                FileType::Directory => {
                    found.push(Found::Directory(below, verdict));
                    continue;
                }
                FileType::Unknown => look(directory, &name, &here)?,
                _ if !is_leaf => continue,
                _ => look(directory, &name, &here)?,
            };
            let Some(stat) = stat else { continue };
            if FileType::from_raw_mode(stat.st_mode) == FileType::Directory {
                if verdict.may_lead_on {
                    found.push(Found::Directory(below, verdict));
                }
            } else if is_leaf {
                let node = self.describe(directory, &name, below, &stat, verdict.is_included)?;
                found.push(Found::Leaf(node, verdict));
            }
        }
        Ok(found)
    }

    /// The source itself, which is no directory.
    fn take(
        &mut self,
        directory: &OwnedFd,
        name: &[u8],
        path: TreePath,
        stat: &Stat,
    ) -> Result<()> {
        let node = self.describe(directory, name, path, stat, true)?;
        self.push(node);
        Ok(())
    }

    fn describe(
        &self,
        directory: &OwnedFd,
        name: &[u8],
        path: TreePath,
        stat: &Stat,
        is_copied: bool,
    ) -> Result<Node> {
        let full = self.base.join(&path);
        let kind = match kind_of(stat) {
            Kind::Symlink { .. } => Kind::Symlink {
                target: readlinkat(directory, name, Vec::new())
                    .map_err(|error| Error::io("read the link", &full, error))?
                    .into_bytes(),
            },
            Kind::CharacterDevice { .. } | Kind::BlockDevice { .. }
                if is_copied && self.source.is_context() =>
            {
                return Err(Error::Device { path: full });
            }
            kind => kind,
        };
        let mut node = Node::new(path, kind, stat, self.source.is_context());
        node.has_other_names = stat.st_nlink > 1;
        Ok(node)
    }

    /// Appends, after it was found out whether the file came before under another name.
    fn push(&mut self, mut node: Node) {
        if let (Kind::File { .. }, true) = (&node.entry.kind, node.has_other_names) {
            let identity = (node.identity.device, node.identity.inode);
            match self.linked.get(&identity) {
                Some(first) => node.entry.kind = Kind::Link { to: first.clone() },
                None => {
                    self.linked.insert(identity, node.entry.path.clone());
                }
            }
        }
        self.nodes.push(node);
    }
}

/// `None` for what went away since the directory was read.
fn look(directory: &OwnedFd, name: &[u8], path: &TreePath) -> Result<Option<Stat>> {
    match statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some(stat)),
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(Error::io("look at", path, error)),
    }
}
