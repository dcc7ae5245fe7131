//! Order, leases and fences of deliveries, on SQLite; the suites run the same statements on PostgreSQL.

use super::{
    actions::{TriggerAction, list_actions, put_action},
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
        let (namespace, repository) = (self.namespace, self.repository);
        let (id, action) = (self.trigger, action.clone());
        let tag: Tag = tag.parse().unwrap();
        self.write(move |tx| {
            let trigger = find_trigger_by_id(tx, id)?.unwrap();
            insert_delivery(
                tx,
                &NewDelivery {
                    event,
                    event_kind: EventKind::TagChanged,
                    by_hand: false,
                    actor: "alice",
                    namespace,
                    repository,
                    repository_name: &"team/app".parse().unwrap(),
                    tag: Some(&tag),
                    digest: None,
                    trigger: &trigger,
                    action: &action,
                    dead: None,
                    facts: "{}",
                    at: NOW,
                    give_up_at: NOW.plus(Duration::from_secs(86_400)),
                },
            )
        })
        .await
    }

    async fn due(&self) -> Vec<TriggerDeliveryId> {
        let due = self.write(|tx| list_due(tx, NOW, &[], 100)).await;
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
        .write(move |tx| redeliver_dead_of_action(tx, namespace, id, NOW, NOW))
        .await;
    assert_eq!((again, scene.due().await), (2, vec![first, second]));
    let actions = scene.write({
        let trigger = scene.trigger;
        move |tx| list_actions(tx, trigger)
    });
    assert_eq!(actions.await.len(), 1);
}
