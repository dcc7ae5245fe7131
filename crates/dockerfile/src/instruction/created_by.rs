//! The rows of an image's history, worded as the reference words them.

use super::{Add, CommandLine, Copy, FileSources, Instruction, Pair, Run};
use crate::{Problem, quote::quote_list, values::resolve_workdir};

/// What the reference writes into each row's comment; tools recognize its images by it.
pub const HISTORY_COMMENT: &str = "buildkit.dockerfile.v0";

/// What a row depends on beside its instruction.
#[derive(Debug, Clone, Copy)]
pub struct History<'a> {
    /// What shell form is handed to: SHELL, the base image's shell or `/bin/sh -c`.
    pub shell: &'a [String],
    /// The working directory before the instruction.
    pub workdir: &'a str,
    /// The stage's build arguments in the order of their declaration, with their values.
    pub arguments: &'a [(String, String)],
}

/// A history row (image-spec config.md, `history`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRow {
    pub created_by: String,
    /// The instruction makes no layer.
    pub empty_layer: bool,
}

/// The row of an instruction whose variables are replaced; none for ONBUILD, which leaves no trace but its trigger.
///
/// Fails when EXPOSE lists what is no port.
pub fn describe_history(
    instruction: &Instruction,
    history: &History<'_>,
) -> Result<Option<HistoryRow>, Problem> {
    let mut empty_layer = true;
    let created_by = match instruction {
        Instruction::Run(run) => {
            empty_layer = false;
            describe_run(run, history)
        }
        Instruction::Copy(copy) => {
            empty_layer = false;
            describe_copy(copy)
        }
        Instruction::Add(add) => {
            empty_layer = false;
            describe_add(add)
        }
        Instruction::Workdir(workdir) => {
            let path = resolve_workdir(history.workdir, &workdir.path);
            // The root is there already.
            empty_layer = path == "/";
            format!("WORKDIR {path}")
        }
        Instruction::Env(env) => format!("ENV{}", join_pairs(&env.pairs)),
        Instruction::Label(label) => format!("LABEL{}", join_pairs(&label.pairs)),
        Instruction::Arg(arg) => {
            let words: Vec<String> = arg
                .definitions
                .iter()
                .map(|definition| match &definition.value {
                    Some(value) => format!("{}={value}", definition.name),
                    None => definition.name.clone(),
                })
                .collect();
            format!("ARG {}", words.join(" "))
        }
        Instruction::Cmd(command) => describe_command("CMD", command, history),
        Instruction::Entrypoint(command) => describe_command("ENTRYPOINT", command, history),
        Instruction::Expose(expose) => {
            let specs = expose.parse_ports()?;
            let ports: Vec<String> = specs.iter().flat_map(|spec| spec.ports.iter()).collect();
            format!("EXPOSE [{}]", ports.join(" "))
        }
        Instruction::Healthcheck(check) => format!("HEALTHCHECK {check}"),
        Instruction::Maintainer(name) => format!("MAINTAINER {name}"),
        Instruction::Onbuild(_) => return Ok(None),
        Instruction::Shell(shell) => format!("SHELL [{}]", shell.arguments.join(" ")),
        Instruction::StopSignal(stop) => format!("STOPSIGNAL {}", stop.signal),
        Instruction::User(user) => format!("USER {}", user.user),
        Instruction::Volume(volume) => format!("VOLUME [{}]", volume.paths.join(" ")),
    };
    Ok(Some(HistoryRow {
        created_by,
        empty_layer,
    }))
}

fn describe_run(run: &Run, history: &History<'_>) -> String {
    let mut words = vec!["RUN".to_owned()];
    if !history.arguments.is_empty() {
        words.push(format!("|{}", history.arguments.len()));
        let arguments = history.arguments.iter();
        words.extend(arguments.map(|(name, value)| format!("{name}={value}")));
    }
    words.extend(run.invoke(history.shell).arguments);
    words.push("# buildkit".to_owned());
    words.join(" ")
}

fn describe_command(keyword: &str, command: &CommandLine, history: &History<'_>) -> String {
    format!(
        "{keyword} {}",
        quote_list(&command.arguments(history.shell))
    )
}

fn describe_copy(copy: &Copy) -> String {
    let mut text = "COPY".to_owned();
    if copy.parents {
        text.push_str(" --parents");
    }
    push_files(&mut text, &copy.chown, &copy.chmod, &copy.files);
    text
}

fn describe_add(add: &Add) -> String {
    let mut text = "ADD".to_owned();
    push_files(&mut text, &add.chown, &add.chmod, &add.files);
    text
}

fn push_files(
    text: &mut String,
    chown: &Option<String>,
    chmod: &Option<String>,
    files: &FileSources,
) {
    let flags = [("--chown=", chown), ("--chmod=", chmod)];
    for (flag, value) in flags {
        if let Some(value) = value {
            text.push_str(&format!(" {flag}{value}"));
        }
    }
    for path in &files.paths {
        text.push_str(&format!(" {path}"));
    }
    for file in &files.inline {
        text.push_str(&format!(" <<{}", file.name));
    }
    text.push_str(&format!(" {} # buildkit", files.destination));
}

fn join_pairs(pairs: &[Pair]) -> String {
    let words = pairs.iter();
    words
        .map(|pair| format!(" {}={}", pair.name, pair.value))
        .collect()
}
