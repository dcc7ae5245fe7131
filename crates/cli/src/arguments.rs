//! The command line as a whole: the options that every command takes, and the command.

use clap::{Args, Parser};

use crate::commands::Command;
use crate::session::Format;

/// A self-hosted container image platform: server and client in one program
///
/// `wharf serve` starts a registry that docker, podman, buildah and skopeo can log in to, push to and pull from.
/// All other commands are clients of such a server, or work on its data on the same host.
#[derive(Debug, Parser)]
#[command(
    name = "wharf",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "\
Examples:
  wharf serve                              Start a server on 127.0.0.1:5000 with its data in ./data
  wharf login localhost:5000               Log in; docker is logged in with it
  wharf repo list                          What is there
  wharf repo tags acme/web                 The tags of one repository

Environment:
  WHARF_SERVER                             The server, instead of the last `wharf login`
  WHARF_USERNAME, WHARF_PASSWORD           The login, instead of the stored one
  WHARF_TOKEN                              A personal access token, instead of both
  WHARF_<SECTION>_<KEY>                    Each setting of wharf.toml

Exit codes: 0 done, 1 failed, 2 wrong usage"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Options {
    /// Server to talk to: HOST[:PORT], or http://HOST for one without TLS
    #[arg(
        long,
        global = true,
        value_name = "SERVER",
        help_heading = "Global options"
    )]
    pub(crate) server: Option<String>,
    /// How data is printed
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        hide_possible_values = true,
        help = "How data is printed: table or json",
        help_heading = "Global options"
    )]
    pub(crate) format: Format,
}
