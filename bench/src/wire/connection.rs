//! One blocking keep-alive connection to a registry, cheap enough not to disturb what it measures.
//! Refuses addresses that are not loopback, and answers that take longer than two minutes.
//! Called by seeding and by the measures that move bulk data; small requests go through `closed_loop`.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::net::{RecvFlags, recv};

use super::body::Body;
use super::head::{find_header, parse_head};
use super::request::{Headers, write_head};
use crate::content::Blob;

/// A server that is silent for this long has failed: the slowest peer answers a 100 MB push among 32 in about 30 s.
const PATIENCE: Duration = Duration::from_secs(120);

/// How much is asked of the kernel at once while a body is discarded; with `MSG_TRUNC` nothing is copied.
const DISCARD: usize = 4 << 20;

/// How much is read at once of a head or of a body that is kept.
const READ: usize = 64 << 10;

pub(crate) struct Connection {
    stream: TcpStream,
    address: SocketAddr,
    scratch: Vec<u8>,
}

/// What is sent as the body of a request.
pub(crate) enum Payload<'a> {
    None,
    Bytes(&'a [u8]),
    Blob(&'a Blob),
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    /// Empty when the body was discarded.
    pub(crate) body: Vec<u8>,
    /// Content bytes of the body, kept or not.
    pub(crate) size: u64,
}

impl Connection {
    /// # Errors
    /// The address is not loopback, or nobody listens there.
    pub(crate) fn open(address: SocketAddr) -> Result<Connection> {
        ensure!(
            address.ip().is_loopback(),
            "{address} is not a loopback address"
        );
        let stream = TcpStream::connect(address).context("connect to the registry")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Connection {
            stream,
            address,
            // Zeroed memory is not resident before it is written, and discarding writes nothing.
            scratch: vec![0; DISCARD],
        })
    }

    /// Sends one request and keeps the answer's body.
    ///
    /// # Errors
    /// The connection failed or the answer is no HTTP/1; any status is an answer.
    pub(crate) fn exchange(
        &mut self,
        method: &str,
        path: &str,
        headers: &Headers,
        payload: &Payload<'_>,
    ) -> Result<Answer> {
        self.send(method, path, headers, payload)?;
        self.receive(method == "HEAD", true)
            .with_context(|| format!("{method} {path}"))
    }

    /// GETs `path`, throws its body away inside the kernel and returns the number of bytes.
    ///
    /// # Errors
    /// The connection failed, or the status is not 200.
    pub(crate) fn download(&mut self, path: &str, headers: &Headers) -> Result<u64> {
        self.send("GET", path, headers, &Payload::None)?;
        let answer = self
            .receive(false, false)
            .with_context(|| format!("GET {path}"))?;
        ensure!(answer.status == 200, "GET {path}: status {}", answer.status);
        Ok(answer.size)
    }

    fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &Headers,
        payload: &Payload<'_>,
    ) -> Result<()> {
        let length = match payload {
            Payload::None if matches!(method, "GET" | "HEAD") => None,
            Payload::None => Some(0),
            Payload::Bytes(bytes) => Some(bytes.len() as u64),
            Payload::Blob(blob) => Some(blob.size()),
        };
        let mut head = write_head(self.address, method, path, headers, length);
        match payload {
            Payload::None => self.stream.write_all(&head)?,
            Payload::Bytes(bytes) => {
                // One segment for head and small body, as real clients send them.
                head.extend_from_slice(bytes);
                self.stream.write_all(&head)?;
            }
            Payload::Blob(blob) => {
                self.stream.write_all(&head)?;
                blob.write_to(&mut self.stream)
                    .with_context(|| format!("{method} {path}: send the blob"))?;
            }
        }
        Ok(())
    }

    fn receive(&mut self, bodiless: bool, keep: bool) -> Result<Answer> {
        let mut buffer = Vec::new();
        let head = loop {
            match parse_head(&buffer)? {
                // Interim answers (100 Continue) precede the real one.
                Some(head) if head.status < 200 => {
                    buffer.drain(..head.size);
                }
                Some(head) => break head,
                None => {
                    let read = self.read_some()?;
                    buffer.extend_from_slice(&self.scratch[..read]);
                }
            }
        };
        let mut body = Body::after(&head, bodiless)?;
        let mut kept = Vec::new();
        let mut size = body.advance(&buffer[head.size..], keep.then_some(&mut kept))?;
        while !body.is_done() {
            size += match body {
                Body::Length(ref mut left) if !keep => {
                    let dropped = self.discard(*left)?;
                    *left -= dropped;
                    if *left == 0 {
                        body = Body::Done;
                    }
                    dropped
                }
                _ => {
                    let read = self.read_some()?;
                    body.advance(&self.scratch[..read], keep.then_some(&mut kept))?
                }
            };
        }
        buffer.truncate(head.size);
        Ok(Answer {
            status: head.status,
            head: String::from_utf8(buffer)?,
            body: kept,
            size,
        })
    }

    fn read_some(&mut self) -> Result<usize> {
        let read = self.stream.read(&mut self.scratch[..READ])?;
        ensure!(read > 0, "the server closed the connection");
        Ok(read)
    }

    fn discard(&mut self, left: u64) -> Result<u64> {
        let wanted = usize::try_from(left).unwrap_or(DISCARD).min(DISCARD);
        let (_, dropped) = recv(&self.stream, &mut self.scratch[..wanted], RecvFlags::TRUNC)?;
        ensure!(dropped > 0, "the server closed the connection");
        Ok(dropped as u64)
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        find_header(&self.head, name)
    }

    /// # Errors
    /// The status is another one; the error names both and begins the body.
    pub(crate) fn expect(self, what: &str, status: u16) -> Result<Answer> {
        let start = String::from_utf8_lossy(&self.body[..self.body.len().min(300)]);
        ensure!(
            self.status == status,
            "{what}: status {} instead of {status}: {start}",
            self.status
        );
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::thread;

    /// Answers one request with `answer` and returns what was asked.
    fn serve_once(answer: &'static [u8]) -> (SocketAddr, thread::JoinHandle<Vec<u8>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = vec![0; 1024];
            let read = stream.read(&mut asked).unwrap();
            stream.write_all(answer).unwrap();
            asked.truncate(read);
            asked
        });
        (address, server)
    }

    #[test]
    fn exchange_skips_interim_answers_and_keeps_the_body() {
        let answer = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nLocation: /x\r\nContent-Length: 2\r\n\r\nok";
        let (address, server) = serve_once(answer);
        let mut connection = Connection::open(address).unwrap();
        let answer = connection
            .exchange("POST", "/v2/", &Headers::none(), &Payload::None)
            .unwrap();
        assert_eq!(answer.status, 202);
        assert_eq!(answer.header("location"), Some("/x"));
        assert_eq!(answer.body, b"ok");
        let asked = String::from_utf8(server.join().unwrap()).unwrap();
        assert!(asked.contains("Content-Length: 0\r\n"), "{asked}");
    }

    #[test]
    fn download_counts_what_it_throws_away() {
        let (address, server) =
            serve_once(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789");
        let mut connection = Connection::open(address).unwrap();
        let size = connection.download("/blob", &Headers::none()).unwrap();
        assert_eq!(size, 10);
        server.join().unwrap();
    }

    #[test]
    fn download_refuses_other_statuses_and_lost_connections() {
        for answer in [
            &b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"[..],
            b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n012",
        ] {
            let (address, server) = serve_once(answer);
            let mut connection = Connection::open(address).unwrap();
            assert!(connection.download("/blob", &Headers::none()).is_err());
            server.join().unwrap();
        }
    }

    #[test]
    fn other_hosts_are_refused() {
        assert!(Connection::open("192.0.2.1:80".parse().unwrap()).is_err());
    }
}
