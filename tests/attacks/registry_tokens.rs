//! Registry tokens: worth nothing outside `/v2`, nothing when anybody but the server wrote them.

use std::{io::ErrorKind, net::TcpListener, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::Method;
use serde_json::{Value, json};
use wharf_testkit::{Login, RegistryClient, registry::TokenRequest};

use crate::{
    jwt::{HEADER, read_claims, read_key, sign},
    wire,
    world::{METRICS_TOKEN, World, fetch_token},
};

#[test]
fn c20_a_registry_token_is_worth_nothing_outside_v2() {
    let world = World::get();
    let server = world.server;
    let mut tokens = Vec::new();
    for service in ["wharf", "wharf-admin", "api", "", "http://127.0.0.1/api/v1"] {
        let request = TokenRequest::default()
            .service(service)
            .parameter("audience", "api")
            .parameter("aud", "admin")
            .scope("registry:catalog:*");
        let client = server.registry(&Login::Anonymous);
        let body = client.fetch_token(&request).expect(200).json();
        tokens.push(body["token"].as_str().expect("a token").to_owned());
    }
    // An administrator's, with all there is to ask for: good in `/v2`.
    let admin = server.registry(&server.admin());
    let scopes = ["registry:catalog:*", "repository:library/app:*"];
    let token = fetch_token(&admin, &scopes);
    let bearer = Login::Bearer(token.clone());
    admin.with_login(bearer).list_catalog("").expect(200);
    tokens.push(token);

    for token in tokens {
        let login = Login::Bearer(token.clone());
        let api = server.api(&login);
        for operation in api.contract().operations() {
            let method = Method::from_bytes(operation.method.as_bytes()).expect("a method");
            let path = operation.path.replace(['{', '}'], "");
            let request = api.request(method, &path).json(json!({}));
            request.send().expect_problem(401, "unauthenticated");
        }
        let registry = server.registry(&login);
        registry.fetch_token(&TokenRequest::default()).expect(401);
        registry.get("/metrics").expect(401);
        let form = format!("grant_type=refresh_token&service=wharf&refresh_token={token}");
        registry
            .request(Method::POST, "/auth/token")
            .typed_body("application/x-www-form-urlencoded", form)
            .send()
            .expect_one_of(&[400, 401]);
        let as_password = Login::basic("admin", token);
        server.registry(&as_password).get("/v2/").expect(401);
        server.api(&as_password).get("/users").expect(401);
    }
    // The same routes are open to those who sign in.
    world.admin_api().get("/users").expect(200);
    let metrics = Login::Bearer(METRICS_TOKEN.to_owned());
    server.registry(&metrics).get("/metrics").expect(200);
}

/// Claims of the victim's own token, good for five minutes.
fn fetch_claims(client: &RegistryClient, repository: &str) -> (String, Value) {
    let token = fetch_token(client, &[&format!("repository:{repository}:pull")]);
    let claims = read_claims(&token);
    (token, claims)
}

/// These claims with some replaced, and those that are null taken out.
fn change(claims: &Value, changes: Value) -> String {
    let mut changed = claims.as_object().expect("claims").clone();
    for (name, value) in changes.as_object().expect("an object") {
        if value.is_null() {
            changed.remove(name);
        } else {
            changed.insert(name.clone(), value.clone());
        }
    }
    Value::Object(changed).to_string()
}

#[test]
fn c21_a_token_that_the_server_did_not_write_is_refused() {
    let world = World::get();
    let (repository, _) = world.push_secret();
    let client = world.victim_registry();
    let (token, claims) = fetch_claims(&client, repository.name());
    let key = read_key(world.server);
    let text = claims.to_string();
    let pull = |token: &str| {
        let client = client.with_login(Login::Bearer(token.to_owned()));
        repository.seen_by(&client).get_manifest("v1")
    };
    // The forger's tools are good: with the stolen key and everything as it should be, this opens the repository.
    pull(&sign(HEADER, &text, &key)).expect(200);
    pull(&token).expect(200);

    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a socket option");
    let bait = format!("http://{}/keys", listener.local_addr().expect("an address"));
    let jwk = r#"{"kty":"oct","k":"AAAA"}"#;
    let headers = [
        r#"{"typ":"JWT","alg":"none"}"#.to_owned(),
        r#"{"typ":"JWT","alg":"nOnE"}"#.to_owned(),
        r#"{"typ":"JWT","alg":"HS512"}"#.to_owned(),
        r#"{"typ":"JWT","alg":"RS256"}"#.to_owned(),
        r#"{"alg":"HS256","typ":"JWT"}"#.to_owned(),
        r#"{"alg":"HS256"}"#.to_owned(),
        r#"{"typ":"JWT", "alg":"HS256"}"#.to_owned(),
        r#"{"typ":"JWT","alg":"HS256","alg":"none"}"#.to_owned(),
        r#"{"typ":"JWT","alg":"HS256","crit":["exp"]}"#.to_owned(),
        r#"{"typ":"JWT","alg":"HS256","crit":["https://example/x"],"b64":false}"#.to_owned(),
        r#"{"typ":"JWT","alg":"HS256","kid":"../../../../dev/null"}"#.to_owned(),
        r#"{"typ":"JWT","alg":"HS256","kid":"x' UNION SELECT 'k'--"}"#.to_owned(),
        format!(r#"{{"typ":"JWT","alg":"HS256","jwk":{jwk}}}"#),
        format!(r#"{{"typ":"JWT","alg":"HS256","jku":"{bait}"}}"#),
        format!(r#"{{"typ":"JWT","alg":"HS256","x5u":"{bait}"}}"#),
    ];
    for header in &headers {
        // With the stolen key, so that nothing but the header can be the reason.
        let forged = sign(header, &text, &key);
        pull(&forged).expect_error(401, "UNAUTHORIZED");
        let unsigned = forged.rsplit_once('.').expect("a signature").0;
        pull(&format!("{unsigned}.")).expect_error(401, "UNAUTHORIZED");
        pull(unsigned).expect_error(401, "UNAUTHORIZED");
    }
    assert_eq!(
        listener.accept().expect_err("nobody came").kind(),
        ErrorKind::WouldBlock
    );

    // What anybody knows is no key, and a change to the text ends the signature.
    for key in [&b""[..], b"wharf", token.as_bytes(), &[0; 32]] {
        pull(&sign(HEADER, &text, key)).expect_error(401, "UNAUTHORIZED");
    }
    let (start, signature) = token.rsplit_once('.').expect("a signature");
    let more = change(
        &claims,
        json!({ "access": [{ "type": "repository", "name": repository.name(), "actions": ["pull", "push"] }] }),
    );
    let header = token.split('.').next().expect("a header");
    let grown = format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode(more));
    pull(&grown).expect_error(401, "UNAUTHORIZED");
    pull(&format!("{start}.")).expect_error(401, "UNAUTHORIZED");
    pull(&format!("{token}.{signature}")).expect_error(401, "UNAUTHORIZED");
}

#[test]
fn c21_a_claim_of_the_wrong_kind_is_refused() {
    let world = World::get();
    let (repository, _) = world.push_secret();
    let client = world.victim_registry();
    let (_, claims) = fetch_claims(&client, repository.name());
    let key = read_key(world.server);
    let pull = |claims: &str| {
        let token = sign(HEADER, claims, &key);
        let client = client.with_login(Login::Bearer(token));
        repository.seen_by(&client).get_manifest("v1")
    };
    pull(&change(&claims, json!({}))).expect(200);

    let now = claims["iat"].as_i64().expect("a time");
    let far = now + 1_000_000;
    for changes in [
        json!({ "exp": far.to_string() }),
        json!({ "nbf": now.to_string() }),
        json!({ "iat": now.to_string() }),
        json!({ "exp": null }),
        json!({ "iat": null }),
        json!({ "nbf": null }),
        json!({ "exp": far as f64 + 0.5 }),
        json!({ "exp": [far] }),
        json!({ "exp": true }),
        json!({ "exp": 1e300 }),
        json!({ "exp": now - 1 }),
        json!({ "exp": i64::MIN }),
        json!({ "nbf": far }),
        json!({ "iat": far }),
        json!({ "iss": "somebody" }),
        json!({ "iss": null }),
        json!({ "aud": "somebody" }),
        json!({ "aud": null }),
        json!({ "aud": [] }),
        json!({ "sub": "user:admin" }),
        json!({ "sub": "" }),
        json!({ "sub": null }),
        json!({ "wharf": null }),
        json!({ "access": "everything" }),
    ] {
        pull(&change(&claims, changes.clone())).expect_error(401, "UNAUTHORIZED");
    }
    for claims in ["", "null", "[]", "{}", "\u{0}", "{\"exp\":"] {
        pull(claims).expect_error(401, "UNAUTHORIZED");
    }
    // Not even a thief's token outlives what it was made for: the account's version is in it.
    let mut older = claims.clone();
    older["wharf"]["version"] = json!(claims["wharf"]["version"].as_i64().expect("a number") - 1);
    pull(&older.to_string()).expect_error(401, "UNAUTHORIZED");
}

#[test]
fn c21_a_token_of_dots_or_of_a_megabyte_is_refused() {
    let world = World::get();
    let server = world.server;
    let pid = server.pid();
    for length in [1, 2, 3, 1000, 15_000] {
        for unit in [".", "a.", "..a"] {
            let login = Login::Bearer(unit.repeat(length / unit.len()));
            server
                .registry(&login)
                .get("/v2/")
                .expect_error(401, "UNAUTHORIZED");
        }
    }
    // More than a head may be long: refused before anybody looks for a token.
    let head = format!(
        "GET /v2/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n",
        ".".repeat(1 << 20)
    );
    let exchange = wire::exchange(server, head.as_bytes(), Duration::from_secs(10));
    assert!(exchange.closed, "{exchange:?}");
    assert!(
        exchange
            .statuses()
            .iter()
            .all(|status| [400, 431].contains(status)),
        "{exchange:?}"
    );
    assert_eq!(server.pid(), pid);
    world.victim_registry().get("/v2/").expect(200);
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[test]
fn a_token_gives_no_more_than_its_owner_has_and_asked_for() {
    let world = World::get();
    let (repository, _) = world.push_secret();
    let name = repository.name();
    let pull_only = world.server.token(
        &world.victim,
        &wharf_testkit::unique_name("pull"),
        &["pull"],
    );
    let client = world.server.registry(&pull_only.login());
    let all = format!("repository:{name}:pull,push,delete,admin,*");
    let token = fetch_token(&client, &[&all, "registry:catalog:*"]);
    let access = read_claims(&token)["access"].clone();
    assert_eq!(access[0]["actions"], json!(["pull"]), "{access}");
    let with_token = repository.seen_by(&client.with_login(Login::Bearer(token)));
    with_token.get_manifest("v1").expect(200);
    with_token.begin_upload("").expect_error(403, "DENIED");
    with_token.delete_manifest("v1").expect_error(403, "DENIED");

    // Scopes that mean something to other readers mean nothing here.
    for scope in [
        format!("repository:{name},{name}:push"),
        format!("repository:{name}/../x:push"),
        format!("repository:{}:push", name.to_uppercase()),
        format!("repository:{name}%2f..:push"),
        "repository::push".to_owned(),
        "repository:*:*".to_owned(),
        "*:*:*".to_owned(),
        "registry:*:*".to_owned(),
    ] {
        let token = fetch_token(&world.victim_registry(), &[&scope]);
        assert_eq!(read_claims(&token)["access"], json!([]), "{scope}");
    }
    let attacker = fetch_token(
        &world.attacker_registry(),
        &[&format!("repository:{name}:pull,push,delete")],
    );
    assert_eq!(read_claims(&attacker)["access"], json!([]));
}

#[test]
fn a_secret_is_good_under_its_own_name_and_at_its_own_door_only() {
    let world = World::get();
    let server = world.server;
    let name = wharf_testkit::unique_name("own-door");
    let token = server.token(&world.victim, &name, &["pull", "admin"]);
    let robot = server.robot_by(&world.victim_login(), "victim", &name, &["pull"]);
    server.registry(&token.login()).get("/v2/").expect(200);
    server.registry(&robot.login()).get("/v2/").expect(200);
    server.api(&token.bearer()).get("/me").expect(200);
    for (username, secret) in [
        ("attacker", &token.secret),
        ("admin", &token.secret),
        ("", &token.secret),
        (robot.username.as_str(), &token.secret),
        ("victim", &robot.secret),
        ("attacker+x", &robot.secret),
        (name.as_str(), &robot.secret),
        ("victim", &world.attacker.password),
    ] {
        let login = Login::basic(username, secret.as_str());
        server
            .registry(&login)
            .get("/v2/")
            .expect_error(401, "UNAUTHORIZED");
        let answer = server.api(&login).get("/namespaces");
        answer.expect_problem(401, "unauthenticated");
    }
    // As bearer tokens: an access token belongs to the management API, a robot's secret nowhere.
    server
        .registry(&token.bearer())
        .get("/v2/")
        .expect_error(401, "UNAUTHORIZED");
    for login in [robot.bearer(), Login::Bearer(world.victim.password.clone())] {
        server.registry(&login).get("/v2/").expect(401);
        server.api(&login).get("/namespaces").expect(401);
    }
    // Two credentials at once prove nothing, even when one of them would.
    let good = token.login().authorization().expect("credentials");
    let client = server.registry(&token.login());
    client
        .request(Method::GET, "/v2/")
        .header("authorization", &good)
        .send()
        .expect(401);
}
