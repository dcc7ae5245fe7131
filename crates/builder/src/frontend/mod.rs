//! From a Dockerfile to a plan: which stages are needed, what they stand on, what their instructions come to.
//!
//! Touches no file of an image and runs nothing; it asks for base images' configurations, because variables and triggers
//! in them decide what follows.

mod check;
mod config;
mod externals;
mod files;
mod stage;

use std::collections::BTreeMap;
use std::sync::Arc;

use wharf_dockerfile::scope::{GlobalArguments, list_platform_arguments};
use wharf_dockerfile::stages::{Base, Origin, Place};
use wharf_dockerfile::{
    Dockerfile, StageGraph, Statement, check_frontend, instruction::HistoryRow,
};
use wharf_oci::Platform;

pub(crate) use check::check_file;
pub(crate) use config::{HistoryEntry, ImageConfig};
pub(crate) use externals::Externals;
pub(crate) use files::External;
use files::{Origins, scratch};
use stage::{StageState, StepNames, Surroundings, add_labels};

use crate::context::FileContext;
use crate::error::{BuildError, Result};
use crate::plan::{Node, NodeRef, Op};
use crate::request::BuildRequest;

/// What is to be built for one platform.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The target's files.
    pub(crate) node: NodeRef,
    /// Its configuration, history of the base image included.
    pub(crate) config: ImageConfig,
    /// Rows to come after the base image's.
    pub(crate) history: Vec<HistoryRow>,
    /// The named context that is its first layer, which no instruction made.
    pub(crate) source: Option<String>,
}

/// Reads the Dockerfile as ours or refuses it.
pub(crate) fn read_dockerfile(bytes: &[u8], request: &BuildRequest) -> Result<Dockerfile> {
    let source = wharf_dockerfile::Source::new(bytes);
    let explain = |error: wharf_dockerfile::Error| BuildError::dockerfile(error, &source);
    let syntax = request
        .build_args
        .get("BUILDKIT_SYNTAX")
        .map(String::as_str);
    check_frontend(bytes, syntax).map_err(explain)?;
    Dockerfile::parse(bytes).map_err(explain)
}

/// Everything one plan is made from.
pub(crate) struct Planner<'a> {
    pub(crate) request: &'a BuildRequest,
    pub(crate) dockerfile: &'a Dockerfile,
    pub(crate) main: &'a Arc<FileContext>,
    pub(crate) externals: &'a Externals<'a>,
    /// This machine's.
    pub(crate) host: &'a Platform,
    /// The one to build for.
    pub(crate) target: &'a Platform,
    /// Several platforms are built: names of steps say which.
    pub(crate) names_platform: bool,
}

impl Planner<'_> {
    /// Plans the build of the target.
    pub(crate) async fn plan(&self) -> Result<Plan> {
        let dockerfile = self.dockerfile;
        let given = &self.request.build_args;
        let target_name = self.request.target.clone().unwrap_or_default();
        let platforms = list_platform_arguments(self.host, self.target, &target_name, given);
        let explain =
            |error: wharf_dockerfile::Error| BuildError::dockerfile(error, &dockerfile.source);
        let global = GlobalArguments::resolve(dockerfile, platforms, given).map_err(explain)?;
        let contexts = self.externals.names();
        let mut graph =
            StageGraph::new(dockerfile, &global, &contexts, self.host).map_err(explain)?;
        let target = graph
            .find_target(self.request.target.as_deref())
            .map_err(explain)?;

        // Triggers of base images may name further stages, so this goes on until nothing new is needed.
        let mut bases: BTreeMap<usize, Start> = BTreeMap::new();
        let mut externals = BTreeMap::new();
        loop {
            let needed = graph.find_reachable(dockerfile, target).map_err(explain)?;
            let missing: Vec<usize> = needed
                .iter()
                .copied()
                .filter(|index| !bases.contains_key(index))
                .collect();
            if missing.is_empty() {
                self.find_externals(&graph, &needed, &mut externals).await?;
                let states = self.walk(&graph, &needed, &bases, &externals, &global, target)?;
                return Ok(self.finish(states));
            }
            for index in missing {
                let start = self.find_start(&graph, index).await?;
                let triggers: Vec<String> = match &start {
                    Start::External { config, .. } => {
                        config.config.on_build.clone().unwrap_or_default()
                    }
                    _ => Vec::new(),
                };
                let triggers: Vec<&str> = triggers.iter().map(String::as_str).collect();
                graph
                    .adopt_triggers(dockerfile, index, &triggers)
                    .map_err(explain)?;
                bases.insert(index, start);
            }
        }
    }

    /// What a stage begins with.
    async fn find_start(&self, graph: &StageGraph, index: usize) -> Result<Start> {
        let links = &graph.stages[index];
        let from = &self.dockerfile.stages[index].from;
        let platform = links.platform.as_ref().unwrap_or(self.target);
        let name = match (&links.base, links.is_replaced) {
            (_, true) => from.name.clone().unwrap_or_default(),
            (Base::Stage(base), false) => return Ok(Start::Stage(*base)),
            (Base::Scratch, false) => {
                return Ok(Start::External {
                    node: scratch(),
                    config: Box::new(ImageConfig::empty(platform)),
                    source: None,
                });
            }
            (Base::Image(name), false) => name.clone(),
        };
        let found = self
            .externals
            .find(&name, platform)
            .await
            .map_err(|error| error.at(&self.dockerfile.source, from.lines))?;
        Ok(match found {
            External::Files(context) => Start::External {
                node: files::copy_all(&context, ""),
                config: Box::new(ImageConfig::empty(platform)),
                source: Some(name),
            },
            External::Image(node) => {
                let mut config = read_config(&node, &name)
                    .map_err(|error| error.at(&self.dockerfile.source, from.lines))?;
                config.ensure_path();
                Start::External {
                    node,
                    config: Box::new(config),
                    source: None,
                }
            }
        })
    }

    /// The images and named contexts that COPY and mounts of the needed stages name.
    async fn find_externals(
        &self,
        graph: &StageGraph,
        needed: &[usize],
        found: &mut BTreeMap<String, External>,
    ) -> Result<()> {
        for index in needed {
            let links = &graph.stages[*index];
            let platform = links.platform.as_ref().unwrap_or(self.target);
            for used in &links.uses {
                if let Origin::Image(name) = &used.origin
                    && !found.contains_key(name)
                {
                    let stage = &self.dockerfile.stages[*index];
                    let lines = match used.place {
                        Place::Statement(number) => stage.statements[number].lines,
                        Place::Trigger(_) => stage.from.lines,
                    };
                    let external = self
                        .externals
                        .find(name, platform)
                        .await
                        .map_err(|error| error.at(&self.dockerfile.source, lines))?;
                    found.insert(name.clone(), external);
                }
            }
        }
        Ok(())
    }

    fn walk(
        &self,
        graph: &StageGraph,
        needed: &[usize],
        bases: &BTreeMap<usize, Start>,
        externals: &BTreeMap<String, External>,
        global: &GlobalArguments,
        target: usize,
    ) -> Result<StageState> {
        let dockerfile = self.dockerfile;
        let mut stages: Vec<Option<StageState>> = vec![None; dockerfile.stages.len()];
        for index in needed {
            let stage = &dockerfile.stages[*index];
            let links = &graph.stages[*index];
            let statements: Vec<&Statement> = if links.is_replaced {
                Vec::new()
            } else {
                links.triggers.iter().chain(&stage.statements).collect()
            };
            let stage_name = self.name_stage(*index);
            let mut names = StepNames::new(self.name_prefix(&stage_name, links), &statements);
            let first = names.name(&stage.from.text);
            let mut state = match bases.get(index) {
                Some(Start::Stage(base)) => match &stages[*base] {
                    Some(state) => state.continued(),
                    None => return Err(BuildError::step("a stage stands below its use")),
                },
                Some(Start::External {
                    node,
                    config,
                    source,
                }) => {
                    let mut config = (**config).clone();
                    config.config.on_build = None;
                    let mut state = StageState::new(rename(node, first), config);
                    state.source.clone_from(source);
                    state
                }
                None => return Err(BuildError::step("a stage was not resolved")),
            };
            let ignore_cache = self.request.no_cache
                || self
                    .request
                    .no_cache_stages
                    .contains(&stage_name.to_lowercase());
            for statement in statements {
                let around = Surroundings {
                    source: &dockerfile.source,
                    lexer: dockerfile.lexer(),
                    global,
                    arguments: &self.request.build_args,
                    origins: Origins {
                        request: self.request,
                        graph,
                        main: self.main,
                        stages: &stages,
                        externals,
                    },
                    ignore_cache,
                };
                state.apply(statement, &around, &mut names)?;
            }
            stages[*index] = Some(state);
        }
        stages[target]
            .take()
            .ok_or_else(|| BuildError::step("the target was not walked"))
    }

    fn name_stage(&self, index: usize) -> String {
        match &self.dockerfile.stages[index].from.name {
            Some(name) => name.clone(),
            None if self.dockerfile.stages.len() == 1 => String::new(),
            None => format!("stage-{index}"),
        }
    }

    fn name_prefix(&self, stage: &str, links: &wharf_dockerfile::stages::StageLinks) -> String {
        if !self.names_platform {
            return stage.to_owned();
        }
        let platform = match &links.platform {
            Some(own) if own != self.target => format!("{own}->{}", self.target),
            _ => self.target.to_string(),
        };
        format!("{platform} {stage}").trim().to_owned()
    }

    fn finish(&self, state: StageState) -> Plan {
        let mut config = state.config;
        add_labels(&mut config, &self.request.labels);
        if config.architecture.is_empty() {
            config.set_platform(self.target);
        }
        Plan {
            node: state.node,
            config,
            history: state.history,
            source: state.source,
        }
    }
}

/// What a stage begins with.
enum Start {
    Stage(usize),
    External {
        node: NodeRef,
        config: Box<ImageConfig>,
        /// The named context whose files it is.
        source: Option<String>,
    },
}

/// The same state under the name that this stage gives it.
fn rename(node: &NodeRef, name: String) -> NodeRef {
    match &node.op {
        Op::Image(image) => Arc::new(Node {
            op: Op::Image(Arc::clone(image)),
            name,
            lines: None,
            ignore_cache: false,
        }),
        _ => Arc::clone(node),
    }
}

fn read_config(node: &NodeRef, name: &str) -> Result<ImageConfig> {
    match &node.op {
        Op::Image(image) => ImageConfig::parse(&image.config).map_err(|error| {
            BuildError::step(format!(
                "the configuration of {name} cannot be read: {error}"
            ))
        }),
        _ => Err(BuildError::step(format!("{name} is no image"))),
    }
}
