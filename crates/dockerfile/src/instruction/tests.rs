//! Instructions read, refused, expanded and described, each with the inputs that show it.

mod described;
mod expanded;
mod read;
mod refused;

use super::*;
use crate::parser::parse;

fn try_statement(text: &str) -> Result<Statement, String> {
    let tree = parse(text.as_bytes()).map_err(|error| error.to_string())?;
    assert_eq!(tree.nodes.len(), 1, "{text}");
    parse_statement(&tree.nodes[0]).map_err(|problem| problem.to_string())
}

fn statement(text: &str) -> Statement {
    try_statement(text).expect(text)
}

fn instruction(text: &str) -> Instruction {
    statement(text).instruction
}
