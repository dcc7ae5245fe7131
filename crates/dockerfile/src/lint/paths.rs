//! WORKDIR and the sources of COPY and ADD.

use super::{LintInput, Rule, collector::Collector, walk::Visit};
use crate::{
    Problem,
    ignore::PatternSet,
    instruction::{Instruction, Mount, resolve_mount_target},
    quote::quote,
    values::{SourceKind, classify_source, clean_path, is_absolute_path},
};

pub(super) fn check_paths(visit: &Visit<'_>, input: &LintInput<'_>, collector: &mut Collector) {
    match &visit.expanded.instruction {
        Instruction::Workdir(workdir) if !visit.has_workdir && !is_absolute_path(&workdir.path) => {
            let message = format!(
                "Relative workdir {} can have unexpected results if the base image changes",
                quote(&workdir.path)
            );
            visit.report(Rule::WorkdirRelativePath, message, collector);
        }
        Instruction::Copy(copy) if copy.from.is_none() => {
            check_sources(visit, "Copy", &copy.files.paths, input, collector);
        }
        Instruction::Add(add) => check_sources(visit, "Add", &add.files.paths, input, collector),
        _ => {}
    }
}

/// Fails on a mount over the root, as a build would.
pub(super) fn check_mounts(visit: &Visit<'_>) -> Result<(), Problem> {
    let (Instruction::Run(run), Some(workdir)) = (&visit.expanded.instruction, visit.workdir)
    else {
        return Ok(());
    };
    for mount in run.resolve_mounts(visit.lexer, visit.scope.environment())? {
        let target = match &mount {
            Mount::Bind(bind) => &bind.target,
            Mount::Cache(cache) => &cache.target,
            Mount::Tmpfs(tmpfs) => &tmpfs.target,
            Mount::Secret(_) | Mount::Ssh(_) => continue,
        };
        resolve_mount_target(workdir, target)?;
    }
    Ok(())
}

/// Ignore files with exceptions are left alone: a directory may be ignored and something in it not.
fn check_sources(
    visit: &Visit<'_>,
    verb: &str,
    paths: &[String],
    input: &LintInput<'_>,
    collector: &mut Collector,
) {
    let Some(ignore) = input.ignore.filter(|ignore| !ignore.has_exceptions()) else {
        return;
    };
    for path in paths {
        if !matches!(classify_source(path), Ok(SourceKind::Path(_))) {
            continue;
        }
        let cleaned = clean_path(path);
        let is_root = matches!(cleaned.as_str(), "." | "/");
        if is_root && !ignores_everything(ignore) {
            continue;
        }
        if ignore.is_match(&cleaned) {
            let message = format!(
                "Attempting to {verb} file {} that is excluded by .dockerignore",
                quote(&cleaned)
            );
            visit.report(Rule::CopyIgnoredFile, message, collector);
        }
    }
}

fn ignores_everything(ignore: &PatternSet) -> bool {
    let mut patterns = ignore.patterns().iter();
    patterns.any(|pattern| matches!(pattern.as_str(), "*" | "**" | "**/*"))
}
