//! Rollouts, in a cluster that pretends.

use super::scene::{Scene, digest};
use crate::{
    Clock,
    triggers::{ActionSpec, Progress, RolloutPhase, WorkloadSpec, open_cluster::WorkloadCluster},
};
use async_trait::async_trait;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use wharf_db::{
    params,
    triggers::{
        actions,
        deliveries::{self, Delivery},
    },
};
use wharf_integrations::target::kubernetes::{
    ClusterError, ContainerRef, ObjectName, PatchOptions, Patched, PinnedImage, PullChoice,
    RolledBack, RolloutFailure, RolloutNote, RolloutProgress, RolloutReason, RolloutState,
};
use wharf_model::{
    ClusterId,
    triggers::{ActionState, DeliveryState},
};

/// One deployment with one container.
#[derive(Default)]
struct Pretended {
    image: Mutex<String>,
    patches: Mutex<Vec<String>>,
    /// Which delivery changed it last.
    delivery: Mutex<Option<String>>,
    /// What somebody else gives the container between a dry run and what follows.
    meanwhile: Mutex<Option<String>>,
    /// What a look answers while the image is the one asked about; nothing is a cluster that does not answer.
    state: Mutex<Option<RolloutState>>,
    /// The token that it takes is another one.
    is_locked: AtomicBool,
    /// The pull secret that is there, and those that the workload was given.
    pull_secret: Mutex<Option<ObjectName>>,
    attached: Mutex<Vec<String>>,
}

impl Pretended {
    fn answer(&self, state: RolloutState) {
        *self.state.lock().unwrap() = Some(state);
    }

    fn image(&self) -> String {
        self.image.lock().unwrap().clone()
    }

    fn patches(&self) -> usize {
        self.patches.lock().unwrap().len()
    }
}

fn unreachable() -> ClusterError {
    ClusterError::TimedOut {
        host: "cluster.example".into(),
        subject: "deployment api in web".into(),
        limit: Duration::from_secs(30),
    }
}

fn busy() -> RolloutState {
    RolloutState::Progressing(RolloutProgress {
        desired: 3,
        updated: 1,
        ..RolloutProgress::default()
    })
}

fn done() -> RolloutState {
    RolloutState::Done(RolloutProgress {
        desired: 3,
        updated: 3,
        available: 3,
        ..RolloutProgress::default()
    })
}

fn crashed() -> RolloutState {
    RolloutState::Failed(RolloutFailure {
        reason: RolloutReason::CrashLoop,
        said: "back-off restarting failed container".into(),
        is_by_deadline: false,
        progress: RolloutProgress::default(),
    })
}

#[async_trait]
impl WorkloadCluster for Pretended {
    async fn set_image(
        &self,
        _target: &ContainerRef,
        image: &PinnedImage,
        options: &PatchOptions<'_>,
    ) -> Result<Patched, ClusterError> {
        if self.state.lock().unwrap().is_none() {
            return Err(unreachable());
        }
        if self.is_locked.load(Ordering::Relaxed) {
            return Err(ClusterError::Unauthorized {
                host: "cluster.example".into(),
                said: String::new(),
            });
        }
        let mut there = self.image.lock().unwrap();
        let mut delivery = self.delivery.lock().unwrap();
        let mut patched = Patched {
            is_changed: !image.is_same(&there),
            previous: there.clone(),
            generation: 1,
            delivery: delivery.clone(),
        };
        if options.dry_run {
            if let Some(image) = self.meanwhile.lock().unwrap().take() {
                *there = image;
                *delivery = None;
            }
            return Ok(patched);
        }
        if patched.is_changed {
            if options.expected.is_some_and(|image| image != *there) {
                return Err(ClusterError::Conflict {
                    host: "cluster.example".into(),
                    subject: "deployment api in web".into(),
                });
            }
            *there = image.to_string();
            *delivery = options.delivery.map(str::to_owned);
            patched.delivery = delivery.clone();
            self.patches.lock().unwrap().push(there.clone());
            let added = options.pull_secret.map(ToString::to_string);
            self.attached.lock().unwrap().extend(added);
        }
        Ok(patched)
    }

    async fn choose_pull_secret(
        &self,
        _target: &ContainerRef,
        host: &str,
        ours: &ObjectName,
    ) -> Result<PullChoice, ClusterError> {
        assert_eq!(host, "registry.example:5000");
        let there = self.pull_secret.lock().unwrap().clone();
        Ok(match there {
            Some(there) if there == *ours => PullChoice::Attach(there),
            _ => PullChoice::Missing,
        })
    }

    async fn read_rollout(
        &self,
        _target: &ContainerRef,
        image: &str,
    ) -> Result<RolloutState, ClusterError> {
        let state = self.state.lock().unwrap().clone().ok_or_else(unreachable)?;
        let there = self.image();
        Ok(match there == image {
            true => state,
            false => RolloutState::Superseded { image: there },
        })
    }

    async fn roll_back(
        &self,
        _target: &ContainerRef,
        ours: &PinnedImage,
        previous: &str,
    ) -> Result<RolledBack, ClusterError> {
        let mut there = self.image.lock().unwrap();
        if !ours.is_same(&there) {
            return Ok(RolledBack::NotOurs {
                image: there.clone(),
            });
        }
        *there = previous.to_owned();
        Ok(RolledBack::Done { generation: 2 })
    }
}

const HOTFIX: &str = "registry.example:5000/team/app:hotfix";
const OLD: &str = "registry.example:5000/team/app:v0";

/// A scene with one trigger that rolls out into the pretended cluster.
async fn make_scene(rollback: bool) -> (Scene, Arc<Pretended>, ClusterId) {
    let scene = Scene::make().await;
    let id = scene.add_cluster().await;
    scene
        .add_trigger("deploy", Scene::workload(id, rollback))
        .await;
    let cluster = Arc::new(Pretended::default());
    *cluster.image.lock().unwrap() = OLD.to_owned();
    cluster.answer(busy());
    pretend(&scene, id, &cluster);
    (scene, cluster, id)
}

fn pretend(scene: &Scene, id: ClusterId, cluster: &Arc<Pretended>) {
    let pretended = &scene.app.triggers.clusters.pretended;
    pretended.lock().insert(id, cluster.clone());
}

async fn progress_of(scene: &Scene, delivery: &Delivery) -> Progress {
    let id = delivery.id;
    let details = scene.write(move |tx| deliveries::find_details(tx, id));
    let (_, progress) = details.await.unwrap();
    Progress::read(&progress.unwrap()).unwrap()
}

/// Does what becomes due within the next seconds.
async fn look_again(scene: &Scene) {
    scene.clock.advance(Duration::from_secs(10));
    scene.step().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_is_patched_by_its_digest_and_followed_to_its_end() {
    let (scene, cluster, _) = make_scene(false).await;
    scene.push("v1", '1', None).await;
    scene.fan_out().await;
    scene.step().await;
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
    scene.push("v1-again", '1', None).await;
    scene.fan_out().await;
    scene.step().await;
    assert_eq!(scene.states().await[1].0, DeliveryState::Unchanged);
    assert_eq!(cluster.patches(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_image_never_rolls_out_late() {
    let (scene, cluster, _) = make_scene(false).await;
    *cluster.state.lock().unwrap() = None;
    scene.push("v1", '1', None).await;
    scene.push("gone", '3', None).await;
    scene.fan_out().await;
    scene.step().await;
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
    scene.push("v1", '1', None).await;
    scene.fan_out().await;
    scene.step().await;
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
async fn killed_in_mid_rollout_it_is_followed_on_and_patched_once() {
    let (scene, cluster, id) = make_scene(true).await;
    scene.push("v1", '1', None).await;
    scene.fan_out().await;
    scene.step().await;
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
    super::super::workload::attempt(&scene.app, &claimed, now)
        .await
        .unwrap();
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

#[tokio::test(flavor = "multi_thread")]
async fn a_rollout_that_fails_is_put_back_where_the_action_says_so() {
    let (scene, cluster, _) = make_scene(true).await;
    scene.push("v1", '1', None).await;
    scene.fan_out().await;
    scene.step().await;
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
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollout_that_does_not_end_fails_after_its_time_and_stays_without_rollback() {
    let (scene, cluster, _) = make_scene(false).await;
    scene.push("v1", '1', None).await;
    scene.fan_out().await;
    scene.step().await;
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
async fn a_large_deployment_that_moves_is_followed_for_longer_than_its_deadline() {
    let (scene, cluster, _) = make_scene(true).await;
    scene.push("v1", '1', None).await;
    scene.fan_out().await;
    scene.step().await;
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
    scene.push("v1", '1', None).await;
    scene.fan_out().await;
    scene.step().await;
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
async fn a_private_image_takes_the_secret_that_was_written_and_warns_where_there_is_none() {
    let (scene, cluster, _) = make_scene(false).await;
    scene.push("v1", '1', None).await;
    scene.fan_out().await;
    scene.step().await;
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
    scene.push("v1", '1', None).await;
    scene.fan_out().await;
    scene.step().await;
    assert_eq!(cluster.patches(), 1);
    assert!(cluster.attached.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_ended_is_tried_again_until_somebody_gives_another() {
    let (scene, cluster, _) = make_scene(false).await;
    cluster.is_locked.store(true, Ordering::Relaxed);
    scene.push("v1", '1', None).await;
    scene.fan_out().await;
    scene.step().await;
    let waiting = scene.deliveries().await.remove(0);
    assert_eq!(waiting.state, DeliveryState::Waiting);
    assert_eq!(
        scene.attempts(waiting.id).await[0].reason.as_deref(),
        Some("unauthorized")
    );
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
    scene.push("v1", '1', None).await;
    scene.fan_out().await;
    scene.step().await;
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

/// F16: who looked, stood still and patches late does not put an old image over what came meanwhile; the next try sees that,
/// and a rollback puts back what was really there.
#[tokio::test(flavor = "multi_thread")]
async fn f16_what_came_between_the_look_and_the_patch_is_not_overwritten_and_is_what_comes_back() {
    let (scene, cluster, _) = make_scene(true).await;
    *cluster.meanwhile.lock().unwrap() = Some(HOTFIX.to_owned());
    scene.push("v1", '1', None).await;
    scene.fan_out().await;
    scene.step().await;
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
    let late = super::super::workload::attempt(&scene.app, &stale, now);
    assert_eq!(
        late.await.unwrap().verdict,
        super::super::settle::Verdict::Lost
    );
    assert_eq!(cluster.patches(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_somebody_else_put_there_is_not_taken_for_our_work() {
    let (scene, cluster, _) = make_scene(true).await;
    let ours = format!("registry.example:5000/team/app:v1@{}", digest('1'));
    // The first try is noted and comes to nothing; then somebody gives the container the same image.
    *cluster.meanwhile.lock().unwrap() = Some(HOTFIX.to_owned());
    scene.push("v1", '1', None).await;
    scene.fan_out().await;
    scene.step().await;
    *cluster.image.lock().unwrap() = ours.clone();
    look_again(&scene).await;
    assert_eq!(scene.states().await[0].0, DeliveryState::Unchanged);
    cluster.answer(crashed());
    look_again(&scene).await;
    assert_eq!((cluster.image(), cluster.patches()), (ours, 0));
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
