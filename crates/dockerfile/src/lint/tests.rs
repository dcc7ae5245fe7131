//! Every rule, with what it finds and what it leaves alone.

use super::*;
use crate::{EnvList, Lines, ignore::PatternSet, scope::BuildArguments};
use std::collections::{BTreeMap, BTreeSet};
use wharf_oci::Platform;

fn platform(architecture: &str) -> Platform {
    Platform {
        os: "linux".to_owned(),
        architecture: architecture.to_owned(),
        ..Platform::default()
    }
}

/// Base images `a` and `shelly` are known.
fn check_with(text: &str, given: &[(&str, &str)], ignore: Option<&PatternSet>) -> LintReport {
    let given: BuildArguments = given
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let known = BaseImage {
        environment: [("KNOWN", "1")].into_iter().collect(),
        has_shell: false,
        workdir: "/home".to_owned(),
        platform: platform("amd64"),
        triggers: Vec::new(),
    };
    let shelly = BaseImage {
        environment: EnvList::new(),
        has_shell: true,
        workdir: String::new(),
        platform: platform("arm64"),
        triggers: vec!["WORKDIR relative".to_owned()],
    };
    let images = BTreeMap::from([("a".to_owned(), known), ("shelly".to_owned(), shelly)]);
    let platform = platform("amd64");
    let input = LintInput {
        given: &given,
        build_platform: &platform,
        target_platform: &platform,
        target: None,
        every_stage: true,
        contexts: &BTreeSet::new(),
        images: &images,
        ignore,
    };
    lint(text.as_bytes(), &input)
}

fn check(text: &str) -> Vec<(Rule, u32, String)> {
    let report = check_with(text, &[], None);
    assert_eq!(report.error, None, "{text}");
    let findings = report.findings.into_iter();
    findings
        .map(|finding| (finding.rule, finding.lines.first, finding.message))
        .collect()
}

fn assert_finds(text: &str, expected: &[(Rule, u32, &str)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(rule, line, message)| (*rule, *line, (*message).to_owned()))
        .collect();
    assert_eq!(check(text), expected, "{text}");
}

#[test]
fn a_good_file_has_no_findings() {
    assert_finds(
        "# check=experimental=all\nARG V=1\n# base is it\nFROM a AS base\nWORKDIR /x\nENV B=$KNOWN\nCOPY . .\nCMD [\"x\"]\nFROM --platform=$BUILDPLATFORM a\nUSER $PATH\nEXPOSE 80/tcp\n",
        &[],
    );
}

#[test]
fn casing_of_keywords_and_names() {
    assert_finds(
        "FROM a AS Base\nrun x\nRun y\nFROM base as z",
        &[
            (
                Rule::StageNameCasing,
                1,
                "Stage name 'Base' should be lowercase",
            ),
            (
                Rule::ConsistentInstructionCasing,
                2,
                "Command 'run' should match the case of the command majority (uppercase)",
            ),
            (
                Rule::ConsistentInstructionCasing,
                3,
                "Command 'Run' should match the case of the command majority (uppercase)",
            ),
            (
                Rule::FromAsCasing,
                4,
                "'as' and 'FROM' keywords' casing do not match",
            ),
        ],
    );
    assert_finds("from a as b\nrun c", &[]);
}

#[test]
fn names_of_stages() {
    assert_finds(
        "FROM a AS scratch\nFROM a AS b\nFROM a AS b",
        &[
            (
                Rule::ReservedStageName,
                1,
                "Stage name should not use the same name as reserved stage \"scratch\"",
            ),
            (
                Rule::DuplicateStageName,
                3,
                "Duplicate stage name \"b\", stage names should be unique",
            ),
        ],
    );
}

#[test]
fn arguments_of_from_lines() {
    assert_finds(
        "ARG TAG=1\nFROM a$TGA AS x\nARG LATE\nFROM ${LATE:-a} AS y",
        &[
            (
                Rule::UndefinedArgInFrom,
                2,
                "FROM argument 'TGA' is not declared (did you mean TAG?)",
            ),
            (
                Rule::UndefinedArgInFrom,
                4,
                "FROM argument 'LATE' is not declared",
            ),
        ],
    );
    let report = check_with("ARG B\nFROM $B", &[("B", "a")], None);
    assert_eq!(report.findings.len(), 1);
    assert_eq!(
        report.findings[0].message,
        "Default value for ARG $B results in empty or invalid base image name"
    );
}

#[test]
fn platforms_of_from_lines() {
    assert_finds(
        "FROM --platform=$TARGETPLATFORM a\nFROM --platform=linux/amd64 a AS x\nFROM --platform=linux/amd64 a AS amd64-x\nFROM shelly",
        &[
            (
                Rule::RedundantTargetPlatform,
                1,
                "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior",
            ),
            (
                Rule::FromPlatformFlagConstDisallowed,
                2,
                "FROM --platform flag should not use constant value \"linux/amd64\"",
            ),
            (
                Rule::InvalidBaseImagePlatform,
                4,
                "Base image shelly was pulled with platform \"linux/arm64\", expected \"linux/amd64\" for current build",
            ),
            (
                Rule::WorkdirRelativePath,
                4,
                "Relative workdir \"relative\" can have unexpected results if the base image changes",
            ),
        ],
    );
}

#[test]
fn variables_that_nothing_sets() {
    assert_finds(
        "ARG GLOBAL=1\nFROM a\nARG DECLARED\nENV OWN=1\nCOPY $OWM $DECLARED /$GLOBAL\nUSER ${NONE:-x}$KNOWN",
        &[
            (
                Rule::UndefinedVar,
                5,
                "Usage of undefined variable '$OWM' (did you mean $OWN?)",
            ),
            (
                Rule::UndefinedVar,
                5,
                "Usage of undefined variable '$GLOBAL'",
            ),
            (Rule::UndefinedVar, 6, "Usage of undefined variable '$NONE'"),
        ],
    );
    assert_finds(
        "FROM a\nENV KNOWN=$KNOWM KNOWS=$KNOWZ",
        &[
            (
                Rule::UndefinedVar,
                2,
                "Usage of undefined variable '$KNOWM' (did you mean $KNOWN?)",
            ),
            (
                Rule::UndefinedVar,
                2,
                "Usage of undefined variable '$KNOWZ' (did you mean $KNOWN?)",
            ),
        ],
    );
    // Nobody knows what this image sets.
    assert_finds("FROM unknown\nUSER $WHATEVER", &[]);
    assert_finds(
        "FROM scratch\nUSER $WHATEVER",
        &[(
            Rule::UndefinedVar,
            2,
            "Usage of undefined variable '$WHATEVER'",
        )],
    );
}

#[test]
fn pairs_and_secrets() {
    assert_finds(
        "FROM a\nENV A b\nLABEL c d\nENV GITHUB_TOKEN=x PUBLIC_KEY=y\nARG api_password MONKEY",
        &[
            (
                Rule::LegacyKeyValueFormat,
                2,
                "\"ENV key=value\" should be used instead of legacy \"ENV key value\" format",
            ),
            (
                Rule::LegacyKeyValueFormat,
                3,
                "\"LABEL key=value\" should be used instead of legacy \"LABEL key value\" format",
            ),
            (
                Rule::SecretsUsedInArgOrEnv,
                4,
                "Do not use ARG or ENV instructions for sensitive data (ENV \"GITHUB_TOKEN\")",
            ),
            (
                Rule::SecretsUsedInArgOrEnv,
                5,
                "Do not use ARG or ENV instructions for sensitive data (ARG \"api_password\")",
            ),
        ],
    );
}

#[test]
fn commands_and_their_forms() {
    assert_finds(
        "FROM a AS x\nMAINTAINER me\nCMD a\nCMD [\"b\"]\nHEALTHCHECK NONE\nHEALTHCHECK NONE\nFROM x\nCMD [\"c\"]\nFROM a\nSHELL [\"s\"]\nENTRYPOINT x",
        &[
            (
                Rule::MaintainerDeprecated,
                2,
                "Maintainer instruction is deprecated in favor of using label",
            ),
            (
                Rule::JsonArgsRecommended,
                3,
                "JSON arguments recommended for CMD to prevent unintended behavior related to OS signals",
            ),
            (
                Rule::MultipleInstructionsDisallowed,
                3,
                "Multiple CMD instructions should not be used in the same stage because only the last one will be used",
            ),
            (
                Rule::MultipleInstructionsDisallowed,
                5,
                "Multiple HEALTHCHECK instructions should not be used in the same stage because only the last one will be used",
            ),
        ],
    );
}

#[test]
fn ports_directories_and_empty_lines() {
    assert_finds(
        "FROM a AS x\nEXPOSE 80/TCP 127.0.0.1:90:90\nWORKDIR rel\nWORKDIR again\nRUN y \\\n\n  z\nFROM x\nWORKDIR more",
        &[
            (
                Rule::ExposeInvalidFormat,
                2,
                "EXPOSE instruction should not define an IP address or host-port mapping, found '127.0.0.1:90:90'",
            ),
            (
                Rule::ExposeProtoCasing,
                2,
                "Defined protocol '80/TCP' in EXPOSE instruction should be lowercase",
            ),
            (
                Rule::WorkdirRelativePath,
                3,
                "Relative workdir \"rel\" can have unexpected results if the base image changes",
            ),
            (Rule::NoEmptyContinuation, 7, "Empty continuation line"),
        ],
    );
}

#[test]
fn sources_that_the_ignore_file_leaves_out() {
    let text = "FROM a\nCOPY x/y z /\nADD ./x/ https://h/x /\nCOPY --from=a x /\nCOPY . /";
    let messages = |patterns: &[&str]| {
        let set = PatternSet::new(patterns.iter().copied()).expect("patterns");
        let report = check_with(text, &[], Some(&set));
        let findings = report.findings.into_iter();
        findings.map(|finding| finding.message).collect::<Vec<_>>()
    };
    assert_eq!(
        messages(&["x"]),
        [
            "Attempting to Copy file \"x/y\" that is excluded by .dockerignore",
            "Attempting to Add file \"x\" that is excluded by .dockerignore",
        ]
    );
    assert_eq!(messages(&["x", "!x/y"]), [""; 0]);
    assert_eq!(messages(&["*"]).len(), 4);
}

#[test]
fn descriptions_are_checked_on_request() {
    let text = "# wrong words\nFROM a AS b\n# c is right\nARG c d\n# wrong\nARG e f";
    assert_finds(text, &[]);
    assert_finds(
        &format!("# check=experimental=InvalidDefinitionDescription\n{text}"),
        &[
            (
                Rule::InvalidDefinitionDescription,
                3,
                "Comment for FROM should follow the format: `# b <description>`",
            ),
            (
                Rule::InvalidDefinitionDescription,
                7,
                "Comment for ARG should follow the format: `# <arg_key> <description>`",
            ),
        ],
    );
}

#[test]
fn rules_can_be_skipped_for_a_file_a_build_or_an_instruction() {
    let body = "FROM a AS B\nCMD x";
    assert_eq!(
        check(&format!("# check=skip=StageNameCasing\n{body}")).len(),
        1
    );
    assert_eq!(
        check(&format!("# check=skip=all;error=true\n{body}")).len(),
        0
    );
    assert_eq!(
        check("FROM a AS B\n# check=skip=JSONArgsRecommended\nCMD x").len(),
        1
    );
    let report = check_with(
        body,
        &[(
            "BUILDKIT_DOCKERFILE_CHECK",
            "skip=StageNameCasing;error=true",
        )],
        None,
    );
    assert_eq!((report.findings.len(), report.fails), (1, true));
    let report = check_with(
        &format!("# check=error=true\n{body}"),
        &[("BUILDKIT_DOCKERFILE_CHECK", "")],
        None,
    );
    assert!(!report.fails && report.findings.len() == 2);
}

#[test]
fn what_stops_a_build_stops_the_check() {
    for (text, line) in [
        ("FROM a\nCOYP x", 2),
        ("FROM a\nEXPOSE x", 2),
        ("FROM a\nUSER ${x:?}", 2),
        ("FROM a\nRUN --mount=target=.. x", 2),
        ("FROM a\nWORKDIR /\nRUN --mount=type=tmpfs,target=. x", 3),
        ("FROM a\nCOPY --from=9 b c", 2),
        ("# check=what\nFROM a", 1),
        ("FROM a\nCOPY --from=late b c\nFROM a AS late", 2),
    ] {
        let report = check_with(text, &[], None);
        let found = report.error.and_then(|error| error.lines());
        assert_eq!(found, Some(Lines::single(line)), "{text}");
    }
    // Findings from before it are kept.
    for text in ["FROM a AS B\nEXPOSE x", "FROM a AS B\nEXPOZE x"] {
        assert_eq!(check_with(text, &[], None).findings.len(), 1, "{text}");
    }
}

#[test]
fn a_finding_shows_its_lines() {
    let report = check_with("FROM a AS B\nRUN x\n", &[], None);
    let excerpt = report.findings[0].excerpt(&report.source).expect("lines");
    assert!(excerpt.to_string().contains("   1 | >>> FROM a AS B\n"));
    let json = serde_json::to_value(&report.findings[0]).expect("JSON");
    assert_eq!(json["rule"], "StageNameCasing");
}

#[test]
fn every_rule_has_a_name_of_its_own() {
    let names: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.name()).collect();
    assert_eq!(names.len(), Rule::ALL.len());
    assert!(Rule::ALL.iter().all(|rule| !rule.description().is_empty()));
}
