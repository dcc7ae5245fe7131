//! Triggers, their actions and deliveries, and clusters that were granted: with the names and ids of another tenant.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use wharf_testkit::{Answer, ApiClient, ImageMaker, encode_segment, unique_name};

use crate::world::World;

/// A repository with a trigger that was run.
struct Scene {
    namespace: String,
    repository: String,
    action: String,
    delivery: String,
}

impl Scene {
    /// Made by whoever `api` is, whose pushes `registry` makes.
    fn create(api: &ApiClient, registry: &wharf_testkit::RegistryClient) -> Self {
        let namespace = unique_name("triggering");
        api.post("/namespaces", json!({ "name": namespace }))
            .expect(201);
        let repository = format!("{namespace}/app");
        let image = ImageMaker::new(namespace.as_str()).make();
        registry.repository(&repository).push_image("v1", &image);
        let trigger = json!({
            "name": "deploy", "condition": { "kind": "tags", "text": "never" },
            "actions": [{ "kind": "webhook", "url": "https://1.1.1.1/hook" }],
        });
        let own = format!("/namespaces/{namespace}/triggers");
        api.post(&own, trigger.clone()).expect(201);
        let path = format!("/repositories/{}", encode_segment(&repository));
        let made = api.post(&format!("{path}/triggers"), trigger);
        let made = made.expect(201).json();
        let action = made["actions"][0]["id"].as_str().expect("an id").to_owned();
        let run = api.post(
            &format!("{path}/triggers/deploy/run"),
            json!({ "tag": "v1" }),
        );
        let run = run.expect(200).json();
        let delivery = run["deliveries"][0]["id"]
            .as_str()
            .expect("an id")
            .to_owned();
        let cancel = format!("{path}/trigger-deliveries/{delivery}/cancel");
        // Whatever became of it by now, it is over.
        api.post(&cancel, json!({})).expect_one_of(&[200, 409]);
        Self {
            namespace,
            repository,
            action,
            delivery,
        }
    }

    /// The address of a route, with these places and those ids.
    fn fill(template: &str, places: &Self, ids: &Self) -> String {
        template
            .replace("{namespace}", &places.namespace)
            .replace("{name}", &encode_segment(&places.repository))
            .replace("{trigger}", "deploy")
            .replace("{action}", &ids.action)
            .replace("{delivery}", &ids.delivery)
            .replace("{cluster}", "nothing")
            .replace("{kube}", "web")
            .replace("{reference}", "v1")
    }
}

/// Every route about triggers with a body that is right.
fn list_routes(api: &ApiClient) -> Vec<(Method, String, Value)> {
    let about = ["}/trigger", "}/trace", "{namespace}/clusters"];
    let operations = api.contract().operations().iter();
    let ours = operations.filter(|operation| {
        let is_about = about.iter().any(|part| operation.path.contains(part));
        // Addresses that start builds are tried with the rules.
        is_about
            && !operation.path.contains("trigger-urls")
            && !operation.path.starts_with("/clusters")
    });
    ours.map(|operation| {
        let hook = json!({ "kind": "webhook", "url": "https://1.1.1.1/taken" });
        let last = operation.path.rsplit('/').next().unwrap_or_default();
        let body = match (operation.method.as_str(), last) {
            ("PATCH", _) => json!({ "enabled": false }),
            ("POST", "triggers") => json!({ "name": "taken", "actions": [hook] }),
            ("POST", "run" | "dry-run") => json!({ "tag": "v1" }),
            ("POST", "trigger-trials") => json!({ "trigger": "deploy" }),
            ("POST", "pull-secret") => json!({ "username": "u", "password": "p" }),
            ("POST", _) => json!({}),
            _ => Value::Null,
        };
        let method = Method::from_bytes(operation.method.as_bytes()).expect("a method");
        (method, operation.path.clone(), body)
    })
    .collect()
}

fn send(api: &ApiClient, method: &Method, path: &str, body: &Value) -> Answer {
    let request = api.request(method.clone(), path);
    match body {
        Value::Null => request.send(),
        body => request.json(body.clone()).send(),
    }
}

/// Everything that an attacker could have changed.
fn look(api: &ApiClient, scene: &Scene) -> Vec<String> {
    let repository = encode_segment(&scene.repository);
    [
        format!("/namespaces/{}/triggers", scene.namespace),
        format!("/repositories/{repository}/triggers"),
        format!(
            "/repositories/{repository}/trigger-deliveries/{}",
            scene.delivery
        ),
    ]
    .iter()
    .map(|path| api.get(path).expect(200).text())
    .collect()
}

#[test]
fn c23_triggers_of_another_tenant_are_as_good_as_missing() {
    let world = World::get();
    let (victim, attacker) = (world.victim_api(), world.attacker_api());
    let theirs = Scene::create(&victim, &world.victim_registry());
    let own_registry = world.server.registry(&world.attacker_login());
    let own = Scene::create(&attacker, &own_registry);
    let before = look(&victim, &theirs);
    let routes = list_routes(&world.admin_api());
    let mut tried = BTreeSet::new();
    for (method, template, body) in &routes {
        let path = Scene::fill(template, &theirs, &theirs);
        send(&attacker, method, &path, body).expect_problem(404, "not_found");
        // Their ids under an address of one's own lead nowhere.
        if template.contains("{action}") || template.contains("{delivery}") {
            let path = Scene::fill(template, &own, &theirs);
            let body = match template.starts_with("/namespaces/") && body["tag"] == "v1" {
                true => json!({ "tag": "v1", "repository": own.repository }),
                false => body.clone(),
            };
            send(&attacker, method, &path, &body).expect_problem(404, "not_found");
        }
        tried.insert(format!("{method} {template}"));
    }
    assert!(tried.len() > 20, "the routes were found: {tried:?}");
    assert_eq!(look(&victim, &theirs), before, "nothing changed");
}
