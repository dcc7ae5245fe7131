//! A log in a window: its sections, lines by their numbers, a search, and lines that come while they are written.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::{Value, json};

use wharf_testkit::encode_segment;
use wharf_tests::building::{Rule, Site};

/// A step that talks in colors, and one that fails.
const STEPS: &str = "\
RUN printf 'plain\\n\\033[31mre\\033[0md\\n'; for line in 1 2 3; do echo line-$line; sleep 0.3; done
RUN echo before; echo Last-Words; exit 7
";

fn start<'a>(site: &'a Site, base: &str) -> (Rule<'a>, u64) {
    let rule = site.make_rule(json!({ "cache": false }));
    let dockerfile = format!("FROM {base}\n{STEPS}");
    rule.code
        .push_files("main", "Talk", &[("Dockerfile", &dockerfile)]);
    let number = rule.start("main");
    (rule, number)
}

/// Messages about a log, from a line on, until its end.
fn follow(
    site: &Site,
    image: &str,
    number: u64,
    after: u64,
    stop: impl Fn(&Value) -> bool,
) -> Vec<Value> {
    let login = site.server.admin().authorization().expect("a login");
    let mut connection = TcpStream::connect(site.server.authority()).expect("a connection");
    let patience = Some(Duration::from_secs(60));
    connection.set_read_timeout(patience).expect("a timeout");
    let topic = encode_segment(&format!("log:{image}:{number}@{after}"));
    // Of the old version, whose bodies are not cut into chunks.
    let request =
        format!("GET /api/v1/stream?topics={topic} HTTP/1.0\r\nAuthorization: {login}\r\n\r\n");
    connection.write_all(request.as_bytes()).expect("sent");
    let mut messages = Vec::new();
    for line in BufReader::new(connection).lines() {
        let line = line.expect("a line");
        let Some(data) = line.strip_prefix("data: ") else {
            continue;
        };
        let message: Value = serde_json::from_str(data).expect("JSON");
        let enough = stop(&message);
        messages.push(message);
        if enough {
            return messages;
        }
    }
    panic!("the stream ended: {messages:?}");
}

fn read_lines(messages: &[Value]) -> Vec<Value> {
    let all = messages.iter().filter(|it| it["type"] == "lines");
    all.flat_map(|it| it["lines"].as_array().expect("a list").clone())
        .collect()
}

#[test]
fn a_log_has_sections_lines_by_number_and_a_search_and_is_followed_from_any_line() {
    let Some(site) = Site::shared() else { return };
    let Some(base) = site.base_image() else {
        return;
    };
    let (rule, number) = start(site, base);
    let image = rule.image.clone();
    let first = follow(site, &image, number, 0, |message| {
        message.to_string().contains("line-1")
    });
    let mut heard = read_lines(&first);
    let last = heard.last().expect("lines")["number"]
        .as_u64()
        .expect("a number");
    let rest = follow(site, &image, number, last, |message| {
        message["type"] == "log_end"
    });
    assert_eq!(rest.last().expect("an end")["state"], "failed");
    heard.extend(read_lines(&rest));
    rule.wait_for_end(number);

    let api = site.api();
    let get = |rest: &str| {
        let path = rule.path(&format!("/builds/{number}/log/{rest}"));
        api.get(&path).expect(200).json()
    };
    let all = get("lines?from=1&to=2000");
    assert_eq!(json!(heard), all["lines"], "what was heard is what is kept");
    let index = get("steps");
    assert_eq!(
        (&index["state"], &index["lines"]),
        (&json!("failed"), &all["total"])
    );
    let sections = index["sections"].as_array().expect("a list");
    let failing = index["failing"].as_u64().expect("a section");
    let failed = &sections[failing as usize - 1];
    assert!(
        failed["title"]
            .as_str()
            .is_some_and(|title| title.contains("exit 7")),
        "{failed}"
    );
    assert_eq!(failed["state"], "failed");
    let own = get(&format!("lines?from=1&to=2&section={failing}"));
    let texts: Vec<&str> = own["lines"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|line| line["text"].as_str().expect("a text"))
        .collect();
    assert_eq!(texts, ["before", "Last-Words"]);
    assert_eq!(own["total"], failed["lines"]);

    let found = get("search?q=LAST-words");
    assert!(found["total"].as_u64() >= Some(1), "{found}");
    let in_section = found["items"].as_array().expect("a list").iter();
    assert!(in_section.clone().any(|hit| hit["section"] == failing));
    // The word is colored in its middle.
    let red = get("search?q=red&limit=1");
    let place = red["items"][0]["number"].as_u64().expect("a number");
    let line = get(&format!("lines?from={place}&to={place}"));
    assert_eq!(line["lines"][0]["text"], "\u{1b}[31mre\u{1b}[0md");
    assert_eq!(get("search?q=nowhere-at-all")["total"], 0);
    for bad in ["lines?from=0&to=5", "search?q=", "lines?from=1"] {
        let path = rule.path(&format!("/builds/{number}/log/{bad}"));
        api.get(&path).expect_problem(400, "invalid_field");
    }
    let path = rule.path(&format!("/builds/{number}/log?download=true"));
    let raw = api.request(reqwest::Method::GET, &path).send_undescribed();
    let raw = raw.expect(200);
    let name = raw.find_header("content-disposition").expect("a name");
    assert!(
        name.starts_with("attachment; filename=\"") && name.ends_with(".log\""),
        "{name}"
    );
    assert!(raw.text().contains("\u{1b}[31mre\u{1b}[0md"));
}
