//! What each instruction says.

use super::*;
use crate::values::Duration;

fn strings(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

fn run(text: &str) -> Run {
    match instruction(text) {
        Instruction::Run(run) => run,
        other => panic!("{text}: {other:?}"),
    }
}

fn shell() -> Vec<String> {
    strings(&["/bin/sh", "-c"])
}

#[test]
fn copy_and_add_have_flags_sources_and_a_destination() {
    let copy = instruction(
        "COPY --from=0 --chown=a:b --chmod=u+x --link --parents --exclude=*.md --exclude=$x a b /c/",
    );
    let expected = Copy {
        files: FileSources {
            paths: strings(&["a", "b"]),
            inline: Vec::new(),
            destination: "/c/".to_owned(),
        },
        from: Some("0".to_owned()),
        chown: Some("a:b".to_owned()),
        chmod: Some("u+x".to_owned()),
        link: true,
        parents: true,
        exclude: strings(&["*.md", "$x"]),
    };
    assert_eq!(copy, Instruction::Copy(expected));
    let Instruction::Add(add) = instruction(
        r#"add --keep-git-dir=false --checksum=sha256:0 --unpack --link=false ["https://h/a b", "/c"]"#,
    ) else {
        panic!("an ADD");
    };
    assert_eq!(add.files.paths, ["https://h/a b"]);
    assert_eq!(
        (add.keep_git_directory, add.unpack, add.link),
        (Some(false), Some(true), false)
    );
    assert!(add.checksum.is_some());
}

#[test]
fn a_heredoc_is_a_source_with_its_content() {
    let Instruction::Copy(copy) = instruction("COPY a <<-one <<'two' /d/\n\t1 $x\n\tone\n2\ntwo\n")
    else {
        panic!("a COPY");
    };
    assert_eq!(copy.files.paths, ["a"]);
    let inline: Vec<_> = copy
        .files
        .inline
        .iter()
        .map(|file| (file.name.as_str(), file.content.as_str(), file.expand))
        .collect();
    assert_eq!(inline, [("one", "1 $x\n", true), ("two", "2\n", false)]);
}

#[test]
fn a_command_is_shell_text_or_arguments() {
    let cases = [
        ("CMD a  b", Form::Shell("a  b".to_owned())),
        ("CMD [\"a\", \"b\"]", Form::Exec(strings(&["a", "b"]))),
        ("CMD []", Form::Exec(Vec::new())),
        ("CMD", Form::Shell(String::new())),
        ("CMD [a]", Form::Shell("[a]".to_owned())),
    ];
    for (text, form) in cases {
        let heredocs = Vec::new();
        assert_eq!(
            instruction(text),
            Instruction::Cmd(CommandLine { form, heredocs }),
            "{text}"
        );
    }
}

#[test]
fn a_run_has_mounts_network_security_and_devices() {
    let run = run(
        "RUN --mount=from=a,target=/b --mount=type=ssh --network=none --security=insecure --device=v/c=d,required x",
    );
    let origins: Vec<_> = run
        .mounts
        .iter()
        .map(|mount| mount.from.as_deref())
        .collect();
    assert_eq!(origins, [Some("a"), None]);
    assert_eq!(
        (run.network, run.security),
        (Network::None, Security::Insecure)
    );
    assert!(run.devices[0].required);
    assert_eq!(run.command.form, Form::Shell("x".to_owned()));
}

#[test]
fn a_heredoc_of_run_is_text_or_a_script_or_left_to_the_shell() {
    let invoke = |text| run(text).invoke(&shell());
    let plain = |text: &str| Invocation {
        arguments: strings(&["/bin/sh", "-c", text]),
        script: None,
    };
    assert_eq!(invoke("RUN <<EOF\na\nb\nEOF"), plain("a\nb\n"));
    assert_eq!(invoke("RUN <<-EOF\n\ta\n\tEOF"), plain("a\n"));
    assert_eq!(
        invoke("RUN cat <<A <<B\n1\nA\n2\nB"),
        plain("cat <<A <<B\n1\nA\n2\nB")
    );
    assert_eq!(
        invoke("RUN <<run.py\n#!/usr/bin/python\nx\nrun.py"),
        Invocation {
            arguments: strings(&["/bin/sh", "-c", "/dev/pipes/run.py"]),
            script: Some(Script {
                name: "run.py".to_owned(),
                content: "#!/usr/bin/python\nx\n".to_owned(),
            }),
        }
    );
    assert_eq!(invoke("RUN [\"a\"]").arguments, ["a"]);
}

#[test]
fn pairs_arguments_and_labels_are_taken_apart() {
    let Instruction::Env(env) = instruction("ENV a=b \"c d\"='e f'") else {
        panic!("an ENV");
    };
    assert_eq!(env.pairs[1].name, "\"c d\"");
    assert!(!env.pairs[0].is_legacy);
    let Instruction::Label(label) = instruction("LABEL a b c") else {
        panic!("a LABEL");
    };
    assert_eq!(
        (label.pairs[0].value.as_str(), label.pairs[0].is_legacy),
        ("b c", true)
    );
    let Instruction::Arg(arg) = instruction("# b second one\nARG a b=c=d e=") else {
        panic!("an ARG");
    };
    let found: Vec<_> = arg
        .definitions
        .iter()
        .map(|found| {
            (
                found.name.as_str(),
                found.value.as_deref(),
                found.description.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("a", None, None),
            ("b", Some("c=d"), Some("second one")),
            ("e", Some(""), None)
        ]
    );
}

#[test]
fn a_health_check_keeps_its_test_and_times() {
    let check = |text| match instruction(text) {
        Instruction::Healthcheck(check) => check,
        other => panic!("{text}: {other:?}"),
    };
    let found = check(
        "HEALTHCHECK --interval=1m30s --timeout=5s --start-period=0s --start-interval=1ms --retries=3 CMD curl x",
    );
    assert_eq!(found.test, ["CMD-SHELL", "curl x"]);
    assert_eq!(found.interval, Duration::from_nanos(90_000_000_000));
    assert_eq!((found.start_period, found.retries), (Duration::ZERO, 3));
    assert_eq!(
        check("HEALTHCHECK cmd [\"a\",\"b\"]").test,
        ["CMD", "a", "b"]
    );
    assert_eq!(check("HEALTHCHECK --interval=5s NONE").test, ["NONE"]);
}

#[test]
fn the_rest_hold_words() {
    let one = |text| format!("{:?}", instruction(text));
    for (text, part) in [
        ("EXPOSE 90 80/udp", "[\"80/udp\", \"90\"]"),
        ("SHELL [\"a\", \"-b\"]", "[\"a\", \"-b\"]"),
        ("STOPSIGNAL $x", "\"$x\""),
        ("USER a b", "\"a b\""),
        ("VOLUME /a /b", "[\"/a\", \"/b\"]"),
        ("VOLUME [\" /a \"]", "[\"/a\"]"),
        ("WORKDIR /a b", "\"/a b\""),
        ("MAINTAINER me <me@x>", "\"me <me@x>\""),
    ] {
        assert!(one(text).contains(part), "{text}: {}", one(text));
    }
}

#[test]
fn a_trigger_is_kept_as_text_and_read_back() {
    let Instruction::Onbuild(onbuild) = instruction("onbuild  COPY --from=a <<X /x\n1\nX\n") else {
        panic!("an ONBUILD");
    };
    assert_eq!(onbuild.trigger, "COPY --from=a <<X /x\n1\nX");
    let read = parse_trigger(&onbuild.trigger, crate::Lines::single(7)).expect("a trigger");
    let Instruction::Copy(copy) = read.instruction else {
        panic!("a COPY");
    };
    assert_eq!(copy.files.inline[0].content, "1\n");
    assert_eq!(read.lines, crate::Lines::single(7));
}

#[test]
fn keywords_are_known_in_any_case() {
    let statement = statement("rUn a");
    assert_eq!(statement.keyword, "rUn");
    assert_eq!(statement.instruction.keyword(), "RUN");
}
