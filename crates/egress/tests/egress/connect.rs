//! Bare connections.

use crate::fake::{Names, Server, ok, open, server_policy, settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wharf_egress::{AddressClass, Egress, EgressError, PlainHttp, Policy, Protocol, ProxySettings};

const LISTED: Protocol = Protocol::PlainHttp(PlainHttp::Listed);

#[tokio::test]
async fn a_bare_connection_is_judged_like_a_request() {
    let server = Server::start(|_| ok("hello")).await;
    let names = || Names::default().with("git.test", &["127.0.0.1"]);
    for host in ["127.0.0.1", "git.test"] {
        let egress = open(Policy::server([]), names());
        let error = egress
            .connect(host, server.port(), Protocol::Tls)
            .await
            .expect_err(host);
        assert!(
            matches!(
                error,
                EgressError::Refused {
                    class: AddressClass::Loopback,
                    ..
                }
            ),
            "{error:?}"
        );
    }
    let allowed = server_policy(&[format!("git.test:{}", server.port())]);
    let egress = open(allowed, names());
    let mut stream = egress
        .connect("GIT.test.", server.port(), Protocol::Other)
        .await
        .expect("a connection");
    stream
        .write_all(b"GET / HTTP/1.1\r\n\r\n")
        .await
        .expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.ends_with("hello"));
}

#[tokio::test]
async fn plain_http_goes_to_listed_hosts_only() {
    let names = || Names::default().with("public.test", &["1.1.1.1"]);
    let error = open(Policy::server([]), names())
        .connect("public.test", 80, LISTED)
        .await
        .expect_err("refused");
    assert!(matches!(error, EgressError::PlainHttp { .. }), "{error:?}");
    assert!(error.hint().expect("a hint").contains("public.test:80"));
}

#[tokio::test]
async fn the_first_address_that_answers_is_taken_and_a_dead_host_is_named() {
    let server = Server::start(|_| ok("hello")).await;
    let names = Names::default().with("two.test", &["127.0.0.2", "127.0.0.1"]);
    let egress = open(Policy::operator(), names);
    assert!(
        egress
            .connect("two.test", server.port(), Protocol::Tls)
            .await
            .is_ok()
    );
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("its number").port();
    drop(free);
    let error = egress
        .connect("127.0.0.1", port, Protocol::Tls)
        .await
        .expect_err("nobody is there");
    assert_eq!(
        error.to_string(),
        format!("cannot connect to 127.0.0.1:{port}")
    );
    assert!(error.is_transient());
}

fn through(proxy: &str) -> Egress {
    let names = Names::default().with("proxy.test", &["127.0.0.1"]);
    let mut settings = settings(Policy::server([]), names);
    settings.proxy = ProxySettings::parse(None, Some(proxy), None).expect("a proxy");
    Egress::new(settings).expect("an egress")
}

#[tokio::test]
async fn behind_a_proxy_the_proxy_connects_and_ssh_goes_past_it() {
    let proxy = Server::start(|head| match head.contains("closed.test") {
        true => "HTTP/1.1 403 No\r\n\r\n".to_owned(),
        false => "HTTP/1.1 200 Connected\r\n\r\nfrom the host".to_owned(),
    })
    .await;
    let egress = through(&format!("http://me:hu%2Fsh@proxy.test:{}", proxy.port()));
    let mut stream = egress
        .connect("far.test", 443, Protocol::Tls)
        .await
        .expect("a connection");
    let mut text = String::new();
    stream
        .read_to_string(&mut text)
        .await
        .expect("the host speaks");
    assert_eq!(text, "from the host");
    let head = proxy.heads().remove(0);
    assert!(
        head.starts_with("CONNECT far.test:443 HTTP/1.1\r\n"),
        "{head}"
    );
    assert!(
        head.contains("Proxy-Authorization: Basic bWU6aHUvc2g="),
        "{head}"
    );

    let error = egress
        .connect("closed.test", 443, Protocol::Tls)
        .await
        .expect_err("refused");
    assert!(error.to_string().contains("(status 403)"), "{error}");
    let error = egress
        .connect("169.254.169.254", 443, Protocol::Tls)
        .await
        .expect_err("judged here");
    assert!(matches!(error, EgressError::Refused { .. }), "{error:?}");
    let error = egress
        .connect("far.test", 22, Protocol::Other)
        .await
        .expect_err("no such name here");
    assert!(matches!(error, EgressError::Unresolved { .. }), "{error:?}");
    let error = through("https://proxy.test:3128")
        .connect("far.test", 443, Protocol::Tls)
        .await
        .expect_err("no tunnel");
    assert!(matches!(error, EgressError::ProxyTls { .. }), "{error:?}");
}
