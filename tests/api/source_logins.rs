//! `/device-logins`, `/web-logins`: accounts on code hosts that people sign in to, there and again.

use crate::sources::path_of;
use serde_json::{Value, json};
use wharf_testkit::{
    Answer, ApiClient, ForgeProduct, ForgeServer, Server, encode_segment, unique_name,
};
use wharf_tests::wait_until;

/// The server's settings with an OAuth app at a host.
fn with_app(host: &ForgeServer) -> Server {
    Server::builder()
        .config(&format!(
            "[egress]\nallow = [\"127.0.0.1\"]\n[code_hosts.\"{}\"]\nclient_id = \"{}\"",
            host.url(),
            host.application().0
        ))
        .start()
}

#[test]
fn a_code_that_was_typed_connects_the_account() {
    let host = ForgeServer::start(ForgeProduct::GitHub);
    let server = with_app(&host);
    let api = server.api(&server.admin());
    let begin = json!({ "kind": "github", "address": host.url() });
    let login = api.post("/device-logins", begin).expect(201).json();
    let page = login["verification_url"].as_str().expect("a page");
    assert!(page.starts_with(host.url()), "{page}");
    let path = format!("/device-logins/{}", login["id"].as_str().expect("an id"));
    let poll = || {
        api.post(&format!("{path}/poll"), json!({}))
            .expect(200)
            .json()
    };
    assert_eq!(poll()["state"], "pending");
    host.approve_device(login["user_code"].as_str().expect("a code"));
    let mut answer = Value::Null;
    wait_until("the host was asked again", || {
        answer = poll();
        answer["state"] == "connected"
    });
    assert_eq!(answer["source"]["account"], "ada");
    assert_eq!(answer["source"]["method"], "device");
    api.post(&format!("{path}/poll"), json!({}))
        .expect_problem(404, "not_found");
    let source = path_of(&answer["source"]);
    api.get(&format!("{source}/owners")).expect(200);
}

#[test]
fn a_sign_in_is_given_up_and_needs_an_app() {
    let host = ForgeServer::start(ForgeProduct::GitHub);
    let server = with_app(&host);
    let api = server.api(&server.admin());
    let begin = json!({ "kind": "github", "address": host.url() });
    let login = api.post("/device-logins", begin).expect(201).json();
    let path = format!("/device-logins/{}", login["id"].as_str().expect("an id"));
    api.delete(&path).expect(204);
    api.post(&format!("{path}/poll"), json!({}))
        .expect_problem(404, "not_found");
    let elsewhere = json!({ "kind": "github" });
    let refused = api
        .post("/device-logins", elsewhere)
        .expect_problem(409, "conflict");
    assert_eq!(refused.json()["params"]["what"], "no_oauth_app");
    let gitlab = json!({ "kind": "gitlab" });
    api.post("/device-logins", gitlab)
        .expect_problem(400, "invalid_field");
}

/// A server whose app at the host has a secret, which browsers need.
fn with_web_app(host: &ForgeServer) -> Server {
    let (id, secret) = host.application();
    Server::builder()
        .config(&format!(
            "[egress]\nallow = [\"127.0.0.1\"]\n[code_hosts.\"{}\"]\nclient_id = \"{id}\"\nclient_secret = \"{secret}\"",
            host.url(),
        ))
        .start()
}

/// A person's session.
fn session_of(server: &Server) -> ApiClient {
    let person = server.user(&unique_name("browser"));
    server.api(&server.sign_in(&person.username, &person.password))
}

#[test]
fn a_browser_goes_to_github_and_comes_back_with_the_account() {
    let host = ForgeServer::start(ForgeProduct::GitHub);
    let server = with_web_app(&host);
    let api = session_of(&server);
    let begin = json!({ "kind": "github", "address": host.url() });
    let begun = api.post("/web-logins", begin).expect(201).json();
    let page = begun["authorization_url"].as_str().expect("an address");
    assert!(
        page.starts_with(&format!("{}/login/oauth/authorize?", host.url())),
        "{page}"
    );
    let (code, state) = agree(&server, page);
    let told = json!({ "state": state, "code": code });
    let source = api
        .post("/web-logins/finish", told.clone())
        .expect(201)
        .json();
    assert_eq!(
        (&source["account"], &source["method"], &source["address"]),
        (&json!("ada"), &json!("device"), &json!(host.url()))
    );
    api.get(&format!("{}/owners", path_of(&source))).expect(200);
    // The host takes a code once.
    let again = api.post("/web-logins/finish", told);
    assert_eq!(
        again.expect_problem(502, "upstream").json()["params"]["problem"],
        "sign_in_failed"
    );
}

/// Signs in through the browser, to the end; answers what finishing says.
fn sign_in_through_browser(server: &Server, api: &ApiClient, host: &ForgeServer) -> Answer {
    let begin = json!({ "kind": "github", "address": host.url() });
    let begun = api.post("/web-logins", begin).expect(201).json();
    let page = begun["authorization_url"].as_str().expect("an address");
    let (code, state) = agree(server, page);
    api.post(
        "/web-logins/finish",
        json!({ "state": state, "code": code }),
    )
}

#[test]
fn signing_in_again_makes_a_revoked_account_work_again() {
    let host = ForgeServer::start(ForgeProduct::GitHub);
    let server = with_web_app(&host);
    let api = session_of(&server);
    let first = sign_in_through_browser(&server, &api, &host);
    let first = first.expect(201).json();
    let path = path_of(&first);
    host.revoke_grants();
    let checked = api.post(&format!("{path}/check"), json!({}));
    assert_eq!(
        checked.expect(200).json()["health"]["problem"],
        "unauthorized"
    );

    // By the browser: the host is told whom to ask for.
    let begin = json!({ "kind": "github", "address": host.url() });
    let begun = api.post("/web-logins", begin).expect(201).json();
    let page = begun["authorization_url"].as_str().expect("an address");
    assert!(page.contains("&login=ada"), "{page}");
    let again = sign_in_through_browser(&server, &api, &host);
    let again = again.expect(201).json();
    assert_eq!(again["id"], first["id"]);
    assert_eq!(again["health"]["ok"], true);
    assert!(again["token_expires_at"].is_string());
    api.get(&format!("{path}/owners")).expect(200);

    // By a code.
    host.revoke_grants();
    api.post(&format!("{path}/check"), json!({})).expect(200);
    let begin = json!({ "kind": "github", "address": host.url() });
    let login = api.post("/device-logins", begin).expect(201).json();
    host.approve_device(login["user_code"].as_str().expect("a code"));
    let poll = format!(
        "/device-logins/{}/poll",
        login["id"].as_str().expect("an id")
    );
    let mut answer = Value::Null;
    wait_until("the code was taken", || {
        answer = api.post(&poll, json!({})).expect(200).json();
        answer["state"] == "connected"
    });
    assert_eq!(answer["source"]["id"], first["id"]);
    assert_eq!(answer["source"]["health"]["ok"], true);
    api.get(&format!("{path}/owners")).expect(200);
    let listed = api.get("/sources").expect(200).json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));

    let target = format!("/audit?target={}", encode_segment(host.url()));
    let log = server.api(&server.admin()).get(&target).expect(200).json();
    let entries = log["items"].as_array().expect("entries").iter();
    let told: Vec<_> = entries
        .map(|entry| {
            (
                entry["action"].as_str(),
                entry["details"]["secret"].as_str(),
            )
        })
        .collect();
    let renewed = (Some("source.edit"), Some("changed"));
    assert_eq!(
        told,
        [renewed, renewed, (Some("source.connect"), None)],
        "{log}"
    );
}

#[test]
fn only_the_same_account_is_authorized_again_and_only_by_who_owns_the_source() {
    let host = ForgeServer::start(ForgeProduct::GitHub);
    let server = with_web_app(&host);
    let api = session_of(&server);
    let own = sign_in_through_browser(&server, &api, &host);
    let own = own.expect(201).json();
    host.switch_account("grace");
    let refused = sign_in_through_browser(&server, &api, &host);
    let refused = refused.expect_problem(409, "conflict").json();
    assert_eq!(refused["params"]["what"], "other_account");
    let kept = api.get(&path_of(&own)).expect(200).json();
    assert_eq!(
        (&kept["account"], &kept["health"]),
        (&json!("ada"), &own["health"])
    );

    // Somebody else's sign-in is their own.
    host.switch_account("ada");
    let other = session_of(&server);
    let others = sign_in_through_browser(&server, &other, &host);
    let others = others.expect(201).json();
    assert_ne!(others["id"], own["id"]);
    other.get(&path_of(&own)).expect_problem(404, "not_found");
}

#[test]
fn a_sign_in_through_the_browser_needs_a_session_and_an_app_with_a_secret() {
    let host = ForgeServer::start(ForgeProduct::GitHub);
    let server = with_web_app(&host);
    let begin = json!({ "kind": "github", "address": host.url() });
    let what = |api: &ApiClient, begin: serde_json::Value| {
        let refused = api
            .post("/web-logins", begin)
            .expect_problem(409, "conflict");
        refused.json()["params"]["what"].clone()
    };
    // A token is no browser.
    assert_eq!(
        what(&server.api(&server.admin()), begin.clone()),
        "no_session"
    );
    let api = session_of(&server);
    assert_eq!(what(&api, json!({ "kind": "github" })), "no_oauth_app");
    api.post("/web-logins", json!({ "kind": "gitlab" }))
        .expect_problem(400, "invalid_field");
    let server = with_app(&host);
    assert_eq!(what(&session_of(&server), begin), "no_oauth_secret");
}

/// Goes where a sign-in leads to; answers code and state of where that sends the browser back to.
fn agree(server: &Server, page: &str) -> (String, String) {
    let client = server.registry(&wharf_testkit::Login::Anonymous);
    let sent = client
        .request(reqwest::Method::GET, page)
        .send()
        .expect(302)
        .location();
    let callback = format!("{}/sources/-/authorized?", server.url());
    let query = sent
        .strip_prefix(&callback)
        .unwrap_or_else(|| panic!("{sent}"));
    let part = |name: &str| {
        let mut parts = query.split('&').filter_map(|part| part.split_once('='));
        let found = parts.find(|(key, _)| *key == name);
        found
            .unwrap_or_else(|| panic!("{name} in {sent}"))
            .1
            .to_owned()
    };
    (part("code"), part("state"))
}
