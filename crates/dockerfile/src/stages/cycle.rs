//! Finding stages that need each other.

/// A stage that needs itself, directly or through others, and which of its needs leads back to it; none when every
/// stage can be built. Each stage's needs are looked at once.
pub(super) fn find_cycle(needs: &[Vec<usize>]) -> Option<(usize, usize)> {
    let mut states = vec![State::New; needs.len()];
    for root in 0..needs.len() {
        // Stages and how many of their needs were followed: a stack of our own, since a file can have any depth.
        let mut open = vec![(root, 0)];
        if states[root] != State::New {
            continue;
        }
        states[root] = State::Open;
        while let Some((stage, followed)) = open.pop() {
            let Some(next) = needs[stage].get(followed) else {
                states[stage] = State::Done;
                continue;
            };
            open.push((stage, followed + 1));
            match states[*next] {
                State::Open => {
                    let mut entries = open.iter();
                    let (_, followed) = entries.find(|(stage, _)| stage == next)?;
                    return Some((*next, followed - 1));
                }
                State::Done => {}
                State::New => {
                    states[*next] = State::Open;
                    open.push((*next, 0));
                }
            }
        }
    }
    None
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    Done,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_true_cycles_are_found() {
        assert_eq!(find_cycle(&[vec![], vec![0], vec![0, 1], vec![2, 1]]), None);
        assert_eq!(find_cycle(&[vec![0]]), Some((0, 0)));
        assert_eq!(
            find_cycle(&[vec![], vec![0, 2], vec![3], vec![1]]),
            Some((1, 1))
        );
        let chain: Vec<Vec<usize>> = (0..100_000)
            .map(|index| if index == 0 { vec![] } else { vec![index - 1] })
            .collect();
        assert_eq!(find_cycle(&chain), None);
    }
}
