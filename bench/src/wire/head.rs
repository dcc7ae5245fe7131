//! Reads the head of an HTTP/1.1 answer: status and how the body is framed.
//! Refuses anything it would have to guess about, since a benchmark that misreads an answer measures nothing.
//! Called by the blocking connection and by the closed loop.

use anyhow::{Context, Result, ensure};

/// The longest head that is read before the answer is called broken; registries send well under 4 KiB.
const LONGEST_HEAD: usize = 64 << 10;

/// What the head of an answer says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) status: u16,
    /// `Content-Length`, if there was one.
    pub(crate) length: Option<u64>,
    pub(crate) chunked: bool,
    /// Bytes up to and including the empty line.
    pub(crate) size: usize,
}

/// Returns the head once `bytes` holds all of it, `None` while it is incomplete.
///
/// # Errors
/// The bytes are no HTTP/1 answer, or no head ends within 64 KiB.
pub(crate) fn parse_head(bytes: &[u8]) -> Result<Option<Head>> {
    let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else {
        ensure!(bytes.len() <= LONGEST_HEAD, "an answer's head does not end");
        return Ok(None);
    };
    let text = std::str::from_utf8(&bytes[..end]).context("an answer's head is not text")?;
    let mut lines = text.split("\r\n");
    let status = lines
        .next()
        .filter(|line| line.starts_with("HTTP/1."))
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|code| code.parse().ok())
        .with_context(|| format!("no HTTP/1 answer: {text:?}"))?;
    let mut head = Head {
        status,
        length: None,
        chunked: false,
        size: end + 4,
    };
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("content-length") {
            head.length = Some(value.trim().parse().context("Content-Length")?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            head.chunked = value.trim().eq_ignore_ascii_case("chunked");
        }
    }
    Ok(Some(head))
}

/// The value of the first header called `name` in a head read before.
pub(crate) fn find_header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.split("\r\n")
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_waits_for_the_empty_line() {
        assert_eq!(parse_head(b"HTTP/1.1 200 OK\r\nA: b\r\n").unwrap(), None);
    }

    #[test]
    fn head_tells_status_length_and_size() {
        let bytes = b"HTTP/1.1 200 OK\r\ncontent-LENGTH: 12\r\n\r\nbody";
        let head = parse_head(bytes).unwrap().unwrap();
        assert_eq!((head.status, head.length), (200, Some(12)));
        assert!(!head.chunked);
        assert_eq!(&bytes[head.size..], b"body");
    }

    #[test]
    fn head_without_reason_phrase_is_read() {
        let head = parse_head(b"HTTP/1.1 404\r\nTransfer-Encoding: chunked\r\n\r\n");
        let head = head.unwrap().unwrap();
        assert!(head.chunked);
        assert_eq!(head.status, 404);
    }

    #[test]
    fn head_refuses_other_protocols_and_broken_lengths() {
        assert!(parse_head(b"SSH-2.0-x\r\n\r\n").is_err());
        assert!(parse_head(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n").is_err());
        assert!(parse_head(&vec![b'a'; LONGEST_HEAD + 1]).is_err());
    }

    #[test]
    fn header_is_found_whatever_its_case() {
        let head = "HTTP/1.1 202 Accepted\r\nLOCATION: /v2/a:b\r\nX: y";
        assert_eq!(find_header(head, "location"), Some("/v2/a:b"));
        assert_eq!(find_header(head, "range"), None);
    }
}
