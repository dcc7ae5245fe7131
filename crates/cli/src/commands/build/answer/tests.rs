use serde_json::Value;

use super::*;

const FILE: &[u8] = b"\
# base has the tools
FROM alpine:3 AS Base
ARG VERSION=1
RUN --mount=type=secret,id=token,required=true make
FROM base
MAINTAINER me
";

fn input<'a>(
    given: &'a BTreeMap<String, String>,
    contexts: &'a BTreeSet<String>,
    images: &'a BTreeMap<String, wharf_dockerfile::lint::BaseImage>,
    platform: &'a Platform,
) -> LintInput<'a> {
    LintInput {
        given,
        build_platform: platform,
        target_platform: platform,
        target: None,
        contexts,
        images,
        ignore: None,
        every_stage: true,
    }
}

fn with_input<T>(use_it: impl FnOnce(&LintInput<'_>) -> T) -> T {
    let platform = Platform {
        os: "linux".to_owned(),
        architecture: "amd64".to_owned(),
        ..Platform::default()
    };
    use_it(&input(
        &BTreeMap::new(),
        &BTreeSet::new(),
        &BTreeMap::new(),
        &platform,
    ))
}

#[test]
fn a_check_lists_its_findings_as_buildkits_client_does() {
    let report = with_input(|input| wharf_dockerfile::lint::lint(FILE, input));
    let text = check::render_text(&Session::for_test(&[]), &report, "Dockerfile");
    assert!(
        text.starts_with(
            "Check complete, 2 warnings have been found!\n\nWARNING: StageNameCasing - https://"
        ),
        "{text}"
    );
    assert!(
        text.contains("\nDockerfile:2\n--------------------\n   1 |     # base"),
        "{text}"
    );
    assert!(text.contains("   6 | >>> MAINTAINER me\n"), "{text}");
    let json: Value =
        serde_json::from_str(&check::render_json(&report, "Dockerfile")).expect("JSON");
    assert_eq!(json["warnings"][0]["ruleName"], "StageNameCasing");
    assert_eq!(
        json["warnings"][1]["location"]["ranges"][0]["start"]["line"],
        6
    );
    assert_eq!(json["sources"][0]["filename"], "Dockerfile");
    assert!(json.get("buildError").is_none());
}

#[test]
fn a_clean_file_and_a_broken_one_are_told_apart() {
    let session = Session::for_test(&[]);
    let report = with_input(|input| wharf_dockerfile::lint::lint(b"FROM scratch\n", input));
    assert_eq!(
        check::render_text(&session, &report, "Dockerfile"),
        "Check complete, no warnings found.\n"
    );
    let report = with_input(|input| wharf_dockerfile::lint::lint(b"FROM a\nCOPPY . .\n", input));
    assert_eq!(check::render_text(&session, &report, "Dockerfile"), "");
    let error = report.error.expect("an error");
    let failure = explain(&error, &report.source, "Dockerfile").render();
    assert!(
        failure.contains("COPPY") && failure.contains("Dockerfile:2\n---"),
        "{failure}"
    );
}

#[test]
fn an_outline_has_tables() {
    let file = Dockerfile::parse(FILE).expect("a file");
    let outline =
        with_input(|input| wharf_dockerfile::outline_target(&file, input)).expect("an outline");
    let text = outline::render_text(&outline);
    assert!(
        text.contains("BUILD ARG   VALUE   DESCRIPTION\nVERSION     1       \n"),
        "{text}"
    );
    assert!(
        text.contains("SECRET   REQUIRED\ntoken    true\n"),
        "{text}"
    );
    let json: Value = serde_json::from_str(&outline::render_json(&outline, FILE)).expect("JSON");
    assert_eq!(json["args"][0]["name"], "VERSION");
    assert_eq!(json["secrets"][0]["required"], true);
    assert!(json.get("ssh").is_none());
}

#[test]
fn targets_are_listed_with_the_default_marked() {
    let file = Dockerfile::parse(FILE).expect("a file");
    let targets = wharf_dockerfile::list_targets(&file);
    assert_eq!(
        targets::render_text(&targets),
        "TARGET    DESCRIPTION\nbase      has the tools\n(default) \n"
    );
    let json: Value = serde_json::from_str(&targets::render_json(&targets, FILE)).expect("JSON");
    assert_eq!(json["targets"][0]["name"], "base");
    assert_eq!(json["targets"][1]["default"], true);
}
