//! `wharf debug BUILD`: a shell where a build failed.

mod shell;
mod terminal;

use std::path::{Path, PathBuf};

use clap::Args;

use crate::failure::Failure;
use crate::images::find_state_dir;
use crate::session::Session;

/// Open a shell in the state after the last good step of a build that failed
///
/// The build said its name when it failed. The shell runs in the same sandbox as the step, with the environment, user and
/// folder that the step had; what it changes is thrown away. What the step mounted, secrets and agents are not there.
/// Without a terminal a command is needed; its output comes through, and it fails as the command does.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf debug 7f3a9c
  wharf debug 7f3a9c -- ls -l /src                       One command instead of a shell")]
pub(crate) struct DebugArguments {
    /// The build, as it was named when it failed
    #[arg(value_name = "BUILD")]
    build: String,
    /// What to run instead of the image's shell
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
    /// Folder of images and cache [default: $XDG_DATA_HOME/wharf, as root /var/lib/wharf]
    #[arg(long, value_name = "DIR")]
    state_dir: Option<PathBuf>,
}

/// A shell as it was asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShellRequest<'a> {
    pub(crate) state_dir: &'a Path,
    /// Letters, digits, `-` and `_`: it may be part of a path.
    pub(crate) build: &'a str,
    /// Empty for the image's shell.
    pub(crate) command: &'a [String],
}

/// Opens a shell in the sandbox of this machine.
pub(crate) fn run(arguments: &DebugArguments, session: &Session) -> Result<(), Failure> {
    run_with(arguments, session, |request| {
        shell::open_shell(request, session)
    })
}

/// Opens it with `open_shell`, which waits for its end.
fn run_with(
    arguments: &DebugArguments,
    session: &Session,
    open_shell: impl FnOnce(&ShellRequest<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let build = arguments.build.as_str();
    if build.is_empty() || !build.bytes().all(is_name) {
        return Err(
            Failure::usage(session.text("cli.debug.bad_build", &[("build", build)]))
                .with_hint(session.text("cli.debug.bad_build_hint", &[])),
        );
    }
    let is_root = rustix::process::geteuid().is_root();
    let state_dir = find_state_dir(session, arguments.state_dir.as_deref(), is_root)?;
    open_shell(&ShellRequest {
        state_dir: &state_dir,
        build,
        command: &arguments.command,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Line {
        #[command(flatten)]
        arguments: DebugArguments,
    }

    fn debug(words: &[&str]) -> Result<String, Failure> {
        let words = std::iter::once("debug").chain(words.iter().copied());
        let line = <Line as clap::Parser>::try_parse_from(words).expect("known words");
        let mut asked = String::new();
        run_with(&line.arguments, &Session::for_test(&[]), |request| {
            let place = request.state_dir.display();
            asked = format!("{place} {} {:?}", request.build, request.command);
            Ok(())
        })?;
        Ok(asked)
    }

    #[test]
    fn a_shell_or_a_command_is_opened_where_the_build_was() {
        assert_eq!(
            debug(&["--state-dir", "/s", "b7"]).expect("opened"),
            "/s b7 []"
        );
        assert_eq!(
            debug(&["b7", "--state-dir", "/s", "--", "ls", "-l"]).expect("opened"),
            "/s b7 [\"ls\", \"-l\"]"
        );
    }

    #[test]
    fn the_name_of_a_build_is_no_path() {
        for name in ["", "../b7", "a/b", "a b"] {
            assert!(debug(&["--state-dir", "/s", name]).is_err(), "{name}");
        }
    }
}
