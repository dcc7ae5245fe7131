//! History rows.

use super::*;

fn describe(text: &str, arguments: &[(&str, &str)]) -> Option<HistoryRow> {
    let shell = ["/bin/sh".to_owned(), "-c".to_owned()];
    let arguments: Vec<(String, String)> = arguments
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let history = History {
        shell: &shell,
        workdir: "/w",
        arguments: &arguments,
    };
    describe_history(&instruction(text), &history).expect(text)
}

#[test]
fn rows_read_as_the_reference_writes_them() {
    for (text, created_by, empty_layer) in [
        ("RUN echo  hi", "RUN /bin/sh -c echo  hi # buildkit", false),
        ("RUN [\"a\", \"b c\"]", "RUN a b c # buildkit", false),
        ("RUN <<EOF\na\nEOF", "RUN /bin/sh -c a\n # buildkit", false),
        ("COPY a b /c/", "COPY a b /c/ # buildkit", false),
        (
            "COPY --from=x --link --parents --chmod=755 --chown=1:2 a /c",
            "COPY --parents --chown=1:2 --chmod=755 a /c # buildkit",
            false,
        ),
        (
            "COPY <<one <<two /d/\none\ntwo\n",
            "COPY <<one <<two /d/ # buildkit",
            false,
        ),
        ("ADD https://h/a /b", "ADD https://h/a /b # buildkit", false),
        ("ENV a=b c=d", "ENV a=b c=d", true),
        ("LABEL a=b", "LABEL a=b", true),
        ("ARG a b=c", "ARG a b=c", true),
        (
            "CMD echo \"hi\"",
            r#"CMD ["/bin/sh" "-c" "echo \"hi\""]"#,
            true,
        ),
        ("CMD []", "CMD []", true),
        ("ENTRYPOINT [\"a\",\"b\"]", r#"ENTRYPOINT ["a" "b"]"#, true),
        (
            "EXPOSE 80 53/udp 90-91",
            "EXPOSE [53/udp 80/tcp 90/tcp 91/tcp]",
            true,
        ),
        ("VOLUME /a /b", "VOLUME [/a /b]", true),
        ("USER a:b", "USER a:b", true),
        ("WORKDIR x", "WORKDIR /w/x", false),
        ("WORKDIR /", "WORKDIR /", true),
        ("SHELL [\"bash\",\"-c\"]", "SHELL [bash -c]", true),
        ("STOPSIGNAL SIGTERM", "STOPSIGNAL SIGTERM", true),
        ("MAINTAINER me", "MAINTAINER me", true),
        (
            "HEALTHCHECK --interval=30s CMD curl x",
            "HEALTHCHECK {Test:[CMD-SHELL curl x] Interval:30s Timeout:0s StartPeriod:0s StartInterval:0s Retries:0}",
            true,
        ),
    ] {
        let expected = HistoryRow {
            created_by: created_by.to_owned(),
            empty_layer,
        };
        assert_eq!(describe(text, &[]), Some(expected), "{text}");
    }
}

#[test]
fn a_step_names_the_arguments_it_was_run_with() {
    let row = describe("RUN x", &[("a", "1"), ("b", "")]).expect("a row");
    assert_eq!(row.created_by, "RUN |2 a=1 b= /bin/sh -c x # buildkit");
}

#[test]
fn a_trigger_leaves_no_row() {
    assert_eq!(describe("ONBUILD RUN x", &[]), None);
}
