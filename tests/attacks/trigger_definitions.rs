//! Triggers and clusters that somebody defines to go where they must not, to tell one receiver what another one was told, or to
//! keep the server busy. What is refused again when it is dialed is in [`crate::trigger_targets`].

use serde_json::{Value, json};
use std::time::{Duration, Instant};
use wharf_testkit::{
    Answer, ApiClient, ImageMaker, Person, Server, SharedServer, encode_segment, unique_name,
};

/// Receivers on loopback are allowed by address, one by name and port.
static OPEN: SharedServer = SharedServer::new(|| {
    Server::builder().config("[egress]\nallow = [\"127.0.0.1\", \"localhost:5998\"]")
});

/// One that may go nowhere but to the internet.
static GUARDED: SharedServer = SharedServer::new(Server::builder);

/// Nobody listens there: a cluster is kept although it does not answer.
const NOBODY: &str = "https://127.0.0.1:5997";

/// Somebody with a repository.
struct Scene {
    api: ApiClient,
    person: Person,
    repository: String,
}

impl Scene {
    fn on(server: &Server) -> Self {
        let person = server.user(&unique_name("deployer"));
        let api = server.api(&person.login());
        let repository = format!("{}/app", person.username);
        api.post("/repositories", json!({ "name": repository }))
            .expect(201);
        Self {
            api,
            person,
            repository,
        }
    }

    fn path(&self, rest: &str) -> String {
        format!("/repositories/{}{rest}", encode_segment(&self.repository))
    }

    fn make(&self, name: &str, action: Value) -> Answer {
        let trigger = json!({ "name": name, "actions": [action] });
        self.api.post(&self.path("/triggers"), trigger)
    }
}

fn webhook(host: &str) -> Value {
    json!({ "kind": "webhook", "url": format!("http://{host}/hook") })
}

fn field_of(problem: &Answer) -> String {
    let params = &problem.json()["params"];
    format!("{}: {}", params["field"], params["reason"]).replace('"', "")
}

#[test]
fn h44_a_host_that_may_not_be_dialed_is_refused_when_it_is_saved() {
    let scene = Scene::on(&GUARDED.get());
    for host in [
        "127.0.0.2",
        "127.2",
        "0x7f.2",
        "2130706434",
        "0177.0.0.2",
        "0",
        "0.0.0.0",
        "[::]",
        "[::1]",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]",
        "169.254.169.254",
        "10.0.0.1",
        "localhost.",
        "localhost",
        "1.1.1.1",
        "metadata.google.internal",
        // What is not there is answered as what is private: names inside are not told.
        "no-such-host.invalid",
    ] {
        for kind in ["webhook", "message"] {
            let url = format!("http://{host}:8080/x");
            let action = match kind {
                "webhook" => json!({ "kind": kind, "url": url }),
                _ => json!({ "kind": kind, "service": "slack", "url": url }),
            };
            let refused = scene
                .make("hook", action)
                .expect_problem(400, "egress_refused");
            let hint = refused.json()["hint"].to_string();
            assert!(hint.contains("[egress] allow"), "{host}: {hint}");
        }
    }
    for url in [
        "http://me@127.0.0.1:5999/x",
        "http://127.0.0.1:22/x",
        "http://127.0.0.1:25/x",
        "ftp://127.0.0.1/x",
        "file:///etc/passwd",
        "//127.0.0.1/x",
        "http://127.0.0.1:5999/x#y",
        "http://127.0.0.1:5999/\r\nHost: x",
        "",
    ] {
        let action = json!({ "kind": "webhook", "url": url });
        let refused = scene
            .make("hook", action)
            .expect_problem(400, "invalid_field");
        assert!(field_of(&refused).starts_with("actions[0].url"), "{url}");
    }
    let listed = scene.api.get(&scene.path("/triggers")).expect(200).json();
    assert_eq!(
        listed["items"].as_array().map(Vec::len),
        Some(0),
        "nothing was kept"
    );
}

#[test]
fn m107_another_host_is_not_told_what_was_stored_for_the_old_one() {
    let scene = Scene::on(&OPEN.get());
    let action = json!({
        "kind": "webhook", "url": "http://127.0.0.1:5999/a",
        "headers": [{ "name": "Authorization", "value": "Bearer x" }], "make_secret": true,
    });
    let made = scene.make("hook", action).expect(201).json();
    let id = &made["actions"][0]["id"];
    let own = scene.path("/triggers/hook");
    let edit = |action: Value| scene.api.patch(&own, json!({ "actions": [action] }));
    let header = json!([{ "name": "Authorization" }]);
    // The same host with another path keeps everything.
    let same =
        json!({ "id": id, "kind": "webhook", "url": "http://127.0.0.1:5999/b", "headers": header });
    let kept = edit(same).expect(200).json();
    assert_eq!(kept["actions"][0]["signed"], true);
    for url in [
        "http://127.0.0.1:6002/a",
        "https://127.0.0.1:5999/a",
        "http://localhost:5998/a",
    ] {
        let moved = json!({ "id": id, "kind": "webhook", "url": url, "headers": header });
        let refused = edit(moved).expect_problem(400, "invalid_field");
        assert_eq!(
            field_of(&refused),
            "actions[0].headers[0].value: new_host_needs_secret"
        );
        let moved = json!({ "id": id, "kind": "webhook", "url": url });
        let refused = edit(moved).expect_problem(400, "invalid_field");
        assert_eq!(
            field_of(&refused),
            "actions[0].secret: new_host_needs_secret"
        );
        let plain = json!({ "id": id, "kind": "webhook", "url": url, "secret": null });
        assert_eq!(
            edit(plain).expect(200).json()["actions"][0]["signed"],
            false
        );
        let again = json!({
            "id": id, "kind": "webhook", "url": "http://127.0.0.1:5999/a", "make_secret": true,
            "headers": [{ "name": "Authorization", "value": "Bearer x" }],
        });
        edit(again).expect(200);
    }
    // An action of another trigger is none of this one: its secrets cannot be borrowed.
    scene.make("other", webhook("127.0.0.1:5999")).expect(201);
    let borrowed = json!({ "actions": [{ "id": id, "kind": "webhook" }] });
    let refused = scene.api.patch(&scene.path("/triggers/other"), borrowed);
    let refused = refused.expect_problem(400, "invalid_field");
    assert_eq!(field_of(&refused), "actions[0].id: no_such_action");
}

#[test]
fn m107_another_api_server_is_not_told_the_stored_token() {
    let server = OPEN.get();
    let api = server.api(&server.admin());
    let name = unique_name("cluster");
    let cluster = json!({
        "name": name, "registry_host": "registry.example", "server": NOBODY, "token": "t0ken-of-an-account",
    });
    api.post("/clusters", cluster).expect(201);
    let path = format!("/clusters/{name}");
    let moved = json!({ "server": "https://127.0.0.1:5996" });
    let refused = api.patch(&path, moved).expect_problem(400, "invalid_field");
    assert_eq!(field_of(&refused), "token: new_host_needs_secret");
    assert_eq!(api.get(&path).expect(200).json()["server"], NOBODY);
    let both = json!({ "server": "https://127.0.0.1:5996", "token": "another" });
    assert_eq!(
        api.patch(&path, both).expect(200).json()["server"],
        "https://127.0.0.1:5996"
    );
    let same = json!({ "region": "asia", "registry_host": "10.0.0.5:5000" });
    let edited = api.patch(&path, same).expect(200).json();
    assert_eq!(
        (&edited["region"], &edited["registry_host"]),
        (&json!("asia"), &json!("10.0.0.5:5000"))
    );
}

#[test]
fn m79_conditions_and_templates_are_bounded() {
    let scene = Scene::on(&OPEN.get());
    let long = "a".repeat(50_000);
    for (kind, text) in [
        ("regex", "a{1000}{1000}"),
        ("regex", "("),
        ("regex", &long),
        ("glob", "["),
        ("semver", "latest"),
        ("tags", " ; "),
        ("all", "x"),
    ] {
        let trigger = json!({
            "name": "deploy", "condition": { "kind": kind, "text": text },
            "actions": [webhook("127.0.0.1:5999")],
        });
        let refused = scene.api.post(&scene.path("/triggers"), trigger);
        let refused = refused.expect_problem(400, "invalid_field");
        assert_eq!(
            field_of(&refused),
            "condition: refused_text",
            "{kind} {text:.20}"
        );
    }
    let slow = json!({ "condition": { "kind": "regex", "text": "(a+)+$" } });
    let image = ImageMaker::new("m79").make();
    let registry = OPEN.get().registry(&scene.person.login());
    let tag = format!("{}b", "a".repeat(127));
    registry
        .repository(&scene.repository)
        .push_image(&tag, &image);
    let began = Instant::now();
    let trial = scene
        .api
        .post(&scene.path("/trigger-trials"), slow)
        .expect(200)
        .json();
    assert_eq!(trial["tags"][0]["matches"], false);
    assert!(began.elapsed() < Duration::from_secs(5));
    let template = |text: &str| json!({ "kind": "webhook", "url": "http://127.0.0.1:5999/", "payload": "template", "template": text });
    for text in [
        "{{",
        "{{ no_such_fact }}",
        "{\"tag\": {{ tag }}}",
        "not json",
    ] {
        let refused = scene
            .make("hook", template(text))
            .expect_problem(400, "invalid_field");
        assert_eq!(
            field_of(&refused),
            "actions[0].template: refused_text",
            "{text}"
        );
    }
    scene
        .make("hook", template("{\"tag\": \"{{ tag }}\"}"))
        .expect(201);
}
