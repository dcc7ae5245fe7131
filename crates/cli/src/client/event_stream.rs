//! Server-sent events (HTML Living Standard, 9.2), followed across dropped connections.
//!
//! The server numbers its events; a connection that breaks is made again with the last number seen, so that nothing is
//! lost and nothing comes twice. What the events mean is the command's business.

use std::ops::ControlFlow;
use std::time::Duration;

use super::api::ApiClient;
use crate::failure::Failure;

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ServerEvent {
    /// Its number, if it has one.
    pub(crate) id: Option<String>,
    /// `message` where the server says nothing else.
    pub(crate) kind: String,
    pub(crate) data: String,
}

/// A line that is longer is no event of ours; without a bound a wrong address could fill the memory.
const LONGEST_LINE: usize = 16 << 20;

/// How long the first wait before connecting again is; it doubles up to [`LONGEST_WAIT`]. Shorter hammers a server that
/// restarts, longer makes a log look dead.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(8);

/// How often in a row connecting again may fail: about five minutes, in which a server has restarted.
const MOST_FAILURES: u32 = 40;

/// Bytes to events.
#[derive(Debug, Default)]
pub(super) struct EventParser {
    line: Vec<u8>,
    next: ServerEvent,
    has_data: bool,
}

impl EventParser {
    /// The events that `bytes` complete; `None` when they cannot be an event stream.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Option<Vec<ServerEvent>> {
        let mut events = Vec::new();
        for &byte in bytes {
            if byte != b'\n' {
                if self.line.len() >= LONGEST_LINE {
                    return None;
                }
                self.line.push(byte);
                continue;
            }
            let line = std::mem::take(&mut self.line);
            let line = String::from_utf8_lossy(&line);
            self.take_line(line.trim_end_matches('\r'), &mut events);
        }
        Some(events)
    }

    fn take_line(&mut self, line: &str, events: &mut Vec<ServerEvent>) {
        if line.is_empty() {
            let mut event = std::mem::take(&mut self.next);
            if std::mem::take(&mut self.has_data) {
                if event.kind.is_empty() {
                    event.kind.push_str("message");
                }
                events.push(event);
            }
            return;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.next.kind),
            "id" => self.next.id = Some(value.to_owned()),
            "data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    self.next.data.push('\n');
                }
                self.next.data.push_str(value);
            }
            // A comment keeps the connection alive; anything else is for the future.
            _ => {}
        }
    }
}

/// Follows the stream at `path` until `take` breaks; connects again where the connection drops.
///
/// Fails when the first connection fails, when the server refuses, when `take` fails, and when the server stays away.
pub(crate) async fn follow_events<T>(
    client: &ApiClient<'_>,
    path: &[&str],
    mut take: impl FnMut(ServerEvent) -> Result<ControlFlow<T>, Failure>,
) -> Result<T, Failure> {
    let mut last: Option<String> = None;
    let mut failures = 0;
    let mut was_connected = false;
    loop {
        match client.open_stream(path, last.as_deref()).await {
            Ok(mut response) => {
                was_connected = true;
                let mut parser = EventParser::default();
                // The end of a body and its breaking mean the same here: the stream goes on elsewhere.
                while let Ok(Some(bytes)) = response.chunk().await {
                    let Some(events) = parser.push(&bytes) else {
                        return Err(client.describe_bad_stream());
                    };
                    for event in events {
                        failures = 0;
                        if event.id.is_some() {
                            last.clone_from(&event.id);
                        }
                        if let ControlFlow::Break(result) = take(event)? {
                            return Ok(result);
                        }
                    }
                }
            }
            Err(refused) if refused.is_final || !was_connected || failures >= MOST_FAILURES => {
                return Err(refused.failure);
            }
            Err(_) => {}
        }
        if failures >= MOST_FAILURES {
            return Err(client.describe_bad_stream());
        }
        let wait = FIRST_WAIT
            .saturating_mul(1 << failures.min(4))
            .min(LONGEST_WAIT);
        failures += 1;
        tokio::time::sleep(wait).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: Option<&str>, kind: &str, data: &str) -> ServerEvent {
        ServerEvent {
            id: id.map(str::to_owned),
            kind: kind.to_owned(),
            data: data.to_owned(),
        }
    }

    #[test]
    fn events_are_read_however_the_bytes_are_cut() {
        let text =
            ": hello\n\nid: 7\nevent: log\ndata: {\"a\":1}\n\r\ndata: one\ndata:two\n\nid: 9\n\n";
        let expected = vec![
            event(Some("7"), "log", "{\"a\":1}"),
            event(None, "message", "one\ntwo"),
        ];
        for size in 1..text.len() {
            let mut parser = EventParser::default();
            let mut events = Vec::new();
            for bytes in text.as_bytes().chunks(size) {
                events.extend(parser.push(bytes).unwrap());
            }
            assert_eq!(events, expected, "in pieces of {size}");
        }
    }

    #[test]
    fn an_event_that_never_ends_is_refused() {
        let mut parser = EventParser::default();
        let bytes = vec![b'x'; 1 << 20];
        assert!((0..40).any(|_| parser.push(&bytes).is_none()));
    }
}
