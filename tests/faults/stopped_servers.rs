//! F16: a server stands still while it sends something, another one on the same database goes on with it, and the first comes
//! back. What of this concerns workloads is in `triggers`, before a real Kubernetes API server.

use serde_json::{Value, json};
use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};
use wharf_testkit::{
    Engine, Server,
    server::ServerBuilder,
    targets::{Behavior, Receiver},
};

use crate::{client::Client, place::make_image};

const REPOSITORY: &str = "still/app";

/// Longer than a lease lasts and a busy machine takes for the rest.
const PATIENCE: Duration = Duration::from_secs(120);

fn describe(folder: &Path) -> ServerBuilder {
    Server::builder()
        .engine(Engine::Postgres)
        .env("WHARF_LOG", "warn")
        .data_dir(folder)
        .config("[egress]\nallow = [\"127.0.0.1\"]")
}

#[test]
fn f16_a_server_that_stands_still_while_it_sends_is_taken_over_and_adds_nothing_when_it_is_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let receiver = Receiver::start();
    receiver.behave(Behavior::Hang);
    let first = describe(&folder.path().join("first")).start();
    prepare(&first, &receiver);
    push(&first, "v1", 1);
    let sent = receiver.wait_for(1, PATIENCE).remove(0);
    first.signal(libc::SIGSTOP);

    receiver.behave(Behavior::answer(200, "ok"));
    let second = describe(&folder.path().join("second"))
        .beside(&first)
        .start();
    let taken_over = wait_for_success(&second, "v1");
    assert_eq!(taken_over["id"].as_str(), sent.header("webhook-id"));
    push(&second, "v2", 2);
    wait_for_success(&second, "v2");

    first.signal(libc::SIGCONT);
    // It is awake, and does its work again beside the other.
    push(&first, "v3", 3);
    wait_for_success(&first, "v3");
    let after = wait_for_success(&first, "v1");
    let attempts = after["attempts"].as_array().expect("attempts");
    let outcomes: Vec<_> = attempts.iter().map(|one| &one["outcome"]).collect();
    assert_eq!(outcomes, ["delivered", "interrupted"], "{after:#}");
    assert_eq!(
        after["attempts"], taken_over["attempts"],
        "nothing is added"
    );
    let heard = receiver.received();
    let ids = heard.iter().map(|request| request.header("webhook-id"));
    let of_first = ids.filter(|id| *id == sent.header("webhook-id")).count();
    assert_eq!(
        (heard.len(), of_first),
        (4, 2),
        "once by each, and two others"
    );
}

fn prepare(server: &Server, receiver: &Receiver) {
    let api = server.api(&server.admin());
    api.post("/namespaces", json!({ "name": "still" }))
        .expect(201);
    api.post("/repositories", json!({ "name": REPOSITORY }))
        .expect(201);
    let trigger = json!({
        "name": "tell", "actions": [{ "kind": "webhook", "url": receiver.url("/hook") }],
    });
    let path = "/repositories/still%2Fapp/triggers";
    api.post(path, trigger).expect(201);
}

fn push(server: &Server, tag: &str, seed: u64) {
    Client::new(server)
        .push_image(REPOSITORY, tag, &make_image(seed, &[1_000]))
        .expect("a healthy server");
}

/// The one delivery about a tag with its attempts, once it succeeded.
#[track_caller]
fn wait_for_success(server: &Server, tag: &str) -> Value {
    let api = server.api(&server.admin());
    let deliveries = "/repositories/still%2Fapp/trigger-deliveries";
    let began = Instant::now();
    loop {
        let page = api.get(&format!("{deliveries}?tag={tag}")).expect(200);
        let page = page.json();
        let items = page["items"].as_array().expect("items");
        assert!(items.len() < 2, "{page}");
        if let Some(item) = items.first().filter(|item| item["state"] == "succeeded") {
            let id = item["id"].as_str().expect("an id");
            return api.get(&format!("{deliveries}/{id}")).expect(200).json();
        }
        assert!(began.elapsed() < PATIENCE, "{page}");
        thread::sleep(Duration::from_millis(50));
    }
}
