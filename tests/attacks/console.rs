//! The console's cookie: what other sites make a browser do, what is left of a session that ended, and where it counts.

use reqwest::Method;
use serde_json::json;
use wharf_testkit::{
    Answer, ApiClient, Login, Server, read_session_cookie, registry::TokenRequest, unique_name,
};

use crate::world::World;

fn cookie_of(login: &Login) -> String {
    let Login::Session(secret) = login else {
        panic!("no session");
    };
    format!("__Host-wharf={secret}")
}

/// A request as a browser sends it along with the victim's cookie, with these headers more.
fn ask(
    api: &ApiClient,
    cookie: &str,
    method: Method,
    target: &str,
    headers: &[(&str, &str)],
) -> Answer {
    let mut request = api.request(method, target).header("cookie", cookie);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request
        .json(json!({ "name": unique_name("forged") }))
        .send()
}

#[test]
fn h42_what_another_site_makes_a_browser_ask_is_refused() {
    let world = World::get();
    let server = world.server;
    let victim = &world.victim;
    let cookie = cookie_of(&server.sign_in(&victim.username, &victim.password));
    let browser = server.api(&Login::Anonymous);
    let own = server.url().to_owned();
    let console = ("x-wharf-console", "1");
    let create =
        |headers: &[(&str, &str)]| ask(&browser, &cookie, Method::POST, "/namespaces", headers);
    // The console itself may, in every way in which browsers tell of it.
    create(&[console]).expect(201);
    create(&[console, ("origin", &own), ("sec-fetch-site", "same-origin")]).expect(201);
    for headers in [
        &[("sec-fetch-site", "same-origin"), ("origin", own.as_str())][..],
        &[],
        &[console, ("sec-fetch-site", "cross-site")],
        &[console, ("sec-fetch-site", "same-site")],
        &[console, ("sec-fetch-site", "none")],
        &[console, ("origin", "https://evil.example")],
        &[console, ("origin", "null")],
        &[console, ("origin", "http://127.0.0.1")],
        &[("origin", "https://evil.example")],
    ] {
        create(headers).expect_problem(403, "denied");
    }

    // Forms: the two types that a page may send anywhere without being asked, and one that it may not.
    for (media_type, body) in [
        ("text/plain", r#"{"name":"forged","x":"="}"#),
        ("application/x-www-form-urlencoded", "name=forged"),
        ("multipart/form-data; boundary=b", "--b--"),
    ] {
        let form = |headers: &[(&str, &str)]| {
            let mut request = browser
                .request(Method::POST, "/namespaces")
                .header("cookie", &cookie);
            for (name, value) in headers {
                request = request.header(name, value);
            }
            request.body(media_type, body).send()
        };
        form(&[("origin", "https://evil.example")]).expect_problem(403, "denied");
        form(&[]).expect_problem(403, "denied");
        form(&[console]).expect_problem(415, "unsupported_media_type");
    }

    // Nothing is read across sites either, and no site is allowed to.
    let read = |headers: &[(&str, &str)]| {
        let mut request = browser
            .request(Method::GET, "/me")
            .header("cookie", &cookie);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.send()
    };
    read(&[("sec-fetch-site", "same-origin")]).expect(200);
    for site in ["cross-site", "same-site"] {
        read(&[("sec-fetch-site", site)]).expect_problem(403, "denied");
    }
    read(&[("origin", "https://evil.example")]).expect_problem(403, "denied");
    for method in [Method::GET, Method::OPTIONS, Method::POST] {
        let answer = browser
            .request(method, "/me")
            .header("cookie", &cookie)
            .header("origin", "https://evil.example")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "x-wharf-console")
            .send_undescribed();
        assert!(!answer.status.is_success(), "{}", answer.describe());
        for (name, _) in &answer.headers {
            assert!(!name.as_str().starts_with("access-control"), "{name}");
        }
    }
}

#[test]
fn h42_no_site_signs_a_visitor_in_as_somebody_else() {
    let world = World::get();
    let server = world.server;
    let attacker = &world.attacker;
    let browser = server.api(&Login::Anonymous);
    let sign_in = |headers: &[(&str, &str)]| {
        let mut request = browser.request(Method::POST, "/session");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let body = json!({ "username": attacker.username, "password": attacker.password });
        request.json(body).send()
    };
    let console = ("x-wharf-console", "1");
    sign_in(&[console, ("sec-fetch-site", "same-origin")]).expect(200);
    for headers in [
        &[][..],
        &[("sec-fetch-site", "same-origin")],
        &[console, ("sec-fetch-site", "cross-site")],
        &[console, ("origin", "https://evil.example")],
    ] {
        let refused = sign_in(headers).expect_problem(403, "denied");
        assert!(refused.find_header("set-cookie").is_none());
    }
    // Nor out: that is how one is made to sign in again.
    let session = server.sign_in(&attacker.username, &attacker.password);
    let out = browser.request(Method::DELETE, "/session");
    let out = out.header("cookie", &cookie_of(&session)).send();
    out.expect_problem(403, "denied");
    server.api(&session).get("/me").expect(200);
}

#[test]
fn h66_a_session_is_new_at_each_sign_in_and_ends_on_the_server() {
    let world = World::get();
    let server = world.server;
    let victim = &world.victim;
    let browser = server.api(&Login::Anonymous);
    let sign_in = |cookie: Option<&str>| {
        let mut request = browser
            .request(Method::POST, "/session")
            .header("x-wharf-console", "1");
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        let body = json!({ "username": victim.username, "password": victim.password });
        request.json(body).send().expect(200)
    };
    // A value that somebody planted before is not taken over.
    let planted = "0123456789abcdef".repeat(4);
    let answer = sign_in(Some(&format!("__Host-wharf={planted}")));
    let first = read_session_cookie(&answer).expect("a cookie");
    assert_ne!(first, planted);
    let api = |secret: &str| server.api(&Login::Session(secret.to_owned()));
    api(&planted)
        .get("/me")
        .expect_problem(401, "unauthenticated");
    api(&first).get("/me").expect(200);

    // Nobody reads it in the browser, nor is it sent on another's behalf or over a plain line.
    let set = answer.header("set-cookie");
    let attributes: Vec<&str> = set.split("; ").skip(1).collect();
    assert!(set.starts_with("__Host-wharf="), "{set}");
    assert_eq!(
        attributes,
        [
            "Path=/",
            "Max-Age=604800",
            "HttpOnly",
            "Secure",
            "SameSite=Lax"
        ]
    );
    assert!(first.len() == 64 && first.bytes().all(|byte| byte.is_ascii_hexdigit()));

    // Another sign-in at the same browser replaces it.
    let second = sign_in(Some(&format!("__Host-wharf={first}")));
    let second = read_session_cookie(&second).expect("a cookie");
    assert_ne!(first, second);
    api(&first)
        .get("/me")
        .expect_problem(401, "unauthenticated");

    // Signing out ends it where it counts: the value is worth nothing to whoever kept it.
    api(&second).get("/me").expect(200);
    api(&second).delete("/session").expect(204);
    api(&second)
        .get("/me")
        .expect_problem(401, "unauthenticated");

    // It is nobody else's to see or to end.
    let session = server.sign_in(&victim.username, &victim.password);
    let listed = server.api(&session).get("/me/sessions").expect(200).json();
    let id = listed["items"][0]["id"].as_str().expect("an id");
    let attacker = server.sign_in(&world.attacker.username, &world.attacker.password);
    for api in [
        world.attacker_api(),
        server.api(&attacker),
        world.admin_api(),
    ] {
        api.delete(&format!("/me/sessions/{id}"))
            .expect_problem(404, "not_found");
    }
    server.api(&session).get("/me").expect(200);
}

#[test]
fn h66_whoever_loses_rights_loses_their_sessions() {
    let world = World::get();
    let (server, admin) = (world.server, world.admin_api());
    let person = server.user(&unique_name("demoted"));
    let sign_in = || server.api(&server.sign_in(&person.username, &person.password));
    let path = format!("/users/{}", person.username);
    for change in [
        json!({ "admin": true }),
        json!({ "admin": false }),
        json!({ "disabled": true }),
    ] {
        let api = sign_in();
        api.get("/me").expect(200);
        admin.patch(&path, change).expect(200);
        api.get("/me").expect_problem(401, "unauthenticated");
    }
    let closed = json!({ "username": person.username, "password": person.password });
    let request = server.api(&Login::Anonymous);
    let request = request.request(Method::POST, "/session");
    let request = request.header("x-wharf-console", "1").json(closed);
    request.send().expect_problem(401, "unauthenticated");
    admin.patch(&path, json!({ "disabled": false })).expect(200);
    let api = sign_in();
    let reset = admin.post(&format!("{path}/password"), json!({}));
    let password = reset.expect(200).json()["password"]
        .as_str()
        .expect("one")
        .to_owned();
    api.get("/me").expect_problem(401, "unauthenticated");
    let api = server.api(&server.sign_in(&person.username, &password));
    admin.delete(&path).expect(204);
    api.get("/me").expect_problem(401, "unauthenticated");
}

#[test]
fn h66_a_session_is_worth_nothing_outside_the_management_api() {
    let world = World::get();
    let server = world.server;
    let (repository, _) = world.push_secret();
    let session = server.sign_in(&world.victim.username, &world.victim.password);
    server.api(&session).get("/me").expect(200);
    let Login::Session(secret) = &session else {
        panic!("no session");
    };
    let read = |login: &Login| {
        let client = server.registry(login);
        client
            .repository(repository.name())
            .get_manifest("v1")
            .status
    };
    assert_eq!(read(&world.victim_login()), 200);
    assert_eq!(read(&session), 401);
    server.registry(&session).get("/v2/").expect(401);
    // The token service gives its bearer what it gives nobody.
    let request = TokenRequest::default().scope(&format!("repository:{}:pull", repository.name()));
    let token = server
        .registry(&session)
        .fetch_token(&request)
        .expect(200)
        .json();
    let token = token["token"].as_str().expect("a token").to_owned();
    assert_eq!(read(&Login::Bearer(token)), 401);
    // As a password or a token it is a wrong one.
    for login in [
        Login::basic(&world.victim.username, secret),
        Login::Bearer(secret.clone()),
    ] {
        server.registry(&login).get("/v2/").expect(401);
        server
            .api(&login)
            .get("/me")
            .expect_problem(401, "unauthenticated");
    }
    server.registry(&session).get("/metrics").expect(401);
    // Addresses that others call ask for their own secrets, and hear the same with a cookie as without.
    for path in [
        "/hooks/01920000-0000-7000-8000-000000000000",
        "/triggers/01920000-0000-7000-8000-000000000000",
    ] {
        let call = |login: &Login| {
            let client = server.registry(login);
            client.request(Method::POST, path).send().status
        };
        assert_eq!(call(&session), call(&Login::Anonymous), "{path}");
    }
}

#[test]
fn h66_wrong_passwords_at_a_browser_count_with_those_at_other_doors() {
    let server = Server::builder()
        .config("[limits]\nlogin_failures = 4")
        .start();
    let person = server.user("target");
    let browser = server.api(&Login::Anonymous);
    let guess = |password: &str| {
        let body = json!({ "username": "target", "password": password });
        let request = browser.request(Method::POST, "/session");
        request.header("x-wharf-console", "1").json(body).send()
    };
    for number in 0..2 {
        guess(&format!("guess {number}")).expect_problem(401, "unauthenticated");
        let wrong = Login::basic("target", format!("another {number}"));
        server.registry(&wrong).get("/v2/").expect(401);
    }
    let refused = guess(&person.password).expect_problem(429, "too_many_attempts");
    assert!(
        refused
            .header("retry-after")
            .parse::<u32>()
            .is_ok_and(|seconds| seconds > 0)
    );
}

#[test]
fn h66_a_cookie_that_plain_http_could_have_planted_is_nothing_over_tls() {
    let insecure = "[server]\ntrusted_proxies = [\"127.0.0.1\"]\ninsecure_login = true";
    let server = Server::builder().config(insecure).start();
    let browser = server.api(&Login::Anonymous);
    let body = json!({ "username": "admin", "password": server.admin_password() });
    let far = ("x-forwarded-for", "192.0.2.7");
    let sign_in = |scheme: &str| {
        let request = browser.request(Method::POST, "/session");
        let request = request.header("x-wharf-console", "1").header(far.0, far.1);
        request
            .header("x-forwarded-proto", scheme)
            .json(body.clone())
            .send()
            .expect(200)
    };
    let read = |cookie: &str, scheme: &str| {
        let request = browser
            .request(Method::GET, "/session")
            .header("cookie", cookie);
        let request = request
            .header(far.0, far.1)
            .header("x-forwarded-proto", scheme);
        request.send().expect(200).json()
    };
    let plain = sign_in("http");
    assert!(plain.header("set-cookie").starts_with("wharf="));
    assert!(!plain.header("set-cookie").contains("Secure"));
    assert_eq!(plain.json()["insecure"], true);
    let secret = read_session_cookie(&plain).expect("a cookie");
    assert_eq!(
        read(&format!("wharf={secret}"), "http")["user"]["username"],
        "admin"
    );
    assert_eq!(
        read(&format!("wharf={secret}"), "https")["user"],
        json!(null)
    );
    let tls = sign_in("https");
    assert!(tls.header("set-cookie").starts_with("__Host-wharf="));
    assert_eq!(tls.json()["insecure"], false);

    // Where the operator did not allow it, nobody signs in on such a line, and the page is told why.
    let server = Server::builder()
        .config("[server]\ntrusted_proxies = [\"127.0.0.1\"]")
        .start();
    let browser = server.api(&Login::Anonymous);
    let told = browser
        .request(Method::GET, "/session")
        .header(far.0, far.1)
        .send();
    let told = told.expect(200).json();
    assert_eq!(
        (&told["login_possible"], &told["insecure"]),
        (&json!(false), &json!(false))
    );
    let body = json!({ "username": "admin", "password": server.admin_password() });
    let request = browser
        .request(Method::POST, "/session")
        .header("x-wharf-console", "1");
    let refused = request.header(far.0, far.1).json(body).send();
    refused.expect_problem(403, "denied");
}

#[test]
fn h43_what_people_push_runs_in_no_browser() {
    let world = World::get();
    let owner = world.victim_registry();
    let repository = owner.repository(&world.fresh_name(&world.victim));
    let html = "<!doctype html><script>alert(document.cookie)</script>";
    let digest = repository.push_bytes(html);
    // Pushed as a page, in every way in which a client may say so.
    let path = format!("/v2/{}/blobs/{digest}", repository.name());
    for accept in ["text/html", "image/svg+xml", "*/*"] {
        for method in [Method::GET, Method::HEAD] {
            let request = owner
                .request(method.clone(), &path)
                .header("accept", accept);
            let blob = request.header("range", "bytes=0-").send();
            let blob = blob.expect_one_of(&[200, 206]);
            assert_eq!(blob.header("content-type"), "application/octet-stream");
            assert_eq!(blob.header("x-content-type-options"), "nosniff");
            let policy = blob.header("content-security-policy");
            assert!(policy.contains("sandbox") && policy.contains("default-src 'none'"));
        }
    }
    // A manifest is what its type says: none is accepted that a browser would run.
    let put = owner.request(
        Method::PUT,
        &format!("/v2/{}/manifests/page", repository.name()),
    );
    let put = put.typed_body("text/html", html).send();
    assert!(put.status.is_client_error(), "{}", put.describe());
    let (repository, _) = world.push_secret();
    let manifest = repository.seen_by(&owner).get_manifest("v1").expect(200);
    assert!(
        manifest
            .header("content-type")
            .starts_with("application/vnd.")
    );
    assert_eq!(manifest.header("x-content-type-options"), "nosniff");
}

#[test]
fn m101_no_page_frames_the_console_and_no_secret_is_in_an_address() {
    let world = World::get();
    let server = world.server;
    let nobody = server.registry(&Login::Anonymous);
    for path in ["/", "/sign-in", "/images/team/web/-/settings"] {
        let page = nobody.get(path);
        let policy = page.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(policy.contains("base-uri 'none'") && policy.contains("form-action 'self'"));
        assert!(!policy.contains("unsafe-"), "{policy}");
        assert_eq!(page.header("x-frame-options"), "DENY");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
    }
    // No address leads to another host, however it is written.
    for path in [
        "//evil.example/",
        "/%2f%2fevil.example",
        "/\\evil.example",
        "/sign-in?next=//evil.example",
        "/repositories//evil.example/builds/1",
        "/repositories/https:/evil.example/builds/1",
    ] {
        let answer = nobody.request(Method::GET, path).send();
        let location = answer.find_header("location").unwrap_or("/");
        assert!(
            location.starts_with("/images/") || location == "/",
            "{path}: {location}"
        );
    }
    // A session in an address is nobody's: addresses are kept in histories and logs, and told to other sites.
    let session = server.sign_in(&world.victim.username, &world.victim.password);
    let Login::Session(secret) = &session else {
        panic!("no session");
    };
    server.api(&session).get("/me").expect(200);
    let anonymous = server.api(&Login::Anonymous);
    for name in ["session", "token", "access_token", "wharf", "__Host-wharf"] {
        let answer = anonymous.get(&format!("/me?{name}={secret}"));
        answer.expect_problem(401, "unauthenticated");
    }
    assert!(!server.log().contains(secret.as_str()));
}
