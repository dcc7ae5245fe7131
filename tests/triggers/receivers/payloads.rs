//! Webhooks: signed by Standard Webhooks, in the shapes that existing receivers read.

use serde_json::{Value, json};
use wharf_testkit::Receiver;
use wharf_testkit::targets::{ReceiverRequest, check_standard_webhook};

use super::scene::{PATIENCE, Scene, now};

fn find<'a>(requests: &'a [ReceiverRequest], target: &str) -> &'a ReceiverRequest {
    let found = requests.iter().find(|request| request.target == target);
    found.unwrap_or_else(|| panic!("nothing came to {target}"))
}

#[test]
fn a_push_is_told_in_every_shape_and_each_is_read_as_its_receivers_read_it() {
    let scene = Scene::new();
    let receiver = Receiver::start();
    let hook =
        |path: &str| json!({ "kind": "webhook", "url": receiver.url(path), "make_secret": true });
    let with = |mut action: Value, more: Value| {
        for (name, value) in more.as_object().expect("an object") {
            action[name] = value.clone();
        }
        action
    };
    let authorization = json!([{ "name": "Authorization", "value": "flux-token" }]);
    let made = scene.make_trigger(json!({
        "name": "tell",
        "events": ["tag_created", "tag_changed"],
        "actions": [
            hook("/cloud"),
            with(hook("/hub"), json!({ "payload": "docker_hub" })),
            with(hook("/harbor"), json!({ "payload": "harbor", "headers": authorization })),
            with(hook("/own"), json!({
                "payload": "template", "method": "PUT",
                "template": "{\"ref\": \"{{ reference }}\", \"by\": {{ actor | tojson }}}",
            })),
        ],
    }));
    let digest = scene.push("v1", "first");
    let requests = receiver.wait_for(4, PATIENCE);
    let deliveries = scene.wait_for_state("tell", 4, "succeeded");

    let secrets = made["made_secrets"].as_array().expect("secrets");
    assert_eq!(secrets.len(), 4);
    for (index, path) in ["/cloud", "/hub", "/harbor", "/own"]
        .into_iter()
        .enumerate()
    {
        let request = find(&requests, path);
        let action = &made["actions"][index]["id"];
        let secret = secrets.iter().find(|secret| secret["action"] == *action);
        let secret = secret.and_then(|secret| secret["secret"].as_str());
        let secret = secret.unwrap_or_else(|| panic!("no secret of {action} in {secrets:?}"));
        let id = check_standard_webhook(request, secret, now()).expect(path);
        let delivery = deliveries.iter().find(|one| one["id"] == id.as_str());
        assert_eq!(delivery.expect("the id of a delivery")["action"], *action);
    }

    let name = scene.repository.name();
    let image = format!("{}/{name}", scene.authority);
    let cloud = find(&requests, "/cloud");
    assert_eq!(
        cloud.header("content-type"),
        Some("application/cloudevents+json")
    );
    let event = cloud.json();
    assert_eq!(event["specversion"], "1.0");
    assert_eq!(event["type"], "dev.wharf.image.tag.created");
    // Argo CD Image Updater splits the subject at its colon, or takes these four.
    assert_eq!(event["subject"], format!("{name}:v1"));
    for (fact, value) in [
        ("registry", &*scene.authority),
        ("repository", name),
        ("tag", "v1"),
        ("digest", &digest),
    ] {
        assert_eq!(event["data"][fact], value, "{fact}");
    }
    // Keel wants these two, Flux wants them to be text.
    let hub = find(&requests, "/hub").json();
    assert_eq!(hub["repository"]["repo_name"], image);
    assert_eq!(hub["push_data"]["tag"], "v1");
    assert!(hub["repository"]["repo_url"].is_string());
    // Flux compares the whole value of Authorization with its token; Keel and Argo CD read the body.
    let harbor = find(&requests, "/harbor");
    assert_eq!(harbor.header("authorization"), Some("flux-token"));
    assert_eq!(harbor.header("content-type"), Some("application/json"));
    let harbor = harbor.json();
    assert_eq!(harbor["type"], "PUSH_ARTIFACT");
    let resource = json!({ "digest": digest, "tag": "v1", "resource_url": format!("{image}:v1") });
    assert_eq!(harbor["event_data"]["resources"][0], resource);
    assert_eq!(harbor["event_data"]["repository"]["repo_full_name"], name);
    let own = find(&requests, "/own");
    assert_eq!(own.method, "PUT");
    let expected = json!({ "ref": format!("{image}:v1@{digest}"), "by": scene.person.username });
    assert_eq!(own.json(), expected);
}

#[test]
fn the_same_digest_is_no_news_and_a_deleted_tag_is() {
    let scene = Scene::new();
    let receiver = Receiver::start();
    scene.make_trigger(json!({
        "name": "all",
        "events": ["tag_created", "tag_changed", "tag_deleted"],
        "actions": [{ "kind": "webhook", "url": receiver.url("/harbor"), "payload": "harbor" }],
    }));
    let first = scene.push("v1", "first");
    scene.push("v1", "first");
    let second = scene.push("v1", "second");
    scene.repository.delete_manifest("v1").expect(202);
    let requests = receiver.wait_for(3, PATIENCE);
    scene.wait_for_state("all", 3, "succeeded");
    let told: Vec<_> = requests
        .iter()
        .map(|request| {
            let body = request.json();
            let digest = body["event_data"]["resources"][0]["digest"].clone();
            (body["type"].clone(), digest)
        })
        .collect();
    let expected = [
        ("PUSH_ARTIFACT", &first),
        ("PUSH_ARTIFACT", &second),
        ("DELETE_ARTIFACT", &second),
    ];
    assert_eq!(
        told,
        expected.map(|(kind, digest)| (json!(kind), json!(digest)))
    );
}
