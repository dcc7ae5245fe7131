//! What `wharf source add` reads from the command line.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Authorize wharf on a code host
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf source add github
  wharf source add gitlab https://gitlab.example.com -u alice --token-stdin < token
  wharf source add gitea https://gitea.example.com
  wharf source add git https://git.example.com -u alice
  wharf source add git ssh://git@git.example.com")]
pub(super) struct AddArguments {
    #[command(subcommand)]
    pub(super) host: AddHost,
}

#[derive(Debug, Subcommand)]
pub(super) enum AddHost {
    Github(AddGithub),
    Gitlab(AddGitlab),
    Gitea(AddGitea),
    Git(AddGit),
}

/// GitHub or GitHub Enterprise: by a code that you confirm in a browser, or by a fine-grained token
///
/// A token needs for its repositories: contents (read), webhooks (write), commit statuses (write), administration (read).
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf source add github                  Shows a code and an address, and waits
  wharf source add github --token-stdin < token
  wharf source add github https://github.example.com --ca ca.pem")]
pub(super) struct AddGithub {
    /// Address of the server
    #[arg(value_name = "ADDRESS", default_value = "https://github.com")]
    pub(super) address: String,
    /// Use a token, asked for without echo, instead of the browser
    #[arg(long, conflicts_with = "token_stdin")]
    pub(super) token: bool,
    /// Use a token, read from stdin
    #[arg(long)]
    pub(super) token_stdin: bool,
    #[command(flatten)]
    pub(super) trust: Trust,
}

/// GitLab: your user name, and a personal access token with the scopes api and read_user
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf source add gitlab -u alice
  wharf source add gitlab https://gitlab.example.com -u alice --token-stdin < token
  wharf source add gitlab http://10.0.0.7:8080 -u alice    Where [egress] allow names the address")]
pub(super) struct AddGitlab {
    /// Address of the server, with its scheme
    #[arg(value_name = "ADDRESS", default_value = "https://gitlab.com")]
    pub(super) address: String,
    /// Your user name there [default: whose the token is]
    #[arg(long, short = 'u', value_name = "USER")]
    pub(super) username: Option<String>,
    #[command(flatten)]
    pub(super) token: TokenFromStdin,
    #[command(flatten)]
    pub(super) trust: Trust,
}

/// Gitea or Forgejo: an access token with write:repository, read:user and read:organization
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf source add gitea https://codeberg.org
  wharf source add gitea https://gitea.example.com --token-stdin < token")]
pub(super) struct AddGitea {
    /// Address of the server, with its scheme
    #[arg(value_name = "ADDRESS")]
    pub(super) address: String,
    #[command(flatten)]
    pub(super) token: TokenFromStdin,
    #[command(flatten)]
    pub(super) trust: Trust,
}

/// Any git server: https, http where [egress] allow names it, or ssh
///
/// For ssh wharf makes a key pair and shows the public half, which you install on the server. The server's own key is
/// given with --host-keys, or kept at the first use and shown by `wharf source show`; another key is then refused.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf source add git https://git.example.com
  wharf source add git https://git.example.com -u alice --password-stdin < password
  wharf source add git ssh://git@git.example.com
  ssh-keyscan git.example.com | wharf source add git ssh://git@git.example.com --host-keys -")]
pub(super) struct AddGit {
    /// Address of the server: https://HOST, http://HOST, ssh://[USER@]HOST[:PORT]
    #[arg(value_name = "ADDRESS")]
    pub(super) address: String,
    /// User name there
    #[arg(long, short = 'u', value_name = "USER")]
    pub(super) username: Option<String>,
    /// Read the password or token from stdin; without this it is asked for when a user name is given
    #[arg(long)]
    pub(super) password_stdin: bool,
    /// Lines of known_hosts for the server, from a file or from stdin with -
    #[arg(long, value_name = "FILE")]
    pub(super) host_keys: Option<PathBuf>,
    #[command(flatten)]
    pub(super) trust: Trust,
}

#[derive(Debug, Args)]
pub(super) struct TokenFromStdin {
    /// Read the token from stdin; without this it is asked for without echo
    #[arg(long)]
    pub(super) token_stdin: bool,
}

#[derive(Debug, Args)]
pub(super) struct Trust {
    /// PEM file with the authority that signed the server's certificate
    #[arg(long, value_name = "FILE")]
    pub(super) ca: Option<PathBuf>,
}
