//! What is to be copied: sources and patterns against a tree.
//!
//! Only what a source or a pattern can reach is walked, and never what `.dockerignore` hides for good. No file is
//! opened.

mod expand;
mod filter;
mod node;
mod walk;

use rustix::fs::{FileType, Stat};
use wharf_dockerfile::glob::has_wildcards;
use wharf_dockerfile::ignore::{PatternSet, split_parents};

pub use node::Part;
pub(crate) use node::{Identity, Node};

use crate::source::{Resolved, resolve};
use crate::{Entry, Error, Kind, Result, Source, TreePath};
use expand::expand;
use filter::Filters;
use walk::walk;

/// Sources as COPY and ADD have them, variables replaced.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Paths and patterns (`filepath.Match` of Go), from the root of the source. A path must exist, a pattern need not
    /// match.
    pub sources: Vec<String>,
    /// `--exclude`: matched below each source, and never the source itself.
    pub excludes: PatternSet,
    /// `.dockerignore` of a context: what it matches is not there.
    pub ignore: Option<PatternSet>,
    /// `--parents`: keep the directories of the sources, those before `/./` left out.
    pub parents: bool,
}

/// What is to be copied, in order.
#[derive(Debug, Clone, Default)]
pub struct Selected {
    /// One for each source, or each match of a pattern. Each of them finds its destination anew, so the builder may
    /// treat some apart, such as archives.
    pub parts: Vec<Part>,
}

impl Selected {
    /// Everything, in order; each part begins with its root.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.parts.iter().flat_map(Part::entries)
    }

    /// Bytes of content.
    pub fn bytes(&self) -> u64 {
        let sizes = self.entries().map(|entry| match entry.kind {
            Kind::File { size } => size,
            _ => 0,
        });
        sizes.fold(0, u64::saturating_add)
    }
}

/// Finds what is to be copied.
///
/// # Errors
/// [`Error::NotFound`] for a source without wildcards that is not there, with the words BuildKit has for it;
/// [`Error::Pattern`] for one that cannot be understood; [`Error::Device`].
pub fn select(source: &Source, selection: &Selection) -> Result<Selected> {
    select_bounded(source, selection, u64::MAX)
}

/// The same for sources that nobody vouches for: no more than so many entries are held in memory.
///
/// # Errors
/// [`Error::TooMany`], and those of [`select`].
pub fn select_bounded(
    source: &Source,
    selection: &Selection,
    max_entries: u64,
) -> Result<Selected> {
    let mut selected = Selected::default();
    let mut rest = max_entries;
    for text in &selection.sources {
        let choose = if selection.parents {
            select_parents
        } else {
            select_plain
        };
        let parts = choose(source, selection, text, &mut rest)?;
        selected.parts.extend(parts);
    }
    Ok(selected)
}

fn select_plain(
    source: &Source,
    selection: &Selection,
    text: &str,
    rest: &mut u64,
) -> Result<Vec<Part>> {
    let filters = Filters::new(selection, None);
    let mut parts = Vec::new();
    for path in expand(source, text, selection.ignore.as_ref())? {
        let found = follow(source, selection, &path)?;
        match walk(source, &filters, found.0, &found.1, path.name(), *rest)? {
            Some(part) => {
                *rest = rest.saturating_sub(part.nodes.len() as u64);
                parts.push(part);
            }
            None if has_wildcards(text) => {}
            None => return Err(Error::NotFound { path }),
        }
    }
    Ok(parts)
}

fn select_parents(
    source: &Source,
    selection: &Selection,
    text: &str,
    rest: &mut u64,
) -> Result<Vec<Part>> {
    let (base, pattern) = split_parents(text);
    let pattern_path = TreePath::clean(pattern);
    let include = PatternSet::new([&*pattern_path.to_text()])?;
    let filters = Filters::new(selection, Some(&include));
    let is_required = !has_wildcards(base) && !has_wildcards(pattern);
    let required = || Error::NotFound {
        path: TreePath::clean(base).join(&pattern_path),
    };
    let mut parts = Vec::new();
    for path in expand(source, base, selection.ignore.as_ref())? {
        let found = match follow(source, selection, &path) {
            Err(Error::NotFound { .. }) if is_required => return Err(required()),
            found => found?,
        };
        let part = walk(source, &filters, found.0, &found.1, path.name(), *rest)?;
        *rest = rest.saturating_sub(part.as_ref().map_or(0, |part| part.nodes.len() as u64));
        if is_required && !part.as_ref().is_some_and(Part::has_own_entries) {
            return Err(required());
        }
        parts.extend(part);
    }
    Ok(parts)
}

/// Where a source leads: its own last link is followed, unlike those in a directory.
fn follow(source: &Source, selection: &Selection, path: &TreePath) -> Result<(TreePath, Stat)> {
    let Resolved { path: real, stat } = resolve_visible(source, selection.ignore.as_ref(), path)?;
    match stat {
        Some(stat) => Ok((real, stat)),
        None => Err(Error::NotFound { path: path.clone() }),
    }
}

/// Follows links through what is visible.
fn resolve_visible(
    source: &Source,
    ignore: Option<&PatternSet>,
    path: &TreePath,
) -> Result<Resolved> {
    use std::os::fd::AsFd as _;
    resolve(source.as_fd(), path, true, |path, stat| {
        let is_directory = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
        ignore.is_none_or(|ignore| !filter::is_hidden(ignore, path, is_directory))
    })
}
