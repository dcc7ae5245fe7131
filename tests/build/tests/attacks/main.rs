//! Dockerfiles, images and contexts that attack the machine that builds them, through `wharf build` as a user runs it.
//!
//! One module for a row of the attack list. What a step does to the kernel is attacked in the sandbox's own tests, with
//! each guard off and on; here is the whole program, whose guards cannot be turned off: where it has a switch, the attack
//! is shown with it first, and elsewhere a careless program or the sandbox's test of the same row shows it. Most run as
//! root and as a plain user. After each build nothing of it may be left on the machine.

mod bombs;
mod context;
mod frontend;
mod layers;
mod mounts;
mod resources;
mod rights;
mod secrets;
mod working_directory;

use wharf_build_tests::person::PlainUser;
use wharf_build_tests::workshop::Workshop;

/// Runs a test as whoever runs the tests, and once more as a plain user where there can be one.
fn as_both(test: impl Fn(&Workshop<'_>)) {
    test(&Workshop::open());
    match PlainUser::make() {
        Ok(user) => test(&Workshop::open_for(&user)),
        Err(reason) => wharf_testkit::skip::record_skip(&format!("no plain user: {reason}")),
    }
}
