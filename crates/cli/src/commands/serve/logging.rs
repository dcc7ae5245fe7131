//! The log: to stderr, readable on a terminal, JSON elsewhere. `WHARF_LOG` chooses what, `WHARF_LOG_FORMAT` how.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::failure::Failure;
use crate::session::Session;

/// Starts logging for this process.
pub(super) fn start_logging(session: &Session) -> Result<(), Failure> {
    let wanted = session.variable("WHARF_LOG").unwrap_or("info");
    let filter = EnvFilter::try_new(wanted).map_err(|error| {
        Failure::usage(session.text("cli.serve.log_filter", &[("value", wanted)])).caused_by(&error)
    })?;
    let json = match session.variable("WHARF_LOG_FORMAT") {
        Some(format) => format == "json",
        None => !std::io::stderr().is_terminal(),
    };
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // Fails only when logging was started before, which is as good.
    let _ = if json {
        log.json().flatten_event(true).try_init()
    } else {
        log.try_init()
    };
    Ok(())
}
