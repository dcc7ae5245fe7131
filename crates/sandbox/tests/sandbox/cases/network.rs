//! What an isolated step reaches, and what it does not.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use wharf_sandbox::{Allowed, Dns, Network, Policy};

use super::both;
use crate::harness::{Case, skip};
use crate::machine::{Machine, Told};
use crate::outside::{METADATA, METADATA_ELSEWHERE, PORT, PRIVATE};
use crate::remains::{Remains, find_descendants};

pub(super) fn cases() -> Vec<Case> {
    vec![
        both(
            "without_network_there_is_only_the_loopback_interface",
            none_is_loopback,
        ),
        both("an_isolated_step_has_a_way_out", isolated_has_route),
        Case {
            name: "names_are_answered_by_the_servers_of_the_host",
            // Another port than 53 cannot be told to a resolver, and binding that one takes root.
            as_root: true,
            as_user: false,
            run: names_are_answered,
        },
        both(
            "c17_a_step_cannot_reach_the_host_or_metadata",
            c17_host_is_denied,
        ),
        Case {
            name: "c17_slirp4netns_keeps_the_host_away_too",
            as_root: false,
            as_user: true,
            run: c17_slirp,
        },
        Case {
            name: "f50_what_speaks_for_a_step_goes_with_the_helper",
            as_root: false,
            as_user: true,
            run: speaker_goes,
        },
        both(
            "c18_private_addresses_are_denied_by_packet",
            c18_private_is_denied,
        ),
    ]
}

fn none_is_loopback(machine: &Machine) {
    let told = machine.run(&machine.shell(
        "s",
        "cd /sys/class/net && echo *; ping -c1 -W1 127.0.0.1 | grep -c ttl=",
    ));
    assert_eq!(told.stdout, "lo\n1\n", "{told:?}");
}

/// Runs a script in an isolated step.
fn isolated(
    machine: &Machine,
    snapshot: &str,
    policy: &Policy,
    guards: bool,
    script: &str,
) -> Told {
    let mut step = machine.attack(snapshot, &[]);
    step.argv = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
    step.network = Network::Isolated(policy.clone());
    step.guards_off.packet_filter = !guards;
    let running = machine.start(&step);
    if let Some(note) = running.network_note() {
        skip(note.to_owned());
    }
    crate::machine::finish(running)
}

fn isolated_has_route(machine: &Machine) {
    let told = isolated(
        machine,
        "s",
        &Policy::default(),
        true,
        "ip route; cat /etc/resolv.conf",
    );
    assert!(told.stdout.contains("default via"), "{told:?}");
    assert!(told.stdout.contains("nameserver 127.0.0.11"), "{told:?}");
}

fn names_are_answered(machine: &Machine) {
    // A server on an address of the loopback network: reachable only because the host asks for the step.
    let server: IpAddr = Ipv4Addr::new(127, 77, 0, 53).into();
    let socket = UdpSocket::bind((server, 53)).expect("root binds any port");
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let thread = std::thread::spawn(move || {
        let mut query = [0; 512];
        while let Ok((length, client)) = socket.recv_from(&mut query) {
            if stopped.load(Ordering::Relaxed) {
                return;
            }
            socket
                .send_to(&answer_with(&query[..length], [192, 0, 2, 77]), client)
                .expect("an answer is sent");
        }
    });
    let mut step = machine.shell("s", "nslookup -type=a name.test 127.0.0.11");
    step.network = Network::Isolated(Policy::default());
    step.dns = Some(Dns {
        servers: vec![server],
        ..Dns::default()
    });
    let told = machine.run(&step);
    stop.store(true, Ordering::Relaxed);
    UdpSocket::bind("127.0.0.1:0")
        .and_then(|socket| socket.send_to(b"end", (server, 53)))
        .expect("the server is told");
    thread.join().expect("the server ends");
    assert!(told.stdout.contains("192.0.2.77"), "{told:?}");
}

/// The query as an answer with one address (RFC 1035, section 4).
fn answer_with(query: &[u8], address: [u8; 4]) -> Vec<u8> {
    let mut answer = query.to_vec();
    answer[2] |= 0x80;
    answer[7] = 1;
    answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
    answer.extend(address);
    answer
}

/// A server of the host on all of its addresses, which says hello.
fn greet() -> SocketAddr {
    let listener = TcpListener::bind("0.0.0.0:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            stream
                .write_all(b"hello from the host\n")
                .expect("a greeting is sent");
            let mut rest = Vec::new();
            stream.read_to_end(&mut rest).ok();
        }
    });
    address
}

/// An address of the host that is not a loopback one.
fn host_address() -> IpAddr {
    let socket = UdpSocket::bind("0.0.0.0:0").expect("a socket");
    if socket.connect("198.51.100.1:9").is_err() {
        skip("this machine has no route out");
    }
    socket.local_addr().expect("an address").ip()
}

fn c17_host_is_denied(machine: &Machine) {
    let port = greet().port();
    let host = host_address();
    let gateway = "$(ip route | sed -n 's/default via \\([0-9.]*\\).*/\\1/p')";
    let ask = format!(
        "for to in {host} {gateway} 127.0.0.1; do /probe/probe --probe greet=$to:{port}; done; true"
    );
    let open = isolated(machine, "open", &Policy::default(), false, &ask);
    let closed = isolated(machine, "closed", &Policy::default(), true, &ask);
    assert!(!closed.stdout.contains("hello"), "{closed:?}");
    // Root's second wall, outside of the step, holds without the first; a program that speaks for the step does not
    // reach the host by its own address, which it gives to the step.
    assert!(!open.stdout.contains("hello"), "{open:?}");

    let ask = ask_for(&[METADATA, METADATA_ELSEWHERE]);
    let open = isolated(machine, "metadata-open", &Policy::default(), false, &ask);
    assert_eq!(open.stdout.matches("hello").count(), 2, "{open:?}");
    let closed = isolated(machine, "metadata-closed", &Policy::default(), true, &ask);
    assert!(!closed.stdout.contains("hello"), "{closed:?}");
    assert_eq!(closed.stdout.matches(REFUSED).count(), 2, "{closed:?}");
}

fn c17_slirp(machine: &Machine) {
    if !std::path::Path::new("/usr/bin/slirp4netns").exists() {
        skip("slirp4netns is not installed");
    }
    let other = Machine::beside(machine).on_host(wharf_sandbox::Host::with_slirp4netns);
    let port = greet().port();
    let ask = format!(
        "ip route; /probe/probe --probe greet={METADATA}:{PORT} greet={}:{port} greet=10.0.2.2:{port}",
        host_address()
    );
    let open = isolated(&other, "open", &Policy::default(), false, &ask);
    assert!(open.stdout.contains("default via 10.0.2.2"), "{open:?}");
    assert_eq!(open.stdout.matches("hello from").count(), 2, "{open:?}");
    let closed = isolated(&other, "closed", &Policy::default(), true, &ask);
    assert_eq!(closed.stdout.matches(REFUSED).count(), 3, "{closed:?}");
}

fn speaker_goes(machine: &Machine) {
    let slirp = std::path::Path::new("/usr/bin/slirp4netns").exists();
    let other =
        slirp.then(|| Machine::beside(machine).on_host(wharf_sandbox::Host::with_slirp4netns));
    for machine in std::iter::once(machine).chain(&other) {
        // The helper alone, and it with every other process of this program: `killall`, a machine without memory.
        for all_of_ours in [false, true] {
            let before = Remains::find();
            let mut step = machine.shell("s", "sleep 1000");
            step.network = Network::Isolated(Policy::default());
            let running = machine.start(&step);
            if let Some(note) = running.network_note() {
                skip(note.to_owned());
            }
            let speaks = |pid: &String| {
                let words = read_words(pid);
                words.contains("pasta") || words.contains("slirp4netns")
            };
            let started = find_descendants(std::process::id());
            assert!(started.iter().any(speaks), "{started:?}");
            let ours: Vec<_> = started
                .iter()
                .filter(|pid| read_words(pid).contains("__sandbox"))
                .collect();
            let helper = ours.iter().find(|pid| is_child(pid)).expect("a helper");
            match all_of_ours {
                true => ours.iter().for_each(|pid| kill(pid)),
                false => kill(helper),
            }
            drop(running);
            before.assert_same();
        }
    }
}

fn read_words(pid: &str) -> String {
    let words = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&words).into_owned()
}

fn is_child(pid: &str) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status.contains(&format!("PPid:\t{}\n", std::process::id()))
}

fn kill(pid: &str) {
    let pid = rustix::process::Pid::from_raw(pid.parse().expect("a number")).expect("a pid");
    // The first process of a step is somebody else's, and goes with its helper.
    let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
}

/// Connects to each address in turn, and says how that went.
fn ask_for(addresses: &[&str]) -> String {
    let words = addresses
        .iter()
        .map(|address| format!(" greet={address}:{PORT}"));
    format!("/probe/probe --probe{}", words.collect::<String>())
}

/// What the kernel tells a connection that its own filter refuses.
const REFUSED: &str = "No route to host";

fn c18_private_is_denied(machine: &Machine) {
    let ask = ask_for(&[PRIVATE]);
    let server = Policy {
        deny_private: true,
        allow: Vec::new(),
    };
    let open = isolated(machine, "open", &Policy::default(), true, &ask);
    assert!(open.stdout.contains("hello"), "{open:?}");
    let closed = isolated(machine, "closed", &server, true, &ask);
    assert!(closed.stdout.contains(REFUSED), "{closed:?}");

    // What the operator names is reachable, on that port only.
    let address: IpAddr = PRIVATE.parse().expect("an address");
    for (port, word) in [(PORT, "hello"), (PORT + 1, REFUSED)] {
        let policy = Policy {
            deny_private: true,
            allow: vec![Allowed {
                address,
                prefix: 32,
                port: Some(port),
            }],
        };
        let told = isolated(machine, &format!("port{port}"), &policy, true, &ask);
        assert!(told.stdout.contains(word), "{told:?}");
    }
}
