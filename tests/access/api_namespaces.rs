//! Rows: namespaces, their members and robots.

use serde_json::json;
use wharf_testkit::unique_name;

use crate::{
    rights::Right,
    row::{Row, Scene},
    world::World,
};

/// The matrix's namespace with one more member.
fn with_member(world: &World, public: bool) -> Scene {
    let person = world.server.user(&unique_name("member"));
    world.server.member(&world.namespace, &person, "reader");
    Scene {
        name: person.username,
        ..Scene::with_namespace(world, public)
    }
}

/// The matrix's namespace with one more robot.
fn with_robot(world: &World, public: bool) -> Scene {
    let name = unique_name("robot");
    world.server.robot(&world.namespace, &name, &["pull"]);
    Scene {
        name,
        ..Scene::with_namespace(world, public)
    }
}

pub(crate) fn rows() -> Vec<Row> {
    let namespace = Scene::with_namespace;
    vec![
        Row::new("GET /namespaces", Right::SignIn, 200, |at| {
            at.api.get("/namespaces")
        }),
        Row::new("POST /namespaces", Right::ManageOwnAccount, 201, |at| {
            at.api
                .post("/namespaces", json!({ "name": unique_name("made") }))
        }),
        Row::new("GET /namespaces/{}", Right::View, 200, |at| {
            at.api.get(&at.namespace_path(""))
        })
        .on(namespace),
        Row::new("PATCH /namespaces/{}", Right::EditNamespace, 200, |at| {
            at.api
                .patch(&at.namespace_path(""), json!({ "description": "Changed" }))
        })
        .on(namespace),
        // It holds repositories, so who may delete it hears of a conflict, and it stays for the other rows.
        Row::new("DELETE /namespaces/{}", Right::EditNamespace, 409, |at| {
            at.api.delete(&at.namespace_path(""))
        })
        .on(Scene::with_image),
        Row::new("GET /namespaces/{}/members", Right::View, 200, |at| {
            at.api.get(&at.namespace_path("/members"))
        })
        .on(namespace),
        Row::new("GET /namespaces/{}/members/{}", Right::View, 200, |at| {
            at.api
                .get(&at.namespace_path(&format!("/members/{}", at.scene.name)))
        })
        .on(with_member),
        Row::new(
            "PUT /namespaces/{}/members/{}",
            Right::ManageMembers,
            200,
            |at| {
                at.api.put(
                    &at.namespace_path(&format!("/members/{}", at.scene.name)),
                    json!({ "role": "developer" }),
                )
            },
        )
        .on(with_member),
        Row::new(
            "PUT /namespaces/{}/members/{}",
            Right::ManageMembers,
            200,
            |at| {
                // Again with the role they have: who may do this loses nothing by it.
                let role = if at.principal == crate::principal::Principal::Admin {
                    "reader"
                } else {
                    "owner"
                };
                let name = if at.principal == crate::principal::Principal::Admin {
                    at.scene.name.clone()
                } else {
                    at.person().username
                };
                at.api.put(
                    &at.namespace_path(&format!("/members/{name}")),
                    json!({ "role": role }),
                )
            },
        )
        .note("promoting oneself")
        .on(with_member),
        Row::new(
            "DELETE /namespaces/{}/members/{}",
            Right::ManageMembers,
            204,
            |at| {
                at.api
                    .delete(&at.namespace_path(&format!("/members/{}", at.scene.name)))
            },
        )
        .on(with_member)
        .consuming(),
        Row::new(
            "GET /namespaces/{}/robots",
            Right::ManageRobots,
            200,
            |at| at.api.get(&at.namespace_path("/robots")),
        )
        .on(namespace),
        Row::new(
            "POST /namespaces/{}/robots",
            Right::ManageRobots,
            201,
            |at| {
                at.api.post(
                    &at.namespace_path("/robots"),
                    json!({ "name": unique_name("made"), "actions": ["pull"] }),
                )
            },
        )
        .on(namespace),
        Row::new(
            "GET /namespaces/{}/robots/{}",
            Right::ManageRobots,
            200,
            |at| {
                at.api
                    .get(&at.namespace_path(&format!("/robots/{}", at.scene.name)))
            },
        )
        .on(with_robot),
        Row::new(
            "PATCH /namespaces/{}/robots/{}",
            Right::ManageRobots,
            200,
            |at| {
                at.api.patch(
                    &at.namespace_path(&format!("/robots/{}", at.scene.name)),
                    json!({ "description": "Changed" }),
                )
            },
        )
        .on(with_robot),
        Row::new(
            "POST /namespaces/{}/robots/{}/secret",
            Right::ManageRobots,
            200,
            |at| {
                at.api.post(
                    &at.namespace_path(&format!("/robots/{}/secret", at.scene.name)),
                    json!({}),
                )
            },
        )
        .on(with_robot),
        Row::new(
            "DELETE /namespaces/{}/robots/{}",
            Right::ManageRobots,
            204,
            |at| {
                at.api
                    .delete(&at.namespace_path(&format!("/robots/{}", at.scene.name)))
            },
        )
        .on(with_robot)
        .consuming(),
    ]
}
