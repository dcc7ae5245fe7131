//! Something that webhooks can send to, and that reads as the product does.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, SystemTime};
use url::Url;
use wharf_integrations::Secret;
use wharf_integrations::forge::delivery::{
    Delivery, DeliveryContent, HookKind, PushedRef, Rejection, read_delivery, verify_delivery,
};

pub(crate) const SECRET: &str = "a secret of sixteen characters and more";

type Outcome = Result<Delivery, Rejection>;

pub(crate) struct Receiver {
    address: SocketAddr,
    came: Arc<Came>,
}

/// What came, and a bell that rings when something does.
#[derive(Default)]
struct Came {
    outcomes: Mutex<Vec<Outcome>>,
    bell: Condvar,
}

impl Receiver {
    /// Verifies with [`SECRET`] and reads whatever comes, until the test process ends.
    pub(crate) fn start(kind: HookKind) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let came = Arc::new(Came::default());
        let kept = Arc::clone(&came);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                serve(stream.expect("a connection"), kind, &kept);
            }
        });
        Receiver { address, came }
    }

    pub(crate) fn url(&self) -> Url {
        Url::parse(&format!("http://{}/hooks/1", self.address)).expect("a URL")
    }

    /// What came since the last call. The host tells its webhooks after it answered the push, so this waits until there
    /// are as many as wanted.
    pub(crate) fn take(&self, count: usize) -> Vec<Outcome> {
        let outcomes = self.came.outcomes.lock().expect("a lock");
        let is_waiting = |outcomes: &mut Vec<Outcome>| outcomes.len() < count;
        let limit = Duration::from_secs(30);
        let waited = self
            .came
            .bell
            .wait_timeout_while(outcomes, limit, is_waiting);
        let (mut outcomes, timeout) = waited.expect("a lock");
        assert!(!timeout.timed_out(), "only {outcomes:?} came");
        std::mem::take(&mut outcomes)
    }

    /// The only ref of the only delivery.
    #[track_caller]
    pub(crate) fn take_ref(&self) -> PushedRef {
        let mut outcomes = self.take(1);
        assert_eq!(outcomes.len(), 1, "{outcomes:?}");
        match outcomes.remove(0).expect("a good signature").content {
            DeliveryContent::RefUpdates(mut refs) if refs.len() == 1 => refs.remove(0),
            other => panic!("one ref was expected: {other:?}"),
        }
    }
}

fn serve(mut stream: TcpStream, kind: HookKind, came: &Came) {
    let mut received = Vec::new();
    let (mut headers, mut body_at, mut length) = (HeaderMap::new(), None, 0);
    while body_at.is_none_or(|at: usize| received.len() < at + length) {
        let mut buffer = [0; 8192];
        let count = stream.read(&mut buffer).expect("more of the request");
        if count == 0 {
            return;
        }
        received.extend_from_slice(&buffer[..count]);
        let end = received.windows(4).position(|four| four == b"\r\n\r\n");
        if let (None, Some(end)) = (body_at, end) {
            body_at = Some(end + 4);
            let head = String::from_utf8_lossy(&received[..end]).into_owned();
            for (name, value) in head
                .lines()
                .skip(1)
                .filter_map(|line| line.split_once(": "))
            {
                let name: HeaderName = name.parse().expect("a name");
                headers.append(name, HeaderValue::from_str(value).expect("a value"));
            }
            let text = headers["content-length"].to_str().expect("a number");
            length = text.parse().expect("a number");
        }
    }
    let body = Bytes::from(received.split_off(body_at.expect("a body")));
    let now = SystemTime::now().into();
    let verified = verify_delivery(kind, &headers, body, &[Secret::new(SECRET)], now);
    let outcome =
        verified.map(|verified| read_delivery(&verified).expect("a payload that is understood"));
    let status = if outcome.is_ok() {
        "200 OK"
    } else {
        "401 Unauthorized"
    };
    came.outcomes.lock().expect("a lock").push(outcome);
    came.bell.notify_all();
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    // The sender writes down whether this came.
    let _ = stream.write_all(answer.as_bytes());
}
