//! Answering a step's name queries with the host's name servers.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use super::relay::Stop;
use super::resolver::PORT;

/// Queries that wait for an answer at a time; the oldest is given up for a new one. Each costs a descriptor.
const MAX_WAITING: usize = 64;

/// How long a server may take before the next one is asked. Programs ask again after 5 s (resolv.conf(5)).
const PATIENCE: Duration = Duration::from_millis(4500);

/// The longest datagram there is.
const DATAGRAM: usize = 65_535;

struct Waiting {
    upstream: UdpSocket,
    client: SocketAddr,
    since: Instant,
}

/// Passes datagrams between a step's socket and the first server that answers, until the stop.
pub(crate) fn relay_datagrams(socket: OwnedFd, servers: &[IpAddr], stop: &Stop) {
    let socket = UdpSocket::from(socket);
    // A datagram may be dropped between the news of it and its reading.
    if socket.set_nonblocking(true).is_err() {
        return;
    }
    let mut waiting: Vec<Waiting> = Vec::new();
    let mut buffer = vec![0; DATAGRAM];
    let mut turn = 0_usize;
    loop {
        let mut fds: Vec<BorrowedFd<'_>> = vec![socket.as_fd()];
        fds.extend(waiting.iter().map(|query| query.upstream.as_fd()));
        let Ok(Some(ready)) = stop.wait_for(&fds) else {
            return;
        };
        let mut answered = ready.iter().skip(1);
        waiting.retain(|query| {
            if !answered.next().copied().unwrap_or(false) {
                let waits = query.since.elapsed() < PATIENCE;
                turn = turn.wrapping_add(usize::from(!waits));
                return waits;
            }
            if let Ok(length) = query.upstream.recv(&mut buffer) {
                // A client that went away does not get its answer.
                let _ = socket.send_to(buffer.get(..length).unwrap_or_default(), query.client);
            }
            false
        });
        if ready.first() != Some(&true) {
            continue;
        }
        let Ok((length, client)) = socket.recv_from(&mut buffer) else {
            continue;
        };
        if waiting.len() >= MAX_WAITING {
            waiting.remove(0);
        }
        // Without an answer the program asks again, and by then the next server has its turn.
        if let Ok(upstream) = ask(buffer.get(..length).unwrap_or_default(), servers, turn) {
            waiting.push(Waiting {
                upstream,
                client,
                since: Instant::now(),
            });
        }
    }
}

fn ask(query: &[u8], servers: &[IpAddr], turn: usize) -> io::Result<UdpSocket> {
    let none = || io::Error::from(io::ErrorKind::NotFound);
    let server = servers
        .get(turn.checked_rem(servers.len()).ok_or_else(none)?)
        .ok_or_else(none)?;
    let any: IpAddr = match server {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0))?;
    socket.set_nonblocking(true)?;
    socket.connect((*server, PORT))?;
    socket.send(query)?;
    Ok(socket)
}
