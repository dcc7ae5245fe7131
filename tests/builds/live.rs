//! A log arrives while it is written.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use wharf_tests::building::{Site, read_busybox};

#[test]
fn a_line_is_there_four_seconds_before_the_one_that_comes_five_seconds_later() {
    let Some(site) = Site::start() else { return };
    let Some(busybox) = read_busybox() else {
        return;
    };
    let rule = site.make_rule(json!({}));
    let tree = rule.code.clone_work_tree();
    std::fs::write(tree.path().join("busybox"), busybox).expect("a file");
    tree.write(
        "Dockerfile",
        "FROM scratch\nCOPY --chmod=755 busybox /bin/sh\nRUN echo a; sleep 5; echo b\n",
    );
    tree.commit("Say a, then b");
    tree.push(&["main"]);
    let number = rule.start("main");
    let path = rule.path(&format!("/builds/{number}/log/stream"));
    let login = site.server.admin().authorization().expect("a login");
    let mut connection = TcpStream::connect(site.server.authority()).expect("a connection");
    // Of the old version, whose bodies are not cut into chunks.
    let request = format!("GET /api/v1{path} HTTP/1.0\r\nAuthorization: {login}\r\n\r\n");
    connection.write_all(request.as_bytes()).expect("sent");
    let mut seen = Vec::new();
    for line in BufReader::new(connection).lines() {
        let line = line.expect("a line");
        let Some(data) = line.strip_prefix("data: ") else {
            continue;
        };
        let event: Value = serde_json::from_str(data).expect("JSON");
        if event["type"] == "output" {
            seen.push((
                event["text"].as_str().expect("a text").to_owned(),
                Instant::now(),
            ));
        }
    }
    rule.wait_for_success(number);
    let at = |text: &str| {
        let found = seen.iter().find(|(seen, _)| seen.contains(text));
        found.unwrap_or_else(|| panic!("{text} in {seen:?}")).1
    };
    let between = at("b\n").duration_since(at("a\n"));
    assert!(between >= Duration::from_secs(4), "{between:?}");
}
