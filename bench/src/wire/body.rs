//! Follows the body of an answer to its end, by length or by chunks, without holding it.
//! Refuses bodies that end with the connection: a keep-alive loop could not tell them from a crash.
//! Called by the blocking connection and by the closed loop.

use anyhow::{Result, bail, ensure};

use super::head::Head;

/// How much of a body is still to come.
#[derive(Debug)]
pub(crate) enum Body {
    Done,
    /// Bytes left of a body with `Content-Length`.
    Length(u64),
    Chunked(Chunks),
}

/// Where a chunked body stands (RFC 9112, section 7.1).
#[derive(Debug, Default)]
pub(crate) struct Chunks {
    place: Place,
    /// The size or trailer line read so far.
    line: Vec<u8>,
}

#[derive(Debug, Default)]
enum Place {
    #[default]
    Size,
    Data(u64),
    /// The line end after a chunk's data.
    DataEnd,
    Trailer,
}

impl Body {
    /// The body that follows `head`; `bodiless` for answers to HEAD.
    ///
    /// # Errors
    /// The body would end with the connection.
    pub(crate) fn after(head: &Head, bodiless: bool) -> Result<Body> {
        if bodiless || matches!(head.status, 204 | 304) {
            return Ok(Body::Done);
        }
        if head.chunked {
            return Ok(Body::Chunked(Chunks::default()));
        }
        match head.length {
            Some(0) => Ok(Body::Done),
            Some(length) => Ok(Body::Length(length)),
            None => bail!("answer {} has neither length nor chunks", head.status),
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        matches!(self, Body::Done)
    }

    /// Takes the next bytes from the wire and returns how many of them were content; copies the content to `kept` if asked.
    ///
    /// # Errors
    /// More bytes came than the body has, or the chunks are malformed.
    pub(crate) fn advance(&mut self, bytes: &[u8], kept: Option<&mut Vec<u8>>) -> Result<u64> {
        match self {
            Body::Done => {
                ensure!(bytes.is_empty(), "bytes after the end of an answer");
                Ok(0)
            }
            Body::Length(left) => {
                let taken = bytes.len() as u64;
                ensure!(taken <= *left, "bytes after the end of an answer");
                if let Some(kept) = kept {
                    kept.extend_from_slice(bytes);
                }
                *left -= taken;
                if *left == 0 {
                    *self = Body::Done;
                }
                Ok(taken)
            }
            Body::Chunked(chunks) => {
                let (content, ended) = chunks.advance(bytes, kept)?;
                if ended {
                    *self = Body::Done;
                }
                Ok(content)
            }
        }
    }
}

impl Chunks {
    /// Returns the number of content bytes and whether the last chunk has ended.
    fn advance(&mut self, mut bytes: &[u8], mut kept: Option<&mut Vec<u8>>) -> Result<(u64, bool)> {
        let mut content = 0;
        while !bytes.is_empty() {
            if let Place::Data(left) = &mut self.place {
                let taken = usize::try_from(*left)
                    .unwrap_or(usize::MAX)
                    .min(bytes.len());
                if let Some(kept) = kept.as_deref_mut() {
                    kept.extend_from_slice(&bytes[..taken]);
                }
                *left -= taken as u64;
                content += taken as u64;
                bytes = &bytes[taken..];
                if *left == 0 {
                    self.place = Place::DataEnd;
                }
                continue;
            }
            let byte = bytes[0];
            bytes = &bytes[1..];
            if byte != b'\n' {
                ensure!(self.line.len() < 1024, "a chunk's size line does not end");
                self.line.push(byte);
                continue;
            }
            if self.end_line()? {
                ensure!(bytes.is_empty(), "bytes after the end of an answer");
                return Ok((content, true));
            }
        }
        Ok((content, false))
    }

    /// Acts on the line collected so far; true when it was the empty line that ends the body.
    fn end_line(&mut self) -> Result<bool> {
        let line = String::from_utf8_lossy(&self.line);
        let line = line.trim_end();
        let mut ended = false;
        self.place = match self.place {
            Place::Size => {
                let digits = line.split(';').next().unwrap_or_default().trim();
                match u64::from_str_radix(digits, 16) {
                    Ok(0) => Place::Trailer,
                    Ok(size) => Place::Data(size),
                    Err(_) => bail!("malformed chunk size {line:?}"),
                }
            }
            Place::DataEnd => {
                ensure!(line.is_empty(), "a chunk is longer than its size");
                Place::Size
            }
            Place::Trailer | Place::Data(_) => {
                ended = line.is_empty();
                Place::Trailer
            }
        };
        self.line.clear();
        Ok(ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(status: u16, length: Option<u64>, chunked: bool) -> Head {
        Head {
            status,
            length,
            chunked,
            size: 0,
        }
    }

    #[test]
    fn body_by_length_ends_exactly() {
        let mut body = Body::after(&head(200, Some(5), false), false).unwrap();
        let mut kept = Vec::new();
        assert_eq!(body.advance(b"abc", Some(&mut kept)).unwrap(), 3);
        assert!(!body.is_done());
        body.advance(b"de", Some(&mut kept)).unwrap();
        assert!(body.is_done());
        assert_eq!(kept, b"abcde");
        assert!(body.advance(b"x", None).is_err());
    }

    #[test]
    fn body_by_chunks_survives_every_split() {
        let wire = b"5;ext=1\r\nhello\r\n1\r\n!\r\n0\r\nTrailer: x\r\n\r\n";
        for split in 0..wire.len() {
            let mut body = Body::after(&head(200, None, true), false).unwrap();
            let mut kept = Vec::new();
            body.advance(&wire[..split], Some(&mut kept)).unwrap();
            assert!(!body.is_done(), "ended early at {split}");
            body.advance(&wire[split..], Some(&mut kept)).unwrap();
            assert!(body.is_done(), "not ended after {split}");
            assert_eq!(kept, b"hello!");
        }
    }

    #[test]
    fn body_refuses_broken_chunks() {
        for wire in [&b"zz\r\n"[..], b"1\r\nabc\r\n", b"0\r\n\r\nmore"] {
            let mut body = Body::after(&head(200, None, true), false).unwrap();
            assert!(body.advance(wire, None).is_err(), "{wire:?}");
        }
    }

    #[test]
    fn bodiless_answers_are_done_at_once() {
        assert!(
            Body::after(&head(200, Some(9), false), true)
                .unwrap()
                .is_done()
        );
        assert!(
            Body::after(&head(304, None, false), false)
                .unwrap()
                .is_done()
        );
        assert!(
            Body::after(&head(201, Some(0), false), false)
                .unwrap()
                .is_done()
        );
        assert!(Body::after(&head(200, None, false), false).is_err());
    }
}
