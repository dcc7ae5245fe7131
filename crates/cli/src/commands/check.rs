//! `wharf check`: every problem of the settings, and of what they name on this host, explained at once.

mod builds;
mod report;
mod surroundings;

pub(crate) use builds::find_git;

use clap::Args;

use super::host::HostOptions;
use crate::config::{Severity, load_config};
use crate::failure::Failure;
use crate::session::{Format, Session};

/// Explain every problem of the settings before a server starts
///
/// Reads wharf.toml and the environment as `wharf serve` does, then looks at what they name: data folder, database,
/// certificate, addresses. It changes nothing. Each problem is shown with the line it comes from, followed by the
/// settings that hold and where each was set.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf check
  wharf check --config /etc/wharf/wharf.toml --data-dir /var/lib/wharf
  wharf check --format json | jq .problems")]
pub(crate) struct CheckArguments {
    #[command(flatten)]
    host: HostOptions,
    /// Check with this listen address, as `serve --listen` would
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
}

pub(crate) fn run(arguments: CheckArguments, session: &Session) -> Result<(), Failure> {
    let sources = arguments
        .host
        .sources(&session.environment, arguments.listen.as_deref());
    let mut loaded = load_config(&sources);
    loaded
        .problems
        .extend(surroundings::find_problems(&loaded.config));
    let search_path = session.variable("PATH").unwrap_or_default();
    loaded
        .problems
        .extend(builds::find_build_problems(search_path));
    match session.format {
        Format::Json => report::print_json_report(session, &loaded)?,
        Format::Table => report::print_text_report(session, &loaded)?,
    }
    let count_of = |severity| {
        let matching = loaded
            .problems
            .iter()
            .filter(|problem| problem.severity == severity);
        matching.count().to_string()
    };
    let (errors, warnings) = (count_of(Severity::Error), count_of(Severity::Warning));
    if loaded.has_errors() {
        let parameters = [("errors", errors.as_str()), ("warnings", &warnings)];
        return Err(Failure::new(session.text("cli.check.failed", &parameters)));
    }
    session.say("cli.check.passed", &[("warnings", &warnings)]);
    Ok(())
}
