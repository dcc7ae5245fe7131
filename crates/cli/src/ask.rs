//! Questions to a person, and their answers: passwords, and the name of what is to be deleted.
//!
//! Without a terminal nothing is asked: the caller gets a usage failure that names the flag to use instead.

use std::io::{BufRead, Write};

use clap::Args;
use dialoguer::Password;

use crate::failure::Failure;
use crate::session::Session;

/// How a deletion is confirmed.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Confirmation {
    /// Delete without asking (needed where there is no terminal)
    #[arg(long, short = 'y')]
    pub(crate) yes: bool,
}

impl Confirmation {
    /// Returns when the question can be put at all, or need not be: asked before a server is.
    pub(crate) fn require_answerable(self, session: &Session, name: &str) -> Result<(), Failure> {
        if self.yes || session.stdin_is_terminal && session.stderr_is_terminal {
            return Ok(());
        }
        Err(
            Failure::usage(session.text("cli.delete.needs_yes", &[("name", name)]))
                .with_hint(session.text("cli.delete.needs_yes_hint", &[])),
        )
    }

    /// Returns when `name` may be deleted: `--yes` was given, or the person typed the name.
    pub(crate) fn obtain(self, session: &Session, name: &str) -> Result<(), Failure> {
        self.require_answerable(session, name)?;
        if self.yes {
            return Ok(());
        }
        eprint!(
            "{} ",
            session.text("cli.delete.type_name", &[("name", name)])
        );
        std::io::stderr().flush().ok();
        let typed = read_line(session)?;
        if typed.trim() == name {
            Ok(())
        } else {
            Err(Failure::new(session.text("cli.delete.not_confirmed", &[])))
        }
    }
}

/// Asks for an existing password, without echo.
pub(crate) fn ask_password(session: &Session, prompt_key: &str) -> Result<String, Failure> {
    require_terminal(session)?;
    prompt(
        session,
        Password::new().with_prompt(session.text(prompt_key, &[])),
    )
}

/// Asks for a new password, twice.
pub(crate) fn ask_new_password(session: &Session) -> Result<String, Failure> {
    require_terminal(session)?;
    let question = Password::new()
        .with_prompt(session.text("cli.password.new", &[]))
        .with_confirmation(
            session.text("cli.password.again", &[]),
            session.text("cli.password.mismatch", &[]),
        );
    prompt(session, question)
}

/// The next line of stdin, which may not be empty: how `--password-stdin` reads a password.
pub(crate) fn read_answer_line(session: &Session) -> Result<String, Failure> {
    let line = read_line(session)?;
    if line.is_empty() {
        return Err(Failure::usage(session.text("cli.stdin_empty", &[])));
    }
    Ok(line)
}

fn read_line(session: &Session) -> Result<String, Failure> {
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| {
            Failure::new(session.text("cli.stdin_unreadable", &[])).caused_by(&error)
        })?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn require_terminal(session: &Session) -> Result<(), Failure> {
    if session.stdin_is_terminal && session.stderr_is_terminal {
        return Ok(());
    }
    Err(
        Failure::usage(session.text("cli.password.no_terminal", &[]))
            .with_hint(session.text("cli.password.no_terminal_hint", &[])),
    )
}

fn prompt(session: &Session, question: Password<'_>) -> Result<String, Failure> {
    question
        .interact()
        .map_err(|error| Failure::new(session.text("cli.stdin_unreadable", &[])).caused_by(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deletion_without_a_terminal_needs_the_flag() {
        let session = Session::for_test(&[]);
        let refused = Confirmation { yes: false }.obtain(&session, "acme/web");
        assert!(refused.unwrap_err().render().contains("--yes"));
        assert!(
            Confirmation { yes: true }
                .obtain(&session, "acme/web")
                .is_ok()
        );
    }
}
