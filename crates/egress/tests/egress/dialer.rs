//! A way out whose connections somebody else makes.

use crate::fake::{Names, Server, ok, settings};
use parking_lot::Mutex;
use std::net::SocketAddr;
use std::sync::Arc;
use wharf_egress::{
    Dialer, DialerSettings, Dialing, Egress, EgressError, Policy, Protocol, ProxySettings, Request,
};

/// Dials one address for the one host that it knows.
struct Elsewhere {
    address: SocketAddr,
    dialed: Mutex<Vec<(String, u16, bool)>>,
}

impl Dialer for Elsewhere {
    fn dial(&self, host: &str, port: u16, is_plain: bool) -> Dialing {
        self.dialed.lock().push((host.to_owned(), port, is_plain));
        let (address, known) = (self.address, host == "far.test");
        Box::pin(async move {
            if !known {
                return Err(EgressError::Elsewhere {
                    text: "not there".to_owned(),
                    hint: Some("ask".to_owned()),
                });
            }
            Ok(tokio::net::TcpStream::connect(address)
                .await
                .expect("a connection"))
        })
    }
}

fn open(address: SocketAddr, folder: &tempfile::TempDir) -> (Egress, Arc<Elsewhere>) {
    let dialer = Arc::new(Elsewhere {
        address,
        dialed: Mutex::default(),
    });
    // Neither a policy nor a proxy of this process counts.
    let mut settings = settings(Policy::server([]), Names::default());
    settings.proxy = ProxySettings::parse(Some("http://dead.test:1"), None, None).expect("a proxy");
    settings.dialer = Some(DialerSettings {
        dialer: Arc::clone(&dialer) as _,
        sockets: folder.path().to_owned(),
    });
    (Egress::new(settings).expect("an egress"), dialer)
}

#[tokio::test]
async fn whoever_dials_decides_where_a_request_goes() {
    let server = Server::start(|_| ok("by somebody else")).await;
    let folder = tempfile::tempdir().expect("a folder");
    let (egress, dialer) = open(server.address, &folder);
    for _ in 0..2 {
        let url = "http://far.test:81/path".parse().expect("a URL");
        let answer = egress.send(Request::get(url)).await.expect("an answer");
        let body = answer.read_all(100).await.expect("a body");
        assert_eq!(body, "by somebody else");
    }
    assert!(server.heads()[0].contains("host: far.test:81"));
    assert!(
        dialer
            .dialed
            .lock()
            .contains(&("far.test".to_owned(), 81, true))
    );
    let bare = egress.connect("far.test", 22, Protocol::Other).await;
    bare.expect("a connection");
    drop(egress);
    let mut left = std::fs::read_dir(folder.path()).expect("a folder");
    assert!(left.next().is_none(), "a socket is left");
}

#[tokio::test]
async fn what_whoever_dials_refuses_is_told_in_their_words() {
    let server = Server::start(|_| ok("never")).await;
    let folder = tempfile::tempdir().expect("a folder");
    let (egress, _) = open(server.address, &folder);
    let url = "http://127.0.0.1/".parse().expect("a URL");
    let error = egress.send(Request::get(url)).await.expect_err("a refusal");
    assert_eq!(error.to_string(), "not there");
    assert_eq!(error.hint().as_deref(), Some("ask"));
    assert!(server.heads().is_empty());
}
