//! Whole builds in workers, as root and as a plain user.
//!
//! Started again by its own tests as the sandbox's helper, as a worker, as a server that gets killed, and as what a worker
//! could be turned into; so it has no usual harness.

mod account;
#[path = "../../../sandbox/tests/sandbox/audit.rs"]
mod audit;
mod bench;
mod cases;
mod harness;
mod outside;
mod probe;
mod remains;
mod services;
mod story;

fn main() {
    wharf_sandbox::become_helper_if_asked(wharf_builder::run_file_job);
    if probe::is_wanted() {
        probe::run();
    }
    wharf_worker::become_worker_if_asked();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments == [outside::SERVE] {
        outside::serve();
    }
    if let [word, folder, phase] = &arguments[..]
        && word == cases::kills::SERVE
    {
        cases::kills::serve(folder.as_ref(), phase);
    }
    harness::run(&cases::all());
}
