//! RUN: a command in the image that is being built.

use super::{
    CommandLine, Device, Form, Mount, MountFlag,
    command_line::parse_command_line,
    device::parse_device,
    expand::Expander,
    flags::{Flags, Kind},
};
use crate::{
    Lexer, Problem, Variables,
    parser::{Node, parse_heredoc_word},
    suggest::suggest,
};

/// Where a here-document that is a script of its own is put while its step runs.
pub const SCRIPT_DIRECTORY: &str = "/dev/pipes/";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub command: CommandLine,
    /// As written: their values may hold variables. See [`Run::resolve_mounts`].
    pub mounts: Vec<MountFlag>,
    pub network: Network,
    pub security: Security,
    pub devices: Vec<Device>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Network {
    /// What the build as a whole has.
    #[default]
    Default,
    None,
    /// The host's own; the builder grants it or not.
    Host,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Security {
    #[default]
    Sandbox,
    /// No sandbox; the builder grants it or not.
    Insecure,
}

/// What to execute for a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    pub arguments: Vec<String>,
    /// A file that the arguments name, mounted at [`SCRIPT_DIRECTORY`] with mode 0755.
    pub script: Option<Script>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    pub name: String,
    pub content: String,
}

impl Run {
    /// The arguments to execute, `shell` being what SHELL says.
    ///
    /// A single here-document is the shell's text; one that begins with `#!` is an executable file. Otherwise the
    /// documents are written out again below the command, for the shell to read. The builder replaces no variable in
    /// them: the shell does.
    pub fn invoke(&self, shell: &[String]) -> Invocation {
        let plain = |form: &Form| Invocation {
            arguments: form.arguments(shell),
            script: None,
        };
        let (Form::Shell(text), [first, ..]) = (&self.command.form, &self.command.heredocs[..])
        else {
            return plain(&self.command.form);
        };
        if !matches!(parse_heredoc_word(text), Ok(Some(_))) {
            let mut whole = text.clone();
            for heredoc in &self.command.heredocs {
                whole.push('\n');
                whole.push_str(&heredoc.content);
                whole.push_str(&heredoc.name);
            }
            return plain(&Form::Shell(whole));
        }
        let content = first.chomped_content();
        if !content.starts_with("#!") {
            return plain(&Form::Shell(content));
        }
        let name = first.name.clone();
        Invocation {
            arguments: Form::Shell(format!("{SCRIPT_DIRECTORY}{name}")).arguments(shell),
            script: Some(Script { name, content }),
        }
    }

    /// The mounts with their variables replaced and their options checked.
    pub fn resolve_mounts(
        &self,
        lexer: &Lexer,
        variables: &dyn Variables,
    ) -> Result<Vec<Mount>, Problem> {
        let mut expander = Expander::new(lexer, variables);
        self.expand_mounts(&mut expander)
    }

    pub(super) fn expand_mounts(&self, expander: &mut Expander<'_>) -> Result<Vec<Mount>, Problem> {
        let mounts = self.mounts.iter();
        mounts.map(|mount| mount.resolve(expander)).collect()
    }
}

pub(super) fn parse_run(node: &Node) -> Result<Run, Problem> {
    let mut flags = Flags::parse(
        &node.flags,
        &[
            ("mount", Kind::List),
            ("network", Kind::Text),
            ("security", Kind::Text),
            ("device", Kind::List),
        ],
    )?;
    let mounts = flags.take_list("mount").into_iter().map(MountFlag::parse);
    let devices = flags.take_list("device");
    Ok(Run {
        command: parse_command_line(node),
        mounts: mounts.collect::<Result<_, _>>()?,
        network: match flags.take_text("network") {
            Some(value) => parse_network(value)?,
            None => Network::Default,
        },
        security: match flags.take_text("security") {
            Some(value) => parse_security(value)?,
            None => Security::Sandbox,
        },
        devices: devices
            .iter()
            .map(|device| parse_device(device))
            .collect::<Result<_, _>>()?,
    })
}

fn parse_network(value: String) -> Result<Network, Problem> {
    match value.as_str() {
        "default" => Ok(Network::Default),
        "none" => Ok(Network::None),
        "host" => Ok(Network::Host),
        _ => Err(Problem::Network {
            suggestion: suggest(&value, ["default", "none", "host"]),
            value,
        }),
    }
}

fn parse_security(value: String) -> Result<Security, Problem> {
    match value.as_str() {
        "sandbox" => Ok(Security::Sandbox),
        "insecure" => Ok(Security::Insecure),
        _ => Err(Problem::Security {
            suggestion: suggest(&value, ["sandbox", "insecure"]),
            value,
        }),
    }
}
