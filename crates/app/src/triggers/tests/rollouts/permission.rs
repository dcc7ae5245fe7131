//! What an attempt needs beside the image: a pull secret, a token, a grant, an action that is on.

use super::{super::pretended::done, OLD, begin, look_again, make_scene, progress_of};
use crate::Clock;
use std::{sync::atomic::Ordering, time::Duration};
use wharf_db::{
    params,
    triggers::{actions, deliveries},
};
use wharf_integrations::target::kubernetes::RolloutNote;
use wharf_model::triggers::{ActionState, DeliveryState};

#[tokio::test(flavor = "multi_thread")]
async fn a_private_image_takes_the_secret_that_was_written_and_warns_where_there_is_none() {
    let (scene, cluster, _) = make_scene(false).await;
    begin(&scene, "v1", '1').await;
    look_again(&scene).await;
    let running = scene.deliveries().await.remove(0);
    let live = progress_of(&scene, &running).await;
    assert_eq!(live.rollout.note, Some(RolloutNote::NoPullSecret));
    let ours = "wharf-pull-team".parse().unwrap();
    *cluster.pull_secret.lock().unwrap() = Some(ours);
    scene.push("v2", '2', None).await;
    scene.fan_out().await;
    look_again(&scene).await;
    assert_eq!(*cluster.attached.lock().unwrap(), ["wharf-pull-team"]);
    look_again(&scene).await;
    let running = scene.deliveries().await.remove(1);
    assert_eq!(progress_of(&scene, &running).await.rollout.note, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_image_needs_no_secret_and_none_is_given() {
    let (scene, cluster, _) = make_scene(false).await;
    let open = |tx: &mut wharf_db::Tx<'_>| {
        tx.execute("UPDATE repositories SET public = $1", params![true])
    };
    scene.write(open).await;
    *cluster.pull_secret.lock().unwrap() = Some("wharf-pull-team".parse().unwrap());
    begin(&scene, "v1", '1').await;
    assert_eq!(cluster.patches(), 1);
    assert!(cluster.attached.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_ended_is_tried_again_until_somebody_gives_another() {
    let (scene, cluster, _) = make_scene(false).await;
    cluster.is_locked.store(true, Ordering::Relaxed);
    begin(&scene, "v1", '1').await;
    let waiting = scene.deliveries().await.remove(0);
    assert_eq!(waiting.state, DeliveryState::Waiting);
    let attempt = scene.attempts(waiting.id).await.remove(0);
    assert_eq!(
        (attempt.reason.as_deref(), attempt.status),
        (Some("unauthorized"), Some(401))
    );
    assert!(attempt.request.unwrap().contains("cluster.example"));
    cluster.is_locked.store(false, Ordering::Relaxed);
    cluster.answer(done());
    scene.clock.advance(Duration::from_secs(3600));
    scene.step().await;
    look_again(&scene).await;
    assert_eq!(scene.states().await[0].0, DeliveryState::Succeeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_that_is_switched_off_in_mid_rollout_is_followed_and_takes_nothing_more() {
    let (scene, cluster, _) = make_scene(false).await;
    begin(&scene, "v1", '1').await;
    let action = scene.deliveries().await[0].action;
    let now = scene.clock.now();
    scene
        .write(move |tx| {
            let (off, why) = (ActionState::Disabled, Some("switched_off"));
            actions::set_action_state(tx, action, off, why, "alice", now)?;
            deliveries::fail_waiting_of_action(tx, action, "switched_off", now)
        })
        .await;
    look_again(&scene).await;
    assert_eq!(scene.deliveries().await[0].state, DeliveryState::Running);
    cluster.answer(done());
    look_again(&scene).await;
    scene.push("v2", '2', None).await;
    scene.fan_out().await;
    assert_eq!(
        scene.states().await,
        [
            (DeliveryState::Succeeded, String::new()),
            (DeliveryState::Failed, "switched_off".to_owned()),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_was_taken_away_and_a_cluster_that_is_gone_refuse_at_the_attempt() {
    let (scene, cluster, id) = make_scene(false).await;
    scene.push("v1", '1', None).await;
    scene.fan_out().await;
    let revoke = |tx: &mut wharf_db::Tx<'_>| tx.execute("DELETE FROM cluster_grants", &[]);
    scene.write(revoke).await;
    scene.step().await;
    scene.push("v2", '2', None).await;
    scene.fan_out().await;
    scene
        .write(move |tx| tx.execute("DELETE FROM clusters WHERE id = $1", params![id]))
        .await;
    scene.step().await;
    assert_eq!(
        scene.states().await,
        [
            (DeliveryState::Failed, "not_granted".to_owned()),
            (DeliveryState::Failed, "cluster_gone".to_owned()),
        ]
    );
    assert_eq!(cluster.image(), OLD);
}
