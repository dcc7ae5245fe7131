//! Whole files in, trees out.

use super::*;

fn dump(text: &str) -> String {
    match parse(text.as_bytes()) {
        Ok(tree) => tree.to_string(),
        Err(error) => format!("error: {error}"),
    }
}

fn only_node(text: &str) -> Node {
    let tree = parse(text.as_bytes()).expect(text);
    assert_eq!(tree.nodes.len(), 1, "{text}");
    tree.nodes.into_iter().next().expect("one node")
}

#[test]
fn every_form_of_arguments_prints_as_the_reference_prints_it() {
    let text = r#"FROM a AS b
run echo  hi
CMD ["a", "b"]
COPY --from=b --chown="x y" a b /c/
ENV a=b "c d"=e
LABEL old value here
ARG a b=c
EXPOSE 80  81/udp
ONBUILD RUN --network=none x
HEALTHCHECK --interval=5s CMD ["x"]
WORKDIR  /a b
FOO bar
"#;
    let expected = r#"(from "a" "AS" "b")
(run "echo  hi")
(cmd "a" "b")
(copy ["--from=b" "--chown=x y"] "a" "b" "/c/")
(env "a" "b" "=" "\"c d\"" "e" "=")
(label "old" "value here" "")
(arg "a" "b=c")
(expose "80" "81/udp")
(onbuild (run ["--network=none"] "x"))
(healthcheck ["--interval=5s"] "CMD" "x")
(workdir "/a b")
(foo "")
"#;
    assert_eq!(dump(text), expected);
}

#[test]
fn continued_lines_are_joined_around_comments_and_empty_lines() {
    let text = "RUN a \\\n  b \\  \n# comment\n\n  \\\n   # indented\n c\nRUN d";
    let tree = parse(text.as_bytes()).expect("a tree");
    assert_eq!(tree.nodes[0].text, "RUN a   b    c");
    assert_eq!(tree.nodes[0].lines, Lines::new(1, 7));
    assert_eq!(tree.nodes[1].lines, Lines::single(8));
    let warned: Vec<u32> = tree.warnings.iter().map(|warning| warning.line).collect();
    assert_eq!(warned, [7]);
}

#[test]
fn the_escape_directive_changes_the_continuation_mark() {
    let tree = parse(b"# escape=`\nRUN a `\n b \\\nRUN c").expect("a tree");
    assert_eq!(tree.escape, '`');
    assert_eq!(tree.nodes[0].text, "RUN a  b \\");
    assert_eq!(tree.nodes.len(), 2);
    assert_eq!(
        dump("# escape=x\nRUN a"),
        "error: line 1, column 10: the escape character is ` or \\, not \"x\""
    );
    assert_eq!(
        dump("# check=a\n# check=b\nRUN a"),
        "error: line 2, column 1: only one check directive can be used"
    );
    // After anything else it is a comment.
    assert_eq!(parse(b"RUN a\n# escape=`\n").expect("a tree").escape, '\\');
    assert_eq!(
        parse(b"#!/x\n# escape=`\nRUN a").expect("a tree").escape,
        '\\'
    );
}

#[test]
fn carriage_returns_and_the_byte_order_mark_are_not_content() {
    assert_eq!(
        dump("\u{feff}FROM a\r\nRUN b \\\r\n  c\r\n"),
        "(from \"a\")\n(run \"b   c\")\n"
    );
}

#[test]
fn comments_above_an_instruction_describe_it() {
    let comments = |text| only_node(text).comments;
    assert_eq!(comments("# a\n\n# b\nRUN x"), ["a", "b"]);
    assert_eq!(comments("# a\n#\n# b\nRUN x"), ["b"]);
    assert_eq!(comments("# escape=`\n# a\nRUN x"), ["a"]);
    assert_eq!(comments("RUN x"), [""; 0]);
}

#[test]
fn heredocs_are_read_in_the_order_of_their_words() {
    let node = only_node("RUN cat <<A 3<<-'B' # <<C\na $x\nA\n\tb\n\tB\nc\nC\n");
    let contents: Vec<_> = node
        .heredocs
        .iter()
        .map(|heredoc| (heredoc.name.as_str(), heredoc.content.as_str()))
        .collect();
    assert_eq!(contents, [("A", "a $x\n"), ("B", "\tb\n"), ("C", "c\n")]);
    assert!(node.heredocs[0].expand && !node.heredocs[1].expand);
    assert_eq!(node.lines, Lines::new(1, 7));

    let trigger = only_node("ONBUILD COPY <<a <<b /\n1\na\n2\r\nb\r\n");
    assert_eq!(trigger.heredocs.len(), 2);
    assert_eq!(trigger.heredocs[1].content, "2\r\n");
}

#[test]
fn other_instructions_and_exec_form_have_no_heredocs() {
    assert_eq!(
        dump("CMD a <<EOF\nRUN b"),
        "(cmd \"a <<EOF\")\n(run \"b\")\n"
    );
    assert_eq!(
        dump("RUN [\"a\", \"<<EOF\"]\nRUN b"),
        "(run \"a\" \"<<EOF\")\n(run \"b\")\n"
    );
    assert_eq!(
        dump("RUN a <<<EOF\nRUN b"),
        "(run \"a <<<EOF\")\n(run \"b\")\n"
    );
}

#[test]
fn what_can_not_be_cut_is_refused_with_its_line() {
    for (text, expected) in [
        ("", "the Dockerfile has no instructions"),
        ("# only\n\n", "the Dockerfile has no instructions"),
        (
            "FROM a\n\nRUN <<EOF\nx\n",
            "line 3, column 7: unterminated heredoc: no line is \"EOF\"",
        ),
        (
            "FROM a\nENV x",
            "line 2, column 1: ENV must have two arguments",
        ),
        (
            "FROM a\nENV x=1 \\\n yy",
            "line 3, column 2: can't find = in \"yy\": must be of the form name=value",
        ),
        (
            "CMD [\"a\", 1]",
            "line 1, column 1: a JSON array of arguments holds strings only",
        ),
        (
            "ONBUILD ONBUILD RUN a",
            "line 1, column 1: ONBUILD ONBUILD isn't allowed",
        ),
    ] {
        assert_eq!(dump(text), format!("error: {expected}"), "{text}");
    }
}

#[test]
fn the_longest_line_is_taken_and_one_more_byte_is_not() {
    let fits = format!("FROM a\nRUN {}\n", "x".repeat(MAX_LINE_BYTES - 4));
    assert!(parse(fits.as_bytes()).is_ok());
    let long = format!("FROM a\nRUN {}\n", "x".repeat(MAX_LINE_BYTES - 3));
    let error = parse(long.as_bytes()).expect_err("too long");
    assert_eq!(
        error.to_string(),
        "line 2, column 1: a line is longer than 65535 bytes"
    );
}
