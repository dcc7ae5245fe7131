//! `/dockerfile-checks`: what an editor is told of a Dockerfile.

use serde_json::json;
use std::sync::atomic::{AtomicBool, Ordering};
use wharf_testkit::{Login, unique_name};

use crate::{SERVER, fresh_person};

#[test]
fn a_dockerfile_is_looked_at_and_each_finding_has_its_place() {
    let (_, api) = fresh_person();
    let check = |text: &str| {
        let answer = api.post("/dockerfile-checks", json!({ "dockerfile": text }));
        answer.expect(200).json()["findings"].clone()
    };
    assert_eq!(check("FROM alpine:3.22\nRUN true\n"), json!([]));
    let findings = check("FROM alpine\nENV A b\nCOPY --chwon=1 a b\n");
    let error = findings
        .as_array()
        .expect("a list")
        .iter()
        .find(|one| one["severity"] == "error")
        .expect("an error");
    assert_eq!((&error["line"], &error["column"]), (&json!(3), &json!(6)));
    assert!(error["message"].as_str().expect("text").contains("--chown"));
    assert!(error.get("rule").is_none());

    let findings = check("FROM alpine\n\nENV A b\n");
    assert_eq!(findings[0]["rule"], "LegacyKeyValueFormat");
    assert_eq!(findings[0]["severity"], "warning");
    assert_eq!(
        (&findings[0]["line"], &findings[0]["end_line"]),
        (&json!(3), &json!(3))
    );
    assert!(
        findings[0]["hint"]
            .as_str()
            .expect("text")
            .contains("NAME=value")
    );
}

#[test]
fn what_is_said_of_a_dockerfile_is_said_in_the_readers_language() {
    let (_, api) = fresh_person();
    let text = json!({ "dockerfile": "FROM alpine\nENV A b\n" });
    let answer = api
        .request(reqwest::Method::POST, "/dockerfile-checks")
        .header("accept-language", "zh-CN,zh;q=0.9")
        .json(text)
        .send()
        .expect(200);
    let hint = answer.json()["findings"][0]["hint"].clone();
    assert!(!hint.as_str().expect("text").is_ascii(), "{hint}");
}

#[test]
fn longer_texts_than_people_write_are_refused_and_so_is_whoever_is_not_signed_in() {
    let (_, api) = fresh_person();
    for (text, reason) in [
        (format!("FROM a\n# {}\n", "x".repeat(32 * 1024)), "too_long"),
        ("FROM a\n".repeat(101), "too_many"),
    ] {
        let refused = api.post("/dockerfile-checks", json!({ "dockerfile": text }));
        let refused = refused.expect_problem(400, "invalid_field");
        assert_eq!(refused.json()["params"]["reason"], reason);
    }
    // As many stages as are allowed, each with what was before it and with variables that grow.
    let grown = format!(
        "FROM a AS {}\nENV A=xxxxxxxx\n{}",
        unique_name("s"),
        "ENV A=$A$A\n".repeat(1000)
    );
    let answer = api.post("/dockerfile-checks", json!({ "dockerfile": grown }));
    let findings = answer.expect(200).json()["findings"].clone();
    assert_eq!(
        findings.as_array().expect("a list").last().expect("one")["severity"],
        "error"
    );
    let nobody = SERVER.get().api(&Login::Anonymous);
    let asked = nobody.post("/dockerfile-checks", json!({ "dockerfile": "FROM a" }));
    asked.expect_problem(401, "unauthenticated");
}

#[test]
fn one_account_does_not_take_the_places_of_all_others() {
    let server = SERVER.get();
    let heavy = format!(
        "FROM a\nENV A=xxxxxxxxxxxxxxxx\n{}",
        "ENV B=${A//x/yyyy}${A//x/zzzz}\n".repeat(900)
    );
    let (person, _) = fresh_person();
    let ask = |login: &Login| {
        let api = server.api(login);
        api.post("/dockerfile-checks", json!({ "dockerfile": heavy }))
    };
    let crowded = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let answer = ask(&person.login());
                    if answer.status == 200 {
                        continue;
                    }
                    let answer = answer.expect_problem(429, "too_many_requests");
                    assert_eq!(answer.header("retry-after"), "1");
                    crowded.store(true, Ordering::Relaxed);
                }
            });
        }
        let (other, _) = fresh_person();
        for _ in 0..20 {
            ask(&other.login()).expect(200);
        }
    });
    assert!(
        crowded.load(Ordering::Relaxed),
        "eight at once are too many"
    );
}
