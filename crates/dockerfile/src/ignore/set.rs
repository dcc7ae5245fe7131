//! A list of patterns, of which the last that matches decides.

use super::PathPattern;
use crate::Problem;

/// The patterns of an ignore file, or of `--exclude`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PatternSet {
    patterns: Vec<PathPattern>,
    has_exceptions: bool,
}

/// Which patterns matched a directory: what is below it is matched too. Passing it down a walk saves matching every
/// parent again for every file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ParentMatches {
    matched: Vec<bool>,
}

impl PatternSet {
    /// Empty patterns are skipped.
    pub fn new<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Result<PatternSet, Problem> {
        let written = patterns.into_iter().filter(|text| !text.trim().is_empty());
        let patterns: Vec<PathPattern> = written.map(PathPattern::new).collect::<Result<_, _>>()?;
        let has_exceptions = patterns.iter().any(PathPattern::is_exception);
        Ok(PatternSet {
            patterns,
            has_exceptions,
        })
    }

    pub fn patterns(&self) -> &[PathPattern] {
        &self.patterns
    }

    /// Whether a path below a matched directory can be taken back in. When not, the directory need not be walked.
    pub fn has_exceptions(&self) -> bool {
        self.has_exceptions
    }

    /// Whether a path, relative and with slashes, is matched: itself or through one of its parents.
    pub fn is_match(&self, path: &str) -> bool {
        let ends = path.match_indices('/').map(|(end, _)| end);
        let parents: Vec<&str> = ends.map(|end| &path[..end]).collect();
        let mut is_matched = false;
        for pattern in &self.patterns {
            // Only a pattern that would change the answer is looked at.
            if pattern.is_exception() != is_matched {
                continue;
            }
            let matches =
                pattern.is_match(path) || parents.iter().any(|parent| pattern.is_match(parent));
            if matches {
                is_matched = !pattern.is_exception();
            }
        }
        is_matched
    }

    /// The same for a walk from the root down: `parent` is what the path's directory gave, the default for paths in the
    /// root.
    pub fn match_below(&self, path: &str, parent: &ParentMatches) -> (bool, ParentMatches) {
        let mut is_matched = false;
        let mut matched = vec![false; self.patterns.len()];
        for (index, pattern) in self.patterns.iter().enumerate() {
            let mut matches = parent.matched.get(index).copied().unwrap_or(false);
            if !matches {
                if pattern.is_exception() != is_matched {
                    continue;
                }
                matches = pattern.is_match(path);
            }
            matched[index] = matches;
            if matches {
                is_matched = !pattern.is_exception();
            }
        }
        (is_matched, ParentMatches { matched })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set(patterns: &[&str]) -> PatternSet {
        PatternSet::new(patterns.iter().copied()).expect("patterns")
    }

    /// The answer of a walk from the root down.
    fn walk(set: &PatternSet, path: &str) -> bool {
        let mut parents = ParentMatches::default();
        let ends = path.match_indices('/').map(|(end, _)| end);
        let mut answer = false;
        for end in ends.chain([path.len()]) {
            (answer, parents) = set.match_below(&path[..end], &parents);
        }
        answer
    }

    #[test]
    fn the_last_match_decides_and_directories_cover_what_is_in_them() {
        for (patterns, path, expected) in [
            (vec!["a"], "a/b/c", true),
            (vec!["a/b"], "a", false),
            (vec!["a", "!a/b"], "a/b/c", false),
            (vec!["a", "!a/b"], "a/c", true),
            (vec!["a", "!a/b", "a/b/c"], "a/b/c", true),
            (vec!["*", "!a"], "a", false),
            (vec!["*", "!a"], "b/a", true),
            (vec!["**", "!**/*.md"], "x/y.md", false),
            (vec!["!a", "a"], "a", true),
            (vec!["*/x"], "a/x/y", true),
            (vec!["", "  "], "a", false),
        ] {
            let set = set(&patterns);
            assert_eq!(set.is_match(path), expected, "{patterns:?} {path}");
            assert_eq!(walk(&set, path), expected, "walking {patterns:?} {path}");
        }
        assert!(set(&["a", "!b"]).has_exceptions());
        assert!(!set(&["a"]).has_exceptions());
        assert!(PatternSet::new(["a", "["]).is_err());
    }

    proptest! {
        #[test]
        fn a_walk_without_exceptions_gives_the_same_answers(
            patterns in proptest::collection::vec("(\\*\\*/)?[ab*?]{1,2}(/[ab*]{1,2}){0,2}", 0..4),
            path in "[ab]{1,2}(/[ab]{1,2}){0,3}",
        ) {
            let set = PatternSet::new(patterns.iter().map(String::as_str)).expect("patterns");
            prop_assert_eq!(walk(&set, &path), set.is_match(&path));
        }
    }
}
