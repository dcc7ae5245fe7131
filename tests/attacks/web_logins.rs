//! Connecting a code host through the browser: a return that another session began, or that was changed on the way.

use serde_json::json;
use wharf_testkit::{ApiClient, ForgeProduct, ForgeServer, Login, Server, unique_name};

struct Scene {
    host: ForgeServer,
    server: Server,
}

impl Scene {
    fn start() -> Self {
        let host = ForgeServer::start(ForgeProduct::GitHub);
        let (id, secret) = host.application();
        let config = format!(
            "[egress]\nallow = [\"127.0.0.1\"]\n[code_hosts.\"{}\"]\nclient_id = \"{id}\"\nclient_secret = \"{secret}\"",
            host.url()
        );
        let server = Server::builder().config(&config).start();
        Self { host, server }
    }

    /// Begins, goes there and comes back; answers the page that it was sent to, the code and the state.
    fn go(&self, api: &ApiClient) -> (String, String, String) {
        let begin = json!({ "kind": "github", "address": self.host.url() });
        let begun = api.post("/web-logins", begin).expect(201).json();
        let page = begun["authorization_url"]
            .as_str()
            .expect("an address")
            .to_owned();
        let client = self.server.registry(&Login::Anonymous);
        let request = client.request(reqwest::Method::GET, &page);
        let back = request.send().expect(302).location();
        let part = |name: &str| {
            let query = back.split_once('?').expect("a query").1;
            let mut parts = query.split('&').filter_map(|part| part.split_once('='));
            parts
                .find(|(key, _)| *key == name)
                .expect("a part")
                .1
                .to_owned()
        };
        (page, part("code"), part("state"))
    }
}

fn refuse(api: &ApiClient, state: &str, code: &str) {
    let told = json!({ "state": state, "code": code });
    let answer = api.post("/web-logins/finish", told);
    let refused = answer.expect_problem(409, "conflict").json();
    assert_eq!(refused["params"]["what"], "other_sign_in");
    let sources = api.get("/sources").expect(200).json();
    assert_eq!(sources["items"], json!([]));
}

#[test]
fn h41_a_code_hosts_account_is_connected_only_in_the_session_that_asked_for_it() {
    let scene = Scene::start();
    let server = &scene.server;
    let person = server.user(&unique_name("victim"));
    let sign_in = || server.api(&server.sign_in(&person.username, &person.password));
    let (own, elsewhere) = (sign_in(), sign_in());
    let attacker = server.user(&unique_name("attacker"));
    let attacker = server.api(&server.sign_in(&attacker.username, &attacker.password));

    // PKCE, and nothing in the address that finishes the sign-in without the session.
    let (page, code, state) = scene.go(&own);
    assert!(page.contains("code_challenge_method=S256"), "{page}");
    assert!(
        !page.contains("client_secret") && !page.contains("verifier"),
        "{page}"
    );

    // Another session, also one of the same person; the attacker's own return in the victim's session.
    refuse(&elsewhere, &state, &code);
    refuse(&attacker, &state, &code);
    let (_, stolen, foreign) = scene.go(&attacker);
    refuse(&own, &foreign, &stolen);
    // Nothing, something made up, one that leads to another host or lasts longer.
    let (facts, _) = state.rsplit_once('.').expect("a signature");
    for made_up in [
        "",
        "x",
        facts,
        &format!("{facts}.x"),
        &state.replacen('.', ".9", 1),
    ] {
        refuse(&own, made_up, &code);
    }

    // The attacker's code under the victim's own state: its verifier is of another session.
    let told = json!({ "state": state, "code": stolen });
    let refused = own
        .post("/web-logins/finish", told)
        .expect_problem(502, "upstream");
    assert_eq!(refused.json()["params"]["problem"], "sign_in_failed");
    assert_eq!(own.get("/sources").expect(200).json()["items"], json!([]));

    // Whose it is gets it.
    let told = json!({ "state": state, "code": code });
    own.post("/web-logins/finish", told).expect(201);
}

#[test]
fn h41_a_session_that_ended_connects_nothing() {
    let scene = Scene::start();
    let server = &scene.server;
    let person = server.user(&unique_name("leaving"));
    let api = server.api(&server.sign_in(&person.username, &person.password));
    let (_, code, state) = scene.go(&api);
    api.delete("/session").expect(204);
    let told = json!({ "state": state, "code": code });
    api.post("/web-logins/finish", told)
        .expect_problem(401, "unauthenticated");
    // Signed in again, it is another session.
    let again = server.api(&server.sign_in(&person.username, &person.password));
    refuse(&again, &state, &code);
}
