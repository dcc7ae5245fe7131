//! Instructions as types: what each one says, with its flags read and its words still unexpanded.
//!
//! Words stay as written because their variables have values only at the place in the stage where they stand;
//! [`Instruction::expand`] replaces them. Arity and flags are checked here; whether a value makes sense is checked when it
//! is expanded, by the parsers in [`values`](crate::values).

mod arguments;
mod check;
mod command_line;
mod config;
mod created_by;
mod device;
mod expand;
mod files;
mod flags;
mod from;
mod healthcheck;
mod mount;
mod mount_options;
mod onbuild;
mod pairs;
mod run;
mod statement;

#[cfg(test)]
mod tests;

pub use command_line::{CommandLine, Form};
pub use config::{Expose, Shell, StopSignal, User, Volume, Workdir};
pub use created_by::{HISTORY_COMMENT, History, HistoryRow, describe_history};
pub use device::Device;
pub use expand::Expanded;
pub use files::{Add, Copy, FileSources, InlineFile};
pub use from::From;
pub use healthcheck::Healthcheck;
pub use mount::{
    BindMount, CacheMount, FileAccess, Mount, MountFlag, SecretMount, Sharing, SshMount,
    TmpfsMount, resolve_mount_target,
};
pub use onbuild::Onbuild;
pub use pairs::{Arg, ArgDefinition, Env, Label, Pair};
pub use run::{Invocation, Network, Run, SCRIPT_DIRECTORY, Script, Security};
pub use statement::{Statement, parse_trigger};
pub(crate) use statement::{parse_from, parse_statement};

/// One instruction. FROM is none: it begins a [`Stage`](crate::Stage).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instruction {
    Add(Add),
    Arg(Arg),
    Cmd(CommandLine),
    Copy(Copy),
    Entrypoint(CommandLine),
    Env(Env),
    Expose(Expose),
    Healthcheck(Healthcheck),
    Label(Label),
    /// The author's name. Deprecated in favor of a label.
    Maintainer(String),
    Onbuild(Onbuild),
    Run(Run),
    Shell(Shell),
    StopSignal(StopSignal),
    User(User),
    Volume(Volume),
    Workdir(Workdir),
}

impl Instruction {
    /// Upper case, as people write it.
    pub fn keyword(&self) -> &'static str {
        match self {
            Instruction::Add(_) => "ADD",
            Instruction::Arg(_) => "ARG",
            Instruction::Cmd(_) => "CMD",
            Instruction::Copy(_) => "COPY",
            Instruction::Entrypoint(_) => "ENTRYPOINT",
            Instruction::Env(_) => "ENV",
            Instruction::Expose(_) => "EXPOSE",
            Instruction::Healthcheck(_) => "HEALTHCHECK",
            Instruction::Label(_) => "LABEL",
            Instruction::Maintainer(_) => "MAINTAINER",
            Instruction::Onbuild(_) => "ONBUILD",
            Instruction::Run(_) => "RUN",
            Instruction::Shell(_) => "SHELL",
            Instruction::StopSignal(_) => "STOPSIGNAL",
            Instruction::User(_) => "USER",
            Instruction::Volume(_) => "VOLUME",
            Instruction::Workdir(_) => "WORKDIR",
        }
    }
}
