//! A whole app with a repository, and a clock that tests move on. On SQLite, or on what `WHARF_TEST_ENGINE` says.

use crate::{
    App, Clock, Settings, StartOptions,
    builds::{BuildSettings, CannotBuild},
    triggers::{
        ActionSecret, ActionSpec, PayloadText, WebhookSpec, WorkloadSpec, load::secret_place,
    },
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};
use wharf_client::Registries;
use wharf_db::{
    DatabaseUrl, DbError, Durability, Tx, accounts, events, params, repositories,
    triggers::{
        actions::{TriggerAction, put_action},
        attempts::{Attempt, list_attempts},
        deliveries::{self, Delivery, Full},
    },
};
use wharf_egress::{Egress, EgressSettings, Policy};
use wharf_model::{
    ActionId, ClusterId, EventId, Facts, GrantId, NamespaceId, RepositoryId, Timestamp,
    TriggerDeliveryId, TriggerId,
    triggers::{ActionState, ClusterMethod, DeliveryState},
};
use wharf_oci::Digest;
use wharf_testkit::Engine;

/// The machine's clock at the beginning, and as much more as a test says: ids of events follow the machine's.
#[derive(Clone)]
pub(super) struct MovedClock(Timestamp, Arc<AtomicU64>);

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        let moved = Duration::from_micros(self.1.load(Ordering::Relaxed));
        self.0.plus(moved)
    }
}

impl MovedClock {
    pub(super) fn advance(&self, by: Duration) {
        let micros = u64::try_from(by.as_micros()).unwrap();
        self.1.fetch_add(micros, Ordering::Relaxed);
    }
}

/// An app with the repository `team/app`.
pub(super) struct Scene {
    pub(super) app: App,
    pub(super) clock: MovedClock,
    pub(super) namespace: NamespaceId,
    pub(super) repository: RepositoryId,
    folder: tempfile::TempDir,
    database: DatabaseUrl,
}

async fn start_app(
    folder: &std::path::Path,
    database: &DatabaseUrl,
    clock: MovedClock,
    settings: Settings,
) -> App {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let allow = "127.0.0.0/8".parse().unwrap();
    let options = StartOptions {
        data_dir: folder.to_owned(),
        database: database.clone(),
        settings,
        clock: Arc::new(clock),
        egress: Egress::new(EgressSettings::new(Policy::server([allow]))).unwrap(),
        registries: Registries::default(),
        builds: BuildSettings::unable(CannotBuild {
            problem: "nothing is built in this test".to_owned(),
            hint: None,
        }),
        git: Err(CannotBuild {
            problem: "nobody is asked in this test".to_owned(),
            hint: None,
        }),
        admin_password: Some("a fine long phrase".to_owned()),
    };
    // The app before may still be on its way out.
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    loop {
        match App::start(options.clone()).await {
            Ok((app, _)) => return app,
            Err(error) if std::time::Instant::now() > deadline => panic!("{error}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// The digest made of this digit.
pub(super) fn digest(digit: char) -> Digest {
    format!("sha256:{}", digit.to_string().repeat(64))
        .parse()
        .unwrap()
}

impl Scene {
    pub(super) async fn make() -> Self {
        Self::make_with(Settings::default()).await
    }

    pub(super) async fn make_with(settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = MovedClock(Timestamp::from(SystemTime::now()), Arc::default());
        // It blocks, which a thread of the runtime must not.
        let made = std::thread::spawn(|| Engine::from_env().create_database());
        let database = match made.join().unwrap() {
            Some(url) => url.parse().unwrap(),
            None => DatabaseUrl::Sqlite(folder.path().join("wharf.db")),
        };
        let app = start_app(folder.path(), &database, clock.clone(), settings).await;
        let (namespace, repository) = (NamespaceId::new(), RepositoryId::new());
        let at = clock.now();
        let scene = Self {
            app,
            clock,
            namespace,
            repository,
            folder,
            database,
        };
        scene
            .write(move |tx| {
                accounts::insert_namespace(tx, namespace, "team", "", "alice", at)?;
                let new = repositories::NewRepository {
                    facts: Facts {
                        repository,
                        namespace,
                        name: "team/app".parse().unwrap(),
                        public: false,
                    },
                    short_description: String::new(),
                    description: String::new(),
                    created_by: "alice".into(),
                    at,
                };
                repositories::insert_repository(tx, &new).map(drop)
            })
            .await;
        // The first look takes what was there as read.
        scene.push("first", 'f', None).await;
        scene.fan_out().await;
        scene.clock.advance(Duration::from_secs(1));
        scene
    }

    /// Ends this app as `kill -9` does, and starts another over the same folder.
    pub(super) async fn start_again(self) -> Self {
        let Self {
            app,
            clock,
            namespace,
            repository,
            folder,
            database,
        } = self;
        let settings = app.settings.clone();
        drop(app);
        let app = start_app(folder.path(), &database, clock.clone(), settings).await;
        Self {
            app,
            clock,
            namespace,
            repository,
            folder,
            database,
        }
    }

    pub(super) async fn write<T: Send + 'static>(
        &self,
        write: impl Fn(&mut Tx<'_>) -> Result<T, DbError> + Send + 'static,
    ) -> T {
        let written = self.app.db.write(Durability::Relaxed, write);
        written.await.unwrap()
    }

    /// A trigger of the repository for all tags, with one action.
    pub(super) async fn add_trigger(&self, name: &str, spec: ActionSpec) -> ActionId {
        let (namespace, repository, trigger) = (self.namespace, self.repository, TriggerId::new());
        let (name, now, id) = (name.to_owned(), self.clock.now(), ActionId::new());
        self.write(move |tx| {
            tx.execute(
                "INSERT INTO triggers (id, namespace_id, repository_id, name, events, rules, condition_kind,
                    condition_text, enabled, active_since, version, created_by, created_at, changed_by, changed_at)
                 VALUES ($1, $2, $3, $4, $5, '[]', 'all', '', $6, $7, 1, 'alice', $7, 'alice', $7)",
                params![
                    trigger,
                    namespace,
                    repository,
                    name,
                    r#"["tag_created","tag_changed","tag_deleted"]"#,
                    true,
                    now
                ],
            )?;
            let action = TriggerAction {
                id,
                trigger,
                position: 0,
                kind: spec.kind(),
                label: spec.label(),
                lane: spec.lane(),
                target: spec.target(id),
                cluster: spec.cluster(),
                state: ActionState::Active,
                problem: None,
                problem_detail: String::new(),
                state_since: now,
                definition: spec.to_text(),
                backlog_from: None,
            };
            put_action(tx, &action)
        })
        .await;
        id
    }

    /// A webhook to `url`, as a trigger of its own.
    pub(super) async fn add_webhook(&self, name: &str, url: &str) -> ActionId {
        let spec = ActionSpec::Webhook(WebhookSpec {
            host: url.split('/').nth(2).unwrap().to_owned(),
            method: "POST".into(),
            headers: Vec::new(),
            payload: PayloadText::CloudEvents,
            template: String::new(),
            signed: false,
        });
        let action = self.add_trigger(name, spec).await;
        let secret = ActionSecret {
            url: url.to_owned(),
            ..ActionSecret::default()
        };
        let (vault, now) = (self.app.vault.clone(), self.clock.now());
        let sealed = self.app.db.write(Durability::Relaxed, move |tx| {
            vault.seal(tx, &secret_place(action), &secret.to_text(), now)
        });
        sealed.await.unwrap();
        action
    }

    /// A cluster whose namespace `web` is granted.
    pub(super) async fn add_cluster(&self) -> ClusterId {
        let (id, namespace, at) = (ClusterId::new(), self.namespace, self.clock.now());
        self.write(move |tx| {
            tx.execute(
                "INSERT INTO clusters (id, name, region, method, server, credential, registry_host, state,
                    problem_detail, state_since, server_version, version, created_by, created_at, changed_by, changed_at)
                 VALUES ($1, 'production', '', $2, 'https://127.0.0.1:1', '{}', 'registry.example:5000', 'unchecked',
                    '', $3, '', 1, 'admin', $3, 'admin', $3)",
                params![id, ClusterMethod::InCluster, at],
            )?;
            tx.execute(
                "INSERT INTO cluster_grants (id, cluster_id, namespace_id, kube_namespace, created_by, created_at)
                 VALUES ($1, $2, $3, 'web', 'admin', $4)",
                params![GrantId::new(), id, namespace, at],
            )
            .map(drop)
        })
        .await;
        id
    }

    /// A container of a deployment there.
    pub(super) fn workload(cluster: ClusterId, rollback: bool) -> ActionSpec {
        ActionSpec::Workload(WorkloadSpec {
            cluster: cluster.to_string(),
            cluster_name: "production".into(),
            namespace: "web".into(),
            workload: "deployment".into(),
            name: "api".into(),
            container: "app".into(),
            init: false,
            timeout_seconds: 600,
            rollback,
        })
    }

    /// Lets a tag name a digest, with the event of it.
    pub(super) async fn push(&self, tag: &str, digit: char, from: Option<char>) -> EventId {
        let (repository, at) = (self.repository, self.clock.now());
        let (tag, new, from) = (tag.to_owned(), digest(digit), from.map(digest));
        self.write(move |tx| {
            tx.execute(
                "INSERT INTO tags (repository_id, name, digest, version, set_by, set_at)
                 VALUES ($1, $2, $3, 1, 'alice', $4)
                 ON CONFLICT (repository_id, name) DO UPDATE SET digest = excluded.digest",
                params![repository, tag, new, at],
            )?;
            let payload = serde_json::json!({
                "tag": tag, "version": 1, "actor": "alice",
                "from": from.map(|from| from.to_string()), "digest": new.to_string(),
            });
            let kind = match from {
                Some(_) => "tag_changed",
                None => "tag_created",
            };
            events::record_event(tx, kind, repository, &payload.to_string(), at)
        })
        .await
    }

    pub(super) async fn delete_tag(&self, tag: &str) {
        let (repository, tag) = (self.repository, tag.to_owned());
        self.write(move |tx| {
            tx.execute(
                "DELETE FROM tags WHERE repository_id = $1 AND name = $2",
                params![repository, tag],
            )
            .map(drop)
        })
        .await;
    }

    pub(super) async fn fan_out(&self) {
        self.app.fan_out_events(true, true).await.unwrap();
    }

    /// What is due now.
    pub(super) async fn due(&self) -> Vec<TriggerDeliveryId> {
        let now = self.clock.now();
        let due = self.write(move |tx| deliveries::list_due(tx, now, &Full::default(), 1000));
        due.await.into_iter().map(|due| due.delivery).collect()
    }

    /// Does all that is due now, once.
    pub(super) async fn step(&self) {
        for id in self.due().await {
            self.app.deliver(id).await;
        }
    }

    /// Deliveries in the order of their events.
    pub(super) async fn deliveries(&self) -> Vec<Delivery> {
        let repository = self.repository;
        self.write(move |tx| {
            let rows = tx.query(
                "SELECT id FROM trigger_deliveries WHERE repository_id = $1 ORDER BY event_id, id",
                params![repository],
            )?;
            rows.into_iter()
                .map(|mut row| {
                    let id = row.take(0)?;
                    Ok(deliveries::find_delivery_by_id(tx, id)?.unwrap())
                })
                .collect::<Result<Vec<_>, DbError>>()
        })
        .await
    }

    /// How they stand, with their reasons.
    pub(super) async fn states(&self) -> Vec<(DeliveryState, String)> {
        let found = self.deliveries().await.into_iter();
        found
            .map(|one| (one.state, one.reason.unwrap_or_default()))
            .collect()
    }

    pub(super) async fn attempts(&self, id: TriggerDeliveryId) -> Vec<Attempt> {
        self.write(move |tx| list_attempts(tx, id, 1000)).await
    }
}
