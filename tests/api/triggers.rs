//! `/repositories/{name}/triggers` and `/namespaces/{namespace}/triggers`: what is kept, what is refused, what is never
//! shown. Whether they fire is tested in `triggers`.

use serde_json::{Value, json};
use std::{
    thread,
    time::{Duration, Instant},
};
use wharf_testkit::{
    Answer, ApiClient, ImageMaker, Person, Server, SharedServer, encode_segment, unique_name,
};

/// Receivers on loopback are allowed by address, one by name and port.
static SERVER: SharedServer = SharedServer::new(|| {
    Server::builder().config("[egress]\nallow = [\"127.0.0.1\", \"localhost:5998\"]")
});

/// A path that a receiver is known by.
const SECRET_PATH: &str = "/hooks/t0ps3cret-path";

struct Scene {
    api: ApiClient,
    person: Person,
    repository: String,
}

impl Scene {
    fn new() -> Self {
        Self::on(&SERVER.get())
    }

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

    fn push(&self, tag: &str) {
        let registry = SERVER.get().registry(&self.person.login());
        let image = ImageMaker::new(tag).make();
        registry
            .repository(&self.repository)
            .push_image(tag, &image);
    }
}

fn webhook(host: &str) -> Value {
    json!({ "kind": "webhook", "url": format!("http://{host}{SECRET_PATH}") })
}

fn field_of(problem: &Answer) -> String {
    let params = &problem.json()["params"];
    format!("{}: {}", params["field"], params["reason"]).replace('"', "")
}

#[test]
fn a_trigger_is_made_shown_changed_and_removed() {
    let scene = Scene::new();
    let made = scene
        .make("deploy", webhook("127.0.0.1:5999"))
        .expect(201)
        .json();
    assert_eq!(made["condition"], json!({ "kind": "all", "text": "" }));
    assert_eq!(made["events"], json!(["tag_created", "tag_changed"]));
    assert_eq!(made["actions"][0]["payload"], "cloud_events");
    let own = scene.path("/triggers/deploy");
    assert_eq!(scene.api.get(&own).expect(200).json()["id"], made["id"]);
    let edit = json!({ "condition": { "kind": "semver", "text": ">=1.4 <2" }, "name": "deploy-2" });
    let edited = scene.api.patch(&own, edit).expect(200).json();
    assert_eq!(
        (&edited["version"], &edited["condition"]["kind"]),
        (&json!(2), &json!("semver"))
    );
    assert_eq!(edited["actions"][0]["id"], made["actions"][0]["id"]);
    scene.api.get(&own).expect_problem(404, "not_found");
    let listed = scene.api.get(&scene.path("/triggers")).expect(200).json();
    assert_eq!(listed["items"][0]["name"], "deploy-2");
    let own = scene.path("/triggers/deploy-2");
    let stale = json!({ "enabled": false, "version": 1 });
    scene.api.patch(&own, stale).expect_problem(409, "conflict");
    scene.api.delete(&own).expect(204);
    scene.api.delete(&own).expect_problem(404, "not_found");
}

#[test]
fn addresses_headers_and_secrets_go_in_and_are_never_shown() {
    let scene = Scene::new();
    let action = json!({
        "kind": "webhook", "url": format!("http://127.0.0.1:5999{SECRET_PATH}?key=v4lue"),
        "headers": [{ "name": "Authorization", "value": "Bearer h3ader" }], "make_secret": true,
    });
    let made = scene.make("hook", action).expect(201).json();
    let secret = made["made_secrets"][0]["secret"]
        .as_str()
        .expect("a secret")
        .to_owned();
    assert!(secret.starts_with("whsec_"), "{secret}");
    let action = &made["actions"][0];
    assert_eq!(
        (&action["address"], &action["signed"]),
        (&json!("127.0.0.1:5999"), &json!(true))
    );
    assert_eq!(action["headers"], json!([{ "name": "Authorization" }]));
    let audit = format!("/audit?namespace={}", scene.person.username);
    for path in [scene.path("/triggers"), scene.path("/triggers/hook"), audit] {
        let text = scene.api.get(&path).expect(200).text();
        for hidden in ["t0ps3cret", "v4lue", "h3ader", &secret] {
            assert!(!text.contains(hidden), "{path} shows {hidden}: {text}");
        }
    }
}

#[test]
fn what_makes_no_sense_is_refused_with_its_field() {
    let scene = Scene::new();
    let hook = webhook("127.0.0.1:5999");
    for (trigger, field) in [
        (
            json!({ "name": "1a", "actions": [hook] }),
            "name: refused_text",
        ),
        (json!({ "name": "ok", "actions": [] }), "actions: empty"),
        (
            json!({ "name": "ok", "actions": vec![&hook; 11] }),
            "actions: too_many",
        ),
        (
            json!({ "name": "ok", "events": [], "actions": [hook] }),
            "events: empty",
        ),
        (
            json!({ "name": "ok", "events": ["push"], "actions": [hook] }),
            "events: unknown_value",
        ),
        (
            json!({ "name": "ok", "rules": ["main"], "actions": [hook] }),
            "rules: rules_without_builds",
        ),
        (
            json!({ "name": "ok", "events": ["build_failed"], "rules": ["no"], "actions": [hook] }),
            "rules: no_such_rule",
        ),
        (
            json!({ "name": "ok", "events": ["build_failed"], "actions": [
                { "kind": "webhook", "url": "http://127.0.0.1:5999/", "payload": "docker_hub" }] }),
            "actions[0].payload: refused_text",
        ),
        (
            json!({ "name": "ok", "actions": [{ "kind": "mail", "recipients": ["a@b\r\nBcc: c@d.example"] }] }),
            "actions[0].recipients[0]: refused_text",
        ),
        (
            json!({ "name": "ok", "actions": [{ "kind": "message", "service": "wecom",
                "url": "http://127.0.0.1:5999/", "secret": "x" }] }),
            "actions[0].secret: refused_text",
        ),
        (
            json!({ "name": "ok", "actions": [{ "kind": "webhook", "url": "http://127.0.0.1:5999/",
                "headers": [{ "name": "Host", "value": "x" }] }] }),
            "actions[0].headers: refused_text",
        ),
        (
            json!({ "name": "ok", "actions": [{ "kind": "workload", "cluster": "prod", "cluster_namespace": "web",
                "workload_kind": "deployment", "workload": "web", "container": "app" }] }),
            "actions[0].cluster: no_such_cluster",
        ),
    ] {
        let refused = scene.api.post(&scene.path("/triggers"), trigger);
        let refused = refused.expect_problem(400, "invalid_field");
        assert_eq!(field_of(&refused), field);
    }
}

#[test]
fn a_repository_has_ten_triggers_and_its_namespace_fifty() {
    let scene = Scene::new();
    for number in 0..10 {
        scene
            .make(&format!("t{number}"), webhook("127.0.0.1:5999"))
            .expect(201);
    }
    let refused = scene.make("one-more", webhook("127.0.0.1:5999"));
    assert_eq!(
        refused.expect_problem(409, "limit_reached").json()["params"]["maximum"],
        10
    );
    let path = format!("/namespaces/{}/triggers", scene.person.username);
    for number in 0..50 {
        let trigger =
            json!({ "name": format!("t{number}"), "actions": [webhook("127.0.0.1:5999")] });
        let made = scene.api.post(&path, trigger).expect(201).json();
        assert_eq!(made["repository"], Value::Null);
    }
    let trigger = json!({ "name": "one-more", "actions": [webhook("127.0.0.1:5999")] });
    scene
        .api
        .post(&path, trigger)
        .expect_problem(409, "limit_reached");
}

#[test]
fn a_trial_tells_which_tags_and_which_pushes_a_condition_chooses() {
    let scene = Scene::new();
    for tag in ["v1.0.0", "latest", "v1.1.0"] {
        scene.push(tag);
    }
    let path = scene.path("/trigger-trials");
    let trial = json!({ "condition": { "kind": "regex", "text": "^v" } });
    let trial = scene.api.post(&path, trial).expect(200).json();
    let read = |list: &Value| -> Vec<(String, bool)> {
        let items = list.as_array().expect("a list").iter();
        items
            .map(|item| {
                (
                    item["tag"].as_str().expect("a tag").to_owned(),
                    item["matches"] == true,
                )
            })
            .collect()
    };
    let owned = |list: &[(&str, bool)]| -> Vec<(String, bool)> {
        list.iter()
            .map(|(tag, fires)| ((*tag).to_owned(), *fires))
            .collect()
    };
    assert_eq!(
        read(&trial["tags"]),
        owned(&[("v1.0.0", true), ("v1.1.0", true), ("latest", false)])
    );
    assert_eq!(
        read(&trial["pushes"]),
        owned(&[("v1.1.0", true), ("latest", false), ("v1.0.0", true)])
    );
    assert_eq!(trial["tags"][0]["part"], json!([0, 1]));
    assert_eq!(trial["tags"][2]["part"], Value::Null);
    assert_eq!(trial["pushes"][0]["part"], json!([0, 1]));
    scene.make("deploy", webhook("127.0.0.1:5999")).expect(201);
    let of_trigger = scene
        .api
        .post(&path, json!({ "trigger": "deploy" }))
        .expect(200)
        .json();
    assert!(
        read(&of_trigger["tags"])
            .iter()
            .all(|(_, matches)| *matches)
    );
    scene
        .api
        .post(&path, json!({ "trigger": "no" }))
        .expect_problem(404, "not_found");
}

#[test]
fn an_action_is_switched_off_and_on_and_keeps_its_place() {
    let scene = Scene::new();
    let made = scene
        .make("deploy", webhook("127.0.0.1:5999"))
        .expect(201)
        .json();
    let action = made["actions"][0]["id"].as_str().expect("an id");
    let path = |verb: &str| scene.path(&format!("/triggers/deploy/actions/{action}/{verb}"));
    let off = scene
        .api
        .post(&path("disable"), json!({}))
        .expect(200)
        .json();
    assert_eq!(off["actions"][0]["state"], "disabled");
    assert!(off["actions"][0]["message"].is_string());
    // An edit that names the same receiver does not switch it on by the way.
    let edit = json!({ "actions": [{ "id": action, "kind": "webhook", "payload": "harbor" }] });
    let edited = scene
        .api
        .patch(&scene.path("/triggers/deploy"), edit)
        .expect(200)
        .json();
    assert_eq!(edited["actions"][0]["state"], "disabled");
    let on = scene
        .api
        .post(&path("enable"), json!({ "redeliver": true }))
        .expect(200)
        .json();
    assert_eq!(on["actions"][0]["state"], "active");
    let nobodys =
        scene.path("/triggers/deploy/actions/01920000-0000-7000-8000-000000000000/enable");
    scene
        .api
        .post(&nobodys, json!({}))
        .expect_problem(404, "not_found");
}

#[test]
fn what_waits_is_called_off_when_its_trigger_is_switched_off() {
    let scene = Scene::new();
    // Nobody listens there.
    scene.make("deploy", webhook("127.0.0.1:5999")).expect(201);
    scene.push("v1");
    let log = scene.path("/trigger-deliveries?trigger=deploy");
    let state = || scene.api.get(&log).expect(200).json()["items"][0].clone();
    let began = Instant::now();
    while state()["attempt_count"].as_u64().unwrap_or_default() == 0 {
        assert!(began.elapsed() < Duration::from_secs(30), "{}", state());
        thread::sleep(Duration::from_millis(50));
    }
    let off = json!({ "enabled": false });
    scene
        .api
        .patch(&scene.path("/triggers/deploy"), off)
        .expect(200);
    let off = state();
    assert_eq!(
        (&off["state"], &off["reason"]),
        (&json!("canceled"), &json!("trigger_off"))
    );
}

#[test]
fn lists_of_triggers_tell_how_the_last_delivery_of_each_stands() {
    let scene = Scene::new();
    scene.make("quiet", webhook("127.0.0.1:5998")).expect(201);
    scene.make("deploy", webhook("127.0.0.1:5999")).expect(201);
    let of_namespace = format!("/namespaces/{}/triggers", scene.person.username);
    let everywhere = json!({ "name": "everywhere", "actions": [webhook("127.0.0.1:5999")] });
    scene.api.post(&of_namespace, everywhere).expect(201);
    let condition = json!({ "condition": { "kind": "tags", "text": "never" } });
    scene
        .api
        .patch(&scene.path("/triggers/quiet"), condition)
        .expect(200);
    let last = |list: &str, name: &str| {
        let items = scene.api.read_all(list, 100);
        let found = items.into_iter().find(|item| item["name"] == name);
        found.expect("it is listed")["last_delivery"].clone()
    };
    let own = scene.path("/triggers");
    for (list, name) in [
        (&own, "quiet"),
        (&own, "deploy"),
        (&of_namespace, "everywhere"),
    ] {
        assert_eq!(last(list, name), Value::Null, "{name}");
    }
    for (tag, list, name) in [
        ("v1", &own, "deploy"),
        ("v2", &own, "deploy"),
        ("v3", &of_namespace, "everywhere"),
    ] {
        scene.push(tag);
        let log = format!(
            "{}?trigger={name}&tag={tag}",
            list.replace("/triggers", "/trigger-deliveries")
        );
        let began = Instant::now();
        let newest = loop {
            let newest = scene.api.get(&log).expect(200).json()["items"][0].clone();
            if newest.is_object() {
                break newest;
            }
            assert!(
                began.elapsed() < Duration::from_secs(30),
                "nothing in {log}"
            );
            thread::sleep(Duration::from_millis(50));
        };
        let told = last(list, name);
        assert_eq!(
            (&told["id"], &told["repository"]),
            (&newest["id"], &json!(scene.repository))
        );
        assert_eq!(
            (&told["trigger"], &told["tag"]),
            (&json!(name), &json!(tag))
        );
        // The same where one is shown alone.
        let one = scene.api.get(&format!("{list}/{name}")).expect(200).json();
        assert_eq!(one["last_delivery"]["id"], newest["id"]);
    }
    assert_eq!(last(&own, "quiet"), Value::Null);
}

#[test]
fn a_namespaces_trigger_updates_no_workload() {
    let scene = Scene::new();
    let path = format!("/namespaces/{}/triggers", scene.person.username);
    let action = json!({
        "kind": "workload", "cluster": "prod", "cluster_namespace": "web", "workload_kind": "deployment",
        "workload": "app", "container": "app",
    });
    let trigger = json!({ "name": "deploy", "actions": [action] });
    let refused = scene
        .api
        .post(&path, trigger)
        .expect_problem(400, "invalid_field");
    assert_eq!(
        field_of(&refused),
        "actions[0].kind: workload_of_repository"
    );
}
