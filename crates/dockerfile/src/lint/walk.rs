//! Going through the stages as a build would, with the variables that each instruction sees.

use super::{BaseImage, LintInput, Rule, collector::Collector};
use crate::{
    Dockerfile, EnvList, Error, Lexer, Lines, Problem, StageGraph, Variables,
    instruction::{Expanded, Instruction, Statement},
    scope::{GlobalArguments, StageScope},
    stages::Base,
    values::{is_absolute_path, resolve_workdir},
};
use std::collections::{BTreeMap, BTreeSet};

/// The search path of an image that sets none.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// One instruction with what was known when it was reached.
pub(crate) struct Visit<'a> {
    pub(crate) statement: &'a Statement,
    pub(crate) expanded: &'a Expanded,
    /// The variables after the instruction.
    pub(crate) scope: &'a StageScope,
    pub(crate) is_environment_known: bool,
    pub(crate) has_shell: bool,
    /// A WORKDIR of this file came before.
    pub(crate) has_workdir: bool,
    /// The working directory; none when the base image's is not known and matters.
    pub(crate) workdir: Option<&'a str>,
    /// An earlier CMD, ENTRYPOINT or HEALTHCHECK of the same stage, of the same kind.
    pub(crate) earlier: Option<Lines>,
    /// The names that the instruction sets and nothing before it did.
    pub(crate) introduced: &'a [&'a str],
    pub(crate) lexer: &'a Lexer,
}

impl Visit<'_> {
    pub(super) fn report(&self, rule: Rule, message: String, collector: &mut Collector) {
        let statement = self.statement;
        collector.report_at(rule, statement.lines, &statement.comments, message);
    }
}

/// What a stage hands on to those built on it.
#[derive(Clone, Default)]
struct State {
    scope: StageScope,
    is_environment_known: bool,
    has_shell: bool,
    has_workdir: bool,
    workdir: Option<String>,
}

/// Visits every instruction of the stages that the target needs, or of all; triggers of base stages and images come first.
pub(crate) fn walk_stages(
    dockerfile: &Dockerfile,
    mut graph: StageGraph,
    global: &GlobalArguments,
    input: &LintInput<'_>,
    visit: &mut dyn FnMut(&Visit<'_>) -> Result<(), Problem>,
) -> Result<(), Error> {
    for index in 0..dockerfile.stages.len() {
        if let Some(image) = find_image(&graph, index, input) {
            let triggers: Vec<&str> = image.triggers.iter().map(String::as_str).collect();
            graph.adopt_triggers(dockerfile, index, &triggers)?;
        }
    }
    let target = graph.find_target(input.target)?;
    let stages: Vec<usize> = if input.every_stage {
        (0..dockerfile.stages.len()).collect()
    } else {
        graph.find_reachable(dockerfile, target)?
    };
    let bases: BTreeSet<usize> = graph
        .stages
        .iter()
        .filter_map(|links| match links.base {
            Base::Stage(base) => Some(base),
            _ => None,
        })
        .collect();
    let mut ends: BTreeMap<usize, State> = BTreeMap::new();
    for index in stages {
        if graph.stages[index].is_replaced {
            continue;
        }
        graph.check_order(dockerfile, index)?;
        let mut state = match graph.stages[index].base {
            Base::Stage(base) => ends.get(&base).cloned().unwrap_or_default(),
            _ => begin_state(&graph, index, input),
        };
        walk_stage(dockerfile, &graph, index, global, input, &mut state, visit)?;
        if bases.contains(&index) {
            ends.insert(index, state);
        }
    }
    Ok(())
}

fn find_image<'a>(
    graph: &StageGraph,
    index: usize,
    input: &LintInput<'a>,
) -> Option<&'a BaseImage> {
    let links = &graph.stages[index];
    match &links.base {
        Base::Image(name) if !links.is_replaced => input.images.get(name),
        _ => None,
    }
}

fn begin_state(graph: &StageGraph, index: usize, input: &LintInput<'_>) -> State {
    let image = find_image(graph, index, input);
    let is_scratch = graph.stages[index].base == Base::Scratch;
    let mut environment = image.map_or_else(EnvList::new, |image| image.environment.clone());
    if environment.get("PATH").is_none() {
        environment.set("PATH", DEFAULT_PATH);
    }
    State {
        scope: StageScope::new(environment),
        is_environment_known: is_scratch || image.is_some(),
        has_shell: image.is_some_and(|image| image.has_shell),
        has_workdir: false,
        workdir: match image {
            Some(image) => Some(image.workdir.clone()),
            None => is_scratch.then(String::new),
        },
    }
}

fn walk_stage(
    dockerfile: &Dockerfile,
    graph: &StageGraph,
    index: usize,
    global: &GlobalArguments,
    input: &LintInput<'_>,
    state: &mut State,
    visit: &mut dyn FnMut(&Visit<'_>) -> Result<(), Problem>,
) -> Result<(), Error> {
    let lexer = dockerfile.lexer();
    let triggers = graph.stages[index].triggers.iter();
    let mut earlier: BTreeMap<&str, Lines> = BTreeMap::new();
    for statement in triggers.chain(&dockerfile.stages[index].statements) {
        let place = |problem: Problem| problem.at(&dockerfile.source, statement.lines);
        let introduced = list_introduced(&statement.instruction, &state.scope);
        let expanded = state
            .scope
            .evaluate(&statement.instruction, &lexer, global, input.given)
            .map_err(place)?;
        let keyword = statement.instruction.keyword();
        visit(&Visit {
            statement,
            expanded: &expanded,
            scope: &state.scope,
            is_environment_known: state.is_environment_known,
            has_shell: state.has_shell,
            has_workdir: state.has_workdir,
            workdir: state.workdir.as_deref(),
            earlier: earlier.get(keyword).copied(),
            introduced: &introduced,
            lexer: &lexer,
        })
        .map_err(place)?;
        match &expanded.instruction {
            Instruction::Shell(_) => state.has_shell = true,
            Instruction::Workdir(workdir) => {
                state.has_workdir = true;
                if let Some(current) = state.workdir.take() {
                    state.workdir = Some(resolve_workdir(&current, &workdir.path));
                } else if is_absolute_path(&workdir.path) {
                    state.workdir = Some(workdir.path.clone());
                }
            }
            Instruction::Cmd(_) | Instruction::Entrypoint(_) | Instruction::Healthcheck(_) => {
                earlier.insert(keyword, statement.lines);
            }
            _ => {}
        }
    }
    Ok(())
}

fn list_introduced<'a>(instruction: &'a Instruction, scope: &StageScope) -> Vec<&'a str> {
    let names: Vec<&str> = match instruction {
        Instruction::Env(env) => env.pairs.iter().map(|pair| pair.name.as_str()).collect(),
        Instruction::Arg(arg) => {
            let definitions = arg.definitions.iter();
            definitions.map(|found| found.name.as_str()).collect()
        }
        _ => Vec::new(),
    };
    let known = scope.environment();
    let names = names.into_iter();
    names.filter(|name| known.get(name).is_none()).collect()
}
