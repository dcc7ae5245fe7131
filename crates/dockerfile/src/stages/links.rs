//! What one stage refers to.

use crate::instruction::Statement;
use std::collections::BTreeSet;
use wharf_oci::Platform;

/// One stage's place among the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageLinks {
    pub base: Base,
    /// What `--platform` says; none means the base's own, or the target's.
    pub platform: Option<Platform>,
    /// A named context stands in for the whole stage: neither its base nor its instructions count.
    pub is_replaced: bool,
    /// The arguments that its FROM line used.
    pub used_arguments: BTreeSet<String>,
    /// The ONBUILD instructions of the base, which run before the stage's own.
    pub triggers: Vec<Statement>,
    pub uses: Vec<Use>,
}

/// What a stage begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// Nothing.
    Scratch,
    /// An earlier stage, by its number.
    Stage(usize),
    /// An image, or a named context that goes by its name.
    Image(String),
}

/// A use of files from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    pub place: Place,
    /// Which of the instruction's mounts it is; none for COPY.
    pub mount: Option<usize>,
    pub origin: Origin,
    /// The name as written.
    pub reference: String,
}

/// Which instruction of a stage, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Trigger(usize),
    Statement(usize),
}

/// Where files come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nothing, which has no files.
    Scratch,
    Stage(usize),
    /// An image or a named context.
    Image(String),
}
