//! What goes after the log's days.

use super::scene::Scene;
use crate::Clock;
use std::time::Duration;
use wharf_db::events::{find_last_event, forget_events, keep_cursor};

const DAYS: Duration = Duration::from_secs(91 * 24 * 3600);

async fn count_events(scene: &Scene) -> u64 {
    scene
        .write(|tx| {
            let row = tx.query_first("SELECT COUNT(*) FROM events", &[])?;
            row.unwrap().take(0)
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn events_go_after_their_days_once_every_reader_has_passed_them() {
    let scene = Scene::make().await;
    let first = scene.push("v1", '1', None).await;
    let last = scene.push("v2", '2', None).await;
    scene.fan_out().await;
    let all = count_events(&scene).await;
    scene.app.sweep_trigger_log().await.unwrap();
    assert_eq!(count_events(&scene).await, all, "their days are not over");
    scene.clock.advance(DAYS);
    scene.write(move |tx| keep_cursor(tx, "slow", first)).await;
    scene.app.sweep_trigger_log().await.unwrap();
    assert_eq!(count_events(&scene).await, 2, "a reader is at the first");
    scene.write(move |tx| keep_cursor(tx, "slow", last)).await;
    scene.app.sweep_trigger_log().await.unwrap();
    assert_eq!(count_events(&scene).await, 1);
    assert_eq!(scene.write(find_last_event).await, Some(last));
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_nobody_is_known_to_have_read_stay() {
    let scene = Scene::make().await;
    scene.clock.advance(DAYS);
    let now = scene.clock.now();
    let gone = scene
        .write(move |tx| {
            tx.execute("DELETE FROM event_cursors", &[])?;
            forget_events(tx, now, 10)
        })
        .await;
    let all = count_events(&scene).await;
    assert!(gone == 0 && all > 0, "{gone} of {all}");
}
