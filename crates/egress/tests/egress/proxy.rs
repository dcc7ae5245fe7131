//! Proxies that are passed in.

use crate::fake::{Names, Server, ok, open, settings};
use std::process::Command;
use wharf_egress::{AddressClass, Egress, EgressError, Policy, ProxySettings, Request};

fn through(proxy: &str, no_proxy: Option<&str>, policy: Policy, names: Names) -> Egress {
    let mut settings = settings(policy, names);
    settings.proxy = ProxySettings::parse(Some(proxy), None, no_proxy).expect("a proxy");
    Egress::new(settings).expect("an egress")
}

#[tokio::test]
async fn a_proxy_gets_the_request_and_resolves_the_name_itself() {
    let proxy = Server::start(|_| ok("by proxy")).await;
    let address = format!("http://me:hush@proxy.test:{}", proxy.port());
    let names = Names::default().with("proxy.test", &["127.0.0.1"]);
    let egress = through(&address, None, Policy::server([]), names);
    let url = "http://far.test/path".parse().expect("a URL");
    let answer = egress.send(Request::get(url)).await.expect("an answer");
    assert_eq!(answer.read_all(100).await.expect("a body"), "by proxy");
    let head = proxy.heads().remove(0);
    assert!(
        head.starts_with("GET http://far.test/path HTTP/1.1\r\n"),
        "{head}"
    );
    assert!(
        head.contains("proxy-authorization: Basic bWU6aHVzaA=="),
        "{head}"
    );
    assert!(!format!("{egress:?}").contains("hush"));
}

#[tokio::test]
async fn hosts_of_no_proxy_are_dialed_directly_and_judged() {
    let server = Server::start(|_| ok("direct")).await;
    let names = || Names::default().with("near.test", &["127.0.0.1"]);
    let url = || server.url("http", "near.test", "/");
    let egress = through(
        "dead.test:1",
        Some("near.test"),
        Policy::operator(),
        names(),
    );
    assert!(egress.send(Request::get(url())).await.is_ok());
    let egress = through(
        "dead.test:1",
        Some("near.test"),
        Policy::server([]),
        names(),
    );
    let error = egress.send(Request::get(url())).await.expect_err("refused");
    assert!(matches!(error, EgressError::Refused { .. }), "{error:?}");
}

#[tokio::test]
async fn an_address_that_is_written_out_is_judged_although_a_proxy_would_dial_it() {
    let proxy = Server::start(|_| ok("metadata")).await;
    let address = format!("127.0.0.1:{}", proxy.port());
    let url = || "http://169.254.169.254/latest".parse().expect("a URL");
    let egress = through(&address, None, Policy::operator(), Names::default());
    assert!(egress.send(Request::get(url())).await.is_ok());
    let egress = through(&address, None, Policy::server([]), Names::default());
    let error = egress.send(Request::get(url())).await.expect_err("refused");
    assert!(
        matches!(
            error,
            EgressError::Refused {
                class: AddressClass::Metadata,
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(proxy.heads().len(), 1);
}

/// Runs itself once more with a proxy in the environment that nobody can reach.
#[tokio::test]
async fn without_settings_nothing_is_taken_from_the_environment() {
    const DEAD: &str = "http://127.0.0.1:1";
    if std::env::var("HTTP_PROXY").as_deref() != Ok(DEAD) {
        let thread = std::thread::current();
        let test = thread.name().expect("a test has a name");
        let again = Command::new(std::env::current_exe().expect("a program"))
            .args(["--exact", test])
            .env("HTTP_PROXY", DEAD)
            .env("http_proxy", DEAD)
            .env_remove("NO_PROXY")
            .env_remove("no_proxy")
            .output()
            .expect("it runs again");
        let said = String::from_utf8_lossy(&again.stdout);
        assert!(
            again.status.success() && said.contains("1 passed"),
            "{said}"
        );
        return;
    }
    let server = Server::start(|_| ok("direct")).await;
    let names = Names::default().with("near.test", &["127.0.0.1"]);
    let url = server.url("http", "near.test", "/");
    let answer = open(Policy::operator(), names)
        .send(Request::get(url))
        .await;
    let body = answer.expect("an answer").read_all(100).await;
    assert_eq!(body.expect("a body"), "direct");
}
