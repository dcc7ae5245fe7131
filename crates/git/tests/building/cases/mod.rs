//! All cases, by what they are about.

mod addresses;
mod crafted;
mod fetch;
mod limits;
mod repositories;
mod secrets;
mod ssh;
mod submodules;

/// A case.
pub(crate) type Case = (&'static str, fn());

pub(crate) fn all() -> Vec<Case> {
    [
        addresses::CASES,
        fetch::CASES,
        limits::CASES,
        repositories::CASES,
        secrets::CASES,
        ssh::CASES,
        submodules::CASES,
    ]
    .concat()
}
