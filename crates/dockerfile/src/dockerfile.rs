//! A whole Dockerfile, typed.

use crate::{
    Directive, Error, Lexer, Node, Problem, Source, Tree,
    instruction::{Arg, From, Instruction, Statement, parse_from, parse_statement},
    parser::{ParseWarning, parse},
};

/// The most stages a file may have. Each can hold a copy of another's environment, so without a limit a file of one
/// megabyte could fill any memory; the largest generated files have a few hundred.
pub const MAX_STAGES: usize = 1000;

/// A Dockerfile: arguments for its FROM lines, then stages from top to bottom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dockerfile {
    pub source: Source,
    pub escape: char,
    pub directives: Vec<Directive>,
    /// ARG instructions before the first FROM.
    pub global_arguments: Vec<GlobalArgument>,
    /// At least one.
    pub stages: Vec<Stage>,
    pub warnings: Vec<ParseWarning>,
    /// How much the variables in one word may add, in bytes; none is what the language allows.
    most_expanded: Option<usize>,
}

/// An ARG before the first FROM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobalArgument {
    pub arg: Arg,
    /// How it was written.
    pub statement: Statement,
}

/// A stage: what it begins with, and its instructions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    pub from: From,
    pub statements: Vec<Statement>,
}

impl Dockerfile {
    /// Parses and types a file. Fails at the first instruction that is wrong in itself; how stages refer to each other
    /// is [`StageGraph`](crate::StageGraph)'s to check.
    pub fn parse(bytes: &[u8]) -> Result<Dockerfile, Error> {
        Dockerfile::from_tree(parse(bytes)?)
    }

    pub fn from_tree(tree: Tree) -> Result<Dockerfile, Error> {
        match Dockerfile::read_tree(tree) {
            (_, Some(error)) => Err(error),
            (dockerfile, None) => Ok(dockerfile),
        }
    }

    /// What could be typed, up to the first mistake: lint speaks about it all the same.
    pub(crate) fn read_tree(tree: Tree) -> (Dockerfile, Option<Error>) {
        let mut dockerfile = Dockerfile {
            source: tree.source,
            escape: tree.escape,
            directives: tree.directives,
            global_arguments: Vec::new(),
            stages: Vec::new(),
            warnings: tree.warnings,
            most_expanded: None,
        };
        for node in &tree.nodes {
            if let Err(problem) = dockerfile.add_node(node) {
                let error = problem.at(&dockerfile.source, node.lines);
                return (dockerfile, Some(error));
            }
        }
        let error = dockerfile
            .stages
            .is_empty()
            .then(|| Problem::NoStage.into());
        (dockerfile, error)
    }

    fn add_node(&mut self, node: &Node) -> Result<(), Problem> {
        if let Some(from) = parse_from(node) {
            if self.stages.len() == MAX_STAGES {
                return Err(Problem::TooManyStages);
            }
            self.stages.push(Stage {
                from: from?,
                statements: Vec::new(),
            });
            return Ok(());
        }
        let statement = parse_statement(node)?;
        match (self.stages.last_mut(), &statement.instruction) {
            (Some(stage), _) => stage.statements.push(statement),
            (None, Instruction::Arg(arg)) => self.global_arguments.push(GlobalArgument {
                arg: arg.clone(),
                statement,
            }),
            (None, _) => {
                return Err(Problem::BeforeFrom {
                    keyword: statement.keyword,
                });
            }
        }
        Ok(())
    }

    /// Reads words with the file's escape character.
    pub fn lexer(&self) -> Lexer {
        let lexer = Lexer::new(self.escape);
        match self.most_expanded {
            Some(bytes) => lexer.expanding_at_most(bytes),
            None => lexer,
        }
    }

    /// The same, with a bound to what variables add, for [`Lexer::expanding_at_most`]'s reason.
    pub(crate) fn expanding_at_most(self, bytes: usize) -> Dockerfile {
        Dockerfile {
            most_expanded: Some(bytes),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_before_the_first_stage_are_the_files() {
        let file = Dockerfile::parse(b"ARG a=1\nARG b\nFROM x AS Y\nARG c\nFROM y\nRUN z\n")
            .expect("a file");
        assert_eq!(file.global_arguments.len(), 2);
        let shape: Vec<_> = file
            .stages
            .iter()
            .map(|stage| (stage.from.name.as_deref(), stage.statements.len()))
            .collect();
        assert_eq!(shape, [(Some("y"), 1), (None, 1)]);
    }

    #[test]
    fn nothing_else_stands_before_the_first_stage() {
        for (text, expected) in [
            (
                "RUN a",
                "line 1, column 1: RUN stands before the first FROM",
            ),
            ("ARG a", "the Dockerfile has no stage to build: no FROM"),
            (
                "ARG a\nCOYP b c",
                "line 2, column 1: unknown instruction: COYP (did you mean COPY?)",
            ),
        ] {
            let error = Dockerfile::parse(text.as_bytes()).expect_err(text);
            assert_eq!(error.to_string(), expected);
        }
    }
}
