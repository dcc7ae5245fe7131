//! `wharf build` from outside, as far as it goes without building.

use crate::home::Home;

#[test]
fn a_check_prints_its_findings_and_fails() {
    let home = Home::new();
    home.write("Dockerfile", "from scratch AS A\nMAINTAINER me\n");
    let outcome = home.run(&["build", "--check", "."]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    for text in [
        "Check complete, 4 warnings have been found!",
        "WARNING: StageNameCasing - https://",
        "\nDockerfile:2\n--------------------\n",
        "   2 | >>> MAINTAINER me\n",
    ] {
        assert!(outcome.stdout.contains(text), "{text}\n{}", outcome.stdout);
    }
    let outcome = home.run(&["build", "--call=targets", "."]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert_eq!(outcome.stdout, "TARGET      DESCRIPTION\na (default) \n");
    // Asking leaves nothing behind.
    assert!(!home.path().join(".local").exists());
}

#[test]
fn a_broken_dockerfile_is_shown_with_its_line() {
    let home = Home::new();
    home.write("Dockerfile", "FROM scratch\nCOPPY a b\n");
    let outcome = home.run(&["build", "--check", "."]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.stderr.contains("did you mean COPY"), "{outcome:?}");
    assert!(
        outcome.stderr.contains("   2 | >>> COPPY a b\n"),
        "{outcome:?}"
    );
}

#[test]
fn wrong_usage_ends_with_2_and_a_way_out() {
    let home = Home::new();
    home.write("Dockerfile", "FROM scratch\n");
    for (words, text) in [
        (&["build"][..], "<CONTEXT>"),
        (&["build", "missing"], "no such folder"),
        (
            &["build", "--cache-to", "type=inline", "."],
            "share a cache",
        ),
        (&["build", "--sbom=true", "."], "--sbom=false"),
        (&["build", "--builder", "x", "."], "builds by itself"),
        (&["build", "--push", "."], "-t REGISTRY/NAME:TAG"),
        (&["build", "--progress", "tty", "."], "--progress plain"),
        (&["build", "--secret", "src=x", "."], "type=secret"),
    ] {
        let outcome = home.run(words);
        assert_eq!(outcome.code, Some(2), "{words:?}: {outcome:?}");
        assert!(outcome.stderr.contains(text), "{text}: {}", outcome.stderr);
    }
}
