//! `wharf builds`: logs come whole, once, and with the right exit code.

use crate::fake_api::{Asked, FakeApi};
use crate::home::{Home, Outcome};

const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";

const RECORDS: [&str; 6] = [
    r#"{"n":1,"at":1000000,"type":"phase","phase":"building"}"#,
    r#"{"n":2,"at":1000000,"type":"step","step":1,"name":"[1/1] RUN echo a; sleep 5; echo b"}"#,
    r#"{"n":3,"at":1100000,"type":"output","step":1,"stream":"stdout","text":"a\n"}"#,
    r#"{"n":4,"at":6100000,"type":"output","step":1,"stream":"stdout","text":"\u001b[31mb\u001b[0m\n"}"#,
    r#"{"n":5,"at":6200000,"type":"done","step":1}"#,
    r#"{"n":6,"at":6200000,"type":"from_the_future"}"#,
];

fn build(state: &str) -> String {
    let failure = match state {
        "failed" => {
            r#","failure":{"reason":"command","step":"[1/1] RUN make","detail":"exit code: 2","last_lines":"cc x.c\nx.c:1: error","hint":"mend x.c"}"#
        }
        _ => "",
    };
    format!(
        r#"{{"number":7,"repository":"acme/web","state":"{state}","tags":["main"],"log":"kept"{failure}}}"#
    )
}

fn stream(records: std::ops::Range<usize>, end: &str) -> String {
    let mut text = String::from(": here\n\n");
    for number in records {
        text += &format!("id: {}\ndata: {}\n\n", number + 1, RECORDS[number]);
    }
    text + end
}

fn run(api: &FakeApi, arguments: &[&str]) -> Outcome {
    Home::new()
        .with("WHARF_SERVER", &api.url)
        .with("WHARF_TOKEN", "wharf_pat_x")
        .run(arguments)
}

/// A build that runs until its log was read, and ended as `state` says.
fn follow(state: &'static str) -> FakeApi {
    FakeApi::start(move |asked: &[Asked]| {
        let streams = asked.iter().filter(|one| one.line.contains("/log/stream"));
        match (
            asked.last().unwrap().line.contains("/log/stream"),
            streams.count(),
        ) {
            (false, 0) => (JSON, build("running")),
            (false, _) => (JSON, build(state)),
            // In the middle of an event.
            (true, 1) => (EVENTS, stream(0..3, "id: 4\ndata: {\"n\":4,\"at\":61")),
            (true, 2) => (EVENTS, String::new()),
            (true, _) => (
                EVENTS,
                stream(3..6, "event: end\ndata: {\"state\":\"over\"}\n\n"),
            ),
        }
    })
}

#[test]
fn a_log_that_is_cut_goes_on_without_a_gap_and_without_anything_twice() {
    let api = follow("succeeded");
    let outcome = run(&api, &["builds", "logs", "-f", "acme/web", "7"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert_eq!(
        outcome.stdout,
        "=== running the steps\n#1 [1/1] RUN echo a; sleep 5; echo b\n#1 0.100 a\n\
         #1 5.100 \u{1b}[31mb\u{1b}[0m\n#1 DONE 5.2s\n"
    );
    assert!(outcome.stderr.contains("succeeded"), "{}", outcome.stderr);
    let resumed: Vec<Option<String>> = api
        .asked()
        .iter()
        .filter(|one| one.line.contains("/log/stream"))
        .map(|one| {
            let mut headers = one.headers.iter();
            headers.find_map(|header| header.strip_prefix("last-event-id: ").map(str::to_owned))
        })
        .collect();
    assert_eq!(resumed, [None, Some("3".to_owned()), Some("3".to_owned())]);
}

#[test]
fn following_a_build_that_fails_ends_with_1_and_says_why() {
    let outcome = run(
        &follow("failed"),
        &["builds", "logs", "-f", "acme/web", "7"],
    );
    assert_eq!(outcome.code, Some(1));
    assert!(
        outcome.stderr.contains("exit code: 2"),
        "{}",
        outcome.stderr
    );
    assert!(
        outcome.stderr.contains("hint: mend x.c"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_finished_build_that_failed_shows_the_failing_step_first() {
    let api = FakeApi::start(
        |asked: &[Asked]| match asked.last().unwrap().line.as_str() {
            line if line.contains("/log?") => ("application/jsonl", RECORDS.join("\n") + "\n"),
            line if line.contains("/builds?") => {
                (JSON, format!(r#"{{"items":[{}]}}"#, build("failed")))
            }
            _ => (JSON, build("failed")),
        },
    );
    // Without a number the latest is meant.
    let outcome = run(&api, &["builds", "logs", "acme/web"]);
    assert_eq!(outcome.code, Some(1));
    let begin = "------\n > [1/1] RUN make:\ncc x.c\nx.c:1: error\n------\n=== running the steps\n";
    assert!(outcome.stdout.starts_with(begin), "{}", outcome.stdout);
    let json = run(
        &api,
        &["builds", "logs", "acme/web", "7", "--format", "json"],
    );
    assert_eq!(json.stdout, RECORDS.join("\n") + "\n");
}

#[test]
fn a_start_names_the_only_rule_by_itself() {
    let api = FakeApi::start(
        |asked: &[Asked]| match asked.last().unwrap().line.as_str() {
            line if line.contains("/rules") => (JSON, r#"{"items":[{"name":"main"}]}"#.to_owned()),
            _ => (JSON, r#"{"number":8}"#.to_owned()),
        },
    );
    let outcome = run(
        &api,
        &["builds", "start", "acme/web", "--branch", "feature/x"],
    );
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let sent = api.asked().last().unwrap().clone();
    assert!(
        sent.line
            .starts_with("POST /api/v1/repositories/acme%2Fweb/builds "),
        "{}",
        sent.line
    );
    assert_eq!(sent.body, r#"{"ref":"refs/heads/feature/x","rule":"main"}"#);
}
