//! Rollouts followed to their end: how they succeed, fail, are put back, and go on after a kill.

use super::{
    super::{
        pretended::{busy, crashed, done},
        scene::digest,
    },
    OLD, begin, look_again, make_scene, pretend, progress_of,
};
use crate::{
    Clock,
    triggers::{RolloutPhase, SentText, TimingsText, workload},
};
use std::time::Duration;
use wharf_db::triggers::deliveries;
use wharf_integrations::target::kubernetes::{
    RolloutFailure, RolloutProgress, RolloutReason, RolloutState,
};
use wharf_model::triggers::DeliveryState;

/// A Deployment whose pods came so far, with a deadline of ten minutes for each step.
fn come(updated: i64) -> RolloutProgress {
    RolloutProgress {
        desired: 100,
        updated,
        available: 100,
        old: 100 - updated,
        deadline_seconds: Some(600),
        ..RolloutProgress::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_is_patched_by_its_digest_and_followed_to_its_end() {
    let (scene, cluster, _) = make_scene(false).await;
    begin(&scene, "v1", '1').await;
    let image = format!("registry.example:5000/team/app:v1@{}", digest('1'));
    assert_eq!(cluster.image(), image);
    let running = scene.deliveries().await.remove(0);
    assert_eq!(running.state, DeliveryState::Running);
    look_again(&scene).await;
    let live = progress_of(&scene, &running).await;
    assert_eq!(
        (live.phase, live.rollout.updated),
        (RolloutPhase::RollingOut, 1)
    );
    assert_eq!((live.image, live.previous.as_deref()), (image, Some(OLD)));
    cluster.answer(done());
    look_again(&scene).await;
    let ended = scene.deliveries().await.remove(0);
    assert_eq!((ended.state, ended.attempts), (DeliveryState::Succeeded, 1));
    assert_eq!(progress_of(&scene, &ended).await.rollout.available, 3);
    // The same digest under another tag: nothing is done.
    begin(&scene, "v1-again", '1').await;
    assert_eq!(scene.states().await[1].0, DeliveryState::Unchanged);
    assert_eq!(cluster.patches(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollout_that_fails_is_put_back_where_the_action_says_so() {
    let (scene, cluster, _) = make_scene(true).await;
    begin(&scene, "v1", '1').await;
    cluster.answer(crashed());
    look_again(&scene).await;
    assert_eq!(cluster.image(), OLD);
    let running = scene.deliveries().await.remove(0);
    let live = progress_of(&scene, &running).await;
    assert_eq!(live.phase, RolloutPhase::RollingBack);
    cluster.answer(done());
    look_again(&scene).await;
    assert_eq!(
        scene.states().await,
        [(DeliveryState::Failed, "crash_loop".to_owned())]
    );
    let ended = scene.deliveries().await.remove(0);
    assert_eq!(progress_of(&scene, &ended).await.phase, RolloutPhase::Over);
    // The log has what was asked of the cluster, there and back.
    assert_eq!(ended.attempts, 2, "putting back is an attempt");
    let attempts = scene.attempts(ended.id).await;
    let shown = attempts.iter().map(|one| {
        let sent: SentText = serde_json::from_str(one.request.as_deref().unwrap()).unwrap();
        let timings: TimingsText = serde_json::from_str(&one.timings).unwrap();
        assert_eq!(
            (one.status, timings.waited, timings.read),
            (Some(200), 7, 3)
        );
        (one.outcome.clone(), sent.method, sent.body)
    });
    let patched = format!("registry.example:5000/team/app:v1@{}", digest('1'));
    assert_eq!(
        shown.collect::<Vec<_>>(),
        [("rolled_back", OLD), ("patched", patched.as_str())].map(|(outcome, body)| (
            outcome.to_owned(),
            "PATCH".to_owned(),
            body.to_owned()
        ))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollout_that_does_not_end_fails_after_its_time_and_stays_without_rollback() {
    let (scene, cluster, _) = make_scene(false).await;
    begin(&scene, "v1", '1').await;
    // The cluster goes away in between, which is no failure of the rollout.
    *cluster.state.lock().unwrap() = None;
    look_again(&scene).await;
    let running = scene.deliveries().await.remove(0);
    assert_eq!(running.state, DeliveryState::Running);
    assert_eq!(
        progress_of(&scene, &running).await.blind.unwrap().0,
        "timed_out"
    );
    cluster.answer(busy());
    scene.clock.advance(Duration::from_secs(600));
    scene.step().await;
    assert_eq!(
        scene.states().await,
        [(DeliveryState::Failed, "rollout_timeout".to_owned())]
    );
    assert_ne!(cluster.image(), OLD);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_deployment_that_moves_is_followed_for_longer_than_its_deadline() {
    let (scene, cluster, _) = make_scene(true).await;
    begin(&scene, "v1", '1').await;
    for updated in [10, 20, 30, 40] {
        cluster.answer(RolloutState::Progressing(come(updated)));
        scene.clock.advance(Duration::from_secs(400));
        scene.step().await;
        assert_eq!(scene.deliveries().await[0].state, DeliveryState::Running);
    }
    // It stands still; the controller has a moment to say so itself.
    scene.clock.advance(Duration::from_secs(659));
    scene.step().await;
    let live = scene.deliveries().await.remove(0);
    assert_eq!(
        progress_of(&scene, &live).await.phase,
        RolloutPhase::RollingOut
    );
    look_again(&scene).await;
    assert_eq!(cluster.image(), OLD, "late, and put back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_that_an_earlier_rollout_missed_is_no_failure_of_this_one() {
    let (scene, cluster, _) = make_scene(false).await;
    begin(&scene, "v1", '1').await;
    let late = || {
        RolloutState::Failed(RolloutFailure {
            reason: RolloutReason::Deadline,
            said: "has timed out progressing".into(),
            is_by_deadline: true,
            progress: come(0),
        })
    };
    cluster.answer(late());
    look_again(&scene).await;
    assert_eq!(scene.deliveries().await[0].state, DeliveryState::Running);
    scene.clock.advance(Duration::from_secs(600));
    scene.step().await;
    assert_eq!(
        scene.states().await,
        [(DeliveryState::Failed, "deadline".to_owned())]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_mid_rollout_it_is_followed_on_and_patched_once() {
    let (scene, cluster, id) = make_scene(true).await;
    begin(&scene, "v1", '1').await;
    let scene = scene.start_again().await;
    pretend(&scene, id, &cluster);
    scene.app.recover_own_deliveries().await.unwrap();
    look_again(&scene).await;
    assert_eq!(scene.deliveries().await[0].state, DeliveryState::Running);
    cluster.answer(done());
    look_again(&scene).await;
    let ended = scene.deliveries().await.remove(0);
    assert_eq!((ended.state, ended.attempts), (DeliveryState::Succeeded, 1));
    assert_eq!(cluster.patches(), 1);
}

/// Killed after the patch and before it was noted: the next attempt finds its own work, knows what was there before, and
/// follows.
#[tokio::test(flavor = "multi_thread")]
async fn killed_between_patch_and_mark_it_follows_its_own_work_and_can_put_it_back() {
    let (scene, cluster, id) = make_scene(true).await;
    scene.push("v1", '1', None).await;
    scene.fan_out().await;
    let due = scene.due().await[0];
    let (owner, now) = (scene.app.builds.owner.clone(), scene.clock.now());
    let claimed = scene.write(move |tx| deliveries::claim_delivery(tx, due, &owner, now));
    let claimed = claimed.await.unwrap();
    workload::attempt(&scene.app, &claimed, now).await.unwrap();
    assert_eq!(cluster.patches(), 1);
    let scene = scene.start_again().await;
    pretend(&scene, id, &cluster);
    scene.app.recover_own_deliveries().await.unwrap();
    scene.step().await;
    let running = scene.deliveries().await.remove(0);
    assert_eq!(
        (running.state, cluster.patches()),
        (DeliveryState::Running, 1)
    );
    cluster.answer(crashed());
    look_again(&scene).await;
    assert_eq!(cluster.image(), OLD, "what was there before");
}
