//! What one build may add to the disk in all: results of steps, their layers, and base images that it unpacks.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{BuildError, Result};

/// Bytes that a build has added, and how many it may.
pub(crate) struct Budget {
    limit: Option<u64>,
    spent: AtomicU64,
}

impl Budget {
    /// `None` is no bound.
    pub(crate) fn new(limit: Option<u64>) -> Self {
        Self {
            limit,
            spent: AtomicU64::new(0),
        }
    }

    /// What a step may add now, `None` without a bound. Steps that run side by side share it, and each is held to all of it:
    /// what they add together is found when they are done.
    ///
    /// # Errors
    /// Nothing is left.
    pub(crate) fn left(&self) -> Result<Option<u64>> {
        let Some(limit) = self.limit else {
            return Ok(None);
        };
        match limit.saturating_sub(self.spent.load(Ordering::Relaxed)) {
            0 => Err(refuse(limit)),
            left => Ok(Some(left)),
        }
    }

    /// Counts what was added.
    ///
    /// # Errors
    /// It is more than there was left.
    pub(crate) fn charge(&self, bytes: u64) -> Result<()> {
        let before = self.spent.fetch_add(bytes, Ordering::Relaxed);
        match self.limit {
            Some(limit) if before.saturating_add(bytes) > limit => Err(refuse(limit)),
            _ => Ok(()),
        }
    }
}

fn refuse(limit: u64) -> BuildError {
    BuildError::Step {
        message: format!(
            "the build's steps, layers and base images have more than {limit} bytes (disk limit of the whole build)"
        ),
        hint: Some(
            "write less, or raise the limit: of the rule, or [build] step_disk where that is the bound"
                .to_owned(),
        ),
        excerpt: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_gets_less_until_nothing_is() {
        let budget = Budget::new(Some(100));
        budget.charge(60).expect("room");
        assert_eq!(budget.left().expect("room"), Some(40));
        budget.charge(40).expect("just enough");
        assert!(budget.left().is_err());
        let error = budget.charge(1).expect_err("one more");
        assert!(error.to_string().contains("100 bytes"), "{error}");
    }

    #[test]
    fn without_a_bound_everything_goes() {
        let budget = Budget::new(None);
        budget.charge(u64::MAX).expect("no bound");
        assert_eq!(budget.left().expect("no bound"), None);
    }
}
