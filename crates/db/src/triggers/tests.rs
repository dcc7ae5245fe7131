//! Order, leases and fences of deliveries, on SQLite; the suites run the same statements on PostgreSQL.

use super::{
    actions::{TriggerAction, list_actions, put_action},
    backlog::{begin_backlog, list_behind, move_backlog},
    deliveries::*,
    *,
};
use crate::{DatabaseUrl, Db, DbError, Durability, Tx, accounts, params};
use std::time::Duration;
use wharf_model::{
    ActionId, EventId, Facts, NamespaceId, RepositoryId, Timestamp, TriggerDeliveryId, TriggerId,
    triggers::{ActionKind, ActionState, DeliveryState, EventKind},
};
use wharf_oci::Tag;

const NOW: Timestamp = Timestamp::from_seconds(1_900_000_000);

struct Scene {
    db: Db,
    namespace: NamespaceId,
    repository: RepositoryId,
    trigger: TriggerId,
    _folder: tempfile::TempDir,
}

impl Scene {
    async fn make() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&DatabaseUrl::Sqlite(folder.path().join("wharf.db"))).unwrap();
        let (namespace, repository, trigger) =
            (NamespaceId::new(), RepositoryId::new(), TriggerId::new());
        db.write(Durability::Relaxed, move |tx| {
            accounts::insert_namespace(tx, namespace, "team", "", "alice", NOW)?;
            let new = crate::repositories::NewRepository {
                facts: Facts {
                    repository,
                    namespace,
                    name: "team/app".parse().unwrap(),
                    public: false,
                },
                short_description: String::new(),
                description: String::new(),
                created_by: "alice".into(),
                at: NOW,
            };
            crate::repositories::insert_repository(tx, &new)?;
            tx.execute(
                "INSERT INTO triggers (id, namespace_id, repository_id, name, events, rules, condition_kind,
                    condition_text, enabled, active_since, version, created_by, created_at, changed_by, changed_at)
                 VALUES ($1, $2, $3, 'deploy', '[\"tag_created\"]', '[]', 'all', '', $4, $5, 1, 'alice', $5, 'alice', $5)",
                params![trigger, namespace, repository, true, NOW],
            )?;
            Ok::<_, DbError>(())
        })
        .await
        .unwrap();
        Self {
            db,
            namespace,
            repository,
            trigger,
            _folder: folder,
        }
    }

    async fn add_action(&self, kind: ActionKind, target: &str) -> TriggerAction {
        let action = TriggerAction {
            id: ActionId::new(),
            trigger: self.trigger,
            position: 0,
            kind,
            label: target.into(),
            lane: format!("lane of {target}"),
            target: target.into(),
            cluster: None,
            state: ActionState::Active,
            problem: None,
            problem_detail: String::new(),
            state_since: NOW,
            definition: "{}".into(),
            backlog_from: None,
        };
        let kept = action.clone();
        self.write(move |tx| put_action(tx, &kept)).await;
        action
    }

    async fn write<T: Send + 'static>(
        &self,
        write: impl Fn(&mut Tx<'_>) -> Result<T, DbError> + Send + 'static,
    ) -> T {
        self.db.write(Durability::Relaxed, write).await.unwrap()
    }

    async fn deliver(
        &self,
        event: EventId,
        action: &TriggerAction,
        tag: &str,
    ) -> Option<TriggerDeliveryId> {
        self.deliver_as(event, action, tag, false).await
    }

    async fn deliver_as(
        &self,
        event: EventId,
        action: &TriggerAction,
        tag: &str,
        by_hand: bool,
    ) -> Option<TriggerDeliveryId> {
        let (namespace, repository) = (self.namespace, self.repository);
        let (id, action) = (self.trigger, action.clone());
        let tag: Tag = tag.parse().unwrap();
        self.write(move |tx| {
            let trigger = find_trigger_by_id(tx, id)?.unwrap();
            let made = insert_deliveries(
                tx,
                &[NewDelivery {
                    event,
                    event_kind: EventKind::TagChanged,
                    by_hand,
                    actor: "alice",
                    namespace,
                    repository,
                    repository_name: &"team/app".parse().unwrap(),
                    tag: Some(&tag),
                    digest: None,
                    trigger: &trigger,
                    action: action.id,
                    dead: None,
                    facts: "{}",
                    at: NOW,
                    give_up_at: NOW.plus(Duration::from_secs(86_400)),
                }],
            )?;
            Ok(made[0])
        })
        .await
    }

    async fn due(&self) -> Vec<TriggerDeliveryId> {
        let due = self
            .write(|tx| list_due(tx, NOW, &Full::default(), 100))
            .await;
        due.into_iter().map(|due| due.delivery).collect()
    }

    async fn claim(&self, id: TriggerDeliveryId) -> Option<Claimed> {
        self.write(move |tx| claim_delivery(tx, id, "me/1", NOW))
            .await
    }

    async fn end(&self, claim: Claim) -> bool {
        let end = End {
            state: DeliveryState::Succeeded,
            reason: None,
            detail: String::new(),
            at: NOW,
        };
        self.write(move |tx| end_delivery(tx, claim, &end)).await
    }
}

#[tokio::test]
async fn an_event_makes_one_delivery_of_an_action_however_often_it_is_read() {
    let scene = Scene::make().await;
    let action = scene.add_action(ActionKind::Webhook, "hook").await;
    let event = EventId::new();
    assert!(scene.deliver(event, &action, "v1").await.is_some());
    assert_eq!(scene.deliver(event, &action, "v1").await, None);
    let gone = TriggerAction {
        id: ActionId::new(),
        ..action
    };
    assert_eq!(scene.deliver(EventId::new(), &gone, "v1").await, None);
}

#[tokio::test]
async fn only_the_oldest_of_a_tag_goes_and_other_tags_and_targets_do_not_wait_for_it() {
    let scene = Scene::make().await;
    let hook = scene.add_action(ActionKind::Webhook, "hook").await;
    let other = scene.add_action(ActionKind::Webhook, "other").await;
    let first = scene.deliver(EventId::new(), &hook, "v1").await.unwrap();
    let second = scene.deliver(EventId::new(), &hook, "v1").await.unwrap();
    let tag = scene.deliver(EventId::new(), &hook, "v2").await.unwrap();
    let target = scene.deliver(EventId::new(), &other, "v1").await.unwrap();
    assert_eq!(scene.due().await, [first, tag, target]);
    assert!(scene.claim(second).await.is_none());
    let claimed = scene.claim(first).await.unwrap();
    assert!(scene.claim(first).await.is_none(), "it is taken");
    assert_eq!(scene.due().await, [tag, target]);
    let later = NOW.plus(Duration::from_secs(60));
    assert!(
        scene
            .write(move |tx| wait_again(tx, claimed.claim, later, Some("unreachable"), ""))
            .await
    );
    assert_eq!(scene.due().await, [tag, target], "it still goes first");
    let again = scene
        .write(move |tx| claim_delivery(tx, first, "me/1", later))
        .await
        .unwrap();
    assert_eq!((again.delivery.attempts, again.delivery.tries), (2, 2));
    assert!(scene.end(again.claim).await);
    assert_eq!(scene.due().await, [second, tag, target]);
}

#[tokio::test]
async fn who_lost_a_delivery_changes_nothing() {
    let scene = Scene::make().await;
    let action = scene.add_action(ActionKind::Webhook, "hook").await;
    let id = scene.deliver(EventId::new(), &action, "v1").await.unwrap();
    let stale = scene.claim(id).await.unwrap().claim;
    let released = scene
        .write(move |tx| release_delivery(tx, stale, NOW))
        .await;
    assert_eq!(released.unwrap().state, DeliveryState::Waiting);
    let fresh = scene.claim(id).await.unwrap();
    assert_eq!(fresh.delivery.id, id, "the same id");
    assert!(!scene.end(stale).await);
    assert!(!scene.write(move |tx| holds_lease(tx, stale)).await);
    assert!(scene.write(move |tx| holds_lease(tx, fresh.claim)).await);
    let whose = Whose::Trigger(scene.trigger);
    let canceled = scene
        .write(move |tx| cancel_deliveries(tx, whose, "trigger_deleted", "alice", NOW))
        .await;
    assert_eq!(canceled, 1);
    assert!(!scene.end(fresh.claim).await, "it was called off meanwhile");
}

#[tokio::test]
async fn a_rollout_is_followed_without_being_held_and_gives_way_to_what_is_newer() {
    let scene = Scene::make().await;
    let workload = scene
        .add_action(ActionKind::Workload, "c/ns/deployment/web/app")
        .await;
    let old = scene
        .deliver(EventId::new(), &workload, "v1")
        .await
        .unwrap();
    let claimed = scene.claim(old).await.unwrap();
    let later = NOW.plus(Duration::from_secs(5));
    let claim = claimed.claim;
    assert!(
        scene
            .write(move |tx| follow_rollout(tx, claim, NOW, "{}", later))
            .await
    );
    assert!(scene.due().await.is_empty());
    // Another tag for the same container does not wait for the rollout, but the rollout is overtaken once that went there.
    let other = scene
        .deliver(EventId::new(), &workload, "v2")
        .await
        .unwrap();
    let other = scene.claim(other).await.unwrap();
    let followed = claimed.delivery.clone();
    let overtaken = |delivery: Delivery| scene.write(move |tx| is_overtaken(tx, &delivery));
    assert_eq!(overtaken(followed.clone()).await, None);
    let claim = other.claim;
    scene
        .write(move |tx| follow_rollout(tx, claim, NOW, "{}", later))
        .await;
    assert_eq!(overtaken(followed).await, Some(other.delivery.event));
    // What is newer of the same tag has it looked at now.
    let newer = scene
        .deliver(EventId::new(), &workload, "v1")
        .await
        .unwrap();
    assert!(scene.due().await.is_empty());
    scene.write(move |tx| hasten_older(tx, newer, NOW)).await;
    assert_eq!(scene.due().await, [old]);
    let again = scene.claim(old).await.unwrap();
    assert_eq!(again.delivery.attempts, 1, "looking is no attempt");
    assert!(again.delivery.patched_at.is_some() && again.progress.is_some());
}

#[tokio::test]
async fn dead_letters_of_an_action_are_sent_again_under_their_ids() {
    let scene = Scene::make().await;
    let action = scene.add_action(ActionKind::Webhook, "hook").await;
    let first = scene.deliver(EventId::new(), &action, "v1").await.unwrap();
    let second = scene.deliver(EventId::new(), &action, "v2").await.unwrap();
    let (id, namespace) = (action.id, scene.namespace);
    let dead = scene
        .write(move |tx| fail_waiting_of_action(tx, id, "gone", NOW))
        .await;
    assert_eq!(dead, 2);
    assert!(scene.due().await.is_empty());
    let again = scene
        .write(move |tx| redeliver_dead_of_action(tx, namespace, id, NOW, NOW, NOW))
        .await;
    assert_eq!((again, scene.due().await), (2, vec![first, second]));
    let actions = scene.write({
        let trigger = scene.trigger;
        move |tx| list_actions(tx, trigger)
    });
    assert_eq!(actions.await.len(), 1);
}

/// How many rows the index of what is due has.
async fn count_due_rows(scene: &Scene) -> u64 {
    scene
        .write(|tx| {
            let row = tx.query_first(
                "SELECT COUNT(*) FROM trigger_deliveries WHERE due_at IS NOT NULL",
                &[],
            )?;
            row.unwrap().take(0)
        })
        .await
}

#[tokio::test]
async fn what_stands_behind_in_a_line_is_not_looked_at_and_each_end_wakes_the_next() {
    let scene = Scene::make().await;
    let hook = scene.add_action(ActionKind::Webhook, "hook").await;
    let mut line = Vec::new();
    for _ in 0..5 {
        line.push(scene.deliver(EventId::new(), &hook, "v1").await.unwrap());
    }
    assert_eq!(count_due_rows(&scene).await, 1);
    for id in line {
        assert_eq!(scene.due().await, [id]);
        let claim = scene.claim(id).await.unwrap().claim;
        assert!(scene.end(claim).await);
    }
    assert_eq!(count_due_rows(&scene).await, 0);
}

#[tokio::test]
async fn heads_of_lines_whose_earlier_ones_ended_with_others_are_found_and_woken() {
    let scene = Scene::make().await;
    let target = "c/ns/deployment/web/app";
    let gone = scene.add_action(ActionKind::Workload, target).await;
    let stays = scene.add_action(ActionKind::Workload, target).await;
    scene.deliver(EventId::new(), &gone, "v1").await.unwrap();
    let next = scene.deliver(EventId::new(), &stays, "v1").await.unwrap();
    let whose = Whose::Action(gone.id);
    scene
        .write(move |tx| cancel_deliveries(tx, whose, "action_deleted", "alice", NOW))
        .await;
    assert!(scene.due().await.is_empty(), "nobody woke it yet");
    let asleep = scene.write(|tx| list_asleep(tx, 10)).await;
    assert_eq!(asleep, [next]);
    scene.write(move |tx| wake(tx, &asleep)).await;
    assert_eq!(scene.due().await, [next]);
    assert!(scene.write(|tx| list_asleep(tx, 10)).await.is_empty());
}

#[tokio::test]
async fn full_lanes_namespaces_and_actions_are_left_out() {
    let scene = Scene::make().await;
    let hook = scene.add_action(ActionKind::Webhook, "hook").await;
    let other = scene.add_action(ActionKind::Webhook, "other").await;
    scene.deliver(EventId::new(), &hook, "v1").await.unwrap();
    let second = scene.deliver(EventId::new(), &other, "v1").await.unwrap();
    let lanes = Full {
        lanes: vec![hook.lane.clone()],
        namespaces: vec![NamespaceId::new()],
        actions: vec![ActionId::new()],
    };
    let due = scene.write(move |tx| list_due(tx, NOW, &lanes, 10)).await;
    let due: Vec<_> = due
        .iter()
        .map(|one| (one.delivery, one.namespace))
        .collect();
    assert_eq!(due, [(second, scene.namespace)]);
    let namespaces = Full {
        lanes: vec!["another".into()],
        namespaces: vec![scene.namespace],
        actions: Vec::new(),
    };
    let due = scene.write(move |tx| list_due(tx, NOW, &namespaces, 10));
    assert!(due.await.is_empty());
    let actions = Full {
        actions: vec![hook.id],
        ..Full::default()
    };
    let due = scene.write(move |tx| list_due(tx, NOW, &actions, 10)).await;
    assert_eq!((due.len(), due[0].action), (1, other.id));
}

#[tokio::test]
async fn beyond_the_most_that_may_wait_the_oldest_of_an_action_are_given_up_visibly() {
    let scene = Scene::make().await;
    let hook = scene.add_action(ActionKind::Webhook, "hook").await;
    let other = scene.add_action(ActionKind::Webhook, "other").await;
    scene.deliver(EventId::new(), &other, "v1").await.unwrap();
    let mut made = Vec::new();
    for count in 0..MOST_OPEN + 2 {
        let tag = format!("v{count}");
        made.push(scene.deliver(EventId::new(), &hook, &tag).await.unwrap());
    }
    let counts = scene.write(count_open).await;
    assert_eq!(counts.open, MOST_OPEN + 1, "the other action's is its own");
    for (place, is_over) in [(0, true), (1, true), (2, false), (made.len() - 1, false)] {
        let id = made[place];
        let found = scene.write(move |tx| find_delivery_by_id(tx, id));
        let found = found.await.unwrap();
        assert_eq!(found.state.is_over(), is_over, "{place}");
        let reason = is_over.then_some("too_many_waiting");
        assert_eq!(found.reason.as_deref(), reason);
    }
}

#[tokio::test]
async fn what_a_backlog_brings_is_made_by_nobody_else_and_by_hand_at_once() {
    let scene = Scene::make().await;
    let hook = scene.add_action(ActionKind::Webhook, "hook").await;
    let (before, from, after) = (EventId::new(), EventId::new(), EventId::new());
    let action = hook.id;
    let begin = |event| scene.write(move |tx| begin_backlog(tx, action, event));
    begin(after).await;
    begin(from).await;
    begin(after).await;
    let list = || scene.write(|tx| list_behind(tx, &[], NOW, 10));
    let behind = list().await;
    assert_eq!((behind.len(), behind[0].from), (1, from), "the earliest");
    assert!(scene.deliver(before, &hook, "v1").await.is_some());
    assert_eq!(scene.deliver(from, &hook, "v2").await, None);
    assert!(scene.deliver_as(after, &hook, "v3", true).await.is_some());
    let moved = |from, to| scene.write(move |tx| move_backlog(tx, action, from, to));
    assert!(!moved(after, None).await, "it begins elsewhere");
    assert!(moved(from, Some(after)).await);
    assert!(scene.deliver(from, &hook, "v2").await.is_some());
    assert!(moved(after, None).await);
    assert!(list().await.is_empty());
}

#[tokio::test]
async fn mail_takes_places_of_its_namespace_also_after_an_edit() {
    let scene = Scene::make().await;
    let mail = scene.add_action(ActionKind::Mail, "mail").await;
    let id = scene.deliver(EventId::new(), &mail, "v1").await.unwrap();
    let own = format!("{} {}", mail.lane, scene.namespace);
    for _ in 0..2 {
        let found = scene.write(move |tx| find_delivery_by_id(tx, id));
        assert_eq!(found.await.unwrap().lane, own);
        let again = mail.clone();
        scene.write(move |tx| put_action(tx, &again)).await;
    }
}

#[tokio::test]
async fn what_a_workload_had_already_is_known_to_have_reached_it_also_once_it_is_sent_again() {
    let scene = Scene::make().await;
    let workload = scene
        .add_action(ActionKind::Workload, "c/ns/deployment/web/app")
        .await;
    let old = scene
        .deliver(EventId::new(), &workload, "v1")
        .await
        .unwrap();
    let new = scene
        .deliver(EventId::new(), &workload, "v2")
        .await
        .unwrap();
    let old = scene.claim(old).await.unwrap();
    let later = NOW.plus(Duration::from_secs(5));
    let claim = old.claim;
    scene
        .write(move |tx| wait_again(tx, claim, later, Some("unreachable"), ""))
        .await;
    let newer = scene.claim(new).await.unwrap();
    let (claim, event) = (newer.claim, newer.delivery.event);
    let end = End {
        state: DeliveryState::Unchanged,
        reason: None,
        detail: String::new(),
        at: NOW,
    };
    scene.write(move |tx| end_delivery(tx, claim, &end)).await;
    let overtaken = || {
        let old = old.delivery.clone();
        scene.write(move |tx| is_overtaken(tx, &old))
    };
    assert_eq!(overtaken().await, Some(event));
    let again = "UPDATE trigger_deliveries SET next_at = 0, due_at = 0, patched_at = NULL, ended_at = NULL WHERE id = $1";
    scene.write(move |tx| tx.execute(again, params![new])).await;
    assert_eq!(overtaken().await, Some(event));
}

#[tokio::test]
async fn only_what_an_action_missed_since_then_is_sent_again() {
    let scene = Scene::make().await;
    let hook = scene.add_action(ActionKind::Webhook, "hook").await;
    let mut wanted = Vec::new();
    for (reason, ended, is_sent) in [
        ("gone", 0_u64, true),
        ("action_disabled", 1, true),
        ("gave_up", 2, true),
        ("answer_status", 2, false),
        ("too_many_waiting", 2, false),
    ] {
        let id = scene.deliver(EventId::new(), &hook, reason).await.unwrap();
        let old = scene.deliver(EventId::new(), &hook, "old").await.unwrap();
        let ended = NOW.plus(Duration::from_secs(ended));
        scene
            .write(move |tx| {
                let end = "UPDATE trigger_deliveries SET state = 'failed', reason = $2, ended_at = $3, next_at = NULL,
                    due_at = NULL WHERE id = $1";
                tx.execute(end, params![id, reason, ended])?;
                let before = NOW.minus(Duration::from_secs(1));
                tx.execute(end, params![old, reason, before])
            })
            .await;
        wanted.extend(is_sent.then_some(id));
    }
    let (id, namespace) = (hook.id, scene.namespace);
    let again = scene.write(move |tx| redeliver_dead_of_action(tx, namespace, id, NOW, NOW, NOW));
    assert_eq!((again.await, scene.due().await), (3, wanted));
}

#[tokio::test]
async fn bodies_of_the_first_and_the_last_attempts_are_kept_alone() {
    let scene = Scene::make().await;
    let hook = scene.add_action(ActionKind::Webhook, "hook").await;
    let id = scene.deliver(EventId::new(), &hook, "v1").await.unwrap();
    for number in 1..=7 {
        let attempt = attempts::Attempt {
            delivery: id,
            number,
            started_at: NOW,
            ended_at: NOW,
            outcome: "retry".into(),
            status: None,
            reason: None,
            detail: String::new(),
            timings: "{}".into(),
            request: Some("{}".into()),
            response: Some("{}".into()),
        };
        scene
            .write(move |tx| attempts::insert_attempt(tx, &attempt))
            .await;
    }
    let kept = scene.write(move |tx| attempts::list_attempts(tx, id, 10));
    let kept = kept.await;
    assert_eq!(kept.len(), 7);
    let with_bodies: Vec<_> = kept
        .iter()
        .filter(|one| one.request.is_some() && one.response.is_some())
        .map(|one| one.number)
        .collect();
    assert_eq!(with_bodies, [7, 6, 5, 1]);
    let counted = scene.write(move |tx| find_delivery_by_id(tx, id));
    assert_eq!(counted.await.unwrap().attempts, 7, "each is counted");
}

#[tokio::test]
async fn what_is_over_for_long_goes_in_pieces_and_what_waits_stays() {
    let scene = Scene::make().await;
    let hook = scene.add_action(ActionKind::Webhook, "hook").await;
    for tag in ["v1", "v2", "v3"] {
        let id = scene.deliver(EventId::new(), &hook, tag).await.unwrap();
        let claim = scene.claim(id).await.unwrap().claim;
        assert!(scene.end(claim).await);
    }
    let waits = scene.deliver(EventId::new(), &hook, "v4").await.unwrap();
    let at = |seconds| NOW.plus(Duration::from_secs(seconds));
    let forget = |before| scene.write(move |tx| forget_deliveries(tx, before, 2));
    assert_eq!(forget(NOW).await, 0);
    assert_eq!([forget(at(1)).await, forget(at(1)).await], [2, 1]);
    let left = scene.write(move |tx| find_delivery_by_id(tx, waits));
    assert!(left.await.is_some());
}
