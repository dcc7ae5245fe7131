//! How progress is shown here.

use std::io::{self, IsTerminal};

use jiff::Timestamp;

use crate::commands::build::arguments::ResultArguments;
use crate::commands::build::options::OptionProblem;
use crate::failure::Failure;
use crate::progress::{Connections, Look, Mode, ModeProblem, Size, choose_mode};
use crate::session::Session;

/// `--progress`, else what docker's environment variable says.
pub(super) fn read_mode(results: &ResultArguments, session: &Session) -> Result<Mode, Failure> {
    let option = results
        .progress
        .as_deref()
        .or_else(|| session.variable("BUILDKIT_PROGRESS"))
        .unwrap_or("auto");
    let is_dumb = session.variable("TERM") == Some("dumb");
    let can_redraw = session.stderr_is_terminal && !is_dumb;
    choose_mode(option, results.quiet, can_redraw).map_err(|problem| {
        let key = match problem {
            ModeProblem::Unknown => "progress_unknown",
            ModeProblem::NotQuiet => "progress_quiet",
            ModeProblem::NoTerminal => "progress_terminal",
        };
        OptionProblem::new(key, "--progress", option).into_failure(session)
    })
}

pub(super) fn detect_look(session: &Session) -> Look {
    Look::detect(session.language, session.stderr_is_terminal, |name| {
        session.variable(name)
    })
}

/// Standard error and the clock.
pub(super) fn connect() -> Connections {
    Connections {
        output: Box::new(io::stderr()),
        clock: Timestamp::now,
        measure: measure_terminal,
    }
}

fn measure_terminal() -> Size {
    let stderr = io::stderr();
    if !stderr.is_terminal() {
        return Size::default();
    }
    match rustix::termios::tcgetwinsize(&stderr) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => Size {
            columns: usize::from(size.ws_col),
            rows: usize::from(size.ws_row),
        },
        _ => Size::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(
        progress: Option<&str>,
        quiet: bool,
        environment: &[(&str, &str)],
    ) -> Result<Mode, String> {
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            results: ResultArguments,
        }
        let mut line = <Line as clap::Parser>::try_parse_from(["build"]).expect("no words");
        line.results.progress = progress.map(str::to_owned);
        line.results.quiet = quiet;
        let mut session = Session::for_test(environment);
        session.stderr_is_terminal = true;
        read_mode(&line.results, &session).map_err(|failure| failure.render())
    }

    #[test]
    fn the_option_wins_over_the_environment() {
        let plain = [("BUILDKIT_PROGRESS", "plain")];
        assert_eq!(mode(None, false, &[]), Ok(Mode::Tty));
        assert_eq!(mode(None, false, &plain), Ok(Mode::Plain));
        assert_eq!(mode(Some("rawjson"), false, &plain), Ok(Mode::RawJson));
        assert_eq!(mode(None, true, &[]), Ok(Mode::Quiet));
        assert_eq!(mode(None, false, &[("TERM", "dumb")]), Ok(Mode::Plain));
    }

    #[test]
    fn what_cannot_be_shown_is_explained() {
        let refused = mode(Some("tty"), false, &[("TERM", "dumb")]).expect_err("no terminal");
        assert!(refused.contains("--progress plain"), "{refused}");
        let refused = mode(Some("fancy"), false, &[]).expect_err("unknown");
        assert!(refused.contains("rawjson"), "{refused}");
        let refused = mode(Some("plain"), true, &[]).expect_err("not quiet");
        assert!(refused.contains("--quiet"), "{refused}");
    }
}
