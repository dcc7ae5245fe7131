//! Build trigger URLs: whoever knows one has its rule build.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use wharf_tests::building::{Rule, Site, wait_for};

const TINY: &str = "FROM scratch\nCOPY README.md /\n";

/// POSTs to a path of the server as a script would; answers status and body.
fn call(site: &Site, path: &str, secret: Option<&str>, body: &str) -> (u16, Value) {
    let mut stream = TcpStream::connect(site.server.authority()).expect("a connection");
    let patience = Some(Duration::from_secs(60));
    stream.set_read_timeout(patience).expect("a timeout");
    let bearer = secret.map(|secret| format!("Authorization: Bearer {secret}\r\n"));
    let request = format!(
        "POST {path} HTTP/1.0\r\n{}Content-Length: {}\r\n\r\n{body}",
        bearer.unwrap_or_default(),
        body.len()
    );
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let status = answer.split(' ').nth(1).and_then(|it| it.parse().ok());
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    let body = serde_json::from_str(body).unwrap_or(Value::Null);
    (status.expect("a status"), body)
}

/// A trigger URL's path without its secret, the secret, and where it is managed.
fn make_trigger(site: &Site, rule: &Rule<'_>, name: &str) -> (String, String, String) {
    let path = rule.path("/rules/main/trigger-urls");
    let made = site
        .api()
        .post(&path, json!({ "name": name }))
        .expect(201)
        .json();
    let text = |field: &str| made[field].as_str().expect("a text").to_owned();
    let url = text("url");
    let (base, secret) = url.rsplit_once('/').expect("a secret at the end");
    assert_eq!(secret, text("secret"));
    let called = base
        .strip_prefix(site.server.url())
        .expect("the server's own address");
    let managed = format!("{path}/{}", text("id"));
    (called.to_owned(), secret.to_owned(), managed)
}

#[test]
fn a_call_builds_what_the_rule_builds_by_either_way_of_telling_the_secret() {
    let Some(site) = Site::shared() else { return };
    let patterns = json!(["main", "release/*"]);
    let rule =
        site.make_rule(json!({ "trigger": { "branches": true, "branch_patterns": patterns } }));
    rule.code
        .push_files("main", "Main", &[("Dockerfile", TINY)]);
    let tree = rule.code.clone_work_tree();
    tree.tag("v1", None);
    tree.switch_to("release/1");
    tree.commit("Release");
    tree.switch_to("other");
    tree.commit("Other");
    tree.push(&["release/1", "other", "v1"]);
    // All of it is seen and, where the rule says so, built by now.
    for name in ["main", "release/1"] {
        let reference = format!("refs/heads/{name}");
        let number = wait_for(|| {
            let builds = rule.list_builds();
            let found = builds.iter().find(|it| it["ref"] == *reference);
            found.and_then(|it| it["number"].as_u64())
        });
        rule.wait_for_success(number);
    }
    let (path, secret, managed) = make_trigger(site, &rule, "nightly");
    let by_path = format!("{path}/{secret}");

    let body =
        json!({ "source_type": "Branch", "source_name": "release/1", "docker_tag": "ignored" });
    let (status, answer) = call(site, &by_path, None, &body.to_string());
    assert_eq!(status, 202, "{answer}");
    let [called] = answer["builds"].as_array().expect("a list").as_slice() else {
        panic!("{answer}")
    };
    assert_eq!(called["ref"], "refs/heads/release/1");
    let built = rule.wait_for_success(called["build"].as_u64().expect("a number"));
    assert_eq!(
        (&built["cause"], &built["started_by"]),
        (&json!("trigger_url"), &json!("trigger:nightly"))
    );
    rule.pull(built["tags"][0].as_str().expect("a tag"));

    // By header; without a body all that the rule builds. The host was asked for this address just now, so the call waits.
    let (status, answer) = call(site, &path, Some(&secret), "");
    assert_eq!(status, 202, "{answer}");
    let waits = &answer["builds"][0];
    assert!(
        waits["build"].is_null() && waits["not_before"].is_string(),
        "{answer}"
    );
    for name in ["main", "release/1"] {
        let reference = format!("refs/heads/{name}");
        wait_for(|| {
            let builds = rule.list_builds();
            let of_call = |it: &&Value| it["ref"] == *reference && it["cause"] == "trigger_url";
            builds
                .iter()
                .filter(of_call)
                .count()
                .checked_sub(1 + usize::from(name != "main"))
        });
    }

    for (body, field) in [
        (
            json!({ "source_type": "Tag", "source_name": "v1" }),
            "source_name",
        ),
        (json!({ "source_name": "other" }), "source_name"),
        (json!({ "source_type": "Commit" }), "source_type"),
    ] {
        let (status, answer) = call(site, &by_path, None, &body.to_string());
        assert_eq!(
            (status, &answer["params"]["field"]),
            (400, &json!(field)),
            "{body} {answer}"
        );
    }
    // Whether a branch is there is known when the host was asked, which another address may at once.
    let (other, its_secret, _) = make_trigger(site, &rule, "other");
    let body = json!({ "source_name": "release/none" }).to_string();
    let (status, answer) = call(site, &other, Some(&its_secret), &body);
    assert_eq!(
        (status, &answer["params"]["field"]),
        (400, &json!("source_name")),
        "{answer}"
    );
    for (path, secret) in [
        (format!("{path}/wrong"), None),
        (path.clone(), Some("wrong")),
        (path.clone(), None),
    ] {
        assert_eq!(call(site, &path, secret, "").0, 404);
    }
    site.api().delete(&managed).expect(204);
    assert_eq!(call(site, &by_path, None, "").0, 404);
    assert_eq!(call(site, &path, Some(&secret), "").0, 404);
}

#[test]
fn calls_that_come_too_fast_wait_for_one_build_together_and_none_vanishes() {
    let Some(site) = Site::shared() else { return };
    let rule = site.make_rule(json!({}));
    let commit = rule.code.push_files("main", "One", &[("Dockerfile", TINY)]);
    let (path, secret, _) = make_trigger(site, &rule, "loop");
    let body = json!({ "source_name": "main" }).to_string();
    let started = Instant::now();
    let mut numbers = Vec::new();
    let mut waiting = 0;
    for _ in 0..30 {
        let (status, answer) = call(site, &path, Some(&secret), &body);
        assert_eq!(status, 202, "{answer}");
        let outcome = &answer["builds"][0];
        match outcome["build"].as_u64() {
            Some(number) => numbers.push(number),
            None => {
                assert!(outcome["not_before"].is_string(), "{answer}");
                waiting += 1;
            }
        }
    }
    numbers.dedup();
    let calling = started.elapsed();
    assert!(
        waiting > 0 || calling > Duration::from_secs(10),
        "{numbers:?}"
    );
    // The second commit comes after the last call was answered: what waits builds the head of its own time.
    let second = rule.code.push_files("main", "Two", &[("hello", "two")]);
    assert_ne!(commit, second);
    let built = rule.wait_for_success(rule.wait_for_build_of(&second));
    assert_eq!(built["cause"], "trigger_url");
    let builds = rule.list_builds().len();
    println!("30 calls in {calling:?}: {builds} builds");
    let most = 2 + calling.as_secs() / 10;
    assert!(
        builds as u64 <= most,
        "{builds} builds of calls within {calling:?}"
    );
}
