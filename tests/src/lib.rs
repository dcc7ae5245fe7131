//! The suites that drive a whole server from outside; see `protocol`, `api` and `access` beside this folder.
//!
//! Holds what more than one suite needs and `wharf-testkit` does not: nothing but the way tests run side by side.

use std::thread;

/// Calls `work` for every number below `count`, on a few threads at once, and passes a panic on.
///
/// Four threads keep a server of two cores busy; more would only wait.
pub fn run_in_parallel(count: usize, work: impl Fn(usize) + Sync) {
    const THREADS: usize = 4;
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let work = &work;
            scope.spawn(move || (thread..count).step_by(THREADS).for_each(work));
        }
    });
}
