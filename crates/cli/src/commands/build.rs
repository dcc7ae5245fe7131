//! `wharf build`: options become a request, the builder builds, the result goes where it was asked to go.

mod agents;
mod answer;
mod arguments;
mod builder_engine;
mod cancel;
mod deliver;
mod draft;
mod engine;
mod inputs;
mod options;
mod refused;
mod run;
mod settings;

pub(crate) use arguments::BuildArguments;
pub(crate) use settings::load_settings;

use self::builder_engine::BuilderEngine;
use crate::failure::Failure;
use crate::session::Session;

/// Builds on this machine.
pub(crate) fn run(arguments: &BuildArguments, session: &Session) -> Result<(), Failure> {
    run::run_with(arguments, session, BuilderEngine::open)
}
