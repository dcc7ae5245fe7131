//! What a request says about its own host and way is believed from trusted proxies alone.

use wharf_testkit::{Server, SharedServer, raw::RawConnection, registry::Challenge};

use crate::{wire, world::World};

const EVIL: [(&str, &str); 7] = [
    ("x-forwarded-host", "evil.example"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-server", "evil.example"),
    ("x-forwarded-prefix", "/evil"),
    ("x-original-url", "/evil"),
    ("x-host", "evil.example"),
    ("forwarded", "for=192.0.2.1;host=evil.example;proto=https"),
];

static BEHIND_PROXY: SharedServer =
    SharedServer::new(|| Server::builder().config("[server]\ntrusted_proxies = [\"127.0.0.0/8\"]"));

static NAMED: SharedServer = SharedServer::new(|| {
    Server::builder().config(
        "[server]\npublic_url = \"https://hub.example:8443\"\ntrusted_proxies = [\"127.0.0.0/8\"]",
    )
});

/// The realm in the challenge for a request with this Host and these headers.
fn find_realm(server: &Server, host: &str, headers: &[(&str, &str)]) -> String {
    let client = server.registry(&wharf_testkit::Login::Anonymous);
    let mut request = client
        .request(reqwest::Method::GET, "/v2/")
        .header("host", host);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let answer = request.send().expect(401);
    Challenge::find(&answer).expect("a challenge").realm
}

#[test]
fn h67_forwarding_headers_count_from_trusted_proxies_only() {
    let shared = World::get().server;
    let own = format!("http://{}/auth/token", shared.authority());
    assert_eq!(find_realm(shared, shared.authority(), &EVIL), own);
    // The same headers from a proxy that the operator named are believed: that is what they are for.
    let proxied = BEHIND_PROXY.get();
    assert_eq!(
        find_realm(&proxied, proxied.authority(), &EVIL[..2]),
        "https://evil.example/auth/token"
    );
    // With a configured name nothing else is.
    let named = NAMED.get();
    for host in [named.authority(), "evil.example", "hub.example:9999"] {
        assert_eq!(
            find_realm(&named, host, &EVIL),
            "https://hub.example:8443/auth/token"
        );
    }
}

#[test]
fn h67_locations_and_links_name_no_host_that_a_client_chose() {
    let world = World::get();
    let repository = world.attacker_repository();
    let client = world.attacker_registry();
    let send = |method: reqwest::Method, rest: &str| {
        let mut request = client
            .request(method, &repository.path(rest))
            .header("host", "evil.example")
            .body("");
        for (name, value) in EVIL {
            request = request.header(name, value);
        }
        request.send()
    };
    let begun = send(reqwest::Method::POST, "blobs/uploads/").expect(202);
    let location = begun.header("location");
    assert!(location.starts_with("/v2/"), "{location}");
    let digest = wharf_testkit::image::compute_digest(b"");
    let rest = format!("blobs/uploads/?digest={digest}");
    let whole = send(reqwest::Method::POST, &rest).expect(201);
    assert!(whole.header("location").starts_with("/v2/"));
    let manifest = wharf_testkit::image::make_artifact("application/x-evil", &[], None);
    repository.push_bytes("{}");
    for tag in ["a", "b"] {
        let pushed = repository.put_manifest(tag, &manifest).expect(201);
        assert!(pushed.header("location").starts_with("/v2/"));
    }
    let page = send(reqwest::Method::GET, "tags/list?n=1").expect(200);
    assert!(
        page.header("link").starts_with("</v2/"),
        "{}",
        page.describe()
    );
    for answer in [begun, whole, page] {
        let text = answer.describe();
        assert!(!text.contains("evil"), "{text}");
    }
}

#[test]
fn h67_a_host_that_is_none_reaches_no_header() {
    let world = World::get();
    for host in [
        "a\",error=\"x",
        "a\", Basic realm=\"b",
        "a b",
        "user@evil.example",
        "evil.example/path",
        "evil.example?x",
        "<script>",
        "",
    ] {
        let mut connection = RawConnection::open(world.server);
        let request = format!("GET /v2/ HTTP/1.1\r\nHost: {host}\r\n\r\n");
        connection
            .write(request.as_bytes())
            .expect("an open connection");
        let answer = connection.read_answer().expect("an answer");
        match answer.status {
            400 => {}
            status => {
                assert_eq!(status, 401, "{host}");
                let challenge = answer.find_header("www-authenticate").expect("a challenge");
                assert!(
                    challenge.starts_with("Bearer realm=\"http://localhost/auth/token\",service="),
                    "{host}: {challenge}"
                );
            }
        }
    }
}

#[test]
fn a_request_without_exactly_one_host_is_refused() {
    // RFC 9112, 3.2: a proxy may have looked at the other one.
    let server = World::get().server;
    for hosts in ["", "Host: a\r\nHost: b\r\n", "Host: a\r\nHost: a\r\n"] {
        let request = format!("GET /v2/ HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n");
        let exchange = wire::exchange(server, request.as_bytes(), wire::PATIENCE);
        assert_eq!(exchange.statuses(), [400], "{hosts:?}: {exchange:?}");
    }
    // One is enough, and in HTTP/1.0 nobody needs any.
    for request in [
        "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET /healthz HTTP/1.0\r\n\r\n",
    ] {
        let exchange = wire::exchange(server, request.as_bytes(), wire::PATIENCE);
        assert!(exchange.text.contains(" 200 "), "{request}: {exchange:?}");
    }
}
