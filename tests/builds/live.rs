//! A log arrives while it is written.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use wharf_testkit::{Login, unique_name};
use wharf_tests::building::{Rule, Site, read_busybox};

/// A rule whose Dockerfile is one step of a shell.
fn make_rule<'a>(site: &'a Site, busybox: &[u8], step: &str) -> Rule<'a> {
    let rule = site.make_rule(json!({}));
    let tree = rule.code.clone_work_tree();
    std::fs::write(tree.path().join("busybox"), busybox).expect("a file");
    let dockerfile = format!("FROM scratch\nCOPY --chmod=755 busybox /bin/sh\nRUN {step}\n");
    tree.write("Dockerfile", &dockerfile);
    tree.commit("Say something");
    tree.push(&["main"]);
    rule
}

/// The stream of a build's log, as its lines.
fn follow(site: &Site, rule: &Rule<'_>, number: u64, login: &Login) -> BufReader<TcpStream> {
    let path = rule.path(&format!("/builds/{number}/log/stream"));
    let login = login.authorization().expect("a login");
    let mut connection = TcpStream::connect(site.server.authority()).expect("a connection");
    // Of the old version, whose bodies are not cut into chunks.
    let request = format!("GET /api/v1{path} HTTP/1.0\r\nAuthorization: {login}\r\n\r\n");
    connection.write_all(request.as_bytes()).expect("sent");
    BufReader::new(connection)
}

#[test]
fn who_loses_the_right_to_a_log_hears_no_more_of_it() {
    let Some(site) = Site::start() else { return };
    let Some(busybox) = read_busybox() else {
        return;
    };
    let rule = make_rule(&site, &busybox, "echo first; sleep 6; echo secret");
    let namespace = rule.image.split('/').next().expect("a namespace");
    let [member, disabled] = ["member", "disabled"].map(|name| {
        let person = site.server.user(&unique_name(name));
        site.server.member(namespace, &person, "developer");
        person
    });
    let number = rule.start("main");
    let [mut of_member, mut of_disabled] =
        [&member, &disabled].map(|person| follow(&site, &rule, number, &person.login()));
    for stream in [&mut of_member, &mut of_disabled] {
        let mut line = String::new();
        while !line.contains("first") {
            line.clear();
            assert_ne!(stream.read_line(&mut line).expect("a line"), 0, "the end");
        }
    }
    let path = format!("/namespaces/{namespace}/members/{}", member.username);
    site.api().delete(&path).expect(204);
    let path = format!("/users/{}", disabled.username);
    let changed = site.api().patch(&path, json!({ "disabled": true }));
    changed.expect(200);
    for mut stream in [of_member, of_disabled] {
        let mut rest = String::new();
        stream.read_to_string(&mut rest).expect("the end");
        assert!(
            !rest.contains("secret") && !rest.contains("event: end"),
            "{rest}"
        );
    }
    rule.wait_for_success(number);
}

#[test]
fn a_line_is_there_four_seconds_before_the_one_that_comes_five_seconds_later() {
    let Some(site) = Site::start() else { return };
    let Some(busybox) = read_busybox() else {
        return;
    };
    let rule = make_rule(&site, &busybox, "echo a; sleep 5; echo b");
    let number = rule.start("main");
    let mut seen = Vec::new();
    for line in follow(&site, &rule, number, &site.server.admin()).lines() {
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
