//! Whole builds in real sandboxes, without any image from elsewhere: the base is a static busybox.

mod bench;
mod room;
mod steps;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    wharf_sandbox::become_helper_if_asked(wharf_builder::run_file_job);
    let arguments = Arguments::from_args();
    let trials: Vec<Trial> = steps::TESTS
        .iter()
        .chain(room::TESTS)
        .map(|(name, test)| {
            let test = *test;
            Trial::test(*name, move || {
                test();
                Ok(())
            })
        })
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}
