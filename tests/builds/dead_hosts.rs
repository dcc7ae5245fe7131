//! Servers that accept connections and never answer, beside those that do.

use std::{
    io,
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use wharf_testkit::{GitServer, encode_segment, unique_name};
use wharf_tests::building::Site;

/// A busy machine builds the tiny image in less; one dead host's time for a single call is more.
const SOON: Duration = Duration::from_secs(25);

/// As many rules as would take every place, were there not some for each host alone.
const MANY: usize = 10;

/// A git server behind a door that can die: then it takes connections and says nothing.
struct DyingHost {
    git: GitServer,
    address: SocketAddr,
    dead: Arc<AtomicBool>,
}

impl DyingHost {
    fn start() -> Self {
        let git = GitServer::start();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let dead = Arc::new(AtomicBool::new(false));
        let (behind, is_dead) = (git.address(), Arc::clone(&dead));
        thread::spawn(move || {
            let mut held = Vec::new();
            for stream in listener.incoming().flatten() {
                match is_dead.load(Ordering::Relaxed) {
                    true => held.push(stream),
                    false => pass_on(stream, behind),
                }
            }
        });
        Self { git, address, dead }
    }
}

/// Joins a connection with another one.
fn pass_on(client: TcpStream, to: SocketAddr) {
    let server = TcpStream::connect(to).expect("the server behind");
    let copies = [(&client, &server), (&server, &client)];
    for (from, to) in copies {
        let mut from = from.try_clone().expect("a stream");
        let mut to = to.try_clone().expect("a stream");
        thread::spawn(move || {
            let _ = io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Write);
        });
    }
}

#[test]
fn code_hosts_that_never_answer_do_not_keep_others_from_being_built() {
    let host = DyingHost::start();
    let dead = host.address;
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
        let code = unique_name("dead");
        let readme = [("README.md", "# Nothing yet\n")];
        host.git.create(&code).push_files("main", "begin", &readme);
        let body = json!({
            "name": format!("r{number}"), "source": source["id"], "remote": format!("{code}.git"),
            "definition": { "trigger": { "branches": true } },
        });
        site.api().post(&path, body).expect(201);
    }
    host.dead.store(true, Ordering::Relaxed);
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
