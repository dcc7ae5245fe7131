//! How the server names itself, over which transports it is reached, and how it stops.

use std::time::Duration;

use reqwest::Method;
use wharf_testkit::{ImageMaker, Login, Server, registry::Challenge};

use crate::SERVER;

#[test]
fn the_realm_follows_the_host_that_was_asked_and_no_forwarded_header() {
    let server = SERVER.get();
    let nobody = server.registry(&Login::Anonymous);
    let answer = nobody
        .request(Method::GET, "/v2/")
        .header("host", "registry.example:8443")
        .header("x-forwarded-host", "evil.example")
        .header("x-forwarded-proto", "https")
        .header("forwarded", "host=evil.example;proto=https")
        .send()
        .expect(401);
    let challenge = Challenge::find(&answer).expect("a challenge");
    assert_eq!(challenge.realm, "http://registry.example:8443/auth/token");
}

#[test]
fn the_realm_is_the_public_url_where_there_is_one() {
    let server = Server::builder()
        .config("[server]\npublic_url = \"https://registry.example\"")
        .start();
    let answer = server.registry(&Login::Anonymous).get("/v2/").expect(401);
    assert_eq!(
        Challenge::find(&answer).expect("a challenge").realm,
        "https://registry.example/auth/token"
    );
}

#[test]
fn forwarded_headers_of_a_trusted_proxy_are_believed() {
    let server = Server::builder()
        .config("[server]\ntrusted_proxies = [\"127.0.0.1/32\"]")
        .start();
    let answer = server
        .registry(&Login::Anonymous)
        .request(Method::GET, "/v2/")
        .header("x-forwarded-host", "registry.example")
        .header("x-forwarded-proto", "https")
        .send()
        .expect(401);
    assert_eq!(
        Challenge::find(&answer).expect("a challenge").realm,
        "https://registry.example/auth/token"
    );
}

#[test]
fn tls_works_from_certificate_files() {
    let server = Server::builder().tls().start();
    assert!(server.url().starts_with("https://"), "{}", server.url());
    let client = server.registry(&server.admin()).with_token_flow();
    let repository = client.repository("tls/app");
    repository.push_image("v1", &ImageMaker::new("over TLS").make());
    repository.get_manifest("v1").expect(200);
}

#[test]
fn a_stop_by_sigterm_is_clean_and_quick() {
    let mut server = Server::start();
    assert!(
        server.terminate() < Duration::from_secs(10),
        "an idle server stops soon"
    );
}
