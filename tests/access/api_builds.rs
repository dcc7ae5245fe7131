//! Rows: builds, their logs, and what people do to them. The server begins none of them, so that they stay as they are.

use serde_json::json;
use wharf_testkit::{Answer, ApiClient, encode_segment};

use crate::{
    principal::Principal,
    rights::Right,
    row::{Attempt, Row, Scene},
    world::World,
};

/// A build of an administrator's that waits.
fn waiting(world: &World, public: bool) -> Scene {
    start_as(&world.admin_api(), world, public)
}

/// One of the developer's own.
fn own_waiting(world: &World, public: bool) -> Scene {
    start_as(&world.api_of(Principal::Developer), world, public)
}

fn start_as(api: &ApiClient, world: &World, public: bool) -> Scene {
    let scene = Scene::with_image(world, public);
    let path = format!("/repositories/{}/builds", encode_segment(&scene.repository));
    let body = json!({ "dockerfile": "FROM scratch\nLABEL a=b\n", "version": "made" });
    let made = api.post(&path, body).expect(201).json();
    Scene {
        name: made["number"].to_string(),
        ..scene
    }
}

/// One that is over.
fn ended(world: &World, public: bool) -> Scene {
    end(world, waiting(world, public))
}

fn own_ended(world: &World, public: bool) -> Scene {
    end(world, own_waiting(world, public))
}

fn end(world: &World, scene: Scene) -> Scene {
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
    [shown_rows(), changing_rows()].concat()
}

fn shown_rows() -> Vec<Row> {
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
            "GET /repositories/{}/decisions",
            Right::ViewBuilds,
            200,
            |at| at.api.get(&at.repository_path("/decisions")),
        )
        .on(waiting),
        Row::new(
            "GET /repositories/{}/builds/{}/log/steps",
            Right::ReadBuildLogs,
            200,
            |at| get(at, "/log/steps"),
        )
        .on(ended),
        Row::new(
            "GET /repositories/{}/builds/{}/log/lines",
            Right::ReadBuildLogs,
            200,
            |at| get(at, "/log/lines?from=1&to=9"),
        )
        .on(ended),
        Row::new(
            "GET /repositories/{}/builds/{}/log/search",
            Right::ReadBuildLogs,
            200,
            |at| get(at, "/log/search?q=a"),
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

/// Asks for something of the scene's build.
fn get(at: &Attempt<'_>, rest: &str) -> Answer {
    let path = format!("/builds/{}{rest}", at.scene.name);
    at.api.get(&at.repository_path(&path))
}

/// Posts to something of the scene's build.
fn post(at: &Attempt<'_>, rest: &str) -> Answer {
    let path = format!("/builds/{}{rest}", at.scene.name);
    at.api
        .request(reqwest::Method::POST, &at.repository_path(&path))
        .send()
}

fn retry_push(at: &Attempt<'_>) -> Answer {
    post(at, "/pushes/01920000-0000-7000-8000-000000000000/retry")
}

const CANCEL: &str = "POST /repositories/{}/builds/{}/cancel";
const RETRY: &str = "POST /repositories/{}/builds/{}/retry";
const PUSH: &str = "POST /repositories/{}/builds/{}/pushes/{}/retry";

/// Developers change what they started, maintainers everything.
fn changing_rows() -> Vec<Row> {
    let others = "of somebody else";
    let own = "of the developer's own";
    vec![
        Row::new(CANCEL, Right::ManageBuilds, 200, |at| post(at, "/cancel"))
            .note(others)
            .on(waiting)
            .consuming(),
        Row::new(CANCEL, Right::StartBuild, 200, |at| post(at, "/cancel"))
            .note(own)
            .on(own_waiting)
            .consuming(),
        Row::new(RETRY, Right::RetryAnything, 201, |at| post(at, "/retry"))
            .note(others)
            .on(ended),
        Row::new(RETRY, Right::BuildAnything, 201, |at| post(at, "/retry"))
            .note(own)
            .on(own_ended),
        Row::new(PUSH, Right::ManageBuilds, 404, retry_push)
            .note("of somebody else, of a push that is not there")
            .on(ended),
        Row::new(PUSH, Right::StartBuild, 404, retry_push)
            .note("of the developer's own, of a push that is not there")
            .on(own_ended),
    ]
}
