//! Comments above stages and arguments, which `--call=outline` and `--call=targets` show as descriptions.

use super::{Rule, collector::Collector};
use crate::{Dockerfile, Lines, instruction::Instruction};

pub(super) fn check_descriptions(dockerfile: &Dockerfile, collector: &mut Collector) {
    let global = dockerfile.global_arguments.iter();
    let global = global.map(|argument| &argument.statement);
    let staged = dockerfile.stages.iter().flat_map(|stage| &stage.statements);
    for statement in global.chain(staged) {
        if let Instruction::Arg(arg) = &statement.instruction {
            let definitions = arg.definitions.iter();
            let names: Vec<&str> = definitions.map(|found| found.name.as_str()).collect();
            check_comment(
                "ARG",
                &names,
                &statement.comments,
                statement.lines,
                collector,
            );
        }
    }
    for stage in &dockerfile.stages {
        if let Some(name) = &stage.from.name {
            let from = &stage.from;
            check_comment("FROM", &[name], &from.comments, from.lines, collector);
        }
    }
}

/// The nearest comment should begin with what it describes.
fn check_comment(
    keyword: &str,
    names: &[&str],
    comments: &[String],
    lines: Lines,
    collector: &mut Collector,
) {
    let Some(comment) = comments.last() else {
        return;
    };
    let first = comment.split(' ').next().unwrap_or_default();
    if names.contains(&first) {
        return;
    }
    let name = match names {
        [only] => only,
        _ => "<arg_key>",
    };
    let message =
        format!("Comment for {keyword} should follow the format: `# {name} <description>`");
    collector.report_at(Rule::InvalidDefinitionDescription, lines, comments, message);
}
