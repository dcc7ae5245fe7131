//! Which paths are copied: `.dockerignore`, `--exclude` and the pattern of `--parents` at once, on the way down.

use wharf_dockerfile::ignore::{ParentMatches, PatternSet};

use super::Selection;
use crate::TreePath;

/// The patterns that one part is walked with.
pub(crate) struct Filters<'s> {
    /// Against paths from the root of the source.
    ignore: Option<&'s PatternSet>,
    /// Against paths below the part's root, as the following ones.
    exclude: Option<&'s PatternSet>,
    include: Option<&'s PatternSet>,
}

/// What the patterns said about a directory, for what is in it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Above {
    ignore: ParentMatches,
    exclude: ParentMatches,
    include: ParentMatches,
}

/// What the patterns say about one path.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// `.dockerignore` does not hide it.
    pub(crate) is_visible: bool,
    /// It is copied for its own sake.
    pub(crate) is_included: bool,
    /// Something in it may be copied, if it is a directory.
    pub(crate) may_lead_on: bool,
    /// For what is in it.
    pub(crate) above: Above,
}

impl<'s> Filters<'s> {
    pub(crate) fn new(selection: &'s Selection, include: Option<&'s PatternSet>) -> Self {
        Self {
            ignore: selection.ignore.as_ref(),
            exclude: Some(&selection.excludes).filter(|set| !set.patterns().is_empty()),
            include,
        }
    }

    /// What is known at the root of a part, which only `.dockerignore` looks at.
    pub(crate) fn judge_root(&self, base: &TreePath) -> Verdict {
        let mut verdict = Verdict {
            is_visible: true,
            is_included: true,
            may_lead_on: true,
            above: Above::default(),
        };
        if let Some(ignore) = self.ignore {
            let mut path = TreePath::ROOT;
            for part in base.parts() {
                path.push(part);
                let (matches, matched) = ignore.match_below(&path.to_text(), &verdict.above.ignore);
                verdict.is_visible = !matches;
                verdict.above.ignore = matched;
            }
            verdict.may_lead_on = verdict.is_visible || has_exception_below(ignore, base);
        }
        verdict
    }

    /// `path` is from the root of the source, `below` from the root of the part.
    pub(crate) fn judge(&self, path: &TreePath, below: &TreePath, above: &Above) -> Verdict {
        let mut verdict = Verdict {
            is_visible: true,
            is_included: true,
            may_lead_on: true,
            above: Above::default(),
        };
        if let Some(ignore) = self.ignore {
            let (matches, matched) = ignore.match_below(&path.to_text(), &above.ignore);
            verdict.is_visible = !matches;
            verdict.may_lead_on &= !matches || has_exception_below(ignore, path);
            verdict.above.ignore = matched;
        }
        if let Some(include) = self.include {
            let (matches, matched) = include.match_below(&below.to_text(), &above.include);
            verdict.is_included &= matches;
            verdict.may_lead_on &= matches || has_match_below(include, below);
            verdict.above.include = matched;
        }
        if let Some(exclude) = self.exclude {
            let (matches, matched) = exclude.match_below(&below.to_text(), &above.exclude);
            verdict.is_included &= !matches;
            verdict.may_lead_on &= !matches || has_exception_below(exclude, below);
            verdict.above.exclude = matched;
        }
        verdict
    }
}

/// Whether `.dockerignore` hides the path; a directory is not hidden if something in it may be visible.
pub(crate) fn is_hidden(ignore: &PatternSet, path: &TreePath, is_directory: bool) -> bool {
    ignore.is_match(&path.to_text()) && !(is_directory && has_exception_below(ignore, path))
}

fn has_exception_below(set: &PatternSet, directory: &TreePath) -> bool {
    let mut exceptions = set
        .patterns()
        .iter()
        .filter(|pattern| pattern.is_exception());
    exceptions.any(|pattern| may_match_below(pattern.as_str(), directory))
}

fn has_match_below(set: &PatternSet, directory: &TreePath) -> bool {
    let mut patterns = set.patterns().iter();
    patterns.any(|pattern| may_match_below(pattern.as_str(), directory))
}

/// Whether the pattern could match something in the directory, judged by its parts before the first wildcard.
fn may_match_below(pattern: &str, directory: &TreePath) -> bool {
    let mut parts = pattern.split('/').filter(|part| !part.is_empty());
    for name in directory.parts() {
        match parts.next() {
            None => return true,
            Some(part) if part.contains(['*', '?', '[', '\\']) => return true,
            Some(part) if part.as_bytes() != name => return false,
            Some(_) => {}
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_entered_only_if_a_pattern_leads_there() {
        for (pattern, directory, expected) in [
            ("a/b", "a", true),
            ("a/b", "b", false),
            ("a/b", "a/b", true),
            ("a/b", "a/c", false),
            ("*/b", "x", true),
            ("a/*/c", "a/x/y", true),
            ("a/*/c", "b", false),
            ("**/x", "any/where", true),
            ("a", "a/b/c", true),
        ] {
            let found = may_match_below(pattern, &TreePath::clean(directory));
            assert_eq!(found, expected, "{pattern} in {directory}");
        }
    }
}
