//! Measures how long it takes until a git push of one small file is an image that can be pulled, and in which phases.
//! Git is served by the program that the how-to ships, and the repository's hook tells wharf of the push.
//! Refuses to count what a person does once: the source, the rule, the first build. Called by the entry point.

mod code;

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use jiff::Timestamp;
use serde_json::json;

use self::code::Code;
use super::{Bench, api::Api};
use crate::contestant::Contestant;
use crate::contestant::find_in_path;
use crate::ledger::{Quantity, Section};
use crate::server::{Door, Server};
use crate::wire::Payload;

/// The row of the whole.
pub(crate) const WHOLE: &str = "git push to pullable tag";

/// One takes so little time that a handful costs nothing.
const ROUNDS: usize = 7;

/// Between two looks whether the tag is there: short against the shortest phase that counts.
const LOOK: Duration = Duration::from_millis(5);

/// A build that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(120);

const IMAGE: &str = "/api/v1/repositories/admin%2Fhello";

/// Measures wharf's build service; a remark says why where this machine cannot.
pub(crate) fn measure(bench: &mut Bench<'_>) -> Result<Option<String>> {
    let wharf = bench.entries.iter();
    let Some(entry) = wharf.clone().find(|it| it.contestant == Contestant::Wharf) else {
        return Ok(None);
    };
    for program in ["git", "python3", "curl"] {
        if find_in_path(program).is_none() {
            return Ok(Some(format!(
                "the service was NOT MEASURED: it needs {program} (apt install git python3 curl)"
            )));
        }
    }
    let home = bench.work.make_home()?;
    let code = Code::serve(&home)?;
    let address = code.address.to_string();
    let path = std::env::var("PATH").unwrap_or_default();
    let environment = [("WHARF_EGRESS_ALLOW", &*address), ("PATH", &*path)];
    let server = Server::start_with(entry, &home, Door::Open, &environment)?;
    let mut api = Api::open(&server)?;
    let queue = api.call("GET", "/api/v1/builds/queue", None, 200)?;
    if let Some(problem) = queue["problem"].as_str() {
        return Ok(Some(format!(
            "the service was NOT MEASURED: this machine cannot build: {problem}"
        )));
    }
    prepare(&mut api, &code, &server)?;
    for round in 0..=ROUNDS {
        let values = build_once(&mut api, &code, round)?;
        // The first one makes folders that are there from then on.
        for (name, milliseconds) in values.into_iter().filter(|_| round > 0) {
            let value = [(Quantity::Milliseconds, milliseconds)];
            bench
                .ledger
                .record(Section::Service, &name, Contestant::Wharf, &value);
        }
    }
    server.stop()?;
    drop(code);
    home.release()?;
    Ok(None)
}

/// The source, the rule, and the line in the repository's hook.
fn prepare(api: &mut Api, code: &Code, server: &Server) -> Result<()> {
    let source = json!({ "kind": "git", "address": format!("http://{}", code.address) });
    let source = api.call("POST", "/api/v1/sources", Some(source), 201)?;
    let source = source["id"].as_str().context("a source without id")?;
    api.call(
        "POST",
        "/api/v1/repositories",
        Some(json!({ "name": "admin/hello" })),
        201,
    )?;
    let rule = json!({
        "name": "main", "source": source, "remote": "hello.git",
        "definition": { "trigger": { "tags": true } },
    });
    api.call("POST", &format!("{IMAGE}/rules"), Some(rule), 201)?;
    let path = format!("/api/v1/sources/{source}/webhooks");
    let hooks = api.call("GET", &path, None, 200)?;
    let hook = hooks["items"][0]["id"]
        .as_str()
        .context("a rule without its webhook")?;
    let secret = api.call("POST", &format!("{path}/{hook}/secret"), None, 200)?;
    let line = secret["line"].as_str().context("no line for the hook")?;
    ensure!(
        line.contains(&server.address.to_string()),
        "the hook calls {line}"
    );
    code.write_hook(line)
}

/// Whether the image can be pulled under this tag.
fn has_tag(api: &mut Api, tag: &str) -> Result<bool> {
    let path = format!("/v2/admin/hello/manifests/{tag}");
    let answer = api
        .connection
        .exchange("HEAD", &path, &api.headers, &Payload::None)?;
    match answer.status {
        200 => Ok(true),
        404 => Ok(false),
        status => bail!("HEAD {path}: {status}"),
    }
}

/// Pushes, waits for the tag, and answers what took how long, in milliseconds.
fn build_once(api: &mut Api, code: &Code, round: usize) -> Result<Vec<(String, f64)>> {
    let tag = format!("v{round}");
    code.commit(&tag)?;
    let pushed_at = Timestamp::now();
    let pushing = Instant::now();
    code.push(&tag)?;
    while !has_tag(api, &tag)? {
        ensure!(
            pushing.elapsed() < PATIENCE,
            "the push of {tag} becomes no image"
        );
        thread::sleep(LOOK);
    }
    let whole = pushing.elapsed();
    let builds = api.call("GET", &format!("{IMAGE}/builds?limit=1"), None, 200)?;
    let number = builds["items"][0]["number"].as_u64().context("no build")?;
    let build = api.call("GET", &format!("{IMAGE}/builds/{number}"), None, 200)?;
    let at = |field: &str| -> Result<Timestamp> {
        let text = build[field].as_str().context("a build without its times")?;
        Ok(text.parse()?)
    };
    let between = |from: Timestamp, to: Timestamp| to.duration_since(from).as_secs_f64() * 1e3;
    let (created, started) = (at("created_at")?, at("started_at")?);
    let mut values = vec![
        (WHOLE.to_owned(), whole.as_secs_f64() * 1e3),
        (
            "  push, hook, look at the refs".to_owned(),
            between(pushed_at, created),
        ),
        ("  queued".to_owned(), between(created, started)),
    ];
    let ended = at("ended_at")?;
    let mut between_phases = between(started, ended);
    for phase in build["phases"].as_array().into_iter().flatten() {
        let kind = phase["kind"].as_str().unwrap_or_default();
        if kind != "step"
            && let Some(took) = phase["duration_ms"].as_f64()
        {
            between_phases -= took;
            values.push((format!("  {kind}"), took));
        }
    }
    values.push(("  the worker's start and end".to_owned(), between_phases));
    Ok(values)
}
