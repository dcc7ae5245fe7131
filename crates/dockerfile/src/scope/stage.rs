//! The variables of one stage, as they change from instruction to instruction.

use super::{BuildArguments, GlobalArguments};
use crate::{
    EnvList, Lexer, Problem, Variables,
    instruction::{Arg, ArgDefinition, Expanded, Instruction},
};
use std::collections::{BTreeSet, HashMap};

/// Arguments that the builder reads and no step sees.
const NOT_FOR_STEPS: [&str; 2] = ["BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"];

/// The environment that a stage's words are expanded with and its steps run in: the base's variables, ENV, and
/// declared arguments. A later setting replaces an earlier one, whichever instruction it is.
///
/// A stage that is built on another begins with a clone of the other's scope at its end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StageScope {
    environment: EnvList,
    arguments: Vec<ArgDefinition>,
    /// Where each argument stands in the list.
    places: HashMap<String, usize>,
}

impl StageScope {
    /// Begins with the environment of a base image.
    pub fn new(environment: EnvList) -> StageScope {
        StageScope {
            environment,
            ..StageScope::default()
        }
    }

    /// Replaces the instruction's variables, then lets it change the scope: ENV sets, ARG declares.
    ///
    /// An argument's value is the build's, else its default, else the global one; the answer's ARG holds it. Declared
    /// arguments are not among the unset variables, value or not.
    pub fn evaluate(
        &mut self,
        instruction: &Instruction,
        lexer: &Lexer,
        global: &GlobalArguments,
        given: &BuildArguments,
    ) -> Result<Expanded, Problem> {
        if let Instruction::Arg(arg) = instruction {
            return self.declare(arg, lexer, global, given);
        }
        let mut expanded = instruction.expand(lexer, &self.environment)?;
        // A declared argument without a value is meant to be empty.
        expanded.unset.retain(|name| !self.declares(name));
        if let Instruction::Env(env) = &expanded.instruction {
            for pair in &env.pairs {
                self.environment.set(pair.name.clone(), pair.value.clone());
            }
        }
        Ok(expanded)
    }

    fn declare(
        &mut self,
        arg: &Arg,
        lexer: &Lexer,
        global: &GlobalArguments,
        given: &BuildArguments,
    ) -> Result<Expanded, Problem> {
        let mut definitions = Vec::new();
        let (mut used, mut unset) = (BTreeSet::new(), Vec::new());
        for definition in &arg.definitions {
            let value = match (given.get(&definition.name), &definition.value) {
                (Some(value), _) => Some(value.clone()),
                (None, Some(default)) => {
                    let expansion = lexer.expand(default, &self.environment)?;
                    used.extend(expansion.used);
                    let unknown = expansion.unset.into_iter();
                    unset.extend(unknown.filter(|name| !self.declares(name)));
                    Some(expansion.text)
                }
                (None, None) => global.get(&definition.name).map(str::to_owned),
            };
            let resolved = ArgDefinition {
                value,
                ..definition.clone()
            };
            self.add_argument(resolved.clone());
            definitions.push(resolved);
        }
        Ok(Expanded {
            instruction: Instruction::Arg(Arg { definitions }),
            used,
            unset,
        })
    }

    /// What steps run with, in the order in which it was first set.
    pub fn environment(&self) -> &EnvList {
        &self.environment
    }

    pub fn declares(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }

    /// The declared arguments with the values they have now, for history rows and for cache keys.
    pub fn arguments(&self) -> Vec<(String, String)> {
        let arguments = self.arguments.iter().map(|argument| {
            let value = self.environment.get(&argument.name);
            let value = value.or(argument.value.as_deref()).unwrap_or_default();
            (argument.name.clone(), value.to_owned())
        });
        arguments.collect()
    }

    fn add_argument(&mut self, argument: ArgDefinition) {
        if let Some(value) = &argument.value
            && !NOT_FOR_STEPS.contains(&argument.name.as_str())
        {
            self.environment.set(argument.name.clone(), value.clone());
        }
        match self.places.get(&argument.name) {
            Some(place) => self.arguments[*place] = argument,
            None => {
                self.places
                    .insert(argument.name.clone(), self.arguments.len());
                self.arguments.push(argument);
            }
        }
    }
}
