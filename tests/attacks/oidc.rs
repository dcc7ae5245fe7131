//! Signing in through an identity provider: what others put into a browser's way, and what providers are made to do.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::Method;
use serde_json::json;
use wharf_testkit::{Login, Server, skip, unique_name};
use wharf_tests::oidc::{Browser, IdentityProvider};

#[test]
fn h41_a_return_that_this_browser_did_not_begin_signs_nobody_in() {
    let Some(provider) = IdentityProvider::start() else {
        skip!("npm's oidc-provider is not installed (make test-deps)");
    };
    let server = provider.serve("");
    let callback = format!("{}/auth/oidc/callback", server.url());
    provider.name_next(
        &server,
        &json!({ "sub": "victim", "preferred_username": "victim" }),
    );
    // As far as the provider's answer, which is then in the attacker's hands.
    let go = || {
        let mut browser = Browser::new(&server);
        let (back, _) = browser.follow("/auth/oidc/start?next=/images", &callback);
        assert!(back.starts_with(&callback), "{back}");
        (browser, back)
    };
    let refuse = |browser: &mut Browser, target: &str| {
        let answer = browser.get(target).expect(400);
        assert!(browser.session().is_none(), "{}", answer.describe());
        assert!(answer.find_header("location").is_none());
    };

    // It is PKCE with a method that does not show the verifier.
    let mut browser = Browser::new(&server);
    let sent = browser.get("/auth/oidc/start").expect(302).location();
    assert!(sent.contains("code_challenge_method=S256"), "{sent}");
    for name in ["state=", "nonce=", "code_challenge=", "response_type=code"] {
        assert!(sent.contains(name), "{sent}");
    }

    // The right browser is let in, once: the same address again is nothing, with the cookie that it had too.
    let (mut own, back) = go();
    let (mut copied, _) = go();
    own.get(&back).expect(302);
    assert!(own.session().is_some());
    refuse(&mut copied, &back);
    let (mut twice, back) = go();
    let cookies = twice.cookies();
    twice.get(&back).expect(302);
    let mut replay = Browser::with_cookies(&server, cookies);
    refuse(&mut replay, &back);

    // Another browser, with a way of its own under way or without one; a state that is missing or twice.
    let (_, stolen) = go();
    refuse(&mut Browser::new(&server), &stolen);
    let (mut other, _) = go();
    refuse(&mut other, &stolen);
    let state = |back: &str| read_parameter(back, "state");
    let code = |back: &str| read_parameter(back, "code");
    let (mut bare, back) = go();
    refuse(&mut bare, &format!("{callback}?code={}", code(&back)));
    let (mut double, back) = go();
    let twice = format!("{back}&state={}", state(&stolen));
    refuse(&mut double, &twice);

    // A code of somebody else's under the own state: its verifier is in their browser.
    let (mut injected, back) = go();
    let mixed = format!("{callback}?code={}&state={}", code(&stolen), state(&back));
    refuse(&mut injected, &mixed);
    // Said to be from another provider.
    let (mut misled, back) = go();
    let own_issuer = read_parameter(&back, "iss");
    let evil = back.replace(&own_issuer, "https%3A%2F%2Fevil.example");
    assert_ne!(evil, back);
    refuse(&mut misled, &evil);
    // What the provider refuses is no way in either.
    let (mut denied, back) = go();
    let denial = format!("{callback}?error=access_denied&state={}", state(&back));
    refuse(&mut denied, &denial);
}

#[test]
fn h41_an_address_that_somebody_has_already_is_no_reason_to_be_them() {
    let Some(provider) = IdentityProvider::start() else {
        skip!("npm's oidc-provider is not installed (make test-deps)");
    };
    let server = provider.serve("");
    let boss = server.user("boss");
    let edit = json!({ "email": "boss@example.com" });
    server.api(&boss.login()).patch("/me", edit).expect(200);
    for (sub, verified) in [("1", false), ("2", true)] {
        let person = json!({
            "sub": sub, "preferred_username": "boss", "email": "boss@example.com",
            "email_verified": verified,
        });
        provider.name_next(&server, &person);
        let mut browser = Browser::new(&server);
        browser.sign_in("/images");
        let api = server.api(&browser.session().expect("a session"));
        let me = api.get("/me").expect(200).json();
        assert_ne!(me["username"], "boss");
        api.get("/namespaces/boss").expect_problem(404, "not_found");
    }
}

#[test]
fn a_namespace_that_groups_give_rights_in_is_not_taken_by_its_name() {
    let Some(provider) = IdentityProvider::start() else {
        skip!("npm's oidc-provider is not installed (make test-deps)");
    };
    let server = provider.serve("roles = [\"shop-dev=shop:developer\"]");
    let person = json!({ "sub": "1", "preferred_username": "shop" });
    provider.name_next(&server, &person);
    let mut browser = Browser::new(&server);
    browser.sign_in("/images");
    let api = server.api(&browser.session().expect("a session"));
    assert_eq!(api.get("/me").expect(200).json()["username"], "shop-2");
    let shop = json!({ "name": "shop" });
    api.post("/namespaces", shop.clone())
        .expect_problem(400, "invalid_field");
    api.post("/namespaces", json!({ "name": "shops" }))
        .expect(201);
    let admin = server.api(&server.admin());
    admin.post("/namespaces", shop).expect(201);
}

#[test]
fn odd_returns_of_some_do_not_shut_their_network_out() {
    let Some(provider) = IdentityProvider::start() else {
        skip!("npm's oidc-provider is not installed (make test-deps)");
    };
    let server = provider.serve("");
    for number in 0..12 {
        let mut browser = Browser::new(&server);
        let sent = browser.get("/auth/oidc/start").expect(302).location();
        let state = read_parameter(&sent, "state");
        let back = format!("/auth/oidc/callback?code=made-up-{number}&state={state}");
        browser.get(&back).expect(400);
    }
    let person = json!({ "sub": "1", "preferred_username": "somebody" });
    provider.name_next(&server, &person);
    let mut browser = Browser::new(&server);
    browser.sign_in("/images");
    assert!(browser.session().is_some());
}

#[test]
fn a_provider_that_is_away_is_asked_once_in_a_while_and_other_sites_begin_no_sign_in() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let issuer = format!("http://{}", listener.local_addr().expect("an address"));
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            count.fetch_add(1, Ordering::SeqCst);
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream
                .write_all(b"HTTP/1.1 500 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
    });
    let config = format!(
        "[egress]\nallow = [\"127.0.0.1\"]\n[oidc]\nissuer = \"{issuer}\"\nclient_id = \"wharf\""
    );
    let server = Server::builder().config(&config).start();
    let start = |site: &str| {
        let url = format!("{}/auth/oidc/start?next=/images?q=web", server.url());
        let client = server.registry(&Login::Anonymous);
        let request = client.request(Method::GET, &url);
        request.header("sec-fetch-site", site).send()
    };
    for site in ["cross-site", "same-site"] {
        let answer = start(site).expect(302);
        assert_eq!(
            answer.header("location"),
            "/sign-in?next=%2Fimages%3Fq%3Dweb"
        );
        assert!(answer.find_header("set-cookie").is_none());
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    for site in ["same-origin", "none", "same-origin", "none"] {
        start(site).expect(503);
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[test]
fn h41_nobody_is_sent_to_another_host_after_signing_in() {
    let Some(provider) = IdentityProvider::start() else {
        skip!("npm's oidc-provider is not installed (make test-deps)");
    };
    let server = provider.serve("");
    let person = json!({ "sub": unique_name("p"), "preferred_username": "p-one" });
    provider.name_next(&server, &person);
    let callback = format!("{}/auth/oidc/callback", server.url());
    for (next, lands) in [
        ("/images/team/web", "/images/team/web"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\evil.example", "/"),
        ("/%2f/evil.example", "/"),
        ("/%2Fevil.example", "/"),
        ("https://evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/..//evil.example", "/"),
    ] {
        let mut browser = Browser::new(&server);
        let start = format!(
            "/auth/oidc/start?next={}",
            wharf_testkit::encode_segment(next)
        );
        let (back, _) = browser.follow(&start, &callback);
        let answer = browser.get(&back).expect(302);
        assert_eq!(answer.header("location"), lands, "{next:?}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
    }
}

fn read_parameter(url: &str, name: &str) -> String {
    let (_, query) = url.split_once('?').expect("a query");
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let mut found = pairs
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value);
    found.next_back().expect("the parameter").to_owned()
}

/// A provider that takes every code, and answers tokens under a key that nobody knows, another each time.
struct Liar {
    issuer: String,
    asked_for_keys: Arc<AtomicUsize>,
    answered: Arc<AtomicUsize>,
}

impl Liar {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let liar = Self {
            issuer: format!("http://{address}"),
            asked_for_keys: Arc::default(),
            answered: Arc::default(),
        };
        let (issuer, keys) = (liar.issuer.clone(), liar.asked_for_keys.clone());
        let answered = liar.answered.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (issuer, keys, answered) = (issuer.clone(), keys.clone(), answered.clone());
                thread::spawn(move || serve_lies(&stream, &issuer, &keys, &answered));
            }
        });
        liar
    }
}

fn serve_lies(mut stream: &TcpStream, issuer: &str, keys: &AtomicUsize, answered: &AtomicUsize) {
    let mut reader = BufReader::new(stream);
    loop {
        let (mut line, mut length) = (String::new(), 0);
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        loop {
            let mut header = String::new();
            if reader.read_line(&mut header).unwrap_or(0) == 0 || header.trim().is_empty() {
                break;
            }
            let header = header.to_ascii_lowercase();
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let answer = match path.as_str() {
            "/.well-known/openid-configuration" => json!({
                "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
                "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"),
            }),
            "/keys" => {
                keys.fetch_add(1, Ordering::SeqCst);
                json!({ "keys": [] })
            }
            _ => {
                answered.fetch_add(1, Ordering::SeqCst);
                let header = json!({ "alg": "RS256", "kid": unique_name("kid") });
                let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
                let claims = json!({ "iss": issuer, "sub": "admin", "aud": "wharf" });
                let token = format!("{}.{}.c2lnbmF0dXJl", part(&header), part(&claims));
                json!({ "id_token": token, "token_type": "Bearer" })
            }
        };
        let text = answer.to_string();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            text.len()
        );
        if stream
            .write_all(format!("{head}{text}").as_bytes())
            .is_err()
        {
            return;
        }
    }
}

#[test]
fn m84_a_thousand_tokens_under_unknown_keys_ask_for_keys_once() {
    let liar = Liar::start();
    let config = format!(
        "[egress]\nallow = [\"127.0.0.1\"]\n[oidc]\nissuer = \"{}\"\nclient_id = \"wharf\"",
        liar.issuer
    );
    let server = Server::builder().config(&config).start();
    let lying = format!("{}/authorize", liar.issuer);
    wharf_tests::run_in_parallel(1000, |number| {
        let mut browser = Browser::new(&server);
        let (sent, _) = browser.follow("/auth/oidc/start", &lying);
        let state = read_parameter(&sent, "state");
        let back = format!("/auth/oidc/callback?code=c{number}&state={state}");
        browser.get(&back).expect(400);
        assert!(browser.session().is_none());
    });
    // Who returns wrongly again and again is not even asked about any more.
    let answered = liar.answered.load(Ordering::SeqCst);
    assert!((2..1000).contains(&answered), "{answered} were redeemed");
    assert_eq!(liar.asked_for_keys.load(Ordering::SeqCst), 1);
}
