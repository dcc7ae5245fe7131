//! Arguments that exist without an ARG: platforms, proxies, and the builder's own switches.

use super::BuildArguments;
use crate::{Dockerfile, EnvList, instruction::Instruction, values::format_platform};
use wharf_oci::Platform;

/// Given to every step, but neither part of its cache key nor of the history unless an ARG declares them.
const PROXIES: [&str; 5] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "FTP_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
];

const PLATFORMS: [&str; 11] = [
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDOSVERSION",
    "BUILDARCH",
    "BUILDVARIANT",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETOSVERSION",
    "TARGETARCH",
    "TARGETVARIANT",
    "TARGETSTAGE",
];

/// Whether the builder itself knows the argument: giving it is no mistake although no ARG declares it.
pub fn is_predefined_argument(name: &str) -> bool {
    PROXIES.contains(&name.to_ascii_uppercase().as_str())
        || PLATFORMS.contains(&name)
        || name.starts_with("BUILDKIT_")
        || name == "SOURCE_DATE_EPOCH"
}

/// The arguments that say which platforms are at work: visible in FROM lines, and in stages that declare them.
///
/// `stage` is the target's name; an unnamed one is called `default`. A build argument of the same name replaces a value.
pub fn list_platform_arguments(
    build: &Platform,
    target: &Platform,
    stage: &str,
    given: &BuildArguments,
) -> EnvList {
    let stage = if stage.is_empty() { "default" } else { stage };
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let values = [
        build.to_string(),
        build.os.clone(),
        text(&build.os_version),
        build.architecture.clone(),
        text(&build.variant),
        format_platform(target),
        target.os.clone(),
        text(&target.os_version),
        target.architecture.clone(),
        text(&target.variant),
        stage.to_owned(),
    ];
    let pairs = PLATFORMS.into_iter().zip(values);
    pairs
        .map(|(name, value)| (name, given.get(name).cloned().unwrap_or(value)))
        .collect()
}

/// The build arguments that nothing declares and no one knows, for a warning.
pub fn find_unused_arguments(dockerfile: &Dockerfile, given: &BuildArguments) -> Vec<String> {
    let in_stages = dockerfile.stages.iter().flat_map(|stage| &stage.statements);
    let statements = in_stages.chain(
        dockerfile
            .global_arguments
            .iter()
            .map(|argument| &argument.statement),
    );
    let declared: Vec<&str> = statements
        .filter_map(|statement| match &statement.instruction {
            Instruction::Arg(arg) => Some(&arg.definitions),
            _ => None,
        })
        .flatten()
        .map(|definition| definition.name.as_str())
        .collect();
    let names = given.keys();
    names
        .filter(|name| !is_predefined_argument(name) && !declared.contains(&name.as_str()))
        .cloned()
        .collect()
}
