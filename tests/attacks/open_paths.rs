//! What everybody may ask without signing in, and what that tells.

use reqwest::Method;
use wharf_testkit::{Login, Server};

use crate::world::{METRICS_TOKEN, World};

#[test]
fn m97_what_needs_no_sign_in_tells_nothing() {
    let world = World::get();
    let server = world.server;
    let nobody = server.registry(&Login::Anonymous);
    for (target, body) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
        let answer = nobody.get(target).expect(200);
        assert_eq!(answer.text(), body);
        for (name, value) in &answer.headers {
            let known = ["content-length", "date", "x-request-id"];
            assert!(known.contains(&name.as_str()), "{name}: {value:?}");
        }
    }
    nobody.get("/metrics").expect(401);
    for wrong in [
        "",
        "wrong",
        &METRICS_TOKEN[1..],
        &format!("{METRICS_TOKEN}x"),
    ] {
        let login = Login::Bearer(wrong.to_owned());
        let answer = server.registry(&login).get("/metrics").expect(401);
        assert!(answer.body.is_empty());
    }
    server.registry(&server.admin()).get("/metrics").expect(401);
    let right = Login::Bearer(METRICS_TOKEN.to_owned());
    let numbers = server.registry(&right).get("/metrics").expect(200).text();
    // Numbers, not names: who pulls what is nobody's business.
    for secret in [&world.victim.username, &world.attacker.username] {
        assert!(!numbers.contains(secret.as_str()), "{numbers}");
    }

    let anonymous = server.api(&Login::Anonymous);
    for target in ["/openapi.json", "/info", "/me", "/users", "/audit"] {
        anonymous.get(target).expect_problem(401, "unauthenticated");
    }
    world.attacker_api().get("/openapi.json").expect(200);
    for target in ["/api", "/metrics/", "/v1/", "/auth", "/healthz/all"] {
        let answer = nobody.get(target).expect(404);
        assert!(answer.body.len() < 64, "{}", answer.describe());
    }
    // Every other address is the console's: its page, which is the same for all of them.
    let page = |target: &str| {
        let answer = nobody.get(target);
        let policy = answer.header("content-security-policy");
        let nonce = policy
            .split('\'')
            .find_map(|part| part.strip_prefix("nonce-"));
        answer.text().replace(nonce.expect("a nonce"), "")
    };
    let usual = page("/nothing-of-the-kind");
    for target in [
        "/debug/pprof/",
        "/debug/vars",
        "/debug/requests",
        "/actuator",
        "/server-status",
        "/.env",
        "/.git/config",
        "/swagger.json",
        "/openapi.json",
        "/admin",
        "/status",
    ] {
        assert_eq!(page(target), usual, "{target}");
    }
    for (name, _) in &nobody.get("/v2/").headers {
        assert!(!["server", "x-powered-by"].contains(&name.as_str()));
    }
    nobody
        .request(Method::TRACE, "/v2/")
        .header("x-secret", "echo")
        .send()
        .expect(405);
}

#[test]
fn m97_without_a_token_there_are_no_metrics_beside_the_registry() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let own = listener.local_addr().expect("an address").to_string();
    drop(listener);
    let server = Server::builder()
        .config(&format!("[metrics]\nlisten = \"{own}\""))
        .start();
    let admin = server.registry(&server.admin());
    admin.get("/metrics").expect(404);
    let login = Login::Bearer(METRICS_TOKEN.to_owned());
    server.registry(&login).get("/metrics").expect(404);
    // On the address that only operators reach there is nothing but the numbers.
    let numbers = admin.get(&format!("http://{own}/metrics")).expect(200);
    assert!(numbers.text().contains("wharf_build_info"));
    let answer = admin.get(&format!("http://{own}/v2/"));
    assert!(
        answer
            .find_header("docker-distribution-api-version")
            .is_none()
    );
}
