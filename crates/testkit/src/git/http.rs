//! As much of HTTP/1.1 as git's clients speak: one request a connection, bodies by length or in chunks.

use std::io::{self, BufRead, BufReader, Read, Write};

/// A request as it arrived.
#[derive(Debug, Clone, Default)]
pub struct GitRequest {
    /// `GET` or `POST`.
    pub method: String,
    /// With a leading slash, without the query.
    pub path: String,
    /// Behind the question mark.
    pub query: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl GitRequest {
    /// The value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }

    /// Reads one; `None` when the client connected and said nothing.
    pub(crate) fn read(stream: &mut (impl Read + Write)) -> io::Result<Option<Self>> {
        let mut reader = BufReader::new(stream);
        let first = read_line(&mut reader)?;
        let mut words = first.split(' ');
        let (Some(method), Some(target)) = (words.next(), words.next()) else {
            return Ok(None);
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut request = Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            ..Self::default()
        };
        loop {
            let line = read_line(&mut reader)?;
            let Some((name, value)) = line.split_once(':') else {
                break;
            };
            let pair = (name.to_ascii_lowercase(), value.trim().to_owned());
            request.headers.push(pair);
        }
        if request.header("expect") == Some("100-continue") {
            reader
                .get_mut()
                .write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        request.body = if request.header("transfer-encoding") == Some("chunked") {
            read_chunks(&mut reader)?
        } else {
            let length = request.header("content-length").unwrap_or("0");
            let length: usize = length.parse().map_err(io::Error::other)?;
            let mut body = vec![0; length];
            reader.read_exact(&mut body)?;
            body
        };
        Ok(Some(request))
    }
}

fn read_line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}

fn read_chunks(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = read_line(reader)?;
        let size = line.split(';').next().unwrap_or_default();
        let size = usize::from_str_radix(size, 16).map_err(io::Error::other)?;
        let start = body.len();
        body.resize(start + size, 0);
        reader.read_exact(&mut body[start..])?;
        read_line(reader)?;
        if size == 0 {
            return Ok(body);
        }
    }
}

/// What goes back.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn new(status: u16, text: &str) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: text.as_bytes().to_vec(),
        }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn write(&self, stream: &mut impl Write) -> io::Result<()> {
        let mut head = format!(
            "HTTP/1.1 {} X\r\nContent-Length: {}\r\nConnection: close\r\n",
            self.status,
            self.body.len()
        );
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes())?;
        stream.write_all(&self.body)?;
        stream.flush()
    }
}
