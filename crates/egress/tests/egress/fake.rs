//! A server that answers every request with what a closure makes of it, and a resolver that answers from a list.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use url::Url;
use wharf_egress::{Egress, EgressSettings, Lookup, Policy, Resolver};

/// A server on a free loopback port; it ends with the test's runtime.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers each request by `answer`, which sees its head and gives back the bytes to send.
    pub(crate) async fn start(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Server {
        Server::start_with(None, answer).await
    }

    pub(crate) async fn start_with(
        tls: Option<TlsAcceptor>,
        answer: impl Fn(&str) -> String + Send + Sync + 'static,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (seen, answer) = (Arc::clone(&heads), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tls, seen, answer) = (tls.clone(), Arc::clone(&seen), Arc::clone(&answer));
                tokio::spawn(async move {
                    match tls {
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, &seen, &*answer).await;
                            }
                        }
                        None => serve(stream, &seen, &*answer).await,
                    }
                });
            }
        });
        Server { address, heads }
    }

    /// The heads of all requests so far.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().clone()
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// A URL of this server under any name.
    pub(crate) fn url(&self, scheme: &str, host: &str, path: &str) -> Url {
        Url::parse(&format!("{scheme}://{host}:{}{path}", self.port())).expect("a URL")
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    seen: &Mutex<Vec<String>>,
    answer: &(dyn Fn(&str) -> String + Send + Sync),
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let answer = answer(&head);
    seen.lock().push(head);
    // The client may have gone; what it says then is what the test looks at.
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.flush().await;
    if answer.contains("HOLD") {
        let _ = stream.read_u8().await;
    }
    let _ = stream.shutdown().await;
}

/// An answer with a body.
pub(crate) fn ok(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

pub(crate) fn redirect(status: u16, location: &str) -> String {
    format!(
        "HTTP/1.1 {status} Elsewhere\r\nlocation: {location}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    )
}

/// Answers from a list and counts how often it is asked; a name with several answers gives one after the other.
#[derive(Default)]
pub(crate) struct Names {
    answers: HashMap<String, Vec<Vec<IpAddr>>>,
    asked: AtomicUsize,
}

impl Names {
    pub(crate) fn with(mut self, host: &str, addresses: &[&str]) -> Names {
        let addresses = addresses.iter().map(|text| text.parse().expect(text));
        self.answers
            .entry(host.to_owned())
            .or_default()
            .push(addresses.collect());
        self
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Resolver for Names {
    fn resolve(&self, host: &str) -> Lookup {
        let turn = self.asked.fetch_add(1, Ordering::SeqCst);
        let found = self
            .answers
            .get(host)
            .map(|list| list[turn.min(list.len() - 1)].clone());
        Box::pin(async move { found.ok_or_else(|| io::Error::other("no such name")) })
    }
}

pub(crate) fn settings(policy: Policy, names: Names) -> EgressSettings {
    EgressSettings {
        resolver: Arc::new(names),
        ..EgressSettings::new(policy)
    }
}

pub(crate) fn open(policy: Policy, names: Names) -> Egress {
    Egress::new(settings(policy, names)).expect("an egress")
}

pub(crate) fn server_policy(allow: &[String]) -> Policy {
    Policy::server(allow.iter().map(|text| text.parse().expect("an entry")))
}
