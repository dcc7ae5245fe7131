//! Steps and jobs on this machine, as root and as a plain user.
//!
//! Started again as the sandbox's helper by its own tests, which is why it has no usual harness.

mod cases;
mod harness;
mod machine;

fn main() {
    wharf_sandbox::become_helper_if_asked(cases::run_job);
    harness::run(&cases::all());
}
