//! The other end of git's only way out: connections of the sandbox, answered by dialing for them.
//!
//! For http and https it is a proxy (RFC 9110, section 9.3.6), for ssh the server itself as it seems. A remote that gets
//! a credential is the only place that can be reached: no redirect takes the credential elsewhere.

use std::net::TcpListener as StdListener;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::dial::{Dial, DialError, Speaks, Target};
use crate::remote::{GitRemote, Scheme};

/// The longest head of a request. Git's have a few hundred bytes, and a header with a token is some kilobytes at most.
const LONGEST_HEAD: usize = 32 * 1024;

/// How long the sandbox may take to say where it wants to go.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Connections at a time. Git uses one or two; more would only help somebody who floods a host.
const MOST_CONNECTIONS: usize = 16;

/// What happened on the way, told after git's own words have said less.
#[derive(Debug, Clone)]
pub(crate) enum Trouble {
    /// There is no connection.
    Dial(DialError),
    /// The remote sent git to another place.
    Elsewhere(String),
}

/// Where one call may go.
pub(crate) struct Way {
    dial: Arc<dyn Dial>,
    remote: GitRemote,
    /// Only to the remote itself.
    is_narrow: bool,
    trouble: Mutex<Option<Trouble>>,
}

impl Way {
    pub(crate) fn new(dial: Arc<dyn Dial>, remote: GitRemote, is_narrow: bool) -> Arc<Self> {
        Arc::new(Self {
            dial,
            remote,
            is_narrow,
            trouble: Mutex::new(None),
        })
    }

    /// The first thing that went wrong.
    pub(crate) fn trouble(&self) -> Option<Trouble> {
        self.trouble
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Answers connections until it is dropped.
    pub(crate) async fn serve(self: Arc<Self>, listener: StdListener) -> std::io::Result<()> {
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let mut connections = JoinSet::new();
        loop {
            let (stream, _) = listener.accept().await?;
            while connections.try_join_next().is_some() {}
            if connections.len() >= MOST_CONNECTIONS {
                connections.join_next().await;
            }
            let way = Arc::clone(&self);
            connections.spawn(async move {
                // A connection that breaks is seen by git, which says so.
                let _ = match way.remote.scheme() {
                    Scheme::Ssh => way.pass_ssh(stream).await,
                    Scheme::Https | Scheme::Http => way.answer_proxied(stream).await,
                };
            });
        }
    }

    async fn pass_ssh(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let target = self.own_target();
        if let Some(mut outside) = self.dial_or_note(&target).await {
            copy_bidirectional(&mut stream, &mut *outside).await?;
        }
        Ok(())
    }

    async fn answer_proxied(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let read = timeout(HEAD_TIMEOUT, read_head(&mut stream)).await;
        let Ok(Ok(head)) = read else { return Ok(()) };
        let Some(asked) = parse_request(&head) else {
            return refuse(&mut stream, 400).await;
        };
        if !self.may_go(&asked.target) {
            self.note(Trouble::Elsewhere(asked.shown));
            return refuse(&mut stream, 403).await;
        }
        let Some(mut outside) = self.dial_or_note(&asked.target).await else {
            return refuse(&mut stream, 502).await;
        };
        match asked.forwarded {
            Some(head) => outside.write_all(head.as_bytes()).await?,
            None => stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await?,
        }
        copy_bidirectional(&mut stream, &mut *outside).await?;
        Ok(())
    }

    fn own_target(&self) -> Target {
        Target {
            host: self.remote.host().to_owned(),
            port: self.remote.port(),
            speaks: match self.remote.scheme() {
                Scheme::Https => Speaks::Tls,
                Scheme::Http => Speaks::PlainHttp,
                Scheme::Ssh => Speaks::Ssh,
            },
        }
    }

    fn may_go(&self, target: &Target) -> bool {
        let own = self.own_target();
        *target == own || (!self.is_narrow && target.speaks == own.speaks)
    }

    async fn dial_or_note(&self, target: &Target) -> Option<Box<dyn crate::dial::Connection>> {
        match self.dial.dial(target).await {
            Ok(connection) => Some(connection),
            Err(error) => {
                self.note(Trouble::Dial(error));
                None
            }
        }
    }

    fn note(&self, trouble: Trouble) {
        let mut first = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(trouble);
    }
}

async fn refuse(stream: &mut TcpStream, status: u16) -> std::io::Result<()> {
    let answer =
        format!("HTTP/1.1 {status} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}

/// A head with its empty line; what follows is left on the stream.
async fn read_head(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= LONGEST_HEAD {
            return Err(std::io::ErrorKind::InvalidData.into());
        }
        head.push(stream.read_u8().await?);
    }
    String::from_utf8(head).map_err(std::io::Error::other)
}

/// What a client asks its proxy for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    target: Target,
    /// For messages.
    shown: String,
    /// The head that the server gets; none for a tunnel.
    forwarded: Option<String>,
}

/// Reads `CONNECT host:port` and `GET http://host:port/path`. The latter is passed on as a request to the server itself,
/// the only one on its connection, because a second one could be for another place.
fn parse_request(head: &str) -> Option<Asked> {
    let (first, rest) = head.split_once("\r\n")?;
    let mut words = first.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    if method == "CONNECT" {
        let (host, port) = split_authority(target, None)?;
        return Some(Asked {
            target: Target {
                host,
                port,
                speaks: Speaks::Tls,
            },
            shown: format!("https://{target}"),
            forwarded: None,
        });
    }
    let place = target.strip_prefix("http://")?;
    let (authority, path) = match place.find('/') {
        Some(slash) => place.split_at(slash),
        None => (place, "/"),
    };
    let (host, port) = split_authority(authority, Some(80))?;
    let headers: String = rest
        .split_inclusive("\r\n")
        .filter(|line| {
            let name = line.split(':').next().unwrap_or_default();
            let is_own = name.eq_ignore_ascii_case("connection");
            !is_own && !name.to_ascii_lowercase().starts_with("proxy-")
        })
        .collect();
    Some(Asked {
        target: Target {
            host,
            port,
            speaks: Speaks::PlainHttp,
        },
        shown: format!("http://{authority}"),
        forwarded: Some(format!(
            "{method} {path} HTTP/1.1\r\nConnection: close\r\n{headers}"
        )),
    })
}

/// As addresses are written here: lower case, without brackets.
fn split_authority(text: &str, default: Option<u16>) -> Option<(String, u16)> {
    if text.contains('@') {
        return None;
    }
    let (host, port) = match text.rfind(']') {
        Some(end) => (text.get(1..end)?, text.get(end + 1..)?),
        None => match text.find(':') {
            Some(colon) => text.split_at(colon),
            None => (text, ""),
        },
    };
    let port = match port.strip_prefix(':') {
        Some(digits) => digits.parse().ok()?,
        None => default?,
    };
    let host = host.to_ascii_lowercase();
    (!host.is_empty()).then_some((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(host: &str, port: u16, speaks: Speaks) -> Target {
        Target {
            host: host.to_owned(),
            port,
            speaks,
        }
    }

    #[test]
    fn tunnels_and_plain_requests_are_read() {
        let asked = parse_request("CONNECT H.example:443 HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        assert_eq!(asked.target, target("h.example", 443, Speaks::Tls));
        assert_eq!(asked.forwarded, None);
        let head = "GET http://[fd12::1]:3000/a?b HTTP/1.1\r\nHost: [fd12::1]:3000\r\n\
                    Proxy-Connection: Keep-Alive\r\nConnection: x\r\nAuthorization: y\r\n\r\n";
        let asked = parse_request(head).unwrap();
        assert_eq!(asked.target, target("fd12::1", 3000, Speaks::PlainHttp));
        assert_eq!(
            asked.forwarded.as_deref(),
            Some(
                "GET /a?b HTTP/1.1\r\nConnection: close\r\nHost: [fd12::1]:3000\r\nAuthorization: y\r\n\r\n"
            )
        );
    }

    #[test]
    fn anything_else_is_no_request() {
        for head in [
            "",
            "\r\n\r\n",
            "GET /x HTTP/1.1\r\n\r\n",
            "GET https://h/x HTTP/1.1\r\n\r\n",
            "GET ftp://h/x HTTP/1.1\r\n\r\n",
            "GET http://u@h/x HTTP/1.1\r\n\r\n",
            "CONNECT h HTTP/1.1\r\n\r\n",
            "CONNECT :443 HTTP/1.1\r\n\r\n",
            "CONNECT h:x HTTP/1.1\r\n\r\n",
        ] {
            assert_eq!(parse_request(head), None, "{head:?}");
        }
    }

    struct Nowhere;

    #[async_trait::async_trait]
    impl Dial for Nowhere {
        async fn dial(
            &self,
            target: &Target,
        ) -> Result<Box<dyn crate::dial::Connection>, DialError> {
            Err(DialError {
                message: format!("no way to {target}"),
                hint: None,
                is_refusal: true,
                is_transient: false,
            })
        }
    }

    #[test]
    fn with_a_credential_there_is_one_place_to_go() {
        let way = |text: &str, is_narrow| {
            Way::new(
                Arc::new(Nowhere),
                GitRemote::parse(text).unwrap(),
                is_narrow,
            )
        };
        let (own, other) = (
            target("h.example", 443, Speaks::Tls),
            target("other.example", 443, Speaks::Tls),
        );
        let narrow = way("https://h.example/a", true);
        assert!(narrow.may_go(&own));
        assert!(!narrow.may_go(&other));
        assert!(!narrow.may_go(&target("h.example", 8443, Speaks::Tls)));
        let wide = way("https://h.example/a", false);
        assert!(wide.may_go(&other));
        // Never from https to http.
        assert!(!wide.may_go(&target("h.example", 80, Speaks::PlainHttp)));
    }
}
