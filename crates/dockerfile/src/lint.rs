//! `wharf build --check`: the reference's rules about Dockerfiles that build but should be better.
//!
//! It walks a file as a build would, without building: what a base image would tell is passed in. It fails nothing; the
//! caller looks at [`LintReport::fails`]. Names and messages are the reference's, so that `# check=` lines and search
//! results work.

mod casing;
mod collector;
mod commands;
mod config;
mod descriptions;
mod from;
mod input;
mod pairs;
mod paths;
mod ports;
mod report;
mod rule;
mod stage_names;
mod variables;
mod walk;

#[cfg(test)]
mod tests;

pub use config::LintConfig;
pub use input::{BaseImage, LintInput};
pub use report::{Finding, LintReport};
pub use rule::Rule;
pub(crate) use walk::{Visit, walk_stages};

use crate::{
    Dockerfile, Error, Problem, Source, StageGraph,
    parser::{find_check, parse},
    scope::{GlobalArguments, list_platform_arguments},
};
use collector::Collector;

/// Checks a Dockerfile against every rule. What stops the checking, as it would stop a build, is the report's error.
pub fn lint(bytes: &[u8], input: &LintInput<'_>) -> LintReport {
    lint_within(bytes, input, None)
}

/// The same for a text that nobody builds: the variables in one word add no more than these bytes, so that a small text
/// takes little memory and time.
pub fn lint_at_most(bytes: &[u8], input: &LintInput<'_>, most_expanded: usize) -> LintReport {
    lint_within(bytes, input, Some(most_expanded))
}

fn lint_within(bytes: &[u8], input: &LintInput<'_>, most_expanded: Option<usize>) -> LintReport {
    let source = Source::new(bytes);
    let (config, problem) = match read_config(&source, input) {
        Ok(config) => (config, None),
        Err(error) => (LintConfig::default(), Some(error)),
    };
    let mut collector = Collector::new(config);
    let error = match problem {
        Some(error) => Some(error),
        None => check_file(bytes, input, most_expanded, &mut collector).err(),
    };
    collector.finish(source, error)
}

/// The build argument `BUILDKIT_DOCKERFILE_CHECK` takes the place of the file's `# check=`.
fn read_config(source: &Source, input: &LintInput<'_>) -> Result<LintConfig, Error> {
    if let Some(argument) = input.given.get("BUILDKIT_DOCKERFILE_CHECK") {
        return Ok(LintConfig::parse(argument)?);
    }
    match find_check(source.text()) {
        None => Ok(LintConfig::default()),
        Some(directive) => LintConfig::parse(&directive.value)
            .map_err(|problem: Problem| problem.at(source, crate::Lines::single(directive.line))),
    }
}

fn check_file(
    bytes: &[u8],
    input: &LintInput<'_>,
    most_expanded: Option<usize>,
    collector: &mut Collector,
) -> Result<(), Error> {
    let (mut dockerfile, error) = Dockerfile::read_tree(parse(bytes)?);
    if let Some(most) = most_expanded {
        dockerfile = dockerfile.expanding_at_most(most);
    }
    commands::check_continuations(&dockerfile, collector);
    commands::check_maintainer(&dockerfile, collector);
    casing::check_stage_lines(&dockerfile, collector);
    descriptions::check_descriptions(&dockerfile, collector);
    if let Some(error) = error {
        return Err(error);
    }
    casing::check_keywords(&dockerfile, collector);
    stage_names::check_stage_names(&dockerfile, collector);

    let last = dockerfile.stages.last();
    let target = input
        .target
        .or_else(|| last.and_then(|stage| stage.from.name.as_deref()))
        .unwrap_or_default();
    let platforms = list_platform_arguments(
        input.build_platform,
        input.target_platform,
        target,
        input.given,
    );
    from::check_defaults(&dockerfile, &platforms, collector);
    let global = GlobalArguments::resolve(&dockerfile, platforms, input.given)?;
    from::check_from_lines(&dockerfile, &global, collector);
    let graph = StageGraph::new(&dockerfile, &global, input.contexts, input.build_platform)?;
    from::check_base_platforms(&dockerfile, &graph, input, collector);
    walk_stages(&dockerfile, graph, &global, input, &mut |visit| {
        variables::check_variables(visit, collector);
        pairs::check_pairs(visit, collector);
        commands::check_command(visit, collector);
        visit.expanded.instruction.check()?;
        paths::check_mounts(visit)?;
        ports::check_ports(visit, collector);
        paths::check_paths(visit, input, collector);
        Ok(())
    })
}
