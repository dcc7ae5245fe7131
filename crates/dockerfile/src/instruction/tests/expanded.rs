//! Which words have variables.

use super::*;
use crate::{EnvList, Lexer};

fn expand(text: &str) -> Result<Expanded, String> {
    let variables: EnvList = [("a", "A"), ("two", "1 2"), ("empty", "")]
        .into_iter()
        .collect();
    instruction(text)
        .expand(&Lexer::new('\\'), &variables)
        .map_err(|problem| problem.to_string())
}

/// Both texts must say the same once the first is expanded.
fn assert_same(written: &str, meant: &str) {
    let found = expand(written).expect(written).instruction;
    assert_eq!(found, instruction(meant), "{written}");
}

#[test]
fn words_with_variables_are_expanded() {
    for (written, meant) in [
        (
            "COPY --chown=$a --chmod=$a $a /$a",
            "COPY --chown=A --chmod=A A /A",
        ),
        ("COPY --chown=$empty a b", "COPY a b"),
        ("ADD --checksum=$a \"$a\" /${a}", "ADD --checksum=A A /A"),
        ("ENV $a=$a b='$a'", "ENV A=A b=$a"),
        ("LABEL $a=\"$a b\"", "LABEL A=\"A b\""),
        ("STOPSIGNAL $a", "STOPSIGNAL A"),
        ("USER $a:$a", "USER A:A"),
        ("VOLUME /$a", "VOLUME /A"),
        ("WORKDIR /$a", "WORKDIR /A"),
        ("EXPOSE $two/udp", "EXPOSE 1 2/udp"),
    ] {
        match (
            expand(written).expect(written).instruction,
            instruction(meant),
        ) {
            // The quotes of the second text are resolved by expanding it, too.
            (found @ (Instruction::Env(_) | Instruction::Label(_)), plain) => {
                let plain = plain
                    .expand(&Lexer::new('\\'), &crate::NoVariables)
                    .expect(meant);
                let Instruction::Env(env) = &found else {
                    assert_eq!(found, plain.instruction, "{written}");
                    continue;
                };
                assert_eq!(env.pairs[1].value, "$a");
            }
            (found, plain) => assert_eq!(found, plain, "{written}"),
        }
    }
}

#[test]
fn other_words_stay_as_they_are() {
    for text in [
        "COPY --exclude=$a b c",
        "RUN echo $a",
        "CMD echo $a",
        "ENTRYPOINT [\"$a\"]",
        "SHELL [\"$a\"]",
        "HEALTHCHECK CMD $a",
        "ONBUILD RUN $a",
        "MAINTAINER $a",
    ] {
        assert_same(text, text);
    }
}

#[test]
fn heredoc_sources_keep_their_quotes_and_may_be_literal() {
    let found = expand("COPY <<A <<'B' /\n'$a' \\$a\nA\n$a\nB\n").expect("expands");
    let Instruction::Copy(copy) = found.instruction else {
        panic!("a COPY");
    };
    assert_eq!(copy.files.inline[0].content, "'A' $a\n");
    assert_eq!(copy.files.inline[1].content, "$a\n");
}

#[test]
fn what_was_asked_for_is_told() {
    let found = expand("ENV x=$a y=$no z=$no").expect("expands");
    assert_eq!(Vec::from_iter(found.used), ["a"]);
    assert_eq!(found.unset, ["no", "no"]);
    let found = expand("RUN --mount=target=$a,id=$no x").expect("expands");
    assert_eq!((found.used.len(), found.unset.len()), (1, 1));
}

#[test]
fn mounts_get_their_values_when_a_step_runs() {
    let Instruction::Run(run) = instruction("RUN --mount=type=$kind,target=/$a x") else {
        panic!("a RUN");
    };
    let variables: EnvList = [("kind", "tmpfs"), ("a", "A")].into_iter().collect();
    let mounts = run
        .resolve_mounts(&Lexer::new('\\'), &variables)
        .expect("mounts");
    let expected = TmpfsMount {
        target: "/A".to_owned(),
        size: None,
        read_only: false,
    };
    assert_eq!(mounts, [Mount::Tmpfs(expected)]);
    assert!(expand("RUN --mount=targt=/x y").is_err());
}

#[test]
fn a_word_that_can_not_be_expanded_is_an_error() {
    for text in [
        "USER ${a",
        "WORKDIR \"a",
        "ENV a=${no:?gone}",
        "COPY ${a:=b} c",
        "VOLUME $no",
    ] {
        assert!(expand(text).is_err(), "{text}");
    }
}
