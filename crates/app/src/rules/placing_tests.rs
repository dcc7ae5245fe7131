use super::*;
use std::collections::BTreeMap;

fn commit(number: usize) -> CommitId {
    format!("{:040x}", number + 1).parse().unwrap()
}

/// A decision as the rows keep it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Decided {
    old: Option<CommitId>,
    new: Option<CommitId>,
    built: bool,
}

/// What a rule knows of one ref, kept like the rows are.
#[derive(Debug, Clone, Default)]
struct Memory {
    head: Option<Option<CommitId>>,
    decisions: Vec<Decided>,
}

impl Memory {
    fn at(head: &Option<CommitId>) -> Self {
        Self {
            head: Some(head.clone()),
            decisions: Vec::new(),
        }
    }

    fn decide(&mut self, old: Option<CommitId>, new: Option<CommitId>) {
        let built = new.is_some();
        self.head = Some(new.clone());
        self.decisions.push(Decided { old, new, built });
    }

    /// As `record_pushes` does; `truth` is what `ls-remote` would say.
    fn report(&mut self, step: &(Option<CommitId>, Option<CommitId>), truth: &Option<CommitId>) {
        let (old, new) = (step.0.as_ref(), step.1.as_ref());
        let decided = self
            .decisions
            .iter()
            .any(|made| made.old.as_ref() == old && made.new.as_ref() == new);
        let left_from = |object: Option<&CommitId>| {
            object.is_some()
                && self
                    .decisions
                    .iter()
                    .any(|made| made.old.as_ref() == object && made.new.as_ref() != object)
        };
        let known = Known {
            head: self.head.as_ref().map(Option::as_ref),
            decided,
            left: left_from(new) || left_from(old),
        };
        match place_step(known, Step { old, new }) {
            Place::Next => self.decide(step.0.clone(), step.1.clone()),
            Place::Again => {}
            Place::Past => self.decisions.push(Decided {
                old: step.0.clone(),
                new: step.1.clone(),
                built: false,
            }),
            Place::Gap => {
                self.look(truth);
                if self.head.as_ref().map(Option::as_ref) != Some(new) {
                    self.decisions.push(Decided {
                        old: step.0.clone(),
                        new: step.1.clone(),
                        built: false,
                    });
                }
            }
        }
    }

    /// As the reconciler does.
    fn look(&mut self, truth: &Option<CommitId>) {
        if self.head.as_ref() != Some(truth) {
            let old = self.head.clone().flatten();
            self.decide(old, truth.clone());
        }
    }
}

fn permutations(items: &[usize]) -> Vec<Vec<usize>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    items
        .iter()
        .flat_map(|first| {
            let rest: Vec<_> = items.iter().copied().filter(|item| item != first).collect();
            permutations(&rest).into_iter().map(move |mut tail| {
                tail.insert(0, *first);
                tail
            })
        })
        .collect()
}

/// Reports of these steps in every order, with every subset of them lost and every one sent twice.
fn every_delivery(
    steps: &[(Option<CommitId>, Option<CommitId>)],
    check: impl Fn(&Memory, &[usize]),
) {
    let truth = steps.last().unwrap().1.clone();
    let all: Vec<usize> = (0..steps.len()).collect();
    for lost in 0..(1_usize << steps.len()) {
        let kept: Vec<_> = all
            .iter()
            .copied()
            .filter(|step| lost & (1 << step) == 0)
            .collect();
        for order in permutations(&kept) {
            let mut memory = Memory::at(&steps[0].0);
            for step in &order {
                memory.report(&steps[*step], &truth);
            }
            // Duplicates, oldest last.
            for step in order.iter().rev() {
                memory.report(&steps[*step], &truth);
            }
            memory.look(&truth);
            assert_eq!(memory.head, Some(truth.clone()), "{order:?}");
            check(&memory, &order);
        }
    }
}

#[test]
fn f48_pushes_in_any_order_end_at_the_head_with_one_build_of_each_commit() {
    let steps: Vec<_> = (0..4)
        .map(|number| (Some(commit(number)), Some(commit(number + 1))))
        .collect();
    every_delivery(&steps, |memory, order| {
        let mut builds = BTreeMap::new();
        for made in memory.decisions.iter().filter(|made| made.built) {
            *builds.entry(made.new.clone()).or_insert(0) += 1;
        }
        assert!(
            builds.values().all(|count| *count == 1),
            "{order:?} {:?}",
            memory.decisions
        );
        assert!(
            builds.contains_key(&Some(commit(4))),
            "the head was not built: {order:?}"
        );
    });
}

#[test]
fn f48_no_update_is_decided_twice_however_often_it_is_reported() {
    let steps: Vec<_> = (0..4)
        .map(|number| (Some(commit(number)), Some(commit(number + 1))))
        .collect();
    every_delivery(&steps, |memory, order| {
        let mut seen = Vec::new();
        for made in &memory.decisions {
            let step = (made.old.clone(), made.new.clone());
            assert!(!seen.contains(&step), "{order:?} {:?}", memory.decisions);
            seen.push(step);
        }
    });
}

#[test]
fn f48_a_push_back_is_built_again_when_it_arrives_in_order() {
    let (a, b) = (Some(commit(0)), Some(commit(1)));
    let mut memory = Memory::at(&a);
    for (step, truth) in [
        ((a.clone(), b.clone()), &b),
        ((b.clone(), a.clone()), &a),
        ((a.clone(), b.clone()), &b),
    ] {
        memory.report(&step, truth);
    }
    assert_eq!(memory.decisions.len(), 3);
    assert!(memory.decisions.iter().all(|made| made.built));
    assert_eq!(memory.head, Some(b));
}

#[test]
fn f48_whatever_was_pushed_back_and_deleted_the_head_is_the_hosts_in_the_end() {
    let (a, b, c) = (Some(commit(0)), Some(commit(1)), Some(commit(2)));
    let steps = [
        (a.clone(), b.clone()),
        (b.clone(), a.clone()),
        (a.clone(), None),
        (None, c),
    ];
    every_delivery(&steps, |_, _| {});
}

#[test]
fn what_the_poller_found_first_is_not_decided_again_by_the_webhook() {
    let (a, b, c) = (Some(commit(0)), Some(commit(1)), Some(commit(2)));
    let mut memory = Memory::at(&a);
    memory.look(&c);
    assert_eq!(memory.decisions.len(), 1);
    memory.report(&(b.clone(), c.clone()), &c);
    assert_eq!(memory.decisions.len(), 1, "the head is known");
    memory.report(&(a.clone(), b.clone()), &c);
    assert!(!memory.decisions[1].built, "the step between is overtaken");
    assert_eq!(memory.head, Some(c));
}
