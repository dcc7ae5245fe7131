//! F46: the process ends between a push, its fan-out, the request of a trigger and the note that it was sent. Needs a build
//! with failpoints.

use serde_json::json;
use std::{
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};
use wharf_testkit::{
    Server,
    server::ServerBuilder,
    targets::{Behavior, Receiver},
};

use crate::{
    client::Client,
    place::{describe_server_in, make_image, need, need_failpoints, run_fsck},
};

const REPOSITORY: &str = "crash/app";

/// Where the process ends, and how often the receiver hears of the push: what was sent and not noted is sent again.
const POINTS: [(&str, usize); 4] = [
    ("after-manifest-commit", 1),
    ("after-trigger-fan-out", 1),
    ("before-trigger-send", 1),
    ("after-trigger-send", 2),
];

/// Longer than a delivery takes that waits for nothing.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn f46_a_crash_between_a_push_and_its_delivery_loses_nothing_and_sends_under_the_same_id() {
    need!(need_failpoints());
    let receiver = Receiver::start();
    receiver.behave(Behavior::answer(200, "ok"));
    let folder = tempfile::tempdir().expect("a folder");
    let describe = || -> ServerBuilder {
        describe_server_in(folder.path()).config("[egress]\nallow = [\"127.0.0.1\"]")
    };
    let mut server = describe().start();
    prepare(&server, &receiver);
    let mut heard = 0;
    for (number, (point, times)) in POINTS.into_iter().enumerate() {
        drop(server);
        let crashing = describe().env("WHARF_FAILPOINT", point).start();
        let tag = format!("v{number}");
        // Told of it or not: what was committed is delivered.
        let _ = Client::new(&crashing).push_image(
            REPOSITORY,
            &tag,
            &make_image(number as u64 + 1, &[1_000]),
        );
        wait_for_end(&crashing, point);
        drop(crashing);

        server = describe().start();
        let found = wait_for_success(&server, &tag, point);
        let all = receiver.wait_for(heard + times, PATIENCE);
        let new = &all[heard..];
        assert_eq!(new.len(), times, "{point}");
        for request in new {
            assert_eq!(request.header("webhook-id"), Some(&*found), "{point}");
        }
        heard = all.len();
    }
    run_fsck(&server);
}

fn prepare(server: &Server, receiver: &Receiver) {
    let api = server.api(&server.admin());
    api.post("/namespaces", json!({ "name": "crash" }))
        .expect(201);
    api.post("/repositories", json!({ "name": REPOSITORY }))
        .expect(201);
    let trigger = json!({
        "name": "tell", "actions": [{ "kind": "webhook", "url": receiver.url("/hook") }],
    });
    let path = "/repositories/crash%2Fapp/triggers";
    api.post(path, trigger).expect(201);
}

/// Waits until nobody listens any more.
fn wait_for_end(server: &Server, point: &str) {
    let began = Instant::now();
    while TcpStream::connect(server.authority()).is_ok() {
        assert!(began.elapsed() < PATIENCE, "{point}: it lives on");
        thread::sleep(Duration::from_millis(20));
    }
}

/// The one delivery about a tag, once it succeeded.
fn wait_for_success(server: &Server, tag: &str, point: &str) -> String {
    let api = server.api(&server.admin());
    let path = format!("/repositories/crash%2Fapp/trigger-deliveries?tag={tag}");
    let began = Instant::now();
    loop {
        let page = api.get(&path).expect(200).json();
        let items = page["items"].as_array().expect("items");
        assert!(items.len() < 2, "{point}: {page}");
        if let Some(item) = items.first().filter(|item| item["state"] == "succeeded") {
            return item["id"].as_str().expect("an id").to_owned();
        }
        assert!(began.elapsed() < PATIENCE, "{point}: {page}");
        thread::sleep(Duration::from_millis(50));
    }
}
