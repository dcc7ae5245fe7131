//! Servers that accept connections and never answer, beside those that do.

use std::{
    net::{SocketAddr, TcpListener},
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use wharf_testkit::{encode_segment, unique_name};
use wharf_tests::building::Site;

/// A busy machine builds the tiny image in less; one dead host's time for a single call is more.
const SOON: Duration = Duration::from_secs(25);

/// As many rules as would take every place, were there not some for each host alone.
const MANY: usize = 10;

/// Takes connections and says nothing, for as long as the test process lives.
fn start_dead_host() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        let held: Vec<_> = listener.incoming().flatten().collect();
        drop(held);
    });
    address
}

#[test]
fn code_hosts_that_never_answer_do_not_keep_others_from_being_built() {
    let dead = start_dead_host();
    let Some(site) = Site::start_with(&[dead]) else {
        return;
    };
    let body = json!({ "kind": "git", "address": format!("http://{dead}") });
    let source = site.api().post("/sources", body).expect(201).json();
    let image = format!("{}/{}", unique_name("team"), unique_name("dead"));
    let body = json!({ "name": image });
    site.api().post("/repositories", body).expect(201);
    let path = format!("/repositories/{}/rules", encode_segment(&image));
    for number in 0..MANY {
        let body = json!({
            "name": format!("r{number}"), "source": source["id"], "remote": format!("r{number}.git"),
            "definition": { "trigger": { "branches": true } },
        });
        site.api().post(&path, body).expect(201);
    }
    let rule = site.make_rule(json!({
        "trigger": { "branches": true },
        "push_also": [{ "image": format!("{dead}/team/app") }],
    }));
    for round in ["one", "two"] {
        let dockerfile = format!("FROM scratch\nLABEL round={round}\nCOPY Dockerfile /\n");
        let started = Instant::now();
        let commit = rule
            .code
            .push_files("main", round, &[("Dockerfile", &dockerfile)]);
        let number = rule.wait_for_build_of(&commit);
        rule.wait_for_success(number);
        assert!(started.elapsed() < SOON, "it took {:?}", started.elapsed());
    }
}
