//! What `wharf robot` reads from the command line.

use clap::{Args, Subcommand};

use super::login::{Login, parse_login};
use crate::ask::Confirmation;
use crate::client::PageOptions;

/// Robots: accounts for machines, with chosen actions in one namespace
///
/// A robot is written NAMESPACE+NAME, and logs in by that name with its secret.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf robot create acme+ci --action pull,push
  wharf robot list acme")]
pub(crate) struct RobotArguments {
    #[command(subcommand)]
    pub(super) command: RobotCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum RobotCommand {
    List(ListArguments),
    Show(ShowArguments),
    Create(CreateArguments),
    Edit(EditArguments),
    NewSecret(SecretArguments),
    Delete(DeleteArguments),
}

/// List the robots of a namespace
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf robot list acme")]
pub(super) struct ListArguments {
    /// Which namespace
    #[arg(value_name = "NAMESPACE")]
    pub(super) namespace: String,
    #[command(flatten)]
    pub(super) pages: PageOptions,
}

/// Show one robot
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf robot show acme+ci")]
pub(super) struct ShowArguments {
    /// NAMESPACE+NAME
    #[arg(value_name = "ROBOT", value_parser = parse_login)]
    pub(super) robot: Login,
}

/// Create a robot; its secret is shown once, alone on stdout
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf robot create acme+ci --action pull,push
  wharf robot create acme+cluster --action pull --expires 1y --description 'production pulls'
  SECRET=$(wharf robot create acme+ci --action pull,push)")]
pub(super) struct CreateArguments {
    /// NAMESPACE+NAME
    #[arg(value_name = "ROBOT", value_parser = parse_login)]
    pub(super) robot: Login,
    /// What it may do: pull, push, delete, build:start, trigger:run
    #[arg(
        long = "action",
        value_name = "ACTION",
        value_delimiter = ',',
        required = true
    )]
    pub(super) actions: Vec<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    pub(super) description: Option<String>,
    /// When it ends: 90d, 2027-12-31, an RFC 3339 time, or never
    #[arg(long, value_name = "TIME", default_value = "never")]
    pub(super) expires: String,
}

/// Change a robot
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf robot edit acme+ci --action pull
  wharf robot edit acme+ci --disabled true
  wharf robot edit acme+ci --expires never")]
pub(super) struct EditArguments {
    /// NAMESPACE+NAME
    #[arg(value_name = "ROBOT", value_parser = parse_login)]
    pub(super) robot: Login,
    #[command(flatten)]
    pub(super) changes: Changes,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(super) struct Changes {
    /// All it may do from now on
    #[arg(long = "action", value_name = "ACTION", value_delimiter = ',')]
    pub(super) actions: Option<Vec<String>>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    pub(super) description: Option<String>,
    /// Whether its logins are refused
    #[arg(long, value_name = "BOOL")]
    pub(super) disabled: Option<bool>,
    /// When it ends: 90d, 2027-12-31, an RFC 3339 time, or never
    #[arg(long, value_name = "TIME")]
    pub(super) expires: Option<String>,
}

/// Give a robot a new secret; the old one is refused from the next request on
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  SECRET=$(wharf robot new-secret acme+ci)")]
pub(super) struct SecretArguments {
    /// NAMESPACE+NAME
    #[arg(value_name = "ROBOT", value_parser = parse_login)]
    pub(super) robot: Login,
}

/// Delete a robot; it is refused from the next request on
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf robot delete acme+ci
  wharf robot delete acme+ci --yes         Without asking, for scripts")]
pub(super) struct DeleteArguments {
    /// NAMESPACE+NAME
    #[arg(value_name = "ROBOT", value_parser = parse_login)]
    pub(super) robot: Login,
    #[command(flatten)]
    pub(super) confirmation: Confirmation,
}
