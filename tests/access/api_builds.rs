//! Rows: builds, their logs, and what people do to them. The server begins none of them, so that they stay as they are.

use serde_json::json;
use wharf_testkit::encode_segment;

use crate::{
    rights::Right,
    row::{Row, Scene},
    world::World,
};

/// A build that waits.
fn waiting(world: &World, public: bool) -> Scene {
    let scene = Scene::with_image(world, public);
    let path = format!("/repositories/{}/builds", encode_segment(&scene.repository));
    let body = json!({ "dockerfile": "FROM scratch\nLABEL a=b\n", "version": "made" });
    let made = world.admin_api().post(&path, body).expect(201).json();
    Scene {
        name: made["number"].to_string(),
        ..scene
    }
}

/// One that is over.
fn ended(world: &World, public: bool) -> Scene {
    let scene = waiting(world, public);
    let name = encode_segment(&scene.repository);
    let path = format!("/repositories/{name}/builds/{}/cancel", scene.name);
    world
        .admin_api()
        .request(reqwest::Method::POST, &path)
        .send()
        .expect(200);
    scene
}

pub(crate) fn rows() -> Vec<Row> {
    vec![
        Row::new("GET /builds", Right::SignIn, 200, |at| {
            at.api.get("/builds")
        }),
        Row::new("GET /builds/queue", Right::SignIn, 200, |at| {
            at.api.get("/builds/queue")
        }),
        Row::new(
            "GET /repositories/{}/builds",
            Right::ViewBuilds,
            200,
            |at| at.api.get(&at.repository_path("/builds")),
        )
        .on(waiting),
        Row::new(
            "GET /repositories/{}/builds/{}",
            Right::ViewBuilds,
            200,
            |at| {
                at.api
                    .get(&at.repository_path(&format!("/builds/{}", at.scene.name)))
            },
        )
        .on(waiting),
        Row::new(
            "POST /repositories/{}/builds/{}/cancel",
            Right::StartBuild,
            200,
            |at| {
                let path = format!("/builds/{}/cancel", at.scene.name);
                at.api
                    .request(reqwest::Method::POST, &at.repository_path(&path))
                    .send()
            },
        )
        .on(waiting)
        .consuming(),
        Row::new(
            "POST /repositories/{}/builds/{}/retry",
            Right::StartBuild,
            201,
            |at| {
                let path = format!("/builds/{}/retry", at.scene.name);
                at.api
                    .request(reqwest::Method::POST, &at.repository_path(&path))
                    .send()
            },
        )
        .on(ended),
        Row::new(
            "POST /repositories/{}/builds/{}/pushes/{}/retry",
            Right::StartBuild,
            404,
            |at| {
                let nothing = "01920000-0000-7000-8000-000000000000";
                let path = format!("/builds/{}/pushes/{nothing}/retry", at.scene.name);
                at.api
                    .request(reqwest::Method::POST, &at.repository_path(&path))
                    .send()
            },
        )
        .note("of a push that is not there")
        .on(ended),
        Row::new(
            "GET /repositories/{}/builds/{}/log",
            Right::ReadBuildLogs,
            200,
            |at| {
                at.api
                    .request(
                        reqwest::Method::GET,
                        &at.repository_path(&format!("/builds/{}/log", at.scene.name)),
                    )
                    .send_undescribed()
            },
        )
        .on(ended),
        Row::new(
            "GET /repositories/{}/builds/{}/log/stream",
            Right::ReadBuildLogs,
            200,
            |at| {
                let path = format!("/builds/{}/log/stream", at.scene.name);
                at.api
                    .request(reqwest::Method::GET, &at.repository_path(&path))
                    .send_undescribed()
            },
        )
        .on(ended),
    ]
}
