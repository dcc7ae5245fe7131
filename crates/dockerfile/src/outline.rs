//! `--call=outline`: the arguments, secrets and ssh agents that a target asks for.

use crate::{
    Dockerfile, Error, Lines, StageGraph,
    instruction::{Instruction, Mount},
    lint::{LintInput, Visit, walk_stages},
    scope::{BuildArguments, GlobalArguments, list_platform_arguments},
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What a target can be given. Each list is in the file's order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outline {
    /// None for a stage without a name.
    pub name: Option<String>,
    pub description: Option<String>,
    pub arguments: Vec<OutlineArgument>,
    pub secrets: Vec<OutlineMount>,
    pub ssh: Vec<OutlineMount>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutlineArgument {
    pub name: String,
    /// With the build arguments that were given; the default without.
    pub value: Option<String>,
    pub description: Option<String>,
    pub lines: Lines,
}

/// A secret or an agent by its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutlineMount {
    pub name: String,
    pub required: bool,
    pub lines: Lines,
}

/// Collects from the target and every stage that it needs. Without a target it is the last stage.
pub fn outline_target(dockerfile: &Dockerfile, input: &LintInput<'_>) -> Result<Outline, Error> {
    let last = dockerfile.stages.last();
    let default = last.and_then(|stage| stage.from.name.as_deref());
    let platforms = list_platform_arguments(
        input.build_platform,
        input.target_platform,
        input.target.or(default).unwrap_or_default(),
        input.given,
    );
    let global = GlobalArguments::resolve(dockerfile, platforms, input.given)?;
    let graph = StageGraph::new(dockerfile, &global, input.contexts, input.build_platform)?;
    let target = graph.find_target(input.target)?;
    let reachable = graph.find_reachable(dockerfile, target)?;
    let mut found = Found::default();
    for stage in &reachable {
        for name in &graph.stages[*stage].used_arguments {
            found.use_global(&global, name);
        }
    }
    let needed = LintInput {
        every_stage: false,
        ..*input
    };
    walk_stages(dockerfile, graph, &global, &needed, &mut |visit| {
        found.collect(visit, &global, input.given)
    })?;
    let from = &dockerfile.stages[target].from;
    Ok(Outline {
        name: from.name.clone(),
        description: from.description.clone(),
        arguments: sort_by_line(found.arguments, |argument| argument.lines),
        secrets: sort_by_line(found.secrets, |mount| mount.lines),
        ssh: sort_by_line(found.ssh, |mount| mount.lines),
    })
}

#[derive(Default)]
struct Found {
    arguments: BTreeMap<String, OutlineArgument>,
    secrets: BTreeMap<String, OutlineMount>,
    ssh: BTreeMap<String, OutlineMount>,
}

impl Found {
    /// A global argument and those its default uses.
    fn use_global(&mut self, global: &GlobalArguments, name: &str) {
        let mut open = vec![name];
        let mut seen = BTreeSet::new();
        while let Some(name) = open.pop() {
            if !seen.insert(name) {
                continue;
            }
            let Some(argument) = global.find_argument(name) else {
                continue;
            };
            open.extend(argument.depends_on.iter().map(String::as_str));
            self.arguments
                .entry(argument.name.clone())
                .or_insert_with(|| OutlineArgument {
                    name: argument.name.clone(),
                    value: argument.value.clone(),
                    description: argument.description.clone(),
                    lines: argument.lines,
                });
        }
    }

    fn collect(
        &mut self,
        visit: &Visit<'_>,
        global: &GlobalArguments,
        given: &BuildArguments,
    ) -> Result<(), crate::Problem> {
        match (&visit.expanded.instruction, &visit.statement.instruction) {
            (Instruction::Arg(resolved), Instruction::Arg(written)) => {
                for (resolved, written) in resolved.definitions.iter().zip(&written.definitions) {
                    let is_own = written.value.is_some() || given.contains_key(&written.name);
                    if !is_own && crate::Variables::get(global, &written.name).is_some() {
                        self.use_global(global, &written.name);
                        continue;
                    }
                    self.arguments
                        .entry(written.name.clone())
                        .or_insert_with(|| OutlineArgument {
                            name: resolved.name.clone(),
                            value: resolved.value.clone(),
                            description: resolved.description.clone(),
                            lines: visit.statement.lines,
                        });
                }
            }
            (Instruction::Run(run), _) => {
                let mounts = run.resolve_mounts(visit.lexer, visit.scope.environment())?;
                for mount in mounts {
                    self.collect_mount(mount, visit.statement.lines);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn collect_mount(&mut self, mount: Mount, lines: Lines) {
        let (list, name, required) = match mount {
            Mount::Secret(secret) => (&mut self.secrets, secret.id, secret.required),
            Mount::Ssh(ssh) => (&mut self.ssh, ssh.id, ssh.required),
            Mount::Bind(_) | Mount::Cache(_) | Mount::Tmpfs(_) => return,
        };
        list.entry(name.clone()).or_insert(OutlineMount {
            name,
            required,
            lines,
        });
    }
}

fn sort_by_line<T>(found: BTreeMap<String, T>, lines: fn(&T) -> Lines) -> Vec<T> {
    let mut list: Vec<T> = found.into_values().collect();
    list.sort_by_key(|item| lines(item).first);
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use wharf_oci::Platform;

    #[test]
    fn a_target_asks_for_what_its_stages_ask_for() {
        let text = "# V is the version\nARG V=1 SUFFIX=-slim\nARG TAG=$V$SUFFIX\nARG UNUSED=1\nFROM a:$TAG AS base\n# DEBUG turns it on\nARG DEBUG=0\nRUN --mount=type=secret,id=key,required --mount=type=ssh x\nFROM b AS other\nARG LOST\nRUN --mount=type=secret,id=lost x\n# app is it\nFROM base AS app\nARG V TARGETARCH\nRUN --mount=type=secret,id=$V y\n";
        let file = Dockerfile::parse(text.as_bytes()).expect("a file");
        let platform = Platform {
            os: "linux".to_owned(),
            architecture: "amd64".to_owned(),
            ..Platform::default()
        };
        let given = BTreeMap::from([("DEBUG".to_owned(), "1".to_owned())]);
        let input = LintInput {
            given: &given,
            build_platform: &platform,
            target_platform: &platform,
            target: None,
            every_stage: false,
            contexts: &BTreeSet::new(),
            images: &BTreeMap::new(),
            ignore: None,
        };
        let outline = outline_target(&file, &input).expect("an outline");
        assert_eq!(outline.name.as_deref(), Some("app"));
        assert_eq!(outline.description.as_deref(), Some("is it"));
        let arguments: Vec<_> = outline
            .arguments
            .iter()
            .map(|found| {
                (
                    found.name.as_str(),
                    found.value.as_deref(),
                    found.lines.first,
                )
            })
            .collect();
        assert_eq!(
            arguments,
            [
                ("SUFFIX", Some("-slim"), 2),
                ("V", Some("1"), 2),
                ("TAG", Some("1-slim"), 3),
                ("DEBUG", Some("1"), 7),
            ]
        );
        assert_eq!(
            outline.arguments[1].description.as_deref(),
            Some("is the version")
        );
        let secrets: Vec<_> = outline
            .secrets
            .iter()
            .map(|found| (found.name.as_str(), found.required))
            .collect();
        assert_eq!(secrets, [("key", true), ("1", false)]);
        assert_eq!(outline.ssh.len(), 1);
    }
}
