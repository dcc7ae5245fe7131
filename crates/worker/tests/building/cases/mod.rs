//! All cases, by what they are about.

mod basics;
mod dockerfiles;
mod endings;
mod git;
mod hostile;
mod isolation;
pub(crate) mod kills;
mod limits;
mod scopes;

use crate::bench::Bench;
use crate::harness::Case;

pub(crate) fn all() -> Vec<Case> {
    let mut all = Vec::new();
    all.extend(basics::cases());
    all.extend(git::cases());
    all.extend(endings::cases());
    all.extend(kills::cases());
    all.extend(limits::cases());
    all.extend(isolation::cases());
    all.extend(hostile::cases());
    all.extend(scopes::cases());
    all.extend(dockerfiles::cases());
    all
}

/// In both modes.
pub(crate) fn both(name: &'static str, run: fn(&Bench)) -> Case {
    Case {
        name,
        as_root: true,
        as_user: true,
        run,
    }
}
