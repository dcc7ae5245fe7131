//! Rows: triggers of repositories and namespaces, and what they did.

use serde_json::{Value, json};
use wharf_testkit::{Answer, encode_segment, unique_name};

use crate::{
    rights::Right,
    row::{Attempt, Row, Scene},
    world::World,
};

/// A trigger that calls a place where nobody listens.
fn new_trigger() -> Value {
    json!({
        "name": unique_name("trigger"),
        "condition": { "kind": "glob", "text": "never-*" },
        "actions": [{ "kind": "webhook", "url": "http://127.0.0.1:5999/hook" }],
    })
}

/// Makes a trigger below `path`, whose name and action take the places of the scene's.
fn with_made(world: &World, scene: Scene, path: &str) -> Scene {
    let made = world.admin_api().post(path, new_trigger());
    let made = made.expect(201).json();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    Scene {
        name: text(&made["name"]),
        config: text(&made["actions"][0]["id"]),
        ..scene
    }
}

/// A repository with an image and a trigger.
fn with_trigger(world: &World, public: bool) -> Scene {
    let scene = Scene::with_image(world, public);
    let path = format!(
        "/repositories/{}/triggers",
        encode_segment(&scene.repository)
    );
    with_made(world, scene, &path)
}

/// A trigger of the namespace, and a repository in it.
fn with_namespace_trigger(world: &World, public: bool) -> Scene {
    let scene = Scene::with_image(world, public);
    let path = format!("/namespaces/{}/triggers", scene.namespace);
    with_made(world, scene, &path)
}

/// `/repositories/NAME/triggers/TRIGGER` and what follows.
fn trigger_path(at: &Attempt<'_>, rest: &str) -> String {
    at.repository_path(&format!("/triggers/{}{rest}", at.scene.name))
}

/// `/namespaces/NAME/triggers/TRIGGER` and what follows.
fn namespace_trigger_path(at: &Attempt<'_>, rest: &str) -> String {
    at.namespace_path(&format!("/triggers/{}{rest}", at.scene.name))
}

/// A repository with a delivery that was called off, whose id takes the place of a digest.
fn with_delivery(world: &World, public: bool) -> Scene {
    let scene = with_trigger(world, public);
    let api = world.admin_api();
    let path = format!("/repositories/{}", encode_segment(&scene.repository));
    let ran = api.post(
        &format!("{path}/triggers/{}/run", scene.name),
        json!({ "tag": "v1" }),
    );
    let ran = ran.expect(200).json();
    let id = ran["deliveries"][0]["id"].as_str().expect("an id");
    Scene {
        config: id.to_owned(),
        ..scene
    }
}

/// The same, called off.
fn with_canceled(world: &World, public: bool) -> Scene {
    let scene = with_delivery(world, public);
    let path = format!(
        "/repositories/{}/trigger-deliveries/{}/cancel",
        encode_segment(&scene.repository),
        scene.config
    );
    world.admin_api().post(&path, json!({})).expect(200);
    scene
}

/// `/repositories/NAME/trigger-deliveries/ID` and what follows.
fn delivery_path(at: &Attempt<'_>, rest: &str) -> String {
    at.repository_path(&format!("/trigger-deliveries/{}{rest}", at.scene.config))
}

/// Switches the scene's action.
fn switch(at: &Attempt<'_>, path: &str, verb: &str) -> Answer {
    let path = format!("{path}/actions/{}/{verb}", at.scene.config);
    at.api.post(&path, json!({}))
}

pub(crate) fn rows() -> Vec<Row> {
    [repository_rows(), namespace_rows(), log_rows()].concat()
}

fn repository_rows() -> Vec<Row> {
    use Right::{ManageTriggers, RunTriggers, TryTriggers, ViewTriggers};
    vec![
        Row::new("GET /repositories/{}/triggers", ViewTriggers, 200, |at| {
            at.api.get(&at.repository_path("/triggers"))
        })
        .on(with_trigger),
        Row::new(
            "POST /repositories/{}/triggers",
            ManageTriggers,
            201,
            |at| at.api.post(&at.repository_path("/triggers"), new_trigger()),
        )
        .on(Scene::with_image),
        Row::new(
            "GET /repositories/{}/triggers/{}",
            ViewTriggers,
            200,
            |at| at.api.get(&trigger_path(at, "")),
        )
        .on(with_trigger),
        Row::new(
            "PATCH /repositories/{}/triggers/{}",
            ManageTriggers,
            200,
            |at| {
                at.api
                    .patch(&trigger_path(at, ""), json!({ "enabled": false }))
            },
        )
        .on(with_trigger),
        Row::new(
            "DELETE /repositories/{}/triggers/{}",
            ManageTriggers,
            204,
            |at| at.api.delete(&trigger_path(at, "")),
        )
        .on(with_trigger)
        .consuming(),
        Row::new(
            "POST /repositories/{}/triggers/{}/actions/{}/enable",
            ManageTriggers,
            200,
            |at| switch(at, &trigger_path(at, ""), "enable"),
        )
        .on(with_trigger),
        Row::new(
            "POST /repositories/{}/triggers/{}/actions/{}/disable",
            ManageTriggers,
            200,
            |at| switch(at, &trigger_path(at, ""), "disable"),
        )
        .on(with_trigger),
        Row::new(
            "POST /repositories/{}/triggers/{}/run",
            RunTriggers,
            200,
            |at| {
                let run = json!({ "tag": "v1" });
                at.api.post(&trigger_path(at, "/run"), run)
            },
        )
        .on(with_trigger),
        // The action is a webhook, which whoever may ask is told.
        Row::new(
            "POST /repositories/{}/triggers/{}/actions/{}/dry-run",
            RunTriggers,
            409,
            |at| {
                let path = format!("/actions/{}/dry-run", at.scene.config);
                at.api
                    .post(&trigger_path(at, &path), json!({ "tag": "v1" }))
            },
        )
        .on(with_trigger),
        Row::new("GET /repositories/{}/trace/{}", Right::Pull, 200, |at| {
            at.api.get(&at.repository_path("/trace/v1"))
        })
        .on(Scene::with_image),
        Row::new(
            "POST /repositories/{}/trigger-trials",
            TryTriggers,
            200,
            |at| {
                let trial = json!({ "condition": { "kind": "all" } });
                at.api.post(&at.repository_path("/trigger-trials"), trial)
            },
        )
        .on(Scene::with_image),
    ]
}

fn namespace_rows() -> Vec<Row> {
    use Right::{
        ManageNamespaceTriggers as Manage, RunNamespaceTriggers as Run,
        ViewNamespaceTriggers as View,
    };
    vec![
        Row::new("POST /namespaces/{}/triggers/{}/run", Run, 200, |at| {
            let run = json!({ "tag": "v1", "repository": at.scene.repository });
            at.api.post(&namespace_trigger_path(at, "/run"), run)
        })
        .on(with_namespace_trigger),
        Row::new("GET /namespaces/{}/triggers", View, 200, |at| {
            at.api.get(&at.namespace_path("/triggers"))
        })
        .on(Scene::with_namespace),
        Row::new("POST /namespaces/{}/triggers", Manage, 201, |at| {
            at.api.post(&at.namespace_path("/triggers"), new_trigger())
        })
        .on(with_namespace_trigger),
        Row::new("GET /namespaces/{}/triggers/{}", View, 200, |at| {
            at.api.get(&namespace_trigger_path(at, ""))
        })
        .on(with_namespace_trigger),
        Row::new("PATCH /namespaces/{}/triggers/{}", Manage, 200, |at| {
            let off = json!({ "enabled": false });
            at.api.patch(&namespace_trigger_path(at, ""), off)
        })
        .on(with_namespace_trigger),
        Row::new("DELETE /namespaces/{}/triggers/{}", Manage, 204, |at| {
            at.api.delete(&namespace_trigger_path(at, ""))
        })
        .on(with_namespace_trigger)
        .consuming(),
        Row::new(
            "POST /namespaces/{}/triggers/{}/actions/{}/dry-run",
            Run,
            409,
            |at| {
                let path = format!("/actions/{}/dry-run", at.scene.config);
                let run = json!({ "tag": "v1", "repository": at.scene.repository });
                at.api.post(&namespace_trigger_path(at, &path), run)
            },
        )
        .on(with_namespace_trigger),
        Row::new(
            "POST /namespaces/{}/triggers/{}/actions/{}/enable",
            Manage,
            200,
            |at| switch(at, &namespace_trigger_path(at, ""), "enable"),
        )
        .on(with_namespace_trigger),
        Row::new(
            "POST /namespaces/{}/triggers/{}/actions/{}/disable",
            Manage,
            200,
            |at| switch(at, &namespace_trigger_path(at, ""), "disable"),
        )
        .on(with_namespace_trigger),
    ]
}

fn log_rows() -> Vec<Row> {
    vec![
        Row::new(
            "GET /repositories/{}/trigger-deliveries",
            Right::ViewTriggers,
            200,
            |at| at.api.get(&at.repository_path("/trigger-deliveries")),
        )
        .on(with_trigger),
        Row::new(
            "GET /namespaces/{}/trigger-deliveries",
            Right::ViewNamespaceTriggers,
            200,
            |at| at.api.get(&at.namespace_path("/trigger-deliveries")),
        )
        .on(Scene::with_namespace),
        Row::new(
            "GET /repositories/{}/trigger-deliveries/{}",
            Right::ViewTriggers,
            200,
            |at| at.api.get(&delivery_path(at, "")),
        )
        .on(with_canceled),
        Row::new(
            "POST /repositories/{}/trigger-deliveries/{}/redeliver",
            Right::RunTriggers,
            200,
            |at| at.api.post(&delivery_path(at, "/redeliver"), json!({})),
        )
        .on(with_canceled)
        .consuming(),
        Row::new(
            "POST /repositories/{}/trigger-deliveries/{}/cancel",
            Right::RunTriggers,
            200,
            |at| at.api.post(&delivery_path(at, "/cancel"), json!({})),
        )
        .on(with_delivery)
        .consuming(),
    ]
}
