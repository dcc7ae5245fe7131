//! Measures one kind of small request against all contestants: CPU per request, rate and latency.
//! Refuses any answer but the expected one. Called by the measures of requests, lists and passwords.

use anyhow::{Context, Result};

use super::{Bench, describe_latencies, rotate};
use crate::content::MANIFEST_TYPE;
use crate::ledger::{Quantity, Section};
use crate::proc_stat::read_cpu_seconds;
use crate::server::{Server, password_headers};
use crate::wire::{ClosedLoop, Headers, Requests, write_head};

/// More than any server here answers in a window; it bounds the latencies that are kept.
const MOST: usize = 500_000;

pub(super) struct SmallRequest {
    pub(super) section: Section,
    pub(super) name: String,
    pub(super) method: &'static str,
    /// Asked in turn.
    pub(super) paths: Vec<String>,
    pub(super) expected: u16,
    pub(super) connections: usize,
    pub(super) access: Access,
}

/// How the requests are allowed.
pub(super) enum Access {
    /// A token with this scope where tokens are needed.
    Token(String),
    Password,
}

pub(super) fn measure(
    bench: &mut Bench<'_>,
    servers: &[&Server],
    small: &SmallRequest,
) -> Result<()> {
    for round in (0..).take_while(|round| bench.scale.allows(*round)) {
        for server in rotate(servers, round) {
            let values = measure_once(bench, server, small)
                .with_context(|| format!("{}: {}", server.contestant.name(), small.name))?;
            bench
                .ledger
                .record(small.section, &small.name, server.contestant, &values);
        }
    }
    Ok(())
}

fn measure_once(
    bench: &Bench<'_>,
    server: &Server,
    small: &SmallRequest,
) -> Result<Vec<(Quantity, f64)>> {
    let headers = headers_for(server, &small.access)?.with("Accept", MANIFEST_TYPE);
    let requests = Requests {
        requests: small
            .paths
            .iter()
            .map(|path| write_head(server.address, small.method, path, &headers, None))
            .collect(),
        bodiless: small.method == "HEAD",
        expected: small.expected,
    };
    let mut closed_loop = ClosedLoop::connect(server.address, small.connections, requests)?;
    let before = read_cpu_seconds(server.pid())?;
    let mut outcome = closed_loop.run(bench.scale.request_window, MOST)?;
    let cpu_seconds = read_cpu_seconds(server.pid())? - before;
    let count = outcome.latencies.len() as f64;
    let mut values = vec![
        (Quantity::CpuMicros, cpu_seconds * 1e6 / count),
        (Quantity::PerSecond, count / outcome.elapsed.as_secs_f64()),
    ];
    values.extend(describe_latencies(&mut outcome.latencies));
    Ok(values)
}

fn headers_for(server: &Server, access: &Access) -> Result<Headers> {
    match access {
        Access::Token(scope) => server.log_in(&[scope]),
        Access::Password => Ok(password_headers()),
    }
}
