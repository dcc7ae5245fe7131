//! What stands on what, and so what has to wait for what. Pure.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

/// What is linked to each base.
pub(super) type Links<T> = HashMap<T, HashSet<T>>;

/// Everything that stands on `base`, over any number of links, and itself.
pub(super) fn find_above<T: Copy + Eq + Hash>(links: &Links<T>, base: T) -> HashSet<T> {
    let (mut found, mut open) = (HashSet::from([base]), vec![base]);
    while let Some(next) = open.pop() {
        for above in links.get(&next).into_iter().flatten() {
            if found.insert(*above) {
                open.push(*above);
            }
        }
    }
    found
}

/// Those of `waiting` that stand on nothing that is busy and on nothing else that waits. Of those that would wait for each
/// other in a circle, none waits for another: links that close one are switched off, so that there is none.
pub(super) fn find_ready<T: Copy + Eq + Hash>(
    links: &Links<T>,
    waiting: &[T],
    busy: &[T],
) -> Vec<T> {
    let blockers: HashSet<T> = waiting.iter().chain(busy).copied().collect();
    let blocked: HashSet<T> = blockers
        .iter()
        .flat_map(|blocker| {
            let mut above = find_above(links, *blocker);
            above.remove(blocker);
            above
        })
        .collect();
    waiting
        .iter()
        .copied()
        .filter(|one| !blocked.contains(one))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(pairs: &[(u8, u8)]) -> Links<u8> {
        let mut links = Links::new();
        for (base, linked) in pairs {
            links.entry(*base).or_default().insert(*linked);
        }
        links
    }

    #[test]
    fn what_stands_on_several_waits_for_all_of_them() {
        // 1 is under 2 and 3, which are under 4; 4 is also directly on 1.
        let diamond = links(&[(1, 2), (1, 3), (2, 4), (3, 4), (1, 4)]);
        assert_eq!(find_ready(&diamond, &[2, 3, 4], &[]), [2, 3]);
        assert!(find_ready(&diamond, &[4], &[2, 3]).is_empty());
        assert!(find_ready(&diamond, &[4], &[3]).is_empty());
        assert_eq!(find_ready(&diamond, &[4], &[]), [4]);
    }

    #[test]
    fn a_build_of_its_own_holds_nobody_up_but_what_stands_on_it() {
        let chain = links(&[(1, 2), (2, 3)]);
        assert_eq!(find_ready(&chain, &[2], &[2]), [2]);
        assert_eq!(find_ready(&chain, &[1, 3], &[]), [1]);
        assert!(find_ready(&chain, &[3], &[1]).is_empty());
    }

    #[test]
    fn a_circle_ends() {
        let circle = links(&[(1, 2), (2, 1)]);
        assert_eq!(find_above(&circle, 1), HashSet::from([1, 2]));
        assert!(find_ready(&circle, &[1, 2], &[]).is_empty());
    }
}
