//! CMD, ENTRYPOINT, HEALTHCHECK, MAINTAINER, and how instructions are continued.

use super::{Rule, collector::Collector, walk::Visit};
use crate::{
    Dockerfile, Lines,
    instruction::{CommandLine, Form, Instruction},
};

pub(super) fn check_continuations(dockerfile: &Dockerfile, collector: &mut Collector) {
    for warning in &dockerfile.warnings {
        collector.report(
            Rule::NoEmptyContinuation,
            Lines::single(warning.line),
            "Empty continuation line".to_owned(),
        );
    }
}

pub(super) fn check_maintainer(dockerfile: &Dockerfile, collector: &mut Collector) {
    for stage in &dockerfile.stages {
        for statement in &stage.statements {
            if matches!(statement.instruction, Instruction::Maintainer(_)) {
                collector.report_at(
                    Rule::MaintainerDeprecated,
                    statement.lines,
                    &statement.comments,
                    "Maintainer instruction is deprecated in favor of using label".to_owned(),
                );
            }
        }
    }
}

pub(super) fn check_command(visit: &Visit<'_>, collector: &mut Collector) {
    match &visit.expanded.instruction {
        Instruction::Cmd(command) | Instruction::Entrypoint(command) => {
            check_repeated(visit, collector);
            check_form(visit, command, collector);
        }
        Instruction::Healthcheck(_) => check_repeated(visit, collector),
        _ => {}
    }
}

/// The finding is at the earlier one, since that is the one without effect.
fn check_repeated(visit: &Visit<'_>, collector: &mut Collector) {
    let Some(earlier) = visit.earlier else {
        return;
    };
    let message = format!(
        "Multiple {} instructions should not be used in the same stage because only the last one will be used",
        visit.statement.keyword
    );
    collector.report_at(
        Rule::MultipleInstructionsDisallowed,
        earlier,
        &visit.statement.comments,
        message,
    );
}

/// Who chose a shell wants it.
fn check_form(visit: &Visit<'_>, command: &CommandLine, collector: &mut Collector) {
    if matches!(command.form, Form::Shell(_)) && !visit.has_shell {
        let message = format!(
            "JSON arguments recommended for {} to prevent unintended behavior related to OS signals",
            visit.statement.keyword
        );
        visit.report(Rule::JsonArgsRecommended, message, collector);
    }
}
