//! The end of a build: warnings, or what failed and what to do now.

use super::{Run, Trouble};
use crate::commands::build::engine::BuildFailure;
use crate::failure::Failure;
use crate::progress::{Console, Mode, Renderer, render_failure, render_warnings};
use crate::session::Session;

/// Ends the display, and says on standard error what is left to be said.
pub(super) fn conclude<T>(
    run: &Run<'_>,
    console: Console,
    outcome: Result<T, Trouble>,
) -> Result<T, Failure> {
    let renderer = console
        .finish()
        .map_err(|error| run.explain_start(&error))?;
    if matches!(run.mode, Mode::Tty | Mode::Plain) {
        eprint!("{}", render_warnings(renderer.warnings(), run.look));
    }
    match outcome {
        Ok(done) => Ok(done),
        Err(Trouble::Output(error)) => Err(explain_output(run.session, &error)),
        Err(Trouble::Build(failure)) => {
            eprint!("{}", show_failure(&renderer, &failure));
            Err(explain_failure(run.session, &failure))
        }
    }
}

/// Step, output and source lines; nothing of it for a build that was stopped on purpose.
fn show_failure(renderer: &Renderer, failure: &BuildFailure) -> String {
    if failure.is_canceled {
        return String::new();
    }
    let step = renderer.find_failed(failure.step);
    render_failure(renderer.mode(), step.as_ref(), failure.source.as_ref())
}

/// The chain, the hint, and the command that opens a shell.
fn explain_failure(session: &Session, failure: &BuildFailure) -> Failure {
    if failure.is_canceled {
        return Failure::new(session.text("cli.build.canceled", &[]));
    }
    let told = Failure::new(session.text("cli.build.failed", &[])).caused_by(&*failure.error);
    let debug = failure.build.as_deref().map(|build| {
        session
            .text("cli.build.debug_hint", &[("build", build)])
            .into_owned()
    });
    let hints: Vec<String> = failure.hint.iter().cloned().chain(debug).collect();
    match hints.is_empty() {
        true => told,
        // One line each, all of them found by those who search for the word.
        false => told.with_hint(hints.join("\nhint: ")),
    }
}

fn explain_output(session: &Session, error: &wharf_image::ImageError) -> Failure {
    let told = Failure::new(session.text("cli.build.output_failed", &[])).caused_by(error);
    match error.hint() {
        Some(hint) => told.with_hint(hint),
        None => told,
    }
}
