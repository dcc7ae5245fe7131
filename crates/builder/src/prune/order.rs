//! What goes first when there is too much: the least recently used.

use std::collections::HashMap;
use std::time::SystemTime;

/// What choosing needs to know of a thing.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) bytes: u64,
    pub(super) used: SystemTime,
    /// The result that it is, and the one that it stands on.
    pub(super) result: Option<String>,
    pub(super) parent: Option<String>,
}

/// The places of those that go, so that the rest fits into `budget` bytes.
///
/// A result is as recently used as the latest that stands on it, and those on top go first: without what is below it a
/// result is never asked for again.
pub(super) fn choose(candidates: &[Candidate], budget: u64) -> Vec<usize> {
    let mut total: u64 = candidates.iter().map(|candidate| candidate.bytes).sum();
    let places: HashMap<&str, usize> = candidates
        .iter()
        .enumerate()
        .filter_map(|(place, candidate)| Some((candidate.result.as_deref()?, place)))
        .collect();
    let mut used: Vec<SystemTime> = candidates.iter().map(|candidate| candidate.used).collect();
    let mut depths = vec![0_usize; candidates.len()];
    for (start, candidate) in candidates.iter().enumerate() {
        let mut parent = candidate.parent.as_deref();
        let mut depth = 0;
        while let Some(&place) = parent.and_then(|parent| places.get(parent)) {
            depth += 1;
            // Somebody wrote a circle into the records.
            if depth > candidates.len() {
                break;
            }
            used[place] = used[place].max(candidate.used);
            parent = candidates[place].parent.as_deref();
        }
        depths[start] = depth;
    }
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by_key(|&place| (used[place], std::cmp::Reverse(depths[place]), place));
    let mut chosen = Vec::new();
    for place in order {
        if total <= budget && budget > 0 {
            break;
        }
        total -= candidates[place].bytes;
        chosen.push(place);
    }
    chosen
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn candidate(bytes: u64, used: u64, result: &str, parent: &str) -> Candidate {
        Candidate {
            bytes,
            used: SystemTime::UNIX_EPOCH + Duration::from_secs(used),
            result: Some(result.to_owned()),
            parent: Some(parent.to_owned()),
        }
    }

    #[test]
    fn the_least_recently_used_goes_first_and_no_more_than_has_to() {
        let all = [
            candidate(10, 3, "a", ""),
            candidate(10, 1, "b", ""),
            candidate(10, 2, "c", ""),
        ];
        assert!(choose(&all, 30).is_empty());
        assert_eq!(choose(&all, 29), [1]);
        assert_eq!(choose(&all, 10), [1, 2]);
        assert_eq!(choose(&all, 0).len(), 3);
    }

    #[test]
    fn what_lies_below_a_result_stays_as_long_as_the_result() {
        let all = [
            candidate(10, 1, "bottom", "image x"),
            candidate(10, 9, "top", "bottom"),
            candidate(10, 5, "alone", ""),
        ];
        assert_eq!(choose(&all, 20), [2]);
        assert_eq!(choose(&all, 10), [2, 1]);
    }

    #[test]
    fn a_circle_in_the_records_is_no_endless_loop() {
        let all = [candidate(1, 1, "a", "b"), candidate(1, 2, "b", "a")];
        assert_eq!(choose(&all, 1).len(), 1);
    }

    #[test]
    fn a_budget_of_nothing_also_takes_what_has_no_size() {
        assert_eq!(choose(&[candidate(0, 1, "a", "")], 0), [0]);
    }
}
