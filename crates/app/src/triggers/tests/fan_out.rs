//! From events to deliveries.

use super::{receiver::Receiver, scene::Scene};
use crate::Clock;
use std::time::Duration;
use wharf_db::{
    events, params,
    triggers::{backlog::ENOUGH, fan_out::CONSUMER},
};
use wharf_model::{EventId, triggers::DeliveryState};

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_before_a_trigger_was_there_does_not_reach_it_and_nothing_reaches_it_twice() {
    let scene = Scene::make().await;
    scene.push("v0", '0', None).await;
    scene.clock.advance(Duration::from_secs(1));
    scene.add_webhook("hook", "http://127.0.0.1:9/x").await;
    scene.clock.advance(Duration::from_secs(1));
    let event = scene.push("v1", '1', None).await;
    for _ in 0..3 {
        scene.fan_out().await;
    }
    let made = scene.deliveries().await;
    assert_eq!(made.len(), 1);
    assert_eq!(made[0].event, event);
    assert_eq!(made[0].tag.as_ref().map(|tag| tag.as_str()), Some("v1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_event_that_ever_happens_is_heard_at_once() {
    let scene = Scene::make().await;
    scene.add_webhook("hook", "http://127.0.0.1:9/x").await;
    scene
        .write(|tx| {
            tx.execute("DELETE FROM event_cursors", params![])?;
            tx.execute("DELETE FROM events", params![])
        })
        .await;
    scene.app.fan_out_events(false, true).await.unwrap();
    let event = scene.push("v1", '1', None).await;
    scene.app.fan_out_events(false, false).await.unwrap();
    let made = scene.deliveries().await;
    assert_eq!(made.len(), 1);
    assert_eq!(made[0].event, event);
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_events_are_read_in_pieces_and_all_of_them_are() {
    let scene = Scene::make().await;
    scene.add_webhook("one", "http://127.0.0.1:9/x").await;
    scene.add_webhook("two", "http://127.0.0.1:9/y").await;
    let (repository, at) = (scene.repository, scene.clock.now());
    scene
        .write(move |tx| {
            let payloads: Vec<_> = (0..1500)
                .map(|count| {
                    serde_json::json!({
                        "tag": format!("v{count}"), "version": 1, "actor": "alice", "from": null,
                        "digest": super::scene::digest('1').to_string(),
                    })
                    .to_string()
                })
                .collect();
            events::record_events(tx, "tag_created", repository, &payloads, at)
        })
        .await;
    scene.fan_out().await;
    let made = scene.deliveries().await;
    assert_eq!(made.len() as u64, 2 * ENOUGH, "the others follow");
    let (cursor, last) = scene
        .write(|tx| {
            let cursor = events::find_cursor(tx, CONSUMER)?;
            Ok((cursor, events::find_last_event(tx)?))
        })
        .await;
    assert_eq!(cursor, last);
}

/// On PostgreSQL an event may become visible after a later one; here one is written late under an earlier id.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_became_visible_late_is_found_within_the_minute() {
    let scene = Scene::make().await;
    scene.add_webhook("hook", "http://127.0.0.1:9/x").await;
    let late = EventId::new();
    scene.push("v2", '2', None).await;
    scene.fan_out().await;
    assert_eq!(scene.deliveries().await.len(), 1);
    let (repository, at) = (scene.repository, scene.clock.now());
    scene
        .write(move |tx| {
            let payload = serde_json::json!({
                "tag": "v1", "version": 1, "actor": "alice", "from": null,
                "digest": super::scene::digest('1').to_string(),
            });
            tx.execute(
                "INSERT INTO events (id, kind, repository_id, payload, at) VALUES ($1, 'tag_created', $2, $3, $4)",
                params![late, repository, payload.to_string(), at],
            )
        })
        .await;
    scene.app.fan_out_events(false, true).await.unwrap();
    assert_eq!(scene.deliveries().await.len(), 1, "the cursor is past it");
    scene.fan_out().await;
    assert_eq!(scene.deliveries().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_the_event_and_its_delivery_nothing_is_lost() {
    let receiver = Receiver::start().await;
    let scene = Scene::make().await;
    scene.add_webhook("hook", &receiver.url).await;
    scene.push("v1", '1', None).await;
    let scene = scene.start_again().await;
    scene.fan_out().await;
    scene.step().await;
    let made = scene.deliveries().await;
    assert_eq!(receiver.heard(), [made[0].id.to_string()]);
    assert_eq!(made[0].state, DeliveryState::Succeeded);
}

/// A look ends with the event at which it has enough: what many actions make of many events is never in memory at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_look_ends_once_it_found_enough_and_the_next_goes_on_behind_it() {
    let scene = Scene::make().await;
    for count in 0..70 {
        let name = format!("hook-{count}");
        scene.add_webhook(&name, "http://127.0.0.1:9/x").await;
    }
    let (repository, at) = (scene.repository, scene.clock.now());
    let last = scene
        .write(move |tx| {
            let payloads: Vec<_> = (0..100)
                .map(|count| {
                    serde_json::json!({
                        "tag": format!("v{count}"), "version": 1, "actor": "alice", "from": null,
                        "digest": super::scene::digest('1').to_string(),
                    })
                    .to_string()
                })
                .collect();
            events::record_events(tx, "tag_created", repository, &payloads, at)?;
            events::find_last_event(tx)
        })
        .await;
    let pieces = scene.app.count_matches_of_looks().await;
    let whole = "whole events of 70 matches each";
    assert_eq!(pieces, [2030, 2030, 2030, 910], "{whole}");
    scene.fan_out().await;
    assert_eq!(scene.deliveries().await.len() as u64, 70 * ENOUGH);
    let cursor = scene.write(|tx| events::find_cursor(tx, CONSUMER)).await;
    assert_eq!(cursor, last);
}
