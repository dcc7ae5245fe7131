//! FROM lines: their arguments, their platforms, and what the base image turned out to be.

use super::{LintInput, Rule, collector::Collector};
use crate::{
    Dockerfile, EnvList, Expansion, Stage, StageGraph, Variables,
    quote::quote,
    scope::{BuildArguments, GlobalArguments},
    stages::Base,
    values::{format_platform, is_image_name, normalize_platform, parse_platform},
};
use std::collections::BTreeSet;
use wharf_oci::Platform;

/// A base must make sense with the defaults alone, since others build the file without our build arguments.
pub(super) fn check_defaults(
    dockerfile: &Dockerfile,
    platforms: &EnvList,
    collector: &mut Collector,
) {
    // An argument without a good default is the build's error, reported in its place.
    let none = BuildArguments::new();
    let Ok(global) = GlobalArguments::resolve(dockerfile, platforms.clone(), &none) else {
        return;
    };
    let lexer = dockerfile.lexer();
    for stage in &dockerfile.stages {
        let Ok(base) = lexer.expand(&stage.from.base, &global) else {
            return;
        };
        if !is_image_name(&base.text) {
            let message = format!(
                "Default value for ARG {} results in empty or invalid base image name",
                stage.from.base
            );
            collector.report(Rule::InvalidDefaultArgInFrom, stage.from.lines, message);
        }
    }
}

pub(super) fn check_from_lines(
    dockerfile: &Dockerfile,
    global: &GlobalArguments,
    collector: &mut Collector,
) {
    let lexer = dockerfile.lexer();
    let known: BTreeSet<&str> = global.known_names().into_iter().collect();
    for stage in &dockerfile.stages {
        if let Ok(base) = lexer.expand(&stage.from.base, global) {
            check_arguments(stage, &base, &known, collector);
        }
        let Some(written) = &stage.from.platform else {
            continue;
        };
        if let Ok(platform) = lexer.expand(written, global) {
            check_arguments(stage, &platform, &known, collector);
            check_redundant(stage, written, &platform, global, collector);
            check_constant(stage, &platform, collector);
        }
    }
}

fn check_arguments(
    stage: &Stage,
    expansion: &Expansion,
    known: &BTreeSet<&str>,
    collector: &mut Collector,
) {
    for name in &expansion.unset {
        if known.contains(name.as_str()) {
            continue;
        }
        let suggestion = collector.suggest(name, "", known.iter().copied());
        let message = format!("FROM argument '{name}' is not declared{suggestion}");
        report(Rule::UndefinedArgInFrom, stage, message, collector);
    }
}

/// Nothing but the target's platform, which is the default.
fn check_redundant(
    stage: &Stage,
    written: &str,
    expansion: &Expansion,
    global: &GlobalArguments,
    collector: &mut Collector,
) {
    const TARGET: &str = "TARGETPLATFORM";
    let is_alone = expansion.used.len() == 1 && expansion.unset.is_empty();
    if is_alone
        && expansion.used.contains(TARGET)
        && global.get(TARGET) == Some(expansion.text.as_str())
    {
        let message = format!(
            "Setting platform to predefined {written} in FROM is redundant as this is the default behavior"
        );
        report(Rule::RedundantTargetPlatform, stage, message, collector);
    }
}

/// A stage that says its platform in its name is meant to have only that one.
fn check_constant(stage: &Stage, expansion: &Expansion, collector: &mut Collector) {
    if !expansion.used.is_empty() || !expansion.unset.is_empty() {
        return;
    }
    let Ok(platform) = parse_platform(&expansion.text, &Platform::default()) else {
        return;
    };
    let name = stage.from.name.as_deref().unwrap_or_default();
    if name.contains(&platform.os) || name.contains(&platform.architecture) {
        return;
    }
    let message = format!(
        "FROM --platform flag should not use constant value {}",
        quote(&expansion.text)
    );
    report(
        Rule::FromPlatformFlagConstDisallowed,
        stage,
        message,
        collector,
    );
}

pub(super) fn check_base_platforms(
    dockerfile: &Dockerfile,
    graph: &StageGraph,
    input: &LintInput<'_>,
    collector: &mut Collector,
) {
    for (stage, links) in dockerfile.stages.iter().zip(&graph.stages) {
        let Base::Image(name) = &links.base else {
            continue;
        };
        let Some(image) = input.images.get(name).filter(|_| !links.is_replaced) else {
            continue;
        };
        let expected = links.platform.as_ref().unwrap_or(input.target_platform);
        let found = &image.platform;
        if (&expected.os, &expected.architecture) != (&found.os, &found.architecture) {
            let show = |platform| quote(&format_platform(&normalize_platform(platform)));
            let message = format!(
                "Base image {name} was pulled with platform {}, expected {} for current build",
                show(found),
                show(expected)
            );
            collector.report(Rule::InvalidBaseImagePlatform, stage.from.lines, message);
        }
    }
}

fn report(rule: Rule, stage: &Stage, message: String, collector: &mut Collector) {
    collector.report_at(rule, stage.from.lines, &stage.from.comments, message);
}
