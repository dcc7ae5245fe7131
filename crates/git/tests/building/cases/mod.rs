//! All cases, by what they are about.

mod fetch;
mod ssh;

/// A case.
pub(crate) type Case = (&'static str, fn());

pub(crate) fn all() -> Vec<Case> {
    let groups: [&[Case]; 2] = [fetch::CASES, ssh::CASES];
    groups.concat()
}
