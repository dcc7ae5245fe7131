//! What RUN, CMD and ENTRYPOINT hold: a shell's text or a list of arguments.

use super::arguments::{is_json, words};
use crate::parser::{Heredoc, Node};

/// A command and the here-documents it reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine {
    pub form: Form,
    pub heredocs: Vec<Heredoc>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// Text for the shell that SHELL names.
    Shell(String),
    /// A program and its arguments, no shell.
    Exec(Vec<String>),
}

impl CommandLine {
    /// The arguments that run it, with `shell` in front of shell form.
    pub fn arguments(&self, shell: &[String]) -> Vec<String> {
        self.form.arguments(shell)
    }
}

impl Form {
    pub fn arguments(&self, shell: &[String]) -> Vec<String> {
        match self {
            Form::Exec(arguments) => arguments.clone(),
            Form::Shell(text) => shell.iter().cloned().chain([text.clone()]).collect(),
        }
    }
}

pub(super) fn parse_command_line(node: &Node) -> CommandLine {
    let form = if is_json(node) {
        Form::Exec(words(node).to_vec())
    } else {
        Form::Shell(words(node).join(" "))
    };
    CommandLine {
        form,
        heredocs: node.heredocs.clone(),
    }
}
