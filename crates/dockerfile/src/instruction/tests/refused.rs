//! Arity and flags.

use super::*;

#[test]
fn what_is_wrong_says_so() {
    for (text, expected) in [
        ("COYP a b", "unknown instruction: COYP (did you mean COPY?)"),
        (
            "wrkdir /a",
            "unknown instruction: wrkdir (did you mean workdir?)",
        ),
        (
            "COPY a",
            "COPY requires at least two arguments: without a second there is no destination",
        ),
        (
            "ADD",
            "ADD requires at least two arguments: without a second there is no destination",
        ),
        (
            "COPY --form=a b c",
            "unknown flag: --form (did you mean --from?)",
        ),
        ("COPY --link --link a b", "duplicate flag specified: --link"),
        ("COPY --checksum=x a b", "unknown flag: --checksum"),
        (
            "COPY a <<EOF\nx\nEOF",
            "COPY cannot accept a heredoc as a destination",
        ),
        ("ADD --parents a b", "unknown flag: --parents"),
        (
            "RUN --mount=type=bnd,target=$x,from=$y z",
            "'from' doesn't support variable expansion, define an alias stage instead",
        ),
        (
            "RUN --network=hots x",
            "invalid network mode \"hots\" (did you mean host?)",
        ),
        ("RUN --security=x y", "security \"x\" is not valid"),
        ("RUN --mount x", "missing a value on flag: --mount"),
        ("CMD --x y", "unknown flag: --x"),
        ("ARG --x y", "unknown flag: --x"),
        ("ENV", "ENV requires at least one argument"),
        ("ENV =a", "ENV names can not be blank"),
        ("ARG", "ARG requires at least one argument"),
        ("ARG =a", "ARG names can not be blank"),
        ("LABEL", "LABEL requires at least one argument"),
        ("EXPOSE", "EXPOSE requires at least one argument"),
        ("VOLUME", "VOLUME requires at least one argument"),
        ("VOLUME [\"\"]", "a VOLUME can not be an empty string"),
        ("USER", "USER requires exactly one argument"),
        ("WORKDIR", "WORKDIR requires exactly one argument"),
        ("STOPSIGNAL", "STOPSIGNAL requires exactly one argument"),
        ("MAINTAINER", "MAINTAINER requires exactly one argument"),
        ("SHELL", "SHELL requires at least one argument"),
        ("SHELL []", "SHELL requires at least one argument"),
        (
            "SHELL a -b",
            "SHELL requires the arguments to be in JSON form",
        ),
        ("HEALTHCHECK", "HEALTHCHECK requires at least one argument"),
        ("HEALTHCHECK NONE a", "HEALTHCHECK NONE takes no arguments"),
        ("HEALTHCHECK CMD", "missing command after HEALTHCHECK CMD"),
        (
            "HEALTHCHECK RUN a",
            "unknown type \"RUN\" in HEALTHCHECK (try CMD)",
        ),
        (
            "HEALTHCHECK --interval=1us CMD a",
            "--interval cannot be less than 1ms",
        ),
        ("HEALTHCHECK --timeout=5 CMD a", "invalid duration \"5\""),
        (
            "HEALTHCHECK --retries=-1 CMD a",
            "--retries is a number from 0 to 2147483647, not \"-1\"",
        ),
        ("ONBUILD", "ONBUILD requires at least one argument"),
        ("ONBUILD FROM a", "FROM isn't allowed as an ONBUILD trigger"),
        (
            "ONBUILD maintainer a",
            "maintainer isn't allowed as an ONBUILD trigger",
        ),
    ] {
        assert_eq!(
            try_statement(text).err().as_deref(),
            Some(expected),
            "{text}"
        );
    }
}

#[test]
fn from_has_a_base_and_perhaps_a_name() {
    let from = |text: &str| {
        let tree = parse(text.as_bytes()).expect(text);
        let from = parse_from(&tree.nodes[0]).expect("a FROM");
        from.map_err(|problem| problem.to_string())
    };
    let found = from("# a-1.x is it\nFROM --platform=$P b:c aS A-1.x").expect("a FROM");
    assert_eq!(found.name.as_deref(), Some("a-1.x"));
    assert_eq!(
        found.written_name,
        Some(("aS".to_owned(), "A-1.x".to_owned()))
    );
    assert_eq!(found.platform.as_deref(), Some("$P"));
    assert_eq!(found.description.as_deref(), Some("is it"));
    for text in [
        "FROM",
        "FROM a b",
        "FROM a AS",
        "FROM a IS b",
        "FROM a AS b c",
    ] {
        let expected = "FROM requires either one or three arguments";
        assert_eq!(from(text).err().as_deref(), Some(expected), "{text}");
    }
    for text in [
        "FROM a AS 1",
        "FROM a AS b/c",
        "FROM a AS -b",
        "FROM a AS $b",
    ] {
        let problem = from(text).expect_err(text);
        assert!(
            problem.starts_with("invalid name for build stage"),
            "{problem}"
        );
    }
    assert_eq!(
        from("FROM --plaform=a b").err().as_deref(),
        Some("unknown flag: --plaform (did you mean --platform?)")
    );
}
