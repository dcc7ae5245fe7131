//! The `wharf` program: one binary that is the server and its client.
//!
//! This file prepares the process (allocator, TLS provider, environment) and hands over to a command. It refuses to
//! know what commands do; each has a file of its own under `commands`.

mod allocator;
mod arguments;
mod ask;
mod client;
mod commands;
mod config;
mod failure;
mod images;
mod output;
mod progress;
mod session;
mod welcome;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;
use crate::session::Session;

fn main() -> ExitCode {
    // First of all: a helper of the sandbox is this program again, and must find it as it was started.
    wharf_sandbox::become_helper_if_asked(wharf_builder::run_file_job);
    allocator::set_up();
    // An error means that a provider is installed already, and there is only this one in the program.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    // With what a build needs prepared, and before any word is taken for a command of a person.
    wharf_worker::become_worker_if_asked();
    let arguments = Arguments::parse();
    let session = Session::from_process(arguments.options.format);
    match commands::run_command(arguments.command, &arguments.options, &session) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprint!("{}", failure.render());
            failure.exit_code()
        }
    }
}
