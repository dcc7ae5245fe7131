//! From a tree's node to a typed instruction.

use super::{
    Instruction, arguments::exactly_one, command_line, config, files, flags::Flags, from,
    healthcheck, onbuild, pairs, run,
};
use crate::{
    Error, Lines, Problem,
    parser::{Node, parse},
    suggest::suggest_keyword,
};

/// Every instruction there is.
const KEYWORDS: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// An instruction and how it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub instruction: Instruction,
    /// The keyword in the case it was written in.
    pub keyword: String,
    /// The logical line, trimmed: what progress output shows.
    pub text: String,
    pub lines: Lines,
    /// The comments directly above.
    pub comments: Vec<String>,
}

/// Types one node. FROM gives the error that it can not stand here.
pub(crate) fn parse_statement(node: &Node) -> Result<Statement, Problem> {
    let upper = node.keyword.to_ascii_uppercase();
    let without_flags = || Flags::refuse(&node.flags);
    let instruction =
        match upper.as_str() {
            "ADD" => Instruction::Add(files::parse_add(node)?),
            "ARG" => without_flags().and_then(|()| pairs::parse_arg(node).map(Instruction::Arg))?,
            "CMD" => {
                without_flags()?;
                Instruction::Cmd(command_line::parse_command_line(node))
            }
            "COPY" => Instruction::Copy(files::parse_copy(node)?),
            "ENTRYPOINT" => {
                without_flags()?;
                Instruction::Entrypoint(command_line::parse_command_line(node))
            }
            "ENV" => without_flags().and_then(|()| pairs::parse_env(node).map(Instruction::Env))?,
            "EXPOSE" => without_flags()
                .and_then(|()| config::parse_expose(node).map(Instruction::Expose))?,
            "HEALTHCHECK" => Instruction::Healthcheck(healthcheck::parse_healthcheck(node)?),
            "LABEL" => {
                without_flags().and_then(|()| pairs::parse_label(node).map(Instruction::Label))?
            }
            "MAINTAINER" => {
                without_flags()?;
                Instruction::Maintainer(exactly_one(node, "MAINTAINER")?)
            }
            "ONBUILD" => without_flags()
                .and_then(|()| onbuild::parse_onbuild(node).map(Instruction::Onbuild))?,
            "RUN" => Instruction::Run(run::parse_run(node)?),
            "SHELL" => {
                without_flags().and_then(|()| config::parse_shell(node).map(Instruction::Shell))?
            }
            "STOPSIGNAL" => without_flags()
                .and_then(|()| config::parse_stop_signal(node).map(Instruction::StopSignal))?,
            "USER" => {
                without_flags().and_then(|()| config::parse_user(node).map(Instruction::User))?
            }
            "VOLUME" => without_flags()
                .and_then(|()| config::parse_volume(node).map(Instruction::Volume))?,
            "WORKDIR" => without_flags()
                .and_then(|()| config::parse_workdir(node).map(Instruction::Workdir))?,
            _ => {
                return Err(Problem::UnknownInstruction {
                    keyword: node.keyword.clone(),
                    suggestion: suggest_keyword(&node.keyword, KEYWORDS),
                });
            }
        };
    Ok(Statement {
        instruction,
        keyword: node.keyword.clone(),
        text: node.text.trim().to_owned(),
        lines: node.lines,
        comments: node.comments.clone(),
    })
}

/// FROM, when the node is one.
pub(crate) fn parse_from(node: &Node) -> Option<Result<super::From, Problem>> {
    node.keyword
        .eq_ignore_ascii_case("from")
        .then(|| from::parse_from(node))
}

/// Types an ONBUILD trigger as an image's config stores it: one instruction, here-documents included.
///
/// `lines` is where the error, and the statement, are said to be: the FROM that brought the trigger in. Triggers that
/// ONBUILD would refuse are refused here too.
pub fn parse_trigger(text: &str, lines: Lines) -> Result<Statement, Error> {
    let tree = parse(text.as_bytes())?;
    let [node] = &tree.nodes[..] else {
        return Err(Problem::TriggerCount.into());
    };
    onbuild::check_trigger(&node.keyword)?;
    let mut statement = parse_statement(node)?;
    statement.lines = lines;
    statement.comments.clear();
    Ok(statement)
}
