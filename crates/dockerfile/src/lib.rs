//! Dockerfiles: text to tree to typed instructions, variables, stages, lint; `.dockerignore` and path patterns.
//!
//! Pure: no files, no network, no clock, no environment. What a build knows (build arguments, platforms, the
//! environment of base images) is passed in. It decides what a Dockerfile says and never what to do about it: the
//! builder runs it, the command line prints errors and findings.

mod error;
mod excerpt;
pub mod glob;
pub mod lexer;
pub mod parser;
mod quote;
mod source;
mod suggest;

pub use error::{Error, Problem};
pub use excerpt::{Excerpt, ExcerptRow};
pub use lexer::{EnvList, Expansion, Lexer, NoVariables, Variables};
pub use parser::{Directive, Heredoc, Node, Tree, detect_syntax, parse};
pub use source::{Lines, Position, Source};
