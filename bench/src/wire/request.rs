//! Writes the heads of requests.
//! Refuses to encode anything: callers pass paths that need no escaping.
//! Called by the blocking connection and by the measures that prepare requests for the closed loop.

use std::fmt::Write;
use std::net::SocketAddr;

/// Header lines that are sent with a request, each with its line end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Headers(String);

impl Headers {
    pub(crate) fn none() -> Headers {
        Headers::default()
    }

    /// These headers and one more.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Headers {
        // Writing to a string cannot fail.
        let _ = write!(self.0, "{name}: {value}\r\n");
        self
    }
}

/// The bytes of a request's head; `length` is the size of the body that follows, if there is one.
pub(crate) fn write_head(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &Headers,
    length: Option<u64>,
) -> Vec<u8> {
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\n{}",
        headers.0
    );
    if let Some(length) = length {
        let _ = write!(head, "Content-Length: {length}\r\n");
    }
    head.push_str("\r\n");
    head.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_carries_host_headers_and_length() {
        let address = "127.0.0.1:5000".parse().unwrap();
        let headers = Headers::none().with("Accept", "a/b");
        let head = write_head(address, "PUT", "/v2/", &headers, Some(3));
        assert_eq!(
            head,
            b"PUT /v2/ HTTP/1.1\r\nHost: 127.0.0.1:5000\r\nAccept: a/b\r\nContent-Length: 3\r\n\r\n"
        );
    }
}
