//! What was told already: the last moments are read again and again, and each thing in them is told once. What is too much
//! to be told one by one is one gap, however often it is read.

use std::{collections::HashSet, hash::Hash, time::Duration};
use tokio::time::Instant;

/// The least time between two times that something is told which makes readers read everything again. With less, whoever
/// makes much happen has everybody ask the server without a pause; with more, people see old things longer.
const APART: Duration = Duration::from_secs(1);

/// Something that is told at most once a second, and not forgotten meanwhile.
#[derive(Debug, Default)]
pub(super) struct Paced {
    owed: bool,
    told: Option<Instant>,
}

impl Paced {
    /// There is something to tell.
    pub(super) fn owe(&mut self) {
        self.owed = true;
    }

    /// It is told now, with all that is owed.
    pub(super) fn tell(&mut self, at: Instant) {
        self.owed = false;
        self.told = Some(at);
    }

    /// Whether what is owed is to be told at this moment; it is then.
    pub(super) fn take(&mut self, at: Instant) -> bool {
        let is_due = self.owed && self.told.is_none_or(|told| at - told >= APART);
        if is_due {
            self.tell(at);
        }
        is_due
    }
}

/// What of a look is told.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fresh<T> {
    /// These, one by one.
    Each(Vec<T>),
    /// That there is more than is told one by one.
    Gap,
}

/// Which things of the last moments are known.
#[derive(Debug)]
pub(super) struct Seen<Id> {
    known: HashSet<Id>,
    /// Whether there is more in the last moments than is read.
    crowded: bool,
    gaps: Paced,
}

impl<Id> Default for Seen<Id> {
    fn default() -> Self {
        Self {
            known: HashSet::new(),
            crowded: false,
            gaps: Paced::default(),
        }
    }
}

impl<Id: Copy + Eq + Hash> Seen<Id> {
    /// Whether there was more than was read: looking again at once would read the same.
    pub(super) fn is_crowded(&self) -> bool {
        self.crowded
    }

    /// What of `found` is told. `full` says that there is more, of which these are the newest; `whole`, that it was looked at
    /// all of the last moments.
    pub(super) fn sort<T>(
        &mut self,
        found: Vec<T>,
        id: impl Fn(&T) -> Id,
        (full, whole): (bool, bool),
        at: Instant,
    ) -> Fresh<T> {
        let ids: Vec<Id> = found.iter().map(&id).collect();
        let unknown = found.into_iter().filter(|it| !self.known.contains(&id(it)));
        let fresh: Vec<T> = unknown.collect();
        if whole {
            self.known.clear();
        }
        self.known.extend(ids);
        let was_crowded = self.crowded;
        self.crowded = full || was_crowded && !whole;
        // Once more when it is over: what became visible late was not among the newest.
        if self.crowded && !fresh.is_empty() || was_crowded && !self.crowded {
            self.gaps.owe();
        }
        match self.gaps.take(at) {
            true => Fresh::Gap,
            false if self.crowded || self.gaps.owed => Fresh::Each(Vec::new()),
            false => Fresh::Each(fresh),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PART: (bool, bool) = (false, false);
    const WHOLE: (bool, bool) = (false, true);
    const FULL: (bool, bool) = (true, true);

    fn sort(
        seen: &mut Seen<u32>,
        found: impl IntoIterator<Item = u32>,
        how: (bool, bool),
        at: Instant,
    ) -> Fresh<u32> {
        seen.sort(found.into_iter().collect(), |id| *id, how, at)
    }

    #[test]
    fn what_is_read_again_is_told_once() {
        let (mut seen, at) = (Seen::default(), Instant::now());
        assert_eq!(sort(&mut seen, [1, 2], WHOLE, at), Fresh::Each(vec![1, 2]));
        assert_eq!(sort(&mut seen, [2, 3], PART, at), Fresh::Each(vec![3]));
        let late = sort(&mut seen, [1, 2, 3, 9], WHOLE, at);
        assert_eq!(late, Fresh::Each(vec![9]));
        sort(&mut seen, [3], WHOLE, at);
        assert_eq!(
            seen.known.len(),
            1,
            "what is not read any more is forgotten"
        );
    }

    #[test]
    fn what_is_too_much_is_told_as_one_gap_and_again_for_what_is_new_at_most_once_a_second() {
        let (mut seen, begun) = (Seen::default(), Instant::now());
        let at = |millis| begun + Duration::from_millis(millis);
        let nothing = || Fresh::Each(vec![]);
        assert_eq!(sort(&mut seen, 0..1000, FULL, at(0)), Fresh::Gap);
        for millis in (50..5000).step_by(50) {
            assert_eq!(sort(&mut seen, 0..1000, FULL, at(millis)), nothing());
        }
        assert!(seen.is_crowded());
        // More and more comes.
        let gaps = (0..60).filter(|look| {
            let found = sort(
                &mut seen,
                look + 1..look + 1001,
                FULL,
                at(5000 + u64::from(*look) * 50),
            );
            found == Fresh::Gap
        });
        assert_eq!(gaps.count(), 3, "within three seconds");
        // What came last is not forgotten, and what became visible late is covered.
        assert_eq!(sort(&mut seen, [60], WHOLE, at(9000)), Fresh::Gap);
        assert_eq!(
            sort(&mut seen, [60, 2000], WHOLE, at(9050)),
            Fresh::Each(vec![2000])
        );
    }
}
