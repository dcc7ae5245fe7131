//! Where a reported update of a ref belongs among those that are known: reports come twice, late, in any order, or not
//! at all (GitHub sends none when more than three tags are pushed at once).
//!
//! Pure. What the ref named before and names now are the object names that both webhooks and `ls-remote` tell; of an
//! annotated tag that is the tag object.

use wharf_model::builds::CommitId;

/// What a report says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step<'a> {
    /// What the ref named before.
    pub(super) old: Option<&'a CommitId>,
    /// What it names after.
    pub(super) new: Option<&'a CommitId>,
}

/// What is known of the ref.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    /// What it names, as far as we know; `None` when we never heard of it.
    pub(super) head: Option<Option<&'a CommitId>>,
    /// Whether exactly this step was decided before.
    pub(super) decided: bool,
    /// Whether the ref is known to have left what the report calls new, or to have gone elsewhere from what it calls old.
    pub(super) left: bool,
}

/// What to do with a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It follows what is known: decide it.
    Next,
    /// It is decided already.
    Again,
    /// Something newer was decided: it is overtaken, and the head stays.
    Past,
    /// Steps before it are missing: only the host knows where the ref is now.
    Gap,
}

/// Places a report.
pub(super) fn place_step(known: Known<'_>, step: Step<'_>) -> Place {
    match known.head {
        None => Place::Next,
        Some(head) if head == step.new => Place::Again,
        // Before the question whether it was decided: a ref may be pushed back and forth.
        Some(head) if head == step.old => Place::Next,
        Some(_) if known.decided => Place::Again,
        Some(_) if known.left => Place::Past,
        Some(_) => Place::Gap,
    }
}

#[cfg(test)]
#[path = "placing_tests.rs"]
mod tests;
