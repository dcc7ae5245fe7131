//! What rolls out is what is newest, and nothing of anybody else is overwritten.

use super::{
    super::{
        pretended::{crashed, done},
        scene::{Scene, digest},
    },
    HOTFIX, begin, look_again, make_scene, progress_of,
};
use crate::{
    Clock,
    triggers::{ActionSpec, WorkloadSpec, settle::Verdict, workload},
};
use wharf_db::{params, triggers::deliveries};
use wharf_model::triggers::DeliveryState;

#[tokio::test(flavor = "multi_thread")]
async fn an_old_image_never_rolls_out_late() {
    let (scene, cluster, _) = make_scene(false).await;
    *cluster.state.lock().unwrap() = None;
    scene.push("v1", '1', None).await;
    begin(&scene, "gone", '3').await;
    assert_eq!(scene.deliveries().await[0].state, DeliveryState::Waiting);
    // While the cluster was away the tag moved, and another one was deleted.
    scene.push("v1", '2', Some('1')).await;
    scene.delete_tag("gone").await;
    scene.fan_out().await;
    cluster.answer(done());
    for _ in 0..4 {
        look_again(&scene).await;
    }
    let states = scene.states().await;
    assert_eq!(states[0], (DeliveryState::Superseded, "tag_moved".into()));
    assert_eq!(states[1], (DeliveryState::Superseded, "tag_deleted".into()));
    assert_eq!(states[2].0, DeliveryState::Succeeded);
    assert_eq!(cluster.patches(), 1);
    assert!(cluster.image().ends_with(&digest('2').to_string()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_newer_takes_over_in_mid_rollout_whichever_tag_it_has() {
    let (scene, cluster, _) = make_scene(false).await;
    begin(&scene, "v1", '1').await;
    look_again(&scene).await;
    // The same tag: at once, without the clock.
    scene.push("v1", '2', Some('1')).await;
    scene.fan_out().await;
    scene.step().await;
    assert_eq!(
        scene.states().await[0],
        (DeliveryState::Superseded, "newer_event".into())
    );
    scene.step().await;
    assert!(cluster.image().ends_with(&digest('2').to_string()));
    // Another tag for the same container does not wait for the rollout.
    scene.push("v2", '3', None).await;
    scene.fan_out().await;
    for _ in 0..3 {
        look_again(&scene).await;
    }
    let states = scene.states().await;
    assert_eq!(states[1], (DeliveryState::Superseded, "newer_event".into()));
    assert_eq!(states[2].0, DeliveryState::Running);
    assert!(cluster.image().ends_with(&digest('3').to_string()));
    assert_eq!(cluster.patches(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn by_hand_too_only_what_was_chosen_rolls_out() {
    let (scene, cluster, _) = make_scene(false).await;
    scene.push("v1", '1', None).await;
    scene.fan_out().await;
    let by_hand = |tx: &mut wharf_db::Tx<'_>| {
        tx.execute("UPDATE trigger_deliveries SET by_hand = $1", params![true])
    };
    scene.write(by_hand).await;
    scene.push("v1", '2', Some('1')).await;
    scene.step().await;
    assert_eq!(
        scene.states().await,
        [(DeliveryState::Superseded, "tag_moved".to_owned())]
    );
    assert_eq!(cluster.patches(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_for_another_workload_does_not_go_to_the_new_one() {
    let (scene, cluster, id) = make_scene(false).await;
    scene.push("v1", '1', None).await;
    scene.fan_out().await;
    let ActionSpec::Workload(spec) = Scene::workload(id, false) else {
        panic!("another kind");
    };
    let elsewhere = ActionSpec::Workload(WorkloadSpec {
        name: "other".into(),
        ..spec
    });
    let definition = elsewhere.to_text();
    scene
        .write(move |tx| {
            let edit = "UPDATE trigger_actions SET definition = $1";
            tx.execute(edit, params![definition])
        })
        .await;
    scene.step().await;
    assert_eq!(
        scene.states().await,
        [(DeliveryState::Superseded, "action_changed".to_owned())]
    );
    assert_eq!(cluster.patches(), 0);
}

/// F16: who looked, stood still and patches late does not put an old image over what came meanwhile; the next try sees that,
/// and a rollback puts back what was really there.
#[tokio::test(flavor = "multi_thread")]
async fn f16_what_came_between_the_look_and_the_patch_is_not_overwritten_and_is_what_comes_back() {
    let (scene, cluster, _) = make_scene(true).await;
    *cluster.meanwhile.lock().unwrap() = Some(HOTFIX.to_owned());
    begin(&scene, "v1", '1').await;
    assert_eq!((cluster.image().as_str(), cluster.patches()), (HOTFIX, 0));
    let waits = scene.deliveries().await.remove(0);
    assert_eq!(
        (waits.state, waits.reason.as_deref()),
        (DeliveryState::Waiting, Some("conflict"))
    );
    look_again(&scene).await;
    assert_eq!(cluster.patches(), 1);
    let running = scene.deliveries().await.remove(0);
    let live = progress_of(&scene, &running).await;
    assert_eq!(live.previous.as_deref(), Some(HOTFIX));
    cluster.answer(crashed());
    look_again(&scene).await;
    assert_eq!(cluster.image(), HOTFIX);
}

/// The delivery that was lost meanwhile is not followed by a patch.
#[tokio::test(flavor = "multi_thread")]
async fn f16_a_stale_holder_of_a_workload_patches_nothing() {
    let (scene, cluster, _) = make_scene(false).await;
    scene.push("v1", '1', None).await;
    scene.fan_out().await;
    let due = scene.due().await[0];
    let (owner, now) = (scene.app.builds.owner.clone(), scene.clock.now());
    let stale = scene.write(move |tx| deliveries::claim_delivery(tx, due, &owner, now));
    let stale = stale.await.unwrap();
    scene.app.recover_own_deliveries().await.unwrap();
    let late = workload::attempt(&scene.app, &stale, now);
    assert_eq!(late.await.unwrap().verdict, Verdict::Lost);
    assert_eq!(cluster.patches(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_somebody_else_put_there_is_not_taken_for_our_work() {
    let (scene, cluster, _) = make_scene(true).await;
    let ours = format!("registry.example:5000/team/app:v1@{}", digest('1'));
    // The first try is noted and comes to nothing; then somebody gives the container the same image.
    *cluster.meanwhile.lock().unwrap() = Some(HOTFIX.to_owned());
    begin(&scene, "v1", '1').await;
    *cluster.image.lock().unwrap() = ours.clone();
    look_again(&scene).await;
    assert_eq!(scene.states().await[0].0, DeliveryState::Unchanged);
    cluster.answer(crashed());
    look_again(&scene).await;
    assert_eq!((cluster.image(), cluster.patches()), (ours, 0));
}
