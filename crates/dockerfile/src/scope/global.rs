//! The arguments before the first FROM.

use super::BuildArguments;
use crate::{Dockerfile, EnvList, Error, Lines, Variables};
use std::collections::{BTreeSet, HashMap};

/// The values that FROM lines see, and that a stage's ARG without a default takes over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GlobalArguments {
    values: EnvList,
    resolved: Vec<ResolvedArgument>,
    /// Where each argument stands in the list.
    places: HashMap<String, usize>,
}

/// An argument and how it came to its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedArgument {
    pub name: String,
    pub value: Option<String>,
    pub description: Option<String>,
    pub lines: Lines,
    /// The arguments that its default uses.
    pub depends_on: BTreeSet<String>,
}

impl GlobalArguments {
    /// Resolves the file's global arguments from top to bottom: a build argument's value, else the default with the
    /// arguments above it. `platforms` comes first, see
    /// [`list_platform_arguments`](super::list_platform_arguments).
    pub fn resolve(
        dockerfile: &Dockerfile,
        platforms: EnvList,
        given: &BuildArguments,
    ) -> Result<GlobalArguments, Error> {
        let lexer = dockerfile.lexer();
        let mut global = GlobalArguments {
            values: platforms,
            ..GlobalArguments::default()
        };
        for argument in &dockerfile.global_arguments {
            let lines = argument.statement.lines;
            for definition in &argument.arg.definitions {
                let mut depends_on = BTreeSet::new();
                let value = match (given.get(&definition.name), &definition.value) {
                    (Some(value), _) => Some(value.clone()),
                    (None, Some(default)) => {
                        let expansion = lexer
                            .expand(default, &global.values)
                            .map_err(|problem| problem.at(&dockerfile.source, lines))?;
                        depends_on = expansion.used;
                        Some(expansion.text)
                    }
                    (None, None) => None,
                };
                if let Some(value) = &value {
                    global.values.set(definition.name.clone(), value.clone());
                }
                global.define(ResolvedArgument {
                    name: definition.name.clone(),
                    value,
                    description: definition.description.clone(),
                    lines,
                    depends_on,
                });
            }
        }
        Ok(global)
    }

    /// The names that FROM lines may use, declared ones without a value included.
    pub fn known_names(&self) -> Vec<&str> {
        let declared = self.resolved.iter().map(|argument| argument.name.as_str());
        let mut names: Vec<&str> = self.values.names();
        names.extend(declared);
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The last declaration of an argument.
    pub fn find_argument(&self, name: &str) -> Option<&ResolvedArgument> {
        Some(&self.resolved[*self.places.get(name)?])
    }

    fn define(&mut self, mut argument: ResolvedArgument) {
        let Some(place) = self.places.get(&argument.name) else {
            argument.depends_on.remove(&argument.name);
            self.places
                .insert(argument.name.clone(), self.resolved.len());
            self.resolved.push(argument);
            return;
        };
        let known = &mut self.resolved[*place];
        // `ARG a=$a-x` again: what the first depended on, the second does.
        if argument.depends_on.remove(&argument.name) {
            argument.depends_on.extend(known.depends_on.iter().cloned());
        }
        *known = argument;
    }
}

impl Variables for GlobalArguments {
    fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name)
    }

    fn names(&self) -> Vec<&str> {
        self.values.names()
    }
}
