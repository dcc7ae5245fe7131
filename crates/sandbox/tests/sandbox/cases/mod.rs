//! All cases, by what they are about.

mod attacks;
pub(crate) mod basics;
mod limits;
mod mounts;
mod network;
mod openings;
mod program;
mod users;

use wharf_sandbox::JobContext;

use crate::harness::Case;

pub(crate) fn all() -> Vec<Case> {
    let mut all = Vec::new();
    all.extend(basics::cases());
    all.extend(mounts::cases());
    all.extend(users::cases());
    all.extend(limits::cases());
    all.extend(network::cases());
    all.extend(openings::cases());
    all.extend(attacks::cases());
    all.extend(program::cases());
    all
}

/// Runs in the helper.
pub(crate) fn run_job(context: JobContext, payload: Vec<u8>) -> Result<Vec<u8>, String> {
    basics::run_job(&context, &payload)
}

/// In both modes.
pub(crate) fn both(name: &'static str, run: fn(&crate::machine::Machine)) -> Case {
    Case {
        name,
        as_root: true,
        as_user: true,
        run,
    }
}
