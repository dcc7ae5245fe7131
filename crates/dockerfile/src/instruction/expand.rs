//! Replacing the variables in an instruction: which words of which instruction have any.

use super::{
    Add, Arg, ArgDefinition, Copy, Env, Expose, FileSources, InlineFile, Instruction, Label, Pair,
    StopSignal, User, Volume, Workdir,
};
use crate::{Lexer, Problem, Variables};
use std::collections::BTreeSet;

/// An instruction with its variables replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expanded {
    pub instruction: Instruction,
    /// The variables that it used: they are part of a step's cache key.
    pub used: BTreeSet<String>,
    /// The variables without a value, once for each word that asks for them.
    pub unset: Vec<String>,
}

impl Instruction {
    /// Replaces the variables in the words that have any, all with the values from before the instruction.
    ///
    /// ADD, COPY: sources, destination, `--chown`, `--chmod`, `--checksum` and unquoted here-documents, but not
    /// `--from` and `--exclude`. ENV and LABEL: names and values. EXPOSE (each word may become several), STOPSIGNAL,
    /// USER, VOLUME, WORKDIR. ARG: defaults. RUN: the options of `--mount`, which [`Run::resolve_mounts`] gives; the
    /// command is the shell's to expand. The others have none.
    ///
    /// [`Run::resolve_mounts`]: super::Run::resolve_mounts
    pub fn expand(&self, lexer: &Lexer, variables: &dyn Variables) -> Result<Expanded, Problem> {
        let mut expander = Expander::new(lexer, variables);
        let instruction = self.expand_with(&mut expander)?;
        Ok(Expanded {
            instruction,
            used: expander.used,
            unset: expander.unset,
        })
    }

    fn expand_with(&self, expander: &mut Expander<'_>) -> Result<Instruction, Problem> {
        Ok(match self {
            Instruction::Add(add) => Instruction::Add(expand_add(add, expander)?),
            Instruction::Copy(copy) => Instruction::Copy(expand_copy(copy, expander)?),
            Instruction::Arg(arg) => Instruction::Arg(expand_arg(arg, expander)?),
            Instruction::Env(env) => Instruction::Env(Env {
                pairs: expand_pairs(&env.pairs, expander)?,
            }),
            Instruction::Label(label) => Instruction::Label(Label {
                pairs: expand_pairs(&label.pairs, expander)?,
            }),
            Instruction::Expose(expose) => Instruction::Expose(Expose {
                ports: expander.split(&expose.ports)?,
            }),
            Instruction::StopSignal(stop) => Instruction::StopSignal(StopSignal {
                signal: expander.word(&stop.signal)?,
            }),
            Instruction::User(user) => Instruction::User(User {
                user: expander.word(&user.user)?,
            }),
            Instruction::Volume(volume) => {
                let paths = expander.words(&volume.paths)?;
                if paths.iter().any(String::is_empty) {
                    return Err(Problem::EmptyVolume);
                }
                Instruction::Volume(Volume { paths })
            }
            Instruction::Workdir(workdir) => Instruction::Workdir(Workdir {
                path: expander.word(&workdir.path)?,
            }),
            Instruction::Run(run) => {
                // Only for what it asks for and for its errors: the flags stay, for whoever runs the step.
                run.expand_mounts(expander)?;
                self.clone()
            }
            Instruction::Cmd(_)
            | Instruction::Entrypoint(_)
            | Instruction::Healthcheck(_)
            | Instruction::Maintainer(_)
            | Instruction::Onbuild(_)
            | Instruction::Shell(_) => self.clone(),
        })
    }
}

/// Expands word after word and remembers what was asked for.
pub(super) struct Expander<'a> {
    lexer: &'a Lexer,
    variables: &'a dyn Variables,
    used: BTreeSet<String>,
    unset: Vec<String>,
}

impl<'a> Expander<'a> {
    pub(super) fn new(lexer: &'a Lexer, variables: &'a dyn Variables) -> Expander<'a> {
        Expander {
            lexer,
            variables,
            used: BTreeSet::new(),
            unset: Vec::new(),
        }
    }

    pub(super) fn word(&mut self, word: &str) -> Result<String, Problem> {
        self.expand_by(self.lexer, word)
    }

    fn words(&mut self, words: &[String]) -> Result<Vec<String>, Problem> {
        words.iter().map(|word| self.word(word)).collect()
    }

    fn option(&mut self, word: &Option<String>) -> Result<Option<String>, Problem> {
        let expanded = word.as_deref().map(|word| self.word(word)).transpose()?;
        Ok(expanded.filter(|word| !word.is_empty()))
    }

    fn document(&mut self, text: &str) -> Result<String, Problem> {
        self.expand_by(&self.lexer.within_heredocs(), text)
    }

    /// A word may become several, or none. What it asks for is used, but never reported as undefined.
    fn split(&mut self, words: &[String]) -> Result<Vec<String>, Problem> {
        let mut split = Vec::new();
        for word in words {
            self.used
                .extend(self.lexer.expand(word, self.variables)?.used);
            split.extend(self.lexer.split(word, self.variables)?);
        }
        Ok(split)
    }

    fn expand_by(&mut self, lexer: &Lexer, text: &str) -> Result<String, Problem> {
        let expansion = lexer.expand(text, self.variables)?;
        self.used.extend(expansion.used);
        self.unset.extend(expansion.unset);
        Ok(expansion.text)
    }
}

fn expand_copy(copy: &Copy, expander: &mut Expander<'_>) -> Result<Copy, Problem> {
    Ok(Copy {
        chown: expander.option(&copy.chown)?,
        chmod: expander.option(&copy.chmod)?,
        files: expand_files(&copy.files, expander)?,
        ..copy.clone()
    })
}

fn expand_add(add: &Add, expander: &mut Expander<'_>) -> Result<Add, Problem> {
    Ok(Add {
        chown: expander.option(&add.chown)?,
        chmod: expander.option(&add.chmod)?,
        checksum: expander.option(&add.checksum)?,
        files: expand_files(&add.files, expander)?,
        ..add.clone()
    })
}

fn expand_files(files: &FileSources, expander: &mut Expander<'_>) -> Result<FileSources, Problem> {
    let paths = expander.words(&files.paths)?;
    let destination = expander.word(&files.destination)?;
    let inline = files.inline.iter().map(|file| {
        let content = match file.expand {
            true => expander.document(&file.content)?,
            false => file.content.clone(),
        };
        Ok(InlineFile {
            content,
            ..file.clone()
        })
    });
    Ok(FileSources {
        inline: inline.collect::<Result<_, Problem>>()?,
        paths,
        destination,
    })
}

fn expand_pairs(pairs: &[Pair], expander: &mut Expander<'_>) -> Result<Vec<Pair>, Problem> {
    let pairs = pairs.iter().map(|pair| {
        Ok(Pair {
            name: expander.word(&pair.name)?,
            value: expander.word(&pair.value)?,
            is_legacy: pair.is_legacy,
        })
    });
    pairs.collect()
}

fn expand_arg(arg: &Arg, expander: &mut Expander<'_>) -> Result<Arg, Problem> {
    let definitions = arg.definitions.iter().map(|definition| {
        let value = definition.value.as_deref();
        Ok(ArgDefinition {
            value: value.map(|value| expander.word(value)).transpose()?,
            ..definition.clone()
        })
    });
    Ok(Arg {
        definitions: definitions.collect::<Result<_, Problem>>()?,
    })
}
