//! The log: whole lines whatever a client sends, and never a secret.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use reqwest::Method;
use serde_json::{Value, json};
use wharf_testkit::{ImageMaker, Login, Server, encode_segment, registry::TokenRequest};

use crate::{http2, jwt::read_key, wire, world::fetch_token};

/// Starts a server that writes everything down, in JSON whatever its output is.
fn start_talkative(level: &str) -> Server {
    Server::builder()
        .env("WHARF_LOG", level)
        .env("WHARF_LOG_FORMAT", "json")
        .config("[limits]\nlogin_failures = 1000000")
        .start()
}

/// The lines of the log: each a JSON object, none with a control character of a terminal.
#[track_caller]
fn read_lines(log: &str) -> Vec<Value> {
    log.lines()
        .filter(|line| line.starts_with('{') || line.contains("request"))
        .map(|line| {
            let clean = line.chars().all(|character| !character.is_control());
            assert!(clean, "a raw control character in {line:?}");
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
        })
        .collect()
}

#[test]
fn m93_what_a_client_sends_breaks_no_line_of_the_log() {
    let server = start_talkative("debug");
    let before = server.log().len();
    let evil =
        "x\n{\"level\":\"ERROR\",\"message\":\"forged\"}\u{1b}]8;;http://evil\u{7}\"},{\"a\":\"";
    let encoded = encode_segment(evil);
    let nobody = server.registry(&Login::Anonymous);
    for login in [
        Login::Anonymous,
        Login::basic(evil, "wrong"),
        Login::basic("admin", evil),
    ] {
        let client = nobody.with_login(login);
        for target in [
            format!("/v2/{encoded}/tags/list"),
            format!("/v2/a/b/manifests/{encoded}"),
            format!("/v2/a/b/blobs/uploads/{encoded}"),
            format!("/{encoded}"),
            format!("/api/v1/users/{encoded}"),
            format!("/v1/search?q={encoded}"),
            format!("/auth/token?service={encoded}&account={encoded}&scope={encoded}"),
        ] {
            for method in [Method::GET, Method::POST, Method::DELETE] {
                client
                    .request(method, &target)
                    .header("user-agent", "\"},{\"forged\":\"")
                    .send();
            }
        }
    }
    let admin = server.registry(&server.admin());
    let kind = evil.replace(['\n', '\u{1b}', '\u{7}'], "");
    admin
        .repository("a/b")
        .put_manifest_bytes("v1", &kind, "{}")
        .expect(400);
    // What no library sends: control characters as they are, and a megabyte.
    for head in [
        "GET /v2/ HTTP/1.1\r\nUser-Agent: \u{1b}[31mred\u{7}".to_owned(),
        "GET /v2/\u{1b}[2J HTTP/1.1".to_owned(),
        "GET /v2/\u{9b}31m HTTP/1.1".to_owned(),
        format!("GET /v2/ HTTP/1.1\r\nUser-Agent: {}", "u".repeat(1 << 20)),
        format!("GET /v2/{}/tags/list HTTP/1.1", "a".repeat(50_000)),
        format!("DELETE /v2/a/b/manifests/{} HTTP/1.1", "a".repeat(50_000)),
    ] {
        let request = format!("{head}\r\nHost: x\r\nConnection: close\r\n\r\n");
        wire::exchange(&server, request.as_bytes(), wire::PATIENCE);
    }
    admin.get("/v2/a/b/manifests/the-last-one").expect(404);
    server.wait_for_log("the-last-one");

    let log = server.log();
    let lines = read_lines(&log[before..]);
    assert!(lines.len() > 50, "{} lines", lines.len());
    for line in &lines {
        assert_ne!(line["message"], "forged", "{line}");
        assert!(line.get("forged").is_none(), "{line}");
    }
    let longest = log.lines().map(str::len).max().unwrap_or_default();
    assert!(longest < 4096, "a line of {longest} bytes");
}

#[test]
fn m94_no_secret_is_in_the_log_at_its_most_talkative() {
    let server = start_talkative("trace");
    let mut secrets: Vec<(&str, String)> =
        vec![("the admin's password", server.admin_password().into())];
    let admin = server.api(&server.admin());
    let mut keep = |what, secret: &Value| {
        let text = secret.as_str().expect("a secret").to_owned();
        secrets.push((what, text.clone()));
        text
    };
    let made = admin
        .post("/users", json!({ "username": "made" }))
        .expect(201)
        .json();
    let made = keep("a password that was made", &made["password"]);
    let given = keep("a password that was given", &json!("planted: given & kept"));
    let body = json!({ "username": "given", "password": given });
    admin.post("/users", body).expect(201);
    let body = json!({ "name": "ci", "actions": ["pull", "push"] });
    let robot = admin
        .post("/namespaces/given/robots", body)
        .expect(201)
        .json();
    let robot = keep("a robot's secret", &robot["secret"]);
    let rotated = admin.post("/namespaces/given/robots/ci/secret", json!({}));
    let rotated = keep(
        "a secret that was rotated",
        &rotated.expect(200).json()["secret"],
    );
    let changed = keep(
        "a password that was changed",
        &json!("planted: changed & kept"),
    );
    let person = server.api(&Login::basic("given", given.as_str()));
    let body = json!({ "name": "laptop", "actions": ["pull", "push", "admin"] });
    let token = person.post("/tokens", body).expect(201).json();
    let token = keep("an access token", &token["secret"]);
    let body = json!({ "current_password": given, "new_password": changed });
    person.post("/me/password", body).expect(204);
    let reset = keep("a password that was reset", &json!("planted: reset & kept"));
    let body = json!({ "new_password": reset });
    admin.post("/users/made/password", body).expect(200);
    let wrong = keep("a wrong password", &json!("planted: mistyped"));
    let wrong_token = keep(
        "a wrong token",
        &json!("wharf_pat_ffffffffffffffffffffffffffffffffplanted"),
    );

    // Used in every way that there is, rightly and wrongly.
    let logins = [
        Login::basic("given", changed.as_str()),
        Login::basic("given", token.as_str()),
        Login::basic("given+ci", rotated.as_str()),
        Login::basic("given+ci", robot.as_str()),
        Login::basic("made", made.as_str()),
        Login::basic("made", reset.as_str()),
        Login::basic("given", wrong.as_str()),
        Login::basic("given", wrong_token.as_str()),
        Login::Bearer(token.clone()),
        Login::Bearer(wrong_token.clone()),
    ];
    for login in &logins {
        let client = server.registry(login);
        client.get("/v2/");
        let answer =
            client.fetch_token(&TokenRequest::default().repository("given/app", "pull,push"));
        if answer.status.is_success() {
            keep("a registry token", &answer.json()["token"]);
        }
        client.repository("given/app").begin_upload("");
        server.api(login).get("/me");
        server.api(login).post(
            "/me/password",
            json!({ "current_password": wrong, "new_password": "short" }),
        );
        http2::get_with(
            &server,
            "/v2/",
            &login.authorization().expect("credentials"),
        );
        if let Login::Basic { username, password } = login {
            let form = format!(
                "grant_type=password&service=x&client_id=x&username={}&password={}",
                encode_segment(username),
                encode_segment(password)
            );
            let request = client.with_login(Login::Anonymous);
            let request = request.request(Method::POST, "/auth/token");
            request
                .typed_body("application/x-www-form-urlencoded", form)
                .send();
        }
    }
    let flow = server.registry(&logins[0]).with_token_flow();
    flow.repository("given/app")
        .push_image("v1", &ImageMaker::new("trace").make());
    let token = fetch_token(&server.registry(&logins[0]), &["repository:given/app:pull"]);
    keep("a registry token", &json!(token));
    let (start, end) = token.split_at(token.len() - 4);
    let forged = Login::Bearer(format!("{start}{}", end.chars().rev().collect::<String>()));
    server.registry(&forged).get("/v2/").expect(401);
    // A secret where it does not belong: in a query, in a path, in a name, in broken JSON.
    server
        .registry(&Login::Anonymous)
        .get(&format!("/v2/?token={token}"));
    let broken = format!("{{\"username\":\"x\",\"password\":\"{wrong}\"");
    admin
        .request(Method::POST, "/users")
        .body("application/json", broken)
        .send();
    let misplaced = json!({ "username": "x", "passwort": wrong });
    admin.post("/users", misplaced).expect(400);

    server
        .registry(&Login::Anonymous)
        .get("/v2/a/b/manifests/the-last-one");
    server.wait_for_log("the-last-one");
    expect_no_secret(&server, &secrets, &logins);
}

/// Greps the whole log for every secret, in every form in which it traveled.
fn expect_no_secret(server: &Server, secrets: &[(&str, String)], logins: &[Login]) {
    let log = server.log();
    // It does tell what happened: who, where, and each frame of HTTP/2.
    for told in [
        "given/app",
        "\"given\"",
        "TRACE",
        "issue_token",
        "/api/v1/tokens",
    ] {
        assert!(log.contains(told), "nothing about {told}");
    }
    let mut needles: Vec<(String, String)> = Vec::new();
    for (what, secret) in secrets {
        needles.push(((*what).to_owned(), secret.clone()));
        needles.push((format!("{what}, encoded"), encode_segment(secret)));
        needles.push((format!("{what} in base64"), STANDARD.encode(secret)));
        if let Some(signature) = secret.split('.').nth(2) {
            needles.push((format!("{what}, its signature"), signature.to_owned()));
        }
    }
    for login in logins {
        if let Some(header) = login.authorization() {
            let value = header.split_once(' ').expect("a scheme").1.to_owned();
            needles.push(("an Authorization header".to_owned(), value));
        }
    }
    let key = read_key(server);
    needles.push(("the key in base64".to_owned(), STANDARD.encode(&key)));
    needles.push((
        "the key in base64url".to_owned(),
        URL_SAFE_NO_PAD.encode(&key),
    ));
    for (what, needle) in needles {
        let found = log.lines().find(|line| line.contains(&needle));
        assert!(
            found.is_none(),
            "{what} is in the log: {}",
            found.unwrap_or_default()
        );
    }
}
