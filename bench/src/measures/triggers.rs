//! Measures what triggers cost a push: manifest PUTs to a repository that no trigger follows, and to one whose ten triggers
//! match each of them and whose receivers are dead (half of them refuse, half accept and never answer).
//! Once with clients that push without a pause, which is all that the machine can do, and once at a steady rate that a busy
//! registry sees. Each on a server of its own, so that what triggers do afterwards burdens only the pushes that they follow. Called by the
//! entry point.

use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::{Bench, api::Api, describe_latencies, rotate};
use crate::contestant::{Contestant, Entry};
use crate::crew::{Shift, run_paced_crew};
use crate::ledger::{Quantity, Section};
use crate::scale::count;
use crate::seed::{SmallImage, tag_name};
use crate::server::{Door, PASSWORD, Server, basic_headers, find_free_address};
use crate::upload::{push_blob, put_manifest};
use crate::wire::Connection;

/// p99 with triggers as a multiple of p99 without, where clients push without a pause.
pub(crate) const SLOWER_ROW: &str = "p99 of manifest PUT, 10 matching triggers with dead receivers";

/// The same at a steady rate.
pub(crate) const PACED_ROW: &str = "the same at 200 PUTs per s";

/// A PUT begins so often: a fraction of what the smallest machine can do, and more than most registries ever see.
const EVERY: Duration = Duration::from_millis(5);

const REPOSITORY: &str = "bench/followed";
const CLIENTS: usize = 8;

/// As many as a repository may have.
const TRIGGERS: usize = 10;

/// Pairs of windows, each of which gives one ratio: one slow fsync makes a p99 of a single window worth little.
const PAIRS: usize = 5;
const WINDOW: Duration = Duration::from_secs(4);

/// Far more than a window takes.
const MOST: usize = 100_000;

pub(crate) fn measure(bench: &mut Bench<'_>) -> Result<()> {
    let wharf = |entry: &&Entry| entry.contestant == Contestant::Wharf;
    let Some(entry) = bench.entries.iter().find(wharf) else {
        return Ok(());
    };
    let dead = DeadReceivers::start()?;
    for (every, row) in [(None, SLOWER_ROW), (Some(EVERY), PACED_ROW)] {
        let pace = match every {
            None => count(CLIENTS, "client"),
            Some(every) => format!("{:.0} per s", 1.0 / every.as_secs_f64()),
        };
        for pair in 0..PAIRS {
            let mut p99 = [0.0; 2];
            for with in rotate(&[false, true], pair) {
                let name = match with {
                    false => format!("{pace}, no trigger"),
                    true => format!("{pace}, {TRIGGERS} triggers"),
                };
                let followers: &[SocketAddr] = if *with { &dead.addresses } else { &[] };
                let values = push_with(bench, entry, followers, every).context(name.clone())?;
                let found = values.iter().find(|value| value.0 == Quantity::P99Micros);
                p99[usize::from(*with)] = found.context("no latency was measured")?.1;
                bench
                    .ledger
                    .record(Section::Triggers, &name, entry.contestant, &values);
            }
            let ratio = [(Quantity::Times, p99[1] / p99[0])];
            bench
                .ledger
                .record(Section::Triggers, row, entry.contestant, &ratio);
        }
    }
    Ok(())
}

fn push_with(
    bench: &Bench<'_>,
    entry: &Entry,
    followers: &[SocketAddr],
    every: Option<Duration>,
) -> Result<Vec<(Quantity, f64)>> {
    let home = bench.work.make_home()?;
    let allowed = followers.iter().map(SocketAddr::to_string);
    let allowed = allowed.collect::<Vec<_>>().join(",");
    let environment = [("WHARF_EGRESS_ALLOW", &*allowed)];
    let environment = if followers.is_empty() {
        &[][..]
    } else {
        &environment[..]
    };
    let server = Server::start_with(entry, &home, Door::Open, environment)?;
    let mut api = Api::open(&server)?;
    let namespace = json!({ "name": "bench" });
    api.call("POST", "/api/v1/namespaces", Some(namespace), 201)?;
    let repository = json!({ "name": REPOSITORY });
    api.call("POST", "/api/v1/repositories", Some(repository), 201)?;
    let path = format!("/api/v1/repositories/{}", REPOSITORY.replace('/', "%2F"));
    for (number, follower) in followers.iter().enumerate() {
        let trigger = json!({
            "name": format!("receiver-{number}"),
            "actions": [{ "kind": "webhook", "url": format!("http://{follower}/hook") }],
        });
        api.call("POST", &format!("{path}/triggers"), Some(trigger), 201)?;
    }
    let image = SmallImage::new();
    let headers = basic_headers("admin", PASSWORD);
    for blob in [&image.config, &image.layer] {
        push_blob(&mut api.connection, &headers, REPOSITORY, blob)?;
    }
    let shift = Shift {
        clients: CLIENTS,
        window: WINDOW,
        least: CLIENTS,
        most: MOST,
    };
    let mut tally = run_paced_crew(
        server.pid(),
        shift,
        every,
        || Connection::open(server.address),
        |connection, number| {
            let manifest = image.write_variant(number);
            let tag = tag_name(number);
            put_manifest(connection, &headers, REPOSITORY, &tag, &manifest)?
                .expect("put a manifest", 201)?;
            Ok(0)
        },
    )?;
    if !followers.is_empty() {
        let path = format!("{path}/trigger-deliveries?limit=1");
        let listed = api.call("GET", &path, None, 200)?;
        let any = listed["items"]
            .as_array()
            .is_some_and(|all| !all.is_empty());
        ensure!(any, "no trigger followed the pushes");
    }
    server.stop()?;
    home.release()?;
    Ok(describe_latencies(&mut tally.latencies))
}

/// Receivers of which none ever answers.
struct DeadReceivers {
    addresses: Vec<SocketAddr>,
}

impl DeadReceivers {
    fn start() -> Result<DeadReceivers> {
        let mut addresses = Vec::new();
        for number in 0..TRIGGERS {
            if number.is_multiple_of(2) {
                addresses.push(find_free_address()?);
                continue;
            }
            let listener = TcpListener::bind("127.0.0.1:0").context("listen as a receiver")?;
            addresses.push(listener.local_addr()?);
            thread::spawn(move || {
                // Held and never read.
                let mut held = Vec::new();
                while let Ok((stream, _)) = listener.accept() {
                    held.push(stream);
                }
            });
        }
        Ok(DeadReceivers { addresses })
    }
}
