//! Upper and lower case: keywords, `AS`, stage names.

use super::{Rule, collector::Collector};
use crate::Dockerfile;

pub(super) fn check_stage_lines(dockerfile: &Dockerfile, collector: &mut Collector) {
    for stage in &dockerfile.stages {
        let from = &stage.from;
        let Some((keyword, name)) = &from.written_name else {
            continue;
        };
        if *name != name.to_lowercase() {
            let message = format!("Stage name '{name}' should be lowercase");
            collector.report_at(Rule::StageNameCasing, from.lines, &from.comments, message);
        }
        // A keyword in mixed case is the other rule's.
        let matches = if is_lower(&from.keyword) {
            is_lower(keyword)
        } else {
            !is_upper(&from.keyword) || is_upper(keyword)
        };
        if !matches {
            let message = format!(
                "'{keyword}' and '{}' keywords' casing do not match",
                from.keyword
            );
            collector.report_at(Rule::FromAsCasing, from.lines, &from.comments, message);
        }
    }
}

/// Every keyword should be in the case that most are in.
pub(super) fn check_keywords(dockerfile: &Dockerfile, collector: &mut Collector) {
    let keywords: Vec<_> = dockerfile
        .stages
        .iter()
        .flat_map(|stage| {
            let statements = stage.statements.iter();
            let rest = statements.map(|statement| (&statement.keyword, statement.lines));
            std::iter::once((&stage.from.keyword, stage.from.lines)).chain(rest)
        })
        .collect();
    let lower = keywords
        .iter()
        .filter(|(keyword, _)| is_lower(keyword))
        .count();
    let upper = keywords
        .iter()
        .filter(|(keyword, _)| is_upper(keyword))
        .count();
    for (keyword, lines) in keywords {
        let (is_right, casing) = if lower > upper {
            (is_lower(keyword), "lowercase")
        } else {
            (is_upper(keyword), "uppercase")
        };
        if !is_right {
            let message = format!(
                "Command '{keyword}' should match the case of the command majority ({casing})"
            );
            collector.report(Rule::ConsistentInstructionCasing, lines, message);
        }
    }
}

fn is_lower(keyword: &str) -> bool {
    *keyword == keyword.to_lowercase()
}

fn is_upper(keyword: &str) -> bool {
    *keyword == keyword.to_uppercase()
}
