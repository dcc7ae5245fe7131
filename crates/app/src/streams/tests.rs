//! What looks at streams tell, one after the other.

use super::{News, Told, Topic, Woken};
use crate::stats::tests::{Scene, context_of};
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};
use wharf_db::events::{record_event, record_events};
use wharf_model::{Caller, Role, Timestamp};

/// A scene whose clock shows when ids are made.
async fn make_scene() -> Scene {
    let scene = Scene::make().await;
    scene.set_clock(Timestamp::from(SystemTime::now()));
    scene
}

/// One look.
const ONCE: Duration = Duration::from_micros(1);

/// What is told within `time`, and how often it was looked.
async fn listen(
    scene: &Scene,
    caller: &Caller,
    stream: &mut super::Stream,
    time: Duration,
) -> (Vec<Told>, u32) {
    let (begun, mut looks, mut told) = (Instant::now(), 0, Vec::new());
    while begun.elapsed() < time {
        assert_ne!(stream.wait().await, Woken::Leaving);
        scene.set_clock(Timestamp::from(SystemTime::now()));
        let found = stream.look(caller).await;
        told.extend(found.map_err(|(error, _)| error).unwrap());
        looks += 1;
    }
    (told, looks)
}

fn is_gap(told: &Told) -> bool {
    matches!(told.news, News::Gap)
}

#[tokio::test]
async fn very_many_events_at_once_are_one_gap_and_no_gap_for_who_may_not_see_them() {
    let scene = make_scene().await;
    let mut member = context_of(false);
    member.caller.roles = Arc::new(HashMap::from([(scene.facts.namespace, Role::Reader)]));
    let stranger = context_of(false);
    let open = async |context| {
        let opened = scene.app.open_stream(context, vec![Topic::Activity], None);
        opened.await.unwrap()
    };
    let (mut seeing, mut other) = (open(&member).await, open(&stranger).await);
    listen(&scene, &member.caller, &mut seeing, ONCE).await;
    let (repository, at) = (scene.facts.repository, scene.app.clock.now());
    scene
        .write(move |tx| {
            let payloads = vec![r#"{"tag":"v1"}"#.to_owned(); 1500];
            record_events(tx, "tag_deleted", repository, &payloads, at)
        })
        .await;
    let (told, looks) = listen(
        &scene,
        &member.caller,
        &mut seeing,
        Duration::from_millis(2500),
    )
    .await;
    assert_eq!(told.iter().filter(|told| is_gap(told)).count(), 1);
    assert_eq!(told.len(), 1, "and nothing one by one");
    assert!(looks <= 6, "it is not looked again and again: {looks}");
    let (told, _) = listen(
        &scene,
        &stranger.caller,
        &mut other,
        Duration::from_millis(200),
    )
    .await;
    assert!(told.is_empty());
}

#[tokio::test]
async fn of_builds_that_one_may_not_see_the_queue_tells_once_a_second_at_most() {
    let scene = make_scene().await;
    let mut member = context_of(false);
    member.caller.roles = Arc::new(HashMap::from([(scene.facts.namespace, Role::Reader)]));
    let stranger = context_of(false);
    let mut told = Vec::new();
    for context in [&member, &stranger] {
        let opened = scene.app.open_stream(context, vec![Topic::Queue], None);
        let mut stream = opened.await.unwrap();
        let mut count = 0;
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(900) {
            let (repository, at) = (scene.facts.repository, scene.app.clock.now());
            scene
                .write(move |tx| record_event(tx, "build.queued", repository, "{}", at))
                .await;
            scene.app.triggers.tell_event();
            let (found, _) = listen(&scene, &context.caller, &mut stream, ONCE).await;
            count += found.len();
        }
        told.push(count);
    }
    assert!(told[0] > 2, "{told:?}");
    assert!(told[1] <= 2, "{told:?}");
}
