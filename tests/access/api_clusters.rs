//! Rows: clusters, who may use them, and what is chosen from them.

use std::sync::OnceLock;

use serde_json::{Value, json};
use wharf_testkit::unique_name;

use crate::{
    rights::Right,
    row::{Attempt, Row, Scene},
    world::World,
};

/// A cluster where nobody listens: it is kept, and says so.
fn new_cluster() -> Value {
    json!({
        "name": unique_name("cluster"), "registry_host": "registry.example",
        "server": "https://127.0.0.1:5998", "token": "a-token",
    })
}

/// A cluster of its own.
fn with_cluster(world: &World, _: bool) -> Scene {
    let made = world.admin_api().post("/clusters", new_cluster());
    let made = made.expect(201).json();
    Scene {
        namespace: world.namespace.clone(),
        name: made["name"].as_str().expect("a name").to_owned(),
        ..Scene::default()
    }
}

/// A cluster of which the matrix's namespace may use one namespace.
fn with_grant(world: &World, public: bool) -> Scene {
    let scene = with_cluster(world, public);
    let path = format!("/clusters/{}/grants/{}", scene.name, scene.namespace);
    let grant = json!({ "cluster_namespaces": ["web"] });
    world.admin_api().put(&path, grant).expect(200);
    scene
}

/// The same one for all rows that only ask it.
fn with_shared_grant(world: &World, public: bool) -> Scene {
    static SHARED: OnceLock<Scene> = OnceLock::new();
    SHARED.get_or_init(|| with_grant(world, public)).clone()
}

/// `/clusters/CLUSTER` and what follows.
fn cluster_path(at: &Attempt<'_>, rest: &str) -> String {
    format!("/clusters/{}{rest}", at.scene.name)
}

/// The granted namespace of the scene's cluster, as the matrix's namespace sees it.
fn place_path(at: &Attempt<'_>, rest: &str) -> String {
    at.namespace_path(&format!("/clusters/{}/namespaces/web{rest}", at.scene.name))
}

pub(crate) fn rows() -> Vec<Row> {
    [administrators_rows(), choosing_rows()].concat()
}

fn administrators_rows() -> Vec<Row> {
    use Right::Administer;
    vec![
        Row::new("GET /clusters", Administer, 200, |at| {
            at.api.get("/clusters")
        }),
        Row::new("POST /clusters", Administer, 201, |at| {
            at.api.post("/clusters", new_cluster())
        }),
        Row::new("GET /clusters/{}", Administer, 200, |at| {
            at.api.get(&cluster_path(at, ""))
        })
        .on(with_shared_grant),
        Row::new("PATCH /clusters/{}", Administer, 200, |at| {
            at.api
                .patch(&cluster_path(at, ""), json!({ "region": "eu" }))
        })
        .on(with_cluster),
        Row::new("DELETE /clusters/{}", Administer, 204, |at| {
            at.api.delete(&cluster_path(at, ""))
        })
        .on(with_cluster)
        .consuming(),
        Row::new("POST /clusters/{}/check", Administer, 200, |at| {
            at.api.post(&cluster_path(at, "/check"), json!({}))
        })
        .on(with_shared_grant),
        Row::new("PUT /clusters/{}/grants/{}", Administer, 200, |at| {
            let path = format!("/grants/{}", at.scene.namespace);
            let grant = json!({ "cluster_namespaces": ["web", "jobs"] });
            at.api.put(&cluster_path(at, &path), grant)
        })
        .on(with_cluster),
        Row::new("DELETE /clusters/{}/grants/{}", Administer, 204, |at| {
            let path = format!("/grants/{}", at.scene.namespace);
            at.api.delete(&cluster_path(at, &path))
        })
        .on(with_grant)
        .consuming(),
        Row::new("GET /clusters/{}/manifest", Administer, 200, |at| {
            at.api.get(&cluster_path(at, "/manifest"))
        })
        .on(with_shared_grant),
    ]
}

fn choosing_rows() -> Vec<Row> {
    vec![
        Row::new(
            "GET /namespaces/{}/clusters",
            Right::ViewNamespaceTriggers,
            200,
            |at| at.api.get(&at.namespace_path("/clusters")),
        )
        .on(with_shared_grant),
        // Whoever may ask hears that nobody is there.
        Row::new(
            "GET /namespaces/{}/clusters/{}/namespaces/{}/workloads",
            Right::ViewNamespaceTriggers,
            502,
            |at| at.api.get(&place_path(at, "/workloads")),
        )
        .on(with_shared_grant),
        Row::new(
            "POST /namespaces/{}/clusters/{}/namespaces/{}/pull-secret",
            Right::ManageNamespaceTriggers,
            502,
            |at| {
                let login = json!({ "username": "somebody", "password": "something" });
                at.api.post(&place_path(at, "/pull-secret"), login)
            },
        )
        .on(with_shared_grant),
    ]
}
