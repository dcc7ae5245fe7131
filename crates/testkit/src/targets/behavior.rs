//! How a receiver answers.

use std::io::{self, Write};
use std::net::Shutdown;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::receiver::Connection;
use crate::git::Reply;

/// What a receiver does with a request that it has read.
#[derive(Debug, Clone)]
pub enum Behavior {
    /// Answers.
    Answer {
        status: u16,
        headers: Vec<(String, String)>,
        body: String,
    },
    /// Says nothing until the sender gives up, or the receiver is dropped.
    Hang,
    /// Says that all is well, and then sends its body byte by byte without end.
    Drip,
    /// Says that all is well, and sends as many bytes as the sender takes, up to this number.
    Flood(u64),
    /// Closes without an answer.
    Close,
}

impl Behavior {
    /// Answers with a status and a body.
    pub fn answer(status: u16, body: &str) -> Self {
        Self::Answer {
            status,
            headers: Vec::new(),
            body: body.to_owned(),
        }
    }

    /// The same with a header more.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        if let Self::Answer { headers, .. } = &mut self {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// Does it; answers how many bytes of a body went out.
    pub(super) fn act(
        &self,
        connection: &mut Connection,
        is_stopped: &AtomicBool,
    ) -> io::Result<u64> {
        match self {
            Self::Answer {
                status,
                headers,
                body,
            } => {
                let reply = Reply::new(*status, body);
                let reply = headers
                    .iter()
                    .fold(reply, |reply, (name, value)| reply.with(name, value));
                reply.write(connection)?;
                Ok(body.len() as u64)
            }
            Self::Hang => {
                while !is_stopped.load(Ordering::SeqCst) && !connection.is_closed()? {
                    thread::sleep(PACE);
                }
                Ok(0)
            }
            Self::Drip => {
                connection.write_all(b"HTTP/1.1 200 X\r\nConnection: close\r\n\r\n")?;
                let mut sent = 0;
                while !is_stopped.load(Ordering::SeqCst) {
                    connection.write_all(b".")?;
                    connection.flush()?;
                    sent += 1;
                    thread::sleep(PACE);
                }
                Ok(sent)
            }
            Self::Flood(length) => {
                let head = format!("HTTP/1.1 200 X\r\nContent-Length: {length}\r\n\r\n");
                connection.write_all(head.as_bytes())?;
                let piece = [b'x'; 8192];
                let mut sent = 0;
                while sent < *length {
                    if connection.write_all(&piece).is_err() {
                        break;
                    }
                    sent += piece.len() as u64;
                }
                Ok(sent)
            }
            Self::Close => {
                connection.shutdown(Shutdown::Both)?;
                Ok(0)
            }
        }
    }
}

/// How often a receiver that takes its time looks around: what a hung process does, and no test waits for it.
const PACE: Duration = Duration::from_millis(20);
