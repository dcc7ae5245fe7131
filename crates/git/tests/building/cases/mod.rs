//! All cases, by what they are about.

mod fetch;

/// A case.
pub(crate) type Case = (&'static str, fn());

pub(crate) fn all() -> Vec<Case> {
    let groups: [&[Case]; 1] = [fetch::CASES];
    groups.concat()
}
