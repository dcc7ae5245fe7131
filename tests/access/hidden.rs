//! What is forbidden looks, byte for byte, like what is missing.

use serde_json::Value;
use wharf_testkit::{Answer, unique_name};

use crate::{
    api_rows,
    principal::Principal,
    rights::{Outcome, Subject, decide},
    row::{Attempt, Row, Scene},
    v2_rows,
    world::World,
};

/// The same scene with names that nobody ever used.
fn make_ghost(scene: &Scene) -> Scene {
    let namespace = unique_name("ghost");
    let repository = scene
        .repository
        .split_once('/')
        .map_or(String::new(), |(_, rest)| {
            format!("{namespace}/{rest}-ghost")
        });
    Scene {
        namespace,
        repository,
        ..scene.clone()
    }
}

/// The answer without what may differ: names that the caller sent, ids of requests, the time.
fn normalize(answer: &Answer, scene: &Scene) -> (u16, Vec<(String, String)>, String) {
    let erase = |text: &str| {
        let mut text = text.to_owned();
        for name in [&scene.repository, &scene.name, &scene.namespace] {
            if !name.is_empty() {
                text = text.replace(name.as_str(), "NAME");
            }
        }
        // Rows that create something count its names up.
        text.replace(|character: char| character.is_ascii_digit(), "")
    };
    let mut headers: Vec<(String, String)> = answer
        .headers
        .iter()
        .filter(|(name, _)| !["date", "x-request-id", "content-length"].contains(&name.as_str()))
        .map(|(name, value)| {
            (
                name.to_string(),
                erase(&String::from_utf8_lossy(value.as_bytes())),
            )
        })
        .collect();
    headers.sort();
    let body = match serde_json::from_slice::<Value>(&answer.body) {
        Ok(mut body) => {
            if let Some(id) = body.get_mut("request_id") {
                *id = Value::Null;
            }
            erase(&body.to_string())
        }
        Err(_) => erase(&answer.text()),
    };
    (answer.status.as_u16(), headers, body)
}

/// Tries every refused cell of these rows on what is there and on what is not.
fn compare_rows(rows: &[Row]) {
    let world = World::get();
    let rows: Vec<&Row> = rows
        .iter()
        .filter(|row| row.right.subject() != Subject::Open)
        .collect();
    let mut compared = 0;
    for row in rows {
        let scene = (row.prepare)(world, false);
        let ghost = make_ghost(&scene);
        for principal in [Principal::Anonymous, Principal::Stranger] {
            if decide(principal, row.right, false) == Outcome::Allowed {
                continue;
            }
            let registry = world.server.registry(world.login(principal));
            let api = world.server.api(world.login(principal));
            let attempt = |scene: &Scene| {
                let answer = (row.act)(&Attempt {
                    world,
                    principal,
                    scene,
                    registry: &registry,
                    api: &api,
                });
                normalize(&answer, scene)
            };
            assert_eq!(
                attempt(&scene),
                attempt(&ghost),
                "{} {} × {principal:?}",
                row.operation,
                row.note
            );
            compared += 1;
        }
    }
    assert!(compared > 10, "only {compared} cells were compared");
}

#[test]
fn the_registry_hides_what_is_forbidden_as_if_it_were_missing() {
    // A session needs somebody who begins it, which nobody can where there is no repository.
    let sessions = [
        "get_upload",
        "write_upload",
        "finish_upload",
        "cancel_upload",
    ];
    let rows: Vec<Row> = v2_rows()
        .into_iter()
        .filter(|row| !sessions.contains(&row.operation))
        .collect();
    compare_rows(&rows);
}

#[test]
fn the_management_api_hides_what_is_forbidden_as_if_it_were_missing() {
    compare_rows(&api_rows());
}

#[test]
fn sessions_of_others_are_hidden_as_if_they_were_missing() {
    let world = World::get();
    let (repository, _) = world.push_image(false);
    let location = repository.begin_upload("").expect(202).location();
    let start = location.rsplit_once('/').expect("a path").0.to_owned();
    let stranger = world.server.registry(world.login(Principal::Stranger));
    let developer = world.server.registry(world.login(Principal::Developer));
    let missing = format!("{start}/0192d4a0-7c1e-7000-8000-000000000000");
    for client in [stranger, developer] {
        let there = client.get(&location);
        let not_there = client.get(&missing);
        assert_eq!(there.status, not_there.status);
        assert_eq!(there.body, not_there.body);
    }
    let developer = world.server.registry(world.login(Principal::Developer));
    let theirs = repository.seen_by(&developer);
    let digest = wharf_testkit::image::compute_digest(b"abc");
    theirs
        .get_upload(&location)
        .expect_error(404, "BLOB_UPLOAD_UNKNOWN");
    theirs
        .patch_upload(&location, Some("0-2"), "abc")
        .expect_error(404, "BLOB_UPLOAD_UNKNOWN");
    theirs
        .put_upload(&location, &digest, "abc")
        .expect_error(404, "BLOB_UPLOAD_UNKNOWN");
    theirs
        .delete_upload(&location)
        .expect_error(404, "BLOB_UPLOAD_UNKNOWN");
    repository.get_upload(&location).expect(204);
}
