//! A client that sends exactly the bytes it is told to.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::ops::Range;
use std::time::Duration;

pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    unread: Vec<u8>,
}

#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Head {
    pub(crate) fn content_length(&self) -> Option<u64> {
        let lower = self.text.to_ascii_lowercase();
        let line = lower
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))?;
        Some(line.trim().parse().expect("a number"))
    }
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("connect");
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .expect("timeout");
        stream
            .set_write_timeout(Some(Duration::from_secs(10)))
            .expect("timeout");
        Self {
            stream,
            unread: Vec::new(),
        }
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).expect("send");
    }

    pub(crate) fn get(&mut self, path: &str) {
        self.send(format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n"));
    }

    pub(crate) fn get_range(&mut self, path: &str, range: &Range<u64>) {
        let (start, last) = (range.start, range.end - 1);
        self.send(format!(
            "GET {path} HTTP/1.1\r\nhost: x\r\nrange: bytes={start}-{last}\r\n\r\n"
        ));
    }

    /// Reads more; false once the server closed or reset the connection.
    pub(crate) fn read_some(&mut self) -> bool {
        let mut piece = vec![0; 64 * 1024];
        match self.stream.read(&mut piece) {
            Ok(0) => false,
            Ok(read) => {
                self.unread.extend_from_slice(&piece[..read]);
                true
            }
            Err(error) if error.kind() == ErrorKind::ConnectionReset => false,
            Err(error) => panic!("reading: {error}"),
        }
    }

    /// Reads a response head, or `None` if the connection ends before one is complete.
    pub(crate) fn try_read_head(&mut self) -> Option<Head> {
        loop {
            if let Some(end) = self
                .unread
                .windows(4)
                .position(|window| window == b"\r\n\r\n")
            {
                let head = self.unread.drain(..end + 4).collect();
                let text = String::from_utf8(head).expect("a head is text");
                let status = text
                    .split(' ')
                    .nth(1)
                    .expect("a status")
                    .parse()
                    .expect("a number");
                return Some(Head { status, text });
            }
            if !self.read_some() {
                return None;
            }
        }
    }

    pub(crate) fn read_head(&mut self) -> Head {
        self.try_read_head().expect("a response")
    }

    pub(crate) fn read_exactly(&mut self, len: usize) -> Vec<u8> {
        while self.unread.len() < len {
            assert!(
                self.read_some(),
                "closed after {} of {len} bytes",
                self.unread.len()
            );
        }
        let rest = self.unread.split_off(len);
        std::mem::replace(&mut self.unread, rest)
    }

    pub(crate) fn read_response(&mut self) -> (u16, Vec<u8>) {
        let head = self.read_head();
        let len = head.content_length().unwrap_or(0);
        (
            head.status,
            self.read_exactly(usize::try_from(len).expect("fits")),
        )
    }

    /// Everything up to the end of the connection.
    pub(crate) fn read_to_end(&mut self) -> Vec<u8> {
        while self.read_some() {}
        std::mem::take(&mut self.unread)
    }
}
