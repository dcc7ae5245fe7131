//! A receiver of webhooks on this machine that answers what it is told.

use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// The answer of one that takes everything and never says a word.
pub(super) const HANG: &str = "hang";

/// The answer of one that is not there: the connection ends.
pub(super) const HANG_UP: &str = "hang up";

/// What it heard: ids of deliveries, in order.
#[derive(Clone)]
pub(super) struct Receiver {
    pub(super) url: String,
    heard: Arc<Mutex<Vec<String>>>,
    answer: Arc<Mutex<String>>,
}

impl Receiver {
    pub(super) async fn start() -> Self {
        Self::start_at("127.0.0.1").await
    }

    /// One at an address of this machine of its own: ports of one address are one host.
    pub(super) async fn start_at(address: &str) -> Self {
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let url = format!("http://{}/hook/s3cret", listener.local_addr().unwrap());
        let receiver = Self {
            url,
            heard: Arc::default(),
            answer: Arc::new(Mutex::new("200 OK".into())),
        };
        let own = receiver.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let own = own.clone();
                tokio::spawn(async move {
                    let mut text = Vec::new();
                    let mut piece = [0; 4096];
                    loop {
                        let read = stream.read(&mut piece).await.unwrap_or(0);
                        text.extend_from_slice(&piece[..read]);
                        if read == 0 || is_whole(&text) {
                            break;
                        }
                    }
                    let text = String::from_utf8_lossy(&text).into_owned();
                    let id = text
                        .lines()
                        .find_map(|line| line.strip_prefix("webhook-id: "))
                        .unwrap_or_default()
                        .trim()
                        .to_owned();
                    own.heard.lock().unwrap().push(id);
                    let status = own.answer.lock().unwrap().clone();
                    if status == HANG {
                        std::future::pending::<()>().await;
                    }
                    if status == HANG_UP {
                        return;
                    }
                    let answer = format!(
                        "HTTP/1.1 {status}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
                    );
                    let _ = stream.write_all(answer.as_bytes()).await;
                });
            }
        });
        receiver
    }

    pub(super) fn answer(&self, status: &str) {
        *self.answer.lock().unwrap() = status.to_owned();
    }

    pub(super) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// Whether head and body are there.
fn is_whole(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("content-length: ")
                .map(str::to_owned)
        })
        .and_then(|length| length.trim().parse::<usize>().ok());
    body.len() >= length.unwrap_or(0)
}
