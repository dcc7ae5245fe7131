//! Dockerfiles: text to tree to typed instructions, variables, stages, lint; `.dockerignore` and path patterns.
//!
//! Pure: no files, no network, no clock, no environment. What a build knows (build arguments, platforms, the
//! environment of base images) is passed in. It decides what a Dockerfile says and never what to do about it: the
//! builder runs it, the command line prints errors and findings.

mod dockerfile;
mod error;
mod excerpt;
mod frontend;
pub mod glob;
pub mod ignore;
pub mod instruction;
pub mod lexer;
pub mod lint;
mod outline;
pub mod parser;
mod quote;
pub mod scope;
mod source;
pub mod stages;
mod suggest;
mod targets;
pub mod values;

pub use dockerfile::{Dockerfile, GlobalArgument, MAX_STAGES, Stage};
pub use error::{Error, Problem};
pub use excerpt::{Excerpt, ExcerptRow};
pub use frontend::check_frontend;
pub use instruction::{Instruction, Statement};
pub use lexer::{EnvList, Expansion, Lexer, NoVariables, Variables};
pub use outline::{Outline, OutlineArgument, OutlineMount, outline_target};
pub use parser::{Directive, Heredoc, Node, Tree, detect_syntax, parse};
pub use source::{Lines, Position, Source};
pub use stages::StageGraph;
pub use targets::{Target, list_targets};
