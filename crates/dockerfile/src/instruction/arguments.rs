//! Taking a node's arguments apart, with the arity errors that all instructions share.

use crate::{
    Problem,
    parser::{Arguments, Node},
};

/// The words of either form.
pub(super) fn words(node: &Node) -> &[String] {
    match &node.arguments {
        Arguments::Words(words) | Arguments::Json(words) => words,
        Arguments::Trigger(_) => &[],
    }
}

pub(super) fn is_json(node: &Node) -> bool {
    matches!(node.arguments, Arguments::Json(_))
}

pub(super) fn exactly_one(node: &Node, keyword: &'static str) -> Result<String, Problem> {
    match words(node) {
        [only] => Ok(only.clone()),
        _ => Err(Problem::ExactlyOneArgument { keyword }),
    }
}

pub(super) fn at_least_one<'a>(
    node: &'a Node,
    keyword: &'static str,
) -> Result<&'a [String], Problem> {
    match words(node) {
        [] => Err(Problem::AtLeastOneArgument { keyword }),
        words => Ok(words),
    }
}
