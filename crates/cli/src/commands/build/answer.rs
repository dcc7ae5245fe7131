//! `--call` and `--check`: answers about a Dockerfile, in the texts and documents of BuildKit's client.

mod check;
mod outline;
mod table;
mod targets;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use wharf_builder::request::{BuildRequest, ContextSource};
use wharf_dockerfile::ignore::{PatternSet, read_ignore_file};
use wharf_dockerfile::lint::{LintInput, LintReport};
use wharf_dockerfile::{Dockerfile, Error, Source};
use wharf_oci::Platform;

use super::options::{Call, CallFormat, Method};
use crate::failure::Failure;
use crate::output::print_text;
use crate::session::Session;

/// Answers on standard output about the Dockerfile of that name and content. A check that finds something is a failure, unless the call says otherwise. What was
/// `checked` with base images at hand is not checked again.
pub(super) fn answer_call(
    session: &Session,
    call: Call,
    request: &BuildRequest,
    (name, bytes): &(String, Vec<u8>),
    platform: &Platform,
    checked: Option<LintReport>,
) -> Result<(), Failure> {
    let contexts: BTreeSet<String> = request.named_contexts.keys().cloned().collect();
    let ignore = read_ignore(&request.context, name);
    let images = BTreeMap::new();
    let input = LintInput {
        given: &request.build_args,
        build_platform: platform,
        target_platform: request.platforms.first().unwrap_or(platform),
        target: request.target.as_deref(),
        contexts: &contexts,
        images: &images,
        ignore: ignore.as_ref(),
        every_stage: request.target.is_none(),
    };
    let is_json = call.format == CallFormat::Json;
    match call.method {
        Method::Check => {
            let report = checked.unwrap_or_else(|| wharf_dockerfile::lint::lint(bytes, &input));
            let text = match is_json {
                true => check::render_json(&report, name),
                false => check::render_text(session, &report, name),
            };
            print_text(session, &text)?;
            match report.error {
                Some(error) => Err(explain(&error, &report.source, name)),
                None if report.findings.is_empty() || call.ignores_status => Ok(()),
                None => Err(Failure::new(session.text("cli.build.check.failed", &[]))),
            }
        }
        Method::Outline => {
            let file = parse(bytes, name)?;
            let outline = wharf_dockerfile::outline_target(&file, &input)
                .map_err(|error| explain(&error, &Source::new(bytes), name))?;
            print_text(
                session,
                &match is_json {
                    true => outline::render_json(&outline, bytes),
                    false => outline::render_text(&outline),
                },
            )
        }
        Method::Targets => {
            let file = parse(bytes, name)?;
            let targets = wharf_dockerfile::list_targets(&file);
            print_text(
                session,
                &match is_json {
                    true => targets::render_json(&targets, bytes),
                    false => targets::render_text(&targets),
                },
            )
        }
    }
}

/// Whether a stage stands on an image that would have to be asked: for its variables, its platform, its shell.
pub(super) fn needs_images(bytes: &[u8]) -> bool {
    let Ok(file) = Dockerfile::parse(bytes) else {
        return false;
    };
    let targets = wharf_dockerfile::list_targets(&file);
    let is_stage = |base: &str| {
        let mut names = targets.iter().filter_map(|target| target.name.as_deref());
        names.any(|name| name.eq_ignore_ascii_case(base))
    };
    let mut bases = targets.iter().map(|target| target.base.as_str());
    bases.any(|base| base != "scratch" && !is_stage(base))
}

fn parse(bytes: &[u8], name: &str) -> Result<Dockerfile, Failure> {
    Dockerfile::parse(bytes).map_err(|error| explain(&error, &Source::new(bytes), name))
}

/// The error with its place; the source is shown above it.
fn explain(error: &Error, source: &Source, name: &str) -> Failure {
    let mut message = error.to_string();
    if let Some(excerpt) = error.excerpt(source) {
        let line = error.lines().map_or(0, |lines| lines.first);
        message = format!("{message}\n{name}:{line}\n{excerpt}")
            .trim_end()
            .to_owned();
    }
    let failure = Failure::new(message);
    match error.hint() {
        Some(hint) => failure.with_hint(hint),
        None => failure,
    }
}

/// The ignore file of this Dockerfile, else the context's; one that cannot be read is none, as for a build it would be
/// an error that says so.
fn read_ignore(context: &ContextSource, name: &str) -> Option<PatternSet> {
    let ContextSource::Directory(folder) = context else {
        return None;
    };
    let own = folder.join(format!("{name}.dockerignore"));
    let common = folder.join(".dockerignore");
    let read = |path: &Path| std::fs::read(path).ok();
    let bytes = read(&own).or_else(|| read(&common))?;
    let patterns = read_ignore_file(&bytes);
    PatternSet::new(patterns.iter().map(String::as_str)).ok()
}

#[cfg(test)]
mod tests;
