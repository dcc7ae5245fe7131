//! What `wharf user` reads from the command line.

use clap::{Args, Subcommand};

use super::password::PasswordArguments;
use crate::ask::Confirmation;
use crate::client::PageOptions;
use crate::commands::host::ResetPasswordArguments;

/// Accounts and passwords
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf user list
  wharf user create alice
  wharf user password")]
pub(crate) struct UserArguments {
    #[command(subcommand)]
    pub(crate) command: UserCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    List(ListArguments),
    Show(ShowArguments),
    Create(CreateArguments),
    Edit(EditArguments),
    Delete(DeleteArguments),
    Password(PasswordArguments),
    ResetPassword(ResetPasswordArguments),
}

/// List all users (administrators)
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf user list
  wharf user list --format json | jq -r '.items[].username'")]
pub(crate) struct ListArguments {
    #[command(flatten)]
    pub(super) pages: PageOptions,
}

/// Show one user, or yourself
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf user show                          Who am I
  wharf user show alice")]
pub(crate) struct ShowArguments {
    /// Whom to show [default: yourself]
    #[arg(value_name = "USER")]
    pub(super) username: Option<String>,
}

/// Create a user (administrators)
///
/// Without --password-stdin a password is made; it is shown once, alone on stdout.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf user create alice
  wharf user create bob --display-name 'Bob B.' --email bob@example.com --admin
  PASSWORD=$(wharf user create ci)")]
pub(crate) struct CreateArguments {
    /// Name to log in with; it also names the user's own namespace
    #[arg(value_name = "USER")]
    pub(super) username: String,
    #[command(flatten)]
    pub(super) profile: Profile,
    /// Let the user administer the whole server
    #[arg(long)]
    pub(super) admin: bool,
    /// Read the password from stdin
    #[arg(long)]
    pub(super) password_stdin: bool,
}

#[derive(Debug, Args)]
pub(super) struct Profile {
    /// Name as people read it
    #[arg(long, value_name = "NAME")]
    pub(super) display_name: Option<String>,
    /// Where messages go
    #[arg(long, value_name = "ADDRESS")]
    pub(super) email: Option<String>,
}

/// Change a user (administrators)
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf user edit alice --admin true
  wharf user edit alice --disabled true    Keep the account, refuse its logins
  wharf user edit alice --namespace-limit 50")]
pub(crate) struct EditArguments {
    /// Whom to change
    #[arg(value_name = "USER")]
    pub(super) username: String,
    #[command(flatten)]
    pub(super) changes: Changes,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(super) struct Changes {
    /// Name as people read it
    #[arg(long, value_name = "NAME")]
    pub(super) display_name: Option<String>,
    /// Where messages go
    #[arg(long, value_name = "ADDRESS")]
    pub(super) email: Option<String>,
    /// Whether the user administers the server
    #[arg(long, value_name = "BOOL")]
    pub(super) admin: Option<bool>,
    /// Whether logins are refused
    #[arg(long, value_name = "BOOL")]
    pub(super) disabled: Option<bool>,
    /// How many namespaces the user may own
    #[arg(long, value_name = "N")]
    pub(super) namespace_limit: Option<u32>,
}

/// Delete a user (administrators)
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf user delete alice
  wharf user delete alice --with-repositories
  wharf user delete alice --yes            Without asking, for scripts")]
pub(crate) struct DeleteArguments {
    /// Whom to delete
    #[arg(value_name = "USER")]
    pub(super) username: String,
    /// Delete the repositories of their namespace too, with images, builds and rules
    #[arg(long)]
    pub(super) with_repositories: bool,
    #[command(flatten)]
    pub(super) confirmation: Confirmation,
}
