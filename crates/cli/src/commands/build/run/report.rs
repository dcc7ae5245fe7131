//! The end of a build: warnings, or what failed and what to do now.

use std::path::Path;

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
            let state_dir = run.arguments.host.state_dir.as_deref();
            Err(explain_failure(run.session, &failure, state_dir))
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
fn explain_failure(session: &Session, failure: &BuildFailure, state_dir: Option<&Path>) -> Failure {
    if failure.is_canceled {
        return Failure::new(session.text("cli.build.canceled", &[]));
    }
    let told = Failure::new(session.text("cli.build.failed", &[])).caused_by(&*failure.error);
    let debug = failure.build.as_deref().map(|build| {
        let build = match state_dir {
            Some(folder) => format!("{build} --state-dir {}", quote_word(folder)),
            None => build.to_owned(),
        };
        session
            .text("cli.build.debug_hint", &[("build", &build)])
            .into_owned()
    });
    let hints: Vec<String> = failure.hint.iter().cloned().chain(debug).collect();
    match hints.is_empty() {
        true => told,
        // One line each, all of them found by those who search for the word.
        false => told.with_hint(hints.join("\nhint: ")),
    }
}

/// A path as a shell reads it back.
fn quote_word(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |letter: char| letter.is_alphanumeric() || "/._-+:@%".contains(letter);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text,
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

fn explain_output(session: &Session, error: &wharf_image::ImageError) -> Failure {
    let told = Failure::new(session.text("cli.build.output_failed", &[])).caused_by(error);
    match error.hint() {
        Some(hint) => told.with_hint(hint),
        None => told,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_quoted_where_a_shell_would_take_it_apart() {
        for (path, word) in [
            ("/var/lib/wharf", "/var/lib/wharf"),
            ("my state", "'my state'"),
            ("it's", "'it'\\''s'"),
            ("", "''"),
        ] {
            assert_eq!(quote_word(Path::new(path)), word);
        }
    }
}
