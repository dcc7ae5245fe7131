//! `wharf source` and `wharf rule`: what is sent, and that secrets come from stdin alone.

use serde_json::{Value, json};

use crate::fake_api::{Asked, FakeApi};
use crate::home::{Home, Outcome};

const JSON: &str = "application/json";
const MISSING: &str = "";

fn run(api: &FakeApi, arguments: &[&str], input: &str) -> Outcome {
    Home::new()
        .with("WHARF_SERVER", &api.url)
        .with("WHARF_TOKEN", "wharf_pat_x")
        .run_with_input(arguments, input)
}

fn last_sent(api: &FakeApi) -> (String, Value) {
    let asked = api.asked();
    let last = asked.last().unwrap();
    let path = last.line.trim_end_matches(" HTTP/1.1").to_owned();
    (
        path,
        serde_json::from_str(&last.body).unwrap_or(Value::Null),
    )
}

fn connected(kind: &str, address: &str) -> String {
    json!({"id": "s1", "kind": kind, "address": address, "account": "alice", "health": {"ok": true}})
        .to_string()
}

#[test]
fn a_token_comes_from_stdin_and_goes_to_the_server_alone() {
    let api = FakeApi::start(|_| (JSON, connected("gitlab", "https://gitlab.example")));
    let outcome = run(
        &api,
        &[
            "source",
            "add",
            "gitlab",
            "https://gitlab.example",
            "-u",
            "alice",
            "--token-stdin",
        ],
        "glpat-secret\n",
    );
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("alice") && !outcome.stderr.contains("glpat-secret"));
    let (path, body) = last_sent(&api);
    assert_eq!(path, "POST /api/v1/sources");
    assert_eq!(
        body,
        json!({"kind": "gitlab", "address": "https://gitlab.example", "username": "alice", "token": "glpat-secret"})
    );
    // No terminal and no flag: nothing is asked, nothing is sent.
    let outcome = run(
        &api,
        &["source", "add", "gitea", "https://gitea.example"],
        "",
    );
    assert_eq!(outcome.code, Some(2), "{}", outcome.stderr);
}

#[test]
fn signing_in_by_code_shows_it_and_waits_until_it_was_typed() {
    let api = FakeApi::start(|asked: &[Asked]| {
        let polls = asked.iter().filter(|one| one.line.contains("/poll "));
        let login = r#"{"id":"d1","user_code":"7F3B-91CD","verification_url":"https://github.com/login/device","poll_seconds":1}"#;
        match polls.count() {
            0 => (JSON, login.to_owned()),
            1 => (JSON, format!(r#"{{"state":"pending","login":{login}}}"#)),
            _ => {
                let source = connected("github", "https://github.com");
                (
                    JSON,
                    format!(r#"{{"state":"connected","source":{source}}}"#),
                )
            }
        }
    });
    let outcome = run(&api, &["source", "add", "github", "--format", "json"], "");
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("7F3B-91CD") && outcome.stderr.contains("github.com/login/device")
    );
    let source: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(source["account"], "alice");
    assert_eq!(last_sent(&api).0, "POST /api/v1/device-logins/d1/poll");
}

#[test]
fn a_deploy_keys_public_half_is_alone_on_stdout() {
    let api = FakeApi::start(|_| {
        let source = json!({"id": "s1", "address": "ssh://git.example", "account": "git",
            "public_key": "ssh-ed25519 AAAA wharf"});
        (JSON, source.to_string())
    });
    let arguments = [
        "source",
        "add",
        "git",
        "ssh://git@git.example",
        "--host-keys",
        "-",
    ];
    let outcome = run(&api, &arguments, "git.example ssh-ed25519 BBBB\n");
    assert_eq!(
        outcome.stdout, "ssh-ed25519 AAAA wharf\n",
        "{}",
        outcome.stderr
    );
    assert_eq!(
        last_sent(&api).1,
        json!({"kind": "git", "address": "ssh://git.example", "username": "git",
            "host_keys": "git.example ssh-ed25519 BBBB\n"})
    );
}

/// One source, and a repository that is there or not.
fn with_source(has_repository: bool) -> FakeApi {
    FakeApi::start(
        move |asked: &[Asked]| match asked.last().unwrap().line.as_str() {
            line if line.contains("/sources") => {
                let source = connected("github", "https://github.com");
                (JSON, format!(r#"{{"items":[{source}]}}"#))
            }
            line if line.starts_with("GET /api/v1/repositories/acme%2Fweb ") && !has_repository => {
                (MISSING, r#"{"detail":"nothing here"}"#.to_owned())
            }
            _ => (JSON, "{}".to_owned()),
        },
    )
}

#[test]
fn a_rule_makes_its_repository_where_there_is_none() {
    let arguments = [
        "rule",
        "create",
        "acme/web",
        "hub",
        "--source",
        "github",
        "--remote",
        "acme/web",
        "--docker-hub",
        "tag:/^v([0-9.]+)$/=release-{\\1}",
        "--public",
    ];
    let api = with_source(false);
    let outcome = run(&api, &arguments, "");
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let (path, body) = last_sent(&api);
    assert_eq!(path, "POST /api/v1/repositories-from-git");
    assert_eq!(
        (&body["name"], &body["public"]),
        (&json!("acme/web"), &json!(true))
    );
    let line = json!({"source_type": "tag", "source": "/^v([0-9.]+)$/", "tags": "release-{\\1}"});
    assert_eq!(body["rule"]["definition"]["naming"]["lines"], json!([line]));
    assert_eq!(body["rule"]["source"], "s1");

    let api = with_source(true);
    run(&api, &arguments, "");
    let (path, body) = last_sent(&api);
    assert_eq!(path, "POST /api/v1/repositories/acme%2Fweb/rules");
    assert_eq!(body["name"], "hub");
}

#[test]
fn a_secret_is_read_whole_from_stdin() {
    let api = FakeApi::start(|_| (JSON, String::new()));
    let outcome = run(
        &api,
        &["rule", "secret", "set", "acme/web", "main", "npm"],
        "//r/:_authToken=x\nline 2\n",
    );
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let (path, body) = last_sent(&api);
    assert_eq!(
        path,
        "PUT /api/v1/repositories/acme%2Fweb/rules/main/secrets/npm"
    );
    assert_eq!(body, json!({"value": "//r/:_authToken=x\nline 2\n"}));
    assert!(!outcome.stderr.contains("authToken"));
}
