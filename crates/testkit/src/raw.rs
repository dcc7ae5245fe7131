//! HTTP/1.1 as bytes, for what a well-behaved library refuses to send.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    time::Duration,
};

use crate::Server;

/// Longer than a healthy server thinks about any request; a test that waits for a refusal gives its own.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// An open connection to a server without TLS.
pub struct RawConnection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// An answer as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawAnswer {
    /// The status.
    pub status: u16,
    /// Status line and headers, as text.
    pub head: String,
    /// The body: as long as `Content-Length` says, or until the end of the connection.
    pub body: Vec<u8>,
}

impl RawAnswer {
    /// The value of a header, if it is there.
    pub fn find_header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

impl RawConnection {
    /// Connects.
    pub fn open(server: &Server) -> Self {
        let stream = TcpStream::connect(server.authority()).expect("a connection");
        stream.set_nodelay(true).expect("a socket option");
        let connection = Self {
            stream,
            received: Vec::new(),
        };
        connection.set_read_timeout(READ_TIMEOUT);
        connection
    }

    /// How long a read waits.
    pub fn set_read_timeout(&self, timeout: Duration) {
        self.stream
            .set_read_timeout(Some(timeout))
            .expect("a socket option");
    }

    /// Sends bytes as they are.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Says that nothing more will be sent.
    pub fn finish_writing(&self) -> io::Result<()> {
        self.stream.shutdown(std::net::Shutdown::Write)
    }

    /// Reads one answer; an error when the server closes or stays silent instead. Do not use it for answers to HEAD.
    pub fn read_answer(&mut self) -> io::Result<RawAnswer> {
        let end = loop {
            if let Some(end) = find(&self.received, b"\r\n\r\n") {
                break end;
            }
            self.read_more()?;
        };
        let head = String::from_utf8_lossy(&self.received[..end]).into_owned();
        self.received.drain(..end + 4);
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .ok_or_else(|| io::Error::other(format!("no status line: {head}")))?;
        let mut answer = RawAnswer {
            status,
            head,
            body: Vec::new(),
        };
        if matches!(status, 100..200 | 204 | 304) {
            return Ok(answer);
        }
        match answer.find_header("content-length").map(str::parse) {
            Some(Ok(length)) => {
                while self.received.len() < length {
                    self.read_more()?;
                }
                answer.body = self.received.drain(..length).collect();
            }
            _ => answer.body = self.read_to_end()?,
        }
        Ok(answer)
    }

    /// Reads until the server closes; an error when it keeps the connection open.
    pub fn read_to_end(&mut self) -> io::Result<Vec<u8>> {
        self.stream.read_to_end(&mut self.received)?;
        Ok(std::mem::take(&mut self.received))
    }

    fn read_more(&mut self) -> io::Result<()> {
        let mut buffer = [0; 16 * 1024];
        let read = self.stream.read(&mut buffer)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.received.extend_from_slice(&buffer[..read]);
        Ok(())
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}
