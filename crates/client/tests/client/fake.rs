//! A registry that answers by a script and keeps what it was asked.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// With its query.
    pub(crate) path: String,
    /// By names in lower case.
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    /// `METHOD /path`, the way tests write down what they expect.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub(crate) fn is(&self, method: &str, part: &str) -> bool {
        self.method == method && self.path.contains(part)
    }
}

/// What is sent back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    announced: Option<usize>,
    sent: Option<usize>,
}

impl Answer {
    pub(crate) fn new(status: u16) -> Answer {
        Answer {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            announced: None,
            sent: None,
        }
    }

    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Answer {
        Answer::new(200).with_body(body)
    }

    /// Ends the connection without an answer.
    pub(crate) fn hang_up() -> Answer {
        Answer::new(0)
    }

    pub(crate) fn with_body(mut self, body: impl Into<Vec<u8>>) -> Answer {
        self.body = body.into();
        self
    }

    pub(crate) fn with(mut self, name: &str, value: impl ToString) -> Answer {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }

    /// Breaks the connection after so many bytes of the body.
    pub(crate) fn cut(mut self, bytes: usize) -> Answer {
        self.sent = Some(bytes);
        self
    }

    /// Announces another length than the body has.
    pub(crate) fn announce(mut self, length: usize) -> Answer {
        self.announced = Some(length);
        self
    }

    fn render(&self, method: &str) -> Vec<u8> {
        if self.status == 0 {
            return Vec::new();
        }
        let mut head = format!("HTTP/1.1 {} Said\r\nconnection: close\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let is_chunked = self
            .headers
            .iter()
            .any(|(name, _)| name == "transfer-encoding");
        if !is_chunked {
            let length = self.announced.unwrap_or(self.body.len());
            head.push_str(&format!("content-length: {length}\r\n"));
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        if method == "HEAD" {
            return bytes;
        }
        let body = &self.body[..self.sent.unwrap_or(self.body.len())];
        if is_chunked {
            bytes.extend(format!("{:x}\r\n", body.len()).as_bytes());
            bytes.extend(body);
            bytes.extend(b"\r\n0\r\n\r\n");
        } else {
            bytes.extend(body);
        }
        bytes
    }
}

/// A server on a free loopback port; it ends with the test's runtime.
#[derive(Clone)]
pub(crate) struct Registry {
    pub(crate) port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Registry {
    /// Answers each request by `script`, which also gets the number of requests before. The question whether the
    /// protocol is spoken (`/v2/`) is answered with yes and not written down.
    pub(crate) async fn start(
        script: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static,
    ) -> Registry {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (kept, script) = (Arc::clone(&asked), Arc::new(script));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (kept, script) = (Arc::clone(&kept), Arc::clone(&script));
                tokio::spawn(async move { serve(stream, &kept, &*script).await });
            }
        });
        Registry { port, asked }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().clone()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked().iter().map(Asked::line).collect()
    }

    /// How it is called in image names.
    pub(crate) fn host(&self, name: &str) -> String {
        format!("{name}:{}", self.port)
    }
}

async fn serve(
    stream: TcpStream,
    kept: &Mutex<Vec<Asked>>,
    script: &(dyn Fn(&Asked, usize) -> Answer + Send + Sync),
) {
    let mut stream = BufReader::new(stream);
    let Some(asked) = read_request(&mut stream).await else {
        return;
    };
    let answer = if asked.path == "/v2/" {
        Answer::new(200)
    } else {
        // The lock is not held while the script runs: it may look at other registries.
        let count = {
            let mut kept = kept.lock();
            kept.push(asked.clone());
            kept.len() - 1
        };
        script(&asked, count)
    };
    // The client may have gone; what it says then is what the test looks at.
    let _ = stream.write_all(&answer.render(&asked.method)).await;
    let _ = stream.shutdown().await;
}

/// `None` for a TLS greeting, which this server does not answer, and for a connection that ends early.
async fn read_request(stream: &mut BufReader<TcpStream>) -> Option<Asked> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
        if head == [0x16] {
            return None;
        }
    }
    let head = String::from_utf8(head).ok()?;
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let mut asked = Asked {
        method: first.next()?.to_owned(),
        path: first.next()?.to_owned(),
        ..Asked::default()
    };
    for line in lines {
        if let Some((name, value)) = line.split_once(": ") {
            asked
                .headers
                .insert(name.to_ascii_lowercase(), value.to_owned());
        }
    }
    let length = asked
        .header("content-length")
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    asked.body = body;
    Some(asked)
}
