//! What `wharf credential` reads from the command line.

use clap::{Args, Subcommand};

use crate::ask::Confirmation;
use crate::client::PageOptions;

/// A namespace's logins to other registries, for FROM and for "also push to"
///
/// Only owners of the namespace set them, nobody reads them back, and RUN never sees them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf credential set acme docker.io -u acmebot --password-stdin < token
  wharf credential list acme
  wharf credential delete acme docker.io")]
pub(crate) struct CredentialArguments {
    #[command(subcommand)]
    pub(super) command: CredentialCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum CredentialCommand {
    List(ListArguments),
    Set(SetArguments),
    Check(CheckArguments),
    Delete(DeleteArguments),
}

/// List the registries that a namespace has a login to
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf credential list acme")]
pub(super) struct ListArguments {
    /// Which namespace
    #[arg(value_name = "NAMESPACE")]
    pub(super) namespace: String,
    #[command(flatten)]
    pub(super) pages: PageOptions,
}

/// Keep a login to a registry, or replace it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf credential set acme docker.io -u acmebot
  wharf credential set acme registry.example:5000 -u ci --password-stdin < token")]
pub(super) struct SetArguments {
    /// Which namespace
    #[arg(value_name = "NAMESPACE")]
    pub(super) namespace: String,
    /// The registry: docker.io, HOST or HOST:PORT
    #[arg(value_name = "REGISTRY")]
    pub(super) registry: String,
    /// User name there
    #[arg(long, short = 'u', value_name = "USER")]
    pub(super) username: String,
    /// Read the password or token from stdin; without this it is asked for without echo
    #[arg(long)]
    pub(super) password_stdin: bool,
}

/// Ask the registry whether it accepts a login
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf credential check acme docker.io

Exit codes: 0 accepted, 1 not")]
pub(super) struct CheckArguments {
    /// Which namespace
    #[arg(value_name = "NAMESPACE")]
    pub(super) namespace: String,
    /// The registry
    #[arg(value_name = "REGISTRY")]
    pub(super) registry: String,
}

/// Forget a login
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf credential delete acme docker.io
  wharf credential delete acme docker.io --yes")]
pub(super) struct DeleteArguments {
    /// Which namespace
    #[arg(value_name = "NAMESPACE")]
    pub(super) namespace: String,
    /// The registry
    #[arg(value_name = "REGISTRY")]
    pub(super) registry: String,
    #[command(flatten)]
    pub(super) confirmation: Confirmation,
}
