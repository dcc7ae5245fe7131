//! Webhooks from the first rule to the last, at a code host played by the testkit.

use reqwest::Method;
use serde_json::{Value, json};
use std::net::TcpListener;
use wharf_testkit::{
    Answer, ApiClient, ForgeProduct, ForgeServer, Login, Server, encode_segment,
    forges::RegisteredHook,
};
use wharf_tests::wait_until;

/// A server that tells code hosts an address of this machine. Nobody listens there: deliveries of these tests are sent by
/// the tests.
fn start_server() -> Server {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = free.local_addr().expect("its number");
    Server::builder()
        .config(&format!(
            "[server]\npublic_url = \"http://{address}\"\n[egress]\nallow = [\"127.0.0.1\"]"
        ))
        .start()
}

/// A rule on a repository of a GitLab, and its webhook once it is registered there.
struct Scene {
    server: Server,
    host: ForgeServer,
    api: ApiClient,
    source: String,
}

impl Scene {
    fn make() -> Self {
        let (server, host) = (start_server(), ForgeServer::start(ForgeProduct::GitLab));
        host.add_group("acme");
        let git = host.create_repository("acme/web", true);
        git.push_files("main", "first", &[("Dockerfile", "FROM scratch\n")]);
        let api = server.api(&server.admin());
        let connect = json!({ "kind": "gitlab", "address": host.url(), "token": host.token() });
        let source = api.post("/sources", connect).expect(201).json();
        let source = source["id"].as_str().expect("an id").to_owned();
        api.post("/repositories", json!({ "name": "admin/web" }))
            .expect(201);
        let scene = Self {
            server,
            host,
            api,
            source,
        };
        scene.add_rule("one");
        scene
    }

    fn add_rule(&self, name: &str) {
        let rule = json!({ "name": name, "source": self.source, "remote": "acme/web" });
        let target = format!("/repositories/{}/rules", encode_segment("admin/web"));
        self.api.post(&target, rule).expect(201);
    }

    fn delete_rule(&self, name: &str) {
        let target = format!("/repositories/{}/rules/{name}", encode_segment("admin/web"));
        self.api.delete(&target).expect(204);
    }

    fn webhook(&self) -> Value {
        let listed = self.api.get(&format!("/sources/{}/webhooks", self.source));
        listed.expect(200).json()["items"][0].clone()
    }

    fn path(&self, rest: &str) -> String {
        let id = self.webhook()["id"].as_str().expect("an id").to_owned();
        format!("/sources/{}/webhooks/{id}{rest}", self.source)
    }

    fn registered(&self) -> RegisteredHook {
        wait_until("the webhook is registered and known to be", || {
            self.host.webhooks("acme/web").len() == 1 && self.webhook()["state"] == "active"
        });
        self.host.webhooks("acme/web")[0].clone()
    }

    /// Sends what the host would, with the secret that it was given.
    fn deliver(&self, secret: &str, event: &str, name: &str, body: &str) -> Answer {
        let (_, path) = self
            .registered()
            .url
            .split_once("/hooks/")
            .map(|(base, rest)| (base.to_owned(), format!("/hooks/{rest}")))
            .expect("a webhook of ours");
        let client = self.server.registry(&Login::Anonymous);
        client
            .request(Method::POST, &path)
            .header("x-gitlab-token", secret)
            .header("x-gitlab-event", event)
            .header("x-gitlab-event-uuid", name)
            .header("idempotency-key", name)
            .body(body.to_owned())
            .send()
    }
}

#[test]
fn a_webhook_comes_with_the_first_rule_and_goes_with_the_last() {
    let scene = Scene::make();
    let hook = scene.registered();
    assert!(hook.url.contains("/hooks/gitlab/"), "{}", hook.url);
    assert!(
        hook.secret
            .as_ref()
            .is_some_and(|secret| secret.len() >= 32)
    );
    scene.add_rule("two");
    scene.delete_rule("one");
    assert_eq!(scene.registered().id, hook.id);
    let listed = format!("/repositories/{}/deletion", encode_segment("admin/web"));
    let listed = scene.api.get(&listed).expect(200).json();
    let kinds: Vec<_> = listed["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|it| it["kind"].clone())
        .collect();
    assert!(
        kinds.contains(&json!("rule")) && kinds.contains(&json!("webhook")),
        "{kinds:?}"
    );
    scene.delete_rule("two");
    wait_until("the webhook is removed at the host", || {
        scene.host.webhooks("acme/web").is_empty()
    });
    wait_until("nothing is left to be removed", || {
        scene.api.get("/removals").expect(200).json()["items"] == json!([])
    });
}

#[test]
fn h60_h61_a_delivery_is_believed_with_its_secret_and_taken_once() {
    let scene = Scene::make();
    let secret = scene.registered().secret.expect("a secret");
    let comment = json!({ "object_kind": "note" }).to_string();
    for wrong in ["", "guess", &secret[1..]] {
        let refused = scene.deliver(wrong, "Note Hook", "1", &comment);
        assert_eq!(refused.status, 401, "{}", refused.describe());
    }
    let ignored = scene.deliver(&secret, "Note Hook", "1", &comment);
    assert_eq!(ignored.status, 200, "{}", ignored.describe());
    assert_eq!(ignored.json()["outcome"], "ignored");
    for _ in 0..9 {
        let again = scene.deliver(&secret, "Note Hook", "1", &comment);
        assert_eq!(again.json()["outcome"], "repeated");
    }
    let listed = scene.api.get(&scene.path("/deliveries")).expect(200).json();
    assert_eq!(
        listed["items"].as_array().map(Vec::len),
        Some(1),
        "{listed}"
    );
    assert_eq!(scene.webhook()["rejected_count"], 3);

    let rotated = scene
        .api
        .post(&scene.path("/secret"), json!({}))
        .expect(200)
        .json();
    assert_eq!(rotated["webhook"]["state"], "active", "{rotated}");
    let old = scene.deliver(&secret, "Note Hook", "2", &comment);
    assert_eq!(old.status, 401, "{}", old.describe());
    let fresh = scene.registered().secret.expect("a secret");
    assert_ne!(fresh, secret);
    let taken = scene.deliver(&fresh, "Note Hook", "2", &comment);
    assert_eq!(taken.status, 200, "{}", taken.describe());
    assert!(
        !scene
            .api
            .get(&scene.path(""))
            .expect(200)
            .text()
            .contains(&fresh)
    );
}

#[test]
fn a_webhook_that_somebody_spoiled_is_mended() {
    let scene = Scene::make();
    let hook = scene.registered();
    scene.host.edit_webhook("acme/web", hook.id, |hook| {
        hook.secret = None;
        hook.events.clear();
    });
    let mended = scene
        .api
        .post(&scene.path("/repair"), json!({}))
        .expect(200)
        .json();
    assert_eq!(mended["state"], "active", "{mended}");
    let hook = scene.registered();
    assert!(
        hook.secret.is_some() && hook.events.contains("push_events"),
        "{hook:?}"
    );
}

#[test]
fn disconnecting_shows_what_would_stop_and_removes_the_webhook() {
    let scene = Scene::make();
    scene.registered();
    let source = format!("/sources/{}", scene.source);
    let rules = scene.api.get(&format!("{source}/rules")).expect(200).json();
    assert_eq!(rules["items"][0]["repository"], "admin/web");
    assert_eq!(rules["items"][0]["rule"], "one");
    let refused = scene.api.delete(&source).expect_problem(409, "conflict");
    assert_eq!(refused.json()["params"]["what"], "source_in_use");
    scene
        .api
        .delete(&format!("{source}?force=true"))
        .expect(204);
    wait_until("the webhook is removed at the host", || {
        scene.host.webhooks("acme/web").is_empty()
    });
}
