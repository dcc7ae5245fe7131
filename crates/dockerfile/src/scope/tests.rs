//! Arguments from the command line to a step.

use super::*;
use crate::{Dockerfile, EnvList, Variables, values::parse_platform};
use wharf_oci::Platform;

fn platform(text: &str) -> Platform {
    parse_platform(text, &Platform::default()).expect(text)
}

fn given(pairs: &[(&str, &str)]) -> BuildArguments {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn resolve(text: &str, given: &BuildArguments) -> (Dockerfile, GlobalArguments) {
    let file = Dockerfile::parse(text.as_bytes()).expect(text);
    let platforms = list_platform_arguments(
        &platform("linux/amd64"),
        &platform("linux/arm/v7"),
        "",
        given,
    );
    let global = GlobalArguments::resolve(&file, platforms, given).expect(text);
    (file, global)
}

/// The scope at the end of the only stage.
fn walk(text: &str, base: &[(&str, &str)], arguments: &[(&str, &str)]) -> StageScope {
    let given = given(arguments);
    let (file, global) = resolve(text, &given);
    let environment: EnvList = base.iter().copied().collect();
    let mut scope = StageScope::new(environment);
    for statement in &file.stages[0].statements {
        scope
            .evaluate(&statement.instruction, &file.lexer(), &global, &given)
            .expect(text);
    }
    scope
}

fn entries(scope: &StageScope) -> Vec<(&str, &str)> {
    scope.environment().iter().collect()
}

#[test]
fn platform_arguments_say_where_a_build_runs_and_what_for() {
    let overrides = given(&[("TARGETARCH", "mine")]);
    let values = list_platform_arguments(
        &platform("linux/amd64"),
        &platform("linux/arm/v7"),
        "",
        &overrides,
    );
    for (name, expected) in [
        ("BUILDPLATFORM", "linux/amd64"),
        ("BUILDVARIANT", ""),
        ("TARGETPLATFORM", "linux/arm/v7"),
        ("TARGETOS", "linux"),
        ("TARGETARCH", "mine"),
        ("TARGETVARIANT", "v7"),
        ("TARGETSTAGE", "default"),
    ] {
        assert_eq!(values.get(name), Some(expected), "{name}");
    }
}

#[test]
fn global_arguments_see_those_above_and_the_platforms() {
    let text = "ARG A=1 B=${A}-$TARGETARCH\nARG C\nARG D=$B\nFROM x";
    let (_, global) = resolve(text, &given(&[("A", "2")]));
    let value = |name| global.get(name);
    assert_eq!(value("A"), Some("2"));
    assert_eq!(value("B"), Some("2-arm"));
    assert_eq!(value("C"), None);
    assert_eq!(value("D"), Some("2-arm"));
    assert!(global.known_names().contains(&"C"));
}

#[test]
fn a_stage_sees_global_arguments_only_when_it_declares_them() {
    let text = "ARG A=1\nFROM x\nENV B=${A:-none}\nARG A\nENV C=$A\nARG A=3\nENV D=$A";
    let scope = walk(text, &[], &[]);
    assert_eq!(
        entries(&scope),
        [("B", "none"), ("A", "3"), ("C", "1"), ("D", "3")]
    );
}

#[test]
fn a_build_argument_wins_over_defaults() {
    let text = "FROM x\nARG A=1 B=$A C\nENV D=$A$B$C";
    let scope = walk(text, &[], &[("A", "9")]);
    assert_eq!(entries(&scope), [("A", "9"), ("B", "9"), ("D", "99")]);
    let arguments = [("A", "9"), ("B", "9"), ("C", "")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(scope.arguments(), arguments);
    assert!(scope.declares("C") && !scope.declares("D"));
}

#[test]
fn an_environment_variable_replaces_an_argument() {
    let scope = walk("FROM x\nARG A=1\nENV A=2", &[("PATH", "/bin")], &[]);
    assert_eq!(entries(&scope), [("PATH", "/bin"), ("A", "2")]);
    assert_eq!(scope.arguments(), [("A".to_owned(), "2".to_owned())]);
}

#[test]
fn one_instruction_sees_the_values_from_before_it() {
    let scope = walk("FROM x\nENV a=1\nENV a=2 b=$a", &[], &[]);
    assert_eq!(entries(&scope), [("a", "2"), ("b", "1")]);
}

#[test]
fn the_builders_own_arguments_do_not_reach_steps() {
    let scope = walk("FROM x\nARG BUILDKIT_SBOM_SCAN_STAGE=true", &[], &[]);
    assert_eq!(entries(&scope), []);
    assert!(scope.declares("BUILDKIT_SBOM_SCAN_STAGE"));
}

#[test]
fn arguments_that_nothing_declares_are_reported() {
    let file = Dockerfile::parse(b"ARG A\nFROM x\nARG B").expect("a file");
    let given = given(&[
        ("A", ""),
        ("B", ""),
        ("C", ""),
        ("http_proxy", ""),
        ("BUILDKIT_INLINE_CACHE", "1"),
        ("TARGETARCH", "x"),
        ("SOURCE_DATE_EPOCH", "0"),
    ]);
    assert_eq!(find_unused_arguments(&file, &given), ["C"]);
}
