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
fn values_are_checked_once_they_are_known() {
    for (text, expected) in [
        ("COPY https://h/a /", "source can't be a URL for COPY"),
        (
            "COPY https://h/a.git /",
            "source can't be a git ref for COPY",
        ),
        (
            "COPY --chmod=9 a /",
            "invalid chmod parameter \"9\": an octal number up to 07777 or symbolic modes such as u=rwx,go=rx",
        ),
        (
            "ADD --checksum=sha256:0 a /",
            "--checksum needs exactly one source, an http(s) or git one",
        ),
        (
            "ADD --checksum=sha256:0 https://h/a /",
            "invalid checksum \"sha256:0\"",
        ),
        (
            "ADD --keep-git-dir=false https://h/a.git?keep-git-dir /",
            "git source \"https://h/a.git\": inconsistent keep-git-dir configuration",
        ),
        (
            "ADD --checksum=a https://h/a.git?checksum=b /",
            "git source \"https://h/a.git\": --checksum and the query name different commits",
        ),
        (
            "EXPOSE x",
            "invalid port \"x\": ports are numbers from 0 to 65535, ranges go upward",
        ),
        (
            "EXPOSE 0-65535 0-65535/udp 0-65535/sctp 80",
            "invalid port \"80\": more ports than there are",
        ),
        ("STOPSIGNAL x", "invalid signal: x"),
    ] {
        let problem = instruction(text).check().expect_err(text);
        assert_eq!(problem.to_string(), expected);
    }
    for text in [
        "COPY --chmod=u+x a /",
        "ADD --checksum=abc https://h/a.git /",
        "ADD a https://h/b /c",
        "EXPOSE 80",
        "STOPSIGNAL 9",
        "RUN x",
    ] {
        assert_eq!(instruction(text).check(), Ok(()), "{text}");
    }
}

#[test]
fn a_repository_takes_what_the_flags_say() {
    let Instruction::Add(add) = instruction("ADD --keep-git-dir --checksum=c https://h/a.git#v /")
    else {
        panic!("an ADD");
    };
    let kinds = add.classify_sources().expect("sources");
    let [crate::values::SourceKind::Git(git)] = &kinds[..] else {
        panic!("a repository");
    };
    let merged = add.merge_flags(git).expect("no contradiction");
    assert_eq!(merged.keep_git_directory, Some(true));
    assert_eq!(
        (merged.checksum.as_deref(), merged.reference.as_str()),
        (Some("c"), "v")
    );
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
