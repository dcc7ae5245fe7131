//! Which updates of refs a rule builds.

use super::{CommitId, Pattern, RefKind, RefName, asks_to_skip};
use std::fmt;

/// Most patterns of one filter. A rule with more wants an expression.
pub const MAX_PATTERNS: usize = 100;

/// What is chosen among the branches, or among the tags.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum RefFilter {
    /// Nothing: the box is not ticked.
    #[default]
    None,
    /// Every one.
    All,
    /// Those that any of the patterns matches; a list of names is a list of patterns.
    Matching(Vec<Pattern>),
}

impl RefFilter {
    /// Whether the filter chooses the branch or tag of this short name.
    pub fn chooses(&self, name: &str) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Matching(patterns) => patterns.iter().any(|pattern| pattern.is_match(name)),
        }
    }

    fn check(&self) -> Result<(), TriggerError> {
        match self {
            Self::Matching(patterns) if patterns.is_empty() => Err(TriggerError::NoPattern),
            Self::Matching(patterns) if patterns.len() > MAX_PATTERNS => {
                Err(TriggerError::TooManyPatterns)
            }
            _ => Ok(()),
        }
    }
}

/// Why a trigger is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TriggerError {
    /// Patterns are asked for and none is given.
    #[error("a filter by patterns has at least one")]
    NoPattern,
    /// More than [`MAX_PATTERNS`].
    #[error("a filter has at most {MAX_PATTERNS} patterns")]
    TooManyPatterns,
}

/// When a rule builds: any of its boxes. Without any it builds only by hand, by API or by a trigger URL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleTrigger {
    /// "New tag": a tag that appears or is moved.
    pub tags: RefFilter,
    /// "Push to branches".
    pub branches: RefFilter,
}

impl RuleTrigger {
    /// Refuses filters that can choose nothing by mistake, or that are too long.
    pub fn check(&self) -> Result<(), TriggerError> {
        self.tags.check()?;
        self.branches.check()
    }

    /// Whether no push starts anything.
    pub fn is_manual(&self) -> bool {
        self.tags == RefFilter::None && self.branches == RefFilter::None
    }

    /// Whether a ref may be built by this rule; what a trigger URL may ask for, too, unless the rule is manual.
    pub fn chooses(&self, reference: &RefName) -> bool {
        self.filter(reference.kind()).chooses(reference.short())
    }

    fn filter(&self, kind: RefKind) -> &RefFilter {
        match kind {
            RefKind::Branch => &self.branches,
            RefKind::Tag => &self.tags,
        }
    }
}

/// A ref that moved, appeared or went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefUpdate {
    /// Which.
    pub reference: RefName,
    /// The commit it stood at; `None` when it is new, or when nobody knows.
    pub old: Option<CommitId>,
    /// The commit it stands at now; `None` when it is deleted.
    pub new: Option<CommitId>,
}

/// What becomes of one update of a ref under one rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is built.
    Build,
    /// It is not, because.
    Skip(SkipReason),
}

/// Why an update is not built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SkipReason {
    /// The ref was deleted.
    Deleted,
    /// It stands where it stood.
    Unchanged,
    /// The rule's box for tags is not ticked.
    TagsNotBuilt,
    /// The rule's box for branches is not ticked.
    BranchesNotBuilt,
    /// No pattern matches its name.
    NoPatternMatches,
    /// Its head commit's message says `[skip ci]` or `[ci skip]`.
    AskedFor,
}

impl SkipReason {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Deleted,
        Self::Unchanged,
        Self::TagsNotBuilt,
        Self::BranchesNotBuilt,
        Self::NoPatternMatches,
        Self::AskedFor,
    ];

    /// The word for it in the API, in rows and in the catalogue of sentences.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Unchanged => "unchanged",
            Self::TagsNotBuilt => "tags_not_built",
            Self::BranchesNotBuilt => "branches_not_built",
            Self::NoPatternMatches => "no_pattern_matches",
            Self::AskedFor => "skip_ci",
        }
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Decides whether `update` is built; `message` is its head commit's, where it is known.
///
/// A tag that is moved counts as new: it names another commit now. `[skip ci]` holds for branches and tags alike, as
/// code hosts have it. That the rule is enabled, and that the commit is still the ref's head, is for the caller to see.
pub fn decide_ref(trigger: &RuleTrigger, update: &RefUpdate, message: Option<&str>) -> Verdict {
    let kind = update.reference.kind();
    let filter = trigger.filter(kind);
    if update.new.is_none() {
        Verdict::Skip(SkipReason::Deleted)
    } else if update.new == update.old {
        Verdict::Skip(SkipReason::Unchanged)
    } else if *filter == RefFilter::None {
        Verdict::Skip(match kind {
            RefKind::Branch => SkipReason::BranchesNotBuilt,
            RefKind::Tag => SkipReason::TagsNotBuilt,
        })
    } else if !filter.chooses(update.reference.short()) {
        Verdict::Skip(SkipReason::NoPatternMatches)
    } else if message.is_some_and(asks_to_skip) {
        Verdict::Skip(SkipReason::AskedFor)
    } else {
        Verdict::Build
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(patterns: &[&str]) -> RefFilter {
        RefFilter::Matching(patterns.iter().map(|text| text.parse().unwrap()).collect())
    }

    fn update(reference: &str, old: Option<u8>, new: Option<u8>) -> RefUpdate {
        let commit = |digit: u8| format!("{digit}").repeat(40).parse().unwrap();
        RefUpdate {
            reference: reference.parse().unwrap(),
            old: old.map(commit),
            new: new.map(commit),
        }
    }

    #[test]
    fn any_ticked_box_builds_and_no_box_means_by_hand_only() {
        let branch = update("refs/heads/main", Some(1), Some(2));
        let tag = update("refs/tags/v1", None, Some(2));
        let manual = RuleTrigger::default();
        assert!(manual.is_manual());
        assert_eq!(
            decide_ref(&manual, &branch, None),
            Verdict::Skip(SkipReason::BranchesNotBuilt)
        );
        assert_eq!(
            decide_ref(&manual, &tag, None),
            Verdict::Skip(SkipReason::TagsNotBuilt)
        );
        let both = RuleTrigger {
            tags: RefFilter::All,
            branches: filter(&["main", "dev/*"]),
        };
        assert_eq!(decide_ref(&both, &branch, None), Verdict::Build);
        assert_eq!(decide_ref(&both, &tag, None), Verdict::Build);
        let other = update("refs/heads/feature/x", None, Some(3));
        assert_eq!(
            decide_ref(&both, &other, None),
            Verdict::Skip(SkipReason::NoPatternMatches)
        );
        assert!(both.chooses(&RefName::branch("dev/a").unwrap()) && !both.is_manual());
    }

    #[test]
    fn a_deleted_ref_and_one_that_did_not_move_build_nothing() {
        let all = RuleTrigger {
            tags: RefFilter::All,
            branches: RefFilter::All,
        };
        let gone = update("refs/heads/main", Some(1), None);
        assert_eq!(
            decide_ref(&all, &gone, None),
            Verdict::Skip(SkipReason::Deleted)
        );
        let still = update("refs/heads/main", Some(1), Some(1));
        assert_eq!(
            decide_ref(&all, &still, None),
            Verdict::Skip(SkipReason::Unchanged)
        );
        let moved = update("refs/tags/v1", Some(1), Some(2));
        assert_eq!(decide_ref(&all, &moved, None), Verdict::Build);
    }

    #[test]
    fn a_message_can_ask_not_to_be_built() {
        let all = RuleTrigger {
            tags: RefFilter::All,
            branches: RefFilter::All,
        };
        for reference in ["refs/heads/main", "refs/tags/v1"] {
            let update = update(reference, None, Some(1));
            assert_eq!(
                decide_ref(&all, &update, Some("typo [skip ci]")),
                Verdict::Skip(SkipReason::AskedFor)
            );
            assert_eq!(decide_ref(&all, &update, Some("typo")), Verdict::Build);
        }
    }

    #[test]
    fn a_filter_by_patterns_has_some_and_not_too_many() {
        let none = RuleTrigger {
            tags: RefFilter::Matching(vec![]),
            branches: RefFilter::All,
        };
        assert_eq!(none.check(), Err(TriggerError::NoPattern));
        let many = RuleTrigger {
            tags: RefFilter::None,
            branches: filter(&["a"; MAX_PATTERNS + 1]),
        };
        assert_eq!(many.check(), Err(TriggerError::TooManyPatterns));
        assert_eq!(
            RuleTrigger {
                branches: filter(&["a"]),
                ..none
            }
            .check(),
            Err(TriggerError::NoPattern)
        );
    }

    #[test]
    fn reasons_have_words_of_their_own() {
        let mut words: Vec<_> = SkipReason::ALL
            .iter()
            .map(|reason| reason.as_str())
            .collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), SkipReason::ALL.len());
    }
}
