//! Sends small requests over many keep-alive connections from one thread: each connection has one request under way.
//! Refuses unexpected statuses and connections closed by the server, since both would make the numbers look good.
//! Called by every measure of requests per second and CPU per request.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rustix::event::{Timespec, epoll};
use rustix::net::{RecvFlags, recv};

use super::body::Body;
use super::head::parse_head;

/// A server that answers nothing for this long has failed.
const PATIENCE: Timespec = Timespec {
    tv_sec: 60,
    tv_nsec: 0,
};

/// What the loop sends and what it takes for success.
pub(crate) struct Requests {
    /// Complete requests without bodies, sent in turn.
    pub(crate) requests: Vec<Vec<u8>>,
    /// They are HEAD requests: answers have no body.
    pub(crate) bodiless: bool,
    pub(crate) expected: u16,
}

pub(crate) struct ClosedLoop {
    epoll: OwnedFd,
    lanes: Vec<Lane>,
    requests: Requests,
    next: usize,
    scratch: Vec<u8>,
}

struct Lane {
    stream: TcpStream,
    head: Vec<u8>,
    /// `None` until the head is complete.
    body: Option<Body>,
    sent: Instant,
}

/// What happened in one run of the loop.
pub(crate) struct Outcome {
    /// Microseconds from request to last byte, in order of completion.
    pub(crate) latencies: Vec<u32>,
    pub(crate) elapsed: Duration,
}

impl ClosedLoop {
    /// Opens the connections and sends one request on each, so that what is measured later is the steady state.
    ///
    /// # Errors
    /// As [`ClosedLoop::run`].
    pub(crate) fn connect(
        address: SocketAddr,
        connections: usize,
        requests: Requests,
    ) -> Result<ClosedLoop> {
        ensure!(
            address.ip().is_loopback(),
            "{address} is not a loopback address"
        );
        ensure!(!requests.requests.is_empty(), "nothing to send");
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let mut lanes = Vec::with_capacity(connections);
        for index in 0..connections {
            let stream = TcpStream::connect(address).context("connect to the registry")?;
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            let data = epoll::EventData::new_u64(index as u64);
            epoll::add(&epoll, &stream, data, epoll::EventFlags::IN)?;
            lanes.push(Lane {
                stream,
                head: Vec::with_capacity(4096),
                body: None,
                sent: Instant::now(),
            });
        }
        let mut closed_loop = ClosedLoop {
            epoll,
            lanes,
            requests,
            next: 0,
            scratch: vec![0; 256 << 10],
        };
        closed_loop.run(Duration::ZERO, connections)?;
        Ok(closed_loop)
    }

    /// Keeps every connection busy until `window` is over or `most` requests were sent, then waits for the answers under way.
    ///
    /// # Errors
    /// An answer has another status than expected, a connection is closed, or nothing is answered for a minute.
    pub(crate) fn run(&mut self, window: Duration, most: usize) -> Result<Outcome> {
        let started = Instant::now();
        let mut latencies = Vec::with_capacity(most.min(1 << 18));
        let (mut sent, mut under_way) = (0, 0);
        for index in 0..self.lanes.len().min(most) {
            self.send(index)?;
            sent += 1;
            under_way += 1;
        }
        let mut events = Vec::with_capacity(self.lanes.len());
        while under_way > 0 {
            events.clear();
            epoll::wait(
                &self.epoll,
                rustix::buffer::spare_capacity(&mut events),
                Some(&PATIENCE),
            )?;
            ensure!(!events.is_empty(), "no answer for {} s", PATIENCE.tv_sec);
            for event in &events {
                let index = event.data.u64() as usize;
                if !self.receive(index)? {
                    continue;
                }
                under_way -= 1;
                latencies.push(self.lanes[index].sent.elapsed().as_micros() as u32);
                if sent < most && started.elapsed() < window {
                    self.send(index)?;
                    sent += 1;
                    under_way += 1;
                }
            }
        }
        Ok(Outcome {
            latencies,
            elapsed: started.elapsed(),
        })
    }

    fn send(&mut self, index: usize) -> Result<()> {
        let request = &self.requests.requests[self.next % self.requests.requests.len()];
        self.next += 1;
        let lane = &mut self.lanes[index];
        lane.sent = Instant::now();
        // A request of at most a few KiB fits into an idle socket's buffer, so this never blocks.
        lane.stream.write_all(request).context("send a request")
    }

    /// Reads what is there; true when the answer is complete.
    fn receive(&mut self, index: usize) -> Result<bool> {
        let lane = &mut self.lanes[index];
        let read = match recv(&lane.stream, &mut self.scratch[..], RecvFlags::empty()) {
            Ok((_, read)) => read,
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => return Ok(false),
            Err(error) => return Err(error).context("read an answer"),
        };
        ensure!(read > 0, "the server closed a keep-alive connection");
        let bytes = &self.scratch[..read];
        match &mut lane.body {
            Some(body) => {
                body.advance(bytes, None)?;
            }
            None => {
                lane.head.extend_from_slice(bytes);
                let Some(head) = parse_head(&lane.head)? else {
                    return Ok(false);
                };
                ensure!(
                    head.status == self.requests.expected,
                    "status {} instead of {}: {}",
                    head.status,
                    self.requests.expected,
                    String::from_utf8_lossy(&lane.head[..lane.head.len().min(1000)])
                );
                let mut body = Body::after(&head, self.requests.bodiless)?;
                body.advance(&lane.head[head.size..], None)?;
                lane.body = Some(body);
            }
        }
        let done = lane.body.as_ref().is_some_and(Body::is_done);
        if done {
            lane.head.clear();
            lane.body = None;
        }
        Ok(done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::net::TcpListener;
    use std::thread;

    /// Serves keep-alive connections until they close, each request with `answer`.
    fn serve(answer: &'static [u8]) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                thread::spawn(move || {
                    let mut asked = [0; 1024];
                    while stream.read(&mut asked).is_ok_and(|read| read > 0) {
                        if stream.write_all(answer).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        address
    }

    fn requests(expected: u16) -> Requests {
        Requests {
            requests: vec![b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec()],
            bodiless: false,
            expected,
        }
    }

    #[test]
    fn run_sends_as_many_as_asked_and_waits_for_all() {
        let address = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd");
        let mut closed_loop = ClosedLoop::connect(address, 3, requests(200)).unwrap();
        let outcome = closed_loop.run(Duration::from_secs(30), 50).unwrap();
        assert_eq!(outcome.latencies.len(), 50);
    }

    #[test]
    fn run_refuses_another_status() {
        let address = serve(b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n");
        let error = ClosedLoop::connect(address, 1, requests(200))
            .err()
            .unwrap();
        assert!(error.to_string().contains("401 instead of 200"), "{error}");
    }
}
