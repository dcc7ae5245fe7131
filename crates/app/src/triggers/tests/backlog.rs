//! Receivers for which more happens than they take.

use super::{
    receiver::{HANG_UP, Receiver},
    scene::Scene,
};
use crate::Clock;
use std::time::Duration;
use wharf_db::{
    events, params,
    triggers::{
        backlog::ENOUGH,
        deliveries::{Whose, cancel_deliveries},
    },
};
use wharf_model::{ActionId, EventId, triggers::DeliveryState};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A receiver that is not there.
async fn start_dead() -> Receiver {
    let receiver = Receiver::start().await;
    receiver.answer(HANG_UP);
    receiver
}

/// Many pushes, each of a tag of its own.
async fn push_many(scene: &Scene, from: u64, to: u64) {
    for number in from..to {
        scene.push(&format!("v{number:04}"), '1', None).await;
    }
}

/// Whether an action misses anything.
async fn is_behind(scene: &Scene, action: ActionId) -> bool {
    let row = scene
        .write(move |tx| {
            tx.query_first(
                "SELECT backlog_from IS NOT NULL FROM trigger_actions WHERE id = $1",
                params![action],
            )
        })
        .await;
    row.unwrap().take(0).unwrap()
}

async fn count(scene: &Scene, state: DeliveryState) -> usize {
    let all = scene.deliveries().await;
    all.iter().filter(|one| one.state == state).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_receiver_does_not_take_yet_is_made_as_it_does_in_order_and_once() {
    let receiver = Receiver::start().await;
    let scene = Scene::make().await;
    let action = scene.add_webhook("hook", &receiver.url).await;
    push_many(&scene, 0, ENOUGH * 3).await;
    scene.fan_out().await;
    assert_eq!(scene.deliveries().await.len() as u64, ENOUGH);
    assert!(is_behind(&scene, action).await);
    scene.step().await;
    // What happens meanwhile waits behind what it misses.
    push_many(&scene, ENOUGH * 3, ENOUGH * 4).await;
    for _ in 0..8 {
        scene.fan_out().await;
        scene.step().await;
    }
    assert!(!is_behind(&scene, action).await);
    let made = scene.deliveries().await;
    assert_eq!(made.len() as u64, ENOUGH * 4);
    let in_order: Vec<_> = made.iter().map(|one| one.id.to_string()).collect();
    assert_eq!(receiver.heard(), in_order);
    // Once it misses nothing, what happens is made at once again.
    scene.push("last", '1', None).await;
    scene.fan_out().await;
    scene.step().await;
    assert_eq!(receiver.heard().len() as u64, ENOUGH * 4 + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_outlives_the_process() {
    let receiver = Receiver::start().await;
    let scene = Scene::make().await;
    scene.add_webhook("hook", &receiver.url).await;
    push_many(&scene, 0, ENOUGH * 2).await;
    scene.fan_out().await;
    let scene = scene.start_again().await;
    for _ in 0..6 {
        scene.fan_out().await;
        scene.step().await;
    }
    assert_eq!(receiver.heard().len() as u64, ENOUGH * 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_receiver_is_asked_a_few_times_and_costs_a_few_rows() {
    let scene = Scene::make().await;
    scene.add_webhook("hook", &start_dead().await.url).await;
    push_many(&scene, 0, ENOUGH * 10).await;
    scene.fan_out().await;
    scene.step().await;
    let made = scene.deliveries().await;
    assert_eq!(made.len() as u64, ENOUGH);
    let tried = made.iter().filter(|one| one.attempts > 0).count();
    assert_eq!(tried, 5, "then it rests");
    let untried = made.iter().find(|one| one.attempts == 0).unwrap();
    assert_eq!(untried.reason.as_deref(), Some("unreachable"));
    assert!(untried.next_at > Some(scene.clock.now()), "it is put off");
    assert!(scene.due().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_tries_alone_after_a_rest_and_a_success_brings_the_others_at_once() {
    let (receiver, scene) = (start_dead().await, Scene::make().await);
    scene.add_webhook("hook", &receiver.url).await;
    push_many(&scene, 0, 8).await;
    scene.fan_out().await;
    scene.step().await;
    assert_eq!(receiver.heard().len(), 5);
    scene.clock.advance(Duration::from_secs(6));
    scene.step().await;
    assert_eq!(receiver.heard().len(), 6, "one finds out");
    receiver.answer("200 OK");
    scene.clock.advance(Duration::from_secs(60));
    scene.step().await;
    assert_eq!(count(&scene, DeliveryState::Succeeded).await, 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_took_for_a_day_ends_as_dead_letters_that_are_seen() {
    let scene = Scene::make().await;
    let action = scene.add_webhook("hook", &start_dead().await.url).await;
    push_many(&scene, 0, ENOUGH * 2).await;
    scene.fan_out().await;
    scene.step().await;
    scene.clock.advance(DAY + Duration::from_secs(3600));
    // Tried once more at the very end, and with the first failure the others that waited for as long are over.
    scene.step().await;
    for _ in 0..3 {
        scene.fan_out().await;
    }
    assert_eq!(
        count(&scene, DeliveryState::Failed).await as u64,
        ENOUGH * 2
    );
    assert!(!is_behind(&scene, action).await);
    let reasons = scene.states().await;
    assert!(
        reasons.iter().all(|(_, reason)| reason == "gave_up"),
        "{reasons:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_switched_off_misses_nothing_any_more() {
    let scene = Scene::make().await;
    let action = scene.add_webhook("hook", &start_dead().await.url).await;
    push_many(&scene, 0, ENOUGH + 5).await;
    scene.fan_out().await;
    assert!(is_behind(&scene, action).await);
    let now = scene.clock.now();
    scene
        .write(move |tx| {
            tx.execute("UPDATE triggers SET enabled = FALSE", params![])?;
            cancel_deliveries(tx, Whose::Action(action), "trigger_off", "alice", now)
        })
        .await;
    scene.fan_out().await;
    assert!(!is_behind(&scene, action).await);
    assert_eq!(scene.deliveries().await.len() as u64, ENOUGH);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_an_action_misses_stay() {
    let scene = Scene::make().await;
    scene.add_webhook("hook", &start_dead().await.url).await;
    push_many(&scene, 0, ENOUGH + 5).await;
    scene.fan_out().await;
    let long_after = scene.clock.now().plus(DAY * 100);
    let gone = scene
        .write(move |tx| events::forget_events(tx, long_after, 1000))
        .await;
    assert_eq!(
        gone,
        ENOUGH + 2,
        "two of the scene's making, and those that became deliveries"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_ends_also_where_something_else_happened_last() {
    let receiver = Receiver::start().await;
    let scene = Scene::make().await;
    let action = scene.add_webhook("hook", &receiver.url).await;
    push_many(&scene, 0, ENOUGH + 1).await;
    let (repository, at) = (scene.repository, scene.clock.now());
    scene
        .write(move |tx| events::record_event(tx, "build.queued", repository, "{}", at))
        .await;
    for _ in 0..3 {
        scene.fan_out().await;
        scene.step().await;
    }
    assert!(!is_behind(&scene, action).await);
    assert_eq!(receiver.heard().len() as u64, ENOUGH + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_is_refused_again_and_again_holds_up_no_other() {
    let receiver = Receiver::start().await;
    let scene = Scene::make().await;
    let action = scene.add_webhook("hook", &receiver.url).await;
    receiver.answer("500 Not today");
    scene.push("latest", '1', None).await;
    for _ in 0..ENOUGH {
        scene.push("latest", '2', Some('1')).await;
        scene.push("latest", '1', Some('2')).await;
        scene.fan_out().await;
        scene.step().await;
    }
    assert!(!is_behind(&scene, action).await);
    receiver.answer("200 OK");
    let other = scene.push("v1", '1', None).await;
    scene.fan_out().await;
    scene.step().await;
    let made = scene.deliveries().await;
    let other = made.iter().find(|one| one.event == other).unwrap();
    assert_eq!(other.state, DeliveryState::Succeeded);
}

/// As on PostgreSQL, or after a clock was set back.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_with_an_earlier_id_than_the_backlog_is_not_left_to_it() {
    let dead = start_dead().await;
    let scene = Scene::make().await;
    let action = scene.add_webhook("hook", &dead.url).await;
    let early = EventId::new();
    push_many(&scene, 0, ENOUGH + 1).await;
    scene.fan_out().await;
    assert!(is_behind(&scene, action).await);
    scene.step().await;
    let (repository, at) = (scene.repository, scene.clock.now());
    scene
        .write(move |tx| {
            let payload = serde_json::json!({
                "tag": "early", "version": 1, "actor": "alice", "from": null,
                "digest": super::scene::digest('1').to_string(),
            });
            tx.execute(
                "INSERT INTO events (id, kind, repository_id, payload, at) VALUES ($1, 'tag_created', $2, $3, $4)",
                params![early, repository, payload.to_string(), at],
            )
        })
        .await;
    scene.fan_out().await;
    let made = scene.deliveries().await;
    assert!(made.iter().any(|one| one.event == early));
}
