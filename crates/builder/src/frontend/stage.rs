//! Walking one stage: each instruction changes the configuration, the variables, or the files.

use std::collections::BTreeMap;
use std::sync::Arc;

use wharf_dockerfile::instruction::{History, HistoryRow, Run, describe_history};
use wharf_dockerfile::scope::{BuildArguments, GlobalArguments, StageScope};
use wharf_dockerfile::values::resolve_workdir;
use wharf_dockerfile::{Instruction, Lexer, Lines, Problem, Source, Statement};

use super::config::{HealthConfig, ImageConfig};
use super::files::Origins;
use crate::error::{BuildError, Result};
use crate::plan::{FilePart, FilesOp, Node, NodeRef, Op};

/// A stage while it is walked, and at its end what it has become.
#[derive(Debug, Clone)]
pub(crate) struct StageState {
    pub(crate) node: NodeRef,
    pub(crate) config: ImageConfig,
    pub(crate) scope: StageScope,
    /// Rows of this build, after those of the base image.
    pub(crate) history: Vec<HistoryRow>,
    /// The named context whose files it began with.
    pub(crate) source: Option<String>,
    /// CMD was given in this stage.
    is_command_set: bool,
}

/// What all stages share.
pub(crate) struct Surroundings<'a> {
    pub(crate) source: &'a Source,
    pub(crate) lexer: Lexer,
    pub(crate) global: &'a GlobalArguments,
    pub(crate) arguments: &'a BuildArguments,
    pub(crate) origins: Origins<'a>,
    pub(crate) ignore_cache: bool,
}

/// Counts the steps of a stage for their names.
pub(crate) struct StepNames {
    prefix: String,
    next: usize,
    total: usize,
}

impl StepNames {
    /// `prefix` is the stage's name, with the platform before it when there are several.
    pub(crate) fn new(prefix: String, statements: &[&Statement]) -> Self {
        let makes_step = |statement: &&&Statement| {
            matches!(
                statement.instruction,
                Instruction::Run(_)
                    | Instruction::Copy(_)
                    | Instruction::Add(_)
                    | Instruction::Workdir(_)
            )
        };
        Self {
            prefix,
            next: 1,
            total: 1 + statements.iter().filter(makes_step).count(),
        }
    }

    pub(crate) fn name(&mut self, text: &str) -> String {
        let number = self.next;
        self.next += 1;
        let width = self.total.to_string().len();
        let prefix = &self.prefix;
        let gap = if prefix.is_empty() { "" } else { " " };
        format!("[{prefix}{gap}{number:width$}/{}] {text}", self.total)
    }
}

impl StageState {
    pub(crate) fn new(node: NodeRef, config: ImageConfig) -> Self {
        Self {
            node,
            scope: StageScope::new(config.environment()),
            config,
            history: Vec::new(),
            source: None,
            is_command_set: false,
        }
    }

    /// The beginning of a stage that is built on this one.
    pub(crate) fn continued(&self) -> Self {
        let mut state = self.clone();
        state.is_command_set = false;
        state.config.config.on_build = None;
        state
    }

    /// The working directory, absolute.
    pub(crate) fn workdir(&self) -> String {
        resolve_workdir("/", &self.config.config.working_dir)
    }

    /// Applies one instruction.
    pub(crate) fn apply(
        &mut self,
        statement: &Statement,
        around: &Surroundings<'_>,
        names: &mut StepNames,
    ) -> Result<()> {
        let place = |problem: Problem| locate(problem, around.source, statement.lines);
        let expanded = self
            .scope
            .evaluate(
                &statement.instruction,
                &around.lexer,
                around.global,
                around.arguments,
            )
            .map_err(place)?;
        let instruction = expanded.instruction;
        let shell = self.config.shell();
        let workdir = self.workdir();
        let arguments = self.scope.arguments();
        let facts = History {
            shell: &shell,
            workdir: &workdir,
            arguments: &arguments,
        };
        if let Some(row) = describe_history(&instruction, &facts).map_err(place)? {
            self.history.push(row);
        }
        match &instruction {
            Instruction::Run(run) => self.run(run, statement, around, names)?,
            Instruction::Copy(copy) => {
                let op = around
                    .origins
                    .copy(copy, self)
                    .map_err(|error| error.at(around.source, statement.lines))?;
                self.change_files(op, statement, around, names);
            }
            Instruction::Add(add) => {
                let op = around
                    .origins
                    .add(add, self)
                    .map_err(|error| error.at(around.source, statement.lines))?;
                self.change_files(op, statement, around, names);
            }
            Instruction::Workdir(workdir) => {
                let path = resolve_workdir(&self.workdir(), &workdir.path);
                self.config.config.working_dir.clone_from(&path);
                self.make_workdir(path, statement, around, names);
            }
            other => self.configure(other).map_err(place)?,
        }
        Ok(())
    }

    fn make_workdir(
        &mut self,
        path: String,
        statement: &Statement,
        around: &Surroundings<'_>,
        names: &mut StepNames,
    ) {
        if path == "/" {
            return;
        }
        let user = &self.config.config.user;
        let owner = (!user.is_empty()).then(|| user.clone());
        let op = FilesOp {
            base: Arc::clone(&self.node),
            parts: vec![FilePart::Directory { path, owner }],
            is_linked: false,
        };
        self.change_files(op, statement, around, names);
    }

    fn change_files(
        &mut self,
        op: FilesOp,
        statement: &Statement,
        around: &Surroundings<'_>,
        names: &mut StepNames,
    ) {
        self.advance(Op::Files(Box::new(op)), statement, around, names);
    }

    fn advance(
        &mut self,
        op: Op,
        statement: &Statement,
        around: &Surroundings<'_>,
        names: &mut StepNames,
    ) {
        self.node = Arc::new(Node {
            op,
            name: names.name(&statement.text),
            lines: Some(statement.lines),
            ignore_cache: around.ignore_cache,
        });
    }

    fn run(
        &mut self,
        run: &Run,
        statement: &Statement,
        around: &Surroundings<'_>,
        names: &mut StepNames,
    ) -> Result<()> {
        let op = around
            .origins
            .run(run, self, &around.lexer)
            .map_err(|error| match error {
                RunProblem::Dockerfile(problem) => locate(problem, around.source, statement.lines),
                RunProblem::Build(error) => error.at(around.source, statement.lines),
            })?;
        self.advance(Op::Run(Box::new(op)), statement, around, names);
        Ok(())
    }

    /// Instructions that change the configuration alone.
    fn configure(&mut self, instruction: &Instruction) -> std::result::Result<(), Problem> {
        let shell = self.config.shell();
        let config = &mut self.config.config;
        match instruction {
            Instruction::Env(env) => {
                for pair in &env.pairs {
                    self.config.set_env(&pair.name, &pair.value);
                }
            }
            Instruction::Label(label) => {
                let labels = config.labels.get_or_insert_default();
                for pair in &label.pairs {
                    labels.insert(pair.name.clone(), pair.value.clone());
                }
            }
            Instruction::Cmd(command) => {
                config.cmd = Some(command.arguments(&shell));
                // Windows alone reads it; BuildKit sets it whenever there is a command.
                config.args_escaped = true;
                self.is_command_set = true;
            }
            Instruction::Entrypoint(command) => {
                if !self.is_command_set {
                    config.cmd = None;
                }
                config.entrypoint = Some(command.arguments(&shell));
            }
            Instruction::Expose(expose) => {
                let ports = config.exposed_ports.get_or_insert_default();
                for spec in expose.parse_ports()? {
                    ports.extend(spec.ports.iter().map(|port| (port, empty_object())));
                }
            }
            Instruction::Healthcheck(check) => {
                config.healthcheck = Some(HealthConfig::new(check));
            }
            Instruction::Maintainer(name) => self.config.author.clone_from(name),
            Instruction::Onbuild(onbuild) => {
                let triggers = config.on_build.get_or_insert_default();
                triggers.push(onbuild.trigger.clone());
            }
            Instruction::Shell(shell) => config.shell = Some(shell.arguments.clone()),
            Instruction::StopSignal(stop) => {
                stop.check()?;
                config.stop_signal.clone_from(&stop.signal);
            }
            Instruction::User(user) => config.user.clone_from(&user.user),
            Instruction::Volume(volume) => {
                let volumes = config.volumes.get_or_insert_default();
                volumes.extend(
                    volume
                        .paths
                        .iter()
                        .map(|path| (path.clone(), empty_object())),
                );
            }
            Instruction::Arg(_)
            | Instruction::Run(_)
            | Instruction::Copy(_)
            | Instruction::Add(_)
            | Instruction::Workdir(_) => {}
        }
        Ok(())
    }
}

/// What can be wrong with a RUN.
pub(crate) enum RunProblem {
    Dockerfile(Problem),
    Build(BuildError),
}

impl From<Problem> for RunProblem {
    fn from(problem: Problem) -> Self {
        Self::Dockerfile(problem)
    }
}

impl From<BuildError> for RunProblem {
    fn from(error: BuildError) -> Self {
        Self::Build(error)
    }
}

/// A problem at its lines.
pub(crate) fn locate(problem: Problem, source: &Source, lines: Lines) -> BuildError {
    let error = problem.at(source, lines);
    BuildError::dockerfile(error, source)
}

fn empty_object() -> serde_json::Value {
    serde_json::Value::Object(serde_json::Map::new())
}

/// `--label`: after everything else, without a trace in the history.
pub(crate) fn add_labels(config: &mut ImageConfig, labels: &BTreeMap<String, String>) {
    if !labels.is_empty() {
        let known = config.config.labels.get_or_insert_default();
        known.extend(
            labels
                .iter()
                .map(|(name, value)| (name.clone(), value.clone())),
        );
    }
}
