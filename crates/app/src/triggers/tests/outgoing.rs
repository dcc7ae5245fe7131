//! Deliveries of webhooks: order, retries, dead letters, kill points.

use super::{receiver::Receiver, scene::Scene};
use crate::Clock;
use std::time::Duration;
use wharf_db::{
    params,
    triggers::{
        actions::{find_action, set_action_state},
        attempts::Attempt,
        deliveries::{claim_delivery, redeliver_dead_of_action},
    },
};
use wharf_model::triggers::{ActionState, DeliveryState};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn outcomes(attempts: &[Attempt]) -> Vec<&str> {
    attempts.iter().map(|one| one.outcome.as_str()).collect()
}

/// F46: killed between send and mark, it is sent again under the same id, and the log says so.
#[tokio::test(flavor = "multi_thread")]
async fn f46_killed_between_send_and_mark_it_is_sent_again_under_the_same_id() {
    let receiver = Receiver::start().await;
    let scene = Scene::make().await;
    scene.add_webhook("hook", &receiver.url).await;
    scene.push("v1", '1', None).await;
    scene.fan_out().await;
    // Sent, and never marked: the claim is kept, as the one of a process that died is.
    let id = scene.due().await[0];
    let (owner, now) = (scene.app.builds.owner.clone(), scene.clock.now());
    let claimed = scene.write(move |tx| claim_delivery(tx, id, &owner, now));
    let claimed = claimed.await.unwrap();
    super::super::outgoing::attempt(&scene.app, &claimed, now)
        .await
        .unwrap();
    let scene = scene.start_again().await;
    assert!(scene.due().await.is_empty(), "somebody is still at it");
    scene.app.recover_own_deliveries().await.unwrap();
    scene.step().await;
    let (text, heard) = (id.to_string(), receiver.heard());
    assert_eq!(heard, [text.clone(), text]);
    assert_eq!(scene.deliveries().await[0].state, DeliveryState::Succeeded);
    let attempts = scene.attempts(id).await;
    assert_eq!(outcomes(&attempts), ["delivered", "interrupted"]);
}

/// F16: who stood still while somebody else took over notes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn f16_a_stale_holder_is_fenced() {
    let receiver = Receiver::start().await;
    let scene = Scene::make().await;
    scene.add_webhook("hook", &receiver.url).await;
    scene.push("v1", '1', None).await;
    scene.fan_out().await;
    let id = scene.due().await[0];
    let (owner, now) = (scene.app.builds.owner.clone(), scene.clock.now());
    let stale = scene.write(move |tx| claim_delivery(tx, id, &owner, now));
    let stale = stale.await.unwrap();
    scene.app.recover_own_deliveries().await.unwrap();
    // It wakes before it sent anything: it looks, and sends nothing.
    let late = super::super::outgoing::attempt(&scene.app, &stale, now);
    let late = late.await.unwrap();
    assert!(receiver.heard().is_empty());
    assert_eq!(late.verdict, super::super::settle::Verdict::Lost);
    scene.step().await;
    assert_eq!(receiver.heard().len(), 1);
    assert_eq!(scene.deliveries().await[0].state, DeliveryState::Succeeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_waits_for_its_own_older_delivery_and_nothing_else_does() {
    let (dead, alive) = (Receiver::start().await, Receiver::start().await);
    dead.answer("503 Service Unavailable");
    let scene = Scene::make().await;
    scene.add_webhook("dead", &dead.url).await;
    scene.add_webhook("alive", &alive.url).await;
    scene.push("v1", '1', None).await;
    scene.push("v1", '2', Some('1')).await;
    scene.push("v2", '3', None).await;
    scene.fan_out().await;
    for _ in 0..3 {
        scene.step().await;
    }
    assert_eq!(alive.heard().len(), 3, "undisturbed");
    assert_eq!(dead.heard().len(), 2, "the first of each tag");
    dead.answer("200 OK");
    for _ in 0..3 {
        scene.clock.advance(Duration::from_secs(10));
        scene.step().await;
    }
    assert_eq!(dead.heard().len(), 5);
    let made = scene.deliveries().await;
    assert!(made.iter().all(|one| one.state == DeliveryState::Succeeded));
    let of_dead: Vec<_> = made
        .iter()
        .filter(|one| one.trigger_name.as_str() == "dead")
        .collect();
    let place = |id: String| dead.heard().iter().rposition(|heard| *heard == id);
    assert!(place(of_dead[0].id.to_string()) < place(of_dead[1].id.to_string()));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_day_it_is_a_dead_letter_that_can_be_sent_again() {
    let receiver = Receiver::start().await;
    receiver.answer("500 Internal Server Error");
    let scene = Scene::make().await;
    let action = scene.add_webhook("hook", &receiver.url).await;
    scene.push("v1", '1', None).await;
    scene.fan_out().await;
    let begun = scene.clock.now();
    let mut last = scene.deliveries().await.remove(0);
    while let Some(next) = last.next_at {
        scene.clock.advance(scene.clock.now().until(next));
        scene.step().await;
        last = scene.deliveries().await.remove(0);
    }
    assert_eq!(
        (last.state, last.reason.as_deref()),
        (DeliveryState::Failed, Some("gave_up"))
    );
    assert!(last.detail.starts_with("answer_status"), "{}", last.detail);
    assert_eq!(begun.until(last.ended_at.unwrap()), DAY);
    assert!((25..80).contains(&last.attempts), "{}", last.attempts);
    let attempts = scene.attempts(last.id).await;
    assert_eq!(attempts.len(), last.attempts as usize);
    assert_eq!(attempts[0].status, Some(500));
    let request = attempts[0].request.clone().unwrap();
    assert!(!request.contains("s3cret"), "{request}");
    receiver.answer("200 OK");
    let (namespace, now) = (scene.namespace, scene.clock.now());
    let again = scene
        .write(move |tx| redeliver_dead_of_action(tx, namespace, action, begun, now, now.plus(DAY)))
        .await;
    scene.step().await;
    let after = scene.deliveries().await.remove(0);
    assert_eq!(
        (again, after.id, after.state),
        (1, last.id, DeliveryState::Succeeded)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn gone_switches_the_action_off_visibly_and_what_comes_is_kept_as_dead_letters() {
    let receiver = Receiver::start().await;
    receiver.answer("410 Gone");
    let scene = Scene::make().await;
    let begun = scene.clock.now();
    let action = scene.add_webhook("hook", &receiver.url).await;
    for (tag, digit) in [("v1", '1'), ("v2", '2')] {
        scene.push(tag, digit, None).await;
    }
    scene.push("v1", '3', Some('1')).await;
    scene.fan_out().await;
    let first = scene.due().await[0];
    scene.app.deliver(first).await;
    let row = scene
        .write(move |tx| find_action(tx, action))
        .await
        .unwrap();
    assert_eq!(
        (row.state, row.problem.as_deref()),
        (ActionState::Disabled, Some("gone"))
    );
    let dead = (DeliveryState::Failed, "action_disabled".to_owned());
    let gone = (DeliveryState::Failed, "gone".to_owned());
    assert_eq!(scene.states().await, [gone, dead.clone(), dead.clone()]);
    scene.push("v3", '4', None).await;
    scene.fan_out().await;
    assert_eq!(scene.states().await[3], dead);
    assert_eq!(receiver.heard().len(), 1);
    receiver.answer("200 OK");
    let (namespace, now) = (scene.namespace, scene.clock.now());
    scene
        .write(move |tx| {
            set_action_state(tx, action, ActionState::Active, None, "", now)?;
            redeliver_dead_of_action(tx, namespace, action, begun, now, now.plus(DAY))
        })
        .await;
    for _ in 0..2 {
        scene.step().await;
    }
    assert_eq!(receiver.heard().len(), 5);
    let succeeded = (DeliveryState::Succeeded, String::new());
    assert_eq!(scene.states().await, vec![succeeded; 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_and_lines_go_after_their_days() {
    let receiver = Receiver::start().await;
    let scene = Scene::make().await;
    scene.add_webhook("hook", &receiver.url).await;
    scene.push("v1", '1', None).await;
    scene.fan_out().await;
    scene.step().await;
    let id = scene.deliveries().await[0].id;
    scene.app.sweep_trigger_log().await.unwrap();
    assert!(scene.attempts(id).await[0].request.is_some());
    scene.clock.advance(DAY * 91);
    // A line that ended later than its first body was sent stays for longer.
    let ended = scene.clock.now();
    scene
        .write(move |tx| {
            tx.execute(
                "UPDATE trigger_deliveries SET ended_at = $2 WHERE id = $1",
                params![id, ended],
            )
        })
        .await;
    scene.app.sweep_trigger_log().await.unwrap();
    let kept = scene.attempts(id).await.remove(0);
    assert_eq!((kept.request, kept.response), (None, None));
    assert_eq!(
        (kept.status, kept.outcome.as_str()),
        (Some(200), "delivered")
    );
    scene.clock.advance(DAY * 91);
    scene.app.sweep_trigger_log().await.unwrap();
    assert!(scene.deliveries().await.is_empty() && scene.attempts(id).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ports_of_a_host_share_one_lane() {
    let scene = Scene::make().await;
    let urls = ["http://127.0.0.1:8001/x", "http://127.0.0.1:8002/x"];
    scene.add_webhook("one", urls[0]).await;
    scene.add_webhook("two", urls[1]).await;
    scene.push("v1", '1', None).await;
    scene.fan_out().await;
    let made = scene.deliveries().await;
    let lanes: Vec<_> = made.iter().map(|one| one.lane.as_str()).collect();
    assert_eq!(lanes, ["127.0.0.1", "127.0.0.1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_namespace_does_not_take_all_places_however_many_hosts_it_names() {
    let scene = Scene::make().await;
    for host in 1..=20 {
        let (name, url) = (format!("hook-{host}"), format!("http://127.0.0.{host}:9/x"));
        scene.add_webhook(&name, &url).await;
    }
    scene.push("v1", '1', None).await;
    scene.fan_out().await;
    assert_eq!(scene.due().await.len(), 20);
    assert_eq!(scene.app.count_begun().await, 16);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_path_of_a_host_leaves_places_for_its_others() {
    let scene = Scene::make().await;
    scene.add_webhook("dead", "http://127.0.0.1:9/a").await;
    for tag in ["v1", "v2", "v3", "v4", "v5"] {
        scene.push(tag, '1', None).await;
    }
    scene.fan_out().await;
    assert_eq!(scene.app.count_begun().await, 2, "of the host's four");
    scene.clock.advance(Duration::from_secs(1));
    scene.add_webhook("alive", "http://127.0.0.1:9/b").await;
    scene.clock.advance(Duration::from_secs(1));
    scene.push("v6", '1', None).await;
    scene.fan_out().await;
    assert_eq!(scene.app.count_begun().await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_dialed_took_no_time_that_could_be_read() {
    let scene = Scene::make().await;
    scene.add_webhook("hook", "http://10.1.2.3/x").await;
    scene.push("v1", '1', None).await;
    scene.fan_out().await;
    let id = scene.due().await[0];
    let (owner, now) = (scene.app.builds.owner.clone(), scene.clock.now());
    let claimed = scene.write(move |tx| claim_delivery(tx, id, &owner, now));
    let claimed = claimed.await.unwrap();
    // The clock has moved on when the answer of the guard is there.
    scene.clock.advance(Duration::from_millis(40));
    let refused = super::super::outgoing::attempt(&scene.app, &claimed, now);
    let attempt = refused.await.unwrap().attempt.unwrap();
    assert_eq!(attempt.reason.as_deref(), Some("not_allowed"));
    assert_eq!((attempt.started_at, attempt.ended_at), (now, now));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_action_of_another_kind_left_waiting_is_not_sent_by_the_new_one() {
    let receiver = Receiver::start().await;
    let scene = Scene::make().await;
    let action = scene.add_webhook("hook", &receiver.url).await;
    scene.push("v1", '1', None).await;
    scene.fan_out().await;
    scene
        .write(move |tx| {
            tx.execute(
                "UPDATE trigger_deliveries SET action_kind = 'message' WHERE action_id = $1",
                params![action],
            )
        })
        .await;
    scene.step().await;
    assert_eq!(
        scene.states().await,
        [(DeliveryState::Superseded, "action_changed".to_owned())]
    );
    assert!(receiver.heard().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_that_is_gone_or_has_no_secret_ends_its_deliveries_visibly() {
    let scene = Scene::make().await;
    let gone = scene.add_webhook("gone", "http://127.0.0.1:9/x").await;
    let bare = scene.add_webhook("bare", "http://127.0.0.1:9/y").await;
    scene.push("v1", '1', None).await;
    scene.fan_out().await;
    scene
        .write(move |tx| {
            tx.execute("DELETE FROM trigger_actions WHERE id = $1", params![gone])?;
            wharf_db::secrets::forget_secrets(tx, "trigger_actions", bare)
        })
        .await;
    scene.step().await;
    let mut states = scene.states().await;
    states.sort();
    assert_eq!(
        states,
        [
            (DeliveryState::Failed, "secret_missing".to_owned()),
            (DeliveryState::Canceled, "action_deleted".to_owned()),
        ]
    );
}
