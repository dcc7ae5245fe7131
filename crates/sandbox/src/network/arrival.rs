//! Waiting inside a namespace until somebody outside has connected it.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};
use rustix::net::{AddressFamily, RecvFlags, SocketFlags, SocketType, netlink::SocketAddrNetlink};

/// How long a program may take to connect a step. It takes tens of milliseconds; a loaded machine takes seconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// `RTMGRP_LINK`, `RTMGRP_IPV4_ROUTE` and `RTMGRP_IPV6_ROUTE` (linux/rtnetlink.h).
const CHANGES: u32 = 0x1 | 0x40 | 0x400;

/// Hears of changes of this process's network namespace from the moment it is made.
pub(crate) struct Arrival {
    changes: OwnedFd,
}

impl Arrival {
    /// # Errors
    /// The kernel's.
    pub(crate) fn listen() -> io::Result<Self> {
        let changes = rustix::net::socket_with(
            AddressFamily::NETLINK,
            SocketType::RAW,
            SocketFlags::CLOEXEC | SocketFlags::NONBLOCK,
            None,
        )?;
        rustix::net::bind(&changes, &SocketAddrNetlink::new(0, CHANGES))?;
        Ok(Self { changes })
    }

    /// Returns when there is a way to everywhere.
    ///
    /// # Errors
    /// `ETIMEDOUT` when nobody made one.
    pub(crate) fn await_route(&self) -> io::Result<()> {
        let end = Instant::now() + PATIENCE;
        while !has_default_route() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(io::Error::from_raw_os_error(libc::ETIMEDOUT));
            }
            let timeout = left.try_into().ok();
            let mut fds = [PollFd::new(&self.changes, PollFlags::IN)];
            match rustix::event::poll(&mut fds, timeout.as_ref()) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            let mut buffer = [0; 8192];
            // What changed does not matter, and a lost message neither.
            while rustix::net::recv(&self.changes, &mut buffer, RecvFlags::empty()).is_ok() {}
        }
        Ok(())
    }
}

fn has_default_route() -> bool {
    let v4 = fs::read_to_string("/proc/net/route").unwrap_or_default();
    let v6 = fs::read_to_string("/proc/net/ipv6_route").unwrap_or_default();
    is_default_in(&v4, &v6)
}

/// The tables of proc(5): the destination is the second word, the first one of IPv6; its last word is the interface.
fn is_default_in(v4: &str, v6: &str) -> bool {
    let any4 = v4
        .lines()
        .any(|line| line.split_whitespace().nth(1) == Some("00000000"));
    let any6 = v6.lines().any(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words
            .first()
            .is_some_and(|to| to.bytes().all(|digit| digit == b'0'))
            && words.get(1) == Some(&"00")
            && words.last().is_some_and(|interface| *interface != "lo")
    });
    any4 || any6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_route_to_everywhere_counts() {
        let local = "Iface\tDestination\tGateway\neth0\t0002A8C0\t00000000\n";
        let unreachable = "00000000000000000000000000000000 00 0 00 0 ffffffff 1 0 00200200 lo\n";
        assert!(!is_default_in(local, unreachable));
        assert!(is_default_in("eth0\t00000000\t010200C0\n", ""));
        assert!(is_default_in("", &unreachable.replace("lo", "eth0")));
    }
}
