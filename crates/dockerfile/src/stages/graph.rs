//! Building the graph of a file's stages and asking it.

use super::{
    cycle::find_cycle,
    links::{Base, Origin, Place, StageLinks, Use},
};
use crate::{
    Dockerfile, Error, Lexer, Lines, NoVariables, Problem, Stage, Variables,
    instruction::{Instruction, Statement, parse_trigger},
    scope::GlobalArguments,
    suggest::suggest,
    values::{is_image_name, parse_platform},
};
use std::collections::{BTreeMap, BTreeSet};
use wharf_oci::Platform;

/// Every stage with its references resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageGraph {
    /// In the file's order.
    pub stages: Vec<StageLinks>,
    /// The last stage of each name.
    names: BTreeMap<String, usize>,
    contexts: BTreeSet<String>,
}

impl StageGraph {
    /// Resolves FROM lines with the global arguments, and `--from` of COPY and mounts by name, `COPY --from` also by
    /// number. Names are the same in any case; of two stages with one name the later counts for those below it.
    ///
    /// `contexts` are the named contexts of the build, `host` the platform that incomplete ones are completed by.
    /// Fails on a blank base or platform, a number without a stage, stages that need each other, and names that can be
    /// neither an image nor a named context. A base stage's
    /// ONBUILD instructions are taken over; an image's are given to [`StageGraph::adopt_triggers`].
    pub fn new(
        dockerfile: &Dockerfile,
        global: &GlobalArguments,
        contexts: &BTreeSet<String>,
        host: &Platform,
    ) -> Result<StageGraph, Error> {
        let mut graph = StageGraph {
            stages: Vec::new(),
            names: BTreeMap::new(),
            contexts: contexts.clone(),
        };
        let lexer = dockerfile.lexer();
        for (index, stage) in dockerfile.stages.iter().enumerate() {
            let links = graph
                .link_base(stage, &lexer, global, host)
                .map_err(|problem| problem.at(&dockerfile.source, stage.from.lines))?;
            graph.stages.push(links);
            if let Some(name) = &stage.from.name {
                graph.names.insert(name.clone(), index);
                if contexts.contains(name) {
                    graph.stages[index].is_replaced = true;
                }
            }
        }
        for (index, stage) in dockerfile.stages.iter().enumerate() {
            if graph.stages[index].is_replaced {
                continue;
            }
            for (number, statement) in stage.statements.iter().enumerate() {
                let uses = graph
                    .find_uses(statement, Place::Statement(number), &lexer)
                    .map_err(|problem| problem.at(&dockerfile.source, statement.lines))?;
                graph.stages[index].uses.extend(uses);
            }
            if let Base::Stage(base) = graph.stages[index].base {
                let triggers = list_triggers(&dockerfile.stages[base]);
                graph.adopt_triggers(dockerfile, index, &triggers)?;
            }
        }
        graph.check_cycles(dockerfile)?;
        for index in 0..graph.stages.len() {
            graph.check_images(dockerfile, index)?;
        }
        Ok(graph)
    }

    /// Adds ONBUILD instructions of a stage's base image, before those that were there. They may name further stages.
    pub fn adopt_triggers(
        &mut self,
        dockerfile: &Dockerfile,
        stage: usize,
        triggers: &[&str],
    ) -> Result<(), Error> {
        let lines = dockerfile.stages[stage].from.lines;
        let place = |problem: Problem| problem.at(&dockerfile.source, lines);
        let lexer = Lexer::new('\\');
        for trigger in triggers {
            let statement =
                parse_trigger(trigger, lines).map_err(|error| place(error.problem().clone()))?;
            let number = self.stages[stage].triggers.len();
            let uses = self
                .find_uses(&statement, Place::Trigger(number), &lexer)
                .map_err(place)?;
            let links = &mut self.stages[stage];
            links.uses.extend(uses);
            links.triggers.push(statement);
        }
        Ok(())
    }

    /// The stage of a name, in any case.
    pub fn find_stage(&self, name: &str) -> Option<usize> {
        self.names.get(&name.to_lowercase()).copied()
    }

    /// The stage to build: the one of that name, or the last.
    pub fn find_target(&self, target: Option<&str>) -> Result<usize, Error> {
        let Some(target) = target.filter(|target| !target.is_empty()) else {
            return Ok(self.stages.len().saturating_sub(1));
        };
        self.find_stage(target).ok_or_else(|| {
            let names = self.names.keys().map(String::as_str);
            Error::from(Problem::Target {
                target: target.to_owned(),
                suggestion: suggest(target, names),
            })
        })
    }

    /// The stages that a target needs, itself included, in the file's order. A stage that one of them uses must stand
    /// above it.
    pub fn find_reachable(
        &self,
        dockerfile: &Dockerfile,
        target: usize,
    ) -> Result<Vec<usize>, Error> {
        let mut reached = BTreeSet::new();
        let mut open = vec![target];
        while let Some(index) = open.pop() {
            if reached.insert(index) {
                open.extend(self.needs(index));
                if let Base::Stage(base) = self.stages[index].base {
                    open.push(base);
                }
            }
        }
        for index in &reached {
            self.check_order(dockerfile, *index)?;
        }
        Ok(reached.into_iter().collect())
    }

    /// Fails when a stage uses one that stands below it.
    pub fn check_order(&self, dockerfile: &Dockerfile, index: usize) -> Result<(), Error> {
        let stage = &dockerfile.stages[index];
        for used in &self.stages[index].uses {
            if matches!(used.origin, Origin::Stage(other) if other >= index) {
                let problem = Problem::LaterStage {
                    reference: used.reference.clone(),
                    stage: name_stage(stage, index),
                };
                return Err(problem.at(&dockerfile.source, find_lines(stage, used.place)));
            }
        }
        Ok(())
    }

    fn check_images(&self, dockerfile: &Dockerfile, index: usize) -> Result<(), Error> {
        let stage = &dockerfile.stages[index];
        let links = &self.stages[index];
        if let Base::Image(name) = &links.base
            && !links.is_replaced
        {
            self.check_image(name)
                .map_err(|problem| problem.at(&dockerfile.source, stage.from.lines))?;
        }
        for used in &links.uses {
            if let Origin::Image(name) = &used.origin {
                let lines = find_lines(stage, used.place);
                self.check_image(name)
                    .map_err(|problem| problem.at(&dockerfile.source, lines))?;
            }
        }
        Ok(())
    }

    fn check_image(&self, name: &str) -> Result<(), Problem> {
        if self.contexts.contains(name) || is_image_name(name) {
            return Ok(());
        }
        Err(Problem::ImageName {
            name: name.to_owned(),
        })
    }

    fn needs(&self, index: usize) -> Vec<usize> {
        let uses = self.stages[index].uses.iter();
        uses.filter_map(|used| match used.origin {
            Origin::Stage(other) => Some(other),
            _ => None,
        })
        .collect()
    }

    fn check_cycles(&self, dockerfile: &Dockerfile) -> Result<(), Error> {
        let needs: Vec<_> = (0..self.stages.len())
            .map(|index| self.needs(index))
            .collect();
        let Some((index, need)) = find_cycle(&needs) else {
            return Ok(());
        };
        let stage = &dockerfile.stages[index];
        let used = self.stages[index]
            .uses
            .iter()
            .filter(|used| matches!(used.origin, Origin::Stage(_)))
            .nth(need);
        let lines = used.map_or(stage.from.lines, |used| find_lines(stage, used.place));
        let problem = Problem::Circular {
            stage: name_stage(stage, index),
        };
        Err(problem.at(&dockerfile.source, lines))
    }

    fn link_base(
        &self,
        stage: &Stage,
        lexer: &Lexer,
        global: &GlobalArguments,
        host: &Platform,
    ) -> Result<StageLinks, Problem> {
        let base = lexer.expand(&stage.from.base, global)?;
        if base.text.is_empty() {
            return Err(Problem::BlankBase {
                expression: stage.from.base.clone(),
            });
        }
        let mut used_arguments = base.used;
        let platform = match &stage.from.platform {
            None => None,
            Some(expression) => {
                let expansion = lexer.expand(expression, global)?;
                used_arguments.extend(expansion.used);
                if expansion.text.is_empty() {
                    let names = global.names();
                    let mut unset = expansion.unset.iter();
                    return Err(Problem::EmptyPlatform {
                        expression: expression.clone(),
                        suggestion: unset.find_map(|name| suggest(name, names.iter().copied())),
                    });
                }
                Some(parse_platform(&expansion.text, host)?)
            }
        };
        let base = match self.find_stage(&base.text) {
            Some(index) => Base::Stage(index),
            None if base.text == "scratch" => Base::Scratch,
            None => Base::Image(base.text),
        };
        Ok(StageLinks {
            base,
            platform,
            is_replaced: false,
            used_arguments,
            triggers: Vec::new(),
            uses: Vec::new(),
        })
    }

    fn find_uses(
        &self,
        statement: &Statement,
        place: Place,
        lexer: &Lexer,
    ) -> Result<Vec<Use>, Problem> {
        match &statement.instruction {
            Instruction::Copy(copy) => {
                let Some(from) = &copy.from else {
                    return Ok(Vec::new());
                };
                if lexer.expand(from, &NoVariables)?.text != *from {
                    return Err(Problem::CopyFromVariable);
                }
                Ok(vec![Use {
                    place,
                    mount: None,
                    origin: self.find_numbered(from)?,
                    reference: from.clone(),
                }])
            }
            Instruction::Run(run) => {
                let mounts = run.mounts.iter().enumerate();
                Ok(mounts
                    .filter_map(|(number, mount)| {
                        let reference = mount.from.clone()?;
                        Some(Use {
                            place,
                            mount: Some(number),
                            origin: self.find_origin(&reference),
                            reference,
                        })
                    })
                    .collect())
            }
            _ => Ok(Vec::new()),
        }
    }

    fn find_numbered(&self, reference: &str) -> Result<Origin, Problem> {
        let Ok(number) = reference.parse::<i64>() else {
            return Ok(self.find_origin(reference));
        };
        usize::try_from(number)
            .ok()
            .filter(|index| *index < self.stages.len())
            .map(Origin::Stage)
            .ok_or_else(|| Problem::StageIndex {
                index: reference.to_owned(),
            })
    }

    fn find_origin(&self, reference: &str) -> Origin {
        match self.find_stage(reference) {
            Some(index) => Origin::Stage(index),
            None if reference == "scratch" => Origin::Scratch,
            None => Origin::Image(reference.to_owned()),
        }
    }
}

fn find_lines(stage: &Stage, place: Place) -> Lines {
    match place {
        Place::Statement(number) => stage.statements[number].lines,
        Place::Trigger(_) => stage.from.lines,
    }
}

fn list_triggers(stage: &Stage) -> Vec<&str> {
    let statements = stage.statements.iter();
    statements
        .filter_map(|statement| match &statement.instruction {
            Instruction::Onbuild(onbuild) => Some(onbuild.trigger.as_str()),
            _ => None,
        })
        .collect()
}

fn name_stage(stage: &Stage, index: usize) -> String {
    match &stage.from.name {
        Some(name) => name.clone(),
        None => format!("stage-{index}"),
    }
}
