//! What a worker that was taken over can do, and what it cannot.

use std::fs::{self, DirBuilder};
use std::net::{SocketAddr, TcpListener};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::net::{SocketAddr as UnixAddress, UnixListener};
use std::process::{Child, Command, Stdio};

use wharf_builder::progress::Event;
use wharf_worker::{FailureKind, JobNetwork, WorkerEvent};

use super::both;
use crate::bench::Bench;
use crate::harness::Case;
use crate::outside::{ALLOWED, METADATA, PORT, PRIVATE};
use crate::probe::{RESULTS, Results, TARGETS, Targets, attack};
use crate::remains::{Remains, find_descendants};

pub(super) fn cases() -> Vec<Case> {
    vec![
        both("h69_a_worker_opens_nothing_of_the_server", opens_nothing),
        both(
            "h69_a_worker_gets_no_layer_of_another_build",
            gets_nothing_foreign,
        ),
        both("a_worker_is_neither_root_nor_the_server", is_nobody),
        both(
            "c17_a_step_reaches_what_is_allowed_and_nothing_else",
            step_is_filtered,
        ),
        Case {
            name: "c17_a_worker_cannot_lift_the_filter",
            as_root: true,
            as_user: false,
            run: filter_is_outside,
        },
        both("a_build_without_network_has_none", has_no_network),
    ]
}

/// Files as a server has them.
fn make_server_files(bench: &Bench) -> Targets {
    let data = bench.path("data");
    let mut files = Vec::new();
    for name in ["wharf.db", "keys/secrets", "blobs/sha256/aa"] {
        let path = data.join(name);
        let folder = path.parent().expect("a parent");
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .expect("a folder");
        fs::write(&path, "secret").expect("a file");
        files.push(path);
    }
    Targets {
        files,
        ..Targets::default()
    }
}

/// A process of the server's user, with something to read.
struct StandIn(Child);

impl StandIn {
    fn start() -> Self {
        let child = Command::new("sleep")
            .arg("300")
            .stdout(Stdio::null())
            .spawn();
        Self(child.expect("sleep starts"))
    }

    fn memory(&self) -> u64 {
        let maps = fs::read_to_string(format!("/proc/{}/maps", self.0.id())).expect("maps");
        let line = maps
            .lines()
            .find(|line| line.contains(" r"))
            .expect("a readable part");
        let start = line.split('-').next().expect("a start");
        u64::from_str_radix(start, 16).expect("a number")
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a worker with the probe in its place and answers what it found.
pub(super) fn send_probe(
    bench: &Bench,
    targets: &Targets,
) -> (Results, wharf_worker::WorkerFailure) {
    let state = bench.state();
    let text = serde_json::to_vec(targets).expect("targets");
    fs::write(state.join(TARGETS), text).expect("targets are written");
    let failure = bench.build(bench.job("FROM base\n", &[])).failure();
    let text = fs::read(state.join(RESULTS)).expect("the probe was there");
    (serde_json::from_slice(&text).expect("results"), failure)
}

fn opens_nothing(bench: &Bench) {
    let process = StandIn::start();
    let name = format!("wharf-server-{}", std::process::id());
    let address = UnixAddress::from_abstract_name(&name).expect("a name");
    let _socket = UnixListener::bind_addr(&address).expect("a socket");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let targets = Targets {
        process: process.0.id(),
        memory: process.memory(),
        socket: name,
        places: vec![listener.local_addr().expect("an address")],
        ..make_server_files(bench)
    };
    // Without the guards all of it works.
    let unguarded = attack(&targets);
    assert!(
        unguarded.attacks.values().all(|worked| *worked),
        "{unguarded:?}"
    );
    assert!(
        unguarded.attacks.len() == 7 && unguarded.processes > 0,
        "{unguarded:?}"
    );

    let (guarded, failure) = send_probe(bench, &targets);
    assert!(
        guarded.attacks.values().all(|worked| !*worked),
        "{guarded:?}"
    );
    assert_eq!(guarded.attacks.len(), 7);
    assert_eq!(guarded.processes, 0, "{guarded:?}");
    for hidden in ["home", "root", "var", "run", "data"] {
        assert!(
            !guarded.root.iter().any(|name| name == hidden),
            "{guarded:?}"
        );
    }
    assert_eq!(failure.kind, FailureKind::WorkerLost);
}

fn gets_nothing_foreign(bench: &Bench) {
    let before = Remains::find();
    let digest = format!("sha256:{}", "a".repeat(64));
    let targets = Targets {
        process: std::process::id(),
        socket: "none".to_owned(),
        words: vec![
            format!(r#"{{"OpenLayer":{{"ask":1,"image":"{digest}","layer":"{digest}"}}}}"#),
            r#"{"Become":"root"}"#.to_owned(),
        ],
        ..Targets::default()
    };
    let (results, failure) = send_probe(bench, &targets);
    assert_eq!(results.answers.len(), 1, "{results:?}");
    assert!(
        results.answers[0].contains("belongs to no image of this build"),
        "{results:?}"
    );
    assert_eq!(failure.kind, FailureKind::WorkerLost);
    assert!(failure.message.contains("protocol"), "{failure:?}");
    assert_eq!(*bench.services.opened.lock().unwrap(), 0);
    before.assert_no_more(std::process::id());
}

fn is_nobody(bench: &Bench) {
    let targets = make_server_files(bench);
    let own = rustix::process::geteuid().as_raw();
    let mut seen = None;
    let dockerfile = "FROM base\nRUN id -u; sleep 2\n";
    let story = bench.runtime.block_on(async {
        let handle = bench.start(bench.job(dockerfile, &[])).await;
        bench
            .hear(handle, |event, _| {
                if let WorkerEvent::Progress(Event::StepLog { .. }) = event {
                    seen = Some(list_owners());
                }
            })
            .await
    });
    assert!(story.log.starts_with("0\n"), "{story:?}");
    let seen = seen.expect("the step ran");
    let [worker, step] = [seen.worker.expect("a worker"), seen.step.expect("a step")];
    assert!(worker != 0 && worker != own, "{worker}");
    assert!(
        step != 0 && step != own && step != worker,
        "{step} {worker}"
    );
    if own == 0 {
        // Also by its id alone, where everything is visible, it opens nothing.
        for path in &targets.files {
            let id = worker.to_string();
            let status = Command::new("setpriv")
                .args(["--reuid", &id, "--regid", &id, "--clear-groups", "cat"])
                .arg(path)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .expect("setpriv runs");
            assert!(!status.success(), "{}", path.display());
        }
    }
}

/// Ids of the machine that a worker and its step have.
#[derive(Debug)]
struct Owners {
    worker: Option<u32>,
    step: Option<u32>,
}

fn list_owners() -> Owners {
    let mut owners = Owners {
        worker: None,
        step: None,
    };
    for pid in find_descendants(std::process::id()) {
        let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let words = String::from_utf8_lossy(&words).into_owned();
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let uid = status
            .lines()
            .find_map(|line| line.strip_prefix("Uid:"))
            .and_then(|rest| rest.split_whitespace().next())
            .and_then(|id| id.parse().ok());
        if words.starts_with("wharf\0__worker\0") {
            owners.worker = uid;
        } else if words.contains("sleep") {
            owners.step = uid;
        }
    }
    owners
}

fn step_is_filtered(bench: &Bench) {
    let host = TcpListener::bind("0.0.0.0:0").expect("a port");
    let own_port = host.local_addr().expect("an address").port();
    let reach = |place: &str, port: u16| {
        format!(
            "RUN nc -w 2 {place} {port} </dev/null && echo reached-{place} || echo no-{place}\n"
        )
    };
    let mut dockerfile = "FROM base\n".to_owned();
    dockerfile.push_str(&reach(ALLOWED, PORT));
    for place in [METADATA, PRIVATE] {
        dockerfile.push_str(&reach(place, PORT));
    }
    dockerfile.push_str(&reach(crate::outside::HOST, own_port));
    dockerfile.push_str("RUN nc -w 2 $(ip route | awk '/default/ {print $3}') ");
    dockerfile.push_str(&format!(
        "{own_port} </dev/null && echo reached-gateway || true\n"
    ));
    let story = bench.build(bench.job(&dockerfile, &[]));
    assert!(
        story.log.contains(&format!("reached-{ALLOWED}")),
        "{story:?}"
    );
    assert_eq!(story.log.matches("reached-").count(), 1, "{story:?}");
}

fn filter_is_outside(bench: &Bench) {
    let place = |address: &str| SocketAddr::new(address.parse().expect("an address"), PORT);
    let targets = Targets {
        process: std::process::id(),
        socket: "none".to_owned(),
        places: [ALLOWED, METADATA, PRIVATE, crate::outside::HOST]
            .map(place)
            .to_vec(),
        ..Targets::default()
    };
    // From the machine itself all but its own address answer.
    let unguarded = attack(&targets);
    for address in [ALLOWED, METADATA, PRIVATE] {
        assert!(
            unguarded.attacks[&format!("reach {}", place(address))],
            "{unguarded:?}"
        );
    }
    let (results, _) = send_probe(bench, &targets);
    // The probe took its own filter away, so this one works; it would prove nothing otherwise.
    assert!(
        results.attacks[&format!("reach {}", place(ALLOWED))],
        "{results:?}"
    );
    for address in [METADATA, PRIVATE, crate::outside::HOST] {
        assert!(
            !results.attacks[&format!("reach {}", place(address))],
            "{results:?}"
        );
    }
}

fn has_no_network(bench: &Bench) {
    let mut job = bench.job("FROM base\nRUN ip address | grep -c inet; ip route\n", &[]);
    job.network = JobNetwork::None;
    let story = bench.build(job);
    assert!(
        story.log.starts_with("2\n") || story.log.starts_with("1\n"),
        "{story:?}"
    );
    assert!(!story.log.contains("default"), "{story:?}");
    story.image();
}
